from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import cadence
from aggregator.cadence.rhythm import MOST_KNOWN, expected_wait
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
from tests.builders import FEED_URL, NOW

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
SETTINGS = PullSettings()
SOURCE = Source(address=FEED_URL)
UNTOUCHED = SourceState(source=0)
"""Number 0 has no share of the spread: its times are exact."""
FAILING = replace(
    UNTOUCHED, failures=4, failing_since=NOW - DAY, error="answered 500", last_success_at=NOW - DAY
)
UNCHANGED = NotModified(etag='"same"')
BROKEN = Failed(reason="answered 500")
REFUSED = Failed(reason="answered 429", refused=True)


def fetched(etag: str | None = '"new"') -> Fetched:
    return Fetched(url=FEED_URL, body=b"", etag=etag)


def after(
    result: FetchResult,
    state: SourceState = UNTOUCHED,
    source: Source = SOURCE,
    settings: PullSettings = SETTINGS,
) -> SourceState:
    return cadence.after(state, result, source, settings, NOW)


def wait(
    result: FetchResult,
    state: SourceState = UNTOUCHED,
    source: Source = SOURCE,
    settings: PullSettings = SETTINGS,
) -> timedelta:
    next_pull_at = after(result, state, source, settings).next_pull_at
    assert next_pull_at
    return next_pull_at - NOW


@pytest.mark.parametrize("result", [fetched(), UNCHANGED])
def test_a_success_is_recorded_and_ends_a_failure(result: FetchResult) -> None:
    state = after(result, FAILING)
    assert state.last_pull_at == state.last_success_at == NOW
    assert (state.failures, state.failing_since, state.error) == (0, None, None)
    assert state.pulled


@pytest.mark.parametrize(
    ("own", "settings", "expected"),
    [
        (None, SETTINGS, HOUR),
        (3 * HOUR, SETTINGS, 3 * HOUR),
        (HOUR / 2, SETTINGS, HOUR),
        (None, PullSettings(interval=HOUR / 4), HOUR),
        (None, PullSettings(interval=HOUR / 4, min_interval=HOUR / 4), HOUR / 4),
        (2 * DAY, SETTINGS, 2 * DAY),
    ],
)
def test_a_source_comes_again_after_its_interval_but_not_below_the_floor(
    own: timedelta | None, settings: PullSettings, expected: timedelta
) -> None:
    assert wait(UNCHANGED, source=replace(SOURCE, interval=own), settings=settings) == expected


@pytest.mark.parametrize(
    ("max_age", "expected"),
    [
        (timedelta(), HOUR),
        (timedelta(minutes=5), HOUR),
        (6 * HOUR, 6 * HOUR),
        (90 * DAY, DAY),
    ],
)
@pytest.mark.parametrize("result", [fetched(), UNCHANGED])
def test_a_publishers_max_age_lengthens_the_wait_up_to_the_longest_interval(
    result: Fetched | NotModified, max_age: timedelta, expected: timedelta
) -> None:
    state = after(replace(result, max_age=max_age))
    assert state.next_pull_at == state.earliest_pull_at == NOW + expected


def test_a_failures_max_age_is_a_floor_too() -> None:
    for failed in (replace(BROKEN, max_age=6 * HOUR), replace(REFUSED, max_age=6 * HOUR)):
        state = after(failed)
        assert state.next_pull_at == state.earliest_pull_at == NOW + 6 * HOUR


def test_a_long_interval_does_not_keep_the_operator_from_asking_earlier() -> None:
    state = after(UNCHANGED, source=replace(SOURCE, interval=DAY))
    assert state.earliest_pull_at == NOW + HOUR
    assert state.next_pull_at == NOW + DAY


# ---- validators ----------------------------------------------------------------------------------

VALIDATED = replace(UNTOUCHED, etag='"old"', last_modified="Thu, 12 Feb 2026 09:00:00 GMT")


def test_a_200_replaces_both_validators_and_forgets_the_missing_one() -> None:
    state = after(fetched(etag='W/"new"'), VALIDATED)
    assert (state.etag, state.last_modified) == ('W/"new"', None)


def test_a_304_keeps_the_validators_that_it_does_not_carry() -> None:
    state = after(NotModified(), VALIDATED)
    assert (state.etag, state.last_modified) == (VALIDATED.etag, VALIDATED.last_modified)


def test_a_304_replaces_the_validators_that_it_carries() -> None:
    state = after(NotModified(etag='"new"'), VALIDATED)
    assert (state.etag, state.last_modified) == ('"new"', VALIDATED.last_modified)


def test_a_failure_keeps_the_validators() -> None:
    state = after(BROKEN, VALIDATED)
    assert (state.etag, state.last_modified) == (VALIDATED.etag, VALIDATED.last_modified)


# ---- failures ------------------------------------------------------------------------------------


def test_a_first_failure_is_recorded_with_its_beginning() -> None:
    state = after(BROKEN)
    assert (state.failures, state.failing_since, state.error) == (1, NOW, "answered 500")
    assert state.last_pull_at == NOW
    assert state.last_success_at is None
    assert not state.pulled


def test_a_further_failure_keeps_the_beginning_and_the_last_success() -> None:
    state = after(Failed(reason="timed out"), FAILING)
    assert (state.failures, state.failing_since, state.error) == (5, NOW - DAY, "timed out")
    assert state.last_success_at == FAILING.last_success_at


@pytest.mark.parametrize(
    ("failures", "hours"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 24), (6, 24), (9999, 24)]
)
def test_failures_back_off_doubling_up_to_a_day(failures: int, hours: int) -> None:
    assert wait(BROKEN, replace(UNTOUCHED, failures=failures)) == hours * HOUR


def test_a_source_that_comes_less_than_daily_is_not_asked_more_often_for_failing() -> None:
    assert wait(BROKEN, FAILING, replace(SOURCE, interval=3 * DAY)) == 3 * DAY


def test_backing_off_begins_at_the_floor() -> None:
    assert wait(BROKEN, source=replace(SOURCE, interval=HOUR / 4)) == HOUR


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (timedelta(seconds=5), HOUR),
        (6 * HOUR, 6 * HOUR),
        (3 * DAY, 3 * DAY),
        (365 * DAY, cadence.LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_obeyed_up_to_thirty_days(asked: timedelta, expected: timedelta) -> None:
    state = after(Failed(reason="answered 503", retry_after=asked))
    assert state.next_pull_at == state.earliest_pull_at == NOW + expected


def test_a_retry_after_below_the_back_off_does_not_shorten_it() -> None:
    state = after(Failed(reason="answered 503", retry_after=2 * HOUR), FAILING)
    assert state.earliest_pull_at == NOW + 2 * HOUR
    assert state.next_pull_at == NOW + 16 * HOUR


def test_a_410_is_the_end() -> None:
    state = after(Gone())
    assert state.gone
    assert state.next_pull_at is None
    assert state.failures == 1
    assert "410" in (state.error or "")


def test_a_source_that_answers_again_is_no_longer_gone() -> None:
    assert not after(fetched(), replace(UNTOUCHED, gone=True)).gone


def test_an_unreadable_document_is_a_failure_and_its_validators_are_forgotten() -> None:
    state = cadence.unreadable(
        replace(VALIDATED, body_hash=b"hash", given=b"items"), "an HTML page", SOURCE, SETTINGS, NOW
    )
    assert (state.error, state.failures) == ("an HTML page", 1)
    assert (state.etag, state.last_modified, state.body_hash, state.given) == (None,) * 4
    assert state.next_pull_at == NOW + HOUR


@pytest.mark.parametrize(
    ("failures", "retry_after", "minutes"),
    [(0, None, 1), (1, None, 2), (3, None, 8), (99, None, 1440), (0, 5, 5), (3, 5, 8), (3, 90, 90)],
)
def test_a_429_comes_back_when_the_host_allows_and_not_after_the_interval(
    failures: int, retry_after: int | None, minutes: int
) -> None:
    asked = timedelta(minutes=retry_after) if retry_after else None
    state = after(replace(REFUSED, retry_after=asked), replace(UNTOUCHED, failures=failures))
    assert state.next_pull_at == state.earliest_pull_at == NOW + timedelta(minutes=minutes)


# ---- sources without validators ------------------------------------------------------------------

BARE = fetched(etag=None)
DEAF = replace(UNTOUCHED, pulled=True, body_hash=b"hash")


@pytest.mark.parametrize(
    ("result", "state"), [(BARE, UNTOUCHED), (NotModified(), UNTOUCHED), (BROKEN, DEAF)]
)
def test_a_source_without_validators_is_asked_once_a_day(
    result: FetchResult, state: SourceState
) -> None:
    assert wait(result, state) == DAY
    assert wait(result, state, settings=replace(SETTINGS, max_interval=6 * HOUR)) == 6 * HOUR
    assert wait(result, state, replace(SOURCE, interval=2 * HOUR)) == 2 * HOUR


def test_either_validator_is_enough_to_be_asked_more_often() -> None:
    assert wait(replace(BARE, last_modified="Thu, 12 Feb 2026 09:00:00 GMT")) == HOUR


def test_the_operator_may_ask_a_source_without_validators_earlier() -> None:
    assert after(BARE).earliest_pull_at == NOW + HOUR


# ---- wishes --------------------------------------------------------------------------------------


def wishing(wishes: Wishes, result: FetchResult = UNCHANGED, hours: int = 1) -> datetime:
    """When a source is due that wishes so, and would be `hours` after half past six."""
    state = replace(UNTOUCHED, habits=Habits(wishes=wishes))
    due = after(result, state, replace(SOURCE, interval=hours * HOUR)).next_pull_at
    assert due
    return due


@pytest.mark.parametrize("result", [UNCHANGED, BROKEN])
@pytest.mark.parametrize(("hours", "expected"), [(0, 2), (1, 2), (5, 5), (999, 24)])
def test_a_ttl_lengthens_the_wait_up_to_the_longest_interval(
    result: FetchResult, hours: int, expected: int
) -> None:
    wishes = Wishes(interval=hours * HOUR)
    assert wishing(wishes, result, hours=2) == NOW + expected * HOUR


def test_a_ttl_keeps_neither_the_operator_from_asking_nor_a_refused_source_from_returning() -> None:
    state = replace(UNTOUCHED, habits=Habits(wishes=Wishes(interval=5 * HOUR)))
    assert after(UNCHANGED, state).earliest_pull_at == NOW + HOUR
    assert wait(REFUSED, state) == HOUR / 60


@pytest.mark.parametrize("result", [UNCHANGED, BROKEN])
@pytest.mark.parametrize(
    ("wishes", "due"),
    [
        (Wishes(skip_hours=(6, 8)), "2026-02-14T07:30"),
        (Wishes(skip_hours=(7,)), "2026-02-14T08:00"),
        (Wishes(skip_hours=(7, 8, 9)), "2026-02-14T10:00"),
        (Wishes(skip_days=(6,)), "2026-02-14T07:30"),
        (Wishes(skip_days=(5,)), "2026-02-15T00:00"),
        (Wishes(skip_days=(5,), skip_hours=(0, 1)), "2026-02-15T02:00"),
        (Wishes(skip_days=(5, 6)), "2026-02-15T06:30"),
        (Wishes(skip_hours=tuple(range(24))), "2026-02-15T06:30"),
    ],
)
def test_a_pull_is_put_off_to_the_end_of_skipped_hours_and_days_but_not_beyond_the_longest_interval(
    result: FetchResult, wishes: Wishes, due: str
) -> None:
    assert wishing(wishes, result) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_sources_that_skip_the_same_hours_do_not_come_back_in_one_second() -> None:
    states = [
        replace(UNTOUCHED, source=number, habits=Habits(wishes=Wishes(skip_hours=(7,))))
        for number in range(50)
    ]
    assert len({after(UNCHANGED, state).next_pull_at for state in states}) > 40


def test_a_longer_wait_than_the_longest_interval_is_not_put_off() -> None:
    assert wishing(Wishes(skip_days=(0, 1, 2, 3, 4, 5, 6)), hours=48) == NOW + 2 * DAY


def test_what_a_document_wishes_is_kept_until_another_is_read() -> None:
    said = cadence.after(
        UNTOUCHED, fetched(), SOURCE, SETTINGS, NOW, wishes=Wishes(interval=5 * HOUR)
    )
    assert said.next_pull_at == NOW + 5 * HOUR
    assert after(UNCHANGED, said).habits == said.habits
    silent = cadence.after(said, fetched(), SOURCE, SETTINGS, NOW, wishes=Wishes())
    assert silent.next_pull_at == NOW + HOUR


# ---- moves ---------------------------------------------------------------------------------------

NEW = "https://gazette.example/new"
MOVED = replace(UNCHANGED, moved_to=NEW)


def through(*results: FetchResult, state: SourceState = UNTOUCHED) -> SourceState:
    for result in results:
        state = after(result, state)
    return state


def moves(state: SourceState) -> tuple[str | None, str | None, int]:
    return state.moved_to, state.moving_to, state.moving_pulls


def test_three_pulls_that_agree_settle_where_a_source_has_moved() -> None:
    assert moves(through(MOVED, replace(fetched(), moved_to=NEW))) == (None, NEW, 2)
    assert moves(through(MOVED, MOVED, MOVED)) == (NEW, None, 0)


def test_a_failure_in_between_does_not_begin_anew() -> None:
    assert moves(through(MOVED, BROKEN, MOVED, REFUSED, MOVED)) == (NEW, None, 0)


def test_a_pull_without_the_redirect_or_with_another_begins_anew() -> None:
    other = replace(MOVED, moved_to=FEED_URL + "2")
    assert moves(through(MOVED, MOVED, UNCHANGED)) == (None, None, 0)
    assert moves(through(MOVED, MOVED, other)) == (None, other.moved_to, 1)


def test_a_source_that_has_moved_may_move_again_and_back() -> None:
    moved = through(MOVED, MOVED, MOVED)
    again = replace(MOVED, moved_to=NEW + "er")
    assert moves(through(UNCHANGED, state=moved)) == (NEW, None, 0)
    assert moves(through(again, again, state=moved)) == (NEW, NEW + "er", 2)
    assert moves(through(again, again, again, state=moved)) == (NEW + "er", None, 0)
    back = replace(MOVED, moved_to=FEED_URL)
    assert moves(through(back, back, back, state=moved)) == (None, None, 0)


# ---- habits --------------------------------------------------------------------------------------

PULLED = replace(UNTOUCHED, pulled=True, last_success_at=NOW - 2 * HOUR, last_pull_at=NOW - HOUR)


def published(state: SourceState, *arrived: datetime) -> list[datetime]:
    left = cadence.after(state, fetched(), SOURCE, SETTINGS, NOW, arrived=arrived)
    return [datetime.fromtimestamp(time, UTC) for time in left.habits.published]


def test_what_a_first_pull_brings_is_history_and_the_undated_in_it_says_nothing() -> None:
    old, older = NOW - DAY, NOW - 300 * DAY
    assert published(UNTOUCHED, NOW, old, NOW + DAY, older) == [older, old]


def test_the_newest_times_are_kept() -> None:
    arrived = [NOW - days * DAY for days in range(1, 100)]
    assert published(UNTOUCHED, *arrived) == sorted(arrived)[-MOST_KNOWN:]


def test_an_entry_dated_between_two_pulls_counts_at_its_time() -> None:
    assert published(PULLED, NOW - HOUR / 2) == [NOW - HOUR / 2]


@pytest.mark.parametrize("dated", [NOW, NOW - 3 * HOUR, NOW - 25 * HOUR])
def test_one_that_is_undated_or_dated_before_the_last_success_counts_between_the_two(
    dated: datetime,
) -> None:
    assert published(PULLED, dated) == [NOW - HOUR]


def test_old_entries_that_surface_and_those_of_the_future_do_not_count() -> None:
    assert published(PULLED, NOW - 30 * DAY, NOW + HOUR) == []


def test_an_edited_entry_does_not_count_again_but_another_of_the_same_date_does() -> None:
    midnight = NOW.replace(hour=0, minute=0)
    times = [int(time.timestamp()) for time in (midnight, NOW - 3 * HOUR)]
    known = replace(PULLED, habits=Habits(published=tuple(times)))
    assert published(known, NOW - 3 * HOUR) == [midnight, NOW - 3 * HOUR]
    assert published(known, midnight) == [midnight, NOW - 3 * HOUR, NOW - HOUR]


def test_a_source_of_which_nothing_is_known_waits_longer_each_time_that_it_brings_nothing() -> None:
    state, waits = after(fetched()), []
    for _ in range(20):
        assert state.next_pull_at
        assert state.last_pull_at
        waits.append(state.next_pull_at - state.last_pull_at)
        state = cadence.after(state, UNCHANGED, SOURCE, SETTINGS, state.next_pull_at)
    assert waits[0] == HOUR
    assert waits == sorted(waits)
    assert waits[-1] == DAY


def history(*, every: timedelta, times: int = 32, until: datetime = NOW) -> SourceState:
    seconds = [int((until - n * every).timestamp()) for n in range(1, times + 1)]
    return replace(PULLED, habits=Habits(published=tuple(reversed(seconds))))


def test_a_busy_source_is_asked_at_the_floor_and_a_slow_one_seldom() -> None:
    assert wait(UNCHANGED, history(every=HOUR / 2)) == HOUR
    daily, weekly = (wait(UNCHANGED, history(every=every)) for every in (DAY * 1.1, WEEK * 1.1))
    assert HOUR < daily < weekly < DAY


def test_a_source_with_a_time_of_day_is_asked_soon_after_it() -> None:
    nine = NOW.replace(hour=9, minute=0)
    assert 2.5 * HOUR < wait(UNCHANGED, history(every=DAY, until=nine)) < 3.5 * HOUR


def test_a_source_that_is_publishing_just_now_is_asked_sooner() -> None:
    slow = history(every=DAY * 1.1)
    burst = tuple(int((NOW - n * HOUR / 6).timestamp()) for n in (4, 3, 2, 1))
    lively = replace(slow, habits=Habits(published=slow.habits.published[4:] + burst))
    assert wait(UNCHANGED, lively) < wait(UNCHANGED, slow)


def test_an_interval_of_the_operators_own_stands_whatever_the_source_does() -> None:
    assert wait(UNCHANGED, history(every=HOUR / 2), replace(SOURCE, interval=5 * HOUR)) == 5 * HOUR


def test_where_requests_are_dear_a_source_that_fell_silent_is_left_alone_for_days() -> None:
    pull = PullSettings(min_interval=timedelta(hours=12), max_interval=timedelta(days=7))
    long_ago = [int((NOW - days * DAY).timestamp()) for days in (4000, 3990, 3980)]
    expected = expected_wait(long_ago, int(NOW.timestamp()), pull)
    assert expected is not None
    assert 86400 < expected < 7 * 86400


@settings(max_examples=80)
@given(
    ages=st.lists(st.integers(0, 400 * 86400), max_size=MOST_KNOWN),
    shortest=st.sampled_from([60, 900, 3600, 86400]),
    longest=st.sampled_from([86400, 7 * 86400]),
)
def test_whatever_is_known_the_wait_lies_within_the_floor_and_the_longest_interval(
    ages: list[int], shortest: int, longest: int
) -> None:
    pull = PullSettings(
        min_interval=timedelta(seconds=shortest), max_interval=timedelta(seconds=longest)
    )
    now = int(NOW.timestamp())
    expected = expected_wait(sorted(now - age for age in ages), now, pull)
    assert (expected is None) == (len(ages) < 3)
    assert expected is None or shortest <= expected <= longest


# ---- the spread ----------------------------------------------------------------------------------


@given(
    number=st.integers(0, 1_000_000),
    result=st.sampled_from([fetched(), UNCHANGED, BROKEN, Failed(reason="", retry_after=DAY)]),
    hours=st.integers(1, 100),
)
def test_a_sources_turn_is_fixed_by_its_number_and_never_early(
    number: int, result: FetchResult, hours: int
) -> None:
    source = replace(SOURCE, interval=hours * HOUR)
    spread = wait(result, SourceState(source=number), source)
    exact = wait(result, UNTOUCHED, source)
    assert exact <= spread <= exact * 1.1
    assert spread == wait(result, SourceState(source=number), source)


def test_the_turns_of_sources_that_began_together_are_spread_out() -> None:
    waits = {wait(UNCHANGED, SourceState(source=number)) for number in range(200)}
    assert len(waits) > 150  # of 360 seconds
    assert max(waits) - min(waits) > timedelta(minutes=5)
