"""A document taken apart into its items, in whatever format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from aggregator import urls

GUID = "guid "
"""How a name begins that is a guid."""

_ABSOLUTE = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# Of an address like this nothing is folded but the host, and that is most of them.
_PLAIN = re.compile(
    r"https?://(?![^/]*youtu|.*(?:amp(?![a-z0-9_])|ampproject|/index[.](?:s?html?|php)|[.]bildM))"
    r"[\w.-]+((?:/[\w~-][\w.~-]*)+)/?",
    re.ASCII,
)
_HOST = re.compile(r"[^/?#]*")


class CannotTellError(Exception):
    """The items of this document cannot be told apart for sure: it is to be read whole."""


class Items(Protocol):
    """A document of which it is known where its items stand."""

    @property
    def head(self) -> bytes:
        """All that stands outside of the items and that entries depend on."""
        ...

    @property
    def items(self) -> Sequence[bytes]:
        """The items, in the order of the document."""
        ...

    def names(self, item: bytes) -> frozenset[str]:
        """What the item is known by.

        Two items of which one entry might be made have one of these in common.

        Raises:
            CannotTellError: it says so in a way that only the parser understands.
        """
        ...

    def left(self, kept: Sequence[bool]) -> bytes:
        """The document without the items that are not to be kept."""
        ...


def named(ids: Iterable[str], links: Iterable[str]) -> frozenset[str]:
    """The names of an item that has these ids and links, empty ones aside.

    Entries are one by their guid; by address and title; without a guid by their link, and without
    that by title and date. Titles are left out of it: few items have one address.

    Raises:
        CannotTellError: a link counts from a path that is not known here.
    """
    found = {f"{GUID}{one}" for each in ids if (one := each.strip())}
    has_guid = bool(found)
    for one in {one for each in links if (one := each.strip())}:
        if path := _path(one):
            found.add(f"path {path}")
        elif not _ABSOLUTE.match(one):
            raise CannotTellError
        elif not has_guid:
            found.add(f"link {one}")
    return frozenset(found or {"nameless"})


def _path(address: str) -> str | None:
    """What of an address names a page, whatever host it stands on or counts from."""
    if plain := _PLAIN.fullmatch(address):
        return plain[1]
    start = "http:" if address.startswith("//") else "http://host" if address[0] == "/" else ""
    key = urls.address_key(start + address)
    return _HOST.sub("", key, count=1) if key else None
