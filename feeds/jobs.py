"""What runs when: the only door to APScheduler.

There are few jobs, whatever the number of sources: the schedule of a source is `next_pull_at` in
the store, not a second copy here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

TICK_SECONDS = 1
SEEDS_SECONDS = 2
SILENCE_MINUTES = 30

Work = Callable[[], Awaitable[None]]


class Jobs:
    """Pulls what is due every second, and looks into the seeds folder every two.

    And every half hour for sources that have fallen silent.
    """

    def __init__(self, tick: Work, scan: Work, look_for_silence: Work) -> None:
        self._turn = asyncio.Lock()
        # A tick that comes late still comes, once: nothing else says that a source is due.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._add(tick, seconds=TICK_SECONDS)
        self._add(scan, seconds=SEEDS_SECONDS)
        self._add(look_for_silence, minutes=SILENCE_MINUTES, next_run_time=datetime.now(UTC))

    def _add(self, work: Work, **when: object) -> None:
        async def in_turn() -> None:
            async with self._turn:
                await work()

        self._scheduler.add_job(in_turn, "interval", **when)

    def start(self) -> None:
        """Begin; the first tick comes within a second."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Let the job that runs end, and start none more; pulls are the puller's to drain."""
        self._scheduler.pause()
        # Whatever runs when APScheduler's asyncio executor shuts down is cancelled, waiting or not.
        async with self._turn:
            self._scheduler.shutdown(wait=False)
