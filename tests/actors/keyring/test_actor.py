from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from actors.keyring.actor import RETRY_S, KeyringActor
from protocols.errors import UnavailableError
from protocols.keys import (
    OPERATOR,
    CheckKey,
    CreateKey,
    KeyCreated,
    KeyHolder,
    KeyList,
    KeyRefused,
    KeyRevoked,
    KeyringInput,
    KeyUnknown,
    ListKeys,
    RevokeKey,
)

Ask: TypeAlias = Callable[[KeyringInput], object]


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return 1_800_000_000.0 + at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.sqlite3"


@pytest.fixture
def stage(clock: HandClock, path: Path) -> Iterator[KeyringActor]:
    stage = KeyringActor(clock, path)
    yield stage
    stage.teardown()


@pytest.fixture
def obstacle(path: Path) -> Path:
    """A file where the folder of the key file should be."""
    path.parent.touch()
    return path.parent


@pytest.fixture
def started(clock: HandClock, path: Path) -> Iterator[Ask]:
    keyring = KeyringActor.start(clock, path)

    def ask(message: KeyringInput) -> object:
        return keyring.ask(message, timeout=5.0)

    yield ask
    keyring.stop(timeout=5.0)


def test_a_key_lives_from_creation_to_revocation(stage: KeyringActor) -> None:
    stage.setup()
    made = stage.handle(CreateKey(name="lamp"))
    assert isinstance(made, KeyCreated)
    assert isinstance(stage.handle(CheckKey(made.key)), KeyHolder)

    revoked = stage.handle(RevokeKey(made.id))
    assert isinstance(revoked, KeyRevoked)
    assert stage.handle(CheckKey(made.key)) == KeyUnknown("revoked")

    listed = stage.handle(ListKeys())
    assert listed == KeyList((revoked.holder,))


def test_an_operator_s_key_is_known_as_one(stage: KeyringActor) -> None:
    made = stage.handle(CreateKey(name="ops", role=OPERATOR))
    assert isinstance(made, KeyCreated)

    found = stage.handle(CheckKey(made.key))

    assert isinstance(found, KeyHolder)
    assert found.role == OPERATOR


def test_times_of_keys_are_the_clocks_unix_seconds(
    stage: KeyringActor, clock: HandClock
) -> None:
    made = stage.handle(CreateKey(name="guest", days=1.0))
    assert isinstance(made, KeyCreated)
    clock.at += 86_400.0

    assert stage.handle(CheckKey(made.key)) == KeyUnknown("expired")


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "two\nlines"])
def test_a_name_that_cannot_be_listed_is_refused(stage: KeyringActor, name: str) -> None:
    answer = stage.handle(CreateKey(name=name))

    assert isinstance(answer, KeyRefused)
    assert answer.field == "name"


@pytest.mark.parametrize("days", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_time_that_is_none_is_refused(stage: KeyringActor, days: float) -> None:
    answer = stage.handle(CreateKey(name="lamp", days=days))

    assert isinstance(answer, KeyRefused)
    assert answer.field == "days"


def test_a_file_that_cannot_be_used_fails_the_question_and_not_the_actor(
    obstacle: Path, started: Ask
) -> None:
    assert obstacle.is_file()
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"keys\.sqlite3"):
            started(CheckKey("phos_" + "a" * 43))


def test_a_file_that_can_be_used_again_is_found_within_the_pause(
    obstacle: Path, started: Ask, path: Path, clock: HandClock
) -> None:
    with pytest.raises(UnavailableError):
        started(ListKeys())
    obstacle.unlink()

    clock.at += RETRY_S / 2
    with pytest.raises(UnavailableError):
        started(ListKeys())
    assert not path.exists()  # it was not even tried

    clock.at += RETRY_S / 2
    assert started(ListKeys()) == KeyList(())


def test_a_file_that_breaks_while_the_server_runs_lets_nobody_in(
    started: Ask, path: Path
) -> None:
    made = started(CreateKey(name="lamp"))
    assert isinstance(made, KeyCreated)
    for file in list(path.parent.iterdir()):
        file.unlink()
    path.write_text("no database " * 100)

    with pytest.raises(UnavailableError, match="not a database"):
        started(CheckKey(made.key))


def test_messages_with_a_key_do_not_show_it() -> None:
    key = "phos_" + "s" * 43

    for message in (CheckKey(key), RevokeKey(key), KeyCreated(id="key_1", key=key)):
        assert "sss" not in repr(message)
