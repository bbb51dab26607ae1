"""The same entry again, from the same source, under its own names or under others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator import dedup
from aggregator.model import Decision, Enclosure, Entry, KnownEntry, New, Revised, Unchanged
from tests.builders import NOW, PUBLISHED, entry, known

DAY = timedelta(days=1)


def decide(arriving: Entry, *others: KnownEntry, source: int = 1) -> Decision:
    """What an entry of a source is to those."""
    return dedup.decide(known(number=0, story=0, source=source, entry=arriving), known=others)


def test_the_same_entry_to_the_letter_is_unchanged() -> None:
    assert decide(entry(), known(number=7)) == Unchanged(entry=7)


@pytest.mark.parametrize(("gist", "significant"), [("gist", False), ("another", True)])
def test_a_revision_is_significant_where_a_reader_would_call_it_changed(
    gist: str, *, significant: bool
) -> None:
    revised = entry(digest="another", gist=gist)
    expected = Revised(entry=7, significant=significant)
    assert decide(revised, known(number=7)) == expected


@pytest.mark.parametrize(
    "changes", [{"title_key": "kettle silent"}, {"address_key": "gazette.example/moved"}]
)
def test_an_entry_that_changes_its_title_or_its_link_is_still_itself(
    changes: dict[str, str],
) -> None:
    decision = decide(entry(digest="another", **changes), known(number=7))
    assert isinstance(decision, Revised)


def test_a_shared_guid_with_another_link_and_title_is_another_entry() -> None:
    other = entry(address_key="gazette.example/pan", title_key="pan heard")
    assert decide(other, known()) == New()


def test_a_changed_guid_with_the_same_link_and_title_is_the_same_entry() -> None:
    renamed = entry(key="renamed", guid="gazette-17", digest="another")
    assert decide(renamed, known(number=7)) == Revised(entry=7, significant=False)


def test_an_entry_apart_from_its_guids_first_owner_may_be_retitled() -> None:
    owner = known(entry=entry(address_key="gazette.example/pan", title_key="pan heard"))
    apart = known(number=2, story=2, entry=entry(key="apart"))
    retitled = entry(key="apart under a new title", title_key="kettle silent", digest="another")
    assert decide(retitled, owner, apart) == Revised(entry=2, significant=False)


def test_a_live_blogs_entries_of_one_source_share_an_address_and_stay_apart() -> None:
    later = entry(key="later", guid="gazette-18", title_key="kettle hotter")
    assert decide(later, known()) == New()


def test_without_an_address_a_title_alone_does_not_make_the_same_entry() -> None:
    first = known(entry=entry(address_key=None))
    assert decide(entry(key="2", guid="2", address_key=None), first) == New()


def test_without_an_address_guid_and_title_make_the_same_entry_whatever_its_key() -> None:
    first = known(entry=entry(address_key=None))
    second = entry(key="apart", address_key=None, digest="another")
    assert decide(second, first) == Revised(entry=1, significant=False)


def test_the_same_guid_of_another_source_is_not_the_same_entry() -> None:
    claimed = entry(address_key="herald.example/pan", title_key="pan heard")
    assert decide(claimed, known(), source=2) == New()


def test_untitled_items_of_one_page_told_apart_by_fragments_are_entries_of_their_own() -> None:
    page = "https://gazette.example/kettle#"
    one = known(entry=entry(title_key="", link=page + "1"))
    assert decide(entry(key="other", guid="other", title_key="", link=page + "2"), one) == New()


@pytest.mark.parametrize("slug", ["kettle", "kettle#3"])
def test_a_guid_that_is_an_address_is_the_same_under_another_scheme(slug: str) -> None:
    before = known(source=1, entry=entry(title_key="", guid=f"https://www.gazette.example/{slug}"))
    flipped = entry(key="2", title_key="", gist="new", guid=f"http://gazette.example/{slug}/")
    other = entry(key="2", title_key="", gist="new", guid="http://gazette.example/kettle#4")
    same = slug == "kettle"
    assert isinstance(decide(flipped, before), Unchanged) is same
    assert decide(other, before) == New()


def test_guids_that_name_no_page_are_told_apart_to_the_letter() -> None:
    before = known(entry=entry(title_key="", guid="https://gazette.example/"))
    arriving = entry(key="2", title_key="", gist="new", guid="http://gazette.example/")
    assert decide(arriving, before) == New()


def test_an_untitled_post_under_another_guid_is_the_same_with_text_time_and_place() -> None:
    before = known(entry=entry(title_key=""))
    post = entry(key="2", guid="2", title_key="")
    assert decide(post, before) == Unchanged(entry=1)
    for changes in ({"summary": None}, {"gist": "another"}, {"published": None}):
        other = replace(post, **changes)
        assert decide(other, before) == New()


def test_a_text_that_was_told_before_is_no_significant_revision() -> None:
    before = known(entry=entry(gist="now"), told=("once", "twice"))
    for gist, significant in (("once", False), ("twice", False), ("never", True)):
        arriving = entry(digest="another", gist=gist)
        assert decide(arriving, before) == Revised(entry=1, significant=significant)


# ---- under other names --------------------------------------------------------------------------

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
    others = [known(source=2, entry=one)]
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
