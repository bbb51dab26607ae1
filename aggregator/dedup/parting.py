"""All that hangs together, parted into articles: the same whatever came first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import combinations

from aggregator.dedup.links import WINDOW, Link, linked
from aggregator.dedup.texts import Told
from aggregator.model import KnownEntry

Pair = tuple[int, int]

_ONCE = Link(rule="", score=0.0, strength=(0, 0))


def parted(
    entries: Sequence[KnownEntry],
    together: Collection[Pair] = (),
    apart: Collection[Pair] = (),
    window: timedelta = WINDOW,
) -> list[list[KnownEntry]]:
    """The entries by the articles that they are.

    The surest links are followed first, as far as no article gets two entries of one source that
    are not linked themselves. `together` and `apart` are pairs of numbers of which the operator has
    said so. The outcome depends on what the entries say, and on no order or number of theirs.
    """
    ordered = sorted(entries, key=_name)
    told = {k.number: Told(k.entry) for k in ordered}
    links: dict[Pair, Link] = {}
    for one, other in combinations(ordered, 2):
        link = linked(told[one.number], one, other, window)
        if isinstance(link, Link):
            links[one.number, other.number] = link
        elif other.number == one.matched or one.number == other.matched:
            # It was the same when it came, whatever one of the two has become since.
            links[one.number, other.number] = _ONCE
    groups = _Groups(ordered, links, apart)
    for pair in together:
        groups.unite(*pair)
    place = {k.number: at for at, k in enumerate(ordered)}
    by_strength = sorted(
        links,
        key=lambda pair: (
            tuple(-each for each in links[pair].strength),
            sorted((place[pair[0]], place[pair[1]])),
        ),
    )
    for pair in by_strength:
        if groups.may_unite(*pair):
            groups.unite(*pair)
    return groups.all()


class _Groups:
    """Entries in groups, which unite."""

    def __init__(
        self, entries: Sequence[KnownEntry], links: Collection[Pair], apart: Collection[Pair]
    ) -> None:
        self._group = {k.number: [k] for k in entries}
        self._linked = {frozenset(pair) for pair in links}
        self._apart = {frozenset(pair) for pair in apart}

    def unite(self, one: int, other: int) -> None:
        """Make one group of the two that these entries are in."""
        if one not in self._group or other not in self._group:
            return
        into, gone = self._group[one], self._group[other]
        if into is not gone:
            into += gone
            for k in gone:
                self._group[k.number] = into

    def may_unite(self, one: int, other: int) -> bool:
        """Whether nothing tells against any two of both groups."""
        into, gone = self._group[one], self._group[other]
        return into is gone or not any(self._differ(a, b) for a in into for b in gone)

    def all(self) -> list[list[KnownEntry]]:
        """Every group, once."""
        return list({id(group): group for group in self._group.values()}.values())

    def _differ(self, one: KnownEntry, other: KnownEntry) -> bool:
        pair = frozenset((one.number, other.number))
        return pair in self._apart or (one.source == other.source and pair not in self._linked)


def _name(known: KnownEntry) -> tuple[object, ...]:
    """What orders entries without regard to when they came, the first published first.

    What arrives may have the key of another entry of its source still.
    """
    published = known.entry.published
    when = published.timestamp() if published else float("inf")
    return when, known.address, known.entry.key, known.entry.digest
