"""JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from aggregator.dates import rfc3339
from aggregator.markup import text_of
from aggregator.model import VOCABULARIES, Enclosure, Extension, Link, Person
from feeds.document import FeedDocument, FeedItem

_VERSION = "https://jsonfeed.org/version/1.1"
_END = b"]}"


def around(document: FeedDocument) -> tuple[bytes, bytes]:
    """What stands before and after the items of a feed, between which there are commas."""
    older = document.beside.get("prev-archive") or document.beside.get("next")
    feed = {
        "version": _VERSION,
        "title": document.title,
        "home_page_url": document.home,
        "feed_url": (
            document.beside.get("current") or document.beside.get("first") or document.addresses
        )["json"],
        "description": document.description,
        "language": document.language,
        "authors": [{"name": document.author}],
        **({"next_url": older["json"]} if older else {}),
        "items": [],
    }
    return _written(feed).removesuffix(_END), _END


def item(item: FeedItem) -> bytes:
    """The item; what JSON Feed calls extensions (`_…`) hold what it has no word for.

    `_summary` marks a text made by a machine, `_source` is where the story is from, `_sources` all
    the places, where there are several, and `_related` our pages of stories of the same event. The
    others have the names of the vocabularies that have a word.
    """
    external = next((link.href for link in item.links if link.rel == "related"), None)
    members = _said(
        id=item.id,
        url=item.link,
        external_url=external,
        title=item.title,
        content_html=item.content_html,
        summary=text_of(item.summary_html or ""),
        image=item.image,
        banner_image=item.banner,
        date_published=rfc3339(item.published),
        date_modified=rfc3339(item.updated),
        authors=[_person(one) for one in item.authors],
        tags=_tags(item),
        language=item.language,
        attachments=[_attachment(one) for one in item.enclosures],
        _summary=_summary(item),
        _source=_said(
            title=item.source.title,
            feed_url=item.source.feed_url,
            site_url=item.source.site_url,
            rights=item.source.rights,
            publication=item.publication,
        ),
        _sources=_sources(item),
        _related=_related(item),
        _atom=_said(
            contributors=[_person(one) for one in item.contributors],
            rights=item.rights,
            links=_links(item),
        ),
    )
    for prefix in (*VOCABULARIES, "georss"):
        if of_prefix := [one for one in item.extensions if one.name.startswith(f"{prefix}:")]:
            members[f"_{prefix}"] = _elements(of_prefix)
    return _written(members)


def _written(members: dict[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _said(**members: Any) -> dict[str, Any]:
    """The members that say something: a None or an empty text or list is left out."""
    return {name: value for name, value in members.items() if value}


def _person(person: Person) -> dict[str, Any]:
    """An address of mail is an address too."""
    mail = f"mailto:{person.email}" if person.email else None
    return _said(name=person.name, url=person.uri or mail, avatar=person.avatar)


def _tags(item: FeedItem) -> list[str]:
    """Our verticals first, then the publishers' categories, each word once."""
    return list(dict.fromkeys(one.term for one in item.verticals + item.categories))


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _said(
        url=enclosure.url,
        mime_type=enclosure.type,
        title=enclosure.title,
        size_in_bytes=enclosure.length,
        duration_in_seconds=enclosure.duration,
    )


def _summary(item: FeedItem) -> dict[str, Any] | None:
    if item.deep_dive is None:
        return None
    text = "\n\n".join(item.deep_dive.paragraphs)
    return {"kind": item.deep_dive.kind, "by": item.deep_dive.by, "text": text}


def _sources(item: FeedItem) -> dict[str, Any] | None:
    """The version 1.1 wants an extension to be an object, and here are several things."""
    if len(item.sources) == 1:
        return None
    every = [
        _said(publication=publication, url=link, feed_url=feed_url)
        for publication, link, feed_url in item.sources
    ]
    return {"all": every}


def _related(item: FeedItem) -> dict[str, Any]:
    """As `_sources`: an object with all of them."""
    return _said(all=[_said(url=one.href, title=one.title) for one in item.related])


def _links(item: FeedItem) -> list[dict[str, Any]]:
    """The links but for those that `_sources` tells."""
    told = {link for _, link, _ in item.sources}
    return [_link(one) for one in item.links if one.rel != "via" or one.href not in told]


def _link(link: Link) -> dict[str, Any]:
    return _said(
        rel=link.rel, href=link.href, type=link.type, title=link.title, hreflang=link.hreflang
    )


def _elements(extensions: Iterable[Extension]) -> dict[str, Any]:
    """XML elements by their names without prefixes, each a list of objects.

    An object has the element's attributes, its text as `value`, and the elements in it.
    """
    found: dict[str, Any] = {}
    for one in extensions:
        members = _said(value=one.text) | dict(one.attributes) | _elements(one.children)
        found.setdefault(one.name.partition(":")[2], []).append(members)
    return found
