"""An entry as a line of JSON, and back.

Every line that is written can be read: a line is read back before it leaves here. What JSON
has no word for is spelled (infinity as "inf", half a surrogate as its escape), and an entry
that cannot be told at all is told as lost, so that no entry ends the journal.
"""

import math
from typing import Any, Final

import msgspec

from protocols.supervision import EntriesLost, Entry

_START: Final = b'{"number":'
"""Begins every line; within one, quotes are escaped, so there it cannot stand."""

_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Entry).decode
_read_spelled = msgspec.json.Decoder(Entry, strict=False).decode


def line_of(entry: Entry) -> bytes:
    r"""Write an entry as a line that ends with `\n`."""
    try:
        line = _write(entry)
        _read(line)
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, OverflowError):
        line = _spelled(entry)
    return line + b"\n"


def entry_of(line: bytes) -> tuple[Entry | None, str]:
    """Read a line.

    Args:
        line: with or without its end.

    Returns:
        The entry, if there is one, and what is wrong with the line (empty: nothing). A line
        that another, torn one was written before gives its entry and says so.
    """
    try:
        return _read(line), ""
    except msgspec.MsgspecError as error:
        reason = str(error)
    except UnicodeDecodeError as error:
        reason = str(error)
    start = line.rfind(_START)
    if start < 0:
        return None, reason
    try:
        entry = _read_spelled(line[start:])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None, reason
    return entry, f"{start} bytes of another line are before it" if start else ""


def _spelled(entry: Entry) -> bytes:
    try:
        line = _write(_plain(msgspec.to_builtins(entry)))
        _read_spelled(line)
    except (UnicodeError, msgspec.MsgspecError, TypeError, OverflowError) as error:
        kind = type(entry.event).__name__
        lost = EntriesLost(
            first=entry.number,
            last=entry.number,
            reason=_whole(f"{kind} cannot be written: {error}"),
        )
        return _write(Entry(number=entry.number, at=entry.at, cause=None, event=lost))
    return line


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    match value:
        case dict():
            return {_plain(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case str():
            return _whole(value)
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def _whole(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
