"""Which address a client has, behind a proxy or not. Pure.

`X-Forwarded-For` is believed of proxies that are named in `web.trusted_proxies`, and of
nobody else. It is read from its end: the last address that is no trusted proxy's was
written by one; whatever stands before it, the client may have made up.
"""

import ipaddress
from typing import Final, TypeAlias

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_NET_BITS: Final = 64
"""Of IPv6, what one client is given; the other half it chooses as it likes."""


class Peers:
    """Finds clients' addresses.

    Args:
        trusted: addresses and networks of proxies, as `web.trusted_proxies`.
    """

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._trusted = [ipaddress.ip_network(one, strict=False) for one in trusted]

    def client(self, peer: str, forwarded: str = "") -> str:
        """Tell a client's address.

        Args:
            peer: where the connection comes from.
            forwarded: `X-Forwarded-For`; of several such headers all, with commas between.

        Returns:
            The address as it is usually written; `peer` itself where that is none.
        """
        nearest = _address(peer)
        if nearest is None:
            return peer
        for part in reversed(forwarded.split(",")):
            if not self._is_proxy(nearest):
                break
            before = _address(part.strip())
            if before is None:
                break
            nearest = before
        return str(nearest)

    def _is_proxy(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def one_client(address: str) -> str:
    """What stands for a client where clients are counted: in IPv6 its network."""
    found = _address(address)
    if not isinstance(found, ipaddress.IPv6Address):
        return address
    return str(ipaddress.ip_network((found, _NET_BITS), strict=False))


def _address(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or found
    return found
