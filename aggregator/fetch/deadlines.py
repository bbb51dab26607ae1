"""When a request has taken too long."""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Self

_GRAIN = 0.001
"""uvloop counts in milliseconds: a timer may go off this much before its time."""


class Deadlines:
    """Ends what takes too long, as `asyncio.timeout` does, with one timer for all of it.

        with deadlines.within(30):
            ...  # raises TimeoutError when it takes longer

    A timer a request, of which almost none ever goes off, is a sixth of what a 304 costs. For one
    event loop. `running` are the blocks that are entered, `rings_at` is when the timer goes off:
    never before the first of them ends, and not set anew when one is left in time.
    """

    __slots__ = ("_loop", "_timer", "rings_at", "running")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.running: set[Deadline] = set()
        self.rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> Deadline:
        """What to enter, in a task: a block that raises TimeoutError after `seconds`."""
        return Deadline(self, self._loop.time() + seconds)

    def close(self) -> None:
        """End nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def ring_at(self, when: float) -> None:
        """Have the timer go off then, and not before."""
        self.close()
        self.rings_at = when
        self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        now = self._loop.time() + _GRAIN
        over = [one for one in self.running if one.at <= now]
        for one in sorted(over, key=lambda one: one.at):
            self.running.discard(one)
            one.end()
        self._timer, self.rings_at = None, math.inf
        if self.running:
            self.ring_at(min(one.at for one in self.running))


class Deadline:
    """One block that ends at `at`, by the loop's clock.

    A cancellation that comes from elsewhere passes through, also when both come at once.
    """

    __slots__ = ("_before", "_deadlines", "_over", "_task", "at")

    _task: asyncio.Task[object]

    def __init__(self, deadlines: Deadlines, at: float) -> None:
        self._deadlines = deadlines
        self._over = False
        self.at = at

    def end(self) -> None:
        """The time is over."""
        self._over = True
        self._task.cancel()

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline ends a task, and there is none")
        self._task = task
        self._before = task.cancelling()
        deadlines = self._deadlines
        deadlines.running.add(self)
        if self.at < deadlines.rings_at:
            deadlines.ring_at(self.at)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._deadlines.running.discard(self)
        if self._over and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from problem
