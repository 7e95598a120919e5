"""Keyring stage: keys in, whose they are out.

The file is `store`'s; this module owns when it is opened and what is answered when it
cannot be. It needs a pinned dispatcher: the disk may make it wait. A crash forgets
nothing: every answer comes from the file.

A disk that fails is no crash: a restart would not mend it, and a spent restart budget
would take its neighbours along. The answer is `UnavailableError`, nobody is let in, and
the file is tried again with the next question, but not more often than `RETRY_S`.
"""

import logging
from pathlib import Path
from typing import TypeAlias, assert_never

from actors.keyring.rules import refusal
from actors.keyring.store import KeyFileError, KeyStore
from actors.stage import Stage
from protocols.errors import UnavailableError
from protocols.keys import (
    CheckKey,
    CreateKey,
    KeyAmbiguous,
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
from protocols.ports import Clock

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds between two attempts at a file that cannot be used."""

_Answer: TypeAlias = (
    KeyHolder | KeyUnknown | KeyCreated | KeyRefused | KeyList | KeyRevoked | KeyAmbiguous
)


class KeyringActor(Stage):
    """Knows whose key is whose."""

    def __init__(self, clock: Clock, path: Path) -> None:
        """Wire it.

        Args:
            clock: for expiry.
            path: the key file; made when it is not there.
        """
        super().__init__()
        self._clock = clock
        self._store = KeyStore(path)
        self._failure = ""
        self._failed_at = 0.0

    def setup(self) -> None:
        """Open the key file, or note that it cannot be."""
        try:
            self._store.open()
        except KeyFileError as error:
            self._note(error)

    def handle(self, message: KeyringInput) -> _Answer | None:
        """Answer from the file, or fail the question where that cannot be."""
        if self._failure and self._clock.now() - self._failed_at < RETRY_S:
            self._refuse()
            return None
        try:
            answer = self._answer(message)
        except KeyFileError as error:
            self._note(error)
            self._refuse()
            return None
        if self._failure:
            log.info("the key file can be used again")
            self._failure = ""
        return answer

    def teardown(self) -> None:
        """Let the file go."""
        self._store.close()

    def _answer(self, message: KeyringInput) -> _Answer:
        now = self._clock.unix(self._clock.now())
        match message:
            case CheckKey(key=key):
                return self._store.check(key, now)
            case CreateKey(name=name, days=days, role=role):
                return refusal(message) or self._store.create(name, days, now, role)
            case ListKeys():
                return KeyList(self._store.all())
            case RevokeKey(which=which):
                return _revoked(self._store.revoke(which, now))
            case _:
                assert_never(message)

    def _refuse(self) -> None:
        self.reply_later().fail(UnavailableError("the keyring", self._failure))

    def _note(self, error: KeyFileError) -> None:
        self._failed_at = self._clock.now()
        if not self._failure:
            log.error("nobody is let in: %s", error)
        self._failure = str(error)


def _revoked(
    found: KeyHolder | KeyUnknown | KeyAmbiguous,
) -> KeyRevoked | KeyUnknown | KeyAmbiguous:
    return KeyRevoked(found) if isinstance(found, KeyHolder) else found
