"""When a source is likely to have published, told by the times of what it published before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import cbrt, sqrt

from aggregator.model import Habits, SourceState, Wishes
from aggregator.settings import PullSettings

MOST_KNOWN = 32
"""Times that are kept of a source: 256 bytes, and a month of one that publishes daily."""

ENOUGH = 3
"""Times that must be known before they say anything."""

_HOUR = 3600
_DAY = 24 * _HOUR

_STEADY = 0.3
"""The share of what is expected that may come at any time of the day: habits change."""

_COST = 0.104
"""What a request costs: so many entries that wait for an hour, of a source that brings one a day.

It grows with the cube root of how many a day brings, or the busiest sources, which gain least by
it, would take most requests; and with that of `interval` and of `min_interval` squared: who lets us
ask often wants to know early. The figures were chosen by playing through years of publishing.
"""

_FRESH = 2 * _HOUR
"""How far back publishing counts as going on just now."""

_PATIENCE = 3 * _DAY
"""A silence that is nothing unusual: a long weekend."""


_HABIT = 8
"""Times that must be known before a silence can be called unusual."""

_MUCH_LONGER = 3
"""How many times the longest pause that is known a silence must last to be unusual."""


def silent_since(habits: Habits, now: datetime) -> datetime | None:
    """Since when a source is silent for much longer than it ever was; None where it is not.

    That is three times the longest pause between the entries that are known of it, and more than a
    long weekend. Of one that has published next to nothing yet nobody knows what is unusual.
    """
    published = habits.published
    if len(published) < _HABIT:
        return None
    longest = max(after - before for before, after in pairwise(published))
    silence = now.timestamp() - published[-1]
    if silence <= max(_MUCH_LONGER * longest, _PATIENCE):
        return None
    return datetime.fromtimestamp(published[-1], UTC)


def fallen_silent_since(habits: Habits, first: datetime | None, now: datetime) -> datetime | None:
    """The same of a source that gave its first entry at `first`, if it was not silent then already.

    Who adds a source that has rested for years is not to be told so.
    """
    was_silent = first is not None and silent_since(habits, first)
    return None if was_silent else silent_since(habits, now)


def learn(
    state: SourceState, arrived: Sequence[datetime], wishes: Wishes | None, now: datetime
) -> Habits:
    """The habits of a source after a pull that brought entries published at these times.

    What a first pull brings is history, and each time in it counts; an undated entry (`now`) says
    nothing there. Later, an entry dated before the last success came all the same between the two
    pulls, and so did an undated one: each counts at the middle of that time, for many sources give
    a date alone, which reads as midnight. One that is dated a day before or more is an old entry
    that surfaced, and one under a known time an entry that was edited: neither counts.
    """
    habits = state.habits
    published = habits.published
    if arrived:
        times = [int(time.timestamp()) for time in arrived]
        present = int(now.timestamp())
        if state.pulled and state.last_success_at:
            since = int(state.last_success_at.timestamp())
            new = _appeared(times, set(published), since, present)
        else:
            new = {time for time in times if time < present}
        published = tuple(sorted(new.union(published))[-MOST_KNOWN:])
    if wishes is None:
        wishes = habits.wishes
    if published == habits.published and wishes == habits.wishes:
        return habits
    return Habits(wishes=wishes, published=published)


def _appeared(times: Sequence[int], known: set[int], since: int, present: int) -> set[int]:
    middle = (since + present) // 2
    new = set()
    for time in times:
        if since < time < present:
            new.add(time)
        elif since - _DAY < time <= present and (time not in known or time % _DAY == 0):
            new.add(middle)
    return new


def expected_wait(published: Sequence[int], now: int, settings: PullSettings) -> float | None:
    """Seconds from `now` until a pull is worth its request, None where too little is known.

    A pull is worth it when what has probably been published since `now` will have waited, all
    taken together, as long as a request costs. Most of the coming day is expected to be as the
    past days were: each known entry comes again at its time of the day, once in as many days as
    are known; the rest comes evenly. Both rise while the source publishes more than it used to, and
    fall as a silence grows. `published` and `now` are seconds since 1970, oldest first.
    """
    count = len(published)
    if count < ENOUGH:
        return None
    shortest = settings.min_interval.total_seconds()
    longest = settings.max_interval.total_seconds()
    span = max(now - published[0], _DAY if count < MOST_KNOWN else _HOUR)
    rate = count / span
    ours = settings.interval.total_seconds() * shortest * shortest
    cost = _COST * cbrt(ours * rate * _DAY)
    vigour = _vigour(published, now, rate)
    # Where all known times lie within a day, its other hours may be quiet or not: nobody knows.
    even = _STEADY if span >= _DAY else 2 * _STEADY
    steady = even * vigour * rate / 2
    if steady * shortest * shortest >= cost:
        return shortest
    each = (1 - even) * vigour * min(1.0, _DAY / span)
    coming = sorted([(time - now) % _DAY for time in published])
    if longest > _DAY:
        days = range(0, int(longest) + 1, _DAY)
        coming = [time + day for day in days for time in coming]
    passed = total = 0
    for time in coming:
        if steady * time * time + each * (passed * time - total) >= cost:
            break
        passed += 1
        total += time
    # steady x² + each (passed x - total) = cost: between two expected entries it is a parabola.
    slope = each * passed
    wait = (sqrt(slope * slope + 4 * steady * (each * total + cost)) - slope) / (2 * steady)
    return min(max(wait, shortest), longest)


def _vigour(published: Sequence[int], now: int, rate: float) -> float:
    """How much livelier (above 1) or quieter the source is just now than it is on the whole."""
    fresh = 0
    while fresh < len(published) and published[-1 - fresh] > now - _FRESH:
        fresh += 1
    usual = min(rate * _FRESH, len(published))
    vigour = (fresh + 1) / (usual + 1)
    silence = (now - published[-1] - _PATIENCE) * rate
    return vigour * 2 / silence if silence > 2 else vigour  # noqa: PLR2004 - twice the usual gap
