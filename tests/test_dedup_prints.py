"""The index of what came lately: it finds what shares enough, and forgets what is too old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dedup import prints
from aggregator.dedup.prints import Prints
from aggregator.signature import ANY_TITLE, Signature

WINDOW = 100
"""Seconds, here."""

_NO_ENTRY = 0


def said(*some: int, title: int = 1, published: int | None = None) -> Signature:
    return Signature(title=title, published=published, prints=some, terms=b"\0")


def new() -> Prints:
    return Prints(timedelta(seconds=WINDOW))


@contextmanager
def small(buckets: int = 4, entries: int = 1000) -> Iterator[None]:
    """So few buckets that chains mix and the index grows and is compacted all the time."""
    with patch.object(prints, "_BUCKETS", buckets), patch.object(prints, "MOST_ENTRIES", entries):
        yield


def check(index: Prints) -> None:
    """The arrays agree: every print of what is remembered stands once in the chain of its bucket,
    the newest first."""
    slots = len(index._entries)
    for each in (index._seen, index._sources, index._titles, index._published, index._counts):
        assert len(each) == slots
    assert len(index._print) == len(index._slot) == len(index._next)
    assert 0 <= index._oldest <= slots
    assert len(index) == slots - index._oldest
    chained: list[int] = []
    buckets = len(index._heads)
    for bucket, head in enumerate(index._heads):
        at = head
        while at != prints._NONE:
            assert index._print[at] & (buckets - 1) == bucket
            assert index._next[at] < at
            chained.append(at)
            at = index._next[at]
    assert sorted(chained) == list(range(len(index._print)))
    held = [0] * slots
    for slot in index._slot:
        held[slot] += 1
    assert held == list(index._counts)


# ---- what is found ------------------------------------------------------------------------------


def test_nothing_is_like_anything_in_an_empty_index_or_without_prints() -> None:
    index = new()
    assert index.like(said(1, 2, 3), 1) == []
    index.add(7, 1, 0, said())
    assert len(index) == 1
    assert index.like(said(), 2) == []
    assert index.like(said(1, 2), 2) == []
    check(index)


def test_a_fifth_of_the_fewer_prints_in_common_is_enough() -> None:
    index = new()
    index.add(7, 1, 0, said(*range(10)))
    assert index.like(said(0, 1, *range(100, 140)), 2) == [7]
    assert index.like(said(0, *range(100, 140)), 2) == []
    assert index.like(said(0, *range(100, 104)), 2) == [7]


def test_the_most_alike_come_first_and_of_equals_the_newest() -> None:
    index = new()
    for number, some in ((1, range(5)), (2, range(10)), (3, range(10)), (4, range(8, 18))):
        index.add(number, number, 0, said(*some))
    assert index.like(said(*range(10)), 9) == [3, 2, 1, 4]


def test_of_many_the_most_alike_are_compared() -> None:
    index = new()
    for number in range(prints.MOST_ALIKE + 10):
        index.add(number, 1, 0, said(*range(10), *range(100, 100 + number % 2)))
    found = index.like(said(*range(10)), 2)
    assert len(found) == prints.MOST_ALIKE
    assert found == sorted(found, reverse=True)


def test_what_everybody_writes_under_everything_leads_to_the_newest_alone() -> None:
    index, footer = new(), 5
    with patch.object(prints, "_MOST_OF_A_PRINT", 3), small():
        for number in range(10):
            index.add(number, 1, 0, said(footer))
        assert index.like(said(footer), 2) == [9, 8, 7]


def test_an_entry_that_was_revised_is_found_by_any_of_its_texts_and_counts_once() -> None:
    index = new()
    for text in range(prints.MOST_ALIKE + 1):
        index.add(7, 1, text, said(*range(10), 100 + text))
    index.add(8, 2, 99, said(*range(9), *range(200, 230)))
    assert index.like(said(*range(10), 130), 3) == [7, 8]


def test_of_its_own_source_an_entry_is_like_what_has_its_title_or_corrects_any() -> None:
    index = new()
    index.add(1, 5, 0, said(1, 2, title=10))
    index.add(2, 5, 0, said(1, 2, title=11))
    index.add(3, 5, 0, said(1, 2, title=ANY_TITLE))
    assert index.like(said(1, 2, title=10), 5) == [3, 1]
    assert index.like(said(1, 2, title=ANY_TITLE), 5) == [3, 2, 1]
    assert index.like(said(1, 2, title=10), 6) == [3, 2, 1]


def test_what_came_out_at_another_time_is_not_like_it_and_what_is_undated_may_be() -> None:
    index = new()
    index.add(1, 1, 0, said(1, published=1000))
    index.add(2, 1, 0, said(1, published=None))
    for apart, found in (
        (WINDOW, [2, 1]),
        (-WINDOW, [2, 1]),
        (WINDOW + 1, [2]),
        (-WINDOW - 1, [2]),
    ):
        assert index.like(said(1, published=1000 + apart), 2) == found
    assert index.like(said(1), 2) == [2, 1]


# ---- what is forgotten --------------------------------------------------------------------------


def test_what_is_older_than_the_window_is_forgotten() -> None:
    index = new()
    index.add(1, 1, 0, said(1))
    index.add(2, 1, WINDOW, said(1))
    assert index.like(said(1), 2) == [2, 1]
    index.add(3, 1, WINDOW + 1, said(1))
    assert len(index) == 2
    assert index.like(said(1), 2) == [3, 2]
    index.add(4, 1, 10 * WINDOW, said(2))
    assert len(index) == 1
    assert index.like(said(1), 2) == []
    check(index)


def test_of_more_than_are_remembered_the_oldest_are_forgotten() -> None:
    index = new()
    with small(entries=3):
        for number in range(10):
            index.add(number, 1, 0, said(1))
            assert len(index) == min(number + 1, 3)
        assert index.like(said(1), 2) == [9, 8, 7]


def test_what_is_forgotten_takes_no_memory_for_long() -> None:
    with small():
        index = new()
        for number in range(1000):
            index.add(number, 1, number * 10, said(*range(number, number + 8)))
            check(index)
        assert len(index) == 11
        assert len(index._entries) <= 2 * len(index) + 4
        assert len(index._heads) < 1000


def test_an_index_that_grows_is_chained_anew_and_still_finds_all() -> None:
    with small():
        index = new()
        for number in range(500):
            index.add(number, 1, 0, said(*range(8 * number, 8 * number + 8)))
        check(index)
        assert len(index._heads) > 1000
        for number in (0, 250, 499):
            assert index.like(said(*range(8 * number, 8 * number + 8)), 2) == [number]


# ---- against the plainest thing that could do it -------------------------------------------------


class Came(NamedTuple):
    entry: int
    source: int
    seen_at: int
    said: Signature


def plainly(came: Sequence[Came], asked: Came) -> list[int]:
    """What is like it, by looking at all of them."""
    found = []
    for one in came:
        common = len({*one.said.prints} & {*asked.said.prints})
        least = min(len(one.said.prints), len(asked.said.prints))
        dates = one.said.published, asked.said.published
        in_time = None in dates or abs((dates[0] or 0) - (dates[1] or 0)) <= WINDOW
        titles = {one.said.title, asked.said.title}
        may_be = one.source != asked.source or len(titles) == 1 or ANY_TITLE in titles
        if common and common >= 0.2 * least and in_time and may_be:
            found.append((-common / least, -one.entry))
    return [-entry for _, entry in sorted(found)]


signatures = st.builds(
    lambda title, published, some: said(*some, title=title, published=published),
    st.sampled_from([ANY_TITLE, 1, 2]),
    st.none() | st.integers(-300, 300),
    st.lists(st.integers(0, 30), max_size=8, unique=True),
)


@st.composite
def arrivals(draw: st.DrawFn, most: int = 25) -> list[Came]:
    """Entries in the order in which they came."""
    found, at = [], 0
    for number in range(1, draw(st.integers(1, most)) + 1):
        at += draw(st.sampled_from([0, 0, 1, 30, WINDOW + 1]))
        found.append(Came(number, draw(st.integers(1, 3)), at, draw(signatures)))
    return found


@settings(max_examples=150, deadline=None)
@given(arrivals(), signatures, st.sampled_from([1, 4, 64]))
def test_whatever_shares_enough_is_found_and_nothing_else(
    came: list[Came], asked: Signature, buckets: int
) -> None:
    with small(buckets):
        index = new()
        for at, one in enumerate(came):
            index.add(*one)
            left = [k for k in came[: at + 1] if k.seen_at >= one.seen_at - WINDOW]
            assert len(index) == len(left)
            for source in (1, 4):
                question = Came(_NO_ENTRY, source, one.seen_at, asked)
                assert index.like(asked, source) == plainly(left, question)
        check(index)


@settings(max_examples=200, deadline=None)
@given(signatures, signatures, st.integers(1, 2), st.integers(1, 2))
def test_one_finds_the_other_where_the_other_finds_it(
    one: Signature, other: Signature, source: int, another: int
) -> None:
    found = []
    for first, of_first, second, of_second in (
        (one, source, other, another),
        (other, another, one, source),
    ):
        index = new()
        index.add(1, of_first, 0, first)
        found.append(index.like(second, of_second))
    assert found[0] == found[1]


@pytest.mark.parametrize("most", [1, 5])
@given(came=arrivals())
@settings(max_examples=100, deadline=None)
def test_never_more_are_remembered_than_may_be_and_those_are_the_newest(
    most: int, came: list[Came]
) -> None:
    with small(entries=most):
        index = new()
        for one in came:
            index.add(*one)
            assert len(index) <= most
        check(index)
        newest = [k for k in came[-most:] if k.seen_at >= came[-1].seen_at - WINDOW]
        assert index._entries[index._oldest :].tolist() == [k.entry for k in newest]
