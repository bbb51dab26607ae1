"""Which sources are given out to be pulled: what is due, once each, by turns, and to one puller."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from aggregator import dedup
from aggregator.errors import StoreError, StoreHeldError
from aggregator.model import Habits, Host, PullOutcome, SourceState, Wishes
from aggregator.settings import SEED, Source
from aggregator.store import Admit, Store
from tests.builders import NOW
from tests.newsroom import GAZETTE, Newsroom, item, start

HOUR = timedelta(hours=1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def asked(room: Newsroom, address: str | None = None) -> list[str]:
    """What comes of asking for every source out of turn, or for one."""
    room.store.make_due(room.clock(), address)
    return lease(room)


def lease(room: Newsroom, limit: int = 10) -> list[str]:
    return [one.address for one in room.store.lease(room.clock(), limit, HOUR)]


def write_state(room: Newsroom, address: str, **changes: Any) -> None:
    state = replace(room.at(address).state, **changes)
    room.store.write(PullOutcome(state=state), dedup.decide)


def list_network(room: Newsroom, *sources: Source) -> None:
    room.store.list_sources(sources, seeds=False)


A, B, C = (Source(address=f"https://{name}.example/feed") for name in "abc")


def test_one_source_can_be_leased_alone(room: Newsroom) -> None:
    list_network(room, A, B)
    leased = room.store.lease(room.clock(), 10, HOUR, address=B.address)
    assert [one.address for one in leased] == [B.address]
    assert lease(room) == [A.address]


def test_a_source_that_was_leased_and_not_asked_can_be_put_off(room: Newsroom) -> None:
    list_network(room, A, B)
    leased = room.store.lease(room.clock(), 10, HOUR)
    room.store.put_off([])
    room.store.put_off([(leased[0].state.source, room.clock() + HOUR)])
    assert lease(room) == []
    room.clock.step(hours=1)
    assert A.address in lease(room)


def test_a_lease_gives_every_due_source_once_the_longest_due_first(room: Newsroom) -> None:
    list_network(room, A, B, C)
    write_state(room, A.address, next_pull_at=NOW)
    write_state(room, B.address, next_pull_at=NOW - HOUR)
    write_state(room, C.address, next_pull_at=NOW + timedelta(seconds=1))
    assert lease(room, limit=1) == [B.address]
    assert lease(room) == [A.address]
    assert lease(room) == []
    room.clock.step(seconds=1)
    assert lease(room) == [C.address]


def test_a_lease_lapses_and_a_write_gives_it_back(room: Newsroom) -> None:
    list_network(room, A)
    (leased,) = room.store.lease(NOW, 10, HOUR)
    assert leased.first_address == A.address
    assert leased.state == SourceState(source=leased.state.source, next_pull_at=NOW)
    room.clock.step(minutes=59)
    assert lease(room) == []
    room.clock.step(minutes=1)
    assert lease(room) == [A.address]
    room.store.write(PullOutcome(state=leased.state), dedup.decide)
    assert lease(room) == [A.address]


def test_only_listed_sources_are_leased_and_seeds_never(room: Newsroom) -> None:
    list_network(room, A, replace(B, enabled=False))
    room.store.list_sources([Source(address=f"{SEED}kettle.txt")], seeds=True)
    assert lease(room) == [A.address]
    list_network(room, replace(B, enabled=True))
    room.clock.step(hours=1)
    assert lease(room) == [B.address]
    assert [one.address for one in room.store.seeds()] == [f"{SEED}kettle.txt"]
    list_network(room)
    room.store.list_sources([], seeds=True)
    room.clock.step(hours=1)
    assert (lease(room), room.store.seeds()) == ([], ())
    assert asked(room, f"{SEED}kettle.txt") == []


def test_a_source_that_is_not_enabled_is_not_pulled_and_keeps_its_stories(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    write_state(room, GAZETTE, next_pull_at=NOW + HOUR)
    off = replace(room.sources[GAZETTE], enabled=False)
    list_network(room, off)
    room.clock.step(days=9)
    assert (lease(room), asked(room), asked(room, GAZETTE)) == ([], [], [])
    assert room.titles("tech") == ["About kettle"]
    room.start_with(GAZETTE, enabled=False, verticals=("science",))
    assert (room.titles("tech"), room.titles("science")) == ([], ["About kettle"])
    list_network(room, replace(off, enabled=True))
    assert lease(room) == [GAZETTE]


def test_asking_out_of_turn_respects_politeness_and_a_410(room: Newsroom) -> None:
    list_network(room, A, B, C)
    write_state(room, A.address, next_pull_at=NOW + 9 * HOUR, earliest_pull_at=NOW + HOUR)
    write_state(room, B.address, next_pull_at=NOW + 9 * HOUR, earliest_pull_at=NOW)
    write_state(room, C.address, next_pull_at=None, gone=True)
    assert room.store.make_due(NOW, None) == 1
    assert lease(room) == [B.address]
    assert asked(room, A.address) == []
    assert asked(room, C.address) == [C.address]
    write_state(room, C.address, next_pull_at=None)
    assert room.store.make_due(NOW, None) == 0, "what is given out is being asked"
    room.clock.step(hours=1)
    assert room.store.make_due(room.clock(), None) == 2
    assert lease(room) == [A.address, B.address]
    assert asked(room) == []


def test_a_round_gives_no_source_twice_however_soon_it_is_due_again(room: Newsroom) -> None:
    list_network(room, A, B)
    write_state(room, A.address, next_pull_at=NOW, last_pull_at=NOW)
    write_state(room, B.address, next_pull_at=NOW, last_pull_at=NOW - HOUR)
    (leased,) = room.store.lease(NOW, 10, HOUR, not_since=NOW)
    assert leased.address == B.address
    assert lease(room) == [A.address]


def test_what_is_due_is_counted_without_what_is_given_out(room: Newsroom) -> None:
    list_network(room, A, B, C)
    write_state(room, C.address, next_pull_at=NOW + HOUR)
    assert room.store.count_due(NOW) == 2
    lease(room, limit=1)
    assert room.store.count_due(NOW) == 1
    assert room.store.count_due(NOW + HOUR) == 3, "a lease lapses"


STATE = SourceState(
    source=1,
    moved_to="https://moved.example/feed",
    moving_to="https://moving.example/feed",
    moving_pulls=2,
    etag='W/"a"',
    last_modified="Sat, 14 Feb 2026 06:00:00 GMT",
    body_hash=b"hash",
    given=b"12345678",
    failures=3,
    failing_since=NOW - HOUR,
    error="no answer",
    last_pull_at=NOW - HOUR,
    last_success_at=NOW - 2 * HOUR,
    next_pull_at=NOW,
    earliest_pull_at=NOW - HOUR,
    pulled=True,
    gone=True,
    habits=Habits(wishes=Wishes(interval=HOUR, skip_hours=(1, 2)), published=(5, 6)),
)


def test_a_state_is_given_out_as_it_was_written(room: Newsroom) -> None:
    list_network(room, A)
    room.store.write(PullOutcome(state=STATE), dedup.decide)
    (leased,) = room.store.lease(NOW, 10, HOUR)
    assert leased.state == STATE
    empty = SourceState(source=1, next_pull_at=NOW)
    room.store.write(PullOutcome(state=empty), dedup.decide)
    (leased,) = room.store.lease(NOW, 10, HOUR)
    assert leased.state == empty


@pytest.mark.parametrize(
    "changes",
    [
        {"last_pull_at": NOW, "last_success_at": NOW, "earliest_pull_at": NOW + HOUR},
        {"next_pull_at": None},
        {"etag": None},
        {"body_hash": b"other", "given": b"87654321"},
        {"failures": 0, "failing_since": None, "error": None, "gone": False},
        {"moved_to": None},
        {"habits": Habits(published=(5, 6, 7))},
    ],
)
def test_whatever_a_pull_changes_of_what_it_was_given_is_written(
    room: Newsroom, changes: dict[str, Any]
) -> None:
    list_network(room, A)
    room.store.write(PullOutcome(state=STATE), dedup.decide)
    (leased,) = room.store.lease(NOW, 10, HOUR)
    after = replace(leased.state, **changes)
    room.store.write(PullOutcome(state=after), dedup.decide)
    assert room.at(A.address).state == after


def test_a_state_that_only_says_when_changes_nothing_else(room: Newsroom) -> None:
    list_network(room, A)
    room.store.write(PullOutcome(state=STATE), dedup.decide)
    (leased,) = room.store.lease(NOW, 10, HOUR)
    statements: list[str] = []

    @event.listens_for(room.store._engine, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    later = replace(leased.state, last_pull_at=NOW, next_pull_at=NOW + HOUR)
    room.store.write(PullOutcome(state=later), dedup.decide)
    (written,) = (one for one in statements if one.startswith("UPDATE"))
    assert "etag" not in written


# ---- hosts --------------------------------------------------------------------------------------


def a_source_on(host: str, path: str = "feed") -> Source:
    return Source(address=f"https://{host}/{path}")


def test_a_source_is_given_out_with_the_host_that_will_be_asked(room: Newsroom) -> None:
    list_network(room, a_source_on("WWW.Example.ORG"), a_source_on("example.org:8443"))
    room.store.list_sources([Source(address=f"{SEED}kettle.txt")], seeds=True)
    first, second = room.store.lease(NOW, 10, HOUR)
    assert (first.host, second.host) == ("www.example.org:443", "example.org:8443")
    assert [seed.host for seed in room.store.seeds()] == [""]


def test_the_host_follows_where_a_source_moves_and_back(room: Newsroom) -> None:
    list_network(room, A)
    assert room.at(A.address).host == "a.example:443"
    for moved_to, host in (
        ("http://new.example/feed", "new.example:80"),
        ("https://newer.example/feed", "newer.example:443"),
        (None, "a.example:443"),
    ):
        (leased,) = room.store.lease(NOW, 10, HOUR)
        moved = replace(leased.state, moved_to=moved_to)
        room.store.write(PullOutcome(state=moved), dedup.decide)
        assert room.at(A.address).host == host


def test_what_is_remembered_of_a_host_is_written_anew_and_forgotten_when_nothing_is_left(
    room: Newsroom,
) -> None:
    list_network(room, A, B)
    state = room.at(A.address).state
    refused = Host(
        name="a.example:443", quiet_until=NOW + HOUR, pace=timedelta(seconds=1.5), refusals=2
    )
    other = Host(name="b.example:443", refusals=1)
    for said, remembered in (
        (refused, {refused}),
        (other, {refused, other}),
        (None, {refused, other}),
        (replace(refused, refusals=3), {replace(refused, refusals=3), other}),
        (Host(name="a.example:443"), {other}),
    ):
        room.store.write(PullOutcome(state=state, host=said), dedup.decide)
        assert room.store.hosts() == {host.name: host for host in remembered}


# ---- turns --------------------------------------------------------------------------------------


def at_most(each: int, later: datetime) -> Admit:
    """Lets so many sources of each host come, and puts the others off."""

    def admit(hosts: Sequence[str]) -> list[datetime | None]:
        return [
            None if hosts[:place].count(host) < each else later for place, host in enumerate(hosts)
        ]

    return admit


def test_who_is_put_off_is_due_then_and_takes_nobodys_place(room: Newsroom) -> None:
    crowd = [a_source_on("crowd.example", str(number)) for number in range(30)]
    list_network(room, *crowd, A, B)
    leased = room.store.lease(NOW, 4, HOUR, at_most(2, NOW + timedelta(minutes=1)))
    assert [one.address for one in leased] == [
        crowd[0].address, crowd[1].address, A.address, B.address,
    ]  # fmt: skip
    assert room.store.count_due(NOW) == 0
    assert room.store.count_due(NOW + timedelta(minutes=1)) == 28
    assert len({one.state.source for one in leased}) == 4


def test_those_beyond_the_limit_stay_due(room: Newsroom) -> None:
    list_network(room, A, B, C)
    leased = room.store.lease(NOW, 1, HOUR, lambda hosts: [None] * len(hosts))
    assert [one.address for one in leased] == [A.address]
    assert lease(room) == [B.address, C.address]
    assert room.store.lease(NOW, 0, HOUR) == ()


def test_one_call_handles_a_bounded_part_of_a_host_on_which_thousands_are_due(
    room: Newsroom,
) -> None:
    crowd = [a_source_on("crowd.example", str(number)) for number in range(3_000)]
    list_network(room, *crowd, A)
    later = NOW + timedelta(minutes=1)
    handled: list[int] = []

    def admit(hosts: Sequence[str]) -> list[datetime | None]:
        handled.append(len(hosts))
        return [later if host.startswith("crowd") else None for host in hosts]

    taken: list[str] = []
    while not taken:
        taken = [one.address for one in room.store.lease(NOW, 10, HOUR, admit)]
    assert taken == [A.address]
    assert max(handled) <= 1_040
    assert room.store.count_due(NOW) == 0


def test_threads_that_lease_at_once_are_given_each_source_once(room: Newsroom) -> None:
    list_network(room, *(a_source_on(f"h{number}.example") for number in range(60)))
    taken: list[str] = []

    def take() -> None:
        with Store(room.url, room.clock) as store:
            while leased := store.lease(NOW, 7, HOUR):
                taken.extend(one.address for one in leased)

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_a_source_listed_by_another_is_what_it_was_when_it_is_listed_again(
    room: Newsroom,
) -> None:
    list_network(room, A, B)
    write_state(room, A.address, next_pull_at=NOW + HOUR, etag='"a"')
    list_network(room, B)
    assert room.store.make_due(NOW, A.address) == 0
    list_network(room, A, B)
    assert room.at(A.address).state.etag == '"a"'
    assert lease(room) == [B.address]
    room.clock.step(hours=1)
    assert lease(room)[-1] == A.address


# ---- more than one process ----------------------------------------------------------------------


HOLDER = """
import sys
from aggregator.store import Store
store = Store(sys.argv[1])
store.hold()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_puller_is_refused_by_name_until_the_first_is_dead(room: Newsroom) -> None:
    list_network(room, A)
    with start(HOLDER, room.url) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(StoreHeldError, match=rf"store\.db: process {first.pid} already pulls"):
            room.store.hold()
        assert lease(room) == [A.address]
        first.kill()
        first.wait()
    room.store.hold()
    assert lease(room) == [A.address], "nobody is left to bring back what was given out before"
    with Store(room.url) as third:
        with pytest.raises(StoreHeldError, match=f"process {os.getpid()} already"):
            third.hold()
        room.store.close()
        third.hold()


def test_a_store_beside_which_nothing_can_be_opened_cannot_be_held(room: Newsroom) -> None:
    room.file.with_name("store.db.puller").mkdir()
    with pytest.raises(StoreError, match=r"store\.db\.puller: cannot be opened \(Is a directory\)"):
        room.store.hold()


TAKER = """
import sys
from datetime import datetime, timedelta
from aggregator.store import Store
with Store(sys.argv[1]) as store:
    print("open", flush=True)
    sys.stdin.read(1)
    while leased := store.lease(datetime.fromisoformat(sys.argv[2]), 5, timedelta(hours=1)):
        for one in leased:
            print(one.address, flush=True)
"""


def test_processes_that_lease_at_once_are_given_each_source_once(room: Newsroom) -> None:
    list_network(room, *(a_source_on(f"h{number}.example") for number in range(50)))
    with start(TAKER, room.url, NOW) as left, start(TAKER, room.url, NOW) as right:
        for one in (left, right):
            assert one.stdout is not None
            assert one.stdout.readline() == "open\n"
        taken = "".join(one.communicate("\n")[0] for one in (left, right)).split()
    assert len(taken) == len(set(taken)) == 50
