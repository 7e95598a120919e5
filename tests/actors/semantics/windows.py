"""Windows of features for tests: as an encoder would have measured them."""

from collections.abc import Mapping

import msgspec
import numpy as np

from protocols.eeg import ChannelQuality, ContactState, SignalInfo
from protocols.features import Features

NAMES = ("Fp1", "Fp2", "O1", "O2")
GOOD = ChannelQuality(state=ContactState.GOOD, index=0.9, reason="")
USUAL = (0.30, 0.165, 0.25, 0.165, 0.04)
"""Relative powers, delta to gamma, at which population norms see nothing unusual."""


def window(
    at: float = 100.0,
    z: Mapping[str, float] | None = None,
    *,
    baseline: float = 1.0,
    confidence: float = 0.9,
    relative: tuple[float, ...] = USUAL,
    asymmetry: float | None = 0.0,
) -> Features:
    """One window of four good channels; change more of it with `replaced`."""
    vector = np.zeros(512, np.float32)
    vector[0] = 1.0
    return Features(
        info=SignalInfo(device="simulator", sfreq=250.0, ch_names=NAMES, opened_at=0.0),
        first_sample=0,
        captured_at=at,
        absolute_uv2=np.ones((4, 5), np.float32),
        relative=np.tile(np.asarray(relative, np.float32), (4, 1)),
        asymmetry=asymmetry,
        entropy=0.75,
        z=dict(z or {}),
        baseline=baseline,
        quality=(GOOD,) * 4,
        confidence=confidence,
        vector=vector,
        read_at=at + 0.001,
        cleaned_at=at + 0.002,
        encoded_at=at + 0.003,
    )


def with_quality(features: Features, *quality: ChannelQuality) -> Features:
    """The same window, seen through other contacts."""
    return msgspec.structs.replace(features, quality=quality)


def deviating(arousal: float, valence: float) -> dict[str, float]:
    """Give z-scores that make about this mood, all else as usual."""
    push = float(np.arctanh(arousal))
    return {
        "beta": push,
        "alpha": -push,
        "theta": -push,
        "asymmetry": 1.5 * float(np.arctanh(valence)) / 0.9,
    }
