"""The only reader of the store. It never writes, and never waits for the writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select

from aggregator.model import ALL, Entry, Selection, Story
from aggregator.schema import (
    alias,
    entry,
    membership,
    open_engine,
    source,
    source_state,
    story,
    vertical_state,
)

_decode = msgspec.json.Decoder(Entry).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a selection's feed stands: it is as it was while `revision` is what it was."""

    revision: int
    modified_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a feed lists, and its standing at the same moment."""

    standing: Standing
    stories: tuple[Story, ...]


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


class Query:
    """The store, open for reading, from any number of threads. It must exist already."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, writes=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def standing(self, selection: Selection) -> Standing | None:
        """Where the selection's feed stands; None while the store has no state of its verticals."""
        with self._engine.connect() as connection:
            return _standing(connection, selection)

    def window(self, selection: Selection, size: int) -> Window | None:
        """The newest `size` stories of the selection, newest first, each once, and its standing.

        Newest by the time they came to stand in it, or were significantly revised.
        """
        with self._engine.connect() as connection:
            standing = _standing(connection, selection)
            if standing is None:
                return None
            listed: dict[int, tuple[datetime, int]] = {}
            for vertical in selection.verticals:
                rows = connection.execute(
                    select(membership.c.story, membership.c.listed_at, membership.c.sequence)
                    .where(membership.c.vertical == vertical)
                    .order_by(membership.c.listed_at.desc(), membership.c.sequence.desc())
                    .limit(size)
                )
                for number, listed_at, sequence in rows:
                    at = (listed_at, sequence)
                    listed[number] = max(listed.get(number, at), at)
            newest = sorted(listed, key=lambda number: listed[number], reverse=True)[:size]
            return Window(standing=standing, stories=_stories(connection, newest))

    def story(self, page_id: str) -> Story | None:
        """The story with this page id, or with the id of one that a join retired into it."""
        with self._engine.connect() as connection:
            number = connection.scalar(
                select(story.c.number).where(
                    story.c.page_id == page_id, story.c.withdrawn_at.is_(None)
                )
            ) or connection.scalar(select(alias.c.story).where(alias.c.page_id == page_id))
            found = _stories(connection, [number]) if number else ()
        return found[0] if found else None

    def sources(self) -> tuple[SourceReport, ...]:
        """Every source that is listed, by address."""
        entries = (
            select(func.count())
            .where(entry.c.source == source.c.number, entry.c.withdrawn_at.is_(None))
            .scalar_subquery()
            .label("entries")
        )
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(source, source_state, entries)
                .join(source_state, source_state.c.source == source.c.number)
                .where(source_state.c.listed)
                .order_by(source.c.address)
            )
            return tuple(_source_report(row) for row in rows)

    def totals(self) -> Totals:
        """How many listed sources, entries and stories there are."""
        with self._engine.connect() as connection:
            return Totals(
                sources=_count(connection, source_state.c.listed),
                entries=_count(connection, entry.c.withdrawn_at.is_(None)),
                stories=_count(connection, membership.c.vertical == ALL),
            )


def _standing(connection: Connection, selection: Selection) -> Standing | None:
    states = vertical_state.c
    row = connection.execute(
        select(
            func.sum(states.revision), func.max(states.modified_at), func.max(states.updated_at)
        ).where(states.vertical.in_(selection.verticals))
    ).one()
    if row[0] is None:
        return None
    return Standing(revision=row[0], modified_at=row[1], updated_at=row[2])


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


def _stories(connection: Connection, numbers: Iterable[int]) -> tuple[Story, ...]:
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
