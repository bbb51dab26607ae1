from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import cadence
from aggregator.model import Failed, Fetched, FetchResult, Gone, Host, NotModified, SourceState
from aggregator.settings import HostRule, PullSettings, Source
from tests.builders import FEED_URL, NOW

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))
NAME = "gazette.example:443"
SETTINGS = PullSettings()
SOURCE = Source(address=FEED_URL)
REFUSED = Failed(reason="answered 429", refused=True)
WELL = NotModified()
PACED = Host(name=NAME, quiet_until=NOW, pace=MINUTE, refusals=1)


def after(
    result: FetchResult,
    host: Host | None = None,
    rule: HostRule | None = None,
    now: datetime = NOW,
) -> Host | None:
    return cadence.host_after(host, NAME, result, rule, SETTINGS, now)


def refused(host: Host | None = None, retry_after: timedelta | None = None) -> Host:
    left = after(replace(REFUSED, retry_after=retry_after), host)
    assert left
    return left


# ---- what a host's answer leaves behind ----------------------------------------------------------


@pytest.mark.parametrize("result", [WELL, Gone(), Failed(reason="answered 503", retry_after=DAY)])
def test_nothing_is_remembered_of_a_host_that_never_refused(result: FetchResult) -> None:
    assert after(result) is None


def test_a_429_quiets_the_whole_host_for_as_long_as_it_asks() -> None:
    host = refused(retry_after=5 * MINUTE)
    assert host == Host(name=NAME, quiet_until=NOW + 5 * MINUTE, pace=5 * MINUTE, refusals=1)


def test_a_retry_after_counts_up_to_thirty_days_and_over_ten_minutes_is_no_pace() -> None:
    host = refused(retry_after=365 * DAY)
    assert host.quiet_until == NOW + cadence.LONGEST_RETRY_AFTER
    assert host.pace == 4 * SECOND


@pytest.mark.parametrize("retry_after", [None, timedelta()])
@pytest.mark.parametrize(("refusals", "minutes"), [(0, 1), (1, 2), (2, 4), (11, 1440), (99, 1440)])
def test_a_429_that_asks_for_no_time_quiets_for_a_minute_doubling_up_to_a_day(
    refusals: int, minutes: int, retry_after: timedelta | None
) -> None:
    host = refused(replace(PACED, refusals=refusals), retry_after)
    assert host.quiet_until == NOW + minutes * MINUTE
    assert host.refusals == refusals + 1


@pytest.mark.parametrize(
    ("pace", "expected"), [(0, 4), (4, 16), (16, 60), (60, 75), (100, 125), (590, 600)]
)
def test_each_refusal_slows_the_host_in_leaps_up_to_a_minute_and_in_steps_beyond(
    pace: int, expected: int
) -> None:
    host = refused(replace(PACED, pace=pace * SECOND))
    assert host.pace == expected * SECOND


def test_a_host_that_would_have_answered_a_little_later_is_asked_a_little_later() -> None:
    assert refused(PACED, MINUTE / 6).pace == 77 * SECOND


def test_after_the_first_refusal_a_host_is_asked_half_as_often_at_most() -> None:
    host = refused(retry_after=SECOND)
    assert host.quiet_until == NOW + SECOND
    assert host.pace == 2 * SECOND


def test_refusals_of_what_was_asked_before_the_first_count_as_one() -> None:
    first = refused()
    assert refused(first) == first
    later = refused(first, 3 * MINUTE)
    assert later == replace(first, quiet_until=NOW + 3 * MINUTE)


def test_an_answer_to_what_was_asked_before_the_refusal_ends_no_quiet() -> None:
    assert after(WELL, refused()) is None


def test_each_good_answer_eases_the_pace_a_little_and_the_next_request_keeps_it() -> None:
    host = after(WELL, PACED)
    assert host == Host(name=NAME, quiet_until=NOW + MINUTE, pace=MINUTE * 0.995)


@pytest.mark.parametrize("result", [Failed(reason="answered 500"), Gone()])
def test_another_answer_eases_nothing_but_the_next_request_keeps_the_pace(
    result: FetchResult,
) -> None:
    assert after(result, PACED) == replace(PACED, quiet_until=NOW + MINUTE)


def test_a_host_that_bears_its_usual_interval_again_is_forgotten() -> None:
    assert after(WELL, replace(PACED, pace=SECOND)) == Host(name=NAME)
    slow = HostRule(name=NAME, interval=2 * MINUTE)
    assert after(WELL, PACED, slow) == Host(name=NAME)


def test_where_many_publishers_stand_behind_one_name_a_429_quiets_the_source_alone() -> None:
    rule = HostRule(name=NAME, quiet="source")
    assert after(REFUSED, rule=rule) is None
    assert after(REFUSED, PACED, rule) == Host(name=NAME)


def test_the_rule_of_a_host_and_port_goes_before_that_of_the_host() -> None:
    whole, port = HostRule(name="gazette.example"), HostRule(name="gazette.example:8080")
    assert cadence.host_rule("gazette.example:8080", (whole, port)) == port
    assert cadence.host_rule("gazette.example:443", (whole, port)) == whole
    assert cadence.host_rule("example:443", (whole, port)) is None
    assert cadence.host_rule("[2001:db8::1]:443", (HostRule(name="[2001:db8::1]"),))


# ---- who may go now ------------------------------------------------------------------------------


def admit(
    due: list[str],
    in_flight: dict[str, int] | None = None,
    host: Host | None = None,
    pull: PullSettings = SETTINGS,
) -> list[float | None]:
    """None for each that may go, for the others the seconds until they are due again."""
    hosts = {host.name: host} if host else {}
    turns = cadence.admit(due, in_flight or {}, hosts, pull, NOW)
    return [(turn - NOW).total_seconds() if turn else None for turn in turns]


def test_a_host_is_given_what_it_can_answer_in_a_few_seconds_and_the_rest_stands_in_line() -> None:
    assert admit([NAME] * 8) == [None] * 5 + [5, 6, 7]


def test_what_is_in_flight_counts() -> None:
    assert admit([NAME] * 4, {NAME: 3}) == [None, None, 5, 6]
    assert admit([NAME] * 2, {NAME: 9}) == [9, 10]


def test_a_slow_host_is_given_one_and_a_quick_one_no_more_than_twenty() -> None:
    slow = replace(SETTINGS, per_host_interval=MINUTE)
    assert admit([NAME] * 3, pull=slow) == [None, 60, 120]
    quick = replace(SETTINGS, per_host_interval=timedelta())
    turns = admit([NAME] * 70, pull=quick)
    assert turns[:20] == [None] * 20
    assert max(Counter(turns[20:]).values()) <= 21
    assert turns[20:] == sorted(turn for turn in turns if turn)


def test_a_hosts_rule_says_how_far_apart_and_how_many_at_once() -> None:
    rules = (HostRule(name="gazette.example", interval=10 * SECOND, connections=3),)
    assert admit([NAME] * 5, pull=replace(SETTINGS, hosts=rules)) == [None] * 3 + [30, 40]


def test_other_hosts_go_beside_a_long_line() -> None:
    due = [NAME] * 50 + ["courier.example:443"]
    assert admit(due)[-1] is None


def test_a_seed_waits_for_no_host() -> None:
    assert admit([""] * 30) == [None] * 30


def test_the_sources_of_a_quiet_host_come_back_spread_out() -> None:
    host = replace(PACED, quiet_until=NOW + 2 * MINUTE)
    assert admit([NAME] * 3, host=host) == [120, 180, 240]


def test_a_host_that_refused_is_asked_one_source_at_a_time() -> None:
    assert admit([NAME] * 3, host=PACED) == [None, 60, 120]
    assert admit([NAME] * 2, {NAME: 1}, host=PACED) == [60, 120]


@settings(max_examples=50)
@given(
    due=st.lists(st.sampled_from(["a:80", "b:80", "c:80"]), max_size=60),
    in_flight=st.integers(0, 30),
    pace=st.integers(0, 300),
    quiet=st.integers(-5, 300),
    interval=st.sampled_from([0, 0.3, 1, 20]),
)
def test_nobody_is_asked_in_the_quiet_nor_overtakes_on_its_host(
    due: list[str], in_flight: int, pace: int, quiet: int, interval: float
) -> None:
    until = NOW + quiet * SECOND
    host = Host(name="a:80", quiet_until=until, pace=pace * SECOND)
    pull = replace(SETTINGS, per_host_interval=interval * SECOND)
    turns = cadence.admit(due, {"a:80": in_flight}, {"a:80": host}, pull, NOW)
    assert len(turns) == len(due)
    assert all(turn is None or turn > NOW for turn in turns)
    for name in set(due):
        own = [turn or NOW for asked, turn in zip(due, turns, strict=True) if asked == name]
        assert own == sorted(own)
        if name == "a:80":
            assert own[0] >= until


# ---- a host that allows one request a minute -----------------------------------------------------


@dataclass(slots=True)
class Origin:
    """Answers one request a minute, and refuses the others."""

    tells: bool
    free_at: datetime = NOW
    refusals: int = 0

    def answer(self, now: datetime) -> FetchResult:
        if now >= self.free_at:
            self.free_at = now + MINUTE
            return Fetched(url=FEED_URL, body=b"", etag='"a"')
        self.refusals += 1
        return replace(REFUSED, retry_after=self.free_at - now if self.tells else None)


@dataclass(slots=True)
class Puller:
    """Fifty sources of one host, leased each second and asked one after the other."""

    origin: Origin
    states: dict[int, SourceState] = field(
        default_factory=lambda: {n: SourceState(source=n, next_pull_at=NOW) for n in range(50)}
    )
    hosts: dict[str, Host] = field(default_factory=dict)
    leased: deque[int] = field(default_factory=deque)

    def second(self, now: datetime) -> None:
        due = sorted(
            (state.next_pull_at, number)
            for number, state in self.states.items()
            if state.next_pull_at and state.next_pull_at <= now and number not in self.leased
        )
        in_flight = {NAME: len(self.leased)}
        turns = cadence.admit([NAME] * len(due), in_flight, self.hosts, SETTINGS, now)
        for (_, number), turn in zip(due, turns, strict=True):
            if turn is None:
                self.leased.append(number)
            else:
                self.states[number] = replace(self.states[number], next_pull_at=turn)
        if self.leased:
            self.ask(self.leased.popleft(), now)

    def ask(self, number: int, now: datetime) -> None:
        result = self.origin.answer(now)
        host = cadence.host_after(self.hosts.get(NAME), NAME, result, None, SETTINGS, now)
        if host:
            self.hosts[NAME] = host
        self.states[number] = cadence.after(self.states[number], result, SOURCE, SETTINGS, now)

    def until(self, done: Callable[[], bool]) -> timedelta:
        """Run until that is so, at most for three hours; how long it took."""
        for second in range(3 * 3600):
            self.second(NOW + second * SECOND)
            if done():
                return second * SECOND
        pytest.fail("not done in three hours")


@pytest.mark.parametrize("tells", [True, False], ids=["with Retry-After", "without"])
def test_fifty_sources_on_a_host_that_allows_one_request_a_minute_are_fresh_within_the_hour(
    *, tells: bool
) -> None:
    puller = Puller(Origin(tells))
    took = puller.until(lambda: all(state.pulled for state in puller.states.values()))
    assert took <= 56 * MINUTE
    assert puller.origin.refusals <= 7
