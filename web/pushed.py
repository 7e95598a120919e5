"""Samples that a client pushes, in each form that they come in. Pure.

An object: `{"session_id": "sess_…", "sfreq": 256, "ch_names": ["TP9", "AF7"],
"samples": [[…], […]]}`, microvolts, one list a channel.

Lines (NDJSON): such an object a line, all of one signal (session, rate, names, mains).
All are read before any is pushed, and they are pushed as one: all or none.

Bytes: little-endian float32, interleaved, sample by sample: all channels of the first
sample, then all of the second, as LSL and BrainFlow give them. What they are stands in the
query.

The query may say it for every form (`?session_id=sess_…&sfreq=256&ch_names=TP9,AF7`, and
`mains_hz`); what an object says itself comes first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.sessions import PushSamples
from web.body import read_object
from web.errors import Problem
from web.fields import Fields

CHANNELS: Final = 256
_FLOAT32_MAX: Final = float(np.finfo(np.float32).max)
_LISTS: Final = "one list a channel, all of one length, of finite numbers (microvolts)"
_BYTES: Final = "finite little-endian float32, all channels of a sample after another"
_NUMBERS: Final = ("sfreq", "mains_hz")


def from_json(data: bytes, query: Mapping[str, str]) -> PushSamples:
    """Read samples sent as an object.

    Args:
        data: the body or message.
        query: of the request or the handshake.

    Raises:
        Problem: 400 for what is no JSON, 422 with every mistake.
    """
    fields = Fields(_defaults(query) | read_object(data))
    names = _names(fields)
    uv = _listed(fields.raw("samples"), len(names))
    if uv is None:
        fields.wrong("samples", _LISTS)
    return _push(fields, names, uv)


def from_lines(data: bytes, query: Mapping[str, str]) -> PushSamples:
    """Read samples sent as an object a line; empty lines are passed over.

    Args:
        data: the body.
        query: of the request.

    Raises:
        Problem: 400 or 422, with the number of the first line that is wrong.
    """
    pieces: list[PushSamples] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            pieces.append(from_json(line, query))
            _same_signal(pieces[0], pieces[-1])
        except Problem as problem:
            said = f"line {number}: {problem.message}"
            details = {"line": number} | problem.details
            raise Problem(
                problem.status, said, code=problem.code, details=details
            ) from problem
    if not pieces:
        raise Problem(400, "there is no line with samples", code="INVALID_JSON")
    joined = np.concatenate([piece.uv for piece in pieces], axis=1)
    return msgspec.structs.replace(pieces[0], uv=_frozen(joined))


def from_bytes(data: bytes, query: Mapping[str, str]) -> PushSamples:
    """Read samples sent as float32; the query says what they are.

    Args:
        data: the body or message.
        query: of the request or the handshake.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields(_defaults(query))
    names = _names(fields)
    uv = None
    if names and data and len(data) % (4 * len(names)) == 0:
        uv = _finite(np.frombuffer(data, "<f4").reshape(-1, len(names)).T)
    if uv is None:
        fields.wrong("samples", _BYTES)
    return _push(fields, names, uv)


def _defaults(query: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = dict(query)
    if "ch_names" in said:
        said["ch_names"] = query["ch_names"].split(",")
    for name in _NUMBERS:
        try:
            said[name] = float(query[name])
        except (KeyError, ValueError):
            continue  # missing, or to be shown as it came
    return said


def _push(
    fields: Fields, names: tuple[str, ...], uv: npt.NDArray[np.float32] | None
) -> PushSamples:
    session = fields.text("session_id", high=80)
    sfreq = fields.number("sfreq", low=1, high=20_000)
    mains_hz = fields.choice("mains_hz", (50, 60)) if fields.has("mains_hz") else None
    fields.finish()
    return PushSamples(
        session=session,
        sfreq=sfreq,
        ch_names=names,
        uv=np.empty((0, 0), np.float32) if uv is None else uv,
        mains_hz=mains_hz,
    )


def _same_signal(first: PushSamples, other: PushSamples) -> None:
    for name in ("session", "sfreq", "ch_names", "mains_hz"):
        if getattr(first, name) != getattr(other, name):
            field = "session_id" if name == "session" else name
            allowed = "the same in every line"
            mistake = {"field": field, "allowed": allowed}
            raise Problem(
                422, f"{field} must be {allowed}", details={"mistakes": [mistake]}
            )


def _names(fields: Fields) -> tuple[str, ...]:
    value = fields.raw("ch_names")
    given = value if isinstance(value, list) else []
    names = tuple(name for name in given if isinstance(name, str) and 0 < len(name) <= 40)  # noqa: PLR2004  # characters
    wanted = len(given) == len(names) == len(set(names))
    if not (wanted and 1 <= len(names) <= CHANNELS):
        fields.wrong("ch_names", f"1 to {CHANNELS} different names of channels")
    return names


def _listed(value: object, channels: int) -> npt.NDArray[np.float32] | None:
    if not isinstance(value, list) or len(value) != channels or not channels:
        return None
    if not all(isinstance(row, list) and row for row in value):
        return None
    if len({len(row) for row in value}) > 1 or not _are_numbers(value):
        return None
    return _finite(np.array(value, np.float64))


def _are_numbers(rows: Sequence[list[Any]]) -> bool:
    kinds = {kind for row in rows for kind in set(map(type, row))}
    return kinds <= {int, float} and all(
        min(row) >= -_FLOAT32_MAX and max(row) <= _FLOAT32_MAX for row in rows
    )


def _finite(uv: npt.NDArray[np.floating]) -> npt.NDArray[np.float32] | None:
    return _frozen(np.array(uv, np.float32, order="C")) if np.isfinite(uv).all() else None


def _frozen(uv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    uv.flags.writeable = False
    return uv
