"""One entry, out of what feedparser makes of an item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from aggregator.markup import unsaid
from aggregator.model import (
    Category,
    Enclosure,
    Extension,
    Link,
    Origin,
    ParsedEntry,
    Place,
    Text,
)
from aggregator.parse import people
from aggregator.parse.details import page, string, text, updated
from aggregator.parse.recording import KEPT

_RELATIONS: Mapping[str, Literal["related", "via", "license", "replies"]] = {
    "related": "related",
    "via": "via",
    "license": "license",
    "replies": "replies",
}
_KINDS: Mapping[str, Literal["point", "line", "polygon", "box"]] = {
    "Point": "point",
    "LineString": "line",
    "Polygon": "polygon",
    "Box": "box",
}
_LONGEST_LENGTH = 15


def read(entry: Mapping[str, Any], url: str, *, atom: bool) -> ParsedEntry:
    """The entry, with everything that the item says and feeds have a word for.

    `url` is the document's: to feedparser every relative address counts from there, but in RSS, of
    which no specification says so, only those have a base that are given one by xml:base.
    """
    extensions: tuple[Extension, ...] = tuple(entry.get(KEPT, ()))
    content = next(iter(_contents(entry)), None)
    summary = entry.get("summary_detail")
    shown = content or summary or entry.get("title_detail") or {}
    published = string(entry.get("published") or entry.get("created"))
    source = entry.get("source") or {}
    base = string(shown.get("base"))
    return ParsedEntry(
        guid=string(entry.get("id")),
        # feedproxy.google.com, that this undoes, is gone.
        link=string(entry.get("feedburner_origlink")) or page(entry, atom=atom),
        title=text(entry.get("title_detail")) or _said(extensions, "media:title", "itunes:title"),
        summary=text(summary)
        or _said(extensions, "media:description", "itunes:summary", "itunes:subtitle"),
        content=text(content),
        authors=people.authors(entry, atom=atom) or people.authors(source, atom=atom),
        contributors=people.contributors(entry),
        # RSS knows no updates: the one date of an RSS 1.0 item is its dc:date.
        published=published or (None if atom else updated(entry)),
        updated=updated(entry),
        categories=_categories(entry),
        enclosures=tuple(dict.fromkeys(_enclosures(entry))),
        links=tuple(dict.fromkeys(_links(entry))),
        rights=text(entry.get("rights_detail")),
        place=_place(entry),
        extensions=extensions,
        origin=_origin(source) if source else None,
        language=string(entry.get("language") or shown.get("language")),
        base=base if atom or base != url else None,
    )


def _contents(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entry's inline texts, HTML ones first (RFC 4287 4.1.3.3: any media type may come)."""
    inline = [c for c in entry.get("content", ()) if (c.get("value") or "").strip()]
    inline = [
        c for c in inline if (c.get("type") or "text/").startswith(("text/", "application/xhtml"))
    ]
    return sorted(inline, key=lambda c: "html" not in (c.get("type") or ""))


def _said(extensions: tuple[Extension, ...], *names: str) -> Text | None:
    """The text of the first of these elements, also in a group: what it is in YouTube's feeds."""
    every = [inner for one in extensions for inner in (one, *one.children)]
    for name in names:
        for one in every:
            if one.name == name and one.text:
                kind = dict(one.attributes).get("type")
                return (
                    unsaid(one.text) if kind is None else Text(value=one.text, html=kind == "html")
                )
    return None


def _categories(entry: Mapping[str, Any]) -> tuple[Category, ...]:
    return tuple(
        dict.fromkeys(
            Category(term=term, scheme=string(c.get("scheme")), label=string(c.get("label")))
            for c in entry.get("tags", ())
            if (term := string(c.get("term")))
        )
    )


def _enclosures(entry: Mapping[str, Any]) -> Iterator[Enclosure]:
    """Enclosures, of RSS 1.0 too (`enc:enclosure`), and content elsewhere (RFC 4287 4.1.3.2)."""
    for one in entry.get("enclosures", ()):
        if href := string(one.get("href")):
            yield Enclosure(
                url=href,
                type=string(one.get("type")),
                length=_length(one.get("length")),
                title=string(one.get("title")),
            )
    rdf = entry.get("enc_enclosure")
    if isinstance(rdf, dict):
        given = {key.rpartition(":")[2]: value for key, value in rdf.items()}
        if href := string(given.get("resource")):
            length = _length(given.get("length"))
            yield Enclosure(url=href, type=string(given.get("type")), length=length)
    for content in entry.get("content", ()):
        if href := string(content.get("src")):
            yield Enclosure(url=href, type=string(content.get("type")))


def _length(value: object) -> int | None:
    said = string(value) or ""
    return int(said) if said.isdecimal() and len(said) <= _LONGEST_LENGTH else None


def _links(entry: Mapping[str, Any]) -> Iterator[Link]:
    """Atom's links, and RSS's comments in the same words."""
    for one in entry.get("links", ()):
        rel, href = _RELATIONS.get(one.get("rel") or ""), string(one.get("href"))
        if rel and href:
            yield Link(
                rel=rel,
                href=href,
                type=string(one.get("type")),
                title=string(one.get("title")),
                hreflang=string(one.get("hreflang")),
            )
    for key, kind in (("comments", "text/html"), ("wfw_commentrss", "application/rss+xml")):
        href = string(entry.get(key)) or ""
        if href.startswith(("http:", "https:", "/")):  # others give their number there
            yield Link(rel="replies", href=href, type=kind)


def _place(entry: Mapping[str, Any]) -> Place | None:
    """GeoRSS, with or without GML, and the W3C's `geo:lat` and `geo:long`.

    feedparser gives (longitude, latitude), as GeoJSON has it.
    """
    where = entry.get("where") or {}
    kind, given = _KINDS.get(where.get("type") or ""), where.get("coordinates")
    if kind and given:
        listed = [given] if kind == "point" else given[0] if kind == "polygon" else given
        return Place(kind=kind, coordinates=tuple((one[1], one[0]) for one in listed))
    try:
        point = (float(entry["geo_lat"]), float(entry["geo_long"]))
    except (KeyError, TypeError, ValueError):
        return None
    return Place(kind="point", coordinates=(point,))


def _origin(source: Mapping[str, Any]) -> Origin:
    """RFC 4287 4.2.11, and RSS's `source`, which gives a title and the feed's address."""
    selves = (one for one in source.get("links", ()) if one.get("rel") == "self")
    own = next((href for one in selves if (href := string(one.get("href")))), None)
    title = string(source.get("title"))
    return Origin(
        title=text(source.get("title_detail")) or (Text(value=title, html=True) if title else None),
        id=string(source.get("id")),
        updated=updated(source),
        feed_url=own or string(source.get("href")),
        site_url=page(source, atom=True),
        rights=text(source.get("rights_detail")),
    )
