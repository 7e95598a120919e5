"""Contact: when the stream freezes, and that it says why."""

import msgspec
import pytest

from actors.semantics.contact import Contact, judged, reason_of
from protocols.eeg import ChannelQuality, ContactState, Phase, SourceState
from protocols.features import Features
from tests.actors.semantics.windows import GOOD, window, with_quality

FLAT = ChannelQuality(state=ContactState.FLAT, index=0.0, reason="flat")
HUM = ChannelQuality(state=ContactState.NOISY, index=0.2, reason="mains hum 34 µV")


def bad(*quality: ChannelQuality, confidence: float = 0.1) -> Features:
    return with_quality(
        window(confidence=confidence), *(quality or (FLAT, GOOD, GOOD, HUM))
    )


def test_the_reason_names_each_bad_channel_with_its_figure() -> None:
    assert reason_of(bad()) == "bad contact: Fp1 flat, O2 mains hum 34 µV"


def test_the_reason_of_a_whole_cap_is_short() -> None:
    names = tuple(f"E{n}" for n in range(20))
    features = bad(*(FLAT,) * 20)
    info = msgspec.structs.replace(features.info, ch_names=names)
    features = msgspec.structs.replace(features, info=info)

    assert reason_of(features) == (
        "bad contact: E0 flat, E1 flat, E2 flat, E3 flat and 16 more"
    )


def test_without_a_bad_channel_the_confidence_is_the_reason() -> None:
    assert reason_of(bad(GOOD, GOOD, GOOD, GOOD)) == "bad contact: confidence 0.10"


def test_good_contact_has_nothing_to_tell() -> None:
    assert judged(Contact(), window(), 1.0) == (Contact(), None)


def test_bad_contact_is_told_once() -> None:
    contact, told = judged(Contact(), bad(), 1.0)
    contact, again = judged(contact, bad(), 9.0)

    assert told == SourceState(phase=Phase.FROZEN, reason=reason_of(bad()), at=1.0)
    assert again is None
    assert contact.frozen


@pytest.mark.parametrize(("confidence", "frozen"), [(0.24, True), (0.25, False)])
def test_it_freezes_under_a_quarter(confidence: float, *, frozen: bool) -> None:
    contact, _ = judged(Contact(), window(confidence=confidence), 1.0)

    assert contact.frozen is frozen


@pytest.mark.parametrize(("confidence", "frozen"), [(0.34, True), (0.35, False)])
def test_it_goes_on_only_from_a_little_more(confidence: float, *, frozen: bool) -> None:
    before, _ = judged(Contact(), bad(), 1.0)

    contact, told = judged(before, bad(confidence=2 * confidence), 2.0)  # half is usable

    assert contact.frozen is frozen
    assert (told is None) is frozen


@pytest.mark.parametrize(
    ("usable", "frozen"), [(1, True), (2, False), (3, False), (4, False)]
)
def test_one_good_electrode_of_four_drives_nothing(usable: int, *, frozen: bool) -> None:
    quality = [GOOD] * usable + [FLAT] * (4 - usable)
    contact, _ = judged(Contact(), bad(*quality, confidence=0.9), 1.0)

    assert contact.frozen is frozen


def test_a_changed_reason_is_told_at_most_once_a_second() -> None:
    contact, _ = judged(Contact(), bad(), 1.0)
    contact, early = judged(contact, bad(FLAT, FLAT, GOOD, HUM), 1.5)
    contact, later = judged(contact, bad(FLAT, FLAT, GOOD, HUM), 2.0)

    assert early is None
    assert later is not None
    assert "Fp2 flat" in later.reason


def test_a_figure_that_wanders_is_no_change_of_reason() -> None:
    louder = msgspec.structs.replace(HUM, reason="mains hum 36 µV")
    contact, _ = judged(Contact(), bad(), 1.0)

    _, told = judged(contact, bad(FLAT, GOOD, GOOD, louder), 9.0)

    assert told is None
