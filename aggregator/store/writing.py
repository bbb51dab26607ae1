"""The rows that a transaction adds and changes, collected and written many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
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
    delete,
    func,
    insert,
    null,
    select,
    table,
    update,
)

from aggregator import dedup, normalize, search
from aggregator.model import ALL, Assignment, Entry, Joined, Merged, Near
from aggregator.schema import alias, departure, entry, membership, near, signature, story
from aggregator.schema.among import AMONG, change_among, rows_among
from aggregator.settings import ArchiveLimits
from aggregator.store.archives import Archives, written_size
from aggregator.store.many import Many
from aggregator.store.revisions import Touched, stamp
from aggregator.store.searching import Index
from aggregator.store.states import seconds

encode = msgspec.json.encode
"""An entry to the store's bytes."""

_EVERYTHING = Assignment(vertical=ALL, reason="every story", score=1.0)
"""Why a story stands in `ALL`."""

_INSERT_STORIES, _INSERT_ENTRIES, _INSERT_MEMBERSHIPS, _INSERT_DEPARTURES = (
    Many(insert(each)) for each in (story, entry, membership, departure)
)
_DELETE_SIGNATURES = Many(delete(signature).where(signature.c.entry == bindparam("entry")))
_INSERT_SIGNATURES, _INSERT_NEAR = Many(insert(signature)), Many(insert(near))
_LEAVE = Many(delete(membership).where(membership.c.sequence == bindparam("sequence")))
_REVISE = Many(
    update(entry)
    .where(entry.c.number == bindparam("of"))
    .values(
        withdrawn_at=null(),
        **{name: bindparam(name) for name in ("address_key", "title_key", "digest", "data")},
    )
)
_SET_WITHDRAWN = update(entry).where(entry.c.number.in_(AMONG))
_TAKEN = tuple(select(each.c.id).where(each.c.id.in_(AMONG)) for each in (story, alias))
_SEQUENCES = table("sqlite_sequence", column("name"), column("seq"))


class Origin(NamedTuple):
    """Whose an entry is: its source's number, what ids are minted from, where it is pulled from."""

    source: int
    first_address: str
    address: str


class Added(NamedTuple):
    """The entry that was added, the sequence of its signature if it has one, what it was like."""

    number: int
    sequence: int | None
    matched: int | None = None


class _NewStory(NamedTuple):
    number: int
    lead: int
    entry: Entry
    origin: Origin
    rank: int | None


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

    def __init__(self, connection: Connection, at: datetime, limits: ArchiveLimits) -> None:
        self.connection = connection
        self.at = at
        self.stamp = stamp(connection, at)
        self._at = seconds(at)
        self.touched = Touched()
        self.index = Index(connection, self.stamp)
        self._archives = Archives(connection, limits)
        self._last: dict[str, int] = {}
        self._stories: list[_NewStory] = []
        self._entries: dict[int, dict[str, Any]] = {}
        self._memberships: list[dict[str, object]] = []
        self._departures: list[dict[str, object]] = []
        self._signatures: dict[int, dict[str, object]] = {}
        self._unsigned: list[dict[str, object]] = []
        self._near: list[dict[str, object]] = []
        self._revised: dict[int, dict[str, object]] = {}
        self._revived: set[int] = set()
        self._withdrawn: set[int] = set()

    def add_story(self, one: Entry, origin: Origin, position: datetime) -> tuple[int, Added]:
        """A story of this entry alone, standing from `position` on: its number, and the entry."""
        number = self._next(story)
        added = self.add_entry(one, origin, number, Merged(story=number, rule=dedup.FIRST, score=1))
        lead = added.number
        assignments = shelved([one])
        rank = None
        if assignments:
            verticals = [ALL, *(a.vertical for a in one.verticals)]
            found = search.findable([(one, origin.address)], verticals)
            rank = self.index.add(number, position, found)
        self._stories.append(_NewStory(number, lead, one, origin, rank))
        size = written_size([self._entries[lead]["data"]])
        self.add_memberships(number, assignments, position, size)
        self.touched.add((a.vertical for a in assignments), significant=True)
        return number, added

    def add_entry(self, one: Entry, origin: Origin, into: int, why: Merged | Joined) -> Added:
        """An entry that came into a story by a rule."""
        number = self._next(entry)
        self._entries[number] = {
            "number": number,
            "source": origin.source,
            "key": one.key,
            "story": into,
            "first_seen": self._at,
            "rule": why.rule,
            "score": why.score,
            "matched": why.like,
            **_columns(one),
        }
        return Added(number, self._sign(number, one), why.like)

    def add_near(self, number: int, near: Iterable[Near]) -> None:
        """An entry is like these, and not the same."""
        self._near += [
            {"entry": number, "other": n.entry, "reason": n.reason, "score": n.score} for n in near
        ]

    def _sign(self, number: int, one: Entry) -> int | None:
        """Keep the signature of an entry, if it has one: its sequence."""
        if not one.signature:
            return None
        sequence = self._next(signature)
        self._signatures[number] = {
            "sequence": sequence,
            "entry": number,
            "seen_at": self._at,
            "data": one.signature,
        }
        return sequence

    def add_memberships(
        self, number: int, assignments: Iterable[Assignment], position: datetime, size: int
    ) -> None:
        """Let the story, of so many bytes, stand in these verticals, from `position` on."""
        since = seconds(position)
        for each in assignments:
            sequence = self._next(membership)
            self._memberships.append({
                "sequence": sequence,
                "story": number,
                "vertical": each.vertical,
                "position": since,
                "listed_at": since,
                "reason": each.reason,
                "score": each.score,
            })  # fmt: skip
            self._archives.add(each.vertical, sequence, size)

    def leave(self, identifier: str, left: Mapping[str, int], *, withdrawn: bool) -> None:
        """Let the story with this id stand no more in these verticals, by these sequences.

        `withdrawn` if it is published nowhere any more.
        """
        self._departures += [
            {
                "sequence": sequence,
                "vertical": vertical,
                "id": identifier,
                "left_at": seconds(self.stamp),
                "withdrawn": withdrawn,
            }
            for vertical, sequence in sorted(left.items())
        ]

    @property
    def sequence(self) -> int:
        """The last sequence that was given."""
        return self._last_of(membership)

    def close_archives(self, since: int) -> None:
        """Close the archive of every vertical that has something newer than this sequence."""
        self._archives.close(since)

    def sign_again(self, number: int, one: Entry) -> int | None:
        """Keep the signature that an entry has now instead of what it had: its sequence."""
        if number not in self._signatures:
            self._unsigned.append({"entry": number})
        return self._sign(number, one)

    def revise(self, number: int, one: Entry) -> None:
        """An entry is now this one, and counts, if it had been withdrawn."""
        if number in self._entries:
            self._entries[number].update(_columns(one))
        else:
            self._revised[number] = {"of": number, **_columns(one)}

    def revive(self, number: int) -> None:
        """An entry that was withdrawn counts again."""
        self._revived.add(number)

    def withdraw(self, number: int) -> None:
        """An entry counts no more."""
        self._withdrawn.add(number)

    def flush(self) -> None:
        """Write what lies ready."""
        _INSERT_STORIES.run(self.connection, self._story_rows() if self._stories else [])
        _INSERT_ENTRIES.run(self.connection, list(self._entries.values()))
        _DELETE_SIGNATURES.run(self.connection, self._unsigned)
        _INSERT_SIGNATURES.run(self.connection, list(self._signatures.values()))
        _INSERT_NEAR.run(self.connection, self._near)
        _INSERT_MEMBERSHIPS.run(self.connection, self._memberships)
        _LEAVE.run(self.connection, self._departures)
        _INSERT_DEPARTURES.run(self.connection, self._departures)
        _REVISE.run(self.connection, list(self._revised.values()))
        change_among(self.connection, _SET_WITHDRAWN.values(withdrawn_at=None), self._revived)
        gone = _SET_WITHDRAWN.values(withdrawn_at=self.at)
        change_among(self.connection, gone, self._withdrawn)
        for ready in (
            self._stories,
            self._entries,
            self._unsigned,
            self._signatures,
            self._near,
            self._memberships,
            self._departures,
            self._revised,
        ):
            ready.clear()
        self._revived.clear()
        self._withdrawn.clear()
        self._archives.write()
        self.index.flush()

    def _story_rows(self) -> list[dict[str, object]]:
        claimed = {new.entry.id for new in self._stories}
        taken = {row.id for each in _TAKEN for row in rows_among(self.connection, each, claimed)}
        rows = []
        for new in self._stories:
            identifier = self._free_id(new, taken)
            taken.add(identifier)
            rows.append({
                "number": new.number,
                "id": identifier,
                "page_id": page_id(identifier),
                "lead": new.lead,
                "first_seen": self._at,
                "updated": seconds(self.last_change(new.entry)),
                "changed_at": seconds(self.stamp),
                "rank": new.rank,
            })  # fmt: skip
        return rows

    def last_change(self, one: Entry) -> datetime:
        """When a story of this entry was last changed, as far as its source tells."""
        published = one.published or self.at
        return min(max(one.updated or published, published), self.at)

    def _free_id(self, new: _NewStory, taken: set[str]) -> str:
        """The id that an entry claims, or one minted for it where another has that already."""
        if new.entry.id not in taken:
            return new.entry.id
        return self.minted_id(new.entry, new.origin, taken)

    def minted_id(self, one: Entry, origin: Origin, taken: Collection[str] = ()) -> str:
        """An id for a story of the entry that no story has, or ever had.

        However many a hostile source has claimed, there is a next one.
        """
        each = minted_ids(one, origin)
        return next(i for i in each if i not in taken and not self._is_taken(i))

    def _is_taken(self, identifier: str) -> bool:
        return any(
            row for each in _TAKEN for row in rows_among(self.connection, each, [identifier])
        )

    def next_story(self) -> int:
        """The number for a story that is to be added."""
        return self._next(story)

    def _next(self, of: Table) -> int:
        self._last[of.name] = self._last_of(of) + 1
        return self._last[of.name]

    def _last_of(self, of: Table) -> int:
        if of.name not in self._last:
            self._last[of.name] = _last_number(self.connection, of)
        return self._last[of.name]


def minted_ids(one: Entry, origin: Origin) -> Iterator[str]:
    """The ids that are made for stories of an entry whose own id is another's, in their order."""
    return (normalize.minted(origin.first_address, f"{one.key}\n{n}") for n in count())


def _columns(one: Entry) -> dict[str, Any]:
    return {
        "address_key": one.address_key,
        "title_key": one.title_key,
        "digest": one.digest,
        "data": encode(replace(one, signature=b"") if one.signature else one),
    }


def _last_number(connection: Connection, of: Table) -> int:
    """The last number that a table has ever used, of rows that are gone too where it never reuses.

    SQLite keeps that for its AUTOINCREMENT tables, and raises it with each row that we number.
    """
    (number,) = of.primary_key
    kept = select(_SEQUENCES.c.seq).where(_SEQUENCES.c.name == of.name).scalar_subquery()
    highest = select(func.max(number)).scalar_subquery()
    return max(each or 0 for each in connection.execute(select(kept, highest)).one())
