"""How the publisher of a document asks to be polled (RSS 2.0; RSS 1.0's Syndication module)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aggregator.model import NO_WISHES, Wishes
from aggregator.parse.details import string

SKIPPED = "skipped "
"""Before `hour` and `day`: the keys of feedparser's feed under which those to skip are listed."""

_PERIODS: Mapping[str, timedelta] = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = tuple(map(str, range(24)))
_MOST_DIGITS = 7


def read(feed: Mapping[str, Any], *, rss: bool) -> Wishes:
    """What the head of an XML feed says, as feedparser and `recording` give it.

    Junk says nothing, and no more does a document that skips every hour or every day. `ttl` and the
    two lists are RSS's own (`rss`).
    """
    asked = (_lifetime(feed) if rss else None, _update_interval(feed))
    interval = max(filter(None, asked), default=None)
    # RSS 0.91 counts the hours from 1 to 24.
    hours = [hour.lstrip("0") or "0" for hour in feed.get(f"{SKIPPED}hour", ()) if rss]
    days = [day.lower() for day in feed.get(f"{SKIPPED}day", ()) if rss]
    wishes = Wishes(
        interval=interval,
        skip_hours=_places(["0" if hour == "24" else hour for hour in hours], _HOURS),
        skip_days=_places(days, _DAYS),
    )
    return NO_WISHES if wishes == NO_WISHES else wishes


def _lifetime(feed: Mapping[str, Any]) -> timedelta | None:
    minutes = _number(feed.get("ttl"))
    return timedelta(minutes=minutes) if minutes else None


def _update_interval(feed: Mapping[str, Any]) -> timedelta | None:
    """A period and how often in it; where one is said, the other is `daily` or once."""
    period = _PERIODS.get((string(feed.get("sy_updateperiod")) or "").lower())
    frequency = _number(feed.get("sy_updatefrequency"))
    if not (period or frequency):
        return None
    seconds = (period or _PERIODS["daily"]) // timedelta(seconds=1)
    return timedelta(seconds=seconds // (frequency or 1)) or None


def _number(value: object) -> int | None:
    said = string(value) or ""
    return int(said) if said.isdecimal() and len(said) <= _MOST_DIGITS else None


def _places(said: list[str], names: tuple[str, ...]) -> tuple[int, ...]:
    """The places among the names of those that are said, in order; none if all of them are."""
    found = tuple(place for place, name in enumerate(names) if name in said)
    return found if len(found) < len(names) else ()
