"""Practices on a real server: by HTTP and by /ws, to their end, and past a kill."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.journeys.server import PATIENCE_S, Server, serving

pytestmark = pytest.mark.slow

MOST = 2000
"""Messages among which an event must be."""


@contextmanager
def audience(server: Server) -> Iterator[ClientConnection]:
    url = server.base.replace("http", "ws", 1) + "/ws"
    with connect(url, open_timeout=PATIENCE_S) as socket:
        yield socket


def heard(socket: ClientConnection, kind: str, name: str = "") -> dict[str, Any]:
    """The next message of a kind, or domain event of a name."""
    for _ in range(MOST):
        message: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE_S))
        if message["type"] == kind and (not name or message["event_name"] == name):
            return message
    raise AssertionError(f"no {kind} {name} among {MOST} messages")


def create(client: httpx.Client, **wish: Any) -> str:  # noqa: ANN401  # any field
    made = client.post("/api/v1/sessions/create", json={"name": "Morning"} | wish)
    made.raise_for_status()
    session: str = made.json()["session_id"]
    return session


def status(client: httpx.Client, session: str) -> dict[str, Any]:
    shown = client.get(f"/api/v1/sessions/{session}/status")
    shown.raise_for_status()
    said: dict[str, Any] = shown.json()
    found: dict[str, Any] = said.get("session", said)
    return found


def test_a_practice_runs_to_its_end_and_the_audience_hears_of_it(server: Server) -> None:
    with server.client(None) as client, audience(server) as socket:
        session = create(client, duration=1, modalities=["sound"])
        heard(socket, "domain_event", "SESSION_CREATED")
        assert status(client, session)["status"] == "created"

        client.post(f"/api/v1/sessions/{session}/start").raise_for_status()

        started = heard(socket, "domain_event", "SESSION_STARTED")
        ended = heard(socket, "domain_event", "SESSION_COMPLETED")
        assert started["payload"]["session_id"] == session
        assert ended["payload"]["session_id"] == session
        assert ended["timestamp"] - started["timestamp"] >= 0.9
        over = status(client, session)
        assert (over["status"], over["remaining"]) == ("completed", 0)
        again = client.post(f"/api/v1/sessions/{session}/start")
        assert (again.status_code, again.json()["error_code"]) == (409, "SESSION_ENDED")


def test_what_is_started_at_ws_is_stopped_by_http_and_the_other_way(
    server: Server,
) -> None:
    wish = {"type": "START_SESSION", "session_name": "Evening", "duration": 600}
    with server.client(None) as client, audience(server) as socket:
        socket.send(json.dumps(wish))
        session = heard(socket, "session_started")["session_id"]
        assert status(client, session)["status"] == "running"
        stopped = client.post(f"/api/v1/sessions/{session}/stop")
        assert stopped.status_code == 200
        assert stopped.json()["session_status"] == "stopped"

        other = create(client, duration=600)
        client.post(f"/api/v1/sessions/{other}/start").raise_for_status()
        socket.send(json.dumps({"type": "STOP_SESSION", "session_id": other}))
        told = heard(socket, "session_stopped")
        assert (told["session_id"], told["status"]) == (other, "stopped")
        assert status(client, other)["status"] == "stopped"

        ids = [one["id"] for one in client.get("/api/v1/sessions").json()["sessions"]]
        assert ids[:2] == [other, session]
        client.delete(f"/api/v1/sessions/{other}").raise_for_status()
        assert client.get(f"/api/v1/sessions/{other}/status").status_code == 404


def test_its_sound_is_streamed_while_it_runs_and_ends_with_it(server: Server) -> None:
    with server.client(None) as client:
        session = create(client, duration=600, frequency=432.0)
        client.post(f"/api/v1/sessions/{session}/start").raise_for_status()
        url = server.base.replace("http", "ws", 1) + f"/stream/{session}/audio"
        with connect(url, open_timeout=PATIENCE_S) as stream:
            assert json.loads(stream.recv(timeout=PATIENCE_S))["type"] == "audio_format"
            while not any(stream.recv(timeout=PATIENCE_S)[24:]):
                pass
            client.post(f"/api/v1/sessions/{session}/stop").raise_for_status()
            last: str | bytes = b""
            while not isinstance(last, str):
                last = stream.recv(timeout=PATIENCE_S)

    assert json.loads(last)["status"] == "ended"


@pytest.mark.parametrize(("after", "then"), [("continue", "running"), ("close", "stopped")])
def test_a_practice_that_ran_when_the_process_was_killed(
    tmp_path: Path, after: str, then: str
) -> None:
    with serving(tmp_path) as server, server.client(None) as client:
        running = create(client, duration=3600)
        client.post(f"/api/v1/sessions/{running}/start").raise_for_status()
        waiting = create(client, name="Later")
        before = status(client, running)
        server.stop(signal.SIGKILL)

    options = ("--set", f"sessions.after_restart={after}")
    with serving(tmp_path, *options) as server, server.client(None) as client:
        found = status(client, running)
        assert found["status"] == then
        assert found["started_at"] == before["started_at"]
        assert found["elapsed"] >= before["elapsed"]
        assert status(client, waiting)["status"] == "created"
        if then == "running":
            sounding = client.get("/api/v1/audio/status").json()["sessions_sounding"]
            assert sounding == 1
