"""A lane for each host: its sources go one after another, and no host waits for another's."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aggregator.model import Leased


@dataclass(slots=True, eq=False)
class _Lane:
    """Who waits for a host, and how many of its connections are at work."""

    waiting: deque[Leased] = field(default_factory=deque)
    running: int = 0


class Lanes:
    """Asks the sources that are given to it, each in the lane of its host.

    A lane is a task that lasts as long as somebody waits: that costs less than a task a source.

    Args:
        ask: asks one source; what it raises ends nothing but is the caller's to have dealt with.
        connections: how many sources of a host may be asked at once.
    """

    def __init__(
        self, ask: Callable[[Leased], Awaitable[None]], connections: Callable[[str], int]
    ) -> None:
        self.in_flight: dict[str, int] = {}
        """How many sources of each host wait or are asked; hosts without any are not named."""
        self.total = 0
        """How many that is together."""
        self._ask = ask
        self._connections = connections
        self._fewer = asyncio.Event()
        self._lanes: dict[str, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, leased: Leased) -> None:
        """Have a source asked when those before it on its host have been."""
        host = leased.host
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane()
        lane.waiting.append(leased)
        self.total += 1
        self.in_flight[host] = self.in_flight.get(host, 0) + 1
        if lane.running < 1 or lane.running < self._connections(host):
            lane.running += 1
            task = asyncio.create_task(self._run(host, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def take_back(self, host: str) -> list[Leased]:
        """Those that still wait for a host: they are not asked."""
        lane = self._lanes.get(host)
        taken = list(lane.waiting) if lane else []
        if lane and taken:
            lane.waiting.clear()
            self._left(host, len(taken))
        return taken

    async def fallen_to(self, level: int) -> None:
        """Wait until no more than so many wait or are asked."""
        while self.total > level:
            self._fewer.clear()
            await self._fewer.wait()

    async def drain(self, patience: float) -> None:
        """Let what is asked end, for so many seconds; what only waits is not asked any more."""
        for host in tuple(self._lanes):
            self.take_back(host)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, host: str, lane: _Lane) -> None:
        try:
            while lane.waiting:
                leased = lane.waiting.popleft()
                try:
                    await self._ask(leased)
                finally:
                    self._left(host, 1)
        finally:
            lane.running -= 1
            if not lane.running and not lane.waiting:
                self._lanes.pop(host, None)

    def _left(self, host: str, count: int) -> None:
        self.total -= count
        self._fewer.set()
        left = self.in_flight[host] - count
        if left:
            self.in_flight[host] = left
        else:
            del self.in_flight[host]
