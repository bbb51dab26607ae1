"""What a feed says, and the bytes that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import (
    Category,
    Enclosure,
    Extension,
    Link,
    Person,
    SourceInfo,
    Story,
    Summary,
    Tombstone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One story as feeds tell it.

    `permalink` is whether `id` is `link` itself (RSS's isPermaLink); `page` is our own page of the
    story. `content_html` is what readers show: `whole` if that is the full text and not a mere
    summary, and then `summary_html` is the short text to go before it, where the lead has one. It
    is made of `deep_dive`, of `text_html`, which the lead's publisher wrote, and of lines that say
    where that is: `elsewhere` are the (publication, link) of others that have the article.
    `verticals` are under our own scheme, `categories` the publishers' own. `links` of the relation
    `via` lead to the same article elsewhere, too; `related` lead to our pages of older stories of
    the same news event. `extensions` may hold one of the namespace `georss` beside those of
    sources. `source` is the lead's, `sources` the (publication, link, feed address) of all.
    """

    id: str
    permalink: bool
    link: str
    page: str
    title: str
    summary_html: str | None
    text_html: str
    content_html: str
    whole: bool
    deep_dive: Summary | None
    elsewhere: tuple[tuple[str, str | None], ...]
    authors: tuple[Person, ...]
    contributors: tuple[Person, ...]
    published: datetime
    updated: datetime
    verticals: tuple[Category, ...]
    categories: tuple[Category, ...]
    enclosures: tuple[Enclosure, ...]
    links: tuple[Link, ...]
    related: tuple[Link, ...]
    rights: str | None
    image: str | None
    banner: str | None
    extensions: tuple[Extension, ...]
    language: str | None
    publication: str
    source: SourceInfo
    sources: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a document of a feed is to say, in this order, and when that last changed for readers.

    `archive` is its own number if it is an archive, `older` and `newer` those of the archives
    before and after it (RFC 5005 4). Of a narrowed selection it is the `page` with this number, and
    there is `more` after it (RFC 5005 3).
    """

    stories: tuple[Story, ...] = ()
    updated: datetime
    tombstones: tuple[Tombstone, ...] = ()
    archive: int | None = None
    older: int | None = None
    newer: int | None = None
    page: int = 1
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One document of a feed, whatever the format: the feed itself, or one of its archives.

    `title` is the site's and its own `name`, which is "" for the feed of everything. `home` is our
    page of the selection, `author` the one of every item that names none. `addresses`
    are its own by format; those of the documents beside it are in `beside`, by the relations of
    RFC 5005: `current`, which an archive has and a feed has not, `prev-archive`, `next-archive`; of
    a page `first`, `previous`, `next`.
    """

    id: str
    title: str
    name: str
    description: str
    language: str
    home: str
    addresses: Mapping[str, str]
    beside: Mapping[str, Mapping[str, str]]
    updated: datetime
    author: str
    items: tuple[FeedItem, ...]
    tombstones: tuple[Tombstone, ...]

    @property
    def is_archive(self) -> bool:
        """Whether it is an archive: its set of items is closed."""
        return "current" in self.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """The bytes of one document in one format and coding, with its validators.

    `coding` is the content coding of the bytes (RFC 9110 8.4.1), None for none.
    """

    body: bytes
    media_type: str
    etag: str
    last_modified: datetime
    coding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One line of our subscription list: a feed's title and address, and its page for people."""

    title: str
    feed_url: str
    page: str
