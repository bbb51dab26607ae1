"""What runs when: the only door to APScheduler.

There are two jobs, whatever the number of sources: the schedule of a source is `next_pull_at` in
the store, not a second copy here.
"""

from __future__ import annotations

import asyncio
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.pull import Puller, SeedFolder
from aggregator.settings import Settings

TICK_SECONDS = 1
SEEDS_SECONDS = 2


class Jobs:
    """Pulls what is due every second, and looks into the seeds folder every two."""

    def __init__(self, settings: Settings, puller: Puller, folder: SeedFolder) -> None:
        self._settings = settings
        self._puller = puller
        self._folder = folder
        self._turn = asyncio.Lock()
        # A tick that comes late still comes, once: nothing else says that a source is due.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS)
        self._scheduler.add_job(self.scan, "interval", seconds=SEEDS_SECONDS)

    def start(self) -> None:
        """Begin; the first tick comes within a second."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Let the job that runs end, and start none more; pulls are the puller's to drain."""
        self._scheduler.pause()
        # Whatever runs when APScheduler's asyncio executor shuts down is cancelled, waiting or not.
        async with self._turn:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Start pulling what is due."""
        async with self._turn:
            await self._puller.tick()

    async def scan(self) -> None:
        """Read the seeds folder if it changed, and take in the sources that its lists name."""
        async with self._turn:
            if await self._puller.write(self._folder.scan):
                await self._puller.list_sources((*self._settings.sources, *self._folder.sources))
