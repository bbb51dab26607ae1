"""The readers of addresses, hosts and networks."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_interface

from aggregator.config.readers import Complaint, FromEnvironment, Reader
from aggregator.urls import absolute, is_absolute_iri


def _web(shape: str, complaint: Complaint) -> Reader:
    """Give the reader of the addresses of this shape that browsers would open."""

    @lru_cache(maxsize=1 << 15)
    def fits(value: str) -> bool:
        return bool(re.fullmatch(shape, value) and absolute(value, None))

    def read(value: object) -> object:
        return str(value) if isinstance(value, str) and fits(value) else complaint

    return read


web_address = _web(
    r"https?://[^/?#\s][^\s\x00-\x1f\x7f]*",
    Complaint(
        what="must be an http or https address with a host",
        todo='write one such as "https://example.org/feed.xml"',
    ),
)

_site_address = _web(
    r"https?://[^/?#@\s]+(?:/[^?#\s\x00-\x1f\x7f]*)?",
    Complaint(
        what="must be an http or https address without user, query or fragment",
        todo='write one such as "https://example.org/news"',
    ),
)


def base_url(value: object) -> object:
    """An address to which paths can be added: it ends in no slash.

    In ASCII, as it stands in feeds and header fields (RFC 3986, RFC 9110 5.5).
    """
    address = _site_address(value)
    return (absolute(address, None) or "").rstrip("/") if isinstance(address, str) else address


def iri(value: object) -> object:
    """An absolute IRI (RFC 4287 4.2.6)."""
    if isinstance(value, str) and is_absolute_iri(value):
        return str(value)
    return Complaint(
        what="must be an absolute IRI",
        todo='write one such as "tag:example.org,2026:news" or "urn:uuid:…"',
    )


def network(value: object) -> object:
    """An IP network; one with host bits set is probably a slip."""
    example = 'write one such as "127.0.0.0/8" or "fd00::/8"'
    try:
        given = ip_interface(value if isinstance(value, str) else "")
    except ValueError:
        return Complaint(what="must be an IP network", todo=example)
    if given.ip == given.network.network_address:
        return given.network
    return Complaint(
        what="must be an IP network, without host bits",
        todo=example if isinstance(value, FromEnvironment) else f'write "{given.network}"',
    )


def place(value: object) -> object:
    """A host as addresses name it, with a port or without: lower-case, in ASCII (UTS 46)."""
    shape = r"(?:\[[^\s\]]+\]|[^\s/?#@:\\\[\]]+)(?::[0-9]{1,5})?"
    if isinstance(value, str) and re.fullmatch(shape, value):
        address = absolute(f"http://{value}/", None)
        if address:
            return address.removeprefix("http://").removesuffix("/").lower()
    return Complaint(
        what="must be a host, with a port or without",
        todo='write one such as "example.org" or "example.org:8080"',
    )
