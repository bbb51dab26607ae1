"""The rows that a transaction adds and changes, collected and written many at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    column,
    func,
    insert,
    null,
    select,
    table,
    update,
)

from aggregator import dedup, normalize
from aggregator.model import ALL, Assignment, Entry
from aggregator.schema import alias, entry, membership, story
from aggregator.store.among import AMONG, change_among, rows_among
from aggregator.store.many import Many
from aggregator.store.revisions import Touched
from aggregator.store.states import seconds

encode = msgspec.json.encode
"""An entry to the store's bytes."""

_EVERYTHING = Assignment(vertical=ALL, reason="every story", score=1.0)
"""Why a story stands in `ALL`."""

_INSERT_STORIES, _INSERT_ENTRIES, _INSERT_MEMBERSHIPS = (
    Many(insert(each)) for each in (story, entry, membership)
)
_REVISE = Many(
    update(entry)
    .where(entry.c.number == bindparam("of"))
    .values(
        withdrawn_at=null(),
        **{name: bindparam(name) for name in ("address_key", "title_key", "digest", "data")},
    )
)
_REVIVE = update(entry).where(entry.c.number.in_(AMONG)).values(withdrawn_at=None)
_TAKEN = tuple(select(each.c.id).where(each.c.id.in_(AMONG)) for each in (story, alias))
_SEQUENCES = table("sqlite_sequence", column("name"), column("seq"))


class Origin(NamedTuple):
    """Whose an entry is: the number of its source, and what its ids are minted from."""

    source: int
    first_address: str


class _NewStory(NamedTuple):
    number: int
    lead: int
    entry: Entry
    origin: Origin


def page_id(identifier: str) -> str:
    """The name of a story's page: the first 20 hex digits of the SHA-256 of its id."""
    return sha256(identifier.encode()).hexdigest()[:20]


def shelved(entries: Iterable[Entry]) -> list[Assignment]:
    """Where a story with these entries stands; one that is excluded stands for nothing."""
    shown = [one for one in entries if not one.terms.excluded]
    return [_EVERYTHING, *(a for one in shown for a in one.verticals)] if shown else []


class Writing:
    """One transaction's writing, at one moment: what it adds and changes, and what that touches.

    Numbers are given here and rows lie ready until `flush`, a thousand to a statement instead of
    one. What reads the tables of stories has to flush before.
    """

    def __init__(self, connection: Connection, at: datetime) -> None:
        self.connection = connection
        self.at = at
        self._at = seconds(at)
        self.touched = Touched()
        self._last: dict[str, int] = {}
        self._stories: list[_NewStory] = []
        self._entries: dict[int, dict[str, object]] = {}
        self._memberships: list[dict[str, object]] = []
        self._revised: dict[int, dict[str, object]] = {}
        self._revived: set[int] = set()

    def add_story(self, one: Entry, origin: Origin, position: datetime) -> tuple[int, int]:
        """A story of this entry alone, standing from `position` on: their numbers."""
        number = self._next(story)
        lead = self.add_entry(one, origin, number, dedup.FIRST, 1.0)
        self._stories.append(_NewStory(number, lead, one, origin))
        assignments = shelved([one])
        self.add_memberships(number, assignments, position)
        self.touched.add((a.vertical for a in assignments), significant=True)
        return number, lead

    def add_entry(self, one: Entry, origin: Origin, into: int, rule: str, score: float) -> int:
        """An entry that came into a story by a rule: its number."""
        number = self._next(entry)
        self._entries[number] = {
            "number": number,
            "source": origin.source,
            "key": one.key,
            "story": into,
            "first_seen": self._at,
            "rule": rule,
            "score": score,
            **_columns(one),
        }
        return number

    def add_memberships(
        self, number: int, assignments: Iterable[Assignment], position: datetime
    ) -> None:
        """Let the story stand in these verticals, from `position` on."""
        since = seconds(position)
        for each in assignments:
            self._memberships.append({
                "sequence": self._next(membership),
                "story": number,
                "vertical": each.vertical,
                "position": since,
                "listed_at": since,
                "reason": each.reason,
                "score": each.score,
            })  # fmt: skip

    def revise(self, number: int, one: Entry) -> None:
        """An entry is now this one, and counts, if it had been withdrawn."""
        if number in self._entries:
            self._entries[number].update(_columns(one))
        else:
            self._revised[number] = {"of": number, **_columns(one)}

    def revive(self, number: int) -> None:
        """An entry that was withdrawn counts again."""
        self._revived.add(number)

    def flush(self) -> None:
        """Write what lies ready."""
        _INSERT_STORIES.run(self.connection, self._story_rows() if self._stories else [])
        _INSERT_ENTRIES.run(self.connection, list(self._entries.values()))
        _INSERT_MEMBERSHIPS.run(self.connection, self._memberships)
        _REVISE.run(self.connection, list(self._revised.values()))
        change_among(self.connection, _REVIVE, self._revived)
        for ready in (self._stories, self._entries, self._memberships, self._revised):
            ready.clear()
        self._revived.clear()

    def _story_rows(self) -> list[dict[str, object]]:
        claimed = {new.entry.id for new in self._stories}
        taken = {row.id for each in _TAKEN for row in rows_among(self.connection, each, claimed)}
        rows = []
        for new in self._stories:
            identifier = self._free_id(new, taken)
            taken.add(identifier)
            published = new.entry.published or self.at
            updated = max(new.entry.updated or published, published)
            rows.append({
                "number": new.number,
                "id": identifier,
                "page_id": page_id(identifier),
                "lead": new.lead,
                "first_seen": self._at,
                "updated": seconds(min(updated, self.at)),
            })  # fmt: skip
        return rows

    def _free_id(self, new: _NewStory, taken: set[str]) -> str:
        """The id that an entry claims, or one minted for it where another has that already.

        However many a hostile source has claimed, there is a next one.
        """
        if new.entry.id not in taken:
            return new.entry.id
        minted = (
            normalize.minted(new.origin.first_address, f"{new.entry.key}\n{n}") for n in count()
        )
        return next(one for one in minted if one not in taken and not self._is_taken(one))

    def _is_taken(self, identifier: str) -> bool:
        return any(
            row for each in _TAKEN for row in rows_among(self.connection, each, [identifier])
        )

    def _next(self, of: Table) -> int:
        number = self._last.get(of.name) or _last_number(self.connection, of)
        self._last[of.name] = number + 1
        return number + 1


def _columns(one: Entry) -> dict[str, object]:
    return {
        "address_key": one.address_key,
        "title_key": one.title_key,
        "digest": one.digest,
        "data": encode(one),
    }


def _last_number(connection: Connection, of: Table) -> int:
    """The last number that a table has ever used, of rows that are gone too where it never reuses.

    SQLite keeps that for its AUTOINCREMENT tables, and raises it with each row that we number.
    """
    (number,) = of.primary_key
    kept: Any = connection.scalar(select(_SEQUENCES.c.seq).where(_SEQUENCES.c.name == of.name))
    highest: Any = connection.scalar(select(func.max(number)))
    return max(kept or 0, highest or 0)
