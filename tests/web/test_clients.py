"""A client's slot: what waits for who is not ready, and what gives way."""

from hypothesis import given, strategies as st

from tests.web.unhurried import UNHURRIED
from web.clients import CONTROL_LIMIT, Client


class Wire:
    """A socket that takes so many bytes and no more."""

    def __init__(self) -> None:
        self.room = 0
        self.taken = b""

    def send(self, data: bytes | memoryview) -> int:
        if not self.room:
            raise BlockingIOError
        part = bytes(data[: self.room])
        self.room -= len(part)
        self.taken += part
        return len(part)

    def open(self, client: Client, room: int = 1_000_000) -> int:
        self.room = room
        return client.flush(2.0)


def slot(frames: int = 1) -> tuple[Client, Wire]:
    wire = Wire()
    made = Client(send=wire.send, end=lambda _reason, _within: None, fd=3, frames=frames)
    return made, wire


def test_of_two_frames_that_wait_the_newer_is_sent() -> None:
    client, wire = slot()
    client.hold(b"old", 0, 1.0)

    assert client.offer(b"new")
    assert wire.open(client) == 1
    assert wire.taken == b"new"
    assert client.idle


def test_a_frame_that_was_begun_is_ended_before_a_newer_one() -> None:
    client, wire = slot()
    client.hold(b"begun", 2, 1.0)

    assert not client.offer(b"next")
    assert client.offer(b"newest")
    assert wire.open(client) == 2
    assert wire.taken == b"gunnewest"


def test_where_several_frames_may_wait_the_oldest_gives_way() -> None:
    client, wire = slot(frames=3)
    client.hold(b"1", 0, 1.0)

    assert [client.offer(one) for one in (b"2", b"3", b"4", b"5")] == [0, 0, 1, 1]
    assert client.push(b"control ", 1.0)
    assert wire.open(client) == 4
    assert wire.taken == b"control 345"
    assert client.idle


def test_of_several_frames_the_begun_one_is_ended_first() -> None:
    client, wire = slot(frames=2)
    client.hold(b"begun", 2, 1.0)
    lost = [client.offer(one) for one in (b"a", b"b", b"c")]

    assert lost == [False, False, True]
    assert wire.open(client, room=3) == 1
    assert client.waiting
    assert wire.open(client) == 2
    assert wire.taken == b"gunbc"


def test_control_messages_are_all_sent_and_before_a_frame() -> None:
    client, wire = slot()
    client.hold(b"frame", 0, 1.0)
    for said in (b"a", b"b", b"c"):
        assert client.push(said, 1.0)

    assert wire.open(client) == 4
    assert wire.taken == b"abcframe"


def test_a_full_control_queue_refuses() -> None:
    client, _ = slot()
    assert all(client.push(b"x", 1.0) for _ in range(CONTROL_LIMIT))
    assert not client.push(b"x", 1.0)


def test_nothing_follows_a_goodbye() -> None:
    client, wire = slot()
    client.hold(b"frame", 0, 1.0)
    client.say_goodbye(b"bye", 1.0)

    assert not client.offer(b"late")
    assert client.push(b"late", 1.0)
    client.say_goodbye(b"again", 1.0)
    wire.open(client)
    assert wire.taken == b"bye"
    assert not client.waiting
    assert not client.idle


def test_a_hurried_goodbye_leaves_the_queue_behind_but_ends_what_was_begun() -> None:
    client, wire = slot()
    client.hold(b"begun", 2, 1.0)
    client.push(b"queued", 1.0)
    client.say_goodbye(b"bye", 1.0, at_once=True)

    wire.open(client)
    assert wire.taken == b"gunbye"


def test_progress_is_noted_only_when_the_kernel_takes_something() -> None:
    client, wire = slot()
    client.hold(b"frame", 1, 1.0)
    client.flush(2.0)
    assert client.moved_at == 1.0
    wire.open(client, 1)
    assert client.moved_at == 2.0


@UNHURRIED
@given(st.data())
def test_however_the_kernel_takes_it_the_wire_bears_whole_messages(
    data: st.DataObject,
) -> None:
    client, wire = slot()
    controls, newest = [], 0
    for number in range(1, data.draw(st.integers(1, 30))):
        size = data.draw(st.integers(1, 9))
        if data.draw(st.booleans()):
            controls.append(number)
            client.push(bytes((1, number)) + b"." * size + b"\n", 1.0)
        elif client.idle:
            client.hold(bytes((2, number)) + b"." * size + b"\n", 0, 1.0)
            newest = number
        else:
            client.offer(bytes((2, number)) + b"." * size + b"\n")
            newest = number
        wire.open(client, data.draw(st.integers(0, 12)))
    wire.open(client)

    said = [(m[0], m[1]) for m in wire.taken.replace(b"\n", b"\n\0").split(b"\0") if m]
    assert [number for kind, number in said if kind == 1] == controls
    frames = [number for kind, number in said if kind == 2]
    assert frames == sorted(set(frames))
    assert not newest or frames[-1] == newest
