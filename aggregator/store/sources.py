"""Which sources there are, and which are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    insert,
    literal,
    or_,
    select,
    update,
)

from aggregator.model import Leased, SourceState
from aggregator.schema import source, source_state
from aggregator.settings import SEED, Source

_STATE = tuple(field.name for field in fields(SourceState))
_STATES = select(source_state, source.c.address, source.c.first_address).join(
    source, source.c.number == source_state.c.source
)

_WRITE_STATE = update(source_state).where(source_state.c.source == bindparam("of"))


def make_listed(
    connection: Connection, wanted: Sequence[Source], now: datetime, *, seeds: bool
) -> None:
    """Bring the listed sources of one kind in line with those wanted."""
    ours = source.c.address.startswith(SEED, autoescape=True)
    rows = connection.execute(select(source).where(ours if seeds else ~ours)).all()
    known = {row.address: row for row in rows}
    enabled = {s.address for s in wanted if s.enabled}
    new = {s.address: s.enabled for s in wanted if s.address not in known}
    if new:
        _add(connection, new, None if seeds else now)
    for address, row in known.items():
        if row.listed != (address in enabled):
            connection.execute(
                update(source)
                .where(source.c.number == row.number)
                .values(listed=address in enabled)
            )


def _add(connection: Connection, listed: Mapping[str, bool], due: datetime | None) -> None:
    connection.execute(
        insert(source),
        [
            {"address": a, "first_address": a, "listed": is_listed}
            for a, is_listed in listed.items()
        ],
    )
    stateless = source.c.number.not_in(select(source_state.c.source))
    connection.execute(
        insert(source_state).from_select(
            ["source", "next_pull_at"],
            select(source.c.number, literal(due, source_state.c.next_pull_at.type)).where(
                stateless
            ),
        )
    )


def lease(
    connection: Connection, now: datetime, limit: int, hold_for: timedelta
) -> tuple[Leased, ...]:
    """At most `limit` sources whose own time has come, longest due first."""
    return _lease(connection, now, hold_for, source_state.c.next_pull_at <= now, limit)


def lease_asked(
    connection: Connection, now: datetime, hold_for: timedelta, address: str | None
) -> tuple[Leased, ...]:
    """The sources that may be asked now though they are not due; a named one even after a 410."""
    may = or_(source_state.c.earliest_pull_at.is_(None), source_state.c.earliest_pull_at <= now)
    network = ~source.c.address.startswith(SEED, autoescape=True)
    which = ~source_state.c.gone if address is None else source.c.address == address
    return _lease(connection, now, hold_for, may & network & which, None)


def write_state(connection: Connection, state: SourceState) -> None:
    """Write what a pull leaves behind, and end its lease."""
    values = {name: getattr(state, name) for name in _STATE if name != "source"}
    connection.execute(_WRITE_STATE, {"of": state.source, "leased_until": None, **values})


def seeds(connection: Connection) -> tuple[Leased, ...]:
    """The listed seed files, by path."""
    ours = source.c.address.startswith(SEED, autoescape=True)
    rows = connection.execute(_STATES.where(source.c.listed, ours).order_by(source.c.address))
    return tuple(map(_leased, rows))


def forget_body(connection: Connection, address: str) -> None:
    """Have a source read again even if it comes back as it was."""
    number = select(source.c.number).where(source.c.address == address).scalar_subquery()
    connection.execute(
        update(source_state).where(source_state.c.source == number).values(body_hash=None)
    )


def _lease(
    connection: Connection,
    now: datetime,
    hold_for: timedelta,
    condition: ColumnElement[bool],
    limit: int | None,
) -> tuple[Leased, ...]:
    free = or_(source_state.c.leased_until.is_(None), source_state.c.leased_until <= now)
    due = (
        _STATES.where(condition, source.c.listed, free)
        .order_by(source_state.c.next_pull_at, source_state.c.source)
        .limit(limit)
    )
    leased = tuple(map(_leased, connection.execute(due)))
    if leased:
        taken = source_state.c.source.in_([one.state.source for one in leased])
        connection.execute(update(source_state).where(taken).values(leased_until=now + hold_for))
    return leased


def _leased(row: Row[tuple[object, ...]]) -> Leased:
    state = SourceState(**{name: getattr(row, name) for name in _STATE})
    return Leased(address=row.address, first_address=row.first_address, state=state)
