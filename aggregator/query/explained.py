"""Why a story is what it is: the entries it was merged from, its verticals, what is like it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, Text, cast, func, or_, select

from aggregator import urls
from aggregator.model import ALL, Assignment, Entry, Other
from aggregator.model.explaining import (
    Explained,
    NearMiss,
    Origination,
    Ruling,
    Shelving,
)
from aggregator.schema import alias, entry, membership, near, ruling, source, story
from aggregator.schema.among import AMONG, AnyRow, rows_among

_decode = msgspec.json.Decoder(Entry).decode
_PAGE = re.compile(r"/stories/([0-9a-f]{20})(?:[?#].*)?$")

_ENTRIES = (
    select(entry, source.c.address)
    .join(source, source.c.number == entry.c.source)
    .where(entry.c.story.in_(AMONG))
    .order_by(entry.c.number)
)
_lead = entry.alias("lead")
_TITLE = func.json_extract(cast(_lead.c.data, Text), "$.title")
_NEAR = (
    select(near, story.c.page_id, _TITLE.label("title"), entry.c.data, entry.c.story)
    .join(entry, entry.c.number == near.c.other)
    .join(story, story.c.number == entry.c.story)
    .join(_lead, _lead.c.number == story.c.lead)
    .where(near.c.entry.in_(AMONG))
    .order_by(near.c.score.desc(), near.c.other)
)
# And what came later and found an entry of this story to be like it.
_NEAR_LATER = (
    select(near, story.c.page_id, _TITLE.label("title"), entry.c.data, entry.c.story)
    .join(entry, entry.c.number == near.c.entry)
    .join(story, story.c.number == entry.c.story)
    .join(_lead, _lead.c.number == story.c.lead)
    .where(near.c.other.in_(AMONG))
    .order_by(near.c.score.desc(), near.c.entry)
)
_SHELVES = select(membership).where(membership.c.vertical != ALL).order_by(membership.c.sequence)
_RULINGS = select(ruling).where(or_(ruling.c.one.in_(AMONG), ruling.c.other.in_(AMONG)))
_RELATED = (
    select(story.c.page_id, _TITLE.label("title"))
    .join(_lead, _lead.c.number == story.c.lead)
    .where(story.c.withdrawn_at.is_(None))
    .where(
        select(membership.c.sequence)
        .where(membership.c.story == story.c.number, membership.c.vertical == ALL)
        .exists()
    )
    .order_by(story.c.number.desc())
)
MOST_RELATED = 50
"""Related stories that are told of at most, the newest."""


def find(connection: Connection, name: str) -> tuple[str, ...]:
    """The ids of the stories that may be meant.

    By an id or the name of a page, its own or one that a join retired; by the address of its page
    at our own site; or by that of the article, wherever a source gave it.
    """
    page = _PAGE.search(name)
    names = {name, *([page[1]] if page else ())}
    for table, number in ((story, story.c.number), (alias, alias.c.story)):
        named = select(number).where(or_(table.c.id.in_(names), table.c.page_id.in_(names)))
        if found := connection.scalars(named).all():
            return _ids(connection, found)
    key = urls.address_key(name)
    if key is None:
        return ()
    at = select(entry.c.story).where(entry.c.address_key == key).distinct()
    return _ids(connection, connection.scalars(at).all())


def _ids(connection: Connection, numbers: Iterable[int]) -> tuple[str, ...]:
    named = select(story.c.id).where(story.c.number.in_(AMONG)).order_by(story.c.number)
    return tuple(row.id for row in rows_among(connection, named, list(numbers)))


def explain(connection: Connection, identifier: str) -> Explained | None:
    """All that is known of the story with this id or page id; None if there is none."""
    row = connection.execute(
        select(story).where(or_(story.c.id == identifier, story.c.page_id == identifier))
    ).first()
    if row is None:
        return None
    found = list(rows_among(connection, _ENTRIES, [row.number]))
    numbers = [each.number for each in found]
    misses = _misses(connection, row.number, numbers)
    entries = [_origination(each, misses.get(each.number, [])) for each in found]
    aliases = select(alias.c.id).where(alias.c.story == row.number).order_by(alias.c.retired_at)
    return Explained(
        id=row.id,
        page_id=row.page_id,
        aliases=tuple(connection.scalars(aliases)),
        entries=tuple(sorted(entries, key=lambda one: one.number != row.lead)),
        shelves=tuple(_shelves(connection, row.number)),
        related=related(connection, row.number, row.event),
        rulings=tuple(_rulings(connection, row.number, numbers)),
        first_seen=row.first_seen,
        withdrawn_at=row.withdrawn_at,
        by_operator=row.by_operator,
    )


def related(connection: Connection, number: int, event: int | None) -> tuple[Other, ...]:
    """The stories that tell of the same news event, the newest first."""
    begun = event or number
    told = _RELATED.where(
        or_(story.c.event == begun, story.c.number == begun), story.c.number != number
    )
    rows = connection.execute(told.limit(MOST_RELATED))
    return tuple(Other(page_id=row.page_id, title=row.title) for row in rows)


def _misses(connection: Connection, number: int, numbers: list[int]) -> dict[int, list[NearMiss]]:
    """What nearly was the same, by the entry that it is like, whichever of the two came first."""
    found: dict[int, list[NearMiss]] = {}
    for statement, ours in ((_NEAR, "entry"), (_NEAR_LATER, "other")):
        for row in rows_among(connection, statement, numbers):
            if row.story == number:
                continue  # the operator, or what came later, has made them one
            miss = NearMiss(
                story=Other(page_id=row.page_id, title=row.title),
                publication=_decode(row.data).publication,
                reason=row.reason,
                score=row.score,
            )
            found.setdefault(getattr(row, ours), []).append(miss)
    return found


def _origination(row: AnyRow, near_misses: list[NearMiss]) -> Origination:
    return Origination(
        number=row.number,
        address=row.address,
        entry=_decode(row.data),
        first_seen=row.first_seen,
        is_withdrawn=row.withdrawn_at is not None,
        rule=row.rule,
        score=row.score,
        like=row.matched,
        near=tuple(near_misses),
    )


def _shelves(connection: Connection, number: int) -> Iterable[Shelving]:
    for row in connection.execute(_SHELVES.where(membership.c.story == number)):
        why = Assignment(vertical=row.vertical, reason=row.reason, score=row.score)
        yield Shelving(assignment=why, since=row.position)


def _rulings(connection: Connection, number: int, numbers: list[int]) -> Iterable[Ruling]:
    pairs = {
        (row.other if row.one in numbers else row.one, row.apart): row.at
        for row in rows_among(connection, _RULINGS, numbers)
    }
    others = {other for other, _ in pairs}
    named = (
        select(entry.c.number, entry.c.story, story.c.page_id, _TITLE.label("title"))
        .join(story, story.c.number == entry.c.story)
        .join(_lead, _lead.c.number == story.c.lead)
        .where(entry.c.number.in_(AMONG))
    )
    told: dict[tuple[int, bool], Ruling] = {}
    for row in rows_among(connection, named, others):
        for apart in (True, False):
            if (row.number, apart) in pairs and (row.story == number) is not apart:
                told[row.story, apart] = Ruling(
                    apart=apart,
                    at=pairs[row.number, apart],
                    story=Other(page_id=row.page_id, title=row.title),
                )
    return told.values()
