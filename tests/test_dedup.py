"""What an arriving entry is to those of the store: one story once, whatever brought it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dedup
from aggregator.dedup import ADDRESS, CORRECTED, SEED_AND_LIVE, TEXT
from aggregator.model import (
    Company,
    Contested,
    Decision,
    Entry,
    Joined,
    KnownEntry,
    Merged,
    New,
    Revised,
    Terms,
    Unchanged,
)
from tests.builders import NOW, PUBLISHED, entry, known, source_info

DAY = timedelta(days=1)
ELSEWHERE = 2
"""The number of another source than the usual one."""

SWIFTS = (
    "A pair of swifts has built its nest in the flue behind Ada Inkwell's tea room in Merrow, and"
    " the draught that it makes cools the spout of her copper kettle by four degrees. That is why"
    " it whistles a quarter tone flat since the thirteenth of February, says the tuner Piet Damper,"
    " whose report of nine pages was read to the council on Tuesday. The nest may not be moved"
    " before September, and so the council voted, by twelve to three, for a screen of wire."
)
LAMPS = (
    "The gas lamps on the quay in Tansy burn through the night again from the first of March. They"
    " had been put out at eleven for two winters, which saved the town the price of a fishing boat"
    " and cost it, by the count of the shopkeepers, some forty falls. Wenna Tallow, who lights them"
    " with a ladder and a taper, was given two apprentices by the harbour board."
)


def decide(arriving: Entry, *others: KnownEntry, source: int = ELSEWHERE) -> Decision:
    return decided(known(number=0, story=0, source=source, entry=arriving), others)


def decide_on_seed(arriving: Entry, *others: KnownEntry) -> Decision:
    return decided(known(number=0, story=0, source=ELSEWHERE, is_seed=True, entry=arriving), others)


def decided(arriving: KnownEntry, others: Iterable[KnownEntry]) -> Decision:
    """The decision where the stories have these entries and no others."""
    store = tuple(others)
    return dedup.decide(arriving, known=store, company=company(store))


def company(store: Iterable[KnownEntry]) -> dict[int, Company]:
    sources: dict[int, tuple[int, ...]] = {}
    for k in store:
        sources[k.story] = (*sources.get(k.story, ()), k.source)
    return {story: Company(sources=those) for story, those in sources.items()}


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


def in_store(number: int, source: int, one: Entry, **changes: Any) -> KnownEntry:
    """The entry in the store, in a story of its number."""
    return known(**({"number": number, "story": number, "source": source, "entry": one} | changes))


def test_what_the_store_does_not_know_is_new() -> None:
    assert decide(entry()) == New()


def test_entries_without_anything_in_common_are_two_stories() -> None:
    assert decide(elsewhere(), known()) == New()


def test_what_its_source_gave_before_is_that_whatever_else_it_is_like() -> None:
    own, other = known(), in_store(2, ELSEWHERE, entry(key="2"))
    assert decide(entry(), other, own, source=1) == Unchanged(entry=1)
    assert decide(entry(digest="another"), other, own, source=1) == Revised(
        entry=1, significant=False
    )


def test_another_item_of_the_same_document_is_no_earlier_form() -> None:
    arriving = known(number=0, story=0, entry=entry())
    for given_before, expected in (((), Unchanged(entry=1)), ((1,), New())):
        assert dedup.decide(arriving, known=[known()], given=given_before) == expected


# ---- the same article elsewhere ------------------------------------------------------------------


def test_two_sources_with_one_address_give_one_story_whatever_the_titles() -> None:
    syndicated = elsewhere(address_key=entry().address_key)
    expected = Merged(story=5, rule=ADDRESS, score=1.0, like=1)
    assert decide(syndicated, known(story=5)) == expected


def test_entries_without_an_address_do_not_share_one() -> None:
    assert decide(elsewhere(address_key=None), known(entry=entry(address_key=None))) == New()


def test_a_copy_of_the_text_joins_its_story_by_the_first_entry_that_it_is_like() -> None:
    # They come with the most alike first: of its story no other text is read.
    whole = in_store(2, 3, entry(summary=SWIFTS), story=7)
    tail = in_store(1, 4, entry(summary=SWIFTS + " " + LAMPS[:100]), story=7)
    copy = elsewhere(summary=SWIFTS)
    assert decide(copy, whole, tail) == Merged(story=7, rule=TEXT, score=1.0, like=2)


def test_of_entries_that_it_is_equally_like_the_first_of_each_story_counts() -> None:
    copies = [
        in_store(n, n + 2, entry(summary=SWIFTS), story=s) for n, s in ((3, 7), (1, 7), (2, 9))
    ]
    assert decide(elsewhere(summary=SWIFTS), *copies) == Joined(
        kept=7, retired=(9,), rule=TEXT, score=1.0, like=2
    )


def test_a_correction_joins_the_story_of_what_its_source_sent_before_and_revises_it() -> None:
    sent = known(story=7, entry=entry(summary=SWIFTS))
    again = entry(
        key="2", guid="2", address_key=None, summary=SWIFTS.replace("nine", "eight"),
        title="CORRECTED-Kettle heard", title_key="kettle heard",
    )  # fmt: skip
    decision = decide(again, sent, source=1)
    assert isinstance(decision, Merged)
    assert (decision.story, decision.rule, decision.like) == (7, CORRECTED, 1)
    assert decision.corrects


def test_a_copy_elsewhere_corrects_nothing() -> None:
    decision = decide(elsewhere(summary=SWIFTS), known(entry=entry(summary=SWIFTS)))
    assert isinstance(decision, Merged)
    assert not decision.corrects


def test_an_entry_that_is_not_to_be_merged_is_a_story_of_its_own() -> None:
    alone = elsewhere(address_key=entry().address_key, terms=Terms(merge=False))
    assert decide(alone, known()) == New()
    assert decide(elsewhere(address_key=entry().address_key), known(entry=alone)) == New()


# ---- seed and live entry -------------------------------------------------------------------------


def test_a_live_entry_finds_the_seed_of_its_article() -> None:
    seed = in_store(4, ELSEWHERE, from_seed(), is_seed=True)
    expected = Merged(story=4, rule=SEED_AND_LIVE, score=1.0, like=4)
    assert decide(entry(), seed, source=1) == expected


def test_a_seed_finds_the_live_entry_of_its_article() -> None:
    decision = decide_on_seed(from_seed(), known(story=4))
    assert decision == Merged(story=4, rule=SEED_AND_LIVE, score=1.0, like=1)


def test_an_arriving_entry_without_a_date_has_todays() -> None:
    for published, matches in ((NOW - DAY, True), (NOW - 9 * DAY, False)):
        seed = in_store(4, ELSEWHERE, from_seed(published=published), is_seed=True)
        decision = decide(entry(published=None), seed, source=1)
        assert isinstance(decision, Merged) is matches


# ---- what is near --------------------------------------------------------------------------------


def test_what_it_is_like_and_not_the_same_as_is_remembered_with_the_reason() -> None:
    rates = (
        "One crown of the Bank of Merrow buys {} Dunlin marks and {} Tansy florins at noon today."
    )
    other = known(entry=entry(summary=rates.format("1.04", "7.31")))
    decision = decide(elsewhere(summary=rates.format("1.05", "7.33")), other)
    assert isinstance(decision, New)
    (near,) = decision.near
    assert near.entry == 1
    assert near.score >= 0.3
    assert near.reason


def parts_of(count: int) -> str:
    """So much of the swifts, in sentences, that it is alike and no copy, and then the lamps."""
    return ". ".join(SWIFTS.split(". ")[:count]) + ". " + LAMPS


def test_the_three_most_alike_are_remembered_the_most_alike_first_and_no_others() -> None:
    near = [in_store(n, n + 2, entry(summary=parts_of(2))) for n in (4, 2, 5, 3)]
    nearer = in_store(6, 8, entry(summary=parts_of(3).replace("nine", "ten").replace("Tansy", "")))
    far = in_store(7, 9, entry(summary=LAMPS))
    text = SWIFTS.replace("Inkwell's", "Plume's").replace("Piet", "Per").replace("Ada", "Eda")
    decision = decide(elsewhere(summary=text), far, *near, nearer)
    assert isinstance(decision, New)
    assert [each.entry for each in decision.near] == [6, 2, 3]
    scores = [each.score for each in decision.near]
    assert scores == sorted(scores, reverse=True)


def test_what_is_in_its_story_is_not_near_it() -> None:
    same = in_store(1, 3, entry(summary=SWIFTS), story=7)
    alike = in_store(2, 4, entry(summary=parts_of(1)), story=7)
    other = in_store(3, 5, entry(summary=parts_of(1)))
    decision = decide(elsewhere(summary=SWIFTS), same, alike, other)
    assert isinstance(decision, Merged)
    assert [each.entry for each in decision.near] == [3]


# ---- joining -------------------------------------------------------------------------------------


def test_an_arrival_that_matches_two_stories_joins_them_and_the_first_seen_is_kept() -> None:
    by_address = known(number=1, story=1, source=3, first_seen=NOW)
    seed = in_store(2, 4, from_seed(), is_seed=True, first_seen=NOW - DAY)
    expected = Joined(kept=2, retired=(1,), rule=SEED_AND_LIVE, score=1.0, like=2)
    assert decide(entry(), by_address, seed) == expected


def test_of_stories_seen_at_once_the_one_with_the_lower_number_is_kept() -> None:
    by_address = known(number=1, story=9, source=3)
    seed = in_store(2, 4, from_seed(), is_seed=True, story=8)
    expected = Joined(kept=8, retired=(9,), rule=SEED_AND_LIVE, score=1.0, like=2)
    assert decide(entry(), by_address, seed) == expected


def test_a_story_that_no_reader_knows_is_not_the_one_that_is_kept() -> None:
    hidden = entry(terms=Terms(excluded="not wanted"))
    first = known(number=1, story=1, source=3, first_seen=NOW - DAY, entry=hidden)
    second = known(number=2, story=2, source=4, first_seen=NOW)
    decision = decide(entry(key="2"), first, second)
    assert isinstance(decision, Joined)
    assert (decision.kept, decision.retired) == (2, (1,))


def test_a_story_that_several_sources_brought_is_joined_once() -> None:
    second = known(number=2, source=3, story=1, entry=entry(title_key="heard: a kettle"))
    arriving = elsewhere(address_key=entry().address_key)
    assert decide(arriving, known(), second) == Merged(story=1, rule=ADDRESS, score=1.0, like=1)
    others = [in_store(n, n + 2, entry()) for n in (3, 4)]
    decision = decide(arriving, known(), second, *others)
    assert isinstance(decision, Joined)
    assert (decision.kept, decision.retired) == (1, (3, 4))


def test_a_correction_that_joins_stories_says_so() -> None:
    sent = known(story=1, entry=entry(summary=SWIFTS))
    copy = in_store(2, 3, entry(key="copy", address_key="herald.example/2", summary=LAMPS))
    again = entry(
        key="3", guid="3", address_key="herald.example/2", summary=SWIFTS,
        title="CORRECTED-Kettle heard", title_key="kettle heard",
    )  # fmt: skip
    decision = decide(again, sent, copy, source=1)
    assert isinstance(decision, Joined)
    assert (decision.kept, decision.retired, decision.rule) == (1, (2,), ADDRESS)
    assert not decision.corrects, "the address is the surer"
    shorter = replace(copy, entry=entry(key="copy", address_key=None, summary=SWIFTS + " So far."))
    decision = decide(again, sent, shorter, source=1)
    assert isinstance(decision, Joined)
    assert (decision.rule, decision.corrects) == (CORRECTED, True)


# ---- what one story cannot hold ------------------------------------------------------------------


def live_blog() -> tuple[KnownEntry, KnownEntry]:
    """Two entries of one page of one source."""
    return known(), in_store(2, 1, entry(key="2", title_key="kettle hotter"))


@pytest.mark.parametrize("title", ["kettle hotter", "kettle boils over"])
def test_what_has_the_address_of_several_entries_of_one_source_is_contested(title: str) -> None:
    arriving = elsewhere(address_key=entry().address_key, title_key=title)
    assert decide(arriving, *live_blog()) == Contested(like=(1, 2))


def test_a_second_entry_of_a_source_is_contested_in_the_story_that_has_its_first() -> None:
    seed = in_store(1, 4, from_seed(), is_seed=True)
    live = known(number=2, story=1, source=ELSEWHERE)
    next_day = entry(
        key="next", guid="next", address_key="gazette.example/next", published=PUBLISHED + DAY
    )
    assert decide(next_day, seed, live) == Contested(like=(1,))
    again = dedup.decide(
        known(number=0, story=0, source=ELSEWHERE, entry=next_day),
        known=[seed, live],
        given={live.number},
        company=company([seed, live]),
    )
    assert again == Contested(like=(1,)), "also where the document gives the live one again"


def test_its_sources_first_is_in_the_way_though_nothing_of_it_is_known_but_its_company() -> None:
    arriving = known(number=0, story=0, source=ELSEWHERE, entry=entry())
    first = known(source=3)
    alone, with_own = Company(sources=(3,)), Company(sources=(3, ELSEWHERE))
    expected = Merged(story=1, rule=ADDRESS, score=1.0, like=1)
    assert dedup.decide(arriving, known=[first], company={1: alone}) == expected
    assert dedup.decide(arriving, known=[first]) == expected, "of a story without company"
    decision = dedup.decide(arriving, known=[first], company={1: with_own})
    assert decision == Contested(like=(1,))


def test_two_stories_with_entries_of_one_source_are_contested_whatever_brings_them_together() -> (
    None
):
    first, second = (in_store(n, 3, entry(key=str(n), published=PUBLISHED - n * DAY))
                     for n in (1, 2))  # fmt: skip
    assert decide_on_seed(from_seed(), first, second) == Contested(like=(1, 2))
    one_more = known(number=3, story=2, source=5, entry=entry(address_key="b"))
    other = replace(first, entry=replace(first.entry, address_key="a"))
    decision = decided(
        known(number=0, story=0, source=9, is_seed=True, entry=from_seed()), [other, one_more]
    )
    assert isinstance(decision, Joined), "no source in common"
    both = {1: Company(sources=(3,)), 2: Company(sources=(5, 3))}
    seed = known(number=0, story=0, source=9, is_seed=True, entry=from_seed())
    assert dedup.decide(seed, known=[other, one_more], company=both) == Contested(like=(1, 3))


def test_a_correction_of_two_articles_of_its_source_is_contested() -> None:
    first, second = (
        in_store(
            n, 1, entry(key=str(n), guid=str(n), address_key=f"gazette.example/{n}", summary=t)
        )
        for n, t in ((1, SWIFTS), (2, LAMPS))
    )
    again = entry(
        key="3", guid="3", address_key="gazette.example/3", summary=SWIFTS,
        title="CORRECTED-Kettle heard", title_key="kettle heard",
    )  # fmt: skip
    assert decide(again, first, second, source=1) == Contested(like=(1, 2))
    (one,) = (group for group in parted([first, second, arrived(3, again)]) if 3 in group)
    assert one == {1, 3}


def test_an_entry_linked_to_all_that_its_source_has_in_a_story_is_welcome_there() -> None:
    changes = {"summary": SWIFTS, "published": PUBLISHED}
    sent = [in_store(n, 1, entry(key=str(n), guid=str(n), address_key=str(n), **changes), story=7)
            for n in (1, 2)]  # fmt: skip
    third = entry(key="3", guid="3", address_key="3", **changes)
    assert decide(third, *sent, source=1) == Merged(story=7, rule=TEXT, score=1.0, like=1)


def test_stories_that_the_operator_keeps_apart_are_contested() -> None:
    first, second = in_store(1, 3, entry()), in_store(2, 4, entry(key="2"))
    arriving = known(number=0, story=0, source=ELSEWHERE, entry=entry(key="3"))
    sides = {
        1: Company(sources=(3,), apart=frozenset({2})),
        2: Company(sources=(4,), apart=frozenset({1})),
    }
    decision = dedup.decide(arriving, known=[first, second], company=sides)
    assert decision == Contested(like=(1, 2))
    only_one = dedup.decide(arriving, known=[first], company=sides)
    assert isinstance(only_one, Merged), "the other has nothing to do with it"
    assert isinstance(decided(arriving, [first, second]), Joined)


# ---- what an entry has become --------------------------------------------------------------------


def joined(revised: KnownEntry, *others: KnownEntry) -> Joined | None:
    store = (revised, *others)
    return dedup.joined(revised, known=store, company=company(store))


def test_what_has_become_a_copy_of_another_story_joins_the_two() -> None:
    revised = in_store(2, ELSEWHERE, elsewhere(summary=SWIFTS))
    older = in_store(1, 1, entry(summary=SWIFTS), first_seen=NOW - DAY)
    expected = Joined(kept=1, retired=(2,), rule=TEXT, score=1.0, like=1)
    assert joined(revised, older) == expected
    newer = replace(older, first_seen=NOW + DAY)
    assert joined(revised, newer) == replace(expected, kept=2, retired=(1,))
    third = in_store(3, 3, entry(summary=SWIFTS), first_seen=NOW)
    assert joined(revised, third, older) == replace(expected, retired=(2, 3))


def test_what_has_become_like_its_own_story_or_like_nothing_joins_nothing() -> None:
    revised = in_store(2, ELSEWHERE, elsewhere(summary=SWIFTS), story=1)
    assert joined(revised, known(entry=entry(summary=SWIFTS))) is None
    assert joined(revised, in_store(3, 3, entry(summary=LAMPS))) is None


def test_what_has_become_like_a_story_with_its_sources_own_joins_nothing() -> None:
    revised = in_store(2, ELSEWHERE, elsewhere(summary=SWIFTS))
    there = known(entry=entry(summary=SWIFTS))
    own = in_store(3, ELSEWHERE, elsewhere(key="3", summary=LAMPS), story=1)
    assert isinstance(joined(revised, there), Joined)
    assert joined(revised, there, own) is None
    mate = in_store(4, 5, elsewhere(key="4"), story=2)
    assert isinstance(joined(revised, there, mate), Joined)
    assert joined(revised, there, mate, replace(mate, number=5, story=1)) is None


# ---- in whatever order it comes ------------------------------------------------------------------


def arrived(number: int, one: Entry) -> KnownEntry:
    return known(number=number, story=0, entry=one)


def parted(entries: Iterable[KnownEntry]) -> list[set[int]]:
    return [{k.number for k in group} for group in dedup.parted(list(entries))]


addresses = st.sampled_from([None, "gazette.example/kettle", "herald.example/pan"])
titles = st.sampled_from(["", "kettle heard", "pan heard"])
TEXTS = (
    "It hums.",
    SWIFTS,
    SWIFTS[:250],
    SWIFTS.replace("Piet", "Per").replace("nine", "ten"),
    LAMPS,
    LAMPS + " " + SWIFTS[:200],
)


@st.composite
def entries(draw: st.DrawFn, key: str | None = None) -> Entry:
    title = draw(titles)
    corrects = draw(st.integers(0, 5)) == 0
    return entry(
        key=key or draw(st.sampled_from("ab")),
        guid=key or entry().guid,
        title=f"CORRECTED-{title}" if corrects else title,
        title_key=title,
        address_key=draw(addresses),
        published=draw(
            st.sampled_from([None, PUBLISHED, PUBLISHED - 3 * DAY, PUBLISHED - 4 * DAY])
        ),
        summary=draw(st.sampled_from(TEXTS)),
        digest=draw(st.sampled_from("ab")),
        gist=key or "gist",
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


def settled(decision: Decision) -> object:
    """What becomes of the stories: of one story the first entry that it is like is told of."""
    match decision:
        case Merged(story=story):
            return story
        case Joined(kept=kept, retired=retired):
            return kept, retired
        case New():
            return New()
    return decision


@settings(max_examples=100, deadline=None)
@given(arriving=entries(), store=stores(), is_seed=st.booleans(), data=st.data())
def test_no_decision_depends_on_the_order_in_which_the_store_answers(
    arriving: Entry, store: list[KnownEntry], *, is_seed: bool, data: st.DataObject
) -> None:
    one = known(number=0, story=0, source=ELSEWHERE, is_seed=is_seed, entry=arriving)
    decision = decided(one, store)
    shuffled = decided(one, data.draw(st.permutations(store)))
    if isinstance(decision, Contested):
        assert isinstance(shuffled, Contested)
        return
    assert settled(shuffled) == settled(decision)
    if isinstance(decision, Joined):
        assert decision.kept not in decision.retired


class Stories:
    """What the store makes of decisions, in short."""

    def __init__(self) -> None:
        self.entries: dict[int, KnownEntry] = {}

    def arrive(self, one: KnownEntry) -> None:
        arriving = replace(one, number=0, story=0)
        match decided(arriving, self.entries.values()):
            case New():
                self._add(one, one.number)
            case Merged(story=story, like=like):
                self._add(one, story, like)
            case Joined(kept=kept, retired=retired, like=like):
                for k in self.entries.values():
                    if k.story in retired:
                        self.entries[k.number] = replace(k, story=kept)
                self._add(one, kept, like)
            case Contested():
                self._add(one, one.number)
                for group in dedup.parted(list(self.entries.values())):
                    story = min(k.number for k in group)
                    for k in group:
                        self.entries[k.number] = replace(k, story=story)
            case decision:
                raise AssertionError(decision)

    def _add(self, one: KnownEntry, story: int, like: int | None = None) -> None:
        self.entries[one.number] = replace(one, story=story, matched=like)

    @property
    def told(self) -> set[frozenset[int]]:
        """The stories, each as the numbers of its entries."""
        stories: dict[int, set[int]] = {}
        for k in self.entries.values():
            stories.setdefault(k.story, set()).add(k.number)
        return {frozenset(each) for each in stories.values()}


@st.composite
def arrivals(draw: st.DrawFn) -> list[KnownEntry]:
    """Entries of a few sources and seeds, none of which is another one again."""
    found: dict[tuple[object, ...], KnownEntry] = {}
    for number in range(1, draw(st.integers(2, 6))):
        source = draw(st.integers(1, 4))
        one = draw(entries(key=str(number)))
        place = (source, one.address_key, one.title_key) if one.address_key else (number,)
        found[place] = known(
            number=number,
            source=source,
            address=f"https://paper{source}.example/feed",
            is_seed=source == 4,
            entry=one,
        )
    return list(found.values())


@settings(max_examples=100, deadline=None)
@given(some=arrivals(), data=st.data())
def test_in_whatever_order_entries_come_the_stories_are_those_of_all_of_them_parted(
    some: list[KnownEntry], data: st.DataObject
) -> None:
    expected = set(map(frozenset, parted(some)))
    for order in (some, some[::-1], data.draw(st.permutations(some))):
        stories = Stories()
        for one in order:
            stories.arrive(one)
        assert stories.told == expected
