from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Selection
from feeds.selection import FORMATS, UnknownVertical, parse

DEFINED = frozenset({"tech", "science", "open-source"})


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("tech", "tech"),
        ("open-source", "open-source"),
        ("all", "all"),
        ("tech_science", "science_tech"),
        ("tech+science", "science_tech"),
        ("tech%2Bscience", "science_tech"),
        ("tech%2bscience", "science_tech"),
        ("tech science", "science_tech"),
        ("tech, science", "science_tech"),
        ("tech_tech", "tech"),
        ("_tech__science_", "science_tech"),
        ("TECH_Science", "science_tech"),
        ("tech_all", "all"),
    ],
)
def test_every_spelling_has_one_canonical_name(asked: str, canonical: str) -> None:
    selection = parse(asked, DEFINED)
    assert isinstance(selection, Selection)
    assert selection.name == canonical


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [("tehc", "tehc"), ("science_tehc", "tehc"), ("all_tehc", "tehc"), ("", ""), ("_+ ,", "")],
)
def test_an_unknown_name_is_given_back_with_the_names_that_there_are(
    asked: str, unknown: str
) -> None:
    verticals = ("all", "open-source", "science", "tech")
    assert parse(asked, DEFINED) == UnknownVertical(name=unknown, verticals=verticals)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(DEFINED)), min_size=1),
    st.sampled_from(["_", "+", " ", ",", "%2B"]),
)
def test_a_canonical_name_is_its_own_canonical_name(names: list[str], between: str) -> None:
    selection = parse(between.join(names), DEFINED)
    assert isinstance(selection, Selection)
    assert selection.verticals == tuple(sorted(set(names)))
    assert parse(selection.name, DEFINED) == selection


def test_each_format_has_its_registered_media_type() -> None:
    assert dict(FORMATS) == {
        "rss": "application/rss+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json",
    }
