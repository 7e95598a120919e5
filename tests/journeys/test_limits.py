"""Limits under parallel load, from a real server: exact, and the headers are true."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.journeys.server import Server, serving

pytestmark = pytest.mark.slow

AT_ONCE = 16


def at_once(
    server: Server, count: int, send: Callable[[httpx.Client], httpx.Response]
) -> list[httpx.Response]:
    """So many requests, by several clients in parallel."""

    def some(_number: int) -> list[httpx.Response]:
        with server.client(None) as client:
            return [send(client) for _ in range(count // AT_ONCE)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [answer for answers in pool.map(some, range(AT_ONCE)) for answer in answers]


def test_exactly_a_hundred_requests_a_minute_are_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        answers = at_once(server, 160, lambda c: c.get("/api/v1/audio/status"))

        codes = Counter(answer.status_code for answer in answers)
        assert codes == {200: 100, 429: 60}
        served = [answer for answer in answers if answer.status_code == 200]
        left = sorted(int(answer.headers["x-ratelimit-remaining"]) for answer in served)
        assert left == list(range(100))
        assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"100"}
        for refused in (answer for answer in answers if answer.status_code == 429):
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.json()["error_code"] == "RATE_LIMIT_EXCEEDED"

        with server.client(None) as client:  # who watches is not shut out
            assert client.get("/health").status_code == 200


def test_exactly_ten_generations_a_minute_are_made(tmp_path: Path) -> None:
    wish = {"frequency": 440.0, "duration": 0.1, "prayer_bowl_mode": False}
    with serving(tmp_path) as server:
        answers = at_once(server, 32, lambda c: c.post("/api/v1/audio/generate", json=wish))

        codes = Counter(answer.status_code for answer in answers)
        assert codes == {200: 10, 429: 22}
        with server.client(None) as client:  # other requests have their own, larger limit
            assert client.get("/api/v1/audio/status").status_code == 200


def test_limits_can_be_set_and_turned_off(tmp_path: Path) -> None:
    options = ("--set", "limits.requests_a_minute=0")
    with serving(tmp_path, *options) as server:
        answers = at_once(server, 160, lambda c: c.get("/api/v1/audio/status"))

        assert {answer.status_code for answer in answers} == {200}
