"""Why a story is what it is: the entries it was merged from, its verticals, what is like it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Select, Text, bindparam, cast, func, or_, select

from aggregator import urls
from aggregator.model import ALL, Assignment, Entry, Other
from aggregator.model.explaining import (
    Explained,
    NearMiss,
    Origination,
    Ruling,
    Shelving,
)
from aggregator.schema import alias, departure, entry, membership, near, ruling, source, story
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
_STANDS = (
    select(membership.c.sequence)
    .where(membership.c.story == story.c.number, membership.c.vertical == ALL)
    .exists()
)

MOST_RELATED = 50
"""Related stories that are told of at most, the newest."""

MOST_NEAR = 50
"""Entries of other stories that are told of at most: those that came before, and those after."""


def _near(ours: Column[Any], theirs: Column[Any]) -> Select[Any]:
    """What the entries among these are like, but for what is in their own story by now.

    The operator, or what came later, has made it one with them.
    """
    return (
        select(
            ours.label("ours"),
            near.c.reason,
            near.c.score,
            entry.c.data,
            entry.c.withdrawn_at,
            story.c.page_id,
            _TITLE.label("title"),
            _STANDS.label("stands"),
        )
        .join(entry, entry.c.number == theirs)
        .join(story, story.c.number == entry.c.story)
        .join(_lead, _lead.c.number == story.c.lead)
        .where(ours.in_(AMONG), entry.c.story != bindparam("story"))
        .order_by(near.c.score.desc(), theirs)
        .limit(MOST_NEAR)
    )


# What was there when an entry came, and what came later and found it to be like itself.
_NEAR = (_near(near.c.entry, near.c.other), _near(near.c.other, near.c.entry))
_SHELVES = select(membership).where(membership.c.vertical != ALL).order_by(membership.c.sequence)
_RULINGS = select(ruling).where(or_(ruling.c.one.in_(AMONG), ruling.c.other.in_(AMONG)))
_RULED = (
    select(
        entry.c.number,
        entry.c.story,
        story.c.page_id,
        _TITLE.label("title"),
        _STANDS.label("stands"),
    )
    .join(story, story.c.number == entry.c.story)
    .join(_lead, _lead.c.number == story.c.lead)
    .where(entry.c.number.in_(AMONG))
)
_RELATED = (
    select(story.c.number, story.c.page_id, _TITLE.label("title"))
    .join(_lead, _lead.c.number == story.c.lead)
    .where(_STANDS)
)
# The first of an event is known by its number, the others by the event.
_OF_EVENT = (
    _RELATED.where(story.c.event == bindparam("event"), story.c.number != bindparam("but"))
    .order_by(story.c.number.desc())
    .limit(MOST_RELATED)
)
_BEGAN_EVENT = _RELATED.where(story.c.number == bindparam("event"))


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


def explain(
    connection: Connection, identifier: str, *, published: bool = False
) -> Explained | None:
    """All that is known of the story with this id or page id; None if there is none.

    If only what is `published`, no entry that counts no more or is excluded, and of other stories
    none that stands nowhere.
    """
    row = connection.execute(
        select(story).where(or_(story.c.id == identifier, story.c.page_id == identifier))
    ).first()
    if row is None:
        return None
    found = [
        (each, one)
        for each in rows_among(connection, _ENTRIES, [row.number])
        if _is_shown(each, one := _decode(each.data)) or not published
    ]
    numbers = [each.number for each, _ in found]
    misses = _misses(connection, row.number, numbers, published=published)
    entries = [_origination(each, one, misses.get(each.number, [])) for each, one in found]
    aliases = select(alias.c.id).where(alias.c.story == row.number).order_by(alias.c.retired_at)
    return Explained(
        id=row.id,
        page_id=row.page_id,
        aliases=tuple(connection.scalars(aliases)),
        entries=tuple(sorted(entries, key=lambda one: one.number != row.lead)),
        shelves=tuple(_shelves(connection, row.number, row.first_seen)),
        related=related(connection, row.number, row.event),
        rulings=tuple(_rulings(connection, row.number, numbers, published=published)),
        first_seen=row.first_seen,
        withdrawn_at=row.withdrawn_at,
        by_operator=row.by_operator,
    )


def related(connection: Connection, number: int, event: int | None) -> tuple[Other, ...]:
    """The stories that tell of the same news event, the newest first."""
    rows = list(connection.execute(_OF_EVENT, {"event": event or number, "but": number}))
    if event is not None:
        rows += connection.execute(_BEGAN_EVENT, {"event": event})
    return tuple(Other(page_id=row.page_id, title=row.title) for row in rows[:MOST_RELATED])


def _misses(
    connection: Connection, number: int, numbers: list[int], *, published: bool
) -> dict[int, list[NearMiss]]:
    """What nearly was the same, by the entry that it is like, whichever of the two came first."""
    found: dict[int, list[NearMiss]] = {}
    for statement in _NEAR:
        for row in rows_among(connection, statement, numbers, story=number):
            one = _decode(row.data)
            if published and not (row.stands and _is_shown(row, one)):
                continue
            miss = NearMiss(
                story=Other(page_id=row.page_id, title=row.title),
                publication=one.publication,
                reason=row.reason,
                score=row.score,
            )
            found.setdefault(row.ours, []).append(miss)
    return found


def _is_shown(row: AnyRow, one: Entry) -> bool:
    return row.withdrawn_at is None and not one.terms.excluded


def _origination(row: AnyRow, one: Entry, near_misses: list[NearMiss]) -> Origination:
    return Origination(
        number=row.number,
        address=row.address,
        entry=one,
        first_seen=row.first_seen,
        is_withdrawn=row.withdrawn_at is not None,
        rule=row.rule,
        score=row.score,
        like=row.matched,
        near=tuple(near_misses),
    )


def _shelves(connection: Connection, number: int, first_seen: datetime) -> Iterable[Shelving]:
    """Since when: its position may be older, where it takes the place of when it was published."""
    for row in connection.execute(_SHELVES.where(membership.c.story == number)):
        why = Assignment(vertical=row.vertical, reason=row.reason, score=row.score)
        yield Shelving(assignment=why, since=max(row.position, first_seen))


def _rulings(
    connection: Connection, number: int, numbers: list[int], *, published: bool
) -> Iterable[Ruling]:
    pairs = {
        (row.other if row.one in numbers else row.one, row.apart): row.at
        for row in rows_among(connection, _RULINGS, numbers)
    }
    others = {other for other, _ in pairs}
    told: dict[tuple[int, bool], Ruling] = {}
    for row in rows_among(connection, _RULED, others):
        if published and not row.stands:
            continue
        for apart in (True, False):
            if (row.number, apart) in pairs and (row.story == number) is not apart:
                told[row.story, apart] = Ruling(
                    apart=apart,
                    at=pairs[row.number, apart],
                    story=Other(page_id=row.page_id, title=row.title),
                )
    return told.values()


# ---- when what is told of a story changed -------------------------------------------------------

_NAMED = select(story.c.number, story.c.page_id, story.c.event).where(story.c.page_id.in_(AMONG))
_EVENTS_CHANGED = (
    select(story.c.event.label("of"), func.max(story.c.changed_at).label("at"))
    .where(story.c.event.in_(AMONG))
    .group_by(story.c.event)
)
_BEGINNINGS_CHANGED = select(story.c.number.label("of"), story.c.changed_at.label("at")).where(
    story.c.number.in_(AMONG)
)
_LAST_DEPARTURE = select(func.max(departure.c.left_at)).where(departure.c.vertical == ALL)


def _others_changed(ours: Column[Any], theirs: Column[Any]) -> Select[Any]:
    """When the newest change was of stories that these are told to be like, or not to be."""
    here, there = entry.alias("here"), entry.alias("there")
    return (
        select(here.c.story.label("of"), func.max(story.c.changed_at).label("at"))
        .join(ours.table, ours == here.c.number)
        .join(there, there.c.number == theirs)
        .join(story, story.c.number == there.c.story)
        .where(here.c.story.in_(AMONG))
        .group_by(here.c.story)
    )


_OTHERS_CHANGED = tuple(
    _others_changed(*columns)
    for one, other in ((near.c.entry, near.c.other), (ruling.c.one, ruling.c.other))
    for columns in ((one, other), (other, one))
)


def changed_around(connection: Connection, page_ids: Collection[str]) -> dict[str, datetime]:
    """When anything last changed of stories that those with these pages are told beside.

    Also of those that are withdrawn by now. Only what was joined to another story is not there to
    tell (see `last_departure`). Without stories beside it a page is left out.
    """
    named = list(rows_among(connection, _NAMED, page_ids))
    numbers = [row.number for row in named]
    events = {row.event or row.number for row in named}
    by_event = _newest(connection, (_EVENTS_CHANGED, _BEGINNINGS_CHANGED), events)
    by_story = _newest(connection, _OTHERS_CHANGED, numbers)
    found: dict[str, datetime] = {}
    for row in named:
        times = by_event.get(row.event or row.number), by_story.get(row.number)
        if known := [at for at in times if at]:
            found[row.page_id] = max(known)
    return found


def _newest(
    connection: Connection, statements: Iterable[Select[Any]], numbers: Collection[int]
) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for statement in statements:
        for row in rows_among(connection, statement, numbers):
            found[row.of] = max(found.get(row.of, row.at), row.at)
    return found


def last_departure(connection: Connection) -> datetime | None:
    """When the last story ceased to stand anywhere, whichever: withdrawn, or joined to another."""
    at: datetime | None = connection.scalar(_LAST_DEPARTURE)
    return at
