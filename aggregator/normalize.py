"""ParsedEntry → Entry: one shape, safe, absolute, dated, with the keys that `dedup` compares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter

import msgspec

from aggregator import dates, markup, urls
from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    ParsedEntry,
    ParsedFeed,
    Person,
    SourceInfo,
    Summary,
    Text,
)
from aggregator.settings import Source

UNKNOWN_MACHINE = "unknown"
"""Who made a text of which the seed says only that it is generated."""


def entries(
    feed: ParsedFeed, source: Source, first_address: str, now: datetime
) -> tuple[Entry, ...]:
    """The entries of a document, in its own order, each of them once.

    Items that share a guid but differ in link and title are different entries; of items that are
    the same entry (one guid, or one link and title) the first stands. An item with neither title
    nor text nor link is none.
    `first_address` is what ids are minted from (RFC 4287 4.2.6: frozen wherever a source moves).
    """
    info = source_info(feed, source, first_address, now)
    document = _Document(
        feed=feed,
        info=info,
        first_address=first_address,
        publication=source.publication or info.title,
        publication_keys=_publication_keys(source, info),
        now=now,
    )
    found: dict[str, Entry] = {}
    for parsed in feed.entries:
        if parsed.title or parsed.summary or parsed.content or parsed.link or parsed.deep_dive:
            entry = _entry(parsed, document)
            if entry.key in found and entry.differs_from(found[entry.key]):
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

    A source without a date gets its newest entry's. One whose address holds a password is known
    by its site alone.
    """
    updated = dates.parse(feed.updated, now)
    if updated is None:
        said = (dates.parse(e.updated or e.published, now) for e in feed.entries)
        updated = max(filter(None, said), default=now)
    secret = "@" in source.address.partition("//")[2].partition("/")[0]
    return SourceInfo(
        id=feed.id if feed.id and urls.is_absolute_iri(feed.id) else minted(first_address, ""),
        title=source_title(feed, source),
        updated=min(updated, now),
        feed_url=None if secret or source.is_seed else source.address,
        site_url=source.site_url or urls.absolute(feed.site_url or "", feed.base),
    )


def source_title(feed: ParsedFeed, source: Source) -> str:
    """What the source is called: by the operator, by itself, or else by its host."""
    own = markup.plain_text(feed.title) if feed.title else ""
    return source.title or own or urls.host(source.address) or source.address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """What is the same for all entries of a document."""

    feed: ParsedFeed
    info: SourceInfo
    first_address: str
    publication: str
    publication_keys: tuple[str, ...]
    now: datetime


def _entry(parsed: ParsedEntry, document: _Document) -> Entry:
    feed, now = document.feed, document.now
    base = parsed.base or feed.base
    link = urls.absolute(parsed.link or "", base)
    title = markup.plain_text(parsed.title) if parsed.title else ""
    content = _html(parsed.content, base)
    summary = _html(parsed.summary, base)
    published = dates.parse(parsed.published, now)
    updated = dates.parse(parsed.updated, now)
    own = parsed.guid or parsed.link or f"{title or content or summary}\n{parsed.published}"
    entry = Entry(
        key=_hash("guid" if parsed.guid else "link" if parsed.link else "title", own),
        id=_id(parsed, own, document.first_address),
        source=document.info,
        title=title,
        publication=parsed.publication or document.publication,
        guid=parsed.guid,
        link=link,
        content=content,
        summary=None if summary == content else summary,
        deep_dive=_deep_dive(parsed),
        authors=_people(parsed.authors or feed.authors),
        published=min(first, now) if (first := published or updated) else None,
        updated=min(updated, now) if updated else None,
        categories=tuple(_categories(parsed.categories)),
        enclosures=tuple(_enclosures(parsed.enclosures, base)),
        language=parsed.language or feed.language,
        named=parsed.verticals,
        address_key=urls.address_key(link) if link else None,
        title_key=markup.title_key(title),
        publication_keys=(
            _keys(parsed.publication) if parsed.publication else document.publication_keys
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
    return markup.safe_html(text.value if text.html else markup.escape(text.value), base) or None


def _deep_dive(parsed: ParsedEntry) -> Summary | None:
    paragraphs = tuple(map(markup.xml_safe, parsed.deep_dive))
    return (
        Summary(kind="generated", by=UNKNOWN_MACHINE, paragraphs=paragraphs) if paragraphs else None
    )


def _people(people: Iterable[Person]) -> tuple[Person, ...]:
    plain = (
        Person(name=name, uri=urls.absolute(p.uri or "", None), email=p.email)
        for p in people
        if (name := markup.plain_text(Text(value=p.name, html=True)))
    )
    return tuple(dict.fromkeys(plain))


def _categories(categories: Iterable[Category]) -> Iterable[Category]:
    for category in categories:
        if term := markup.plain_text(Text(value=category.term, html=False)):
            label = category.label and markup.plain_text(Text(value=category.label, html=False))
            yield Category(term=term, scheme=category.scheme, label=label or None)


def _enclosures(enclosures: Iterable[Enclosure], base: str | None) -> Iterable[Enclosure]:
    for enclosure in enclosures:
        if url := urls.absolute(enclosure.url, base):
            yield replace(enclosure, url=url)


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
    "categories", "enclosures", "language", "named",
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
