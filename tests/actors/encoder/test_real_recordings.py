"""Filters and encoder on real recordings: what is known to be in them is found."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.encoder.actor import EncoderActor
from actors.filters.actor import FilterActor
from protocols.features import EncoderInput, Features
from tests.actors.filters.signals import StoodClock, chunks, real, signal_info
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.meaning import SemanticInput


class Straight:
    """Fills a mailbox; hands over at once, in the test's thread."""

    def __init__(self, stage: EncoderActor) -> None:
        self._stage = stage

    def tell(self, message: EncoderInput, /) -> None:
        self._stage.handle(message)


def played(name: str, until_s: float = 1000.0) -> list[Features]:
    """All features of a recording, or of its beginning."""
    recording = real(name)
    semantics: Probe[SemanticInput] = Probe()
    encoder = EncoderActor(
        clock=StoodClock(), window_s=2.0, step_s=0.1, downstream=semantics
    )
    filters = FilterActor(clock=StoodClock(), mains_hz=50.0, downstream=Straight(encoder))
    info = signal_info(
        recording.ch_names, sfreq=recording.sfreq, mains_hz=recording.mains_hz
    )
    for part in chunks(
        info, recording.uv[:, : int(until_s * info.sfreq)].astype(np.float64)
    ):
        filters.handle(part)
    return [told for told in semantics.all() if isinstance(told, Features)]


@pytest.fixture(scope="module")
def openbci() -> list[Features]:
    return played("openbci_blinks_jaw_alpha.txt")


def alpha(features: list[Features], begin_s: float, end_s: float) -> np.ndarray:
    """Mean alpha power of windows that lie between two times, by channel."""
    powers = [
        f.absolute_uv2[:, 2]
        for f in features
        if f.first_sample >= begin_s * 250 and f.captured_at <= end_s
    ]
    mean: np.ndarray = np.mean(powers, axis=0)
    return mean


def test_alpha_at_least_doubles_at_the_back_when_the_eyes_close(
    openbci: list[Features],
) -> None:
    ratio = alpha(openbci, 25, 70) / alpha(openbci, 0, 15)

    assert ratio[6] >= 2.0
    assert ratio[7] >= 2.0
    assert ratio[:6].max() < 1.5


def test_closed_eyes_are_far_from_this_sitters_baseline(openbci: list[Features]) -> None:
    closed = [f.z["alpha"] for f in openbci if 40 <= f.captured_at <= 70]

    assert np.median(closed) > 1.0


def test_confidence_is_high_at_rest_and_lower_in_clenching(openbci: list[Features]) -> None:
    rest = [f.confidence for f in openbci if 30 <= f.captured_at <= 70]
    clenched = [f.confidence for f in openbci if 9 <= f.captured_at <= 15]

    assert np.median(rest) > 0.9
    assert np.median(clenched) < np.median(rest) - 0.05


def test_the_headband_with_bad_contact_is_encoded_from_its_good_electrodes() -> None:
    features = played("muse_over_lsl.xdf")

    bad = features[-1].info.ch_names.index("TP9")
    assert all(f.quality[bad].index < 0.3 for f in features)
    assert np.median([f.confidence for f in features]) > 0.7
    assert features[-1].asymmetry is not None


def test_the_other_headband_has_asymmetry_and_vectors_of_length_one() -> None:
    features = played("muse_ssvep.csv", until_s=30)

    assert np.median([f.confidence for f in features]) > 0.9
    assert all(f.asymmetry is not None for f in features[:100])
    lengths = np.linalg.norm([f.vector for f in features if f.vector is not None], axis=1)
    assert np.abs(lengths - 1).max() < 1e-5


@pytest.mark.slow
def test_a_clinical_recording_plays_with_confidence() -> None:
    features = played("rest_20ch_500hz.edf", until_s=60)

    assert len(features) > 560
    assert np.percentile([f.confidence for f in features], 5) > 0.9
    spread = np.std([f.z["alpha"] for f in features if f.z])
    assert 0.5 < spread < 2.5
