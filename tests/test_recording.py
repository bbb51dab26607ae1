"""Extension elements survive feedparser, in documents that are well-formed and in others."""

from __future__ import annotations

import pytest

from aggregator.model import Extension, ParsedFeed
from aggregator.parse import read

ITEM = (
    "<title>Kettle &amp; pot</title>"
    '<media:group><media:content url="https://a.example/1?a=1&amp;b=2" fileSize="3"/>'
    '<media:content url="https://a.example/2"><media:title>A &lt;b&gt; "q" &#233;</media:title>'
    "</media:content><media:keywords>brass, steam</media:keywords><yt:duration seconds='9'/>"
    "</media:group>"
    '<podcast:transcript url="/1.vtt" type="text/vtt"/>'
    '<podcast:transcript url="/1.srt" type="application/srt"/>'
    "<itunes:explicit>true</itunes:explicit>"
    "<media:description><![CDATA[<i>B</i> &amp; flat]]></media:description>"
    "<dc:identifier>doi:10.1/kettle</dc:identifier><dc:creator>Ada</dc:creator>"
)
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:yt="https://film.example/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
WELL_FORMED, MALFORMED = "", "<p>&nbsp;<br>"


def feed(item: str, namespaces: str = NAMESPACES) -> ParsedFeed:
    items = f"<item>{item}</item><item><title>Pot</title></item>"
    document = f"<rss {namespaces}><channel>{items}</channel></rss>"
    found = read(document.encode(), "https://gazette.example/feed")
    assert isinstance(found, ParsedFeed), found
    return found


def element(name: str, *children: Extension, text: str = "", **attributes: str) -> Extension:
    return Extension(name=name, attributes=tuple(attributes.items()), text=text, children=children)


@pytest.mark.parametrize("rest", [WELL_FORMED, MALFORMED])
def test_every_element_is_kept_in_its_place_with_its_attributes_and_text(rest: str) -> None:
    kettle, pot = feed(ITEM + rest).entries
    assert kettle.extensions == (
        element(
            "media:group",
            element("media:content", url="https://a.example/1?a=1&b=2", filesize="3"),
            element(
                "media:content",
                element("media:title", text='A <b> "q" é'),
                url="https://a.example/2",
            ),
        ),
        element("podcast:transcript", url="/1.vtt", type="text/vtt"),
        element("podcast:transcript", url="/1.srt", type="application/srt"),
        element("itunes:explicit", text="true"),
        element("media:description", text="<i>B</i> &amp; flat"),
        element("dc:identifier", text="doi:10.1/kettle"),
    )
    assert pot.extensions == ()
    assert kettle.title is not None
    assert kettle.title.value == "Kettle & pot"
    assert [category.term for category in kettle.categories] == ["brass", "steam"]
    assert [person.name for person in kettle.authors] == ["Ada"]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://search.yahoo.com/mrss",
        "HTTP://search.yahoo.com/MRSS/",
        "http://search.yahoo.com/mrss/",
    ],
)
@pytest.mark.parametrize("prefix", ["media", "m"])
def test_a_vocabulary_is_known_by_its_namespace_and_not_by_its_prefix(
    namespace: str, prefix: str
) -> None:
    item = f'<{prefix}:thumbnail url="/1.png"/>'
    (found, _) = feed(item, f'xmlns:{prefix}="{namespace}"').entries
    assert found.extensions == (element("media:thumbnail", url="/1.png"),)


def test_a_prefix_that_nobody_declared_means_what_it_usually_means() -> None:
    found, _ = feed('<media:thumbnail url="/1.png"></media:thumbnail>', "").entries
    assert found.extensions == (element("media:thumbnail", url="/1.png"),)


def test_a_usual_prefix_with_another_meaning_is_left_alone() -> None:
    found, _ = feed('<media:thing url="/1.png"/>', 'xmlns:media="https://other.example/"').entries
    assert found.extensions == ()


def test_the_element_of_one_item_is_not_that_of_the_next_if_it_is_never_closed() -> None:
    kettle, pot = feed("<title>Kettle</title><media:content url='/1.png'>", "").entries
    assert kettle.extensions == (element("media:content", url="/1.png"),)
    assert (pot.title and pot.title.value, pot.extensions) == ("Pot", ())


def test_elements_that_are_never_closed_stand_beside_each_other() -> None:
    item = "<media:thumbnail url='/1.png'><media:thumbnail url='/2.png'><title>Kettle"
    found = feed(item, "").entries[0]
    assert [dict(one.attributes)["url"] for one in found.extensions] == ["/1.png", "/2.png"]


def test_an_element_that_is_never_closed_ends_with_the_one_that_it_is_in() -> None:
    item = (
        "<media:group><media:content url='/1.mp4'></media:group><media:rating>adult</media:rating>"
    )
    group, rating = feed(item, "").entries[0].extensions
    assert group == element("media:group", element("media:content", url="/1.mp4"))
    assert rating == element("media:rating", text="adult")


def test_references_in_a_malformed_document_are_what_they_mean() -> None:
    found = feed("<media:title>Caf&eacute; &#233;&amp;&odd;</media:title><br>", "").entries[0]
    assert found.extensions == (element("media:title", text="Café é&&odd;"),)


def test_a_channels_elements_are_not_its_items() -> None:
    document = (
        f"<rss {NAMESPACES}><channel><itunes:explicit>true</itunes:explicit>"
        "<item><title>Kettle</title></item></channel></rss>"
    )
    found = read(document.encode(), "https://gazette.example/feed")
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].extensions == ()


def test_elements_nested_beyond_reason_are_let_go() -> None:
    names = [f"itunes:{letter}" for letter in "abcdefghij"]
    item = (
        "".join(f"<{name}>" for name in names)
        + "x"
        + "".join(f"</{name}>" for name in reversed(names))
    )
    found = feed(item + "<title>Kettle</title>").entries[0]
    depth, level = 0, found.extensions
    while level:
        depth, level = depth + 1, level[0].children
    assert depth == 8
    assert found.title is not None
    assert found.title.value == "Kettle"


@pytest.mark.parametrize("rest", [WELL_FORMED, MALFORMED])
def test_categories_without_end_are_cut_short(rest: str) -> None:
    found = feed("".join(f"<category>c{n}</category>" for n in range(600)) + rest).entries[0]
    assert [one.term for one in found.categories] == [f"c{n}" for n in range(500)]
