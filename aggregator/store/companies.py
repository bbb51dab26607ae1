"""Who is in the stories that an arriving entry may belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, or_, select

from aggregator.model import Company
from aggregator.schema import entry, ruling
from aggregator.schema.among import AMONG, rows_among

_SOURCES = select(entry.c.story, entry.c.source).where(entry.c.story.in_(AMONG))
_ANY_RULING = select(ruling.c.one).limit(1)
_OF_STORIES = select(entry.c.number, entry.c.story).where(entry.c.story.in_(AMONG))
_STORIES = select(entry.c.number, entry.c.story).where(entry.c.number.in_(AMONG))
_RULINGS = select(ruling.c.one, ruling.c.other, ruling.c.apart).where(
    or_(ruling.c.one.in_(AMONG), ruling.c.other.in_(AMONG))
)


class Companies(Mapping[int, Company]):
    """The company of every story that was read, kept in line with what the transaction does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sources: dict[int, list[int]] = {}
        self._apart: dict[int, set[int]] = {}
        self._has_rulings: bool | None = None

    def __getitem__(self, story: int) -> Company:
        return Company(
            sources=tuple(self._sources[story]), apart=frozenset(self._apart.get(story, ()))
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def read(self, stories: Collection[int]) -> None:
        """Take in what the store has of these."""
        missing = set(stories) - self._sources.keys()
        for story in missing:
            self._sources[story] = []
        for row in rows_among(self._connection, _SOURCES, missing):
            self._sources[row.story].append(row.source)
        if missing and self._has_rulings is None:
            self._has_rulings = self._connection.scalar(_ANY_RULING) is not None
        if self._has_rulings:
            self._read_rulings(missing)

    def add(self, story: int, source: int) -> None:
        """One more entry of a source is in a story."""
        self._sources.setdefault(story, []).append(source)

    def forget(self, stories: Collection[int]) -> None:
        """These have other entries now; they are to be read again."""
        for story in stories:
            self._sources.pop(story, None)
            self._apart.pop(story, None)

    def _read_rulings(self, stories: Collection[int]) -> None:
        story_of = dict(map(tuple, rows_among(self._connection, _OF_STORIES, stories)))
        pairs = [
            (row.one, row.other)
            for row in rows_among(self._connection, _RULINGS, story_of.keys())
            if row.apart
        ]
        elsewhere = {number for pair in pairs for number in pair} - story_of.keys()
        story_of |= dict(map(tuple, rows_among(self._connection, _STORIES, elsewhere)))
        for one, other in pairs:
            here, there = story_of[one], story_of[other]
            self._apart.setdefault(here, set()).add(there)
            self._apart.setdefault(there, set()).add(here)


def rulings(connection: Connection, entries: Collection[int]) -> tuple[set[tuple[int, int]], ...]:
    """The pairs of these entries that the operator has joined, and those to be kept apart."""
    together: set[tuple[int, int]] = set()
    apart: set[tuple[int, int]] = set()
    for row in rows_among(connection, _RULINGS, entries):
        (apart if row.apart else together).add((row.one, row.other))
    return together, apart
