"""Documents of every format become what they say, and nothing that anyone may serve is an error."""

from __future__ import annotations

import json
import os
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import (
    Category,
    Enclosure,
    Link,
    ParsedEntry,
    ParsedFeed,
    Person,
    Text,
    Unreadable,
)
from aggregator.parse import read
from aggregator.parse.bounds import MOST_ENTRIES

CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
URL = "https://gazette.example/feeds/all"

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def feed(document: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = document if isinstance(document, bytes) else document.encode()
    found = read(body, URL, content_type)
    assert isinstance(found, ParsedFeed), found
    return found


def entry(document: str | bytes) -> ParsedEntry:
    (only,) = feed(document).entries
    return only


def unreadable(body: str | bytes) -> Unreadable:
    found = read(body if isinstance(body, bytes) else body.encode(), URL)
    assert isinstance(found, Unreadable), found
    return found


def rss(item: str = "", channel: str = "", version: str = "2.0") -> str:
    return (
        f'<rss version="{version}" {DC} {CONTENT}><channel><title>Gazette</title>'
        f"{channel}<item>{item}</item></channel></rss>"
    )


def atom(item: str = "", head: str = "", attributes: str = "") -> str:
    return f"<feed {ATOM} {attributes}><title>Gazette</title>{head}<entry>{item}</entry></feed>"


def text(value: str) -> Text:
    return Text(value=value, html=False)


def html(value: str) -> Text:
    return Text(value=value, html=True)


# ---- formats -------------------------------------------------------------------------------------

ITEM = (
    "<title>Kettle heard</title><link>https://gazette.example/kettle</link>"
    "<description>It whistles.</description>"
)


@pytest.mark.parametrize(
    "document",
    [
        rss(ITEM, version="0.91"),
        rss(ITEM, version="0.92"),
        rss(ITEM, version="2.0"),
        (
            f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/">'
            f"<channel><title>Gazette</title></channel><item>{ITEM}</item></rdf:RDF>"
        ),
        (
            f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x">'
            f"<title>Gazette</title></channel><item>{ITEM}</item></rdf:RDF>"
        ),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Gazette</title><entry>'
            '<title>Kettle heard</title><link rel="alternate" type="text/html"'
            ' href="https://gazette.example/kettle"/><summary type="text/html" mode="escaped">'
            "It whistles.</summary></entry></feed>"
        ),
        atom(
            '<title>Kettle heard</title><link href="https://gazette.example/kettle"/>'
            '<summary type="html">It whistles.</summary>'
        ),
    ],
    ids=["RSS 0.91", "RSS 0.92", "RSS 2.0", "RSS 0.90", "RSS 1.0", "Atom 0.3", "Atom 1.0"],
)
def test_every_dialect_of_rss_and_atom_is_read(document: str) -> None:
    found = feed(document)
    assert found.title == text("Gazette")
    (only,) = found.entries
    assert only.title == text("Kettle heard")
    assert only.link == "https://gazette.example/kettle"
    assert only.summary == html("It whistles.")


def test_a_feed_says_what_it_is() -> None:
    head = (
        '<id>tag:gazette.example,2026:feed</id><updated>2026-02-13T09:00:00Z</updated><link rel="'
        'self" href="https://gazette.example/feed"/><link href="/"/><author><name>The Desk</name>'
        "</author>"
    )
    assert feed(atom(head=head, attributes='xml:lang="en"')) == ParsedFeed(
        title=text("Gazette"),
        id="tag:gazette.example,2026:feed",
        site_url="https://gazette.example/",
        updated="2026-02-13T09:00:00Z",
        language="en",
        authors=(Person(name="The Desk"),),
        base=URL,
        entries=(ParsedEntry(),),
    )


def test_a_channel_says_what_it_is() -> None:
    channel = (
        "<link>https://gazette.example/</link><language>en-gb</language>"
        "<managingEditor>desk@gazette.example (The Desk)</managingEditor>"
        '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="https://gazette.example/f"/>'
        "<lastBuildDate>Fri, 13 Feb 2026 09:00:00 GMT</lastBuildDate>"
        "<pubDate>Thu, 12 Feb 2026 09:00:00 GMT</pubDate>"
    )
    found = feed(rss(channel=channel))
    assert (found.id, found.site_url, found.language) == (None, "https://gazette.example/", "en-gb")
    assert found.authors == (Person(name="The Desk", email="desk@gazette.example"),)
    assert found.updated == "Fri, 13 Feb 2026 09:00:00 GMT"


def test_a_channel_with_a_publication_date_alone_has_that() -> None:
    found = feed(rss(channel="<pubDate>Thu, 12 Feb 2026 09:00:00 GMT</pubDate>"))
    assert found.updated == "Thu, 12 Feb 2026 09:00:00 GMT"


def test_the_self_link_is_not_the_site() -> None:
    assert feed(atom(head=f'<link rel="self" href="{URL}"/><id>urn:x:feed</id>')).site_url is None


@pytest.mark.parametrize(
    "content_type", [None, "text/html", "text/xml", "text/plain; charset=utf-8", "application/json"]
)
@pytest.mark.parametrize("title", ["Gazette", "Grüße"])
def test_a_feed_without_entries_is_a_feed_whatever_it_is_served_as(
    title: str, content_type: str | None
) -> None:
    document = f'<rss version="2.0"><channel><title>{title}</title></channel></rss>'
    assert feed(document, content_type).entries == ()


def test_items_keep_the_order_of_the_document() -> None:
    document = rss("<title>one</title></item><item><title>two</title>")
    assert [e.title for e in feed(document).entries] == [text("one"), text("two")]


# ---- guids and links -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "guid", ["17", "/kettle", "tag:gazette.example,2026:17", "https://gazette.example/a?", "a b"]
)
@pytest.mark.parametrize("attribute", ["", ' isPermaLink="true"', ' isPermaLink="false"'])
def test_a_guid_is_the_string_as_published(guid: str, attribute: str) -> None:
    assert entry(rss(f"<guid{attribute}>\n {guid} </guid>")).guid == guid


def test_an_atom_id_is_never_resolved() -> None:
    assert entry(atom("<id>17</id>", attributes='xml:base="https://gazette.example/"')).guid == "17"


def test_the_rdf_address_of_an_item_is_its_guid() -> None:
    document = (
        f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel><title>x</title></channel>'
        '<item rdf:about="https://gazette.example/kettle"><title>t</title></item></rdf:RDF>'
    )
    assert entry(document).guid == "https://gazette.example/kettle"


KETTLE, PAN = "https://gazette.example/kettle", "https://gazette.example/pan"


@pytest.mark.parametrize(
    ("item", "link"),
    [
        (f"<guid>{KETTLE}</guid>", KETTLE),
        (f"<link>{KETTLE}</link><guid>{PAN}</guid>", KETTLE),
        (f'<guid isPermaLink="false">{KETTLE}</guid>', None),
        (f'<link>{KETTLE}</link><guid isPermaLink="false">17</guid>', KETTLE),
        ("<guid>17</guid>", None),
        (f"<link>{KETTLE}</link>", KETTLE),
    ],
)
def test_a_guid_that_is_a_permalink_makes_a_link_where_there_is_none(
    item: str, link: str | None
) -> None:
    assert entry(rss(item)).link == link


def test_an_atom_id_is_no_link() -> None:
    assert entry(atom(f"<id>{KETTLE}</id>")).link is None


@pytest.mark.parametrize(
    ("links", "link"),
    [
        ('<link href="/kettle"/>', KETTLE),
        ('<link rel="self" href="/self"/><link rel="alternate" href="/kettle"/>', KETTLE),
        ('<link type="application/pdf" href="/pan"/><link href="/kettle"/>', KETTLE),
        ('<link href="/kettle"/><link hreflang="cy" href="/pan"/>', KETTLE),
        ('<link type="application/pdf" href="/pan"/>', PAN),
        ('<link rel="edit" href="/self"/>', None),
        ('<link rel="alternate"/>', None),
    ],
)
def test_an_entrys_link_is_its_first_alternate_and_a_page_before_other_files(
    links: str, link: str | None
) -> None:
    assert entry(atom(f"<id>urn:x:1</id>{links}")).link == link


# ---- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Kettle heard", text("Kettle heard")),
        ("vector&lt;int&gt;", text("vector<int>")),
        ("AT&amp;T", text("AT&T")),
        ("A &lt;b&gt;kettle&lt;/b&gt;", html("A <b>kettle</b>")),
        ("<![CDATA[Pots &amp; pans]]>", html("Pots &amp; pans")),
        ("  ", None),
    ],
)
def test_a_title_of_rss_is_text_unless_it_looks_like_html(written: str, title: Text | None) -> None:
    assert entry(rss(f"<title>{written}</title>")).title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>a &lt;b&gt; c</title>", text("a <b> c")),
        ('<title type="text">a &lt;b&gt; c&lt;/b&gt;</title>', text("a <b> c</b>")),
        ('<title type="html">a &lt;b&gt;c&lt;/b&gt;</title>', html("a <b>c</b>")),
        (
            (
                '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                "a &lt; <b>c</b></div></title>"
            ),
            html("a &lt; <b>c</b>"),
        ),
    ],
)
def test_a_text_of_atom_is_what_its_type_says(written: str, title: Text) -> None:
    assert entry(atom(written)).title == title


@pytest.mark.parametrize("order", [1, -1])
def test_the_full_text_is_content_and_the_description_the_summary(order: int) -> None:
    elements = [
        "<description>It whistles.</description>",
        "<content:encoded><![CDATA[<p>It whistles in B flat.</p>]]></content:encoded>",
    ][::order]
    found = entry(rss("".join(elements)))
    assert found.summary == html("It whistles.")
    assert found.content == html("<p>It whistles in B flat.</p>")


def test_the_full_text_alone_leaves_no_summary() -> None:
    found = entry(rss("<content:encoded>It whistles.</content:encoded>"))
    assert (found.summary, found.content) == (None, html("It whistles."))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<content>a &lt; b</content>", text("a < b")),
        ('<content type="html">&lt;p&gt;It whistles.</content>', html("<p>It whistles.")),
        ('<content type="text/html">&lt;p&gt;It.</content>', html("<p>It.")),
        ('<content type="text/markdown">_It_</content>', text("_It_")),
        (
            (
                '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It</p></div>'
                "</content>"
            ),
            html("<p>It</p>"),
        ),
        ('<content type="image/png">aGVsbG8=</content>', None),
        ('<content type="video/mp4" src="https://gazette.example/kettle.mp4"/>', None),
        ("<content> </content>", None),
        (
            '<content>It.</content><content type="html">&lt;p&gt;It.</content>',
            html("<p>It."),
        ),
    ],
)
def test_content_is_read_by_its_type_and_what_is_no_text_is_none(
    content: str, expected: Text | None
) -> None:
    assert entry(atom(content)).content == expected


# ---- people --------------------------------------------------------------------------------------

ADA = Person(name="Ada Inkwell", email="ada@gazette.example")


@pytest.mark.parametrize(
    ("authors", "people"),
    [
        ("<author>ada@gazette.example (Ada Inkwell)</author>", (ADA,)),
        ("<author>Ada Inkwell &lt;ada@gazette.example&gt;</author>", (ADA,)),
        ("<author>Ada Inkwell (ada@gazette.example)</author>", (ADA,)),
        (
            "<author>ada@gazette.example</author>",
            (Person(name="ada@gazette.example", email="ada@gazette.example"),),
        ),
        ("<author>Ada Inkwell</author>", (Person(name="Ada Inkwell"),)),
        (
            (
                "<dc:creator>Ada Inkwell</dc:creator><dc:creator>Bo Foldaway</dc:creator>"
                "<dc:creator>Ada Inkwell</dc:creator><dc:creator>Cy</dc:creator>"
            ),
            (Person(name="Ada Inkwell"), Person(name="Bo Foldaway"), Person(name="Cy")),
        ),
        (
            "<author>ada@gazette.example (Ada Inkwell)</author><dc:creator>Bo</dc:creator>",
            (ADA, Person(name="Bo")),
        ),
        (
            "<dc:creator>Bo</dc:creator><author>ada@gazette.example (Ada Inkwell)</author>",
            (Person(name="Bo"), ADA),
        ),
        (
            "<author>ada@gazette.example</author><dc:creator>Bo</dc:creator>",
            (
                Person(name="ada@gazette.example", email="ada@gazette.example"),
                Person(name="Bo"),
            ),
        ),
        (
            "<author>ada@gazette.org (Ada Inkwell)</author><dc:creator>Bo</dc:creator>",
            (Person(name="Ada Inkwell", email="ada@gazette.org"), Person(name="Bo")),
        ),
        ("<author> </author>", ()),
    ],
)
def test_all_authors_of_rss_stand_in_order_and_once(
    authors: str, people: tuple[Person, ...]
) -> None:
    assert entry(rss(authors)).authors == people


def person(name: str, more: str = "") -> str:
    return f"<author><name>{name}</name>{more}</author>"


@pytest.mark.parametrize(
    ("item", "people"),
    [
        (
            person("Ada Inkwell", "<email>ada@gazette.example</email>") + person("Bo Foldaway"),
            (ADA, Person(name="Bo Foldaway")),
        ),
        (
            person("Ada", "<email>desk@gazette.org</email>") + person("Bo") + person("Cy"),
            (Person(name="Ada", email="desk@gazette.org"), Person(name="Bo"), Person(name="Cy")),
        ),
        (
            person("Ada", "<uri>/ada</uri>"),
            (Person(name="Ada", uri="https://gazette.example/ada"),),
        ),
        (
            person("bo", "<email>bo@gazette.info</email>"),
            (Person(name="bo", email="bo@gazette.info"),),
        ),
        (
            f"{person('Ada')}<source>{person('Bo')}</source>",
            (Person(name="Ada"),),
        ),
        (f"<source>{person('Bo')}</source>", (Person(name="Bo"),)),
        ("<author/>", ()),
    ],
)
def test_all_authors_of_atom_stand_in_order_the_entrys_before_its_sources(
    item: str, people: tuple[Person, ...]
) -> None:
    assert entry(atom(item)).authors == people


def test_the_feeds_authors_are_not_put_into_its_entries() -> None:
    found = feed(atom(head=person("The Desk")))
    assert found.authors == (Person(name="The Desk"),)
    assert found.entries[0].authors == ()


# ---- dates, categories, enclosures, language -----------------------------------------------------


def test_dates_stay_as_they_are_written() -> None:
    found = entry(atom("<published> 2026年1月1日 </published><updated>Fri, 32 CEST</updated>"))
    assert (found.published, found.updated) == ("2026年1月1日", "Fri, 32 CEST")


@pytest.mark.parametrize(
    ("document", "published", "updated"),
    [
        (rss("<pubDate>Friday</pubDate>"), "Friday", None),
        (rss("<dc:date>2026-02-13</dc:date>"), "2026-02-13", "2026-02-13"),
        (rss("<dc:date>2026</dc:date><pubDate>Friday</pubDate>"), "Friday", "2026"),
        (atom("<updated>2026-02-13</updated>"), None, "2026-02-13"),
        (
            (
                '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><issued>1</issued>'
                "<modified>2</modified><created>0</created></entry></feed>"
            ),
            "1",
            "2",
        ),
        (
            (
                '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><created>0</created>'
                "<modified>2</modified></entry></feed>"
            ),
            "0",
            "2",
        ),
    ],
)
def test_each_format_has_its_own_names_for_the_dates(
    document: str, published: str | None, updated: str | None
) -> None:
    found = entry(document)
    assert (found.published, found.updated) == (published, updated)


def test_categories_have_scheme_and_label_and_stand_once() -> None:
    in_atom = '<category term="noise" scheme="https://gazette.example/c" label="Noise"/>'
    noise = Category(term="noise", scheme="https://gazette.example/c", label="Noise")
    assert entry(atom(f'{in_atom}{in_atom}<category term=" "/>')).categories == (noise,)
    in_rss = '<category domain="https://gazette.example/c">Kitchen/Noise</category>'
    assert entry(rss(f"{in_rss}<dc:subject>Pans</dc:subject>")).categories == (
        Category(term="Kitchen/Noise", scheme="https://gazette.example/c"),
        Category(term="Pans"),
    )


@pytest.mark.parametrize(
    ("length", "expected"),
    [("12", 12), ("0", 0), ("", None), ("12 MB", None), ("-1", None), ("9" * 5000, None)],
)
def test_the_length_of_an_enclosure_is_a_number_of_bytes_or_nothing(
    length: str, expected: int | None
) -> None:
    tape = f'<enclosure url="tape.mp3" type="audio/mpeg" length="{length}"/>'
    assert entry(rss(tape)).enclosures == (
        Enclosure(url="tape.mp3", type="audio/mpeg", length=expected),
    )


def test_enclosures_of_atom_are_links_with_a_title() -> None:
    tape = '<link rel="enclosure" href="tape.mp3" type="audio/mpeg" title="The tape"/>'
    found = entry(atom(f'{tape}{tape}<link rel="enclosure"/>', attributes="xml:base='/a/'"))
    assert found.enclosures == (
        Enclosure(url="https://gazette.example/a/tape.mp3", type="audio/mpeg", title="The tape"),
    )


@pytest.mark.parametrize(
    ("document", "language"),
    [
        (rss("<title>x</title>"), None),
        (rss("<dc:language>cy</dc:language><title>x</title>"), "cy"),
        (atom('<title xml:lang="cy">x</title>'), "cy"),
        (atom("<content>x</content>", attributes='xml:lang="cy"'), "cy"),
    ],
)
def test_an_entry_has_the_language_that_it_or_its_text_declares(
    document: str, language: str | None
) -> None:
    assert entry(document).language == language


def test_the_language_of_the_answer_stands_in_for_that_of_the_feed() -> None:
    found = read(rss().encode(), URL, None, "cy")
    assert isinstance(found, ParsedFeed)
    assert found.language == "cy"


# ---- base ----------------------------------------------------------------------------------------


def test_the_base_of_one_entry_does_not_leak_into_the_next() -> None:
    elsewhere = '<content type="html" xml:base="https://herald.example/b/">x</content>'
    entries = (
        f'<link href="1"/>{elsewhere}</entry>'
        '<entry><link href="2"/><content type="html">x</content>'
    )
    first, second = feed(atom(entries, attributes='xml:base="https://gazette.example/a/"')).entries
    assert (first.link, first.base) == ("https://gazette.example/a/1", "https://herald.example/b/")
    assert (second.link, second.base) == (
        "https://gazette.example/a/2",
        "https://gazette.example/a/",
    )


def test_without_a_base_the_addresses_of_atom_count_from_the_document() -> None:
    found = entry(atom('<link href="kettle"/><summary>x</summary>'))
    assert (found.link, found.base) == ("https://gazette.example/feeds/kettle", URL)


def test_without_a_base_nobody_says_what_the_addresses_of_rss_count_from() -> None:
    found = entry(rss("<link>kettle</link><description>x</description>"))
    assert (found.link, found.base) == ("https://gazette.example/feeds/kettle", None)


def test_a_base_of_another_scheme_is_none() -> None:
    found = entry(atom('<link href="kettle"/>', attributes='xml:base="javascript:x()"'))
    assert found.link == "https://gazette.example/feeds/kettle"


# ---- JSON Feed -----------------------------------------------------------------------------------


def json_feed(*items: object, **head: object) -> str:
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Gazette", "items": items, **head})


def json_entry(**item: object) -> ParsedEntry:
    return entry(json_feed(item))


def test_a_json_feed_is_read_with_all_that_it_says() -> None:
    document = json_feed(
        {
            "id": " kettle ",
            "url": "/kettle",
            "external_url": "https://herald.example/kettle",
            "title": "Kettle <heard>",
            "summary": "It whistles.",
            "content_html": "<p>It whistles in B flat.</p>",
            "content_text": "It whistles in B flat.",
            "date_published": "2026-02-13T09:00:00Z",
            "date_modified": "2026-02-14",
            "authors": [
                {
                    "name": "Ada",
                    "url": "https://ada.example/",
                    "avatar": "https://ada.example/a.png",
                },
                {"name": "Bo"},
            ],
            "image": "/kettle.png",
            "banner_image": "/wide.png",
            "tags": ["noise", "kitchen", "noise"],
            "language": "cy",
            "attachments": [
                {
                    "url": "tape.mp3",
                    "mime_type": "audio/mpeg",
                    "size_in_bytes": 12,
                    "duration_in_seconds": 61.0,
                    "title": "The tape",
                }
            ],
        },
        home_page_url="https://gazette.example/",
        language="en",
        authors=[{"name": "The Desk"}],
    )
    assert feed(document) == ParsedFeed(
        title=text("Gazette"),
        site_url="https://gazette.example/",
        language="en",
        authors=(Person(name="The Desk"),),
        base=URL,
        entries=(
            ParsedEntry(
                guid="kettle",
                link="/kettle",
                title=text("Kettle <heard>"),
                summary=text("It whistles."),
                content=html("<p>It whistles in B flat.</p>"),
                authors=(
                    Person(
                        name="Ada",
                        uri="https://ada.example/",
                        avatar="https://ada.example/a.png",
                    ),
                    Person(name="Bo"),
                ),
                published="2026-02-13T09:00:00Z",
                updated="2026-02-14",
                categories=(Category(term="noise"), Category(term="kitchen")),
                enclosures=(
                    Enclosure(
                        url="tape.mp3", type="audio/mpeg", length=12, title="The tape", duration=61
                    ),
                ),
                links=(Link(rel="related", href="https://herald.example/kettle"),),
                image="/kettle.png",
                banner="/wide.png",
                language="cy",
            ),
        ),
    )


def test_the_one_author_of_version_1_0_is_read() -> None:
    head = {"version": "https://jsonfeed.org/version/1", "author": {"name": "The Desk"}}
    found = feed(json_feed({"id": "1", "author": {"url": "https://ada.example/"}}, **head))
    assert found.authors == (Person(name="The Desk"),)
    assert found.entries[0].authors == (
        Person(name="https://ada.example/", uri="https://ada.example/"),
    )


@pytest.mark.parametrize(
    ("identifier", "guid"),
    [(17, "17"), (1.5, "1.5"), ("17", "17"), (True, None), (None, None), ("", None), ([], None)],
)
def test_a_number_stands_in_for_an_id(identifier: object, guid: str | None) -> None:
    assert json_entry(id=identifier).guid == guid


def test_an_entry_without_a_page_of_its_own_links_to_what_it_is_about() -> None:
    assert json_entry(external_url=PAN).link == PAN


def test_plain_content_stands_in_for_html() -> None:
    assert json_entry(content_html=" ", content_text="a < b").content == text("a < b")


@pytest.mark.parametrize(
    ("size", "length"),
    [(12, 12), (12.0, 12), (-1, None), ("12", None), (True, None), (1e300, None), (10**40, None)],
)
def test_the_size_of_an_attachment_is_a_number_of_bytes_or_nothing(
    size: object, length: int | None
) -> None:
    (tape,) = json_entry(attachments=[{"url": "tape.mp3", "size_in_bytes": size}]).enclosures
    assert tape.length == length


GARBAGE: dict[str, Any] = {
    "title": 17,
    "url": ["x"],
    "summary": {},
    "content_html": None,
    "authors": "Ada",
    "tags": [1, None, " ", {}],
    "attachments": [{"url": 1}, "tape.mp3", {}],
    "date_published": 2026,
    "language": [],
}


def test_members_of_the_wrong_type_are_passed_over() -> None:
    assert json_entry(**GARBAGE) == ParsedEntry()
    found = feed(json_feed(17, None, "x", [], {"id": "1"}, title=[], home_page_url=1, authors=[1]))
    assert (found.title, found.site_url, found.authors) == (None, None, ())
    assert [e.guid for e in found.entries] == ["1"]


@pytest.mark.parametrize("start", ["\ufeff", " \r\n\t", "\ufeff\n"])
def test_json_is_known_by_its_first_character(start: str) -> None:
    assert feed(start + json_feed(), "text/html").title == text("Gazette")


@pytest.mark.parametrize("document", ["{}", '{"items": {}}', "[]", '["items"]'])
def test_other_json_is_no_feed(document: str) -> None:
    reason = "JSON, but no JSON Feed: it has no list of items"
    assert unreadable(document) == Unreadable(reason=reason)


@pytest.mark.parametrize(
    "body", [b"{", b'{"items": [}', b'{"title": "\xff", "items": []}', b"[" * 100_000]
)
def test_malformed_json_is_unreadable(body: bytes) -> None:
    assert unreadable(body).reason.startswith("malformed JSON (")


# ---- what is no feed -----------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b" \r\n\t"])
def test_an_empty_document_is_named(body: bytes) -> None:
    assert unreadable(body).reason.startswith("an empty document")


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><title>Gazette</title><p>Welcome",
        "<html><head></head><body>Welcome</body></html>",
        '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    ],
)
def test_an_html_page_is_named(page: str) -> None:
    assert unreadable(page).reason.startswith("an HTML page and not a feed;")


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n\0\0<", b"Kettle heard", b"\xff\xd8\xff\xe0"])
def test_what_is_neither_xml_nor_json_is_named(body: bytes) -> None:
    assert unreadable(body).reason.startswith("neither XML nor JSON")


@pytest.mark.parametrize("document", ["<opml/>", "\ufeff<svg></svg>", "<kettle>heard</kettle>"])
def test_other_xml_is_named(document: str) -> None:
    reason = "XML, but no feed: it is neither RSS nor Atom"
    assert unreadable(document) == Unreadable(reason=reason)


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>'])
def test_a_document_cut_before_its_first_entry_is_malformed_at_a_line(declaration: str) -> None:
    found = unreadable(f'{declaration}<rss version="2.0">\n<channel>\n<title>Gaz')
    assert found.reason.startswith("malformed, with no entry that can be read (")
    assert found.line == 3


def test_a_document_cut_later_gives_the_entries_before_the_cut() -> None:
    document = rss(f"<title>one</title></item><item>{ITEM}")
    found = feed(document[: document.index("<description>")])
    assert [e.title for e in found.entries] == [text("one"), text("Kettle heard")]


@pytest.mark.parametrize(
    "document",
    [
        rss("<title>Pots & pans</title>"),
        rss("<title>Pots &amp; pans</title><broken>"),
        "\n" + '<?xml version="1.0"?>' + rss("<title>Pots &amp; pans</title>"),
        rss("<title>Pots & pans</title>").removesuffix("</channel></rss>"),
    ],
)
def test_an_ill_formed_document_is_read_as_far_as_it_can_be(document: str) -> None:
    assert entry(document).title == text("Pots & pans")


@pytest.mark.parametrize(
    "document",
    [
        rss("<title>Kettle</title><link>https://gazette.example/1</link>"),
        rss("<title>Kettle</title><guid isPermaLink=true>https://gazette.example/1</guid>"),
        atom("<title>Kettle</title><link href='https://gazette.example/1'/>").replace(ATOM, ""),
    ],
)
def test_elements_under_a_prefix_that_nobody_declared_are_read(document: str) -> None:
    prefixed = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", document).replace(" isPerma", " x:isPerma")
    found = entry(prefixed)
    assert (found.title, found.link) == (text("Kettle"), "https://gazette.example/1")


def test_an_item_that_is_mentioned_is_none() -> None:
    assert unreadable("<x:html><!-- <x:item> <y:item> --><![CDATA[<z:item>]]></x:html>").reason


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><item><textinput><name>x</name></textinput>",
        "<?xml version='1.0' encoding='undefined'?><rss/>",
    ],
)
def test_what_feedparser_chokes_on_is_malformed_beyond_repair(document: str) -> None:
    assert unreadable(document).reason.startswith("malformed beyond repair (")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("&#55357;&#56832;!", "😀!"),
        ("&#xD83D;&#xde00;", "😀"),
        ("&#55357;", "�"),
        ("&#xD800; &", "� &"),
        ("&#55357;&#55000;&#57500;", "�\ud6d8\ue09c"),
    ],
)
def test_characters_written_in_halves_are_whole_again(written: str, read_as: str) -> None:
    assert entry(rss(f"<title>{written}</title>")).title == text(read_as)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("&#x110000;", "\ufffd"),
        ("&#1114112;", "\ufffd"),
        ("&#99999999999;", "\ufffd"),
        ("&#x0000000041;", "A"),
        ("&#x10FFFD;", "\U0010fffd"),
        ("&#x00000000;", None),
    ],
)
@pytest.mark.parametrize("rest", ["", "<p>&nbsp;"])
def test_a_reference_beyond_unicode_costs_a_character_and_not_the_document(
    written: str, read_as: str | None, rest: str
) -> None:
    found = entry(rss(f"<title>Kettle {written}.</title>{rest}"))
    assert found.title is not None
    if read_as:
        assert found.title == text(f"Kettle {read_as}.")


def test_json_with_half_characters_and_line_breaks_in_its_strings_is_read() -> None:
    items = r'[{"id": "1", "title": "a \ud83d b", "content_text": "one' + "\n" + 'two"}]'
    found = read(f'{{"items": {items}}}'.encode(), URL)
    assert isinstance(found, ParsedFeed)
    (item,) = found.entries
    assert (item.title, item.content) == (text("a � b"), text("one\ntwo"))


# ---- entities ------------------------------------------------------------------------------------


@pytest.mark.parametrize("between", ["", "\n"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>'])
def test_an_entity_bomb_goes_off_neither_in_time_nor_in_space(
    declaration: str, between: str
) -> None:
    entities = between.join(
        f"<!ENTITY {name} '{f'&{smaller};' * 10}'>" for smaller, name in pairwise("abcdefghij")
    )
    bomb = f"{declaration}<!DOCTYPE rss [<!ENTITY a '{'ha' * 10}'>{between}{entities}]>"
    began = time.perf_counter()
    found = read((bomb + rss("<title>&j;</title>")).encode(), URL)
    assert time.perf_counter() - began < 10
    assert len(str(found)) < 1000


def test_a_large_entity_used_often_is_not_expanded_either() -> None:
    bomb = f"<!DOCTYPE rss [<!ENTITY a '{'ha' * 20_000}'>]>"
    found = read((bomb + rss(f"<title>{'&a;' * 2000}</title>")).encode(), URL)
    assert len(str(found)) < 1_000_000


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("whistle")
    document = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
    found = entry(document + rss("<title>a &x; b</title>"))
    assert found.title == text("a &x; b")


# ---- encodings -----------------------------------------------------------------------------------

WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig")
TYPES = (None, "text/xml", "text/html", "application/rss+xml; charset=iso-8859-1")


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>'])
@pytest.mark.parametrize("encoding", WIDE)
def test_a_byte_order_mark_goes_before_every_other_word_on_the_encoding(
    encoding: str, declaration: str, content_type: str | None
) -> None:
    body = (declaration + rss("<title>Grüße vom Kessel</title>")).encode(encoding)
    assert feed(body, content_type).entries[0].title == text("Grüße vom Kessel")


@pytest.mark.parametrize("content_type", [None, "text/xml", "text/html", "application/rss+xml"])
def test_without_a_word_on_the_encoding_it_is_utf_8(content_type: str | None) -> None:
    body = rss("<title>Grüße</title>").encode()
    assert feed(body, content_type).entries[0].title == text("Grüße")


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5"])
@pytest.mark.parametrize("declared_in", ["the answer", "the document", "both, and differently"])
def test_a_legacy_encoding_is_read_as_the_answer_or_the_document_declares_it(
    declared_in: str, encoding: str
) -> None:
    in_document = encoding if declared_in == "the document" else "utf-8"
    declaration = f'<?xml version="1.0" encoding="{in_document}"?>'
    if declared_in == "the answer":
        declaration = ""
    content_type = f'text/xml; x=1; Charset="{encoding}"'
    body = (declaration + rss("<title>Чайник</title>")).encode(encoding)
    found = feed(body, None if declared_in == "the document" else content_type)
    assert found.entries[0].title == text("Чайник")


def test_an_encoding_that_is_declared_wrongly_is_found_out() -> None:
    declaration = '<?xml version="1.0" encoding="utf-8"?>'
    title = "Чайник свистит в си-бемоль, говорят три соседа"
    body = (declaration + rss(f"<title>{title}</title>")).encode("windows-1251")
    assert entry(body).title == text(title)


def corpus(folder: str) -> list[Path]:
    found = CORPUS / folder
    return sorted(found.iterdir()) if found.is_dir() else []


def twins() -> list[tuple[Path, Path]]:
    files = [f for f in corpus("encodings") if not f.stem.endswith("utf8twin")]
    return [(f, f.with_stem(f"{f.stem.rpartition('-')[0]}-utf8twin")) for f in files]


@pytest.mark.parametrize("content_type", [None, "text/xml"])
def test_captured_legacy_encodings_read_as_their_twins_in_utf_8(content_type: str | None) -> None:
    if not twins():
        pytest.skip(f"no corpus: {CORPUS} is not there (set FEED_CORPUS)")
    for file, twin in twins():
        found, expected = feed(file.read_bytes(), content_type), feed(twin.read_bytes())
        texts = [(e.title, e.summary) for e in found.entries]
        assert texts == [(e.title, e.summary) for e in expected.entries], file.name


# ---- anything ------------------------------------------------------------------------------------


WHOLE = (
    rss(
        f"<guid>17</guid>{ITEM}<author>ada@gazette.example (Ada)</author><category>c</category>"
        '<enclosure url="u" length="1" type="t"/><dc:date>2026</dc:date><source url="s">S</source>'
        "<content:encoded><![CDATA[<p>x</p>]]></content:encoded>",
        "<image><url>u</url><width>1</width></image><textInput><name>n</name></textInput>",
    ),
    atom(
        f'<id>1</id><title type="html">a</title><link href="1"/>{person("Ada")}<source><id>2</id>'
        '</source><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'
        '</content><category term="t"/>',
        person("Desk"),
        'xml:base="https://gazette.example/" xml:lang="cy"',
    ),
    json_feed({"id": "1", "authors": [{"name": "Ada"}], "attachments": [{"url": "u"}]}),
)
SPLINTERS = (
    "<item>", "</item>", "<entry>", "</channel>", "<source>", "</source>", "<link/>", "<author>",
    "<category>", "</category>", "<title>", "</title>", "<textinput>", "</textinput>", "<name>",
    "<content type='a/b'>", "<svg>", "<![CDATA[", "]]>", "<!--", "<!DOCTYPE x [", "&#xD800;",
    "&#99999999999;", "&nbsp;", "&odd;", "xml:base='//['", "href='http://['", "encoding='utf-7'",
    "mode='base64'", "{", "]", ',"items":[1]', '"\\ud800"', "1e999", "\0", "\xff",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A whole document with splinters driven in, pieces torn out, and perhaps its end."""
    body = draw(st.sampled_from(WHOLE)).encode(draw(st.sampled_from(["utf-8", "utf-16"])))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(body)))
        torn = draw(st.integers(0, 30))
        splinter = draw(st.sampled_from(SPLINTERS).map(str.encode) | st.binary(max_size=3))
        body = body[:at] + splinter + body[at + torn :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


@settings(max_examples=200, deadline=None)
@given(body=damaged() | st.binary(), content_type=st.sampled_from(TYPES))
def test_any_bytes_are_a_feed_or_unreadable_and_never_an_error(
    body: bytes, content_type: str | None
) -> None:
    found = read(body, URL, content_type, "en")
    if isinstance(found, Unreadable):
        assert found.reason
    else:
        assert found.base == URL


# ---- bounds --------------------------------------------------------------------------------------


def many(kind: str, entries: int) -> bytes:
    if kind == "JSON Feed":
        return json.dumps({"items": [{"id": str(n)} for n in range(entries)]}).encode()
    items = (f"<item><guid>{n}</guid></item>" for n in range(entries))
    return f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()


@pytest.mark.parametrize("kind", ["RSS", "JSON Feed"])
def test_of_more_entries_than_are_read_the_first_are_and_the_operator_is_told(kind: str) -> None:
    found = feed(many(kind, MOST_ENTRIES + 3))
    guids = [one.guid for one in found.entries]
    assert guids == list(map(str, range(MOST_ENTRIES)))
    assert [str(problem) for problem in found.problems] == [
        (
            f"{URL}: has more than 10,000 entries, of which those are read that stand first; "
            "look for a feed of the newest entries alone"
        )
    ]


def test_as_many_entries_as_are_read_are_no_problem() -> None:
    found = feed(many("JSON Feed", MOST_ENTRIES))
    assert (len(found.entries), found.problems) == (MOST_ENTRIES, ())


@pytest.mark.parametrize("name", ["close", "through", "skip", "hour", "day", "keep", "detail"])
def test_no_element_is_taken_for_a_handler(name: str) -> None:
    for rest in ("", "<br>&nbsp;"):
        found = feed(rss(f"<title>Kettle</title><{name}>x</{name}><{name} a='1'/>{rest}"))
        assert [one.title for one in found.entries] == [Text(value="Kettle", html=False)]
