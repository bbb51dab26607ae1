"""The composition root: settings → the parts → a service that pulls, and one that serves."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.metadata
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from aggregator import config
from aggregator.errors import StoreError
from aggregator.model.notices import NoticeKind
from aggregator.pull import SeedFolder, once_each
from aggregator.query import Query
from aggregator.settings import Settings, Source
from aggregator.store import Listed, Store
from feeds.answers import Shortcut
from feeds.front import Front
from feeds.library import Library
from feeds.live import Actions, Live, in_words
from feeds.operators import OperatorEndpoints
from feeds.pulling import Pulling, jobs, pulling, shelving
from feeds.routes import Endpoints

P = ParamSpec("P")
T = TypeVar("T")

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

    It runs by `settings`, which `adopt` changes.

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
        self._pulling: Pulling | None = None
        self._front: Front | None = None
        self._live: Live | None = None

    def close(self) -> None:
        """Let go of the store."""
        self.query.close()
        self.store.close()

    def library(self) -> Library:
        """The documents of the store, as settings say now."""
        verticals = [v.name for v in self.settings.verticals]
        self.store.refresh(made_with(self.settings), verticals)
        self.query.prepare()
        self.query.begin_anew()
        made = Library(self.settings, self.store.site_id(self.settings.site.id), self.query)
        made.look()
        return made

    def shelve(self, sources: Sequence[Source]) -> None:
        """Put stories on the shelves that settings say now, on the terms of `sources`."""
        self.store.shelve(shelving(self.settings, self.store, sources))

    def bring(self) -> Listed:
        """Bring the store to the settings at once, as `adopt` does that of a service that runs."""
        folder = SeedFolder(self.settings, self.store, clock)
        folder.scan()
        sources = once_each((*self.settings.sources, *folder.sources))
        listed = self.store.list_sources(sources, seeds=False)
        self.shelve(sources)
        self.library()
        return listed

    @contextlib.asynccontextmanager
    async def pulling(self, *, lasts: bool = True) -> AsyncIterator[Pulling]:
        """What pulls, its seeds read, its sources listed and shelved; drained at the end."""
        agent = user_agent(self.settings)
        async with pulling(self.settings, self.store, clock, agent, lasts=lasts) as made:
            self._pulling = made
            try:
                yield made
            finally:
                self._pulling = None

    async def adopt(self, settings: Settings, text: str) -> Listed:
        """Run by these settings from now on, the whole of them, and remember their text.

        What the web server listens on, and where the store is, stays as it was.

        Raises:
            StoreError: the store cannot be written; all is as before.
        """
        before, self.settings = self.settings, self._where_we_are(settings)
        if before == self.settings:
            await self._write(self.store.remember, config.LAST_GOOD, text)
            return Listed()
        if self._front:
            self._front.library.hold()
        try:
            listed = await self._bring(self.settings)
            await self._write(self.store.remember, config.LAST_GOOD, text)
            if self._front:
                is_other = made_with(before) != made_with(self.settings)
                made = await self._write(self.library) if is_other else self._front.library
                self._front.show(made)
        except BaseException:
            self.settings = before
            if self._pulling:
                with contextlib.suppress(StoreError):  # what stopped us may stop the way back
                    await self._pulling.adopt(before, user_agent(before), self._pulling.folder)
            raise
        finally:
            if self._front:
                self._front.library.hold(held=False)
        return listed

    def _where_we_are(self, settings: Settings) -> Settings:
        """The settings with the address and the store that are in use."""
        own, meant = self.settings, settings.server
        site = settings.site
        if site.base_url == config.default_base_url(meant.host, meant.port):
            bound = config.default_base_url(own.server.host, own.server.port)
            site = replace(site, base_url=bound)
        return replace(settings, site=site, server=own.server, store_url=own.store_url)

    async def _bring(self, settings: Settings) -> Listed:
        """Bring what pulls, or else the store alone, to these settings."""
        if self._pulling:
            folder = self._pulling.folder.under(settings)
            return await self._pulling.adopt(settings, user_agent(settings), folder)
        await self._write(self.store.adopt, settings.archives, settings.dedup, settings.verticals)
        await self._write(self.shelve, settings.sources)
        return Listed()

    async def _write(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the store, on the thread that writes it."""
        if self._pulling:
            return await self._pulling.puller.write(action, *args, **kwargs)
        return await asyncio.to_thread(action, *args, **kwargs)

    def live(self, running: config.Running, environ: Mapping[str, str]) -> Live:
        """What keeps the service in line with its config.toml, and tells what of it is live.

        The text that the service begins with is remembered, or told to be the last good one.
        """
        if running.problems:
            self.store.tell("refused", in_words(running.problems))
        else:
            self.store.remember(config.LAST_GOOD, running.text)

        async def scan() -> None:
            if self._pulling:
                await self._pulling.scan()

        async def tell(kind: NoticeKind, said: str) -> None:
            await self._write(self.store.tell, kind, said)

        actions = Actions(adopt=self.adopt, scan=scan, tell=tell)
        self._live = Live(running, environ, clock, actions)
        return self._live

    def web(self, *, told: Callable[[], None]) -> ASGIApp:
        """The ASGI application; it pulls if the service does. `told` is called when it is ready."""
        is_ready = False

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            nonlocal is_ready
            async with contextlib.AsyncExitStack() as stack:
                await stack.enter_async_context(meanwhile(front.watch()))
                if self._pulls:
                    made = await stack.enter_async_context(self.pulling())
                    await stack.enter_async_context(jobs(made))
                if self._live:
                    await stack.enter_async_context(meanwhile(self._live.watch()))
                # What is there now stays: to look through it for rubbish again and again would keep
                # readers waiting, each time for some 40 ms.
                gc.freeze()
                is_ready = True
                told()
                yield
                is_ready = False

        if not self._pulls:
            self.shelve(self.settings.sources)

        def answering(library: Library) -> ASGIApp:
            # Their token, and what is private, may be another after each change.
            own = OperatorEndpoints(
                self.settings,
                self.store.site_id(self.settings.site.id),
                self.query,
                clock,
                VERSION,
                lambda: self._live.state if self._live else None,
            )
            return application(self.settings, library, clock, lambda: is_ready, own.routes())

        self._front = front = Front(self.library(), answering, lifespan)
        return front


def application(
    settings: Settings,
    library: Library,
    clock: Callable[[], datetime],
    ready: Callable[[], bool],
    others: Sequence[Route] = (),
) -> Shortcut:
    """What answers every request over the library: what is in memory first; and the `others`."""
    app = Starlette()
    # An address with a slash too many is none of ours: Starlette would lead from it to an
    # address made from the request's Host header.
    app.router.redirect_slashes = False
    shortcut = Shortcut(app, clock)
    endpoints = Endpoints(settings, library, clock, ready, shortcut.remember)
    app.router.routes.extend((*others, *endpoints.routes()))
    for kind in (HTTPException, Exception):
        app.add_exception_handler(kind, endpoints.refuse)
    return shortcut


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
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
    # What shelves a story shows in no feed but by the shelf.
    verticals = [(v.name, v.title, v.description) for v in settings.verticals]
    sizes = (settings.feed_size, settings.feed_bytes)
    own = (verticals, settings.queries, *sizes, settings.pictures)
    return repr((VERSION, site, own))
