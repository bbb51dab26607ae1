"""The places of stories among all, by time: what searches list them by, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime

_NUMBERS = 31
"""The bits of a rank that tell stories of one second apart."""

_LEVELS = range(6, 25, 3)
"""Spans of 2**6 seconds, of eight times as many, and so on to half a year."""

_MOST_SPANS = 9


def rank_of(at: datetime, number: int) -> int:
    """The place of a story by a time and its number: the newest is the highest."""
    return (int(at.timestamp()) << _NUMBERS) | number


def time_of(rank: int) -> datetime:
    """The time of a rank."""
    return datetime.fromtimestamp(rank >> _NUMBERS, UTC)


def number_of(rank: int) -> int:
    """The story of a rank."""
    return rank & ((1 << _NUMBERS) - 1)


def spans_of(rank: int) -> str:
    """The spans of time that a rank lies in, as words."""
    seconds = rank >> _NUMBERS
    return " ".join(_span(level, seconds >> level) for level in _LEVELS)


def spans_between(low: int, high: int) -> list[str]:
    """Spans that hold every rank from `low` to before `high`, and not many others."""
    first, last = low >> _NUMBERS, (high - 1) >> _NUMBERS
    few = (n for n in _LEVELS if (last >> n) - (first >> n) < _MOST_SPANS)
    level = next(few, _LEVELS[-1])
    return [_span(level, number) for number in range(first >> level, (last >> level) + 1)]


def _span(level: int, number: int) -> str:
    return f"{level}-{number:x}"
