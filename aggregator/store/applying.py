"""A changed configuration, brought to what the store holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, update

from aggregator.model import ALL
from aggregator.schema import source, vertical_state
from aggregator.settings import ArchiveLimits
from aggregator.store import stories
from aggregator.store.archives import Archives
from aggregator.store.remembered import remember, remembered
from aggregator.store.revisions import Touched
from aggregator.store.stories import Place
from aggregator.store.writing import Writing

_RULES = select(source.c.number, source.c.address, source.c.shelving).order_by(source.c.number)
_SHELVED = (
    update(source).where(source.c.number == bindparam("of")).values(shelving=bindparam("rules"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelving:
    """How entries are put on their shelves from now on.

    `rules` give, by a source's address, what stands for all that `place` goes by for it.
    """

    rules: Mapping[str, str]
    place: Place


def changed(connection: Connection, rules: Mapping[str, str]) -> dict[int, str]:
    """The numbers and addresses of the sources that were shelved by other rules."""
    rows = connection.execute(_RULES)
    return {n: address for n, address, was in rows if rules.get(address, was) != was}


def shelve(writing: Writing, shelving: Shelving, most: int | None) -> int:
    """Put the stories of sources anew on the shelves where the rules for them have changed.

    Source by source, in the order in which they came, until `most` entries were looked at or more.

    Returns:
        How many sources are left.
    """
    addresses = changed(writing.connection, shelving.rules)
    giving = stories.giving(writing.connection, addresses)
    done = addresses.keys() - giving
    looked_at = left = 0
    for number in giving:
        if most is not None and looked_at >= most:
            left += 1
            continue
        looked_at += stories.place_again(writing, number, addresses[number], shelving.place)
        done.add(number)
    if done:
        written = [{"of": n, "rules": shelving.rules[addresses[n]]} for n in done]
        writing.connection.execute(_SHELVED, written)
    return left


def cut_anew(connection: Connection, limits: ArchiveLimits) -> bool:
    """Close every archive when another number of stories fills them; whether it does.

    The archives of a union are counted off between the ends of its verticals': what was counted
    by one number stays as it was.
    """
    before = int(remembered(connection, "archive size") or limits.stories)
    remember(connection, "archive size", str(limits.stories))
    if before != limits.stories:
        archives = Archives(connection, replace(limits, stories=before))
        archives.close_all()
        archives.write()
    return before != limits.stories


def refresh(
    connection: Connection, made_with: str, verticals: Sequence[str], limits: ArchiveLimits
) -> Touched:
    """What is touched by what feeds are made with: all of it where that has changed."""
    is_cut = cut_anew(connection, limits)
    touched = remade(connection)
    missing = {ALL, *verticals}.difference(touched.verticals)
    if remembered(connection, "made with") == made_with and not is_cut:
        touched = Touched()
    touched.add(missing, significant=True)
    remember(connection, "made with", made_with)
    return touched


def remade(connection: Connection) -> Touched:
    """Every vertical that has a state, and all that its feeds hold."""
    touched = Touched(remade=True)
    touched.add(connection.scalars(select(vertical_state.c.vertical)), significant=False)
    return touched
