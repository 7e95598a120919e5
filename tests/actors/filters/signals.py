"""Signals to test with: tones, noise, chunks, and the real recordings."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.device.loading import load_recording
from actors.device.recording import Recording
from actors.filters.bank import Samples
from protocols.eeg import RawChunk, SignalInfo

SFREQ = 250.0
HEAD = ("Fp1", "Fp2", "C3", "C4", "P3", "P4", "O1", "O2")
DATA = Path(__file__).parents[4] / "shared" / "data"


class StoodClock:
    """Fills `Clock`; stands where it was put."""

    def __init__(self, now: float = 0.0) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return at


def real(name: str) -> Recording:
    """A real recording; skips the test where it is not."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no real recording {name}: the shared data folder is not here")
    return load_recording(path)


def seconds(duration_s: float, sfreq: float = SFREQ) -> Samples:
    """Times of samples, shape (samples,)."""
    return np.arange(round(duration_s * sfreq), dtype=np.float64) / sfreq


def tone(hz: float, duration_s: float, uv: float = 1.0, sfreq: float = SFREQ) -> Samples:
    """A sine, shape (1, samples)."""
    wave: Samples = uv * np.sin(2 * np.pi * hz * seconds(duration_s, sfreq))[None, :]
    return wave


def resting(
    duration_s: float, *, seed: int = 1, channels: int = 8, uv: float = 10.0
) -> Samples:
    """1/f noise like an EEG at rest, shape (channels, samples), of a given RMS."""
    rng = np.random.default_rng(seed)
    count = round(duration_s * SFREQ)
    spectrum = np.fft.rfft(rng.standard_normal((channels, count)))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / SFREQ), 1.0)
    noise: Samples = np.fft.irfft(spectrum / np.sqrt(hz), count)
    scaled: Samples = uv * noise / noise.std(axis=1, keepdims=True)
    return scaled


def signal_info(
    ch_names: tuple[str, ...] = HEAD,
    *,
    sfreq: float = SFREQ,
    mains_hz: float | None = 50.0,
    opened_at: float = 0.0,
) -> SignalInfo:
    return SignalInfo(
        device="test",
        sfreq=sfreq,
        ch_names=ch_names,
        opened_at=opened_at,
        mains_hz=mains_hz,
    )


def chunks(
    info: SignalInfo, uv: Samples, *, every_s: float = 0.1, first: int = 0
) -> Iterator[RawChunk]:
    """Cut a signal as a device would hand it over."""
    pieces = int(uv.shape[1] / (every_s * info.sfreq)) + 1
    begin = 0
    for number in range(1, pieces + 1):
        end = round(number * every_s * info.sfreq)
        if end > uv.shape[1]:
            return
        part = uv[:, begin:end].astype(np.float32)
        part.flags.writeable = False
        at = info.opened_at + (first + end) / info.sfreq
        yield RawChunk(
            info=info, first_sample=first + begin, captured_at=at, uv=part, read_at=at
        )
        begin = end
