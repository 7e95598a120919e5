"""The operator's view."""

import msgspec
import pytest

from protocols.supervision import ChildRow, ChildState
from tests.web.stand_ins import House, opened
from web.ownership import public_name

ROW = ChildRow(
    path="root/sessions/houses/sess_a-B_1/reader",
    kind="worker",
    state=ChildState.RUNNING,
    life=2,
    restarts=1,
    dispatcher="shared",
    reason="Died of sess_a-B_1",
)


class Book(msgspec.Struct, frozen=True, kw_only=True):
    edge: str = "sess_a-B_1:reader>filters"
    came: int = 7
    taken: int = 4
    dropped: dict[str, int]
    queued: int = 1


@pytest.fixture
def house() -> House:
    return House(tree=lambda: [ROW], books=lambda: [Book(dropped={"stale": 2})])


async def test_the_tree_has_a_row_a_child_and_no_session_s_id(house: House) -> None:
    async with opened(house), house.client() as client:
        got = (await client.get("/ops/tree")).json()

    name = public_name("sess_a-B_1")
    assert got == {
        "children": [
            {
                "path": f"root/sessions/houses/{name}/reader",
                "kind": "worker",
                "state": "running",
                "life": 2,
                "restarts": 1,
                "dispatcher": "shared",
                "reason": f"Died of {name}",
            }
        ]
    }


async def test_the_books_of_edges_balance(house: House) -> None:
    async with opened(house), house.client() as client:
        [book] = (await client.get("/ops/edges")).json()["edges"]

    assert book["edge"] == public_name("sess_a-B_1") + ":reader>filters"
    assert book["came"] == book["taken"] + sum(book["dropped"].values()) + book["queued"]


@pytest.mark.parametrize("path", ["/ops/tree", "/ops/edges"])
async def test_the_operator_s_view_needs_a_key(house: House, path: str) -> None:
    async with opened(house), house.client(None) as client:
        assert (await client.get(path)).status_code == 401
