"""The entries of the store that arriving ones are compared with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection, bindparam, select

from aggregator.model import Entry, KnownEntry
from aggregator.schema import entry, source
from aggregator.settings import SEED
from aggregator.store.among import AMONG, AnyRow, rows_among
from aggregator.store.sources import is_seed

decode = msgspec.json.Decoder(Entry).decode
"""An entry from the store's bytes."""

_ENTRIES = select(
    entry.c.number,
    entry.c.story,
    entry.c.source,
    entry.c.first_seen,
    entry.c.withdrawn_at,
    entry.c.data,
    source.c.address,
).join(source, source.c.number == entry.c.source)
_OF_NUMBERS = _ENTRIES.where(entry.c.number.in_(AMONG))
_AT_ADDRESSES = _ENTRIES.where(entry.c.address_key.in_(AMONG))
_TITLED = _ENTRIES.where(entry.c.title_key.in_(AMONG))
_TITLED_SEEDS_AND_OWN = _TITLED.where(
    entry.c.source.in_(bindparam("own", expanding=True))
    | entry.c.source.in_(select(source.c.number).where(is_seed()))
)
_LIVE_OF_STORIES = _ENTRIES.where(
    entry.c.story.in_(AMONG), entry.c.withdrawn_at.is_(None)
).order_by(entry.c.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read: these entries, and all that share an address or a title with arriving.

    `titles` count among seeds and the entries of the sources in `own`, those of `seed_titles`
    among all.
    """

    numbers: Collection[int]
    addresses: Collection[str]
    own: Collection[int]
    titles: Collection[str]
    seed_titles: Collection[str]


def live_entries(connection: Connection, stories: Collection[int]) -> dict[int, list[KnownEntry]]:
    """By story, the entries that count, the first seen first."""
    found: dict[int, list[KnownEntry]] = {number: [] for number in stories}
    for row in rows_among(connection, _LIVE_OF_STORIES, stories):
        found[row.story].append(_known(row))
    return found


class Known:
    """What arriving entries may be: entries of the store, and those that the transaction adds."""

    def __init__(self) -> None:
        self.withdrawn: set[int] = set()
        self._entries: dict[int, KnownEntry] = {}
        self._places: dict[object, dict[int, None]] = {}

    def read(self, connection: Connection, wanted: Wanted) -> None:
        """Take in what the store has."""
        for statement, values, others in (
            (_OF_NUMBERS, wanted.numbers, {}),
            (_AT_ADDRESSES, wanted.addresses, {}),
            (_TITLED_SEEDS_AND_OWN, wanted.titles, {"own": list(wanted.own)}),
            (_TITLED, wanted.seed_titles, {}),
        ):
            for row in rows_among(connection, statement, values, **others):
                if row.number not in self._entries:
                    self.add(_known(row))
                    if row.withdrawn_at is not None:
                        self.withdrawn.add(row.number)

    def __getitem__(self, number: int) -> KnownEntry:
        return self._entries[number]

    def add(self, known: KnownEntry) -> None:
        """One more."""
        self._entries[known.number] = known
        for place in _places(known):
            self._places.setdefault(place, {})[known.number] = None

    def revise(self, number: int, one: Entry) -> None:
        """An entry is now this one: it is found by what it is now, and by nothing it was."""
        before = self._entries[number]
        for place in _places(before):
            del self._places[place][number]
        self.add(replace(before, entry=one))

    def move(self, retired: Collection[int], kept: int) -> None:
        """The entries of retired stories are those of the one that was kept."""
        for number, known in self._entries.items():
            if known.story in retired:
                self._entries[number] = replace(known, story=kept)

    def alike(
        self, one: Entry, source: int, keys: Iterable[str], *, is_seed: bool
    ) -> list[KnownEntry]:
        """Those with one of the keys in the source, or with the entry's address or title."""
        found = {number for key in keys for number in self._places.get((source, key), ())}
        if one.address_key:
            found.update(self._places.get(("address", one.address_key), ()))
        if one.title_key:
            found.update(
                number
                for number in self._places.get(("title", one.title_key), ())
                if is_seed
                or self._entries[number].is_seed
                or self._entries[number].source == source
            )
        return [self._entries[number] for number in sorted(found)]

    def has(self, source: int, key: str) -> bool:
        """Whether the source has given an entry under this key."""
        return bool(self._places.get((source, key)))


def _places(known: KnownEntry) -> Iterable[object]:
    yield known.source, known.entry.key
    if known.entry.address_key:
        yield "address", known.entry.address_key
    if known.entry.title_key:
        yield "title", known.entry.title_key


def _known(row: AnyRow) -> KnownEntry:
    return KnownEntry(
        number=row.number,
        story=row.story,
        source=row.source,
        address=row.address,
        is_seed=row.address.startswith(SEED),
        first_seen=row.first_seen,
        entry=decode(row.data),
    )
