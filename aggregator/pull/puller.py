"""Sources of the network: lease what is due, carry each through the stages, write it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import ParamSpec, TypeVar

from aggregator import cadence
from aggregator.errors import StoreError
from aggregator.fetch import Fetcher
from aggregator.model import Failed, Fetched, FetchResult, Host, Leased, PullOutcome
from aggregator.pull import stages
from aggregator.pull.commits import Commits
from aggregator.pull.hosts import SILENT, Hosts
from aggregator.pull.landing import Landing, nobody
from aggregator.pull.lanes import Lanes
from aggregator.pull.named import Named, Terms
from aggregator.pull.news import Pulled
from aggregator.reading.readers import Readers
from aggregator.reading.types import Document, Reading
from aggregator.settings import Settings, Source
from aggregator.store import Listed, Store

log = logging.getLogger("broadsheet.pull")

IN_FLIGHT = 1000
"""Sources that wait for their host or are asked at once."""

FEW = 100
"""Of these, for so few no others are looked for in a round until they were asked."""

GIVEN_OUT = 2 * IN_FLIGHT
"""Sources given out at once, with those that wait to be read or written: a slow disk stops us."""

UNREAD = 16
"""Documents that may wait for a reader, each with its body: more would only fill the memory."""

LEASE = timedelta(hours=2)
"""How long a source stays given out if its puller dies without a word."""

_FAULT = "a fault in reading this document; please report it with its log"

P = ParamSpec("P")
T = TypeVar("T")


class Puller:
    """Pulls the sources of one store. `clock` gives aware UTC times, `drain` has `patience`.

    The store is written on one thread of its own; documents are read by `readers`, in processes,
    so that neither stops the loop. `landing` says how many entries may wait for the one.
    `expected` is how many sources the round has, as far as it is known.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        fetcher: Fetcher,
        readers: Readers,
        clock: Callable[[], datetime],
        *,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self.expected = 0
        self._settings = settings.pull
        self._store = store
        self._fetcher = fetcher
        self._readers = readers
        self._clock = clock
        self._patience = patience.total_seconds()
        self._named = Named(settings.verticals)
        self._hosts = Hosts(self._settings)
        self._lanes = Lanes(self._ask, self._hosts.connections)
        self._commits = Commits(store)
        self.landing = Landing(self._commits)
        self._unread = asyncio.Semaphore(UNREAD)
        self._reading: set[asyncio.Task[None]] = set()
        self._filling: asyncio.Task[None] | None = None
        self._later: set[datetime] = set()

    async def adopt(self, settings: Settings, user_agent: str, wanted: Iterable[Source]) -> None:
        """Pull these sources from now on, by these settings.

        When it returns, whatever was placed on the old terms is written.
        """
        self._settings = settings.pull
        self._hosts.adopt(settings.pull)
        self._fetcher.adopt(settings.pull, user_agent)
        self._readers.adopt(settings.verticals)
        self._named.shelve_by(settings.verticals)
        self._named.name(wanted)
        await self._commits.flush()

    async def list_sources(self, wanted: Iterable[Source]) -> Listed:
        """Make these the sources that are pulled, each address once, the first to name it wins."""
        named = self._named.name(wanted)
        listed = await self.write(self._store.list_sources, named, seeds=False)
        self._named.move(listed.moved)
        self._hosts.refused = await self.write(self._store.hosts) | self._hosts.refused
        return listed

    async def tick(self) -> None:
        """Start pulling what is due; where there is more than room, the rest follows by itself."""
        if self._filling and not self._filling.done():
            return
        room = self._room()
        if await self._lease(self._clock(), room) == room:
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        given = room = 1
        while given == room:
            await self._lanes.fallen_to(IN_FLIGHT // 2)
            await self.landing.fallen_to(GIVEN_OUT - IN_FLIGHT)
            room = self._room()
            try:
                given = await self._lease(self._clock(), room)
            except StoreError as problem:
                log.error("%s", problem)  # noqa: TRY400 - the next tick tries again
                return

    async def once(self, told: Callable[[Pulled], None]) -> None:
        """Pull all that is due now, and return when the last of it is written."""
        self.expected = await self.write(self._store.count_due, self._clock())
        await self._round(told, None)

    async def ask(self, told: Callable[[Pulled], None], address: str | None = None) -> None:
        """Pull every source (or the one at `address`) that politeness allows, due or not."""
        self.expected = await self.write(self._store.make_due, self._clock(), address)
        await self._round(told, address)

    async def _round(self, told: Callable[[Pulled], None], address: str | None) -> None:
        now = started = self._clock()
        self.landing.told = told
        self._later.clear()
        while True:
            given = await self._lease(now, self._room(), not_since=started, address=address)
            if given or self._lanes.total:
                asked = self._lanes.total
                await self._lanes.fallen_to(asked // 2 if asked > FEW else 0)
                await self.landing.fallen_to(GIVEN_OUT - IN_FLIGHT)
                now = max(now, self._clock())
                continue
            # Only who had to let others of its host go first is left: the host's turns, which
            # `fetch` keeps, are what it waits for from here on.
            self._later = {turn for turn in self._later if turn > now}
            if not self._later:
                break
            now = min(self._later)
        await self.landing.fallen_to(0)
        self.landing.told = nobody

    async def drain(self) -> None:
        """Finish what is in flight, and end the writing thread.

        What still waits for its host when `patience` is over is let go: nothing of it is written
        yet, and it is due again at the next start.
        """
        if self._filling:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        await self._lanes.drain(self._patience)
        if self._reading:
            _, late = await asyncio.wait(self._reading, timeout=self._patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._commits.drain()

    async def write(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action of the store on its writing thread."""
        return await self._commits.run(action, *args, **kwargs)

    # ---- giving out -----------------------------------------------------------------------------

    async def _lease(
        self,
        now: datetime,
        room: int,
        *,
        not_since: datetime | None = None,
        address: str | None = None,
    ) -> int:
        """Give out at most `room` sources that are due; how many there were.

        Of a round those alone that were not pulled since it began.
        """
        if room <= 0:
            return 0
        later: list[datetime] = []
        admit = self._hosts.admission(self._lanes.in_flight.copy(), now, later)
        leased = await self.write(
            self._store.lease, now, room, LEASE, admit, not_since=not_since, address=address
        )
        self._later.update(later)
        self.landing.given_out += len(leased)
        for one in leased:
            self._lanes.give(one)
        return len(leased)

    def _room(self) -> int:
        """How many more may be given out."""
        return min(IN_FLIGHT - self._lanes.total, GIVEN_OUT - self.landing.given_out)

    # ---- one source -----------------------------------------------------------------------------

    async def _ask(self, leased: Leased) -> None:
        """Fetch one source; what is to be read and written is left to others."""
        source = self._named.of(leased)
        try:
            url = leased.state.moved_to or source.address
            result = await self._fetcher.fetch(
                url,
                leased.state,
                login_of=source.address,
                quiet=lambda name: self._hosts.quiet_for(name, self._clock()),
            )
            now = self._now()
            host = self._heard(leased.host, result, now)
            if isinstance(result, Fetched):
                body_hash = sha256(result.body).digest()
                if body_hash != leased.state.body_hash:
                    await self._unread.acquire()
                    await self.landing.room()
                    source = self._named.of(leased)
                    asked = stages.document(leased, source, result, now)
                    terms = self._named.terms(leased)
                    self._begin(self._read(leased, asked, terms, result, body_hash, host))
                    return
            outcome = stages.unread(leased, source, result, self._settings, now)
        except Exception:  # one source must not cost the others their pull
            log.exception("%s: this document cannot be taken in", stages.line_of(source))
            outcome, host = self._failed(leased, source, _FAULT), None
        self._write(leased, source, outcome, host)

    async def _read(
        self,
        leased: Leased,
        asked: Document,
        terms: Terms,
        result: Fetched,
        body_hash: bytes,
        host: Host | None,
    ) -> None:
        source = asked.source
        try:
            reading = await self._readers.read(asked)
            for line in reading.passed_over if isinstance(reading, Reading) else ():
                log.warning("%s: %s", stages.line_of(source), line)
            outcome = stages.read(leased, asked, result, body_hash, reading, self._settings)
            outcome = self._named.placed_now(leased, outcome, terms)
        except Exception:  # as above
            log.exception("%s: this document cannot be taken in", stages.line_of(source))
            outcome = self._failed(leased, source, _FAULT)
        finally:
            self._unread.release()
        self._write(leased, source, outcome, host)

    def _write(
        self, leased: Leased, source: Source, outcome: PullOutcome, host: Host | None
    ) -> None:
        if host is not None:
            outcome = replace(outcome, host=host)
        outcome = self._named.where_it_is_now(leased, outcome)
        self.landing.write(source, outcome, partial(self._failed, leased, source))

    def _failed(self, leased: Leased, source: Source, reason: str) -> PullOutcome:
        fault = Failed(reason=reason)
        return PullOutcome(
            state=cadence.after(leased.state, fault, source, self._settings, self._now())
        )

    def _now(self) -> datetime:
        """The time in whole seconds, rounded up: nobody is asked a moment before they allow it."""
        now = self._clock()
        return now.replace(microsecond=0) + timedelta(seconds=now.microsecond > 0)

    def _heard(self, name: str, result: FetchResult, now: datetime) -> Host | None:
        """What is to be remembered of a host after its answer, None where nothing changed.

        Those that wait for it are not asked any more where it refused, or was silent, too often.
        """
        if isinstance(result, Failed) and result.host:
            name = result.host
        host = self._hosts.after(name, result, now)
        if isinstance(result, Failed) and result.refused:
            if name in self._hosts.refused:
                self._put_off(name, now)
        elif self._hosts.is_silent(name, result):
            for waiting in self._lanes.take_back(name):
                source = self._named.of(waiting)
                self._write(waiting, source, self._failed(waiting, source, SILENT), None)
        return host

    def _put_off(self, name: str, now: datetime) -> None:
        """Have those who wait for a host come when it allows."""
        waiting = self._lanes.take_back(name)
        if not waiting:
            return
        turns = self._hosts.admit([name] * len(waiting), {}, now)
        later = [(one.state.source, turn or now) for one, turn in zip(waiting, turns, strict=True)]
        self._begin(self._later_turns(later))
        self.landing.given_back(len(waiting))
        log.info("%s wants no requests now; %d of its sources wait", name, len(waiting))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        """Have this done; `drain` waits for it."""
        task = asyncio.create_task(work)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _later_turns(self, later: Sequence[tuple[int, datetime]]) -> None:
        try:
            await self.write(self._store.put_off, later)
        except StoreError as problem:
            log.error("%s", problem)  # noqa: TRY400 - their leases lapse
