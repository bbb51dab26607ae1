"""Tombstones (RFC 6721): what a source says that it published and does so no more."""

from __future__ import annotations

import contextlib
from xml.parsers import expat

from aggregator.model import Deletion

_NAME = "http://purl.org/atompub/tombstones/1.0 deleted-entry"
_MARK = b"deleted-entry"
_MOST = 10_000
"""Tombstones of a document that are read, the first as they stand."""


def read(body: bytes) -> tuple[Deletion, ...]:
    """The `at:deleted-entry` elements of an XML feed that stand beside its entries.

    feedparser keeps the last one alone. Of a malformed document, those before its defect.
    """
    if _MARK not in body:
        return ()
    found: list[Deletion] = []
    around: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        beside_entries = len(around) == 1 or around[1:] == ["channel"]
        if name == _NAME and beside_entries and attributes.get("ref") and len(found) < _MOST:
            found.append(Deletion(ref=attributes["ref"], when=attributes.get("when")))
        around.append(name)

    def end(_: str) -> None:
        around.pop()

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    # ValueError is an encoding of several bytes a character.
    with contextlib.suppress(expat.ExpatError, ValueError):
        parser.Parse(body, True)  # noqa: FBT003 - it takes no keyword
    return tuple(found)
