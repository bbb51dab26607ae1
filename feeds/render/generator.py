"""What RSS and Atom have in common, through feedgen: what it does right is left to it."""

from __future__ import annotations

from typing import Any

from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from aggregator.model import Enclosure, Summary
from feeds.document import FeedDocument, FeedItem

BROADSHEET = "urn:broadsheet:1"
"""The namespace of our own elements: the marks on texts made by machines."""


class FeedExtension:
    """feedgen wants an extension of the feed for each of its entries': this one does nothing."""

    def extend_ns(self) -> dict[str, str]:
        """The prefixes to declare at the root."""
        return {}

    def extend_rss(self, root: Any) -> Any:
        """The root, as it is."""
        return root

    extend_atom = extend_rss


def generator(document: FeedDocument, fmt: str, media_type: str) -> Any:
    """A feedgen generator that knows everything about the feed that both formats tell."""
    feed = FeedGenerator()
    feed.id(document.id)
    feed.title(document.title)
    feed.description(document.description)
    feed.language(document.language)
    feed.generator("Broadsheet")
    feed.docs("")
    feed.link(href=document.feed_urls[fmt], rel="self", type=media_type)
    # Last, because the last link given becomes the RSS channel's (python-feedgen#122).
    feed.link(href=document.home, rel="alternate", type="text/html")
    return feed


def add_entry(feed: Any, item: FeedItem) -> Any:
    """A new last entry of the generator, with everything that both formats tell of the item.

    A full text is `content` and its short text `summary`; a mere summary is no content. In RSS
    that makes a description with content:encoded after it, or a description alone (RSSP 5.2).
    """
    entry = feed.add_entry(order="append")
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


def add_machine_text(parent: Any, deep_dive: Summary | None) -> None:
    """Appends `<b:summary>`: a text made by a machine says so, and by which, in every format."""
    if deep_dive:
        element = xml_elem(
            f"{{{BROADSHEET}}}summary",
            parent,
            nsmap={"b": BROADSHEET},
            kind=deep_dive.kind,
            by=deep_dive.by,
        )
        element.text = "\n\n".join(deep_dive.paragraphs)
