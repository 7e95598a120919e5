"""The tree, alive: whoever falls is raised, and nobody else notices."""

import threading
from collections.abc import Iterator

import pytest

from protocols.analysis import ExtractMeaning
from protocols.archive import ArchiveStatus
from protocols.generation import PaintOnce, PoolStatus
from protocols.keys import ListKeys
from protocols.meaning import Meaning
from protocols.pictures import PictureWish
from protocols.sessions import CommandBrain, ListSessions, PauseSession, SessionView
from protocols.simulation import Blink, DeviceStatus
from protocols.sound import ListPresets, ReadSound
from protocols.streams import Status
from protocols.supervision import ChildStarted, ChildState
from protocols.time import MetronomeStatus
from supervisors.orders import RestartChild, StartChild, StopChild
from tests.supervisors.living import POISON, Living

pytestmark = pytest.mark.slow

ROOMS = ("semantics", "encoder", "filters", "reader")
ROLES = (
    ("keyring", ListKeys()),
    ("library", ArchiveStatus()),
    ("metronome", MetronomeStatus()),
    ("analysis", ExtractMeaning(features={"alpha": 0.5})),
    ("pool", PoolStatus()),
    ("broadcaster", Status()),
    ("sessions", ListSessions()),
    ("presets", ListPresets()),
    ("synth", ReadSound()),
)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> None:
    """What is raised anew stays until the tree ends: the tree's fixture looks then."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    before = set(threading.enumerate())
    living = Living(tmp_path_factory.mktemp("data"), painters=2)
    yield living
    living.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5.0)
        assert not thread.is_alive(), f"{thread.name} was left behind"


@pytest.fixture(scope="module")
def other(tree: Living) -> str:
    """A session that sits through everything."""
    session = tree.create()
    tree.picture(session, driven_after=tree.world.clock.now())
    return session


@pytest.fixture
def session(tree: Living) -> Iterator[str]:
    """A driven session."""
    name = tree.create()
    tree.picture(name, driven_after=tree.world.clock.now())
    yield name
    tree.end(name)


def lives(tree: Living, session: str) -> dict[str, int]:
    house = f"root/sessions/houses/{session}"
    return {row.path.removeprefix(house): row.life for row in tree.rows_below(house)}


@pytest.mark.parametrize("role", ROOMS)
def test_a_stage_that_falls_is_raised_and_no_other_session_loses_a_picture(
    tree: Living, session: str, other: str, role: str
) -> None:
    before = lives(tree, other)
    frames = [tree.picture(other)]

    raised_at = tree.kill(tree.room(session, role))
    tree.picture(session, driven_after=raised_at)

    while frames[-1].captured_at < raised_at:
        frames.append(tree.picture(other))
    assert lives(tree, other) == before
    first = frames[0].sequence
    assert [f.sequence for f in frames] == list(range(first, first + len(frames)))
    assert tree.view(session).status == "active"
    row = tree.row(f"root/sessions/houses/{session}/{role}")
    assert (row.state, row.life, row.restarts) == (ChildState.RUNNING, 2, 1)


@pytest.mark.parametrize(("role", "question"), ROLES)
def test_a_shared_role_that_falls_is_raised_and_pictures_go_on(
    tree: Living, other: str, role: str, question: object
) -> None:
    address = getattr(tree.board, role)

    raised_at = tree.kill(address)

    assert tree.ask(address, question) is not None
    tree.picture(other, driven_after=raised_at)
    assert tree.view(other).status == "active"
    assert tree.row(address.name).state is ChildState.RUNNING


def test_a_painter_that_falls_takes_no_other_along(
    tree: Living, other: str, session: str
) -> None:
    pool = tree.row("root/generators/pool").life
    second = tree.row("root/generators/painters/painter-2").life

    raised_at = tree.kill(tree.board.painters["painter-1"])

    for name in (other, session):  # one of them has its memory there
        tree.picture(name, driven_after=raised_at)
    assert tree.row("root/generators/pool").life == pool
    assert tree.row("root/generators/painters/painter-2").life == second


def test_a_manager_that_falls_ends_no_session_and_forgets_no_picture(
    tree: Living, session: str, other: str
) -> None:
    tree.kill(tree.board.sessions)
    shown = tree.picture(other).sequence

    # What the broadcaster told before it told this frame has come by now.
    views = {view.session: view for view in tree.ask(tree.board.sessions, ListSessions())}
    assert views[other].images >= shown - 1
    assert views[session].status == views[other].status == "active"


def test_the_fall_of_the_supervisor_of_all_houses_ends_no_session(
    tree: Living, session: str, other: str
) -> None:
    before = tree.view(other).images
    raised_at = tree.kill(tree.board.houses)

    for name in (session, other):
        tree.picture(name, driven_after=raised_at)
        assert tree.view(name).status == "active"
    assert tree.view(other).images > before
    assert set(lives(tree, other)) == {f"/{room}" for room in ROOMS}


def test_a_house_that_is_ended_while_its_supervisor_is_raised_stays_ended(
    tree: Living,
) -> None:
    name = tree.create()
    tree.up(f"root/sessions/houses/{name}")
    life = tree.row("root/sessions/houses").life
    tree.board.houses.tell(POISON)
    tree.end(name)

    tree.up("root/sessions/houses", life + 1)
    later = tree.create()  # comes up after all that was ordered before
    tree.up(f"root/sessions/houses/{later}")
    assert tree.rows_below(f"root/sessions/houses/{name}") == []
    tree.end(later)


def test_a_house_that_falls_too_often_is_a_session_that_failed(
    tree: Living, other: str
) -> None:
    name = tree.create()
    tree.up(f"root/sessions/houses/{name}")
    path = f"root/sessions/houses/{name}"
    filters = tree.room(name, "filters")
    for _ in range(5):
        tree.kill(filters)
    filters.tell(POISON)

    gone = tree.gave_up(path)
    tree.down(path)
    assert b"filters fell again" in tree.last_word(name).payload
    view = tree.view(name)
    assert (view.status, view.ended_at is not None) == ("failed", True)
    assert gone.reason in view.reason
    assert name not in view.reason  # whoever knows it may watch
    assert tree.rows_below(path) == []
    assert path not in on_roster(tree)
    tree.picture(other, driven_after=tree.world.clock.now())


def on_roster(tree: Living) -> set[str]:
    return {name for slot in tree.board.roster._slots for name in slot}


def test_a_branch_that_gives_up_is_raised_and_no_other_with_it(
    tree: Living, other: str
) -> None:
    life = tree.row("root/output").life
    others = {r.path: r.life for r in tree.world.view.rows() if "output" not in r.path}
    path = tree.board.broadcaster.name
    for _ in range(11):
        if tree.row("root/output").life > life:
            break
        tree.board.broadcaster.tell(POISON)
        tree.until(
            lambda e: isinstance(e, ChildStarted) and e.path in (path, "root/output")
        )
    else:
        tree.up("root/output", life + 1)

    tree.picture(other, driven_after=tree.world.clock.now())

    assert others.items() <= {r.path: r.life for r in tree.world.view.rows()}.items()
    assert tree.view(other).status == "active"


# -- orders that come while a role is being raised ----------------------------------------


def test_a_command_right_after_the_creation_is_obeyed(tree: Living) -> None:
    name = tree.create(watched=False)

    answer = tree.ask(tree.board.sessions, CommandBrain(name, Blink()))

    assert isinstance(answer, SessionView)
    tree.end(name)


def test_a_pause_outlives_the_reader_and_may_come_before_it(tree: Living) -> None:
    name = tree.create(watched=False)
    tree.ask(tree.board.sessions, PauseSession(name, paused=True))
    tree.up(f"root/sessions/houses/{name}")
    reader = tree.room(name, "reader")
    assert tree.ask(reader, DeviceStatus()).phase == "paused"

    tree.kill(reader)

    assert tree.ask(reader, DeviceStatus()).phase == "paused"
    tree.ask(tree.board.sessions, PauseSession(name, paused=False))
    tree.watch(name)
    tree.picture(name, driven_after=tree.world.clock.now())
    tree.end(name)


@pytest.mark.parametrize("role", ["broadcaster", "houses", "pool"])
def test_a_session_that_is_made_while_a_role_is_raised_comes_to_pictures(
    tree: Living, role: str
) -> None:
    getattr(tree.board, role).tell(POISON)
    name = tree.create()

    tree.picture(name, driven_after=tree.world.clock.now())
    tree.end(name)


def test_a_single_picture_is_painted_after_the_pool_fell(tree: Living) -> None:
    tree.kill(tree.board.pool)

    painted = tree.ask(
        tree.board.pool, PaintOnce(PictureWish(prompt="a sea", width=64, height=64))
    )

    assert painted.painting.pixels.shape == (64, 64, 3)


@pytest.mark.parametrize("orders", [(StopChild, StartChild), (RestartChild,)])
def test_pictures_go_on_after_an_operator_replaced_the_pool_alone(
    tree: Living, orders: tuple[type[StopChild], ...]
) -> None:
    session = tree.create()
    tree.picture(session, driven_after=tree.world.clock.now())
    generators = tree.world.roll.office("root/generators")
    assert generators is not None
    for order in orders:
        tree.ask(generators.address, order("pool"))

    tree.picture(session, driven_after=tree.world.clock.now())
    tree.end(session)


def test_a_question_answered_by_a_new_life_has_the_same_answer(tree: Living) -> None:
    question = ExtractMeaning(features={"alpha": 0.5})
    before = tree.ask(tree.board.analysis, question)
    tree.kill(tree.board.analysis)

    after = tree.ask(tree.board.analysis, question)

    assert isinstance(before, Meaning)
    assert after.prompt == before.prompt
