"""What an actor and its child process say to each other.

msgpack over a pipe, one word a message. The actor gives one job and waits for its answer,
so no more than one word is ever under way and neither end can block the other. A job's own
content is bytes that only the owner and the handler read; arrays lie in shared memory, and
the word says where.
"""

from typing import Final

import msgspec

LONGEST: Final = 64 * 1024
"""Bytes of a job's content. A socket's buffer takes that at once, read or not."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where an array lies in the shared memory."""

    offset: int
    shape: tuple[int, ...]
    dtype: str
    """As NumPy writes it: `|u1`, `<f4`."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Do this and answer."""

    number: int
    content: bytes
    arrays: tuple[Place, ...] = ()


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The child has loaded what it needs."""

    version: str
    """Of Phosphene: another one may be installed while a server runs."""

    pid: int


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """A job is done."""

    number: int
    content: bytes
    took_s: float
    arrays: tuple[Place, ...] = ()
    poisoned: str = ""
    """Why this child can do no more; empty: it can."""


class Broke(msgspec.Struct, frozen=True, kw_only=True, tag="broke"):
    """A job raised."""

    number: int
    error: str
    """Type and text."""

    poisoned: bool = False
    """Whether the device is to blame."""


Word = Hello | Done | Broke

write = msgspec.msgpack.Encoder().encode
read_job = msgspec.msgpack.Decoder(Job).decode
read_word = msgspec.msgpack.Decoder[Word](Word).decode
