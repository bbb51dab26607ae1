from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import cadence
from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified, SourceState
from aggregator.settings import PullSettings, Source
from tests.builders import FEED_URL, NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTINGS = PullSettings()
SOURCE = Source(address=FEED_URL)
UNTOUCHED = SourceState(source=0)
"""Number 0 has no share of the spread: its times are exact."""
FAILING = replace(
    UNTOUCHED, failures=4, failing_since=NOW - DAY, error="answered 500", last_success_at=NOW - DAY
)
UNCHANGED = NotModified()
BROKEN = Failed(reason="answered 500")


def fetched(etag: str | None = None) -> Fetched:
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
    state = after(UNCHANGED, VALIDATED)
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
    state = after(Failed(reason="answered 429", retry_after=asked))
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
        replace(VALIDATED, body_hash=b"hash"), "an HTML page", SOURCE, SETTINGS, NOW
    )
    assert (state.error, state.failures) == ("an HTML page", 1)
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, None)
    assert state.next_pull_at == NOW + HOUR


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
    assert len(waits) == 200
    assert max(waits) - min(waits) > timedelta(minutes=5)
