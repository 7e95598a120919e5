"""EEG in motion: from the device stage, through the filters, to the encoder.

Arrays are float32 in microvolts, shaped (channels, samples), and read-only: who sends
one gives it away. Clock times are seconds of `protocols.ports.Clock`.
"""

import enum
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Microvolts: TypeAlias = npt.NDArray[np.float32]
"""Shape (channels, samples)."""


class SignalInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said of its signal when it was opened."""

    device: str
    """What the samples come from: `simulator`, `replay:rest_20ch_500hz.edf`, …"""

    sfreq: float
    """Sampling rate, hertz."""

    ch_names: tuple[str, ...]
    """Names of the EEG channels, in the order of the arrays' first axis."""

    opened_at: float
    """Clock time of sample 0."""

    mains_hz: float | None = None
    """50 or 60 if the source knows its mains, else None."""


class RawChunk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Consecutive samples, as the device gave them."""

    info: SignalInfo
    """The signal that these samples belong to; a new opening has a new one."""

    first_sample: int
    """Index of `uv[:, 0]` since the device was opened; a jump is a loss."""

    captured_at: float
    """Clock time of the last sample."""

    uv: Microvolts
    """Microvolts, shape (channels, samples)."""

    read_at: float = 0.0
    """Clock time at which the reader handed it on."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Samples that will never come; what a gap makes untrue must be reset."""

    samples: int
    """How many were lost (0: not known, as after a reopening)."""

    reason: str
    """Why: `overrun`, `device`, `restart`, `reopened`."""


class Phase(enum.StrEnum):
    """What a session's source is doing."""

    SEARCHING = "searching"
    STREAMING = "streaming"
    FROZEN = "frozen"
    """Samples come, but their quality does not allow a picture."""
    PAUSED = "paused"
    ENDED = "ended"


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A change in what the source does; travels the data's way."""

    phase: Phase
    reason: str
    """For a person: `no muse found; trying again every 2 s`."""

    at: float
    """Clock time of the change."""


class ContactState(enum.StrEnum):
    """What is seen in a channel, worst first."""

    FLAT = "flat"
    """No signal: disconnected or shorted."""
    RAILED = "railed"
    """At the amplifier's limit or far outside physiology."""
    NOISY = "noisy"
    """Mains or broadband noise above the brain's own."""
    MUSCLE = "muscle"
    """EMG: power above 20 Hz out of proportion."""
    BLINK = "blink"
    """A blink is passing."""
    GOOD = "good"
    SETTLING = "settling"
    """Too few samples since the start or a gap to say."""


class ChannelQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How far a channel can be trusted now."""

    state: ContactState
    index: float
    """0 (worthless) to 1 (clean)."""

    reason: str
    """For a person, with the figure: `mains hum 34 µV RMS`."""


class CleanChunk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A raw chunk after the filter chain, with its quality."""

    info: SignalInfo
    first_sample: int
    captured_at: float
    uv: Microvolts
    """Filtered, microvolts."""

    raw_uv: Microvolts
    """What it was made from, for viewers."""

    quality: tuple[ChannelQuality, ...]
    """One a channel."""

    read_at: float = 0.0
    cleaned_at: float = 0.0


class SetMains(msgspec.Struct, frozen=True):
    """Move the notch to the local mains."""

    hz: float
    """50 or 60 hertz."""


FilterInput: TypeAlias = RawChunk | Gap | SourceState | SetMains
