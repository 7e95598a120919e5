"""Turns at the door: the newest life has it, and no other disturbs."""

import pytest
import trio

from actors.answer import Answer
from protocols.sound import ReadSound, SoundDemand, StopVoice, SynthInput
from protocols.streams import Demand, StreamFrame
from supervisors.turns import Turns
from tests.probe import Probe


def demand(watchers: int, session: str = "a") -> Demand:
    return Demand(session=session, kind="binary", watchers=watchers)


FRAME = StreamFrame(
    topic="a", kind="binary", sequence=1, payload=b"", binary=True, made_at=0.0
)


class Listened:
    """Stands where the synth is."""

    def __init__(self) -> None:
        self.heard: Probe[SynthInput] = Probe()

    def tell(self, message: SynthInput, /) -> None:
        self.heard.tell(message)

    def ask(self, message: SynthInput, /, *, timeout_s: float) -> Answer:
        self.heard.tell(message)
        answer = Answer()
        answer.set(timeout_s)
        return answer


@pytest.fixture
def told() -> Probe[Demand]:
    return Probe()


async def test_frames_go_to_whoever_has_the_door(told: Probe[Demand]) -> None:
    turns = Turns(told, Listened())
    old, *_ = turns.begin()
    old.attach()
    new, *_ = turns.begin()
    new.attach()
    old.detach()  # on its way out

    turns.tell(FRAME)

    with trio.fail_after(5.0):
        assert await new.take() == [FRAME]


def test_who_watches_by_an_earlier_life_watches_no_more(told: Probe[Demand]) -> None:
    turns = Turns(told, Listened())
    _, old, _ = turns.begin()
    for watchers, session in ((2, "a"), (1, "b"), (0, "b")):
        old.tell(demand(watchers, session))
    assert len(told.all()) == 3

    turns.begin()

    assert told.all() == [demand(0)]


def test_what_an_earlier_life_says_is_not_heard(told: Probe[Demand]) -> None:
    turns = Turns(told, Listened())
    _, old, _ = turns.begin()
    _, new, _ = turns.begin()
    new.tell(demand(1))

    old.tell(demand(0))

    assert told.all() == [demand(1)]


def test_who_listens_by_an_earlier_life_listens_no_more(told: Probe[Demand]) -> None:
    synth = Listened()
    turns = Turns(told, synth)
    _, _, old = turns.begin()
    for voice, listeners in (("", 2), ("a", 1), ("a", 0)):
        old.tell(SoundDemand(voice=voice, listeners=listeners))
    assert len(synth.heard.all()) == 3

    _, _, new = turns.begin()
    new.tell(SoundDemand(voice="b", listeners=1))
    old.tell(SoundDemand(voice="b", listeners=0))

    assert synth.heard.all() == [
        SoundDemand(voice="", listeners=0),
        SoundDemand(voice="b", listeners=1),
    ]


def test_the_synth_is_told_and_asked_through_whoever_has_the_door(
    told: Probe[Demand],
) -> None:
    synth = Listened()
    _, _, sound = Turns(told, synth).begin()

    sound.tell(StopVoice("a"))

    assert sound.ask(ReadSound(), timeout_s=2.5).get(timeout=0.0) == 2.5
    assert synth.heard.all() == [StopVoice("a"), ReadSound()]
