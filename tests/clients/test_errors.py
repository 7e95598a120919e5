"""The four forms of an error, and what is none of them."""

import msgspec
import pytest

from phosphene.client import (
    ApiError,
    ConflictError,
    InvalidError,
    KeyRefusedError,
    NotThereError,
    TooManyError,
    UnavailableError,
)
from phosphene.client.errors import api_error
from web.errors import Family, Problem, envelope


@pytest.mark.parametrize("family", list(Family))
def test_every_form_of_an_error_is_read_alike(family: Family) -> None:
    mistakes = [{"field": "frequency", "value": -5, "allowed": "more than 0"}]
    problem = Problem(422, "too low", code="TOO_LOW", details={"mistakes": mistakes})

    error = api_error(422, msgspec.json.encode(envelope(family, problem, 0.0)), None)

    assert isinstance(error, InvalidError)
    assert (error.status, error.code, error.message) == (422, "TOO_LOW", "too low")
    assert error.mistakes == mistakes


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, KeyRefusedError),
        (403, KeyRefusedError),
        (404, NotThereError),
        (409, ConflictError),
        (415, InvalidError),
        (429, TooManyError),
        (504, UnavailableError),
        (500, ApiError),
    ],
)
def test_a_status_has_its_error(status: int, kind: type[ApiError]) -> None:
    assert type(api_error(status, b"{}", None)) is kind


def test_when_to_come_back_is_told() -> None:
    assert api_error(429, b"{}", "7").retry_after_s == 7.0


@pytest.mark.parametrize("header", [None, "", "-1", "nan", "Tue, 24 Nov 2026 10:00:00 GMT"])
def test_a_header_that_is_no_number_of_seconds_is_let_be(header: str | None) -> None:
    assert api_error(503, b"{}", header).retry_after_s is None


@pytest.mark.parametrize(
    "body", [b"<html>Bad gateway</html>", b"[1, 2]", b'{"error": "plain"}', b"\xff\xfe"]
)
def test_what_a_proxy_says_is_an_error_too(body: bytes) -> None:
    error = api_error(502, body, None)

    assert error.code == "HTTP_502"
    assert error.message
    assert error.details == {}


def test_an_empty_answer_is_an_error_with_a_message() -> None:
    assert api_error(500, b"", None).message == "no reason was given"
