"""Keys: what the door asks of the keyring. A key itself is never kept, only its hash."""

from typing import TypeAlias

import msgspec


class CheckKey(msgspec.Struct, frozen=True):
    """Answer: `KeyHolder` or `KeyUnknown`."""

    key: str
    """As the client sent it."""


class KeyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A valid key's holder."""

    id: str
    """Names the key without giving it away; sessions are owned by it."""

    name: str


class KeyUnknown(msgspec.Struct, frozen=True):
    """No such key, or it was revoked."""


KeyringInput: TypeAlias = CheckKey
