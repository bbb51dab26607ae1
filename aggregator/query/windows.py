"""What the feed of a selection and its archives list, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy import Connection, bindparam, func, select

from aggregator.model import Selection, Story, Tombstone
from aggregator.query import ends, stories
from aggregator.schema import departure, membership, story, vertical_state
from aggregator.schema.among import AMONG, AnyRow, rows_among

_Rows = Sequence[AnyRow]
_At = tuple[datetime, int]

_LONG_AGO = datetime.fromtimestamp(0, UTC)

# What is asked for each time is put together once: SQLAlchemy takes longer for it than SQLite.
_STANDING = select(
    func.sum(vertical_state.c.revision),
    *(func.max(vertical_state.c[name]) for name in ("modified_at", "updated_at", "remade_at")),
).where(vertical_state.c.vertical.in_(AMONG))
_NEWEST = (
    select(membership.c.story, membership.c.listed_at, membership.c.sequence)
    .where(membership.c.vertical == bindparam("vertical"))
    .order_by(membership.c.listed_at.desc(), membership.c.sequence.desc())
    .limit(bindparam("most"))
)
_MEMBERS = (
    select(
        membership.c.story,
        membership.c.sequence,
        membership.c.listed_at,
        story.c.id,
        story.c.first_seen,
        story.c.changed_at,
    )
    .join(story, story.c.number == membership.c.story)
    .where(
        membership.c.vertical.in_(AMONG),
        membership.c.sequence > bindparam("after"),
        membership.c.sequence <= bindparam("last"),
    )
    .order_by(membership.c.sequence)
)
_LEFT = (
    select(departure)
    .where(
        departure.c.vertical.in_(AMONG),
        departure.c.sequence > bindparam("after"),
        departure.c.sequence <= bindparam("last"),
    )
    .order_by(departure.c.sequence)
)
_NEWEST_LEFT = (
    select(departure.c.id, departure.c.left_at)
    .where(
        departure.c.vertical.in_(AMONG),
        departure.c.withdrawn,
        departure.c.left_at >= bindparam("since"),
    )
    .order_by(departure.c.left_at.desc(), departure.c.sequence.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands: it is as it was while `revision` is what it was.

    `modified_at` is its Last-Modified; `updated_at` is when a reader last had something new to see;
    `remade_at` when configuration or program last changed it.
    """

    revision: int
    modified_at: datetime
    updated_at: datetime
    remade_at: datetime


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
    (row,) = rows_among(connection, _STANDING, selection.verticals)
    if row[0] is None:
        return None
    return Standing(revision=row[0], modified_at=row[1], updated_at=row[2], remade_at=row[3])


def window(connection: Connection, selection: Selection, size: int) -> Window | None:
    """The newest `size` stories of the selection, and all that are in no archive yet."""
    now = standing(connection, selection)
    if now is None:
        return None
    older = ends.newest(connection, selection.verticals)
    places = _newest(connection, selection, size)
    oldest = min(places.values())[0] if places and len(places) == size else None
    due = _members(connection, selection, older or 0)
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


def newest(connection: Connection, selection: Selection, size: int) -> tuple[Story, ...]:
    """The newest `size` stories of the selection alone."""
    return stories.by_number(connection, _newest(connection, selection, size))


def archive(
    connection: Connection, selection: Selection, number: int, *, told: bool = True, least: int = 0
) -> Window | None:
    """What the archive that ends with this sequence lists; None if there is none.

    Where these are fewer than `least` stories, those of the archives before it too, all in the
    order of the feed. Without its stories, if these are not to be `told`.
    """
    now = standing(connection, selection)
    span = ends.span(connection, selection.verticals, number)
    if now is None or span is None:
        return None
    after, inside = span.after, _members(connection, selection, span.after, number)
    while len(inside) < least and (before := ends.span(connection, selection.verticals, after)):
        inside = [*_members(connection, selection, before.after, after), *inside]
        after = before.after
        if not after:
            break
    if least:
        inside = sorted(inside, key=lambda row: (row.listed_at, row.sequence))
    left = _left(connection, selection, after, number)
    changes = _changes(connection, selection, inside, left, span.newer)
    modified_at = max((now.remade_at, *changes))
    # A first pull lists what it brings by its own dates, or by none: it was new when it came.
    came = (max(row.listed_at, row.first_seen) for row in inside)
    seen = chain(came, (row.left_at for row in left))
    listed = dict.fromkeys(r.story for r in reversed(inside)) if told else ()
    return Window(
        standing=replace(now, modified_at=modified_at, updated_at=max(seen, default=modified_at)),
        stories=stories.by_number(connection, listed),
        older=after if number else None,
        newer=span.newer,
    )


def archives(
    connection: Connection, selection: Selection, least: int
) -> Iterator[tuple[int, Standing, Standing]]:
    """The number of every archive of the selection, the newest first, and where it stands.

    And where that stands which has `least` stories at the least.
    """
    number = ends.newest(connection, selection.verticals)
    while number is not None and (found := archive(connection, selection, number, told=False)):
        more = archive(connection, selection, number, told=False, least=least) or found
        yield number, found.standing, more.standing
        number = found.older


def _newest(connection: Connection, selection: Selection, size: int) -> dict[int, _At]:
    """The numbers of its newest stories, newest first, with their places in its order."""
    places: dict[int, _At] = {}
    for vertical in selection.verticals:
        for row in connection.execute(_NEWEST, {"vertical": vertical, "most": size}):
            at = (row.listed_at, row.sequence)
            places[row.story] = max(places.get(row.story, at), at)
    newest = sorted(places, key=lambda number: places[number], reverse=True)[:size]
    return {number: places[number] for number in newest}


def _members(
    connection: Connection, selection: Selection, after: int, last: int = ends.END_OF_TIME
) -> _Rows:
    """The memberships of the selection in there, by sequence, with what their stories say of it."""
    return [*rows_among(connection, _MEMBERS, selection.verticals, after=after, last=last)]


def _left(connection: Connection, selection: Selection, after: int, last: int) -> _Rows:
    """The memberships of the selection that ended there, by sequence."""
    return [*rows_among(connection, _LEFT, selection.verticals, after=after, last=last)]


def _changes(
    connection: Connection, selection: Selection, inside: _Rows, left: _Rows, newer: int | None
) -> Iterable[datetime]:
    """When an archive changed: its stories did, they left, another one came after it."""
    yield from (row.changed_at for row in inside)
    yield from (row.left_at for row in left)
    if newer is not None:
        # It came with its last story, and no later.
        newest = _members(connection, selection, newer - 1, newer)
        yield from (row.changed_at for row in newest)
        yield from (row.left_at for row in _left(connection, selection, newer - 1, newer))


def _tombstones(
    connection: Connection, selection: Selection, size: int, since: datetime | None
) -> tuple[Tombstone, ...]:
    """The newest `size` of stories that were withdrawn and have not come back, each once."""
    most = size * len(selection.verticals)
    since = since or _LONG_AGO
    left = [*rows_among(connection, _NEWEST_LEFT, selection.verticals, since=since, most=most)]
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
