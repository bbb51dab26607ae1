"""Sources of the network: lease what is due, carry each through the stages, write it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from aggregator import cadence, dedup, urls
from aggregator.errors import StoreError
from aggregator.fetch import Fetcher
from aggregator.markup import one_line
from aggregator.model import Failed, Fetched, Leased, PullOutcome, Written
from aggregator.pull import stages
from aggregator.settings import Settings, Source
from aggregator.store import Store
from aggregator.verticals import Shelves

log = logging.getLogger("broadsheet.pull")

IN_FLIGHT = 1000
"""Sources given out at once. Most of them wait for their host's turn, not for the network."""

LEASE = timedelta(hours=2)
"""How long a source stays given out if its puller dies without a word."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of one source.

    `address` is fit to be shown, its secrets masked; `error` is a plain line, None where all went
    well.
    """

    address: str
    error: str | None
    written: Written


class Puller:
    """Pulls the sources of one store. `clock` gives aware UTC times, `drain` has `patience`.

    The store is written on one thread of its own; documents are read on another, so that neither
    stops the loop.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
        *,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self._settings = settings.pull
        self._shelves = Shelves(settings.verticals)
        self._store = store
        self._fetcher = fetcher
        self._clock = clock
        self._patience = patience.total_seconds()
        self._sources: dict[str, Source] = {}
        self._tasks: set[asyncio.Task[Pulled]] = set()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def list_sources(self, wanted: Iterable[Source]) -> None:
        """Make these the sources that are pulled, each address once, the first to name it wins."""
        by_key: dict[str, Source] = {}
        for source in wanted:
            by_key.setdefault(urls.address_key(source.address) or source.address, source)
        self._sources = {source.address: source for source in by_key.values()}
        await self.write(self._store.list_sources, tuple(self._sources.values()), seeds=False)

    async def tick(self) -> None:
        """Start pulling what is due, as far as there is room."""
        room = IN_FLIGHT - len(self._tasks)
        if room > 0:
            self._start(await self.write(self._store.lease, self._clock(), room, LEASE))

    async def once(self, told: Callable[[Pulled], None]) -> None:
        """Pull all that is due now, and return when the last of it is written."""
        while leased := await self.write(self._store.lease, self._clock(), IN_FLIGHT, LEASE):
            await self._tell(self._start(leased), told)

    async def ask(self, told: Callable[[Pulled], None], address: str | None = None) -> None:
        """Pull every source (or the one at `address`) that politeness allows, due or not."""
        leased = await self.write(self._store.lease_asked, self._clock(), LEASE, address)
        await self._tell(self._start(leased), told)

    async def drain(self) -> None:
        """Finish what is in flight, and stop the threads.

        What still waits for its host's turn when `patience` is over is let go: nothing of it is
        written yet, and it is due again at the next start.
        """
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._writer.shutdown()
        self._reader.shutdown()

    async def write(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action of the store on its writer thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: action(*args, **kwargs))

    def _start(self, leased: Iterable[Leased]) -> list[asyncio.Task[Pulled]]:
        tasks = [asyncio.create_task(self._pull(one)) for one in leased]
        for task in tasks:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return tasks

    @staticmethod
    async def _tell(tasks: Iterable[asyncio.Task[Pulled]], told: Callable[[Pulled], None]) -> None:
        for done in asyncio.as_completed(tasks):
            told(await done)

    async def _pull(self, leased: Leased) -> Pulled:
        source = self._sources.get(leased.address) or Source(address=leased.address)
        shown = stages.shown(leased.address, private=source.private)
        where = one_line(shown)
        try:
            outcome, written = await self._taken_in(leased, source, where)
            error = outcome.state.error
        except StoreError as problem:
            error, written = str(problem), Written()
        if error:
            log.warning("%s: %s", where, error)
        elif written.new or written.revised or written.merged:
            log.info(
                "%s: %d new, %d revised, %d merged",
                where, written.new, written.revised, written.merged,
            )  # fmt: skip
        return Pulled(address=shown, error=error, written=written)

    async def _taken_in(
        self, leased: Leased, source: Source, where: str
    ) -> tuple[PullOutcome, Written]:
        try:
            outcome = await self._outcome(leased, source)
            return outcome, await self.write(self._store.write, outcome, dedup.decide)
        except StoreError:
            raise
        except Exception:  # one document must not cost the others their pull
            log.exception("%s: this document cannot be taken in", where)
            fault = Failed(reason="a fault in reading this document; please report it with its log")
            now = self._clock().replace(microsecond=0)
            outcome = PullOutcome(
                state=cadence.after(leased.state, fault, source, self._settings, now)
            )
            return outcome, await self.write(self._store.write, outcome, dedup.decide)

    async def _outcome(self, leased: Leased, source: Source) -> PullOutcome:
        result = await self._fetcher.fetch(source.address, leased.state)
        now = self._clock().replace(microsecond=0)
        read = partial(stages.outcome, leased, source, result, self._settings, self._shelves, now)
        if not isinstance(result, Fetched):
            return read()
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)
