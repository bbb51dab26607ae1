"""RSS 2.0, after the specification and the RSS Advisory Board's Best Practices Profile (RSSP)."""

from __future__ import annotations

import re
from typing import Any

from aggregator.dates import rfc822, rfc3339
from aggregator.model import Enclosure
from feeds.document import FeedDocument, FeedItem
from feeds.render.generator import (
    FeedExtension,
    add,
    add_entry,
    add_link_to_file,
    add_machine_text,
    generator,
)

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PLAIN_TEXT = re.compile(rb"<(title|category|source|dc:creator|dc:publisher)\b[^>]*>[^<]*")


def rss(document: FeedDocument) -> bytes:
    """The document as RSS 2.0."""
    feed = generator(document, "rss", "application/rss+xml")
    # feedgen dates a feed with the clock, and writes dates by switching the locale of the whole
    # process, under the feet of every other thread: we write them ourselves.
    vars(feed)["_FeedGenerator__rss_lastBuildDate"] = None
    feed.register_extension("broadsheet", _Channel, _Item, atom=False)
    feed.broadsheet.document = document
    for item in document.items:
        entry = add_entry(feed, item)
        entry.broadsheet.item = item
        ours = [{"term": name, "scheme": document.taxonomy} for name, _ in item.verticals]
        theirs = [{"term": one.term, "scheme": one.scheme} for one in item.categories]
        entry.category(ours + theirs)
        if item.source.feed_url:
            entry.source(item.source.feed_url, item.source.title)
        if enclosure := _first_enclosure(item):
            entry.enclosure(enclosure.url, enclosure.length or 0, enclosure.type)
    return _PLAIN_TEXT.sub(_by_number, feed.rss_str())


class _Channel(FeedExtension):
    document: FeedDocument

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC[1:-1]}

    def extend_rss(self, root: Any) -> Any:
        add(root[0], "lastBuildDate", rfc822(self.document.updated))
        return root


class _Item:
    item: FeedItem

    def extend_rss(self, element: Any) -> Any:
        """Adds what feedgen drops: authors without e-mail addresses, and every link but one."""
        item = self.item
        add(element, "pubDate", rfc822(item.published))
        add(element, f"{_ATOM}updated", rfc3339(item.updated))
        for person in item.authors:
            add(element, f"{_DC}creator", person.name)
        add(element, f"{_DC}publisher", item.publication)
        for href, title in item.via:
            add(element, f"{_ATOM}link", rel="via", href=href, title=title)
        first = _first_enclosure(item)
        for one in item.enclosures:
            # RSSP allows one enclosure an item: the others are links.
            if one is not first:
                add_link_to_file(element, f"{_ATOM}link", one)
        add_machine_text(element, item.deep_dive)
        return element


def _first_enclosure(item: FeedItem) -> Enclosure | None:
    """RSS wants an enclosure's address to be an http URL."""
    return next((one for one in item.enclosures if one.url.startswith(("http:", "https:"))), None)


def _by_number(plain: re.Match[bytes]) -> bytes:
    """RSSP 3.1: in plain text `&` and `<` are written so that nobody takes them for HTML."""
    return plain[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
