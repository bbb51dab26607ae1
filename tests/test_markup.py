"""HTML made safe and absolute, and made plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from time import perf_counter
from xml.dom.minidom import parseString

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.markup import escape, one_line, plain_text, safe_html, text_of, title_key, xml_safe
from aggregator.model import Text

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
            ]
        ),
        st.sampled_from([">", ">", "/>", ""]),
        st.sampled_from(["", "\n", "&", "&#13;", "&lt;script>", "<!--", "-->", "]]>", "\x0b", "é"])
        | st.text(max_size=3),
    ).map("".join),
    max_size=12,
).map("".join)


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
        ("<iframe src='https://gazette.example/'>no</iframe>a", "a"),
        ("<form action=/x><p>a</p><input name=b><button>c</button></form>", "<p>a</p>"),
        (
            "<figure><img src=//o.example/ alt=A><figcaption>B</figcaption></figure>",
            '<figure><img src="https://o.example/" alt="A"><figcaption>B</figcaption></figure>',
        ),
        (
            "<table><tr><td colspan=2>a</table>",
            '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
        ),
        ("<pre><code>if a &lt; b:\n  c</code></pre>", "<pre><code>if a &lt; b:\n  c</code></pre>"),
        ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
        (
            "<video autoplay><source src=//o.example/v type=video/mp4></video>",
            '<video controls=""><source src="https://o.example/v" type="video/mp4"></video>',
        ),
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
    assert safe_html(html, BASE) == expected


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
        ("<a title=' href='>", '<a title=" href=">'),
        ("<video poster=/p></video><a>", f'<video poster="{SITE}/p" controls=""></video><a>'),
        ("<q cite=x></q><a>", '<q cite="https://gazette.example/2026/x"></q><a>'),
        ("<q cite=javascript:x></q><a>", "<q></q><a>"),
        ("<img src=x width=600 height=1><a>", None),
        ("<img alt=x><a>", "<a>"),
        ("<img><a>", "<a>"),
        ("<img src=x width=1 height=1><a>", "<a>"),
        ("<img src=x width=0 height=0px><a>", "<a>"),
        (
            "<img srcset='/a, /b 1.5x,/c,d 600w, javascript:x 2x, /e junk, //o.example/f 3x'><a>",
            f'<img srcset="{SITE}/a, {SITE}/b 1.5x, {SITE}/c,d 600w, https://o.example/f 3x"><a>',
        ),
        ("<img srcset='javascript:x 2x'><a>", "<a>"),
    ],
)
def test_addresses_are_absolute_or_gone(given_tag: str, expected: str | None) -> None:
    wide = '<img src="https://gazette.example/2026/x" width="600" height="1"><a>'
    assert safe_html(given_tag + "x</a>", BASE) == (expected or wide) + "x</a>"


def test_without_a_base_only_absolute_addresses_stay() -> None:
    html = '<a href="/a">a</a><a href="https://other.example/b">b</a><img src="c.png">'
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
    assert_harmless(safe_html(vector, BASE))


@given(FRAGMENTS)
@settings(max_examples=200, deadline=None)
def test_safe_html_is_harmless_and_safe_html_of_itself(html: str) -> None:
    safe = safe_html(html, BASE)
    assert_harmless(safe)
    assert safe_html(safe, BASE) == safe == safe_html(safe, None)
    assert xml_safe(safe) == safe


def assert_harmless(html: str) -> None:
    shown = Shown(html)
    assert not shown.tags & {"script", "style", "iframe", "form", "object", "svg", "math", "base"}
    assert "<script" not in html.lower()
    for name, value in shown.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "class", "id"}
        if name in {"href", "src", "poster", "cite"}:
            assert re.match(r"https?://|mailto:", value)


def test_html_that_no_parser_reads_back_alike_keeps_its_words() -> None:
    assert safe_html("<h1><a>one<h1><object><a>two &amp; three", BASE) == "one two &amp; three"


def test_hostile_nesting_keeps_its_words_and_costs_little() -> None:
    begun = perf_counter()
    assert safe_html("<div>" * 100_000 + "words &amp; more", BASE) == "words &amp; more"
    assert perf_counter() - begun < 5


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
