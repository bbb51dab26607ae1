"""What makes two entries the same article: the rules, the surest first, of the two alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dedup
from aggregator.dedup import ADDRESS, CORRECTED, SAME_FILE, SEED_AND_LIVE, TEXT, Link, Unlike
from aggregator.markup import title_key
from aggregator.model import KnownEntry, Terms
from aggregator.signature import uncorrected
from tests.builders import NOW, PUBLISHED, entry, known

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

OYSTERS = (
    "The oyster beds off Saltmarsh have been opened again after nine weeks, and by noon on Thursday"
    " some forty boats had gone out to them from Merrow and Dunlin. Harbour master Teodor Plume"
    " let them pass one at a time and wrote down each name. No boat may bring home more than two"
    " hundred oysters, and none smaller than a crown piece. The beds were closed in December, when"
    " a barge with lamp oil ran aground on the Shingles. Tests made every week since by the school"
    " at Gull Point have shown no oil in the last five samples, and the fishers' guild paid for a"
    " sixth one to be on the safe side."
)
LANTERNS = (
    "Of the hundred and eighty gas lanterns along the quay in Tansy, all but thirty will burn"
    " through the night again from the first of the month. The town put them out at eleven since"
    " the winter before last, to save what the mayor then called a fishing boat a year. Shopkeepers"
    " counted more falls than savings, and a petition with two thousand names lay on her desk at"
    " Easter. The lamplighter, Wenna Tallow, who walks nine miles each evening with a ladder, asked"
    " for an apprentice and has been given two."
)


def given_by(source: int, **changes: Any) -> KnownEntry:
    """An entry of a source of this number, with keys that nothing else has."""
    usual: dict[str, Any] = {
        "key": f"key of {source}",
        "guid": f"guid of {source}",
        "title": "Oyster beds opened",
        "publication_keys": (f"paper {source}",),
        "link": f"https://paper{source}.example/oysters",
        "address_key": f"paper{source}.example/oysters",
        "summary": OYSTERS,
        "digest": f"digest of {source}",
    }
    usual |= changes
    about = {name: usual.pop(name) for name in ("is_seed", "number") if name in usual}
    usual.setdefault("title_key", title_key(uncorrected(usual["title"])))
    return known(**({"number": source, "source": source, "entry": entry(**usual)} | about))


def from_seed(**changes: Any) -> KnownEntry:
    """A seed of the first paper's article: its own words, a day and no time, no address."""
    usual: dict[str, Any] = {
        "is_seed": True,
        "link": None,
        "address_key": None,
        "publication_keys": ("paper 1",),
        "published": datetime(2026, 2, 13, tzinfo=PUBLISHED.tzinfo),
        "summary": "In the deep dive: what the beds mean to the coast.",
    }
    return given_by(9, **(usual | changes))


def linked(one: KnownEntry, other: KnownEntry) -> Link | Unlike | None:
    """The link of the two, whichever is asked about the other."""
    found = dedup.link(one, other)
    assert dedup.link(other, one) == found
    return found


def rule(one: KnownEntry, other: KnownEntry) -> str | None:
    found = linked(one, other)
    return found.rule if isinstance(found, Link) else None


# ---- the rules ----------------------------------------------------------------------------------


def test_one_address_is_one_article_whatever_title_and_text() -> None:
    here = given_by(1, address_key="paper.example/a")
    there = given_by(2, address_key="paper.example/a", title="Lanterns", summary=LANTERNS)
    assert linked(here, there) == Link(rule=ADDRESS, score=1.0, strength=(3, False))
    same_title = given_by(2, address_key="paper.example/a", summary=LANTERNS)
    assert linked(here, same_title) == Link(rule=ADDRESS, score=1.0, strength=(3, True))
    untitled = [given_by(n, address_key="paper.example/a", title="") for n in (1, 2)]
    assert linked(*untitled) == Link(rule=ADDRESS, score=1.0, strength=(3, False))


def test_one_address_is_one_article_however_far_apart_in_time() -> None:
    here = given_by(1, address_key="paper.example/a")
    later = given_by(2, address_key="paper.example/a", published=PUBLISHED + 900 * DAY)
    assert rule(here, later) == ADDRESS


def test_entries_without_an_address_do_not_share_one() -> None:
    here = given_by(1, address_key=None)
    assert rule(here, given_by(2, address_key=None, title="Lanterns", summary=LANTERNS)) is None


def test_a_copy_of_the_text_is_the_article_under_any_title() -> None:
    found = linked(given_by(1), given_by(2, title="Fishers go out again"))
    assert found == Link(rule=TEXT, score=1.0, strength=(1, 1.0))


def test_the_title_alone_makes_no_article() -> None:
    found = linked(given_by(1), given_by(2, summary=LANTERNS))
    assert isinstance(found, Unlike)
    assert found.score < 0.1


def test_what_is_alike_and_not_the_same_says_why() -> None:
    rates = (
        "One crown of the Bank of Merrow buys {} Dunlin marks and {} Tansy florins at noon today."
    )
    found = linked(
        given_by(1, summary=rates.format("1.04", "7.31")),
        given_by(2, summary=rates.format("1.05", "7.33")),
    )
    assert isinstance(found, Unlike)
    assert found.reason


def test_a_seed_and_the_live_entry_are_one_by_title_publication_and_date() -> None:
    found = linked(from_seed(), given_by(1))
    assert found == Link(rule=SEED_AND_LIVE, score=1.0, strength=(4, -9 * 3600.0))
    assert rule(from_seed(publication_keys=("the paper", "paper 1")), given_by(1)) == SEED_AND_LIVE


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Oyster beds closed"},
        {"title": ""},
        {"publication_keys": ("paper 2",)},
        {"publication_keys": ()},
        {"published": PUBLISHED + 2 * DAY + timedelta(seconds=1)},
        {"published": PUBLISHED - 2 * DAY - timedelta(seconds=1)},
    ],
)
def test_a_seed_of_another_title_publication_or_date_is_another_article(
    changes: dict[str, Any],
) -> None:
    assert rule(from_seed(**changes), given_by(1)) is None
    assert rule(from_seed(title=""), given_by(1, title="")) is None


@pytest.mark.parametrize("apart", [2 * DAY, -2 * DAY])
def test_the_dates_of_seed_and_live_entry_may_be_two_days_apart(apart: timedelta) -> None:
    assert rule(from_seed(published=PUBLISHED + apart), given_by(1)) == SEED_AND_LIVE


def test_without_a_date_the_day_of_arrival_is_that_of_seed_and_live_entry() -> None:
    for first_seen, expected in ((PUBLISHED, SEED_AND_LIVE), (NOW - 9 * DAY, None)):
        undated = replace(given_by(1, published=None), first_seen=first_seen)
        assert rule(from_seed(), undated) == expected


def test_a_seed_that_has_the_live_entrys_text_is_the_article_under_any_title() -> None:
    seed = from_seed(title="The week at sea", summary=OYSTERS, publication_keys=("digest",))
    assert rule(seed, given_by(1)) == TEXT


def test_two_live_entries_are_never_one_by_title_and_date_alone() -> None:
    here = given_by(1, summary="Read all of it.", publication_keys=("paper",))
    assert rule(here, given_by(2, summary="More inside.", publication_keys=("paper",))) is None


def test_a_seed_file_under_another_name_is_the_same_and_a_changed_one_is_not() -> None:
    first = replace(from_seed(digest="same", title=""), source=8, number=8)
    assert rule(first, from_seed(digest="same", title="")) == SAME_FILE
    assert rule(first, from_seed(digest="other", title="", summary=LANTERNS)) is None
    live = given_by(1, digest="same", title="", summary=LANTERNS)
    assert rule(first, live) is None, "a live entry is no file"


def test_the_surest_rule_is_the_strongest() -> None:
    address = {"address_key": "paper.example/a"}
    seeds = [replace(from_seed(digest="same"), source=n, number=n) for n in (8, 9)]
    nearest = linked(from_seed(published=PUBLISHED), given_by(1))
    links = [
        linked(*seeds),
        nearest,
        linked(from_seed(), given_by(1)),
        linked(given_by(1, **address), given_by(2, **address)),
        linked(given_by(1, **address), given_by(2, title="Other", **address)),
        linked(given_by(1), at_home()),
        linked(given_by(1), given_by(2)),
        linked(given_by(1), given_by(2, summary=OYSTERS + " " + LANTERNS.partition(".")[0])),
    ]
    strengths = [found.strength for found in links if isinstance(found, Link)]
    assert len(strengths) == len(links)
    assert strengths == sorted(strengths, reverse=True)


# ---- in one source ------------------------------------------------------------------------------


def at_home(**changes: Any) -> KnownEntry:
    """Another entry of the first source."""
    usual: dict[str, Any] = {
        "key": "2",
        "guid": "2",
        "number": 2,
        "address_key": "paper1.example/2",
    }
    return given_by(1, **(usual | changes))


def test_in_one_source_the_same_text_under_the_same_title_is_the_article() -> None:
    assert linked(given_by(1), at_home()) == Link(rule=TEXT, score=1.0, strength=(2, 1.0))


def test_in_one_source_the_same_text_under_another_title_is_another_article() -> None:
    assert linked(given_by(1), at_home(title="Fishers go out again")) is None
    untitled = at_home(title="")
    assert linked(given_by(1, title=""), untitled) is None


def test_in_one_source_what_has_no_page_says_the_same_again_when_it_happens_again() -> None:
    assert linked(given_by(1), at_home(address_key=None)) is None
    assert linked(given_by(1, address_key=None), at_home(address_key=None)) is None


@pytest.mark.parametrize("apart", [6 * HOUR, -6 * HOUR])
def test_in_one_source_the_same_comes_twice_within_six_hours_or_is_a_rubric(
    apart: timedelta,
) -> None:
    assert rule(given_by(1), at_home(published=PUBLISHED + apart)) == TEXT
    assert linked(given_by(1), at_home(published=PUBLISHED + apart * 1.001)) is None
    assert linked(given_by(1), at_home(published=None)) is None
    assert linked(given_by(1, published=None), at_home(published=None)) is None


def test_in_one_source_a_series_has_one_title_and_other_texts() -> None:
    for text in (LANTERNS, OYSTERS.partition("The beds")[0], "Read all of it."):
        assert isinstance(linked(given_by(1), at_home(summary=text)), Unlike)


def test_in_one_source_an_address_in_common_makes_no_article_of_a_live_blogs_entries() -> None:
    here = given_by(1, title="18:05 The first boats are back")
    there = at_home(address_key=here.entry.address_key, title="18:20 All boats are back")
    assert linked(here, there) is None


@pytest.mark.parametrize(
    "mark",
    [
        "CORRECTED-",
        "CORRECTED - ",
        "Corrected: ",
        "REFILE-",
        "RPT-",
        "Correction – ",
        "[CORRECTED] ",
        "CORRECTED (OFFICIAL)-",
        "REFILE-CORRECTED-",
        "CORRECTED:",
    ],
)
def test_a_correction_is_the_article_that_was_sent_before(mark: str) -> None:
    sent_again = at_home(title=f"{mark}Oyster beds opened", summary=LANTERNS)
    found = linked(given_by(1), sent_again)
    assert isinstance(found, Link)
    assert (found.rule, found.score) == (CORRECTED, 0.9)
    by_text = linked(given_by(1), at_home(title=f"{mark}Fishers go out again"))
    assert by_text == Link(rule=CORRECTED, score=1.0, strength=(2, 1.0))


def test_a_correction_of_a_correction_is_the_article_too() -> None:
    first = given_by(1, title="CORRECTED-Oyster beds opened")
    assert rule(first, at_home(title="REFILE-Oyster beds opened")) == CORRECTED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CORRECTED-Oyster beds opened", "Lanterns lit again"),
        ("CORRECTED-Oyster beds opened", "CORRECTED-Oyster-cellar beds opened"),
        ("RPT-Oysters opened", "RPT-Lanterns opened"),
        ("Correction:", ""),
        ("Correction:", "Correction:"),
        ("Repeat offender opened", "Offender opened"),
        ("Correction officers opened", "Officers opened"),
    ],
)
def test_a_correction_of_another_title_and_text_is_another_article(one: str, other: str) -> None:
    assert rule(given_by(1, title=one), at_home(title=other, summary=LANTERNS)) is None


def test_a_column_that_is_called_like_a_correction_is_a_series() -> None:
    title = "Repeat of the week"
    assert rule(given_by(1, title=title), at_home(title=title, summary=LANTERNS)) is None


def test_a_correction_of_another_source_counts_by_its_text_alone() -> None:
    title = "CORRECTED-Oyster beds opened"
    assert rule(given_by(1), given_by(2, title=title, summary=LANTERNS)) is None
    assert rule(given_by(1), given_by(2, title=title)) == TEXT


# ---- what is never one --------------------------------------------------------------------------


def test_what_is_not_to_be_merged_is_linked_with_nothing() -> None:
    for one, other in (
        (given_by(1, address_key="a"), given_by(2, address_key="a")),
        (given_by(1), given_by(2)),
        (given_by(1), at_home()),
        (given_by(1), from_seed()),
    ):
        alone = replace(other, entry=replace(other.entry, terms=Terms(merge=False)))
        assert isinstance(linked(one, other), Link)
        assert linked(one, alone) is None


@pytest.mark.parametrize("apart", [72 * HOUR, -72 * HOUR])
def test_copies_may_come_out_within_the_window_of_each_other(apart: timedelta) -> None:
    beyond = apart + (timedelta(seconds=1) if apart > timedelta() else -timedelta(seconds=1))
    for other in (given_by(2), at_home(title="CORRECTED-Oyster beds opened")):
        in_time = replace(other, entry=replace(other.entry, published=PUBLISHED + apart))
        too_late = replace(other, entry=replace(other.entry, published=PUBLISHED + beyond))
        assert isinstance(linked(given_by(1), in_time), Link)
        assert linked(given_by(1), too_late) is None


def test_the_window_is_the_operators_to_set() -> None:
    later = given_by(2, published=PUBLISHED + 3 * HOUR)
    assert isinstance(dedup.link(given_by(1), later, 3 * HOUR), Link)
    assert dedup.link(given_by(1), later, 2 * HOUR) is None


def test_without_a_date_nothing_tells_against_a_copy() -> None:
    old = given_by(2, published=PUBLISHED - 900 * DAY)
    assert rule(given_by(1, published=None), old) == TEXT
    resent = at_home(published=None, title="CORRECTED-Oyster beds opened")
    assert rule(given_by(1), resent) == CORRECTED


# ---- of any two ---------------------------------------------------------------------------------

_SENTENCES = [f"{each.strip()}." for text in (OYSTERS, LANTERNS) for each in text.split(".")[:-1]]
_CHANGES = [("Merrow", "Tansy"), ("nine", "9"), ("forty", "41"), ("boat", "Boat"), ("of", "")]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Some sentences of the articles, in any order, with names and numbers changed."""
    text = " ".join(draw(st.lists(st.sampled_from(_SENTENCES), max_size=6)))
    for old, new in draw(st.lists(st.sampled_from(_CHANGES), max_size=2)):
        text = text.replace(old, new)
    return text


_TITLES = st.sampled_from(
    ["", "Oyster beds opened", "Lanterns of Merrow", "CORRECTED-Oyster beds opened", "41 boats"]
)


@st.composite
def entries(draw: st.DrawFn, number: int) -> KnownEntry:
    one = given_by(
        draw(st.integers(1, 3)),
        number=number,
        is_seed=draw(st.booleans()),
        title=draw(_TITLES),
        summary=draw(texts()),
        link=draw(st.sampled_from([None, "https://a.example/1", "https://b.example/2"])),
        address_key=draw(st.sampled_from([None, "a", "b"])),
        publication_keys=draw(st.sampled_from([("paper",), ("herald",), ("paper", "herald")])),
        published=draw(
            st.sampled_from([None, PUBLISHED, PUBLISHED + 3 * DAY, PUBLISHED + 4 * DAY])
        ),
        digest=draw(st.sampled_from("ab")),
        terms=draw(st.sampled_from([Terms(), Terms(), Terms(merge=False)])),
    )
    return replace(one, first_seen=NOW + draw(st.integers(0, 3)) * DAY)


@settings(max_examples=200, deadline=None)
@given(entries(1), entries(2))
def test_a_link_is_of_two_entries_whichever_is_asked_about_the_other(
    one: KnownEntry, other: KnownEntry
) -> None:
    found = linked(one, other)
    renumbered = replace(one, number=8), replace(other, number=7)
    assert linked(*renumbered) == found
    if found is not None:
        assert 0 <= found.score <= 1


@settings(max_examples=100, deadline=None)
@given(texts(), texts(), _TITLES, _TITLES)
def test_texts_are_alike_whichever_is_asked_about_the_other(
    one: str, other: str, title: str, another: str
) -> None:
    linked(given_by(1, title=title, summary=one), given_by(2, title=another, summary=other))
