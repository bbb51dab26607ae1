"""All that hangs together, parted into articles: the same whatever came first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregator import dedup
from aggregator.dedup import Link
from aggregator.dedup.parting import Pair
from aggregator.model import KnownEntry, Terms
from tests.builders import PUBLISHED, entry, known

DAY = timedelta(days=1)

COLUMN = (
    "Good morning from the mole. The wind stands in the west, the ferry to Tansy left eight minutes"
    " late, and Wenna Tallow has put out the last of the lamps. At Ada Inkwell's the kettle is flat"
    " again; whoever wants to hear it may come between two and four. The council sits at seven in"
    " the Seamen's Hall on the matter of the swifts."
)
ANOTHER_DAY = (
    "Rain, and a great deal of it. Ropemaker Lane is under water as far as the chandler's, and the"
    " trams end at the fish market. Teodor Plume says that the boats may go out at noon if the"
    " Shingles can be seen by then. Mayor Reed opens the winter supper at six; friends of the paper"
    " are asked to bring a spoon."
)


def given_by(source: int, number: int, **changes: Any) -> KnownEntry:
    """An entry of a source with nothing in common with any other, but for these."""
    usual: dict[str, Any] = {
        "key": f"key {number}",
        "guid": f"guid {number}",
        "link": f"https://paper{source}.example/{number}",
        "address_key": f"paper{source}.example/{number}",
        "title": "",
        "title_key": "",
        "publication_keys": (f"paper {source}",),
        "summary": None,
        "digest": f"digest {number}",
    }
    usual |= changes
    about = {name: usual.pop(name) for name in ("is_seed", "matched") if name in usual}
    address = f"https://paper{source}.example/feed"
    return known(number=number, story=number, source=source, address=address,
                 entry=entry(**usual), **about)  # fmt: skip


def parted(
    entries: Iterable[KnownEntry],
    together: Collection[Pair] = (),
    apart: Collection[Pair] = (),
) -> set[frozenset[int]]:
    """The groups, each as the numbers of its entries."""
    groups = dedup.parted(tuple(entries), together, apart)
    assert all(groups)
    told = [frozenset(k.number for k in group) for group in groups]
    assert sum(map(len, told)) == len(set().union(*told)), "each entry is in one group"
    return set(told)


def always(entries: Sequence[KnownEntry], **rulings: Collection[Pair]) -> set[frozenset[int]]:
    """The same, whatever came first."""
    expected = parted(entries, **rulings)
    for order in permutations(entries):
        assert parted(order, **rulings) == expected
    return expected


def groups(*numbers: Sequence[int]) -> set[frozenset[int]]:
    return set(map(frozenset, numbers))


def test_nothing_is_parted_into_nothing_and_one_entry_into_itself() -> None:
    assert parted([]) == set()
    assert parted([given_by(1, 1)]) == groups([1])


def test_what_is_linked_is_one_article_over_others_too_and_the_rest_are_others() -> None:
    chain = [
        given_by(1, 1, address_key="a"),
        given_by(2, 2, address_key="a", summary=COLUMN),
        given_by(3, 3, summary=COLUMN),
    ]
    assert always([*chain, given_by(4, 4)]) == groups([1, 2, 3], [4])


def test_the_entries_of_a_live_blog_stay_apart_and_a_copy_goes_to_that_with_its_title() -> None:
    blog = [
        given_by(1, n, address_key="a", title_key=f"kettle {n}", published=PUBLISHED + n * DAY / 24)
        for n in (1, 2, 3)
    ]
    copy = given_by(2, 4, address_key="a", title_key="kettle 2")
    assert always([*blog, copy]) == groups([1], [2, 4], [3])


def test_a_copy_with_a_title_of_its_own_goes_to_the_first_that_was_published() -> None:
    blog = [
        given_by(1, n, address_key="a", title_key=f"kettle {n}", published=PUBLISHED - n * DAY / 24)
        for n in (1, 2, 3)
    ]
    assert always([*blog, given_by(2, 4, address_key="a")]) == groups([1], [2], [3, 4])


def test_a_daily_column_stays_apart_from_that_of_the_day_before_and_its_seed() -> None:
    name = {"title": "From the mole", "title_key": "from the mole", "publication_keys": ("paper",)}
    days = [
        given_by(1, n, published=PUBLISHED + n * DAY, summary=text, **name)
        for n, text in ((1, COLUMN), (2, ANOTHER_DAY))
    ]
    seeds = [
        given_by(7 + n, 2 + n, published=PUBLISHED + n * DAY - DAY / 3, is_seed=True, **name)
        for n in (1, 2)
    ]
    assert always([*days, *seeds]) == groups([1, 3], [2, 4])


def test_two_entries_of_one_source_are_one_article_where_they_are_linked_themselves() -> None:
    name = {"title": "From the mole", "title_key": "from the mole", "summary": COLUMN}
    twice = [given_by(1, 1, **name), given_by(1, 2, **name)]
    assert always([*twice, given_by(2, 3, summary=COLUMN)]) == groups([1, 2, 3])


def test_the_surer_link_is_followed_where_only_one_can_be() -> None:
    by_text = given_by(1, 1, summary=COLUMN)
    by_address = given_by(1, 2, address_key="a")
    both = given_by(2, 3, summary=COLUMN, address_key="a")
    assert always([by_text, by_address, both]) == groups([1], [2, 3])


def test_what_was_the_same_when_it_came_is_where_nothing_surer_tells_against_it() -> None:
    first, second = given_by(1, 1), given_by(2, 2, matched=1)
    assert always([first, second]) == groups([1, 2])
    surer = given_by(3, 3, address_key="a")
    other = given_by(1, 4, address_key="a")
    moved = given_by(2, 2, address_key="a", matched=1)
    assert always([first, moved, surer, other]) == groups([1], [2, 3, 4])
    at_home = [given_by(1, 1), given_by(1, 2, matched=1)]
    assert always(at_home) == groups([1, 2])


def test_what_came_with_a_match_that_is_not_here_is_alone() -> None:
    assert parted([given_by(1, 1, matched=9), given_by(2, 2)]) == groups([1], [2])


def test_what_the_operator_says_goes_before_any_link() -> None:
    entries = [given_by(n, n, address_key="a") for n in (1, 2, 3)]
    assert always(entries) == groups([1, 2, 3])
    told = always(entries, apart=[(1, 2), (1, 3)])
    assert told == groups([1], [2, 3])
    strangers = [given_by(1, 1), given_by(1, 2), given_by(2, 3)]
    assert always(strangers, together=[(1, 2)]) == groups([1, 2], [3])
    assert always(strangers, together=[(1, 2), (2, 1), (1, 9), (9, 1)]) == groups([1, 2], [3])


def test_a_pair_apart_keeps_apart_what_hangs_on_either() -> None:
    entries = [given_by(n, n, address_key="a", published=PUBLISHED + n * DAY) for n in (1, 2, 3)]
    assert always(entries, together=[(2, 3)], apart=[(1, 2)]) == groups([1], [2, 3])


def test_what_arrives_under_the_key_of_another_is_told_from_it() -> None:
    """An arriving entry has no number, and may still have the key of its source's other one."""
    first = given_by(1, 1, key="same", address_key="a", published=None)
    arriving = given_by(1, 0, key="same", address_key="a", published=None)
    assert always([first, arriving, given_by(2, 2, address_key="a")]) == groups([1], [0, 2])


# ---- of any entries -----------------------------------------------------------------------------

TEXTS = (None, COLUMN, COLUMN[:300], ANOTHER_DAY, ANOTHER_DAY + " " + COLUMN)
DATES = (None, PUBLISHED, PUBLISHED + 2 * DAY, PUBLISHED + 5 * DAY)
TITLES = ("", "From the mole", "CORRECTED-From the mole", "Rain")


@st.composite
def entries(draw: st.DrawFn, most: int = 6) -> list[KnownEntry]:
    return [
        given_by(
            draw(st.integers(1, 3)),
            number,
            is_seed=draw(st.integers(0, 3)) == 0,
            title=(title := draw(st.sampled_from(TITLES))),
            title_key=title.lower(),
            summary=draw(st.sampled_from(TEXTS)),
            address_key=draw(st.sampled_from([None, f"{number}", f"{number}", "a", "b"])),
            publication_keys=draw(st.sampled_from([("paper",), ("herald",)])),
            published=draw(st.sampled_from(DATES)),
            terms=Terms(merge=draw(st.integers(0, 9)) > 0),
            matched=draw(st.none() | st.integers(1, number)),
        )
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]  # fmt: skip


@st.composite
def pairs(draw: st.DrawFn, most: int = 6) -> list[Pair]:
    two = st.lists(st.integers(1, most), min_size=2, max_size=2, unique=True)
    return [(one, other) for one, other in draw(st.lists(two, max_size=2))]


@settings(max_examples=100, deadline=None)
@given(some=entries(), together=pairs(), apart=pairs(), data=st.data())
def test_no_order_and_no_numbering_of_entries_changes_how_they_are_parted(
    some: list[KnownEntry], together: list[Pair], apart: list[Pair], data: st.DataObject
) -> None:
    expected = parted(some, together, apart)
    assert parted(data.draw(st.permutations(some)), together, apart) == expected
    names = data.draw(st.permutations(range(7)))
    renamed = [
        replace(k, number=names[k.number], matched=names[k.matched] if k.matched else None)
        for k in some
    ]
    told = parted(
        data.draw(st.permutations(renamed)),
        [(names[other], names[one]) for one, other in together][::-1],
        [(names[other], names[one]) for one, other in apart],
    )
    assert told == {frozenset(names[number] for number in group) for group in expected}


@settings(max_examples=100, deadline=None)
@given(some=entries(), apart=pairs())
def test_no_article_has_two_entries_of_one_source_that_are_not_linked_themselves(
    some: list[KnownEntry], apart: list[Pair]
) -> None:
    by_number = {k.number: k for k in some}
    for group in parted(some, apart=apart):
        for one, other in combinations((by_number[number] for number in group), 2):
            if one.source == other.source:
                was_once = other.number == one.matched or one.number == other.matched
                assert was_once or isinstance(dedup.link(one, other), Link)


@settings(max_examples=100, deadline=None)
@given(some=entries(), together=pairs(), apart=pairs())
def test_what_the_operator_keeps_apart_is_never_one_and_what_he_joined_always_is(
    some: list[KnownEntry], together: list[Pair], apart: list[Pair]
) -> None:
    joined = parted([replace(k, matched=None, entry=replace(k.entry, terms=Terms(merge=False)))
                     for k in some], together)  # fmt: skip
    assume(not any({*pair} <= group for pair in apart for group in joined))
    numbers = {k.number for k in some}
    told = parted(some, together, apart)
    for group in told:
        assert not any({*pair} <= group for pair in apart)
    for pair in together:
        assert any({*pair} <= group for group in told) or not {*pair} <= numbers


@settings(max_examples=100, deadline=None)
@given(some=entries())
def test_what_is_linked_and_in_two_articles_had_something_against_it(
    some: list[KnownEntry],
) -> None:
    by_number = {k.number: k for k in some}
    home = {number: group for group in parted(some) for number in group}
    for one, other in combinations(some, 2):
        here, there = home[one.number], home[other.number]
        if here is there or not isinstance(dedup.link(one, other), Link):
            continue
        assert any(
            a.source == b.source and not isinstance(dedup.link(a, b), Link)
            for a in map(by_number.__getitem__, here)
            for b in map(by_number.__getitem__, there)
        )
