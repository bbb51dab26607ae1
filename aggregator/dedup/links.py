"""What makes two entries the same article: one rule of a few, the surest first.

A link is of the two entries alone, whichever came first and whatever else there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aggregator.dedup.texts import CONTAINED_SHORT, Likeness, Told, likeness
from aggregator.model import KnownEntry
from aggregator.signature import is_correction

ADDRESS = "same address"
SEED_AND_LIVE = "same title, publication and date as a seed"
SAME_FILE = "same seed file under another name"
TEXT = "same text"
CORRECTED = "corrected"

WINDOW = timedelta(hours=72)
"""How far apart in time one article may come from two sources, where config.toml says nothing."""

_SEED_DATES_APART = timedelta(days=2)
_AT_ONCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two entries are the same article, by this rule; the higher the `strength`, the surer."""

    rule: str
    score: float
    strength: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """Two entries are not the same article, however much they are like it: why."""

    reason: str
    score: float


def link(one: KnownEntry, other: KnownEntry, window: timedelta = WINDOW) -> Link | Unlike | None:
    """What makes them the same article, or why they are not where they are alike; else nothing."""
    return linked(Told(one.entry), one, other, window)


def linked(
    told: Told, one: KnownEntry, other: KnownEntry, window: timedelta
) -> Link | Unlike | None:
    """The same, where what is `told` by the one is known already."""
    if not (one.entry.terms.merge and other.entry.terms.merge):
        return None
    if one.source == other.source:
        return _at_home(told, one, other, window)
    return by_name(one, other) or _elsewhere(told, one, other, window)


def by_name(one: KnownEntry, other: KnownEntry) -> Link | None:
    """What makes two entries of different sources the same article, whatever their texts are."""
    here, there = one.entry, other.entry
    if one.source == other.source or not (here.terms.merge and there.terms.merge):
        return None
    if one.is_seed and other.is_seed and here.digest == there.digest:
        return Link(rule=SAME_FILE, score=1.0, strength=(5, 0))
    if _seed_and_live(one, other):
        nearness = -_apart(one, other).total_seconds()
        return Link(rule=SEED_AND_LIVE, score=1.0, strength=(4, nearness))
    if here.address_key and here.address_key == there.address_key:
        titled = bool(here.title_key) and here.title_key == there.title_key
        return Link(rule=ADDRESS, score=1.0, strength=(3, titled))
    return None


def _elsewhere(
    told: Told, one: KnownEntry, other: KnownEntry, window: timedelta
) -> Link | Unlike | None:
    """Of two sources: the same text."""
    if not _in_time(one, other, window):
        return None
    that = Told(other.entry)
    link = _by_text(likeness(told, that, at_home=False), TEXT, 1)
    return link if isinstance(link, Unlike) or told.may_be_found_by(that) else None


def _at_home(
    told: Told, one: KnownEntry, other: KnownEntry, window: timedelta
) -> Link | Unlike | None:
    """Of one source: a re-send that corrects, or the same text under the same title."""
    if not _in_time(one, other, window):
        return None
    here, there = one.entry, other.entry
    if is_correction(here.title) or is_correction(there.title):
        that = Told(there)
        found = likeness(told, that, at_home=False)
        is_titled = here.title_key == there.title_key != ""
        if is_titled or (found.score >= CONTAINED_SHORT and told.may_be_found_by(that)):
            return Link(rule=CORRECTED, score=max(found.score, 0.9), strength=(2, found.score))
        return None
    if not here.title_key or here.title_key != there.title_key:
        return None
    if not (here.address_key and there.address_key and _at_once(one, other)):
        # A log without pages says the same again when it happens again (areweanticheatyet.com), and
        # a rubric stands under one title and one text every day.
        return None
    return _by_text(likeness(told, Told(there), at_home=True), TEXT, 2)


def _by_text(found: Likeness, rule: str, strength: float) -> Link | Unlike:
    if found.against is not None:
        return Unlike(reason=found.against, score=found.score)
    return Link(rule=rule, score=found.score, strength=(strength, found.score))


def _in_time(one: KnownEntry, other: KnownEntry, window: timedelta) -> bool:
    """Whether both may have come out within the window; without a date nothing tells against it."""
    here, there = one.entry.published, other.entry.published
    return here is None or there is None or abs(here - there) <= window


def _at_once(one: KnownEntry, other: KnownEntry) -> bool:
    here, there = one.entry.published, other.entry.published
    return here is not None and there is not None and abs(here - there) <= _AT_ONCE


def _seed_and_live(one: KnownEntry, other: KnownEntry) -> bool:
    """A seed and its live entry have no address in common: title, publication and date tell."""
    if not (one.is_seed or other.is_seed) or not one.entry.title_key:
        return False
    if one.entry.title_key != other.entry.title_key:
        return False
    if not set(one.entry.publication_keys) & set(other.entry.publication_keys):
        return False
    return _apart(one, other) <= _SEED_DATES_APART


def _apart(one: KnownEntry, other: KnownEntry) -> timedelta:
    here, there = (k.entry.published or k.first_seen for k in (one, other))
    return abs(here - there)
