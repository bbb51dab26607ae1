"""What arriving entries are compared with, read from the store, and the decisions on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from aggregator import dedup, signature
from aggregator.model import (
    Company,
    Decision,
    Entry,
    Joined,
    KnownEntry,
    Merged,
    New,
)
from aggregator.schema.among import rows_among
from aggregator.store import rulings
from aggregator.store.companies import Companies
from aggregator.store.companies import rulings as rulings_of
from aggregator.store.known import OF_STORIES, Known, Wanted
from aggregator.store.lately import Batchwise, Fresh
from aggregator.store.pulls import Pull
from aggregator.store.writing import Added, Writing

_ARRIVING = 0
"""The number of an entry and a story that have none yet."""

_MOST_CONTESTED = 200
"""Entries that are parted anew at once; what hangs together with more stays as it stands."""


class Decide(Protocol):
    """What `dedup.decide` is: the judge that runs inside the write."""

    def __call__(
        self,
        arriving: KnownEntry,
        /,
        *,
        known: Sequence[KnownEntry],
        given: Collection[int],
        company: Mapping[int, Company],
        window: timedelta,
    ) -> Decision:
        """The decision on one arriving entry."""


class Judging:
    """The decisions on the entries of some pulls, inside one transaction.

    All that they may be compared with is read at once; what they add themselves is compared with
    too, so that the outcome is that of one pull after the other.
    """

    def __init__(self, writing: Writing, decide: Decide, lately: Batchwise) -> None:
        self.known = Known()
        self._writing = writing
        self._decide = decide
        self._lately = lately
        self._window = lately.window
        self._company = Companies(writing.connection)
        self._like: dict[tuple[bytes, int], list[int]] = {}

    @property
    def fresh(self) -> list[Fresh]:
        """The signatures that were added."""
        return self._lately.fresh

    def read(self, pulls: Sequence[Pull]) -> None:
        """Read what any of these may be: same key, same address, the title of a seed, like text."""
        network = [pull for pull in pulls if not pull.is_seed]
        seeds = [pull for pull in pulls if pull.is_seed]
        like: set[int] = set()
        for pull in pulls:
            for one in pull.changed:
                # What came earlier in the transaction is in the store, too, and to be read.
                like.update(self._alike(one, pull.origin.source))
        wanted = Wanted(
            numbers={number for p in pulls for number in (*p.alike, *p.taken_back)},
            like=like,
            addresses={e.address_key for p in pulls for e in p.changed if e.address_key},
            own={pull.origin.source for pull in pulls},
            titles={e.title_key for p in network for e in p.changed if e.title_key},
            seed_titles={e.title_key for p in seeds for e in p.changed if e.title_key},
            untitled={p.origin.source: most for p in network if (most := p.untitled)},
        )
        self._read(wanted)

    def _read(self, wanted: Wanted) -> None:
        self._company.read(self.known.read(self._writing.connection, wanted))

    def decide(self, one: Entry, pull: Pull, keys: Iterable[str]) -> Decision:
        """The decision on an entry that came under these keys."""
        arriving = self._arriving(one, pull)
        known = self.known.alike(arriving, keys, self._alike(one, arriving.source))
        return self._decide(
            arriving,
            known=known,
            given={k.number for k in known if pull.gives(k)},
            company=self._company,
            window=self._window,
        )

    def shelved(self, one: Entry) -> Entry:
        """An entry of which nothing is certain, on the shelves where it may stand."""
        return self._lately.shelved(one)

    def remember(
        self, added: Added, story: int, one: Entry, pull: Pull, *, begins: bool = False
    ) -> None:
        """The transaction has added this entry to a story, which `begins` with it."""
        known = replace(
            self._arriving(one, pull), number=added.number, story=story, matched=added.matched
        )
        self.known.add(known)
        self._company.add(story, known.source)
        if fresh := self._fresh(added, one, known.source):
            certain = tuple(a.vertical for a in one.verticals if a.score == 1)
            if begins:
                fresh = fresh._replace(story=story, shelves=certain)
            self._lately.add(fresh)

    def sign_again(self, added: Added, one: Entry, source: int) -> None:
        """The entry has this signature now."""
        if fresh := self._fresh(added, one, source):
            self._lately.add(fresh)

    def _fresh(self, added: Added, one: Entry, source: int) -> Fresh | None:
        if added.sequence is None:
            return None
        at, said = int(self._writing.at.timestamp()), signature.unpack(one.signature)
        return Fresh(added.sequence, added.number, source, at, said)

    def join(self, into: int, retired: Collection[int]) -> None:
        """The entries of retired stories are those of another."""
        self.known.move(dict.fromkeys(retired, into))
        self._company.forget([into, *retired])
        self._company.read([into])

    def _arriving(self, one: Entry, pull: Pull) -> KnownEntry:
        return KnownEntry(
            number=_ARRIVING,
            story=_ARRIVING,
            source=pull.origin.source,
            address=pull.origin.address,
            is_seed=pull.is_seed,
            first_seen=self._writing.at,
            entry=one,
        )

    def _alike(self, one: Entry, source: int) -> list[int]:
        """The entries whose texts may be this one's, of the store and of the transaction."""
        if not one.signature:
            return []
        said, asked = signature.unpack(one.signature), (one.signature, source)
        if asked not in self._like:
            self._like[asked] = self._lately.of_store(said, source)
        return [*self._like[asked], *self._lately.of_transaction(said, source)]

    def joined(self, number: int) -> Joined | None:
        """The stories that an entry shows to be one by what it has become."""
        revised = self.known[number]
        self._company.read([revised.story])
        return dedup.joined(
            revised,
            known=self.known.alike(revised, (), self._alike(revised.entry, revised.source)),
            company=self._company,
            window=self._window,
        )

    def part(self, one: Entry, pull: Pull) -> New | Merged:
        """Part all that hangs together with what arrives anew; where that belongs then.

        What the transaction has written must be settled.
        """
        arriving = self._arriving(one, pull)
        self._writing.flush()
        members = self._hanging_together(arriving)
        if len(members) > _MOST_CONTESTED:
            return New()
        together, apart = rulings_of(self._writing.connection, members.keys())
        groups = dedup.parted(list(members.values()), together, apart, self._window)
        kept = [[k for k in group if k.number != _ARRIVING] for group in groups]
        places = rulings.regroup(self._writing, [group for group in kept if group])
        for story, group in places.items():
            self.known.put((k.number for k in group), story)
        touched = {k.story for k in members.values()} | places.keys()
        self._company.forget(touched)
        self._company.read(places.keys())
        return self._among(arriving, groups)

    def _hanging_together(self, arriving: KnownEntry) -> dict[int, KnownEntry]:
        """All that a link leads to, and from there on; with all that is in their stories."""
        members = {arriving.number: arriving}
        frontier = [arriving]
        while frontier and len(members) <= _MOST_CONTESTED:
            asked = [k if k.entry.signature else _signed(k) for k in frontier]
            self._read_alike(asked)
            found = {k.number: k for one in asked for k in self._linked(one)}
            stories = {k.story for k in found.values()}
            self.known.take(rows_among(self._writing.connection, OF_STORIES, stories))
            found |= {k.number: k for k in self.known.of_stories(stories)}
            frontier = [k for number, k in found.items() if number not in members]
            members |= found
        return members

    def _read_alike(self, asked: Sequence[KnownEntry]) -> None:
        wanted = Wanted(
            numbers=(),
            like={number for k in asked for number in self._alike(k.entry, k.source)},
            addresses={k.entry.address_key for k in asked if k.entry.address_key},
            own={k.source for k in asked},
            titles={k.entry.title_key for k in asked if k.entry.title_key and not k.is_seed},
            seed_titles={k.entry.title_key for k in asked if k.entry.title_key and k.is_seed},
            untitled={},
        )
        self._read(wanted)

    def _linked(self, one: KnownEntry) -> list[KnownEntry]:
        return [
            k
            for k in self.known.alike(one, (), self._alike(one.entry, one.source))
            if isinstance(dedup.link(one, k, self._window), dedup.Link)
        ]

    def _among(self, arriving: KnownEntry, groups: Sequence[Sequence[KnownEntry]]) -> New | Merged:
        """Where an entry belongs, by the surest link to those of its group."""
        mates = next(group for group in groups if arriving in group)
        found = [
            (link.strength, -k.number, link)
            for k in mates
            if k is not arriving
            and isinstance(link := dedup.link(arriving, k, self._window), dedup.Link)
        ]
        if not found:
            return New()
        _, number, link = max(found, key=lambda each: each[:2])
        story = self.known[-number].story
        return Merged(story=story, rule=link.rule, score=link.score, like=-number)


def _signed(known: KnownEntry) -> KnownEntry:
    """An entry of the store as it came: with its signature."""
    return replace(known, entry=replace(known.entry, signature=signature.of(known.entry)))
