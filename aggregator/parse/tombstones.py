"""Tombstones (RFC 6721): what a source says that it published and does so no more."""

from __future__ import annotations

import contextlib
from xml.parsers import expat

from aggregator.model import Deletion

_NAME = "http://purl.org/atompub/tombstones/1.0 deleted-entry"
_MARK = b"deleted-entry"
_BESIDE = (1, 2)
"""How deep entries lie, in Atom and in RSS."""

_MOST = 10_000
"""Tombstones of a document that are read, the first as they stand."""


def read(body: bytes) -> tuple[Deletion, ...]:
    """The `at:deleted-entry` elements of an XML feed that stand beside its entries.

    feedparser keeps the last one alone. Of a malformed document, those before its defect.
    """
    if _MARK not in body:
        return ()
    found: list[Deletion] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if name == _NAME and depth in _BESIDE and attributes.get("ref") and len(found) < _MOST:
            found.append(Deletion(ref=attributes["ref"], when=attributes.get("when")))
        depth += 1

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    # ValueError is an encoding of several bytes a character.
    with contextlib.suppress(expat.ExpatError, ValueError):
        parser.Parse(body, True)  # noqa: FBT003 - it takes no keyword
    return tuple(found)
