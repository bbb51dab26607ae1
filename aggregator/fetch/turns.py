"""Whose turn it is: one request at a time on a host, and so many in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aggregator.fetch.reasons import SilentError, UnusableError

_FEW = 1024
"""Hosts that are remembered before the idle ones are swept out."""


@dataclass(slots=True)
class _Host:
    """One host and port: who is at it, when it may be asked again, how often it was silent."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    free_at: float = 0.0
    silences: int = 0


class Turns:
    """Keeps requests apart, in the order in which they came.

    Who waits for its host takes no place from others, so a slow host delays only its own sources.

    Args:
        concurrency: the most requests at once.
        interval: seconds between the starts of two requests on one host and port.
    """

    def __init__(self, concurrency: int, interval: float) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._interval = interval
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _FEW

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        """Wait until this `host:port` may be asked, and hold it for the time of the block.

        Raises:
            SilentError: while this one waited, the host was silent to two in a row; a third would
                only wait longer, and so would all behind it.
        """
        host = self._host(place)
        host.users += 1
        before = host.silences
        try:
            async with host.lock:
                if host.silences >= before + 2:
                    raise UnusableError("not asked: the host was silent to two requests before it")
                await self._interval_over(host)
                async with self._places:
                    host.free_at = asyncio.get_running_loop().time() + self._interval
                    yield
                host.silences = 0
        except SilentError:
            host.silences += 1
            raise
        finally:
            host.users -= 1

    async def _interval_over(self, host: _Host) -> None:
        wait = host.free_at - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    def _host(self, key: str) -> _Host:
        found = self._hosts.get(key)
        if found is not None:
            return found
        if len(self._hosts) >= self._sweep_at:
            now = asyncio.get_running_loop().time()
            self._hosts = {k: h for k, h in self._hosts.items() if h.users or h.free_at > now}
            self._sweep_at = max(_FEW, 2 * len(self._hosts))
        return self._hosts.setdefault(key, _Host())
