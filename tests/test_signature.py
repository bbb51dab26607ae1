"""What a text is compared by: its words, and the few bytes that find texts like it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import signature, terms
from aggregator.model import Entry
from aggregator.signature import (
    ANY_TITLE,
    Wording,
    is_correction,
    titled,
    uncorrected,
    unpack,
    wording,
)
from tests.builders import PUBLISHED, entry

TEXT = (
    "The lighthouse at Gull Point has been painted red and white again, for the first time since"
    " 1931. It took two men eleven days and 140 litres of paint, of which the wind had its share."
    " Keeper Osric Vane, who watched them from below, said that the tower could be made out from"
    " Tansy now, seven miles off, and that the swifts had moved to the north side."
)


def worded(html: str) -> Wording:
    return wording(entry(summary=html))


def words(html: str) -> str:
    return " ".join(worded(html).words)


def marks(html: str) -> set[str]:
    found = worded(html)
    assert all(found.words[at] == mark for at, mark in found.marks)
    return {mark for _, mark in found.marks}


# ---- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("…", ""),
        ("It <b>hums</b>, it&#32;does!", "it hums it does"),
        ("Inkwell's and Inkwell’s", "inkwell's and inkwell's"),
        ("1,234.5 crowns at 18:05 on 13.2.2026", "1,234.5 crowns at 18:05 on 13.2.2026"),
        ("snake_case, A4 and B-flat", "snake case a4 and b flat"),
        ("STRASSE Straße", "strasse strasse"),
    ],
)
def test_words_are_case_folded_and_numbers_are_whole(html: str, expected: str) -> None:
    assert words(html) == expected


def test_the_content_counts_and_the_summary_only_without_one() -> None:
    assert wording(entry(content="<p>Content</p>", summary="Summary")).words == ("content",)
    assert wording(entry(content=None, summary="Summary")).words == ("summary",)
    assert wording(entry(content=None, summary=None)).words == ()


def test_of_long_html_no_tag_is_cut_into_words() -> None:
    link = '<a href="https://gazette.example/a-page-about-oysters">Oysters</a> '
    found = signature.wording(entry(content=link * 400, summary=None))
    assert set(found.words) == {"oysters"}
    assert len(found.words) > 100


def test_four_hundred_words_count() -> None:
    assert len(worded("word " * 401).words) == signature.WORDS
    assert len(worded("字" * 401).words) == signature.WORDS
    found = worded("Word " * 500)
    assert len(found.marks) == signature.WORDS


def test_of_one_text_under_several_headlines_the_words_are_read_once() -> None:
    one, other = entry(title="Tower", summary=TEXT), entry(title="Painted", summary=TEXT)
    assert wording(one) is wording(other)


def test_a_title_is_its_words_in_no_order() -> None:
    assert titled("The kettle’s The kettle") == {"the", "kettle's", "kettle"}


def test_numbers_and_capitalized_words_make_a_text_this_one() -> None:
    assert marks("the Lamp burns 9 hours, McVane's lamp and 7.5 more") == {
        "lamp", "9", "mcvane's", "7.5"
    }  # fmt: skip
    assert worded("lamp Lamp").marks == ((1, "lamp"),)


def test_scripts_without_spaces_are_compared_as_they_are_searched() -> None:
    assert words("東京都") == "東京 京都 都"
    assert titled("東京都 Tansy") == {"東京", "京都", "都", "tansy"}


def test_in_a_text_without_spaces_numbers_and_latin_names_are_its_marks() -> None:
    assert marks("本日の相場はGDP比で7円、3.5ドルと金2枚、tansy社") == {"gdp", "7", "3.5", "2"}
    assert marks("Keeper Vane saw 東京 with 3 men") == {"keeper", "vane", "3"}


@pytest.mark.parametrize(
    "dateline",
    ["LONDON (Gullwire) - ", "Merrow, Feb. 13 — ", "MERROW – ", "(Gullwire) -- ", "„Merrow“ — "],
)
def test_a_dateline_is_no_part_of_the_text(dateline: str) -> None:
    assert words(dateline + TEXT) == words(TEXT)


def test_a_dash_inside_a_word_or_far_on_makes_no_dateline() -> None:
    for text in ("Well-known lamps burn", "one two three four five six seven eight nine - ten"):
        assert words(text) == text.casefold().replace("-", " ").replace("  ", " ").replace(
            "  ", " "
        )


@pytest.mark.parametrize(
    "footer",
    [
        "…",
        " [...]",
        " […] Read more",
        " [&hellip;] The post Tower painted appeared first on The Merrow Gazette.",
        "<p>The post <a>Tower, painted: the post</a> appeared first on <a>Gazette</a>.</p>",
        " Continue reading “Tower painted”",
        "... Read the full story at gazette.example",
    ],
)
def test_what_is_written_under_an_excerpt_is_no_part_of_it(footer: str) -> None:
    assert words(TEXT + footer) == words(TEXT)


def test_a_text_that_is_longer_than_is_read_is_not_searched_for_a_footer() -> None:
    long = "lamp and oil " * 400
    assert words(long + "Read more") == words(long)


# ---- corrections --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark",
    [
        *("CORRECTED-", "CORRECTED - ", "CORRECTED:", "Corrected: ", "correction – ", "RPT-"),
        *("Correcting: ", "REFILE-", "Repeat: ", "[CORRECTED] ", "(Correction) ", "RPT-REFILE: "),
        *("CORRECTED (OFFICIAL)-", "Corrected (adds name): ", "REFILE-CORRECTED-"),
    ],
)  # fmt: skip
def test_a_headline_says_that_its_article_was_sent_before(mark: str) -> None:
    assert is_correction(f"{mark}Tower painted")
    assert uncorrected(f"{mark}Tower painted") == "Tower painted"


def test_what_else_stands_before_a_headline_stays() -> None:
    assert uncorrected("RPT-UPDATE 2-Tower painted") == "UPDATE 2-Tower painted"
    assert uncorrected("CORRECTED: RPTower") == "RPTower"
    assert uncorrected("Tower painted - corrected: red") == "Tower painted - corrected: red"


@pytest.mark.parametrize(
    "title",
    [
        *("", "Corrections", "Correctional tower: painted", "Repeat offender paints tower"),
        *("Correction officers paint tower", "Repeat-offender law passed", "Rptower-painted"),
        *("Tower painted: correction", "Tower: CORRECTED-painted red"),
    ],
)  # fmt: skip
def test_a_headline_that_begins_with_such_a_word_may_be_just_a_headline(title: str) -> None:
    assert not is_correction(title)
    assert uncorrected(title) == title


# ---- signatures ---------------------------------------------------------------------------------


def test_a_signature_says_title_time_prints_and_terms() -> None:
    said = unpack(signature.of(entry(title="Tower", title_key="tower", summary=TEXT)))
    assert said.title == crc32(b"tower")
    assert said.published == int(PUBLISHED.timestamp())
    assert 10 <= len(said.prints) <= 40
    assert said.terms == terms.of("Tower", TEXT, None)


def test_what_has_no_text_has_no_prints_and_what_has_no_date_none() -> None:
    said = unpack(signature.of(entry(summary="Lamps burn again.", published=None)))
    assert said.prints == ()
    assert said.published is None
    assert len(unpack(signature.of(entry(summary="Four words are enough."))).prints) == 1


def test_the_title_of_a_correction_stands_for_any() -> None:
    assert unpack(signature.of(entry(title="CORRECTED-Tower"))).title == ANY_TITLE
    assert unpack(signature.of(entry(title_key="codding"))).title != ANY_TITLE


def test_a_title_whose_hash_is_nothing_stands_for_itself() -> None:
    # The checksum of no bytes at all is 0, too.
    assert unpack(signature.of(entry(title="", title_key=""))).title == 1


def test_a_date_before_the_epoch_and_far_ahead_can_be_said() -> None:
    for published in (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)):
        said = unpack(signature.of(entry(published=published)))
        assert said.published == int(published.timestamp())


@settings(max_examples=300, deadline=None)
@given(
    title=st.text(max_size=300),
    text=st.text(max_size=3000) | st.lists(st.text(max_size=12), max_size=600).map(" ".join),
    language=st.sampled_from([None, "en", "de", "ja", "xx"]),
    published=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_a_signature_has_at_most_four_hundred_bytes_and_keeps_what_it_says(
    title: str, text: str, language: str | None, published: datetime | None
) -> None:
    one = entry(
        title=title, title_key=title, summary=text, language=language, published=published
    )  # fmt: skip
    packed = signature.of(one)
    assert len(packed) <= 400
    said = unpack(packed)
    assert said == unpack(signature.of(one)), "the same each time"
    assert said.published == (published and int(published.timestamp()))
    assert len(set(said.prints)) == len(said.prints) <= 48
    assert bool(said.prints) == (len(wording(one).words) >= signature.SHINGLE)
    assert (said.title == ANY_TITLE) == is_correction(title)
    assert len(said.terms) <= terms.MOST_BYTES
    assert terms.read(said.terms) is not None


def test_the_longest_texts_fill_a_signature_and_no_more() -> None:
    rng, most = random.Random(7), 0
    for _ in range(50):
        text = " ".join(f"w{rng.randrange(10**6)}" for _ in range(400))
        title = " ".join(f"t{rng.randrange(10**6)}" for _ in range(80))
        packed = signature.of(entry(title=title, summary=text))
        most = max(most, len(packed))
        assert len(packed) <= 400
    assert most > 350


# ---- what they find -----------------------------------------------------------------------------


def prints(text: list[str]) -> set[int]:
    return set(unpack(signature.of(an_entry(text))).prints)


def an_entry(text: list[str], **changes: Any) -> Entry:
    return entry(summary=" ".join(text), **changes)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    before=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    after=st.tuples(st.integers(0, 300), st.integers(0, 300)),
)
def test_eleven_words_in_common_at_the_beginning_are_always_found(
    seed: int, before: tuple[int, int], after: tuple[int, int]
) -> None:
    rng = random.Random(seed)
    common, one, other = (
        made(rng, 11),
        *(made(rng, n + m) for n, m in zip(before, after, strict=True)),
    )
    here = one[: before[0]] + common + one[before[0] :]
    there = other[: before[1]] + common + other[before[1] :]
    assert prints(here) & prints(there)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    before=st.tuples(st.integers(0, 150), st.integers(0, 150)),
    after=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_twenty_seven_words_in_common_further_on_are_always_found(
    seed: int, before: tuple[int, int], after: tuple[int, int]
) -> None:
    rng = random.Random(seed)
    common = made(rng, 27)
    here, there = (made(rng, n) + common + made(rng, m) for n, m in zip(before, after, strict=True))
    assert prints(here) & prints(there)


def made(rng: random.Random, count: int) -> list[str]:
    """So many words that no other text has."""
    return [f"w{rng.randrange(10**9)}" for _ in range(count)]
