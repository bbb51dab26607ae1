"""One store compared with what it was: for those who want to know what a change would do."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, bindparam, select, text

from aggregator.errors import StoreError
from aggregator.model import Entry, Selection
from aggregator.query import narrowed
from aggregator.query.slices import Slices
from aggregator.schema import entry, membership, story
from aggregator.schema.among import AMONG, rows_among

_REMEMBER = "CREATE TABLE membership_when_copied AS SELECT vertical, story FROM membership"
_DIFFERENCE = "SELECT vertical, story FROM {} EXCEPT SELECT vertical, story FROM {}"
_NOW, _BEFORE = "membership", "membership_when_copied"

_REASONS = select(membership.c.story, membership.c.vertical, membership.c.reason).where(
    membership.c.story.in_(AMONG)
)
_LEADS = (
    select(story.c.number, story.c.id, story.c.page_id, entry.c.data)
    .join(entry, entry.c.number == story.c.lead)
    .where(story.c.number.in_(AMONG))
)
_OF_UNION = (
    select(membership.c.story)
    .where(membership.c.vertical.in_(bindparam("verticals", expanding=True)))
    .distinct()
)

_decode = msgspec.json.Decoder(Entry).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story as it is told of: by its number here, its id and page, and what its lead says."""

    number: int
    id: str
    page_id: str
    title: str
    publication: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The numbers of the stories that entered a vertical, each with why, and of those that left."""

    vertical: str
    entered: tuple[tuple[int, str], ...] = ()
    left: tuple[int, ...] = ()


@contextmanager
def copied(url: str) -> Iterator[str]:
    """A copy of the store, beside it, as long as this lasts; an empty place where there is none.

    It remembers what stood where when it was made: the store itself goes on.

    Raises:
        StoreError: it cannot be read, or there is no room for a copy.
    """
    file = Path(url.removeprefix("sqlite:///"))
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-plan-") as folder:
            copy = Path(folder) / file.name
            if file.is_file():
                with closing(sqlite3.connect(file)) as own, closing(sqlite3.connect(copy)) as its:
                    own.backup(its)
                    its.execute(_REMEMBER)
            yield f"sqlite:///{copy}"
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{file}: cannot be copied ({error}); check the rights of its folder, and that there "
            "is as much room on the disk once more"
        ) from error


def differences(connection: Connection) -> tuple[Difference, ...]:
    """What stands otherwise in a copy than when it was made, by vertical."""
    entered = connection.execute(text(_DIFFERENCE.format(_NOW, _BEFORE))).all()
    left = connection.execute(text(_DIFFERENCE.format(_BEFORE, _NOW))).all()
    rows = rows_among(connection, _REASONS, {row.story for row in entered})
    reasons = {(row.story, row.vertical): row.reason for row in rows}
    verticals = sorted({row.vertical for row in (*entered, *left)})
    return tuple(
        Difference(
            vertical=name,
            entered=tuple(
                (row.story, reasons[row.story, name]) for row in entered if row.vertical == name
            ),
            left=tuple(row.story for row in left if row.vertical == name),
        )
        for name in verticals
    )


def all_of(connection: Connection, selection: Selection, slices: Slices) -> frozenset[int]:
    """The number of every story that stands in a selection."""
    if selection.is_narrowed:
        return narrowed.every(connection, selection, slices)
    rows = connection.execute(_OF_UNION, {"verticals": selection.verticals})
    return frozenset(row.story for row in rows)


def told(connection: Connection, numbers: Iterable[int]) -> dict[int, Told]:
    """What is told of the stories with these numbers."""
    found = {}
    for row in rows_among(connection, _LEADS, set(numbers)):
        lead = _decode(row.data)
        found[row.number] = Told(
            number=row.number,
            id=row.id,
            page_id=row.page_id,
            title=lead.title,
            publication=lead.publication,
        )
    return found
