"""What a source gave before is cut out of its document, and nothing else is changed by that."""

from __future__ import annotations

import codecs
import json

import pytest

from aggregator import parse
from aggregator.increment import Cut, cut, left_out, memory
from aggregator.model import ParsedFeed

URL = "https://gazette.example/feeds/all"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:other="https://example.org/other"'
)
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
RDF = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def item(slug: str, text: str = "It whistles.", *, guid: str | None = None, link: str = "") -> str:
    link = link or f"https://gazette.example/{slug}"
    guid = f"<guid>{link if guid is None else guid}</guid>" if guid != "" else ""
    return (
        f"<item><title>About {slug}</title><link>{link}</link>{guid}"
        f"<description>{text}</description></item>"
    )


def rss(*items: str, head: str = "", root: str = "", channel: str = "", first: str = "") -> bytes:
    every = "\n  ".join(items)
    return (
        f'{first}<rss version="2.0" {NAMESPACES}{root}>\n <channel{channel}>\n'
        f"  <title>Merrow Gazette</title>{head}\n  {every}\n </channel>\n</rss>\n"
    ).encode()


def atom(*entries: str, head: str = "", root: str = "") -> bytes:
    return f"<feed {ATOM}{root}><title>Gazette</title>{head}{''.join(entries)}</feed>".encode()


def entry(slug: str, text: str = "It whistles.", more: str = "") -> str:
    return (
        f"<entry><id>tag:gazette.example,2026:{slug}</id><title>About {slug}</title>"
        f'<link href="https://gazette.example/{slug}"/>{more}<summary>{text}</summary></entry>'
    )


def rdf(*items: str, head: str = "") -> bytes:
    return (
        f'<rdf:RDF {RDF}><channel rdf:about="https://gazette.example/">'
        f"<title>Gazette</title>{head}</channel>{''.join(items)}</rdf:RDF>"
    ).encode()


def about(slug: str, text: str = "It whistles.") -> str:
    address = f"https://gazette.example/{slug}"
    return (
        f'<item rdf:about="{address}"><title>About {slug}</title><link>{address}</link>'
        f"<description>{text}</description></item>"
    )


def json_feed(*items: object, **head: object) -> bytes:
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Gazette", **head, "items": items}).encode()


def story(number: object, text: str = "It whistles.") -> dict[str, object]:
    address = f"https://gazette.example/{number}"
    return {"id": number, "url": address, "title": f"About {number}", "content_text": text}


def titles(body: bytes | None) -> list[str]:
    """The titles of what is left, by the parser that is to read it."""
    if body is None:
        return []
    read = parse.read(body, URL)
    assert isinstance(read, ParsedFeed)
    return [one.title.value.removeprefix("About ") for one in read.entries if one.title]


def after(before: bytes, now: bytes, content_type: str | None = None) -> Cut:
    """What the document brings to one who was given the other."""
    return cut(now, content_type, cut(before, content_type, None).given)


def brought(before: bytes, now: bytes) -> list[str]:
    return titles(after(before, now).body)


# ---- new, edited, gone --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        rss(item("kettle"), item("lamp")),
        atom(entry("kettle"), entry("lamp")),
        rdf(about("kettle"), about("lamp")),
        json_feed(story("kettle"), story("lamp")),
    ],
)
def test_a_first_pull_brings_the_document_as_it_is(body: bytes) -> None:
    first = cut(body, None, None)
    assert first.body == body
    assert first.items == 2
    assert cut(body, None, first.given) == Cut(body=None, given=first.given, items=2)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (rss(item("kettle")), rss(item("lamp"), item("kettle"))),
        (atom(entry("kettle")), atom(entry("lamp"), entry("kettle"))),
        (rdf(about("kettle")), rdf(about("lamp"), about("kettle"))),
        (json_feed(story("kettle")), json_feed(story("lamp"), story("kettle"))),
    ],
)
def test_only_the_new_item_is_left(before: bytes, now: bytes) -> None:
    assert brought(before, now) == ["lamp"]


def test_all_that_stays_is_byte_for_byte_as_it_came() -> None:
    first = "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<!-- <item> --><?xml-stylesheet x?>\n"
    kettle, lamp = item("kettle"), item("lämp", "<![CDATA[<b>It&nbsp;hums</b> </item>]]>")
    now = rss(kettle, lamp, kettle, first=first)
    assert after(rss(kettle, first=first), now).body == now.replace(kettle.encode(), b"")


def test_an_edited_item_comes_alone() -> None:
    before = rss(item("kettle"), item("lamp"), item("stove"))
    now = rss(item("kettle"), item("lamp", "It hums."), item("stove"))
    assert brought(before, now) == ["lamp"]


def test_items_in_another_order_or_fewer_of_them_bring_nothing() -> None:
    before = rss(item("kettle"), item("lamp"), item("stove"))
    assert after(before, rss(item("stove"), item("kettle"))).body is None


def test_an_item_that_was_gone_and_returns_comes_again() -> None:
    all_of_them = rss(item("kettle"), item("lamp"))
    gone = after(all_of_them, rss(item("lamp")))
    assert titles(cut(all_of_them, None, gone.given).body) == ["kettle"]


def test_an_item_given_twice_to_the_letter_is_no_news() -> None:
    assert after(rss(item("kettle")), rss(item("kettle"), item("kettle"))).body is None


@pytest.mark.parametrize("useless", [b"", b"short", b"8 bytes.", b"\x91\x01"])
def test_to_whom_nothing_was_given_everything_is_new(useless: bytes) -> None:
    body = rss(item("kettle"))
    assert cut(body, None, useless).body == body


def test_everything_is_new_when_what_is_made_of_it_changes() -> None:
    body = rss(item("kettle"))
    known = cut(body, None, None, b"version 1").given
    assert cut(body, None, known, b"version 1").body is None
    assert cut(body, None, known, b"version 2").body == body


def test_a_document_of_megabytes_is_cut_where_its_items_stand() -> None:
    known = [item(f"k{number}", "It whistles. " * 40) for number in range(2500)]
    before, now = rss(*known), rss(*known[:2400], item("lamp"), *known[2400:])
    assert len(now) > 1 << 20
    assert brought(before, now) == ["lamp"]


# ---- what stands outside of items ---------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "<lastBuildDate>Fri, 13 Feb 2026 09:00:00 GMT</lastBuildDate>",
        "<pubDate>Fri, 13 Feb 2026 09:00:00 GMT</pubDate>",
        "<generator>Press 2.1</generator><ttl>60</ttl>",
        "<atom:updated>2026-02-13T09:00:00Z</atom:updated>",
        "<dc:date>2026-02-13T09:00:00Z</dc:date>",
        "<!-- made in 0.31 seconds -->",
        "<image><title>Merrow Gazette</title><url>https://gazette.example/i.png</url></image>",
    ],
)
def test_a_new_date_or_the_like_alone_brings_nothing(head: str) -> None:
    assert after(rss(item("kettle")), rss(item("kettle"), head=head)).body is None


def test_a_new_title_and_new_wishes_come_with_the_next_new_item() -> None:
    before = rss(item("kettle"))
    renamed = rss(item("kettle"), head="<ttl>60</ttl>").replace(b"Merrow", b"Marrow")
    assert after(before, renamed).body is None
    left = after(before, renamed.replace(b"<item>", f"{item('lamp')}<item>".encode())).body
    assert left is not None
    assert b"<title>Marrow Gazette</title><ttl>60</ttl>" in left
    assert titles(left) == ["lamp"]


@pytest.mark.parametrize(
    "changed",
    [
        rss(item("kettle"), head="<managingEditor>a@example.org (Ada)</managingEditor>"),
        rss(item("kettle"), head="<atom:author><atom:name>Ada</atom:name></atom:author>"),
        rss(item("kettle"), head="<dc:creator>Ada</dc:creator>"),
        rss(item("kettle"), head="<itunes:author>Ada</itunes:author>"),
        rss(item("kettle"), head="<image><atom:author>Ada</atom:author></image>"),
        rss(item("kettle"), head="<language>de</language>"),
        rss(item("kettle"), head="<dc:language>de</dc:language>"),
        rss(item("kettle"), head="<atom:id>urn:x-gazette:1</atom:id>"),
        rss(item("kettle"), root=' xml:lang="de"'),
        rss(item("kettle"), root=' xml:base="https://gazette.example/de/"'),
        rss(item("kettle"), root=' xmlns:more="https://example.org/more"'),
        rss(item("kettle"), channel=' xml:lang="de"'),
        rss(item("kettle"), channel=' xmlns:more="https://example.org/more"'),
    ],
)
def test_every_item_is_new_when_what_it_takes_from_the_channel_changes(changed: bytes) -> None:
    assert after(rss(item("kettle")), changed).body == changed
    assert after(changed, rss(item("lamp"), item("kettle"))).body is not None
    assert after(changed, changed).body is None


@pytest.mark.parametrize("said", [{"language": "de"}, {"authors": [{"name": "Ada"}]}])
def test_the_head_of_a_json_feed_counts_as_far_as_items_take_from_it(
    said: dict[str, object],
) -> None:
    before, changed = json_feed(story(1)), json_feed(story(1), **said)
    assert after(before, changed).body == changed
    assert after(before, json_feed(story(1), title="Herald", icon="i.png")).body is None


def test_an_item_stands_in_the_scope_of_what_was_declared_for_it() -> None:
    declared = '<entry xmlns:x="http://search.yahoo.com/mrss/"><x:thumbnail url="/i.png"/>'
    entries = [entry(slug).replace("<entry>", declared) for slug in ("kettle", "lamp")]
    root = ' xml:base="https://gazette.example/a/" xml:lang="fr"'
    left = after(atom(entries[1], root=root), atom(*entries, root=root)).body
    assert left is not None
    read, whole = parse.read(left, URL), parse.read(atom(*entries, root=root), URL)
    assert isinstance(read, ParsedFeed)
    assert isinstance(whole, ParsedFeed)
    assert read.entries == whole.entries[:1]


# ---- items that might be one entry --------------------------------------------------------------

ONE_GUID = item("kettle", guid="1"), item("lamp", guid=" 1 ")
ONE_ADDRESS = (
    item("kettle", guid="1", link="http://www.gazette.example/kettle/?utm_source=a"),
    item("kettle", guid="2", link="https://gazette.example/kettle"),
)
ONE_LINK = (
    item("kettle", guid="", link="https://gazette.example/"),
    item("lamp", guid="", link="https://gazette.example/"),
)
LINK_AND_GUID = (
    "<item><title>About kettle</title><guid>https://gazette.example/k</guid></item>",
    item("kettle", guid="2", link="https://gazette.example/k/"),
)
ROOTED = item("kettle", guid="1", link="/k"), item("k", guid="2", link="//gazette.example/k")
NAMELESS = (
    "<item><title>About kettle</title></item>",
    "<item><title>About kettle</title><description>It hums.</description></item>",
)
WRITTEN = (
    item("kettle", guid="a&amp;b"),
    item("lamp", guid="<![CDATA[a&b]]>"),
)
FEEDBURNERS = (
    item("kettle", guid="1", link="https://f.example/~r/1"),
    item("kettle", guid="2", link="https://f.example/~r/2").replace(
        "<guid>",
        '<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">'
        "https://f.example/~r/1</f:origLink><guid>",
    ),
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ONE_GUID, ONE_ADDRESS, ONE_LINK, LINK_AND_GUID, ROOTED, NAMELESS, WRITTEN, FEEDBURNERS,
    ],
)  # fmt: skip
def test_items_that_might_be_one_entry_come_together_or_not_at_all(first: str, second: str) -> None:
    others = item("stove"), item("table")
    both = rss(first, *others, second)
    assert after(both, both).body is None
    assert after(both, rss(first, second, others[0])).body is None
    for before, now in (
        (rss(first, *others), both),
        (both, rss(second, *others, first)),
        (both, rss(first, *others, second.replace("</item>", "<author>Ada</author></item>"))),
    ):
        left = after(before, now).body
        assert left is not None
        assert left.count(b"<item>") == 2
    gone = after(both, rss(*others, second)).body
    assert gone is not None
    assert second.encode() in gone
    assert gone.count(b"<item>") == 1


def test_items_may_be_one_by_way_of_others() -> None:
    a = item("a", guid="1", link="https://gazette.example/x")
    b = item("b", guid="2", link="https://gazette.example/y")
    bridge = item("c", guid="1", link="https://gazette.example/y")
    assert brought(rss(a, b, item("d")), rss(a, b, item("d"), bridge)) == ["a", "b", "c"]
    assert brought(rss(a, bridge, item("d")), rss(b, a, item("d"), bridge)) == ["b", "a", "c"]


def test_items_with_guids_that_link_to_the_home_page_are_no_entry_together() -> None:
    episodes = [item(str(n), guid=str(n), link="https://pod.example/") for n in range(4)]
    assert brought(rss(*episodes[:3]), rss(*episodes)) == ["3"]


def test_what_is_said_of_another_feed_makes_no_two_items_one() -> None:
    source = (
        "<source><id>https://other.example/</id>"
        '<link href="https://other.example/all"/><title>Other</title></source>'
        '<link rel="replies" href="https://gazette.example/talk"/>'
    )
    known, new = entry("kettle", more=source), entry("lamp", more=source)
    assert brought(atom(known), atom(new, known)) == ["lamp"]
    from_feed = '<source url="https://other.example/feed"/>'
    items = [item(slug, f"x</description>{from_feed}<description>") for slug in ("a", "b")]
    assert brought(rss(items[0]), rss(items[1], items[0])) == ["b"]


def test_what_stands_in_literal_text_is_no_name() -> None:
    text = "<![CDATA[<guid>1</guid><link href=\"x' >]]><!-- <guid>1 --><?x <guid>?>"
    text += "<!---> <guid>1</guid> --><!---->"
    known, new = item("kettle", text), item("lamp", text)
    assert brought(rss(known), rss(new, known)) == ["lamp"]


def test_the_items_of_a_json_feed_are_told_by_id_and_address() -> None:
    known = json_feed(story("1"), story("2"))
    same_id = {**story("1"), "url": "https://gazette.example/x"}
    assert brought(known, json_feed(story("2"), same_id)) == ["1"]
    both = json_feed(story(1), {"id": "1", "title": "About one"}, story("2"))
    assert brought(json_feed(story(1), story("2")), both) == ["1", "one"]
    elsewhere = {"id": "5", "title": "About five", "external_url": "http://gazette.example/2/"}
    assert brought(known, json_feed(story("1"), story("2"), elsewhere)) == ["2", "five"]


def test_the_members_of_a_json_feed_stay_as_they_were_written() -> None:
    odd = b'{"id": 1.50, "title": "\\u00e4", "n": 12345678901234567890123}'
    body = b'{"a": 1e2, "items": [%s, {"id": "2"}, 7, null]}' % odd
    left = after(b'{"a": 1, "items": [{"id": "2"}, 7, null]}', body).body
    assert left is not None
    assert left.replace(b" ", b"") == b'{"a":1e2,"items":[%s]}' % odd.replace(b" ", b"")


# ---- where items stand, and what they are written in --------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        f"<rss {NAMESPACES}><channel/>{item('kettle')}{item('lamp')}</rss>".encode(),
        rss(item("kettle"), item("lamp"), root=' xmlns="http://backend.userland.com/rss2"'),
        rss(item("kettle"), item("lamp"), head="<other:item/><other:a><other:entry/></other:a>"),
        rss(item("kettle", "x</description><other:item>y</other:item><description>"), item("lamp")),
        rdf(about("kettle"), about("lamp"), head='<items><rdf:Seq><rdf:li/></rdf:Seq></items>'),
        rss(item("kettle", "</description><more xmlns=''/><description>"), item("lamp")),
        rdf(head=about("kettle") + about("lamp")),
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{entry("a")}{entry("b")}</feed>'.encode(),
        f"<feed>{entry('a')}{entry('b')}</feed>".encode(),
        f'<a:feed xmlns:a="http://www.w3.org/2005/Atom">{entry("a")}{entry("b")}</a:feed>'
        .replace("<", "<a:").replace("<a:/", "</a:").replace("a:a:", "a:").encode(),
    ],
)  # fmt: skip
def test_items_are_known_wherever_feeds_have_them(body: bytes) -> None:
    first = cut(body, None, None)
    assert first.items == 2
    given = list(memory.read(first.given).items())[:1]
    left = cut(body, None, memory.written(*zip(*given, strict=True))).body
    assert left is not None
    whole, read = parse.read(body, URL), parse.read(left, URL)
    assert isinstance(whole, ParsedFeed)
    assert isinstance(read, ParsedFeed)
    assert len(whole.entries) == 2
    assert read.entries == whole.entries[1:]


@pytest.mark.parametrize("name", ["iso-8859-1", "windows-1251", "koi8-r", "us-ascii", "utf-8"])
@pytest.mark.parametrize("in_header", [True, False])
def test_charsets_of_one_byte_a_character_are_cut(name: str, in_header: bool) -> None:
    word = {"iso-8859-1": "Thé", "us-ascii": "The", "utf-8": "Thé чай"}.get(name, "чай")
    first = "" if in_header else f"<?xml version='1.0' encoding='{name}'?>"
    content_type = f'text/xml; Charset="{name.upper()}"' if in_header else None
    known, new = item("kettle", word), item("lamp", word)
    before, now = (
        rss(*items, first=first).decode().encode(name) for items in ([known], [known, new])
    )
    left = after(before, now, content_type).body
    assert left == now.replace(known.encode(name), b"")
    read = parse.read(left, URL, content_type)
    assert isinstance(read, ParsedFeed)
    assert [one.summary and one.summary.value for one in read.entries] == [word]


LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};">' for a, b in ("ab", "bc", "cd", "de"))
    + "]>"
)
PLAIN = rss(item("kettle"), item("lamp"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"<html><body>404</body></html>", None, id="a page"),
        pytest.param(b"kettle", None, id="text"),
        pytest.param(rss(), None, id="no items"),
        pytest.param(json_feed(), None, id="no JSON items"),
        pytest.param(b'{"items": 7}', None, id="items that are none"),
        pytest.param(b'{"version": 7}', None, id="other JSON"),
        pytest.param(b"[" * 100_000, None, id="deep JSON"),
        pytest.param(b'{"items": [{"id": 1}', None, id="malformed JSON"),
        pytest.param(json_feed({"id": 1, "url": "x.html"}), None, id="relative JSON"),
        pytest.param(PLAIN[:-9], None, id="malformed"),
        pytest.param(PLAIN.replace(b"whistles", b"&nbsp;"), None, id="an HTML reference"),
        pytest.param(PLAIN.replace(b"<title>About", b"<x:a/><title>"), None, id="undeclared"),
        pytest.param(b"\n<?xml version='1.0'?>" + PLAIN, None, id="a late declaration"),
        pytest.param(b"<!DOCTYPE rss>" + PLAIN, None, id="a document type"),
        pytest.param(rss(item("kettle", "&e;"), first=LAUGHS), None, id="a bomb"),
        pytest.param(PLAIN.decode().encode("utf-16"), None, id="UTF-16"),
        pytest.param(PLAIN.decode().encode("utf-16-be"), None, id="unmarked UTF-16"),
        pytest.param(PLAIN.decode().encode("utf-32"), None, id="UTF-32"),
        pytest.param(PLAIN, "text/xml; charset=shift_jis", id="two bytes"),
        pytest.param(PLAIN, "text/xml; charset=utf-7", id="shifting"),
        pytest.param(PLAIN, "text/xml; charset=klingon", id="no charset"),
        pytest.param(b"<?xml encoding='a\0b'?>" + PLAIN, None, id="an unspeakable charset"),
        pytest.param(codecs.BOM_UTF8 + PLAIN, "text/xml; charset=latin-1", id="mark and header"),
        pytest.param(
            b"<?xml version='1.0' encoding='latin-1'?>" + PLAIN,
            "text/xml; charset=utf-8",
            id="declaration and header",
        ),
        pytest.param(rss(item("thé")).decode().encode("latin-1"), None, id="not its charset"),
        pytest.param(
            b"<?xml version='1.0'?>" + PLAIN.replace(b"\n", b"") + b"<?x encoding='koi8-r' ?>",
            None,
            id="a charset at the line's end",
        ),
        pytest.param(rss(f"<item>{item('lamp')}</item>"), None, id="an item in an item"),
        pytest.param(
            rss(f"<item>{item('lamp')}<title>A</title>{item('stove')}</item>", item("a")),
            None,
            id="items in an item",
        ),
        pytest.param(rss(f"<item><Item/>{item('x')[6:]}"), None, id="an item in other letters"),
        pytest.param(rss(item("a", "</description><atom:entry/><description>")), None, id="entry"),
        pytest.param(rss(item("a"), "<atom:entry/>"), None, id="items of two names"),
        pytest.param(rss(f"<image>{item('kettle')}</image>"), None, id="an item elsewhere"),
        pytest.param(rss("</channel><channel>", item("a")), None, id="two channels"),
        pytest.param(rss("<image><channel/></image>", item("a")), None, id="a channel elsewhere"),
        pytest.param(rss("<rss/>", item("a")), None, id="a root within"),
        pytest.param(rss("<item/>", item("a")), None, id="an empty item"),
        pytest.param(b"<channel>" + item("a").encode() + b"</channel>", None, id="another root"),
        pytest.param(
            rdf(about("a")).replace(b' xmlns="http://purl.org/rss/1.0/"', b""),
            None,
            id="RDF that does not say which RSS",
        ),
        pytest.param(
            rss(item("a", '</description><other:x xmlns:other="https://x.example/"/><description>')),
            None,
            id="a prefix for two namespaces",
        ),
        pytest.param(
            rss(item("a", '</description><x:x xmlns:x="https://example.org/other"/><description>')),
            None,
            id="a namespace under two prefixes",
        ),
        pytest.param(rss(item("a"), head="<content:encoded>x</content:encoded>"), None, id="spill"),
        pytest.param(
            atom(entry("a", more='<content><body xmlns="http://www.w3.org/1999/xhtml"/></content>')),
            None,
            id="a page in content",
        ),
        pytest.param(rss(item("a", link="a.html")), None, id="a relative link"),
        pytest.param(rss(item("a", link="/a<!-- -->")), None, id="a comment in a link"),
    ],
)  # fmt: skip
def test_where_items_cannot_be_told_apart_for_sure_the_document_stays_whole(
    body: bytes, content_type: str | None
) -> None:
    whole = Cut(body=body, given=b"")
    assert cut(body, content_type, None) == whole
    assert cut(body, content_type, b"") == whole


# ---- what was left out ---------------------------------------------------------------------------


def test_what_was_left_out_is_known_by_its_address_or_else_its_guid() -> None:
    before = cut(rss(item("a", guid="1"), item("b", guid="2")), None, None).given
    now = cut(rss(item("b", guid="2"), item("c", guid="3")), None, before).given
    names = left_out.names(before, now)
    assert left_out.has(names, "2", None)
    assert left_out.has(names, None, "https://gazette.example/b")
    assert left_out.has(names, "an older one", "https://gazette.example/b")
    assert not left_out.has(names, "2", "https://gazette.example/a"), "another under its guid"
    assert not left_out.has(names, "1", "https://gazette.example/a")
    assert not left_out.has(names, "3", "https://gazette.example/c")
    assert not left_out.has(names, None, "seen-from-here")
    assert not left_out.has(left_out.names(None, now), "2", None)
