from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Assignment, Category, Entry
from aggregator.settings import Vertical
from aggregator.verticals import Shelves
from tests.builders import entry

SHELVES = Shelves(
    (
        Vertical(
            name="tech", title="Technology", categories=("Gadgets", "R & D"), keywords=("AI",)
        ),
        Vertical(
            name="science",
            title="Science",
            categories=("Physics", "R & D"),
            keywords=("quantum", "black hole"),
        ),
        Vertical(name="world", title="World"),
    )
)


def names(placed: Entry) -> tuple[str, ...]:
    return tuple(assignment.vertical for assignment in placed.verticals)


def reasons(placed: Entry) -> dict[str, str]:
    return {assignment.vertical: assignment.reason for assignment in placed.verticals}


def categories(*terms: str) -> tuple[Category, ...]:
    return tuple(Category(term=term) for term in terms)


def test_an_entry_that_nothing_speaks_for_stands_on_no_shelf() -> None:
    assert SHELVES.place(entry(), ()).verticals == ()


def test_a_source_puts_all_its_entries_on_its_shelves_for_certain() -> None:
    assert SHELVES.place(entry(), ("world", "tech")).verticals == (
        Assignment(vertical="world", reason="source", score=1.0),
        Assignment(vertical="tech", reason="source", score=1.0),
    )


def test_a_seed_names_its_own_shelves() -> None:
    assert reasons(SHELVES.place(entry(named=("science",)), ())) == {"science": "seed"}


@pytest.mark.parametrize("written", ["Gadgets", "gadgets", " GADGETS ", "gadgets!"])
def test_a_publishers_category_is_matched_as_words(written: str) -> None:
    placed = SHELVES.place(entry(categories=categories(written)), ())
    assert reasons(placed) == {"tech": "category: Gadgets"}


def test_a_category_is_found_by_its_label_too() -> None:
    labelled = (Category(term="c-17", label="Physics"),)
    placed = SHELVES.place(entry(categories=labelled), ())
    assert reasons(placed) == {"science": "category: Physics"}


def test_a_category_can_stand_for_several_verticals() -> None:
    placed = SHELVES.place(entry(categories=categories("r&d")), ())
    assert names(placed) == ("tech", "science")


def test_a_verticals_own_name_is_one_of_its_categories() -> None:
    placed = SHELVES.place(entry(categories=categories("World")), ())
    assert reasons(placed) == {"world": "category: world"}


def test_the_strongest_reason_comes_first_and_a_vertical_once() -> None:
    one = entry(named=("tech",), categories=categories("Gadgets", "Physics"))
    assert reasons(SHELVES.place(one, ("tech", "world"))) == {
        "tech": "seed",
        "world": "source",
        "science": "category: Physics",
    }
    assert names(SHELVES.place(one, ("tech", "world"))) == ("tech", "world", "science")


# ---- keywords ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("AI hears a kettle", "ai"),
        ("What ai, then?", "ai"),
        ("ai", "ai"),
        ("Kettle heard in the rain", None),
        ("A quantum kettle", "quantum"),
        ("Quantums of kettles", None),
        ("Into the black-hole", "black hole"),
        ("A black kettle with a hole", None),
    ],
)
def test_keywords_are_whole_words_or_phrases(title: str, found: str | None) -> None:
    placed = SHELVES.place(entry(title=title), ())
    reason = next((a.reason for a in placed.verticals), None)
    assert reason == (found and f"keyword: {found}")


def test_a_keyword_is_a_guess() -> None:
    (guess,) = SHELVES.place(entry(title="AI hears a kettle"), ()).verticals
    assert guess.score == 0.5


@pytest.mark.parametrize(
    "text", [{"summary": "<p>A quantum kettle.</p>"}, {"summary": None, "content": "Quantum."}]
)
def test_keywords_are_looked_for_in_the_text_too(text: dict[str, str | None]) -> None:
    assert names(SHELVES.place(entry(**text), ())) == ("science",)


@pytest.mark.parametrize(("words_before", "found"), [(99, ("science",)), (100, ())])
def test_keywords_are_looked_for_in_the_first_hundred_words(
    words_before: int, found: tuple[str, ...]
) -> None:
    text = "kettle " * words_before + "quantum"
    assert names(SHELVES.place(entry(title="Long", summary=text), ())) == found


@pytest.mark.parametrize(
    ("certain", "source"),
    [
        ({"categories": categories("World")}, ()),
        ({"named": ("world",)}, ()),
        ({}, ("world",)),
    ],
)
def test_keywords_count_only_where_nothing_is_certain(
    certain: dict[str, object], source: tuple[str, ...]
) -> None:
    assert names(SHELVES.place(entry(title="A quantum kettle", **certain), source)) == ("world",)


def test_a_shelf_that_is_not_defined_makes_nothing_certain() -> None:
    one = entry(title="A quantum kettle", named=("gardening",))
    assert names(SHELVES.place(one, ("cooking",))) == ("science",)


def test_a_category_or_keyword_without_words_stands_for_nothing() -> None:
    shelves = Shelves((Vertical(name="tech", title="T", categories=("+",), keywords=("!!",)),))
    assert shelves.place(entry(categories=categories("-", "kettles")), ()).verticals == ()


def test_without_keywords_nothing_is_guessed() -> None:
    shelves = Shelves((Vertical(name="tech", title="T"),))
    assert shelves.place(entry(title="tech"), ()).verticals == ()


# ---- always --------------------------------------------------------------------------------------

some_names = st.lists(st.sampled_from(["tech", "science", "world", "cooking", "all"]), max_size=4)


@given(
    title=st.text(max_size=30),
    terms=st.lists(st.sampled_from(["Gadgets", "Physics", "R & D", "Cooking", "", "+"])),
    seed=some_names,
    source=some_names,
)
def test_an_entry_stands_on_defined_shelves_only_each_once_whoever_asks_again(
    title: str, terms: list[str], seed: list[str], source: list[str]
) -> None:
    one = entry(title=title, categories=categories(*terms), named=tuple(seed))
    placed = SHELVES.place(one, tuple(source))
    assert set(names(placed)) <= {"tech", "science", "world"}
    assert len(set(names(placed))) == len(names(placed))
    assert SHELVES.place(placed, tuple(source)) == placed
