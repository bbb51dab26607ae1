"""Stories that are joined, split and withdrawn, and what their readers keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model import Category, Deletion, Story
from aggregator.settings import SEED, Vertical
from aggregator.store.writing import page_id
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, titled

TRIBUNE = "https://tribune.example/feed"
KETTLE = "https://gazette.example/kettle"
PHYSICS = Category(term="Physics")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("", [vertical.name for vertical in SHELVES])
        yield room


def merged(room: Newsroom) -> Story:
    """A story of the herald's, which the gazette leads and puts on the shelf of science."""
    room.give(HERALD, item("kettle", guid="https://herald.example/1"), verticals=("tech",))
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle"), verticals=("science",))
    room.clock.step(hours=1)
    return room.only()


def by_id(room: Newsroom, identifier: str) -> Story:
    return next(story for story in room.window() if story.id == identifier)


def tombstones(room: Newsroom, *verticals: str) -> list[str]:
    return [one.id for one in room.whole_window(*verticals).tombstones]


# ---- withdrawn ----------------------------------------------------------------------------------


def test_a_withdrawn_story_is_in_no_feed_and_its_id_is_told(room: Newsroom) -> None:
    story = merged(room)
    before = room.standing("tech")
    assert room.store.withdraw(story.id) == story.id
    for names in ((), ("tech",), ("science", "tech")):
        assert room.window(*names) == ()
        assert tombstones(room, *names) == [story.id]
    assert tombstones(room, "culture") == []
    after = room.standing("tech")
    assert after.modified_at == after.updated_at == room.clock()
    assert after.revision == before.revision + 1
    assert room.query.story(story.page_id) is None


@pytest.mark.parametrize("address", [HERALD, GAZETTE, TRIBUNE])
def test_what_sources_give_of_a_withdrawn_story_changes_nothing(
    room: Newsroom, address: str
) -> None:
    room.store.withdraw(merged(room).id)
    before = room.standing()
    for text in ("It hums.", "It sings."):
        room.clock.step(hours=1)
        room.give(address, item("kettle", text=text))
        assert room.window() == ()
    assert room.standing() == before


def test_a_story_that_is_let_in_again_is_where_it_was_and_as_it_is_now(room: Newsroom) -> None:
    story = merged(room)
    room.store.withdraw(story.id)
    room.give(GAZETTE, item("kettle", text="It hums."), verticals=("science",))
    room.clock.step(hours=1)
    assert room.store.withdraw(story.page_id, undo=True) == story.id
    again = room.only()
    assert (again.id, again.verticals) == (story.id, ("science", "tech"))
    assert again.lead.summary == "<p>It hums.</p>"
    assert tombstones(room) == []


def test_to_withdraw_twice_or_to_undo_nothing_changes_nothing(room: Newsroom) -> None:
    story = merged(room)
    before = room.dump()
    assert room.store.withdraw(story.id, undo=True) == story.id
    assert room.dump() == before
    room.store.withdraw(story.id)
    before = room.dump()
    room.clock.step(hours=1)
    assert room.store.withdraw(story.id) == story.id
    assert room.dump() == before


def test_no_story_is_withdrawn_by_an_id_that_there_is_not(room: Newsroom) -> None:
    merged(room)
    before = room.dump()
    assert room.store.withdraw("https://gazette.example/none") is None
    assert room.dump() == before


def test_a_withdrawn_story_stays_so_after_a_start_with_other_rules(room: Newsroom) -> None:
    room.store.withdraw(merged(room).id)
    room.start_with(defined=(Vertical(name="science", title="Science", keywords=("kettle",)),))
    room.start_with(GAZETTE, rank=5)
    assert room.window() == ()


def test_a_seed_put_back_does_not_let_a_withdrawn_story_in(room: Newsroom) -> None:
    room.seed("tide.txt", "About tide")
    room.store.withdraw(room.only().id)
    room.remove_seed("tide.txt")
    room.seed("tide.txt", "About tide")
    assert room.window() == ()


def test_as_many_tombstones_are_told_as_the_feed_has_stories_and_none_older_than_these(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, *(item(str(number)) for number in range(6)))
    for number in range(6):
        room.clock.step(hours=1)
        room.store.withdraw(f"https://gazette.example/{number}")
    window = room.whole_window(size=2)
    assert [one.id[-1] for one in window.tombstones] == ["5", "4"]
    room.clock.step(hours=1)
    room.give(GAZETTE, item("a"), item("b"))
    assert room.whole_window(size=2).tombstones == ()
    assert len(room.whole_window(size=3).tombstones) == 3


# ---- taken back by the source -------------------------------------------------------------------


def takes_back(room: Newsroom, address: str, ref: str, when: str | None = None) -> None:
    room.clock.step(hours=1)
    room.give(address, item("other"), deletions=(Deletion(ref=ref, when=when),))


def test_an_entry_that_its_source_takes_back_is_withdrawn(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("other"))
    takes_back(room, GAZETTE, KETTLE)
    assert room.titles() == ["About other"]
    assert tombstones(room) == [KETTLE]


def test_it_is_told_how_many_were_taken_back(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("other"))
    deletions = (Deletion(ref=KETTLE), Deletion(ref="https://gazette.example/none"))
    written = room.give(GAZETTE, item("other"), deletions=deletions)
    assert written.news == {"withdrawn": 1}
    assert room.give(GAZETTE, item("other"), deletions=deletions).news == {}


def test_nobody_takes_back_what_another_source_gave(room: Newsroom) -> None:
    merged(room)
    takes_back(room, TRIBUNE, KETTLE)
    assert KETTLE in [story.lead.link for story in room.window()]
    takes_back(room, GAZETTE, KETTLE)
    (story,) = (one for one in room.window() if one.lead.title == "About kettle")
    assert story.lead.source.feed_url == HERALD
    assert story.verticals == ("tech",)


@pytest.mark.parametrize(
    ("when", "stays"),
    [
        ("2026-02-13T08:59:59Z", True),
        ("2026-02-13T09:00:00Z", False),
        ("2026-02-14T00:00:00Z", False),
        ("someday", False),
    ],
)
def test_what_is_older_than_the_entry_takes_nothing_back(
    room: Newsroom, when: str, *, stays: bool
) -> None:
    room.give(GAZETTE, item("kettle"), item("other"))
    takes_back(room, GAZETTE, KETTLE, when)
    assert ("About kettle" in room.titles()) is stays


def test_a_document_that_gives_and_takes_back_an_entry_gives_it_not(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), deletions=(Deletion(ref=KETTLE),))
    assert room.window() == ()


def test_what_was_taken_back_and_is_given_again_is_its_story_again(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("other"))
    takes_back(room, GAZETTE, KETTLE)
    room.give(GAZETTE, item("kettle"))
    assert by_id(room, KETTLE).lead.title == "About kettle"
    assert tombstones(room) == []


# ---- split --------------------------------------------------------------------------------------


def test_a_split_leaves_the_id_to_what_was_first_seen_and_gives_the_other_half_a_urn(
    room: Newsroom,
) -> None:
    story = merged(room)
    for sources in ([GAZETTE], [HERALD]):
        other = room.store.split(story.id, sources)
        assert other
        assert other.startswith("urn:uuid:")
        first, second = by_id(room, story.id), by_id(room, other)
        assert (first.lead.source.feed_url, first.verticals) == (HERALD, ("tech",))
        assert (second.lead.source.feed_url, second.verticals) == (GAZETTE, ("science",))
        assert first.also == second.also == ()
        assert room.store.join(story.id, other) == story.id


def test_the_half_that_is_split_off_is_listed_from_that_moment(room: Newsroom) -> None:
    story = merged(room)
    room.give(GAZETTE, item("later"))
    room.clock.step(hours=1)
    other = room.store.split(story.id, [GAZETTE])
    assert room.window()[0].id == other
    assert other in room.whole_window("science").due
    assert room.standing("science").updated_at == room.clock()
    assert tombstones(room, "science") == []


def test_a_split_of_what_a_join_had_made_gives_the_ids_back_that_readers_know(
    room: Newsroom,
) -> None:
    room.give(HERALD, item("tide", guid="https://herald.example/1", link=None))
    room.give(GAZETTE, item("tide"))
    ids = {story.id for story in room.window()}
    assert room.store.join(*ids) == "https://herald.example/1"
    assert room.store.split("https://herald.example/1", [GAZETTE]) == "https://gazette.example/tide"
    assert {story.id for story in room.window()} == ids
    assert room.rows("SELECT * FROM alias") == []
    assert tombstones(room) == []


def test_a_minted_id_too_comes_back(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    room.give(HERALD, item("copy", guid=KETTLE, title=titled("A claim")))
    minted = next(story.id for story in room.window() if story.id != KETTLE)
    assert room.store.join(KETTLE, minted) == KETTLE
    assert room.store.split(KETTLE, [HERALD]) == minted


def test_a_split_stays_when_the_sources_give_their_entries_again(room: Newsroom) -> None:
    story = merged(room)
    other = room.store.split(story.id, [GAZETTE])
    for address in (GAZETTE, HERALD):
        room.clock.step(hours=1)
        room.give(address, item("kettle", text="It hums."))
    assert {one.id for one in room.window()} == {story.id, other}


def test_a_split_of_a_withdrawn_story_leaves_both_halves_withdrawn(room: Newsroom) -> None:
    story = merged(room)
    room.store.withdraw(story.id)
    other = room.store.split(story.id, [GAZETTE])
    assert other
    assert room.window() == ()
    room.store.withdraw(other, undo=True)
    assert room.only().id == other


@pytest.mark.parametrize("sources", [[], [TRIBUNE], [GAZETTE, HERALD]])
def test_a_split_with_an_empty_half_changes_nothing(room: Newsroom, sources: list[str]) -> None:
    story = merged(room)
    before = room.dump()
    assert room.store.split(story.id, sources) is None
    assert room.store.split("urn:x:none", sources) is None
    assert room.dump() == before


# ---- joined -------------------------------------------------------------------------------------


def two_stories(room: Newsroom) -> tuple[str, str]:
    room.give(HERALD, item("pot", guid="https://herald.example/1"), verticals=("tech",))
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle", categories=(PHYSICS,)))
    room.clock.step(hours=1)
    return "https://herald.example/1", KETTLE


@pytest.mark.parametrize("turned", [False, True])
def test_a_join_keeps_the_id_that_was_first_seen_and_all_verticals(
    room: Newsroom, *, turned: bool
) -> None:
    older, newer = two_stories(room)
    before = room.rows("SELECT sequence FROM membership WHERE vertical = 'tech'")
    ids = (newer, older) if turned else (older, newer)
    assert room.store.join(*ids) == older
    story = room.only()
    assert (story.id, story.verticals) == (older, ("science", "tech"))
    assert len(story.entries) == 2
    assert tombstones(room) == [newer]
    assert room.rows("SELECT sequence FROM membership WHERE vertical = 'tech'") == before
    assert room.whole_window("science").due == {older}


def test_a_join_goes_by_retired_ids_and_pages_too_and_does_nothing_twice(room: Newsroom) -> None:
    older, newer = two_stories(room)
    page = by_id(room, newer).page_id
    assert room.store.join(older, page) == older
    before = room.dump()
    assert room.store.join(older, newer) is None
    assert room.store.join(older, "urn:x:none") is None
    assert room.dump() == before
    assert room.store.withdraw(newer) == older


def test_of_two_stories_the_one_that_readers_know_keeps_its_id(room: Newsroom) -> None:
    room.listed(HERALD, exclude=("pot",))
    hidden, shown = two_stories(room)
    assert [story.id for story in room.window()] == [shown]
    assert room.store.join(hidden, shown) == shown
    assert room.only().id == shown


def test_an_arrival_joins_into_the_story_that_readers_know(room: Newsroom) -> None:
    room.listed(HERALD, exclude=("secret",))
    room.give(HERALD, item("tide", guid="https://herald.example/1", title=titled("A secret")))
    room.clock.step(hours=1)
    room.seed("tide.txt", "About tide")
    known = room.only().id
    room.give(GAZETTE, item("tide"))
    assert room.only().id == known


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_joined_to_a_withdrawn_story_is_withdrawn(room: Newsroom, which: int) -> None:
    ids = two_stories(room)
    room.store.withdraw(ids[which])
    kept = room.store.join(*ids)
    assert kept
    assert room.window() == ()
    room.store.withdraw(kept, undo=True)
    assert len(room.only().entries) == 2


def test_no_ruling_touches_another_story(room: Newsroom) -> None:
    room.give(TRIBUNE, item("quay"))
    quay = "https://gazette.example/quay"
    before = by_id(room, quay)
    story = merged_beside(room)
    other = room.store.split(story.id, [GAZETTE])
    assert other
    room.store.join(story.id, other)
    room.store.withdraw(story.id)
    assert room.only() == before


def merged_beside(room: Newsroom) -> Story:
    room.give(HERALD, item("kettle", guid="https://herald.example/1"))
    room.give(GAZETTE, item("kettle"))
    return by_id(room, "https://herald.example/1")


def test_the_clock_of_a_ruling_may_be_set_back(room: Newsroom) -> None:
    story = merged(room)
    before = room.standing()
    room.clock.step(hours=-30)
    room.store.withdraw(story.id)
    assert room.standing().modified_at == before.modified_at + timedelta(seconds=1)


# ---- ids that rulings move ----------------------------------------------------------------------

FIRST_OF_HERALD = "https://herald.example/1"


def sharing(room: Newsroom) -> list[set[str]]:
    """The sources of each story, whether it is shown or not, the oldest story first."""
    found: dict[int, set[str]] = {}
    query = "SELECT e.story, s.address FROM entry e JOIN source s ON s.number = e.source"
    for number, address in room.rows(f"{query} ORDER BY e.story"):
        found.setdefault(number, set()).add(address)
    return list(found.values())


def id_of_page(room: Newsroom, identifier: str) -> str:
    """The id of the story to which the page of this id leads."""
    found = room.query.story(page_id(identifier))
    assert found is not None
    return found.id


def test_a_split_leaves_the_id_to_the_half_that_it_was_given_to_though_the_other_is_older(
    room: Newsroom,
) -> None:
    room.listed(HERALD, exclude=("pot",))
    hidden, shown = two_stories(room)
    assert room.store.join(hidden, shown) == shown
    assert room.store.split(shown, [GAZETTE]) == hidden
    (one,) = room.window()
    assert (one.id, one.lead.source.feed_url, one.also) == (shown, GAZETTE, ())
    assert room.rows("SELECT id FROM alias") == []


def three_joined(room: Newsroom) -> list[str]:
    """A story that the operator has made of three: the ids that they had."""
    for address, slug in ((HERALD, "a"), (GAZETTE, "b"), (TRIBUNE, "c")):
        room.give(address, item(slug))
        room.clock.step(hours=1)
    ids = [f"https://gazette.example/{slug}" for slug in "abc"]
    assert room.store.join(*ids) == ids[0]
    return ids


def test_retired_ids_go_with_the_entries_that_they_were_given_to(room: Newsroom) -> None:
    a, b, c = three_joined(room)
    assert room.store.split(a, [GAZETTE, TRIBUNE]) == b
    assert [id_of_page(room, each) for each in (a, b, c)] == [a, b, b]
    assert room.store.split(b, [TRIBUNE]) == c
    assert [id_of_page(room, each) for each in (a, b, c)] == [a, b, c]


def test_what_is_taken_apart_whole_has_all_its_ids_again(room: Newsroom) -> None:
    a, b, c = three_joined(room)
    assert room.store.split_all(a) == [b, c]
    assert sharing(room) == [{HERALD}, {GAZETTE}, {TRIBUNE}]
    assert room.rows("SELECT id FROM alias") == []


# ---- rulings, and what arrives later ------------------------------------------------------------


def test_a_join_lasts_though_a_part_of_it_is_split_off_and_its_story_is_contested(
    room: Newsroom,
) -> None:
    # The gazette's b was joined to a story that the herald led; the tribune's a is linked to it by
    # nothing else.
    for address, slug in ((HERALD, "a"), (TRIBUNE, "a"), (GAZETTE, "b")):
        room.give(address, item(slug))
        room.clock.step(hours=1)
    a, b = "https://gazette.example/a", "https://gazette.example/b"
    room.store.join(a, b)
    room.store.split(a, [HERALD])
    room.give(GAZETTE, item("b"), item("a"))
    assert sharing(room) == [{HERALD, GAZETTE}, {TRIBUNE, GAZETTE}]
    assert len(by_id(room, b).entries) == 2


def test_no_surer_link_takes_an_entry_out_of_what_was_joined(room: Newsroom) -> None:
    room.give(HERALD, item("a"))
    room.give(TRIBUNE, item("a", title=titled("Another")))
    room.give(GAZETTE, item("b"))
    room.store.join("https://gazette.example/a", "https://gazette.example/b")
    # The tribune's has the same title, too. But the story has one of the gazette's already.
    room.clock.step(hours=1)
    room.give(GAZETTE, item("a", title=titled("Another")), item("b"))
    assert sharing(room) == [{HERALD, TRIBUNE, GAZETTE}, {GAZETTE}]
    assert len(by_id(room, "https://gazette.example/a").entries) == 3


def test_each_half_of_a_split_hangs_together_though_what_linked_it_is_gone_from_it(
    room: Newsroom,
) -> None:
    # The seed is linked to the gazette's entry by its title, the herald's to that by its address.
    room.seed("tide.txt", "About tide")
    room.give(GAZETTE, item("tide"))
    room.give(HERALD, item("tide", title=titled("High water")))
    seed = f"{SEED}tide.txt"
    assert sharing(room) == [{seed, GAZETTE, HERALD}]
    room.store.split(room.only().id, [GAZETTE])
    assert sorted(map(sorted, sharing(room))) == [[GAZETTE], [HERALD, seed]]
    room.clock.step(hours=1)
    # Nothing but the seed is linked to this, which the herald gives a second time.
    other = item("2", guid="https://herald.example/2", link="https://herald.example/2")
    room.give(HERALD, replace(other, title=titled("About tide")))
    assert sorted(map(sorted, sharing(room))) == [[GAZETTE], [HERALD], [HERALD, seed]]
    (alone,) = (one for one in room.window() if one.lead.link == other.link)
    assert alone.also == ()


def test_parting_touches_no_story_whose_entries_stay(room: Newsroom) -> None:
    def gives(address: str, name: str, title: str, *verticals: str) -> None:
        room.clock.step(hours=1)
        one = item("tide", guid=f"{address}/{name}", title=titled(title))
        room.give(address, one, verticals=verticals)

    gives(GAZETTE, "1", "About tide")
    gives(TRIBUNE, "1", "High water")
    gives(HERALD, "1", "About tide")
    # All of these are linked by their address; titles make pairs of some.
    gives(HERALD, "2", "Low water", "science")
    gives(TRIBUNE, "2", "Low water", "science")
    assert sharing(room) == [{GAZETTE, TRIBUNE, HERALD}, {HERALD, TRIBUNE}]
    stays = "WHERE lead IN (SELECT number FROM entry WHERE key LIKE '%/2')"
    before = [
        room.rows(f"SELECT * FROM story {stays}"),
        room.rows("SELECT * FROM membership WHERE vertical = 'science'"),
        room.standing("science"),
    ]
    gives(TRIBUNE, "3", "About tide")
    assert sharing(room) == [{GAZETTE, HERALD, TRIBUNE}, {HERALD, TRIBUNE}, {TRIBUNE}]
    assert before == [
        room.rows(f"SELECT * FROM story {stays}"),
        room.rows("SELECT * FROM membership WHERE vertical = 'science'"),
        room.standing("science"),
    ]
