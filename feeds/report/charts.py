"""What a source brought day by day, as a picture that needs no script and no second request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.dates import long_date

HEIGHT = 24
"""Units of the tallest bar; each is `_WIDE` wide, and the next begins after `_STEP`."""

_STEP, _WIDE = 6, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars as the path of an SVG of `width` by `HEIGHT`, and what they say, in words."""

    path: str
    width: int
    label: str


def chart(days: Sequence[int], now: datetime) -> Chart:
    """A bar for each of these counts, of the days up to today, which is the last; none for 0."""
    most = max(days, default=0)
    bars = (
        f"M{place * _STEP} {HEIGHT}v-{_tall(count, most)}h{_WIDE}v{_tall(count, most)}z"
        for place, count in enumerate(days)
        if count
    )
    return Chart(path="".join(bars), width=_STEP * len(days), label=_label(days, most, now))


def _tall(count: int, most: int) -> int:
    return max(1, round(HEIGHT * count / most))


def _label(days: Sequence[int], most: int, now: datetime) -> str:
    if not most:
        return f"No new entries in {len(days)} days"
    back = next(back for back, count in enumerate(reversed(days)) if count == most)
    when = long_date(now - timedelta(days=back))
    total = sum(days)
    entries = "1 entry" if total == 1 else f"{total} entries"
    return f"{entries} in {len(days)} days, at most {most} on one day, {when}"
