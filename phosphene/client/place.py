"""Where the server is, and the key that is shown to it. Pure."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

_PORTS: Final = {"http": 80, "https": 443}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A server's address, taken apart."""

    base: str
    """Without a slash at its end."""

    host: str
    """As a socket takes it."""

    port: int
    host_header: str
    """As the address had it."""

    prefix: str
    """Path before the server's own paths; mostly empty."""

    is_tls: bool
    key: str | None

    def __repr__(self) -> str:
        return f"Place(base={self.base!r}, key={'…' if self.key else None})"

    @property
    def headers(self) -> dict[str, str]:
        """That show the key."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    def url(self, path: str) -> str:
        """Address of a path, for HTTP."""
        return self.base + path

    def socket_url(self, path: str) -> str:
        """Address of a path, for a WebSocket."""
        return f"{'wss' if self.is_tls else 'ws'}://{self.host_header}{self.prefix}{path}"


def place(base_url: str, key: str | None) -> Place:
    """Take a server's address apart.

    Args:
        base_url: `http://…` or `https://…`.
        key: as `phosphene keys create` printed it; None: none is shown.

    Raises:
        ValueError: it is no such address, or the key cannot be sent.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"base_url must be http://… or https://…, not {base_url!r}")
    if key is not None and not (key.isascii() and key.isprintable() and key.strip()):
        raise ValueError("a key has printable ASCII characters only")
    prefix = parts.path.rstrip("/")
    host_header = parts.netloc.rpartition("@")[2]
    return Place(
        base=f"{parts.scheme}://{host_header}{prefix}",
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        host_header=host_header,
        prefix=prefix,
        is_tls=parts.scheme == "https",
        key=key,
    )
