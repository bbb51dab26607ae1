"""The store's one writing thread: the outcomes of many pulls in one commit, each all or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from aggregator import dedup, memory
from aggregator.errors import StoreError
from aggregator.model import PullOutcome, Written
from aggregator.store import Store

GATHERED_FOR = 0.3
"""Seconds in which outcomes are gathered before they are committed, unless no more can come.

A thousand pulls that are written as they come make several hundred commits, and each of these
writes the pages anew in which keys and titles stand, which have no order: with a third as many
a first pull of thousands of sources takes a fifth less of the processor for writing.
"""

MOST = 2000
"""Outcomes, and entries of theirs, in one commit, which nobody who reads the store waits for."""

TOLD_AT_ONCE = 8
"""Outcomes of a commit that are told of before whoever else waits for the loop has a turn."""

log = logging.getLogger("broadsheet.pull")

TRIMMED_AFTER = 20
"""Commits after which the C library gives back what it holds in pieces: a seventh of the memory."""

P = ParamSpec("P")
T = TypeVar("T")

Done = Callable[[Written | StoreError], None]
"""Is told, on the event loop, what became of an outcome."""


class Commits:
    """Writes to one store, on a thread of its own; for one event loop."""

    def __init__(self, store: Store) -> None:
        self.pending = 0
        """How many outcomes were added and are not written yet."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._gathered: list[tuple[PullOutcome, Done]] = []
        self._now = asyncio.Event()
        self._commits = 0
        self._task: asyncio.Task[None] | None = None
        self._written = 0
        self._wrote = asyncio.Event()

    def add(self, outcome: PullOutcome, done: Done) -> None:
        """Have an outcome written with the next commit."""
        self._gathered.append((outcome, done))
        self.pending += 1
        if self._task is None:
            self._task = asyncio.create_task(self._commit())

    def hurry(self) -> None:
        """Commit what is gathered: no more is to come."""
        self._now.set()

    async def flush(self) -> None:
        """Have all written that is gathered now, and wait until it is."""
        due = self._written + self.pending
        while self._written < due:
            self._wrote.clear()
            self.hurry()
            await self._wrote.wait()

    async def run(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action of the store on its writing thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: action(*args, **kwargs))

    async def drain(self) -> None:
        """Write what is gathered, and end the thread."""
        if self._task:
            await self._task
        self._thread.shutdown()

    async def _commit(self) -> None:
        while self._gathered:
            await self._gather()
            batch = self._batch()
            self._now.clear()
            outcomes = [outcome for outcome, _ in batch]
            try:
                results = await self.run(self._store.write_all, outcomes, dedup.decide)
            except StoreError as problem:
                results = [problem] * len(batch)
            except Exception as problem:  # whoever waits for an outcome must not wait for ever
                log.exception("%d outcomes cannot be written", len(batch))
                results = [StoreError(f"a fault in writing ({type(problem).__name__})")] * len(
                    batch
                )
            self._commits += 1
            if self._commits % TRIMMED_AFTER == 0:
                await self.run(memory.give_back)
            self.pending -= len(batch)
            self._written += len(batch)
            self._wrote.set()
            for number, ((_, done), result) in enumerate(zip(batch, results, strict=True)):
                done(result)
                if number % TOLD_AT_ONCE == 0:
                    await asyncio.sleep(0)
        self._task = None

    async def _gather(self) -> None:
        if len(self._gathered) < MOST:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHERED_FOR):
                    await self._now.wait()

    def _batch(self) -> list[tuple[PullOutcome, Done]]:
        weight = taken = 0
        for outcome, _ in self._gathered:
            if weight >= MOST:
                break
            weight += 1 + len(outcome.entries)
            taken += 1
        batch, self._gathered = self._gathered[:taken], self._gathered[taken:]
        return batch
