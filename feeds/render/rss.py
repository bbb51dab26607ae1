"""RSS 2.0, after the specification and the RSS Advisory Board's Best Practices Profile (RSSP)."""

from __future__ import annotations

import re
from typing import Any

from aggregator.dates import rfc822, rfc3339
from aggregator.model import Enclosure, Link
from feeds.document import FeedDocument, FeedItem
from feeds.render.generator import (
    NAMESPACES,
    ChannelExtension,
    FeedExtension,
    add,
    add_entry,
    add_extensions,
    add_link,
    add_link_to_file,
    add_machine_text,
    by_number,
    cut_out,
    extensions,
    generator,
    head,
)

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = f"{{{NAMESPACES['dc']}}}"
_TYPE = "application/rss+xml"
_WFW = "http://wellformedweb.org/CommentAPI/"
_END = b"</channel></rss>"
_PLAIN_TEXT = re.compile(rb"<(?:title|category|source)\b[^>]*>[^<]*")


def around(document: FeedDocument) -> tuple[bytes, bytes]:
    """What stands before and after the items of a feed."""
    feed = head(document, "rss", _TYPE, _Channel)
    # The date of the clock, which feedgen would write.
    vars(feed)["_FeedGenerator__rss_lastBuildDate"] = None
    written: bytes = feed.rss_str()
    return _PLAIN_TEXT.sub(by_number, written.removesuffix(_END)), _END


def item(item: FeedItem) -> bytes:
    """The item as an `item`, whose namespaces the document declares."""
    feed = generator(_Namespaces, _Item)
    entry = add_entry(feed, item)
    entry.category(
        [{"term": one.term, "scheme": one.scheme} for one in item.verticals + item.categories]
    )
    if item.source.feed_url:
        entry.source(item.source.feed_url, item.source.title)
    if enclosure := _first_enclosure(item):
        entry.enclosure(enclosure.url, enclosure.length or 0, enclosure.type)
    if page := _comments(item):
        entry.comments(page.href)
    written: bytes = feed.rss_str()
    return _PLAIN_TEXT.sub(by_number, cut_out(written, b"<item", _END))


class _Namespaces(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        return super().extend_ns() | {"wfw": _WFW}


class _Channel(ChannelExtension, _Namespaces):
    def extend_rss(self, root: Any) -> Any:
        # feedgen would write it by switching the locale of the whole process.
        add(root[0], "lastBuildDate", rfc822(self.document.updated))
        self.add_beside(root[0], f"{_ATOM}link", "rss", _TYPE)
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
        for person in item.contributors:
            add(element, f"{_DC}contributor", person.name)
        add(element, f"{_DC}publisher", item.publication)
        if item.rights:
            add(element, f"{_DC}rights", item.rights)
        if item.language:
            add(element, f"{_DC}language", item.language)
        _add_links(element, item)
        add_extensions(element, extensions(item))
        add_machine_text(element, item.deep_dive)
        return element


def _add_links(element: Any, item: FeedItem) -> None:
    """Comments have words of their own; all else, and RSSP allows one enclosure, is Atom's."""
    page, feed = _comments(item), _comments_feed(item)
    if feed:
        add(element, f"{{{_WFW}}}commentRss", feed.href)
    for link in item.links + item.related:
        if link not in (page, feed):
            add_link(element, f"{_ATOM}link", link)
    first = _first_enclosure(item)
    for one in item.enclosures:
        if one is not first:
            add_link_to_file(element, f"{_ATOM}link", one)


def _first_enclosure(item: FeedItem) -> Enclosure | None:
    """RSS wants an enclosure's address to be an http URL."""
    return next((one for one in item.enclosures if one.url.startswith(("http:", "https:"))), None)


def _comments(item: FeedItem) -> Link | None:
    return next((o for o in item.links if o.rel == "replies" and not _is_feed(o)), None)


def _comments_feed(item: FeedItem) -> Link | None:
    return next((o for o in item.links if o.rel == "replies" and _is_feed(o)), None)


def _is_feed(link: Link) -> bool:
    return (link.type or "").lower().endswith(("xml", "json"))
