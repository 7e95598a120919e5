"""The operators' API over HTTP."""

import threading
from typing import Any

import httpx
import msgspec
import pytest

from protocols.errors import RefusedError, UnavailableError
from protocols.operators import Action, ActorFacts, Events, Histogram, Zombie
from protocols.supervision import ChildRow, ChildState, Entry, ProcessStalled
from tests.web.stand_ins import KEY, OPERATOR_KEY, House, Watched, opened
from web.door import Limits
from web.ops_wire import ActorsSeen, TreeSeen

READER = "root/sessions/houses/sess_a-B_1/reader"
PAINTER = "root/generators/painters/painter-1"
ROUTES = [
    ("GET", "/ops/tree"),
    ("GET", "/ops/events"),
    ("GET", "/ops/actors"),
    ("GET", f"/ops/actors/{READER}"),
    ("GET", "/ops/zombies"),
    ("GET", "/ops/edges"),
    ("POST", f"/ops/actors/{READER}/stop"),
]


class Book(msgspec.Struct, frozen=True, kw_only=True):
    edge: str = "sess_a-B_1:reader>filters"
    came: int = 7
    taken: int = 4
    dropped: dict[str, int]
    queued: int = 1


@pytest.fixture
def house() -> House:
    house = House(books=lambda: [Book(dropped={"stale": 2})])
    house.operators.add(READER)
    house.operators.add(PAINTER)
    return house


async def got(house: House, path: str, **query: object) -> dict[str, Any]:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        reply = await client.get(path, params={k: str(v) for k, v in query.items()})
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "no-store"
    answer: dict[str, Any] = reply.json()
    return answer


async def refused(house: House, path: str, **query: object) -> tuple[int, Any]:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        reply = await client.get(path, params={k: str(v) for k, v in query.items()})
    return reply.status_code, reply.json()["error"]


async def ordered(house: House, path: str, body: object) -> httpx.Response:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        return await client.post(f"/ops/actors/{path}", json=body)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_but_an_operator_gets_in(house: House, method: str, path: str) -> None:
    async with opened(house), house.client(None) as client:
        answers = [
            await client.request(method, path, headers=headers, json={"reason": "to see"})
            for headers in ({}, {"X-API-Key": "nobody's"}, {"X-API-Key": KEY})
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 403]
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert answers[2].json()["error"]["code"] == "FORBIDDEN"
    assert not house.operators.orders


@pytest.mark.parametrize(
    "header", [{"X-API-Key": OPERATOR_KEY}, {"Authorization": f"bearer {OPERATOR_KEY}"}]
)
async def test_an_operator_s_key_comes_as_any_other(
    house: House, header: dict[str, str]
) -> None:
    async with opened(house), house.client(None) as client:
        reply = await client.get("/ops/tree", headers=header)

    assert reply.status_code == 200


async def test_the_tree_has_a_row_a_child_and_the_whole_in_short(house: House) -> None:
    house.operators.crash(READER)

    answer = await got(house, "/ops/tree")

    seen = msgspec.convert(answer, TreeSeen)
    assert [row.path for row in seen.children] == [PAINTER, READER]
    assert seen.children == tuple(house.operators.tree())
    assert seen.state == house.operators.whole
    assert seen.number == 2
    assert (seen.clock.now, seen.clock.unix) == (100.0, 1_700_000_100.0)


async def test_the_tree_of_before_is_the_one_after_an_entry(house: House) -> None:
    for _ in range(3):
        house.operators.crash(READER)

    answer = await got(house, "/ops/tree", at=4)

    [row] = answer["children"]
    assert (row["path"], row["life"], row["restarts"]) == (READER, 3, 2)
    assert answer["number"] == 4


@pytest.mark.parametrize("number", [2, 7])
async def test_a_tree_that_is_not_kept_is_not_found(house: House, number: int) -> None:
    for _ in range(3):
        house.operators.crash(READER)
    house.operators.forget(2)

    status, error = await refused(house, "/ops/tree", at=number)

    assert status == 404
    assert error["details"] == {"at": number, "first": 3, "last": 6}


async def test_events_come_oldest_first_above_a_number(house: House) -> None:
    cause = house.operators.note(ProcessStalled(seconds=0.5))
    house.operators.note(ProcessStalled(seconds=1.5), cause.number)
    house.operators.note(ProcessStalled(seconds=2.5))

    answer = await got(house, "/ops/events", since=1, limit=1)

    events = msgspec.convert(answer, Events)
    assert events.entries == (
        Entry(number=2, at=1_700_000_002.0, cause=1, event=ProcessStalled(seconds=1.5)),
    )
    assert (events.first, events.last) == (1, 3)


async def test_without_a_number_events_begin_with_the_oldest_200(house: House) -> None:
    for _ in range(201):
        house.operators.note(ProcessStalled(seconds=0.5))

    answer = await got(house, "/ops/events")

    assert [entry["number"] for entry in answer["entries"]] == list(range(1, 201))


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/ops/events", "limit", 0),
        ("/ops/events", "limit", 1001),
        ("/ops/events", "limit", ""),
        ("/ops/events", "since", -1),
        ("/ops/events", "since", "9" * 40),
        ("/ops/tree", "at", "yesterday"),
    ],
)
async def test_a_number_that_is_none_is_named(
    house: House, path: str, field: str, value: object
) -> None:
    status, error = await refused(house, path, **{field: value})

    assert status == 422
    assert [mistake["field"] for mistake in error["details"]["mistakes"]] == [field]


async def test_a_disk_that_hangs_costs_its_question_only() -> None:
    mended = threading.Event()

    class Hanging(Watched):
        def events(self, since: int, limit: int) -> Events:
            mended.wait(20)
            return Events(entries=(), first=since, last=limit)

    ill = House(operators=Hanging(READER), limits=Limits(grace_s=1.0, answer_s=0.1))
    try:
        async with opened(ill), ill.client(OPERATOR_KEY) as client:
            events = await client.get("/ops/events")
            tree = await client.get("/ops/tree")
    finally:
        mended.set()

    assert (events.status_code, tree.status_code) == (504, 200)


@pytest.mark.parametrize("path", ["/ops/events", "/ops/tree?at=1"])
async def test_a_disk_that_cannot_be_read_is_said_to_be_so(path: str) -> None:
    class Broken(Watched):
        def events(self, since: int, limit: int) -> Events:
            raise UnavailableError("the journal", f"I/O error at {since}, {limit}")

        def tree_at(self, number: int) -> None:
            raise UnavailableError("the journal", f"I/O error at {number}")

    ill = House(operators=Broken(READER))
    async with opened(ill), ill.client(OPERATOR_KEY) as client:
        reply = await client.get(path)

    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert "I/O error" not in reply.text


async def test_all_actors_come_at_once(house: House) -> None:
    house.operators.change(PAINTER, depth=3, oldest_s=1.25, handling="Paint")

    answer = await got(house, "/ops/actors")

    seen = msgspec.convert(answer, ActorsSeen)
    assert seen.actors == tuple(house.operators.actors())
    assert (seen.actors[0].depth, seen.actors[0].handling) == (3, "Paint")


async def test_an_actor_is_shown_with_its_last_crash_and_its_latencies(
    house: House,
) -> None:
    counts = (90, 9) + (0,) * 12 + (1,)
    house.operators.change(READER, handled=Histogram(counts=counts, seconds=70.0))
    house.operators.crash(READER, trace="Traceback: ZeroDivisionError")

    answer = await got(house, f"/ops/actors/{READER}")

    facts = msgspec.convert(answer["actor"], ActorFacts)
    assert facts == house.operators.actor(READER)
    assert answer["actor"]["last_end"]["trace"] == "Traceback: ZeroDivisionError"
    latency = answer["latency"]
    assert (latency["count"], latency["mean_s"]) == (100, 0.7)
    assert (latency["p50_s"], latency["p99_s"]) == (1e-6, 4e-6)
    assert latency["buckets"][:2] == [
        {"le_s": 1e-6, "count": 90},
        {"le_s": 4e-6, "count": 9},
    ]
    assert latency["buckets"][-1] == {"le_s": None, "count": 1}


async def test_an_actor_that_did_nothing_yet_has_no_latency(house: House) -> None:
    latency = (await got(house, f"/ops/actors/{READER}"))["latency"]

    assert (latency["count"], latency["mean_s"], latency["p99_s"]) == (0, 0.0, 0.0)


async def test_an_unknown_actor_is_not_found_and_the_nearest_is_named(house: House) -> None:
    status, error = await refused(house, "/ops/actors/root/generator/painters/painter1")

    assert (status, error["code"]) == (404, "NOT_FOUND")
    assert error["details"]["nearest"] == PAINTER


async def test_zombies_are_listed_with_where_they_hang(house: House) -> None:
    zombie = Zombie(path=READER, life=1, during="Tick", since=95.0, stack="in read()")
    house.operators.hung.append(zombie)

    answer = await got(house, "/ops/zombies")

    assert msgspec.convert(answer["zombies"], list[Zombie]) == [zombie]
    assert answer["clock"]["now"] == 100.0


async def test_the_books_of_edges_balance(house: House) -> None:
    [book] = (await got(house, "/ops/edges"))["edges"]

    assert book["edge"] == "sess_a-B_1:reader>filters"
    assert book["came"] == book["taken"] + sum(book["dropped"].values()) + book["queued"]


@pytest.mark.parametrize("action", list(Action))
async def test_an_order_goes_to_the_tree_with_its_reason_and_its_giver(
    house: House, action: Action
) -> None:
    house.operators.add(READER, state=ChildState.STOPPED)

    reply = await ordered(house, f"{READER}/{action}", {"reason": "it smells of smoke"})

    assert reply.status_code == 200
    [order] = house.operators.orders
    assert (order.path, order.action) == (READER, action)
    assert (order.reason, order.who) == ("it smells of smoke", "Eve (eve)")
    assert (
        msgspec.convert(reply.json()["child"], ChildRow)
        == house.operators.facts[READER].row
    )


async def test_the_answer_to_a_stop_is_the_child_as_it_is_then(house: House) -> None:
    reply = await ordered(house, f"{READER}/stop", {"reason": "r"})

    child = reply.json()["child"]
    assert (child["path"], child["state"], child["held"]) == (READER, "stopped", True)


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": 5}]
)
async def test_an_order_without_a_reason_is_not_given(house: House, body: object) -> None:
    reply = await ordered(house, f"{READER}/stop", body)

    assert reply.status_code == 400
    [mistake] = reply.json()["error"]["details"]["mistakes"]
    assert mistake["field"] == "reason"
    assert not house.operators.orders


async def test_an_order_without_a_body_is_not_given(house: House) -> None:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        reply = await client.post(f"/ops/actors/{READER}/stop")

    assert reply.status_code == 400
    assert "reason" in reply.json()["error"]["message"]


async def test_a_reason_may_have_500_characters(house: House) -> None:
    reply = await ordered(house, f"{READER}/stop", {"reason": "ä" * 500})

    assert reply.status_code == 200


async def test_an_order_to_nobody_is_not_found(house: House) -> None:
    reply = await ordered(house, "root/sessions/manger/stop", {"reason": "r"})

    assert reply.status_code == 404
    assert reply.json()["error"]["details"]["nearest"] in {READER, PAINTER}


async def test_an_action_that_there_is_not_is_answered_with_those_there_are(
    house: House,
) -> None:
    reply = await ordered(house, f"{READER}/explode", {"reason": "r"})

    assert reply.status_code == 404
    assert "restart" in reply.json()["error"]["details"]["allowed"]


async def test_an_order_that_makes_no_sense_is_a_conflict_and_says_why(
    house: House,
) -> None:
    reply = await ordered(house, f"{READER}/start", {"reason": "r"})

    assert reply.status_code == 409
    assert reply.json()["error"]["message"] == "it runs"


@pytest.mark.parametrize("answer", [RefusedError("root"), RuntimeError("it died of it")])
async def test_an_order_that_nobody_takes_is_unavailable(
    house: House, answer: Exception
) -> None:
    house.operators.answer = lambda _: answer

    reply = await ordered(house, f"{READER}/stop", {"reason": "r"})

    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")


async def test_an_order_is_not_waited_for_for_ever() -> None:
    mended = threading.Event()
    slow = House(limits=Limits(grace_s=1.0, answer_s=0.1))
    slow.operators.add(READER)
    slow.operators.answer = lambda _: mended.wait(20)
    try:
        reply = await ordered(slow, f"{READER}/stop", {"reason": "r"})
    finally:
        mended.set()

    assert reply.status_code == 503
    assert "journal" in reply.json()["error"]["message"]
