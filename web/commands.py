"""What a client of `/ws` may say, read strictly. Pure.

    {"type": "START_SESSION", "session_name": …, "duration": …, "intention": …}
    {"type": "STOP_SESSION", "session_id": …}
    {"type": "UPDATE_SETTINGS", "settings": {"frequency": …, "volume": …, …}}
    {"type": "ping", "timestamp": …}
    {"type": "SUBSCRIBE", "topics": […], "rate_hz": …}

What cannot be obeyed is answered with the error envelope of document 003 in an `error`
message, which says every field that is wrong, what it was and what it may be; the
connection stays.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, assert_never

import msgspec

from protocols.errors import PhospheneError
from protocols.live import (
    HIGH_HZ,
    LOW_HZ,
    ErrorTold,
    Ping,
    StartSession,
    StopSession,
    Subscribe,
    Topic,
)
from protocols.sound import ChangeSound
from web.body import read_object
from web.errors import Family, Problem, envelope, fitted
from web.fields import Fields
from web.sound_wish import FREQUENCY_HZ, finish_sound
from web.subscriptions import ALL

PATH: Final = "/ws"
DURATION_S: Final = (1.0, 86_400.0)
USUAL_S: Final = 1800.0
_SHARES: Final = ("volume", "harmonic_strength", "modulation_depth")
_FLAG: Final = "prayer_bowl_mode"
SETTINGS: Final = ("frequency", "volume", _FLAG, "harmonic_strength", "modulation_depth")


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True):
    """An `UPDATE_SETTINGS`, read."""

    change: ChangeSound
    changed: tuple[str, ...]
    """Settings that it names."""

    ignored: tuple[str, ...]
    """What else it names."""


Order: TypeAlias = StartSession | StopSession | SettingsChange
"""What an actor has to carry out."""

Command: TypeAlias = Ping | Subscribe | Order


class BadCommandError(PhospheneError):
    """What was said is no command, or one with mistakes.

    Args:
        problem: what is wrong.
        command: its `type`, if it has one.
    """

    def __init__(self, problem: Problem, command: str | None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.command = command


def read_command(text: str) -> Command:
    """Read what a client said.

    Args:
        text: the whole message.

    Raises:
        BadCommandError: it is no command, or has mistakes.
    """
    named = None
    try:
        body = read_object(text.encode())
        said = body.get("type")
        named = said[:_LONGEST] if isinstance(said, str) else None
        fields = Fields(body)
        kind = fields.choice("type", tuple(_READERS))
        fields.finish()
        return _READERS[kind](body)
    except Problem as problem:
        raise BadCommandError(problem, named) from problem


def error_told(problem: Problem, command: str | None, unix_s: float) -> ErrorTold:
    """Say that something could not be done.

    Args:
        problem: why.
        command: what.
        unix_s: the time now, seconds since 1970.
    """
    said = envelope(Family.VAJRA, fitted(PATH, problem), unix_s)
    return ErrorTold(**said, command=command)


def name_of(order: Order) -> str:
    """An order's `type`."""
    match order:
        case StartSession():
            return "START_SESSION"
        case StopSession():
            return "STOP_SESSION"
        case SettingsChange():
            return "UPDATE_SETTINGS"
        case _:
            assert_never(order)


def _ping(body: dict[str, Any]) -> Ping:
    fields = Fields(body)
    if not fields.has("timestamp"):
        return Ping()
    said = Ping(timestamp=fields.number("timestamp", low=-_EXACT, high=_EXACT))
    fields.finish()
    return said


def _subscribe(body: dict[str, Any]) -> Subscribe:
    fields = Fields(body)
    topics = _topics(fields) if fields.has("topics") else None
    rate = None
    if fields.has("rate_hz"):
        rate = fields.whole("rate_hz", low=LOW_HZ, high=HIGH_HZ)
    fields.finish()
    return Subscribe(topics=topics, rate_hz=rate)


def _topics(fields: Fields) -> tuple[Topic, ...] | None:
    said = fields.raw("topics")
    if isinstance(said, list) and all(one in ALL for one in said):
        return tuple(topic for topic in ALL if topic in said)
    fields.wrong("topics", f"a list of {', '.join(ALL)}; empty for none of them")
    return None


def _start(body: dict[str, Any]) -> StartSession:
    fields = Fields(body)
    low, high = DURATION_S
    said = StartSession(
        session_name=fields.text("session_name", high=200),
        duration=fields.number("duration", USUAL_S, low=low, high=high),
        intention=fields.text("intention", "", low=0, high=500),
    )
    fields.finish()
    return said


def _stop(body: dict[str, Any]) -> StopSession:
    fields = Fields(body)
    said = StopSession(session_id=fields.text("session_id", high=80))
    fields.finish()
    return said


def _update(body: dict[str, Any]) -> SettingsChange:
    outer = Fields(body)
    said = outer.raw("settings")
    if not isinstance(said, dict) or not any(
        said.get(name) is not None for name in SETTINGS
    ):
        outer.wrong("settings", f"an object with some of {', '.join(SETTINGS)}")
        outer.finish()
    settings: dict[str, Any] = said
    mistakes: list[dict[str, Any]] = []
    fields = Fields(settings, mistakes=mistakes)
    found = {name: _setting(fields, name) for name in SETTINGS if fields.has(name)}
    finish_sound(fields, mistakes)
    ignored = tuple(name[:_LONGEST] for name in settings if name not in SETTINGS)
    return SettingsChange(
        change=ChangeSound(**found), changed=tuple(found), ignored=ignored[:_SHOWN]
    )


def _setting(fields: Fields, name: str) -> Any:  # noqa: ANN401  # a number or a flag
    if name == _FLAG:
        return fields.flag(name)
    low, high = (0.0, 1.0) if name in _SHARES else FREQUENCY_HZ
    return fields.number(name, low=low, high=high)


_EXACT: Final = 2.0**53
_SHOWN: Final = 20
_LONGEST: Final = 80
"""Characters of a client's words that an answer repeats, and how many of them."""

_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Command]]] = {
    "ping": _ping,
    "SUBSCRIBE": _subscribe,
    "START_SESSION": _start,
    "STOP_SESSION": _stop,
    "UPDATE_SETTINGS": _update,
}
