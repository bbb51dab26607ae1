"""Whose turn it is: so many requests at a time on a host, one by default, and so many in all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aggregator.fetch.reasons import SilentError, UnusableError
from aggregator.settings import HostRule

_FEW = 1024
"""Hosts that are remembered before the idle ones are swept out."""

_SILENT = "not asked: the host was silent to two requests before it"


class Gate:
    """So many at once, and then in the order in which they came.

    As `asyncio.Semaphore`, but one that is free is taken without a coroutine: that is most of what
    a turn costs. `free` is above 0 only while nobody waits, and below it after fewer were allowed
    than are in.
    """

    __slots__ = ("_line", "_most", "free")

    def __init__(self, most: int) -> None:
        self._most = most
        self._line: deque[asyncio.Future[None]] = deque()
        self.free = most

    def allow(self, most: int) -> None:
        """Let so many in from now on; who is in already stays."""
        more, self._most = most - self._most, most
        for _ in range(more):
            self.leave()
        self.free += min(more, 0)

    @property
    def is_idle(self) -> bool:
        """Whether nobody is in."""
        return self.free == self._most

    async def enter(self) -> None:
        """Wait until there is room, and take it."""
        if self.free > 0:
            self.free -= 1
            return
        called = asyncio.get_running_loop().create_future()
        self._line.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                self.leave()  # called and cancelled at once: the next one is to come
            raise

    def leave(self) -> None:
        """Make room: the one who has waited longest gets it."""
        while self._line and self.free >= 0:
            called = self._line.popleft()
            if not called.done():
                called.set_result(None)
                return
        self.free += 1


class Turn:
    """One host and port. Entered, by who has been given the turn, it is held until the end.

    `seats` are the requests it takes at once, and `door` is held by the one of them that starts
    next, not before `free_at`; `silences` says how often in a row it let the time run out.
    """

    __slots__ = ("door", "free_at", "interval", "places", "seats", "silences")

    def __init__(self, places: Gate, connections: int, interval: float) -> None:
        self.places = places
        self.seats = Gate(connections)
        self.door = asyncio.Lock()
        self.interval = interval
        self.free_at = 0.0
        self.silences = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.places.leave()
        self.seats.leave()
        if problem is None:
            self.silences = 0
        elif isinstance(problem, SilentError):
            self.silences += 1


class Turns:
    """Keeps requests apart, in the order in which they came; for one event loop.

        with turns.at_once("lantern.example:443") or await turns.wait("lantern.example:443"):
            ...

    Who waits for its host takes no place from others, so a slow host delays only its own sources.

    Args:
        concurrency: the most requests at once.
        interval: seconds between the starts of two requests on one host and port.
        rules: the hosts of which something else holds, by `host:port` or else by `host`.
    """

    def __init__(self, concurrency: int, interval: float, rules: Iterable[HostRule] = ()) -> None:
        self._places = Gate(concurrency)
        self._interval = interval
        self._rules = {rule.name: rule for rule in rules}
        self._hosts: dict[str, Turn] = {}
        self._sweep_at = _FEW
        self._time = asyncio.get_running_loop().time

    def adopt(self, concurrency: int, interval: float, rules: Iterable[HostRule] = ()) -> None:
        """Go by these from now on; who has a turn keeps it."""
        self._places.allow(concurrency)
        self._interval = interval
        self._rules = {rule.name: rule for rule in rules}
        for place, host in self._hosts.items():
            host.interval, connections = self._rule(place)
            host.seats.allow(connections)

    def at_once(self, place: str) -> Turn | None:
        """The turn at this `host:port`, to be entered, or None where it has to be waited for."""
        host = self._hosts.get(place) or self._new(place)
        if host.seats.free <= 0 or self._places.free <= 0 or host.door.locked():
            return None
        now = self._time()
        if host.free_at > now:
            return None
        host.free_at = now + host.interval
        host.seats.free -= 1
        self._places.free -= 1
        return host

    async def wait(self, place: str) -> Turn:
        """The turn at this `host:port`, to be entered, once it has come.

        Raises:
            UnusableError: while this one waited, the host was silent to two in a row; a third would
                only wait longer, and so would all behind it.
        """
        host = self._hosts.get(place) or self._new(place)
        before = host.silences
        await host.seats.enter()
        try:
            # The place comes last, with the door held: nobody who has one waits for anything.
            async with host.door:
                if host.silences >= before + 2:
                    raise UnusableError(_SILENT)  # noqa: TRY301
                if (early := host.free_at - self._time()) > 0:
                    await asyncio.sleep(early)
                await self._places.enter()
                host.free_at = self._time() + host.interval
        except BaseException:
            host.seats.leave()
            raise
        return host

    def _new(self, place: str) -> Turn:
        """A host that nothing is remembered of; where there are many, the idle ones go."""
        if len(self._hosts) >= self._sweep_at:
            now = self._time()
            self._hosts = {
                name: host
                for name, host in self._hosts.items()
                if host.free_at > now or not host.seats.is_idle
            }
            self._sweep_at = max(_FEW, 2 * len(self._hosts))
        interval, connections = self._rule(place)
        made = self._hosts[place] = Turn(self._places, connections, interval)
        return made

    def _rule(self, place: str) -> tuple[float, int]:
        """The pause between two requests on a host, and how many it takes at once."""
        rule = self._rules.get(place) or self._rules.get(place.rpartition(":")[0])
        if rule is None:
            return self._interval, 1
        interval = self._interval if rule.interval is None else rule.interval.total_seconds()
        return interval, rule.connections
