from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import search
from aggregator.model import Entry, Narrowing, Person, Search, Selection, Summary
from aggregator.search import Findable, expression, findable, grown, parse
from aggregator.settings import SEED
from tests.builders import FEED_URL, entry

# ---- what a q says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "phrases", "without"),
    [
        ("kettle", ("kettle",), ()),
        ("  Kettle\tHUMS ", ("hums", "kettle"), ()),
        ("kettle Kettle KETTLE", ("kettle",), ()),
        ('"the kettle hums"', ("the kettle hums",), ()),
        ('"the kettle" hums', ("hums", "the kettle"), ()),
        ("kettle -tea", ("kettle",), ("tea",)),
        ("-tea", (), ("tea",)),
        ('-"green tea" kettle', ("kettle",), ("green tea",)),
        ('"never closed', ("never closed",), ()),
        ('-"never closed', (), ("never closed",)),
        ("open-source", ("open source",), ()),
        ("--tea", (), ("tea",)),
        ("tea -", ("tea",), ()),
        ("- tea", ("tea",), ()),
        ('"" tea', ("tea",), ()),
        ("“the kettle” „it hums“ «tea»", ("it hums", "tea", "the kettle"), ()),
        ("Straße ＴＥＡ", ("strasse", "tea"), ()),
        ("半導体 -東京", ("半導体",), ("東京",)),
        ("tea -tea", ("tea",), ("tea",)),
        ('say"tea"', ("say tea",), ()),
        ("*", None, None),
        ("te*", ("te",), ()),
        ("NEAR(tea)", ("near tea",), ()),
        ("words:tea", ("words tea",), ()),
    ],
)
def test_a_q_is_words_and_phrases_and_what_is_left_out(
    q: str, phrases: tuple[str, ...] | None, without: tuple[str, ...]
) -> None:
    found = parse(q)
    if phrases is None:
        assert found == "holds no word to look for"
    else:
        assert found == Search(phrases=phrases, without=without)


@pytest.mark.parametrize("q", ["", " ", "\t\n"])
def test_a_blank_q_is_nothing(q: str) -> None:
    assert parse(q) is None


@pytest.mark.parametrize("q", ["-", '""', "...", '-"!"', "\0", "🫖"])
def test_a_q_without_a_word_is_told(q: str) -> None:
    assert parse(q) == "holds no word to look for"


@pytest.mark.parametrize(
    ("q", "problem"),
    [
        ("x" * 200, None),
        ("x" * 201, "has more than 200 characters"),
        (" " * 201, "has more than 200 characters"),
        ("a b c d e f g h", None),
        ("a b c d e f g -h", None),
        ("a b c d e f g h h", None),
        ("a b c d e f g h i", "has more than 8 words"),
        ("a b c d e f g h -i", "has more than 8 words"),
        ('"a b c d e" "f g h i"', "has more than 8 words"),
        ("a-b-c-d-e-f-g-h-i", "has more than 8 words"),
        ("半" * 100, None),
    ],
)
def test_a_q_has_an_end(q: str, problem: str | None) -> None:
    found = parse(q)
    assert found == problem if problem else isinstance(found, Search)


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("Tea kettle", "kettle tea"),
        ('"green tea" Kettle -"It hums" -pot', 'kettle "green tea" -"it hums" -pot'),
        ("-a", "-a"),
        ("open-source", '"open source"'),
    ],
)
def test_a_search_has_one_canonical_text(q: str, text: str) -> None:
    found = parse(q)
    assert isinstance(found, Search)
    assert sorted(found.text.split()) == sorted(text.split())
    assert parse(found.text) == found


TEXTS = st.one_of(st.text(max_size=60), st.text('ab -"“ß半導ｱｱ\u0301ﬃ', max_size=60))


@given(TEXTS)
def test_any_text_is_a_search_or_nothing_or_a_problem_and_its_canonical_text_the_same(
    q: str,
) -> None:
    found = parse(q)
    assert isinstance(found, Search | str | None)
    if isinstance(found, Search):
        assert parse(found.text) == found


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        ("en", "en"),
        ("en-GB", "en-gb"),
        (" pt_BR ", "pt-br"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("", None),
        ("e n", None),
        ("en-", None),
        ("englishlanguage", None),
        ("日本", None),
        ("1", None),
    ],
)
def test_a_language_is_a_tag(tag: str, key: str | None) -> None:
    assert search.language_key(tag) == key


# ---- what a story is found by -------------------------------------------------------------------

QUIET = entry(
    title="Kettle hums",
    title_key="kettle hums",
    summary="<p>It sings.</p>",
    content="<p>And <b>boils</b> &amp; spills.</p>",
    language=None,
    authors=(),
)


def person(name: str) -> Person:
    return Person(name=name)


def words(*entries: Entry, address: str = FEED_URL) -> str:
    return findable([(one, address) for one in entries], ()).words


def marks(one: Entry, *verticals: str, address: str = FEED_URL) -> set[str]:
    return set(findable([(one, address)], verticals).marks.split())


def test_a_story_is_found_by_the_words_of_the_texts_that_are_shown() -> None:
    dive = Summary(kind="generated", by="unknown", paragraphs=("One dives.", "Two 半導体."))
    full = replace(QUIET, deep_dive=dive)
    assert words(full) == (
        "kettle hums ¶ one dives ¶ two 半導 導体 体 ¶ it sings ¶ and boils spills"
    )
    summary = replace(full, terms=replace(full.terms, show="summary"))
    assert words(summary) == "kettle hums ¶ it sings"
    assert words(replace(summary, summary=None)) == "kettle hums ¶ and boils spills"
    assert words(replace(summary, summary=None, content=None)) == "kettle hums"
    assert words(replace(full, terms=replace(full.terms, show="title"))) == "kettle hums"


def test_no_phrase_is_found_across_two_texts_and_what_is_said_twice_is_kept_once() -> None:
    other = replace(QUIET, title_key="tea is ready", content=None)
    assert words(QUIET, other) == ("kettle hums ¶ it sings ¶ and boils spills ¶ tea is ready")
    assert words(replace(QUIET, title_key="", summary=None, content=None)) == ""


def test_of_very_long_texts_a_story_is_found_by_the_beginning() -> None:
    long = replace(QUIET, summary="tea " * 24_990, content="pots " * 1_000)
    found = words(long).split(" ¶ ")
    assert found[:2] == ["kettle hums", ("tea " * 24_990).strip()]
    assert set(found[2].split()) == {"pots"}
    assert sum(map(len, found)) <= search.MOST_CHARACTERS
    one_word = replace(QUIET, summary="x" * search.MOST_CHARACTERS, content="pot")
    assert words(one_word) == "kettle hums", "no word is cut"


def test_a_story_is_marked_by_its_verticals_sources_authors_and_languages() -> None:
    plain = marks(QUIET, "all", "open-source")
    assert {"vall", "vopen-source"} < plain
    assert len(plain) == 4, "the feed's address and the publication"
    by = replace(QUIET, authors=tuple(map(person, ("Ada Inkwell", "ADA  inkwell!", "…", ""))))
    (author,) = marks(by, "all", "open-source") - plain
    assert author[0] == "a"
    spoken = replace(QUIET, language="zh_Hant-TW")
    assert marks(spoken, "all", "open-source") - plain == {"lzh", "lzh-hant", "lzh-hant-tw"}
    assert marks(replace(QUIET, language="no tag!"), "all", "open-source") == plain


def test_a_private_source_and_a_seed_are_found_by_their_publication_alone() -> None:
    (publication,) = marks(QUIET, address=f"{SEED}tide.txt")
    private = replace(QUIET, terms=replace(QUIET.terms, private=True))
    assert marks(private) == {publication}
    assert marks(replace(QUIET, publication=FEED_URL)) == marks(
        replace(QUIET, publication=FEED_URL), address=f"{SEED}tide.txt"
    )
    assert publication in marks(QUIET)


def test_a_story_that_has_grown_is_found_by_what_it_was_and_by_what_came() -> None:
    before = findable([(QUIET, FEED_URL)], ("all", "tech"))
    other = replace(QUIET, title_key="tea is ready", publication="Herald")
    address = "https://herald.example/rss"
    added = findable([(other, address)], ("science",))
    together = findable([(QUIET, FEED_URL), (other, address)], ("all", "tech", "science"))
    assert grown(before, added) == together
    assert grown(together, added) == together
    assert grown(Findable(words="", marks=""), added) == added


# ---- what is looked for -------------------------------------------------------------------------


def test_what_is_looked_for_is_put_so_that_sqlite_finds_it() -> None:
    assert expression(Selection()) == '(marks : "vall")'
    union = Selection(verticals=("science", "tech"))
    assert expression(union) == '(marks : "vscience" OR marks : "vtech")'
    saved = Narrowing(without=("culture",), searches=(Search(phrases=("半",), without=("a b",)),))
    own = Narrowing(within=("tech",), without=("sport",), languages=("en", "ja"),
                    searches=(Search(phrases=("a", "b")), Search(without=("c",))))  # fmt: skip
    narrowed = Selection(query="chips", saved=saved, narrowing=own)
    assert expression(narrowed) == (
        '((marks : "vall") AND (((words : "半" *) NOT (words : "a b")))'
        ' AND (marks : "vtech") AND (marks : "len" OR marks : "lja")'
        ' AND ((words : "a" AND words : "b") OR ((marks : "vall") NOT (words : "c"))))'
        ' NOT (marks : "vculture" OR marks : "vsport")'
    )


def test_sources_and_authors_are_looked_for_by_the_marks_that_stories_have() -> None:
    by = replace(QUIET, authors=(Person(name="Ada Inkwell"),))
    wanted = Narrowing(sources=(FEED_URL, QUIET.publication), authors=("ada inkwell",))
    said = expression(Selection(narrowing=wanted))
    assert {f'"{mark}"' for mark in marks(by, "all")} == set(re.findall('"[^"]+"', said))
