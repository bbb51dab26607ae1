"""The frozen types that pass between the stages, in the order in which an entry meets them.

`Source` + `SourceState` → `FetchResult` → `ParsedFeed | Unreadable` → `Entry` → `Decision` →
`PullOutcome` → `Story`. Every time is an aware UTC datetime in whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ALL = "all"
"""The vertical that every story stands in, without being named."""


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


# ---- fetching -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers between two pulls of one source.

    `etag` and `last_modified` are the validators byte for byte as they came (RFC 9110 8.8);
    `body_hash` is of the last body read, so that a 200 that brings nothing new costs no parse.
    `pulled` says whether any pull has ever succeeded.
    """

    source: int
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    last_pull_at: datetime | None = None
    last_success_at: datetime | None = None
    next_pull_at: datetime | None = None
    pulled: bool = False
    gone: bool = False
    absent_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with a body: `url` is where it came from after redirects, the rest its headers."""

    url: str
    body: bytes
    content_type: str | None = None
    content_language: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304, with the validators it carried (RFC 9110 15.4.5)."""

    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A 410: the publisher wants no more requests (RFC 9110 15.5.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Anything else. `reason` is one plain line; `retry_after` is what a 429 or 503 asked for."""

    reason: str
    retry_after: timedelta | None = None


FetchResult = Fetched | NotModified | Gone | Failed


# ---- parsing ------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category as the publisher gave it (RFC 4287 4.2.2); RSS's `domain` is the scheme."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an entry. `length` in bytes, None where it was not said."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A text made by a machine, and how: every format marks it so."""

    kind: Literal["generated", "extract"]
    by: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item of a document: texts, addresses and dates exactly as they stand in it.

    `permalink` is RSS's isPermaLink (true by default there, never in another format). `base` is
    what relative addresses count from. The last three are a seed page's.
    """

    guid: str | None = None
    permalink: bool = False
    link: str | None = None
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    authors: tuple[Person, ...] = ()
    published: str | None = None
    updated: str | None = None
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    base: str | None = None
    publication: str | None = None
    deep_dive: tuple[str, ...] = ()
    verticals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document read: what it says of itself, and its items in its own order.

    `problems` are what was passed over in a seed file, for the operator.
    """

    title: Text | None = None
    id: str | None = None
    site_url: str | None = None
    updated: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    base: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Bytes that are no feed: why, in one plain line, and where if that can be said."""

    reason: str
    line: int | None = None


# ---- entries and stories ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What a feed says of the source of a story (RFC 4287 4.2.11): a snapshot, kept with the entry.

    `feed_url` is None for a seed, which no reader can subscribe to.
    """

    id: str
    title: str
    updated: datetime
    feed_url: str | None = None
    site_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Why an entry stands in a vertical. `score` is 1.0 where it is certain."""

    vertical: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published thing as one source gave it, made uniform and safe.

    `key` tells it from the source's other entries; `id` is the absolute IRI it claims. `title` is
    plain text, `content` and `summary` are safe HTML with absolute addresses. `address_key`,
    `title_key` and `publication_keys` are what `dedup` compares. `digest` changes with anything we
    show, `gist` only with what a reader would call a change.
    """

    key: str
    id: str
    source: SourceInfo
    title: str
    publication: str
    guid: str | None = None
    link: str | None = None
    content: str | None = None
    summary: str | None = None
    deep_dive: Summary | None = None
    authors: tuple[Person, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    verticals: tuple[Assignment, ...] = ()
    address_key: str | None = None
    title_key: str = ""
    publication_keys: tuple[str, ...] = ()
    digest: str = ""
    gist: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry of the store that an arriving one may be the same as, as `dedup` sees it."""

    number: int
    story: int
    source: int
    is_seed: bool
    first_seen: datetime
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """No story of the store is this article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """This source gave this entry before, to the letter."""

    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """This source gave this entry before; `significant` if a reader would call it changed."""

    entry: int
    significant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A story of the store is this article: by which rule, and how sure that is."""

    story: int
    rule: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two published stories turn out to be one article by what arrives: one keeps its id."""

    kept: int
    retired: int
    rule: str
    score: float


Decision = New | Unchanged | Revised | Merged | Joined


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOutcome:
    """All that one pull writes, in one transaction: the state always, entries where there are any.

    `title`, `feed_id` and `site_url` are what the source says of itself now, None to leave what
    stands. `entries` are in the order in which they take their sequence, oldest first.
    """

    state: SourceState
    at: datetime
    first: bool = False
    title: str | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What we publish: entries judged to be the same article, under one frozen id.

    `page_id` is the first 20 hex digits of the SHA-256 of `id`, for our own page's address.
    `updated` is the time of the last significant change, `first_seen` of the first arrival.
    """

    id: str
    page_id: str
    lead: Entry
    first_seen: datetime
    updated: datetime
    also: tuple[Entry, ...] = ()
    verticals: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lead and the others."""
        return (self.lead, *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a feed address asks for: the union of these verticals, sorted; `ALL` stands alone."""

    verticals: tuple[str, ...] = (ALL,)

    @property
    def name(self) -> str:
        """The canonical name in an address: `all`, `tech`, `science_tech`."""
        return "_".join(self.verticals)
