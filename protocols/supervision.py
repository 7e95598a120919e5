"""What actors and supervisors say of lives and deaths."""

import enum
from typing import Any, TypeAlias

import msgspec


class Died(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A life ended. Sent once a life, after `teardown`."""

    child: str
    life: int
    normal: bool
    """True when it was asked to stop or ended itself without a failure."""

    error: BaseException | None
    during: str
    """`setup`, `teardown`, or the type of the message it was handling."""


class Born(msgspec.Struct, frozen=True, kw_only=True):
    """`setup` ended well: the actor takes mail."""

    child: str
    life: int


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A message that nobody will handle."""

    edge: str
    reason: str
    """`vacant`, `closed`, `crashed`, `full`, `overrun`, `superseded`, `stale` or
    `expired`."""

    message: Any


class ChildStarted(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor saw a child up."""

    path: str
    life: int


class ChildEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor saw a child go."""

    path: str
    life: int
    normal: bool
    reason: str


class SupervisorGaveUp(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor's restart budget is spent; it ends and its parent acts."""

    path: str
    reason: str


class TreeChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Some child changed its state."""

    path: str
    state: str


LifeEvent: TypeAlias = ChildStarted | ChildEnded | SupervisorGaveUp


class ChildState(enum.StrEnum):
    """What a supervisor knows of a child."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    WAITING = "waiting"
    """Down, to be started again after a delay."""
    FAILED = "failed"


class ChildRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the tree."""

    path: str
    kind: str
    """`worker` or `supervisor`."""

    state: ChildState
    life: int
    restarts: int
    dispatcher: str
    reason: str = ""
