"""`/ops/stream`: what happens in the tree, as it happens."""

import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from trio_websocket import ConnectionClosed, WebSocketConnection

from protocols.errors import RefusedError, UnavailableError
from protocols.operators import Events
from protocols.supervision import ChildEnded, LettersLost, ProcessStalled
from tests.web.raw import Raw, connected
from tests.web.stand_ins import KEY, OPERATOR_KEY, House, Watched, opened
from web.door import Limits
from web.figures import Closed
from web.ops_stream import BATCH, MESSAGE_BYTES
from web.ops_wire import EntriesTold, StateTold, TreeTold

READER = "root/sessions/houses/sess_a/reader"
PATH = f"/ops/stream?key={OPERATOR_KEY}"
SHAKEN = f"Authorization: Bearer {OPERATOR_KEY}\r\n"
STALL = ProcessStalled(seconds=0.5)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House(limits=Limits(grace_s=1.0, recheck_s=0.02))
    house.operators.add(READER)
    async with opened(house):
        yield house


def note(house: House, count: int) -> None:
    for _ in range(count):
        house.operators.note(STALL)


async def next_of(viewer: WebSocketConnection, kind: str) -> dict[str, Any]:
    while True:
        said: dict[str, Any] = json.loads(await viewer.get_message())
        if said["type"] == kind:
            return said


async def entries(viewer: WebSocketConnection) -> list[int]:
    return [entry["number"] for entry in (await next_of(viewer, "events"))["entries"]]


async def tree(viewer: WebSocketConnection) -> TreeTold:
    return msgspec.json.decode(await viewer.get_message(), type=TreeTold)


async def closed(viewer: WebSocketConnection) -> tuple[int, str]:
    """Pass over what comes to the close: its code and reason."""
    try:
        while True:
            await viewer.get_message()
    except ConnectionClosed as end:
        if end.reason is None:
            raise
        return end.reason.code, end.reason.reason or ""


# -- who gets in ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "more", "status"),
    [
        ("", "", 401),
        ("?key=nobody's", "", 401),
        (f"?key={KEY}", "", 403),
        ("", f"X-API-Key: {KEY}\r\n", 403),
        (f"?key={OPERATOR_KEY}&since=soon", "", 422),
        (f"?key={OPERATOR_KEY}&since=-1", "", 422),
    ],
)
async def test_nobody_but_an_operator_gets_in(
    house: House, query: str, more: str, status: int
) -> None:
    async with connected(house.ports[0]) as raw:
        head = await raw.shake(f"/ops/stream{query}", more)

    assert head.startswith(f"HTTP/1.1 {status} ")


@pytest.mark.parametrize(
    ("query", "more"),
    [(f"?key={OPERATOR_KEY}", ""), ("", SHAKEN), ("", f"X-API-Key: {OPERATOR_KEY}\r\n")],
)
async def test_the_key_comes_in_a_header_or_in_the_address(
    house: House, query: str, more: str
) -> None:
    async with connected(house.ports[0]) as raw:
        head = await raw.shake(f"/ops/stream{query}", more)

    assert head.startswith("HTTP/1.1 101 ")


async def test_a_key_that_is_revoked_ends_the_stream(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        house.keyring.answer = lambda _: None
        code, said = await closed(viewer)

    await house.left()
    assert (code, said) == (1008, "the key is not valid")
    assert house.door.figures.closes[Closed.REFUSED] == 1


async def test_a_keyring_that_is_silent_ends_no_stream(house: House) -> None:
    asked = threading.Event()

    def silent(_: object) -> object:
        if len(house.keyring.asked) > 3:
            asked.set()
        return RefusedError("keyring")

    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        house.keyring.answer = silent
        while not asked.is_set():
            note(house, 1)
            assert await entries(viewer)


# -- what is told -----------------------------------------------------------------------


async def test_first_comes_the_tree_as_it_is(house: House) -> None:
    note(house, 3)

    async with house.watching(PATH) as [viewer]:
        first = await tree(viewer)

    assert first.children == tuple(house.operators.tree())
    assert (first.number, first.since) == (3, 3)
    assert first.state == house.operators.whole
    assert first.clock.unix - first.clock.now == 1_700_000_000.0


async def test_then_come_entries_as_they_are_noted(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        house.operators.crash(READER, trace="Traceback …")
        message = await next_of(viewer, "events")

    told = msgspec.convert(message, EntriesTold)
    assert told.entries == tuple(house.operators.entries)
    assert isinstance(told.entries[0].event, ChildEnded)
    assert told.entries[0].event.trace == "Traceback …"
    assert told.last == 2


async def test_what_comes_at_once_shares_a_message(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        note(house, BATCH)
        numbers = await entries(viewer)

    assert numbers == list(range(1, BATCH + 1))


async def test_a_client_goes_on_where_it_was(house: House) -> None:
    note(house, 5)

    async with house.watching(f"{PATH}&since=2") as [viewer]:
        first = await tree(viewer)
        numbers = await entries(viewer)
        note(house, 1)
        more = await entries(viewer)

    assert (first.number, first.since) == (5, 2)
    assert (numbers, more) == ([3, 4, 5], [6])


async def test_each_client_has_its_own_place(house: House) -> None:
    note(house, 4)

    async with house.watching(f"{PATH}&since=0", f"{PATH}&since=3", PATH) as viewers:
        for viewer in viewers:
            await tree(viewer)
        note(house, 1)
        seen: list[set[int]] = []
        for viewer in viewers:
            seen.append(set())
            while 5 not in seen[-1]:
                seen[-1] |= set(await entries(viewer))

    assert seen == [{1, 2, 3, 4, 5}, {4, 5}, {5}]


async def test_who_wants_what_is_kept_no_longer_is_told_so_and_gets_the_rest(
    house: House,
) -> None:
    note(house, 6)
    house.operators.forget(4)

    async with house.watching(f"{PATH}&since=1") as [viewer]:
        first = await tree(viewer)
        numbers = await entries(viewer)

    assert first.since == 4
    assert numbers == [5, 6]


async def test_a_number_of_another_journal_begins_with_what_is_new(house: House) -> None:
    note(house, 2)

    async with house.watching(f"{PATH}&since=900") as [viewer]:
        first = await tree(viewer)
        note(house, 1)
        numbers = await entries(viewer)

    assert (first.since, numbers) == (2, [3])


@pytest.mark.slow
async def test_the_state_comes_once_a_second(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        note(house, 7)
        state = msgspec.convert(await next_of(viewer, "state"), StateTold)

    assert state.state == house.operators.whole
    assert state.state.last_number == 7


async def test_everyone_hears_1012_when_the_server_goes_down(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await tree(viewer)
        house.stop.set()
        code, _ = await closed(viewer)

    assert code == 1012


async def test_what_an_operator_says_here_is_counted_and_no_more(house: House) -> None:
    async with house.watching(PATH) as [viewer]:
        await viewer.send_message('{"type": "stop"}')
        await tree(viewer)
        note(house, 1)
        assert await entries(viewer) == [1]

    assert house.door.figures.received == 1
    assert not house.operators.orders


# -- who is slow ------------------------------------------------------------------------


def long_entries(house: House, count: int) -> None:
    for number in range(count):
        house.operators.note(
            LettersLost(
                edge="e", reason="full", message="M" * 4 * MESSAGE_BYTES, count=number
            )
        )


async def long_message_begins(raw: Raw) -> None:
    """Pass over states to a message of entries, of which nothing more is read."""
    while (size := (await raw.exactly(2))[1]) != 127:
        await raw.exactly(int.from_bytes(await raw.exactly(2)) if size == 126 else size)


async def test_who_reads_late_gets_all_of_it_in_messages_of_a_bearable_size(
    house: House,
) -> None:
    async with connected(house.ports[0], receive_buffer=4096) as raw:
        await raw.shake(PATH)
        await raw.frame()
        long_entries(house, 4)
        seen: list[int] = []
        while len(seen) < 4:
            _, payload = await raw.frame()
            said = json.loads(payload)
            if said["type"] == "events":
                assert len(said["entries"]) == 1
                seen.append(said["entries"][0]["number"])

    assert seen == [1, 2, 3, 4]


async def test_who_falls_too_far_behind_is_told_where_to_go_on(house: House) -> None:
    async with connected(house.ports[0], receive_buffer=4096) as raw:
        await raw.shake(PATH)
        await raw.frame()
        long_entries(house, 4)
        await long_message_begins(raw)
        house.operators.forget(4)
        note(house, 1)
        length = int.from_bytes(await raw.exactly(8))
        assert json.loads(await raw.exactly(length))["entries"][0]["number"] == 1
        opcode, payload = await raw.frame()
        while opcode != 0x8:
            assert json.loads(payload)["type"] == "state"
            opcode, payload = await raw.frame()

    assert int.from_bytes(payload[:2]) == 1013
    assert (
        payload[2:].decode() == "entries 2 to 4 are kept no longer; come again with since=4"
    )


@pytest.mark.slow
async def test_a_disk_that_hangs_holds_up_entries_only() -> None:
    mended = threading.Event()

    class Hanging(Watched):
        def events(self, since: int, limit: int) -> Events:
            mended.wait(20)
            return super().events(since, limit)

    operators = Hanging(READER)
    house = House(operators=operators)
    try:
        async with opened(house), house.watching(PATH) as [viewer]:
            await tree(viewer)
            operators.note(STALL)
            await next_of(viewer, "state")
            mended.set()
            numbers = await entries(viewer)
    finally:
        mended.set()

    assert numbers == [1]


@pytest.mark.slow
async def test_entries_that_cannot_be_read_now_come_when_they_can() -> None:
    class Broken(Watched):
        failures = 2

        def events(self, since: int, limit: int) -> Events:
            if self.failures:
                self.failures -= 1
                raise UnavailableError("the journal", "I/O error")
            return super().events(since, limit)

    operators = Broken(READER)
    operators.note(STALL)
    house = House(operators=operators)
    async with opened(house), house.watching(f"{PATH}&since=0") as [viewer]:
        first = await tree(viewer)
        numbers = await entries(viewer)

    assert first.since == 0
    assert (numbers, operators.failures) == ([1], 0)
