import hashlib
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.keyring.store import FORMAT, KEPT_S, KEY_LENGTH, KeyFileError, KeyStore
from protocols.keys import OPERATOR, KeyAmbiguous, KeyHolder, KeyUnknown

NOW = 1_800_000_000.0
DAY_S = 86_400.0
OLD_KEY = "phos_" + "k" * 43
FIRST_FORMAT = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    expires_at REAL,
    last_used_at REAL,
    revoked_at REAL
)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[KeyStore]:
    store = KeyStore(path)
    yield store
    store.close()


@pytest.fixture
def other(path: Path) -> Iterator[KeyStore]:
    """The same file in another process's hands."""
    other = KeyStore(path)
    yield other
    other.close()


@pytest.fixture
def old_file(path: Path) -> Path:
    """A file as the first version of this server left it, with a key and a revoked one."""
    path.parent.mkdir()
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute(FIRST_FORMAT)
    for id_, key, revoked_at in (("key_1", OLD_KEY, None), ("key_2", "other", NOW - 9.0)):
        row = (id_, "lamp", key[:12], hashlib.sha256(key.encode()).digest(), NOW - 99.0)
        file.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)", (*row, revoked_at)
        )
    file.execute("PRAGMA user_version = 1")
    file.close()
    return path


def test_a_new_key_opens_the_door(store: KeyStore) -> None:
    made = store.create("lamp", None, NOW)

    found = store.check(made.key, NOW + 1.0)

    assert isinstance(found, KeyHolder)
    assert (found.id, found.name, found.created_at) == (made.id, "lamp", NOW)
    assert found.prefix == made.key[:12]


def test_a_key_is_recognisable_and_has_256_random_bits(store: KeyStore) -> None:
    keys = {store.create("lamp", None, NOW).key for _ in range(50)}

    assert len(keys) == 50
    assert {len(key) for key in keys} == {KEY_LENGTH} == {48}
    assert all(key.startswith("phos_") for key in keys)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "phos_",
        "phos_" + "a" * 43,
        "x" * 48,
        "phos_" + "é" * 43,
        "phos_" + "\ud800" * 43,
    ],
)
def test_any_other_text_is_no_key(store: KeyStore, key: str) -> None:
    store.create("lamp", None, NOW)

    assert store.check(key, NOW) == KeyUnknown("unknown")


def test_the_file_holds_no_key(store: KeyStore, path: Path) -> None:
    key = store.create("lamp", None, NOW).key
    store.close()

    content = b"".join(file.read_bytes() for file in path.parent.iterdir())

    assert b"lamp" in content
    assert key.encode() not in content
    assert key[13:].encode() not in content


def test_the_file_is_its_owners_only(store: KeyStore, path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    store.create("lamp", None, NOW)

    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {0o600}


def test_a_key_expires_at_its_time(store: KeyStore) -> None:
    key = store.create("guest", 2.0, NOW).key

    assert isinstance(store.check(key, NOW + 2 * DAY_S - 1.0), KeyHolder)
    assert store.check(key, NOW + 2 * DAY_S) == KeyUnknown("expired")


def test_a_revoked_key_counts_no_more_and_stays_listed(store: KeyStore) -> None:
    made = store.create("lamp", None, NOW)
    store.revoke(made.id, NOW + 5.0)

    assert store.check(made.key, NOW + 6.0) == KeyUnknown("revoked")
    assert [holder.revoked_at for holder in store.all()] == [NOW + 5.0]


def test_revoking_again_keeps_the_first_time(store: KeyStore) -> None:
    made = store.create("lamp", None, NOW)
    store.revoke(made.id, NOW + 5.0)

    again = store.revoke(made.id, NOW + 9.0)

    assert isinstance(again, KeyHolder)
    assert again.revoked_at == NOW + 5.0


def test_a_key_is_named_by_itself_its_beginning_its_id_or_the_ids_beginning(
    store: KeyStore,
) -> None:
    for length, of_the_key in ((48, True), (14, True), (16, False), (10, False)):
        made = store.create("lamp", None, NOW)
        found = store.revoke((made.key if of_the_key else made.id)[:length], NOW)
        assert isinstance(found, KeyHolder)
        assert found.id == made.id


def test_a_beginning_that_fits_several_revokes_none(store: KeyStore) -> None:
    ids = {store.create("lamp", None, NOW).id for _ in range(2)}

    found = store.revoke("phos_", NOW)

    assert isinstance(found, KeyAmbiguous)
    assert set(found.ids) == ids
    assert [holder.revoked_at for holder in store.all()] == [None, None]


@pytest.mark.parametrize("which", ["", "key_nothing", "phos_" + "a" * 43, "%"])
def test_revoking_what_is_not_there_is_unknown(store: KeyStore, which: str) -> None:
    store.create("lamp", None, NOW)

    assert store.revoke(which, NOW) == KeyUnknown("unknown")


def test_what_one_process_makes_and_revokes_counts_at_once_in_another(
    store: KeyStore, other: KeyStore
) -> None:
    store.open()
    made = other.create("lamp", None, NOW)
    assert isinstance(store.check(made.key, NOW), KeyHolder)

    other.revoke(made.id, NOW)
    assert store.check(made.key, NOW) == KeyUnknown("revoked")


def test_use_is_noted_about_once_a_minute(store: KeyStore) -> None:
    key = store.create("lamp", None, NOW).key

    for after_s in (0.0, 30.0, 59.0):
        store.check(key, NOW + after_s)
    assert [holder.last_used_at for holder in store.all()] == [NOW]

    store.check(key, NOW + 61.0)
    assert [holder.last_used_at for holder in store.all()] == [NOW + 61.0]


def test_keys_that_ended_long_ago_are_forgotten_with_the_next_one(store: KeyStore) -> None:
    revoked = store.create("revoked", None, NOW)
    store.revoke(revoked.id, NOW)
    store.create("expired", 1.0, NOW)
    store.create("living", None, NOW)

    store.create("new", None, NOW + KEPT_S)
    assert [k.name for k in store.all()] == ["revoked", "expired", "living", "new"]

    store.create("newer", None, NOW + KEPT_S + 2 * DAY_S)
    assert [k.name for k in store.all()] == ["living", "new", "newer"]


def test_keys_outlive_the_process(store: KeyStore, path: Path) -> None:
    key = store.create("lamp", None, NOW).key
    store.close()

    again = KeyStore(path)
    assert isinstance(again.check(key, NOW), KeyHolder)
    again.close()


def test_a_file_put_in_place_of_the_open_one_is_seen(store: KeyStore, path: Path) -> None:
    key = store.create("lamp", None, NOW).key
    for file in list(path.parent.iterdir()):
        file.unlink()

    assert store.check(key, NOW) == KeyUnknown("unknown")

    new = store.create("new lamp", None, NOW).key
    assert isinstance(store.check(new, NOW), KeyHolder)


def test_a_file_that_is_no_database_is_an_error_that_names_it(
    store: KeyStore, path: Path
) -> None:
    path.parent.mkdir()
    path.write_text("this is no database, and long enough to be looked at " * 20)

    with pytest.raises(KeyFileError, match=r"keys\.sqlite3: file is not a database"):
        store.check("phos_" + "a" * 43, NOW)


def test_a_file_of_a_newer_version_is_left_alone(store: KeyStore, path: Path) -> None:
    path.parent.mkdir()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {FORMAT + 1}")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(KeyFileError, match="made by a newer version"):
        store.create("lamp", None, NOW)

    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_an_error_and_the_next_call_tries_again(
    store: KeyStore, path: Path
) -> None:
    path.parent.touch()  # a file in the way
    with pytest.raises(KeyFileError):
        store.create("lamp", None, NOW)

    path.parent.unlink()
    assert store.create("lamp", None, NOW).key.startswith("phos_")


def test_a_key_is_checked_while_another_process_writes(store: KeyStore, path: Path) -> None:
    key = store.create("lamp", None, NOW).key
    store.check(key, NOW)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    assert isinstance(store.check(key, NOW + 1.0), KeyHolder)

    writer.execute("ROLLBACK")
    writer.close()


def test_a_key_is_an_operator_s_only_when_it_was_made_so(store: KeyStore) -> None:
    keys = store.create("lamp", None, NOW), store.create("ops", None, NOW, OPERATOR)

    found = [store.check(made.key, NOW) for made in keys]

    assert [h.role for h in found if isinstance(h, KeyHolder)] == [None, OPERATOR]
    assert [holder.role for holder in store.all()] == [None, OPERATOR]


def test_a_file_of_the_first_format_keeps_its_keys_and_takes_operators(
    old_file: Path, store: KeyStore
) -> None:
    assert old_file.is_file()

    found = store.check(OLD_KEY, NOW)
    made = store.create("ops", None, NOW, OPERATOR)

    assert isinstance(found, KeyHolder)
    assert (found.id, found.role, found.created_at) == ("key_1", None, NOW - 99.0)
    assert [holder.revoked_at for holder in store.all()] == [None, NOW - 9.0, None]
    asked = store.check(made.key, NOW)
    assert isinstance(asked, KeyHolder)
    assert asked.role == OPERATOR


def test_two_processes_that_bring_a_file_up_to_date_at_once_do_it_once(
    old_file: Path,
) -> None:
    ready, found = threading.Barrier(2), []

    def look() -> None:
        store = KeyStore(old_file)
        ready.wait()
        found.append(store.check(OLD_KEY, NOW))
        store.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(one) for one in found] == [KeyHolder, KeyHolder]


@pytest.mark.slow  # it waits as long as it waits for another process
def test_a_change_of_format_that_fails_leaves_the_file_as_it_was(
    old_file: Path, store: KeyStore
) -> None:
    writer = sqlite3.connect(old_file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(KeyFileError, match="locked"):
        store.check(OLD_KEY, NOW)
    writer.execute("ROLLBACK")
    assert writer.execute("PRAGMA user_version").fetchone() == (1,)
    writer.close()

    assert isinstance(store.check(OLD_KEY, NOW), KeyHolder)


def test_a_role_that_a_later_version_may_know_gives_no_right(
    store: KeyStore, path: Path
) -> None:
    key = store.create("lamp", None, NOW).key
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("UPDATE keys SET role = 'emperor'")
    other.close()

    found = store.check(key, NOW)

    assert isinstance(found, KeyHolder)
    assert found.role is None
