from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import terms
from aggregator.terms import hashed, of, read


def weights(title: str, text: str = "", language: str | None = "en") -> dict[int, float]:
    return dict(read(of(title, text, language), names=True))


def test_the_terms_of_a_title_and_a_text_are_their_telling_words() -> None:
    found = weights("The kettle of Merrow", "It whistles in B flat, and whistles on.")
    assert set(found) == {hashed(word) for word in ("kettle", "merrow", "whistles", "flat")}


def test_a_term_of_the_title_weighs_more_than_one_of_the_text() -> None:
    found = weights("Kettle", "Teapot")
    assert found == {hashed("kettle"): terms.TITLE, hashed("teapot"): 1.0}


def test_a_term_weighs_more_that_is_said_again() -> None:
    said = [weights("", "kettle " * times)[hashed("kettle")] for times in (1, 2, 3)]
    assert said == [1.0, terms.AGAIN, terms.AGAIN]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Kettles of Merrow whistle", {"merrow"}),
        ("kettles, Merrow says, whistle", {"merrow"}),
        ("Kettles whistle. Merrow listens. Teapots listen", set()),
        ("Чайник из Мерроу свистит", {"мерроу"}),
        ("kettles whistle for the Émigré", {"émigré"}),
        ("whistles in the harbour of Merrow. Merrow listens", {"merrow"}),
    ],
)
def test_a_capital_within_a_sentence_makes_a_name_which_weighs_more(
    text: str, names: set[str]
) -> None:
    for title, body in ((text, ""), ("", text)):
        once = {term: weight / terms.TITLE for term, weight in weights(title).items()}
        found = once if title else weights("", body)
        named = {term for term, weight in found.items() if weight >= terms.NAME - 1e-9}
        assert named == {hashed(name) for name in names}


def test_names_weigh_as_much_as_other_words_where_nobody_asks_for_them() -> None:
    found = read(of("", "the kettle of Merrow", "en"))
    assert [weight for _, weight in found] == [1.0, 1.0]


def test_in_title_case_no_word_is_a_name_but_by_the_text() -> None:
    titled = "Singing Kettle Startles Merrow Harbour"
    assert set(weights(titled).values()) == {terms.TITLE}
    told = weights(titled, "People of Merrow wake")
    assert told[hashed("merrow")] == pytest.approx(terms.TITLE * terms.NAME * terms.AGAIN)
    assert told[hashed("kettle")] == terms.TITLE


def test_what_title_and_text_both_say_is_said_twice_and_in_the_title() -> None:
    assert weights("kettle", "kettle") == weights("kettle kettle")


def test_the_titles_terms_come_first() -> None:
    found = [term for term, _ in read(of("Merrow kettle", "Zebras applaud aloud", "en"))]
    assert set(found[:2]) == {hashed("merrow"), hashed("kettle")}


@pytest.mark.parametrize("nothing", ["", "…", "The", "a b c"])
def test_what_says_nothing_has_no_terms(nothing: str) -> None:
    assert of(nothing, nothing, "en") == b"\0"
    assert read(b"\0") == ()


@pytest.mark.parametrize(
    ("language", "text", "telling"),
    [
        ("en", "the war and the die", {"war", "die"}),
        ("en-GB", "the war and the die", {"war", "die"}),
        ("EN", "the war and the die", {"war", "die"}),
        ("de", "die Kanne war the", {"kanne"}),
        ("fr", "la bouilloire dans le salon", {"bouilloire", "salon"}),
        ("ru", "что это за чайник", {"чайник"}),
        ("xx", "the kettle dans", {"kettle", "dans"}),
        (None, "the war und die Kanne dans le salon", {"war", "die", "kanne", "salon"}),
    ],
)
def test_the_stop_words_of_the_language_and_of_english_are_left_out(
    language: str | None, text: str, telling: set[str]
) -> None:
    assert set(weights("", text, language)) == {hashed(word) for word in telling}


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("kettlemaker", "kettlemakers"),
        ("whistled", "whistles"),
        ("чайников", "чайниковы"),
        ("élections", "élection"),
    ],
)
def test_the_forms_of_a_word_have_one_hash(word: str, form: str) -> None:
    assert hashed(word) == hashed(form)


@pytest.mark.parametrize(("word", "other"), [("kettle", "teapot"), ("чайник", "чашка")])
def test_words_have_hashes_of_their_own(word: str, other: str) -> None:
    assert hashed(word) != hashed(other)


def test_scripts_without_spaces_are_taken_two_characters_each() -> None:
    assert set(weights("半導体", "", "ja")) == {hashed("半導"), hashed("導体")}


def test_only_the_first_words_of_a_text_count() -> None:
    assert hashed("teapot") in weights("", "the " * 139 + "teapot")
    assert hashed("teapot") not in weights("", "the " * 140 + "teapot")


def test_of_too_many_terms_the_titles_and_the_texts_first_are_kept() -> None:
    said = [f"w{number}" for number in range(100)]
    packed = of(" ".join(said[:10]), " ".join(said[10:]), "en")
    assert len(packed) == terms.MOST_BYTES
    assert {term for term, _ in read(packed)} == {hashed(word) for word in said[:63]}
    assert len(of(" ".join(said), "kettle", "en")) == terms.MOST_BYTES


def test_the_packed_form_is_the_same_in_every_process() -> None:
    code = "from aggregator.terms import of; print(of('Kettle heard', 'It whistles.', None).hex())"
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert printed.strip() == of("Kettle heard", "It whistles.", None).hex()


SAID = st.lists(
    st.sampled_from(["kettle", "teapot", "merrow", "whistle", "flat", "半導体", "чайник", "the"])
)


@given(SAID, SAID)
def test_the_order_of_words_makes_no_difference(title: list[str], text: list[str]) -> None:
    packed = of(" ".join(title), " ".join(text), "en")
    assert of(" ".join(sorted(title)), " ".join(reversed(text)), "en") == packed


@given(st.text(), st.text(), st.sampled_from(["en", "ja", None]))
def test_any_text_is_packed_in_few_bytes_and_read_again(
    title: str, text: str, language: str | None
) -> None:
    packed = of(title, text, language)
    assert len(packed) <= terms.MOST_BYTES
    found = read(packed)
    assert len(dict(found)) == len(found) == len(packed) // 3
    assert all(0 <= term < 1 << terms.BITS and 1 <= weight < 3 for term, weight in found)
