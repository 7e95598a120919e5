"""Parts of a whole server fall while clients watch: streams and answers go on."""

import signal
import threading
from collections.abc import Iterator

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from protocols.supervision import ChildHung, ChildProcess, ZombieEnded, ZombieListed
from protocols.wire import ImageMessage
from tests.journeys.inside import POISON, Inside
from tests.journeys.server import MESSAGES, PATIENCE_S, Watcher, watching
from tests.poison import Stuck

pytestmark = pytest.mark.slow

RESTARTING = 1012
BEHIND_THE_DOOR = ("keyring", "library", "analysis", "pool", "broadcaster", "sessions")


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> None:
    """What is raised anew stays until the server ends: its fixture looks then."""


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    before = set(threading.enumerate())
    running = Inside(tmp_path_factory.mktemp("data"))
    yield running
    running.close()
    for thread in set(threading.enumerate()) - before:
        if not thread.name.startswith("Trio thread"):
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), f"{thread.name} was left behind"


def driven_after(viewer: Watcher, unix: float) -> ImageMessage:
    """The next picture whose samples are younger than that."""
    for _ in range(MESSAGES):
        head, _ = viewer.driven()
        if head.captured_at > unix:
            return head
    raise AssertionError(f"no picture after {unix}")


def closed_with(viewer: ClientConnection) -> int | None:
    """Read on until the server closes."""
    for _ in range(MESSAGES):
        try:
            viewer.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code
    raise AssertionError(f"still open after {MESSAGES} messages")


def test_viewers_come_back_to_a_front_that_fell(inside: Inside) -> None:
    session, searching = inside.sit(), inside.sit("muse")
    with watching(searching) as waiting:
        said = waiting.status("searching")
    with connect(f"{session['websocket_url']}?format=binary", max_size=None) as viewer:
        viewer.recv(timeout=PATIENCE_S)
        inside.events.all()
        inside.board.front.tell(POISON)
        assert closed_with(viewer) == RESTARTING
    inside.raised("root/front")

    with inside.client() as client:  # the same address, the same sessions
        shown = client.get(f"/api/v1/session/{session['session_id']}").json()
    since = shown["images_generated"]
    with watching(session, f"format=binary&since={since}") as viewer_again:
        head, _ = viewer_again.driven()
    with watching(searching) as waiting_again:
        told_again = waiting_again.status("searching")
    assert shown["status"] == "active"
    assert head.sequence > since
    assert "muse" in told_again["reason"]
    assert told_again["reason"].split(";")[0] == said["reason"].split(";")[0]


def test_viewers_come_back_to_a_front_that_hung(inside: Inside) -> None:
    session = inside.sit()
    stuck = Stuck()
    with connect(f"{session['websocket_url']}?format=binary", max_size=None) as viewer:
        viewer.recv(timeout=PATIENCE_S)
        inside.events.all()
        inside.board.front.tell(stuck)
        code = closed_with(viewer)
    inside.events.until(ZombieListed, PATIENCE_S)
    inside.raised("root/front")  # the one before takes nobody any more
    with watching(session) as viewer_again:
        before, _ = viewer_again.driven()
        stuck.gate.set()
        inside.events.until(ZombieEnded, PATIENCE_S)

        after = driven_after(viewer_again, inside.unix())
    assert code == RESTARTING
    assert after.sequence > before.sequence


def test_a_door_whose_run_hangs_is_replaced(inside: Inside) -> None:
    session = inside.sit()
    gate = threading.Event()
    with connect(f"{session['websocket_url']}?format=binary", max_size=None) as viewer:
        viewer.recv(timeout=PATIENCE_S)
        inside.events.all()
        token = inside.server._turns._hub._token
        assert token is not None
        token.run_sync_soon(gate.wait)
        hung = inside.events.until(ChildHung, PATIENCE_S)
        inside.raised("root/front")
        with watching(session) as another:
            another.driven()
            gate.set()
            assert closed_with(viewer) == RESTARTING
            driven_after(another, inside.unix())

    assert isinstance(hung, ChildHung)
    assert (hung.path, hung.during) == ("root/front", "ProveRun")
    assert "trio.run(" in hung.stack


@pytest.mark.parametrize("role", BEHIND_THE_DOOR)
def test_a_viewer_notices_nothing_of_a_fall_behind_the_door(
    inside: Inside, role: str
) -> None:
    session = inside.sit()
    with watching(session) as viewer, inside.client() as client:
        before, _ = viewer.driven()
        inside.poison(getattr(inside.board, role))

        after = driven_after(viewer, inside.unix())
        assert after.sequence > before.sequence
        shown = client.get(f"/api/v1/session/{session['session_id']}").json()
        made = client.post(
            "/api/v1/generate", json={"prompt": "a sea", "width": 64, "height": 64}
        )
        png = client.get(made.json()["image_url"])
        ended = client.post(f"/api/v1/session/{session['session_id']}/end").json()

    assert shown["status"] == "active"
    assert shown["images_generated"] >= before.sequence
    assert (made.status_code, png.headers["content-type"]) == (200, "image/png")
    assert ended["summary"]["total_images"] >= after.sequence


def test_a_request_that_meets_a_fall_is_answered_or_told_when_to_come_again(
    inside: Inside,
) -> None:
    asked = {
        "keyring": ("GET", "/api/v1/session", None),
        "sessions": ("GET", "/api/v1/session", None),
        "analysis": ("POST", "/api/v1/semantic/extract", {"features": {"alpha": 0.5}}),
        "pool": ("POST", "/api/v1/generate", {"prompt": "a sea", "width": 64}),
        "library": ("GET", f"/images/{'0' * 32}.png", None),
    }
    with inside.client() as client:
        for role, (method, path, body) in asked.items():
            inside.events.all()
            address = getattr(inside.board, role)
            address.tell(POISON)

            got = client.request(method, path, json=body)

            assert got.status_code in (200, 404, 503), (role, got.text)
            if got.status_code == 503:
                assert float(got.headers["retry-after"]) > 0
            inside.raised(address.name)


def painters() -> list[psutil.Process]:
    """This process's own; servers of other journeys are its children too."""
    module = "actors.generator.child"
    return [child for child in psutil.Process().children() if module in child.cmdline()]


def test_a_painters_process_that_is_killed_is_replaced(inside: Inside) -> None:
    session = inside.sit()
    path = "root/generators/painters/painter-1"
    with watching(session) as viewer:
        before, _ = viewer.driven()
        inside.events.all()
        (painter,) = painters()
        painter.send_signal(signal.SIGKILL)
        ended = inside.events.until(ChildProcess, PATIENCE_S)
        began = inside.events.until(ChildProcess, PATIENCE_S)

        after = driven_after(viewer, inside.unix())
    (another,) = painters()
    assert isinstance(ended, ChildProcess)
    assert isinstance(began, ChildProcess)
    assert (ended.path, ended.pid, ended.step) == (path, painter.pid, "crashed")
    assert (began.path, began.pid, began.step) == (path, another.pid, "started")
    assert another.pid != painter.pid
    assert after.sequence > before.sequence
