"""A recording in memory: what every file format is turned into.

Channels that are not EEG are left out by the formats; units are microvolts; samples that
were lost while recording are kept as `Loss`, so that a replay has the recording's own
timing.
"""

from collections.abc import Sequence
from itertools import count

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.eeg import Microvolts
from protocols.errors import RecordingError

MIN_SFREQ_HZ = 100.0
"""The filter chain passes up to 45 Hz; below this rate there is no room for its edge."""

MIN_SECONDS = 1.0
"""Less than this is not a recording that a window of features fits in."""

PAUSE_S = 0.25
"""Time stamps further apart than this may be a loss; Bluetooth bursts stay below."""

ABSURD_UV = 1e9
"""A kilovolt: no amplifier gives it, so the file is damaged there."""

HUM_RATIO = 10.0
"""Power at the mains over its surroundings above which a recording names its mains."""

HUM_WINDOW_S = 4.0

_UV_PER_UNIT = {
    "uv": 1.0,
    "µv": 1.0,  # micro sign, U+00B5, as Latin-1 headers have it
    "μv": 1.0,  # Greek mu, U+03BC, as UTF-8 writers have it
    "microvolt": 1.0,
    "microvolts": 1.0,
    "nv": 1e-3,
    "mv": 1e3,
    "millivolts": 1e3,
    "v": 1e6,
    "volts": 1e6,
}


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """Samples that the recording device itself lost."""

    column: int
    """They are missing before this column of `Recording.uv`."""

    samples: int


class Recording(msgspec.Struct, frozen=True, kw_only=True, eq=False, weakref=True):
    """EEG of a file."""

    name: str
    """File name without its folder."""

    sfreq: float
    """Sampling rate, hertz."""

    ch_names: tuple[str, ...]
    uv: Microvolts
    """Microvolts, shape (channels, samples), read-only."""

    lost: tuple[Loss, ...] = ()
    mains_hz: float | None = None
    """50 or 60 if the file names it or its hum shows it, else None."""


def uv_per_unit(unit: str) -> float | None:
    """Microvolts in one `unit` of a file, None if it is not a voltage."""
    return _UV_PER_UNIT.get(unit.strip().lower())


def recording(
    *,
    name: str,
    sfreq: float,
    ch_names: Sequence[str],
    uv: npt.NDArray[np.floating],
    lost: Sequence[Loss] = (),
    mains_hz: float | None = None,
) -> Recording:
    """Check what a format read, and freeze it.

    Channels without one sound sample are dropped; samples that are absurd or no numbers
    in any of the others count as lost.

    Args:
        name: file name, for messages.
        sfreq: sampling rate, hertz.
        ch_names: one name a channel; repeated names get a number.
        uv: microvolts, shape (channels, samples).
        lost: losses that the format saw, by column of `uv`.
        mains_hz: 50 or 60 if the file names it.

    Raises:
        RecordingError: no channels, too slow, or too short.
    """
    finite = np.abs(uv) < ABSURD_UV  # not so for NaN either
    alive = finite.any(axis=1)
    if not alive.any():
        raise RecordingError(f"{name}: no EEG channel with samples in it")
    if not np.isfinite(sfreq) or sfreq < MIN_SFREQ_HZ:
        raise RecordingError(
            f"{name}: {sfreq:g} Hz is too slow for EEG; at least {MIN_SFREQ_HZ:g} Hz needed"
        )
    uv, whole = uv[alive], finite[alive].all(axis=0)
    if not whole.all():
        lost = _lost_and_broken(lost, whole)
        uv = uv[:, whole]
    if uv.shape[1] < MIN_SECONDS * sfreq:
        raise RecordingError(
            f"{name}: {uv.shape[1]} samples are {uv.shape[1] / sfreq:.2g} s; "
            f"at least {MIN_SECONDS:g} s needed"
        )
    frozen = np.array(uv, dtype=np.float32, order="C")
    frozen.flags.writeable = False
    names = [ch for ch, keep in zip(ch_names, alive, strict=True) if keep]
    return Recording(
        name=name,
        sfreq=float(sfreq),
        ch_names=_unique(names),
        uv=frozen,
        lost=tuple(loss for loss in lost if loss.column < frozen.shape[1]),
        mains_hz=mains_hz or mains_by_hum(frozen, sfreq),
    )


def mains_by_hum(uv: npt.NDArray[np.floating], sfreq: float) -> float | None:
    """The mains whose line stands out of the spectrum, None if neither does.

    Args:
        uv: microvolts, shape (channels, samples).
        sfreq: sampling rate, hertz.
    """
    window = min(round(HUM_WINDOW_S * sfreq), uv.shape[1])
    begin = (uv.shape[1] - window) // 2  # in the middle: the ends are often handled
    piece = uv[:, begin : begin + window].astype(np.float64)
    piece = (piece - piece.mean(axis=1, keepdims=True)) * np.hanning(window)
    power = np.mean(np.abs(np.fft.rfft(piece, axis=1)) ** 2, axis=0)
    hz = np.fft.rfftfreq(window, 1 / sfreq)
    found: list[tuple[float, float]] = []
    for mains in (50.0, 60.0):
        off = np.abs(hz - mains)
        around = power[(off > 2) & (off <= 4)]  # noqa: PLR2004  # hertz, clear of the line
        if mains < sfreq / 2 and around.size:
            line = power[off <= 0.5].max()  # noqa: PLR2004  # hertz: the mains wander
            found.append((float(line / max(np.median(around), 1e-12)), mains))
    best, mains = max(found, default=(0.0, 0.0))
    return mains if best > HUM_RATIO else None


def _lost_and_broken(
    lost: Sequence[Loss], whole: npt.NDArray[np.bool_]
) -> tuple[Loss, ...]:
    """Losses by column of what remains when the columns that are not `whole` go."""
    missing = np.where(whole, 0, 1)
    for loss in lost:
        missing[loss.column] += loss.samples
    before = np.diff(np.cumsum(missing)[whole], prepend=0)
    return tuple(
        Loss(column=int(column), samples=int(before[column]))
        for column in np.flatnonzero(before)
    )


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names as given; a repeated one gets the first free number."""
    taken: list[str] = []
    for name in names:
        free = (f"{name} {n}" for n in count(2))
        taken.append(name if name not in taken else next(f for f in free if f not in taken))
    return tuple(taken)


def losses_by_time(times_s: npt.NDArray[np.float64], sfreq: float) -> tuple[Loss, ...]:
    """Losses in samples whose time stamps may come in bursts.

    A late burst is made up for by what follows; a loss is not. So a pause counts by how
    much the stamps lag behind the nominal rate after it, against before it (medians of a
    second each).

    Args:
        times_s: one time stamp a sample, seconds.
        sfreq: nominal sampling rate, hertz.
    """
    if not np.isfinite(times_s).all():
        return ()
    second = max(1, round(sfreq))
    lag = times_s - np.arange(times_s.size) / sfreq
    losses: list[Loss] = []
    for column in np.flatnonzero(np.diff(times_s) > PAUSE_S) + 1:
        before = np.median(lag[max(0, column - second) : column])
        after = np.median(lag[column : column + second])
        samples = round(float(after - before) * sfreq)
        if samples > 0:
            losses.append(Loss(column=int(column), samples=samples))
    return tuple(losses)
