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
    the gists that it had before the one that it has, `matched` is the entry that it was found to be
    the same as when it came.
    """

    number: int
    story: int
    source: int
    address: str
    is_seed: bool
    first_seen: datetime
    entry: Entry
    told: tuple[str, ...] = ()
    matched: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who is in a story: the source of each of its entries, and the stories to be kept apart."""

    sources: tuple[int, ...] = ()
    apart: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An entry of another story that an arriving one is like: how much, and why it is another."""

    entry: int
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """No story of the store is this article; those that `near` are like are others."""

    near: tuple[Near, ...] = ()


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
    """A story of the store is this article: by which rule, and how sure that is.

    `like` is the entry of it that the arriving one is the same as. If it `corrects` the article it
    is a revision of that.
    """

    story: int
    rule: str
    score: float
    like: int | None = None
    corrects: bool = False
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Published stories turn out to be one article by what arrives: one keeps its id."""

    kept: int
    retired: tuple[int, ...]
    rule: str
    score: float
    like: int | None = None
    corrects: bool = False
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """What arrives is like these entries of stories that cannot be one, or that it cannot join.

    All that hangs together with it has to be parted anew (`dedup.parted`).
    """

    like: tuple[int, ...]


Decision = New | Unchanged | Revised | Merged | Joined | Contested


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOutcome:
    """All that one pull writes, in one transaction: the state always, entries where there are any.

    `title` is what the source calls itself now, None to leave what stands. `entries` are in the
    order in which they take their sequence, oldest first; `first` if none was ever stored before.
    `items` is how many the document has with those that its source gave before, as far as they
    were counted, and `left_out` what those are known by that it did not have to read again
    (`aggregator.increment.left_out`). `deleted` are what the source takes back. `host` is what to
    remember of the source's host, None where nothing changed.
    """

    state: SourceState
    title: str | None = None
    first: bool = False
    entries: tuple[Entry, ...] = ()
    items: int = 0
    left_out: frozenset[bytes] = frozenset()
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
class Other:
    """Another story, by the name of its page and its title."""

    page_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What we publish: entries judged to be the same article, under one frozen id.

    `related` are older stories of the same news event, as they were when this one came.
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
    related: tuple[Other, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lead and the others."""
        return (self.lead, *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A story that is published no more, by the id that readers knew, and since when (RFC 6721)."""

    id: str
    at: datetime
