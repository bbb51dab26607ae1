"""Which format a document is in."""

from __future__ import annotations

import codecs

from aggregator.model import ParsedFeed, Unreadable
from aggregator.parse import json_feed, xml_feed

_BLANK = b" \t\r\n"


def read(
    body: bytes,
    url: str,
    content_type: str | None = None,
    content_language: str | None = None,
) -> ParsedFeed | Unreadable:
    """The document that came from `url` with these headers, read whatever it calls itself.

    A JSON Feed is known by its first character: half of them are served as something else.
    """
    start = body.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)[:1]
    if not start:
        return Unreadable(
            reason="an empty document; the source has nothing to give at this address"
        )
    if start in (b"{", b"["):
        return json_feed.read(body, url)
    return xml_feed.read(body, url, content_type, content_language)
