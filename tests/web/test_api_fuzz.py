"""Whatever is sent to any route: no 5xx, and no answer that is not described.

Schemathesis makes requests from the description: right ones, and ones that are wrong in a
place. What comes back is held against the same description, every field of it.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from schemathesis.generation import GenerationMode

from tests.web.described import (
    SESSION,
    Got,
    check_answer,
    document,
    full_house,
    in_thread,
    key_kind,
    operations,
)
from tests.web.stand_ins import KEY, OPERATOR_KEY
from web.describe.operation import Operation

pytestmark = pytest.mark.slow

EACH = 10
"""Requests of each kind to each operation."""

KEYS = {"key": KEY, "operator": OPERATOR_KEY, "": KEY}
SCHEMA = schemathesis.openapi.from_dict(document())
BY_NAME: dict[str, Any] = {}
for _found in SCHEMA.get_all_operations():
    _operation: Any = _found.ok()  # type: ignore[union-attr]  # the document is valid
    BY_NAME[_operation.definition.raw["operationId"]] = _operation


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with in_thread(full_house(tmp_path_factory.mktemp("sound"))) as address:
        yield address


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20) as opened:
        yield opened


def wishes(operation: Operation) -> st.SearchStrategy[Any]:
    described = BY_NAME[operation.name]
    right: st.SearchStrategy[Any] = described.as_strategy(
        generation_mode=GenerationMode.POSITIVE
    )
    if operation.body is None and not operation.params:
        return right
    wrong: st.SearchStrategy[Any]
    wrong = described.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return right | wrong


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
def test_no_request_is_answered_but_as_described(
    operation: Operation, server: str, client: httpx.Client
) -> None:
    key = {"Authorization": f"Bearer {KEYS[key_kind(operation)]}"}

    @settings(
        max_examples=EACH * 2,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(wish=wishes(operation))
    def hold(wish: Any) -> None:  # noqa: ANN401  # schemathesis's own type
        made = wish.as_transport_kwargs(base_url=server)
        headers = {
            name: text
            for name, text in dict(made.get("headers") or {}).items()
            if name.lower() != "authorization"
        }
        sent = client.build_request(
            made["method"],
            made["url"],
            params=made.get("params") or None,
            headers=headers | key,
            content=made.get("data") if isinstance(made.get("data"), bytes) else None,
            json=made.get("json"),
        )
        answer = client.send(sent)
        kind = answer.headers.get("content-type", "")
        body = answer.json() if "json" in kind and answer.content else None
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, answer.text
        check_answer(operation, Got(answer.status_code, kind, body))

    hold()


def test_the_fuzzed_session_is_the_one_that_is_there() -> None:
    params = {
        p.example for one in operations() for p in one.params if p.name == "session_id"
    }
    assert SESSION in params
