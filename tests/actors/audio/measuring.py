"""Measuring sounds in tests: the frequency of a line, its level, and what steps."""

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.sound import SFREQ, SoundConfig

Signal = npt.NDArray[np.float64]


def tone(frequency: float = 440.0, **more: float) -> SoundConfig:
    """A pure sine, unless told otherwise."""
    told = {"harmonic_strength": 0.0, "modulation_depth": 0.0, "duration": 2.0} | more
    told |= {"frequency": frequency, "prayer_bowl_mode": False}
    return msgspec.convert(told, SoundConfig)


def spectrum_db(signal: npt.ArrayLike) -> tuple[Signal, Signal]:
    """Frequencies and levels; a sine of amplitude 1 reads 0 dB, all else is below -180."""
    x = np.asarray(signal, np.float64)
    n = np.arange(x.size)
    # Seven-term Blackman-Harris: side lobes below -180 dB, main lobe 14 lines wide.
    terms = (
        0.27105140069342,
        -0.43329793923448,
        0.21812299954311,
        -0.06592544638803,
        0.01081174209837,
        -0.00077658482522,
        0.00001388721735,
    )
    window = np.sum(
        [a * np.cos(2 * np.pi * k * n / x.size) for k, a in enumerate(terms)], axis=0
    )
    lines = np.abs(np.fft.rfft(x * window)) * 2.0 / window.sum()
    level = 20.0 * np.log10(np.maximum(lines, 1e-15))
    hz: Signal = np.arange(lines.size) * (SFREQ / x.size)
    return hz, level


def strongest_hz(signal: npt.ArrayLike, low: float, high: float) -> float:
    """Where the strongest line between two frequencies is (zero-padded, parabola)."""
    x = np.asarray(signal, np.float64)
    size = 4 * x.size
    lines = np.log(np.abs(np.fft.rfft(x * np.hanning(x.size), size)) + 1e-30)
    first, last = (round(hz * size / SFREQ) for hz in (low, high))
    at = max(first, 1) + int(np.argmax(lines[max(first, 1) : last + 1]))
    before, here, after = lines[at - 1 : at + 2]
    offset = 0.5 * (before - after) / (before - 2.0 * here + after)
    return float((at + offset) * SFREQ / size)


def level_of(signal: npt.ArrayLike, hz: float) -> float:
    """Amplitude of a sine of known frequency, Hann window."""
    x = np.asarray(signal, np.float64)
    window = np.hanning(x.size)
    wave = np.exp(-2j * np.pi * hz * np.arange(x.size) / SFREQ)
    return float(2.0 * np.abs(np.sum(x * window * wave)) / window.sum())


def roughest(signal: npt.ArrayLike) -> float:
    """Largest second difference: a click is a step of the signal or of its slope."""
    return float(np.abs(np.diff(np.asarray(signal, np.float64), 2, axis=0)).max())


def whole(blocks: object) -> npt.NDArray[np.float32]:
    """Blocks in one piece."""
    return np.concatenate(list(blocks))  # type: ignore[call-overload]
