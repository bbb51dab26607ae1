"""HTML made safe and absolute, and made plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.dom.minidom import parseString

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup
from aggregator.markup import (
    cut,
    escape,
    one_line,
    plain,
    plain_lines,
    plain_text,
    safe,
    text_key,
    text_of,
    title_key,
    unsaid,
    xml_safe,
)
from aggregator.model import Text
from aggregator.urls import without_tracking

SITE = "https://gazette.example"
BASE = f"{SITE}/2026/story?p=1"
FRAGMENTS = st.lists(
    st.tuples(
        st.sampled_from(["<", "</", "<", ""]),
        st.sampled_from(
            [
                "a",
                "b",
                "p",
                "pre",
                "table",
                "td",
                "h1",
                "form",
                "object",
                "svg",
                "math",
                "title",
                "script",
                "style",
                "iframe",
                "embed",
                "track",
                "source",
                "picture",
                "noscript",
                "xmp",
                "img",
                "video",
                "textarea",
                "ruby",
            ]
        ),
        st.sampled_from(
            [
                "",
                " href=x",
                " src='/a b'",
                " srcset='a 1x,b 2x'",
                " onclick=alert(1)",
                " title='\"'",
                " href=javascript:alert(1)",
                " href='&#1;java\nscript:x'",
                " style=x",
                " src=data:x",
                " src=//o.example/?utm_source=x&b=c",
                " href='//o.example/#xtor=RSS-1'",
                " data=//o.example/ width=1",
            ]
        ),
        st.sampled_from([">", ">", "/>", ""]),
        st.sampled_from(["", "\n", "&", "&#13;", "&lt;script>", "<!--", "-->", "]]>", "\x0b", "é"])
        | st.text(max_size=3),
    ).map("".join),
    max_size=12,
).map("".join)


PIXEL = "https://gazette.example/p.gif"


def safe_html(html: str, base: str | None = BASE) -> str:
    return markup.safe_html(html, base, without_tracking)


class Shown(HTMLParser):
    """What an HTML parser finds in a document: tags, and attributes with their values."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain & simple < that", "plain &amp; simple &lt; that"),
        ("<p class=x id=y style='color:red' onclick=z>a</p>", "<p>a</p>"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ("<form action=/x><p>a</p><input name=b><button>c</button></form>", "<p>a</p>"),
        (
            "<figure><img src=//o.example/ alt=A><figcaption>B</figcaption></figure>",
            '<figure><img src="https://o.example/" alt="A"><figcaption>B</figcaption></figure>',
        ),
        (
            f"<img srcset='{SITE}/w 1x, {SITE}/v 2x'>",
            f'<img srcset="{SITE}/w 1x, {SITE}/v 2x">',
        ),
        (
            "<picture><source srcset='/w 1x'><img src=/a alt=A></picture>",
            f'<picture><source srcset="{SITE}/w 1x"><img src="{SITE}/a" alt="A"></picture>',
        ),
        (
            "<table><tr><th>b<td colspan=2>c</table>",
            '<table><tbody><tr><th>b</th><td colspan="2">c</td></tr></tbody></table>',
        ),
        ("<pre><code>if a &lt; b:\n  c</code></pre>", "<pre><code>if a &lt; b:\n  c</code></pre>"),
        (
            "<ruby>漢<rp>(<rtc><rt>kan</rt></rtc><rp>)</ruby>",
            "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        ),
        (
            "<video autoplay><source src=//o.example/v type=video/mp4></video>",
            '<video controls=""><source src="https://o.example/v" type="video/mp4"></video>',
        ),
        (
            "<audio><track default kind=captions src=//o.example/>",
            '<audio controls=""><track kind="captions" src="https://o.example/"></audio>',
        ),
        ("<audio src=/a><track src=x:y></audio>", f'<audio src="{SITE}/a" controls=""></audio>'),
        ("<track label=D srclang=de src=/t>", f'<track label="D" srclang="de" src="{SITE}/t">'),
        ("<bdo dir=rtl>a</bdo>", "a"),
        ("<a name=top></a><p>a<a href=/b> </a>b", "<p>a b</p>"),
        (
            "<p lang=de dir=ltr title='a \"b\"'>a",
            '<p lang="de" dir="ltr" title="a &quot;b&quot;">a</p>',
        ),
        (
            "<img src='data:image/gif;base64,x'><noscript><img src=/real.png></noscript>",
            '<img src="https://gazette.example/real.png">',
        ),
        ("<!-- a --><p>b", "<p>b</p>"),
        ("<p><form><p>a</form>", "<p></p><p>a</p>"),
        ("<pre>\n\n\na</pre>", "<pre>a</pre>"),
        ("a&#1;b\x00c&#13;d\ud800e\uffff", "abc\nde"),
    ],
)
def test_html_keeps_its_sense_and_loses_the_rest(html: str, expected: str) -> None:
    assert safe_html(html) == expected


@pytest.mark.parametrize(
    ("given_tag", "expected"),
    [
        ("<a href=/a?b=1&amp;c=2>", '<a href="https://gazette.example/a?b=1&amp;c=2">'),
        ("<a href=' a b\n'>", '<a href="https://gazette.example/2026/a%20b">'),
        ("<a href=#note>", '<a href="https://gazette.example/2026/story?p=1#note">'),
        ("<a href=//other.example/x>", '<a href="https://other.example/x">'),
        ("<a href='http://other.example/?q=\"é\"'>", '<a href="http://other.example/?q=%22é%22">'),
        ("<a href=mailto:desk@gazette.example>", '<a href="mailto:desk@gazette.example">'),
        ("<a href=''>", "<a>"),
        ("<a href='https:///'>", "<a>"),
        ("<a href='//['>", "<a>"),
        ("<a href=javascript:alert(1)>", "<a>"),
        ("<a href='java&#10;script:alert(1)'>", "<a>"),
        ("<a href=ftp://other.example/x>", "<a>"),
        ("<a href='/a?b=1&utm_source=c#xtor=RSS-1'>", f'<a href="{SITE}/a?b=1">'),
        ("<a href='HTTP://o.example?utm_medium=c'>", '<a href="HTTP://o.example">'),
        ("<a href=mailto:a@o.example?utm_id=c>", '<a href="mailto:a@o.example?utm_id=c">'),
        ("<a title=' href='>", '<a title=" href=">'),
        ("<video poster=/p></video><a>", f'<video poster="{SITE}/p" controls=""></video><a>'),
        ("<q cite=x></q><a>", '<q cite="https://gazette.example/2026/x"></q><a>'),
        ("<q cite=javascript:x></q><a>", "<q></q><a>"),
        ("<img src='/s?utm_source=x'><a>", f'<img src="{SITE}/s?utm_source=x"><a>'),
        ("<img alt=x><a>", "<a>"),
        ("<img><a>", "<a>"),
        (
            "<img srcset='/a, /b 1.5x,/c,d 600w, javascript:x 2x, /e junk, //o.example/f 3x'><a>",
            f'<img srcset="{SITE}/a, {SITE}/b 1.5x, {SITE}/c,d 600w, https://o.example/f 3x"><a>',
        ),
        ("<img srcset='javascript:x 2x'><a>", "<a>"),
    ],
)
def test_addresses_are_absolute_or_gone(given_tag: str, expected: str) -> None:
    assert safe_html(given_tag + "x</a>") == expected + "x</a>"


@pytest.mark.parametrize(
    "attributes",
    [
        "width=1 height=1",
        "width=0 height=0px",
        "width=1",
        "height=' 1.0 '",
        "width=600 height=0",
        "style='width:1px;height:1px'",
        "style='Height: 1px !important' width=1",
        "style='border:0; display : none' width=600",
        "style=visibility:hidden",
        "hidden",
    ],
)
def test_a_picture_that_nobody_is_meant_to_see_is_gone(attributes: str) -> None:
    assert safe_html(f"a<img src={PIXEL} {attributes}>b") == "ab"


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        ("", ""),
        ("width=600 height=1", ' width="600" height="1"'),
        ("width=10 height=10", ' width="10" height="10"'),
        ("width=100% height=auto", ' width="100%" height="auto"'),
        ("width=1 style='width:100%'", ' width="1"'),
        ("style='color:red;;opacity:0'", ""),
    ],
)
def test_a_picture_that_may_be_seen_stays(attributes: str, kept: str) -> None:
    assert safe_html(f"<img src={PIXEL} {attributes}>") == f'<img src="{PIXEL}"{kept}>'


@pytest.mark.parametrize(
    "address",
    [
        "http://feeds.feedburner.com/~r/gazette/~4/x",
        "http://feeds.gazette.example/~r/gazette/news/~4/x-y",
        "http://feeds.feedburner.com/~ff/gazette?d=x",
        "http://feedproxy.google.com/~r/gazette/~4/x",
        "https://cpx.golem.de/cpx.php?class=17",
        "http://feedpress.me/1/2.gif",
        "https://PIXEL.wp.com/b.gif?v=noscript",
        "http://stats.wordpress.com/b.gif",
        "http://feeds.wordpress.com/1.0/comments/gazette.wordpress.com/1/",
        "http://da.feedsportal.com/r/1/u/1/f/1/c/1/s/1/a2.img",
        "https://ad.doubleclick.net/ddm/ad/x",
        "https://stats.gazette.example/matomo/piwik.php?idsite=1",
        "https://gazette.pxf.io/i/1/2/3",
        "https://vg02.met.vgwort.de/na/0123",
        "https://medium.com/_/stat?event=post.clientViewed",
    ],
)
def test_a_picture_that_is_known_to_count_readers_is_gone_whatever_its_size(address: str) -> None:
    assert safe_html(f"<a href=/x><img src='{address}' width=88 height=31></a>a") == "a"


@pytest.mark.parametrize(
    "address",
    [
        "https://gazette.example/~r/kettle.jpg",
        "https://gazette.example/doubleclick.net/x.jpg",
        "https://notdoubleclick.net/x.jpg",
        "https://feeds.feedburner.com/kettle.jpg",
        "https://i0.wp.com/gazette.example/kettle.jpg",
    ],
)
def test_a_picture_at_an_address_that_only_looks_like_it_stays(address: str) -> None:
    assert safe_html(f"<img src={address}>") == f'<img src="{address}">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<iframe src=//o.example/v?a=1&amp;b=2>old browser</iframe>",
            '<a href="https://o.example/v?a=1&amp;b=2">o.example</a>',
        ),
        (
            "<iframe src=/v title=' A &quot;film&quot;&nbsp;&amp; &lt;more&gt; '></iframe>",
            f'<a href="{SITE}/v">A "film" &amp; &lt;more&gt;</a>',
        ),
        (
            "<iframe src='https://me:x@o.example:80?utm_source=x'>",
            '<a href="https://me:x@o.example:80">o.example:80</a>',
        ),
        (
            "<object data=/v.swf><param name=x><embed src=/v.swf><p>No Flash</object>",
            f'<a href="{SITE}/v.swf">gazette.example</a><p>No Flash</p>',
        ),
        ("<embed src=/v>", f'<a href="{SITE}/v">gazette.example</a>'),
        (
            "<a href=/x>a<iframe src=/v></iframe>b</a>",
            f'<a href="{SITE}/x">a</a><a href="{SITE}/v">gazette.example</a>b',
        ),
        ("<object>a</object>", "a"),
        ("<iframe>", ""),
        ("<iframe src=mailto:desk@o.example></iframe>", ""),
        ("<iframe src=/v width=1 height=1></iframe>", ""),
        ("<iframe src=/v style=display:none></iframe>", ""),
        ("<iframe src=https://1234.fls.doubleclick.net/x></iframe>", ""),
        ("<iframe srcdoc='<p>a'></iframe>", ""),
    ],
)
def test_what_is_embedded_becomes_a_link_to_it(html: str, expected: str) -> None:
    assert safe_html(html) == expected


def test_without_a_base_only_absolute_addresses_stay() -> None:
    html = '<a href="/a">a</a><a href="https://other.example/b">b</a><img src="c.png"><embed src=d>'
    assert safe_html(html, None) == '<a>a</a><a href="https://other.example/b">b</a>'


@pytest.mark.parametrize(
    "vector",
    [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<scr<noscript>ipt>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='x' onerror\n=alert(1)//",
        "<svg/onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><animate xlink:href=#x attributeName=href values=javascript:alert(1) /></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
        "<a href='jav\tascript:alert(1)'>x</a>",
        "<a href=' &#14; javascript:alert(1)'>x</a>",
        "<a href=JaVaScRiPt:alert(1)>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href=vbscript:x>x</a>",
        "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x",
        "<body onload=alert(1)><base href='javascript:/'><link rel=import href=x><meta name=x>",
        "<div style='background:url(javascript:alert(1))'>x</div>",
        "<video><source onerror=alert(1) src=x></video>",
        "<details open ontoggle=alert(1)>",
        "<textarea></textarea><xmp></p><img src=x onerror=alert(1)></xmp>",
        "<p title='&quot; onmouseover=alert(1) x=&quot;'>x</p>",
        "<img srcset='javascript:alert(1) 1x' src='javascript:alert(1)'>",
        "\ufeff<%00script>alert(1)</script>",
    ],
)
def test_the_known_vectors_of_script_carry_none(vector: str) -> None:
    assert_harmless(safe_html(vector))


@given(FRAGMENTS)
@settings(max_examples=200, deadline=None)
def test_safe_html_is_harmless_and_safe_html_of_itself(html: str) -> None:
    safe = safe_html(html)
    assert_harmless(safe)
    assert safe_html(safe) == safe == safe_html(safe, None)
    assert xml_safe(safe) == safe


def assert_harmless(html: str) -> None:
    shown = Shown(html)
    assert not shown.tags & {"script", "style", "iframe", "form", "object", "svg", "math", "base"}
    assert "<script" not in html.lower()
    for name, value in shown.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "class", "id"}
        if name in {"cite", "href", "poster", "src"}:
            assert re.match(r"https?://|mailto:", value)


def test_html_that_no_parser_reads_back_alike_keeps_its_words() -> None:
    assert safe_html("<h1><a>one<h1><applet><a>two &amp; three") == "one two &amp; three"


def test_hostile_nesting_keeps_its_words() -> None:
    assert safe_html("<div>" * 100_000 + "words &amp; more") == "words &amp; more"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A <b>bold</b> claim", "A bold claim"),
        ("One<br/>two<p>three", "One two three"),
        ("H<sub>2</sub>O", "H2O"),
        ("<a href='/x'>Link", "Link"),
        ("vector<int> and Map<K, V>", "vector<int> and Map<K, V>"),
        ("How <video> works", "How <video> works"),
        ("if a < b > c", "if a < b > c"),
        ("AT&T", "AT&T"),
        ("Q&amp;A &#8217;26", "Q&A ’26"),
        ("Q&amp;amp;A", "Q&A"),
        ("it&amp;#8217;s &amp;quot;it&amp;quot;", 'it’s "it"'),
        ("?a=1&copy=2 &nosuch;", "?a=1&copy=2 &nosuch;"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        (" one\n\ttwo\u00a0three ", "one two three"),
        ("a\x00b\x1bc&#1;d", "abcd"),
        ("", ""),
    ],
)
def test_a_title_of_html_becomes_plain(value: str, expected: str) -> None:
    assert plain_text(Text(value=value, html=True)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("vector<int>", "vector<int>"),
        ("A <b>bold</b> claim", "A <b>bold</b> claim"),
        ("Q&amp;A\nnow", "Q&A now"),
    ],
)
def test_a_title_of_text_keeps_its_angle_brackets(value: str, expected: str) -> None:
    assert plain_text(Text(value=value, html=False)) == expected


@given(st.text(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_title_is_one_line_that_xml_can_hold(value: str, html: bool) -> None:
    title = plain_text(Text(value=value, html=html))
    assert title == " ".join(title.split()) == xml_safe(title)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<p>one <b>t</b>wo</p>\n\n<p>three<br>four</p>", "one two\nthree\nfour"),
        ("one\ntwo\n\nthree", "one two three"),
        ("<div><div><p> \n</p>one</div></div><hr>two", "one\ntwo"),
        ("<ul><li>vector<int></li><li>b &amp;amp; c</ul>", "vector<int>\nb & c"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
        ("a<!-- <p> -->b<script>if (x <p>) y</script >c<STYLE>p{}</STYLE>", "abc"),
        ("a<script>b", "a"),
        ("a<!-- b", "a"),
        ("a</script>b<scripted>c", "a b<scripted>c"),
        ("", ""),
    ],
)
def test_a_description_of_html_becomes_plain_with_a_line_for_each_paragraph(
    value: str, expected: str
) -> None:
    assert plain_lines(Text(value=value, html=True)) == expected


def test_a_description_of_text_keeps_its_lines_and_angle_brackets() -> None:
    text = Text(value=" one  <p>two</p>\r\n\n \nthree &amp; four\x00", html=False)
    assert plain_lines(text) == "one <p>two</p>\nthree & four"


@given(st.text() | FRAGMENTS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_description_is_lines_without_blanks_that_xml_can_hold(value: str, html: bool) -> None:
    lines = plain_lines(Text(value=value, html=html))
    assert all(line and line == " ".join(line.split()) for line in lines.splitlines())
    assert lines == "\n".join(lines.splitlines()) == xml_safe(lines)


@pytest.mark.parametrize(
    ("html", "limit", "expected"),
    [
        ("<p>one two</p><p>three four</p>", 20, "<p>one two</p>"),
        ("<p>one</p><p>two three four</p>", 26, "<p>one</p><p>two three</p>"),
        ("<p>one two three four five</p>", 20, "<p>one two three</p>"),
        ("<p>one two three four five</p>", 19, "<p>one two</p>"),
        ("<div><p>a <b>one two</b> three</p></div>", 32, "<div><p>a <b>one</b></p></div>"),
        ("one<br>two three four five", 14, "one<br>"),
        ("one two &amp; three", 11, "one two"),
        ("one two", 2, ""),
        ("漢字仮名" * 10, 100, "漢字仮名" * 8 + "漢"),
        ("x" * 40 + "&amp;three four", 43, "x" * 40),
        ("one " + " " * 40 + "two", 40, "one"),
        ("é", 1, ""),
        ("<p>one</p>", 7, ""),
        ("<p>one</p>", -1, ""),
        ("one \n two", 5, "one"),
        ("<b> \n two</b>", 9, ""),
        (
            'one <a href="https://o.example/">two three</a>',
            42,
            'one <a href="https://o.example/">two</a>',
        ),
        ('one <a href="https://o.example/">two three</a>', 38, "one "),
        (f'one <img src="{PIXEL}">', 40, "one "),
        (f'one <img src="{PIXEL}"> two', 46, f'one <img src="{PIXEL}">'),
        (
            f'a<picture><img src="{PIXEL}"></picture>b',
            61,
            f'a<picture><img src="{PIXEL}"></picture>',
        ),
        (f'a<picture><img src="{PIXEL}"></picture>b', 60, "a"),
        ("a <ruby>漢<rt>kan one two</rt></ruby>", 35, "a "),
        (
            "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>",
            60,
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
    ],
)
def test_html_that_is_too_long_is_cut_where_it_hurts_least(
    html: str, limit: int, expected: str
) -> None:
    assert cut(html, limit) == expected


def test_html_that_is_short_enough_is_not_cut() -> None:
    assert cut("<p>é</p>", 9) is None
    assert cut("", 0) is None


@given(st.lists(FRAGMENTS | st.text("a &漢\n", max_size=60), max_size=5), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_cut_html_is_safe_short_enough_and_a_beginning(fragments: list[str], limit: int) -> None:
    html = safe_html("".join(fragments))
    short = cut(html, limit)
    assert (short is None) == (len(html.encode()) <= limit)
    if short is not None:
        assert len(short.encode()) <= limit
        assert safe_html(short) == short
        assert text_of(html).startswith(text_of(short))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>one <b>t</b>wo</p><p>three</p>", "one two three"),
        ('<p title="a&gt;b">a &amp;amp; b<br>c</p>', "a &amp; b c"),
        ("a &lt;b&gt; c", "a <b> c"),
    ],
)
def test_the_text_of_safe_html_is_what_a_reader_sees(html: str, expected: str) -> None:
    assert text_of(html) == expected


def test_text_for_the_terminal_can_neither_move_the_cursor_nor_turn_the_line() -> None:
    hostile = (
        "\x1b[31mred\x07 \x9b2J\r\nnext\tcell \u202egnp\u2066.\u200f\u061c\u2028 \ud800end\x7f"
    )
    assert one_line(hostile) == "[31mred 2J next cell gnp. end"


@given(st.text(), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_text_for_the_terminal_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line.encode().decode() == line


def test_a_cut_line_ends_in_an_ellipsis() -> None:
    assert one_line("one two three", 8) == "one two…"
    assert one_line("one two", 7) == "one two"
    assert len(one_line("x" * 400)) == 300


@given(st.text(st.characters()))
@settings(max_examples=200, deadline=None)
def test_any_text_fits_into_xml_once_it_is_safe(text: str) -> None:
    document = parseString(f"<a>{escape(xml_safe(text))}</a>".encode())
    assert document.documentElement is not None


def test_xml_keeps_tabs_and_line_breaks_and_loses_what_it_forbids() -> None:
    assert xml_safe("a\tb\nc\rd\x0b\x00\x1f\ufffe\uffff\ud800\U0001f4f0") == "a\tb\nc\rd\U0001f4f0"


def test_escaped_text_is_safe_between_tags_and_in_attributes() -> None:
    assert escape("""<a> & "b" 'c'""") == "&lt;a&gt; &amp; &quot;b&quot; &#x27;c&#x27;"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Fox’s  Day", "the fox's day"),
        ("STRASSE", "straße"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "full—width"),
        ("Café", "cafe\u0301"),
        ("“Quoted”: a story", "quoted a story!"),
    ],
)
def test_titles_that_read_alike_have_one_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize("title", ["", "—", "?!…", " \n"])
def test_a_title_without_words_has_an_empty_key(title: str) -> None:
    assert title_key(title) == ""


def test_the_key_of_a_title_is_its_words() -> None:
    assert title_key(" One, two:  THREE! ") == "one two three"


def test_a_c1_control_is_read_as_the_windows_character_that_was_meant() -> None:
    assert xml_safe("it\x92s \x93here\x94\x85\x81\x7f") == "it’s “here”…"


@pytest.mark.parametrize(
    ("one", "other"),
    [("हिन्दी समाचार", "हनद समचर"), ("ที่", "ท"), ("மின்", "மன")],
    ids=["Hindi", "Thai", "Tamil"],
)
def test_the_vowels_of_a_script_are_part_of_its_words(one: str, other: str) -> None:
    assert title_key(one) == one
    assert title_key(one) != title_key(other)


@pytest.mark.parametrize(("pointed", "plain"), [("كِتاب", "كتاب"), ("שָׁלוֹם", "שלום")])
def test_points_that_may_be_left_out_make_no_difference(pointed: str, plain: str) -> None:
    assert title_key(pointed) == title_key(plain) == plain


@pytest.mark.parametrize(
    ("value", "html"),
    [("<p>B</p>", True), ("B&amp;O", True), ("A<br>B", True), ("vector<int> & co", False)],
)
def test_a_text_of_unsaid_type_is_html_where_it_has_a_tag_or_a_reference(
    value: str, *, html: bool
) -> None:
    assert unsaid(value) == Text(value=value, html=html)


LATIN = st.text(
    st.characters(max_codepoint=0x180) | st.characters(min_codepoint=0x2000, max_codepoint=0x2070)
)


@given(LATIN | st.text())
@settings(max_examples=300, deadline=None)
def test_the_short_way_to_a_key_ends_where_the_long_one_does(title: str) -> None:
    assert title_key(title) == plain._key_of_any(title)


@given(FRAGMENTS | st.text("a &漢\n"))
@settings(max_examples=200, deadline=None)
def test_the_key_of_safe_html_is_the_key_of_its_text(html: str) -> None:
    seen = markup.safe_html(html, BASE, without_tracking)
    assert text_key(seen) == title_key(text_of(seen))


@given(st.text(st.characters(codec="utf-8")) | LATIN)
@settings(max_examples=200, deadline=None)
def test_text_without_markup_is_safe_as_it_stands(text: str) -> None:
    text = xml_safe(text)
    if safe._PLAIN.fullmatch(text):
        assert safe._CLEANER.clean(text) == text


def test_a_byte_order_mark_and_a_space_that_does_not_break_are_written_as_nh3_does() -> None:
    assert markup.safe_html("\ufeffKettle\xa0pot", None, without_tracking) == "Kettle&nbsp;pot"


@pytest.mark.parametrize(
    "address",
    [
        f"{SITE}/1",
        f"{SITE}/1?a=1&amp;b=2#c",
        "http://127.0.0.1:9000/a;b,c/(d)?e=[f]~",
        f"{SITE}/1?a=1&amp;utm_source=x",
        f"{SITE}/1?a=1&amp;amp;utm_source=x",
        f"{SITE}/1#xtor=RSS-1",
        f"{SITE}/1?utm_source=x&amp;b=2",
        "http://?a",
        "/1?a=1",
    ],
)
def test_a_link_is_the_same_by_the_short_way_and_by_the_long_one(address: str) -> None:
    short = markup.safe_html(f'<a href="{address}">x</a>', BASE, without_tracking)
    long = markup.safe_html(f'<a title="" href="{address}">x</a>', BASE, without_tracking)
    assert short == re.sub(' title=""', "", long)
