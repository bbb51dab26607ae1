from __future__ import annotations

from typing import Any

import pytest

from aggregator import markup
from aggregator.model import Category
from aggregator.settings import Source, Vertical
from aggregator.verticals import Shelves, categories_of, known_as
from aggregator.verticals.defaults import ALIASES, TAGS, desks
from aggregator.verticals.lexicon import HINTS, NEWS, PAGES
from tests.builders import FEED_URL, entry


def shelf(name: str, title: str | None = None, **more: Any) -> Vertical:
    """A vertical as config.toml gives it; its categories are not given unless they are."""
    return Vertical(name=name, title=title or name.capitalize(), **{"categories": None} | more)


def reasons(*defined: Vertical, tags: tuple[str, ...]) -> dict[str, str]:
    categories = tuple(Category(term=term) for term in tags)
    placed = Shelves(defined).place(entry(categories=categories), Source(address=FEED_URL))
    return {assignment.vertical: assignment.reason for assignment in placed.verticals}


@pytest.mark.parametrize(
    ("name", "title", "known"),
    [
        ("tech", "Technology", ("technology",)),
        ("it", "It", ("technology",)),
        ("c-7", "Wirtschaft", ("business",)),
        ("c-7", "Santé", ("health",)),
        ("c-7", "Deportes", ("sports",)),
        ("c-7", "Наука", ("science",)),
        ("business-and-economy", "B & E", ("business",)),
        ("tech", "Science & Technology", ("technology", "science")),
        ("video-games", "Video games", ("games",)),
        ("e-sports", "E-Sports", ("games",)),
        ("kettles", "Kettles and other pots", ()),
        ("eu-politics", "EU politics", ()),
        ("chess", "-", ()),
    ],
)
def test_a_shelf_is_known_by_its_name_or_its_title(
    name: str, title: str, known: tuple[str, ...]
) -> None:
    assert known_as(shelf(name, title)) == known


def test_a_well_known_shelf_takes_the_tags_that_mean_it() -> None:
    assert reasons(shelf("tech"), tags=("Smartphones",)) == {"tech": "category: smartphones"}
    assert reasons(shelf("leisure", "Food"), tags=("Recipes", "Kettles")) == {
        "leisure": "category: recipes"
    }


@pytest.mark.parametrize("tag", ["Food and Drink", "food & drink", "FOOD/DRINK"])
def test_and_is_written_in_several_ways(tag: str) -> None:
    assert set(reasons(shelf("food"), tags=(tag,))) == {"food"}


def test_a_tag_can_mean_several_of_the_shelves() -> None:
    assert set(reasons(shelf("tech"), shelf("science"), tags=("science & technology",))) == {
        "tech",
        "science",
    }


def test_the_operators_categories_replace_the_default_ones() -> None:
    own = shelf("tech", categories=("Widgets",))
    assert categories_of(own) == ("Widgets",)
    assert reasons(own, tags=("smartphones",)) == {}
    assert reasons(own, tags=("widgets",)) == {"tech": "category: Widgets"}


def test_no_categories_are_none_but_the_name() -> None:
    none = shelf("tech", categories=())
    assert reasons(none, tags=("smartphones", "technology")) == {}
    assert reasons(none, tags=("Tech",)) == {"tech": "category: tech"}


def test_a_shelf_that_nobody_knows_has_its_name_alone() -> None:
    assert categories_of(shelf("kettles")) == ()
    assert reasons(shelf("kettles"), tags=("kettles",)) == {"kettles": "category: kettles"}


@pytest.mark.parametrize("tag", ["news", "Top Stories", "breaking news", "latest", "features", ""])
def test_a_tag_that_says_nothing_of_the_desk_stands_for_no_shelf(tag: str) -> None:
    assert reasons(*map(shelf, TAGS), tags=(tag,)) == {}


def test_every_tag_and_alias_is_written_as_it_is_compared() -> None:
    for listed in (*TAGS.values(), *ALIASES.values()):
        for one in listed.split(","):
            assert markup.title_key(one) == one.strip()


def test_an_alias_means_one_shelf() -> None:
    aliases = [one.strip() for listed in ALIASES.values() for one in listed.split(",")]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(ALIASES)


def test_every_well_known_shelf_has_tags_and_telling_words() -> None:
    assert set(ALIASES) == set(TAGS) == {*NEWS, *PAGES}
    assert set(HINTS) <= set(TAGS)
    for words in (*NEWS.values(), *PAGES.values(), *HINTS.values()):
        split = words.split()
        assert len(set(split)) == len(split)
        assert all(markup.title_key(word) == word for word in split)


def test_a_story_of_a_desk_goes_to_the_shelf_that_has_it_or_that_it_is_a_part_of() -> None:
    of = desks([shelf("tech"), shelf("it"), shelf("science")])
    assert of["technology"] == {"tech": False, "it": False}
    assert of["ai"] == {"tech": True, "it": True}
    assert of["space"] == {"science": True}
    assert of["sports"] == {}
    with_its_own = desks([shelf("tech"), shelf("ai")])
    assert with_its_own["ai"] == {"ai": False}
    assert desks([]) == {name: {} for name in TAGS}
