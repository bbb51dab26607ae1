"""What the one reader gives: windows in their order, stories by page, sources as they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from aggregator import dedup
from aggregator.model import ALL, Category, PullOutcome
from aggregator.query import DAYS, Query, SourceReport, Totals
from tests.builders import NOW, PUBLISHED
from tests.newsroom import (
    GAZETTE,
    HERALD,
    Newsroom,
    item,
    selection,
    titled,
)

DAY_BEFORE = "Thu, 12 Feb 2026 09:00:00 GMT"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


# ---- windows ------------------------------------------------------------------------------------


def test_a_store_that_has_never_heard_of_a_vertical_has_no_window_of_it(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    assert room.query.window(selection("science"), 10) is None
    assert room.query.standing(selection("science")) is None
    assert room.query.window(selection("science", "tech"), 10) is not None


def test_the_newest_by_position_come_first_and_then_those_that_came_last(room: Newsroom) -> None:
    old, undated = item("old", published=DAY_BEFORE), item("undated", published=None)
    room.give(GAZETTE, item("b"), item("a"), old, undated)
    room.clock.step(hours=1)
    room.give(HERALD, item("late"), item("late and old", published=DAY_BEFORE))
    assert room.titles() == [
        "About late", "About b", "About a", "About late and old", "About old", "About undated",
    ]  # fmt: skip
    room.give(HERALD, item("latest", published=DAY_BEFORE))
    assert room.titles()[0] == "About latest"


def test_a_window_holds_no_more_than_was_asked_for(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(str(number)) for number in range(5)))
    assert [story.lead.title for story in room.window(size=2)] == ["About 0", "About 1"]
    assert room.window(size=0) == ()


def test_a_union_lists_a_story_once_and_the_newest_of_all_its_verticals(room: Newsroom) -> None:
    tech, both, science = (
        item("t", categories=(Category(term="tech"),)),
        item("b", categories=(Category(term="physics"), Category(term="tech"))),
        item("s", categories=(Category(term="physics"),)),
    )
    for one in (tech, both, science):
        room.give(GAZETTE, one)
        room.clock.step(hours=1)
    assert room.titles("science", "tech") == ["About s", "About b", "About t"]
    newest = room.window("science", "tech", size=2)
    assert [story.lead.title for story in newest] == ["About s", "About b"]
    room.give(HERALD, replace(tech, categories=(Category(term="physics"),)))
    assert room.titles("science", "tech") == ["About t", "About s", "About b"]
    assert room.titles("tech") == ["About b", "About t"]


def test_a_union_stands_where_the_last_of_its_verticals_stands(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    room.clock.step(hours=1)
    room.give(HERALD, item("lid"), verticals=("science",))
    union, science = room.standing("science", "tech"), room.standing("science")
    assert (union.modified_at, union.updated_at) == (science.modified_at, science.updated_at)
    assert union.revision == science.revision + room.standing("tech").revision


def test_a_window_and_its_standing_are_of_one_moment_while_others_write(room: Newsroom) -> None:
    room.give(GAZETTE, item("first"))

    def write() -> None:
        for number in range(25):
            room.give(GAZETTE, item(str(number)), item(f"{number}-too"))

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while writer.is_alive():
        window = room.whole_window()
        seen.add(window.standing.revision)
        assert len(window.stories) == 2 * window.standing.revision - 1
    assert len(seen) > 3


# ---- stories ------------------------------------------------------------------------------------


def test_a_story_is_found_by_its_page_with_all_its_entries_and_verticals(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    room.give(HERALD, item("kettle"), verticals=("culture",))
    page = sha256(b"https://gazette.example/kettle").hexdigest()[:20]
    story = room.query.story(page)
    assert story is not None
    assert story == room.only()
    assert story.verticals == ("culture", "tech")
    assert [entry.source.feed_url for entry in story.entries] == [GAZETTE, HERALD]
    assert (story.first_seen, story.updated) == (NOW, PUBLISHED)
    assert room.query.story("0" * 20) is None


def test_an_excluded_entry_is_read_in_no_story_and_one_without_others_by_no_page(
    room: Newsroom,
) -> None:
    room.seed("kettle.txt", "About kettle")
    room.give(HERALD, item("kettle", title=titled("A pot sings")))
    pages = [story.page_id for story in room.window()]
    room.listed(GAZETTE, exclude=("about",))
    room.give(GAZETTE, item("kettle"))
    (kept,), ((retired,),) = room.window(), room.rows("SELECT page_id FROM alias")
    assert {kept.page_id, retired} == set(pages)
    assert [entry.title for entry in kept.entries] == ["A pot sings", "About kettle"]
    room.start_with(HERALD, exclude=("pot",))
    room.remove_seed("kettle.txt")
    assert [room.query.story(page) for page in pages] == [None, None]
    assert room.query.totals() == Totals(sources=3, entries=2, stories=0)


# ---- sources ------------------------------------------------------------------------------------


def test_every_listed_source_is_reported_by_address_with_what_it_gave(room: Newsroom) -> None:
    room.give(HERALD, item("kettle"), item("lid"))
    room.seed("kettle.txt", "About kettle")
    room.seed("spout.txt", "About spout")
    room.remove_seed("spout.txt")
    leased = room.listed(GAZETTE)
    state = replace(
        leased.state,
        failures=2,
        failing_since=NOW,
        error="answered 410 Gone",
        gone=True,
        next_pull_at=None,
    )
    room.store.write(PullOutcome(state=state), dedup.decide)
    gazette, herald, kettle, spout = room.query.sources(room.clock())
    assert gazette == SourceReport(
        number=gazette.number,
        address=GAZETTE,
        title=None,
        entries=0,
        last_pull_at=None,
        last_success_at=None,
        moved_to=None,
        newest_at=None,
        silent_since=None,
        days=(0,) * DAYS,
        next_pull_at=None,
        failing_since=NOW,
        failures=2,
        error="answered 410 Gone",
        gone=True,
    )
    assert (herald.title, herald.entries, herald.last_success_at) == ("Merrow Gazette", 2, NOW)
    assert (kettle.entries, spout.entries) == (1, 0)
    assert room.query.totals() == Totals(sources=4, entries=3, stories=2)
    room.store.list_sources([room.sources[HERALD]], seeds=False)
    assert GAZETTE not in {report.address for report in room.query.sources(room.clock())}
    assert room.query.totals() == Totals(sources=3, entries=3, stories=2)


def test_a_reader_writes_nothing(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    before = room.dump()
    room.query.window(selection(), 10)
    room.query.standing(selection("tech"))
    room.query.story(room.only().page_id)
    room.query.sources(room.clock())
    room.query.totals()
    assert room.dump() == before


def test_readers_see_what_was_committed_after_they_opened(room: Newsroom) -> None:
    with Query(room.url) as another:
        for query in (room.query, another):
            assert query.totals() == Totals(sources=0, entries=0, stories=0)
        room.give(GAZETTE, item("kettle"))
        assert room.titles(ALL) == ["About kettle"]
        assert another.window(selection(), 9) == room.whole_window()
