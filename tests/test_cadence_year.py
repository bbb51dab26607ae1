"""A year of publishing, and a host that refuses, both played through on a scripted clock."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import accumulate, count
from math import exp
from pathlib import Path
from random import Random

import pytest

from aggregator import cadence
from aggregator.model import Fetched, FetchResult, NotModified, SourceState
from aggregator.settings import PullSettings, Source

ROOT = Path(__file__).parent.parent
SERIES = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus")) / "series"
PULLING = ROOT / "docs" / "pulling.md"

MINUTE, HOUR, DAY = 60, 3600, 86400
WEEK, YEAR = 7 * DAY, 365 * DAY
BEGIN = 20_500 * DAY
"""Seconds since 1970: a Thursday in February 2026."""
END = BEGIN + YEAR

URL = "https://example.org/feed"
SOURCE = Source(address=URL)
DEFAULT = PullSettings()
QUARTER = PullSettings(min_interval=timedelta(minutes=15))

# ---- sources: the seconds since 1970 at which each publishes, some of them before the year -------


def poisson(seed: int, a_day: float) -> list[int]:
    """At any time, whatever came before."""
    random = Random(seed)
    gaps = (random.expovariate(a_day / DAY) for _ in count())
    return until_end(accumulate(gaps, initial=BEGIN - 90 * DAY))


def diurnal(seed: int, a_day: float, utc_offset: int) -> list[int]:
    """Around noon of some place, and little at the weekend."""
    random = Random(seed)
    return [
        time
        for time in poisson(seed, a_day * 4)
        if random.random() < _business(time + utc_offset * HOUR)
    ]


def _business(time: int) -> float:
    from_noon = (time % DAY) / HOUR - 12.5
    working_day = (time // DAY + 3) % 7 < 5
    return exp(-((from_noon / 4) ** 2)) * (1.0 if working_day else 0.15) + 0.01


def bursty(seed: int, a_day: float, size: int) -> list[int]:
    """Now and then, but then about `size` at once, some twenty minutes apart."""
    random = Random(seed)
    times: list[float] = []
    for burst in poisson(seed, a_day / size):
        gaps = [
            random.expovariate(1 / (20 * MINUTE)) for _ in range(int(random.gammavariate(size, 1)))
        ]
        times += accumulate(gaps, initial=float(burst))
    return until_end(iter(sorted(times)))


def until_end(times: Iterator[float]) -> list[int]:
    taken = []
    for time in times:
        if time >= END:
            break
        taken.append(int(time))
    return taken


@cache
def series() -> list[list[int]]:
    """The dates of real feeds, moved by whole weeks so that their last year is the year played."""
    if not SERIES.is_dir():
        return []
    dated = []
    for folder in sorted(SERIES.iterdir()):
        texts = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        dates = re.findall(rb"<(?:pubDate|published)>([^<]+)<", texts)
        times = sorted({int(_date(date.decode()).timestamp()) for date in dates})
        later = (END - times[-1]) // WEEK * WEEK
        dated.append([time + later for time in times])
    return dated


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)


REAL, ALL = "real feeds", "all together"

KINDS: dict[str, Callable[[], list[list[int]]]] = {
    "at any time": lambda: [poisson(1, 1 / 7), poisson(2, 1), poisson(3, 4), poisson(4, 16)],
    "by day": lambda: [diurnal(5, 0.5, 0), diurnal(6, 2, 8), diurnal(7, 8, -5), diurnal(8, 24, 1)],
    "in bursts": lambda: [bursty(9, 0.5, 4), bursty(10, 1, 8), bursty(11, 4, 6), bursty(12, 8, 20)],
    REAL: series,
}

# ---- a year -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Played:
    """Requests, entries that were waited for, and the seconds that they waited in all."""

    requests: int = 0
    entries: int = 0
    waited: int = 0

    def __add__(self, other: Played) -> Played:
        return Played(
            self.requests + other.requests,
            self.entries + other.entries,
            self.waited + other.waited,
        )


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def played(times: list[int], number: int, settings: PullSettings) -> Played:
    """A year of pulling one source."""
    seen = begun = bisect_right(times, BEGIN)
    requests = waited = 0
    for now in pulls(times, number, settings):
        requests += 1
        upto = bisect_right(times, now, seen)
        waited += now * (upto - seen) - sum(times[seen:upto])
        seen = upto
    return Played(requests, seen - begun, waited)


def pulls(times: list[int], number: int, settings: PullSettings) -> Iterator[int]:
    """When one source is asked in the year, after a first pull at its beginning."""
    new: FetchResult = Fetched(url=URL, body=b"", etag='"a"')
    same = NotModified()
    seen = bisect_right(times, BEGIN)
    arrived, result, now = times[max(seen - 40, 0) : seen], new, BEGIN
    state = SourceState(source=number)
    while now < END:
        state = cadence.after(
            state, result, SOURCE, settings, at(now), arrived=[at(time) for time in arrived]
        )
        assert state.next_pull_at
        now = int(state.next_pull_at.timestamp())
        yield now
        upto = bisect_right(times, now, seen)
        arrived, seen = times[seen:upto], upto
        result = new if arrived else same


def hourly(times: list[int]) -> Played:
    """The same year, asked once an hour: an entry waits for half of it, on the mean."""
    entries = len(times) - bisect_right(times, BEGIN)
    return Played(YEAR // HOUR, entries, entries * HOUR // 2)


@cache
def year(settings: PullSettings) -> dict[str, tuple[Played, Played]]:
    """What we did in the year and what hourly requests would have, by kind and all together."""
    years = {}
    for kind, made in KINDS.items():
        sources = made()
        ours = (played(times, number, settings) for number, times in enumerate(sources))
        years[kind] = sum(ours, Played()), sum(map(hourly, sources), Played())
    ours_in_all, hourly_in_all = zip(*years.values(), strict=True)
    years[ALL] = sum(ours_in_all, Played()), sum(hourly_in_all, Played())
    return years


def share(kind: str, settings: PullSettings) -> float:
    """Our requests in parts of the hourly ones."""
    ours, theirs = year(settings)[kind]
    return ours.requests / theirs.requests


def delay(kind: str, settings: PullSettings) -> float:
    """Minutes from publication to the pull that sees it, on the mean."""
    ours, _ = year(settings)[kind]
    return ours.waited / ours.entries / MINUTE


def has_series() -> None:
    if not series():
        pytest.skip(f"no series of real feeds at {SERIES}")


@pytest.mark.parametrize("kind", [*KINDS, ALL])
def test_at_the_default_floor_half_the_requests_cost_at_most_twice_the_hourly_delay(
    kind: str,
) -> None:
    if kind == REAL:
        has_series()
    assert share(kind, DEFAULT) <= 0.5
    assert delay(kind, DEFAULT) <= 2 * 30


def test_at_a_floor_of_15_minutes_60_percent_of_the_requests_see_entries_as_soon_as_hourly() -> (
    None
):
    has_series()  # the mix is of all kinds: most real feeds are quiet
    assert share(ALL, QUARTER) <= 0.6
    assert delay(ALL, QUARTER) <= 30


def test_the_figures_stand_in_the_documentation() -> None:
    has_series()
    page = PULLING.read_text()
    for kind in (*KINDS, ALL):
        figures = " | ".join(
            f"{share(kind, settings):.0%} | {delay(kind, settings):.0f} min"
            for settings in (DEFAULT, QUARTER)
        )
        assert f"| {kind} | {figures} |" in page


def test_a_source_that_falls_silent_is_asked_less_and_less_up_to_the_longest_interval() -> None:
    busy = poisson(1, 24)
    silent = busy[: bisect_right(busy, BEGIN)]
    asked = list(pulls(silent, 0, DEFAULT))
    by_month = [
        sum(begin <= pull - BEGIN < begin + 30 * DAY for pull in asked)
        for begin in range(0, YEAR, 30 * DAY)
    ]
    assert by_month[0] > 3 * by_month[-1]
    assert by_month[:-1] == sorted(by_month[:-1], reverse=True)


def test_a_source_that_wakes_up_is_noticed_within_a_day_and_then_followed() -> None:
    busy = poisson(1, 24)
    slept = busy[: bisect_right(busy, BEGIN)]
    woke = BEGIN + 300 * DAY
    again = slept + [time for time in busy if time >= woke]
    asked = [pull for pull in pulls(again, 0, DEFAULT) if pull >= woke]
    assert asked[0] - woke <= DAY * 1.1
    assert asked[48] - asked[24] <= 30 * HOUR
