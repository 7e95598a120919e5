"""The journal's events as sentences for a person: one line each."""

import string
from collections.abc import Callable
from typing import Any, Final

import msgspec

from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildHung,
    ChildProcess,
    ChildStarted,
    ChildStepped,
    DomainEvent,
    DrainStepped,
    EntriesLost,
    FaultInjected,
    LeaseRefused,
    LettersLost,
    LifeEvent,
    OperatorActed,
    OperatorAnswered,
    ProcessStalled,
    RestartSpent,
    RunBegan,
    RunEnded,
    SettingChanged,
    SupervisorChanged,
    SupervisorGaveUp,
    TreeSnapshot,
    ZombieEnded,
    ZombieListed,
)

_FORMS: Final[dict[type[LifeEvent], str]] = {
    ChildStepped: "{row.path} (life {row.life}) is {row.state}{row.reason:because}",
    ChildStarted: "{path} (life {life}) is up",
    ChildEnded: "{path} (life {life}) ended {exit}{reason:because}{during:while}",
    ChildHeld: "{path} is marked: held {held:yes}, paused {paused:yes}",
    ChildGone: "{path} is in the tree no longer",
    RestartSpent: (
        "{path} makes the end of {child} good: {spent} of {of} restarts in {within_s:s},"
        " the next in {wait_s:s}"
    ),
    SupervisorGaveUp: "{path} gives up{reason:because}",
    SupervisorChanged: "{path} has other flags: {before:flags} -> {after:flags}",
    ChildHung: "{path} (life {life}) hangs for {for_s:s}{during:while}",
    ZombieListed: "{path} (life {life}) was replaced; zombies: {zombies}",
    ZombieEnded: (
        "{path} (life {life}) came back after {after_s:s} and ended; zombies: {zombies}"
    ),
    ProcessStalled: "the whole process stood still for {seconds:s}",
    LettersLost: "{count} {message} lost on {edge}{reason:because}",
    ChildProcess: "process {pid} of {path}: {step} after {jobs} jobs{reason:because}",
    LeaseRefused: "{wanted_by} wanted {resource}, which {held_by} holds",
    OperatorActed: "{who} orders: {action} {path}{reason:because}",
    OperatorAnswered: "the order for {path}: {outcome}",
    SettingChanged: "{who} sets {setting}: {before} -> {after}",
    DomainEvent: "{name}{payload:with}",
    FaultInjected: "fault on purpose: {fault} at {where}{detail:because}",
    DrainStepped: "drain: {phase} {outcome} after {took_s:s}",
    RunBegan: "run {run} of phosphene {version} begins in process {pid}{settings:with}",
    RunEnded: "the run ends with code {code}{reason:because}",
    EntriesLost: "entries {first} to {last} are lost{reason:because}",
    TreeSnapshot: "the tree at this point: {rows:count} rows",
}


_WAYS: Final[dict[str, Callable[[Any], str]]] = {
    "because": lambda reason: f": {reason}" if reason else "",
    "while": lambda during: f" (in {during})" if during else "",
    "yes": lambda mark: "yes" if mark else "no",
    "s": lambda seconds: f"{seconds:.4g} s",
    "count": lambda rows: str(len(rows)),
    "flags": lambda flags: ", ".join(f"{name} {value}" for name, value in flags.items()),
    "with": lambda flags: f", with {_WAYS['flags'](flags)}" if flags else "",
}
"""How a field is told: `{reason:because}`."""


class _Teller(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401  # any field
        return _WAYS.get(format_spec, str)(value)


_tell: Final = _Teller().vformat


def sentence(event: LifeEvent) -> str:
    """Say in one line what happened; `detail` has what does not fit there."""
    told = _tell(_FORMS[type(event)], (), msgspec.structs.asdict(event))
    return " ".join(told.split())


def detail(event: LifeEvent) -> str:
    """The traceback or stack that an event bears; empty for most."""
    match event:
        case ChildEnded(trace=text) | ChildHung(stack=text):
            return text
        case _:
            return ""
