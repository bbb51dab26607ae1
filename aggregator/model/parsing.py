"""A document as it was read, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from aggregator.model.fetching import NO_WISHES, Wishes

VOCABULARIES: Mapping[str, str] = MappingProxyType(
    {
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "podcast": "https://podcastindex.org/namespace/1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
    }
)
"""The namespaces of extension elements that go from sources to feeds whole, by usual prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a file an operator wrote: where, what, and what to do about it."""

    file: str
    line: int | None
    what: str
    todo: str

    def __str__(self) -> str:
        """`file:line: what; what to do`, without the line where there is none to name."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.what}; {self.todo}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as the source gave it, and whether it is to be read as HTML (RFC 4287 3.1)."""

    value: str
    html: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author (RFC 4287 3.2): a name, and what else was said of them."""

    name: str
    uri: str | None = None
    email: str | None = None
    avatar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category as the publisher gave it (RFC 4287 4.2.2); RSS's `domain` is the scheme."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an entry: `length` in bytes, `duration` in seconds, None if unsaid."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page or feed beside the entry's own, in the words of RFC 4287 4.2.7.

    `related` (JSON Feed's `external_url` too), `via`, `license` (RFC 4946), and `replies`
    (RFC 4685): RSS's `comments` as text/html, `wfw:commentRss` under the type of a feed.
    """

    rel: Literal["related", "via", "license", "replies"]
    href: str
    type: str | None = None
    title: str | None = None
    hreflang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is (GeoRSS Simple): `coordinates` are (latitude, longitude) in degrees."""

    kind: Literal["point", "line", "polygon", "box"]
    coordinates: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An element of one of `VOCABULARIES` (RFC 4287 6.4): its name is `prefix:local`."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    children: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed that an entry was copied from before its source had it (RFC 4287 4.2.11)."""

    title: Text | None = None
    id: str | None = None
    updated: str | None = None
    feed_url: str | None = None
    site_url: str | None = None
    rights: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item of a document: texts, addresses and dates exactly as they stand in it.

    `base` is what relative addresses count from, where the document or its format says; `image` and
    `banner` are JSON Feed's pictures. The last three are a seed page's.
    """

    guid: str | None = None
    link: str | None = None
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    authors: tuple[Person, ...] = ()
    published: str | None = None
    updated: str | None = None
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    rights: Text | None = None
    place: Place | None = None
    image: str | None = None
    banner: str | None = None
    extensions: tuple[Extension, ...] = ()
    origin: Origin | None = None
    language: str | None = None
    base: str | None = None
    publication: str | None = None
    deep_dive: tuple[str, ...] = ()
    verticals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A tombstone (RFC 6721 3): the guid of an entry that is published no more, and since when."""

    ref: str
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document read: what it says of itself, and its items in its own order.

    `problems` are what was passed over in a seed file, for the operator; `wishes` is how its
    publisher asks to be polled, `deletions` are what it takes back.
    """

    title: Text | None = None
    id: str | None = None
    site_url: str | None = None
    updated: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    rights: Text | None = None
    base: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    wishes: Wishes = NO_WISHES
    deletions: tuple[Deletion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Bytes that are no feed: why, in one plain line, and where if that can be said."""

    reason: str
    line: int | None = None
