"""What an item says beside its texts, people and dates: each format has its own words for it."""

from __future__ import annotations

import pytest

from aggregator.model import (
    Enclosure,
    Extension,
    Link,
    Origin,
    ParsedEntry,
    ParsedFeed,
    Place,
    Text,
)
from aggregator.parse import read

URL = "https://gazette.example/feed"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:cc="http://backend.userland.com/creativeCommonsRssModule" '
    'xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
)

CAPTIONED = "<media:title>Kettle</media:title><media:description>Long</media:description>"


def feed(document: str) -> ParsedFeed:
    found = read(document.encode(), URL)
    assert isinstance(found, ParsedFeed), found
    return found


def of_rss(item: str) -> ParsedEntry:
    document = (
        f'<rss version="2.0" {NAMESPACES}><channel><title>Gazette</title><item>'
        f"<title>Kettle heard</title>{item}</item></channel></rss>"
    )
    (only,) = feed(document).entries
    return only


def of_atom(entry: str) -> ParsedEntry:
    document = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><title>Gazette</title><entry>'
        f"<title>Kettle heard</title>{entry}</entry></feed>"
    )
    (only,) = feed(document).entries
    return only


def test_the_comments_of_rss_are_replies_to_read_and_to_subscribe_to() -> None:
    found = of_rss(
        "<comments>https://gazette.example/kettle#talk</comments>"
        "<wfw:commentRss>https://gazette.example/kettle/feed</wfw:commentRss>"
    )
    assert found.links == (
        Link(rel="replies", href="https://gazette.example/kettle#talk", type="text/html"),
        Link(rel="replies", href="https://gazette.example/kettle/feed", type="application/rss+xml"),
    )


def test_a_number_of_comments_is_no_address() -> None:
    assert of_rss("<comments>12</comments>").links == ()


def test_links_of_atom_keep_what_they_say_of_themselves() -> None:
    found = of_atom(
        '<link href="https://gazette.example/kettle"/>'
        '<link rel="related" href="/pots" type="text/html" title="Pots" hreflang="cy"/>'
        '<link rel="via" href="https://herald.example/kettle"/>'
        '<link rel="license" href="https://licenses.example/by"/>'
        '<link rel="replies" href="/kettle/talk" type="application/atom+xml"/>'
        '<link rel="edit" href="/edit"/><link rel="related"/>'
    )
    own = "https://gazette.example"
    assert found.links == (
        Link(rel="related", href=f"{own}/pots", type="text/html", title="Pots", hreflang="cy"),
        Link(rel="via", href="https://herald.example/kettle", type="text/html"),
        Link(rel="license", href="https://licenses.example/by", type="text/html"),
        Link(rel="replies", href=f"{own}/kettle/talk", type="application/atom+xml"),
    )


def test_a_creative_commons_license_is_a_link() -> None:
    (link,) = of_rss("<cc:license>https://licenses.example/by</cc:license>").links
    assert (link.rel, link.href) == ("license", "https://licenses.example/by")


def test_rights_are_those_of_the_entry() -> None:
    rights = "© Ada &amp; Bo"
    assert of_rss(f"<dc:rights>{rights}</dc:rights>").rights == Text(value="© Ada & Bo", html=False)
    found = of_atom("<rights type='html'>© &lt;b>Ada&lt;/b></rights>")
    assert found.rights == Text(value="© <b>Ada</b>", html=True)


def test_rights_of_the_feed_are_the_feeds() -> None:
    document = "<rss version='2.0'><channel><copyright>© Gazette</copyright></channel></rss>"
    assert feed(document).rights == Text(value="© Gazette", html=False)


def test_contributors_are_not_authors() -> None:
    found = of_atom(
        "<author><name>Ada</name></author>"
        "<contributor><name>Bo</name><uri>https://bo.example/</uri></contributor>"
        "<contributor><name>Bo</name><uri>https://bo.example/</uri></contributor>"
        "<contributor><name>Cleo</name><email>cleo@cleo.example</email></contributor>"
    )
    assert [person.name for person in found.authors] == ["Ada"]
    assert [(p.name, p.uri, p.email) for p in found.contributors] == [
        ("Bo", "https://bo.example/", None),
        ("Cleo", None, "cleo@cleo.example"),
    ]
    assert [p.name for p in of_rss("<dc:contributor>Bo</dc:contributor>").contributors] == ["Bo"]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("<georss:point>52.5 -4.25</georss:point>", ("point", ((52.5, -4.25),))),
        ("<georss:line>52 -4 53 -5</georss:line>", ("line", ((52.0, -4.0), (53.0, -5.0)))),
        (
            "<georss:polygon>52 -4 53 -5 52 -5 52 -4</georss:polygon>",
            ("polygon", ((52.0, -4.0), (53.0, -5.0), (52.0, -5.0), (52.0, -4.0))),
        ),
        ("<georss:box>52 -5 53 -4</georss:box>", ("box", ((52.0, -5.0), (53.0, -4.0)))),
        (
            "<georss:where><gml:Point><gml:pos>52.5 -4.25</gml:pos></gml:Point></georss:where>",
            ("point", ((52.5, -4.25),)),
        ),
        ("<geo:lat>52.5</geo:lat><geo:long>-4.25</geo:long>", ("point", ((52.5, -4.25),))),
        ("<geo:lat>52.5</geo:lat><geo:long>west</geo:long>", None),
        ("<geo:lat>52.5</geo:lat>", None),
        ("<georss:point>somewhere</georss:point>", None),
    ],
)
def test_a_place_is_read_latitude_first_however_it_is_written(
    written: str, place: tuple[str, object] | None
) -> None:
    for found in (of_rss(written), of_atom(written)):
        assert (found.place and (found.place.kind, found.place.coordinates)) == place


def test_several_enclosures_stay_several() -> None:
    found = of_rss(
        '<enclosure url="/a.mp3" type="audio/mpeg" length="12"/>'
        '<enclosure url="/b.ogg" type="audio/ogg" length="11"/>'
    )
    assert found.enclosures == (
        Enclosure(url="/a.mp3", type="audio/mpeg", length=12),
        Enclosure(url="/b.ogg", type="audio/ogg", length=11),
    )


def test_content_that_is_elsewhere_is_an_enclosure() -> None:
    found = of_atom('<content src="/film.mp4" type="video/mp4"/>')
    assert found.enclosures == (Enclosure(url="/film.mp4", type="video/mp4"),)
    assert found.content is None


def test_an_enclosure_of_rss_1_0_is_one() -> None:
    document = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:enc="http://purl.oclc.org/net/rss_2.0/enc#">
        <channel rdf:about="/"><title>Gazette</title></channel><item rdf:about="/kettle">
        <title>Kettle heard</title>
        <enc:enclosure rdf:resource="/kettle.jpg" enc:type="image/jpeg" enc:length="9"/>
        </item><item rdf:about="/pot"><title>Pot</title><enc:enclosure type="image/jpeg"/></item>
        </rdf:RDF>"""
    kettle, pot = feed(document).entries
    assert kettle.enclosures == (Enclosure(url="/kettle.jpg", type="image/jpeg", length=9),)
    assert pot.enclosures == ()


def test_the_address_before_feedburners_detour_is_the_link() -> None:
    found = of_rss(
        "<link>http://feedproxy.google.com/~r/kettle</link>"
        "<fb:origLink>https://gazette.example/kettle</fb:origLink>"
    )
    assert found.link == "https://gazette.example/kettle"


def test_an_item_names_the_feed_that_it_was_copied_from() -> None:
    found = of_rss('<source url="https://herald.example/feed">The &amp;lt;Herald</source>')
    assert found.origin == Origin(
        title=Text(value="The &lt;Herald", html=True), feed_url="https://herald.example/feed"
    )


def test_an_entry_of_atom_keeps_the_metadata_of_the_feed_that_it_was_copied_from() -> None:
    found = of_atom(
        "<source><id>urn:herald</id><title>The Herald</title><updated>2026-02-13</updated>"
        '<link rel="self" href="https://herald.example/feed"/><link href="https://herald.example/"/>'
        "<rights>© Herald</rights><author><name>Di</name></author></source>"
    )
    assert found.origin == Origin(
        id="urn:herald",
        title=Text(value="The Herald", html=False),
        updated="2026-02-13",
        feed_url="https://herald.example/feed",
        site_url="https://herald.example/",
        rights=Text(value="© Herald", html=False),
    )
    assert [person.name for person in found.authors] == ["Di"]
    assert (found.guid, found.rights) == (None, None)


# ---- texts that only extension elements give -----------------------------------------------------


def test_a_caption_is_not_the_text_of_an_entry_that_has_one() -> None:
    found = of_rss(
        "<description>It whistles.</description>"
        "<media:description>A kettle, seen from above</media:description>"
        "<itunes:summary>In short</itunes:summary>"
    )
    assert (found.summary, found.content) == (Text(value="It whistles.", html=True), None)


@pytest.mark.parametrize(
    ("written", "summary"),
    [
        ("<media:description>B &amp; flat</media:description>", ("B & flat", False)),
        (
            "<media:description type='html'>B &amp;amp; flat</media:description>",
            ("B &amp; flat", True),
        ),
        ("<media:description type='plain'>&lt;p>B&lt;/p></media:description>", ("<p>B</p>", False)),
        ("<itunes:summary>&lt;p>B flat&lt;/p></itunes:summary>", ("<p>B flat</p>", True)),
        ("<itunes:subtitle>B flat</itunes:subtitle>", ("B flat", False)),
        (
            "<itunes:subtitle>Short</itunes:subtitle><media:group>" + CAPTIONED + "</media:group>",
            ("Long", False),
        ),
    ],
)
def test_where_there_is_no_other_text_they_give_the_summary(
    written: str, summary: tuple[str, bool]
) -> None:
    for found in (of_rss(written), of_atom(written)):
        assert found.summary == Text(value=summary[0], html=summary[1])
        assert found.title == Text(value="Kettle heard", html=False)


def test_an_item_without_a_title_takes_that_of_its_film() -> None:
    document = (
        f"<rss version='2.0' {NAMESPACES}><channel><item><media:group>"
        "<media:title>The Kettle</media:title></media:group></item></channel></rss>"
    )
    (found,) = feed(document).entries
    assert found.title == Text(value="The Kettle", html=False)


def test_keywords_and_authors_of_podcasts_are_categories_and_people() -> None:
    found = of_rss(
        "<itunes:keywords>noise, kitchen</itunes:keywords><itunes:author>Ada</itunes:author>"
        "<media:group><media:keywords>brass</media:keywords></media:group>"
    )
    assert [category.term for category in found.categories] == ["noise", "kitchen", "brass"]
    assert [person.name for person in found.authors] == ["Ada"]
    assert found.extensions == (Extension(name="media:group"),)
    assert isinstance(found.place, Place | None)
