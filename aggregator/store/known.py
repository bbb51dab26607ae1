"""The entries of the store that arriving ones are compared with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from aggregator.model import Entry, KnownEntry
from aggregator.schema import entry, source
from aggregator.schema.among import AMONG, AnyRow, rows_among
from aggregator.settings import SEED
from aggregator.store.sources import is_seed

_MOST_TOLD = 8
"""Gists that are remembered of an entry: a clock in its text makes a new one every hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Entry):
    """An entry as the store keeps it, with the gists that it had before."""

    told: tuple[str, ...] = ()


decode = msgspec.json.Decoder(Kept).decode
"""An entry from the store's bytes."""

_ENTRIES = select(
    entry.c.number,
    entry.c.story,
    entry.c.source,
    entry.c.first_seen,
    entry.c.withdrawn_at,
    entry.c.matched,
    entry.c.data,
    source.c.address,
).join(source, source.c.number == entry.c.source)
_OF_NUMBERS = _ENTRIES.where(entry.c.number.in_(AMONG))
# Not by an index: a source may have a hundred thousand entries, and few are at an address.
_OWN = (entry.c.source + 0).in_(bindparam("own", expanding=True))
_AT_ADDRESSES = _ENTRIES.where(entry.c.address_key.in_(AMONG), _OWN)
# Of the same article from a hundred sources one tells what all of them would, as long as none of
# these is about to change.
_FIRST_OF_OTHERS = (
    select(func.min(entry.c.number))
    .where(entry.c.address_key.in_(AMONG), ~_OWN)
    .group_by(entry.c.address_key, entry.c.story, entry.c.title_key)
)
_TITLED = _ENTRIES.where(entry.c.title_key.in_(AMONG))
_TITLED_SEEDS_AND_OWN = _TITLED.where(
    _OWN | entry.c.source.in_(select(source.c.number).where(is_seed()))
)
# Not by the index on titles: there the untitled ones of all sources are beside each other.
_NEWEST_UNTITLED = (
    _ENTRIES.where(entry.c.source.in_(AMONG), func.length(entry.c.title_key) == 0)
    .order_by(entry.c.number.desc())
    .limit(bindparam("most"))
)
OF_STORIES = _ENTRIES.where(entry.c.story.in_(AMONG)).order_by(entry.c.number)
_LIVE_OF_STORIES = OF_STORIES.where(entry.c.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read: these entries, and what shares an address or a title with arriving ones.

    `like` are those that have a text like theirs. Of those at `addresses` all of the sources in
    `own` count, and of others the first of each title in each story. `titles` count among seeds and
    the entries of `own`, those of `seed_titles` among all. `untitled` gives the sources of which
    the newest entries without a title may be meant, and how many.
    """

    numbers: Collection[int]
    like: Collection[int]
    addresses: Collection[str]
    own: Collection[int]
    titles: Collection[str]
    seed_titles: Collection[str]
    untitled: Mapping[int, int]


def live_entries(connection: Connection, stories: Collection[int]) -> dict[int, list[KnownEntry]]:
    """By story, the entries that count, the first seen first."""
    found: dict[int, list[KnownEntry]] = {number: [] for number in stories}
    for row in rows_among(connection, _LIVE_OF_STORIES, stories):
        found[row.story].append(_known(row))
    return found


def given(known: KnownEntry) -> tuple[Entry, str]:
    """The entry, and where its source is pulled from."""
    return known.entry, known.address


def of_story(connection: Connection, number: int) -> list[KnownEntry]:
    """Every entry of a story, withdrawn ones too, the first seen first."""
    return [_known(row) for row in rows_among(connection, OF_STORIES, [number])]


def entries(connection: Connection, numbers: Collection[int]) -> dict[int, KnownEntry]:
    """The entries with these numbers."""
    return {row.number: _known(row) for row in rows_among(connection, _OF_NUMBERS, numbers)}


class Known:
    """What arriving entries may be: entries of the store, and those that the transaction adds."""

    def __init__(self) -> None:
        self.withdrawn: set[int] = set()
        self._entries: dict[int, KnownEntry] = {}
        self._places: dict[object, dict[int, None]] = {}

    def read(self, connection: Connection, wanted: Wanted) -> set[int]:
        """Take in what the store has; the stories of what is not known by a number alone."""
        own = list(wanted.own)
        found = rows_among(connection, _FIRST_OF_OTHERS, wanted.addresses, own=own)
        firsts = [number for (number,) in found]
        by_number = rows_among(connection, _OF_NUMBERS, set(wanted.numbers))
        others = chain(
            rows_among(connection, _OF_NUMBERS, {*wanted.like, *firsts}),
            rows_among(connection, _AT_ADDRESSES, wanted.addresses, own=own),
            rows_among(connection, _TITLED_SEEDS_AND_OWN, wanted.titles, own=own),
            rows_among(connection, _TITLED, wanted.seed_titles),
            *(rows_among(connection, _NEWEST_UNTITLED, [one], most=most)
              for one, most in wanted.untitled.items()),
        )  # fmt: skip
        self.take(by_number)
        return self.take(others)

    def take(self, rows: Iterable[AnyRow]) -> set[int]:
        """Take in these rows of entries; their stories."""
        stories: set[int] = set()
        for row in rows:
            stories.add(row.story)
            if row.number not in self._entries:
                self.add(_known(row))
                if row.withdrawn_at is not None:
                    self.withdrawn.add(row.number)
        return stories

    def of_stories(self, stories: Collection[int]) -> list[KnownEntry]:
        """Those that are in these stories."""
        return [k for k in self._entries.values() if k.story in stories]

    def __getitem__(self, number: int) -> KnownEntry:
        return self._entries[number]

    def is_shown(self, known: KnownEntry) -> bool:
        """Whether its story stands for it."""
        return not known.entry.terms.excluded and known.number not in self.withdrawn

    def add(self, known: KnownEntry) -> None:
        """One more."""
        self._entries[known.number] = known
        for place in _places(known):
            self._places.setdefault(place, {})[known.number] = None

    def revise(self, number: int, one: Kept) -> None:
        """An entry is now this one: it is found by what it is now, and by nothing it was."""
        before = self._entries[number]
        for place in _places(before):
            del self._places[place][number]
        self.add(replace(before, entry=one, told=one.told))

    def move(self, into: Mapping[int, int]) -> None:
        """The entries of these stories are those of others."""
        for number, known in self._entries.items():
            if known.story in into:
                self._entries[number] = replace(known, story=into[known.story])

    def put(self, numbers: Iterable[int], story: int) -> None:
        """These entries are those of a story."""
        for number in numbers:
            self._entries[number] = replace(self._entries[number], story=story)

    def alike(self, one: KnownEntry, keys: Iterable[str], like: Iterable[int]) -> list[KnownEntry]:
        """Those under one of the keys, with the entry's address or title, or these that are like.

        What has its title counts if it is of the same source, or one of the two is a seed.
        """
        asked = one.entry
        found = {n for key in keys for n in self._places.get((one.source, key), ())}
        if asked.address_key:
            found.update(self._places.get(("address", asked.address_key), ()))
        if asked.title_key:
            found.update(
                number
                for number in self._places.get(("title", asked.title_key), ())
                if one.is_seed
                or self._entries[number].is_seed
                or self._entries[number].source == one.source
            )
        # Those that are most like it first: their stories need not be looked at again.
        numbers = dict.fromkeys([*sorted(found), *like])
        numbers.pop(one.number, None)
        return [self._entries[number] for number in numbers if number in self._entries]

    def own(self, one: Entry, source: int) -> list[KnownEntry]:
        """Those of the source with the entry's key, address or title, untitled ones its gist."""
        places = ((source, one.key), ("address", one.address_key), _name(one))
        found = {number for place in places for number in self._places.get(place, ())}
        return [k for number in sorted(found) if (k := self._entries[number]).source == source]

    def has(self, source: int, key: str) -> bool:
        """Whether the source has given an entry under this key."""
        return bool(self._places.get((source, key)))


def _places(known: KnownEntry) -> Iterable[object]:
    yield known.source, known.entry.key
    if known.entry.address_key:
        yield "address", known.entry.address_key
    yield _name(known.entry)


def _name(one: Entry) -> tuple[str, str]:
    return ("title", one.title_key) if one.title_key else ("gist", one.gist)


def kept(one: Entry, before: KnownEntry) -> Kept:
    """The entry with the gists of its earlier forms, but for its own."""
    told = dict.fromkeys((before.entry.gist, *before.told))
    told.pop(one.gist, None)
    said = {each.name: getattr(one, each.name) for each in fields(Entry)}
    return Kept(**said, told=tuple(told)[:_MOST_TOLD])


def _known(row: AnyRow) -> KnownEntry:
    one = decode(row.data)
    return KnownEntry(
        number=row.number,
        story=row.story,
        source=row.source,
        address=row.address,
        is_seed=row.address.startswith(SEED),
        first_seen=row.first_seen,
        entry=one,
        told=one.told,
        matched=row.matched,
    )
