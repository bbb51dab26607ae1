"""ParsedEntry → Entry: one shape, safe, absolute, dated, with the keys that `dedup` compares."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter

import msgspec

from aggregator import dates, extensions, markup, urls
from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    Origin,
    ParsedEntry,
    ParsedFeed,
    Person,
    Place,
    SourceInfo,
    Summary,
    Text,
)
from aggregator.settings import Source

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_POLE = 90

UNKNOWN_MACHINE = "unknown"
"""Who made a text of which the seed says only that it is generated."""


def entries(
    feed: ParsedFeed, source: Source, first_address: str, now: datetime
) -> tuple[Entry, ...]:
    """The entries of a document, in its own order, each of them once.

    Items that share a guid but differ in link and title are different entries, and so are those
    without a link that differ in title. Of items that are the same entry (one guid, or one link and
    title) the first stands. An item without title, text, link and enclosure is none.
    `first_address` is what ids are minted from (RFC 4287 4.2.6: frozen wherever a source moves).
    """
    info = source_info(feed, source, first_address, now)
    document = _Document(
        feed=feed,
        info=info,
        first_address=first_address,
        source=source,
        publication_keys=_publication_keys(source, info),
        now=now,
    )
    found: dict[str, Entry] = {}
    for parsed in feed.entries:
        said = (parsed.title, parsed.summary, parsed.content, parsed.link, parsed.enclosures)
        if any(said) or parsed.deep_dive:
            entry = _entry(parsed, document)
            if entry.key in found and _is_another(entry, found[entry.key]):
                entry = apart(entry, first_address)
            found.setdefault(entry.key, entry)
    alike: dict[object, Entry] = {}
    for entry in found.values():
        told = entry.address_key and entry.title_key
        alike.setdefault((entry.address_key, entry.title_key) if told else entry.key, entry)
    return tuple(alike.values())


def arrival_order(found: tuple[Entry, ...], *, first: bool, now: datetime) -> tuple[Entry, ...]:
    """The entries as they are to take their places, oldest first.

    Documents list the newest first. An entry without a date is the oldest of a source's first
    pull, and the newest of any later one: there it has just appeared.
    """
    undated = datetime.min.replace(tzinfo=UTC) if first else now
    oldest_first = list(reversed(found))
    return tuple(sorted(oldest_first, key=lambda entry: entry.published or undated))


def _is_another(entry: Entry, first: Entry) -> bool:
    """Whether an item that shares its guid with one before it in the document is not that one.

    Of items that link nowhere, or to a whole site, the title alone can tell: podcasts of which
    several episodes have the guid of the first.
    """
    retitled = entry.title_key != first.title_key
    return retitled and (entry.address_key is None or entry.address_key != first.address_key)


def apart(entry: Entry, first_address: str) -> Entry:
    """The entry under a key and id of its own, for one whose guid another entry has."""
    own = f"{entry.guid}\n{entry.link}\n{entry.title}"
    return replace(entry, key=_hash("apart", own), id=minted(first_address, own))


def minted(first_address: str, name: str) -> str:
    """A `urn:uuid` (RFC 9562 version 5) for something that a source gave without a usable id."""
    space = uuid.uuid5(uuid.NAMESPACE_URL, first_address)
    return uuid.uuid5(space, name).urn


def source_info(feed: ParsedFeed, source: Source, first_address: str, now: datetime) -> SourceInfo:
    """What our feeds say of the source (RFC 4287 4.2.11 wants id, title and updated).

    A source without a date gets its newest entry's.
    """
    updated = dates.parse(feed.updated, now)
    if updated is None:
        said = (dates.parse(e.updated or e.published, now) for e in feed.entries)
        updated = max(filter(None, said), default=now)
    return SourceInfo(
        id=feed.id if feed.id and urls.is_absolute_iri(feed.id) else minted(first_address, ""),
        title=source_title(feed, source),
        updated=min(updated, now),
        feed_url=None if source.is_seed else source.address,
        site_url=source.site_url or urls.absolute(feed.site_url or "", feed.base),
        rights=_plain(feed.rights),
    )


def source_title(feed: ParsedFeed, source: Source) -> str:
    """What the source is called: by the operator, by itself, or else by its host."""
    return source.title or _plain(feed.title) or urls.host(source.address) or source.address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """What is the same for all entries of a document."""

    feed: ParsedFeed
    info: SourceInfo
    first_address: str
    source: Source
    publication_keys: tuple[str, ...]
    now: datetime


def _entry(parsed: ParsedEntry, document: _Document) -> Entry:
    feed, now = document.feed, document.now
    link = urls.absolute(parsed.link or "", parsed.base or feed.base)
    # In RSS and JSON Feed nobody says what a text's addresses count from. They were written for the
    # article's page: the document may lie with a feed service, on another host.
    base = parsed.base or link or feed.base
    title = _plain(parsed.title) or ""
    elements = extensions.checked(parsed.extensions, base)
    enclosures = tuple(_enclosures(parsed.enclosures, base, elements))
    origin = _origin(parsed.origin, title, base, document) if parsed.origin else None
    publication = (
        parsed.publication or document.source.publication or (origin or document.info).title
    )
    content = _html(parsed.content, base)
    summary = _html(parsed.summary, base)
    published = dates.parse(parsed.published, now)
    updated = dates.parse(parsed.updated, now)
    own = parsed.guid or parsed.link or f"{title or content or summary}\n{parsed.published}"
    entry = Entry(
        key=_hash("guid" if parsed.guid else "link" if parsed.link else "title", own),
        id=_id(parsed, own, document.first_address),
        source=origin or document.info,
        title=title,
        publication=publication,
        guid=parsed.guid,
        link=link,
        content=content,
        summary=None if summary == content else summary,
        deep_dive=_deep_dive(parsed),
        authors=_people(parsed.authors or feed.authors),
        contributors=_people(parsed.contributors),
        published=min(first, now) if (first := published or updated) else None,
        updated=min(updated, now) if updated else None,
        categories=tuple(_categories(parsed.categories)),
        enclosures=enclosures,
        links=tuple(_links(parsed.links, base)),
        rights=_plain(parsed.rights),
        place=_place(parsed.place),
        image=_image(parsed, base, elements, enclosures),
        banner=urls.absolute(parsed.banner or "", base),
        extensions=elements,
        language=parsed.language or feed.language,
        named=parsed.verticals,
        address_key=urls.address_key(link) if link else None,
        title_key=markup.title_key(title),
        publication_keys=(
            _keys(publication) if parsed.publication or origin else document.publication_keys
        ),
    )
    # Of the dates only the one that the source calls published, as it stands: what we make of it
    # moves with `updated` and, while it lies ahead, with the clock.
    digest = _digest(replace(entry, published=published))
    return replace(entry, digest=digest, gist=_gist(entry))


def _id(parsed: ParsedEntry, own: str, first_address: str) -> str:
    """An absolute IRI stands as the source gave it (RFC 4287 4.2.6); all else gets one minted."""
    if parsed.guid and urls.is_absolute_iri(parsed.guid):
        return parsed.guid
    return minted(first_address, own)


def _html(text: Text | None, base: str | None) -> str | None:
    if text is None:
        return None
    html = text.value if text.html else _paragraphs(text.value)
    return markup.safe_html(html, base, urls.without_tracking) or None


def _paragraphs(plain: str) -> str:
    """Plain text as HTML that keeps its lines, which HTML itself takes for spaces."""
    blocks = [markup.escape(block.strip("\n")) for block in _BLANK_LINES.split(plain.strip())]
    lines = [block.replace("\n", "<br>") for block in blocks]
    return lines[0] if len(lines) == 1 else "".join(f"<p>{line}</p>" for line in lines)


def _deep_dive(parsed: ParsedEntry) -> Summary | None:
    paragraphs = tuple(map(markup.xml_safe, parsed.deep_dive))
    return (
        Summary(kind="generated", by=UNKNOWN_MACHINE, paragraphs=paragraphs) if paragraphs else None
    )


def _plain(text: Text | None) -> str | None:
    return (markup.plain_text(text) or None) if text else None


def _people(people: Iterable[Person]) -> tuple[Person, ...]:
    plain = (
        Person(
            name=name,
            uri=urls.absolute(p.uri or "", None),
            email=p.email,
            avatar=urls.absolute(p.avatar or "", None),
        )
        for p in people
        if (name := markup.plain_text(Text(value=p.name, html=True)))
    )
    return tuple(dict.fromkeys(plain))


def _categories(categories: Iterable[Category]) -> Iterable[Category]:
    for category in categories:
        if term := markup.plain_text(Text(value=category.term, html=False)):
            label = category.label and markup.plain_text(Text(value=category.label, html=False))
            yield Category(term=term, scheme=category.scheme, label=label or None)


def _enclosures(
    enclosures: Iterable[Enclosure], base: str | None, elements: tuple[Extension, ...]
) -> Iterable[Enclosure]:
    for one in enclosures:
        if url := urls.absolute(one.url, base):
            plays = extensions.seconds(elements, url) if one.duration is None else one.duration
            yield replace(one, url=url, duration=plays)


def _links(links: Iterable[Link], base: str | None) -> Iterable[Link]:
    for one in links:
        if href := urls.absolute(one.href, base):
            title = _plain(Text(value=one.title, html=False)) if one.title else None
            yield replace(one, href=href, title=title)


def _place(place: Place | None) -> Place | None:
    """A place on Earth; None where the numbers can be none."""
    if place and all(abs(lat) <= _POLE and abs(lon) <= 2 * _POLE for lat, lon in place.coordinates):
        return place
    return None


def _image(
    parsed: ParsedEntry,
    base: str | None,
    elements: tuple[Extension, ...],
    enclosures: tuple[Enclosure, ...],
) -> str | None:
    """The picture that stands for the entry: as it says itself, else the first it comes with."""
    enclosed = (one.url for one in enclosures if (one.type or "").startswith("image/"))
    return (
        urls.absolute(parsed.image or "", base)
        or extensions.picture(elements)
        or next(enclosed, None)
    )


def _origin(
    origin: Origin, entry_title: str, base: str | None, document: _Document
) -> SourceInfo | None:
    """Where the entry was first published, if its source copied it from another feed and says so.

    RFC 4287 4.2.11 lets nobody name another there. None without a name, or for the source itself,
    and for forums of Discourse, which name the thread's own comments.
    """
    own, feed_url = document.info, urls.absolute(origin.feed_url or "", base)
    title = _plain(origin.title)
    if title in (None, entry_title) or (feed_url or origin.id) in (None, own.feed_url, own.id):
        return None
    known = origin.id if origin.id and urls.is_absolute_iri(origin.id) else None
    updated = dates.parse(origin.updated, document.now)
    return SourceInfo(
        id=known or minted(feed_url or "", ""),
        title=title,
        updated=min(updated, document.now) if updated else own.updated,
        feed_url=feed_url,
        site_url=urls.absolute(origin.site_url or "", base),
        rights=_plain(origin.rights),
    )


def _publication_keys(source: Source, info: SourceInfo) -> tuple[str, ...]:
    """The names under which a source's publication may be known: the operator's, else guesses."""
    hosts = (urls.host_name(url) for url in (info.site_url, source.address) if url)
    return _keys(source.publication) if source.publication else _keys(info.title, *hosts)


def _keys(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for name in names if (key := markup.title_key(name))))


def _hash(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


_SHOWN = attrgetter(
    "title", "publication", "link", "content", "summary", "deep_dive", "authors", "published",
    "contributors", "categories", "enclosures", "links", "rights", "place", "image", "banner",
    "extensions", "language", "named",
)  # fmt: skip


def _digest(entry: Entry) -> str:
    """Changes with anything that we show of the entry.

    Not with what the source says of itself, nor with `updated`: half the feeds that have it raise
    it at every build.
    """
    return blake2b(msgspec.json.encode(_SHOWN(entry)), digest_size=16).hexdigest()


def _gist(entry: Entry) -> str:
    """Changes with the words of title and text alone: what a reader would call a change."""
    paragraphs = entry.deep_dive.paragraphs if entry.deep_dive else ()
    text = markup.text_of(entry.content or entry.summary or "")
    return _hash(entry.title_key, markup.title_key(" ".join((text, *paragraphs))))
