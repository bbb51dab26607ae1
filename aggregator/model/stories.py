"""Decisions on entries, and the stories that come of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.entries import Deleted, Entry
from aggregator.model.fetching import Host, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry of the store that an arriving one may be the same as, as `dedup` sees it.

    `address` is where we pull its source from, whatever the entry says of that itself. `told` are
    the gists that it had before the one that it has.
    """

    number: int
    story: int
    source: int
    address: str
    is_seed: bool
    first_seen: datetime
    entry: Entry
    told: tuple[str, ...] = ()


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
    """Published stories turn out to be one article by what arrives: one keeps its id."""

    kept: int
    retired: tuple[int, ...]
    rule: str
    score: float


Decision = New | Unchanged | Revised | Merged | Joined


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOutcome:
    """All that one pull writes, in one transaction: the state always, entries where there are any.

    `title` is what the source calls itself now, None to leave what stands. `entries` are in the
    order in which they take their sequence, oldest first; `first` if none was ever stored before.
    `items` is how many the document has with those that its source gave before, as far as they
    were counted. `deleted` are what the source takes back. `host` is what to remember of the
    source's host, None where nothing changed.
    """

    state: SourceState
    title: str | None = None
    first: bool = False
    entries: tuple[Entry, ...] = ()
    items: int = 0
    deleted: tuple[Deleted, ...] = ()
    host: Host | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of a pull's entries: how many there were of each kind."""

    new: int = 0
    revised: int = 0
    merged: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    @property
    def news(self) -> dict[str, int]:
        """How many there were of those that change a story, by kind; without kinds of none."""
        counts = {
            "new": self.new,
            "revised": self.revised,
            "merged": self.merged,
            "withdrawn": self.withdrawn,
        }
        return {name: count for name, count in counts.items() if count}


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
class Tombstone:
    """A story that is published no more, by the id that readers knew, and since when (RFC 6721)."""

    id: str
    at: datetime
