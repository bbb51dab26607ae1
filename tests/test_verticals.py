from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Assignment, Category, Entry, Person, Summary, Terms
from aggregator.settings import Source, Vertical
from aggregator.verticals import Shelves
from tests.builders import FEED_URL, entry

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


PLAIN = Source(address=FEED_URL)


def putting(*verticals: str) -> Source:
    """A source that has these verticals in config.toml."""
    return Source(address=FEED_URL, verticals=verticals)


def names(placed: Entry) -> tuple[str, ...]:
    return tuple(assignment.vertical for assignment in placed.verticals)


def reasons(placed: Entry) -> dict[str, str]:
    return {assignment.vertical: assignment.reason for assignment in placed.verticals}


def categories(*terms: str) -> tuple[Category, ...]:
    return tuple(Category(term=term) for term in terms)


def test_an_entry_that_nothing_speaks_for_stands_on_no_shelf() -> None:
    assert SHELVES.place(entry(), PLAIN).verticals == ()


def test_a_source_puts_all_its_entries_on_its_shelves_for_certain() -> None:
    assert SHELVES.place(entry(), putting("world", "tech")).verticals == (
        Assignment(vertical="world", reason="source", score=1.0),
        Assignment(vertical="tech", reason="source", score=1.0),
    )


def test_a_seed_names_its_own_shelves() -> None:
    assert reasons(SHELVES.place(entry(named=("science",)), PLAIN)) == {"science": "seed"}


@pytest.mark.parametrize("written", ["Gadgets", "gadgets", " GADGETS ", "gadgets!"])
def test_a_publishers_category_is_matched_as_words(written: str) -> None:
    placed = SHELVES.place(entry(categories=categories(written)), PLAIN)
    assert reasons(placed) == {"tech": "category: Gadgets"}


def test_a_category_is_found_by_its_label_too() -> None:
    labelled = (Category(term="c-17", label="Physics"),)
    placed = SHELVES.place(entry(categories=labelled), PLAIN)
    assert reasons(placed) == {"science": "category: Physics"}


def test_a_category_can_stand_for_several_verticals() -> None:
    placed = SHELVES.place(entry(categories=categories("r&d")), PLAIN)
    assert names(placed) == ("tech", "science")


def test_a_verticals_own_name_is_one_of_its_categories() -> None:
    placed = SHELVES.place(entry(categories=categories("World")), PLAIN)
    assert reasons(placed) == {"world": "category: world"}


def test_the_strongest_reason_comes_first_and_a_vertical_once() -> None:
    one = entry(named=("tech",), categories=categories("Gadgets", "Physics"))
    assert reasons(SHELVES.place(one, putting("tech", "world"))) == {
        "tech": "seed",
        "world": "source",
        "science": "category: Physics",
    }
    assert names(SHELVES.place(one, putting("tech", "world"))) == ("tech", "world", "science")


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
    placed = SHELVES.place(entry(title=title), PLAIN)
    reason = next((a.reason for a in placed.verticals), None)
    assert reason == (found and f"keyword: {found}")


@pytest.mark.parametrize(
    ("keyword", "title", "found"),
    [
        ("半導体", "新しい半導体工場", True),
        ("半導体", "新しい導体", False),
        ("반도체", "반도체는 비싸다", True),
        ("กาแฟ", "ราคากาแฟวันนี", True),
        ("AI", "生成AIの時代", True),
        ("ＡＩ", "生成AIの時代", True),
        ("AI", "生成XAIの時代", False),
        ("AI研究", "最新AI研究所", True),
        ("AI研究", "最新XAI研究所", False),
        ("研究AI", "最新研究AIと", True),
        ("研究AI", "最新研究AIX", False),
    ],
)
def test_a_keyword_in_a_script_without_spaces_stands_anywhere(
    keyword: str, title: str, *, found: bool
) -> None:
    shelves = Shelves((Vertical(name="chips", title="Chips", keywords=(keyword,)),))
    assert bool(shelves.place(entry(title=title), PLAIN).verticals) is found


@pytest.mark.parametrize(("before", "found"), [(990, ("chips",)), (1000, ())])
def test_where_no_spaces_part_words_the_first_thousand_characters_are_read(
    before: int, found: tuple[str, ...]
) -> None:
    shelves = Shelves((Vertical(name="chips", title="Chips", keywords=("半導体",)),))
    assert names(shelves.place(entry(summary="水" * before + "半導体"), PLAIN)) == found


def test_a_keyword_is_a_guess() -> None:
    (guess,) = SHELVES.place(entry(title="AI hears a kettle"), PLAIN).verticals
    assert guess.score == 0.5


@pytest.mark.parametrize(
    "text", [{"summary": "<p>A quantum kettle.</p>"}, {"summary": None, "content": "Quantum."}]
)
def test_keywords_are_looked_for_in_the_text_too(text: dict[str, str | None]) -> None:
    assert names(SHELVES.place(entry(**text), PLAIN)) == ("science",)


@pytest.mark.parametrize(("words_before", "found"), [(99, ("science",)), (100, ())])
def test_keywords_are_looked_for_in_the_first_hundred_words(
    words_before: int, found: tuple[str, ...]
) -> None:
    text = "kettle " * words_before + "quantum"
    assert names(SHELVES.place(entry(title="Long", summary=text), PLAIN)) == found


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
    assert names(SHELVES.place(entry(title="A quantum kettle", **certain), putting(*source))) == (
        "world",
    )


def test_a_shelf_that_is_not_defined_makes_nothing_certain() -> None:
    one = entry(title="A quantum kettle", named=("gardening",))
    assert names(SHELVES.place(one, putting("cooking"))) == ("science",)


def test_a_category_or_keyword_without_words_stands_for_nothing() -> None:
    shelves = Shelves((Vertical(name="tech", title="T", categories=("+",), keywords=("!!",)),))
    assert shelves.place(entry(categories=categories("-", "kettles")), PLAIN).verticals == ()


def test_without_keywords_nothing_is_guessed() -> None:
    shelves = Shelves((Vertical(name="tech", title="T"),))
    assert shelves.place(entry(title="tech"), PLAIN).verticals == ()


# ---- the terms of a source -----------------------------------------------------------------------

SPONSORED = entry(
    title="Kettles, sponsored by Pan & Lid",
    summary="<p>Bring it to the <b>boil</b>.</p>",
    content="<p>Simmer. Then serve hot.</p>",
    deep_dive=Summary(kind="generated", by="unknown", paragraphs=("A whistle in the night.",)),
    categories=(Category(term="c-17", label="Home & Garden"), Category(term="Tea")),
    authors=(Person(name="Ada Inkwell"), Person(name="Bo Quill")),
    link="https://gazette.example/Adverts/m%C3%BCll?id=7",
)


def excluded(one: Entry, **terms: Any) -> str | None:
    return SHELVES.place(one, replace(PLAIN, **terms)).terms.excluded


def test_the_terms_of_a_source_are_those_of_its_entries() -> None:
    source = replace(PLAIN, content="summary", rank=-3, private=True)
    expected = Terms(show="summary", rank=-3, private=True)
    assert SHELVES.place(entry(), source).terms == expected
    assert SHELVES.place(SHELVES.place(entry(), source), PLAIN).terms == Terms()


@pytest.mark.parametrize(
    "phrase",
    [
        "sponsored",
        "SPONSORED",
        "Sponsored by: Pan, Lid",
        "home garden",
        "c-17",
        "quill",
        "to the boil",
        "then serve",
        "night",
        "title: sponsored",
        "Title:sponsored",
        "category: tea",
        "category:Home & Garden",
        "author: ada inkwell",
        "text: boil",
        "text: simmer",
        "text: a whistle",
        "link: gazette.example/adverts/",
        "link:/MÜLL",
        "link: m%c3%bc",
        "link: ?id=",
    ],
)
def test_a_word_or_phrase_is_found_in_its_field_or_in_any(phrase: str) -> None:
    assert excluded(SPONSORED, exclude=(phrase,)) == f"exclude: {phrase}"
    assert excluded(SPONSORED, include=("no such word", phrase)) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "sponsor",
        "lid bring",
        "garden tea",
        "inkwell bo",
        "boil simmer",
        "adverts",
        "title: boil",
        "text: sponsored",
        "category: ada",
        "author: tea",
        "link: quill",
        "link: sponsored",
        "titled: sponsored",
        "title:",
        "link:",
        "+",
        "",
    ],
)
def test_a_word_or_phrase_is_not_found_in_part_or_across_or_in_another_field(phrase: str) -> None:
    assert excluded(SPONSORED, exclude=(phrase,)) is None
    assert excluded(SPONSORED, include=(phrase,)) == "include: no match"


def test_an_entry_without_link_or_text_has_nothing_in_them() -> None:
    bare = entry(link=None, summary=None)
    assert excluded(bare, exclude=("link: /", "text: it")) is None


def test_the_first_phrase_that_excludes_is_the_reason_and_excluding_wins() -> None:
    phrases = ("pan", "title: sponsored", "kettles")
    assert excluded(SPONSORED, exclude=phrases) == "exclude: pan"
    assert excluded(SPONSORED, include=("kettles",), exclude=("tea",)) == "exclude: tea"
    assert excluded(SPONSORED, include=("kettles",), exclude=("coffee",)) is None


def test_an_excluded_entry_keeps_the_verticals_that_it_would_stand_in() -> None:
    source = replace(putting("world"), exclude=("kettle",))
    placed = SHELVES.place(entry(), source)
    assert (names(placed), placed.terms.excluded) == (("world",), "exclude: kettle")


def test_the_rules_of_a_source_change_with_all_that_places_its_entries_and_nothing_else() -> None:
    source = Source(address=FEED_URL)
    changed = [
        replace(source, verticals=("tech",)),
        replace(source, content="title"),
        replace(source, include=("a", "b")),
        replace(source, include=("a, b",)),
        replace(source, exclude=("a", "b")),
        replace(source, rank=1),
        replace(source, private=True),
        replace(source, include=("\udce9",)),
    ]
    rules = {SHELVES.rules(one) for one in (source, *changed)} | {Shelves(()).rules(source)}
    assert len(rules) == len(changed) + 2
    assert SHELVES.rules(replace(source, title="Other", enabled=False)) == SHELVES.rules(source)


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
    placed = SHELVES.place(one, putting(*source))
    assert set(names(placed)) <= {"tech", "science", "world"}
    assert len(set(names(placed))) == len(names(placed))
    assert SHELVES.place(placed, putting(*source)) == placed


words = st.text(alphabet="ab 水AI:", max_size=6)


@given(title=words, include=st.lists(words, max_size=2), exclude=st.lists(words, max_size=2))
def test_whatever_is_included_and_excluded_the_reason_is_one_of_the_operators(
    title: str, include: list[str], exclude: list[str]
) -> None:
    reason = excluded(entry(title=title), include=tuple(include), exclude=tuple(exclude))
    reasons = {None, "include: no match"} if include else {None}
    assert reason in reasons | {f"exclude: {phrase}" for phrase in exclude}
    assert excluded(entry(title=title)) is None


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("https://ada:kettle@gazette.example/feed", True),
        ("https://kettle@gazette.example/feed", True),
        ("https://social.example/@ada.rss", False),
    ],
)
def test_a_source_with_a_login_in_its_address_is_private(address: str, *, is_private: bool) -> None:
    placed = Shelves(()).place(entry(), Source(address=address))
    assert placed.terms.private == is_private


def test_a_vertical_keeps_what_its_former_names_gave_it() -> None:
    gear = Vertical(name="gear", title="Gear", was=("tech", "gadgets"))
    shelves = Shelves((gear,))
    usual = entry(categories=(Category(term="Software"),))
    by_name = entry(categories=(Category(term="Gadgets"),))
    by_seed = entry(named=("tech", "gear"))
    for one in (usual, by_name, by_seed):
        assert [a.vertical for a in shelves.place(one, Source(address="")).verticals] == ["gear"]
    other = Shelves((Vertical(name="gear", title="Gear"),))
    assert shelves.rules(Source(address="")) != other.rules(Source(address=""))
