from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dedup
from aggregator.dedup import ADDRESS, SEED_AND_LIVE
from aggregator.model import (
    Decision,
    Enclosure,
    Entry,
    Joined,
    KnownEntry,
    Merged,
    New,
    Revised,
    Terms,
    Unchanged,
)
from tests.builders import FEED_URL, NOW, PUBLISHED, entry, known, source_info

DAY = timedelta(days=1)
ELSEWHERE = 2
"""The number of another source than the usual one."""


def decide(arriving: Entry, *others: KnownEntry, source: int = ELSEWHERE) -> Decision:
    return dedup.decide(_arriving(arriving, source), known=others)


def decide_on_seed(arriving: Entry, *others: KnownEntry) -> Decision:
    return dedup.decide(_arriving(arriving, ELSEWHERE, is_seed=True), known=others)


def _arriving(arriving: Entry, source: int, *, is_seed: bool = False) -> KnownEntry:
    return known(number=0, story=0, source=source, is_seed=is_seed, entry=arriving)


def elsewhere(**changes: Any) -> Entry:
    """An entry of another publisher that has nothing in common with the usual one."""
    usual: dict[str, Any] = {
        "key": "2",
        "id": "https://herald.example/pan",
        "guid": "https://herald.example/pan",
        "source": source_info(title="Herald", feed_url="https://herald.example/feed"),
        "title": "Pan heard",
        "publication": "Herald",
        "link": "https://herald.example/pan",
        "address_key": "herald.example/pan",
        "title_key": "pan heard",
        "publication_keys": ("herald",),
        "digest": "other digest",
        "gist": "other gist",
    }
    return entry(**(usual | changes))


def from_seed(**changes: Any) -> Entry:
    """The usual entry as a seed page has it: without an address, with a day and no time."""
    usual: dict[str, Any] = {
        "key": "seed",
        "guid": "kettle.txt",
        "source": source_info(title="seed:kettle.txt", feed_url=None, site_url=None),
        "link": None,
        "address_key": None,
        "published": datetime(2026, 2, 13, tzinfo=PUBLISHED.tzinfo),
    }
    return entry(**(usual | changes))


def test_what_the_store_does_not_know_is_new() -> None:
    assert decide(entry()) == New()


def test_entries_without_anything_in_common_are_two_stories() -> None:
    assert decide(elsewhere(), known()) == New()


# ---- the same entry again ------------------------------------------------------------------------


def test_the_same_entry_to_the_letter_is_unchanged() -> None:
    assert decide(entry(), known(number=7), source=1) == Unchanged(entry=7)


@pytest.mark.parametrize(("gist", "significant"), [("gist", False), ("another", True)])
def test_a_revision_is_significant_where_a_reader_would_call_it_changed(
    gist: str, *, significant: bool
) -> None:
    revised = entry(digest="another", gist=gist)
    expected = Revised(entry=7, significant=significant)
    assert decide(revised, known(number=7), source=1) == expected


@pytest.mark.parametrize(
    "changes", [{"title_key": "kettle silent"}, {"address_key": "gazette.example/moved"}]
)
def test_an_entry_that_changes_its_title_or_its_link_is_still_itself(
    changes: dict[str, str],
) -> None:
    decision = decide(entry(digest="another", **changes), known(number=7), source=1)
    assert isinstance(decision, Revised)


def test_a_shared_guid_with_another_link_and_title_is_another_entry() -> None:
    other = entry(address_key="gazette.example/pan", title_key="pan heard")
    assert decide(other, known(), source=1) == New()


def test_a_changed_guid_with_the_same_link_and_title_is_the_same_entry() -> None:
    renamed = entry(key="renamed", guid="gazette-17", digest="another")
    assert decide(renamed, known(number=7), source=1) == Revised(entry=7, significant=False)


def test_an_entry_apart_from_its_guids_first_owner_may_be_retitled() -> None:
    owner = known(entry=entry(address_key="gazette.example/pan", title_key="pan heard"))
    apart = known(number=2, story=2, entry=entry(key="apart"))
    retitled = entry(key="apart under a new title", title_key="kettle silent", digest="another")
    assert decide(retitled, owner, apart, source=1) == Revised(entry=2, significant=False)


def test_a_live_blogs_entries_of_one_source_share_an_address_and_stay_apart() -> None:
    later = entry(key="later", guid="gazette-18", title_key="kettle hotter")
    assert decide(later, known(), source=1) == New()


def test_without_an_address_a_title_alone_does_not_make_the_same_entry() -> None:
    first = known(entry=entry(address_key=None))
    assert decide(entry(key="2", guid="2", address_key=None), first, source=1) == New()


def test_without_an_address_guid_and_title_make_the_same_entry_whatever_its_key() -> None:
    first = known(entry=entry(address_key=None))
    second = entry(key="apart", address_key=None, digest="another")
    assert decide(second, first, source=1) == Revised(entry=1, significant=False)


def test_the_same_guid_of_another_source_is_not_the_same_entry() -> None:
    claimed = elsewhere(key=entry().key, id=entry().id, guid=entry().guid)
    assert decide(claimed, known()) == New()


# ---- the same article elsewhere ------------------------------------------------------------------


def test_two_sources_with_one_address_give_one_story_whatever_the_titles() -> None:
    syndicated = elsewhere(address_key=entry().address_key)
    expected = Merged(story=5, rule=ADDRESS, score=1.0)
    assert decide(syndicated, known(story=5)) == expected


def test_entries_without_an_address_do_not_share_one() -> None:
    assert decide(elsewhere(address_key=None), known(entry=entry(address_key=None))) == New()


def live_blog() -> tuple[KnownEntry, KnownEntry]:
    return (
        known(story=1),
        known(number=2, story=2, entry=entry(key="2", title_key="kettle hotter")),
    )


def test_where_stories_share_an_address_the_title_decides() -> None:
    arriving = elsewhere(address_key=entry().address_key, title_key="kettle hotter")
    expected = Merged(story=2, rule=ADDRESS, score=1.0)
    assert decide(arriving, *live_blog()) == expected


def test_where_stories_share_an_address_another_title_is_another_story() -> None:
    arriving = elsewhere(address_key=entry().address_key, title_key="kettle boils over")
    assert decide(arriving, *live_blog()) == New()


def test_one_story_brought_by_several_sources_counts_once() -> None:
    second = known(number=2, source=3, story=1, entry=entry(title_key="heard: a kettle"))
    arriving = elsewhere(address_key=entry().address_key)
    assert decide(arriving, known(), second) == Merged(story=1, rule=ADDRESS, score=1.0)


# ---- seed and live entry -------------------------------------------------------------------------


def test_a_live_entry_finds_the_seed_of_its_article() -> None:
    seed = known(source=ELSEWHERE, is_seed=True, story=4, entry=from_seed())
    assert decide(entry(), seed, source=1) == Merged(story=4, rule=SEED_AND_LIVE, score=1.0)


def test_a_seed_finds_the_live_entry_of_its_article() -> None:
    decision = decide_on_seed(from_seed(), known(story=4))
    assert decision == Merged(story=4, rule=SEED_AND_LIVE, score=1.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"title_key": "kettle silent"},
        {"publication_keys": ("herald",)},
        {"publication_keys": ()},
        {"published": PUBLISHED + 3 * DAY},
        {"published": PUBLISHED - 3 * DAY},
    ],
)
def test_a_seed_of_another_title_publication_or_date_is_another_story(
    changes: dict[str, object],
) -> None:
    seed = from_seed(**changes)
    assert decide_on_seed(seed, known()) == New()
    in_store = known(source=ELSEWHERE, is_seed=True, entry=seed)
    assert decide(entry(), in_store, source=1) == New()


def test_one_publication_name_in_common_is_enough() -> None:
    live = known(entry=entry(publication_keys=("the merrow gazette", "merrow gazette")))
    assert isinstance(decide_on_seed(from_seed(), live), Merged)


def test_titles_without_words_are_equal_to_none() -> None:
    wordless = known(entry=entry(title_key=""))
    assert decide_on_seed(from_seed(title_key=""), wordless) == New()


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        (2 * DAY, Merged(story=1, rule=SEED_AND_LIVE, score=1.0)),
        (2 * DAY + timedelta(seconds=1), New()),
    ],
)
def test_dates_may_be_two_days_apart_to_the_second(
    direction: int, apart: timedelta, expected: Decision
) -> None:
    live = entry(published=PUBLISHED)
    seed = from_seed(published=PUBLISHED + direction * apart)
    assert decide_on_seed(seed, known(entry=live)) == expected
    in_store = known(source=ELSEWHERE, is_seed=True, entry=seed)
    assert decide(live, in_store, source=1) == expected


@pytest.mark.parametrize(("first_seen", "matches"), [(PUBLISHED, True), (NOW - 9 * DAY, False)])
def test_a_known_entry_without_a_date_has_that_of_its_arrival(
    first_seen: datetime, *, matches: bool
) -> None:
    undated = known(first_seen=first_seen, entry=entry(published=None))
    assert isinstance(decide_on_seed(from_seed(), undated), Merged) is matches


@pytest.mark.parametrize(("published", "matches"), [(NOW - DAY, True), (NOW - 9 * DAY, False)])
def test_an_arriving_entry_without_a_date_has_todays(published: datetime, *, matches: bool) -> None:
    seed = known(source=ELSEWHERE, is_seed=True, entry=from_seed(published=published))
    decision = decide(entry(published=None), seed, source=1)
    assert isinstance(decision, Merged) is matches


def test_two_live_entries_are_never_merged_by_title_and_date_alone() -> None:
    copy = entry(key="2", address_key="herald.example/kettle")
    assert decide(copy, known()) == New()


# ---- joining -------------------------------------------------------------------------------------


def test_an_arrival_that_matches_two_stories_joins_them_and_the_first_seen_is_kept() -> None:
    by_address = known(number=1, story=1, source=3, first_seen=NOW)
    seed = known(number=2, story=2, source=4, is_seed=True, first_seen=NOW - DAY, entry=from_seed())
    live = entry()
    expected = Joined(kept=2, retired=(1,), rule=ADDRESS, score=1.0)
    assert decide(live, by_address, seed) == expected


def test_of_stories_seen_at_once_the_one_with_the_lower_number_is_kept() -> None:
    by_address = known(number=1, story=9, source=3)
    seed = known(number=2, story=8, source=4, is_seed=True, entry=from_seed())
    expected = Joined(kept=8, retired=(9,), rule=ADDRESS, score=1.0)
    assert decide(entry(), by_address, seed) == expected


def test_of_two_live_entries_of_one_title_a_seed_finds_the_nearest_in_time() -> None:
    day_before = known(number=1, story=1, source=3, entry=entry(published=PUBLISHED - DAY))
    same_day = known(number=2, story=2, source=3)
    expected = Merged(story=2, rule=SEED_AND_LIVE, score=1.0)
    assert decide_on_seed(from_seed(), day_before, same_day) == expected


def test_a_daily_column_does_not_join_the_story_of_the_seed_of_the_day_before() -> None:
    seed = known(number=1, story=1, source=4, is_seed=True, entry=from_seed())
    live = known(number=2, story=1, source=ELSEWHERE)
    next_day = entry(
        key="next", guid="next", address_key="gazette.example/next", published=PUBLISHED + DAY
    )
    assert decide(next_day, seed, live) == New()
    again = dedup.decide(
        next_day, ELSEWHERE, is_seed=False, now=NOW, known=[seed, live], given={live.number}
    )
    assert again == New(), "also where the document gives the live one again"


def test_untitled_items_of_one_page_told_apart_by_fragments_are_entries_of_their_own() -> None:
    page = "https://gazette.example/kettle#"
    one = known(source=ELSEWHERE, entry=entry(title_key="", link=page + "1"))
    assert decide(entry(key="other", guid="other", title_key="", link=page + "2"), one) == New()


@pytest.mark.parametrize("slug", ["kettle", "kettle#3"])
def test_a_guid_that_is_an_address_is_the_same_under_another_scheme(slug: str) -> None:
    before = known(source=1, entry=entry(title_key="", guid=f"https://www.gazette.example/{slug}"))
    flipped = entry(key="2", title_key="", gist="new", guid=f"http://gazette.example/{slug}/")
    other = entry(key="2", title_key="", gist="new", guid="http://gazette.example/kettle#4")
    same = slug == "kettle"
    assert isinstance(decide(flipped, before, source=1), Unchanged) is same
    assert decide(other, before, source=1) == New()


def test_guids_that_name_no_page_are_told_apart_to_the_letter() -> None:
    before = known(entry=entry(title_key="", guid="https://gazette.example/"))
    arriving = entry(key="2", title_key="", gist="new", guid="http://gazette.example/")
    assert decide(arriving, before, source=1) == New()


def test_an_untitled_post_under_another_guid_is_the_same_with_text_time_and_place() -> None:
    before = known(entry=entry(title_key=""))
    post = entry(key="2", guid="2", title_key="")
    assert decide(post, before, source=1) == Unchanged(entry=1)
    for changes in ({"summary": None}, {"gist": "another"}, {"published": None}):
        other = replace(post, **changes)
        assert decide(other, before, source=1) == New()


def test_a_text_that_was_told_before_is_no_significant_revision() -> None:
    before = known(entry=entry(gist="now"), told=("once", "twice"))
    for gist, significant in (("once", False), ("twice", False), ("never", True)):
        arriving = entry(digest="another", gist=gist)
        assert decide(arriving, before, source=1) == Revised(entry=1, significant=significant)


# ---- the same entries under other names ----------------------------------------------------------

AT_NINE = PUBLISHED
TO_THE_SECOND = PUBLISHED + timedelta(minutes=3, seconds=7)
EPISODE = Enclosure(url="https://gazette.example/2.mp3")
SHORT, LONG = "<p>It hums.</p>", "<p>" + "It hums all day and all night. " * 3 + "</p>"


def told_of(number: int, **changes: Any) -> Entry:
    """An entry of the usual source that has nothing in common with those of other numbers."""
    usual: dict[str, Any] = {
        "key": f"old {number}",
        "guid": f"https://gazette.example/{number}",
        "link": f"https://gazette.example/{number}",
        "address_key": f"gazette.example/{number}",
        "title_key": f"kettle {number}",
        "gist": f"gist {number}",
        "summary": SHORT,
        "published": TO_THE_SECOND + number * DAY - 30 * DAY,
    }
    return entry(**(usual | changes))


def again(one: Entry, **changes: Any) -> Entry:
    """The entry under names that have nothing in common with its own."""
    key = f"new {one.key}"
    usual: dict[str, Any] = {
        "key": key,
        "guid": key,
        "link": f"https://gazette.example/new/{one.key[-1]}",
        "address_key": f"gazette.example/new/{one.key[-1]}",
    }
    return replace(one, **(usual | changes))


def renamed(arriving: Sequence[Entry], store: Sequence[Entry], items: int = 100) -> set[int]:
    """Which entries of the store come again, of a document with so many items."""
    entries = [known(number=n, entry=one) for n, one in enumerate(store)]
    found = dedup.renamed([(one, entries) for one in arriving], 1, items)
    for one in arriving:
        if one.key in found:
            assert one.title_key == found[one.key].entry.title_key
    return {k.number for k in found.values()}


def test_one_title_at_one_second_is_one_entry_whatever_its_names_and_text() -> None:
    one = told_of(1)
    assert renamed([again(one, gist="edited")], [one]) == {0}
    assert renamed([again(one, published=TO_THE_SECOND)], [one]) == set()
    assert renamed([again(one, title_key="another")], [one]) == set()


@pytest.mark.parametrize(
    ("text", "gist", "same"), [(LONG, "gist 1", True), (LONG, "another", False),
                               (SHORT, "gist 1", False), (None, "gist 1", False)]
)  # fmt: skip
def test_at_a_rough_time_one_entry_needs_a_long_text(
    text: str | None, gist: str, *, same: bool
) -> None:
    one = told_of(1, published=AT_NINE, summary=text)
    assert bool(renamed([again(one, gist=gist)], [one])) is same


def test_where_most_of_a_document_is_renamed_a_short_text_is_enough() -> None:
    one = told_of(1, published=AT_NINE)
    assert renamed([again(one)], [one], items=1) == {0}
    assert renamed([again(one)], [one], items=2) == set()
    silent = replace(one, summary=None)
    assert renamed([again(silent)], [silent], items=1) == set()


def test_of_several_alike_none_is_taken_for_another() -> None:
    one, twin = told_of(1), told_of(1, key="twin", guid="twin", address_key="gazette.example/twin")
    assert renamed([again(one)], [one, twin]) == set()
    assert renamed([again(one), again(twin)], [one]) == set()


def test_what_the_document_gives_by_its_old_name_is_no_earlier_form() -> None:
    one = told_of(1)
    assert renamed([one, again(one)], [one]) == set()


def test_another_sources_entries_are_no_earlier_forms() -> None:
    one = told_of(1)
    others = [known(source=ELSEWHERE, entry=one)]
    assert dedup.renamed([(again(one), others)], 1, 1) == {}


def moved_site(count: int, **changes: Any) -> tuple[list[Entry], list[Entry]]:
    """So many entries, and each again under names that have nothing in common with its own."""
    old = [told_of(n, **changes) for n in range(count)]
    return [again(one) for one in old], old


@pytest.mark.parametrize(("count", "moved"), [(3, True), (2, False)])
def test_a_site_has_moved_where_three_or_more_are_found_again(count: int, *, moved: bool) -> None:
    new, old = moved_site(count, published=AT_NINE, summary=None)
    assert renamed(new, old, items=count) == (set(range(count)) if moved else set())


def test_a_site_has_not_moved_where_most_of_what_arrives_is_not_found_again() -> None:
    new, old = moved_site(7, published=AT_NINE, summary=None)
    assert renamed(new, old[:3], items=7) == set()
    assert renamed(new, old[:4], items=7) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({}, {"link": "https://elsewhere.example/a"}, True),
        ({}, {"link": "https://gazette.example/page?token=2"}, True),
        ({}, {"link": "https://gazette.example/another"}, False),
        ({"published": AT_NINE}, {"link": "https://elsewhere.example/a"}, True),
        ({}, {"link": None}, True),
        ({}, {"link": None, "gist": "another"}, False),
        ({}, {"link": None, "summary": None}, False),
        ({}, {"link": None, "enclosures": (EPISODE,)}, False),
    ],
)  # fmt: skip
def test_without_a_date_an_entry_of_a_moved_site_is_known_by_its_title_and_where_it_links(
    before: dict[str, Any], after: dict[str, Any], *, moved: bool
) -> None:
    link = "https://gazette.example/page?token=1"
    old = [told_of(n, **({"published": None, "link": link} | before)) for n in range(3)]
    new = [again(one, published=None, **after) for one in old]
    assert renamed(new, old, items=3) == ({0, 1, 2} if moved else set())


def test_a_date_that_lay_ahead_says_nothing_and_another_speaks_against_it() -> None:
    links = {"link": "https://elsewhere.example/a"}
    for published, moved in ((NOW, {0, 1, 2}), (NOW - DAY, set())):
        old = [told_of(n, published=published) for n in range(3)]
        new = [again(one, published=NOW - 2 * DAY, **links) for one in old]
        assert renamed(new, old, items=3) == moved


def test_what_never_had_a_name_is_known_by_title_and_text_when_all_of_it_is_dated_anew() -> None:
    nameless = {"guid": None, "link": None, "address_key": None}
    old = [told_of(n, **nameless) for n in range(3)]
    new = [again(one, published=PUBLISHED, **nameless) for one in old]
    assert renamed(new, old, items=3) == {0, 1, 2}
    assert renamed([replace(one, gist="another") for one in new], old, items=3) == set()


def test_posts_without_titles_are_known_by_their_texts_and_nothing_by_nothing() -> None:
    new, old = moved_site(3, title_key="")
    assert renamed(new, old) == {0, 1, 2}
    new, old = moved_site(3, title_key="", summary=None)
    assert renamed(new, old, items=3) == set()


addresses = st.sampled_from([None, "gazette.example/kettle", "herald.example/pan"])
titles = st.sampled_from(["", "kettle heard", "pan heard"])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    return entry(
        key=draw(st.sampled_from("ab")),
        address_key=draw(addresses),
        title_key=draw(titles),
        published=draw(st.sampled_from([None, PUBLISHED, PUBLISHED - 3 * DAY])),
    )


@st.composite
def stores(draw: st.DrawFn) -> list[KnownEntry]:
    """Entries of other sources; what one number is does not change from call to call."""
    return [
        known(
            number=number,
            story=draw(st.integers(1, 3)),
            source=draw(st.integers(3, 5)),
            is_seed=draw(st.booleans()),
            first_seen=NOW - draw(st.integers(0, 2)) * DAY,
            entry=draw(entries()),
        )
        for number in range(1, draw(st.integers(1, 6)))
    ]


@settings(max_examples=200, deadline=None)
@given(arriving=entries(), store=stores(), is_seed=st.booleans(), data=st.data())
def test_no_decision_depends_on_the_order_in_which_the_store_answers(
    arriving: Entry, store: list[KnownEntry], *, is_seed: bool, data: st.DataObject
) -> None:
    decision = dedup.decide(_arriving(arriving, ELSEWHERE, is_seed=is_seed), known=store)
    shuffled = data.draw(st.permutations(store))
    assert dedup.decide(_arriving(arriving, ELSEWHERE, is_seed=is_seed), known=shuffled) == decision
    if isinstance(decision, Joined):
        assert decision.kept not in decision.retired


# ---- who leads -----------------------------------------------------------------------------------


HERALD = "https://herald.example/feed"
"""The address of a source that is nobody's home here but its own."""


def copied(**changes: Any) -> KnownEntry:
    """The Herald's copy of the usual entry, known for a day."""
    usual: dict[str, Any] = {
        "number": 1,
        "address": HERALD,
        "first_seen": NOW - DAY,
        "entry": elsewhere(link=entry().link),
    }
    return known(**(usual | changes))


def ranked(rank: int, one: Entry | None = None) -> Entry:
    return replace(one or elsewhere(link=entry().link), terms=Terms(rank=rank))


def test_the_publishers_own_entry_leads_however_late_it_comes() -> None:
    publisher = known(number=2, first_seen=NOW)
    assert dedup.lead((copied(), publisher)) == publisher


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://www.gazette.example/kettle", "https://gazette.example/feed"),
        ("https://gazette.example/kettle", "https://feeds.gazette.example/all"),
        ("https://news.gazette.example/kettle", "https://gazette.example/feed"),
        ("https://gazette.example/kettle", "https://ada:secret@gazette.example/feed"),
    ],
)
def test_a_publishers_hosts_are_one_home(link: str, address: str) -> None:
    own = known(number=2, address=address, entry=entry(link=link))
    assert dedup.lead((copied(entry=elsewhere(link=link)), own)) == own


@pytest.mark.parametrize(
    "address",
    [
        "https://hostile.example/feed",
        "https://notgazette.example/feed",
        "https://gazette.example.hostile.example/feed",
        "https://gazette.example@hostile.example/feed",
        "https://hostile.example/gazette.example/feed",
        "seed:gazette.example/feed.xml",
    ],
)
@pytest.mark.parametrize("feed_url", [FEED_URL, None])
def test_whoever_claims_to_be_the_home_of_anothers_link_never_leads_its_story(
    address: str, feed_url: str | None
) -> None:
    claims = replace(entry(), source=source_info(feed_url=feed_url), terms=Terms(rank=100))
    claimant = known(number=1, address=address, first_seen=NOW - DAY, entry=claims)
    publisher = known(number=2, first_seen=NOW, entry=entry(terms=Terms(rank=-100)))
    assert dedup.lead((claimant, publisher)) == publisher


def test_an_entry_that_names_another_feed_as_its_source_is_at_home_where_it_is_pulled() -> None:
    named = entry(source=source_info(feed_url=HERALD))
    own = known(number=2, entry=named)
    assert dedup.lead((copied(), own)) == own


def test_a_live_entry_leads_before_its_seed_whatever_its_rank() -> None:
    seed = known(number=1, is_seed=True, address="seed:kettle.txt", entry=from_seed())
    live = copied(number=2, first_seen=NOW, entry=ranked(-5))
    assert dedup.lead((seed, live)) == live


def test_of_entries_away_from_home_the_one_that_the_operator_ranks_highest_leads() -> None:
    first = copied(number=1)
    low = copied(number=2, first_seen=NOW - 2 * DAY, entry=ranked(-1))
    high = copied(number=3, first_seen=NOW, entry=ranked(1))
    assert dedup.lead((low, first, high)) == high
    assert dedup.lead((low, first)) == first


def test_among_equals_the_first_seen_leads() -> None:
    first, second = known(number=2, first_seen=NOW - DAY), known(number=1, first_seen=NOW)
    assert dedup.lead((second, first)) == first


def test_of_entries_seen_at_once_the_first_written_leads() -> None:
    assert dedup.lead((known(number=2), known(number=1))).number == 1
