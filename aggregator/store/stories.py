"""The stories of the store, kept in line with their entries, and the feeds with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, select, update

from aggregator import dedup, search
from aggregator.model import Assignment, Entry, KnownEntry
from aggregator.schema import entry, membership, source, story, time_of
from aggregator.schema.among import AMONG, AnyRow, rows_among
from aggregator.store.archives import written_size
from aggregator.store.known import decode, entries, given, live_entries
from aggregator.store.many import Many
from aggregator.store.states import seconds
from aggregator.store.writing import Writing, encode, shelved

Place = Callable[[Entry, str], Entry]
"""Puts an entry of the source with this address on its shelves, on the terms of that source."""

_AT_ONCE = 500
"""Stories shelved anew in one go."""

_STORIES = select(
    story.c.number,
    story.c.id,
    story.c.lead,
    story.c.updated,
    story.c.withdrawn_at,
    story.c.by_operator,
    story.c.rank,
).where(story.c.number.in_(AMONG))
_STANDING = select(
    membership.c.story, membership.c.vertical, membership.c.sequence, membership.c.listed_at
).where(membership.c.story.in_(AMONG))
_SETTLE = Many(
    update(story)
    .where(story.c.number == bindparam("of"))
    .values({name: bindparam(name) for name in ("lead", "updated", "withdrawn_at", "changed_at")})
)
_LIST_AGAIN = Many(
    update(membership)
    .where(membership.c.story == bindparam("of"), membership.c.listed_at < bindparam("at"))
    .values(listed_at=bindparam("at"))
)
_GIVING = (
    select(source.c.number)
    .where(source.c.number.in_(AMONG))
    .where(select(entry.c.number).where(entry.c.source == source.c.number).exists())
    .order_by(source.c.number)
)
_PLACED = Many(
    update(entry).where(entry.c.number == bindparam("of")).values(data=bindparam("placed"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """What has happened to the entries of a story.

    A vertical that it enters has it from `at` on, or, where it stood nowhere before, from
    `position` on, if given. `revised` is the entry that a reader would call changed. `is_hidden` if
    it was and is shown nowhere.
    """

    at: datetime
    position: datetime | None = None
    revised: int | None = None
    is_hidden: bool = False


def settle(
    writing: Writing,
    unsettled: Mapping[int, Unsettled],
    grown: Mapping[int, Sequence[KnownEntry]] = MappingProxyType({}),
) -> None:
    """Bring stories in line with the entries they have now: lead, verticals, standing.

    One whose lead was revised is listed again, with a new `updated`. A story without entries is
    withdrawn, and so is one that the operator withdrew; one whose entries are all excluded stands
    nowhere, and keeps what it needs to return.
    To a story that stood and has only `grown` the lead alone has to be compared with what it got:
    an article may come from a hundred sources.
    """
    if not unsettled:
        return
    writing.flush()
    connection = writing.connection
    rows = {row.number: row for row in rows_among(connection, _STORIES, unsettled)}
    found = _entries(connection, rows, unsettled, grown)
    standing: dict[int, dict[str, AnyRow]] = {number: {} for number in unsettled}
    for each in rows_among(connection, _STANDING, unsettled):
        standing[each.story][each.vertical] = each
    settled, again = [], []
    for number, what in unsettled.items():
        grows = number in grown
        if grows and all(k.entry.terms.excluded for k in grown[number]):
            continue  # no reader sees anything of them
        row, before = rows[number], standing[number]
        live = [] if row.by_operator else found[number]
        shown = [k for k in live if not k.entry.terms.excluded]
        if what.is_hidden and shown:
            continue  # nor of this
        lead = dedup.lead(shown).number if shown else row.lead
        # What corrects an article is not the lead before it comes.
        significant = what.revised is not None and what.revised in (row.lead, lead)
        updated = max(what.at, row.updated + timedelta(seconds=1)) if significant else row.updated
        settled.append({
            "of": number,
            "lead": lead,
            "updated": seconds(updated),
            "withdrawn_at": None if live else seconds(row.withdrawn_at or what.at),
            "changed_at": seconds(writing.stamp),
        })  # fmt: skip
        wanted = _by_vertical(shelved(k.entry for k in live))
        left = set() if grows else before.keys() - wanted.keys()
        writing.leave(row.id, {v: before[v].sequence for v in left}, withdrawn=not live)
        times = _times(row, [before[v].listed_at for v in before.keys() - left])
        times += [what.at] if significant else []
        times += _enter(writing, number, what, wanted.values(), before, shown)
        stands = (before.keys() - left) | wanted.keys()
        now = search.findable(map(given, shown), stands)
        listed_at = max(times) if stands else None
        writing.index.settle(number, row.rank, listed_at, now, only_grows=grows)
        if significant:
            again.append({"of": number, "at": seconds(what.at)})
        writing.touched.add(before.keys() - left, significant=significant)
        writing.touched.add(stands ^ before.keys(), significant=True)
    _SETTLE.run(connection, settled)
    writing.flush()
    _LIST_AGAIN.run(connection, again)


def _times(row: AnyRow, standing: list[datetime]) -> list[datetime]:
    """The times that count for the rank of a story that stands; it never falls meanwhile.

    That it got another source, or was listed again in a vertical that it has left, counts on.
    """
    return [*standing, time_of(row.rank)] if standing and row.rank is not None else standing


def _entries(
    connection: Connection,
    rows: Mapping[int, AnyRow],
    unsettled: Mapping[int, Unsettled],
    grown: Mapping[int, Sequence[KnownEntry]],
) -> dict[int, list[KnownEntry]]:
    """The entries that count, by story; of one that has only grown the lead, and what it got."""
    leads = entries(connection, [rows[number].lead for number in grown])
    found = live_entries(connection, unsettled.keys() - grown.keys())
    return found | {number: [leads[rows[number].lead], *got] for number, got in grown.items()}


def _enter(
    writing: Writing,
    number: int,
    what: Unsettled,
    wanted: Iterable[Assignment],
    before: Mapping[str, AnyRow],
    shown: Sequence[KnownEntry],
) -> list[datetime]:
    """Let a story stand where it does not yet; the times that its rank counts, if it stands."""
    entered = [a for a in wanted if a.vertical not in before]
    times = [what.position] if what.position and shown else []
    if entered:
        position = what.at if before else what.position or what.at
        size = written_size(encode(k.entry) for k in shown)
        writing.add_memberships(number, entered, position, size)
        times.append(position)
    return times


def _by_vertical(assignments: Iterable[Assignment]) -> dict[str, Assignment]:
    wanted: dict[str, Assignment] = {}
    for assignment in assignments:
        wanted.setdefault(assignment.vertical, assignment)
    return wanted


def giving(connection: Connection, sources: Collection[int]) -> list[int]:
    """Those of the sources that ever gave an entry."""
    return [row.number for row in rows_among(connection, _GIVING, sources)]


def place_again(writing: Writing, number: int, address: str, place: Place) -> int:
    """Shelve every entry of a source by new rules; how many that are.

    A story that enters a vertical so takes the place there that it would have had: the earlier of
    first seen and published.
    """
    rows = writing.connection.execute(
        select(entry.c.number, entry.c.story, entry.c.first_seen, entry.c.data)
        .where(entry.c.source == number)
        .order_by(entry.c.number)
    ).all()
    placed: list[dict[str, object]] = []
    unsettled: dict[int, Unsettled] = {}
    for row in rows:
        old = decode(row.data)
        placed_now = place(old, address)
        new = replace(old, verticals=placed_now.verticals, terms=placed_now.terms)
        if new == old:
            continue
        # Two entries of one story change it one after the other.
        if row.story in unsettled or len(unsettled) == _AT_ONCE:
            _write_placed(writing, placed, unsettled)
        placed.append({"of": row.number, "placed": encode(new)})
        unsettled[row.story] = Unsettled(at=min(old.published or row.first_seen, row.first_seen))
    _write_placed(writing, placed, unsettled)
    return len(rows)


def _write_placed(
    writing: Writing, placed: list[dict[str, object]], unsettled: dict[int, Unsettled]
) -> None:
    _PLACED.run(writing.connection, placed)
    settle(writing, unsettled)
    placed.clear()
    unsettled.clear()
