"""Errors bear the envelope of the document that a path is from."""

from typing import Any

import pytest

from tests.web.stand_ins import House, opened
from web.errors import Family, Problem, envelope, family_of, fitted


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


SESSION, LIBRARY = "/api/v1/session/x", "/api/v1/images/x"
MARKET, SOUND = "/v1/c/x", "/api/v1/audio/x"


@pytest.mark.parametrize(
    ("path", "problem", "status", "code"),
    [
        (SESSION, Problem(422, ""), 422, "INVALID_PARAMETER"),
        (SESSION, Problem(400, "", code="INVALID_JSON"), 400, "INVALID_JSON"),
        (SESSION, Problem(404, ""), 404, "NOT_FOUND"),
        (LIBRARY, Problem(422, ""), 400, "VALIDATION_ERROR"),
        (LIBRARY, Problem(400, "", code="INVALID_JSON"), 400, "VALIDATION_ERROR"),
        (LIBRARY, Problem(401, ""), 401, "UNAUTHORIZED"),
        (LIBRARY, Problem(404, "", code="IMAGE_NOT_FOUND"), 404, "IMAGE_NOT_FOUND"),
        (LIBRARY, Problem(409, "", code="ALIAS_CONFLICT"), 409, "ALIAS_CONFLICT"),
        (LIBRARY, Problem(429, ""), 429, "RATE_LIMIT_EXCEEDED"),
        (LIBRARY, Problem(500, ""), 500, "INTERNAL_ERROR"),
        (MARKET, Problem(422, ""), 422, "INVALID_PARAMETER"),
        (SOUND, Problem(422, ""), 422, "INVALID_PARAMETER"),
        (SOUND, Problem(422, "", code="INVALID_FREQUENCY"), 422, "INVALID_FREQUENCY"),
        (SOUND, Problem(400, "", code="INVALID_JSON"), 400, "INVALID_PARAMETER"),
        (SOUND, Problem(404, ""), 404, "RESOURCE_NOT_FOUND"),
        (SOUND, Problem(404, "", code="SESSION_NOT_FOUND"), 404, "SESSION_NOT_FOUND"),
        (SOUND, Problem(429, ""), 429, "RATE_LIMIT_EXCEEDED"),
        (SOUND, Problem(503, "", code="AUDIO_UNAVAILABLE"), 503, "AUDIO_UNAVAILABLE"),
        ("/ws", Problem(400, ""), 400, "WEBSOCKET_ERROR"),
        ("/ws", Problem(401, ""), 401, "UNAUTHORIZED"),
        ("/health", Problem(404, ""), 404, "RESOURCE_NOT_FOUND"),
    ],
)
def test_a_problem_is_said_in_its_document_s_words(
    path: str, problem: Problem, status: int, code: str
) -> None:
    said = fitted(path, problem)
    assert (said.status, said.code) == (status, code)


async def test_the_status_is_the_document_s_too() -> None:
    async with opened(House()) as house, house.client() as client:
        sound = await client.get("/api/v1/audio/nothing/here")

    said = sound.json()
    assert (sound.status_code, said["error_code"]) == (404, "RESOURCE_NOT_FOUND")
    assert set(said) == {"status", "error_code", "message", "details", "timestamp"}


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
