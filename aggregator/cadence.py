"""When to come again, and what the store is to remember of a pull."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified, SourceState
from aggregator.settings import PullSettings, Source

LONGEST_RETRY_AFTER = timedelta(days=30)

_SPREAD = 0.1
_STEPS = 997


def after(
    state: SourceState, result: FetchResult, source: Source, settings: PullSettings, now: datetime
) -> SourceState:
    """The state that a pull with this result leaves behind, its next pull included.

    A success counts from the source's interval, never below `min_interval` nor below the
    publisher's max-age (which counts up to `max_interval`). Failures back off, doubling up to a
    day, and never under what Retry-After asks (RFC 9110 10.2.3), up to thirty days. A 410 is final
    (RFC 9110 15.5.11). A source's pulls are moved apart from others' by its number.
    """
    state = replace(state, last_pull_at=now)
    match result:
        case Gone():
            gone = _failed(state, "answered 410 Gone: it has ended and is not asked again", now)
            return replace(gone, gone=True, next_pull_at=None)
        case Failed(reason=reason, retry_after=retry_after):
            left = _failed(state, reason, now)
            asked = min(retry_after or timedelta(), LONGEST_RETRY_AFTER)
            floor = max(settings.min_interval, asked)
            delay = max(_back_off(left.failures, source, settings), floor)
        case _:
            left = _succeeded(state, result, now)
            floor = max(
                settings.min_interval, min(result.max_age or timedelta(), settings.max_interval)
            )
            delay = max(source.interval or settings.interval, floor)
    return replace(
        left,
        earliest_pull_at=now + floor,
        next_pull_at=now + delay * (1 + _SPREAD * _share(state.source)),
    )


def unreadable(
    state: SourceState, reason: str, source: Source, settings: PullSettings, now: datetime
) -> SourceState:
    """The state after a document that is no feed: a failure, whose validators are forgotten.

    Kept validators would earn a 304 for a document that gave nothing, and hide the failure.
    """
    failed = after(state, Failed(reason=reason), source, settings, now)
    return replace(failed, etag=None, last_modified=None, body_hash=None)


def _succeeded(state: SourceState, result: Fetched | NotModified, now: datetime) -> SourceState:
    """A 200 replaces both validators, missing ones too; a 304 only those it carries."""
    keep = isinstance(result, NotModified)
    return replace(
        state,
        etag=result.etag or (state.etag if keep else None),
        last_modified=result.last_modified or (state.last_modified if keep else None),
        failures=0,
        failing_since=None,
        error=None,
        last_success_at=now,
        pulled=True,
        gone=False,
    )


def _failed(state: SourceState, reason: str, now: datetime) -> SourceState:
    return replace(
        state,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        error=reason,
    )


def _back_off(failures: int, source: Source, settings: PullSettings) -> timedelta:
    first = max(source.interval or settings.interval, settings.min_interval)
    return min(first * (1 << min(failures - 1, 16)), max(first, timedelta(days=1)))


def _share(number: int) -> float:
    """A fixed share of the spread for each source: a restart moves nobody's turn."""
    return number * 619 % _STEPS / _STEPS
