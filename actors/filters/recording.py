"""A piece of EEG cleaned at once, for whoever has it all (`/api/v1/preprocess`).

In: raw microvolts of any length. Out: clean microvolts, one quality a channel for the whole
piece, and band powers. The same bank and the same judgement as the live chain.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.filters.bank import Samples
from actors.filters.chain import Chain
from actors.filters.monitor import EVERY_S
from protocols.eeg import ChannelQuality, ContactState, Microvolts, SignalInfo
from protocols.features import BANDS

NOTABLE_SHARE: Final = 0.1
"""Of the judged time: a fault that was there for less is not the piece's state."""

SEGMENT_S: Final = 1.0

NOTHING_UV2: Final = 1e-9
"""Power below this is rounding, which has no bands."""


class CleanRecording(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A piece of EEG after the chain."""

    uv: Microvolts
    """Clean, shape (channels, samples), read-only."""

    quality: tuple[ChannelQuality, ...]
    """Of the whole piece: mean index, the worst state that was there for a tenth of it."""

    absolute_uv2: npt.NDArray[np.float64]
    """Band powers by Welch's method, µV², shape (channels, 5), bands of `BANDS`."""

    relative: npt.NDArray[np.float64]
    """Shares of the bands, shape (channels, 5); zeros where there is no power."""

    notes: tuple[str, ...]
    """What the sampling rate did not allow."""


def clean_recording(
    uv: Microvolts | Samples,
    sfreq: float,
    mains_hz: float,
    ch_names: Sequence[str] | None = None,
) -> CleanRecording:
    """Clean a piece of EEG that begins and ends here.

    Args:
        uv: microvolts, shape (channels, samples), at least one sample.
        sfreq: sampling rate, hertz.
        mains_hz: 50 or 60.
        ch_names: names of the channels (blinks are looked for on the forehead), or None.

    Raises:
        ValueError: no samples, or a sampling rate too low to filter.
    """
    if uv.shape[1] == 0:
        raise ValueError("no samples")
    names = tuple(ch_names) if ch_names else tuple(f"ch{i}" for i in range(len(uv)))
    info = SignalInfo(device="request", sfreq=sfreq, ch_names=names, opened_at=0.0)
    chain = Chain(info, mains_hz)
    step = max(1, round(EVERY_S * sfreq))
    cleaned = [
        chain.clean(start, uv[:, start : start + step])
        for start in range(0, uv.shape[1], step)
    ]
    clean = np.concatenate([piece.uv for piece in cleaned], axis=1)
    absolute = _band_powers(clean, sfreq)
    total = absolute.sum(axis=1, keepdims=True)
    out = clean.astype(np.float32)
    out.flags.writeable = False
    return CleanRecording(
        uv=out,
        quality=tuple(
            sum_up(course)
            for course in zip(*(piece.quality for piece in cleaned), strict=True)
        ),
        absolute_uv2=absolute,
        relative=np.divide(
            absolute, total, out=np.zeros_like(absolute), where=total > NOTHING_UV2
        ),
        notes=chain.bank.notes,
    )


def sum_up(course: Sequence[ChannelQuality]) -> ChannelQuality:
    """Say how one channel was over a whole piece.

    Args:
        course: its quality at regular moments, not empty.
    """
    judged = [seen for seen in course if seen.state is not ContactState.SETTLING]
    if not judged:
        return course[-1]
    counts = Counter(seen.state for seen in judged)
    notable = NOTABLE_SHARE * len(judged)
    state = next(state for state in ContactState if counts[state] >= notable)
    last = next(seen for seen in reversed(judged) if seen.state is state)
    share = counts[state] / len(judged)
    return ChannelQuality(
        state=state,
        index=sum(seen.index for seen in judged) / len(judged),
        reason=f"{last.reason} ({state} in {share:.0%} of the time)",
    )


def _band_powers(clean: Samples, sfreq: float) -> npt.NDArray[np.float64]:
    from scipy.signal import welch  # noqa: PLC0415 (0.9 s: see `bank.design`)

    segment = min(clean.shape[1], round(SEGMENT_S * sfreq))
    hz, density = welch(clean, fs=sfreq, nperseg=segment)
    width = sfreq / segment
    powers = [
        density[:, (hz >= low) & (hz < high)].sum(axis=1) * width for _, low, high in BANDS
    ]
    return np.stack(powers, axis=1)
