"""The sources that settings name, and on which terms each is pulled and shelved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator import urls
from aggregator.model import Leased, PullOutcome
from aggregator.pull import stages
from aggregator.settings import Source, Vertical
from aggregator.verticals import Shelves

Terms = tuple[Source, Shelves]
"""On what the placing of a source's entries depends."""


def once_each(wanted: Iterable[Source]) -> tuple[Source, ...]:
    """The sources, each address once: the first to name it wins."""
    by_key: dict[str, Source] = {}
    for source in wanted:
        by_key.setdefault(urls.source_key(source.address), source)
    return tuple(by_key.values())


class Named:
    """What settings say of each source, by its address, and the shelves that there are.

    Both may change while a source is asked: it is finished on the terms that hold then.
    """

    def __init__(self, verticals: Sequence[Vertical]) -> None:
        self._sources: dict[str, Source] = {}
        self._former: dict[str, Source] = {}
        self._moved: dict[str, str] = {}
        self._shelves = Shelves(verticals)

    def name(self, wanted: Iterable[Source]) -> tuple[Source, ...]:
        """Make these the sources, each address once."""
        named = once_each(wanted)
        now = {source.address: source for source in named}
        known = self._former | self._sources
        self._former = {address: known[address] for address in known.keys() - now.keys()}
        self._sources = now
        return named

    def move(self, moved: Iterable[tuple[str, str]]) -> None:
        """These have another address from now on: the old one, and that."""
        for old, new in moved:
            self._moved[old] = new
            self._moved.pop(new, None)

    def shelve_by(self, verticals: Sequence[Vertical]) -> None:
        """Make these the verticals that there are."""
        self._shelves = Shelves(verticals)

    def of(self, leased: Leased) -> Source:
        """What is said of a source; one that is named no more is finished on its last terms.

        It may be private, and its entries are never published on other terms than it ever had.
        """
        address = leased.address
        while address in self._moved:  # no circle: an address that is moved to has not moved
            address = self._moved[address]
        return (
            self._sources.get(address)
            or self._former.get(leased.address)
            or Source(address=leased.address)
        )

    def terms(self, leased: Leased) -> Terms:
        """On what the placing of its entries depends now."""
        return self.of(leased), self._shelves

    def placed_now(self, leased: Leased, outcome: PullOutcome, before: Terms) -> PullOutcome:
        """The outcome as it would have come, had the present terms held all the time."""
        source, shelves = now = self.terms(leased)
        return outcome if now == before else stages.placed_again(outcome, shelves, source)

    def where_it_is_now(self, leased: Leased, outcome: PullOutcome) -> PullOutcome:
        """The outcome as it is to be written if the source got another address meanwhile.

        What was remembered of the old one must not be asked instead of the new one.
        """
        if leased.address not in self._moved:
            return outcome
        state = replace(
            outcome.state, moved_to=None, moving_to=None, moving_pulls=0,
            etag=None, last_modified=None, body_hash=None, gone=False,
            next_pull_at=outcome.state.last_pull_at, earliest_pull_at=None,
        )  # fmt: skip
        return replace(outcome, state=state)
