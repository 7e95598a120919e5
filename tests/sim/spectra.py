"""What a test sees in a simulated signal: RMS of a band, and a brain in a steady state."""

import numpy as np
import numpy.typing as npt

from protocols.simulation import SetBrainState
from sim.brain import Brain

SETTLE_S, LOOK_S = 10.0, 40.0


def band_uv(
    uv: npt.NDArray[np.floating], low_hz: float, high_hz: float, sfreq: float = 250.0
) -> npt.NDArray[np.float64]:
    """RMS microvolts of each channel between two frequencies (mean of 2 s spectra)."""
    window = round(2 * sfreq)
    pieces = uv[:, : uv.shape[1] // window * window].reshape(len(uv), -1, window)
    taper = np.hanning(window)
    centred = pieces - pieces.mean(axis=2, keepdims=True)
    power = np.abs(np.fft.rfft(centred * taper, axis=2)) ** 2 / (sfreq * np.sum(taper**2))
    hz = np.fft.rfftfreq(window, 1 / sfreq)
    chosen = (hz >= low_hz) & (hz < high_hz)
    rms: npt.NDArray[np.float64] = np.sqrt(
        2 * power.mean(axis=1)[:, chosen].sum(axis=1) * hz[1]
    )
    return rms


def settled(state: SetBrainState, seed: int = 3) -> npt.NDArray[np.float32]:
    """Forty seconds of a sitter who has come to rest in a state."""
    brain = Brain(seed=seed)
    brain.obey(state)
    brain.take(round(SETTLE_S * brain.sfreq))
    return brain.take(round(LOOK_S * brain.sfreq))


def eyes(*, closed: bool, **state: float) -> SetBrainState:
    """A state; what is not named is relaxed and at ease."""
    whole = {"relaxation": 0.5, "focus": 0.1, "drowsiness": 0.0, "pleasure": 0.0} | state
    return SetBrainState(eyes_closed=closed, **whole)
