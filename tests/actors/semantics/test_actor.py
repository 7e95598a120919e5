"""The semantic stage, built but not started: what it tells, and when."""

from dataclasses import dataclass, field

import pytest

from actors.semantics.actor import Seeable, SemanticActor, SemanticSettings
from protocols.eeg import ChannelQuality, ContactState, Phase, SourceState
from protocols.generation import Imagine, PoolInput
from protocols.meaning import Meaning
from tests.actors.semantics.windows import GOOD, deviating, window, with_quality
from tests.probe import Probe

FLAT = ChannelQuality(state=ContactState.FLAT, index=0.0, reason="flat")
SEARCHING = SourceState(phase=Phase.SEARCHING, reason="no muse found", at=0.0)
STREAMING = SourceState(phase=Phase.STREAMING, reason="muse found", at=0.0)
PAUSED = SourceState(phase=Phase.PAUSED, reason="asked", at=0.0)
CALM = deviating(-0.6, 0.4)


@dataclass
class HandClock:
    at: float = 100.0

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return 1.7e9 + at


@dataclass
class Bench:
    settings: SemanticSettings = field(default_factory=SemanticSettings)
    clock: HandClock = field(default_factory=HandClock)
    generators: Probe[PoolInput] = field(default_factory=Probe)
    viewer: Probe[Seeable] = field(default_factory=Probe)
    watched: bool = True
    heard: bool = True
    """Of the source: that it streams."""

    def __post_init__(self) -> None:
        self.stage = SemanticActor(
            clock=self.clock,
            session="sess_1",
            settings=self.settings,
            generators=self.generators,
            viewer=self.viewer,
            is_watched=lambda: self.watched,
        )
        if self.heard:
            self.stage.handle(STREAMING)
            self.viewer.all()

    def feed(self, at: float, *, confidence: float = 0.9) -> None:
        self.clock.at = at + 0.004
        self.stage.handle(window(at, CALM, confidence=confidence))

    def feed_bad(self, at: float) -> None:
        self.clock.at = at + 0.004
        bad = with_quality(window(at, CALM, confidence=0.1), FLAT, GOOD, GOOD, FLAT)
        self.stage.handle(bad)

    def source(self, state: SourceState, at: float) -> None:
        self.clock.at = at
        self.stage.handle(state)

    def wishes(self) -> list[Imagine]:
        told = self.generators.all()
        assert all(isinstance(wish, Imagine) for wish in told)
        return [wish for wish in told if isinstance(wish, Imagine)]

    def states(self) -> list[SourceState]:
        return [seen for seen in self.viewer.all() if isinstance(seen, SourceState)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_window_is_seen_and_asks_for_its_picture(bench: Bench) -> None:
    bench.feed(100.0)

    seen = bench.viewer.next()
    (wish,) = bench.wishes()
    assert isinstance(seen, Meaning)
    assert wish.meaning is seen
    assert wish.session == wish.wish.session == "sess_1"
    assert wish.wish.prompt == seen.prompt
    assert wish.wish.palette == seen.palette
    assert wish.wish.arousal == seen.arousal.value
    assert seen.meant_at == 100.004
    assert wish.deadline_at == pytest.approx(102.004)


def test_the_wish_is_as_the_session_was_set() -> None:
    bench = Bench(
        SemanticSettings(width=256, height=128, seed=7, steps=4, guidance_scale=2.0)
    )

    bench.feed(100.0)

    (imagine,) = bench.wishes()
    wish = imagine.wish
    assert (wish.width, wish.height, wish.seed) == (256, 128, 7)
    assert (wish.steps, wish.guidance_scale) == (4, 2.0)


def test_the_moment_is_the_second_of_the_sitting(bench: Bench) -> None:
    for at in (100.0, 100.1, 103.5):
        bench.feed(at)

    moments = [wish.wish.moment_s for wish in bench.wishes()]
    assert moments == pytest.approx([0.0, 0.1, 3.5])


def test_every_window_is_seen_but_pictures_are_asked_for_at_their_rate() -> None:
    bench = Bench(SemanticSettings(pictures_hz=1.0))

    for n in range(50):
        bench.feed(100.0 + 0.1 * n)

    assert len(bench.viewer.all()) == 50
    assert len(bench.wishes()) == 5


def test_a_sitting_that_nobody_watches_has_the_same_pictures_for_less_work() -> None:
    settings = SemanticSettings(pictures_hz=1.0)
    seen, unseen = Bench(settings), Bench(settings, watched=False)
    moods = (CALM, deviating(0.9, -0.5))

    for bench in (seen, unseen):
        for n in range(100):
            at = 100.0 + 0.1 * n
            bench.clock.at = at
            bench.stage.handle(window(at, moods[n // 50]))

    assert len(seen.viewer.all()) == 100
    assert len(unseen.viewer.all()) <= 31
    for wish, other in zip(unseen.wishes(), seen.wishes(), strict=True):
        assert wish.meaning.arousal == other.meaning.arousal
        assert wish.meaning.motion == other.meaning.motion


def test_whoever_begins_to_watch_sees_the_next_window() -> None:
    bench = Bench(SemanticSettings(pictures_hz=1.0), watched=False)
    bench.feed(100.0)
    bench.feed(100.1)
    bench.viewer.all()

    bench.watched = True
    bench.feed(100.2)

    assert len(bench.viewer.all()) == 1


def test_bad_contact_freezes_and_says_why_once(bench: Bench) -> None:
    bench.feed(100.0)
    for n in range(1, 30):
        bench.feed_bad(100.0 + 0.1 * n)

    assert len(bench.wishes()) == 1
    (state,) = bench.states()
    assert state.phase is Phase.FROZEN
    assert state.reason == "bad contact: Fp1 flat, O2 flat"


def test_frozen_it_means_nothing_and_goes_on_where_it_was(bench: Bench) -> None:
    bench.feed(100.0)
    before = bench.wishes()[0].wish
    bench.feed_bad(100.1)
    bench.viewer.all()

    bench.feed(109.0)

    state, meaning = bench.viewer.all()
    assert isinstance(state, SourceState)
    assert state.phase is Phase.STREAMING
    assert isinstance(meaning, Meaning)
    (wish,) = bench.wishes()
    assert wish.wish.prompt == before.prompt


def test_a_streaming_source_does_not_thaw_bad_contact(bench: Bench) -> None:
    bench.feed_bad(100.0)
    bench.source(STREAMING, 100.05)

    assert [state.phase for state in bench.states()] == [Phase.FROZEN]


def test_a_new_life_takes_back_what_the_last_one_told_of_the_contact(
    bench: Bench,
) -> None:
    new = Bench(heard=False)
    for life in (new, bench):
        life.feed(1.0)
        life.feed(1.1)

    (state,) = new.states()
    assert (state.phase, state.reason) == (Phase.STREAMING, "contact is good")
    assert bench.states() == []  # its source has said so


def test_after_a_pause_bad_contact_is_told_again(bench: Bench) -> None:
    bench.feed_bad(100.0)
    bench.source(PAUSED, 101.0)
    bench.source(STREAMING, 102.0)
    bench.feed_bad(102.1)

    phases = [state.phase for state in bench.states()]
    assert phases == [Phase.FROZEN, Phase.PAUSED, Phase.STREAMING, Phase.FROZEN]


def test_searching_shows_a_quiet_picture_that_nobody_drives(bench: Bench) -> None:
    bench.source(SEARCHING, 50.0)

    assert bench.viewer.all() == [SEARCHING]
    (imagine,) = bench.wishes()
    assert not imagine.meaning.driven
    assert imagine.meaning.confidence == 0.0
    assert "waiting" in imagine.wish.prompt
    assert imagine.wish.motion <= 0.1


def test_while_it_searches_a_picture_comes_every_two_seconds(bench: Bench) -> None:
    for n in range(9):
        bench.source(SEARCHING, 50.0 + 0.5 * n)

    moments = [imagine.wish.moment_s for imagine in bench.wishes()]
    assert moments == pytest.approx([0.0, 2.0, 4.0])
    assert len(bench.viewer.all()) == 9


def test_a_lost_device_is_waited_for_at_once(bench: Bench) -> None:
    bench.source(SEARCHING, 50.0)
    bench.feed(50.5)
    bench.source(SEARCHING, 51.0)

    assert [wish.meaning.driven for wish in bench.wishes()] == [False, True, False]


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.ENDED, Phase.STREAMING])
def test_other_states_are_passed_on_and_ask_for_nothing(bench: Bench, phase: Phase) -> None:
    state = SourceState(phase=phase, reason="asked", at=1.0)

    bench.source(state, 1.0)

    assert bench.viewer.all() == [state]
    assert bench.wishes() == []
