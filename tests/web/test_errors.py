"""Errors bear the envelope of the document that a path is from."""

from typing import Any

import pytest

from tests.web.stand_ins import House, opened
from web.errors import Family, Problem, envelope, family_of


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/api/v1/session/create", Family.ENV),
        ("/api/v1/sessions/create", Family.VAJRA),
        ("/api/v1/generate", Family.ENV),
        ("/api/v1/generations", Family.LIBRARY),
        ("/api/v1/generations/7", Family.LIBRARY),
        ("/cdn/a/b/img/c", Family.LIBRARY),
        ("/v1/c/slug", Family.MARKET),
        ("/v1", Family.MARKET),
        ("/v10", Family.ENV),
        ("/", Family.VAJRA),
        ("/health", Family.VAJRA),
        ("/ws", Family.VAJRA),
        ("/wsx", Family.ENV),
        ("/stream/sess_a", Family.ENV),
        ("/nowhere", Family.ENV),
    ],
)
def test_a_path_tells_its_document(path: str, family: Family) -> None:
    assert family_of(path) is family


def test_each_family_says_it_in_its_own_form() -> None:
    problem = Problem(404, "no such thing", code="GONE", details={"id": 7})
    said: dict[Family, Any] = {family: envelope(family, problem, 0.0) for family in Family}

    inner = {"code": "GONE", "message": "no such thing", "details": {"id": 7}}
    assert said[Family.ENV] == {"error": inner}
    assert said[Family.LIBRARY] == {"success": False, "error": inner}
    assert said[Family.MARKET] == inner
    assert said[Family.VAJRA] == {
        "status": "error",
        "error_code": "GONE",
        "message": "no such thing",
        "details": {"id": 7},
        "timestamp": "1970-01-01T00:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/api/v1/generate", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/images/none.png", 404, "IMAGE_NOT_FOUND"),
        ("GET", "/static/../app.py", 404, "NOT_FOUND"),
        ("GET", "/stream/sess_a", 404, "NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_said_in_form(
    method: str, path: str, status: int, code: str
) -> None:
    async with opened(House()) as house, house.client() as client:
        got = await client.request(method, path)

    assert (got.status_code, got.json()["error"]["code"]) == (status, code)
    assert got.headers["content-type"] == "application/json"


async def test_the_method_that_is_allowed_is_named() -> None:
    async with opened(House()) as house, house.client() as client:
        got = await client.put("/health")

    assert got.json()["error_code"] == "METHOD_NOT_ALLOWED"
    assert "GET" in got.headers["allow"]


async def test_an_unexpected_error_has_a_number_and_no_entrails() -> None:
    house = House()
    house.asked_sessions.answer = lambda _: ("not", "a view")
    async with opened(house), house.client() as client:
        got = await client.get("/api/v1/session")

    assert got.status_code == 500
    said = got.json()["error"]
    assert said["details"]["error_id"].startswith("err_")
    assert "settings" not in got.text


async def test_an_actor_that_is_down_is_a_503_with_retry_after() -> None:
    house = House()
    house.asked_sessions.answer = lambda _: RuntimeError("it died")
    async with opened(house), house.client() as client:
        got = await client.get("/api/v1/session/sess_a")

    assert got.status_code == 503
    assert got.headers["retry-after"] == "1"
