from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Narrowing, Search, Selection
from aggregator.settings import SavedQuery, Vertical
from feeds.document import address
from feeds.selection import (
    FORMATS,
    NARROWING,
    Defined,
    Malformed,
    UnknownVertical,
    defined,
    narrow,
    of_query,
    parse,
)
from tests.newsroom import settings_for

VERTICALS = frozenset({"tech", "science", "open-source"})
DEFINED = Defined(verticals=VERTICALS)


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
    st.lists(st.sampled_from(sorted(VERTICALS)), min_size=1),
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
    wanted = replace(TECH, narrowing=Narrowing(within=within, without=without))
    assert narrow(TECH, parameters, DEFINED) == (wanted, page)
    assert wanted.is_narrowed
    assert narrow(TECH, wanted.narrowing.parameters, DEFINED) == (wanted, 1)


@pytest.mark.parametrize(
    "parameters",
    [[], [("utm_source", "x")], [("page", "7")], [("page", "x")], [("vertical", "all")],
     [("vertical", "TECH")], [("q", "")], [("q", " "), ("source", ""), ("author", "\t"),
     ("lang", "  ")]],
)  # fmt: skip
def test_what_narrows_nothing_is_the_selection_itself(parameters: list[tuple[str, str]]) -> None:
    assert narrow(TECH, parameters, DEFINED) == (TECH, 1)


def test_of_a_union_one_vertical_narrows_it() -> None:
    narrowed = replace(SCIENCE_TECH, narrowing=Narrowing(within=("tech",)))
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


@pytest.mark.parametrize(
    ("parameters", "narrowing"),
    [
        ([("q", " Kettle")], Narrowing(searches=(Search(phrases=("kettle",)),))),
        (
            [("q", "tea pot"), ("q", "POT  Tea"), ("q", '-"It Hums"')],
            Narrowing(
                searches=(Search(without=("it hums",)), Search(phrases=("pot", "tea"))),
            ),
        ),
        (
            [("source", " Merrow Gazette "), ("source", "https://a.example/F"), ("source", "a")],
            Narrowing(sources=("Merrow Gazette", "a", "https://a.example/F")),
        ),
        (
            [("author", "Bo QUILL"), ("author", "bo  quill"), ("author", "Óscar Quill-Nib")],
            Narrowing(authors=("bo quill", "óscar quill nib")),
        ),
        (
            [("lang", "pt_BR"), ("lang", "PT-br"), ("lang", "en"), ("lang", "")],
            Narrowing(languages=("en", "pt-br")),
        ),
        ([("Q", "kettle"), ("lang", "en")], Narrowing(languages=("en",))),
        (
            [("author", "b"), ("lang", "x"), ("not", "science"), ("q", "半導体"), ("source", "s"),
             ("vertical", "open-source")],
            Narrowing(within=("open-source",), without=("science",), sources=("s",),
                      authors=("b",), languages=("x",), searches=(Search(phrases=("半導体",)),)),
        ),
    ],
)  # fmt: skip
def test_every_parameter_has_one_canonical_form(
    parameters: list[tuple[str, str]], narrowing: Narrowing
) -> None:
    wanted = replace(TECH, narrowing=narrowing)
    assert narrow(TECH, parameters, DEFINED) == (wanted, 1)
    assert narrow(TECH, reversed(parameters), DEFINED) == (wanted, 1)
    said = narrowing.parameters
    assert list(said) == sorted(said)
    assert narrow(TECH, said, DEFINED) == (wanted, 1)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("q", "x" * 201, "has more than 200 characters"),
        ("q", "a b c d e f g h i", "has more than 8 words"),
        ("q", "-", "holds no word to look for"),
        ("author", "...", "holds no name"),
        ("author", "\0", "holds no name"),
        ("author", "x" * 501, "has more than 500 characters"),
        ("source", "x" * 501, "has more than 500 characters"),
        ("lang", "English language", "is no language tag; write one such as en or pt-BR"),
        ("lang", "*", "is no language tag; write one such as en or pt-BR"),
    ],
)
def test_a_value_that_says_nothing_is_malformed(name: str, value: str, why: str) -> None:
    wrong = Malformed(parameter=name, why=why)
    assert narrow(TECH, [(name, value)], DEFINED) == wrong
    assert narrow(TECH, [(name, "a"), ("page", "x"), (name, value)], DEFINED) == wrong


def test_values_may_be_as_long_as_is_said() -> None:
    for name, length in (("q", 200), ("author", 500), ("source", 500)):
        assert isinstance(narrow(TECH, [(name, "x" * length)], DEFINED), tuple)


@pytest.mark.parametrize("name", sorted({*NARROWING} - {"vertical", "not"}))
def test_of_one_parameter_there_are_eight_values_at_the_most(name: str) -> None:
    values = [(name, "x" * number) for number in range(1, 9)]
    assert isinstance(narrow(TECH, values, DEFINED), tuple)
    assert isinstance(narrow(TECH, [*values, values[0], (name, " ")], DEFINED), tuple)
    last = (name, "another" if name == "lang" else "x" * 9)
    assert narrow(TECH, [*values, last], DEFINED) == Malformed(
        parameter=name, why="may be given 8 times at the most"
    )


# ---- saved queries ------------------------------------------------------------------------------

CHIPS = SavedQuery(
    name="chips",
    title="Chips",
    verticals=("tech", "science"),
    q=("Semiconductor", "半導体", "semiconductor"),
    source=("Wired", "Ars Technica"),
    author=("Bo Quill", "BO QUILL"),
    lang=("en_GB", "en-gb", "ja"),
    without=("open-source",),
)
SAVED = Selection(
    verticals=("science", "tech"),
    query="chips",
    saved=Narrowing(
        without=("open-source",),
        searches=(Search(phrases=("semiconductor",)), Search(phrases=("半導体",))),
        sources=("Ars Technica", "Wired"),
        authors=("bo quill",),
        languages=("en-gb", "ja"),
    ),
)
EVERY = Defined(
    verticals=VERTICALS,
    queries={"chips": SAVED, "of-all": of_query(SavedQuery(name="of-all", title="Of all"))},
)


def test_a_saved_query_is_a_selection_under_its_name() -> None:
    assert of_query(CHIPS) == SAVED
    assert (SAVED.name, SAVED.is_narrowed) == ("chips", True)
    everything = of_query(SavedQuery(name="of-all", title="Of all"))
    assert everything == Selection(query="of-all")
    assert (everything.name, everything.is_narrowed) == ("of-all", False)


def test_a_saved_query_that_collapses_events_is_narrowed_by_that_alone() -> None:
    query = SavedQuery(name="firsts", title="Firsts", verticals=("tech",), collapse_related=True)
    firsts = of_query(query)
    assert firsts == replace(TECH, query="firsts", saved=Narrowing(collapsed=True))
    assert firsts.is_narrowed
    there = Defined(verticals=VERTICALS, queries={"firsts": firsts})
    assert narrow(firsts, [("page", "2")], there) == (firsts, 2)
    base = "https://news.example"
    assert address(firsts, "atom", base, page=2) == f"{base}/feeds/firsts.atom?page=2"


def test_a_saved_query_that_collapses_events_does_so_narrowed_further() -> None:
    firsts = of_query(SavedQuery(name="firsts", title="Firsts", collapse_related=True))
    found = narrow(firsts, [("q", "kettle"), ("collapse_related", "false")], EVERY)
    searched = Narrowing(searches=(Search(phrases=("kettle",)),))
    assert found == (replace(firsts, narrowing=searched), 1)
    assert narrow(TECH, [("collapse_related", "true")], EVERY) == (TECH, 1)


def test_what_the_settings_define_can_be_asked_for() -> None:
    settings = settings_for(
        Path("/nowhere"),
        verticals=tuple(Vertical(name=name, title=name) for name in sorted(VERTICALS)),
        queries=(CHIPS, SavedQuery(name="of-all", title="Of all")),
    )
    assert defined(settings) == EVERY


@pytest.mark.parametrize("asked", ["chips", "CHIPS", "_chips_", "chips chips"])
def test_a_saved_query_is_found_in_every_spelling(asked: str) -> None:
    assert parse(asked, EVERY) == SAVED


@pytest.mark.parametrize("asked", ["chips_tech", "all_chips", "chips_of-all"])
def test_a_saved_query_stands_in_no_union(asked: str) -> None:
    names = ("all", "open-source", "science", "tech", "chips", "of-all")
    assert parse(asked, EVERY) == UnknownVertical(name="chips", verticals=names)


def test_a_saved_query_can_be_narrowed_further() -> None:
    parameters = [("q", "kettle"), ("vertical", "tech"), ("vertical", "all"), ("page", "3")]
    narrowing = Narrowing(within=("tech",), searches=(Search(phrases=("kettle",)),))
    assert narrow(SAVED, parameters, EVERY) == (replace(SAVED, narrowing=narrowing), 3)
    assert narrow(SAVED, [("page", "2"), ("q", "")], EVERY) == (SAVED, 2), "it has pages itself"
    found = narrow(SAVED, [("vertical", "chips")], EVERY)
    assert isinstance(found, Malformed), "it is no vertical"


def test_a_saved_query_that_leaves_nothing_out_has_archives_and_no_pages() -> None:
    everything = EVERY.queries["of-all"]
    assert narrow(everything, [("page", "x"), ("vertical", "all")], EVERY) == (everything, 1)


# ---- any parameters -----------------------------------------------------------------------------

VALUES = {
    "vertical": st.sampled_from(["tech", "SCIENCE", "open-source", "all", "tehc"]),
    "not": st.sampled_from(["tech", "SCIENCE", "open-source", "all", "tehc"]),
    "q": st.one_of(st.text(max_size=30), st.text('ab -"“ß半導', max_size=30)),
    "source": st.text(max_size=30),
    "author": st.text(max_size=30),
    "lang": st.one_of(st.from_regex(r"[a-zA-Z]{2}([-_][A-Z]{2})?", fullmatch=True), st.text()),
    "page": st.sampled_from(["1", "2", "100", "101", "x"]),
    "utm_source": st.text(max_size=3),
}
PARAMETERS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda n: st.tuples(st.just(n), VALUES[n])),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["all", "tech", "science_tech", "chips", "of-all"]), PARAMETERS)
def test_the_canonical_address_asks_for_the_same_selection(
    name: str, parameters: list[tuple[str, str]]
) -> None:
    selection = parse(name, EVERY)
    assert isinstance(selection, Selection)
    found = narrow(selection, parameters, EVERY)
    if isinstance(found, Malformed):
        assert found.parameter in {*NARROWING, "page"}
        return
    narrowed, page = found
    place = urlsplit(address(narrowed, "atom", "https://news.example", page=page))
    asked = parse(place.path.removeprefix("/feeds/").removesuffix(".atom"), EVERY)
    assert asked == selection
    again = narrow(selection, parse_qsl(place.query), EVERY)
    assert again == (narrowed, page)
    assert narrowed == replace(selection, narrowing=narrowed.narrowing)
    shuffled = [*reversed(parameters), ("utm_source", "x"), ("q", " ")]
    swapped = narrow(selection, [one for one in shuffled if one[0] != "page"], EVERY)
    assert swapped == (narrowed, 1)
