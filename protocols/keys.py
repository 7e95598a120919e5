"""Keys: what the door and the command line ask of the keyring, and what it answers.

Times here are Unix seconds, not clock times: they outlive the process. Messages that
carry a key hide it in their `repr`, which ends up in logs and journals.
"""

from typing import Final, Literal, TypeAlias

import msgspec

Role: TypeAlias = Literal["operator"]
"""What a key may do beyond the API: an operator sees the whole tree and gives orders."""

OPERATOR: Final[Role] = "operator"


class CheckKey(msgspec.Struct, frozen=True):
    """Whose key is it? Answer: `KeyHolder` or `KeyUnknown`."""

    key: str

    def __repr__(self) -> str:
        return "CheckKey(…)"


class CreateKey(msgspec.Struct, frozen=True, kw_only=True):
    """Make a key. Answer: `KeyCreated` or `KeyRefused`."""

    name: str
    """What it is for, for a person: 1 to 100 printable characters."""

    days: float | None = None
    """Until it expires; None: never."""

    role: Role | None = None


class ListKeys(msgspec.Struct, frozen=True):
    """Answer: `KeyList`."""


class RevokeKey(msgspec.Struct, frozen=True):
    """End a key at once; safe to repeat.

    Answer: `KeyRevoked`, `KeyUnknown` or `KeyAmbiguous`.
    """

    which: str
    """Its id, the key itself, or a beginning of either that fits only one key."""

    def __repr__(self) -> str:
        return "RevokeKey(…)"


class KeyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a key; the key itself is not."""

    id: str
    """`key_` and 12 hexadecimal digits."""

    name: str
    prefix: str
    """The key's first 12 characters, to tell it from others."""

    role: Role | None = None
    created_at: float
    expires_at: float | None = None
    last_used_at: float | None = None
    """To about a minute."""

    revoked_at: float | None = None


class KeyCreated(msgspec.Struct, frozen=True, kw_only=True):
    """A new key: the only time that it is told."""

    id: str
    key: str

    def __repr__(self) -> str:
        return f"KeyCreated(id={self.id!r}, key=…)"


class KeyList(msgspec.Struct, frozen=True):
    """All keys, oldest first; those that ended stay for 30 days."""

    keys: tuple[KeyHolder, ...]


class KeyRevoked(msgspec.Struct, frozen=True):
    """The key has no longer any right."""

    holder: KeyHolder


class KeyUnknown(msgspec.Struct, frozen=True):
    """No key that counts."""

    reason: Literal["unknown", "expired", "revoked"] = "unknown"


class KeyAmbiguous(msgspec.Struct, frozen=True):
    """Several keys begin so."""

    ids: tuple[str, ...]


class KeyRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A key cannot be made so: which field, and what is allowed."""

    field: str
    reason: str


KeyringInput: TypeAlias = CheckKey | CreateKey | ListKeys | RevokeKey
"""Every question may also be answered with `protocols.errors.UnavailableError`."""
