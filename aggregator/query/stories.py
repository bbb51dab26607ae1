"""Stories, as their rows say."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, Row, select

from aggregator.model import ALL, Entry, Story
from aggregator.schema import alias, entry, membership, story

_decode = msgspec.json.Decoder(Entry).decode


def by_page(connection: Connection, page_id: str) -> Story | None:
    """The story with this page id, or with the id of one that a join retired into it."""
    number = _number(connection, page_id)
    found = by_number(connection, [number]) if number else ()
    return found[0] if found else None


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
    told = connection.execute(
        select(story).where(story.c.number.in_(order), story.c.withdrawn_at.is_(None))
    )
    rows = {row.number: row for row in told}
    entries: dict[int, dict[int, Entry]] = {number: {} for number in order}
    for number, into, data in connection.execute(
        select(entry.c.number, entry.c.story, entry.c.data)
        .where(entry.c.story.in_(order), entry.c.withdrawn_at.is_(None))
        .order_by(entry.c.number)
    ):
        one = _decode(data)
        if not one.terms.excluded:
            entries[into][number] = one
    shelves: dict[int, list[str]] = {number: [] for number in order}
    for into, vertical in connection.execute(
        select(membership.c.story, membership.c.vertical)
        .where(membership.c.story.in_(order), membership.c.vertical != ALL)
        .order_by(membership.c.vertical)
    ):
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
    )
