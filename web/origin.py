"""Addresses: the one that a client used, and who may call from where."""

import re
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z"
)
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


def base_url(host: str, public_url: str, fallback: str) -> str:
    """Make the address to which links in answers lead.

    Args:
        host: the client's `Host` header; anything but a host and a port is not used.
        public_url: `web.public_url`; if set it is taken.
        fallback: host and port of the socket that the request came in by.

    Returns:
        `http://host:port`, without a slash at the end.
    """
    if public_url:
        return public_url.rstrip("/")
    return "http://" + (host if _HOST.match(host) else fallback)


def stream_url(base: str) -> str:
    """The same address for a WebSocket."""
    return "ws" + base.removeprefix("http")


def is_loopback(ip: str) -> bool:
    """Whether a peer is this machine."""
    return ip.startswith("127.") or ip in ("::1", "::ffff:127.0.0.1")


def is_local_host(host: str) -> bool:
    """Whether a `Host` header names this machine, as only a client on it would."""
    name = _hostname(f"//{host}")
    return not host or name in _LOOPBACK_NAMES or is_loopback(name)


def may_call(origin: str | None, host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a page of this origin may open the keyless WebSocket.

    A browser sends `Origin`; what sends none is no page. Pages of our own address, of this
    machine and of the configured origins may.
    """
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return origin.partition("://")[2] == host or _hostname(origin) in _LOOPBACK_NAMES


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # brackets that hold no address
        return ""
