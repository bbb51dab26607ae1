"""What joins stories, splits them and takes them out of feeds: an arrival, or the operator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

from sqlalchemy import Connection, delete, insert, select, update

from aggregator import dedup
from aggregator.model import KnownEntry
from aggregator.schema import alias, entry, membership, source, story
from aggregator.schema.among import AMONG, change_among
from aggregator.store.known import of_story
from aggregator.store.stories import Unsettled, settle
from aggregator.store.writing import Origin, Writing, minted_ids, page_id

_MOVE = update(entry).where(entry.c.number.in_(AMONG))


def find(connection: Connection, name: str) -> int | None:
    """The number of the story with this id or page id, its own or one that a join retired."""
    for number, table in ((story.c.number, story), (alias.c.story, alias)):
        found: int | None = connection.scalar(
            select(number).where((table.c.id == name) | (table.c.page_id == name))
        )
        if found is not None:
            return found
    return None


def identifier(connection: Connection, number: int) -> str:
    """The id of the story with this number."""
    own: str = connection.execute(select(story.c.id).where(story.c.number == number)).scalar_one()
    return own


def join(writing: Writing, kept: int, retired: Sequence[int]) -> None:
    """Make stories one: entries move to the kept one, the others' ids live on as its aliases.

    What the operator withdrew stays so, whatever it is joined to. `kept` is to be settled after.
    """
    writing.flush()
    connection = writing.connection
    for number in retired:
        standing = connection.execute(
            select(membership.c.vertical, membership.c.sequence).where(membership.c.story == number)
        )
        left = {row.vertical: row.sequence for row in standing}
        gone = connection.execute(select(story).where(story.c.number == number)).one()
        writing.leave(gone.id, left, withdrawn=True)
        if gone.rank is not None:
            writing.index.leave(gone.rank)
        writing.flush()
        connection.execute(update(entry).where(entry.c.story == number).values(story=kept))
        connection.execute(update(alias).where(alias.c.story == number).values(story=kept))
        connection.execute(delete(story).where(story.c.number == number))
        connection.execute(
            insert(alias).values(
                id=gone.id, page_id=gone.page_id, story=kept, retired_at=writing.at
            )
        )
        if gone.by_operator:
            connection.execute(update(story).where(story.c.number == kept).values(by_operator=True))
        writing.touched.add(left, significant=True)


def join_all(writing: Writing, numbers: Collection[int]) -> int:
    """Make these stories one, which keeps the id that readers have known for longest.

    A story that stands nowhere is not known to them.

    Returns:
        The number of the one that is left.
    """
    stands = select(membership.c.story).where(membership.c.story == story.c.number).exists()
    oldest_first = (
        select(story.c.number)
        .where(story.c.number.in_(numbers))
        .order_by(stands.desc(), story.c.first_seen, story.c.number)
    )
    kept: int
    kept, *retired = writing.connection.scalars(oldest_first)
    join(writing, kept, retired)
    settle(writing, {kept: Unsettled(at=writing.at)})
    return kept


def split(writing: Writing, number: int, sources: Collection[str]) -> str | None:
    """Make two stories of one: what these sources gave of it is apart from what others gave.

    The half with the entry that was first seen keeps the id. The other gets the one that a join
    took from it, where there is such, else a `urn:uuid`; it stands from now on in its verticals.

    Returns:
        The id of the other half; None, and nothing happens, if one half would be empty.
    """
    every = of_story(writing.connection, number)
    halves = [[k for k in every if (k.address in sources) is apart] for apart in (True, False)]
    if not all(halves):
        return None
    _, moved = sorted(halves, key=lambda half: half[0].number)
    identifier, at = _id_apart(writing, number, moved), writing.at
    other, first = writing.next_story(), moved[0]
    withdrawn = select(story.c.by_operator).where(story.c.number == number).scalar_subquery()
    writing.connection.execute(
        insert(story).values(
            number=other,
            id=identifier,
            page_id=page_id(identifier),
            lead=first.number,
            first_seen=first.first_seen,
            updated=writing.last_change(first.entry),
            changed_at=writing.stamp,
            by_operator=withdrawn,
        )
    )
    change_among(
        writing.connection,
        _MOVE.values(story=other, rule=dedup.SPLIT, score=1.0),
        [k.number for k in moved],
    )
    settle(writing, {number: Unsettled(at=at), other: Unsettled(at=at)})
    return identifier


def _id_apart(writing: Writing, number: int, moved: Sequence[KnownEntry]) -> str:
    """An id for what was split off: one of its own that the story had as an alias, or a new one."""
    connection = writing.connection
    retired = set(connection.scalars(select(alias.c.id).where(alias.c.story == number)))
    for k in moved:
        for own in (k.entry.id, *islice(minted_ids(k.entry, _origin(connection, k)), len(retired))):
            if own in retired:
                connection.execute(delete(alias).where(alias.c.id == own))
                return own
    first = moved[0]
    return writing.minted_id(first.entry, _origin(connection, first))


def _origin(connection: Connection, k: KnownEntry) -> Origin:
    of_source = select(source.c.first_address).where(source.c.number == k.source)
    return Origin(k.source, connection.execute(of_source).scalar_one(), k.address)


def withdraw(writing: Writing, number: int, *, undo: bool) -> None:
    """Take a story out of every feed, whatever its sources give of it from now on; or let it in."""
    now = update(story).where(story.c.number == number, story.c.by_operator == undo)
    if writing.connection.execute(now.values(by_operator=not undo)).rowcount:
        settle(writing, {number: Unsettled(at=writing.at)})


def withdraw_source(writing: Writing, address: str) -> None:
    """Take the entries of one source out of their stories."""
    number = select(source.c.number).where(source.c.address == address).scalar_subquery()
    ours = (entry.c.source == number) & entry.c.withdrawn_at.is_(None)
    affected = writing.connection.scalars(select(entry.c.story).where(ours).distinct()).all()
    writing.connection.execute(update(entry).where(ours).values(withdrawn_at=writing.at))
    settle(writing, {number: Unsettled(at=writing.at) for number in affected})
