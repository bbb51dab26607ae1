"""feedparser gives in shorter time what it gives everybody, to the letter."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import feedparser
import pytest

from aggregator.parse import xml_feed

CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
URL = "https://gazette.example/feeds/all"
OURS = (b"media:", b"itunes:", b"podcast:", b"mrss")  # elements that `recording` keeps for itself
LARGEST = 50_000

RSS = """
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:foo="https://foo.example/ns"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:atom="http://www.w3.org/2005/Atom" xmlns:link="http://www.w3.org/1999/xlink">
<channel xml:lang="en_GB" xml:base="https://gazette.example/sub/"><title>A &amp;amp; B</title>
<link>/?a=1&amp;b=2</link><description>about &lt;b&gt;it&lt;/b&gt;</description>
<managingEditor>ada@gazette.example (Ada)</managingEditor><ttl>60</ttl>
<image><url>/i.png</url><title>I</title><width>10</width><height>x</height></image>
<textInput><title>T</title><name>n</name><link>/s</link></textInput>
<atom:link rel="self" href="feed"/><generator url="/g">g</generator><docs>docs/x</docs>
<item><title>One &lt;i&gt;x&lt;/i&gt; \x96 &#128;</title><link>  /1?a=1&amp;copy;=2 </link>
<guid isPermaLink="false">urn:x:1</guid><description>plain &lt; less</description>
<content:encoded><![CDATA[<p>Hello <a href="/x">y</a><br/>&nbsp;</p>]]></content:encoded>
<pubDate>Fri, 13 Feb 2026 00:00:00 GMT</pubDate><dc:creator>Ann</dc:creator>
<dc:creator>Bob</dc:creator><author>x@y.example (Xe)</author><category>c1</category>
<category domain="https://d.example/">c2</category><category>c1</category>
<enclosure url="/e.mp3" length="12" type="audio/MPEG"/>
<source url="https://s.example/feed">S</source><foo:bar a="1" foo:a="2">x</foo:bar>
<foo:baz>y</foo:baz><odd ODD="1" odd="2" link:href="/z">q</odd></item>
<item><title>Two</title><link>https://gazette.example/2;p?x=;y#f</link>
<guid>https://gazette.example/2</guid><description>caf\xc3\xa9 &lt;p&gt;na&amp;iuml;ve</description>
<description>second</description><title>again</title><dc:title>dc</dc:title>
<image><url>x.png</url><title>it</title><link>/il</link></image></item>
<item xml:base="/sub/" xml:lang="de"><title type="html">Three &lt;b&gt;</title><link/>
<description>tiny <b>real</b> tags <div>x</div></description><dc:date>2026-02-13</dc:date>
<guid isPermaLink="true">https://gazette.example/3</guid></item>
<item><body xmlns="http://www.w3.org/1999/xhtml"><p>in
<svg xmlns="http://www.w3.org/2000/svg"><title>st</title></svg></p></body><title/></item>
<item><title>Four</title><description>so <div>said</div> he</description></item>
<item href="/cdf" lastmod="2026-02-13"><title>CDF</title></item>
</channel></rss>
"""
ATOM = """
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/x/" xml:lang="en"
  xmlns:h="http://www.w3.org/1999/xhtml">
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">T <b>x</b></div></title>
<id>urn:x:1</id><updated>2026-02-13T00:00:00Z</updated>
<author><name>A</name><email>a@gazette.example</email><uri>/a</uri></author><link href="/" />
<entry><title type="html">&lt;b&gt;E&lt;/b&gt; &amp;amp;</title><id>urn:x:2</id>
<link href="2" hreflang="en"/><link rel="Enclosure" href="e.mp3" type="audio/mpeg" length="5"/>
<content type="xhtml" xml:base="c/"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Hi &amp; <em title="&quot;">x</em> &lt;</p><h:p>h</h:p><br/>
<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></div></content>
<summary>plain &lt;b&gt;no&lt;/b&gt;</summary><contributor><name>C</name></contributor>
<source><id>urn:s</id><title>Src</title><link rel="self" href="https://s.example/f"/></source>
<category term="a"/><category term="a"/></entry>
<entry xml:lang=""><title>two</title><id>urn:x:3</id><content type="image/png" src="x.png"/>
<summary type="html">&lt;p&gt;one&lt;/p&gt; <h:b>real</h:b> &lt;div&gt;</summary></entry>
<entry><id>urn:x:4</id><content mode="base64" type="application/x">SGVsbG8=</content></entry>
<entry><id>urn:x:5</id><content type="html">&lt;div class="q"&gt;hello<b>x</b>&lt;/div&gt;</content>
<title type="text">just <i>text</i></title></entry></feed>
"""
NETSCAPE = """
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>R</title></channel>
<item rdf:about="https://gazette.example/1"><title>One</title></item></rdf:RDF>
"""
USERLAND = """
<rss version="0.91" xmlns="http://backend.userland.com/RSS2"><channel><title>U</title>
<item><title xmlns="">One</title><link>http:////gazette.example/1</link></item></channel></rss>
"""
OTHER_XML = '<content type="application/xml"><a:b xmlns:a="urn:x">c</a:b></content>'
DOCUMENTS = {
    "RSS": RSS,
    "RSS, malformed": RSS.replace("<foo:baz>", "<br>&nbsp;&#8217;&bogus;<foo:baz>"),
    "Atom": ATOM,
    "Atom, malformed": ATOM.replace("</summary>", "&nbsp;</sumary>", 1),
    "Atom with other XML in it": ATOM.replace("<entry>", f"<entry>{OTHER_XML}", 1),
    "RSS 0.9": NETSCAPE,
    "RSS 0.91": USERLAND,
}
AS_EVERYBODY_HAS_IT = """
import feedparser, io, pickle, sys
def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
for p in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    p.can_be_relative_uri = p.can_be_relative_uri - {"id", "comments"}
found = [
    plain({"feed": f.feed, "entries": f.entries, "version": f.version, "bozo": bool(f.bozo)})
    for body, headers, options in pickle.load(sys.stdin.buffer)
    for f in [feedparser.parse(io.BytesIO(body), response_headers=headers, **options)]
]
pickle.dump(found, sys.stdout.buffer)
"""
READ = {"sanitize_html": False, "resolve_relative_uris": False}


def headers(body: bytes) -> dict[str, str]:
    return {"content-location": URL, "content-type": xml_feed._xml_type(body, None)}


def given_to_everybody(bodies: list[bytes], options: dict[str, bool]) -> list[Any]:
    asked = pickle.dumps([(body, headers(body), options) for body in bodies])
    run = [sys.executable, "-W", "ignore", "-c", AS_EVERYBODY_HAS_IT]
    found: list[Any] = pickle.loads(subprocess.run(run, input=asked, stdout=-1, check=True).stdout)
    return found


def given_to_us(body: bytes, options: dict[str, bool]) -> Any:
    found = feedparser.parse(io.BytesIO(body), response_headers=headers(body), **options)
    return {
        "feed": found.feed,
        "entries": found.entries,
        "version": found.version,
        "bozo": bool(found.bozo),
    }


def undated(value: Any) -> Any:
    """Without the dates as feedparser reads them: ours leaves them alone."""
    if isinstance(value, dict):
        return {k: undated(one) for k, one in value.items() if not k.endswith("_parsed")}
    return [undated(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("options", [READ, {}], ids=["as we read", "sanitized and resolved"])
def test_every_document_comes_out_as_it_does_for_everybody(options: dict[str, bool]) -> None:
    bodies = [document.strip().encode() for document in DOCUMENTS.values()]
    for name, body, expected in zip(
        DOCUMENTS, bodies, given_to_everybody(bodies, options), strict=True
    ):
        assert undated(given_to_us(body, options)) == undated(expected), name


@pytest.mark.skipif(not CORPUS.is_dir(), reason="FEED_CORPUS names no folder of captured feeds")
def test_every_captured_feed_comes_out_as_it_does_for_everybody() -> None:
    files = sorted(file for file in (CORPUS / "captured").iterdir() if file.suffix == ".xml")
    read = ((file.name, file.read_bytes()) for file in files)
    chosen = {
        name: body
        for name, body in read
        if len(body) < LARGEST and not any(ours in body for ours in OURS)
    }
    found = given_to_everybody(list(chosen.values()), READ)
    assert len(found) > 20
    for name, body, expected in zip(chosen, chosen.values(), found, strict=True):
        ours = given_to_us(body, READ)
        for entry in ours["entries"]:
            entry.pop("kept extensions", None)
        assert len(ours["entries"]) == len(expected["entries"]), name
        assert texts(undated(ours)) == texts(undated(expected)), name


def texts(found: Any) -> Any:
    """What we read of a document."""
    wanted = ("title", "link", "summary", "content", "links", "tags", "authors", "updated", "id")
    return [{key: entry.get(key) for key in wanted} for entry in found["entries"]]


KEYS = ("title", "guid", "description", "url", "updated", "category", "license", "enclosures")


def test_a_dictionary_of_feedparsers_has_its_other_names() -> None:
    links = [{"rel": "license", "href": "/l"}, {"rel": "enclosure", "href": "/e"}]
    made = {"title": "T", "id": "I", "summary": "S", "href": "H", "updated": "U", "links": links}
    found = feedparser.FeedParserDict(made, tags=[{"term": "C"}])
    expected = ["T", "I", "S", "H", "U", "C", "/l", [{"href": "/e"}]]
    assert [found.get(key) for key in KEYS] == expected
    assert [found[key] for key in KEYS] == expected
    assert all(key in found for key in KEYS)


def test_a_dictionary_of_feedparsers_says_what_it_has_not() -> None:
    empty = feedparser.FeedParserDict()
    assert [empty.get(key) for key in KEYS] == [None] * len(KEYS)
    assert not any(key in empty for key in ("title", "guid", "updated"))
    for key in ("title", "guid"):
        with pytest.raises(KeyError):
            empty[key]
