from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.keyring.actor import RETRY_S, KeyringActor
from protocols.keys import (
    CheckKey,
    CreateKey,
    KeyCreated,
    KeyHolder,
    KeyList,
    KeyRefused,
    KeyRevoked,
    KeyringFailed,
    KeyUnknown,
    ListKeys,
    RevokeKey,
)


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


def test_a_file_that_cannot_be_used_is_an_answer_and_no_death(
    stage: KeyringActor, path: Path
) -> None:
    path.parent.touch()  # a file where the folder should be
    stage.setup()

    answer = stage.handle(CheckKey("phos_" + "a" * 43))

    assert isinstance(answer, KeyringFailed)
    assert "keys.sqlite3" in answer.reason


def test_a_file_that_can_be_used_again_is_found_within_the_pause(
    stage: KeyringActor, path: Path, clock: HandClock
) -> None:
    path.parent.touch()
    stage.setup()
    path.parent.unlink()

    clock.at += RETRY_S / 2
    assert isinstance(stage.handle(ListKeys()), KeyringFailed)
    assert not path.exists()  # it was not even tried

    clock.at += RETRY_S / 2
    assert stage.handle(ListKeys()) == KeyList(())


def test_a_file_that_breaks_while_the_server_runs_lets_nobody_in(
    stage: KeyringActor, path: Path
) -> None:
    made = stage.handle(CreateKey(name="lamp"))
    assert isinstance(made, KeyCreated)
    for file in list(path.parent.iterdir()):
        file.unlink()
    path.write_text("no database " * 100)

    assert isinstance(stage.handle(CheckKey(made.key)), KeyringFailed)


def test_messages_with_a_key_do_not_show_it() -> None:
    key = "phos_" + "s" * 43

    for message in (CheckKey(key), RevokeKey(key), KeyCreated(id="key_1", key=key)):
        assert "sss" not in repr(message)


def test_a_started_keyring_answers_from_its_own_thread(
    clock: HandClock, path: Path
) -> None:
    keyring = KeyringActor.start(clock, path)
    try:
        made = keyring.ask(CreateKey(name="lamp"), timeout=5.0)
        assert isinstance(made, KeyCreated)
        assert isinstance(keyring.ask(CheckKey(made.key), timeout=5.0), KeyHolder)
    finally:
        keyring.stop(timeout=5.0)
