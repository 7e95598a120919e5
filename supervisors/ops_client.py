"""The operators' API from a terminal: what `phosphene top` asks of a server.

The standard library's HTTP client, one connection that is kept; whatever goes wrong is one
of three errors, each with a clear message and an exit code of its own.
"""

import http.client
import ssl
from typing import Final, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

import click
import msgspec

from protocols.operators import Events
from web.ops_wire import ActorsSeen, TreeSeen

ANSWER_S: Final = 10.0
"""Seconds that an answer may take."""

LARGEST: Final = 64 * 2**20
"""Bytes of an answer; a thousand sessions have about 4 MiB."""

_PAGES: Final = ("/ops", "/live")
_REFUSED: Final = (401, 403)
_UNAVAILABLE: Final = (502, 503, 504)
_OK: Final = 200

T = TypeVar("T")


class UnreachableError(click.ClickException):
    """No server answers there, or it cannot now."""

    exit_code = 6


class KeyRefusedError(click.ClickException):
    """There is no key, it does not count, or it is no operator's."""

    exit_code = 7


class NotPhospheneError(click.ClickException):
    """Whoever answers there is no Phosphene server, or one that speaks otherwise."""

    exit_code = 8


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is."""

    secure: bool
    host: str
    port: int
    base: str
    """Path before `/ops`; empty for most."""

    key: str
    """That stood in the address's fragment; empty: none did."""

    def __str__(self) -> str:
        """As a person would write it."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' * self.secure}://{shown}:{self.port}{self.base}"


def read_address(url: str) -> Address:
    """Read an address, also one that `phosphene serve` prints for a browser.

    Args:
        url: `http://host:port`; scheme and path may be left out, `#key=…` may follow.

    Raises:
        click.BadParameter: it is no address.
    """
    parts = _split(url if "://" in url else f"http://{url}")
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter(f"{url!r} is no address; write http://127.0.0.1:8008")
    secure = parts.scheme == "https"
    base = parts.path.rstrip("/")
    return Address(
        secure=secure,
        host=parts.hostname,
        port=parts.port or (443 if secure else 80),
        base="" if base in _PAGES else base,
        key="".join(parse_qs(parts.fragment).get("key", [])),
    )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read now: it is checked only then
    except ValueError:
        return None
    return parts


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a screen is made of."""

    tree: TreeSeen
    actors: ActorsSeen
    events: Events


class OpsClient:
    """Asks a server.

    Args:
        address: where it is.
        key: an operator's.
    """

    def __init__(self, address: Address, key: str) -> None:
        self.address = address
        self._headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        self._line: http.client.HTTPConnection | None = None

    def look(self, events: int) -> Seen:
        """See the tree, its actors and the newest entries.

        Args:
            events: how many of these.

        Raises:
            UnreachableError: it does not answer.
            KeyRefusedError: it does not want us.
            NotPhospheneError: it answers as no Phosphene server does.
        """
        tree = self._get("/ops/tree", TreeSeen)
        since = max(0, tree.number - events)
        return Seen(
            tree=tree,
            actors=self._get("/ops/actors", ActorsSeen),
            events=self._get(f"/ops/events?since={since}&limit={events}", Events),
        )

    def close(self) -> None:
        """Leave the connection."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _get(self, path: str, kind: type[T]) -> T:
        status, body = self._ask(path)
        where = f"{self.address}{path.partition('?')[0]}"
        said = _message(body)
        if status in _REFUSED and said:
            raise KeyRefusedError(f"{self.address} refuses the key: {said}")
        if status in _UNAVAILABLE and said:
            raise UnreachableError(f"{self.address} cannot answer now: {said}")
        if status != _OK:
            raise NotPhospheneError(f"{where} answered {status}: no Phosphene server?")
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            said = f"{where} does not answer as Phosphene does: {error}"
            raise NotPhospheneError(said) from error

    def _ask(self, path: str) -> tuple[int, bytes]:
        try:
            return self._once(path)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()  # a server may close a connection that was kept: once more
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(error) from error
        try:
            return self._once(path)
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(error) from error

    def _once(self, path: str) -> tuple[int, bytes]:
        if self._line is None:
            self._line = self._connection()
        self._line.request("GET", self.address.base + path, headers=self._headers)
        answer = self._line.getresponse()
        body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise http.client.HTTPException(f"the answer has over {LARGEST} bytes")
        return answer.status, body

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if not self.address.secure:
            return http.client.HTTPConnection(host, port, timeout=ANSWER_S)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=ANSWER_S, context=context)

    def _failed(self, error: Exception) -> click.ClickException:
        self.close()
        if isinstance(error, http.client.HTTPException):
            return NotPhospheneError(f"{self.address} does not speak HTTP: {error!r}")
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return UnreachableError(
            f"cannot connect to {self.address}: {reason}; is `phosphene serve` running?"
        )


def check_key(key: str) -> str:
    """See that a key can be sent.

    Raises:
        KeyRefusedError: there is none, or it has letters that no key has.
    """
    if not key:
        raise KeyRefusedError(
            "no key: give --key, or set PHOSPHENE_KEY; `phosphene keys create --operator`"
            " makes one"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyRefusedError("that is not a key: it has letters that no key has")
    return key


def _message(body: bytes) -> str:
    """What an error of Phosphene says; empty: it is none of Phosphene's."""
    try:
        match msgspec.json.decode(body):
            case {"error": {"message": str(message)}}:
                return message
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    return ""
