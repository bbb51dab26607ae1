from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import terms
from aggregator.terms import hashed, of, read


def weights(title: str, text: str = "", language: str | None = "en") -> dict[int, float]:
    return dict(read(of(title, text, language)))


def test_the_terms_of_a_title_and_a_text_are_their_telling_words() -> None:
    found = weights("The kettle of Merrow", "It whistles in B flat, and whistles on.")
    assert set(found) == {hashed(word) for word in ("kettle", "merrow", "whistles", "flat")}


def test_a_term_of_the_title_weighs_more_than_one_of_the_text() -> None:
    found = weights("Kettle", "Teapot")
    assert found == {hashed("kettle"): terms.TITLE, hashed("teapot"): 1.0}


def test_a_term_weighs_more_the_more_often_it_is_said_up_to_four_times() -> None:
    said = [weights("", "kettle " * times)[hashed("kettle")] for times in range(1, 7)]
    assert said[0] == 1.0
    assert said[:4] == sorted(set(said[:4]))
    assert said[3] == said[4] == said[5]


def test_what_title_and_text_both_say_is_said_twice_and_in_the_title() -> None:
    assert weights("Kettle", "kettle") == weights("Kettle kettle")


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
