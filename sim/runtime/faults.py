"""Faults: what goes wrong, when and where; on cue from a file, and at random by the seed.

    crash         an actor raises in the middle of a message (or in `setup`, `teardown`)
    hang          it stands still there, until the watchdog finds it, and longer
    slow          the same, for less time than the watchdog allows
    lost          a message of a stage's edge does not arrive
    doubled       it arrives twice
    device_gone   a headset is not there for a while
    disk_full     the disk takes nothing for a while
    restart       an operator has an actor restarted
    stop          an operator stops one, and starts it again after a while
    pause         an operator lets its mail wait, and go on after a while

Questions, reports of deaths and orders are neither lost nor doubled: in one process nothing
between two actors can do that. What stages tell one another is, so that the parts that will
one day be apart are known to bear it.
"""

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
import numpy as np

from protocols.errors import PhospheneError


class Kind(enum.StrEnum):
    """What goes wrong."""

    CRASH = "crash"
    HANG = "hang"
    SLOW = "slow"
    LOST = "lost"
    DOUBLED = "doubled"
    DEVICE_GONE = "device_gone"
    DISK_FULL = "disk_full"
    RESTART = "restart"
    STOP = "stop"
    PAUSE = "pause"


LASTS_S: Final[dict[Kind, tuple[float, float]]] = {
    Kind.HANG: (5.5, 14.0),
    Kind.SLOW: (0.1, 4.0),
    Kind.DEVICE_GONE: (0.2, 4.0),
    Kind.DISK_FULL: (0.5, 8.0),
    Kind.STOP: (0.2, 4.0),
    Kind.PAUSE: (0.2, 2.0),
}
"""Seconds for which faults at random last; a file may say otherwise."""

During: TypeAlias = Literal["message", "setup", "teardown", "end"]
DURING: Final[tuple[tuple[During, float], ...]] = (
    ("message", 0.7),
    ("setup", 0.1),
    ("teardown", 0.1),
    ("end", 0.1),
)
"""Where faults at random strike an actor, and their shares."""


class FaultFileError(PhospheneError):
    """A file of faults cannot be used: which file, which entry, what is allowed."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong."""

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    """Virtual seconds after the tree is up."""

    kind: Kind
    path: str = "*"
    """Of an actor, with `*` and `?`; of those that live and fit, one is drawn. For `lost`
    and `doubled` of edges, such as `sess_0001:reader>filters`."""

    for_s: Annotated[float, msgspec.Meta(gt=0)] = 0.0
    """How long it lasts; 0: as at random."""

    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    """How often: lives in a row that crash, letters that are lost or doubled."""

    during: During = "message"
    """Where it strikes an actor. In `setup`, of the next life, and in `teardown`: to get
    there, the present life crashes. In `end`: in teardown too, whenever that comes."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    faults: list[Fault] = []


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Read a TOML file of `[[faults]]`.

    Raises:
        FaultFileError: it cannot be read, or says something that is not allowed.
    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise FaultFileError(f"{path}: {error}") from error
    try:
        return tuple(msgspec.toml.decode(text, type=_File).faults)
    except msgspec.ValidationError as error:
        kinds = ", ".join(kind.value for kind in Kind)
        raise FaultFileError(f"{path}: {error}; kinds are {kinds}") from error
    except msgspec.DecodeError as error:
        raise FaultFileError(f"{path}: {error}") from error


def at_random(
    rng: np.random.Generator, rates: Mapping[str, float], seconds: float
) -> tuple[Fault, ...]:
    """Draw faults.

    Args:
        rng: draws.
        rates: faults a virtual minute, by kind.
        seconds: of the run.

    Raises:
        ValueError: an unknown kind, or a rate below 0.
    """
    found = [
        _drawn(rng, kind, at_s)
        for kind, rate in sorted((Kind(name), rate) for name, rate in rates.items())
        for at_s in _times(rng, rate, seconds)
    ]
    return tuple(sorted(found, key=lambda fault: fault.at_s))


def _times(rng: np.random.Generator, rate: float, seconds: float) -> Iterator[float]:
    if rate < 0:
        raise ValueError(f"a rate is 0 and more, not {rate:g}")
    at_s = 0.0
    while rate > 0:
        at_s += float(rng.exponential(60.0 / rate))
        if at_s >= seconds:
            return
        yield at_s


def _drawn(rng: np.random.Generator, kind: Kind, at_s: float) -> Fault:
    least_s, most_s = LASTS_S.get(kind, (0.0, 0.0))
    for_s = least_s + (most_s - least_s) * float(rng.random())
    draw, during = float(rng.random()), DURING[0][0]
    for name, share in DURING:
        during = name
        draw -= share
        if draw < 0:
            break
    count = 1 + int(rng.integers(3)) if kind in (Kind.LOST, Kind.DOUBLED) else 1
    return Fault(at_s=at_s, kind=kind, for_s=for_s, count=count, during=during)
