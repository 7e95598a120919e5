"""Turns at the door: the newest life has it, and no other disturbs."""

import pytest
import trio

from protocols.streams import Demand, StreamFrame
from supervisors.turns import Turns
from tests.probe import Probe


def demand(watchers: int, session: str = "a") -> Demand:
    return Demand(session=session, kind="binary", watchers=watchers)


FRAME = StreamFrame(
    topic="a", kind="binary", sequence=1, payload=b"", binary=True, made_at=0.0
)


@pytest.fixture
def told() -> Probe[Demand]:
    return Probe()


async def test_frames_go_to_whoever_has_the_door(told: Probe[Demand]) -> None:
    turns = Turns(told)
    old, _ = turns.begin()
    old.attach()
    new, _ = turns.begin()
    new.attach()
    old.detach()  # on its way out

    turns.tell(FRAME)

    with trio.fail_after(5.0):
        assert await new.take() == [FRAME]


def test_who_watches_by_an_earlier_life_watches_no_more(told: Probe[Demand]) -> None:
    turns = Turns(told)
    _, old = turns.begin()
    for watchers, session in ((2, "a"), (1, "b"), (0, "b")):
        old.tell(demand(watchers, session))
    assert len(told.all()) == 3

    turns.begin()

    assert told.all() == [demand(0)]


def test_what_an_earlier_life_says_is_not_heard(told: Probe[Demand]) -> None:
    turns = Turns(told)
    _, old = turns.begin()
    _, new = turns.begin()
    new.tell(demand(1))

    old.tell(demand(0))

    assert told.all() == [demand(1)]
