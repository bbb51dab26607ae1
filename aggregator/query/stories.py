"""Stories, as their rows say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, select

from aggregator.model import ALL, Entry, Other, Story
from aggregator.schema import alias, entry, membership, story
from aggregator.schema.among import AMONG, rows_among

_decode = msgspec.json.Decoder(Entry).decode
_decode_pairs = msgspec.json.Decoder(list[tuple[str, str]]).decode

_STORIES = select(story).where(story.c.number.in_(AMONG), story.c.withdrawn_at.is_(None))
_ENTRIES = (
    select(entry.c.number, entry.c.story, entry.c.data)
    .where(entry.c.story.in_(AMONG), entry.c.withdrawn_at.is_(None))
    .order_by(entry.c.number)
)
_AT_ONCE = 1000
_STANDS = (
    select(membership.c.sequence)
    .where(membership.c.story == story.c.number, membership.c.vertical == ALL)
    .exists()
)
_PAGES = (
    select(story.c.number, story.c.page_id, story.c.changed_at)
    .where(story.c.number > bindparam("after"), _STANDS)
    .order_by(story.c.number)
    .limit(_AT_ONCE)
)
_STANDING = select(story.c.page_id).where(story.c.page_id.in_(AMONG), _STANDS)
_SHELVES = (
    select(membership.c.story, membership.c.vertical)
    .where(membership.c.story.in_(AMONG), membership.c.vertical != ALL)
    .order_by(membership.c.vertical)
)


def by_page(connection: Connection, page_id: str) -> Story | None:
    """The story with this page id, or with the id of one that a join retired into it."""
    number = _number(connection, page_id)
    found = by_number(connection, [number]) if number else ()
    return found[0] if found else None


def changed_at(connection: Connection, one: Story) -> datetime:
    """When anything of a story last changed."""
    found: datetime = connection.execute(
        select(story.c.changed_at).where(story.c.id == one.id)
    ).scalar_one()
    return found


def pages(connection: Connection, after: int) -> tuple[list[tuple[str, datetime]], int | None]:
    """Page ids and last changes of the next stories behind this number that stand anywhere.

    And the number of the last of these, None if there is none behind it.
    """
    rows = connection.execute(_PAGES, {"after": after}).all()
    last = rows[-1].number if len(rows) == _AT_ONCE else None
    return [(row.page_id, row.changed_at) for row in rows], last


def standing_pages(connection: Connection, page_ids: Collection[str]) -> frozenset[str]:
    """Those of the page ids that are of stories that stand anywhere."""
    return frozenset(row.page_id for row in rows_among(connection, _STANDING, page_ids))


def was_withdrawn(connection: Connection, page_id: str) -> bool:
    """Whether there was a story with this page id, which is published no more."""
    number = _number(connection, page_id)
    withdrawn_at = select(story.c.withdrawn_at).where(story.c.number == number)
    return connection.scalar(withdrawn_at) is not None


def _number(connection: Connection, page_id: str) -> int | None:
    own: int | None = connection.scalar(
        select(story.c.number).where(story.c.page_id == page_id)
    ) or connection.scalar(select(alias.c.story).where(alias.c.page_id == page_id))
    return own


def by_number(connection: Connection, numbers: Iterable[int]) -> tuple[Story, ...]:
    """The stories with these numbers, in this order.

    Those that are withdrawn are left out, and entries that their source's terms exclude; a story
    without any other is left out too.
    """
    order = list(numbers)
    rows = {row.number: row for row in rows_among(connection, _STORIES, order)}
    entries: dict[int, dict[int, Entry]] = {number: {} for number in order}
    for number, into, data in rows_among(connection, _ENTRIES, order):
        one = _decode(data)
        if not one.terms.excluded:
            entries[into][number] = one
    shelves: dict[int, list[str]] = {number: [] for number in order}
    for into, vertical in rows_among(connection, _SHELVES, order):
        shelves[into].append(vertical)
    return tuple(
        _story(rows[number], entries[number], shelves[number])
        for number in order
        if number in rows and entries[number]
    )


def _story(row: Row[tuple[object, ...]], entries: dict[int, Entry], verticals: list[str]) -> Story:
    lead = entries[row.lead]
    return Story(
        id=row.id,
        page_id=row.page_id,
        lead=lead,
        first_seen=row.first_seen,
        updated=row.updated,
        also=tuple(one for number, one in entries.items() if number != row.lead),
        verticals=tuple(verticals),
        related=_related(row.related),
    )


def _related(written: str | None) -> tuple[Other, ...]:
    """Older stories as they were when this one came: pairs of page id and title, in JSON."""
    if written is None:
        return ()
    return tuple(Other(page_id=page, title=title) for page, title in _decode_pairs(written))
