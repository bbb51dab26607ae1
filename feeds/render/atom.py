"""Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from typing import Any

from aggregator.dates import rfc3339
from aggregator.model import Person, SourceInfo
from aggregator.urls import is_absolute_iri
from feeds.document import FeedDocument, FeedItem
from feeds.render.generator import (
    ChannelExtension,
    FeedExtension,
    add,
    add_entry,
    add_extensions,
    add_link,
    add_link_to_file,
    add_machine_text,
    cut_out,
    extensions,
    generator,
    head,
)

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TYPE = "application/atom+xml"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_END = b"</feed>"


def around(document: FeedDocument) -> tuple[bytes, bytes]:
    """What stands before and after the entries of a feed.

    The feed has an author, so that entries without one are valid (4.1.1); no entry gets an author
    that its publisher did not name.
    """
    feed = head(document, "atom", _TYPE, _Feed)
    feed.updated(document.updated)
    feed.author(name=document.author)
    written: bytes = feed.atom_str()
    return written.removesuffix(_END), _END


class _Feed(ChannelExtension):
    def extend_ns(self) -> dict[str, str]:
        tombstones = {"at": _TOMBSTONES} if self.document.tombstones else {}
        return super().extend_ns() | tombstones

    def extend_atom(self, root: Any) -> Any:
        self.add_beside(root, "link", "atom", _TYPE)
        for one in self.document.tombstones:
            add(root, f"{{{_TOMBSTONES}}}deleted-entry", ref=one.id, when=rfc3339(one.at))
        return root


def entry(item: FeedItem) -> bytes:
    """The item as an `atom:entry`, whose namespaces the feed declares."""
    feed = generator(FeedExtension, _Entry)
    entry = add_entry(feed, item)
    entry.published(item.published)
    entry.updated(item.updated)
    entry.author(_people(item.authors))
    entry.contributor(_people(item.contributors))
    entry.rights(item.rights)
    entry.category(
        [
            {"term": one.term, "scheme": _iri(one.scheme), "label": one.label}
            for one in item.verticals + item.categories
        ]
    )
    written: bytes = feed.atom_str()
    return cut_out(written, b"<entry", _END)


class _Entry:
    item: FeedItem

    def extend_atom(self, element: Any) -> Any:
        """Adds what feedgen drops: the relation of each link, and most of the source.

        Elements are made without a namespace, as feedgen makes its own.
        """
        item = self.item
        element.find("link").set("rel", "alternate")
        if item.language:
            element.set(_LANG, item.language)
        for link in item.links + item.related:
            add_link(element, "link", link)
        for enclosure in item.enclosures:
            add_link_to_file(element, "link", enclosure)
        _add_source(element, item.source)
        add_extensions(element, extensions(item))
        add_machine_text(element, item.deep_dive)
        return element


def _people(people: tuple[Person, ...]) -> list[dict[str, str | None]]:
    return [{"name": one.name, "uri": one.uri, "email": one.email} for one in people]


def _add_source(entry: Any, source: SourceInfo) -> None:
    """4.2.11: the feed that the entry was copied from SHOULD be named by id, title and updated."""
    element = add(entry, "source")
    add(element, "id", source.id)
    add(element, "title", source.title)
    add(element, "updated", rfc3339(source.updated))
    if source.feed_url:
        add(element, "link", rel="self", href=source.feed_url)
    if source.site_url:
        add(element, "link", rel="alternate", href=source.site_url)
    if source.rights:
        add(element, "rights", source.rights)


def _iri(scheme: str | None) -> str | None:
    """4.2.2.2: a scheme is an IRI; RSS's domain, where it comes from, may be any string."""
    return scheme if scheme and is_absolute_iri(scheme) else None
