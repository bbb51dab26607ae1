"""What is given out until it is written, and the entries that wait to be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aggregator.errors import StoreError
from aggregator.model import PullOutcome, Written
from aggregator.pull import news
from aggregator.pull.commits import Commits
from aggregator.pull.news import Pulled
from aggregator.settings import Source

UNWRITTEN = 400
"""Entries that may wait to be written when another document is read: so many are one commit."""


def nobody(_: Pulled) -> None:
    """Listens to no news."""


class Landing:
    """Counts what is out, and has what comes back written.

    `given_out` are the sources that are out; no more than about `most_unwritten` entries wait, and
    `told` hears what came of each source.
    """

    def __init__(self, commits: Commits) -> None:
        self.given_out = 0
        self.most_unwritten = UNWRITTEN
        self.told: Callable[[Pulled], None] = nobody
        self._commits = commits
        self._unwritten = 0
        self._landed = asyncio.Event()

    async def fallen_to(self, level: int) -> None:
        """Wait until no more than so many are out."""
        while self.given_out > level:
            await self._next()

    async def room(self) -> None:
        """Wait until entries may come."""
        while self._unwritten >= self.most_unwritten:
            await self._next()

    def given_back(self, count: int) -> None:
        """So many are not out any more, and nothing of them is to be written."""
        self.given_out -= count
        self._landed.set()

    def write(
        self, source: Source, outcome: PullOutcome, failed: Callable[[str], PullOutcome]
    ) -> None:
        """Have an outcome written; `failed` gives the one that is where it cannot be, and why."""

        def done(result: Written | StoreError) -> None:
            self._unwritten -= len(outcome.entries)
            if isinstance(result, StoreError) and outcome.entries:
                # Nothing of it is written: it fails, or it would be leased and asked for ever.
                instead = failed(str(result))
                self._commits.add(instead, lambda _: self._land(source, outcome, result))
            else:
                self._land(source, outcome, result)

        self._unwritten += len(outcome.entries)
        self._commits.add(outcome, done)
        may_come = self._unwritten < self.most_unwritten
        if self._commits.pending >= self.given_out or not may_come:
            self._commits.hurry()

    def _land(self, source: Source, outcome: PullOutcome, result: Written | StoreError) -> None:
        self.given_back(1)
        error = news.log_news(source, outcome, result)
        if self.told is not nobody:
            self.told(news.pulled(source, error, result))

    async def _next(self) -> None:
        """Wait until something is written."""
        self._landed.clear()
        await self._landed.wait()
