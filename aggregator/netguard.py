"""May we connect to this *resolved* address? A source must not make us ask our own network.

The guard stands where sockets are made, because only there every way in has become an address:
names, literals, redirect targets, odd spellings of numbers. Which blocks are not global is said by
the IANA special-purpose registries (RFC 6890); they are spelt out here, since what `ipaddress`
calls global differs between versions of Python.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Networks = tuple[IPv4Network | IPv6Network, ...]
"""The blocks an operator allows although they are not global: `[pull] allow_networks`."""

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""One answer of getaddrinfo: family, type, protocol, canonical name, socket address."""

_KINDS_V4 = tuple(
    (IPv4Network(block), kind)
    for block, kind in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a shared (carrier-grade NAT) address"),
        ("127.0.0.0/8", "a loopback address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)

_KINDS_V6 = tuple(
    (IPv6Network(block), kind)
    for block, kind in (
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("fc00::/7", "a private (unique local) address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private (site-local) address"),
        ("ff00::/8", "a multicast address"),
        ("2001:2::/48", "a benchmarking address"),
        ("2001:db8::/32", "a documentation address"),
        ("3fff::/20", "a documentation address"),
        ("2001::/23", "a reserved address"),
    )
)

_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


REFUSED = "refused: "
"""What the text of a `RefusedError` begins with, also where it stands among others."""


class RefusedError(OSError):
    """Raised in place of a socket; the text says which address was refused, and why."""


def refusal(address: str, allow: Networks) -> str | None:
    """Why we may not connect to `address`, or None if we may.

    Args:
        address: an address as getaddrinfo gives it, with the scope id if it has one.
        allow: blocks that are allowed whatever they are; an IPv4 block allows its IPv4-mapped
            form (RFC 4291 2.5.5.2) too.

    Returns:
        One plain line such as `10.0.0.1 is a private address`. The forms that carry an IPv4
        address (mapped; NAT64, RFC 6052; 6to4, RFC 3056; Teredo, RFC 4380) are judged by it.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return f"{address} is not an address"
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    if any(ip in network or (mapped or ip) in network for network in allow):
        return None
    kind = _kind(ip)
    return None if kind is None else f"{address} is {kind}"


def guarded_socket_factory(allow: Networks) -> Callable[[AddressInfo], socket.socket]:
    """What makes the sockets of an HTTP client, and refuses to before any packet leaves.

    The factory raises `RefusedError` for an address that `refusal` finds a reason against.
    """

    def make_socket(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, where = info
        reason = refusal(where[0], allow)
        if reason is not None:
            raise RefusedError(REFUSED + reason)
        return socket.socket(family, kind, protocol)

    return make_socket


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    """What keeps an address from being global, or None if it is."""
    if isinstance(ip, IPv4Address):
        return next((kind for block, kind in _KINDS_V4 if ip in block), None)
    carried = _carried(ip)
    if carried is not None:
        kind = _kind(carried)
        return None if kind is None else f"another form of {carried}, {kind}"
    kind = next((kind for block, kind in _KINDS_V6 if ip in block), None)
    if kind is None and ip.scope_id is not None:
        return "an address of one link (it has a scope id)"
    if kind is None and ip not in _GLOBAL_V6:
        return "a reserved address"
    return kind


def _carried(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to `ip` end up at."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
