"""What is published of how a story came about, and when that last changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from aggregator import dedup
from aggregator.model import Decision, Deletion, Near, New, Other
from aggregator.model.explaining import Explained
from aggregator.query import explained as module
from tests.builders import NOW
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, titled

TRIBUNE = "https://tribune.example/feed"
WORDS = "The harbour bridge at Tollen collapsed after the flood on Friday night"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("", [vertical.name for vertical in SHELVES])
        yield room


def told(room: Newsroom, page_id: str) -> Explained:
    found = room.query.story_explained(page_id)
    assert found is not None
    return found[1]


def modified_at(room: Newsroom, page_id: str) -> datetime:
    found = room.query.story_explained(page_id)
    assert found is not None
    return found[2].modified_at


def changed_at(room: Newsroom, page_id: str) -> datetime:
    """When the story itself changed, and with it the archives that it stands in."""
    (found,) = room.rows(f"SELECT changed_at FROM story WHERE page_id = '{page_id}'")
    return datetime.fromtimestamp(found[0], NOW.tzinfo)


def page_of(room: Newsroom, title: str) -> str:
    return next(one.page_id for one in room.window() if one.lead.title == title)


def event(room: Newsroom, *titles: str) -> list[str]:
    """Stories of one event, an hour apart, whatever they say: their pages, the oldest first.

    What is in the store already is of none.
    """
    change(room, "UPDATE story SET event = NULL")
    numbers = []
    for title in titles:
        room.give(GAZETTE, item(title, title=titled(title)))
        room.clock.step(hours=1)
        numbers.append(room.rows("SELECT max(number) FROM story")[0][0])
    (first, *others) = numbers
    change(
        room,
        f"UPDATE story SET event = NULL WHERE number = {first}",
        *(f"UPDATE story SET event = {first} WHERE number = {number}" for number in others),
    )
    return [page_of(room, title) for title in titles]


def change(room: Newsroom, *statements: str) -> None:
    """Have in the store what no source needs to say the right words for."""
    with room.store._engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


# ---- related ------------------------------------------------------------------------------------


def test_a_page_tells_all_stories_of_its_event_older_and_newer_the_newest_first(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("other"))
    pages = event(room, "One", "Two", "Three", "Four")
    for page_id, others in (
        (pages[0], ["Four", "Three", "Two"]),
        (pages[2], ["Four", "Two", "One"]),
        (page_of(room, "About other"), []),
    ):
        assert [other.title for other in told(room, page_id).related] == others


def test_of_a_long_event_the_newest_are_told(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_RELATED", 2)
    pages = event(room, "One", "Two", "Three", "Four")
    assert [other.title for other in told(room, pages[1]).related] == ["Four", "Three"]


def test_stories_that_tell_of_one_event_are_related_on_both_pages(room: Newsroom) -> None:
    room.give(GAZETTE, item("bridge", title=titled(WORDS), text=f"{WORDS}, the mayor said."))
    room.clock.step(hours=1)
    address = "https://herald.example/9"
    text = "Ferries will run while engineers look for the cause at the harbour of Tollen."
    title = titled("Tollen harbour bridge collapsed in Friday flood")
    room.give(HERALD, item("9", guid=address, link=address, title=title, text=text))
    newer, older = room.window()
    assert [other.page_id for other in newer.related] == [older.page_id], "frozen in feeds"
    assert older.related == ()
    assert [other.page_id for other in told(room, older.page_id).related] == [newer.page_id]
    assert [other.page_id for other in told(room, newer.page_id).related] == [older.page_id]


def test_a_story_that_comes_to_the_event_changes_the_pages_and_no_story(room: Newsroom) -> None:
    first, second = event(room, "One", "Two")
    before = changed_at(room, first)
    assert modified_at(room, first) == changed_at(room, second) > before
    assert modified_at(room, second) == changed_at(room, second)
    assert changed_at(room, first) == before


def test_a_title_that_changes_changes_the_pages_that_tell_it(room: Newsroom) -> None:
    _, second = event(room, "One", "Two")
    room.clock.step(hours=1)
    room.give(GAZETTE, item("One", title=titled("Another")))
    assert [other.title for other in told(room, second).related] == ["Another"]
    assert modified_at(room, second) == room.clock()


@pytest.mark.parametrize("which", [0, 1])
def test_a_related_story_that_is_withdrawn_is_told_no_more_and_the_date_rises(
    room: Newsroom, which: int
) -> None:
    pages = event(room, "One", "Two", "Three")
    room.store.withdraw(pages[which])
    for page_id in pages:
        if page_id != pages[which]:
            assert len(told(room, page_id).related) == 1
            assert modified_at(room, page_id) == room.clock()
    room.clock.step(hours=1)
    room.store.withdraw(pages[which], undo=True)
    assert modified_at(room, pages[2]) == room.clock()
    assert len(told(room, pages[2]).related) == 2


def test_a_related_story_that_is_joined_away_is_told_no_more_and_the_date_rises(
    room: Newsroom,
) -> None:
    room.give(HERALD, item("elsewhere"))
    first, second = event(room, "One", "Two")
    room.clock.step(hours=1)
    assert room.store.join(page_of(room, "About elsewhere"), second)
    assert told(room, first).related == ()
    assert modified_at(room, first) == room.clock()
    assert room.query.story_explained(second) is None, "its page leads on"


def test_an_excluded_related_story_is_not_told(room: Newsroom) -> None:
    first, _ = event(room, "One", "Two")
    room.start_with(GAZETTE, exclude=("two",))
    assert told(room, first).related == ()
    assert modified_at(room, first) == room.clock()


# ---- what nearly merged -------------------------------------------------------------------------


def two_alike(room: Newsroom) -> tuple[str, str]:
    """Two stories, the second of which was found to be like the first when it came."""

    def decide(*_: object, **__: object) -> Decision:
        return New(near=(Near(entry=1, reason="numbers differ", score=0.5),))

    room.give(GAZETTE, item("one"))
    room.clock.step(hours=1)
    room.give(HERALD, item("two"), decide=decide)
    return page_of(room, "About one"), page_of(room, "About two")


def test_what_nearly_merged_is_told_on_both_pages_and_changes_both(room: Newsroom) -> None:
    first, second = two_alike(room)
    for page_id, other in ((first, second), (second, first)):
        (one,) = told(room, page_id).entries
        (miss,) = one.near
        assert (miss.story.page_id, miss.reason, miss.score) == (other, "numbers differ", 0.5)
        assert modified_at(room, page_id) == room.clock()
    assert changed_at(room, first) == NOW


def test_what_is_published_nowhere_is_no_near_miss_on_a_page_but_told_to_the_operator(
    room: Newsroom,
) -> None:
    first, second = two_alike(room)
    room.clock.step(hours=1)
    room.store.withdraw(second)
    (one,) = told(room, first).entries
    assert one.near == ()
    assert modified_at(room, first) == room.clock()
    whole = room.query.explain(first)
    assert whole is not None
    assert [miss.story.page_id for miss in whole.entries[0].near] == [second]


def test_what_is_one_story_by_now_is_no_near_miss(room: Newsroom) -> None:
    first, second = two_alike(room)
    room.store.join(first, second)
    assert [one.near for one in told(room, first).entries] == [(), ()]


# ---- entries and rulings ------------------------------------------------------------------------


def test_entries_that_count_no_more_or_are_excluded_are_told_to_the_operator_alone(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"))
    room.give(HERALD, item("kettle"), item("other"))
    room.give(TRIBUNE, item("kettle", title=titled("A pot")))
    room.give(
        HERALD,
        item("other"),
        deletions=(Deletion(ref="https://gazette.example/kettle", when=None),),
    )
    room.start_with(TRIBUNE, exclude=("pot",))
    page_id = page_of(room, "About kettle")
    whole = room.query.explain(page_id)
    assert whole is not None
    assert {one.address for one in whole.entries} == {GAZETTE, HERALD, TRIBUNE}
    assert [one.address for one in told(room, page_id).entries] == [GAZETTE]


def test_how_entries_came_in_is_told_with_the_lead_first(room: Newsroom) -> None:
    room.give(HERALD, item("kettle", guid="https://herald.example/1"))
    room.give(GAZETTE, item("kettle"), verticals=("science",))
    found = told(room, room.only().page_id)
    assert [(one.address, one.rule) for one in found.entries] == [
        (GAZETTE, dedup.ADDRESS), (HERALD, dedup.FIRST),
    ]  # fmt: skip
    assert found.entries[0].like == found.entries[1].number
    assert [shelf.assignment.vertical for shelf in found.shelves] == ["science"]


def test_rulings_change_the_pages_of_both_stories_and_name_no_withdrawn_one(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"))
    room.give(HERALD, item("kettle", title=titled("A pot")))
    room.clock.step(hours=1)
    first = room.only().page_id
    room.store.split_all(first)
    second = page_of(room, "A pot")
    (ruling,) = told(room, first).rulings
    assert (ruling.apart, ruling.story) == (True, Other(page_id=second, title="A pot"))
    assert modified_at(room, first) == modified_at(room, second) == room.clock()
    room.clock.step(hours=1)
    room.give(HERALD, item("kettle", title=titled("Pots")))
    assert [one.story.title for one in told(room, first).rulings] == ["Pots"]
    assert modified_at(room, first) == room.clock()
    room.clock.step(hours=1)
    room.store.withdraw(second)
    assert told(room, first).rulings == ()
    assert modified_at(room, first) == room.clock()


# ---- dates of pages -----------------------------------------------------------------------------


def test_of_every_page_it_is_known_when_it_changed_but_for_what_was_joined_away(
    room: Newsroom,
) -> None:
    pages = [*event(room, "One", "Two"), *two_alike(room)]
    room.give(HERALD, item("alone"))
    every = dict(room.query.story_pages())
    assert every.keys() == {*pages, page_of(room, "About alone")}
    assert every == {page_id: modified_at(room, page_id) for page_id in every}


def test_a_page_that_is_not_there_is_not_explained(room: Newsroom) -> None:
    assert room.query.story_explained("0" * 20) is None
    room.give(GAZETTE, item("kettle"))
    page_id = room.only().page_id
    room.store.withdraw(page_id)
    assert room.query.story_explained(page_id) is None
    assert room.query.explain(page_id) is not None
