"""What stories are found by, kept in line with them inside one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, bindparam, column, delete, func, insert, select, update

from aggregator import search
from aggregator.schema import findable, formerly, membership, rank_of, spans_of, story
from aggregator.schema.among import AMONG, rows_among
from aggregator.search import Findable
from aggregator.store.known import given, live_entries
from aggregator.store.many import Many
from aggregator.store.remembered import remember, remembered

log = logging.getLogger(__name__)

Transaction = AbstractContextManager[Connection]

_AT_ONCE = 1000
"""Stories that get their rows in one go."""

_FOUND_BY = select(findable.c.words, findable.c.marks).where(findable.c.rowid == bindparam("rank"))
_ADD, _ADD_FORMER = Many(insert(findable)), Many(insert(formerly))
_LEAVE = Many(delete(findable).where(findable.c.rowid == bindparam("rowid")))
_CHANGE = Many(
    update(findable)
    .where(findable.c.rowid == bindparam("of"))
    .values(words=bindparam("said"), marks=bindparam("marked"))
)
_PLACE = Many(update(story).where(story.c.number == bindparam("of")).values(rank=bindparam("to")))
# Every story is in all.
_NEWEST_FORMER = (
    select(formerly.c.rowid)
    .where(column("formerly").op("MATCH")(search.EVERYTHING))
    .order_by(formerly.c.rowid.desc())
    .limit(1)
)
_STANDS = (
    select(func.max(membership.c.listed_at))
    .where(membership.c.story == story.c.number)
    .scalar_subquery()
)
_MISSING = (
    select(story.c.number, _STANDS.label("listed_at"))
    .where(story.c.rank.is_(None), story.c.number > bindparam("after"), _STANDS.is_not(None))
    .order_by(story.c.number)
    .limit(_AT_ONCE)
)
_SHELVES = select(membership.c.story, membership.c.vertical).where(membership.c.story.in_(AMONG))
_ANY_STORY = select(story.c.number).limit(1)
_ALL_ROWS = "search"
"""What is remembered of it: the version by which every story has its row."""

_BEGUN = "begun"
"""And while they are written."""


class Index:
    """The rows that a transaction adds and changes, written at `flush`."""

    def __init__(self, connection: Connection, stamp: datetime) -> None:
        self._connection = connection
        self._stamp = stamp
        self._added: list[dict[str, object]] = []
        self._changed: list[dict[str, object]] = []
        self._left: list[dict[str, object]] = []
        self._former: list[Findable] = []
        self._placed: list[dict[str, object]] = []
        self._own: set[int] = set()

    def add(self, number: int, listed_at: datetime, now: Findable) -> int:
        """A story is found by this from now on. Gives its rank."""
        rank = rank_of(listed_at, number)
        self._added.append(_row(rank, now))
        self._own.add(rank)
        return rank

    def place(self, number: int, rank: int | None) -> None:
        """A story that is in the store has this rank now."""
        self._placed.append({"of": number, "to": rank})

    def settle(
        self,
        number: int,
        rank: int | None,
        listed_at: datetime | None,
        now: Findable,
        *,
        only_grows: bool,
    ) -> None:
        """A story that had this rank is found by this now, listed then; by nothing if never.

        One that `only_grows` is found by what it was, too.
        """
        if rank is None:
            # Of one that was not found yet and grows, the other entries would be missing.
            if listed_at is not None and not only_grows:
                self.place(number, self.add(number, listed_at, now))
            return
        before = self._found_by(rank)
        if listed_at is None:
            self._leave(rank, before)
            self.place(number, None)
            return
        if only_grows:
            now = search.grown(before, now)
        to = rank_of(listed_at, number)
        if to != rank:
            self._leave(rank, before if before != now else None)
            self.place(number, self.add(number, listed_at, now))
        elif before != now:
            self._was(rank, before)
            self._changed.append({"of": rank, "said": now.words, "marked": now.marks})

    def leave(self, rank: int) -> None:
        """Nothing finds the story that had this rank any more."""
        self._leave(rank, self._found_by(rank))

    def _leave(self, rank: int, former: Findable | None) -> None:
        if former:
            self._was(rank, former)
        self._left.append({"rowid": rank})

    def _was(self, rank: int, former: Findable) -> None:
        """No reader has seen what this transaction itself wrote."""
        if rank not in self._own:
            self._former.append(former)
            self._own.add(rank)

    def _found_by(self, rank: int) -> Findable:
        row = self._connection.execute(_FOUND_BY, {"rank": rank}).one()
        return Findable(words=row.words, marks=row.marks)

    def flush(self) -> None:
        """Write what lies ready."""
        _LEAVE.run(self._connection, self._left)
        _ADD.run(self._connection, self._added)
        _CHANGE.run(self._connection, self._changed)
        _PLACE.run(self._connection, self._placed)
        if self._former:
            self._write_former()
        for ready in (self._left, self._added, self._changed, self._placed, self._former):
            ready.clear()

    def _write_former(self) -> None:
        newest = self._connection.scalar(_NEWEST_FORMER) or 0
        first = max(rank_of(self._stamp, 0), newest + 1)
        rows = [_row(rank, one) for rank, one in enumerate(self._former, start=first)]
        _ADD_FORMER.run(self._connection, rows)


def _row(rank: int, one: Findable) -> dict[str, object]:
    return {"rowid": rank, "words": one.words, "marks": one.marks, "spans": spans_of(rank)}


def begin(connection: Connection) -> None:
    """Remember that every story has its row, where there are no stories."""
    if remembered(connection, _ALL_ROWS) is None and not connection.scalar(_ANY_STORY):
        remember(connection, _ALL_ROWS, search.VERSION)


def make_whole(transaction: Callable[[], Transaction], now: Callable[[], datetime]) -> None:
    """Give every story its row where this program has not done so, a thousand in a transaction."""
    with transaction() as connection:
        begin(connection)
        version = remembered(connection, _ALL_ROWS)
        if version == search.VERSION:
            return
        if version not in (None, _BEGUN):  # what another program wrote
            connection.execute(delete(findable))
            connection.execute(update(story).values(rank=None))
        remember(connection, _ALL_ROWS, _BEGUN)
    log.info("writing what stories are found by; once, and for some minutes where there are many")
    last: int | None = 0
    while last is not None:
        with transaction() as connection:
            last = _add_some(connection, now(), last)


def _add_some(connection: Connection, stamp: datetime, after: int) -> int | None:
    """Give the next stories behind this number their rows, where they have none.

    Returns:
        The last one's number; None if that was all.
    """
    rows = connection.execute(_MISSING, {"after": after}).all()
    if not rows:
        remember(connection, _ALL_ROWS, search.VERSION)
        return None
    index = Index(connection, stamp)
    numbers: list[int] = [row.number for row in rows]
    entries = live_entries(connection, numbers)
    shelves: dict[int, list[str]] = {number: [] for number in numbers}
    for number, vertical in rows_among(connection, _SHELVES, numbers):
        shelves[number].append(vertical)
    for row in rows:
        shown = [given(k) for k in entries[row.number] if not k.entry.terms.excluded]
        found = search.findable(shown, shelves[row.number])
        index.place(row.number, index.add(row.number, row.listed_at, found))
    index.flush()
    return numbers[-1]
