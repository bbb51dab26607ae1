"""What the feed of a selection and its archives list, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from aggregator.model import Selection, Story, Tombstone
from aggregator.query import ends, stories
from aggregator.schema import departure, membership, story, vertical_state

_Rows = Sequence[Row[*tuple[Any, ...]]]
_At = tuple[datetime, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands: it is as it was while `revision` is what it was.

    `modified_at` is its Last-Modified; `updated_at` is when a reader last had something new to see.
    """

    revision: int
    modified_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a feed or one of its archives lists, newest first, and its standing at that moment.

    `due` are the ids of the stories that are in no archive yet: a feed lists them, however long it
    becomes. `older` and `newer` name the archives before and after; a feed has none after it.
    `tombstones` are a feed's alone: who reads an archive for the first time has nothing to delete.
    `more` if a page is not the last one.
    """

    standing: Standing
    stories: tuple[Story, ...]
    due: frozenset[str] = frozenset()
    tombstones: tuple[Tombstone, ...] = ()
    older: int | None = None
    newer: int | None = None
    more: bool = False


def standing(connection: Connection, selection: Selection) -> Standing | None:
    """Where the selection's feed stands; None while the store has no state of its verticals."""
    states = vertical_state.c
    row = connection.execute(
        select(
            func.sum(states.revision), func.max(states.modified_at), func.max(states.updated_at)
        ).where(states.vertical.in_(selection.verticals))
    ).one()
    if row[0] is None:
        return None
    return Standing(revision=row[0], modified_at=row[1], updated_at=row[2])


def window(connection: Connection, selection: Selection, size: int) -> Window | None:
    """The newest `size` stories of the selection, and all that are in no archive yet."""
    now = standing(connection, selection)
    if now is None:
        return None
    older = ends.newest(connection, selection.verticals)
    places = _newest(connection, selection, size)
    oldest = min(places.values())[0] if places and len(places) == size else None
    due = _members(connection, selection, membership.c.sequence > (older or 0))
    for row in due:
        at = (row.listed_at, row.sequence)
        places[row.story] = max(places.get(row.story, at), at)
    listed = sorted(places, key=lambda number: places[number], reverse=True)
    return Window(
        standing=now,
        stories=stories.by_number(connection, listed),
        due=frozenset(row.id for row in due),
        tombstones=_tombstones(connection, selection, size, oldest),
        older=older,
    )


def archive(connection: Connection, selection: Selection, number: int) -> Window | None:
    """What the archive that ends with this sequence lists; None if there is none."""
    now = standing(connection, selection)
    span = ends.span(connection, selection.verticals, number)
    if now is None or span is None:
        return None
    inside = _members(connection, selection, _within(membership.c.sequence, span.after, number))
    left = _left(connection, selection, _within(departure.c.sequence, span.after, number))
    modified_at = max(_changes(connection, selection, inside, left, span.newer))
    # A first pull lists what it brings by its own dates, or by none: it was new when it came.
    came = (max(row.listed_at, row.first_seen) for row in inside)
    seen = chain(came, (row.left_at for row in left))
    return Window(
        standing=Standing(
            revision=now.revision,
            modified_at=modified_at,
            updated_at=max(seen, default=modified_at),
        ),
        stories=stories.by_number(connection, dict.fromkeys(r.story for r in reversed(inside))),
        older=span.after if number else None,
        newer=span.newer,
    )


def page(connection: Connection, selection: Selection, size: int, number: int) -> Window | None:
    """A page of a narrowed selection (RFC 5005 3), `size` stories each, the first with number 1.

    None if there is no such page; there is always a first one.
    """
    now = standing(connection, selection)
    places = _newest(connection, selection, size * number + 1)
    listed = list(places)[size * (number - 1) : size * number]
    if now is None or (number > 1 and not listed):
        return None
    found = stories.by_number(connection, listed)
    return Window(
        standing=now,
        stories=found,
        due=frozenset(story.id for story in found),
        more=len(places) > size * number,
    )


def _newest(connection: Connection, selection: Selection, size: int) -> dict[int, _At]:
    """The numbers of its newest stories, newest first, with their places in its order."""
    places: dict[int, _At] = {}
    for vertical in selection.verticals:
        rows = connection.execute(
            select(membership.c.story, membership.c.listed_at, membership.c.sequence)
            .where(
                membership.c.vertical == vertical,
                *(_stands_in(name) for name in selection.within),
                *(~_stands_in(name) for name in selection.without),
            )
            .order_by(membership.c.listed_at.desc(), membership.c.sequence.desc())
            .limit(size)
        )
        for number, *place in rows:
            at = (place[0], place[1])
            places[number] = max(places.get(number, at), at)
    newest = sorted(places, key=lambda number: places[number], reverse=True)[:size]
    return {number: places[number] for number in newest}


def _stands_in(vertical: str) -> ColumnElement[bool]:
    """Whether the story of a membership has one in this vertical too."""
    other = membership.alias()
    return (
        select(other.c.sequence)
        .where(other.c.story == membership.c.story, other.c.vertical == vertical)
        .exists()
    )


def _members(connection: Connection, selection: Selection, where: ColumnElement[bool]) -> _Rows:
    """The memberships of the selection there, by sequence, with what their stories say of it."""
    return connection.execute(
        select(membership, story.c.id, story.c.first_seen, story.c.changed_at)
        .join(story, story.c.number == membership.c.story)
        .where(membership.c.vertical.in_(selection.verticals), where)
        .order_by(membership.c.sequence)
    ).all()


def _left(connection: Connection, selection: Selection, where: ColumnElement[bool]) -> _Rows:
    """The memberships of the selection that ended there, by sequence."""
    return connection.execute(
        select(departure)
        .where(departure.c.vertical.in_(selection.verticals), where)
        .order_by(departure.c.sequence)
    ).all()


def _within(sequence: ColumnElement[int], after: int, last: int) -> ColumnElement[bool]:
    return (sequence > after) & (sequence <= last)


def _changes(
    connection: Connection, selection: Selection, inside: _Rows, left: _Rows, newer: int | None
) -> Iterable[datetime]:
    """When an archive changed: its stories, the configuration, and with the one that came after."""
    yield from (row.changed_at for row in inside)
    yield from (row.left_at for row in left)
    yield connection.execute(
        select(func.max(vertical_state.c.remade_at)).where(
            vertical_state.c.vertical.in_(selection.verticals)
        )
    ).scalar_one()
    if newer is not None:
        # It came with its last story, and no later.
        yield from (
            row.changed_at
            for row in _members(connection, selection, membership.c.sequence == newer)
        )
        yield from (
            row.left_at for row in _left(connection, selection, departure.c.sequence == newer)
        )


def _tombstones(
    connection: Connection, selection: Selection, size: int, since: datetime | None
) -> tuple[Tombstone, ...]:
    """The newest `size` of stories that were withdrawn and have not come back, each once."""
    left = connection.execute(
        select(departure.c.id, departure.c.left_at)
        .where(
            departure.c.vertical.in_(selection.verticals),
            departure.c.withdrawn,
            *((departure.c.left_at >= since,) if since else ()),
        )
        .order_by(departure.c.left_at.desc(), departure.c.sequence.desc())
        .limit(size * len(selection.verticals))
    ).all()
    if not left:
        return ()
    stands = select(membership.c.sequence).where(
        membership.c.story == story.c.number, membership.c.vertical.in_(selection.verticals)
    )
    back = connection.scalars(
        select(story.c.id).where(story.c.id.in_([row.id for row in left]), stands.exists())
    ).all()
    found: dict[str, Tombstone] = {}
    for row in left:
        if row.id not in back:
            found.setdefault(row.id, Tombstone(id=row.id, at=row.left_at))
    return tuple(found.values())[:size]
