"""Which sources there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, true, update

from aggregator import urls
from aggregator.model import Leased
from aggregator.schema import source, source_state
from aggregator.schema.among import AMONG, change_among
from aggregator.settings import SEED, Source
from aggregator.store.states import STATES, as_leased

_SET_LISTED = update(source_state).where(source_state.c.source.in_(AMONG))


def is_seed() -> ColumnElement[bool]:
    """Whether a row of `source` is a seed, as a range that the index on the address answers."""
    after = SEED[:-1] + chr(ord(SEED[-1]) + 1)
    return (source.c.address >= SEED) & (source.c.address < after)


def make_listed(
    connection: Connection, wanted: Sequence[Source], now: datetime, *, seeds: bool
) -> None:
    """Bring the listed sources of one kind in line with those wanted."""
    new = {s.address: s.enabled for s in wanted}
    turned: dict[bool, list[int]] = {True: [], False: []}
    for address, number, was_listed in connection.execute(
        select(source.c.address, source.c.number, source_state.c.listed)
        .join(source_state, source_state.c.source == source.c.number)
        .where(is_seed() if seeds else ~is_seed())
    ):
        listed = new.pop(address, False)
        if listed is not was_listed:
            turned[listed].append(number)
    for listed, numbers in turned.items():
        change_among(connection, _SET_LISTED.values(listed=listed), numbers)
    _add(connection, new, due=None if seeds else now)


def _add(connection: Connection, listed: Mapping[str, bool], *, due: datetime | None) -> None:
    if not listed:
        return
    last: int = connection.scalar(select(func.max(source.c.number))) or 0
    connection.execute(
        insert(source),
        [
            {"number": number, "address": address, "first_address": address}
            for number, address in enumerate(listed, last + 1)
        ],
    )
    connection.execute(
        insert(source_state),
        [
            {
                "source": number,
                "listed": is_listed,
                "host": urls.host_and_port(address),
                "next_pull_at": due,
            }
            for number, (address, is_listed) in enumerate(listed.items(), last + 1)
        ],
    )


def seeds(connection: Connection) -> tuple[Leased, ...]:
    """The listed seed files, by path."""
    listed = source_state.c.listed == true()
    rows = connection.execute(STATES.where(listed, is_seed()).order_by(source.c.address))
    return tuple(map(as_leased, rows))


def forget_body(connection: Connection, address: str) -> None:
    """Have a source read again even if it comes back as it was."""
    number = select(source.c.number).where(source.c.address == address).scalar_subquery()
    forgotten = update(source_state).where(source_state.c.source == number)
    connection.execute(forgotten.values(body_hash=None, given=None))
