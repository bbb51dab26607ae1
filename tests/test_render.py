from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
    Person,
    Selection,
    SourceInfo,
    Story,
    Summary,
)
from aggregator.settings import PullSettings, Server, Settings, Site, Vertical
from feeds.document import FeedDocument, build, subscriptions
from feeds.render import opml, render

BASE = "https://broadsheet.example"
TAXONOMY = f"{BASE}/about#verticals"
NOON = datetime(2026, 2, 13, 12, 0, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[1]

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
OURS = "{urn:broadsheet:1}"
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
    feed_url="https://gazette.example/feed?a=1&b=2",
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
    return build(selection, stories, SETTINGS, "urn:x-site:1", NOON + timedelta(days=1))


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
STORIES = (FULL, SUMMARY, SEED, BARE)


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
    assert source.attrib == {"url": "https://gazette.example/feed?a=1&b=2"}
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
                {"rel": "self", "href": "https://gazette.example/feed?a=1&b=2"},
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
            "feed_url": "https://gazette.example/feed?a=1&b=2",
            "site_url": "https://gazette.example/",
            "publication": "The Gazette",
        },
        "_sources": [
            {
                "publication": "The Gazette",
                "url": "https://gazette.example/1",
                "feed_url": "https://gazette.example/feed?a=1&b=2",
            },
            {
                "publication": "Wörld Herald",
                "url": "https://herald.example/9",
                "feed_url": "https://herald.example/rss",
            },
        ],
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
            content=f"<p>A {forbidden}text.</p>",
            authors=(Person(name=f"Ada{forbidden} Imaginary"),),
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
        assert got.published_parsed[:6] == item.published.timetuple()[:6]
        assert got.updated_parsed[:6] == item.updated.timetuple()[:6]
        assert [(one.term, one.scheme) for one in got.tags] == [
            *((name, TAXONOMY) for name, _ in item.verticals),
            *((one.term, one.scheme) for one in item.categories),
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


@pytest.fixture(scope="module")
def validator() -> list[str]:
    """The command that judges a feed as the W3C does."""
    tool = REPOSITORY.parent / "shared" / "tools" / "validate_feed.py"
    python = os.environ.get("FEEDVALIDATOR_PYTHON", sys.executable)
    if not os.environ.get("FEEDVALIDATOR_HOME"):
        pytest.skip("FEEDVALIDATOR_HOME names no unpacked w3c/feedvalidator")
    if not tool.exists():
        pytest.skip(f"{tool} is absent")
    if subprocess.run([python, "-c", "import lxml, html5lib, rdflib"], check=False).returncode:
        pytest.skip(f"{python} lacks html5lib and rdflib: FEEDVALIDATOR_PYTHON may name another")
    return [python, str(tool), "--strict", "--allow", "UnknownNamespace"]


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
@pytest.mark.parametrize("stories", [(), STORIES], ids=["empty", "varied"])
def test_the_w3c_validator_finds_no_fault_but_our_own_namespace(
    fmt: str, stories: tuple[Story, ...], validator: list[str], tmp_path: Path
) -> None:
    file = tmp_path / f"feed.{fmt}"
    feed = document(*stories)
    file.write_bytes(render(feed, fmt))
    judged = subprocess.run(
        [*validator, "--base", feed.feed_urls[fmt], str(file)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


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


def test_the_w3c_validator_finds_no_fault_with_the_subscription_list(
    validator: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(opml("Broadsheet", subscriptions(SETTINGS)))
    judged = subprocess.run([*validator, str(file)], capture_output=True, check=False, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr
