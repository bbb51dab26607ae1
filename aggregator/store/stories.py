"""The stories of the store, kept in line with their entries, and the feeds with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, union, update

from aggregator import dedup
from aggregator.model import ALL, Assignment, Entry, KnownEntry
from aggregator.schema import alias, entry, membership, source, story
from aggregator.settings import SEED
from aggregator.store.revisions import Touched

decode = msgspec.json.Decoder(Entry).decode
"""An entry from the store's bytes."""

encode = msgspec.json.encode
"""An entry to the store's bytes."""

Place = Callable[[Entry, str], Entry]
"""Puts an entry of the source with this address on its shelves, on the terms of that source."""

_EVERYTHING = Assignment(vertical=ALL, reason="every story", score=1.0)
"""Why a story stands in `ALL`."""


_INSERT_MEMBERSHIP = insert(membership)


def page_id(identifier: str) -> str:
    """The name of a story's page: the first 20 hex digits of the SHA-256 of its id."""
    return sha256(identifier.encode()).hexdigest()[:20]


def shelved(entries: Iterable[Entry]) -> list[Assignment]:
    """Where a story with these entries stands; one that is excluded stands for nothing."""
    shown = [one for one in entries if not one.terms.excluded]
    return [_EVERYTHING, *(a for one in shown for a in one.verticals)] if shown else []


def known_entries(connection: Connection, *conditions: ColumnElement[bool]) -> list[KnownEntry]:
    """The entries for which one of the conditions holds, as `dedup` sees them."""
    # A union, because each condition has an index of its own, which SQLite does not use for an OR
    # that reaches over two tables.
    numbers = union(*(select(entry.c.number).where(condition) for condition in conditions))
    rows = connection.execute(
        select(entry, source.c.address)
        .join(source)
        .where(entry.c.number.in_(numbers))
        .order_by(entry.c.number)
    )
    return [
        KnownEntry(
            number=row.number,
            story=row.story,
            source=row.source,
            address=row.address,
            is_seed=row.address.startswith(SEED),
            first_seen=row.first_seen,
            entry=decode(row.data),
        )
        for row in rows
    ]


def settle(
    connection: Connection,
    number: int,
    at: datetime,
    touched: Touched,
    *,
    significant: bool = False,
    position: datetime | None = None,
) -> None:
    """Bring a story in line with the entries it has now: lead, verticals, standing.

    `significant` lists it again, with a new `updated`. A vertical that it enters has it from `at`
    on, or, where it stood nowhere before, from `position` on, if given. A story without entries is
    withdrawn; one whose entries are all excluded stands nowhere, and keeps what it needs to return.
    """
    found = known_entries(connection, (entry.c.story == number) & entry.c.withdrawn_at.is_(None))
    row = connection.execute(select(story).where(story.c.number == number)).one()
    before = _memberships(connection, number)
    values: dict[str, object] = {"withdrawn_at": None if found else row.withdrawn_at or at}
    if shown := [k for k in found if not k.entry.terms.excluded]:
        values["lead"] = dedup.lead(shown).number
    if significant:
        values["updated"] = max(at, row.updated + timedelta(seconds=1))
    connection.execute(update(story).where(story.c.number == number).values(**values))
    wanted = shelved(k.entry for k in found)
    entered, left = _rearrange(connection, number, wanted, before, at if before else position or at)
    if significant:
        connection.execute(
            update(membership)
            .where(membership.c.story == number, membership.c.listed_at < at)
            .values(listed_at=at)
        )
    touched.add(before - left, significant=significant)
    touched.add(entered | left, significant=True)


def _rearrange(
    connection: Connection,
    number: int,
    assignments: Iterable[Assignment],
    before: set[str],
    position: datetime,
) -> tuple[set[str], set[str]]:
    """Make the assignments the story's memberships; the verticals it entered and those it left."""
    wanted: dict[str, Assignment] = {}
    for assignment in assignments:
        wanted.setdefault(assignment.vertical, assignment)
    entered, left = wanted.keys() - before, before - wanted.keys()
    if left:
        connection.execute(
            delete(membership).where(membership.c.story == number, membership.c.vertical.in_(left))
        )
    add_memberships(
        connection, number, [a for a in wanted.values() if a.vertical in entered], position
    )
    return entered, left


def add_memberships(
    connection: Connection, number: int, assignments: Sequence[Assignment], position: datetime
) -> None:
    """Let the story stand in these verticals, from `position` on."""
    rows = [
        {
            "story": number,
            "vertical": a.vertical,
            "position": position,
            "listed_at": position,
            "reason": a.reason,
            "score": a.score,
        }
        for a in assignments
    ]
    if rows:
        connection.execute(_INSERT_MEMBERSHIP, rows)


def _memberships(connection: Connection, number: int) -> set[str]:
    return set(
        connection.scalars(select(membership.c.vertical).where(membership.c.story == number))
    )


def join(
    connection: Connection, kept: int, retired: Sequence[int], at: datetime, touched: Touched
) -> None:
    """Make stories one: entries move to the kept one, the others' ids live on as its aliases."""
    for number in retired:
        left = _memberships(connection, number)
        gone = connection.execute(select(story).where(story.c.number == number)).one()
        connection.execute(update(entry).where(entry.c.story == number).values(story=kept))
        connection.execute(update(alias).where(alias.c.story == number).values(story=kept))
        connection.execute(delete(membership).where(membership.c.story == number))
        connection.execute(delete(story).where(story.c.number == number))
        connection.execute(
            insert(alias).values(id=gone.id, page_id=gone.page_id, story=kept, retired_at=at)
        )
        touched.add(left, significant=True)


def withdraw(connection: Connection, address: str, at: datetime, touched: Touched) -> None:
    """Take the entries of one source out of their stories."""
    number = select(source.c.number).where(source.c.address == address).scalar_subquery()
    ours = (entry.c.source == number) & entry.c.withdrawn_at.is_(None)
    affected = connection.scalars(select(entry.c.story).where(ours).distinct()).all()
    connection.execute(update(entry).where(ours).values(withdrawn_at=at))
    for one in affected:
        settle(connection, one, at, touched)


def place_again(
    connection: Connection, number: int, address: str, place: Place, touched: Touched
) -> None:
    """Shelve every entry of a source by new rules.

    A story that enters a vertical so takes the place there that it would have had: the earlier of
    first seen and published.
    """
    rows = connection.execute(
        select(entry.c.number, entry.c.story, entry.c.first_seen, entry.c.data)
        .where(entry.c.source == number)
        .order_by(entry.c.number)
    ).all()
    for row in rows:
        old = decode(row.data)
        new = place(old, address)
        if new != old:
            connection.execute(
                update(entry).where(entry.c.number == row.number).values(data=encode(new))
            )
            position = min(old.published or row.first_seen, row.first_seen)
            settle(connection, row.story, position, touched)
