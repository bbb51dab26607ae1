"""Since when a source is silent for longer than it ever was."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.cadence import silent_since
from aggregator.model import Habits
from tests.builders import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def habits(pauses: list[timedelta]) -> Habits:
    """Of a source that published now, and before that with these pauses between, newest first."""
    times = [NOW]
    for pause in pauses:
        times.append(times[-1] - pause)
    return Habits(published=tuple(sorted(int(time.timestamp()) for time in times)))


@pytest.mark.parametrize(
    ("pauses", "usual"),
    [
        ([DAY] * 7, 3 * DAY),
        ([DAY, 4 * DAY, *[DAY] * 5], 12 * DAY),
        ([HOUR] * 31, 3 * DAY),
        ([30 * HOUR] * 31, 90 * HOUR),
    ],
    ids=["daily", "with one pause", "hourly: a long weekend is nothing unusual", "slow"],
)
def test_a_silence_is_unusual_once_it_lasts_three_times_the_longest_pause(
    pauses: list[timedelta], usual: timedelta
) -> None:
    known = habits(pauses)
    second = timedelta(seconds=1)
    told: list[datetime | None] = [
        silent_since(known, NOW + after) for after in (HOUR, usual, usual + second, 99 * usual)
    ]
    assert told == [None, None, NOW, NOW]


def test_of_a_source_that_published_next_to_nothing_nobody_knows_what_is_unusual() -> None:
    assert silent_since(Habits(), NOW) is None
    assert silent_since(habits([HOUR] * 6), NOW + 999 * DAY) is None
