"""Which sources there are: what comes, goes and moves when settings name others than before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import dedup
from aggregator.model import Leased, PullOutcome
from aggregator.settings import SEED, Source
from aggregator.store import Listed
from tests.newsroom import GAZETTE, HERALD, Newsroom, item

NEW = "https://merrow.example:8443/feed.xml"
PLAIN = GAZETTE.replace("https:", "http:")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def listing(room: Newsroom, *wanted: Source) -> Listed:
    return room.store.list_sources(wanted, seeds=False)


def pulled(room: Newsroom, address: str, moved_to: str | None = None) -> Leased:
    """A source that has given an entry, with all that is remembered of the document it came in."""
    room.give(address, item("kettle"))
    leased, now = room.at(address), room.clock()
    state = replace(
        leased.state,
        moved_to=moved_to,
        moving_to=NEW,
        moving_pulls=2,
        etag='"1"',
        last_modified="Fri, 13 Feb 2026 09:00:00 GMT",
        body_hash=b"hash",
        given=b"given",
        gone=True,
        next_pull_at=now + timedelta(days=1),
        earliest_pull_at=now + timedelta(hours=6),
    )
    room.store.write(PullOutcome(state=state), dedup.decide)
    return room.at(address)


def identity(leased: Leased) -> tuple[object, ...]:
    """What makes it the same source: its number, what ids come from, and what it gave."""
    state = leased.state
    given = (state.given, state.habits, state.pulled, state.last_success_at)
    return state.source, leased.first_address, given


def remembered(leased: Leased) -> tuple[object, ...]:
    """What is remembered of the document at its address."""
    state = leased.state
    return state.etag, state.last_modified, state.body_hash, state.gone


def test_what_is_named_first_comes_and_what_is_named_no_more_goes(room: Newsroom) -> None:
    gazette, herald = Source(address=GAZETTE), Source(address=HERALD)
    assert listing(room, gazette, herald) == Listed(came=(GAZETTE, HERALD))
    assert not listing(room, herald, gazette)
    assert listing(room, herald) == Listed(went=(GAZETTE,))
    assert not listing(room, herald), "it went once"
    assert listing(room, gazette) == Listed(came=(GAZETTE,), went=(HERALD,))
    numbers = room.rows("SELECT number, address, first_address FROM source ORDER BY number")
    assert numbers == [(1, GAZETTE, GAZETTE), (2, HERALD, HERALD)]


def test_a_source_that_is_not_enabled_is_known_and_not_asked(room: Newsroom) -> None:
    off, on = Source(address=GAZETTE, enabled=False), Source(address=GAZETTE)
    assert not listing(room, off)
    assert room.store.count_due(room.clock()) == 0
    assert listing(room, on) == Listed(came=(GAZETTE,))
    assert room.store.count_due(room.clock()) == 1
    assert listing(room, off) == Listed(went=(GAZETTE,))
    moved = Source(address=NEW, was=(GAZETTE,), enabled=False)
    assert listing(room, moved) == Listed(moved=((GAZETTE, NEW),))
    assert room.store.count_due(room.clock()) == 0


@pytest.mark.parametrize(
    ("moved_to", "new", "keeps"),
    [
        (None, Source(address=NEW, was=("https://never.example/", GAZETTE)), False),
        (NEW, Source(address=NEW), True),
        (HERALD, Source(address=NEW, was=(GAZETTE,)), False),
        (None, Source(address=PLAIN), False),
        (PLAIN, Source(address=PLAIN), True),
    ],
    ids=["it was there", "it moved there", "it moved elsewhere", "by http", "it moved to http"],
)
def test_a_source_at_another_address_is_the_same_source(
    room: Newsroom, moved_to: str | None, new: Source, *, keeps: bool
) -> None:
    before = pulled(room, GAZETTE, moved_to)
    story = room.only()
    room.clock.step(hours=1)
    assert listing(room, new) == Listed(moved=((GAZETTE, new.address),))
    after = room.at(new.address)
    assert identity(after) == identity(before)
    assert after.first_address == GAZETTE
    assert after.host == ("merrow.example:8443" if new.address == NEW else "gazette.example:80")
    now = (after.state.moved_to, after.state.moving_to, after.state.moving_pulls)
    assert now == (None, None, 0)
    if keeps:
        assert remembered(after) == remembered(before)
        assert after.state.next_pull_at == before.state.next_pull_at
        assert after.state.earliest_pull_at == before.state.earliest_pull_at
    else:
        assert remembered(after) == (None, None, None, False)
        assert after.state.next_pull_at == room.clock()
        assert after.state.earliest_pull_at is None
    room.sources = {new.address: new}
    room.give(new.address, item("kettle"))
    assert room.only().id == story.id, "what it gave before is not given again"
    assert room.rows("SELECT count(*) FROM source") == [(1,)]


def test_a_source_can_go_to_another_address_and_back(room: Newsroom) -> None:
    before = pulled(room, GAZETTE)
    gazette = Source(address=GAZETTE)
    for _ in range(2):
        there = listing(room, Source(address=NEW, was=(GAZETTE,)))
        assert there == Listed(moved=((GAZETTE, NEW),))
        back = listing(room, replace(gazette, was=(NEW,)))
        assert back == Listed(moved=((NEW, GAZETTE),))
    assert identity(room.at(GAZETTE)) == identity(before)
    assert not listing(room, gazette), "what it was counts only when it moves"


def test_one_that_was_left_is_the_same_when_it_comes_back_elsewhere(room: Newsroom) -> None:
    before = pulled(room, GAZETTE)
    listing(room)
    assert listing(room, Source(address=PLAIN)) == Listed(moved=((GAZETTE, PLAIN),))
    assert identity(room.at(PLAIN)) == identity(before)
    assert room.store.count_due(room.clock()) == 1


def test_an_old_address_is_taken_by_one_new_source_alone(room: Newsroom) -> None:
    listing(room, Source(address=GAZETTE))
    first, second = Source(address=NEW, was=(GAZETTE,)), Source(address=HERALD, was=(GAZETTE,))
    assert listing(room, first, second) == Listed(came=(HERALD,), moved=((GAZETTE, NEW),))
    third = Source(address=PLAIN, was=(NEW,))
    said = listing(room, first, second, third)
    assert said == Listed(came=(PLAIN,)), "what is still named is nobody else's"


def test_what_the_operator_says_goes_before_where_publishers_sent_us(room: Newsroom) -> None:
    pulled(room, HERALD, NEW)
    listing(room, Source(address=HERALD), Source(address=GAZETTE))
    said = listing(room, Source(address=NEW, was=(GAZETTE,)))
    assert said == Listed(went=(HERALD,), moved=((GAZETTE, NEW),))


def test_what_was_pulled_until_now_goes_before_what_was_not(room: Newsroom) -> None:
    pulled(room, GAZETTE, NEW)
    pulled(room, HERALD, NEW)
    listing(room, Source(address=HERALD))
    assert listing(room, Source(address=NEW)) == Listed(moved=((HERALD, NEW),))


def test_seeds_come_and_go_and_never_move(room: Newsroom) -> None:
    def seeds(*paths: str) -> Listed:
        wanted = [Source(address=SEED + path, was=(SEED + "kettle.txt",)) for path in paths]
        return room.store.list_sources(wanted, seeds=True)

    listing(room, Source(address=GAZETTE))
    assert seeds("kettle.txt") == Listed(came=(SEED + "kettle.txt",))
    said = seeds("tram.txt")
    assert said == Listed(came=(SEED + "tram.txt",), went=(SEED + "kettle.txt",))
    assert room.store.count_due(room.clock()) == 1, "seeds are no network's, nor the other way"
