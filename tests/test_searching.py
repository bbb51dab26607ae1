"""What stories are found by follows all that happens to them, and is there for those of old."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aggregator import search
from aggregator.model import Category, Narrowing, Person, Search, Selection
from aggregator.query import Query, TooCostly, Window, slices
from aggregator.store import Store
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, titled

NAMES = [v.name for v in SHELVES]
TECH = Category(term="tech")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("", NAMES)
        yield room


def narrowed(*phrases: str, without: tuple[str, ...] = (), **kinds: Any) -> Selection:
    searches = (Search(phrases=phrases, without=without),) if phrases or without else ()
    return Selection(narrowing=Narrowing(searches=searches, **kinds))


def found(room: Newsroom, wanted: Selection, size: int = 50) -> list[str]:
    """The titles of the first page."""
    return [story.lead.title for story in page(room.query, wanted, size).stories]


def page(query: Query, wanted: Selection, size: int = 50) -> Window:
    window = query.page(wanted, size, 1)
    assert isinstance(window, Window)
    return window


def test_a_revised_story_is_found_by_what_it_says_now(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", text="It hums."))
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle", text="It sings."))
    assert found(room, narrowed("hums")) == []
    assert found(room, narrowed("it sings")) == ["About kettle"]


def test_a_story_is_found_by_all_of_its_sources_and_by_those_that_are_left(room: Newsroom) -> None:
    own = item("kettle", text="It hums.", authors=(Person(name="Bo Inkwell"),))
    room.give(GAZETTE, own)
    room.clock.step(hours=1)
    room.give(HERALD, item("kettle", text="It sings.", language="de-AT"))
    for wanted in (
        narrowed("hums", "sings"),
        narrowed(sources=(GAZETTE,)),
        narrowed(sources=(HERALD,)),
        narrowed(authors=("bo inkwell",), languages=("de",)),
    ):
        assert found(room, wanted) == ["About kettle"]
    assert found(room, narrowed("hums it")) == []
    (identifier,) = room.rows("SELECT id FROM story")[0]
    room.clock.step(hours=1)
    room.store.split(identifier, [HERALD])
    assert found(room, narrowed("hums", "sings")) == []
    assert len(found(room, narrowed(languages=("de-at",)))) == 1
    assert len(found(room, narrowed(sources=(GAZETTE,)))) == 1


def test_what_is_withdrawn_excluded_or_not_shown_is_not_found(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", text="It hums."), item("tram", text="It hums too."))
    room.clock.step(hours=1)
    (identifier,) = room.rows("SELECT id FROM story WHERE id LIKE '%kettle'")[0]
    room.store.withdraw(identifier)
    assert found(room, narrowed("hums")) == ["About tram"]
    room.listed(GAZETTE, content="title")
    room.start_with()
    assert found(room, narrowed("hums")) == []
    assert found(room, narrowed("tram")) == ["About tram"]
    room.listed(GAZETTE, content="full", exclude=("tram",))
    room.start_with()
    assert found(room, narrowed("tram")) == []
    assert found(room, narrowed(without=("kettle",))) == []
    room.store.withdraw(identifier, undo=True)
    assert found(room, narrowed("hums")) == ["About kettle"]


def test_a_private_source_is_found_by_its_publication_alone(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), title=titled("The Gazette"))
    assert found(room, narrowed(sources=(GAZETTE,)))
    room.listed(GAZETTE, private=True)
    room.start_with()
    assert not found(room, narrowed(sources=(GAZETTE,)))
    assert found(room, narrowed(sources=("The Gazette",)))


def test_what_comes_to_stand_anywhere_or_gets_a_source_comes_first(room: Newsroom) -> None:
    for slug in ("kettle", "tram", "urn"):
        room.give(GAZETTE, item(slug))
        room.clock.step(minutes=1)
    room.give(HERALD, item("something"))
    everything = narrowed(without=("something",))
    assert found(room, everything) == ["About urn", "About tram", "About kettle"]
    room.give(HERALD, item("tram"))
    room.clock.step(minutes=1)
    room.give(HERALD, item("kettle"), verticals=("tech",))
    assert found(room, everything) == ["About kettle", "About tram", "About urn"]


def test_the_past_of_a_new_source_does_not_come_before_the_day(room: Newsroom) -> None:
    room.give(GAZETTE, item("today"))
    room.clock.step(minutes=1)
    long_ago = "Mon, 02 Feb 2025 09:00:00 GMT"
    room.give(HERALD, item("old", published=long_ago), item("undated", published=None))
    assert found(room, narrowed("about")) == ["About today", "About old", "About undated"]


def test_a_selection_has_the_date_of_its_own_last_change(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kettles = narrowed("kettle")
    first = page(room.query, kettles).standing
    room.clock.step(hours=1)
    room.give(GAZETTE, item("tram"))
    same = page(room.query, kettles).standing
    assert (same.updated_at, same.modified_at) == (first.updated_at, first.modified_at)
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle", title=titled("About teapots")))
    left = page(room.query, kettles)
    assert left.stories == ()
    assert left.standing.updated_at == room.clock()
    room.clock.step(hours=1)
    room.give(GAZETTE, item("urn"))
    assert page(room.query, kettles).standing.modified_at == left.standing.modified_at


def test_a_page_that_gets_a_next_one_has_changed(room: Newsroom) -> None:
    room.give(HERALD, item("something"))
    for slug in ("kettle", "tram"):
        room.give(HERALD, item(slug))
        room.clock.step(hours=1)
    some = narrowed(without=("something",))
    assert not page(room.query, some, size=2).more
    room.give(GAZETTE, item("old"))
    now = page(room.query, some, size=2)
    assert [s.lead.title for s in now.stories] == ["About tram", "About kettle"]
    assert now.more
    assert now.standing.updated_at == room.clock()


def test_what_was_withdrawn_is_not_found_when_its_source_revises_it(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    (identifier,) = room.rows("SELECT id FROM story")[0]
    room.store.withdraw(identifier)
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle", text="It sings."))
    assert found(room, narrowed("sings")) == []
    assert room.rows("SELECT rank FROM story") == [(None,)]


def test_two_changes_in_one_second_are_two(room: Newsroom) -> None:
    for text in ("It hums.", "It sings.", "It boils."):
        room.give(GAZETTE, item("kettle", text=text))
    now = room.clock()
    for word in ("hums", "sings"):
        standing = page(room.query, narrowed(word)).standing
        assert standing.updated_at >= now


def test_what_a_pull_brought_and_changed_itself_was_seen_by_nobody(room: Newsroom) -> None:
    room.give(HERALD, item("urn"))
    elsewhere = Selection(narrowing=Narrowing(without=("tech",)))
    before = page(room.query, elsewhere).standing
    room.clock.step(hours=1)
    told = item("kettle-2", title=titled("CORRECTED-About kettles"), categories=(TECH,))
    room.give(GAZETTE, told, item("kettle", title=titled("About kettles")))
    assert room.rows("SELECT count(*) FROM story") == [(2,)]
    assert found(room, elsewhere) == ["About urn"]
    now = page(room.query, elsewhere).standing
    assert (now.updated_at, now.modified_at) == (before.updated_at, before.modified_at)
    room.clock.step(hours=1)
    room.give(HERALD, item("urn", categories=(TECH,)))
    assert page(room.query, elsewhere).standing.updated_at == room.clock()


# ---- stores of older programs --------------------------------------------------------------------


def forget(room: Newsroom, version: str | None = None) -> None:
    """Have the store as a program left it that knew no search, or made another."""
    with closing(sqlite3.connect(room.file)) as connection, connection:
        if version is None:
            connection.execute("UPDATE story SET rank = NULL")
            connection.execute("DELETE FROM findable")
            connection.execute("DELETE FROM meta WHERE name = 'search'")
        else:
            connection.execute("UPDATE findable SET words = 'nonsense'")
            connection.execute("UPDATE meta SET value = ? WHERE name = 'search'", (version,))


@pytest.fixture
def full(room: Newsroom) -> Newsroom:
    for number in range(30):
        vertical = NAMES[number % 3]
        room.give((GAZETTE, HERALD)[number % 2], item(f"n{number}"), verticals=(vertical,))
        room.clock.step(minutes=1)
    (identifier,) = room.rows("SELECT id FROM story WHERE number = 7")[0]
    room.store.withdraw(identifier)
    return room


def rows_of(room: Newsroom) -> list[tuple[object, ...]]:
    return room.rows("SELECT rowid, words, marks, spans FROM findable ORDER BY rowid")


@pytest.mark.parametrize("version", [None, "0"])
def test_a_start_makes_what_is_there_findable_as_if_it_came_now(
    full: Newsroom, version: str | None
) -> None:
    before, ranks = rows_of(full), full.rows("SELECT number, rank FROM story")
    forget(full, version)
    full.store.refresh("", NAMES)
    assert rows_of(full) == before
    assert full.rows("SELECT number, rank FROM story") == ranks
    assert full.rows("SELECT value FROM meta WHERE name = 'search'") == [(search.VERSION,)]
    assert len(found(full, narrowed(sources=(GAZETTE,)))) + len(
        found(full, narrowed(sources=(HERALD,)))
    ) == len(before)


def test_what_arrives_before_that_is_findable_and_stays_so(full: Newsroom) -> None:
    forget(full)
    full.give(GAZETTE, item("new"))
    full.give(HERALD, item("n0"))  # one more source of a story that has no row yet
    assert found(full, narrowed("new")) == ["About new"]
    full.store.refresh("", NAMES)
    assert found(full, narrowed("n0"), size=1) == ["About n0"]
    assert len(found(full, narrowed("about"))) == 30


def test_a_start_that_was_interrupted_is_made_up_for(full: Newsroom) -> None:
    before = rows_of(full)
    with closing(sqlite3.connect(full.file)) as connection, connection:
        connection.execute("DELETE FROM findable WHERE rowid % 2")
        connection.execute("UPDATE story SET rank = NULL WHERE rank % 2")
        connection.execute("UPDATE meta SET value = 'begun' WHERE name = 'search'")
    with Store(full.url, full.clock) as again:
        again.refresh("", NAMES)
    assert rows_of(full) == before


# ---- what it may cost ----------------------------------------------------------------------------


@pytest.fixture
def many(full: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A room whose stories make ten slices."""
    monkeypatch.setattr(slices, "_NEXT_BOUND", slices._NEXT_BOUND.offset(2))
    monkeypatch.setattr(slices, "SLICE", 2)
    monkeypatch.setattr(slices, "LIMIT", 60.0)
    return full


def test_what_is_found_in_slices_is_what_is_found_at_once(many: Newsroom) -> None:
    for wanted in (
        narrowed("about"),
        narrowed("n3"),
        narrowed("n28"),
        narrowed(without=("n28", "n1")),
        narrowed(within=("tech",), sources=(GAZETTE,)),
    ):
        for size in (1, 3, 7, 50):
            fresh = Query(many.url)
            window = page(fresh, wanted, size)
            at_once = many.rows(
                "SELECT id FROM findable JOIN story ON findable.rowid = story.rank "
                f"WHERE findable MATCH '{search.expression(wanted)}' ORDER BY story.rank DESC"
            )
            assert [story.id for story in window.stories] == [i for (i,) in at_once[:size]]
            assert window.more is (len(at_once) > size)
            assert len(fresh._slices._bounds) == 9
            fresh.close()


def test_what_costs_too_much_is_given_up(many: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "LIMIT", 0.0)
    assert isinstance(many.query.page(narrowed("n3"), 50, 1), TooCostly)
    # Found at once, and too late.
    assert isinstance(many.query.page(narrowed(without=("n0",)), 1, 1), TooCostly)
    monkeypatch.setattr(slices, "LIMIT", 1.0)
    assert found(many, narrowed("n3")) == ["About n3"]


def test_where_all_stories_are_one_slice_nothing_costs_too_much(
    full: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "LIMIT", 0.0)
    assert found(full, narrowed("n3")) == ["About n3"]


def test_steps_grow_with_what_is_left_and_end_with_it() -> None:
    budget = slices.Budget()
    assert budget.steps(1, 0.0) == 16
    assert budget.steps(1, budget.left / 8.5) in {3, 4}
    assert budget.steps(4, budget.left / 1.5) == 1
    assert budget.steps(1, 1.0) == 0
