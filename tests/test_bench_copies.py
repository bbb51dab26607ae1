"""The copies and templates that deduplication is measured with are what they are said to be."""

from __future__ import annotations

import itertools
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.bench.copies import CUT_TO, EACH, KINDS, Piece, copied, original, templates

TEXT = (
    "The town clock of Merrow has been heard again after eleven years of silence. Ada Inkwell, who "
    "climbs the tower every morning, found the missing cog in a jar of buttons. It was put back on "
    "Friday with a drop of goose fat and a good deal of hope. At noon the whole market stood still "
    "and counted, and nobody minded that it struck thirteen. The council of the town has asked for "
    "a second jar of buttons, in case."
)
CLOCK = original("clock_1", "Clock of Merrow strikes again", TEXT)


def words_of(piece: Piece) -> list[str]:
    return piece.text.split()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_copy(kind: str) -> None:
    assert copied(kind, CLOCK, 7) == copied(kind, CLOCK, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_another_source_s_and_comes_within_a_day(kind: str) -> None:
    copy = copied(kind, CLOCK)
    assert urlsplit(copy.source).hostname != urlsplit(CLOCK.source).hostname
    assert copy.name != CLOCK.name
    assert 0 < CLOCK.hours - copy.hours < 24


@pytest.mark.parametrize("seed", range(20))
def test_another_address_leads_to_the_same_page_under_a_longer_title(seed: int) -> None:
    copy = copied("address", CLOCK, seed)
    assert copy.link != CLOCK.link
    assert CLOCK.link.removeprefix("https://") in copy.link
    assert copy.title.startswith(CLOCK.title)
    assert copy.title.endswith(CLOCK.publication)
    assert copy.text == CLOCK.text


def test_an_excerpt_is_cut_between_words_and_says_where_the_post_appeared() -> None:
    excerpt, end = copied("cut", CLOCK).text.split("\n\n")
    shown = excerpt.removesuffix(" […]")
    assert len(shown) <= CUT_TO
    assert TEXT.startswith(f"{shown} ")
    assert end == f"The post {CLOCK.title} appeared first on {CLOCK.publication}."


def test_a_short_text_is_whole_in_its_excerpt() -> None:
    short = replace(CLOCK, text="It struck thirteen.")
    assert copied("cut", short).text.startswith("It struck thirteen. […]")


@pytest.mark.parametrize("seed", range(20))
def test_a_wire_copy_loses_its_tail_and_some_words(seed: int) -> None:
    copy = copied("wire", CLOCK, seed)
    dateline, _, text = copy.text.partition(" (Wire) - ")
    assert dateline.isupper()
    left = len(text.split()) / len(TEXT.split())
    assert 0.36 < left < 0.7
    rest = iter(TEXT.split())
    assert all(word in rest for word in text.split())  # in their order
    assert copy.title != CLOCK.title


@pytest.mark.parametrize("seed", range(20))
def test_the_text_under_a_new_headline_is_whole(seed: int) -> None:
    copy = copied("retitled", CLOCK, seed)
    assert copy.title != CLOCK.title
    assert copy.text.startswith(f"{TEXT} (Reporting by ")


def test_templates_are_many_and_no_two_alike() -> None:
    kinds = templates()
    assert len(kinds) >= 10
    assert {len(pieces) for pieces in kinds.values()} == {EACH}
    every = list(itertools.chain(*kinds.values()))
    assert len({piece.text for piece in every}) == len(every)
    assert len({piece.link for piece in every}) == len(every)
    assert not any("{" in piece.title + piece.text for piece in every)


def test_templates_are_the_same_again_and_others_by_another_seed() -> None:
    assert templates(3) == templates(3)
    assert templates(3) != templates(4)


def test_updates_begin_alike_and_go_on_with_other_numbers() -> None:
    first, second = templates()["update"][:2]
    assert first.source == second.source
    assert words_of(first)[:8] == words_of(second)[:8]
    assert first.title != second.title
    assert words_of(first)[-8:] != words_of(second)[-8:]


def test_different_desks_tell_of_one_event_in_other_words() -> None:
    first, second, third = templates()["desk"][:3]
    assert len({first.source, second.source, third.source}) == 3
    assert len(set(words_of(first)) & set(words_of(second))) < len(set(words_of(first))) / 2
