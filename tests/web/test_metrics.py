"""`/metrics`, as Prometheus reads it."""

import subprocess
import sys

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
from prometheus_client.parser import text_string_to_metric_families as plain

from protocols.operators import HANDLING_LE_S, Budget, Histogram
from protocols.supervision import ChildState
from tests.web.stand_ins import KEY, OPERATOR_KEY, House, opened

FIRST, SECOND = "root/sessions/houses/sess_a-1", "root/sessions/houses/sess_b_2"
FILTERS = "root/sessions/houses/*/filters"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


class Book(msgspec.Struct, frozen=True, kw_only=True):
    edge: str
    came: int = 9
    taken: int = 5
    dropped: dict[str, int]
    queued: int = 1


BOOKS = [
    Book(edge="sess_a-1:reader>filters", dropped={"stale": 2, "overrun": 1}),
    Book(edge="sess_b_2:reader>filters", dropped={"stale": 3}),
]


@pytest.fixture
def house() -> House:
    house = House(books=lambda: BOOKS)
    for path in (FIRST, SECOND):
        house.operators.add(path, kind="supervisor")
        house.operators.add(f"{path}/filters")
    return house


class Scraped:
    """A scrape's samples."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in plain(text)}

    def value(self, name: str, **labels: str) -> float:
        [found] = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        ]
        return float(found)


async def scraped(house: House, times: int = 1) -> Scraped:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        replies = [await client.get("/metrics") for _ in range(times)]
    assert {reply.status_code for reply in replies} == {200}
    return Scraped(replies[-1].text)


async def test_nobody_but_an_operator_may_scrape(house: House) -> None:
    async with opened(house), house.client(None) as client:
        statuses = [
            (await client.get("/metrics", headers=headers)).status_code
            for headers in ({}, {"X-API-Key": KEY}, {"X-API-Key": OPERATOR_KEY})
        ]

    assert statuses == [401, 403, 200]


async def test_children_are_counted_by_their_state(house: House) -> None:
    house.operators.add(f"{FIRST}/reader", state=ChildState.STOPPED, held=True)
    house.operators.add(f"{FIRST}/encoder", paused=True)

    seen = await scraped(house)

    for state, count in (("running", 3), ("stopped", 1), ("failed", 0)):
        assert seen.value("phosphene_children", kind="worker", state=state) == count
    assert seen.value("phosphene_children", kind="supervisor", state="running") == 2
    assert seen.value("phosphene_children_held") == 1
    assert seen.value("phosphene_children_paused") == 1
    assert seen.value("phosphene_sessions") == 2


async def test_what_sessions_do_is_counted_by_role_and_names_no_session(
    house: House,
) -> None:
    for path, restarts, depth, oldest_s in ((FIRST, 2, 3, 0.5), (SECOND, 5, 4, 0.25)):
        row = house.operators.add(f"{path}/filters", restarts=restarts)
        budget = Budget(spent=restarts, of=10, within_s=30.0)
        house.operators.change(row.path, depth=depth, oldest_s=oldest_s, budget=budget)

    seen = await scraped(house)

    assert "sess_" not in seen.text
    assert seen.value("phosphene_restarts_total", role=FILTERS) == 7
    assert seen.value("phosphene_inbox_messages", role=FILTERS) == 7
    assert seen.value("phosphene_inbox_oldest_seconds", role=FILTERS) == 0.5
    assert seen.value("phosphene_budget_used_ratio", role=FILTERS) == 0.5


async def test_a_session_that_ends_lets_no_counter_drop(house: House) -> None:
    house.operators.add(f"{FIRST}/filters", restarts=2)
    house.operators.add(f"{SECOND}/filters", restarts=5)
    async with opened(house), house.client(OPERATOR_KEY) as client:
        before = Scraped((await client.get("/metrics")).text)
        del house.operators.facts[f"{FIRST}/filters"], house.operators.facts[FIRST]
        house.operators.add(f"{SECOND}/filters", restarts=6)
        after = Scraped((await client.get("/metrics")).text)

    assert before.value("phosphene_restarts_total", role=FILTERS) == 7
    assert after.value("phosphene_restarts_total", role=FILTERS) == 8
    assert after.value("phosphene_sessions") == 1


async def test_the_histogram_of_a_role_is_cumulative(house: House) -> None:
    counts = (4, 0, 3) + (0,) * 11 + (2,)
    for path in (FIRST, SECOND):
        handled = Histogram(counts=counts, seconds=150.0)
        house.operators.change(f"{path}/filters", handled=handled)

    seen = await scraped(house, times=2)

    name = "phosphene_handled_seconds"
    buckets = [
        (float(sample.labels["le"]), sample.value)
        for sample in seen.families[name].samples
        if sample.name == f"{name}_bucket" and sample.labels["role"] == FILTERS
    ]
    assert [le for le, _ in buckets] == pytest.approx([*HANDLING_LE_S, float("inf")])
    assert [count for _, count in buckets] == [8, 8] + [14] * 12 + [18]
    assert seen.value(f"{name}_count", role=FILTERS) == 18
    assert seen.value(f"{name}_sum", role=FILTERS) == 300.0


async def test_a_new_life_s_messages_are_added_to_those_of_the_life_before(
    house: House,
) -> None:
    path = f"{FIRST}/filters"
    house.operators.change(path, handled=Histogram(counts=(5,) + (0,) * 14, seconds=5e-6))
    async with opened(house), house.client(OPERATOR_KEY) as client:
        await client.get("/metrics")
        house.operators.add(path, life=2)
        house.operators.change(
            path, handled=Histogram(counts=(7,) + (0,) * 14, seconds=7e-6)
        )
        seen = Scraped((await client.get("/metrics")).text)

    assert seen.value("phosphene_handled_seconds_count", role=FILTERS) == 12


async def test_the_books_of_edges_balance(house: House) -> None:
    seen = await scraped(house, times=2)

    edge = "*:reader>filters"
    came = seen.value("phosphene_edge_came_total", edge=edge)
    taken = seen.value("phosphene_edge_taken_total", edge=edge)
    stale = seen.value("phosphene_edge_dropped_total", edge=edge, reason="stale")
    overrun = seen.value("phosphene_edge_dropped_total", edge=edge, reason="overrun")
    queued = seen.value("phosphene_edge_queued", edge=edge)
    assert (came, taken, stale, overrun, queued) == (18, 10, 5, 1, 2)
    assert came == taken + stale + overrun + queued


async def test_the_whole_is_told(house: House) -> None:
    house.operators.whole = msgspec.structs.replace(
        house.operators.whole,
        last_number=77,
        journal="full",
        zombies=2,
        draining="sessions",
        dead_letters={"vacant": 3, "expired": 4},
    )

    seen = await scraped(house)

    assert seen.value("phosphene_journal_entries_total") == 77
    assert seen.value("phosphene_journal_state", state="full") == 1
    assert seen.value("phosphene_journal_state", state="writing") == 0
    assert seen.value("phosphene_zombies") == 2
    assert seen.value("phosphene_draining") == 1
    assert seen.value("phosphene_dead_letters_total", reason="expired") == 4
    assert seen.value("phosphene_stalls_total") == 1
    assert seen.value("phosphene_longest_stall_seconds") == 0.25
    assert seen.value("phosphene_up_seconds") == 60.0


async def test_streams_are_counted(house: House) -> None:
    house.sessions.add("sess_a")
    async with opened(house), house.client(OPERATOR_KEY) as client:
        async with house.watching("/stream/sess_a") as [viewer]:
            house.picture("sess_a", 1)
            await viewer.get_message()
            during = Scraped((await client.get("/metrics")).text)
        await house.left()
        after = Scraped((await client.get("/metrics")).text)

    assert during.value("phosphene_stream_clients") == 1
    assert during.value("phosphene_frames_sent_total") == 1
    assert after.value("phosphene_stream_clients") == 0
    assert after.value("phosphene_stream_connections_total") == 1
    assert after.value("phosphene_stream_closes_total", reason="client") == 1


async def test_the_process_is_measured(house: House) -> None:
    seen = await scraped(house)

    assert seen.value("process_resident_memory_bytes") > 1e6
    assert seen.value("process_cpu_seconds_total") > 0
    assert seen.value("process_open_fds") > 2


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (OPEN_METRICS, "application/openmetrics-text; version=1.0.0"),
        ("text/plain", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
    ],
)
async def test_the_client_has_the_format_that_it_takes(
    house: House, accept: str, kind: str
) -> None:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        reply = await client.get("/metrics", headers={"Accept": accept})

    assert reply.headers["content-type"].startswith(kind)
    assert reply.text.endswith("# EOF\n") == (accept == OPEN_METRICS)


async def test_the_stricter_format_is_kept_to(house: House) -> None:
    async with opened(house), house.client(OPERATOR_KEY) as client:
        reply = await client.get("/metrics", headers={"Accept": OPEN_METRICS})

    names = [family.name for family in strict(reply.text)]  # type: ignore[no-untyped-call]
    assert len(names) == len(set(names)) > 25


def test_a_server_that_nobody_scrapes_does_not_load_the_library() -> None:
    program = (
        "import sys, web.serve; sys.exit('prometheus_client' in sys.modules and 'loaded')"
    )

    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
