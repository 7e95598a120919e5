"""The filter bank: causal second-order sections with a memory.

In: raw samples, microvolts, float64, shape (channels, samples), in chunks of any length.
Out: the same samples filtered, float64. The sections run sample after sample in double
precision, so that the output does not depend on where the signal was cut. A reset (after
a gap) forgets the memory of all sections; a change of the mains forgets the notches' only.

The sections, in order: Butterworth high-pass of second order at 1 Hz (first, so that an
offset of many millivolts is gone before it can cost precision), Butterworth low-pass of
fourth order at 45 Hz, and a notch at the mains and at its first harmonic (quality 30: 2 Hz
wide at 60 Hz). They are minimum-delay and causal: a live picture cannot wait for
zero-phase filtering. Sources: Butterworth, Experimental Wireless 7 (1930); second-order
notch after Orfanidis, Introduction to Signal Processing (1996), sec. 11.3.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from protocols.eeg import Microvolts

HIGH_PASS_HZ: Final = 1.0
LOW_PASS_HZ: Final = 45.0
SFREQ_LIMITS_HZ: Final = (10.0, 20_000.0)
"""Below, there is no band to speak of; above, a high-pass at 1 Hz loses its digits."""

NOTCH_QUALITY: Final = 30.0
"""Centre over width at -3 dB."""

EDGE: Final = 0.95
"""Share of the Nyquist frequency above which an edge or notch is not placed."""

Samples = npt.NDArray[np.float64]
"""Shape (channels, samples)."""

Sections = npt.NDArray[np.float64]
"""Second-order sections, shape (sections, 6): b0 b1 b2 a0 a1 a2."""


class FilterBank:
    """High-pass, low-pass and notches of one headset's channels, with their memory.

    The memory starts in the steady state that the first sample would have led to, so
    that an electrode's offset (tens of millivolts) makes no step at the start.

    Args:
        channels: number of channels.
        sfreq: sampling rate, hertz, 10 to 20,000.
        mains_hz: where the notch is, 50 or 60 hertz.

    Raises:
        ValueError: `sfreq` is outside these limits.
    """

    def __init__(self, *, channels: int, sfreq: float, mains_hz: float) -> None:
        self.channels = channels
        self.sfreq = sfreq
        self._mains_hz = mains_hz
        self._design = design(sfreq, mains_hz)
        self._filter = _sosfilt()
        self._memory: npt.NDArray[np.float64] | None = None
        self._before = np.zeros((channels, 1))

    @property
    def mains_hz(self) -> float:
        """Where the notch is, hertz."""
        return self._mains_hz

    @property
    def sections(self) -> Sections:
        """The sections in force, not to be written to."""
        return self._design.sections

    @property
    def notes(self) -> tuple[str, ...]:
        """What this sampling rate does not allow, for a person; empty if nothing."""
        return limits(self.sfreq, self._mains_hz)

    def set_mains(self, hz: float) -> None:
        """Move the notches; the other sections keep their memory.

        The notches come last and their input has no offset, so that they may begin at
        rest without a step.

        Args:
            hz: 50 or 60.
        """
        if hz == self._mains_hz:
            return
        self._mains_hz = hz
        self._design = design(self.sfreq, hz)
        if self._memory is not None:
            fixed = self._design.fixed
            memory = np.zeros((self.channels, len(self._design.sections), 2))
            memory[:, :fixed] = self._memory[:, :fixed]
            self._memory = memory

    def reset(self) -> None:
        """Forget the past: the next sample is a new first one."""
        self._memory = None

    def apply(self, uv: "Samples | Microvolts") -> tuple[Samples, Samples]:
        """Filter the next samples.

        A sample that is not a number (a driver's mark for «nothing came») is taken as
        the channel's last one: one such sample would else stay in the memory for ever.

        Args:
            uv: microvolts, shape (channels, samples), any number of samples.

        Returns:
            The samples as they were filtered (in double precision, without holes) and
            the filtered ones.
        """
        raw = np.asarray(uv, dtype=np.float64)
        if raw.shape[1] == 0:
            return raw, raw
        # A sum of squares is a number only if all samples are; half the time of `sum`.
        if not math.isfinite(np.vdot(raw, raw)):
            raw = fill(raw, self._before[:, -1:])
        if self._memory is None:
            self._memory = np.ascontiguousarray(
                self._design.steady[None, :, :] * raw[:, :1, None]
            )
        clean = raw.copy(order="C")
        self._filter(self._design.sections, clean, self._memory)
        self._before = raw
        return raw, clean


class Design(msgspec.Struct, frozen=True, eq=False):
    """Sections for one sampling rate and mains."""

    sections: Sections

    fixed: int
    """How many sections precede the notches."""

    steady: npt.NDArray[np.float64]
    """Memory after a constant 1 for ever, shape (sections, 2)."""


@lru_cache(maxsize=32)
def design(sfreq: float, mains_hz: float) -> Design:
    """Design the sections for a sampling rate and a mains frequency.

    Args:
        sfreq: hertz.
        mains_hz: hertz.

    Returns:
        The design; nobody may write to its arrays, they are shared.

    Raises:
        ValueError: `sfreq` is outside these limits.
    """
    # scipy.signal takes 0.9 s to import: nobody pays for it who filters nothing.
    from scipy import signal  # noqa: PLC0415

    low, high = SFREQ_LIMITS_HZ
    if not low <= sfreq <= high:  # so written, it refuses NaN too
        raise ValueError(
            f"{sfreq:g} Hz sampling: EEG is filtered from {low:g} to {high:g} Hz"
        )
    top = EDGE * sfreq / 2
    parts = [signal.butter(2, HIGH_PASS_HZ, "highpass", fs=sfreq, output="sos")]
    if top > LOW_PASS_HZ:
        parts.append(signal.butter(4, LOW_PASS_HZ, "lowpass", fs=sfreq, output="sos"))
    fixed = sum(len(part) for part in parts)
    for hz in (mains_hz, 2 * mains_hz):
        if hz < top:
            b, a = signal.iirnotch(hz, NOTCH_QUALITY, fs=sfreq)
            parts.append(signal.tf2sos(b, a))
    sections = np.ascontiguousarray(np.vstack(parts), dtype=np.float64)
    return Design(sections, fixed, signal.sosfilt_zi(sections))


def limits(sfreq: float, mains_hz: float) -> tuple[str, ...]:
    """Say which parts of the chain a sampling rate does not allow.

    Args:
        sfreq: hertz.
        mains_hz: hertz.

    Returns:
        One sentence a missing part.
    """
    top = EDGE * sfreq / 2
    notes = []
    if top <= LOW_PASS_HZ:
        notes.append(
            f"no low-pass at {LOW_PASS_HZ:g} Hz: {sfreq:g} Hz sampling ends below it"
        )
    notes.extend(
        f"no notch at {hz:g} Hz: {sfreq:g} Hz sampling cannot place it"
        for hz in (mains_hz, 2 * mains_hz)
        if hz >= top
    )
    return tuple(notes)


def gain(
    sections: Sections, sfreq: float, hz: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Compute the amplitude gain of sections at some frequencies.

    Args:
        sections: shape (sections, 6).
        sfreq: hertz.
        hz: frequencies, shape (n,).

    Returns:
        Gains, shape (n,).
    """
    z = np.exp(-2j * np.pi * np.asarray(hz) / sfreq)
    powers = np.stack([np.ones_like(z), z, z * z])
    response = np.prod((sections[:, :3] @ powers) / (sections[:, 3:] @ powers), axis=0)
    amplitude: npt.NDArray[np.float64] = np.abs(response)
    return amplitude


def fill(raw: Samples, last: Samples) -> Samples:
    """Put a channel's last finite sample where there is none.

    Args:
        raw: shape (channels, samples), with samples that are not finite.
        last: what came before, shape (channels, 1), finite.

    Returns:
        A finite copy.
    """
    held = np.concatenate((last, raw), axis=1)
    place = np.where(np.isfinite(held), np.arange(held.shape[1]), 0)
    newest = np.maximum.accumulate(place, axis=1)
    filled: Samples = np.take_along_axis(held, newest, axis=1)[:, 1:]
    return filled


def _sosfilt() -> Callable[[Sections, Samples, npt.NDArray[np.float64]], None]:
    """Give scipy's filter; it works in place, memory of shape (channels, sections, 2).

    Its inner loop without the checks of the arguments takes 4 us for 8 channels of 25
    samples, with them 34 us. It is scipy's own affair: where it is not, the checked one.
    """
    try:
        from scipy.signal._sosfilt import _sosfilt as inner  # noqa: PLC0415 (see `design`)
    except ImportError:
        return checked_sosfilt
    filter_in_place: Callable[[Sections, Samples, npt.NDArray[np.float64]], None] = inner
    return filter_in_place


def checked_sosfilt(
    sections: Sections, samples: Samples, memory: npt.NDArray[np.float64]
) -> None:
    """Filter in place with `scipy.signal.sosfilt`."""
    from scipy.signal import sosfilt  # noqa: PLC0415 (0.9 s: see `design`)

    samples[:], after = sosfilt(sections, samples, zi=memory.transpose(1, 0, 2))
    memory[:] = after.transpose(1, 0, 2)
