"""What operators are to be told, written with what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from aggregator import cadence
from aggregator.model import SourceState
from aggregator.model.notices import NoticeKind
from aggregator.schema import entry, notice, source_state
from aggregator.schema.among import AMONG, rows_among
from aggregator.store.many import Many
from aggregator.store.states import habits_of, seconds

KEPT_FOR = timedelta(days=90)
"""For how long a notice is kept,"""

MOST_KEPT = 5000
"""and how many are, at the most."""

_INSERT = Many(insert(notice))
_BEFORE = select(
    source_state.c.source, source_state.c.error, source_state.c.failing_since, source_state.c.gone
).where(source_state.c.source.in_(AMONG))
_HABITS = select(source_state.c.source, source_state.c.habits).where(
    source_state.c.listed, source_state.c.error.is_(None), source_state.c.habits.is_not(None)
)
_FIRST_SEEN = select(func.min(entry.c.first_seen)).where(entry.c.source == bindparam("of"))
_LAST_ON_SILENCE = select(
    notice.c.source, notice.c.kind, func.max(notice.c.number)
).where(notice.c.kind.in_(("silent", "speaking"))).group_by(notice.c.source)  # fmt: skip
_LAST_ON_CONFIG = (
    select(notice.c.kind, notice.c.said)
    .where(notice.c.kind.in_(("refused", "taken")))
    .order_by(notice.c.number.desc())
    .limit(1)
)


def tell(connection: Connection, at: datetime, kind: NoticeKind, said: str) -> None:
    """Tell something of config.toml, once: who starts again and again has nothing new to tell."""
    last = connection.execute(_LAST_ON_CONFIG).first()
    if last is not None and (last.kind, last.said) == (kind, said):
        return
    _tell(connection, at, [_row(at, kind, None, None, said)])


def tell_of_states(
    connection: Connection,
    at: datetime,
    states: Sequence[SourceState],
    given_out: Mapping[int, SourceState],
) -> None:
    """Tell which of these sources begin to fail, are gone for good, or have recovered.

    To be called before the states are written: what was is in `given_out`, or read.
    """
    rows = []
    for state, before in _with_before(connection, states, given_out):
        was_failing, was_gone, since = before
        if state.gone:
            if not was_gone:
                rows.append(_row(at, "gone", state.source, at, state.error or ""))
        elif state.error is not None:
            if not was_failing:
                began = state.failing_since or at
                rows.append(_row(at, "failing", state.source, began, state.error))
        elif was_failing or was_gone:
            rows.append(_row(at, "recovered", state.source, since, ""))
    _tell(connection, at, rows)


def _with_before(
    connection: Connection, states: Sequence[SourceState], given_out: Mapping[int, SourceState]
) -> Iterable[tuple[SourceState, tuple[bool, bool, datetime | None]]]:
    unknown = []
    for state in states:
        before = given_out.get(state.source)
        if before is None:
            unknown.append(state)
        elif before.error is not None or state.error is not None:
            yield state, (before.error is not None, before.gone, before.failing_since)
    if unknown:
        rows = rows_among(connection, _BEFORE, [state.source for state in unknown])
        found = {row.source: (row.error is not None, row.gone, row.failing_since) for row in rows}
        yield from ((state, found[state.source]) for state in unknown if state.source in found)


def tell_silent(connection: Connection, at: datetime) -> None:
    """Tell which sources have been silent for much longer than they used to, and which no more."""
    last = {row.source: row.kind for row in connection.execute(_LAST_ON_SILENCE)}
    rows = []
    for number, text in connection.execute(_HABITS):
        habits = habits_of(text)
        since = cadence.silent_since(habits, at)
        if since is not None:
            first = connection.scalar(_FIRST_SEEN, {"of": number})
            since = cadence.fallen_silent_since(habits, first, at)
        was_silent = last.get(number) == "silent"
        if since is not None and not was_silent:
            rows.append(_row(at, "silent", number, since, ""))
        elif since is None and was_silent:
            rows.append(_row(at, "speaking", number, None, ""))
    _tell(connection, at, rows)


def _row(
    at: datetime, kind: NoticeKind, number: int | None, since: datetime | None, said: str
) -> dict[str, object]:
    return {
        "at": seconds(at),
        "kind": kind,
        "source": number,
        "since": seconds(since),
        "said": said,
    }


def _tell(connection: Connection, at: datetime, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    _INSERT.run(connection, rows)
    connection.execute(delete(notice).where(notice.c.at < at - KEPT_FOR))
    last: int = connection.scalar(select(func.max(notice.c.number))) or 0
    connection.execute(delete(notice).where(notice.c.number <= last - MOST_KEPT))
