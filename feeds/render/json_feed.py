"""JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import Any

from aggregator.dates import rfc3339
from aggregator.markup import text_of
from aggregator.model import Enclosure, Person
from feeds.document import FeedDocument, FeedItem

_VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(document: FeedDocument) -> bytes:
    """The document as JSON Feed 1.1; what it calls extensions (`_…`) hold what it has no word for.

    `_summary` marks a text made by a machine, `_source` is where the story is from and `_sources`
    all the places, where there are several.
    """
    feed = {
        "version": _VERSION,
        "title": document.title,
        "home_page_url": document.home,
        "feed_url": document.feed_urls["json"],
        "description": document.description,
        "language": document.language,
        "authors": [{"name": document.author}],
        "items": [_item(item) for item in document.items],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _item(item: FeedItem) -> dict[str, Any]:
    return _said(
        id=item.id,
        url=item.link,
        title=item.title,
        content_html=item.content_html,
        summary=text_of(item.summary_html or ""),
        date_published=rfc3339(item.published),
        date_modified=rfc3339(item.updated),
        authors=[_author(person) for person in item.authors],
        tags=_tags(item),
        language=item.language,
        attachments=[_attachment(enclosure) for enclosure in item.enclosures],
        _summary=_summary(item),
        _source=_said(
            title=item.source.title,
            feed_url=item.source.feed_url,
            site_url=item.source.site_url,
            publication=item.publication,
        ),
        _sources=_sources(item),
    )


def _said(**members: Any) -> dict[str, Any]:
    """The members that say something: a None or an empty text or list is left out."""
    return {name: value for name, value in members.items() if value}


def _author(person: Person) -> dict[str, Any]:
    return _said(name=person.name, url=person.uri)


def _tags(item: FeedItem) -> list[str]:
    """Our verticals first, then the publishers' categories, each word once."""
    names = [name for name, _ in item.verticals]
    return list(dict.fromkeys(names + [category.term for category in item.categories]))


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _said(
        url=enclosure.url,
        mime_type=enclosure.type,
        title=enclosure.title,
        size_in_bytes=enclosure.length,
    )


def _summary(item: FeedItem) -> dict[str, Any] | None:
    if item.deep_dive is None:
        return None
    text = "\n\n".join(item.deep_dive.paragraphs)
    return {"kind": item.deep_dive.kind, "by": item.deep_dive.by, "text": text}


def _sources(item: FeedItem) -> list[dict[str, Any]]:
    if len(item.sources) == 1:
        return []
    return [
        _said(publication=publication, url=link, feed_url=feed_url)
        for publication, link, feed_url in item.sources
    ]
