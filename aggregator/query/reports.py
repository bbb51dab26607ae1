"""What an operator is told of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, select

from aggregator.model import ALL
from aggregator.schema import entry, membership, source, source_state


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What an operator wants to know of one source."""

    address: str
    title: str | None
    entries: int
    last_success_at: datetime | None
    next_pull_at: datetime | None
    failing_since: datetime | None
    failures: int
    error: str | None
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is in the store."""

    sources: int
    entries: int
    stories: int


def sources(connection: Connection) -> tuple[SourceReport, ...]:
    """Every source that is listed, by address."""
    entries = (
        select(func.count())
        .where(entry.c.source == source.c.number, entry.c.withdrawn_at.is_(None))
        .scalar_subquery()
        .label("entries")
    )
    rows = connection.execute(
        select(source, source_state, entries)
        .join(source_state, source_state.c.source == source.c.number)
        .where(source_state.c.listed)
        .order_by(source.c.address)
    )
    return tuple(_source_report(row) for row in rows)


def totals(connection: Connection) -> Totals:
    """How many listed sources, entries and stories there are."""
    return Totals(
        sources=_count(connection, source_state.c.listed),
        entries=_count(connection, entry.c.withdrawn_at.is_(None)),
        stories=_count(connection, membership.c.vertical == ALL),
    )


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(where)) or 0


def _source_report(row: Row[tuple[object, ...]]) -> SourceReport:
    return SourceReport(
        address=row.address,
        title=row.title,
        entries=row.entries,
        last_success_at=row.last_success_at,
        next_pull_at=row.next_pull_at,
        failing_since=row.failing_since,
        failures=row.failures,
        error=row.error,
        gone=row.gone,
    )
