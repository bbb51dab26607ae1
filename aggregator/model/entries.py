"""Entries, made uniform and safe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model.parsing import Category, Enclosure, Extension, Link, Person, Place

ALL = "all"
"""The vertical that every story stands in, without being named."""

NAMED_BY_SEED = "seed"
"""The reason of an assignment to a vertical that a seed page itself makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A text made by a machine, and how: every format marks it so."""

    kind: Literal["generated", "extract"]
    by: str
    paragraphs: tuple[str, ...]


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
    rights: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Why an entry stands in a vertical. `score` is 1.0 where it is certain."""

    vertical: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What config.toml says of a source's entries: how we show them, and whether at all.

    `show` is how much of the text; `rank` decides who speaks for a story, the higher the sooner; a
    `private` source's address is not published. Without `merge` the entry is a story of its own,
    whatever it is like. `excluded` is why it stands in no feed.
    """

    show: Literal["full", "summary", "title"] = "full"
    rank: int = 0
    private: bool = False
    merge: bool = True
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The key of an entry that its source takes back, and when that was; None if it does not say.

    What was published or updated after that is meant no more (RFC 6721 3).
    """

    key: str
    at: datetime | None

    def means(self, entry: Entry) -> bool:
        """Whether this is the entry that is taken back, and not a later form of it."""
        said = entry.updated or entry.published
        return entry.key == self.key and not (self.at and said and said > self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published thing as one source gave it, made uniform and safe.

    `key` tells it from the source's other entries; `id` is the absolute IRI it claims. `title` is
    plain text, `content` and `summary` are safe HTML with absolute addresses, `image` is the main
    picture and `banner` the one for a headline's background. `named` are the verticals that a seed
    page names, defined or not, `verticals` those it stands in, on the `terms` of its source.
    `address_key`, `title_key` and `publication_keys` are what `dedup` compares. `digest` changes
    with anything we show, `gist` only with what a reader would call a change. `signature` is what
    finds the texts that are like its own, on its way into the store.
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
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    rights: str | None = None
    place: Place | None = None
    image: str | None = None
    banner: str | None = None
    extensions: tuple[Extension, ...] = ()
    language: str | None = None
    named: tuple[str, ...] = ()
    verticals: tuple[Assignment, ...] = ()
    terms: Terms = Terms()
    address_key: str | None = None
    title_key: str = ""
    publication_keys: tuple[str, ...] = ()
    digest: str = ""
    gist: str = ""
    signature: bytes = b""

    def differs_from(self, other: Entry) -> bool:
        """Whether two entries that claim one guid are two: link and title are both others."""
        return self.address_key != other.address_key and self.title_key != other.title_key
