"""Bodies are read strictly, and nothing that is sent is our error."""

import json
import math

import pytest
from hypothesis import given, strategies as st

from tests.web.unhurried import UNHURRIED
from web.body import DEPTH, read_json, read_object
from web.errors import Problem


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 01}',
        b"{'a': 1}",
        b'{"a": 1} x',
        b'{"a":' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_one_clear_object_is_a_400(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_object(body)
    assert refused.value.status == 400


def test_brackets_in_texts_do_not_nest() -> None:
    assert read_object(b'{"a": "' + b"[" * 1000 + b'\\""}') == {"a": "[" * 1000 + '"'}


def test_the_deepest_allowed_is_read() -> None:
    assert read_json(b"[" * DEPTH + b"]" * DEPTH)


def status_of(body: bytes) -> int:
    try:
        read_json(body)
    except Problem as problem:
        return problem.status
    return 200


@UNHURRIED
@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert status_of(body) in (200, 400)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@UNHURRIED
@given(_JSON)
def test_what_the_standard_library_writes_is_read_as_it_was(value: object) -> None:
    if "Infinity" not in json.dumps(value):
        assert read_json(json.dumps(value).encode()) == value
    assert not math.isinf(len(json.dumps(value)))
