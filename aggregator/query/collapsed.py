"""The first story of each news event, of those that a selection finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, union_all

from aggregator.query.slices import TOP, Finder
from aggregator.schema import findable, number_of, story
from aggregator.schema.among import AMONG, rows_among

_EVENTS = select(story.c.rank, story.c.event).where(
    story.c.number.in_(AMONG), story.c.event.is_not(None)
)
_BEGAN = select(story.c.number.label("event"), story.c.rank).where(
    story.c.number.in_(AMONG), story.c.rank < bindparam("low")
)
_JOINED = select(story.c.event, story.c.rank).where(
    story.c.event.in_(AMONG), story.c.rank < bindparam("low")
)
_MATES = union_all(_BEGAN, _JOINED)

_STEP = 4  # as many stories of an event are looked up at first, and times as many in each step


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ranks, newest first: of stories that are `listed`, and of `later` ones that are not.

    These are as new as the last one that is listed; `before` are the stories listed for them.
    """

    listed: Sequence[int]
    later: Sequence[int] = ()
    before: Sequence[int] = ()


def newest(connection: Connection, finder: Finder, most: int) -> Found | None:
    """The newest stories, `most` at the most, of which none tells of an event after another one.

    The one with the lowest number is the first of its event. None if that costs too much.
    """
    firsts = _Firsts(connection, finder)
    found: dict[int, int] = {}
    below, listed, is_all = TOP, 0, False
    while listed < most and not is_all:
        # One event may be all that there is for long.
        asked = max(most, len(found))
        ranks = finder.newest(findable, asked, below=below)
        if ranks is None:
            return None
        is_all = len(ranks) < asked
        below = 0 if is_all else ranks[-1]
        some = firsts.of(ranks, below)
        if some is None:
            return None
        found |= some
        listed += sum(rank == first for rank, first in some.items())
    return _page(found, most)


def _page(found: Mapping[int, int], most: int) -> Found:
    listed = [rank for rank, first in found.items() if rank == first][:most]
    last = listed[-1] if len(listed) == most else 0
    later = {r: first for r, first in found.items() if r != first and r > last}
    return Found(listed=listed, later=tuple(later), before=tuple(dict.fromkeys(later.values())))


class _Firsts:
    """The first stories of events, each looked for once."""

    def __init__(self, connection: Connection, finder: Finder) -> None:
        self._connection = connection
        self._finder = finder
        self._known: dict[int, int] = {}

    def of(self, ranks: Sequence[int], low: int) -> dict[int, int] | None:
        """The first story of the event of each: of all that is found, these are the next.

        `low` is where they end.
        """
        events = {rank: number_of(rank) for rank in ranks}
        joined = rows_among(self._connection, _EVENTS, [*events.values()])
        events.update(map(tuple, joined))
        own: dict[int, int] = {}
        for rank, event in events.items():
            if event not in self._known:
                own[event] = min(rank, own.get(event, rank), key=number_of)
        if not self._learn(own, low):
            return None
        return {rank: self._known[event] for rank, event in events.items()}

    def _learn(self, own: Mapping[int, int], low: int) -> bool:
        """Whether there was time to find the first story of each event, of which this is one."""
        self._known |= own
        left = self._older(own, low)
        # Most often it is the oldest; where it is not, many others may not be it, too.
        count = _STEP
        while left:
            there = self._finder.of(rank for ranks in left.values() for rank in ranks[:count])
            if there is None:
                return False
            for event, ranks in left.items():
                if first := next((rank for rank in ranks[:count] if rank in there), None):
                    self._known[event] = first
                    ranks.clear()
                del ranks[:count]
            left = {event: ranks for event, ranks in left.items() if ranks}
            count *= _STEP
        return True

    def _older(self, own: Mapping[int, int], low: int) -> dict[int, list[int]]:
        """What may be the first story of each event instead of this one, by its number.

        What is newer than `low` has been found, or is not to be found.
        """
        # One whose number is that of the event began it.
        joined = {event: rank for event, rank in own.items() if number_of(rank) != event}
        older: dict[int, list[int]] = {}
        for event, rank in rows_among(self._connection, _MATES, joined if low else (), low=low):
            if number_of(rank) < number_of(joined[event]):
                older.setdefault(event, []).append(rank)
        return {event: sorted(ranks, key=number_of) for event, ranks in older.items()}
