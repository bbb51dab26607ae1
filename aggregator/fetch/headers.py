"""The header fields of an answer that matter to a pull, read without trusting them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_MAX_AGE = re.compile(r'(?:^|,)[ \t]*max-age[ \t]*=[ \t]*"?([0-9]+)"?[ \t]*(?:,|$)', re.IGNORECASE)

_MOST_SECONDS = 2**31
"""What RFC 9111 1.2.2 takes a number of seconds for that is too large."""


@lru_cache(maxsize=128)  # all sources together say few different things
def max_age(cache_control: str) -> timedelta | None:
    """How long an answer stays fresh (RFC 9111 5.2.2.1), or None where it is not said."""
    found = _MAX_AGE.search(cache_control)
    return None if found is None else _seconds(found[1])


def retry_after(value: str, date: str, now: datetime) -> timedelta | None:
    """How long a 429 or 503 asks us to stay away (RFC 9110 10.2.3), or None where it does not.

    Args:
        value: Retry-After: seconds, or a date.
        date: the Date of the same answer, which the date counts from, so that a host whose clock
            is wrong gets what it means.
        now: our own time, for an answer without a Date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return _seconds(value)
    until = _http_date(value)
    if until is None:
        return None
    return max(until - (_http_date(date) or now), timedelta(0))


def _seconds(digits: str) -> timedelta:
    return timedelta(seconds=min(float(digits), _MOST_SECONDS))


def _http_date(text: str) -> datetime | None:
    """A date as HTTP writes it (RFC 9110 5.6.7), or None."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
