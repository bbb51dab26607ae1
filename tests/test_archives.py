"""Where archives end, and what each of them holds from then on (RFC 5005 4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dedup
from aggregator.model import Category, PullOutcome
from aggregator.query import Window
from aggregator.settings import ArchiveLimits
from aggregator.store.archives import written_size
from tests.builders import NOW
from tests.newsroom import GAZETTE, HERALD, Clock, Newsroom, item, selection

VERTICALS = ("culture", "science", "tech")
HOUR = timedelta(hours=1)
PHYSICS, TECH = Category(term="Physics"), Category(term="Tech")
LEDGER = "https://ledger.example/feed"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Archives of three stories, and two sources that have been pulled before."""
    with opened(tmp_path, 3) as room:
        yield room


@contextmanager
def opened(folder: Path, stories: int = 100, size: int = 500_000) -> Iterator[Newsroom]:
    with Newsroom(folder, limits=ArchiveLimits(stories=stories, size=size)) as room:
        room.store.refresh("", VERTICALS)
        for address in (GAZETTE, HERALD):
            state = replace(room.listed(address).state, pulled=True)
            room.store.write(PullOutcome(state=state), dedup.decide)
        yield room


def archives(room: Newsroom, *verticals: str) -> list[list[str]]:
    """What the archives hold, the oldest archive and in it the oldest story first."""
    found = []
    at = room.whole_window(*verticals, size=1).older
    while at:
        one = archive(room, at, *verticals)
        found.append([story.lead.title.removeprefix("About ") for story in reversed(one.stories)])
        at = one.older
    return found[::-1]


def archive(room: Newsroom, number: int, *verticals: str) -> Window:
    found = room.query.archive(selection(*verticals), number)
    assert found is not None
    return found


def newest(room: Newsroom, *verticals: str) -> Window:
    number = room.whole_window(*verticals).older
    assert number
    return archive(room, number, *verticals)


def give(
    room: Newsroom, *slugs: str, address: str = GAZETTE, verticals: tuple[str, ...] = ()
) -> None:
    """One pull after the other, an hour apart."""
    for slug in slugs:
        room.clock.step(hours=1)
        room.give(address, item(slug), verticals=verticals)


# ---- when one is closed -------------------------------------------------------------------------


def test_an_archive_is_closed_when_it_is_full(room: Newsroom) -> None:
    give(room, "a", "b")
    assert archives(room) == []
    give(room, "c")
    assert archives(room) == [["a", "b", "c"]]
    give(room, "d", "e", "f", "g")
    assert archives(room) == [["a", "b", "c"], ["d", "e", "f"]]


def test_one_pull_may_fill_several_and_they_are_full_to_the_last_place(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(str(number)) for number in range(7)))
    assert [len(one) for one in archives(room)] == [3, 3]


def test_an_archive_is_closed_after_a_first_pull_and_holds_what_came_before_it(
    room: Newsroom,
) -> None:
    give(room, "a")
    room.give(LEDGER, item("b"))
    assert archives(room) == [["a", "b"]]
    room.give(LEDGER, item("c"))
    assert archives(room) == [["a", "b"]]


def test_a_seed_is_no_first_pull(room: Newsroom) -> None:
    room.seed("a.txt", "About a")
    room.seed("b.txt", "About b")
    assert archives(room) == []


def test_a_first_pull_closes_the_archives_of_those_verticals_alone_that_it_brings_stories_to(
    room: Newsroom,
) -> None:
    give(room, "a", verticals=("science",))
    room.give(LEDGER, item("b"), verticals=("tech",))
    assert archives(room, "tech") == [["b"]]
    assert archives(room, "science") == []


def test_an_archive_is_closed_when_its_stories_have_so_many_bytes(tmp_path: Path) -> None:
    with opened(tmp_path, size=50_000) as room:
        for slug in "abcde":
            room.give(GAZETTE, item(slug, text="word " * 4000))
        assert archives(room) == [["a", "b", "c"]]


def test_bytes_are_counted_as_xml_writes_them() -> None:
    assert written_size([b"a<b>c</b>", b"&"]) == 9 + 4 * 3 + 1 + 4


def test_another_number_of_stories_closes_what_is_open_and_is_told_to_readers(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, 3) as room:
        give(room, "a", "b", verticals=("tech",))
        before = room.standing()
    later = Clock(NOW + 5 * HOUR)
    for stories, expected in ((3, []), (5, [["a", "b"]]), (5, [["a", "b"]])):
        with Newsroom(tmp_path, later, ArchiveLimits(stories=stories)) as room:
            room.store.refresh("", VERTICALS)
            assert archives(room) == archives(room, "science", "tech") == expected
            changed = later() if expected else before.modified_at
            assert room.standing().modified_at == changed
            assert room.standing().updated_at == before.updated_at


def test_a_puller_that_begins_with_another_number_closes_what_is_open_too(tmp_path: Path) -> None:
    with opened(tmp_path, 3) as room:
        room.store.hold()
        give(room, "a", "b")
    with Newsroom(tmp_path, Clock(NOW + 5 * HOUR), ArchiveLimits(stories=5)) as room:
        room.store.hold()
        assert archives(room) == [["a", "b"]]
        assert room.standing().modified_at == room.clock()


def test_what_a_union_counted_off_by_one_number_stays_when_it_is_another(tmp_path: Path) -> None:
    with opened(tmp_path, 3) as room:
        give(room, "a", "b", verticals=("tech",))
        give(room, "c", "d", verticals=("science",), address=HERALD)
        assert archives(room, "science", "tech") == [["a", "b", "c"]]
    with Newsroom(tmp_path, Clock(NOW + 5 * HOUR), ArchiveLimits(stories=2)) as room:
        room.store.refresh("", VERTICALS)
        assert archives(room, "science", "tech")[0] == ["a", "b", "c"]


def test_every_vertical_has_archives_of_its_own(room: Newsroom) -> None:
    give(room, "a", "b", verticals=("tech",))
    give(room, "c", verticals=("science",), address=HERALD)
    give(room, "d", verticals=("tech",))
    assert archives(room) == [["a", "b", "c"]]
    assert archives(room, "tech") == [["a", "b", "d"]]


# ---- what the feed lists ------------------------------------------------------------------------


def test_a_feed_lists_what_no_archive_has_yet_however_much(room: Newsroom) -> None:
    give(room, "a", "b", "c", "d", "e")
    window = room.whole_window(size=1)
    assert [story.lead.title for story in window.stories] == ["About e", "About d"]
    assert window.due == {f"https://gazette.example/{slug}" for slug in "de"}


def test_what_a_first_pull_brings_of_the_past_does_not_push_the_day_out(room: Newsroom) -> None:
    give(room, "a")
    room.give(LEDGER, *(item(f"old-{n}") for n in range(10)))
    assert [story.lead.title for story in room.window(size=1)] == ["About a"]
    assert sum(map(len, archives(room))) == 11


def test_a_late_arrival_with_an_old_date_is_listed_first(room: Newsroom) -> None:
    give(room, "a", "b")
    room.clock.step(hours=1)
    room.give(GAZETTE, item("old", published="Mon, 02 Feb 2026 09:00:00 GMT"))
    assert room.titles()[0] == "About old"


def test_a_story_revised_in_an_archive_stays_there_and_is_listed_again(room: Newsroom) -> None:
    give(room, "a", "b", "c", "d")
    before = newest(room)
    room.clock.step(hours=1)
    room.give(GAZETTE, item("a", text="It hums."))
    assert room.titles()[0] == "About a"
    after = newest(room)
    assert [s.id for s in after.stories] == [s.id for s in before.stories]
    assert after.stories[-1].lead.summary == "<p>It hums.</p>"
    assert after.standing.modified_at == after.standing.updated_at == room.clock()


# ---- what it holds ------------------------------------------------------------------------------


def test_an_archive_names_those_before_and_after_it_and_the_newest_has_none_after(
    room: Newsroom,
) -> None:
    give(room, *"abcdef")
    last = newest(room)
    assert last.newer is None
    assert last.older
    first = archive(room, last.older)
    assert (first.older, first.newer) == (0, room.whole_window().older)
    beginning = archive(room, 0)
    assert (beginning.stories, beginning.older, beginning.newer) == ((), None, last.older)


def paged(room: Newsroom, number: int, least: int) -> tuple[list[str], int | None]:
    """The titles of an archive with what is before it, and the number of the one to go on at."""
    found = room.query.archive(selection(), number, least)
    assert found
    return [story.lead.title.removeprefix("About ") for story in found.stories], found.older


def test_where_archives_are_short_one_may_ask_for_those_before_them_too(room: Newsroom) -> None:
    give(room, *"abcdef")
    room.give(LEDGER, item("old", published="Mon, 01 Jan 2018 00:00:00 GMT"))
    last = room.whole_window().older
    assert last
    assert paged(room, last, 0) == (["old"], archive(room, last).older)
    assert paged(room, last, 1) == paged(room, last, 0)
    titles, older = paged(room, last, 2)
    assert titles == ["f", "e", "d", "old"], "in the order of the feed"
    assert older
    assert paged(room, older, 2) == (["c", "b", "a"], 0)
    assert paged(room, last, 100) == (["f", "e", "d", "c", "b", "a", "old"], 0)
    assert paged(room, 0, 100) == ([], None)


def test_what_happens_in_the_archives_before_it_is_told_by_the_date_then(room: Newsroom) -> None:
    give(room, *"abcdef")
    room.clock.step(hours=1)
    room.store.withdraw("https://gazette.example/b")
    (last, own, more), (_, first, _), _ = room.query.archives(selection(), 4)
    assert first.modified_at == more.modified_at == room.clock()
    assert own.modified_at < room.clock()
    assert paged(room, last, 4) == (["f", "e", "d", "c", "a"], 0)


def test_there_is_no_beginning_before_there_is_an_archive(room: Newsroom) -> None:
    give(room, "a")
    assert room.whole_window().older is None
    assert room.query.archive(selection(), 0) is None
    assert room.query.archive(selection(), 1) is None


def test_no_archive_has_another_number_than_that_of_its_end(room: Newsroom) -> None:
    give(room, *"abcdef")
    last = room.whole_window().older
    assert last
    for number in (last - 1, last + 1, 10**18 - 1):
        assert room.query.archive(selection(), number) is None
    assert room.query.archive(selection("gardening"), last) is None


@pytest.mark.parametrize("published", [None, "Mon, 01 Jan 2018 00:00:00 GMT"])
def test_an_archive_was_updated_when_its_stories_came_however_old_they_are(
    room: Newsroom, published: str | None
) -> None:
    room.give(LEDGER, item("old", published=published))
    assert newest(room).standing.updated_at == NOW


def test_the_date_of_an_archive_rises_when_the_next_one_comes(room: Newsroom) -> None:
    give(room, *"abc")
    number = room.whole_window().older
    assert number
    assert archive(room, number).standing.modified_at == NOW + 3 * HOUR
    give(room, *"de")
    assert archive(room, number).standing.modified_at == NOW + 3 * HOUR
    give(room, "f")
    assert archive(room, number).standing.modified_at == NOW + 6 * HOUR
    give(room, *"ghijkl")
    assert archive(room, number).standing.modified_at == NOW + 6 * HOUR


def test_the_date_of_every_archive_rises_with_another_configuration(room: Newsroom) -> None:
    give(room, *"abc")
    room.clock.step(hours=1)
    room.store.refresh("version 2", [])
    assert newest(room).standing.modified_at == room.clock()
    assert newest(room).standing.updated_at == room.clock() - HOUR


def test_a_story_that_leaves_takes_nothing_else_with_it(room: Newsroom) -> None:
    give(room, *"abcd")
    before = room.whole_window().older
    room.clock.step(hours=1)
    room.store.withdraw("https://gazette.example/b")
    assert archives(room) == [["a", "c"]]
    assert room.whole_window().older == before
    assert newest(room).standing.modified_at == newest(room).standing.updated_at == room.clock()
    room.clock.step(hours=1)
    room.store.withdraw("https://gazette.example/b", undo=True)
    assert archives(room) == [["a", "c"]]
    assert room.titles() == ["About b", "About d", "About c", "About a"]


def test_an_archive_of_which_every_story_left_is_still_there(room: Newsroom) -> None:
    give(room, *"abcd")
    room.clock.step(hours=1)
    for slug in "abc":
        room.store.withdraw(f"https://gazette.example/{slug}")
    assert archives(room) == [[]]
    assert newest(room).standing.updated_at == room.clock()


# ---- unions -------------------------------------------------------------------------------------


def test_the_archives_of_a_union_end_where_those_of_its_verticals_do(room: Newsroom) -> None:
    give(room, "a", "b", verticals=("tech",))
    give(room, "c", verticals=("science",), address=HERALD)
    assert archives(room, "science", "tech") == [["a", "b", "c"]]
    give(room, "d", verticals=("tech",))
    assert archives(room, "tech") == [["a", "b", "d"]]
    assert archives(room, "science", "tech") == [["a", "b", "c"], ["d"]]


def test_the_archives_of_a_union_are_no_longer_than_those_of_its_verticals(room: Newsroom) -> None:
    for number in range(4):
        give(room, f"t{number}", verticals=("tech",))
        give(room, f"s{number}", verticals=("science",), address=HERALD)
        give(room, f"c{number}", verticals=("culture",), address=HERALD)
    found = archives(room, "culture", "science", "tech")
    assert max(map(len, found)) == 3
    open_ones = room.whole_window("culture", "science", "tech", size=1).stories
    assert sum(map(len, found)) + len(open_ones) >= 12


def test_a_story_of_two_verticals_is_in_one_document_once(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(slug, categories=(PHYSICS, TECH)) for slug in "ab"))
    for found in archives(room, "science", "tech"):
        assert len(found) == len(set(found))
    assert room.titles("science", "tech") == ["About a", "About b"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("give", "give", "give", "first", "withdraw")),
        st.sampled_from((("tech",), ("science",), ("culture",), ("science", "tech"))),
        st.integers(1, 4),
    ),
    max_size=12,
)


@settings(max_examples=4, deadline=None)
@given(steps=STEPS)
def test_a_closed_archive_of_any_union_gets_no_story_and_keeps_its_number(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, tuple[str, ...], int]],
) -> None:
    unions = ((), ("tech",), ("science", "tech"), VERTICALS)
    closed: dict[tuple[tuple[str, ...], int], set[str]] = {}
    with opened(tmp_path_factory.mktemp("union"), 3) as room:
        for number, (what, verticals, count) in enumerate(steps):
            room.clock.step(minutes=1)
            address = f"https://s{number if what == 'first' else 0}.example/feed"
            if what == "withdraw":
                for identifier in [story.id for story in room.window(size=1)][:count]:
                    room.store.withdraw(identifier)
            else:
                slugs = (f"{number}-{n}" for n in range(count))
                room.give(address, *map(item, slugs), verticals=verticals)
            for union in unions:
                seen: set[int] = set()
                at = room.whole_window(*union, size=1).older
                while at:
                    ids = {story.id for story in archive(room, at, *union).stories}
                    assert len(ids) <= 3
                    assert ids <= closed.get((union, at), ids)
                    closed[union, at] = ids
                    seen.add(at)
                    at = archive(room, at, *union).older
                assert {last for of, last in closed if of == union} == seen
