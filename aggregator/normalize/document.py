"""A document's entries, in its own order, and what is said of their source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator import dates, extensions, markup, urls
from aggregator.model import Deleted, Entry, Origin, ParsedEntry, ParsedFeed, SourceInfo
from aggregator.normalize import identity, parts
from aggregator.settings import Source
from aggregator.signature import uncorrected


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
            if entry.key in found and identity.is_another(entry, found[entry.key]):
                entry = identity.apart(entry, first_address)
            found.setdefault(entry.key, entry)
    alike: dict[object, Entry] = {}
    for entry in found.values():
        told = entry.address_key and entry.title_key
        alike.setdefault((entry.address_key, entry.title_key) if told else entry.key, entry)
    return tuple(alike.values())


def deleted(feed: ParsedFeed, now: datetime) -> tuple[Deleted, ...]:
    """What the document takes back (RFC 6721), by the keys that its entries have."""
    return tuple(
        Deleted(key=identity.hashed("guid", one.ref), at=dates.parse(one.when, now))
        for one in feed.deletions
    )


def arrival_order(found: tuple[Entry, ...], *, first: bool, now: datetime) -> tuple[Entry, ...]:
    """The entries as they are to take their places, oldest first.

    Documents list the newest first. An entry without a date is the oldest of a source's first
    pull, and the newest of any later one: there it has just appeared.
    """
    undated = datetime.min.replace(tzinfo=UTC) if first else now
    oldest_first = list(reversed(found))
    return tuple(sorted(oldest_first, key=lambda entry: entry.published or undated))


def source_info(feed: ParsedFeed, source: Source, first_address: str, now: datetime) -> SourceInfo:
    """What our feeds say of the source (RFC 4287 4.2.11 wants id, title and updated).

    A source without a date gets its newest entry's.
    """
    updated = dates.parse(feed.updated, now)
    if updated is None:
        said = (dates.parse(e.updated or e.published, now) for e in feed.entries)
        updated = max(filter(None, said), default=now)
    return SourceInfo(
        id=feed.id
        if feed.id and urls.is_absolute_iri(feed.id)
        else identity.minted(first_address, ""),
        title=source_title(feed, source),
        updated=min(updated, now),
        feed_url=None if source.is_seed else source.address,
        site_url=source.site_url or urls.absolute(feed.site_url or "", feed.base),
        rights=parts.plain(feed.rights),
    )


def source_title(feed: ParsedFeed, source: Source) -> str:
    """What the source is called: by the operator, by itself, or else by its host."""
    return source.title or parts.plain(feed.title) or urls.host(source.address) or source.address


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
    title = parts.plain(parsed.title) or ""
    elements = extensions.checked(parsed.extensions, base)
    enclosures = tuple(parts.enclosures(parsed.enclosures, base, elements))
    origin = _origin(parsed.origin, title, base, document) if parsed.origin else None
    source = origin or document.info
    publication = parsed.publication or document.source.publication or source.title
    content = parts.html(parsed.content, base)
    summary = parts.html(parsed.summary, base)
    published = dates.parse(parsed.published, now)
    updated = dates.parse(parsed.updated, now)
    own = parsed.guid or parsed.link or f"{title or content or summary}\n{parsed.published}"
    title_key = _title_key(title)
    # Of the dates only the one that the source calls published, as it stands: what we make of it
    # moves with `updated` and, while it lies ahead, with the clock.
    shown: dict[str, Any] = {
        "title": title,
        "publication": publication,
        "link": link,
        "content": content,
        "summary": None if summary == content else summary,
        "deep_dive": parts.deep_dive(parsed),
        "authors": parts.people(parsed.authors or feed.authors),
        "contributors": parts.people(parsed.contributors),
        "published": published,
        "categories": parts.categories(parsed.categories),
        "enclosures": enclosures,
        "links": tuple(parts.links(parsed.links, base)),
        "rights": parts.plain(parsed.rights),
        "place": parts.place(parsed.place),
        "image": parts.image(parsed, base, elements, enclosures),
        "banner": urls.absolute(parsed.banner, base) if parsed.banner else None,
        "extensions": elements,
        "language": parsed.language or feed.language,
        "named": parsed.verticals,
    }
    digest = identity.digest(shown)
    shown["published"] = min(first, now) if (first := published or updated) else None
    return Entry(
        **shown,
        key=identity.hashed("guid" if parsed.guid else "link" if parsed.link else "title", own),
        id=identity.identifier(parsed, own, document.first_address),
        source=source,
        guid=parsed.guid,
        updated=min(updated, now) if updated else None,
        address_key=urls.address_key(link) if link else None,
        title_key=title_key,
        publication_keys=(
            identity.keys(publication)
            if parsed.publication or origin
            else document.publication_keys
        ),
        digest=digest,
        gist=identity.gist(title_key, content or summary or "", shown["deep_dive"]),
    )


def _title_key(title: str) -> str:
    """What a title is compared by: what is sent again has that of what it corrects."""
    return markup.title_key(uncorrected(title)) or markup.title_key(title)


def _origin(
    origin: Origin, entry_title: str, base: str | None, document: _Document
) -> SourceInfo | None:
    """Where the entry was first published, if its source copied it from another feed and says so.

    RFC 4287 4.2.11 lets nobody name another there. None without a name, or for the source itself,
    and for forums of Discourse, which name the thread's own comments.
    """
    own, feed_url = document.info, urls.absolute(origin.feed_url or "", base)
    title = parts.plain(origin.title)
    if title in (None, entry_title) or (feed_url or origin.id) in (None, own.feed_url, own.id):
        return None
    known = origin.id if origin.id and urls.is_absolute_iri(origin.id) else None
    updated = dates.parse(origin.updated, document.now)
    return SourceInfo(
        id=known or identity.minted(feed_url or "", ""),
        title=title,
        updated=min(updated, document.now) if updated else own.updated,
        feed_url=feed_url,
        site_url=urls.absolute(origin.site_url or "", base),
        rights=parts.plain(origin.rights),
    )


def _publication_keys(source: Source, info: SourceInfo) -> tuple[str, ...]:
    """The names under which a source's publication may be known: the operator's, else guesses."""
    hosts = (urls.host_name(url) for url in (info.site_url, source.address) if url)
    return (
        identity.keys(source.publication)
        if source.publication
        else identity.keys(info.title, *hosts)
    )
