"""The chunks of an XDF file, checked before pyxdf reads them.

pyxdf believes the counts in a file: a damaged one lets it allocate until the machine has
no memory left. Here each chunk must fit into the file, and what it counts into it. See
github.com/sccn/xdf, «Specifications».
"""

import re
import struct

import msgspec

from protocols.errors import RecordingError

STREAM_HEADER, SAMPLES = 2, 3
_CHANNELS = re.compile(rb"<channel_count>\s*(\d{1,6})\s*</channel_count>")


class _Chunk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    tag: int
    content: memoryview
    end: int
    """Byte after it."""


def whole_chunks(name: str, data: bytes) -> bytes:
    """`data` without a chunk that breaks off at its end.

    Args:
        name: file name, for messages.
        data: an XDF file.

    Raises:
        RecordingError: a chunk counts more than it can hold.
    """
    at, view = 4, memoryview(data)
    channels: dict[bytes, int] = {}
    while (chunk := _chunk(view, at)) is not None:
        stream = bytes(chunk.content[:4])
        if chunk.tag == STREAM_HEADER:
            number = _CHANNELS.search(chunk.content)
            channels[stream] = int(number[1]) if number else 0
        elif chunk.tag == SAMPLES and not _holds(chunk.content[4:], channels.get(stream)):
            raise RecordingError(f"{name}: broken XDF: impossible samples at byte {at}")
        at = chunk.end
    return data[:at]


def _holds(samples: memoryview, channels: int | None) -> bool:
    """Whether as many samples as are announced could be in it at a byte a value."""
    if channels is None:
        return False
    number, at = _number(samples, 0)
    return number is not None and number * (1 + channels) <= len(samples) - at


def _chunk(view: memoryview, at: int) -> _Chunk | None:
    """The whole chunk that begins at a byte, None where there is none."""
    length, begin = _number(view, at)
    if length is None or length < 2 or begin + length > len(view):  # noqa: PLR2004  # a tag
        return None
    (tag,) = struct.unpack_from("<H", view, begin)
    end = begin + length
    return _Chunk(tag=tag, content=view[begin + 2 : end], end=end)


def _number(view: memoryview, at: int) -> tuple[int | None, int]:
    """A number of variable length, and the byte after it; None where there is none."""
    size = view[at] if at < len(view) else 0
    end = at + 1 + size
    if size not in {1, 4, 8} or end > len(view):
        return None, at
    return int.from_bytes(view[at + 1 : end], "little"), end
