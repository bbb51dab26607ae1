"""What an arriving entry does to the stories of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, insert, or_, select, update

from aggregator import dedup, normalize
from aggregator.model import (
    Decision,
    Entry,
    Joined,
    KnownEntry,
    Merged,
    New,
    Revised,
    Unchanged,
    Written,
)
from aggregator.schema import alias, entry, source, story
from aggregator.settings import SEED
from aggregator.store.stories import (
    EVERYTHING,
    add_memberships,
    decode,
    encode,
    join,
    known_entries,
    page_id,
    settle,
    touch,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One pull's entries on their way into the stories, inside its transaction."""

    connection: Connection
    source: Row[Any]
    first: bool
    at: datetime
    decide: Decide

    def write(self, arriving: Sequence[Entry]) -> Written:
        """Write every entry that is not known to the letter; say what became of them."""
        known = dict(
            self.connection.execute(
                select(entry.c.key, entry.c.digest).where(
                    entry.c.source == self.source.number,
                    entry.c.key.in_([e.key for e in arriving]),
                    entry.c.withdrawn_at.is_(None),
                )
            )
            .tuples()
            .all()
        )
        changed = [e for e in arriving if known.get(e.key) != e.digest]
        counts = dict.fromkeys(("new", "revised", "merged", "unchanged"), 0)
        counts["unchanged"] = len(arriving) - len(changed)
        for one in changed:
            counts[self._write(one, self._position(one, arriving))] += 1
        return Written(**counts)

    def _position(self, one: Entry, arriving: Sequence[Entry]) -> datetime:
        """When the story was first seen; on a first pull when it was published, if that is earlier.

        So the archive that a new source brings does not push the day out of the feeds. What has no
        date there comes last.
        """
        if not self.first or self._is_seed:
            return self.at
        dated = [e.published for e in arriving if e.published]
        return min(one.published or min(dated, default=self.at) - timedelta(seconds=1), self.at)

    @property
    def _is_seed(self) -> bool:
        return str(self.source.address).startswith(SEED)

    def _write(self, one: Entry, position: datetime) -> str:
        own = normalize.apart(one, self.source.first_address)
        known = self._known(one, own)
        decision = self.decide(
            one, self.source.number, is_seed=self._is_seed, now=self.at, known=known
        )
        match decision:
            case Unchanged(entry=number):
                self._revive(number)
                return "unchanged"
            case Revised(entry=number, significant=significant):
                self._revise(number, one, significant=significant)
                return "revised"
        if any(k.source == self.source.number and k.entry.key == one.key for k in known):
            one = own
        match decision:
            case New():
                self._insert_story(one, position)
                return "new"
            case Joined(kept=kept, retired=retired, rule=rule, score=score):
                join(self.connection, kept, retired, self.at)
                self._insert_entry(one, kept, rule, score)
                settle(self.connection, kept, self.at)
            case Merged(story=into, rule=rule, score=score):
                self._insert_entry(one, into, rule, score)
                settle(self.connection, into, self.at)
        return "merged"

    def _known(self, one: Entry, own: Entry) -> list[KnownEntry]:
        """What `one` may be the same as: same key, same address, the title of a seed."""
        same = (entry.c.source == self.source.number) & entry.c.key.in_((one.key, own.key))
        conditions = [same]
        if one.address_key:
            conditions.append(entry.c.address_key == one.address_key)
        if one.title_key:
            titled = entry.c.title_key == one.title_key
            seed = source.c.address.startswith(SEED, autoescape=True)
            conditions.append(titled if self._is_seed else titled & seed)
        return known_entries(self.connection, or_(*conditions))

    def _insert_story(self, one: Entry, position: datetime) -> None:
        published = one.published or self.at
        identifier = self._free_id(one)
        number = self.connection.execute(
            insert(story)
            .values(
                id=identifier,
                page_id=page_id(identifier),
                lead=0,
                first_seen=self.at,
                updated=min(max(one.updated or published, published), self.at),
            )
            .returning(story.c.number)
        ).scalar_one()
        lead = self._insert_entry(one, number, dedup.FIRST, 1.0)
        self.connection.execute(update(story).where(story.c.number == number).values(lead=lead))
        assignments = (EVERYTHING, *one.verticals)
        add_memberships(self.connection, number, assignments, position)
        touch(self.connection, [a.vertical for a in assignments], self.at, significant=True)

    def _free_id(self, one: Entry) -> str:
        """The id that the entry claims, or, where a story has it, one minted for this entry."""
        address = self.source.first_address
        candidates = (
            one.id,
            normalize.minted(address, one.key),
            normalize.minted(address, one.digest),
        )
        taken = set(
            self.connection.scalars(
                select(story.c.id)
                .where(story.c.id.in_(candidates))
                .union(select(alias.c.id).where(alias.c.id.in_(candidates)))
            )
        )
        return next(candidate for candidate in candidates if candidate not in taken)

    def _insert_entry(self, one: Entry, into: int, rule: str, score: float) -> int:
        number: int = self.connection.execute(
            insert(entry)
            .values(
                source=self.source.number,
                key=one.key,
                story=into,
                first_seen=self.at,
                rule=rule,
                score=score,
                **_columns(one),
            )
            .returning(entry.c.number)
        ).scalar_one()
        return number

    def _revive(self, number: int) -> None:
        """An entry that was withdrawn and is given again (a seed file put back) counts again."""
        row = self.connection.execute(select(entry).where(entry.c.number == number)).one()
        if row.withdrawn_at is not None:
            unwithdrawn = update(entry).where(entry.c.number == number).values(withdrawn_at=None)
            self.connection.execute(unwithdrawn)
            settle(self.connection, row.story, self.at)

    def _revise(self, number: int, one: Entry, *, significant: bool) -> None:
        row = self.connection.execute(select(entry).where(entry.c.number == number)).one()
        old = decode(row.data)
        # The key, the date and, but for a significant revision, what is said of the source stay.
        kept = replace(
            one,
            key=old.key,
            id=old.id,
            published=old.published or one.published,
            source=one.source if significant else old.source,
        )
        values = _columns(kept) | {"withdrawn_at": None}
        self.connection.execute(update(entry).where(entry.c.number == number).values(**values))
        lead = self.connection.scalar(select(story.c.lead).where(story.c.number == row.story))
        settle(self.connection, row.story, self.at, significant=significant and lead == number)


def _columns(one: Entry) -> dict[str, object]:
    return {
        "address_key": one.address_key,
        "title_key": one.title_key,
        "digest": one.digest,
        "data": encode(one),
    }
