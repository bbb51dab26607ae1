"""What RSS and Atom have in common, through feedgen: what it does right is left to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from aggregator.model import VOCABULARIES, Enclosure, Extension, Link, Summary
from feeds.document import FeedDocument, FeedItem

BROADSHEET = "urn:broadsheet:1"
"""The namespace of our own elements: the marks on texts made by machines."""

_EXTENSION = re.compile(rb"<(?:dc|itunes|media|podcast):[^>]*>[^<]+")

HISTORY = "http://purl.org/syndication/history/1.0"
"""The namespace of RFC 5005: what an archive says of itself."""

NAMESPACES = {**VOCABULARIES, "georss": "http://www.georss.org/georss", "b": BROADSHEET}
"""What may stand in RSS and Atom alike, by prefix: every feed declares it all, once."""


class FeedExtension:
    """What feedgen wants of an extension of the feed: the namespaces."""

    def extend_ns(self) -> dict[str, str]:
        """The prefixes to declare at the root."""
        return dict(NAMESPACES)

    def extend_rss(self, root: Any) -> Any:
        """The root, as it is."""
        return root

    extend_atom = extend_rss


class ChannelExtension(FeedExtension):
    """And what stands in a document before its items, besides what feedgen knows."""

    document: FeedDocument

    def extend_ns(self) -> dict[str, str]:
        """Of an archive one more."""
        history = {"fh": HISTORY} if self.document.is_archive else {}
        return super().extend_ns() | history

    def add_beside(self, channel: Any, link: str, fmt: str, media_type: str) -> None:
        """The documents before and after this one, and whether it is closed (RFC 5005 4)."""
        for rel, addresses in self.document.beside.items():
            add(channel, link, rel=rel, href=addresses[fmt], type=media_type)
        if self.document.is_archive:
            add(channel, f"{{{HISTORY}}}archive")


def head(
    document: FeedDocument, fmt: str, media_type: str, extension: type[ChannelExtension]
) -> Any:
    """A feedgen generator that knows everything about the document that both formats tell."""
    feed = FeedGenerator()
    feed.register_extension("broadsheet", extension)
    feed.broadsheet.document = document
    feed.id(document.id)
    feed.title(document.title)
    feed.description(document.description)
    feed.language(document.language)
    feed.generator("Broadsheet")
    feed.docs("")
    feed.link(href=document.addresses[fmt], rel="self", type=media_type)
    # Last, because the last link given becomes the RSS channel's (python-feedgen#122).
    feed.link(href=document.home, rel="alternate", type="text/html")
    return feed


def generator(extension: type[FeedExtension], of_items: type) -> Any:
    """A feedgen generator of items, about whose feed it knows nothing that matters.

    The items are to be cut out of what it writes: they need its root for their namespaces.
    """
    feed = FeedGenerator()
    feed.id("-")
    feed.title("-")
    feed.description("-")
    feed.link(href="-")
    # feedgen dates a feed with the clock, and writes dates by switching the locale of the whole
    # process, under the feet of every other thread.
    vars(feed)["_FeedGenerator__rss_lastBuildDate"] = None
    feed.register_extension("broadsheet", extension, of_items)
    return feed


def cut_out(written: bytes, start: bytes, end: bytes) -> bytes:
    """The items alone, of what a generator of items wrote."""
    return _EXTENSION.sub(by_number, written[written.index(start) : -len(end)])


def by_number(plain: re.Match[bytes]) -> bytes:
    """RSSP 3.1: in plain text `&` and `<` are written so that nobody takes them for HTML."""
    return plain[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def add_entry(feed: Any, item: FeedItem) -> Any:
    """The entry of the generator, with everything that both formats tell of the item.

    A full text is `content` and its short text `summary`; a mere summary is no content. In RSS
    that makes a description with content:encoded after it, or a description alone (RSSP 5.2).
    """
    entry = feed.add_entry(order="append")
    entry.broadsheet.item = item
    entry.guid(item.id, permalink=item.permalink)
    entry.title(item.title)
    entry.link(href=item.link)
    if item.summary_html:
        entry.summary(item.summary_html, type="html")
    if item.whole:
        entry.content(item.content_html, type="html")
    else:
        entry.summary(item.content_html, type="html")
    return entry


def add(parent: Any, name: str, text: str | None = None, **attributes: str | None) -> Any:
    """Appends an element and gives it back; attributes that are None or empty are left out."""
    element = xml_elem(name, parent, **{key: said for key, said in attributes.items() if said})
    element.text = text
    return element


def add_link(parent: Any, name: str, link: Link) -> None:
    """Appends a link to what stands beside the article (RFC 4287 4.2.7)."""
    add(
        parent,
        name,
        rel=link.rel,
        href=link.href,
        type=link.type,
        hreflang=link.hreflang,
        title=link.title,
    )


def add_link_to_file(parent: Any, name: str, enclosure: Enclosure) -> None:
    """Appends an enclosure as an Atom link (RFC 4287 4.2.7.2), its length where it is known."""
    add(
        parent,
        name,
        rel="enclosure",
        href=enclosure.url,
        type=enclosure.type,
        length=str(enclosure.length or ""),
        title=enclosure.title,
    )


def add_extensions(parent: Any, extensions: Iterable[Extension]) -> None:
    """Appends the elements, with all that they hold."""
    for one in extensions:
        prefix, _, local = one.name.partition(":")
        element = add(parent, f"{{{NAMESPACES[prefix]}}}{local}", one.text or None)
        for name, said in one.attributes:
            element.set(name, said)
        add_extensions(element, one.children)


def add_machine_text(parent: Any, deep_dive: Summary | None) -> None:
    """Appends `<b:summary>`: a text made by a machine says so, and by which, in every format."""
    if deep_dive:
        text = "\n\n".join(deep_dive.paragraphs)
        add(parent, f"{{{BROADSHEET}}}summary", text, kind=deep_dive.kind, by=deep_dive.by)


def extensions(item: FeedItem) -> Iterator[Extension]:
    """The item's extensions, and what else Media RSS has the only word for, unless they have it.

    That is JSON Feed's pictures, first, as a reader shows the first it finds; and how long an
    enclosure plays. `dc:source` beside `source` is one thing too many to the W3C's validator
    (DuplicateItemSemantics).
    """
    named = set(_addresses(item.extensions))
    files = {one.url for one in item.enclosures}
    for picture in dict.fromkeys((item.image, item.banner)):
        if picture and picture not in named | files:
            attributes = (("url", picture), ("medium", "image"))
            yield Extension(name="media:content", attributes=attributes)
    if not any(one.name == "itunes:duration" for one in item.extensions):
        for one in item.enclosures:
            if one.duration and one.url not in named:
                told = (("url", one.url), ("type", one.type or ""), ("duration", str(one.duration)))
                yield Extension(name="media:content", attributes=told)
    yield from (one for one in item.extensions if one.name != "dc:source")


def _addresses(extensions: Iterable[Extension]) -> Iterator[str]:
    for one in extensions:
        yield from (said for name, said in one.attributes if name in {"url", "href"})
        yield from _addresses(one.children)
