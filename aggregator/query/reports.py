"""What an operator is told of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, inspect, select

from aggregator import cadence
from aggregator.model import ALL, NO_HABITS, Habits
from aggregator.model.notices import Notice, NoticeKind
from aggregator.schema import entry, membership, meta, notice, source, source_state, vertical_state

DAYS = 30
"""How many days back it is told what each of them brought, with today."""

_DAY = timedelta(days=1)

_habits = msgspec.json.Decoder(Habits).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What an operator wants to know of one source.

    `days` tells how many entries came on each of the last `DAYS` days (UTC), today last; those that
    its first pull found there are not among them. `newest_at` is when its newest entry was
    published, as far as is known, and `silent_since` the same where that is unusually long ago.
    """

    number: int
    address: str
    title: str | None
    entries: int
    last_pull_at: datetime | None
    last_success_at: datetime | None
    next_pull_at: datetime | None
    failing_since: datetime | None
    failures: int
    error: str | None
    gone: bool
    moved_to: str | None
    newest_at: datetime | None
    silent_since: datetime | None
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is in the store."""

    sources: int
    entries: int
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerticalReport:
    """What stands in one vertical: how many stories, and when its feed last changed."""

    name: str
    stories: int
    modified_at: datetime
    updated_at: datetime


def sources(connection: Connection, now: datetime) -> tuple[SourceReport, ...]:
    """Every source that is listed, by address."""
    counts = _counts(connection)
    days = _days(connection, now)
    rows = connection.execute(
        select(source.c.number, source.c.address, source.c.title, source_state)
        .join(source_state, source_state.c.source == source.c.number)
        .where(source_state.c.listed)
        .order_by(source.c.address)
    )
    nothing = (0,) * DAYS
    return tuple(
        _source_report(row, counts.get(row.number, (0, None)), days.get(row.number, nothing), now)
        for row in rows
    )


def remembered(connection: Connection, name: str) -> str | None:
    """What the store remembers under this name; None too where it is no store yet."""
    if not inspect(connection).has_table(meta.name):
        return None
    kept: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return kept


def totals(connection: Connection) -> Totals:
    """How many listed sources, entries and stories there are."""
    return Totals(
        sources=_count(connection, source_state.c.listed),
        entries=_count(connection, entry.c.withdrawn_at.is_(None)),
        stories=_count(connection, membership.c.vertical == ALL),
    )


def verticals(connection: Connection) -> tuple[VerticalReport, ...]:
    """Every vertical that has a state, `ALL` among them, by name; those that are no more, too."""
    stories = (
        select(func.count())
        .where(membership.c.vertical == vertical_state.c.vertical)
        .scalar_subquery()
        .label("stories")
    )
    rows = connection.execute(select(vertical_state, stories).order_by(vertical_state.c.vertical))
    return tuple(
        VerticalReport(
            name=row.vertical,
            stories=row.stories,
            modified_at=row.modified_at,
            updated_at=row.updated_at,
        )
        for row in rows
    )


def notices(connection: Connection, most: int) -> tuple[Notice, ...]:
    """The newest of what operators are told, the newest first."""
    rows = connection.execute(
        select(notice, source.c.address, source.c.title)
        .join(source, source.c.number == notice.c.source, isouter=True)
        .where(notice.c.kind.in_(get_args(NoticeKind)))
        .order_by(notice.c.number.desc())
        .limit(most)
    )
    return tuple(
        Notice(
            number=row.number,
            at=row.at,
            kind=row.kind,
            said=row.said,
            since=row.since,
            address=row.address,
            title=row.title,
        )
        for row in rows
    )


def _counts(connection: Connection) -> Mapping[int, tuple[int, datetime | None]]:
    """How many entries each source has given that were not withdrawn, and when the first came."""
    live = select(entry.c.source, func.count(), func.min(entry.c.first_seen))
    rows = connection.execute(live.where(entry.c.withdrawn_at.is_(None)).group_by(entry.c.source))
    return {row[0]: (row[1], row[2]) for row in rows}


def _days(connection: Connection, now: datetime) -> dict[int, tuple[int, ...]]:
    """How many entries each source brought on each day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - (DAYS - 1) * _DAY
    first = (
        select(entry.c.source, func.min(entry.c.first_seen).label("at"))
        .group_by(entry.c.source)
        .subquery()
    )
    # Whole times, and as many rows as there were pulls that brought something.
    came = (
        select(entry.c.source, entry.c.first_seen, func.count())
        .join(first, first.c.source == entry.c.source)
        .where(
            entry.c.first_seen >= since,
            entry.c.first_seen > first.c.at,
            entry.c.withdrawn_at.is_(None),
        )
        .group_by(entry.c.source, entry.c.first_seen)
    )
    found: dict[int, list[int]] = {}
    for number, at, count in connection.execute(came):
        day = min((at - since) // _DAY, DAYS - 1)
        found.setdefault(number, [0] * DAYS)[day] += count
    return {number: tuple(days) for number, days in found.items()}


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(where)) or 0


def _source_report(
    row: Row[tuple[object, ...]],
    came: tuple[int, datetime | None],
    days: tuple[int, ...],
    now: datetime,
) -> SourceReport:
    entries, first = came
    habits = NO_HABITS if row.habits is None else _habits(row.habits)
    newest = max(habits.published, default=None)
    return SourceReport(
        number=row.number,
        address=row.address,
        title=row.title,
        entries=entries,
        last_pull_at=row.last_pull_at,
        last_success_at=row.last_success_at,
        next_pull_at=row.next_pull_at,
        failing_since=row.failing_since,
        failures=row.failures,
        error=row.error,
        gone=row.gone,
        moved_to=row.moved_to,
        newest_at=None if newest is None else datetime.fromtimestamp(newest, now.tzinfo),
        silent_since=None if row.error else cadence.fallen_silent_since(habits, first, now),
        days=days,
    )
