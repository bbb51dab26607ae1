"""What the one writer promises: of ids, positions, revisions, leases, and of all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aggregator import dedup
from aggregator.errors import StoreError
from aggregator.model import (
    ALL,
    Category,
    Decision,
    KnownEntry,
    ParsedEntry,
    Person,
    PullOutcome,
    Terms,
    Written,
)
from aggregator.settings import Vertical
from aggregator.store import Shelving
from aggregator.store.writing import page_id
from tests.builders import NOW, PUBLISHED, entry, source_info
from tests.newsroom import (
    GAZETTE,
    HERALD,
    SHELVES,
    Clock,
    Newsroom,
    a_full_disk,
    item,
    start,
    titled,
)

TRIBUNE = "https://tribune.example/feed"
HOUR = timedelta(hours=1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def positions(room: Newsroom, vertical: str = ALL) -> dict[str, datetime]:
    """By title, the position of each story in a vertical."""
    rows = room.rows(f"SELECT story, position FROM membership WHERE vertical = '{vertical}'")
    titles = dict(room.rows("SELECT story.number, json_extract(data, '$.title') FROM story JOIN "
                            "entry ON entry.number = story.lead"))  # fmt: skip
    return {titles[story]: datetime.fromtimestamp(position, UTC) for story, position in rows}


def sequences(room: Newsroom) -> set[int]:
    return {sequence for (sequence,) in room.rows("SELECT sequence FROM membership")}


# ---- ids ----------------------------------------------------------------------------------------


def test_a_story_has_the_id_that_its_source_gave_and_a_page_named_by_its_hash(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"))
    assert room.only().id == "https://gazette.example/kettle"
    digest = sha256(b"https://gazette.example/kettle").hexdigest()
    assert room.only().page_id == digest[:20]


def test_a_guid_that_is_no_iri_gets_a_urn_from_the_first_address_that_outlives_revisions(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle", guid="item no. 7"))
    first = room.only().id
    assert UUID(first.removeprefix("urn:uuid:")).version == 5
    room.give(GAZETTE, item("kettle", guid="item no. 7", text="It hums.", title=titled("Hum")))
    assert (room.only().id, room.only().lead.title) == (first, "Hum")


def test_a_guid_that_changes_alone_makes_no_new_story_and_no_new_id(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    written = room.give(GAZETTE, item("kettle", guid="https://gazette.example/?p=7"))
    assert written == Written(unchanged=1)
    assert room.only().id == "https://gazette.example/kettle"


def test_a_second_claimant_of_an_id_gets_a_urn_and_the_first_keeps_it(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    claim = item("teapot", guid="https://gazette.example/kettle")
    room.give(HERALD, claim)
    room.give(HERALD, claim)
    by_title = {story.lead.title: story.id for story in room.window()}
    assert by_title["About kettle"] == "https://gazette.example/kettle"
    assert by_title["About teapot"].startswith("urn:uuid:")
    assert len(by_title) == 2


def test_however_many_ids_a_hostile_source_claims_there_is_one_left(tmp_path: Path) -> None:
    claimed: list[str] = []
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        with Newsroom(folder) as room:
            for number, identifier in enumerate(claimed):
                room.give(HERALD, item(f"bait-{number}", guid=identifier))
            assert room.give(GAZETTE, item("kettle")) == Written(new=1)
            (story,) = (s for s in room.window() if s.lead.title == "About kettle")
            claimed.append(story.id)
    assert len(set(claimed)) == 5


def test_items_that_share_a_guid_but_not_link_and_title_stay_two_stories(room: Newsroom) -> None:
    kettle = item("kettle", guid="1")
    teapot = item("teapot", guid="1")
    for document in ((kettle, teapot), (teapot,), (kettle,), (teapot, kettle)):
        room.give(GAZETTE, *document)
        assert sorted(room.titles()) == ["About kettle", "About teapot"]
    assert len({story.id for story in room.window()}) == 2


def test_an_item_without_link_that_shares_a_guid_is_known_again_alone(room: Newsroom) -> None:
    kettle = item("kettle", guid="1")
    teapot = item("teapot", guid="1", link=None)
    room.give(GAZETTE, kettle)
    assert room.give(GAZETTE, teapot) == Written(new=1)
    assert room.give(GAZETTE, teapot) == Written(unchanged=1)
    assert room.give(GAZETTE, replace(teapot, authors=())) == Written(revised=1)
    assert len(room.window()) == 2


# ---- stories that turn out to be one ------------------------------------------------------------


def episode(title: str, **changes: Any) -> ParsedEntry:
    """One of the episodes of a podcast that gives all of them one guid, and no link."""
    return item("kettle", guid="1", link=None, title=titled(title), published=None, **changes)


@pytest.mark.parametrize("order", list(permutations(["One", "Two", "Three"])))
def test_episodes_that_share_a_guid_are_announced_once_in_whatever_order_they_come(
    room: Newsroom, order: tuple[str, ...]
) -> None:
    room.give(GAZETTE, episode("One"))
    room.clock.step(hours=1)
    assert room.give(GAZETTE, episode("Two"), episode("One")) == Written(new=1, unchanged=1)
    room.clock.step(hours=1)
    ids = {story.lead.title: story.id for story in room.window()}
    room.give(GAZETTE, *map(episode, order))
    assert len({story.id for story in room.window()}) == 3
    assert {story.lead.title: story.id for story in room.window()}.items() >= ids.items()
    assert room.give(GAZETTE, *map(episode, reversed(order))) == Written(unchanged=3)


def test_one_entry_is_the_earlier_form_of_one_item_of_a_document(room: Newsroom) -> None:
    room.give(GAZETTE, episode("One", text="First."))
    room.clock.step(hours=1)
    written = room.give(
        GAZETTE, episode("Two", text="Second."), episode("One", text="First, corrected.")
    )
    assert written == Written(new=1, revised=1)
    assert sorted(room.titles()) == ["One", "Two"]


def two_stories_that_the_gazette_joins(room: Newsroom) -> tuple[str, str]:
    """Give a copy under other words, and a seed; then what is both. The page ids they had."""
    room.give(HERALD, item("kettle", title=titled("A pot sings")), verticals=("culture",))
    room.clock.step(hours=1)
    room.seed("kettle.txt", "About kettle", verticals=("science",))
    seed, copy = (story.page_id for story in room.window())
    room.clock.step(hours=1)
    assert room.give(GAZETTE, item("kettle"), verticals=("tech",)) == Written(merged=1)
    return copy, seed


def test_a_join_keeps_the_oldest_id_and_leads_the_other_page_to_it(room: Newsroom) -> None:
    kept, retired = two_stories_that_the_gazette_joins(room)
    assert room.only().page_id == kept
    assert room.query.story(retired) == room.query.story(kept) == room.only()
    assert [entry.title for entry in room.only().entries] == [
        "About kettle", "A pot sings", "About kettle",
    ]  # fmt: skip
    assert room.only().verticals == ("culture", "science", "tech")
    assert room.titles("science") == ["About kettle"]


def test_an_id_retired_by_a_join_is_never_given_again(room: Newsroom) -> None:
    two_stories_that_the_gazette_joins(room)
    ((retired,),) = room.rows("SELECT id FROM alias")
    room.give(TRIBUNE, item("teapot", guid=retired))
    assert retired not in {story.id for story in room.window()}


def test_aliases_follow_when_the_story_they_lead_to_is_joined_itself(room: Newsroom) -> None:
    room.seed("oldest.txt", "The singing pot")
    oldest = room.only().page_id
    room.clock.step(hours=1)
    two_stories_that_the_gazette_joins_after(room)
    retired = {page for (page,) in room.rows("SELECT page_id FROM alias")}
    room.clock.step(hours=1)
    both = item("kettle", title=titled("The singing pot"), publication="Merrow Gazette")
    assert room.give(TRIBUNE, both) == Written(merged=1)
    assert room.only().page_id == oldest
    retired |= {page for (page,) in room.rows("SELECT page_id FROM alias")}
    assert len(retired) == 2
    assert {room.query.story(page) for page in retired} == {room.only()}


def two_stories_that_the_gazette_joins_after(room: Newsroom) -> None:
    room.give(HERALD, item("kettle", title=titled("A pot sings")))
    room.seed("kettle.txt", "About kettle")
    room.give(GAZETTE, item("kettle"))


def test_after_a_join_the_same_pull_goes_on_with_the_story_that_was_kept(room: Newsroom) -> None:
    room.give(HERALD, item("kettle", title=titled("A pot sings")))
    room.clock.step(hours=1)
    room.seed("kettle.txt", "About kettle")
    room.give(TRIBUNE, item("copy", title=titled("About kettle"), publication="Merrow Gazette"))
    assert len(room.window()) == 2
    # The first to be written joins the two; the other has the address of what was retired, and the
    # title and text of the first: one source has both in one story.
    text = (
        "The kettle in the window of the tea room in Merrow has whistled in B flat since Friday,"
        " and nobody on the council can say why."
    )
    twice = (item(slug, title=titled("About kettle"), text=text) for slug in ("copy", "kettle"))
    assert room.give(GAZETTE, *twice) == Written(merged=2)
    assert len(room.only().entries) == 5
    assert len(room.rows("SELECT id FROM alias")) == 1


def test_a_hostile_copy_never_speaks_for_the_story_of_the_real_source(room: Newsroom) -> None:
    room.give(HERALD, item("kettle", title=titled("BUY POTS")))
    room.give(GAZETTE, item("kettle"))
    assert room.only().lead.title == "About kettle"
    room.give(HERALD, item("kettle", title=titled("BUY POTS NOW")))
    assert room.only().lead.title == "About kettle"


# ---- positions and sequences --------------------------------------------------------------------


def test_on_a_first_pull_a_position_is_the_date_and_the_undated_come_last(room: Newsroom) -> None:
    room.clock.step(microseconds=7)
    room.give(
        GAZETTE,
        item("undated", published=None),
        item("dated"),
        item("future", published="Sun, 15 Feb 2026 05:00:00 GMT"),
        item("older", published="Mon, 02 Feb 2026 09:00:00 GMT"),
    )
    older = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
    assert positions(room) == {
        "About future": NOW,
        "About dated": PUBLISHED,
        "About older": older,
        "About undated": older - timedelta(seconds=1),
    }
    assert room.titles() == ["About future", "About dated", "About older", "About undated"]


def test_a_first_pull_without_any_date_stands_below_everything_that_has_one(room: Newsroom) -> None:
    room.give(GAZETTE, item("top", published=None), item("bottom", published=None))
    room.give(HERALD, item("old", published="Mon, 01 Jan 1990 00:00:00 GMT"))
    assert room.titles() == ["About old", "About top", "About bottom"]
    room.clock.step(hours=1)
    room.give(GAZETTE, item("fresh", published=None), item("top", published=None))
    assert room.titles() == ["About fresh", "About old", "About top", "About bottom"]


def test_on_a_later_pull_a_position_is_now_whatever_the_date(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    room.clock.step(hours=1)
    late = item("late", published="Mon, 02 Feb 2026 09:00:00 GMT")
    room.give(GAZETTE, late, item("undated", published=None))
    assert positions(room)["About late"] == positions(room)["About undated"] == NOW + HOUR
    assert room.titles() == ["About undated", "About late", "About kettle"]


def test_a_seed_stands_where_it_was_first_seen(room: Newsroom) -> None:
    room.seed("kettle.txt", "About kettle")
    assert positions(room) == {"About kettle": NOW}


def test_a_vertical_that_a_merge_adds_has_the_story_from_that_moment(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    room.clock.step(hours=1)
    room.give(HERALD, item("kettle"), verticals=("science", "tech"))
    assert positions(room, "tech") == positions(room) == {"About kettle": PUBLISHED}
    assert positions(room, "science") == {"About kettle": NOW + HOUR}


def test_shelving_anew_gives_the_place_that_the_story_would_have_had(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", categories=(Category(term="Steam"),)))
    room.give(GAZETTE, item("pot", published=None, categories=(Category(term="Steam"),)))
    room.clock.step(hours=1)
    room.start_with(defined=(Vertical(name="science", title="Science", categories=("steam",)),))
    assert positions(room, "science") == {"About kettle": PUBLISHED, "About pot": NOW}
    assert {story.verticals for story in room.window()} == {("science",)}


def test_a_sequence_rises_and_is_never_used_again(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", categories=(Category(term="physics"),)))
    before = sequences(room)
    room.start_with(defined=())
    assert room.window("science") == ()
    room.start_with()
    room.seed("pot.txt", "About pot")
    room.remove_seed("pot.txt")
    highest = max(before)
    ((now_highest,),) = room.rows("SELECT seq FROM sqlite_sequence WHERE name = 'membership'")
    room.give(GAZETTE, item("lid"))
    fresh = sequences(room) - before
    assert min(fresh) > highest
    assert max(fresh) > now_highest
    assert len(before & sequences(room)) == 1


# ---- revisions ----------------------------------------------------------------------------------


def test_a_significant_revision_lists_the_story_again_and_keeps_id_and_date(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("lid"), item("kettle"), verticals=("tech",))
    before = {story.id: story for story in room.window()}
    room.clock.step(hours=1)
    moved = "Sat, 14 Feb 2026 07:00:00 GMT"
    room.give(GAZETTE, item("kettle", text="It hums.", published=moved), verticals=("tech",))
    story = room.window()[0]
    assert story.lead.summary == "<p>It hums.</p>"
    assert story.updated == NOW + HOUR
    assert story.lead.published == before[story.id].lead.published
    assert room.titles() == room.titles("tech") == ["About kettle", "About lid"]


def test_an_insignificant_revision_changes_neither_place_nor_date(room: Newsroom) -> None:
    room.give(GAZETTE, item("lid"), item("kettle"))
    before, standing = room.titles(), room.standing()
    updated = {story.id: story.updated for story in room.window()}
    room.clock.step(hours=1)
    written = room.give(GAZETTE, item("kettle", authors=(Person(name="Bo Inkwell"),)))
    assert written == Written(revised=1)
    assert room.titles() == before
    assert {story.id: story.updated for story in room.window()} == updated
    assert room.standing() == replace(
        standing, revision=standing.revision + 1, modified_at=NOW + HOUR
    )


def test_a_date_that_comes_late_does_not_move_what_was_first_seen(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", published=None))
    room.clock.step(hours=1)
    assert room.give(GAZETTE, item("kettle")) == Written(revised=1)
    assert room.only().lead.published is None
    assert room.only().first_seen == NOW


def test_a_revision_of_another_entry_than_the_lead_lists_nothing_again(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    room.give(HERALD, item("kettle"))
    before = room.only().updated
    room.clock.step(hours=1)
    room.give(HERALD, item("kettle", text="Copied and changed."))
    assert room.only().updated == before
    assert room.only().also[0].summary == "<p>Copied and changed.</p>"


def test_a_revision_under_a_clock_set_back_still_rises_and_moves_nothing_down(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("lid"))
    room.give(GAZETTE, item("kettle"))
    before = room.window()[0].updated
    for text in ("It hums.", "It sings."):
        room.clock.step(hours=-30)
        room.give(GAZETTE, item("kettle", text=text))
        assert room.titles() == ["About kettle", "About lid"]
        assert room.window()[0].updated > before
        before = room.window()[0].updated


def test_what_is_said_of_the_source_is_renewed_with_a_significant_revision_alone(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"), updated="Sat, 14 Feb 2026 06:00:00 GMT")
    before = room.only().lead.source
    for document, renewed in (
        ({"authors": ()}, False),
        ({"authors": (), "text": "It hums."}, True),
    ):
        room.clock.step(hours=1)
        said = "Sat, 14 Feb 2026 06:20:00 GMT"
        room.give(GAZETTE, item("kettle", **document), title=titled("New Gazette"), updated=said)
        assert (room.only().lead.source != before) is renewed


# ---- where feeds stand --------------------------------------------------------------------------


def test_dates_of_a_feed_never_fall_and_rise_though_the_clock_is_set_back(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    before = room.standing()
    assert (before.modified_at, before.updated_at) == (NOW, NOW)
    room.clock.step(hours=-30)
    for slug in ("lid", "spout"):
        room.give(GAZETTE, item(slug))
        now = room.standing()
        assert now.revision > before.revision
        assert now.modified_at > before.modified_at
        assert now.updated_at == before.updated_at
        before = now


def test_verticals_that_a_pull_does_not_touch_stand_as_they_stood(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    before = room.standing("tech")
    room.clock.step(hours=1)
    room.give(HERALD, item("lid"), verticals=("science",))
    assert room.standing("tech") == before
    assert room.standing("science").modified_at == NOW + HOUR


def test_refresh_gives_every_feed_a_date_and_raises_it_once_for_a_change(room: Newsroom) -> None:
    room.store.refresh("version 1", ["tech"])
    assert room.whole_window("tech").stories == ()
    first = room.standing("tech")
    room.clock.step(hours=1)
    room.store.refresh("version 1", ["tech"])
    assert room.standing("tech") == first
    room.store.refresh("version 2", ["tech", "science"])
    second = room.standing("tech")
    remade = {"modified_at": NOW + HOUR, "remade_at": NOW + HOUR}
    assert second == replace(first, revision=first.revision + 1, **remade)
    assert room.standing("science").revision == 1
    room.store.refresh("version 2", ["tech", "science"])
    assert room.standing("tech") == second


def test_the_id_of_the_site_is_made_once_and_the_configured_one_wins_and_stays(
    room: Newsroom,
) -> None:
    made = room.store.site_id(None)
    assert UUID(made.removeprefix("urn:uuid:")).version == 4
    assert room.store.site_id(None) == made
    assert room.store.site_id("tag:gazette.example,2026:site") == "tag:gazette.example,2026:site"
    assert room.store.site_id(None) == "tag:gazette.example,2026:site"


# ---- shelving -----------------------------------------------------------------------------------


def test_stories_move_when_the_rules_change_and_only_then(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", categories=(Category(term="physics"),)))
    room.give(HERALD, item("poem", categories=(Category(term="arts"),)))
    room.start_with()
    before = room.dump()
    room.start_with()
    assert room.dump() == before
    room.clock.step(hours=1)
    steam = Vertical(name="steam", title="Steam", categories=("Physics",))
    room.start_with(defined=(SHELVES[0], steam))
    assert room.titles("steam") == ["About kettle"]
    assert room.titles("science") == []
    assert room.titles("culture") == ["About poem"]
    assert room.standing("science").updated_at == NOW + HOUR


def test_sources_that_no_rules_are_given_for_stay_as_they_are(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", categories=(Category(term="physics"),)))
    nothing = Shelving(rules={}, place=lambda entry, _: replace(entry, verticals=()))
    room.store.shelve(nothing)
    assert room.titles("science") == ["About kettle"]


def test_a_withdrawn_story_is_shelved_by_the_new_rules_once_it_is_back(room: Newsroom) -> None:
    seed = {"categories": (Category(term="Steam"),)}
    room.seed("kettle.txt", "About kettle", **seed)
    room.remove_seed("kettle.txt")
    room.start_with(defined=(Vertical(name="science", title="Science", categories=("steam",)),))
    assert room.window() == room.window(ALL) == ()
    ((data,),) = room.rows("SELECT data FROM entry")
    assert b'"vertical":"science"' in data


# ---- terms --------------------------------------------------------------------------------------

SPONSORED = titled("A sponsored kettle")


def test_an_excluded_story_stands_nowhere_and_comes_back_to_the_place_it_would_have_had(
    room: Newsroom,
) -> None:
    room.listed(GAZETTE, exclude=("sponsored",))
    room.give(GAZETTE, item("kettle", title=SPONSORED), item("lid"), verticals=("tech",))
    page = page_id("https://gazette.example/kettle")
    assert room.titles() == room.titles("tech") == ["About lid"]
    assert room.query.story(page) is None
    assert room.rows("SELECT count(*) FROM story WHERE withdrawn_at IS NULL") == [(2,)]
    room.clock.step(hours=1)
    room.start_with(GAZETTE, exclude=())
    assert positions(room, "tech") == {"A sponsored kettle": PUBLISHED, "About lid": PUBLISHED}
    assert sorted(room.titles()) == ["A sponsored kettle", "About lid"]
    story = room.query.story(page)
    assert story is not None
    assert story.verticals == ("tech",)


def test_a_story_that_new_terms_exclude_leaves_its_feeds_and_keeps_its_id(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("lid"), verticals=("tech",))
    room.start_with()
    before, standing = room.window(), room.standing("tech")
    room.clock.step(hours=1)
    room.start_with(GAZETTE, include=("kettle",))
    assert room.titles() == room.titles("tech") == ["About kettle"]
    assert room.standing("tech").updated_at == NOW + HOUR > standing.updated_at
    assert room.query.totals().stories == 1
    room.clock.step(hours=1)
    room.start_with(GAZETTE, include=())
    assert {(s.id, s.first_seen, s.updated) for s in room.window()} == {
        (s.id, s.first_seen, s.updated) for s in before
    }


def test_what_is_excluded_is_known_again_and_touches_no_feed(room: Newsroom) -> None:
    room.listed(GAZETTE, exclude=("sponsored",))
    room.give(GAZETTE, item("lid"))
    standing = room.standing()
    room.clock.step(hours=1)
    kettle = item("kettle", title=SPONSORED)
    assert room.give(GAZETTE, kettle) == Written(new=1)
    assert room.give(GAZETTE, kettle) == Written(unchanged=1)
    hums = replace(kettle, content=titled("It hums."))
    assert room.give(GAZETTE, hums) == Written(revised=1)
    assert room.standing() == standing
    room.start_with(GAZETTE, exclude=())
    story = next(s for s in room.window() if s.lead.title == "A sponsored kettle")
    assert (story.lead.content, story.updated) == ("It hums.", NOW + HOUR)
    assert positions(room)["A sponsored kettle"] == PUBLISHED


def test_a_revision_of_what_a_story_does_not_show_changes_nothing_of_it(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    room.listed(HERALD, exclude=("it",))
    room.give(HERALD, item("kettle", text="It hums."))
    before = room.rows("SELECT changed_at FROM story"), room.standing()
    room.clock.step(hours=1)
    assert room.give(HERALD, item("kettle", text="It sings.")) == Written(revised=1)
    assert (room.rows("SELECT changed_at FROM story"), room.standing()) == before


def test_new_rules_that_put_a_story_where_it_stands_change_nothing_of_it(room: Newsroom) -> None:
    for text in ("It hums.", "It sings."):
        room.give(GAZETTE, item("kettle", text=text), verticals=("tech",))
    room.start_with()
    before = room.rows("SELECT data FROM entry"), room.rows("SELECT changed_at FROM story")
    assert b"told" in before[0][0][0]
    room.clock.step(hours=1)
    room.start_with(GAZETTE, exclude=("tram",))
    assert (
        room.rows("SELECT data FROM entry"),
        room.rows("SELECT changed_at FROM story"),
    ) == before


def test_an_excluded_entry_that_comes_into_a_story_touches_no_feed(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    room.listed(HERALD, exclude=("kettle",))
    before, standing = room.only(), room.standing()
    room.clock.step(hours=1)
    assert room.give(HERALD, item("kettle")) == Written(merged=1)
    assert (room.only(), room.standing()) == (before, standing)


def test_a_revision_may_exclude_a_story_and_bring_it_back_as_of_then(room: Newsroom) -> None:
    room.listed(GAZETTE, exclude=("sponsored",))
    room.give(GAZETTE, item("kettle"))
    room.give(GAZETTE, item("kettle", title=SPONSORED))
    assert room.window() == ()
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle"))
    assert positions(room) == {"About kettle": NOW + HOUR}
    assert room.only().updated == NOW + HOUR


def test_an_excluded_entry_counts_for_nothing_beside_others(room: Newsroom) -> None:
    room.listed(GAZETTE, exclude=("kettle",))
    room.give(GAZETTE, item("kettle"), verticals=("science",))
    room.clock.step(hours=1)
    assert room.give(HERALD, item("kettle"), verticals=("tech",)) == Written(merged=1)
    assert (room.only().lead.source.feed_url, room.only().also) == (HERALD, ())
    assert room.only().verticals == ("tech",)
    room.start_with(GAZETTE, exclude=())
    assert room.only().lead.source.feed_url == GAZETTE
    assert [entry.source.feed_url for entry in room.only().also] == [HERALD]
    assert room.only().verticals == ("science", "tech")
    room.start_with(HERALD, exclude=("kettle",))
    assert (room.only().also, room.only().verticals) == ((), ("science",))
    room.start_with(GAZETTE, exclude=("kettle",))
    assert room.window() == ()


def test_a_first_pull_that_brings_excluded_stories_back_does_not_push_the_day_out(
    room: Newsroom,
) -> None:
    room.listed(GAZETTE, exclude=("kettle",))
    room.give(GAZETTE, item("kettle"), item("lid"))
    room.clock.step(hours=1)
    room.give(HERALD, item("kettle"))
    assert positions(room)["About kettle"] == PUBLISHED


def test_a_seed_that_is_removed_while_its_live_entry_is_excluded_leaves_a_story_to_come_back(
    room: Newsroom,
) -> None:
    room.seed("kettle.txt", "About kettle")
    seed = room.only().id
    room.listed(GAZETTE, exclude=("kettle",))
    room.give(GAZETTE, item("kettle"))
    assert room.only().also == ()
    room.remove_seed("kettle.txt")
    assert room.window() == ()
    assert room.query.story(page_id(seed)) is None
    room.start_with(GAZETTE, exclude=())
    assert (room.only().id, room.only().lead.source.feed_url) == (seed, GAZETTE)


def test_a_changed_rank_changes_who_leads_the_stories_that_are_there(room: Newsroom) -> None:
    room.give(HERALD, item("kettle"))
    room.clock.step(hours=1)
    room.give(TRIBUNE, item("kettle", title=titled("The Tribune on kettles")))
    before, standing = room.only(), room.standing()
    assert before.lead.title == "About kettle"
    room.clock.step(hours=1)
    room.start_with(TRIBUNE, rank=1)
    assert room.titles() == ["The Tribune on kettles"]
    assert (room.only().id, room.only().updated) == (before.id, before.updated)
    assert room.standing() == replace(
        standing, revision=standing.revision + 1, modified_at=NOW + 2 * HOUR
    )
    room.start_with(HERALD, rank=2)
    assert room.titles() == ["About kettle"]
    room.give(GAZETTE, item("kettle", title=titled("Our own kettle")))
    assert room.titles() == ["Our own kettle"]


def test_a_source_that_claims_to_be_the_home_of_anothers_link_never_leads_its_story(
    room: Newsroom,
) -> None:
    claims = entry(title="BUY POTS", source=source_info(feed_url=GAZETTE), terms=Terms(rank=100))
    state = room.listed(HERALD).state
    room.store.write(PullOutcome(state=state, entries=(claims,)), dedup.decide)
    assert room.only().lead.title == "BUY POTS"
    assert room.give(GAZETTE, item("kettle")) == Written(merged=1)
    assert room.only().lead.title == "About kettle"


def test_terms_that_show_less_are_those_of_every_entry_from_the_next_start_on(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"), item("lid"))
    room.start_with()
    before = room.window()
    room.clock.step(hours=1)
    room.start_with(GAZETTE, content="title", private=True)
    assert {s.lead.terms for s in room.window()} == {Terms(show="title", private=True)}
    assert room.standing().modified_at == NOW + HOUR
    room.give(GAZETTE, item("spout"))
    assert room.window()[0].lead.terms == Terms(show="title", private=True)
    room.start_with(GAZETTE, content="full", private=False)
    assert room.window()[1:] == before


# ---- withdrawing --------------------------------------------------------------------------------


def test_a_seed_that_is_removed_takes_its_story_out_and_one_put_back_revives_it(
    room: Newsroom,
) -> None:
    room.seed("kettle.txt", "About kettle", verticals=("tech",))
    story, standing = room.only(), room.standing()
    room.clock.step(hours=1)
    room.remove_seed("kettle.txt")
    assert room.window() == room.window("tech") == ()
    assert room.query.story(story.page_id) is None
    assert room.standing().updated_at == NOW + HOUR > standing.updated_at
    room.clock.step(hours=1)
    assert room.seed("kettle.txt", "About kettle", verticals=("tech",)) == Written(unchanged=1)
    assert room.only() == story
    assert room.titles("tech") == ["About kettle"]
    assert positions(room) == {"About kettle": NOW + 2 * HOUR}


def test_a_seed_put_back_with_other_words_is_its_story_revised(room: Newsroom) -> None:
    room.seed("kettle.txt", "About kettle")
    before = room.only()
    room.remove_seed("kettle.txt")
    room.remove_seed("kettle.txt")
    room.clock.step(hours=1)
    assert room.seed("kettle.txt", "About a kettle") == Written(revised=1)
    assert (room.only().id, room.only().lead.title) == (before.id, "About a kettle")
    assert room.only().updated == NOW + HOUR


def test_a_story_that_another_source_carries_stays_when_its_seed_is_removed(
    room: Newsroom,
) -> None:
    room.seed("kettle.txt", "About kettle", verticals=("science",))
    seed = room.only().id
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    room.remove_seed("kettle.txt")
    assert (room.only().id, room.only().also) == (seed, ())
    assert room.only().verticals == ("tech",)
    room.seed("kettle.txt", "About kettle", verticals=("science",))
    assert len(room.only().also) == 1
    assert room.only().verticals == ("science", "tech")


def test_removing_what_gave_nothing_changes_nothing(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    before = room.dump()
    room.remove_seed("never-there.txt")
    assert room.dump() == before


# ---- all or nothing -----------------------------------------------------------------------------


def test_a_pull_that_breaks_in_its_middle_leaves_nothing_behind(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("tech",))
    before = room.dump()
    room.clock.step(hours=1)

    def decide(arriving: KnownEntry, /, **said: Any) -> Decision:
        if arriving.entry.title == "About lid":
            raise ZeroDivisionError
        return dedup.decide(arriving, **said)

    with pytest.raises(ZeroDivisionError):
        room.give(
            GAZETTE,
            item("lid"),
            item("spout"),
            item("kettle", text="It hums."),
            verticals=("tech",),
            decide=decide,
        )
    assert room.dump(but=["source_state"]) == {
        name: rows for name, rows in before.items() if name != "source_state"
    }
    assert room.listed(GAZETTE).state.last_pull_at == NOW


def test_a_pull_that_brings_nothing_new_changes_the_state_row_alone(room: Newsroom) -> None:
    document = (item("kettle"), item("lid"))
    room.give(GAZETTE, *document, verticals=("tech",))
    before = room.dump(but=["source_state"])
    room.clock.step(hours=1)
    assert room.give(GAZETTE, *document, verticals=("tech",)) == Written(unchanged=2)
    assert room.dump(but=["source_state"]) == before
    state = room.listed(GAZETTE).state
    assert state.last_pull_at == NOW + HOUR
    room.store.write(PullOutcome(state=replace(state, error="no answer")), dedup.decide)
    told = ["source_state", "notice", "sqlite_sequence"]
    assert room.dump(but=told).items() <= before.items()


def test_a_document_of_thousands_is_written_whole_and_known_whole(room: Newsroom) -> None:
    document = [item(str(number)) for number in range(1_010)]
    assert room.give(GAZETTE, *document) == Written(new=1_010)
    assert room.give(GAZETTE, *document) == Written(unchanged=1_010)
    assert room.query.totals().stories == 1_010


def test_a_full_disk_is_told_in_one_line_and_costs_nothing_that_was_there(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"))
    leased = room.listed(HERALD)
    before = room.dump()
    with (
        a_full_disk(room.file),
        pytest.raises(StoreError, match=r"store\.db: cannot be written \(.*room on the disk$"),
    ):
        room.store.write(PullOutcome(state=leased.state, title="x" * 100_000), dedup.decide)
    assert room.dump() == before
    room.give(HERALD, item("lid"))
    assert len(room.window()) == 2


# ---- more than one process ----------------------------------------------------------------------


WRITER = """
import sys
from pathlib import Path
from tests.newsroom import Newsroom, item
name = sys.argv[2]
with Newsroom(Path(sys.argv[1])) as room:
    for other in ("left", "right"):
        room.listed(f"https://{other}.example/feed")
    print("open", flush=True)
    sys.stdin.read(1)
    for number in range(12):
        room.give(f"https://{name}.example/feed", item(f"{name}-{number}"), verticals=("tech",))
"""


def test_two_processes_that_write_at_once_lose_nothing(room: Newsroom) -> None:
    with (
        start(WRITER, room.file.parent, "left") as left,
        start(WRITER, room.file.parent, "right") as right,
    ):
        for one in (left, right):
            assert one.stdout is not None
            assert one.stdout.readline() == "open\n"
        for one in (left, right):
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        assert (left.wait(), right.wait()) == (0, 0)
    assert len(room.titles()) == len(room.titles("tech")) == 24
    assert room.standing().revision == room.standing("tech").revision == 24


def test_the_clock_is_read_inside_the_write_and_to_whole_seconds(tmp_path: Path) -> None:
    with Newsroom(tmp_path, Clock(NOW + timedelta(microseconds=999_999))) as room:
        room.give(GAZETTE, item("kettle", published=None))
        assert room.only().first_seen == room.standing().modified_at == NOW
