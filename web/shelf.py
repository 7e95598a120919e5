"""Pages and static files, from two folders, with cache headers and a strict policy.

Nothing is fetched from another host: the content security policy allows none, and no
script but those of files. A file is read again when it has changed on disk.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from quart import Response, request

from web.errors import Problem

_POLICY: Final = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
}


class Leaf(msgspec.Struct, frozen=True):
    """A file, read."""

    changed_ns: int
    data: bytes
    kind: str
    tag: str


class Shelf:
    """Serves files of two folders and nothing outside them.

    Args:
        pages: HTML pages, by name.
        static: what pages load, with its folders.
        public_url: `web.public_url`: an address of ours that pages may connect to as well.
    """

    def __init__(self, pages: Path, static: Path, public_url: str = "") -> None:
        self._also = _origins(public_url)
        self._pages = pages.resolve()
        self._static = static.resolve()
        self._read: dict[Path, Leaf] = {}

    def page(self, name: str, **allowed: str) -> Response:
        """Answer with a page; always asked for again, rarely sent again.

        Args:
            name: of the file.
            allowed: what its policy allows besides, by directive: `style_src`.
        """
        response = self._answer(self._pages, name)
        response.headers["content-security-policy"] = self._policy(allowed)
        response.vary.add("Accept")
        return response

    def static(self, name: str) -> Response:
        """Answer with a static file."""
        return self._answer(self._static, name)

    def _answer(self, root: Path, name: str) -> Response:
        leaf = self._find(root, name)
        headers = {
            "etag": leaf.tag,
            "cache-control": "no-cache",  # ask again; 304 if it is the same
            "content-security-policy": self._policy({}),
        }
        if leaf.tag in request.headers.get("If-None-Match", ""):
            return Response(b"", 304, headers=headers)
        return Response(leaf.data, content_type=leaf.kind, headers=headers)

    def _policy(self, allowed: Mapping[str, str]) -> str:
        more = {name.replace("_", "-"): text for name, text in allowed.items()}
        more["connect-src"] = " ".join([self._also, more.get("connect-src", "")])
        directives = dict.fromkeys([*_POLICY, *more])
        return "; ".join(
            " ".join(f"{name} {_POLICY.get(name, '')} {more.get(name, '')}".split())
            for name in directives
        )

    def _find(self, root: Path, name: str) -> Leaf:
        missing = Problem(404, "no such file")
        if "\0" in name:
            raise missing
        path = (root / name).resolve()
        if not path.is_relative_to(root) or any(p.startswith(".") for p in path.parts[-2:]):
            raise missing
        try:
            changed_ns = path.stat().st_mtime_ns
            leaf = self._read.get(path)
            if leaf is None or leaf.changed_ns != changed_ns:
                leaf = self._read[path] = _leaf(path, changed_ns)
        except OSError as error:
            raise missing from error
        return leaf


def _origins(public_url: str) -> str:
    url = urlsplit(public_url)
    if not url.netloc:
        return ""
    socket = "wss" if url.scheme == "https" else "ws"
    return f"{url.scheme}://{url.netloc} {socket}://{url.netloc}"


def _leaf(path: Path, changed_ns: int) -> Leaf:
    data = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    return Leaf(changed_ns, data, kind or "application/octet-stream", tag)
