"""What a child prints, without the child."""

import os
from collections.abc import Iterator

import pytest

from actors.apart.printed import LONGEST_LINE, Printed

WHO = "test/owner (pid 1)"


@pytest.fixture
def pipe(caplog: pytest.LogCaptureFixture) -> Iterator[tuple[Printed, int]]:
    caplog.set_level("INFO")
    read, write = os.pipe()
    yield Printed(os.fdopen(read, "rb", buffering=0), WHO), write
    os.close(write)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message.removeprefix(f"{WHO}: ") for message in caplog.messages]


def test_a_line_that_comes_in_parts_is_logged_once_and_whole(
    pipe: tuple[Printed, int], caplog: pytest.LogCaptureFixture
) -> None:
    printed, write = pipe
    for part in (b"half a l", b"ine\nand anoth", b"er\n\n"):
        os.write(write, part)
        assert printed.read()
    printed.close()

    assert logged(caplog) == ["half a line", "and another"]
    assert printed.last == "and another"


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_that_is_too_long_is_logged_in_pieces(
    pipe: tuple[Printed, int], caplog: pytest.LogCaptureFixture, end: bytes
) -> None:
    printed, write = pipe
    os.write(write, b"x" * 10_000 + end)
    printed.close()

    pieces = logged(caplog)
    assert "".join(pieces) == "x" * 10_000
    assert max(map(len, pieces)) == LONGEST_LINE


def test_what_is_no_text_does_not_end_the_log(
    pipe: tuple[Printed, int], caplog: pytest.LogCaptureFixture
) -> None:
    printed, write = pipe
    os.write(write, b"\xff\xfe\n")
    printed.close()

    assert logged(caplog) == ["\ufffd\ufffd"]


def test_closing_does_not_wait_for_whoever_may_still_print(
    pipe: tuple[Printed, int], caplog: pytest.LogCaptureFixture
) -> None:
    printed, write = pipe
    os.write(write, b"no end")
    printed.close()  # `write` is open

    assert logged(caplog) == ["no end"]
