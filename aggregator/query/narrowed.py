"""The pages of a narrowed selection (RFC 5005 3), by what its stories are found by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from aggregator.model import Selection
from aggregator.query import collapsed, stories, windows
from aggregator.query.collapsed import Found
from aggregator.query.slices import Budget, Finder, Slices
from aggregator.query.windows import Window
from aggregator.schema import findable, formerly, number_of, rank_of, story, time_of
from aggregator.schema.among import AMONG, rows_among

_CHANGED = select(func.max(story.c.changed_at)).where(story.c.number.in_(AMONG))


@dataclass(frozen=True, slots=True)
class TooCostly:
    """Finding the page takes longer than it may: nobody shall wait for it."""


def page(
    connection: Connection, selection: Selection, slices: Slices, size: int, number: int
) -> Window | TooCostly | None:
    """A page of a narrowed selection, `size` stories each, the first with number 1.

    The newest by the time they came to stand anywhere, got another source, or were significantly
    revised; of each news event the first alone, if that is wanted. None if there is no such page;
    there is always a first one.
    """
    now = windows.standing(connection, selection)
    if now is None:
        return None
    bounds = slices.bounds(connection)
    finder = Finder(connection, selection, bounds, Budget())
    most = size * number
    found = _find(connection, selection, finder, most + 1)
    if found is None:
        return TooCostly()
    # The one behind the page counts too: there is a next page for it. And so do those for which
    # others are not listed: one that has come to stand may be listed on another page.
    changes = _changes(connection, (*found.listed, *found.before))
    # Of all that its verticals hold, this is touched by what it lists and what it no longer does.
    newest = max(changes, default=None)
    left = finder.newest(formerly, 1, since=rank_of(newest, 0) if newest else 0)
    if left is None:
        return TooCostly()
    ranks = found.listed[size * (number - 1) : most]
    if number > 1 and not ranks:
        return None
    listed = stories.by_number(connection, map(number_of, ranks))
    updated_at = max((*changes, *map(time_of, left)), default=now.remade_at)
    # Which others count is another matter with each that comes, and no reader sees anything of it.
    modified_at = max(updated_at, now.remade_at, *_changes(connection, found.later))
    return Window(
        standing=replace(now, updated_at=updated_at, modified_at=modified_at),
        stories=listed,
        due=frozenset(story.id for story in listed),
        more=len(found.listed) > most,
    )


def every(connection: Connection, selection: Selection, slices: Slices) -> frozenset[int]:
    """The number of every story of a narrowed selection, however long that takes."""
    finder = Finder(connection, selection, slices.bounds(connection), Budget(_FOR_EVER))
    found = _find(connection, selection, finder, _ALL)
    return frozenset(map(number_of, found.listed if found else ()))


_FOR_EVER = 1e9
_ALL = 2**31


def _find(connection: Connection, selection: Selection, finder: Finder, most: int) -> Found | None:
    if selection.saved.collapsed:
        return collapsed.newest(connection, finder, most)
    ranks = finder.newest(findable, most)
    return None if ranks is None else Found(listed=ranks)


def _changes(connection: Connection, ranks: Iterable[int]) -> list[datetime]:
    """When the stories with these ranks last changed: the last of these times, if any."""
    return [at for (at,) in rows_among(connection, _CHANGED, [number_of(rank) for rank in ranks])]
