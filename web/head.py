"""The head of a connection's first request, as far as the front must know it.

In: the first bytes, still in the kernel. Out: whether they are a whole head and whether it
asks for a WebSocket. Everything else about it is for whoever takes the connection.
"""

import re
from typing import Final

import msgspec

HEAD_BYTES: Final = 16 * 1024
"""More than this before the empty line is refused."""

_END: Final = re.compile(rb"\r?\n\r?\n")
_UPGRADE: Final = re.compile(rb"\nupgrade[ \t]*:[ \t]*websocket[ \t]*\r?\n", re.IGNORECASE)


class Head(msgspec.Struct, frozen=True):
    """A whole head."""

    size: int
    """Bytes, with the empty line."""

    upgrade: bool
    """It asks for a WebSocket."""


def find_head(data: bytes) -> Head | None:
    """Find the end of a head and what it asks for.

    Args:
        data: the first bytes of a connection.

    Returns:
        None while the head is not whole.
    """
    end = _END.search(data)
    if end is None:
        return None
    return Head(end.end(), _UPGRADE.search(data[: end.end()]) is not None)
