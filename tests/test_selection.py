from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Selection
from feeds.selection import FORMATS, Malformed, UnknownVertical, narrow, parse

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


# ---- parameters ---------------------------------------------------------------------------------

TECH = Selection(verticals=("tech",))
SCIENCE_TECH = Selection(verticals=("science", "tech"))


@pytest.mark.parametrize(
    ("parameters", "within", "without", "page"),
    [
        ([("vertical", "science")], ("science",), (), 1),
        ([("vertical", "Science"), ("vertical", "open-source")], ("open-source", "science"), (), 1),
        ([("not", "science"), ("not", "science"), ("page", "7")], (), ("science",), 7),
        ([("vertical", "all"), ("not", "open-source")], (), ("open-source",), 1),
        ([("vertical", "tech"), ("not", "tech")], (), ("tech",), 1),
        ([("page", "2"), ("page", "100"), ("not", "all")], (), ("all",), 100),
        ([("vertical", "science"), ("utm_source", "x")], ("science",), (), 1),
    ],
)
def test_parameters_narrow_a_selection_in_one_canonical_form(
    parameters: list[tuple[str, str]],
    within: tuple[str, ...],
    without: tuple[str, ...],
    page: int,
) -> None:
    wanted = Selection(verticals=("tech",), within=within, without=without)
    assert narrow(TECH, parameters, DEFINED) == (wanted, page)
    assert wanted.is_narrowed
    assert narrow(TECH, wanted.parameters, DEFINED) == (wanted, 1)


@pytest.mark.parametrize(
    "parameters",
    [[], [("utm_source", "x")], [("page", "7")], [("page", "x")], [("vertical", "all")],
     [("vertical", "TECH")]],
)  # fmt: skip
def test_what_narrows_nothing_is_the_selection_itself(parameters: list[tuple[str, str]]) -> None:
    assert narrow(TECH, parameters, DEFINED) == (TECH, 1)


def test_of_a_union_one_vertical_narrows_it() -> None:
    narrowed = Selection(verticals=("science", "tech"), within=("tech",))
    assert narrow(SCIENCE_TECH, [("vertical", "tech")], DEFINED) == (narrowed, 1)


@pytest.mark.parametrize("page", ["0", "-1", "101", "1.0", "", "x", "٣", " 2"])
def test_a_page_that_is_no_number_is_malformed(page: str) -> None:
    found = narrow(TECH, [("not", "science"), ("page", page)], DEFINED)
    assert found == Malformed(parameter="page", why="pages are numbered from 1 to 100")


@pytest.mark.parametrize("parameter", ["vertical", "not"])
@pytest.mark.parametrize("name", ["tehc", "", "tech,science", "tech "])
def test_a_vertical_that_there_is_not_is_malformed(parameter: str, name: str) -> None:
    found = narrow(TECH, [(parameter, name)], DEFINED)
    assert found == Malformed(
        parameter=parameter, why="no such vertical; there are: all, open-source, science, tech"
    )
