"""When a source is asked again, and what its state is after a pull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from aggregator.cadence.rhythm import expected_wait, learn
from aggregator.cadence.wishes import past_skipped
from aggregator.model import (
    Failed,
    Fetched,
    FetchResult,
    Gone,
    Habits,
    NotModified,
    SourceState,
    Wishes,
)
from aggregator.settings import PullSettings, Source

LONGEST_RETRY_AFTER = timedelta(days=30)
"""What a Retry-After counts up to (RFC 9110 10.2.3); then there is one try."""

SETTLED = 3
"""Successes in a row that must be redirected for good to one address before it is the source's."""

_DAY = timedelta(days=1)
_NOTHING = timedelta()
_FIRST_BACK_OFF = timedelta(minutes=1)

_GROWTH = 1.25
"""How much longer each wait is than the last while too little is known and nothing comes."""

_SPREAD = 0.1
_STEPS = 997
_LONGEST_SPREAD = 600.0
"""Seconds; a pull that is timed by the source's habits must not drift away from them."""


def after(  # noqa: PLR0913 - what came of the document is two things, and often neither is known
    state: SourceState,
    result: FetchResult,
    source: Source,
    settings: PullSettings,
    now: datetime,
    *,
    arrived: Sequence[datetime] = (),
    wishes: Wishes | None = None,
) -> SourceState:
    """The state that a pull with this result leaves behind, its next pull included.

    A success comes again when its habits say so, within `min_interval` and `max_interval`, or after
    its own `interval` where the operator set one; a publisher's max-age, ttl and skipped hours and
    days lengthen that, up to `max_interval`. Failures back off, doubling up to a day, and never
    under what Retry-After asks, up to thirty days. A 429 is no poll: it comes back as soon as the
    host allows. A 410 is final (RFC 9110 15.5.11). A source's pulls are moved apart from others' by
    its number.

    `arrived` says when the entries that the source had not given before were published, `now` for
    those that do not say; `wishes` is what the document says, None where it was not read.
    """
    match result:
        case Gone():
            gone = _failed(state, "answered 410 Gone: it has ended and is not asked again", now)
            floor = now + settings.min_interval  # who names it asks it again, but not at once
            return replace(gone, gone=True, next_pull_at=None, earliest_pull_at=floor)
        case Failed():
            return _put_off(_failed(state, result.reason, now), result, source, settings, now)
        case _:
            habits = learn(state, arrived, wishes, now) if arrived or wishes else state.habits
            return _succeeded(state, result, source, settings, now, habits)


def unreadable(
    state: SourceState, reason: str, source: Source, settings: PullSettings, now: datetime
) -> SourceState:
    """The state after a document that is no feed: a failure, whose validators are forgotten.

    Kept validators would earn a 304 for a document that gave nothing, and hide the failure.
    """
    failed = after(state, Failed(reason=reason), source, settings, now)
    return replace(failed, etag=None, last_modified=None, body_hash=None, given=None)


def _succeeded(
    state: SourceState,
    result: Fetched | NotModified,
    source: Source,
    settings: PullSettings,
    now: datetime,
    habits: Habits,
) -> SourceState:
    """A 200 replaces both validators, missing ones too; a 304 only those it carries."""
    etag, last_modified = result.etag, result.last_modified
    if isinstance(result, NotModified):
        etag = etag or state.etag
        last_modified = last_modified or state.last_modified
    moved_to, moving_to, moving_pulls = _moved(state, result.moved_to, source)
    floor = settings.min_interval
    if result.max_age:
        floor = max(floor, min(result.max_age, settings.max_interval))
    least = floor.total_seconds()
    if not (etag or last_modified or source.interval):
        least = max(least, min(_DAY, settings.max_interval).total_seconds())
    if habits.wishes.interval:
        least = max(least, min(habits.wishes.interval, settings.max_interval).total_seconds())
    wait, spread = _wait(state, source, settings, now, habits)
    if wait < least:
        wait, spread = least, _SPREAD * least
    return replace(
        state,
        moved_to=moved_to,
        moving_to=moving_to,
        moving_pulls=moving_pulls,
        etag=etag,
        last_modified=last_modified,
        failures=0,
        failing_since=None,
        error=None,
        last_pull_at=now,
        last_success_at=now,
        next_pull_at=_turn(state.source, wait, spread, habits.wishes, settings, now),
        earliest_pull_at=now + floor,
        pulled=True,
        gone=False,
        habits=habits,
    )


def _moved(
    state: SourceState, target: str | None, source: Source
) -> tuple[str | None, str | None, int]:
    """`moved_to`, `moving_to` and `moving_pulls` after a success redirected for good to `target`.

    Back at the configured address, the source has not moved at all.
    """
    if target is None:
        return state.moved_to, None, 0
    pulls = state.moving_pulls + 1 if target == state.moving_to else 1
    if pulls < SETTLED:
        return state.moved_to, target, pulls
    return None if target == source.address else target, None, 0


def _wait(
    state: SourceState, source: Source, settings: PullSettings, now: datetime, habits: Habits
) -> tuple[float, float]:
    """Seconds until a source that answered well is worth asking, and how far that may be moved.

    The operator's own `interval` stands. One of which too little is known begins at `[pull]
    interval`, and waits longer each time that it brings nothing.
    """
    if source.interval:
        wait = source.interval.total_seconds()
        return wait, _SPREAD * wait
    expected = expected_wait(habits.published, int(now.timestamp()), settings)
    if expected is not None:
        # At the longest wait stand all that are silent: those may move as far as any other.
        timed = expected < settings.max_interval.total_seconds()
        spread = _SPREAD * expected
        return expected, min(spread, _LONGEST_SPREAD) if timed else spread
    wait = settings.interval.total_seconds()
    if state.last_pull_at and habits is state.habits:
        passed = (now - state.last_pull_at).total_seconds()
        wait = max(wait, min(_GROWTH * passed, settings.max_interval.total_seconds()))
    return wait, _SPREAD * wait


def _failed(state: SourceState, reason: str, now: datetime) -> SourceState:
    return replace(
        state,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        error=reason,
        last_pull_at=now,
    )


def _put_off(
    state: SourceState, result: Failed, source: Source, settings: PullSettings, now: datetime
) -> SourceState:
    """A 429 (RFC 6585 4) gave nothing, so that the hour from pull to pull does not begin anew."""
    asked = max(
        min(result.retry_after or _NOTHING, LONGEST_RETRY_AFTER),
        min(result.max_age or _NOTHING, settings.max_interval),
    )
    wishes = state.habits.wishes
    if result.refused:
        floor = wait = max(asked, _back_off(state.failures, _FIRST_BACK_OFF))
    else:
        floor = max(settings.min_interval, asked)
        first = max(source.interval or settings.interval, settings.min_interval)
        if _gave_no_validators(state) and not source.interval:
            first = max(first, min(_DAY, settings.max_interval))
        wished = min(wishes.interval or _NOTHING, settings.max_interval)
        wait = max(floor, wished, _back_off(state.failures, first))
    seconds = wait.total_seconds()
    return replace(
        state,
        next_pull_at=_turn(state.source, seconds, _SPREAD * seconds, wishes, settings, now),
        earliest_pull_at=now + floor,
    )


def _gave_no_validators(state: SourceState) -> bool:
    """Whether the last document read came without; after one that was no feed nothing is known."""
    return bool(state.body_hash) and not (state.etag or state.last_modified)


def _back_off(failures: int, first: timedelta) -> timedelta:
    return min(first * (1 << min(failures - 1, 16)), max(first, _DAY))


def _turn(
    number: int,
    wait: float,
    spread: float,
    wishes: Wishes,
    settings: PullSettings,
    now: datetime,
) -> datetime:
    """When a source is due that is to wait so many seconds: in no skipped hour, and in its place.

    Each source has a fixed share of the spread: a restart moves nobody's turn.
    """
    share = number * 619 % _STEPS / _STEPS
    turn = now + timedelta(seconds=int(ceil(wait) + share * spread))
    if wishes.skip_hours or wishes.skip_days:
        allowed = past_skipped(turn, wishes, now + settings.max_interval)
        if allowed > turn:  # with all others that skip the same hours, unless moved apart again
            return allowed + timedelta(seconds=int(share * _LONGEST_SPREAD))
    return turn
