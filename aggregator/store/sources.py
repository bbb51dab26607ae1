"""Which sources there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, true, update

from aggregator import urls
from aggregator.model import Leased
from aggregator.schema import source, source_state
from aggregator.schema.among import AMONG, AnyRow, change_among
from aggregator.settings import SEED, Source
from aggregator.store.states import STATES, as_leased

_KNOWN = select(
    source.c.number, source.c.address, source_state.c.listed, source_state.c.moved_to
).join(source_state, source_state.c.source == source.c.number)
_READDRESS = (
    update(source).where(source.c.number == bindparam("of")).values(address=bindparam("to"))
)
_RESTATE = update(source_state).where(source_state.c.source == bindparam("of"))
_SET_LISTED = update(source_state).where(source_state.c.source.in_(AMONG))


def is_seed() -> ColumnElement[bool]:
    """Whether a row of `source` is a seed, as a range that the index on the address answers."""
    after = SEED[:-1] + chr(ord(SEED[-1]) + 1)
    return (source.c.address >= SEED) & (source.c.address < after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What listing sources has changed: addresses that come, go, and move, each with where from."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.moved)


def make_listed(
    connection: Connection, wanted: Sequence[Source], now: datetime, *, seeds: bool
) -> Listed:
    """Bring the listed sources of one kind in line with those wanted.

    A source that is known by another address is the same one: by one that it `was`, by one from
    which it has moved for good, or by one that differs in http and https, say (`urls.address_key`).
    """
    new = {s.address: s for s in wanted}
    others: dict[str, AnyRow] = {}
    turned: dict[bool, dict[int, str]] = {True: {}, False: {}}
    rows = connection.execute(_KNOWN.where(is_seed() if seeds else ~is_seed())).all()
    for row in rows:
        meant = new.pop(row.address, None)
        if meant is None:
            others[row.address] = row
        elif meant.enabled is not row.listed:
            turned[meant.enabled][row.number] = row.address
    moves = {} if seeds else _moves(new.values(), others)
    moved = {s.address: others.pop(old) for s in new.values() if (old := moves.get(s.address))}
    turned[False] |= {row.number: row.address for row in others.values() if row.listed}
    for listed, which in turned.items():
        change_among(connection, _SET_LISTED.values(listed=listed), [*which])
    _move(connection, [(row, new.pop(address)) for address, row in moved.items()], now)
    _add(connection, {s.address: s.enabled for s in new.values()}, due=None if seeds else now)
    return Listed(
        came=(*turned[True].values(), *(s.address for s in new.values() if s.enabled)),
        went=tuple(turned[False].values()),
        moved=tuple((row.address, address) for address, row in moved.items()),
    )


def _moves(new: Iterable[Source], others: Mapping[str, AnyRow]) -> dict[str, str]:
    """By which address each of the new sources is known already, where it is.

    What the operator says goes first, then where publishers sent us, then what looks the same; and
    what was pulled until now before what was not.
    """
    moves: dict[str, str] = {}
    sent: dict[str, str] = {}
    alike: dict[str, str] = {}
    for address, row in sorted(others.items(), key=lambda each: (each[1].listed, each[0])):
        alike[urls.source_key(address)] = address
        if row.moved_to:
            sent[row.moved_to] = address
    taken = set[str]()
    for one in new if others else ():
        told = (address for address in one.was if address in others)
        key = urls.source_key(one.address)
        for old in (*told, sent.get(one.address), alike.get(key)):
            if old is not None and old not in taken:
                moves[one.address] = old
                taken.add(old)
                break
    return moves


def _move(connection: Connection, moved: Sequence[tuple[AnyRow, Source]], now: datetime) -> None:
    """Let sources be pulled from another address; all else of them stays."""
    for row, one in moved:
        number = {"of": row.number}
        connection.execute(_READDRESS, {**number, "to": one.address})
        state: dict[str, object] = {
            "listed": one.enabled,
            "moved_to": None,
            "moving_to": None,
            "moving_pulls": 0,
            "host": urls.host_and_port(one.address),
        }
        if row.moved_to != one.address:
            # Validators are those of a document at an address (RFC 9110 8.8.1).
            state |= {"etag": None, "last_modified": None, "body_hash": None, "gone": False}
            state |= {"next_pull_at": now, "earliest_pull_at": None}
        connection.execute(_RESTATE.values(**state), number)


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
