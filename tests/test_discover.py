"""The feed behind any address of a site: what is tried, in which order, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.discover import Found, NotFound, find
from aggregator.discover.places import of_page
from aggregator.fetch import Fetcher
from aggregator.settings import PullSettings
from tests.loopback import Origin, response

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RSS = b"""<rss version="2.0"><channel><title>The &amp;amp; Lantern</title><link>/home</link>
<item><title>One</title><guid>1</guid><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item>
<item><title>Two</title><guid>2</guid><pubDate>Tue, 03 Nov 2026 08:00:00 GMT</pubDate></item>
</channel></rss>"""
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Lantern</title><id>urn:x:1</id></feed>'
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel><title>Old Lantern</title></channel>
<item><title>One</title><link>http://example.org/1</link></item></rdf:RDF>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items":
[{"id": "1", "content_html": "<html><body>not a page, nor an <rss > feed</body></html>"}]}"""
GUESSES = ("feed/", "feed.xml", "rss.xml", "atom.xml", "index.xml", "rss", "feed.json")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        yield origin


@pytest.fixture
def other() -> Iterator[Origin]:
    with Origin("127.0.0.2") as other:
        yield other


def page(origin: Origin, path: str, html: str, headers: Mapping[str, str] | None = None) -> None:
    body = f"<!doctype html><html>{html}</html>".encode()
    origin.serve(path, body, content_type="text/html", headers=headers)


async def sought(address: str) -> Found | NotFound:
    limits = PullSettings(
        timeout=timedelta(seconds=10),
        per_host_interval=timedelta(0),
        allow_networks=(ip_network("127.0.0.0/8"),),
    )
    async with Fetcher(limits, "Broadsheet/test") as fetcher:
        return await find(fetcher, address, NOW)


async def found(address: str) -> Found:
    result = await sought(address)
    assert isinstance(result, Found), result
    return result


async def tried(address: str) -> dict[str, str]:
    result = await sought(address)
    assert isinstance(result, NotFound), result
    return dict(result.tried)


def asked(origin: Origin) -> list[str]:
    return [request.path for request in origin.requests]


# ---- a feed at the address itself ---------------------------------------------------------------


async def test_a_feed_is_found_with_one_request_and_described(origin: Origin) -> None:
    origin.serve("/feed", RSS)
    assert await found(origin.url("/feed")) == Found(
        address=origin.url("/feed"),
        format="RSS",
        title="The & Lantern",
        site_url=origin.url("/home"),
        entries=2,
        newest=datetime(2026, 11, 3, 8, 0, tzinfo=UTC),
    )
    assert asked(origin) == ["/feed"]


@pytest.mark.parametrize(
    ("body", "form"), [(ATOM, "Atom"), (RDF, "RSS 1.0"), (JSON, "JSON Feed"), (RSS, "RSS")]
)
async def test_every_format_is_named_whatever_it_is_served_as(
    origin: Origin, body: bytes, form: str
) -> None:
    origin.serve("/", body, content_type="text/html")
    assert (await found(origin.url("/"))).format == form


async def test_a_feed_without_entries_and_without_a_title_is_one(origin: Origin) -> None:
    origin.serve("/", b"<rss version='2.0'><channel></channel></rss>")
    empty = await found(origin.url("/"))
    assert (empty.title, empty.entries, empty.newest) == ("127.0.0.1", 0, None)


async def test_an_address_without_a_scheme_is_asked_by_https_then_by_http(origin: Origin) -> None:
    origin.serve("/feed", RSS)
    bare = f"127.0.0.1:{origin.port}"
    assert (await found(f" //{bare}/feed ")).address == origin.url("/feed")
    told = await tried(f"{bare}/nothing")
    assert list(told) == [f"https://{bare}/nothing", f"http://{bare}/nothing"]


async def test_feed_is_another_word_for_http(origin: Origin) -> None:
    origin.serve("/feed", RSS)
    for address in (f"feed:{origin.url('/feed')}", f"feed://127.0.0.1:{origin.port}/feed"):
        assert (await found(address)).address == origin.url("/feed")


async def test_a_feed_that_is_gone_is_told_so(origin: Origin) -> None:
    origin.answer("/feed", response(410))
    assert await tried(origin.url("/feed")) == {origin.url("/feed"): "answered 410 Gone"}


@pytest.mark.parametrize("given", ["", "ftp://example.org/", "mailto:ada@example.org", "http://"])
async def test_what_is_no_address_is_not_asked(given: str) -> None:
    assert await tried(given) == {given: "not an http or https address"}


async def test_a_feed_that_has_moved_for_good_is_found_where_it_is_now(origin: Origin) -> None:
    origin.answer("/old", response(301, headers={"Location": "/new"}))
    origin.answer("/today", response(302, headers={"Location": "/new"}))
    origin.serve("/new", RSS)
    assert (await found(origin.url("/old"))).address == origin.url("/new")
    assert (await found(origin.url("/today"))).address == origin.url("/today")
    with_login = origin.url("/old").replace("://", "://ada:word@")
    assert (await found(with_login)).address == with_login


# ---- a page -------------------------------------------------------------------------------------


async def test_the_feed_that_a_page_names_is_found(origin: Origin) -> None:
    link = '<link rel="alternate" type="application/rss+xml" title="News" href="/x?a=1&amp;b=2">'
    page(origin, "/post", link)
    origin.serve("/x?a=1&b=2", RSS)
    assert (await found(origin.url("/post"))).address == origin.url("/x?a=1&b=2")
    assert asked(origin) == ["/post", "/x?a=1&b=2"]


async def test_a_link_field_names_a_feed_too(origin: Origin) -> None:
    field = '</style.css>; rel=preload; as=style, <feed.atom>; type="application/atom+xml"; '
    page(origin, "/a/", "", {"Link": field + 'rel="next alternate"'})
    origin.serve("/a/feed.atom", ATOM)
    assert (await found(origin.url("/a/"))).address == origin.url("/a/feed.atom")


async def test_what_is_named_and_is_no_feed_is_passed_over(origin: Origin) -> None:
    links = [f'<link rel="feed" href="/{name}">' for name in ("gone", "page", "broken", "good")]
    page(origin, "/", "".join(links))
    page(origin, "/page", '<link rel="feed" href="/never">')
    origin.serve("/broken", b"<rss><channel><title")
    origin.serve("/good", ATOM)
    assert (await found(origin.url("/"))).address == origin.url("/good")
    assert asked(origin) == ["/", "/gone", "/page", "/broken", "/good"]


async def test_usual_paths_are_guessed_one_after_another_until_one_is_a_feed(
    origin: Origin,
) -> None:
    page(origin, "/news/today.html", "<p>No word of a feed.</p>")
    origin.serve("/rss.xml", RSS)
    assert (await found(origin.url("/news/today.html"))).address == origin.url("/rss.xml")
    below = [f"/news/{name}" for name in GUESSES]
    assert asked(origin) == ["/news/today.html", *below, "/feed/", "/feed.xml", "/rss.xml"]
    assert origin.open_most == 1


async def test_an_anchor_on_the_same_host_comes_before_the_guesses_and_others_after(
    origin: Origin, other: Origin
) -> None:
    page(origin, "/", f'<a href="{other.url("/rss.xml")}">RSS</a><a href="/xml.php">RSS feed</a>')
    other.serve("/rss.xml", RSS)
    assert (await found(origin.url("/"))).address == other.url("/rss.xml")
    assert asked(origin) == ["/", "/xml.php", *(f"/{name}" for name in GUESSES)]


async def test_nothing_found_tells_what_was_tried_and_why_not(origin: Origin) -> None:
    page(origin, "/", '<link rel="feed" href="/page">')
    page(origin, "/page", "")
    told = await tried(origin.url("/"))
    assert told == {
        origin.url("/"): "an HTML page and not a feed",
        origin.url("/page"): "an HTML page and not a feed",
        **{origin.url(f"/{name}"): "answered 404 Not Found; check the address" for name in GUESSES},
    }


async def test_where_there_is_no_page_nothing_is_guessed(origin: Origin) -> None:
    origin.serve("/picture", b"\x89PNG\r\n")
    assert len(await tried(origin.url("/picture"))) == 1
    assert list(await tried(origin.url("/missing"))) == [origin.url("/missing")]


async def test_a_host_that_refuses_is_not_asked_again(origin: Origin, other: Origin) -> None:
    links = f'<link rel=feed href=/a><link rel=feed href=/b><a href="{other.url("/rss")}">RSS</a>'
    page(origin, "/", links)
    origin.answer("/a", response(429))
    other.serve("/rss", RSS)
    assert (await found(origin.url("/"))).address == other.url("/rss")
    assert asked(origin) == ["/", "/a"]


async def test_a_page_that_names_a_thousand_feeds_is_asked_for_ten(origin: Origin) -> None:
    page(origin, "/", "".join(f"<link rel=feed href=/{n}.rss>" for n in range(1000)))
    assert len(await tried(origin.url("/"))) == 1 + 10 + len(GUESSES)


async def test_a_private_network_is_not_asked(origin: Origin) -> None:
    async with Fetcher(PullSettings(), "Broadsheet/test") as fetcher:
        result = await find(fetcher, origin.url("/feed"), NOW)
    assert isinstance(result, NotFound)
    assert "refused: " in result.tried[0][1]
    assert origin.requests == []


async def test_a_page_with_the_name_of_a_root_in_it_is_still_a_page(origin: Origin) -> None:
    page(origin, "/", "<pre><rss ></pre><link rel=feed href=/feed>")
    origin.serve("/feed", ATOM)
    assert (await found(origin.url("/"))).format == "Atom"


async def test_a_feed_whose_root_comes_late_or_is_no_root_is_read_all_the_same(
    origin: Origin,
) -> None:
    origin.serve("/", b"<!-- " + b"x" * 20_000 + b" -->" + RSS)
    assert (await found(origin.url("/"))).format == "XML"


async def test_a_page_in_utf_16_is_read(origin: Origin) -> None:
    html = '<html><link rel="feed" href="/feed"></html>'
    origin.serve("/", html.encode("utf-16"), content_type="text/html")
    origin.serve("/feed", ATOM)
    assert (await found(origin.url("/"))).address == origin.url("/feed")


# ---- the places of a page -----------------------------------------------------------------------

HERE = "https://example.org/blog/post"


def named(html: str, *links: str) -> tuple[str, ...]:
    return of_page(html, HERE, links).named


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="alternate" type="application/rss+xml" href="/x">',
        "<LINK REL=ALTERNATE TYPE=application/atom+xml HREF=/x>",
        "<link href='/x' type='Application/RSS+XML; charset=utf-8' rel='home  Alternate'/>",
        '<link rel="alternate"\n type = "application/feed+json"\thref\n=\n" /x\n">',
        '<body><p><link rel="feed" href="/x"></p>',
        '<link rel="feed alternate" type="text/html" href="/x">',
        '<link rel=alternate type=application/rdf+xml href="//example.org/x">',
        '<link rel=alternate type="text/xml" href="https://example.org/x#top">',
        '<link rel=feed href="feed://example.org/x">'.replace("feed://", "feed:https://"),
        '<link rel=feed href="/x" href="/second">',
        '<p title="a > b"><link rel=feed title="1 > 0" href=/x>',
        "<!-- <link rel=feed href=/no> --><link rel=feed href=/x>",
        "<script>'<link rel=feed href=/no>'</script><link rel=feed href=/x>",
        '<link rel=feed href=/x><!-- never closed <link rel=feed href="/no">',
        '<base target=_top><base href="https://example.org/"><link rel=feed href=x>',
    ],
)  # fmt: skip
def test_a_link_is_found_however_it_is_written(element: str) -> None:
    assert named(element) == ("https://example.org/x",)


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="stylesheet" href="/x">',
        '<link rel="alternate stylesheet" type="text/xml" href="/x">',
        '<link rel="alternate" hreflang="fr" href="/fr">',
        '<link rel="alternate" type="application/json+oembed" href="/x">',
        '<link rel="alternate" type="application/atom+xml; type=entry" href="/x">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="feed" href="">',
        '<link rel="feed" href="javascript:x()">',
        '<link rel="feed" href="#top">',
        f'<link rel="feed" href="{HERE}">',
        '<linkrel="feed" href="/x">',
        '<link type="application/rss+xml" href="/x">',
    ],
)
def test_what_is_no_link_to_a_feed_is_none(element: str) -> None:
    assert named(element) == ()


def test_the_main_feed_comes_first_and_comments_last() -> None:
    html = """
        <link rel=alternate type=application/json title=JSON href=/wp-json/wp/v2/posts/1>
        <link rel=alternate type=application/rss+xml title="Post Comments" href=/blog/post/feed/>
        <link rel=alternate type=application/rss+xml href=/comments/feed/>
        <link rel=alternate type=application/rss+xml href=https://feeds.example.net/blog>
        <link rel=alternate type=application/rss+xml title=RSS href=https://www.example.org/rss>
        <link rel=alternate type=application/atom+xml title=Atom href=/atom>
        <link rel=alternate type=application/rss+xml title=again href=https://www.example.org/rss>
        """
    assert named(html) == (
        "https://www.example.org/rss",
        "https://example.org/atom",
        "https://example.org/wp-json/wp/v2/posts/1",
        "https://feeds.example.net/blog",
        "https://example.org/blog/post/feed/",
        "https://example.org/comments/feed/",
    )


@pytest.mark.parametrize(
    "field",
    [
        '<https://example.org/x>; rel="alternate"; type="application/rss+xml"',
        "</x>;rel=feed",
        '<../x> ; type="application/atom\\+xml" ; title="a, b; c" ; REL="up ALTERNATE"',
        '<https://example.org/>; rel=preconnect, </x>; rel="feed", </>; rel=home',
        '</x>; rel=feed; rel=stylesheet; title="never closed',
    ],
)
def test_a_link_field_is_read_as_rfc_8288_has_it(field: str) -> None:
    assert named('<base href="https://other.example/">', field) == ("https://example.org/x",)


@pytest.mark.parametrize(
    "field",
    ['</x>; rel="feed"; anchor="/other"', "</x>; rel=up", "/x; rel=feed", "", "<>; rel=feed", '"<'],
)
def test_a_link_field_about_something_else_is_passed_over(field: str) -> None:
    assert named("", field) == ()


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/x.rss">this</a>',
        '<a href="/index.xml">this</a>',
        '<a href="/x/feed/?v=2"><img alt=""></a>',
        '<a href="/feeds">this</a>',
        '<a class=button href=/x.php><svg><path d="M0"/></svg> RSS-Feed </a>',
        '<a href="/x.php" title="Subscribe by RSS"><i></i></a>',
        '<a href="/x.php">XML<a href="/about">About</a>',
        '<a href="/x" type="application/rss+xml">News</a>',
        "<a href='/x.php'>feed",
        '<a href="feed://example.org/x.rss">Subscribe</a>',
    ],
)
def test_an_anchor_that_plainly_leads_to_a_feed_is_tried(anchor: str) -> None:
    if anchor.endswith(">feed"):
        anchor += "</a>"
    assert len(of_page(anchor, HERE).linked) == 1


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/about">About us</a>',
        '<a href="/feed-the-cat">Feed the cat</a>',
        '<a href="/a">How RSS came to be, who made it, and what became of them all</a>',
        '<a href="mailto:ada@example.org">RSS</a>',
        "<a>RSS</a>",
        "<abbr href=/x.rss>RSS</abbr>",
        '<a href="/atoms">Atoms</a><a href=/',
    ],
)
def test_other_anchors_are_not(anchor: str) -> None:
    places = of_page(anchor, HERE)
    assert places.linked + places.elsewhere == ()


def test_a_plain_address_comes_before_a_mere_name() -> None:
    html = '<a href="/subscribe">RSS</a><a href="/rss">All</a>'
    assert of_page(html, HERE).linked == (
        "https://example.org/rss",
        "https://example.org/subscribe",
    )


def test_guesses_are_below_the_folder_of_the_page_and_the_root_each_once() -> None:
    assert of_page("", "https://example.org/?p=1").guessed == tuple(
        f"https://example.org/{name}" for name in GUESSES
    )
    assert len(of_page("", HERE).guessed) == 2 * len(GUESSES)


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<a ",
        '<a href="x',
        "<",
        "<script>",
        "</a ",
        "<a>",
        "<link rel=feed href=x>",
        "<a x=",
    ],
)
def test_a_hostile_page_costs_no_more_than_its_length(piece: str) -> None:
    def cost(count: int) -> float:
        began = time.process_time()
        of_page(piece * count, HERE)
        return time.process_time() - began

    once = min(cost(1_000) for _ in range(3))
    assert min(cost(8_000) for _ in range(2)) < 30 * max(once, 0.001)


pieces = st.sampled_from(
    ["<a", "<link", "<base", " href=", "'", '"', "=", ">", "/>", "</a>", "<!--", "-->", "<script>",
     "</script>", "/x.rss", "rss", " rel=feed", "https://[", "&#x0;", "\0", " type=text/xml"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(html=st.lists(pieces, max_size=30).map("".join) | st.text(), field=st.text(max_size=50))
def test_any_page_gives_addresses_that_can_be_asked(html: str, field: str) -> None:
    places = of_page(html, HERE, (field, f"<{field}>; rel=feed"))
    every = places.named + places.linked + places.guessed + places.elsewhere
    assert all(address.startswith(("https://", "http://")) for address in every)
