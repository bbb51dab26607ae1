"""Full-text queries in slices, because SQLite cannot stop one.

What such a query costs is known when it is over: a word is found in no time, a phrase of the most
common words by reading every place of each. So it is put to the newest stories first, and then to
as many more as there seems to be time for.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from operator import neg

from sqlalchemy import Connection, TableClause, bindparam, column, func, select

from aggregator import search
from aggregator.model import Selection
from aggregator.schema import findable, formerly, spans_between, story

LIMIT = 0.05
"""Seconds of a processor that the queries for one page may take."""

WAITS = 1.0
"""Seconds that they may take with all that they wait for."""

SLICE = 5_000
"""Stories of a slice: in the worst case these take some 6 ms."""

TOP = 2**62
"""A rank above all."""

_FASTER = 16  # times as many slices at the most in the next step
_AT_ONCE = 64  # ranks that are looked up at once
_ALL = -1
_GROWTH = 100  # bounds are found anew when there is a hundredth more

_NEWEST = select(func.max(story.c.number))
_NEXT_BOUND = (
    select(story.c.rank)
    .where(story.c.rank < bindparam("below"))
    .order_by(story.c.rank.desc())
    .limit(1)
    .offset(SLICE - 1)
)


class Budget:
    """What a page may still cost; with `times`, so many times as much as a page may."""

    def __init__(self, times: float = 1) -> None:
        self._until = time.thread_time() + times * LIMIT
        self._at_last = time.monotonic() + times * WAITS

    @property
    def left(self) -> float:
        """Seconds of a processor."""
        return self._until - time.thread_time()

    def steps(self, before: int, rate: float) -> int:
        """How many slices come next, after so many, if one costs so much; 0 if none may."""
        left = self.left
        affordable = left / rate if rate > 0 else float(TOP)
        # Half of it: the rest may be worse.
        steps = int(min(before * _FASTER, max(affordable / 2, min(affordable, 1))))
        return 0 if left <= 0 or time.monotonic() > self._at_last else steps


class Slices:
    """Where slices of stories end, by rank: found once, and anew when there are many more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bounds: tuple[int, ...] = ()
        self._newest = 0

    def bounds(self, connection: Connection) -> Sequence[int]:
        """The lowest rank of each slice, from the newest on; behind the last there is one more."""
        newest: int = connection.scalar(_NEWEST) or 0
        with self._lock:
            if newest - self._newest > max(SLICE, self._newest // _GROWTH):
                self._bounds = tuple(_bounds(connection))
                self._newest = newest
            return self._bounds


def _bounds(connection: Connection) -> list[int]:
    found: list[int] = []
    below: int | None = TOP
    while below := connection.scalar(_NEXT_BOUND, {"below": below}):
        found.append(below)
    return found


class Finder:
    """Finds the newest ranks of a narrowed selection, on one budget."""

    def __init__(
        self, connection: Connection, selection: Selection, bounds: Sequence[int], budget: Budget
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._bounds = bounds
        self._budget = budget

    def newest(
        self, among: TableClause, most: int, since: int = 0, below: int = TOP
    ) -> list[int] | None:
        """The newest ranks there, `most` at the most, from `since` to `below`, newest first.

        None if that costs more than there is; but one slice alone is never too much.
        """
        found: list[int] = []
        high, done, step = below, bisect_right(self._bounds, -below, key=neg), 1
        while step:
            done += step
            low = max(self._bounds[done - 1] if done <= len(self._bounds) else 0, since)
            before = self._budget.left
            asked = {"low": low, "high": high, "most": most - len(found)}
            expression = self._between(among, low, high)
            found += self._connection.scalars(
                _FOUND[among.name], {"expression": expression, **asked}
            )
            if len(found) == most or low <= since:
                return None if self._is_over else found
            # The first slices pay for the places of all words being looked up: they tell little.
            high, step = low, self._budget.steps(step, (before - self._budget.left) / step)
        return None

    def of(self, ranks: Iterable[int]) -> set[int] | None:
        """Those of the ranks, and some others, that are found; None if that costs too much."""
        found: set[int] = set()
        left = iter(ranks)
        while some := list(islice(left, _AT_ONCE)):
            # No `IN`: SQLite would begin anew for each, and read on from there.
            spans = dict.fromkeys(chain.from_iterable(spans_between(r, r + 1) for r in some))
            asked = {"low": min(some), "high": max(some) + 1, "most": _ALL}
            expression = search.expression(self._selection, spans)
            found.update(
                self._connection.scalars(_FOUND[findable.name], {"expression": expression, **asked})
            )
            if self._is_over:
                return None
        return found

    @property
    def _is_over(self) -> bool:
        return bool(self._bounds) and self._budget.left < 0

    def _between(self, among: TableClause, low: int, high: int) -> str:
        """What finds nothing that is much newer or older; but where all that is left is meant."""
        if not low:
            return search.expression(self._selection)
        if high == TOP:
            high = max(self._connection.scalar(_HIGHEST[among.name]) or 0, low) + 1
        return search.expression(self._selection, spans_between(low, high))


_HIGHEST = {
    findable.name: select(func.max(story.c.rank)),
    formerly.name: (
        select(formerly.c.rowid)
        .where(column(formerly.name).op("MATCH")(search.EVERYTHING))
        .order_by(formerly.c.rowid.desc())
        .limit(1)
    ),
}
_FOUND = {
    each.name: (
        select(each.c.rowid)
        .where(
            column(each.name).op("MATCH")(bindparam("expression")),
            each.c.rowid >= bindparam("low"),
            each.c.rowid < bindparam("high"),
        )
        .order_by(each.c.rowid.desc())
        .limit(bindparam("most"))
    )
    for each in (findable, formerly)
}
