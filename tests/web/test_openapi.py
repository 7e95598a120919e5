"""The description says what there is, and what there is answers as described."""
# ruff: noqa: ANN401  # JSON is of any type

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.described import (
    PICTURE,
    PRESET,
    SESSION,
    Got,
    check_answer,
    check_value,
    document,
    full_house,
    key_kind,
    operations,
)
from tests.web.stand_ins import KEY, OPERATOR_KEY, House, opened
from web.app import create_app
from web.describe.operation import Operation
from web.errors import Family, family_of

UNDESCRIBED_METHODS = {"HEAD", "OPTIONS"}
NAMED = {"id": PICTURE, "preset": PRESET}
KEYS = {"key": KEY, "operator": OPERATOR_KEY, "": ""}
ENVELOPES = {
    Family.ENV: {"error"},
    Family.LIBRARY: {"success", "error"},
    Family.MARKET: {"message", "code"},
    Family.VAJRA: {"status", "error_code", "message", "details", "timestamp"},
}


def shape(path: str) -> str:
    """A path with its parameters nameless, without the slash at its end."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path).rstrip("/") or "/"


def by_name(operation: Operation) -> str:
    return operation.name


def examples() -> list[Any]:
    """Each operation with each body that its description shows."""
    return [
        pytest.param(one, body, id=f"{one.name}-{name}")
        for one in operations()
        for name, body in (one.body.examples.items() if one.body else [("none", None)])
    ]


async def send(
    client: httpx.AsyncClient, operation: Operation, body: Any = None, **named: str
) -> httpx.Response:
    known = {p.name: p.example for p in operation.params if p.where == "path"} | NAMED
    path = operation.path.format(**(known | named))
    query = {
        p.name: p.example
        for p in operation.params
        if p.where == "query" and p.example is not None
    }
    key = KEYS[key_kind(operation)]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return await client.request(
        operation.method, path, json=body, params=query, headers=headers
    )


def got(answer: httpx.Response) -> Got:
    kind = answer.headers.get("content-type", "")
    return Got(answer.status_code, kind, answer.json() if "json" in kind else None)


def test_every_route_is_described_and_every_description_has_its_route() -> None:
    there = {
        (method, shape(rule.rule))
        for rule in create_app(House().door).url_map.iter_rules()
        for method in (rule.methods or set()) - UNDESCRIBED_METHODS
    }
    described = {(one.method, shape(one.path)) for one in operations()}
    assert there - described == set(), "not described"
    assert described - there == set(), "described, and not there"


def test_the_document_is_valid_openapi() -> None:
    mistakes = [
        str(found)[:300] for found in OpenAPIV31SpecValidator(document()).iter_errors()
    ]
    assert mistakes == []


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one.name for one in operations()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]+", name) for name in names)


@pytest.mark.parametrize("operation", operations(), ids=by_name)
def test_every_example_is_as_described(operation: Operation) -> None:
    described = document()["paths"][operation.path][operation.method.lower()]
    media = described.get("requestBody", {}).get("content", {}).get("application/json")
    for example in (media or {}).get("examples", {}).values():
        check_value(media["schema"], example["value"])
    for response in described["responses"].values():
        for content in response.get("content", {}).values():
            if "example" in content:
                check_value(content["schema"], content["example"])
    for param in described.get("parameters", []):
        if "example" in param:
            check_value(param["schema"], param["example"])


@pytest.mark.parametrize("operation", operations(), ids=by_name)
def test_every_json_answer_has_an_example_or_is_a_message_of_ours(
    operation: Operation,
) -> None:
    for said in operation.said.values():
        if isinstance(said.schema, dict) and said.schema.get("properties"):
            only_structs = "/ops/" in operation.path
            assert said.example is not None or only_structs or operation.name in LONG


LONG = {"preprocess", "encode", "extractMeaning"}
"""Their answers have thousands of figures; the test below has real ones."""


@pytest.mark.parametrize(("operation", "body"), examples())
async def test_every_example_is_answered_as_described(
    operation: Operation, body: Any, tmp_path: Path
) -> None:
    house = full_house(tmp_path)
    async with opened(house), house.client(None) as client:
        if "/audio/" in operation.path:
            await client.post("/api/v1/audio/generate", json={"duration": 0.1})
        if operation.name == "stopSession":
            await client.post(f"/api/v1/sessions/{SESSION}/start")
        if operation.name == "forgetPreset":
            own = {"name": "Own", "frequency": 100}
            await client.post("/api/v1/audio/presets", json=own)
        named = {"preset": "own"} if operation.name == "forgetPreset" else {}
        answer = await send(client, operation, body, **named)

    assert answer.is_success, answer.text
    check_answer(operation, got(answer))


@pytest.mark.parametrize("operation", operations(), ids=by_name)
async def test_errors_bear_their_family_s_form(
    operation: Operation, tmp_path: Path
) -> None:
    house = full_house(tmp_path)
    async with opened(house), house.client(None) as client:
        path = re.sub(r"\{[^}]*\}", "nothing", operation.path)
        bad = await client.request(
            operation.method,
            path,
            content=b"{",
            headers={"Content-Type": "application/json", "Authorization": "Bearer wrong"},
        )
    if not bad.is_success:
        check_answer(operation, got(bad))
        assert set(bad.json()) >= ENVELOPES[family_of(path)]


async def test_it_is_served_with_the_address_that_was_used(tmp_path: Path) -> None:
    house = full_house(tmp_path)
    async with opened(house), house.client(None) as client:
        first = await client.get("/openapi.json")
        tag = {"If-None-Match": first.headers["etag"]}
        again = await client.get("/openapi.json", headers=tag)

    assert first.headers["content-type"] == "application/json"
    said = first.json()
    assert said["openapi"].startswith("3.1")
    assert said["servers"] == [{"url": f"http://{house.at}"}]
    assert said["paths"].keys() == document()["paths"].keys()
    assert (again.status_code, again.content) == (304, b"")
