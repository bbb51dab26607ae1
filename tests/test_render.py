from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import FrameType
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    Other,
    Person,
    Place,
    Selection,
    SourceInfo,
    Story,
    Summary,
    Tombstone,
)
from aggregator.settings import PullSettings, Server, Settings, Site, Vertical
from feeds.document import Contents, FeedDocument, build, subscriptions
from feeds.render import Item, opml
from feeds.render import feed as feed_around
from feeds.render import item as item_of
from tests import judges

BASE = "https://broadsheet.example"
TAXONOMY = f"{BASE}/about#verticals"
NOON = datetime(2026, 2, 13, 12, 0, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[1]

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
OURS = "{urn:broadsheet:1}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
GEORSS = "{http://www.georss.org/georss}"
WFW = "{http://wellformedweb.org/CommentAPI/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

SETTINGS = Settings(
    file=Path("config.toml"),
    site=Site(title="Broadsheet & Söhne", description="What is new.", base_url=BASE),
    server=Server(),
    store_url="sqlite://",
    pull=PullSettings(),
    seeds_folder=Path("seeds"),
    feed_size=50,
    feed_bytes=1_000_000,
    archive_size=100,
    verticals=(
        Vertical(name="science", title="Science"),
        Vertical(name="tech", title="Technology & tools"),
    ),
    sources=(),
)
GAZETTE = SourceInfo(
    id="https://gazette.example/feed",
    title="The Gazette <Co.>",
    updated=NOON,
    feed_url="https://gazette.example/feed;a=1&b=2",
    site_url="https://gazette.example/",
)
HERALD = SourceInfo(
    id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e11",
    title="Wörld Herald",
    updated=NOON,
    feed_url="https://herald.example/rss",
)
SEEDS = SourceInfo(id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e12", title="Seeds", updated=NOON)


def entry(**given: Any) -> Entry:
    usual: dict[str, Any] = {
        "key": "1",
        "id": "https://gazette.example/1",
        "source": GAZETTE,
        "title": "A bridge opens",
        "publication": "The Gazette",
        "link": "https://gazette.example/1",
        "published": NOON,
    }
    return Entry(**(usual | given))


def story(lead: Entry, *also: Entry, hours: int = 1) -> Story:
    return Story(
        id=lead.id,
        page_id="0123456789abcdef0123",
        lead=lead,
        also=also,
        first_seen=NOON,
        updated=NOON + timedelta(hours=hours),
        verticals=("science", "tech"),
    )


def document(*stories: Story) -> FeedDocument:
    selection = Selection(verticals=("science", "tech"))
    contents = Contents(stories=stories, updated=NOON + timedelta(days=1))
    return build(selection, contents, SETTINGS, "urn:x-site:1")


def render(feed: FeedDocument, fmt: str) -> bytes:
    return feed_around(feed, fmt, (Item(item_of(one, fmt)) for one in feed.items))


FULL = story(
    entry(
        content="<p>All of it: <b>dates</b> &amp; names, and more.</p>",
        summary="<p>Short.</p>",
        authors=(
            Person(
                name="Zoë Invented", uri="https://gazette.example/zoe", email="zoe@gazette.example"
            ),
            Person(name="Bob Made-Up"),
        ),
        categories=(
            Category(term="bridges", scheme="https://gazette.example/topics", label="Bridges"),
            Category(term="R&D", scheme="Gazette/Topics"),
            Category(term="tech"),
        ),
        enclosures=(
            Enclosure(
                url="https://gazette.example/1.mp3", type="audio/mpeg", length=7, title="Ear"
            ),
            Enclosure(url="https://gazette.example/1.bin"),
        ),
        language="de",
    ),
    entry(source=HERALD, link="https://herald.example/9", publication="Wörld Herald"),
    hours=1,
)
SUMMARY = story(
    entry(
        id="tag:gazette.example,2026:2",
        link="https://gazette.example/2?a=1&b=2",
        summary="<p>Only a summary.</p>",
    ),
    hours=2,
)
SEED = story(
    entry(
        id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e13",
        source=SEEDS,
        link=None,
        title="日本語の題名 & x <y",
        deep_dive=Summary(kind="generated", by="unknown", paragraphs=("One & two.", "<Three>")),
        authors=(Person(name="Ada Imaginary"),),
    ),
    hours=3,
)
BARE = story(
    entry(
        id="https://gazette.example/4",
        link="https://gazette.example/4",
        title="",
        published=None,
        enclosures=(Enclosure(url="ftp://gazette.example/4"),),
    ),
    hours=4,
)
FILM = Extension(
    name="media:content",
    attributes=(
        ("url", "https://gazette.example/5.mp4"),
        ("fileSize", "900"),
        ("type", "video/mp4"),
        ("duration", "61.5"),
    ),
    children=(
        Extension(
            name="media:description",
            attributes=(("type", "html"),),
            text="<p>It <b>opens</b>.</p>",
        ),
    ),
)
WHOLE = story(
    entry(
        id="https://gazette.example/5",
        link="https://gazette.example/5",
        summary="<p>Short.</p>",
        authors=(
            Person(name="Zoë Invented", avatar="https://gazette.example/zoe.png"),
            Person(name="Bob Made-Up", email="bob@gazette.example"),
        ),
        contributors=(
            Person(name="Eve & Co.", uri="https://gazette.example/eve", email="eve@a.example"),
        ),
        links=(
            Link(
                rel="related",
                href="https://bridges.example/",
                type="text/html",
                hreflang="fr",
                title="Les ponts",
            ),
            Link(rel="via", href="https://links.example/9"),
            Link(rel="license", href="https://licenses.example/by"),
            Link(rel="replies", href="https://gazette.example/5/said.atom", type="application/xml"),
            Link(rel="replies", href="https://gazette.example/5#said", type="text/html"),
            Link(rel="replies", href="https://talk.example/5", type="text/html"),
        ),
        rights="© The Gazette & friends",
        place=Place(kind="box", coordinates=((50.0, -7.25), (51.5, 0.0000004))),
        image="https://gazette.example/5.jpg",
        banner="https://gazette.example/5-wide.jpg",
        enclosures=(
            Enclosure(
                url="https://gazette.example/5.mp3", type="audio/mpeg", length=7, duration=61
            ),
        ),
        extensions=(
            Extension(name="media:group", children=(FILM, Extension(
                name="media:content",
                attributes=(("url", "https://gazette.example/5.png"), ("medium", "image")),
            ))),
            Extension(name="podcast:chapters", attributes=(
                ("url", "https://gazette.example/5.json"), ("type", "application/json"),
            )),
            Extension(name="dc:coverage", text="The ford"),
            Extension(name="dc:source", text="The archive"),
        ),
        source=replace(GAZETTE, rights="© The Gazette"),
    ),
    hours=5,
)  # fmt: skip
RELATED = (
    Other(page_id="00112233445566778899", title="Zwei Brücken & <drei>"),
    Other(page_id="99887766554433221100", title=""),
)
SEVERAL = replace(
    story(
        entry(
            id="https://gazette.example/7",
            link="https://gazette.example/7",
            links=(Link(rel="related", href="https://bridges.example/"),),
        ),
        entry(source=HERALD, link="https://herald.example/7", publication="Wörld Herald"),
        entry(source=HERALD, link="https://herald.example/7", publication="Tribune & Co."),
        entry(source=SEEDS, link=None, publication="Loom"),
        hours=7,
    ),
    related=RELATED,
)
STORIES = (FULL, SUMMARY, SEED, BARE, WHOLE, SEVERAL)


def rss_items(*stories: Story) -> list[ET.Element]:
    return ET.fromstring(render(document(*stories), "rss")).findall("channel/item")


def atom_entries(*stories: Story) -> list[ET.Element]:
    return ET.fromstring(render(document(*stories), "atom")).findall(f"{ATOM}entry")


def json_items(*stories: Story) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(render(document(*stories), "json"))["items"]
    return items


def links(element: ET.Element) -> list[dict[str, str]]:
    return [link.attrib for link in element.findall(f"{ATOM}link")]


# ---- RSS ----------------------------------------------------------------------------------------


def test_the_rss_channel_is_our_page_with_the_feeds_own_address_beside_it() -> None:
    channel = ET.fromstring(render(document(), "rss"))[0]
    assert [(e.tag, e.text) for e in channel] == [
        ("title", "Broadsheet & Söhne: Science, Technology & tools"),
        ("link", f"{BASE}/science_tech"),
        (
            "description",
            "The newest stories of Broadsheet & Söhne: Science, Technology & tools.",
        ),
        (f"{ATOM}link", None),
        ("generator", "Broadsheet"),
        ("language", "en"),
        ("lastBuildDate", "Sat, 14 Feb 2026 12:00:00 GMT"),
    ]
    assert links(channel) == [
        {
            "rel": "self",
            "type": "application/rss+xml",
            "href": f"{BASE}/feeds/science_tech.rss",
        }
    ]


def test_an_rss_item_names_every_author_and_never_gives_an_address_for_one() -> None:
    (item,) = rss_items(FULL)
    assert [e.text for e in item.findall(f"{DC}creator")] == ["Zoë Invented", "Bob Made-Up"]
    assert item.find("author") is None
    assert item.findtext(f"{DC}publisher") == "The Gazette"


def test_an_rss_item_has_its_short_text_before_the_full_one() -> None:
    (item,) = rss_items(FULL)
    tags = [e.tag for e in item]
    assert item.findtext("description") == "<p>Short.</p>"
    assert (item.findtext(f"{CONTENT}encoded") or "").startswith("<p>All of it: <b>dates</b> &amp;")
    assert tags.index("description") < tags.index(f"{CONTENT}encoded")


def test_an_rss_item_with_one_text_has_a_description_alone() -> None:
    for item in rss_items(SUMMARY, SEED):
        assert "Originally published on" in (item.findtext("description") or "")
        assert item.find(f"{CONTENT}encoded") is None


@pytest.mark.parametrize(("one", "permalink"), [(FULL, "true"), (SUMMARY, "false")])
def test_a_guid_is_a_permalink_only_if_it_is_the_link(one: Story, permalink: str) -> None:
    (item,) = rss_items(one)
    guid = item.find("guid")
    assert guid is not None
    assert guid.attrib == {"isPermaLink": permalink}
    assert guid.text == one.id


def test_an_rss_item_has_one_enclosure_and_links_to_the_other_files_and_places() -> None:
    (item,) = rss_items(FULL)
    assert [e.attrib for e in item.findall("enclosure")] == [
        {"url": "https://gazette.example/1.mp3", "length": "7", "type": "audio/mpeg"}
    ]
    assert links(item) == [
        {"rel": "via", "href": "https://herald.example/9", "title": "Wörld Herald"},
        {
            "rel": "enclosure",
            "href": "https://gazette.example/1.bin",
            "type": "application/octet-stream",
        },
    ]


@pytest.mark.parametrize("items", [rss_items, atom_entries])
def test_related_stories_are_links_with_titles_after_all_others(
    items: Callable[[Story], list[ET.Element]],
) -> None:
    (one,) = items(SEVERAL)
    assert [link for link in links(one) if link["rel"] != "alternate"] == [
        {"rel": "via", "href": "https://herald.example/7", "title": "Wörld Herald"},
        {"rel": "related", "href": "https://bridges.example/"},
        {
            "rel": "related",
            "href": f"{BASE}/stories/00112233445566778899",
            "title": "Zwei Brücken & <drei>",
        },
        {"rel": "related", "href": f"{BASE}/stories/99887766554433221100"},
    ]


def test_json_has_related_stories_and_every_source_beside_what_the_publisher_relates() -> None:
    (one,) = json_items(SEVERAL)
    assert one["_related"] == {
        "all": [
            {"url": f"{BASE}/stories/00112233445566778899", "title": "Zwei Brücken & <drei>"},
            {"url": f"{BASE}/stories/99887766554433221100"},
        ]
    }
    assert one["external_url"] == "https://bridges.example/"
    assert one["_atom"] == {"links": [{"rel": "related", "href": "https://bridges.example/"}]}
    assert [each["publication"] for each in one["_sources"]["all"]] == [
        "The Gazette", "Wörld Herald", "Tribune & Co.", "Loom",
    ]  # fmt: skip
    assert "_related" not in json_items(FULL)[0]


def test_every_format_says_in_the_text_who_else_has_the_article() -> None:
    line = (
        '<p>Also at <a href="https://herald.example/7">Wörld Herald</a>, '
        '<a href="https://herald.example/7">Tribune &amp; Co.</a> and Loom.</p>'
        "<p>Originally published on"
    )
    (rss,), (atom,), (json_item,) = rss_items(SEVERAL), atom_entries(SEVERAL), json_items(SEVERAL)
    for text in (
        rss.findtext("description"),
        atom.findtext(f"{ATOM}summary"),
        json_item["content_html"],
    ):
        assert line in (text or "")


def test_an_rss_enclosure_of_unknown_length_has_length_0_and_is_on_the_web() -> None:
    files = (
        Enclosure(url="ftp://gazette.example/1"),
        Enclosure(url="https://gazette.example/2", type="audio/ogg"),
    )
    (item,) = rss_items(story(entry(enclosures=files)))
    assert [e.attrib for e in item.findall("enclosure")] == [
        {"url": "https://gazette.example/2", "length": "0", "type": "audio/ogg"}
    ]
    assert [link["href"] for link in links(item)] == ["ftp://gazette.example/1"]


def test_an_rss_item_names_the_feed_it_is_from_unless_that_is_a_seed() -> None:
    live, seed = rss_items(FULL, SEED)
    source = live.find("source")
    assert source is not None
    assert source.attrib == {"url": "https://gazette.example/feed;a=1&b=2"}
    assert source.text == "The Gazette <Co.>"
    assert seed.find("source") is None


def test_rss_keeps_our_verticals_apart_from_the_publishers_categories() -> None:
    (item,) = rss_items(FULL)
    assert [(e.text, e.get("domain")) for e in item.findall("category")] == [
        ("science", TAXONOMY),
        ("tech", TAXONOMY),
        ("bridges", "https://gazette.example/topics"),
        ("R&D", "Gazette/Topics"),
        ("tech", None),
    ]


def test_rss_writes_dates_for_feed_readers_of_every_age() -> None:
    (item,) = rss_items(FULL)
    assert item.findtext("pubDate") == "Fri, 13 Feb 2026 12:00:00 GMT"
    assert item.findtext(f"{ATOM}updated") == "2026-02-13T13:00:00Z"


def test_plain_text_in_rss_cannot_be_taken_for_html() -> None:
    body = render(document(SEED), "rss")
    assert "<title>日本語の題名 &#x26; x &#x3C;y</title>".encode() in body


def test_rendering_rss_never_switches_the_locale_of_the_process() -> None:
    called: set[str] = set()

    def note(_frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            called.add(arg.__name__)

    feed = document(*STORIES)
    sys.setprofile(note)
    try:
        render(feed, "rss")
    finally:
        sys.setprofile(None)
    assert "append" in called
    assert "setlocale" not in called


def test_rss_says_of_the_whole_what_it_has_a_word_for() -> None:
    (item,) = rss_items(WHOLE)
    assert item.findtext("comments") == "https://gazette.example/5#said"
    assert item.findtext(f"{WFW}commentRss") == "https://gazette.example/5/said.atom"
    assert [e.text for e in item.findall(f"{DC}contributor")] == ["Eve & Co."]
    assert item.findtext(f"{DC}rights") == "© The Gazette & friends"
    assert item.findtext(f"{DC}coverage") == "The ford"
    assert links(item) == [
        {
            "rel": "related",
            "href": "https://bridges.example/",
            "type": "text/html",
            "hreflang": "fr",
            "title": "Les ponts",
        },
        {"rel": "via", "href": "https://links.example/9"},
        {"rel": "license", "href": "https://licenses.example/by"},
        {"rel": "replies", "href": "https://talk.example/5", "type": "text/html"},
        {
            "rel": "enclosure",
            "href": "https://gazette.example/5.mp4",
            "type": "video/mp4",
            "length": "900",
        },
    ]


def test_rss_names_the_language_of_an_item_that_has_one() -> None:
    german, unknown = rss_items(FULL, SUMMARY)
    assert german.findtext(f"{DC}language") == "de"
    assert unknown.find(f"{DC}language") is None


# ---- Atom ---------------------------------------------------------------------------------------


def test_the_atom_feed_says_all_that_rfc_4287_demands() -> None:
    feed = ET.fromstring(render(document(), "atom"))
    assert feed.attrib == {XML_LANG: "en"}
    assert feed.findtext(f"{ATOM}id") == document().id
    assert feed.findtext(f"{ATOM}title") == document().title
    assert feed.findtext(f"{ATOM}subtitle") == document().description
    assert feed.findtext(f"{ATOM}generator") == "Broadsheet"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Broadsheet & Söhne"
    updated = datetime.fromisoformat(feed.findtext(f"{ATOM}updated") or "")
    assert updated == NOON + timedelta(days=1)
    assert links(feed) == [
        {
            "rel": "self",
            "type": "application/atom+xml",
            "href": f"{BASE}/feeds/science_tech.atom",
        },
        {"rel": "alternate", "type": "text/html", "href": f"{BASE}/science_tech"},
    ]


def test_an_atom_entry_names_every_author_and_none_that_the_publisher_did_not() -> None:
    named, anonymous = atom_entries(FULL, SUMMARY)
    people = [{e.tag: e.text for e in author} for author in named.findall(f"{ATOM}author")]
    assert people == [
        {
            f"{ATOM}name": "Zoë Invented",
            f"{ATOM}email": "zoe@gazette.example",
            f"{ATOM}uri": "https://gazette.example/zoe",
        },
        {f"{ATOM}name": "Bob Made-Up"},
    ]
    assert anonymous.find(f"{ATOM}author") is None


def test_an_atom_entry_links_to_the_article_its_other_places_and_its_files() -> None:
    (one,) = atom_entries(FULL)
    assert links(one) == [
        {"rel": "alternate", "href": "https://gazette.example/1"},
        {"rel": "via", "href": "https://herald.example/9", "title": "Wörld Herald"},
        {
            "rel": "enclosure",
            "href": "https://gazette.example/1.mp3",
            "type": "audio/mpeg",
            "length": "7",
            "title": "Ear",
        },
        {
            "rel": "enclosure",
            "href": "https://gazette.example/1.bin",
            "type": "application/octet-stream",
        },
    ]


def test_atom_tells_a_full_text_from_a_mere_summary() -> None:
    full, summary = atom_entries(FULL, SUMMARY)
    assert (full.findtext(f"{ATOM}content") or "").startswith("<p>All of it")
    assert full.findtext(f"{ATOM}summary") == "<p>Short.</p>"
    assert summary.find(f"{ATOM}content") is None
    assert (summary.findtext(f"{ATOM}summary") or "").startswith("<p>Only a summary.</p>")
    for text in (*full.findall(f"{ATOM}content"), *full.findall(f"{ATOM}summary")):
        assert text.get("type") == "html"


def test_an_atom_category_has_a_scheme_only_if_that_is_an_iri() -> None:
    (one,) = atom_entries(FULL)
    assert [e.attrib for e in one.findall(f"{ATOM}category")] == [
        {"term": "science", "scheme": TAXONOMY, "label": "Science"},
        {"term": "tech", "scheme": TAXONOMY, "label": "Technology & tools"},
        {"term": "bridges", "scheme": "https://gazette.example/topics", "label": "Bridges"},
        {"term": "R&D"},
        {"term": "tech"},
    ]


def test_an_atom_entry_names_the_feed_it_is_from_as_far_as_that_is_known() -> None:
    sources = [one.findall(f"{ATOM}source/*") for one in atom_entries(FULL, SEED)]
    assert [[(e.tag, e.text, e.attrib) for e in source] for source in sources] == [
        [
            (f"{ATOM}id", "https://gazette.example/feed", {}),
            (f"{ATOM}title", "The Gazette <Co.>", {}),
            (f"{ATOM}updated", "2026-02-13T12:00:00Z", {}),
            (
                f"{ATOM}link",
                None,
                {"rel": "self", "href": "https://gazette.example/feed;a=1&b=2"},
            ),
            (f"{ATOM}link", None, {"rel": "alternate", "href": "https://gazette.example/"}),
        ],
        [
            (f"{ATOM}id", SEEDS.id, {}),
            (f"{ATOM}title", "Seeds", {}),
            (f"{ATOM}updated", "2026-02-13T12:00:00Z", {}),
        ],
    ]


def test_an_atom_entry_in_another_language_says_so() -> None:
    german, unknown = atom_entries(FULL, SUMMARY)
    assert german.get(XML_LANG) == "de"
    assert XML_LANG not in unknown.attrib


def test_an_atom_entry_says_of_the_whole_what_atom_has_a_word_for() -> None:
    (one,) = atom_entries(WHOLE)
    assert [(e.tag, e.text) for e in one.findall(f"{ATOM}contributor/*")] == [
        (f"{ATOM}name", "Eve & Co."),
        (f"{ATOM}email", "eve@a.example"),
        (f"{ATOM}uri", "https://gazette.example/eve"),
    ]
    assert one.findtext(f"{ATOM}rights") == "© The Gazette & friends"
    assert one.findtext(f"{ATOM}source/{ATOM}rights") == "© The Gazette"
    assert links(one)[1:-2] == [
        {key: said for key, said in {
            "rel": link.rel, "href": link.href, "type": link.type,
            "hreflang": link.hreflang, "title": link.title,
        }.items() if said}
        for link in WHOLE.lead.links
    ]  # fmt: skip


# ---- JSON Feed ----------------------------------------------------------------------------------


def test_the_json_feed_names_itself_and_its_page() -> None:
    feed = json.loads(render(document(), "json"))
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document().title,
        "home_page_url": f"{BASE}/science_tech",
        "feed_url": f"{BASE}/feeds/science_tech.json",
        "description": document().description,
        "language": "en",
        "authors": [{"name": "Broadsheet & Söhne"}],
        "items": [],
    }


def test_a_json_item_tells_what_the_other_formats_tell() -> None:
    (item,) = json_items(FULL)
    assert item.pop("content_html").startswith("<p>All of it")
    assert item == {
        "id": "https://gazette.example/1",
        "url": "https://gazette.example/1",
        "title": "A bridge opens",
        "summary": "Short.",
        "date_published": "2026-02-13T12:00:00Z",
        "date_modified": "2026-02-13T13:00:00Z",
        "authors": [
            {"name": "Zoë Invented", "url": "https://gazette.example/zoe"},
            {"name": "Bob Made-Up"},
        ],
        "tags": ["science", "tech", "bridges", "R&D"],
        "language": "de",
        "attachments": [
            {
                "url": "https://gazette.example/1.mp3",
                "mime_type": "audio/mpeg",
                "title": "Ear",
                "size_in_bytes": 7,
            },
            {
                "url": "https://gazette.example/1.bin",
                "mime_type": "application/octet-stream",
            },
        ],
        "_source": {
            "title": "The Gazette <Co.>",
            "feed_url": "https://gazette.example/feed;a=1&b=2",
            "site_url": "https://gazette.example/",
            "publication": "The Gazette",
        },
        "_sources": {
            "all": [
                {
                    "publication": "The Gazette",
                    "url": "https://gazette.example/1",
                    "feed_url": "https://gazette.example/feed;a=1&b=2",
                },
                {
                    "publication": "Wörld Herald",
                    "url": "https://herald.example/9",
                    "feed_url": "https://herald.example/rss",
                },
            ]
        },
    }


def test_a_json_item_leaves_out_what_it_does_not_know() -> None:
    (item,) = json_items(SUMMARY)
    assert set(item) == {
        "id",
        "url",
        "title",
        "content_html",
        "date_published",
        "date_modified",
        "tags",
        "_source",
    }


def test_a_json_item_says_the_whole_in_its_own_words_and_those_of_other_vocabularies() -> None:
    (item,) = json_items(WHOLE)
    assert item["external_url"] == "https://bridges.example/"
    assert item["image"] == "https://gazette.example/5.jpg"
    assert item["banner_image"] == "https://gazette.example/5-wide.jpg"
    assert item["authors"] == [
        {"name": "Zoë Invented", "avatar": "https://gazette.example/zoe.png"},
        {"name": "Bob Made-Up", "url": "mailto:bob@gazette.example"},
    ]
    assert item["attachments"] == [
        {
            "url": "https://gazette.example/5.mp3",
            "mime_type": "audio/mpeg",
            "size_in_bytes": 7,
            "duration_in_seconds": 61,
        },
        {
            "url": "https://gazette.example/5.mp4",
            "mime_type": "video/mp4",
            "size_in_bytes": 900,
            "duration_in_seconds": 61,
        },
    ]
    assert item["_source"]["rights"] == "© The Gazette"
    assert item["_atom"]["contributors"] == [
        {"name": "Eve & Co.", "url": "https://gazette.example/eve"}
    ]
    assert item["_atom"]["rights"] == "© The Gazette & friends"
    assert [(one["rel"], one["href"]) for one in item["_atom"]["links"]] == [
        (link.rel, link.href) for link in WHOLE.lead.links
    ]


def test_a_json_item_has_other_vocabularies_element_by_element() -> None:
    (item,) = json_items(WHOLE)
    assert item["_media"] == {
        "group": [
            {
                "content": [
                    {
                        "url": "https://gazette.example/5.mp4",
                        "fileSize": "900",
                        "type": "video/mp4",
                        "duration": "61.5",
                        "description": [{"value": "<p>It <b>opens</b>.</p>", "type": "html"}],
                    },
                    {"url": "https://gazette.example/5.png", "medium": "image"},
                ]
            }
        ]
    }
    assert item["_podcast"] == {
        "chapters": [{"url": "https://gazette.example/5.json", "type": "application/json"}]
    }
    assert item["_dc"] == {
        "coverage": [{"value": "The ford"}],
        "source": [{"value": "The archive"}],
    }
    assert set(item["_georss"]) == {"polygon"}
    assert "_itunes" not in item


@pytest.mark.parametrize(
    "told",
    [
        {"url": "https://gazette.example/a.mp3", "type": "audio/mpeg"},  # an enclosure already
        {"url": "https://gazette.example/b"},
        {"type": "video/mp4"},
        {"url": "https://gazette.example/b.png", "type": "image/png"},
        {"url": "https://gazette.example/b.svg", "type": "application/svg", "medium": "image"},
    ],
)
def test_a_media_content_that_is_no_other_sound_or_film_is_no_attachment(
    told: dict[str, str],
) -> None:
    content = Extension(name="media:content", attributes=tuple(told.items()))
    file = Enclosure(url="https://gazette.example/a.mp3", type="audio/mpeg")
    (item,) = json_items(story(entry(enclosures=(file,), extensions=(content,))))
    assert [one["url"] for one in item["attachments"]] == ["https://gazette.example/a.mp3"]


def test_a_media_content_that_says_no_more_is_an_attachment_with_no_more() -> None:
    told = (("url", "https://gazette.example/b.mp4"), ("type", "video/mp4"))
    content = Extension(name="media:content", attributes=told)
    (item,) = json_items(story(entry(extensions=(content, content))))
    assert item["attachments"] == [
        {"url": "https://gazette.example/b.mp4", "mime_type": "video/mp4"}
    ]


# ---- RSS and Atom -------------------------------------------------------------------------------


def xml_items(*stories: Story) -> list[ET.Element]:
    return [*rss_items(*stories), *atom_entries(*stories)]


def contents(element: ET.Element) -> list[dict[str, str]]:
    return [one.attrib for one in element.findall(f"{MEDIA}content")]


def test_extensions_stand_as_they_are_in_their_own_namespaces() -> None:
    for item in xml_items(WHOLE):
        group = item.find(f"{MEDIA}group")
        assert group is not None
        film, picture = group
        assert film.tag == picture.tag == f"{MEDIA}content"
        assert film.attrib == dict(FILM.attributes)
        (description,) = film
        assert (description.tag, description.attrib) == (f"{MEDIA}description", {"type": "html"})
        assert description.text == "<p>It <b>opens</b>.</p>"
        assert picture.attrib == {"url": "https://gazette.example/5.png", "medium": "image"}


def test_a_dublin_core_source_is_not_named_beside_the_source() -> None:
    for item in xml_items(WHOLE):
        assert item.findtext(f"{DC}coverage") == "The ford"
        assert item.find(f"{DC}source") is None


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_every_namespace_is_declared_once_and_under_its_usual_prefix(fmt: str) -> None:
    body = render(document(*STORIES), fmt)
    declared = re.findall(rb'xmlns:(\w+)="([^"]*)"', body)
    assert len(declared) == len({prefix for prefix, _ in declared})
    assert declared == re.findall(rb'xmlns:(\w+)="([^"]*)"', render(document(), fmt))
    assert dict(declared)[b"media"] == MEDIA[1:-1].encode()
    assert b"<media:group><media:content " in body


def test_a_place_is_told_in_degrees_and_a_box_as_its_corners() -> None:
    for item in xml_items(WHOLE):
        assert item.findtext(f"{GEORSS}polygon") == (
            "50.0 -7.25 50.0 0.0000004 51.5 0.0000004 51.5 -7.25 50.0 -7.25"
        )
    point = story(entry(place=Place(kind="point", coordinates=((45.256, -110.45),))))
    for item in xml_items(point):
        assert item.findtext(f"{GEORSS}point") == "45.256 -110.45"


def test_a_picture_that_nothing_else_names_is_one_of_media_rss() -> None:
    pictures = [
        {"url": "https://gazette.example/5.jpg", "medium": "image"},
        {"url": "https://gazette.example/5-wide.jpg", "medium": "image"},
    ]
    length = {"url": "https://gazette.example/5.mp3", "type": "audio/mpeg", "duration": "61"}
    assert [contents(item) for item in xml_items(WHOLE)] == [[*pictures, length]] * 2


@pytest.mark.parametrize(
    "named",
    [
        {"extensions": (Extension(name="media:group", children=(
            Extension(name="media:thumbnail", attributes=(("url", "https://a.example/1.png"),)),
        )),)},
        {"extensions": (
            Extension(name="itunes:image", attributes=(("href", "https://a.example/1.png"),)),
        )},
        {"enclosures": (Enclosure(url="https://a.example/1.png", type="image/png"),)},
    ],
)  # fmt: skip
def test_a_picture_that_something_else_names_is_not_named_again(named: dict[str, Any]) -> None:
    for item in xml_items(story(entry(image="https://a.example/1.png", **named))):
        assert contents(item) == []


@pytest.mark.parametrize(
    "told",
    [
        Extension(name="itunes:duration", text="1:01"),
        Extension(name="media:content", attributes=(("url", "https://a.example/1.mp3"),)),
    ],
)
def test_how_long_a_file_plays_is_not_told_twice(told: Extension) -> None:
    file = Enclosure(url="https://a.example/1.mp3", type="audio/mpeg", duration=61)
    for item in xml_items(story(entry(enclosures=(file,), extensions=(told,)))):
        assert [one for one in contents(item) if "duration" in one] == []


# ---- all formats --------------------------------------------------------------------------------


def test_a_text_made_by_a_machine_is_marked_in_every_format() -> None:
    marks = [*rss_items(SEED), *atom_entries(SEED)]
    for mark in [one.find(f"{OURS}summary") for one in marks]:
        assert mark is not None
        assert mark.attrib == {"kind": "generated", "by": "unknown"}
        assert mark.text == "One & two.\n\n<Three>"
    (item,) = json_items(SEED)
    text = "One & two.\n\n<Three>"
    assert item["_summary"] == {"kind": "generated", "by": "unknown", "text": text}
    assert rss_items(FULL)[0].find(f"{OURS}summary") is None


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
@pytest.mark.parametrize("forbidden", ["\x00", "\x1b", "\ud800", "\ufffe"])
def test_characters_that_xml_forbids_are_taken_out_of_everything(fmt: str, forbidden: str) -> None:
    odd = replace(
        FULL,
        id=f"tag:gazette.example,2026:{forbidden}1",
        lead=replace(
            FULL.lead,
            title=f"A {forbidden}bridge",
            link=f"https://gazette.example/{forbidden}1",
            summary=f"<p>A {forbidden}text.</p>",
            authors=(Person(name=f"Ada{forbidden} Imaginary"),),
            rights=f"All {forbidden}rights.",
            extensions=(Extension(name="itunes:title", text=f"A {forbidden}bridge"),),
            categories=(Category(term=f"R{forbidden}D", scheme=f"x:{forbidden}y"),),
            enclosures=(Enclosure(url=f"https://gazette.example/{forbidden}"),),
        ),
    )
    body = render(document(odd), fmt)
    assert forbidden not in body.decode()
    assert b"tag:gazette.example,2026:1" in body
    if fmt == "json":
        assert "\\u00" not in body.decode()
        json.loads(body)
    else:
        ET.fromstring(body)


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
def test_an_item_has_the_same_bytes_in_every_feed(fmt: str) -> None:
    one = document(*STORIES).items[0]
    contents = Contents(stories=(FULL,), updated=NOON)
    alone = build(Selection(), contents, SETTINGS, "urn:x-site:1").items[0]
    assert item_of(alone, fmt) == item_of(one, fmt)
    assert item_of(one, fmt) in render(document(*STORIES), fmt)


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
def test_a_feed_ends_before_the_story_that_would_make_it_too_long(fmt: str) -> None:
    feed = document(*STORIES)
    items = [Item(item_of(one, fmt), due=False) for one in feed.items]
    three = feed_around(feed, fmt, items[:3])
    assert feed_around(feed, fmt, items, len(three)) == three
    shorter = feed_around(feed, fmt, items, len(three) - 1)
    assert shorter == feed_around(feed, fmt, items[:2])


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
def test_what_no_archive_has_yet_is_in_the_feed_however_long_it_becomes(fmt: str) -> None:
    feed = document(*STORIES)
    first, second, third, *_ = (item_of(one, fmt) for one in feed.items)
    items = [Item(first, due=False), Item(second, due=False), Item(third)]
    whole = feed_around(feed, fmt, items)
    assert feed_around(feed, fmt, items, len(whole)) == whole
    assert feed_around(feed, fmt, items, len(whole) - 1) == feed_around(
        feed, fmt, [Item(first), Item(third)]
    )
    assert feed_around(feed, fmt, [*items[1:], Item(third)], 1).count(third) == 2


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
def test_a_feed_has_its_first_story_however_long(fmt: str) -> None:
    feed = document(*STORIES)
    items = [Item(item_of(one, fmt), due=False) for one in feed.items]
    assert feed_around(feed, fmt, items, 1) == feed_around(feed, fmt, items[:1])


def reads_as_encoded_twice(text: str) -> bool:
    """Whether feedparser takes the text for UTF-8 that was read as Latin-1, and "repairs" it."""
    try:
        return text.encode("latin-1").decode() != text
    except UnicodeError:
        return False


def words(alphabet: st.SearchStrategy[str], longest: int = 40) -> st.SearchStrategy[str]:
    """Plain text as `normalize` makes it: single spaces inside, none around."""
    text = st.text(alphabet, min_size=1, max_size=longest).map(
        lambda given: " ".join(given.split())
    )
    return text.filter(lambda given: given and not reads_as_encoded_twice(given))


# feedparser reads "&" in a title as the beginning of an entity whatever the format says of it, and
# an "@" in a name as an e-mail address.
TITLES = words(st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="&<"))
NAMES = words(st.characters(categories=("L", "M"), include_characters=" .'-"))
TERMS = words(st.characters(categories=("L", "N", "S", "P"), exclude_characters="&<"), longest=12)
ADDRESSES = st.from_regex(
    r"https://gazette\.example/[a-z0-9/._~-]{1,20}(\?[a-z]=[a-z0-9&]{1,9})?", fullmatch=True
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
ENTRIES = st.builds(
    entry,
    id=st.one_of(ADDRESSES, st.uuids().map(lambda uuid: uuid.urn)),
    link=ADDRESSES,
    title=TITLES,
    authors=st.lists(NAMES.map(lambda name: Person(name=name)), unique=True, max_size=3).map(tuple),
    published=MOMENTS,
    categories=st.lists(
        st.builds(Category, term=TERMS, scheme=st.none() | ADDRESSES), unique=True, max_size=3
    ).map(tuple),
)
DOCUMENTS = st.lists(st.builds(story, ENTRIES), max_size=4, unique_by=lambda one: one.id).map(
    lambda stories: document(*stories)
)


def said(date: str) -> datetime:
    """A date as it is written, read by nothing of ours."""
    return datetime.fromisoformat(date) if date[4] == "-" else parsedate_to_datetime(date)


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@settings(max_examples=25, deadline=None)
@given(DOCUMENTS)
def test_what_is_rendered_as_xml_is_what_feedparser_reads(fmt: str, feed: FeedDocument) -> None:
    body = render(feed, fmt)
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo
    assert len(read.entries) == len(feed.items)
    for item, got in zip(feed.items, read.entries, strict=True):
        assert (got.id, got.link, got.title) == (item.id, item.link, item.title)
        assert [person.name for person in got.get("authors", ()) if person] == [
            person.name for person in item.authors
        ]
        assert (said(got.published), said(got.updated)) == (item.published, item.updated)
        assert [(one.term, one.scheme) for one in got.tags] == [
            (one.term, one.scheme) for one in item.verticals + item.categories
        ]


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_what_is_rendered_as_json_is_what_a_reader_reads(feed: FeedDocument) -> None:
    read = json.loads(render(feed, "json"))
    for item, got in zip(feed.items, read["items"], strict=True):
        assert (got["id"], got["url"], got["title"]) == (item.id, item.link, item.title)
        assert [one["name"] for one in got.get("authors", [])] == [one.name for one in item.authors]
        assert datetime.fromisoformat(got["date_published"]) == item.published
        assert datetime.fromisoformat(got["date_modified"]) == item.updated
        terms = ["science", "tech", *(one.term for one in item.categories)]
        assert got["tags"] == list(dict.fromkeys(terms))


def test_stories_stand_in_the_order_in_which_they_are_given() -> None:
    ids = [one.id for one in STORIES]
    assert [item.findtext("guid") for item in rss_items(*STORIES)] == ids
    assert [one.findtext(f"{ATOM}id") for one in atom_entries(*STORIES)] == ids
    assert [item["id"] for item in json_items(*STORIES)] == ids


RENDER_ALL = """
import contextlib, locale, runpy, sys
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
sample = runpy.run_path(sys.argv[1])
for fmt in ("rss", "atom", "json"):
    sys.stdout.buffer.write(sample["render"](sample["document"](*sample["STORIES"]), fmt))
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"},
    ],
)
def test_bytes_do_not_depend_on_the_process(surroundings: dict[str, str]) -> None:
    expected = b"".join(render(document(*STORIES), fmt) for fmt in ("rss", "atom", "json"))
    done = subprocess.run(
        [sys.executable, "-c", RENDER_ALL, __file__],
        env=os.environ | surroundings | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
    )
    assert done.stdout == expected


PODCAST = story(
    entry(
        id="https://gazette.example/6",
        link="https://gazette.example/6",
        enclosures=(Enclosure(url="https://gazette.example/6.mp3", type="audio/mpeg", length=7),),
        extensions=(
            Extension(name="itunes:duration", text="1:01"),
            Extension(name="itunes:explicit", text="false"),
            Extension(name="itunes:image", attributes=(("href", "https://gazette.example/6.png"),)),
        ),
    )
)


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
@pytest.mark.parametrize("stories", [(), STORIES], ids=["empty", "varied"])
def test_the_w3c_validator_finds_no_fault_but_our_own_namespace(
    fmt: str, stories: tuple[Story, ...], tmp_path: Path
) -> None:
    file = tmp_path / f"feed.{fmt}"
    feed = document(*stories)
    file.write_bytes(render(feed, fmt))
    judges.judge(file, base=feed.addresses[fmt])


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_of_a_podcast_the_w3c_validator_misses_only_what_its_own_feed_would_say(
    fmt: str, tmp_path: Path
) -> None:
    file = tmp_path / f"feed.{fmt}"
    feed = document(PODCAST)
    file.write_bytes(render(feed, fmt))
    missed = ("MissingItunesElement", "MissingItunesEmail")
    judges.judge(file, base=feed.addresses[fmt], allowed=missed)


# ---- OPML ---------------------------------------------------------------------------------------


def test_the_subscription_list_has_an_outline_for_each_feed() -> None:
    body = opml("Broadsheet & Söhne", subscriptions(SETTINGS))
    assert body.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    root = ET.fromstring(body)
    assert root.attrib == {"version": "2.0"}
    assert root.findtext("head/title") == "Broadsheet & Söhne"
    outlines = [outline.attrib for outline in root.findall("body/outline")]
    assert len(outlines) == 3
    assert outlines[2] == {
        "type": "rss",
        "text": "Broadsheet & Söhne: Technology & tools",
        "title": "Broadsheet & Söhne: Technology & tools",
        "xmlUrl": f"{BASE}/feeds/tech.atom",
        "htmlUrl": f"{BASE}/tech",
    }


def test_the_w3c_validator_finds_no_fault_with_the_subscription_list(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(opml("Broadsheet", subscriptions(SETTINGS)))
    judges.judge(file)


# ---- archives and tombstones --------------------------------------------------------------------

FH = "{http://purl.org/syndication/history/1.0}"
AT = "{http://purl.org/atompub/tombstones/1.0}"


def archived(fmt: str, **contents: Any) -> bytes:
    tech = Selection(verticals=("tech",))
    feed = build(tech, Contents(updated=NOON, **contents), SETTINGS, "urn:x-site:1")
    return render(feed, fmt)


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_an_archive_is_marked_and_leads_to_what_is_beside_it(fmt: str) -> None:
    root = ET.fromstring(archived(fmt, archive=7, older=3, newer=9, stories=(FULL,)))
    feed = root if fmt == "atom" else root[0]
    assert len(feed.findall(f"{FH}archive")) == 1
    rels = {"self", "current", "prev-archive", "next-archive"}
    links = {
        one.get("rel"): (one.get("href"), one.get("type"))
        for one in feed.findall(f"{ATOM}link")
        if one.get("rel") in rels
    }
    media_type = f"application/{fmt}+xml"
    assert links == {
        "self": (f"{BASE}/feeds/tech/archive/7.{fmt}", media_type),
        "current": (f"{BASE}/feeds/tech.{fmt}", media_type),
        "prev-archive": (f"{BASE}/feeds/tech/archive/3.{fmt}", media_type),
        "next-archive": (f"{BASE}/feeds/tech/archive/9.{fmt}", media_type),
    }
    names = [one.tag for one in feed]
    item = "item" if fmt == "rss" else f"{ATOM}entry"
    assert names.index(item) > names.index(f"{FH}archive"), "before all items (RSSP)"


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_a_feed_is_not_marked_and_leads_to_its_newest_archive(fmt: str) -> None:
    body = archived(fmt, older=3)
    assert b"syndication/history" not in body
    assert f'href="{BASE}/feeds/tech/archive/3.{fmt}"'.encode() in body
    assert b"prev-archive" not in archived(fmt)


def test_a_json_feed_leads_on_under_the_address_of_the_feed() -> None:
    for contents in ({"older": 3}, {"older": 3, "archive": 7}):
        feed = json.loads(archived("json", **contents))
        judges.check_json_feed(archived("json", **contents))
        assert feed["feed_url"] == f"{BASE}/feeds/tech.json"
        assert feed["next_url"] == f"{BASE}/feeds/tech/archive/3.json"
    assert "next_url" not in json.loads(archived("json", archive=0))


def test_a_tombstone_is_told_in_atom_alone() -> None:
    gone = Tombstone(id="urn:x:<&>\x0b", at=NOON)
    root = ET.fromstring(archived("atom", tombstones=(gone,), stories=(FULL,)))
    (told,) = root.findall(f"{AT}deleted-entry")
    assert dict(told.attrib) == {"ref": "urn:x:<&>", "when": "2026-02-13T12:00:00Z"}
    for fmt in ("rss", "json"):
        assert archived(fmt, tombstones=(gone,)) == archived(fmt)
    assert b"tombstones" not in archived("atom")


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@pytest.mark.parametrize(
    "contents", [{"older": 3}, {"archive": 7, "older": 0}, {"archive": 0, "newer": 7}]
)
def test_the_w3c_validator_finds_no_fault_with_feeds_that_have_archives(
    fmt: str, contents: dict[str, Any], tmp_path: Path
) -> None:
    gone = Tombstone(id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e99", at=NOON)
    stories = (FULL,) if contents.get("archive") != 0 else ()
    file = tmp_path / f"feed.{fmt}"
    file.write_bytes(archived(fmt, stories=stories, tombstones=(gone,), **contents))
    own = f"/archive/{contents['archive']}" if "archive" in contents else ""
    judges.judge(file, base=f"{BASE}/feeds/tech{own}.{fmt}")
