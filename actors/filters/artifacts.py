"""What is wrong with a second of EEG, in figures; no judgement (that is `quality`).

In: the last second of a headset, as it came and as it was filtered, microvolts, shape
(channels, samples). Out: one figure a channel and sign (`Signs`). Pure: only tables
computed once for a sampling rate.

The signs, and why these:

* peak to peak of the raw signal: a connected electrode is never silent;
* mains hum by a quadrature detector at 50 and at 60 Hz: hum grows with the impedance of
  the contact (Ferree et al., Clin. Neurophysiol. 112, 2001);
* EMG, 20-45 Hz and, where the sampling rate allows it, 66-94 Hz (between the mains and
  their harmonics): scalp power there is mostly muscle (Whitham et al., Clin. Neurophysiol.
  118, 2007; Goncharova et al., Clin. Neurophysiol. 114, 2003);
* what the filters left above 47 Hz: hum that the notch missed;
* the slow wave: the signal smoothed over 120 ms, in which a blink (largest at Fp1 and Fp2:
  IFCN glossary, Kane et al., Clin. Neurophysiol. Pract. 2, 2017; 70-240 µV for a third of a
  second in the recordings at hand) stands out and alpha does not.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.filters.bank import Samples, Sections, design, gain

WINDOW_S: Final = 1.0
MAINS_HZ: Final = (50.0, 60.0)
SLOW_WAVE_S: Final = 0.12
SLOW_SPAN_S: Final = 0.36
"""How far back a blink is still «passing»."""

SLOW_STEP_S: Final = 0.02
LOW_HZ: Final = (1.0, 20.0)
EMG_HZ: Final = (20.0, 45.0)
FAST_EMG_HZ: Final = (66.0, 94.0)
LEFT_OVER_HZ: Final = 47.0
FAST_SHARE: Final = 0.4
"""Of the sampling rate: above it the low-pass leaves too little to compute back from."""

PerChannel = npt.NDArray[np.float64]
"""Shape (channels,)."""


class Signs(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a second of signal shows, one figure a channel."""

    swing_uv: PerChannel
    """Peak to peak of the raw signal."""

    high_uv: PerChannel
    """Largest raw sample."""

    low_uv: PerChannel
    """Smallest raw sample."""

    hum_uv: npt.NDArray[np.float64]
    """RMS of the raw signal's mains hum at 50 and at 60 Hz, shape (2, channels)."""

    brain_uv: PerChannel
    """RMS of the clean signal, 1-20 Hz."""

    emg_uv: PerChannel
    """RMS at 20-45 Hz (clean) and 66-94 Hz (computed back to before the low-pass)."""

    left_over_uv: PerChannel
    """RMS of the clean signal above 47 Hz."""

    amplitude_uv: PerChannel
    """Largest clean sample, absolute."""

    slow_uv: PerChannel
    """Largest deflection, signed, of the clean signal smoothed over 120 ms, lately."""


class Gauge:
    """Tables to measure one second at one sampling rate.

    Args:
        sfreq: hertz.
        mains_hz: where the bank's notch is.
    """

    def __init__(self, sfreq: float, mains_hz: float) -> None:
        self.samples = max(8, round(WINDOW_S * sfreq))
        self._hann = np.hanning(self.samples + 1)[:-1]
        weights = band_weights(self.samples, sfreq, design(sfreq, mains_hz).sections)
        self._bands = np.repeat(weights, 2, axis=1)
        self._transform = _rfft()
        self._quadrature = np.ascontiguousarray(quadrature(self._hann, sfreq).T)
        self._slow = slow_kernels(sfreq)

    def measure(self, raw: Samples, clean: Samples) -> Signs:
        """Measure a second.

        Args:
            raw: microvolts, shape (channels, `samples`).
            clean: the same samples, filtered.

        Returns:
            The signs.
        """
        # An array's own `max` goes round by Python: `reduce` takes half of its time.
        most, least = np.maximum.reduce, np.minimum.reduce
        high, low = most(raw, axis=1), least(raw, axis=1)
        # Real and imaginary parts side by side: the product with weights adds them.
        parts = self._transform(clean * self._hann).view(np.float64)
        np.multiply(parts, parts, out=parts)
        brain, emg, left_over = np.sqrt(self._bands @ parts.T)
        waves = self._quadrature @ raw.T
        np.multiply(waves, waves, out=waves)
        hum = np.sqrt(waves[:2] + waves[2:])
        slow = clean[:, -len(self._slow) :] @ self._slow
        top: PerChannel = most(slow, axis=1)
        bottom: PerChannel = least(slow, axis=1)
        return Signs(
            swing_uv=high - low,
            high_uv=high,
            low_uv=low,
            hum_uv=hum,
            brain_uv=brain,
            emg_uv=emg,
            left_over_uv=left_over,
            amplitude_uv=most(np.abs(clean), axis=1),
            slow_uv=np.where(top >= -bottom, top, bottom),
        )


@lru_cache(maxsize=32)
def gauge(sfreq: float, mains_hz: float) -> Gauge:
    """Give the gauge of a sampling rate; it has no state and may be shared."""
    return Gauge(sfreq, mains_hz)


def band_weights(samples: int, sfreq: float, sections: Sections) -> npt.NDArray[np.float64]:
    """Make the rows that turn a Hann periodogram into three mean squares.

    Args:
        samples: length of the window.
        sfreq: hertz.
        sections: the filters that the clean signal went through.

    Returns:
        Weights, shape (3, frequencies), for |rfft|^2: 1-20 Hz, EMG, left over.
    """
    hz = np.arange(samples // 2 + 1, dtype=np.float64) * (sfreq / samples)
    window = np.hanning(samples + 1)[:-1]
    one_sided = np.full(hz.size, 2.0 / (samples * (window**2).sum()))
    fast_end = min(FAST_EMG_HZ[1], FAST_SHARE * sfreq)
    fast = (hz >= FAST_EMG_HZ[0]) & (hz <= fast_end)
    emg = ((hz >= EMG_HZ[0]) & (hz < EMG_HZ[1])).astype(float)
    emg[fast] = gain(sections, sfreq, hz[fast]) ** -2.0
    rows = [(hz >= LOW_HZ[0]) & (hz < LOW_HZ[1]), emg, hz >= LEFT_OVER_HZ]
    return np.stack([one_sided * row for row in rows])


def quadrature(window: npt.NDArray[np.float64], sfreq: float) -> npt.NDArray[np.float64]:
    """Make the columns that give the RMS of 50 and 60 Hz hum.

    Args:
        window: shape (samples,).
        sfreq: hertz.

    Returns:
        Shape (samples, 4): cosine 50, cosine 60, sine 50, sine 60; blind to an offset.
        A mains above the Nyquist frequency has zeros.
    """
    t = np.arange(window.size) / sfreq
    waves = np.stack([np.exp(2j * np.pi * hz * t) * (2 * hz < sfreq) for hz in MAINS_HZ])
    columns = window * np.concatenate((waves.real, waves.imag))
    blind = columns - window * (columns.sum(axis=1) / window.sum())[:, None]
    scaled: npt.NDArray[np.float64] = blind.T * (np.sqrt(2) / window.sum())
    return scaled


def slow_kernels(sfreq: float) -> npt.NDArray[np.float64]:
    """Make the columns that smooth the newest samples.

    Args:
        sfreq: hertz.

    Returns:
        Shape (samples, positions); each column is a Hann bump of 120 ms, of sum 1.
    """
    width = max(3, round(SLOW_WAVE_S * sfreq))
    samples = max(width, round(SLOW_SPAN_S * sfreq))
    bump = np.hanning(width + 2)[1:-1]
    bump /= bump.sum()
    starts = range(0, samples - width + 1, max(1, round(SLOW_STEP_S * sfreq)))
    kernels = np.zeros((samples, len(starts)))
    for column, start in enumerate(starts):
        kernels[start : start + width, column] = bump
    return kernels


def _rfft() -> Callable[[Samples], npt.NDArray[np.complex128]]:
    """Give a transform of the last axis' real samples, as `np.fft.rfft`.

    Scipy's inner one without the checks of the arguments takes 4 us for 8 channels of
    250 samples, numpy's 12. It is scipy's own affair: where it is not, numpy's.
    """
    try:
        from scipy.fft._pocketfft.pypocketfft import r2c  # noqa: PLC0415 (see `design`)
    except ImportError:
        return np.fft.rfft
    return lambda samples: np.asarray(r2c(samples, (1,)))


_FOREHEAD = re.compile(r"(?:EEG[ _-]*)?(?:FP|AF)(?:10|[1-9Z])(?![A-Z0-9])", re.IGNORECASE)
_PLACED = re.compile(
    r"(?:EEG[ _-]*)?(?:FP|AF|F|FT|FC|T|TP|C|CP|P|PO|O)(?:10|[1-9Z])(?![A-Z0-9])",
    re.IGNORECASE,
)


def eye_channels(ch_names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which channels a blink is looked for in.

    Args:
        ch_names: as the device gave them.

    Returns:
        Shape (channels,): the forehead (Fp and AF of the 10-20 system and its
        extension); every channel where no name says a place on the head.
    """
    forehead = np.array([bool(_FOREHEAD.match(name)) for name in ch_names])
    placed = any(_PLACED.match(name) for name in ch_names)
    return forehead if placed else np.ones(len(ch_names), dtype=bool)
