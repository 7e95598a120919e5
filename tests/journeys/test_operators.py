"""An operator before a real server: looks, orders, and sees what follows."""

import json
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.journeys.server import MESSAGES, PATIENCE_S, Server


class Journal:
    """Follows what is told of an actor on a stream of which the tree was heard."""

    def __init__(self, stream: ClientConnection, path: str) -> None:
        self._stream = stream
        self._path = path
        self._entries: list[dict[str, Any]] = []

    def next(self, kind: str) -> dict[str, Any]:
        """The next entry of a kind; those before it are passed over."""
        for _ in range(MESSAGES):
            while self._entries:
                entry = self._entries.pop(0)
                event = entry["event"]
                if event["type"] == kind and event.get("path") == self._path:
                    return entry
            message = json.loads(self._stream.recv(timeout=PATIENCE_S))
            self._entries += message.get("entries", ())
        raise AssertionError(f"no {kind} of {self._path} among {MESSAGES} messages")


def test_an_order_is_carried_out_and_seen_with_what_follows_from_it(server: Server) -> None:
    session = server.sit()["session_id"]
    path = f"root/sessions/houses/{session}/filters"
    address = f"ws{server.base.removeprefix('http')}/ops/stream?key={server.key}"

    with server.client() as client, connect(address, max_size=None) as stream:
        first = json.loads(stream.recv(timeout=PATIENCE_S))
        ordered = client.post(f"/ops/actors/{path}/restart", json={"reason": "to see it"})
        journal = Journal(stream, path)
        acted = journal.next("operator")
        ended = journal.next("ended")
        started = journal.next("started")
        done = journal.next("operator_done")
        facts = client.get(f"/ops/actors/{path}").json()["actor"]
        past = client.get("/ops/tree", params={"at": ended["number"]}).json()["children"]

    assert path in {row["path"] for row in first["children"]}
    assert ordered.json()["child"]["life"] == 2
    assert acted["event"]["reason"] == "to see it"
    assert ended["cause"] == done["cause"] == acted["number"]
    assert ended["event"]["exit"] == "shutdown"
    assert (started["event"]["life"], facts["row"]["life"]) == (2, 2)
    assert facts["last_end"] is None  # an order is no failure
    [then] = [row for row in past if row["path"] == path]
    assert then["state"] != "running"


def test_orders_that_make_no_sense_are_refused_and_journalled(server: Server) -> None:
    with server.client() as client:
        number = client.get("/ops/tree").json()["number"]
        front = client.post("/ops/actors/root/front/stop", json={"reason": "to try"})
        nobody = client.post("/ops/actors/root/sesions/manager/stop", json={"reason": "r"})
        entries = client.get("/ops/events", params={"since": number}).json()["entries"]

    assert (front.status_code, nobody.status_code) == (409, 404)
    assert nobody.json()["error"]["details"]["nearest"] == "root/sessions/manager"
    assert "to try" in {entry["event"].get("reason") for entry in entries}


def test_a_scrape_of_the_real_tree_names_no_session(server: Server) -> None:
    session = server.sit()["session_id"]
    with server.client() as client:
        seen = client.get("/metrics")

    assert seen.status_code == 200
    assert session not in seen.text
    assert 'phosphene_journal_state{state="writing"} 1.0' in seen.text
    assert (
        'phosphene_handled_seconds_count{role="root/sessions/houses/*/filters"}'
        in seen.text
    )
