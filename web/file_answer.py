"""A file as an answer: whole or a part of it, as RFC 9110 (sections 13 and 14) has it.

In: a file that may be replaced meanwhile. Out: bytes of the one that was opened, read in
threads, a chunk at a time: an hour of sound takes no more memory than a second.
"""

import os
from collections.abc import AsyncIterator
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

import trio
from quart import Response, request
from quart.wrappers.response import ResponseBody
from werkzeug.http import parse_range_header

from web.errors import Problem

CHUNK_BYTES: Final = 64 * 1024
_PARTIAL: Final = 206


class Leaflet(NamedTuple):
    """What an answer says of a file."""

    path: str
    mime: str
    name: str
    """As which a client may keep it: ASCII, without quotes."""

    mark: str
    """Tells its content from that of other files: letters, digits, `.`, `-`, `_`."""


async def file_answer(leaflet: Leaflet) -> Response:
    """Answer the present request with a file, or the part that it asks for.

    Args:
        leaflet: which file.

    Raises:
        OSError: it cannot be opened.
        Problem: 416.
    """
    file, size, changed_ns = await trio.to_thread.run_sync(_open, leaflet.path)
    try:
        tag = f'"{leaflet.mark}-{changed_ns:x}-{size:x}"'
        headers = {
            "accept-ranges": "bytes",
            "cache-control": "no-cache",  # ask again; 304 if it is the same
            "content-disposition": f'inline; filename="{leaflet.name}"',
            "etag": tag,
        }
        if _has(request.headers.get("If-None-Match", ""), tag):
            file.close()
            return Response(b"", 304, headers=headers)
        first, end, status = _part(size, tag)
    except BaseException:
        file.close()
        raise
    if status == _PARTIAL:
        headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
    headers["content-length"] = str(end - first)
    body = _Body(file, first, end)
    response = Response(body, status, content_type=leaflet.mime, headers=headers)
    response.timeout = None  # it takes as long as the client's line; who stalls is cut
    return response


class _Body(ResponseBody):
    def __init__(self, file: BinaryIO, first: int, end: int) -> None:
        self._file = file
        self._at, self._end = first, end

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._file.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._at < self._end:
            data = await trio.to_thread.run_sync(self._read)
            if not data:  # cut short on the disk: so is the answer, and the client sees it
                return
            self._at += len(data)
            yield data

    def _read(self) -> bytes:
        size = min(CHUNK_BYTES, self._end - self._at)
        return os.pread(self._file.fileno(), size, self._at)


def _open(path: str) -> tuple[BinaryIO, int, int]:
    file = open(path, "rb")  # noqa: PTH123, SIM115  # the answer closes it
    found = os.fstat(file.fileno())
    return file, found.st_size, found.st_mtime_ns


def _part(size: int, tag: str) -> tuple[int, int, int]:
    asked = parse_range_header(request.headers.get("Range"))
    unchanged = request.headers.get("If-Range", tag) == tag
    # Of several parts at once we send the whole, as a server may.
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1 or not unchanged:
        return 0, size, 200
    found = asked.range_for_length(size) or _longest_end(asked.ranges[0], size)
    if found is None:
        raise Problem(
            416,
            f"the file has {size} bytes",
            code="RANGE_NOT_SATISFIABLE",
            headers={"content-range": f"bytes */{size}"},
        )
    return *found, _PARTIAL


def _longest_end(asked: tuple[int, int | None], size: int) -> tuple[int, int] | None:
    # The last n bytes of a file that has fewer: all of it.
    return (0, size) if asked[0] < 0 and -asked[0] > size > 0 else None


def _has(tags: str, tag: str) -> bool:
    names = [one.strip().removeprefix("W/") for one in tags.split(",")]
    return tag in names or names == ["*"]
