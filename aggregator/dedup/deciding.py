"""Entry + what the store knows → Decision: one story once, whatever brought it.

Three questions are kept apart: the same entry again (same source), which is revised in place; the
same article elsewhere (another source, a seed and its live entry, a copy of its text), which is
merged; and what only tells of the same event, which is neither. A wrong merge hides an article from
its readers, so precision comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from types import MappingProxyType

from aggregator.dedup.again import same_entry
from aggregator.dedup.links import CORRECTED, WINDOW, Link, Unlike, by_name, linked
from aggregator.dedup.texts import Told
from aggregator.model import (
    Company,
    Contested,
    Decision,
    Joined,
    KnownEntry,
    Merged,
    Near,
    New,
    Revised,
    Unchanged,
)

_NEAR, _MOST_NEAR = 0.3, 3
"""From which score on an entry is remembered that was not merged, and how many at most."""


def decide(
    arriving: KnownEntry,
    *,
    known: Sequence[KnownEntry],
    given: Collection[int] = (),
    company: Mapping[int, Company] = MappingProxyType({}),
    window: timedelta = WINDOW,
) -> Decision:
    """What an arriving entry, which has no number and no story yet, is to those of the store.

    `known` are the entries that share its key in its source, its address or its title with it, or
    have a text like its own; any others do not matter. `given` are the numbers of those that are
    other items of the same document, and so no earlier form of this one. `company` tells of the
    stories of the others. Of stories that turn out to be one, the first seen keeps its id. Within
    `window` one article comes from two sources.
    """
    if again := _again(arriving, known, given):
        return again
    found = _compared(arriving, known, window)
    links = [(k, link) for k, link in found if isinstance(link, Link)]
    near = tuple(_near(found, {k.story for k, _ in links}))
    if not links:
        return New(near=near)
    if _contested(arriving.source, links, company):
        return Contested(like=tuple(k.number for k, _ in links))
    best, link = max(links, key=lambda each: (each[1].strength, -each[0].number))
    kept, *retired = _oldest_first(k for k, _ in links)
    if retired:
        return Joined(
            kept=kept,
            retired=tuple(retired),
            rule=link.rule,
            score=link.score,
            like=best.number,
            corrects=link.rule == CORRECTED,
            near=near,
        )
    return Merged(
        story=kept,
        rule=link.rule,
        score=link.score,
        like=best.number,
        corrects=link.rule == CORRECTED,
        near=near,
    )


def joined(
    revised: KnownEntry,
    *,
    known: Sequence[KnownEntry],
    company: Mapping[int, Company],
    window: timedelta = WINDOW,
) -> Joined | None:
    """The stories that turn out to be one by what an entry has become, if one can hold them all."""
    found = _compared(revised, [k for k in known if k.story != revised.story], window)
    links = [(k, link) for k, link in found if isinstance(link, Link)]
    own = (revised, Link(rule="", score=1.0, strength=(0, 0)))
    if not links or _contested(revised.source, [own, *links], company):
        return None
    best, link = max(links, key=lambda each: (each[1].strength, -each[0].number))
    kept, *retired = _oldest_first([revised, *(k for k, _ in links)])
    return Joined(
        kept=kept, retired=tuple(retired), rule=link.rule, score=link.score, like=best.number
    )


def _compared(
    one: KnownEntry, known: Sequence[KnownEntry], window: timedelta
) -> list[tuple[KnownEntry, Link | Unlike | None]]:
    """What links an entry to these, or tells against it.

    Texts are read last, and of a story that it is linked to none of another source: they would only
    say the same again.
    """
    named = [(k, by_name(one, k)) for k in known]
    found: list[tuple[KnownEntry, Link | Unlike | None]] = [(k, link) for k, link in named if link]
    stories = {k.story for k, _ in found}
    told = Told(one.entry)
    for k, link in named:
        if link or (k.story in stories and k.source != one.source):
            continue
        by_text = linked(told, one, k, window)
        found.append((k, by_text))
        if isinstance(by_text, Link):
            stories.add(k.story)
    return found


def _again(
    arriving: KnownEntry, known: Sequence[KnownEntry], given: Collection[int]
) -> Unchanged | Revised | None:
    entry = arriving.entry
    earlier = [k for k in known if k.source == arriving.source and k.number not in given]
    same = same_entry(entry, earlier)
    if same is None:
        return None
    if same.entry.digest == entry.digest:
        return Unchanged(entry=same.number)
    # What it has said before is an old copy: servers that share a load do not agree.
    said = same.entry.gist == entry.gist or entry.gist in same.told
    return Revised(entry=same.number, significant=not said)


def _contested(
    source: int, links: Sequence[tuple[KnownEntry, Link]], company: Mapping[int, Company]
) -> bool:
    """Whether one story cannot hold all of these.

    Two entries of one source are two articles, unless they are linked themselves; and what the
    operator keeps apart is.
    """
    linked_at_home = sum(k.source == source for k, _ in links)
    stories = {k.story: company.get(k.story, Company()) for k, _ in links}
    if sum(who.sources.count(source) for who in stories.values()) > linked_at_home:
        return True
    return any(
        one in stories[other].apart or {*stories[one].sources} & {*stories[other].sources}
        for one, other in combinations(stories, 2)
    )


def _near(
    found: Iterable[tuple[KnownEntry, Link | Unlike | None]], stories: Collection[int]
) -> Iterator[Near]:
    """The entries of other stories that are most like what arrives, the most alike first."""
    unlike = [
        (k, why)
        for k, why in found
        if isinstance(why, Unlike) and why.score >= _NEAR and k.story not in stories
    ]
    unlike.sort(key=lambda each: (-each[1].score, each[0].number))
    for k, why in unlike[:_MOST_NEAR]:
        yield Near(entry=k.number, reason=why.reason, score=why.score)


def _oldest_first(known: Iterable[KnownEntry]) -> list[int]:
    """Their stories, those first whose ids readers know: of an excluded entry none does."""
    ordered = sorted(known, key=lambda k: (bool(k.entry.terms.excluded), k.first_seen, k.story))
    return list(dict.fromkeys(k.story for k in ordered))
