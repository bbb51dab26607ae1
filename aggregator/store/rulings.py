"""What joins stories, splits them and takes them out of feeds: an arrival, or the operator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, combinations, islice, product

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aggregator import dedup
from aggregator.model import KnownEntry
from aggregator.schema import alias, entry, membership, ruling, source, story
from aggregator.schema.among import AMONG, change_among, rows_among
from aggregator.store.known import of_story
from aggregator.store.many import Many
from aggregator.store.states import seconds
from aggregator.store.stories import Unsettled, settle
from aggregator.store.writing import Origin, Writing, minted_ids, page_id

_MOVE = update(entry).where(entry.c.number.in_(AMONG))
_IDS = (
    select(story.c.number, story.c.id).where(story.c.number.in_(AMONG)),
    select(alias.c.story, alias.c.id).where(alias.c.story.in_(AMONG)),
)
_ALIASES = select(alias.c.id).where(alias.c.id.in_(AMONG))
_LEAD_ON = update(alias).where(alias.c.id.in_(AMONG))
_RULE = Many(insert(ruling))
_FORGET_RULING = Many(
    delete(ruling).where(ruling.c.one == bindparam("one"), ruling.c.other == bindparam("other"))
)
_FORGET_APART = delete(ruling).where(
    ruling.c.apart, ruling.c.one.in_(AMONG), ruling.c.other.in_(AMONG)
)


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
    connection = writing.connection
    kept: int
    kept, *retired = connection.scalars(oldest_first)
    every = [[k.number for k in of_story(connection, number)] for number in (kept, *retired)]
    change_among(connection, _FORGET_APART, list(chain.from_iterable(every)))
    # Each with each: whatever is split off later, the rest stays joined.
    pairs = [pair for one, other in combinations(every, 2) for pair in product(one, other)]
    _remember(writing, pairs, apart=False)
    moved = [first for first, *_ in every[1:]]
    change_among(connection, _MOVE.values(rule=dedup.JOINED, score=1.0), moved)
    join(writing, kept, retired)
    settle(writing, {kept: Unsettled(at=writing.at)})
    return kept


def split_all(writing: Writing, number: int) -> list[str]:
    """Make a story of what each source gave of one: the ids of those that have not kept its own."""
    addresses = dict.fromkeys(k.address for k in of_story(writing.connection, number))
    split_off = (split(writing, number, {address}) for address in [*addresses][1:])
    return [identifier for identifier in split_off if identifier is not None]


def split(writing: Writing, number: int, sources: Collection[str]) -> str | None:
    """Make two stories of one: what these sources gave of it is apart from what others gave.

    The half that the id was given to keeps it. The other gets the one that a join took from it,
    where there is such, else a `urn:uuid`; it stands from now on in its verticals.

    Returns:
        The id of the other half; None, and nothing happens, if one half would be empty.
    """
    every = of_story(writing.connection, number)
    halves = [[k for k in every if (k.address in sources) is apart] for apart in (True, False)]
    if not all(halves):
        return None
    owners = _owners(writing.connection, every)
    owner = owners[identifier(writing.connection, number)]
    kept, moved = sorted(halves, key=lambda half: all(k.number != owner for k in half))
    other, its_id = _story_apart(writing, number, moved, owners)
    _remember_apart(writing, kept, moved)
    at = writing.at
    settle(writing, {number: Unsettled(at=at), other: Unsettled(at=at)})
    return its_id


def regroup(
    writing: Writing, groups: Sequence[Sequence[KnownEntry]]
) -> dict[int, Sequence[KnownEntry]]:
    """Make stories of these groups, which have all the entries of the stories that they are of.

    Each story stays with the entry that its id was given to; of several in one group the oldest is
    kept and the others are joined to it, and a group without one becomes a story of its own.

    Returns:
        The groups by the numbers of their stories.
    """
    homes: dict[int, int] = {}
    retired: list[tuple[int, int]] = []
    group_of = {k.number: at for at, group in enumerate(groups) for k in group}
    every = sorted(chain.from_iterable(groups), key=lambda k: k.number)
    owners = _owners(writing.connection, every)
    ids = {number: identifier(writing.connection, number) for number in {k.story for k in every}}
    for story_number in sorted(ids):
        home = homes.setdefault(group_of[owners[ids[story_number]]], story_number)
        if home != story_number:
            retired.append((home, story_number))
    is_same = all({k.story for k in group} == {homes.get(at)} for at, group in enumerate(groups))
    if not is_same:
        joined = {gone: home for home, gone in retired}
        for gone, home in joined.items():
            join(writing, home, [gone])
        for at, group in enumerate(groups):
            if at in homes:
                _move(writing, homes[at], [k for k in group if k.story != homes[at]])
            else:
                of = joined.get(group[0].story, group[0].story)
                homes[at], _ = _story_apart(writing, of, group, owners, dedup.PARTED)
        for name, owner in owners.items():
            lead_on = update(alias).where(alias.c.id == name)
            writing.connection.execute(lead_on.values(story=homes[group_of[owner]]))
        had: dict[int, set[int]] = {}
        for k in every:
            had.setdefault(k.story, set()).add(k.number)
        now = {homes[at]: {k.number for k in group} for at, group in enumerate(groups)}
        # What hangs together with the others and is as it was has not changed to anybody.
        changed = sorted(number for number in now if now[number] != had.get(number))
        settle(writing, {number: Unsettled(at=writing.at) for number in changed})
    return {homes[at]: group for at, group in enumerate(groups)}


def _story_apart(
    writing: Writing,
    number: int,
    moved: Sequence[KnownEntry],
    owners: Mapping[str, int],
    rule: str = dedup.SPLIT,
) -> tuple[int, str]:
    """A story of its own of entries that another has: its number and id. Both are to be settled.

    Ids of these entries that a join retired go with them, the oldest one as that of the story.
    """
    connection, other, first = writing.connection, writing.next_story(), moved[0]
    retired = _retired(connection, moved, owners)
    if retired:
        connection.execute(delete(alias).where(alias.c.id == retired[0]))
    its_id = retired[0] if retired else writing.minted_id(first.entry, _origin(connection, first))
    withdrawn = select(story.c.by_operator).where(story.c.number == number).scalar_subquery()
    connection.execute(
        insert(story).values(
            number=other,
            id=its_id,
            page_id=page_id(its_id),
            lead=first.number,
            first_seen=first.first_seen,
            updated=writing.last_change(first.entry),
            changed_at=writing.stamp,
            by_operator=withdrawn,
        )
    )
    _move(writing, other, moved, rule)
    change_among(connection, _LEAD_ON.values(story=other), retired[1:])
    return other, its_id


def _move(
    writing: Writing, into: int, moved: Sequence[KnownEntry], rule: str = dedup.PARTED
) -> None:
    # What was the same when it came may be again when more has come, if the operator says nothing.
    forgotten = {"matched": None} if rule == dedup.SPLIT else {}
    change_among(
        writing.connection,
        _MOVE.values(story=into, rule=rule, score=1.0, **forgotten),
        [k.number for k in moved],
    )


def _remember_apart(
    writing: Writing, here: Sequence[KnownEntry], there: Sequence[KnownEntry]
) -> None:
    """The operator keeps these apart from now on, whatever he said of them before.

    And each half together: what was split off may be all that it hung together by.
    """
    _remember(writing, [(a.number, b.number) for a in here for b in there], apart=True)
    for first, *others in (here, there):
        _remember(writing, [(first.number, k.number) for k in others], apart=False)


def _remember(writing: Writing, pairs: Sequence[tuple[int, int]], *, apart: bool) -> None:
    rows = [
        {"one": min(pair), "other": max(pair), "apart": apart, "at": seconds(writing.at)}
        for pair in pairs
    ]
    _FORGET_RULING.run(writing.connection, rows)
    _RULE.run(writing.connection, rows)


def _retired(
    connection: Connection, moved: Sequence[KnownEntry], owners: Mapping[str, int]
) -> list[str]:
    """The ids that joins retired of those that were given to these entries, the oldest first."""
    numbers = {k.number for k in moved}
    ids = {name for name, owner in owners.items() if owner in numbers}
    found = [row.id for row in rows_among(connection, _ALIASES, ids)]
    return sorted(found, key=lambda name: (owners[name], name))


def _owners(connection: Connection, every: Sequence[KnownEntry]) -> dict[str, int]:
    """The entries that the ids of their stories were given to, retired ones too, by these ids.

    That is the first that claims the id; else it was minted for one, among the first that are.
    """
    of: dict[int, list[KnownEntry]] = {}
    for k in every:
        of.setdefault(k.story, []).append(k)
    ids: dict[int, list[str]] = {number: [] for number in of}
    for each in _IDS:
        for number, name in rows_among(connection, each, of):
            ids[number].append(name)
    owners: dict[str, int] = {}
    for number, names in ids.items():
        claimed = {name: k for k in of[number][::-1] for name in _mints(connection, k, len(names))}
        claimed |= {k.entry.id: k for k in of[number][::-1]}
        owners |= {name: claimed.get(name, of[number][0]).number for name in names}
    return owners


def _mints(connection: Connection, k: KnownEntry, count: int) -> Iterable[str]:
    return islice(minted_ids(k.entry, _origin(connection, k)), count)


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
