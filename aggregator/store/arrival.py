"""What an arriving entry does to the stories of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from aggregator import dedup, normalize
from aggregator.model import (
    Decision,
    Entry,
    Joined,
    KnownEntry,
    New,
    Revised,
    Unchanged,
    Written,
)
from aggregator.schema import alias, entry, source, story
from aggregator.settings import SEED
from aggregator.store.revisions import Touched
from aggregator.store.stories import (
    add_memberships,
    decode,
    encode,
    join,
    known_entries,
    page_id,
    settle,
    shelved,
)


class Decide(Protocol):
    """What `dedup.decide` is: the judge that runs inside the write."""

    def __call__(
        self,
        arriving: Entry,
        source: int,
        /,
        *,
        is_seed: bool,
        now: datetime,
        known: Sequence[KnownEntry],
    ) -> Decision:
        """The decision on one arriving entry."""


_INSERT_STORY = insert(story).returning(story.c.number)
_INSERT_ENTRY = insert(entry).returning(entry.c.number)
_SET_LEAD = update(story).where(story.c.number == bindparam("of")).values(lead=bindparam("to"))


_AT_ONCE = 1000
"""Entries compared in one go: SQLite takes 32,766 values in a statement."""


class Arrival:
    """One pull's entries on their way into the stories, inside its transaction.

    All that `dedup` may compare them with is read at once; what the pull itself adds is compared
    with too.
    """

    def __init__(
        self, connection: Connection, row: Row[Any], at: datetime, decide: Decide, *, first: bool
    ) -> None:
        self._connection = connection
        self._source: int = row.number
        self._first_address: str = row.first_address
        self._address: str = row.address
        self._is_seed = self._address.startswith(SEED)
        self._first = first
        self._at = at
        self._decide = decide
        self._touched = Touched()
        self._known: dict[object, list[KnownEntry]] = {}
        self._given: set[int] = set()
        self._taken: set[str] = set()
        self._leads: list[dict[str, int]] = []
        self._aparts: dict[str, Entry] = {}

    def write(self, arriving: Sequence[Entry]) -> Written:
        """Write every entry that is not known to the letter; say what became of them."""
        counts = dict.fromkeys(("new", "revised", "merged", "unchanged"), 0)
        oldest = min((one.published for one in arriving if one.published), default=self._at)
        for start in range(0, len(arriving), _AT_ONCE):
            some = arriving[start : start + _AT_ONCE]
            changed = self._changed(some)
            counts["unchanged"] += len(some) - len(changed)
            if changed:
                self._read(changed)
            for one in changed:
                counts[self._write(one, self._position(one, oldest))] += 1
        if self._leads:
            self._connection.execute(_SET_LEAD, self._leads)
        self._touched.write(self._connection, self._at)
        return Written(**counts)

    def _changed(self, some: Sequence[Entry]) -> list[Entry]:
        told = self._connection.execute(
            select(entry.c.key, entry.c.digest, entry.c.number).where(
                entry.c.source == self._source,
                entry.c.key.in_([one.key for one in some]),
                entry.c.withdrawn_at.is_(None),
            )
        )
        known = {key: (digest, number) for key, digest, number in told}
        changed = []
        for one in some:
            digest, number = known.get(one.key, (None, 0))
            if digest == one.digest:
                self._given.add(number)
            else:
                changed.append(one)
        return changed

    def _position(self, one: Entry, oldest: datetime) -> datetime:
        """When the story was first seen; on a first pull when it was published, if that is earlier.

        So the archive that a new source brings does not push the day out of the feeds. What has no
        date there comes last.
        """
        if not self._first or self._is_seed:
            return self._at
        return min(one.published or oldest - timedelta(seconds=1), self._at)

    def _read(self, changed: Sequence[Entry]) -> None:
        """Read what any of these may be: same key, same address, the title of a seed."""
        keys = [key for one in changed for key in (one.key, self._apart(one).key)]
        conditions = [
            (entry.c.source == self._source) & entry.c.key.in_(keys),
            entry.c.address_key.in_([one.address_key for one in changed if one.address_key]),
        ]
        titled = entry.c.title_key.in_([one.title_key for one in changed if one.title_key])
        seeds = select(source.c.number).where(source.c.address.startswith(SEED, autoescape=True))
        seeds_and_own = entry.c.source.in_(seeds) | (entry.c.source == self._source)
        conditions.append(titled if self._is_seed else titled & seeds_and_own)
        self._known.clear()
        for known in known_entries(self._connection, *conditions):
            self._remember(known)
        ids = [identifier for one in changed for identifier in (one.id, self._apart(one).id)]
        for column in (story.c.id, alias.c.id):
            self._taken.update(self._connection.scalars(select(column).where(column.in_(ids))))

    def _remember(self, known: KnownEntry) -> None:
        one = known.entry
        places: list[object] = [("title", one.title_key)]
        if one.address_key:
            places.append(("address", one.address_key))
        if known.source == self._source:
            places.append(("key", one.key))
        for place in places:
            self._known.setdefault(place, []).append(known)

    def _comparable(self, one: Entry) -> list[KnownEntry]:
        places = (
            ("key", one.key),
            ("key", self._apart(one).key),
            ("address", one.address_key),
            ("title", one.title_key),
        )
        found = {k.number: k for place in places for k in self._known.get(place, ())}
        return [found[number] for number in sorted(found)]

    def _write(self, one: Entry, position: datetime) -> str:
        known = self._comparable(one)
        keys = {k.entry.key for k in known if k.source == self._source}
        if self._apart(one).key in keys:
            one = self._apart(one)
        # What this document has given already is no earlier form of another of its items.
        free = [k for k in known if k.number not in self._given]
        decision = self._decide(one, self._source, is_seed=self._is_seed, now=self._at, known=free)
        match decision:
            case Unchanged(entry=number):
                self._given.add(number)
                self._revive(number)
                return "unchanged"
            case Revised(entry=number, significant=significant):
                self._given.add(number)
                self._revise(number, one, significant=significant)
                return "revised"
        if one.key in keys:
            one = self._apart(one)
        if isinstance(decision, New):
            self._insert_story(one, position)
            return "new"
        into = decision.kept if isinstance(decision, Joined) else decision.story
        if isinstance(decision, Joined):
            join(self._connection, into, decision.retired, self._at, self._touched)
            self._move(decision.retired, into)
        self._insert_entry(one, into, decision.rule, decision.score)
        settle(self._connection, into, self._at, self._touched, position=position)
        return "merged"

    def _move(self, retired: Sequence[int], kept: int) -> None:
        """Let what is remembered of retired stories point to the one that was kept."""
        for place, found in self._known.items():
            self._known[place] = [
                replace(k, story=kept) if k.story in retired else k for k in found
            ]

    def _insert_story(self, one: Entry, position: datetime) -> None:
        published = one.published or self._at
        identifier = self._free_id(one)
        self._taken.add(identifier)
        number: int = self._connection.execute(
            _INSERT_STORY,
            {
                "id": identifier,
                "page_id": page_id(identifier),
                "lead": 0,
                "first_seen": self._at,
                "updated": min(max(one.updated or published, published), self._at),
            },
        ).scalar_one()
        lead = self._insert_entry(one, number, dedup.FIRST, 1.0)
        self._leads.append({"of": number, "to": lead})
        assignments = shelved([one])
        add_memberships(self._connection, number, assignments, position)
        self._touched.add((a.vertical for a in assignments), significant=True)

    def _free_id(self, one: Entry) -> str:
        """The id that an entry claims, or one minted for it where another has that already.

        However many a hostile source has claimed, there is a next one.
        """
        if one.id not in self._taken:
            return one.id
        minted = (normalize.minted(self._first_address, f"{one.key}\n{n}") for n in count())
        return next(identifier for identifier in minted if not self._is_taken(identifier))

    def _is_taken(self, identifier: str) -> bool:
        return any(
            self._connection.scalar(select(column).where(column == identifier))
            for column in (story.c.id, alias.c.id)
        )

    def _apart(self, one: Entry) -> Entry:
        if one.key not in self._aparts:
            self._aparts[one.key] = normalize.apart(one, self._first_address)
        return self._aparts[one.key]

    def _insert_entry(self, one: Entry, into: int, rule: str, score: float) -> int:
        number: int = self._connection.execute(
            _INSERT_ENTRY,
            {
                "source": self._source,
                "story": into,
                "first_seen": self._at,
                "rule": rule,
                "score": score,
                **_columns(one),
            },
        ).scalar_one()
        self._remember(
            KnownEntry(
                number=number,
                story=into,
                source=self._source,
                address=self._address,
                is_seed=self._is_seed,
                first_seen=self._at,
                entry=one,
            )
        )
        return number

    def _revive(self, number: int) -> None:
        """An entry that was withdrawn and is given again (a seed file put back) counts again."""
        row = self._connection.execute(select(entry).where(entry.c.number == number)).one()
        if row.withdrawn_at is not None:
            revived = update(entry).where(entry.c.number == number).values(withdrawn_at=None)
            self._connection.execute(revived)
            settle(self._connection, row.story, self._at, self._touched)

    def _revise(self, number: int, one: Entry, *, significant: bool) -> None:
        row = self._connection.execute(select(entry).where(entry.c.number == number)).one()
        old = decode(row.data)
        # Key, id and date stay (no date too: ours is then the first seen), and, but for a
        # significant revision, what is said of the source.
        kept = replace(
            one,
            key=old.key,
            id=old.id,
            published=old.published,
            source=one.source if significant else old.source,
        )
        values = _columns(kept) | {"withdrawn_at": None}
        self._connection.execute(update(entry).where(entry.c.number == number).values(**values))
        lead = self._connection.scalar(select(story.c.lead).where(story.c.number == row.story))
        seen = significant and lead == number
        settle(self._connection, row.story, self._at, self._touched, significant=seen)


def _columns(one: Entry) -> dict[str, object]:
    return {
        "key": one.key,
        "address_key": one.address_key,
        "title_key": one.title_key,
        "digest": one.digest,
        "data": encode(one),
    }
