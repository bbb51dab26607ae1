"""What came lately, in memory: what finds copies and related stories, and what shelves are like.

All of it stands in the store, too. It is read at the first write, and after that what other
processes have written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from aggregator import signature
from aggregator.dedup.prints import MOST_ENTRIES, Prints
from aggregator.model import ALL, Entry
from aggregator.related import Events
from aggregator.schema import entry, membership, story
from aggregator.schema import signature as signatures
from aggregator.schema.among import AMONG, AnyRow, rows_among
from aggregator.settings import Dedup, Vertical
from aggregator.signature import Signature
from aggregator.verticals import Guesses

MOST_RELATED = 5
"""Older stories that a new one leads to in feeds: the newest, and the first; its page shows all."""

_AT_ONCE = 1000
"""Rows that are taken in at once when a process begins."""

_mate = entry.alias("mate")
# Not by its rule: a story that was set apart from another has only entries that came there before.
_FIRST = select(func.min(_mate.c.number)).where(_mate.c.story == entry.c.story).scalar_subquery()
_ROWS = (
    select(
        signatures.c.sequence,
        signatures.c.seen_at,
        signatures.c.data,
        entry.c.number,
        entry.c.source,
        entry.c.story,
        story.c.event,
        _FIRST.label("first"),
    )
    .join(entry, entry.c.number == signatures.c.entry)
    .join(story, story.c.number == entry.c.story)
)
_SINCE = _ROWS.where(signatures.c.sequence > bindparam("last")).order_by(signatures.c.sequence)
# From the newest on: where the window begins is found out on the way, without an index.
_NEWEST_FIRST = _ROWS.order_by(signatures.c.sequence.desc())
_LAST = select(func.max(signatures.c.sequence))
_CERTAIN = select(membership.c.story, membership.c.vertical).where(
    membership.c.story.in_(AMONG), membership.c.vertical != ALL, membership.c.score == 1
)


class Fresh(NamedTuple):
    """The signature that a transaction adds for an entry, and what is learned of it.

    `story` is that which it begins, `shelves` are those that it stands on for certain.
    """

    sequence: int
    entry: int
    source: int
    seen_at: int
    said: Signature
    story: int | None = None
    event: int | None = None
    shelves: tuple[str, ...] = ()

    @property
    def at(self) -> int:
        """When it came out, as far as anybody says: in seconds."""
        published = self.said.published
        return self.seen_at if published is None else min(published, self.seen_at)


@dataclass(slots=True)
class Lately:
    """The window of time in which texts are compared; for one writer of one store.

    `last` is the last sequence that was taken in, None before the first.
    """

    settings: Dedup
    verticals: tuple[Vertical, ...]
    prints: Prints
    events: Events
    guesses: Guesses
    last: int | None = None
    _newest: int = 0
    _is_ahead: bool = False
    _joined: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Dedup, verticals: Sequence[Vertical]) -> Lately:
        """An empty one, that has to catch up."""
        return cls(
            settings=settings,
            verticals=tuple(verticals),
            prints=Prints(settings.window),
            events=Events(settings.window, settings.related_window),
            guesses=Guesses(verticals),
        )

    def as_stored(self) -> Lately:
        """It without what a transaction has placed that did not come to its end.

        Where there is such it is an empty one, for that cannot be taken out.
        """
        return Lately.of(self.settings, self.verticals) if self._is_ahead else self

    def catch_up(self, connection: Connection, at: datetime, own: Sequence[Fresh]) -> None:
        """Take in what the store has and this has not, but for the transaction's own."""
        last = connection.scalar(_LAST) or 0
        if own:
            return
        if self.last != last:
            self._read(connection, at, last)
        self.prints.forget(int((at - self.settings.window).timestamp()))

    def _read(self, connection: Connection, at: datetime, last: int) -> None:
        began, known = self.last is not None, self._newest
        rows = iter(
            connection.execute(_SINCE, {"last": self.last})
            if began
            else self._window(connection, at)
        )
        while some := list(islice(rows, _AT_ONCE)):
            self._take_rows(connection, some, int(at.timestamp()), known)
        self.last = last

    def take(self, fresh: Iterable[Fresh]) -> None:
        """Take in what a transaction has added that came to its end; its events are placed."""
        for one in fresh:
            self._add(one)
        self._is_ahead = False

    def place(self, one: Fresh) -> tuple[int, tuple[int, ...]] | None:
        """The event that a new story joins, and the newest stories that were in it before.

        None for an event of its own, and for what came out long ago.
        """
        if one.story is None or one.at < one.seen_at - self._related:
            return None
        self._is_ahead = True
        self.events.forget(one.seen_at - self._related)
        event, _ = self.events.place(one.story, one.said.terms, one.at)
        if event == one.story:
            return None
        joined = self._joined.get(event, ())
        self._joined[event] = (one.story, *joined)[: MOST_RELATED - 1]
        return event, (*joined, event)

    def shelved(self, one: Entry) -> Entry:
        """An entry of which nothing is certain, on the shelves where it may stand."""
        if one.verticals or not self.verticals:
            return one
        said = signature.unpack(one.signature or signature.of(one))
        guessed = self.guesses.guess(said.terms, one.title_key)
        return replace(one, verticals=guessed) if guessed else one

    @property
    def _related(self) -> int:
        return int(self.settings.related_window.total_seconds())

    def _add(self, one: Fresh) -> None:
        self.prints.add(one.entry, one.source, one.seen_at, one.said)
        if one.shelves:
            self.guesses.learn(one.said.terms, one.shelves)
        self.last = max(self.last or 0, one.sequence)
        self._newest = max(self._newest, one.entry)

    def _take_rows(
        self, connection: Connection, rows: Sequence[AnyRow], now: int, known: int
    ) -> None:
        """Take them in; of an entry not newer than the last that is known it is a revision."""
        shelves: dict[int, tuple[str, ...]] = {}
        for of, vertical in rows_among(connection, _CERTAIN, {row.story for row in rows}):
            shelves[of] = (*shelves.get(of, ()), vertical)
        for row in rows:
            began = row.story if row.number == row.first and row.number > known else None
            one = Fresh(
                sequence=row.sequence,
                entry=row.number,
                source=row.source,
                seen_at=int(row.seen_at.timestamp()),
                said=signature.unpack(row.data),
                story=began,
                shelves=shelves.get(row.story, ()) if began else (),
            )
            self._add(one)
            if began and one.at >= now - self._related:
                self.events.restore(row.event or began, one.said.terms, one.at)
                if row.event:
                    before = self._joined.get(row.event, ())
                    newest = sorted({began, *before}, reverse=True)
                    self._joined[row.event] = tuple(newest[: MOST_RELATED - 1])

    def _window(self, connection: Connection, at: datetime) -> Sequence[AnyRow]:
        """The rows of the window, the oldest first."""
        since = at - max(self.settings.window, self.settings.related_window)
        found: list[AnyRow] = []
        with connection.execution_options(yield_per=_AT_ONCE).execute(_NEWEST_FIRST) as rows:
            for row in rows:
                if row.seen_at < since or len(found) >= MOST_ENTRIES:
                    break
                found.append(row)
        return found[::-1]


class Batchwise:
    """What came lately, with what the present transaction has added."""

    def __init__(self, lately: Lately, before: Iterable[Fresh] = ()) -> None:
        self.fresh: list[Fresh] = []
        self._lately = lately
        self._own = Prints(lately.settings.window)
        for one in before:
            self._own.add(one.entry, one.source, one.seen_at, one.said)

    @property
    def window(self) -> timedelta:
        """How long an article may be found again."""
        return self._lately.settings.window

    def add(self, one: Fresh) -> None:
        """One more."""
        self.fresh.append(one)
        self._own.add(one.entry, one.source, one.seen_at, one.said)

    def shelved(self, one: Entry) -> Entry:
        """An entry of which nothing is certain, on the shelves where it may stand."""
        return self._lately.shelved(one)

    def of_store(self, said: Signature, source: int) -> list[int]:
        """The entries of the store whose texts may be this one."""
        return self._lately.prints.like(said, source) if said.prints else []

    def of_transaction(self, said: Signature, source: int) -> list[int]:
        """And those of the transaction."""
        return self._own.like(said, source) if said.prints and len(self._own) else []
