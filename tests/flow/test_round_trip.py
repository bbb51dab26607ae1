"""What we publish is what was given: feeds are read back by ourselves and by others."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import atoma
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup, normalize, parse
from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    ParsedFeed,
    Person,
    Place,
    Selection,
    Story,
)
from aggregator.settings import Source
from feeds import document, render
from feeds.document import FeedDocument
from tests.builders import PUBLISHED, a_story, entry, source_info
from tests.newsroom import settings_for

SETTINGS = settings_for(Path("/"))
OURS = f"{SETTINGS.site.base_url}/about#verticals"
LATER = datetime(2100, 1, 2, tzinfo=UTC)
FORMATS = ("rss", "atom", "json")

ATTRIBUTES = (
    ("url", "https://gazette.example/film.mp4"),
    ("fileSize", "900"),
    ("type", "video/mp4"),
    ("duration", "61"),
)
CAPTION = Extension(
    name="media:description", attributes=(("type", "html"),), text="<p>It <b>whistles</b>.</p>"
)
FILM = Extension(name="media:content", attributes=ATTRIBUTES, children=(CAPTION,))
STILL = Extension(
    name="media:content", attributes=(("url", "https://gazette.example/s.png"), ("medium", "image"))
)
WHOLE = entry(
    content=f"<p>{'It whistles in <b>B flat</b>, they say. ' * 9}</p>",
    summary="<p>It whistles.</p>",
    updated=PUBLISHED,
    authors=(
        Person(name="Ada Inkwell", uri="https://ada.example/", email="ada@gazette.example"),
        Person(name="Bob Steam", avatar="https://bob.example/face.png"),
    ),
    contributors=(Person(name="Eve Spout", uri="https://eve.example/", email="eve@a.example"),),
    categories=(
        Category(term="Kitchens", scheme="https://gazette.example/tags", label="Kitchens"),
    ),
    enclosures=(
        Enclosure(url="https://gazette.example/1.mp3", type="audio/mpeg", length=7, duration=61),
        Enclosure(url="https://gazette.example/2.pdf", type="application/pdf", title="The score"),
    ),
    links=(
        Link(
            rel="related",
            href="https://kettles.example/",
            type="text/html",
            hreflang="fr",
            title="Les bouilloires",
        ),
        Link(rel="via", href="https://links.example/9", type="text/html"),
        Link(rel="license", href="https://licenses.example/by", type="text/html"),
        Link(rel="replies", href="https://gazette.example/said", type="text/html"),
        Link(rel="replies", href="https://gazette.example/said.rss", type="application/rss+xml"),
    ),
    rights="© The Gazette & friends",
    place=Place(kind="line", coordinates=((50.0, -7.25), (51.5, 0.0000004))),
    image="https://gazette.example/kettle.jpg",
    banner="https://gazette.example/wide.jpg",
    extensions=(
        Extension(name="media:group", children=(FILM, STILL)),
        Extension(name="itunes:episode", text="7"),
        Extension(
            name="podcast:chapters",
            attributes=(("url", "https://gazette.example/c.json"), ("type", "application/json")),
        ),
        Extension(name="dc:coverage", text="The ford"),
    ),
    language="de",
    source=source_info(rights="© The Gazette"),
)


ENCLOSED = (
    *WHOLE.enclosures,
    Enclosure(url="https://gazette.example/film.mp4", type="video/mp4", length=900, duration=61),
)


def feed_of(*stories: Story) -> FeedDocument:
    contents = document.Contents(stories=stories, updated=PUBLISHED)
    return document.build(Selection(), contents, SETTINGS, "urn:uuid:site")


def written(feed: FeedDocument, fmt: str) -> bytes:
    return render.feed(feed, fmt, (render.Item(render.item(one, fmt)) for one in feed.items))


def read_back(feed: FeedDocument, fmt: str) -> tuple[Entry, ...]:
    """The feed as one of our own would hold it that pulls it."""
    url = feed.addresses[fmt]
    parsed = parse.read(written(feed, fmt), url)
    assert isinstance(parsed, ParsedFeed)
    return normalize.entries(parsed, Source(address=url), url, LATER)


def whole(fmt: str) -> Entry:
    (found,) = read_back(feed_of(a_story(lead=WHOLE)), fmt)
    return found


def nothing_but(people: tuple[Person, ...], *names: str) -> tuple[Person, ...]:
    """The people with their names and these of their fields alone."""
    return tuple(
        Person(name=one.name, **{name: getattr(one, name) for name in names}) for one in people
    )


# ---- by ourselves -------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_entry_comes_back_with_its_words_and_dates(fmt: str) -> None:
    found = whole(fmt)
    assert (found.id, found.link, found.title) == (WHOLE.id, WHOLE.link, WHOLE.title)
    assert (found.published, found.updated) == (WHOLE.published, WHOLE.updated)
    assert found.language == "de"
    assert found.content
    assert found.content.startswith(WHOLE.content or "-")
    assert markup.text_of(found.summary or "") == "It whistles."


@pytest.mark.parametrize(
    ("fmt", "authors", "contributors"),
    [("rss", (), ()), ("atom", ("uri", "email"), ("uri", "email"))],
)
def test_people_come_back_with_all_that_xml_says_of_them(
    fmt: str, authors: tuple[str, ...], contributors: tuple[str, ...]
) -> None:
    found = whole(fmt)
    assert found.authors == nothing_but(WHOLE.authors, *authors)
    assert found.contributors == nothing_but(WHOLE.contributors, *contributors)


def test_authors_come_back_with_their_faces_from_json() -> None:
    assert whole("json").authors == nothing_but(WHOLE.authors, "uri", "avatar")


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_categories_come_back_under_their_schemes(fmt: str) -> None:
    found = whole(fmt).categories
    labels = ("Kitchens",) if fmt == "atom" else (None,)
    expected = tuple(replace(c, label=x) for c, x in zip(WHOLE.categories, labels, strict=True))
    assert found == expected


@pytest.mark.parametrize("fmt", FORMATS)
def test_files_come_back_with_all_that_was_said_of_them_and_films_of_media_rss_too(
    fmt: str,
) -> None:
    assert whole(fmt).enclosures == ENCLOSED


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_what_stands_beside_an_entry_comes_back(fmt: str) -> None:
    found = whole(fmt)
    assert set(found.links) == set(WHOLE.links)
    assert found.rights == WHOLE.rights
    assert found.place == WHOLE.place
    assert found.image == WHOLE.image
    assert set(WHOLE.extensions) <= set(found.extensions)


def test_pictures_and_the_first_related_page_come_back_from_json() -> None:
    found = whole("json")
    assert (found.image, found.banner) == (WHOLE.image, WHOLE.banner)
    assert found.links == (Link(rel="related", href="https://kettles.example/"),)


def test_the_source_comes_back_whole_from_atom_and_by_name_and_address_from_rss() -> None:
    assert whole("atom").source == WHOLE.source
    source = whole("rss").source
    assert (source.title, source.feed_url) == (WHOLE.source.title, WHOLE.source.feed_url)


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_what_comes_back_can_go_out_and_come_back_again(fmt: str) -> None:
    """Nothing grows or wears off on the way through any number of houses like this one."""
    once = whole(fmt)
    feed = feed_of(a_story(id=once.id, lead=once))
    (twice,) = read_back(feed, fmt)
    assert set(twice.extensions) == set(once.extensions)
    assert (twice.links, twice.enclosures, twice.image) == (once.links, once.enclosures, once.image)


# ---- by others ----------------------------------------------------------------------------------


READ = """
import feedparser, json, sys
body = sys.stdin.buffer.read()
(found,) = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries
json.dump(found, sys.stdout)
"""


def feedparser_sees(fmt: str) -> dict[str, Any]:
    """The entry in the eyes of feedparser as everybody has it: ours is taught in this process."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=written(feed_of(a_story(lead=WHOLE)), fmt),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_feedparser_sees_the_whole(fmt: str) -> None:
    found = feedparser_sees(fmt)
    assert (found["id"], found["link"], found["title"]) == (WHOLE.id, WHOLE.link, WHOLE.title)
    assert [one["name"] for one in found["authors"]] == ["Ada Inkwell", "Bob Steam"]
    assert [one["name"] for one in found["contributors"]] == ["Eve Spout"]
    assert [one["term"] for one in found["tags"]] == ["Kitchens"]
    files = [one["href"] for one in found["links"] if one["rel"] == "enclosure"]
    assert files == [one.url for one in ENCLOSED]
    assert found["rights"] == WHOLE.rights
    place = {"type": "LineString", "coordinates": [[-7.25, 50.0], [0.0000004, 51.5]]}
    assert found["where"] == place
    assert found["source"]["title"] == WHOLE.source.title
    assert found["itunes_episode"] == "7"
    assert [one["url"] for one in found["media_content"]] == [
        "https://gazette.example/kettle.jpg",
        "https://gazette.example/wide.jpg",
        "https://gazette.example/1.mp3",
        "https://gazette.example/film.mp4",
        "https://gazette.example/s.png",
    ]
    hrefs = {(one["rel"], one["href"]) for one in found["links"]}
    assert {(one.rel, one.href) for one in WHOLE.links if one.rel != "replies"} <= hrefs


def test_feedparser_sees_the_comments_in_rss() -> None:
    found = feedparser_sees("rss")
    assert found["comments"] == "https://gazette.example/said"
    assert found["wfw_commentrss"] == "https://gazette.example/said.rss"


def test_atoma_sees_the_whole_of_an_atom_entry() -> None:
    (found,) = atoma.parse_atom_bytes(written(feed_of(a_story(lead=WHOLE)), "atom")).entries
    assert (found.id_, found.title.value) == (WHOLE.id, WHOLE.title)
    assert found.published == WHOLE.published
    assert found.content.value.startswith(WHOLE.content)
    assert found.summary.value == WHOLE.summary
    assert [(one.name, one.uri, one.email) for one in found.authors + found.contributors] == [
        (one.name, one.uri, one.email) for one in WHOLE.authors + WHOLE.contributors
    ]
    assert [(one.term, one.scheme, one.label) for one in found.categories] == [
        (one.term, one.scheme, one.label) for one in WHOLE.categories
    ]
    links = [(one.rel, one.href, one.type_, one.hreflang, one.title) for one in found.links]
    assert links[0][:2] == ("alternate", WHOLE.link)
    assert links[1:] == [
        *((one.rel, one.href, one.type, one.hreflang, one.title) for one in WHOLE.links),
        *(("enclosure", one.url, one.type, None, one.title) for one in ENCLOSED),
    ]
    assert [one.length for one in found.links[-3:]] == [7, None, 900]
    assert found.rights.value == WHOLE.rights
    assert (found.source.id_, found.source.title.value) == (WHOLE.source.id, WHOLE.source.title)
    assert found.source.rights.value == WHOLE.source.rights


def test_atoma_sees_what_rss_itself_has_words_for() -> None:
    (found,) = atoma.parse_rss_bytes(written(feed_of(a_story(lead=WHOLE)), "rss")).items
    assert (found.guid, found.link, found.title) == (WHOLE.id, WHOLE.link, WHOLE.title)
    assert found.pub_date == WHOLE.published
    assert found.description == WHOLE.summary
    assert found.content_encoded.startswith(WHOLE.content)
    assert found.categories == ["Kitchens"]
    assert found.comments == "https://gazette.example/said"
    assert [(one.url, one.type, one.length) for one in found.enclosures] == [
        ("https://gazette.example/1.mp3", "audio/mpeg", 7)
    ]
    assert (found.source.title, found.source.url) == (WHOLE.source.title, WHOLE.source.feed_url)


def test_atoma_sees_the_whole_of_a_json_item() -> None:
    (found,) = atoma.parse_json_feed_bytes(written(feed_of(a_story(lead=WHOLE)), "json")).items
    assert (found.id_, found.url, found.title) == (WHOLE.id, WHOLE.link, WHOLE.title)
    assert found.external_url == "https://kettles.example/"
    assert (found.image, found.banner_image) == (WHOLE.image, WHOLE.banner)
    assert found.date_published == WHOLE.published
    assert found.content_html.startswith(WHOLE.content)
    assert found.summary == "It whistles."
    assert found.tags == ["Kitchens"]
    files = [(one.url, one.mime_type, one.size_in_bytes, one.duration) for one in found.attachments]
    minute = timedelta(seconds=61)
    assert files == [
        ("https://gazette.example/1.mp3", "audio/mpeg", 7, minute),
        ("https://gazette.example/2.pdf", "application/pdf", None, None),
        ("https://gazette.example/film.mp4", "video/mp4", 900, minute),
    ]


def test_what_json_feed_has_no_word_for_is_under_the_name_of_who_has_one() -> None:
    (item,) = json.loads(written(feed_of(a_story(lead=WHOLE)), "json"))["items"]
    assert item["_atom"]["rights"] == WHOLE.rights
    assert item["_georss"] == {"line": [{"value": "50.0 -7.25 51.5 0.0000004"}]}
    assert item["_itunes"] == {"episode": [{"value": "7"}]}
    assert item["_dc"] == {"coverage": [{"value": "The ford"}]}
    assert item["_media"]["group"][0]["content"][0]["description"] == [
        {"type": "html", "value": "<p>It <b>whistles</b>.</p>"}
    ]


# ---- any stories --------------------------------------------------------------------------------


def words(excluded: str, longest: int = 40) -> st.SearchStrategy[str]:
    """Plain text as `normalize` makes it: single spaces inside, none around."""
    alphabet = st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters=excluded)
    text = st.text(alphabet, min_size=1, max_size=longest).map(lambda one: " ".join(one.split()))
    return text.filter(lambda one: one and not reads_as_encoded_twice(one))


def reads_as_encoded_twice(text: str) -> bool:
    """Whether feedparser takes the text for UTF-8 that was read as Latin-1, and "repairs" it."""
    try:
        return text.encode("latin-1").decode() != text
    except UnicodeError:
        return False


# A title of RSS may be HTML or not, and only a guess tells which; a name may hold an address.
PLAIN = words("&<>")
NAMES = words("&<>@()")
HTML = (
    st.lists(st.tuples(st.sampled_from(["p", "b", "blockquote", "li", "pre", "h2"]), words("")))
    .map(lambda parts: "".join(f"<{tag}>{markup.escape(text)}</{tag}>" for tag, text in parts))
    .map(lambda html: markup.safe_html(html, None, str))
)
ADDRESSES = st.from_regex(
    r"https://gazette\.example/[a-z0-9/._~-]{1,20}(\?[a-z]=[a-z0-9&]{1,9})?", fullmatch=True
)
MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
FILES = st.builds(
    Enclosure,
    url=ADDRESSES,
    type=st.sampled_from(["audio/mpeg", "video/mp4", "image/png"]),
    length=st.none() | st.integers(1, 10**12),
)
ENTRIES = st.builds(
    entry,
    id=st.one_of(ADDRESSES, st.uuids().map(lambda uuid: uuid.urn)),
    link=ADDRESSES,
    title=PLAIN,
    content=HTML,
    summary=st.none(),
    authors=st.lists(NAMES, unique=True, min_size=1, max_size=3).map(
        lambda names: tuple(Person(name=name) for name in names)
    ),
    published=MOMENTS,
    categories=st.lists(
        st.builds(Category, term=PLAIN, scheme=st.none() | ADDRESSES),
        unique_by=lambda one: one.term,
        max_size=3,
    ).map(tuple),
    enclosures=st.lists(FILES, unique_by=lambda one: one.url, max_size=3).map(tuple),
)
STORIES = st.lists(
    ENTRIES.map(lambda one: a_story(id=one.id, lead=one, updated=one.published)),
    max_size=4,
    unique_by=(lambda one: one.id, lambda one: one.lead.link, lambda one: one.lead.title),
)


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=25, deadline=None)
@given(STORIES)
def test_any_stories_come_back_as_they_are(fmt: str, stories: list[Story]) -> None:
    feed = feed_of(*stories)
    found = read_back(feed, fmt)
    assert len(found) == len(stories)
    for one, item, lead in zip(found, feed.items, (s.lead for s in stories), strict=True):
        assert (one.id, one.link, one.title) == (lead.id, lead.link, lead.title)
        assert (one.published, one.updated) == (lead.published, lead.published)
        assert one.authors == lead.authors
        # RSS says 0 for a length that nobody knows.
        assert [replace(e, length=e.length or None) for e in one.enclosures] == list(
            lead.enclosures
        )
        assert (one.content or one.summary) == item.content_html
        kept = fmt != "json"
        assert [(c.term, c.scheme) for c in one.categories] == [
            (c.term, c.scheme if kept else None) for c in lead.categories
        ]
