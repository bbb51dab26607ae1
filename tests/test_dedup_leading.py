"""Which entry speaks for its story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from aggregator import dedup
from aggregator.model import Entry, KnownEntry, Terms
from tests.builders import FEED_URL, NOW, entry, known, source_info

DAY = timedelta(days=1)
HERALD = "https://herald.example/feed"
"""The address of a source that is nobody's home here but its own."""


def copied(**changes: Any) -> KnownEntry:
    """The Herald's copy of the usual entry, known for a day."""
    usual: dict[str, Any] = {
        "number": 1,
        "address": HERALD,
        "first_seen": NOW - DAY,
        "entry": entry(publication="Herald"),
    }
    return known(**(usual | changes))


def ranked(rank: int, one: Entry | None = None) -> Entry:
    return replace(one or entry(), terms=Terms(rank=rank))


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
    assert dedup.lead((copied(entry=entry(link=link)), own)) == own


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
    seed = known(number=1, is_seed=True, address="seed:kettle.txt", entry=entry(link=None))
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


def corrected(number: int, **changes: Any) -> KnownEntry:
    """A re-send of the Herald's copy, an hour after the one before it."""
    said = entry(title=f"CORRECTED-Kettle heard {number}", publication="Herald")
    seen = NOW + number * timedelta(hours=1)
    return copied(number=number, entry=said, first_seen=seen, **changes)


def test_the_last_of_several_corrections_leads_in_whatever_order_they_are_told() -> None:
    entries = (copied(number=1), corrected(2), corrected(3))
    for some in permutations(entries):
        assert dedup.lead(some) == entries[-1]


def test_of_corrections_seen_at_once_the_last_written_leads() -> None:
    first, second = corrected(2, address="https://a.example/"), corrected(3)
    second = replace(second, first_seen=first.first_seen)
    assert dedup.lead((first, second)) == second


def test_a_correction_leads_neither_before_the_publisher_nor_before_a_higher_rank() -> None:
    publisher = known(number=2, first_seen=NOW)
    assert dedup.lead((corrected(3), publisher)) == publisher
    high = copied(number=1, entry=ranked(1))
    assert dedup.lead((corrected(3), high)) == high


def test_a_headline_that_only_begins_like_a_correction_leads_nothing() -> None:
    first = copied(number=1)
    later = copied(number=2, entry=entry(title="Repeat kettle heard"), first_seen=NOW)
    assert dedup.lead((later, first)) == first
