"""Of extension elements our feeds repeat what their specifications allow, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import extensions
from aggregator.extensions.vocabularies import RULES
from aggregator.model import Extension

BASE = "https://gazette.example/feeds/all"


def element(name: str, *children: Extension, said: str = "", **attributes: str) -> Extension:
    """An element as `parse` gives it: all names in lower case."""
    return Extension(name=name, attributes=tuple(attributes.items()), text=said, children=children)


def checked(*given: Extension) -> tuple[Extension, ...]:
    return extensions.checked(given, BASE)


def test_names_come_out_in_their_own_spelling_and_addresses_absolute() -> None:
    given = element("media:content", url="/1.mp4", filesize="12", isdefault="TRUE", medium="Video")
    assert checked(given) == (
        element(
            "media:content",
            url="https://gazette.example/1.mp4",
            fileSize="12",
            medium="video",
            isDefault="true",
        ),
    )
    assert checked(element("itunes:episodetype", said="Full")) == (
        element("itunes:episodeType", said="full"),
    )


def test_an_element_that_no_vocabulary_knows_goes() -> None:
    assert checked(element("media:community"), element("itunes:order", said="1")) == ()


def test_an_attribute_that_is_unknown_or_invalid_goes_alone() -> None:
    given = element("media:thumbnail", url="/1.png", width="0", height="tall", onload="x()")
    assert checked(given) == (element("media:thumbnail", url="https://gazette.example/1.png"),)


@pytest.mark.parametrize(
    "given",
    [
        element("media:content", type="image/png"),
        element("media:content", url="javascript:alert(1)"),
        element("media:thumbnail", width="3"),
        element("media:title"),
        element("itunes:image", href="data:image/png;base64,AAAA"),
        element("itunes:explicit", said="perhaps"),
        element("itunes:season", said="first"),
        element("itunes:duration", said="long"),
        element("podcast:transcript", type="text/vtt"),
        element("media:rating", said="pg"),
        element("media:hash", said="12"),
        element("media:hash", said="0" * 40),
        element("media:hash", said="0" * 32, algo="sha-1"),
        element("media:restriction", said="all"),
        element("media:restriction", said="CY", relationship="deny"),
        element("media:restriction", said="all", relationship="deny", type="country"),
        element("media:restriction", relationship="deny", type="country"),
        element("podcast:source", uri="https://a.example/1.mp3"),
    ],
)
def test_an_element_that_says_nothing_valid_goes(given: Extension) -> None:
    assert checked(given) == ()


@pytest.mark.parametrize(
    "given",
    [
        element("media:rating", said="adult"),
        element("media:hash", said="0" * 32),
        element("media:hash", said="0" * 40, algo="sha-1"),
        element("media:restriction", said="all", relationship="allow"),
        element("media:restriction", said="CY IE", relationship="deny", type="country"),
        element("media:credit", said="Ada", role="author"),
        element("media:credit", said="Ada", scheme="https://a.example/roles", role="uploader"),
        element("media:text", said="Hello", type="plain", lang="cy", start="00:00:01"),
        element("media:copyright", said="© Ada", url="https://a.example/"),
        element("itunes:duration", said="1:02:03"),
        element("itunes:duration", said="3723"),
        element("itunes:title", said="Kettle"),
        element("dc:identifier", said="doi:10.1/kettle"),
        element("podcast:person", said="Ada", role="host", href="https://a.example/"),
        element("podcast:location", said="Kitchen", geo="geo:52.5,-4.2"),
        element("podcast:chapters", url="https://a.example/1.json", type="application/json"),
        element(
            "media:content",
            element("media:player", url="https://a.example/player", height="2"),
            type="video/mp4",
        ),
    ],
)
def test_a_valid_element_comes_out_as_it_is(given: Extension) -> None:
    assert checked(given) == (given,)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("yes", "true"), ("Explicit", "true"), ("clean", "false"), ("no", "false"), ("True", "true")],
)
def test_every_way_to_say_explicit_is_true_or_false(said: str, meant: str) -> None:
    assert checked(element("itunes:explicit", said=said))[0].text == meant


def test_a_role_that_the_default_scheme_does_not_know_goes_and_the_name_stays() -> None:
    given = element("media:credit", said="Ada", role="kettle whisperer")
    assert checked(given) == (element("media:credit", said="Ada"),)


def test_plain_texts_lose_their_markup_and_html_ones_what_runs() -> None:
    title = element("media:title", said="vector<int> <b>bold</b>")
    html = element("media:text", said='<p onclick="x()">Hi</p><script>x()</script>', type="html")
    assert checked(title, html) == (
        element("media:title", said="vector<int> bold"),
        element("media:text", said="<p>Hi</p>", type="html"),
    )


def test_a_description_keeps_its_lines() -> None:
    (found,) = checked(element("media:description", said="One.\n\nTwo."))
    assert found.text.splitlines() == ["One.", "Two."]


def test_a_text_beyond_apples_limit_ends_at_a_word() -> None:
    assert checked(element("itunes:subtitle", said="kettle"))[0].text == "kettle"
    (found,) = checked(element("itunes:subtitle", said="kettle " * 60))
    assert found.text == "kettle " * 35 + "kettle…"
    (found,) = checked(element("itunes:subtitle", said="k" * 300))
    assert found.text == "k" * 254 + "…"


def test_of_what_may_stand_once_the_first_stands() -> None:
    given = (element("itunes:season", said="1"), element("itunes:season", said="2"))
    assert checked(*given) == given[:1]


def test_the_same_element_twice_is_one() -> None:
    one = element("media:thumbnail", url="https://a.example/1.png")
    assert checked(one, one) == (one,)


def test_no_entry_has_elements_without_end() -> None:
    def pictures(start: int, count: int) -> list[Extension]:
        each = range(start, start + count)
        return [element("media:thumbnail", url=f"https://a.example/{n}.png") for n in each]

    assert len(checked(*pictures(0, 150))) == 100
    films = [
        element("media:content", *pictures(100 * n, 99), url=f"https://a.example/{n}.mp4")
        for n in range(5)
    ]
    assert checked(*films) == tuple(films[:4])


# ---- groups --------------------------------------------------------------------------------------

FILM = element("media:content", url="https://a.example/1.mp4")
SMALL_FILM = element("media:content", url="https://a.example/1.webm")
PICTURE = element("media:thumbnail", url="https://a.example/1.png")


def test_a_group_of_several_renditions_stays_one() -> None:
    group = element("media:group", FILM, SMALL_FILM, PICTURE)
    assert checked(group) == (group,)


def test_what_is_said_of_a_group_of_one_is_said_of_that_one() -> None:
    own = element("media:title", said="Of its own")
    film = element("media:content", own, url="https://a.example/1.mp4")
    group = element("media:group", film, element("media:title", said="Of the group"), PICTURE)
    assert checked(group) == (
        element("media:content", own, PICTURE, url="https://a.example/1.mp4"),
    )


def test_a_group_of_nothing_leaves_what_is_said_of_it() -> None:
    assert checked(element("media:group", PICTURE)) == (PICTURE,)
    assert checked(element("media:group")) == ()


def test_what_may_stand_once_stands_once_though_a_group_has_it_too() -> None:
    own, grouped = element("media:copyright", said="Ada"), element("media:copyright", said="Bo")
    assert checked(own, element("media:group", grouped)) == (own,)


# ---- what they tell ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "url"),
    [
        ((PICTURE, element("media:content", url="/a", medium="image")), "/a"),
        ((PICTURE, element("media:content", url="/a", type="image/png")), "/a"),
        ((PICTURE, element("media:content", url="/a.webp?x=1")), "/a.webp?x=1"),
        (
            (PICTURE, element("media:content", url="/a.png", type="video/mp4")),
            "https://a.example/1.png",
        ),
        (
            (element("itunes:image", href="/cover"), element("media:group", FILM, PICTURE)),
            "https://a.example/1.png",
        ),
        ((element("itunes:image", href="/cover"), FILM), "/cover"),
        ((element("media:content", medium="image"), PICTURE), "https://a.example/1.png"),
        ((FILM,), None),
        ((), None),
    ],
)
def test_the_picture_of_an_entry_is_a_whole_one_before_a_small_one_before_a_cover(
    elements: tuple[Extension, ...], url: str | None
) -> None:
    assert extensions.picture(elements) == url


@pytest.mark.parametrize(
    ("elements", "plays"),
    [
        ((element("itunes:duration", said="1:02:03"),), 3723),
        ((element("itunes:duration", said="62:03"),), 3723),
        ((element("itunes:duration", said="00:00:09"),), 9),
        ((element("itunes:duration", said="3723"),), 3723),
        (
            (
                element("itunes:duration", said="9"),
                element("media:content", url="/a", duration="7.5"),
            ),
            7,
        ),
        ((element("media:content", url="/b", duration="7"),), None),
        ((element("itunes:duration", said="1:2:3:4"),), None),
        ((), None),
    ],
)
def test_a_file_plays_as_long_as_it_says_or_else_as_the_episode(
    elements: tuple[Extension, ...], plays: int | None
) -> None:
    assert extensions.seconds(elements, "/a") == plays


def film(name: str, **more: str) -> Extension:
    return element("media:content", url=f"https://a.example/{name}", type="video/mp4", **more)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ((film("1"), film("2")), ["1", "2"]),
        ((element("media:group", film("1"), film("2")),), ["1"]),
        ((element("media:group", film("1"), film("2", isDefault="true")), film("3")), ["2", "3"]),
        ((element("media:group", PICTURE),), []),
        ((element("media:content", url="https://a.example/1", type="image/png"),), []),
        ((element("media:content", url="https://a.example/1"),), []),
        ((element("media:content", type="video/mp4"),), []),
    ],
)
def test_each_sound_or_film_is_a_file_to_play_and_a_group_is_one(
    given: tuple[Extension, ...], names: list[str]
) -> None:
    found = [one.url for one in extensions.playable(given)]
    assert found == [f"https://a.example/{name}" for name in names]


def test_a_file_to_play_has_its_size_and_whole_seconds() -> None:
    (found,) = extensions.playable((film("1", fileSize="900", duration="61.5"),))
    assert (found.type, found.length, found.duration) == ("video/mp4", 900, 61)


# ---- anything ------------------------------------------------------------------------------------

WORDS = st.text(max_size=20) | st.sampled_from(
    ["1", "true", "/1.png", "image/png", "plain", "html"]
)
KEYS = sorted({key.lower() for rule in RULES.values() for key in rule.attributes})
NAMES = sorted(name.lower() for name in RULES)


def elements(children: st.SearchStrategy[tuple[Extension, ...]]) -> st.SearchStrategy[Extension]:
    return st.builds(
        Extension,
        name=st.sampled_from(NAMES),
        attributes=st.dictionaries(st.sampled_from(KEYS), WORDS, max_size=4).map(
            lambda found: tuple(found.items())
        ),
        text=WORDS,
        children=children,
    )


ANY = st.lists(elements(st.lists(elements(st.just(())), max_size=3).map(tuple)), max_size=4)


def lower(element: Extension) -> Extension:
    return Extension(
        name=element.name.lower(),
        attributes=tuple((key.lower(), value) for key, value in element.attributes),
        text=element.text,
        children=tuple(map(lower, element.children)),
    )


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_what_was_checked_passes_again_unchanged(given: list[Extension]) -> None:
    once = checked(*given)
    assert checked(*map(lower, once)) == once
