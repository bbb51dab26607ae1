"""Entries, made uniform and safe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model.parsing import Category, Enclosure, Person

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
    plain text, `content` and `summary` are safe HTML with absolute addresses. `named` are the
    verticals that a seed page names, defined or not, `verticals` those it stands in. `address_key`,
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
    named: tuple[str, ...] = ()
    verticals: tuple[Assignment, ...] = ()
    address_key: str | None = None
    title_key: str = ""
    publication_keys: tuple[str, ...] = ()
    digest: str = ""
    gist: str = ""

    def differs_from(self, other: Entry) -> bool:
        """Whether two entries that claim one guid are two: link and title are both others."""
        return self.address_key != other.address_key and self.title_key != other.title_key
