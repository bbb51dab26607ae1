from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.model import Unreadable
from aggregator.parse import Listing, feed_address, listing
from aggregator.settings import Source

CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
DEFINED = {name: name for name in ("tech", "science")}
GAZETTE = '<outline type="rss" text="Gazette" xmlUrl="https://gazette.example/feed"/>'


def read(body: str | bytes) -> tuple[Source, ...]:
    found = listing(body if isinstance(body, bytes) else body.encode(), DEFINED)
    assert isinstance(found, Listing), found
    return found.sources


def a_list(*outlines: str) -> str:
    return f'<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'


def addresses(body: str | bytes) -> list[str]:
    return [source.address for source in read(body)]


def test_an_outline_with_an_address_is_a_source_with_its_title_and_site() -> None:
    outline = (
        '<outline text="Gazette" title="Merrow Gazette" type="atom"'
        ' xmlUrl=" https://gazette.example/feed " htmlUrl="https://gazette.example/"/>'
    )
    assert read(a_list(outline)) == (
        Source(
            address="https://gazette.example/feed",
            title="Merrow Gazette",
            site_url="https://gazette.example/",
        ),
    )


@pytest.mark.parametrize(
    "outline",
    [
        '<outline xmlUrl="https://gazette.example/feed"/>',
        '<outline type="link" xmlUrl="https://gazette.example/feed"></outline>',
        '<OUTLINE TYPE="RSS" XMLURL="https://gazette.example/feed" />',
        "<outline xmlUrl='https://gazette.example/feed' text='' htmlUrl=''>",
    ],
)
def test_neither_type_nor_title_nor_letter_case_matters(outline: str) -> None:
    assert read(a_list(outline)) == (Source(address="https://gazette.example/feed"),)


def test_sources_keep_the_order_of_the_list() -> None:
    herald = '<outline xmlUrl="http://herald.example/rss"/>'
    assert addresses(a_list(herald, GAZETTE)) == [
        "http://herald.example/rss",
        "https://gazette.example/feed",
    ]


@pytest.mark.parametrize("address", ["", "feed.xml", "file:///etc/passwd", "javascript:x()"])
def test_what_has_no_http_address_is_no_source(address: str) -> None:
    assert read(a_list(f'<outline text="x" xmlUrl="{address}"/>')) == ()


# ---- verticals -----------------------------------------------------------------------------------


def test_the_folders_a_source_lies_in_are_its_verticals_as_far_as_they_are_defined() -> None:
    folders = f'<outline text="Tech"><outline title="Kitchen"><outline text=" SCIENCE ">{GAZETTE}'
    (source,) = read(a_list(folders, "</outline></outline></outline>"))
    assert source.verticals == ("tech", "science")


def test_a_category_names_verticals_too() -> None:
    outline = '<outline xmlUrl="https://gazette.example/feed" category="/Tech/Gadgets,science"/>'
    (source,) = read(a_list(outline))
    assert source.verticals == ("tech", "science")


def test_a_source_in_several_folders_is_one_source_in_all_their_verticals() -> None:
    folders = (f'<outline text="{name}">{GAZETTE}</outline>' for name in ("science", "tech"))
    (source,) = read(a_list(*folders))
    assert source.verticals == ("science", "tech")


def test_a_closed_or_empty_folder_counts_no_more() -> None:
    body = a_list('<outline text="tech"></outline>', '<outline text="science"/>', GAZETTE)
    (source,) = read(body)
    assert source.verticals == ()


def test_a_source_is_no_folder_of_those_behind_it() -> None:
    unclosed = '<outline text="tech" xmlUrl="https://tech.example/feed">'
    assert [source.verticals for source in read(a_list(unclosed, GAZETTE))] == [(), ()]


# ---- what is told of a list ----------------------------------------------------------------------


def listed(*lines: str) -> Listing:
    body = "\n".join(["<opml><body>", *lines, "</body></opml>"])
    found = listing(body.encode(), {"tech": "tech", "small boats": "boats"})
    assert isinstance(found, Listing)
    return found


def test_a_folder_may_have_the_title_of_a_vertical() -> None:
    found = listed('<outline text=" Small\nBoats ">', GAZETTE, "</outline>")
    assert [source.verticals for source in found.sources] == [("boats",)]
    assert found.unknown == ()


def test_a_folder_is_known_by_its_text_or_by_its_title() -> None:
    for names in ('text="tech" title="Technology"', 'text="Technology" title="tech"'):
        found = listed(f"<outline {names}>{GAZETTE}</outline>")
        assert [source.verticals for source in found.sources] == [("tech",)]
        assert found.unknown == ()


def test_folders_that_are_no_vertical_are_told_once_by_line_with_what_lies_in_them() -> None:
    herald = '<outline xmlUrl="http://herald.example/rss"/>'
    found = listed(
        '<outline text="Kitchen">',
        f"<outline text='tech'>{GAZETTE}</outline>{herald}",
        "</outline>",
        f'<outline text="Kitchen">{herald}</outline>',
        '<outline text="Empty"></outline>',
    )
    todo = "to have its sources there (3), define one of that name or title"
    assert [str(one) for one in found.unknown] == [
        f":2: the folder 'Kitchen' is no vertical; {todo}"
    ]
    assert found.unusable == ()


def test_an_address_that_is_none_is_told_by_line_even_behind_a_marked_section() -> None:
    found = listed("<![CDATA[", "x", "]]>", GAZETTE, '<outline text="a" xmlUrl="feed.xml"/>')
    assert [str(problem) for problem in found.unusable] == [
        ":6: 'feed.xml' is not an http or https address; correct it, or take it out"
    ]
    assert len(found.sources) == 1


def test_an_outline_that_is_commented_is_a_source_that_rests() -> None:
    found = listed(
        '<outline xmlUrl="https://a.example/" isComment="true"/>',
        '<outline text="tech" isComment=" TRUE "><outline xmlUrl="https://b.example/"/></outline>',
        '<outline xmlUrl="https://c.example/" isComment="false"/>',
        '<outline xmlUrl="https://a.example/"/>',
    )
    assert [(one.address[8], one.enabled) for one in found.sources] == [
        ("a", True), ("b", False), ("c", True),
    ]  # fmt: skip


def test_a_source_that_is_listed_by_its_address_has_no_title() -> None:
    outline = '<outline text="https://a.example/" xmlUrl="https://a.example/"/>'
    assert listed(outline).sources == (Source(address="https://a.example/"),)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("feed://a.example/x", "http://a.example/x"),
        ("feed:https://a.example/x", "https://a.example/x"),
        ("FEED://https://a.example/x", "https://a.example/x"),
        ("HTTPS://a.example/x y", "https://a.example/x%20y"),
        (" http://a.example/\u00fc ", "http://a.example/\u00fc"),
        ("https:/a.example/", "https://a.example/"),
        ("https://[", None),
        ("feed:", None),
    ],
)
def test_an_address_is_read_as_people_write_it(given: str, address: str | None) -> None:
    assert feed_address(given) == address


# ---- ill-formed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        a_list('<outline text="Pots & Pans"/>', GAZETTE),
        f"<opml><body></outline></outline>{GAZETTE}",
        f"<opml><![odd[ x ]]>{GAZETTE}",
        f"<opml><![{GAZETTE}",
        f"<opml><!DOCTYPE x [ <!ENTITY a 'b'> ]>{GAZETTE}",
        f"<opml><![CDATA[ <outline xmlUrl='https://no.example/'/> ]]>{GAZETTE}",
        f"<opml><!-- <outline xmlUrl='https://no.example/'/> -->{GAZETTE}",
        f"<opml>{GAZETTE}<outline xmlUrl='https://herald",
    ],
)  # fmt: skip
def test_an_ill_formed_list_gives_what_can_be_read(body: str) -> None:
    assert addresses(body) == ["https://gazette.example/feed"]


def test_a_description_in_raw_html_hides_neither_its_source_nor_the_next() -> None:
    outline = (
        '<outline text="Bo" description="At <a href="https://pan.example/">Pan</a>, see "<b>Bo</b>"'
        ' and <a href="https://lid.example/" class="x">more</a>." xmlUrl="https://bo.example/f"/>'
    )
    found = read(a_list(outline, GAZETTE))
    assert [(source.title, source.address) for source in found] == [
        ("Bo", "https://bo.example/f"),
        ("Gazette", "https://gazette.example/feed"),
    ]


def test_a_bare_ampersand_in_an_address_stays() -> None:
    outline = '<outline xmlUrl="https://gazette.example/?a=1&b=2&amp;c=3"/>'
    assert addresses(a_list(outline)) == ["https://gazette.example/?a=1&b=2&c=3"]


def test_an_entity_of_the_list_is_never_expanded() -> None:
    declared = '<!DOCTYPE opml [<!ENTITY bomb "boom"><!ENTITY file SYSTEM "file:///etc/passwd">]>'
    outline = '<outline text="&bomb;&file;" xmlUrl="https://gazette.example/feed"/>'
    (source,) = read(declared + a_list(outline))
    assert source.title == "&bomb;&file;"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_a_list_is_read_in_its_encoding(encoding: str) -> None:
    outline = '<outline text="Grüße – täglich" xmlUrl="https://gazette.example/feed"/>'
    (source,) = read(a_list(outline).encode(encoding))
    assert source.title == "Grüße – täglich"


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"\x89PNG\r\n", b"https://gazette.example/feed"])
def test_what_has_no_opml_element_is_no_list(body: bytes) -> None:
    found = listing(body, DEFINED)
    assert found == Unreadable(reason="not a subscription list: it has no <opml> element")


pieces = st.sampled_from(
    [
        "<opml>", "</opml>", "<outline", " xmlUrl='https://gazette.example/feed'", " text='tech'",
        "/>", ">", "</outline>", "<!", "<![", "<![CDATA[", "]]>", "<!--", "-->", "<?", "&", "&#x0;",
        "<!DOCTYPE", "[", "'", '"', "<title>", "<script>", "\0", "\xff",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(body=st.binary() | st.lists(pieces, max_size=30).map(lambda found: "".join(found).encode()))
@example(body=b"<!<![[\0")
def test_any_bytes_are_a_list_or_none_and_never_an_error(body: bytes) -> None:
    found = listing(body, DEFINED)
    if isinstance(found, Listing):
        assert all(source.address.startswith("http") for source in found.sources)


def test_captured_lists_lose_no_source() -> None:
    folder = CORPUS / "opml"
    if not folder.is_dir():
        pytest.skip(f"no corpus: {folder} is not there (set FEED_CORPUS)")
    for file in sorted(folder.iterdir()):
        body = file.read_bytes()
        written = body.decode("utf-8-sig").split('xmlUrl="')[1:]
        http = {a.partition('"')[0].strip() for a in written if a.startswith("http")}
        assert {a.replace("&amp;", "&") for a in http} == set(addresses(body)), file.name
