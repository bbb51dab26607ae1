"""The states of sources: read and written by the thousand.

Rows are read as they lie in the table, and made into what they stand for once, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, type_coerce, update
from sqlalchemy.types import TypeDecorator

from aggregator import urls
from aggregator.model import NO_HABITS, Habits, Leased, SourceState
from aggregator.schema import source, source_state
from aggregator.schema.among import AMONG, AnyRow, rows_among
from aggregator.store.many import Many

_TIMES = ("last_pull_at", "last_success_at", "next_pull_at", "earliest_pull_at")
"""All that a pull changes that found nothing new."""

_COLUMNS = (
    "source", "moved_to", "moving_to", "moving_pulls", "etag", "last_modified", "body_hash",
    "given", "failures", "failing_since", "error", *_TIMES, "pulled", "gone", "habits",
)  # fmt: skip

_rest = attrgetter(*(name for name in _COLUMNS if name not in _TIMES))
_moment = partial(datetime.fromtimestamp, tz=UTC)
_habits = msgspec.json.Decoder(Habits).decode


def _plain(name: str) -> Any:
    kind = source_state.c[name].type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


STATES = select(
    *(type_coerce(source_state.c[name], _plain(name)).label(name) for name in _COLUMNS),
    source_state.c.host,
    source.c.address,
    source.c.first_address,
).join(source, source.c.number == source_state.c.source)
"""Rows for `as_leased`."""

HOST = len(_COLUMNS)
"""Where the host stands in a row of `STATES`."""


def _written(*names: str) -> Many:
    row = update(source_state).where(source_state.c.source == bindparam("of"))
    return Many(row.values({name: bindparam(name) for name in names}))


_WRITE_TIMES = _written(*_TIMES)
_WRITE_ALL = _written(*_COLUMNS[1:])
_WRITE_HOST = _written("host")
_ADDRESSES = select(source.c.number, source.c.address).where(source.c.number.in_(AMONG))


def as_leased(row: AnyRow) -> Leased:
    """What a row of `STATES` stands for."""
    (
        number, moved_to, moving_to, moving_pulls, etag, last_modified, body_hash,
        given, failures, failing_since, error, last_pull, last_success, next_pull, earliest_pull,
        pulled, gone, habits, host, address, first_address,
    ) = row  # fmt: skip
    return Leased(
        address=address,
        first_address=first_address,
        host=host,
        state=SourceState(
            source=number,
            moved_to=moved_to,
            moving_to=moving_to,
            moving_pulls=moving_pulls,
            etag=etag,
            last_modified=last_modified,
            body_hash=body_hash,
            given=given,
            failures=failures,
            failing_since=None if failing_since is None else _moment(failing_since),
            error=error,
            last_pull_at=None if last_pull is None else _moment(last_pull),
            last_success_at=None if last_success is None else _moment(last_success),
            next_pull_at=None if next_pull is None else _moment(next_pull),
            earliest_pull_at=None if earliest_pull is None else _moment(earliest_pull),
            pulled=pulled,
            gone=gone,
            habits=NO_HABITS if habits is None else _habits(habits),
        ),
    )


def write_states(
    connection: Connection, states: Iterable[SourceState], given_out: Mapping[int, SourceState]
) -> None:
    """Write what pulls leave behind.

    Of a state that was `given_out` only what has changed is written: most pulls find nothing new.
    """
    times, whole, moved = [], [], []
    for state in states:
        before = given_out.get(state.source)
        if before is not None and _rest(before) == _rest(state):
            times.append(_times(state))
        else:
            whole.append(_whole(state))
            if before is None or before.moved_to != state.moved_to:
                moved.append(state)
    _WRITE_TIMES.run(connection, times)
    _WRITE_ALL.run(connection, whole)
    if moved:
        _write_hosts(connection, moved)


def _times(state: SourceState) -> dict[str, object]:
    return {
        "of": state.source,
        "last_pull_at": seconds(state.last_pull_at),
        "last_success_at": seconds(state.last_success_at),
        "next_pull_at": seconds(state.next_pull_at),
        "earliest_pull_at": seconds(state.earliest_pull_at),
    }


def _whole(state: SourceState) -> dict[str, object]:
    return _times(state) | {
        "moved_to": state.moved_to,
        "moving_to": state.moving_to,
        "moving_pulls": state.moving_pulls,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "given": state.given,
        "failures": state.failures,
        "failing_since": seconds(state.failing_since),
        "error": state.error,
        "pulled": state.pulled,
        "gone": state.gone,
        "habits": _text(state.habits),
    }


def seconds(moment: datetime | None) -> int | None:
    """A time as the tables hold it."""
    return None if moment is None else int(moment.timestamp())


def habits_of(text: str) -> Habits:
    """Habits as the tables hold them."""
    return _habits(text)


def _text(habits: Habits) -> str | None:
    return None if habits == NO_HABITS else msgspec.json.encode(habits).decode()


def _write_hosts(connection: Connection, states: Sequence[SourceState]) -> None:
    """Whom a source asks changes with where it moved, and is read from its address otherwise."""
    numbers = [state.source for state in states]
    asked = {row.number: row.address for row in rows_among(connection, _ADDRESSES, numbers)}
    asked |= {state.source: state.moved_to for state in states if state.moved_to}
    rows = [{"of": number, "host": urls.host_and_port(url)} for number, url in asked.items()]
    _WRITE_HOST.run(connection, rows)
