"""Which sources are due, and who has them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.model import Leased
from aggregator.schema import given_out, source, source_state
from aggregator.schema.among import AMONG, AnyRow, change_among
from aggregator.store.many import Many
from aggregator.store.sources import is_seed
from aggregator.store.states import HOST, STATES, as_leased, seconds

Admit = Callable[[Sequence[str]], Sequence[datetime | None]]
"""Which of the due sources may come now, by their hosts, in the order in which they are due.

None for one that may; for any other the time when it is due instead. Where many are put off it is
asked again, with more hosts behind the same ones, and has to say the same of those.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """At most `limit` of the sources that are due at `now`.

    Of those alone that were not pulled at `not_since` or later; of one alone if `address` names it.
    """

    now: datetime
    limit: int
    not_since: datetime | None = None
    address: str | None = None


_STATE = source_state.c
_GIVEN_OUT = select(given_out.c.source).where(given_out.c.source == _STATE.source).exists()
_FREE = _STATE.listed & ~_GIVEN_OUT
_DUE = _FREE & (_STATE.next_pull_at <= bindparam("now", type_=_STATE.next_pull_at.type))
_DUE_ROWS = (
    STATES.where(_DUE)
    .order_by(_STATE.next_pull_at, _STATE.source)
    .limit(bindparam("most", type_=_STATE.failures.type))
)
_DUE_ROWS_OF_A_ROUND = _DUE_ROWS.where(
    or_(
        _STATE.last_pull_at.is_(None),
        _STATE.last_pull_at < bindparam("round", type_=_STATE.last_pull_at.type),
    )
)
_LAPSE = delete(given_out).where(
    given_out.c.until <= bindparam("now", type_=given_out.c.until.type)
)
_GIVE_OUT = Many(insert(given_out))
_GIVE_BACK = delete(given_out).where(given_out.c.source.in_(AMONG))
_PUT_OFF = Many(
    update(source_state)
    .where(_STATE.source == bindparam("of"))
    .values(next_pull_at=bindparam("to"))
)


def all_may(hosts: Sequence[str]) -> Sequence[datetime | None]:
    """The `Admit` that knows no host which has had enough."""
    return [None] * len(hosts)


def lease(
    connection: Connection,
    due: Due,
    hold_for: timedelta,
    admit: Admit,
) -> tuple[Leased, ...]:
    """The first of the due sources that may come now, longest due first, each given out once.

    Those that `admit` puts off do not count, but no call handles many more of them than that:
    200,000 that are due on one host take turns with everybody else.
    """
    connection.execute(_LAPSE, {"now": due.now})
    rows, turns = _admitted(connection, due, admit)
    leased: list[Leased] = []
    put_off = []
    for row, turn in zip(rows, turns, strict=True):
        if turn is not None:
            put_off.append({"of": row[0], "to": seconds(turn)})
        elif len(leased) < due.limit:
            leased.append(as_leased(row))
    _PUT_OFF.run(connection, put_off)
    until = seconds(due.now + hold_for)
    _GIVE_OUT.run(connection, [{"source": one.state.source, "until": until} for one in leased])
    return tuple(leased)


def _admitted(
    connection: Connection, due: Due, admit: Admit
) -> tuple[Sequence[AnyRow], Sequence[datetime | None]]:
    rows: list[AnyRow] = []
    turns: Sequence[datetime | None] = ()
    statement = _DUE_ROWS if due.not_since is None else _DUE_ROWS_OF_A_ROUND
    if due.address is not None:
        statement = statement.where(source.c.address == due.address)
    most = 4 * due.limit + 1000
    with connection.execute(
        statement, {"now": due.now, "round": due.not_since, "most": most}
    ) as result:
        while (missing := due.limit - turns.count(None)) > 0:
            # Where most are put off, by steps that grow: `admit` counts from the first each time.
            more = result.fetchmany(missing if 2 * missing < due.limit else max(len(rows), missing))
            if not more:
                break
            rows += more
            turns = admit([row[HOST] for row in rows])
    return rows, turns


def make_due(connection: Connection, now: datetime, address: str | None) -> int:
    """Have every source that may be asked now come with the next leases; how many those are."""
    connection.execute(_LAPSE, {"now": now})
    due = update(source_state).where(_askable(now, address)).values(next_pull_at=now)
    return connection.execute(due).rowcount


def count_due(connection: Connection, now: datetime) -> int:
    """How many sources could be leased."""
    connection.execute(_LAPSE, {"now": now})
    return connection.scalar(select(func.count()).where(_DUE), {"now": now}) or 0


def give_back(connection: Connection, numbers: Collection[int]) -> None:
    """End the leases of these sources."""
    change_among(connection, _GIVE_BACK, numbers)


def put_off(connection: Connection, turns: Sequence[tuple[int, datetime]]) -> None:
    """End the leases of sources that were not asked after all; each is due at its time."""
    _PUT_OFF.run(connection, [{"of": number, "to": seconds(turn)} for number, turn in turns])
    give_back(connection, [number for number, _ in turns])


def void(connection: Connection) -> None:
    """End every lease."""
    connection.execute(delete(given_out))


def _askable(now: datetime, address: str | None) -> ColumnElement[bool]:
    may = or_(_STATE.earliest_pull_at.is_(None), _STATE.earliest_pull_at <= now)
    network = _STATE.source.not_in(select(source.c.number).where(is_seed()))
    named = select(source.c.number).where(source.c.address == address)
    which = ~_STATE.gone if address is None else _STATE.source.in_(named)
    return _FREE & may & network & which
