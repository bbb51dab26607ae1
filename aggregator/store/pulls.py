"""One pull on its way into the stories of the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.increment import left_out
from aggregator.model import Deleted, Entry, KnownEntry
from aggregator.settings import SEED
from aggregator.store.writing import Origin

_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
"""Before anything that has a date: `dates` takes none that is earlier."""


@dataclass(slots=True, kw_only=True)
class Pull:
    """One pull on its way: `changed` is what of its entries is not known to the letter.

    `given` are the numbers of the entries that its document has given already, `alike` those of
    which an arriving one has the key, `taken_back` those of what `deleted` may mean. The document
    has so many `items`; those known by `left_out` were not read again. `gave`: any entry, ever.
    """

    origin: Origin
    gave: bool
    first: bool
    entries: Sequence[Entry]
    deleted: Sequence[Deleted]
    items: int
    left_out: Collection[bytes]
    changed: list[Entry] = field(default_factory=list)
    given: set[int] = field(default_factory=set)
    alike: list[int] = field(default_factory=list)
    taken_back: dict[int, Deleted] = field(default_factory=dict)

    def gives(self, known: KnownEntry) -> bool:
        """Whether an item of its document is known to be this entry: it is no other one then."""
        if known.number in self.given:
            return True
        is_own = known.source == self.origin.source
        return is_own and left_out.has(self.left_out, known.entry.guid, known.entry.link)

    @property
    def is_seed(self) -> bool:
        """Whether it is a file of the seeds folder."""
        return self.origin.address.startswith(SEED)

    @property
    def untitled(self) -> int:
        """How many of the source's untitled entries to look at: some may be among those.

        Where most of it arrives, or what no address tells of, as it may be here by another name.
        """
        untitled = [e for e in self.changed if not e.title_key and not self.first]
        most_arrive = untitled and 2 * len(self.changed) > self.items
        placeless = not all(e.address_key for e in untitled)
        return 2 * self.items if most_arrive or placeless else 0

    @property
    def closes_archives(self) -> bool:
        """Whether it brings what a source published before we knew it."""
        return self.first and not self.is_seed

    def positions(self, at: datetime) -> Callable[[Entry], datetime]:
        """Where a story of an entry takes its place: when it was first seen.

        On a first pull when it was published, if that is earlier: so what a new source brings of
        its past does not push the day out of the feeds. What has no date there comes last.
        """
        if not self.closes_archives:
            return lambda _: at
        dated = (one.published for one in self.entries if one.published)
        before = min(dated, default=_LONG_AGO) - timedelta(seconds=1)
        return lambda one: min(one.published or before, at)
