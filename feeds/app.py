"""The composition root: settings → the parts → a service that pulls, and one that serves."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.metadata
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Lifespan

from aggregator.fetch import Fetcher
from aggregator.model import Entry
from aggregator.pull import UNWRITTEN, Puller, SeedFolder
from aggregator.query import Query
from aggregator.reading.readers import Readers, useful
from aggregator.settings import Settings, Source
from aggregator.store import Store
from aggregator.verticals import Shelves
from feeds.answers import Shortcut
from feeds.jobs import Jobs
from feeds.library import Library
from feeds.routes import Endpoints, refuse

VERSION = importlib.metadata.version("broadsheet")


def clock() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


def user_agent(settings: Settings) -> str:
    """How we name ourselves to publishers, with whom to ask (RFC 9110 10.1.5)."""
    contact = settings.site.contact
    return f"Broadsheet/{VERSION}" + (f" (+{contact})" if contact else "")


class Service:
    """The parts of one service over one store, which it opens, migrates and closes.

    Raises:
        StoreError: the store cannot be opened, or (with `pulls`) another process pulls into it.
    """

    def __init__(self, settings: Settings, *, pulls: bool) -> None:
        self.settings = settings
        self.store = Store(
            settings.store_url, clock, settings.archives, settings.dedup, settings.verticals
        )
        try:
            if pulls:
                self.store.hold()
        except BaseException:
            self.store.close()
            raise
        self.query = Query(settings.store_url)
        self._pulls = pulls

    def close(self) -> None:
        """Let go of the store."""
        self.query.close()
        self.store.close()

    def library(self) -> Library:
        """The documents of the store, as settings say now."""
        verticals = [v.name for v in self.settings.verticals]
        self.store.refresh(made_with(self.settings), verticals)
        self.query.prepare()
        return Library(self.settings, self.store.site_id(self.settings.site.id), self.query)

    def shelve(self, sources: Sequence[Source]) -> None:
        """Put stories on the shelves that settings say now, on the terms of `sources`."""
        shelves = Shelves(self.settings.verticals)
        own = {leased.address: Source(address=leased.address) for leased in self.store.seeds()}
        # Of an address that is named twice the first counts, as for the puller.
        own |= {source.address: source for source in reversed(sources)}

        def place(entry: Entry, address: str) -> Entry:
            return shelves.place(entry, own[address])

        self.store.shelve({address: shelves.rules(s) for address, s in own.items()}, place)

    @contextlib.asynccontextmanager
    async def puller(
        self, *, unwritten: int = UNWRITTEN
    ) -> AsyncIterator[tuple[Puller, SeedFolder]]:
        """A puller, its seeds read, its sources listed and shelved; drained at the end.

        So many entries of its wait to be written together, at the most.
        """
        folder = SeedFolder(self.settings, self.store, clock)
        await asyncio.to_thread(folder.scan)
        sources = (*self.settings.sources, *folder.sources)
        async with (
            Fetcher(self.settings.pull, user_agent(self.settings)) as fetcher,
            Readers(self.settings.verticals, useful(len(sources))) as readers,
        ):
            puller = Puller(self.settings, self.store, fetcher, readers, clock)
            puller.most_unwritten = unwritten
            try:
                await puller.list_sources(sources)
                await puller.write(self.shelve, sources)
                yield puller, folder
            finally:
                await puller.drain()

    @contextlib.asynccontextmanager
    async def jobs(self, puller: Puller, folder: SeedFolder) -> AsyncIterator[None]:
        """What is to be done again and again, as long as this lasts."""
        jobs = Jobs(self.settings, puller, folder)
        jobs.start()
        try:
            yield
        finally:
            await jobs.stop()

    def web(self, *, told: Callable[[], None]) -> ASGIApp:
        """The ASGI application; it pulls if the service does. `told` is called when it is ready."""
        is_ready = False

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            nonlocal is_ready
            async with contextlib.AsyncExitStack() as stack:
                await stack.enter_async_context(_meanwhile(library.watch()))
                if self._pulls:
                    puller, folder = await stack.enter_async_context(self.puller())
                    await stack.enter_async_context(self.jobs(puller, folder))
                # What is there now stays: to look through it for rubbish again and again would keep
                # readers waiting, each time for some 40 ms.
                gc.freeze()
                is_ready = True
                told()
                yield
                is_ready = False

        if not self._pulls:
            self.shelve(self.settings.sources)
        library = self.library()
        library.look()
        return application(self.settings, library, clock, lambda: is_ready, lifespan)


def application(
    settings: Settings,
    library: Library,
    clock: Callable[[], datetime],
    ready: Callable[[], bool],
    lifespan: Lifespan[Starlette] | None = None,
) -> Shortcut:
    """What answers every request over the library: what is in memory first."""
    app = Starlette(
        exception_handlers={HTTPException: refuse, Exception: refuse}, lifespan=lifespan
    )
    # An address with a slash too many is none of ours: Starlette would lead from it to an
    # address made from the request's Host header.
    app.router.redirect_slashes = False
    shortcut = Shortcut(app, clock)
    endpoints = Endpoints(settings, library, clock, ready, shortcut.remember)
    app.router.routes.extend(endpoints.routes())
    return shortcut


@contextlib.asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Have this done as long as this lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def made_with(settings: Settings) -> str:
    """What feeds' bytes depend on besides stories: the program, and the settings that they show."""
    site = replace(settings.site, contact=None)
    own = (settings.verticals, settings.queries, settings.feed_size, settings.feed_bytes)
    return repr((VERSION, site, own))
