"""Houses that come and go leave nothing; the tree stops in reverse, its books in order."""

import gc
import math
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from actors.answer import Answer
from actors.edges import EdgeCount
from actors.generator.pool import GeneratorPool
from actors.metronome import Roster
from protocols.archive import ArchiveStatus
from protocols.eeg import Gap, RawChunk, SignalInfo
from protocols.generation import ForgetSession, PoolInput, PoolStatus
from protocols.streams import (
    BroadcasterInput,
    BroadcastFigures,
    CloseStream,
    OpenStream,
    Status,
)
from protocols.supervision import ChildEnded
from supervisors.houses import Neighbours, SessionHouses, lost_samples
from supervisors.live import live_world
from tests.meanings import clean_chunk
from tests.probe import Probe
from tests.supervisors.living import SETTINGS, WAIT_S, Doorless, Living, names_of_threads
from tests.time_stand_ins import VirtualClock

FIFTY = 50

INFO = SignalInfo(device="simulator", sfreq=250.0, ch_names=("Fp1",), opened_at=0.0)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Living]:
    living = Living(tmp_path)
    yield living
    living.close()


def raw_chunk(samples: int) -> RawChunk:
    uv = np.zeros((1, samples), np.float32)
    return RawChunk(info=INFO, first_sample=0, captured_at=0.0, uv=uv)


def test_what_is_lost_between_stages_adds_up_in_one_gap() -> None:
    gap = lost_samples(None, raw_chunk(25))
    gap = lost_samples(gap, Gap(samples=10, reason="device"))
    gap = lost_samples(gap, clean_chunk(samples=5))

    assert gap is not None
    assert gap.samples == 40


def test_a_change_of_state_is_never_lost_for_a_gap() -> None:
    assert lost_samples(Gap(samples=1, reason="overrun"), object()) is None


def edges(tree: Living) -> Counter[str]:
    """How many edges lead to each shared role."""
    return Counter({a.name: len(a.counts()) for a in tree.board.all()})


def pool(tree: Living) -> GeneratorPool:
    tree.ask(tree.board.pool, PoolStatus())  # it has done what it was told before
    mine = tree.tree._pictures
    # By type: `isinstance` would ask dead proxies for their class.
    pools = [o for o in gc.get_objects() if type(o) is GeneratorPool]
    return next(found for found in pools if found._pictures is mine)


@pytest.mark.slow
def test_fifty_sessions_made_and_ended_at_once_leave_nothing(tree: Living) -> None:
    roster = [set(slot) for slot in tree.board.roster._slots]
    threads, before = names_of_threads(), edges(tree)
    rows = {row.path for row in tree.world.view.rows()}

    with ThreadPoolExecutor(8) as callers:
        made = list(callers.map(lambda _: tree.create(), range(FIFTY)))
        for name in made[::10]:  # some have been seen, some are not up yet
            tree.picture(name)
        views = list(callers.map(tree.end, made))
    for name in made:
        tree.last_word(name)
    ended = {f"root/sessions/houses/{name}" for name in made}
    while ended:
        event = tree.events.next(WAIT_S)
        if isinstance(event, ChildEnded):
            ended.discard(event.path)

    assert {view.status for view in views} == {"ended"}
    assert tree.tree.houses.addresses() == []
    assert [set(slot) for slot in tree.board.roster._slots] == roster
    assert {row.path for row in tree.world.view.rows()} == rows
    assert edges(tree) == before
    assert names_of_threads() == threads
    figures = tree.ask(tree.board.broadcaster, Status())
    assert isinstance(figures, BroadcastFigures)
    assert figures.streams == 0
    line = pool(tree)._line
    assert (line.homes, line.wishes, list(line.ready)) == ({}, {}, [])


def books(tree: Living) -> list[EdgeCount]:
    addresses = [*tree.board.all(), *tree.tree.houses.addresses()]
    return [count for address in addresses for count in address.counts()]


@pytest.mark.slow
def test_the_tree_stops_in_reverse_and_every_letter_is_accounted_for(
    tmp_path: Path,
) -> None:
    tree = Living(tmp_path)
    session = tree.create()
    tree.picture(session, driven_after=tree.world.clock.now())
    tree.kill(tree.room(session, "filters"))
    tree.ask(tree.board.library, ArchiveStatus())
    tree.events.all()

    tree.close()

    ends = [e for e in tree.events.all() if isinstance(e, ChildEnded)]
    assert all(end.normal for end in ends), ends
    order = [end.path.removeprefix("root/") for end in ends]
    top = ["front", "sessions", "output", "generators", "surroundings", "archive"]
    assert [path for path in order if path in top] == top
    house = f"sessions/houses/{session}/"
    rooms = [path.removeprefix(house) for path in order if path.startswith(house)]
    assert rooms == ["reader", "filters", "encoder", "semantics"]
    assert order.index("generators/painters") < order.index("generators/pool")
    counts = books(tree)
    assert sum(count.came for count in counts) > 100
    waiting = {c.edge: c.queued for c in counts if c.queued}
    assert {edge for edge in waiting if not edge.endswith(":orders")} == set()
    assert all(queued > 0 for queued in waiting.values())


class Raiser:
    """Stands where the houses' supervisor would; answers when the test says so."""

    def __init__(self) -> None:
        self.orders: Probe[object] = Probe()
        self.answer = Answer()

    def tell(self, order: object, /) -> None:
        self.orders.tell(order)

    def ask(self, order: object, /, *, timeout_s: float) -> Answer:
        assert timeout_s == math.inf  # an order that expires is a house for ever
        self.orders.tell(order)
        return self.answer


def test_a_session_is_forgotten_only_when_nobody_wishes_for_its_pictures_any_more() -> None:
    clock, raiser = VirtualClock(), Raiser()
    forgetting: Probe[PoolInput] = Probe()
    seen: Probe[BroadcasterInput] = Probe()
    with live_world() as world:
        houses = SessionHouses(
            replace(world, clock=clock),
            "houses",
            Neighbours(
                pool=Probe(),
                broadcaster=seen,
                streams=seen,
                forgetting=forgetting,
                signals_watched=lambda _: False,
                synth=Probe(),
                is_followed=lambda _: False,
                roster=Roster(),
                supervisor=raiser,
                make_reader=lambda *_: Doorless(),
                deadline_s=2.0,
            ),
        )
        houses.open("sess_1", SETTINGS)
        houses.close("sess_1", "asked")

    assert seen.all() == [
        OpenStream(session="sess_1"),
        CloseStream(session="sess_1", reason="asked"),
    ]
    assert forgetting.all() == []
    raiser.answer.set(True)
    assert forgetting.all() == [ForgetSession("sess_1")]
