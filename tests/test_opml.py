from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.model import Unreadable
from aggregator.parse import read_opml
from aggregator.settings import Source

CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
DEFINED = frozenset({"tech", "science"})
GAZETTE = '<outline type="rss" text="Gazette" xmlUrl="https://gazette.example/feed"/>'


def read(body: str | bytes) -> tuple[Source, ...]:
    found = read_opml(body if isinstance(body, bytes) else body.encode(), DEFINED)
    assert isinstance(found, tuple), found
    return found


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
    found = read_opml(body, DEFINED)
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
    found = read_opml(body, DEFINED)
    assert isinstance(found, Unreadable) or all(s.address.startswith("http") for s in found)


def test_captured_lists_lose_no_source() -> None:
    folder = CORPUS / "opml"
    if not folder.is_dir():
        pytest.skip(f"no corpus: {folder} is not there (set FEED_CORPUS)")
    for file in sorted(folder.iterdir()):
        body = file.read_bytes()
        written = body.decode("utf-8-sig").split('xmlUrl="')[1:]
        http = {a.partition('"')[0].strip() for a in written if a.startswith("http")}
        assert {a.replace("&amp;", "&") for a in http} == set(addresses(body)), file.name
