from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import dedup
from aggregator.model import Habits, PullOutcome, SourceState
from aggregator.model.notices import Notice
from aggregator.query import DAYS
from aggregator.store import notices
from tests.builders import NOW
from tests.newsroom import Newsroom, item

GAZETTE, HERALD = "https://gazette.example/feed", "https://herald.example/rss"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as made:
        made.listed(GAZETTE)
        made.listed(HERALD)
        yield made


def leave(room: Newsroom, address: str, **changes: object) -> SourceState:
    """A pull of this source leaves its state so."""
    state = replace(room.at(address).state, **changes)  # type: ignore[arg-type]
    room.store.write(PullOutcome(state=state), dedup.decide)
    return state


def told(room: Newsroom) -> list[tuple[str, str | None]]:
    """Of what operators were told, the oldest first."""
    return [(one.kind, one.address) for one in reversed(room.query.notices(100))]


def test_a_source_that_begins_to_fail_is_told_of_once_and_again_when_it_recovers(
    room: Newsroom,
) -> None:
    began = NOW - timedelta(minutes=1)
    leave(room, GAZETTE, error="answered 500", failing_since=began, failures=1)
    room.clock.step(hours=1)
    leave(room, GAZETTE, error="no answer", failing_since=began, failures=2)
    assert room.query.notices(9) == (
        Notice(
            number=1,
            at=NOW,
            kind="failing",
            said="answered 500",
            since=began,
            address=GAZETTE,
        ),
    )
    leave(room, GAZETTE, error=None, failing_since=None, failures=0)
    (last, _) = room.query.notices(9)
    assert (last.kind, last.at, last.since) == ("recovered", NOW + timedelta(hours=1), began)
    leave(room, GAZETTE, last_pull_at=NOW)
    assert told(room) == [("failing", GAZETTE), ("recovered", GAZETTE)]


def test_a_source_that_is_gone_for_good_is_told_of_as_such(room: Newsroom) -> None:
    gone = "answered 410 Gone"
    leave(room, GAZETTE, error=gone, failing_since=NOW, gone=True)
    leave(room, GAZETTE, error=gone, failing_since=NOW, gone=True, failures=2)
    leave(room, GAZETTE, error=None, failing_since=None, gone=False)
    assert told(room) == [("gone", GAZETTE), ("recovered", GAZETTE)]


def test_what_a_leased_source_was_is_known_without_reading_it_again(room: Newsroom) -> None:
    for leased in room.store.lease(NOW, 10, timedelta(hours=1)):
        state = replace(leased.state, error="no answer", failing_since=NOW, last_pull_at=NOW)
        room.store.write(PullOutcome(state=state), dedup.decide)
    assert told(room) == [("failing", GAZETTE), ("failing", HERALD)]


def test_config_toml_is_told_of_once_until_something_else_is(room: Newsroom) -> None:
    for kind, said in (
        ("refused", "config.toml:1: a"),
        ("refused", "config.toml:1: a"),
        ("refused", "config.toml:2: b"),
        ("taken", "config.toml is good again"),
        ("refused", "config.toml:2: b"),
    ):
        room.store.tell(kind, said)  # type: ignore[arg-type]
    kinds = [one.kind for one in reversed(room.query.notices(9))]
    assert kinds == ["refused", "refused", "taken", "refused"]
    assert {one.address for one in room.query.notices(9)} == {None}


def test_a_source_that_falls_silent_is_told_of_once_and_when_it_speaks_again(
    room: Newsroom,
) -> None:
    daily = tuple(int((NOW - timedelta(days=n)).timestamp()) for n in range(10, 0, -1))
    leave(room, GAZETTE, habits=Habits(published=daily))
    room.store.tell_silent()
    assert told(room) == []
    room.clock.step(days=3)
    room.store.tell_silent()
    room.store.tell_silent()
    (silent,) = room.query.notices(9)
    assert (silent.kind, silent.since) == ("silent", NOW - timedelta(days=1))
    gazette, herald = room.query.sources(room.clock())
    assert (gazette.silent_since, gazette.newest_at) == (silent.since, silent.since)
    assert herald.silent_since is None
    now = int(room.clock().timestamp())
    leave(room, GAZETTE, habits=Habits(published=(*daily, now)))
    room.store.tell_silent()
    room.store.tell_silent()
    assert told(room) == [("silent", GAZETTE), ("speaking", GAZETTE)]


def test_a_source_that_was_silent_before_it_was_added_is_not_told_of(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    long_ago = tuple(int((NOW - timedelta(days=n)).timestamp()) for n in range(110, 100, -1))
    leave(room, GAZETTE, habits=Habits(published=long_ago))
    room.clock.step(days=9)
    room.store.tell_silent()
    assert told(room) == []
    assert room.query.sources(room.clock())[0].silent_since is None


def test_old_notices_and_too_many_are_forgotten(room: Newsroom) -> None:
    room.store.tell("taken", "long ago")
    room.clock.step(days=91)
    for number in range(notices.MOST_KEPT + 10):
        if number in (0, notices.MOST_KEPT + 9):
            room.store.tell("taken", f"{number}")
        else:
            with room.store._transaction() as connection:
                row = notices._row(room.clock(), "taken", None, None, f"{number}")
                notices._INSERT.run(connection, [row])
    found = room.query.notices(2 * notices.MOST_KEPT)
    assert len(found) == notices.MOST_KEPT
    assert found[0].said == str(notices.MOST_KEPT + 9)


def test_what_a_source_brings_is_counted_by_day_but_for_what_it_had_at_first(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"), item("tram"))
    room.clock.step(days=1)
    room.give(GAZETTE, item("lid"))
    room.give(GAZETTE, item("spout"))
    room.clock.step(days=2)
    room.give(GAZETTE, item("bus"))
    gazette, herald = room.query.sources(room.clock())
    assert gazette.days == (*(0,) * (DAYS - 3), 2, 0, 1)
    assert (gazette.entries, herald.days) == (5, (0,) * DAYS)
    room.clock.step(days=DAYS - 1)
    assert room.query.sources(room.clock())[0].days == (1, *(0,) * (DAYS - 1))


def test_what_stands_in_a_vertical_is_reported(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    everything, tech = room.query.verticals()
    assert (everything.name, everything.stories) == ("all", 1)
    assert (tech.name, tech.stories, tech.modified_at) == ("tech", 1, NOW)
    assert room.query.remembered("nothing of that name") is None
    room.store.remember("config.toml", "[site]")
    assert room.query.remembered("config.toml") == "[site]"
