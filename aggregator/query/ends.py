"""Where the archives of a selection end (RFC 5005 4), each by the sequence of its last membership.

Those of one vertical are stored. A union has an end wherever one of its verticals has; what lies
between two ends, memberships that ended too, is counted off into archives that are no longer than
those of its verticals. So an archive that was closed stays as it is, and none has to be counted
from the first story on.

The archive 0 is empty. It is there as soon as there is another one, so that each has one before or
after it, and who wants to read everything from its beginning can begin there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, union_all

from aggregator.schema import archive, departure, membership, meta
from aggregator.schema.among import AMONG, rows_among
from aggregator.settings import ArchiveLimits

Verticals = Sequence[str]

END_OF_TIME = 2**62
"""Behind every sequence."""

# What is asked for each time is put together once: SQLAlchemy takes longer for it than SQLite.
_OF_ONE = archive.c.vertical == bindparam("vertical")
_NEXT = (
    select(archive.c.last, archive.c.stories)
    .where(_OF_ONE, archive.c.last > bindparam("after"))
    .order_by(archive.c.last)
    .limit(1)
)
_BEFORE = (
    select(archive.c.last)
    .where(_OF_ONE, archive.c.last < bindparam("before"))
    .order_by(archive.c.last.desc())
    .limit(1)
)
_STORED = select(archive.c.last).where(
    archive.c.vertical.in_(AMONG), archive.c.last == bindparam("last")
)
_SEQUENCES = union_all(
    *(
        select(each.c.sequence).where(
            each.c.vertical.in_(AMONG),
            each.c.sequence > bindparam("after"),
            each.c.sequence <= bindparam("last"),
        )
        for each in (membership, departure)
    )
)
_SIZE = select(meta.c.value).where(meta.c.name == "archive size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An archive: from behind one sequence to its `last` one, and where the next archive ends."""

    after: int
    last: int
    newer: int | None


def newest(connection: Connection, verticals: Verticals) -> int | None:
    """Where the newest archive of the union ends; None while it has none."""
    last = _stored_before(connection, verticals, END_OF_TIME)
    return next(reversed(_from(connection, verticals, last)), last or None)


def span(connection: Connection, verticals: Verticals, last: int) -> Span | None:
    """The archive of the union that ends there; None if none does."""
    if not last:
        first = _from(connection, verticals, 0)
        return Span(after=0, last=0, newer=first[0]) if first else None
    after = _stored_before(connection, verticals, last)
    ends = _from(connection, verticals, after)
    if last not in ends:
        return None
    place = ends.index(last)
    later = ends[place + 1 :]
    if not later and _is_stored(connection, verticals, last):
        later = _from(connection, verticals, last)
    return Span(
        after=ends[place - 1] if place else after, last=last, newer=later[0] if later else None
    )


def _from(connection: Connection, verticals: Verticals, after: int) -> list[int]:
    """The ends of archives behind a stored end (0 for the first), up to the next stored one."""
    found = [
        (row.last, row.stories)
        for name in verticals
        for row in connection.execute(_NEXT, {"vertical": name, "after": after})
    ]
    last, stories = min(found, default=(None, None))
    if len(verticals) == 1:
        return [] if last is None else [last]
    stories = stories or _stories(connection)
    up_to = END_OF_TIME if last is None else last
    rows = rows_among(connection, _SEQUENCES, verticals, after=after, last=up_to)
    counted = sorted(row.sequence for row in rows)
    ends = [*counted[stories - 1 :: stories]]
    return ends if last is None or last in ends else [*ends, last]


def _stored_before(connection: Connection, verticals: Verticals, before: int) -> int:
    """The newest end of any of the verticals, before that one; 0 if there is none."""
    found = (connection.scalar(_BEFORE, {"vertical": name, "before": before}) for name in verticals)
    return max(last or 0 for last in found)


def _is_stored(connection: Connection, verticals: Verticals, last: int) -> bool:
    return any(rows_among(connection, _STORED, verticals, last=last))


def _stories(connection: Connection) -> int:
    """How many stories fill an archive that is open."""
    told = connection.scalar(_SIZE)
    return int(told) if told else ArchiveLimits().stories
