from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup, terms
from aggregator.model import Assignment
from aggregator.settings import Vertical
from aggregator.verticals import GUESS, Guesses


def shelf(name: str, **more: Any) -> Vertical:
    return Vertical(name=name, **{"title": name.capitalize()} | more)


DESKS = tuple(map(shelf, ("business", "health", "sports", "tech")))
KETTLES = shelf(
    "kettles",
    title="Whistling pots",
    description="All about spouts",
    keywords=("kettle", "copper lid"),
)


def guessed(
    guesses: Guesses, title: str, text: str = "", *, key: str | None = None
) -> tuple[Assignment, ...]:
    key = markup.title_key(f"{title} {text}") if key is None else key
    return guesses.guess(terms.of(title, text, "en"), key)


def names(guesses: Guesses, title: str, text: str = "") -> tuple[str, ...]:
    return tuple(one.vertical for one in guessed(guesses, title, text))


def taught(defined: tuple[Vertical, ...], **examples: tuple[str, ...]) -> Guesses:
    """Guesses that have learned these titles, by vertical; those of `none` stand nowhere."""
    guesses = Guesses(defined)
    for vertical, titles in examples.items():
        for title in titles:
            guesses.learn(terms.of(title, "", "en"), () if vertical == "none" else {vertical})
    return guesses


# ---- before anything is learned ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "vertical"),
    [
        ("Merrow bank raises interest rates as inflation climbs", "business"),
        ("Hospital nurses in Merrow report new measles outbreak", "health"),
        ("Late goal sends Merrow Rovers through to cup final", "sports"),
        ("Merrow startup unveils smartphone with open software", "tech"),
    ],
)
def test_a_desks_words_put_a_story_on_its_shelf_before_anything_is_learned(
    title: str, vertical: str
) -> None:
    assert names(Guesses(DESKS), title)[:1] == (vertical,)


def test_the_operators_own_words_are_enough_for_a_shelf_that_nobody_knows() -> None:
    guesses = Guesses((KETTLES, *DESKS))
    assert names(guesses, "A kettle with a copper lid") == ("kettles",)
    assert names(guesses, "Whistling spouts and pots") == ("kettles",)


def test_nothing_is_guessed_of_words_that_tell_nothing() -> None:
    guesses = Guesses(DESKS)
    assert names(guesses, "Ada Inkwell walked along a lane") == ()
    assert names(guesses, "", "") == ()
    assert names(guesses, "!!") == ()
    assert guessed(Guesses(()), "Bank raises interest rates") == ()


def test_what_nothing_speaks_for_is_not_given_however_low_the_threshold() -> None:
    low = Guesses((shelf("kettles"), shelf("spouts")))
    low._thresholds = (0.0, 0.0)
    assert names(low, "A lane in the rain") == ()
    assert set(low.scores(terms.of("A lane in the rain", "", "en"))) == {"kettles", "spouts"}


def test_one_shelf_alone_does_not_get_everything() -> None:
    tech = Guesses((shelf("tech"),))
    assert names(tech, "Late goal sends Merrow Rovers through to cup final") == ()
    assert names(tech, "Hospital nurses in Merrow report new measles outbreak") == ()
    assert names(tech, "Merrow startup unveils smartphone with open software") == ("tech",)
    learned = taught((shelf("tech"),), tech=("Kettle sings",) * 50)
    # For all it knows every story is like that.
    assert names(learned, "Kettle sings") == ()


def test_a_story_may_stand_on_several_shelves() -> None:
    title = "Hospital shares slump as vaccine patients wait for nurses and investors for profit"
    assert set(names(Guesses(DESKS), title)) == {"business", "health"}


def test_a_wider_shelf_has_the_stories_of_a_desk_that_has_none() -> None:
    title = "Ransomware and phishing attackers breached encrypted passwords"
    assert names(Guesses((shelf("tech"), shelf("health"))), title) == ("tech",)
    assert names(Guesses((shelf("tech"), shelf("security"))), title)[0] == "security"


def test_at_most_three_shelves_are_given() -> None:
    keywords = ("kettle", "spout", "lid", "pot")
    same = tuple(shelf(f"s-{number}", keywords=keywords) for number in range(5))
    guesses = Guesses(same)
    guesses._thresholds = (0.1,) * 5
    assert names(guesses, "Kettle, spout, lid and pot") == ("s-0", "s-1", "s-2")


# ---- learning ------------------------------------------------------------------------------------

LIDS = ("Enamel lid from Merrow", "Enamel spout in blue", "Blue enamel at the fair") * 100
OARS = ("Oak oar from Merrow", "Oak rudder in green", "Green oak at the fair") * 100
HATS = ("Felt brim from Merrow", "Felt feather in red", "Red felt at the fair") * 100
RINGS = ("Amber ring from Merrow", "Amber brooch in pale", "Pale amber at the fair") * 100
STALLS = tuple(map(shelf, ("pots", "boats", "hats", "rings")))
FAIR = taught(STALLS, pots=LIDS, boats=OARS, hats=HATS, rings=RINGS)


def test_what_sources_put_on_a_shelf_tells_where_others_belong() -> None:
    assert names(FAIR, "New blue enamel") == ("pots",)
    assert names(FAIR, "New green oak") == ("boats",)
    assert names(FAIR, "From Merrow at the fair") == ()


def test_the_more_is_learned_the_more_it_counts() -> None:
    packed = terms.of("New blue enamel", "", "en")
    scores = [
        taught(STALLS, pots=LIDS[:n], boats=OARS[:n], hats=HATS[:n]).scores(packed)["pots"]
        for n in (0, 3, 30, 300)
    ]
    assert scores == sorted(set(scores))


def test_stories_on_no_shelf_are_learned_from_too() -> None:
    guesses = taught(STALLS[:3], pots=LIDS, boats=OARS, hats=HATS, none=RINGS)
    assert names(guesses, "New blue enamel") == ("pots",)
    assert names(guesses, "New pale amber") == ()


def test_a_shelf_that_is_not_defined_is_as_none() -> None:
    there = taught(STALLS[:1], pots=LIDS, boats=OARS)
    none = taught(STALLS[:1], pots=LIDS, none=OARS)
    packed = terms.of("New blue enamel oar", "", "en")
    assert there.scores(packed) == none.scores(packed)


def test_a_story_that_stands_on_two_shelves_teaches_both() -> None:
    packed = terms.of("New blue enamel", "", "en")
    guesses = taught(STALLS, hats=HATS, rings=RINGS)
    before = guesses.scores(packed)
    for title in LIDS:
        guesses.learn(terms.of(title, "", "en"), ("pots", "boats", "pots"))
    after = guesses.scores(packed)
    assert after["pots"] == after["boats"] > before["pots"]
    assert after["hats"] < before["hats"]


def test_counts_stay_where_they_are_full() -> None:
    guesses = Guesses(STALLS)
    packed = terms.of("Enamel", "", "en")
    for _ in range(4100):
        guesses.learn(packed, {"pots"})
    assert max(guesses._counts) == 4095


# ---- reasons and scores --------------------------------------------------------------------------


def test_a_reason_shows_the_words_that_told_most_in_the_order_of_the_text() -> None:
    (guess,) = guessed(Guesses(DESKS), "Merrow bank raises interest rates as inflation climbs")
    assert guess.reason == f"{GUESS}: bank, interest, inflation"


def test_a_reason_shows_words_that_were_learned() -> None:
    (guess,) = guessed(FAIR, "Blue enamel at the fair")
    assert guess.reason == f"{GUESS}: blue, enamel"


def test_a_reason_shows_no_words_where_the_text_at_hand_has_none_of_them() -> None:
    bank = "Merrow bank raises interest rates"
    assert guessed(Guesses(DESKS), bank, key="")[0].reason == GUESS
    assert guessed(Guesses(DESKS), bank, key="tea for two")[0].reason == GUESS


def test_a_guess_is_never_certain() -> None:
    words = "bank inflation stocks shareholder dividend bond equity"
    (guess,) = guessed(Guesses(DESKS), words, words)
    assert guess.score == 0.99


def test_a_long_text_says_the_same_again() -> None:
    told = "The bank of Merrow sold shares. "
    walked = " ".join(f"lane{number}" for number in range(50))
    guesses = Guesses(DESKS)
    short = guesses.scores(terms.of(told, "", "en"))["business"]
    assert guesses.scores(terms.of(told, walked, "en"))["business"] < short


# ---- always --------------------------------------------------------------------------------------

WORDS = (
    "bank",
    "hospital",
    "goal",
    "software",
    "kettle",
    "enamel",
    "oak",
    "fair",
    "lane",
    "Merrow",
)
titles = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
lessons = st.lists(
    st.tuples(titles, st.sets(st.sampled_from(["business", "tech", "kettles", "boats", "all"]))),
    max_size=12,
)


def after(examples: list[tuple[str, set[str]]], *defined: Vertical) -> Guesses:
    guesses = Guesses(defined)
    for title, verticals in examples:
        guesses.learn(terms.of(title, "", "en"), verticals)
    return guesses


@given(examples=lessons, title=titles, threshold=st.floats(0, 1))
def test_only_defined_shelves_are_guessed_the_best_first_and_none_below_its_threshold(
    examples: list[tuple[str, set[str]]], title: str, threshold: float
) -> None:
    guesses = after(examples, KETTLES, *DESKS[:2])
    guesses._thresholds = (threshold, 0.5, 0.5)
    found = guessed(guesses, title)
    least = {"kettles": threshold, "business": 0.5, "health": 0.5}
    assert all(least[one.vertical] <= one.score < 1 for one in found)
    assert all(one.reason.startswith(GUESS) for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.vertical for one in found}) == len(found)


@settings(max_examples=40, deadline=None)
@given(examples=lessons, title=titles, data=st.data())
def test_it_does_not_matter_in_which_order_examples_come(
    examples: list[tuple[str, set[str]]], title: str, data: st.DataObject
) -> None:
    others = data.draw(st.permutations(examples))
    packed = terms.of(title, "", "en")
    one, other = after(examples, KETTLES, *DESKS), after(others, KETTLES, *DESKS)
    assert one.scores(packed) == other.scores(packed)


@pytest.mark.parametrize("number", [1, 60])
def test_any_number_of_shelves_can_be_told_apart(number: int) -> None:
    many = tuple(shelf(f"shelf{n}", keywords=(f"word{n}",)) for n in range(number))
    guesses = Guesses(many)
    guesses._thresholds = (0.4,) * number
    for n in range(number):
        assert names(guesses, f"Now word{n} of shelf{n}") == (f"shelf{n}",)
