"""The part of a service that pulls: its puller, its seeds folder, and the shelves of both."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from aggregator.errors import StoreError
from aggregator.fetch import Fetcher
from aggregator.model import Entry
from aggregator.pull import Puller, SeedFolder
from aggregator.reading.readers import MOST, Readers, useful
from aggregator.settings import Settings, Source
from aggregator.store import Listed, Shelving, Store
from aggregator.verticals import Shelves
from feeds.jobs import Jobs

log = logging.getLogger("broadsheet.pull")

SHELVED_AT_ONCE = 4000
"""Entries that are shelved anew in one transaction while others wait to write: about a second."""


class Pulling:
    """Pulls by `settings`, which `adopt` changes; sources are theirs and those of the seeds' lists.

    It writes on the thread of the puller. About `at_once` entries are shelved anew in one
    transaction.
    """

    def __init__(
        self, settings: Settings, store: Store, puller: Puller, folder: SeedFolder
    ) -> None:
        self.settings = settings
        self.puller = puller
        self.folder = folder
        self.at_once = SHELVED_AT_ONCE
        self._store = store
        self._behind: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources of the network."""
        return (*self.settings.sources, *self.folder.sources)

    async def begin(self) -> None:
        """List the sources, and shelve the stories of all of them."""
        await self.puller.list_sources(self.sources)
        await self.puller.write(self._store.shelve, await self._how())

    async def adopt(self, settings: Settings, user_agent: str, folder: SeedFolder) -> Listed:
        """Pull by these settings from now on.

        The stories of large stores are shelved bit by bit after that, while pulls go on.
        """
        async with self._turn:
            await self._leave_off()
            self.settings, self.folder = settings, folder
            await self.puller.adopt(settings, user_agent, self.sources)
            await self.puller.write(
                self._store.adopt, settings.archives, settings.dedup, settings.verticals
            )
            await self.puller.write(folder.scan)
            return await self._relist()

    async def scan(self) -> None:
        """Read the seeds folder if it changed, and take in the sources that its lists name."""
        async with self._turn:
            if await self.puller.write(self.folder.scan):
                await self._leave_off()
                await self._relist()

    async def look_for_silence(self) -> None:
        """Tell operators of sources that have fallen silent."""
        await self.puller.write(self._store.tell_silent)

    async def end(self) -> None:
        """Shelve no more."""
        await self._leave_off()

    async def _relist(self) -> Listed:
        listed = await self.puller.list_sources(self.sources)
        how = await self._how()
        if await self.puller.write(self._store.shelve, how, self.at_once):
            self._behind = asyncio.create_task(self._shelve_on(how))
        return listed

    async def _how(self) -> Shelving:
        return await self.puller.write(shelving, self.settings, self._store, self.sources)

    async def _shelve_on(self, how: Shelving) -> None:
        left = 1
        while left:
            try:
                left = await self.puller.write(self._store.shelve, how, self.at_once, begins=False)
            except StoreError as problem:
                log.error("%s; the rest is shelved at the next start", problem)  # noqa: TRY400
                return
            log.info("stories are shelved anew; sources left: %d", left)

    async def _leave_off(self) -> None:
        """What is not shelved yet is found again by whoever shelves next."""
        if self._behind:
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)
            self._behind = None


def shelving(settings: Settings, store: Store, sources: Sequence[Source]) -> Shelving:
    """How stories are put on the shelves of these settings, on the terms of `sources`."""
    shelves = Shelves(settings.verticals)
    own = {leased.address: Source(address=leased.address) for leased in store.seeds()}
    # Of an address that is named twice the first counts, as for the puller.
    own |= {source.address: source for source in reversed(sources)}

    def place(entry: Entry, address: str) -> Entry:
        return shelves.place(entry, own[address])

    return Shelving(rules={a: shelves.rules(s) for a, s in own.items()}, place=place)


@contextlib.asynccontextmanager
async def pulling(
    settings: Settings, store: Store, clock: Callable[[], datetime], user_agent: str, *, lasts: bool
) -> AsyncIterator[Pulling]:
    """What pulls, its seeds read, its sources listed and shelved; drained at the end.

    For a service that `lasts` there are as many readers as do any good, however few sources it
    begins with.
    """
    folder = SeedFolder(settings, store, clock)
    await asyncio.to_thread(folder.scan)
    count = len(settings.sources) + len(folder.sources)
    async with (
        Fetcher(settings.pull, user_agent) as fetcher,
        Readers(settings.verticals, useful(MOST if lasts else count)) as readers,
    ):
        puller = Puller(settings, store, fetcher, readers, clock)
        made = Pulling(settings, store, puller, folder)
        try:
            await made.begin()
            yield made
        finally:
            await made.end()
            await puller.drain()


@contextlib.asynccontextmanager
async def jobs(made: Pulling) -> AsyncIterator[None]:
    """What is to be done again and again, as long as this lasts."""
    own = Jobs(made.puller.tick, made.scan, made.look_for_silence)
    own.start()
    try:
        yield
    finally:
        await own.stop()
