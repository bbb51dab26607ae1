from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from itertools import permutations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from feeds import conditional
from tests import fuzz
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, Clock, Newsroom, item, settings_for, titled
from tests.service import Answer, Service, serving

CONFIG = """
[site]
title = "The Merrow Bulletin"

[store]
url = "sqlite:///store.db"

[verticals.science]
[verticals.tech]
[verticals.open-source]

[[queries]]
name = "whistles"
title = "What whistles"
verticals = ["tech", "science"]
q = "whistles"
[[queries]]
name = "of-all"
"""

KETTLE = """\
Kettle & Choir <Live>
The Tollen Ledger
by Ada Inkwell, Óscar Quill-NibFebruary 13, 2026
A kettle whistles "B flat" & nobody minds.
Verticals
techscience
Originally published on The Tollen Ledger on 2/13/2026
"""

MOSS = """\
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">
<title>Field Notes</title><id>tag:notes.example,2026:f</id>
<entry><id>https://notes.example/moss</id><title>Moss leans</title>
<updated>2026-03-01T10:00:00Z</updated>
<link href="https://notes.example/moss"/><category term="science"/>
<content type="html">&lt;p&gt;It leans &lt;em&gt;west&lt;/em&gt;.&lt;/p&gt;</content></entry></feed>
"""

FORMATS = ("rss", "atom", "json")
SECURE_TEXT = ("text/plain; charset=utf-8", "nosniff")
RETIRED = "https://herald.example/tide"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("routes")
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    (folder / "seeds" / "kettle.txt").write_text(KETTLE)
    (folder / "seeds" / "moss.atom").write_text(MOSS)
    join_two_stories(folder)
    with serving(folder) as running:
        yield running


def join_two_stories(folder: Path) -> None:
    """Leaves a store in which the gazette has made one story of a seed's and the herald's."""
    with Newsroom(folder, Clock(datetime.now(UTC) - timedelta(days=1))) as room:
        room.seed("tide.txt", "About tide")
        room.clock.step(hours=1)
        room.give(HERALD, item("tide", guid=RETIRED, title=titled("The tide comes in")))
        room.give(GAZETTE, item("tide"))
        assert len(room.window()) == 1


def renditions(service: Service, name: str) -> tuple[bytes, ...]:
    return tuple(service.get(f"/feeds/{name}.{fmt}").body for fmt in FORMATS)


def validators(answer: Answer) -> tuple[str, str]:
    etag, last_modified = answer.field("etag"), answer.field("last-modified")
    assert etag
    assert last_modified
    return etag, last_modified


def page_of(identifier: str) -> str:
    """The path of a story's page, by the rule of docs/addresses.md."""
    return f"/stories/{sha256(identifier.encode()).hexdigest()[:20]}"


def is_plain_line(answer: Answer) -> bool:
    said = (answer.field("content-type"), answer.field("x-content-type-options"))
    return said == SECURE_TEXT and answer.text.count("\n") == 1 and answer.text.endswith("\n")


# ---- feeds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fmt", "media_type"),
    [
        ("rss", "application/rss+xml; charset=utf-8"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("json", "application/feed+json"),
    ],
)
def test_a_feed_has_every_header_that_readers_and_caches_want(
    service: Service, fmt: str, media_type: str
) -> None:
    answer = service.get(f"/feeds/tech.{fmt}")
    assert answer.status == 200
    etag, last_modified = validators(answer)
    said = dict(answer.headers)
    del said["date"]
    assert said == {
        "content-type": media_type,
        "content-length": str(len(answer.body)),
        "etag": etag,
        "last-modified": last_modified,
        "cache-control": "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400",
        "vary": "Accept-Encoding",
        "link": f'<{service.address}/feeds/tech.{fmt}>; rel="self"',
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Link",
        "x-content-type-options": "nosniff",
    }
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    assert b"Kettle &" in answer.body.replace(b"&amp;", b"&").replace(b"&#x26;", b"&")


@pytest.mark.parametrize(
    "if_none_match",
    ["{etag}", "W/{etag}", '"another", {etag}', '"another" , W/{etag},"third"', "*"],
)
def test_who_has_the_feed_already_gets_304_without_a_body(
    service: Service, if_none_match: str
) -> None:
    full = service.get("/feeds/all.atom")
    etag, _ = validators(full)
    answer = service.get("/feeds/all.atom", if_none_match=if_none_match.format(etag=etag))
    assert (answer.status, answer.body) == (304, b"")
    gone = {"content-type", "content-length", "date"}
    owed = [(name, value) for name, value in full.headers if name not in gone]
    assert [(name, value) for name, value in answer.headers if name != "date"] == owed


def test_a_list_of_tags_may_come_in_several_lines(service: Service) -> None:
    etag, _ = validators(service.get("/feeds/all.atom"))
    lines = [("If-None-Match", '"another"'), ("If-None-Match", etag)]
    assert service.ask("GET", "/feeds/all.atom", lines).status == 304


@pytest.mark.parametrize(
    "headers",
    [
        {"if_none_match": '"another"'},
        {"if_none_match": '"another"', "if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"if_none_match": ""},
        {"if_modified_since": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"if_modified_since": "yesterday"},
    ],
)
def test_who_has_another_feed_gets_all_of_it(service: Service, headers: dict[str, str]) -> None:
    assert service.get("/feeds/all.atom", **headers).status == 200


@pytest.mark.parametrize(
    "path", ["/feeds/all.rss", "/feeds.opml", "/healthz", "/readyz", "/", "/tech", "/nothing"]
)
def test_head_gives_the_headers_of_get_and_no_body(service: Service, path: str) -> None:
    full, head = service.get(path), service.ask("HEAD", path)
    assert (head.status, head.body) == (full.status, b"")
    told = [[(k, v) for k, v in one.headers if k != "date"] for one in (full, head)]
    assert told[0] == told[1]
    assert full.field("content-length") == str(len(full.body))


@pytest.mark.parametrize("path", ["/feeds/all.json", "/feeds/science_tech.rss"])
def test_options_on_a_feed_tells_a_web_page_what_it_may_ask(service: Service, path: str) -> None:
    answer = service.ask("OPTIONS", path)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.field("access-control-allow-origin") == "*"
    assert answer.field("access-control-allow-methods") == "GET, HEAD"
    assert answer.field("access-control-allow-headers") == "If-None-Match, If-Modified-Since"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/feeds/all.atom", {"GET", "HEAD", "OPTIONS"}),
        ("/feeds.opml", {"GET", "HEAD"}),
        ("/", {"GET", "HEAD"}),
        ("/stories/0123456789abcdef0123", {"GET", "HEAD"}),
        ("/readyz", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_told_which_there_are(
    service: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = service.ask(method, path)
    assert answer.status == 405
    assert set((answer.field("allow") or "").split(", ")) == allowed
    assert is_plain_line(answer)


# ---- selections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "tech_science",
        "tech+science",
        "tech%2Bscience",
        "tech%2bscience",
        "science%252Btech",
        "tech,science",
        "science%2Ctech",
        "tech%20science",
        "tech%2C%20science",
        "science_tech_science",
        "TECH+Science",
    ],
)
def test_a_union_is_one_feed_in_every_spelling(service: Service, spelling: str) -> None:
    assert renditions(service, spelling) == renditions(service, "science_tech")
    answer = service.get(f"/feeds/{spelling}.atom")
    own = f"{service.address}/feeds/science_tech.atom"
    assert answer.field("link") == f'<{own}>; rel="self"'
    feed = ET.fromstring(answer.body)
    links = {link.get("rel"): link.get("href") for link in feed.findall("{*}link")}
    assert links == {"self": own, "alternate": f"{service.address}/science_tech"}


def test_a_union_holds_each_story_of_its_verticals_once(service: Service) -> None:
    feed = ET.fromstring(service.get("/feeds/science_tech.atom").body)
    titles = sorted(title.text or "" for title in feed.findall("{*}entry/{*}title"))
    assert titles == ["Kettle & Choir <Live>", "Moss leans"]


def test_any_order_of_three_verticals_is_one_feed(service: Service) -> None:
    names = [",".join(order) for order in permutations(("tech", "open-source", "science"))]
    assert len({renditions(service, name) for name in names}) == 1


@pytest.mark.parametrize(
    "path",
    ["/feeds/tehc.atom", "/feeds/tech_tehc.json", "/feeds/.rss", "/tehc", "/feeds"],
)
def test_an_unknown_selection_is_404_and_named_the_verticals_there_are(
    service: Service, path: str
) -> None:
    answer = service.get(path)
    assert answer.status == 404
    assert answer.text == (
        "no such selection; there are: all, open-source, science, tech, of-all, whistles\n"
    )
    assert is_plain_line(answer)


KETTLE_TITLE, MOSS_TITLE, TIDE_TITLE = "Kettle & Choir <Live>", "Moss leans", "About tide"


def titles(service: Service, path: str) -> set[str]:
    answer = service.get(path)
    assert answer.status == 200, answer.text
    found = ET.fromstring(answer.body).findall("{*}entry/{*}title")
    return {title.text or "" for title in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=KETTLE", {KETTLE_TITLE}),
        ("q=nobody+kettle", {KETTLE_TITLE}),
        ("q=%22nobody+minds%22", {KETTLE_TITLE}),
        ("q=%22minds+nobody%22", set()),
        ("q=kettl", set()),
        ("q=-kettle", {MOSS_TITLE, TIDE_TITLE}),
        ("q=west&q=nobody", {MOSS_TITLE, KETTLE_TITLE}),
        ("source=The+Tollen+Ledger", {KETTLE_TITLE}),
        ("source=the+tollen+ledger", set()),
        (f"source={GAZETTE}", {TIDE_TITLE}),
        (f"source={HERALD}", {TIDE_TITLE}),
        ("author=ADA+inkwell&q=kettle", {KETTLE_TITLE}),
        ("author=%C3%B3scar+QUILL+nib", {KETTLE_TITLE}),
        ("author=Ada", set()),
        ("lang=en", {MOSS_TITLE}),
        ("lang=EN_gb", {MOSS_TITLE}),
        ("lang=en-US", set()),
        ("vertical=science&vertical=tech", {KETTLE_TITLE}),
        ("q=-absent&not=tech&lang=en", {MOSS_TITLE}),
    ],
)
def test_a_parameter_narrows_a_feed_to_the_stories_for_which_it_holds(
    service: Service, query: str, found: set[str]
) -> None:
    assert titles(service, f"/feeds/all.atom?{query}") == found


@pytest.mark.parametrize("parameter", ["q", "source", "author", "lang"])
@pytest.mark.parametrize("query", ["{}=", "{}", "{}=%20", "utm_source=x&{}=%09"])
def test_a_parameter_that_is_blank_makes_no_difference(
    service: Service, parameter: str, query: str
) -> None:
    plain = service.get("/feeds/all.atom")
    answer = service.get(f"/feeds/all.atom?{query.format(parameter)}")
    assert (answer.body, answer.field("link")) == (plain.body, plain.field("link"))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=%00", "q: holds no word to look for"),
        ("q=" + "x" * 201, "q: has more than 200 characters"),
        ("q=a+b+c+d+e+f+g+h+i", "q: has more than 8 words"),
        ("".join(f"q={n}&" for n in range(9)), "q: may be given 8 times at the most"),
        ("author=...", "author: holds no name"),
        ("source=" + "x" * 501, "source: has more than 500 characters"),
        ("lang=%00", "lang: is no language tag; write one such as en or pt-BR"),
    ],
)
def test_a_parameter_that_says_nothing_is_400_and_named(
    service: Service, query: str, told: str
) -> None:
    answer = service.get(f"/feeds/tech.json?{query}")
    assert (answer.status, answer.text) == (400, f"{told}\n")
    assert is_plain_line(answer)


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@pytest.mark.parametrize(
    "value", ["%00", "%08%0b", "%ff%fe", "%3C%26%22%27%3E", "%ed%a0%80", "%c2%85"]
)
def test_a_feed_is_well_formed_whatever_is_asked_for(
    service: Service, fmt: str, value: str
) -> None:
    for name in ("source", "q", "author"):
        said = value if name == "source" else f"a{value}b"
        answer = service.get(f"/feeds/all.{fmt}?{name}={said}")
        assert answer.status == 200
        feed = ET.fromstring(answer.body)
        assert feed.tag


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("q=Nobody+KETTLE", "q=kettle+nobody"),
        ("utm_source=x&q=-%22Tea%20Pot%22+b+a&q=", "q=a+b+-%22tea+pot%22"),
        ("source=b&source=A&author=Bo+QUILL&lang=pt_BR",
         "author=bo+quill&lang=pt-br&source=A&source=b"),
        ("vertical=TECH&vertical=all&not=Open-Source", "not=open-source&vertical=tech"),
        ("q=%E5%8D%8A%E5%B0%8E%E4%BD%93", "q=%E5%8D%8A%E5%B0%8E%E4%BD%93"),
    ],
)  # fmt: skip
def test_a_narrowed_feed_says_its_one_canonical_address(
    service: Service, query: str, canonical: str
) -> None:
    asked = service.get(f"/feeds/all.atom?{query}")
    own = f"/feeds/all.atom?{canonical}"
    assert asked.field("link") == f'<{service.address}{own}>; rel="self"'
    again = service.get(own)
    assert (again.body, again.field("etag")) == (asked.body, asked.field("etag"))


# ---- saved queries ------------------------------------------------------------------------------


def test_a_saved_query_is_a_feed_and_a_page_of_its_own(service: Service) -> None:
    assert titles(service, "/feeds/whistles.atom") == {KETTLE_TITLE}
    feed = ET.fromstring(service.get("/feeds/WHISTLES.atom").body)
    assert feed.findtext("{*}title") == "The Merrow Bulletin: What whistles"
    links = {link.get("rel"): link.get("href") for link in feed.findall("{*}link")}
    own = f"{service.address}/feeds/whistles.atom"
    assert links == {"self": own, "alternate": f"{service.address}/whistles"}
    page = service.get("/whistles")
    assert page.status == 200
    assert "Kettle &amp; Choir" in page.text
    assert "Moss leans" not in page.text


def test_a_saved_query_is_narrowed_further_and_has_no_archives(service: Service) -> None:
    assert titles(service, "/feeds/whistles.atom?vertical=science") == {KETTLE_TITLE}
    assert titles(service, "/feeds/whistles.atom?q=west") == set()
    assert service.get("/feeds/whistles/archive/0.atom").status == 404
    assert service.get("/feeds/whistles.atom?page=0").status == 400


def test_a_saved_query_of_everything_is_a_feed_as_that_of_everything(service: Service) -> None:
    assert titles(service, "/feeds/of-all.atom") == titles(service, "/feeds/all.atom")
    ids = {ET.fromstring(service.get(f"/feeds/{name}.atom").body).findtext("{*}id")
           for name in ("all", "of-all", "whistles", "science_tech")}  # fmt: skip
    assert len(ids) == 4


@pytest.mark.parametrize("name", ["whistles_tech", "whistles,of-all", "all whistles"])
def test_a_saved_query_stands_in_no_union(service: Service, name: str) -> None:
    assert service.get(f"/feeds/{name.replace(' ', '%20')}.atom").status == 404


def test_an_unknown_parameter_makes_no_difference(service: Service) -> None:
    plain = service.get("/feeds/all.atom")
    known = service.get("/feeds/all.atom?utm_source=x&limit=%ff&page")
    told = [[(k, v) for k, v in one.headers if k != "date"] for one in (plain, known)]
    assert (told[0], plain.body) == (told[1], known.body)


# ---- the list, and the two for machines ---------------------------------------------------------


def test_the_subscription_list_names_every_feed_and_each_answers(service: Service) -> None:
    answer = service.get("/feeds.opml")
    assert answer.field("content-type") == "text/x-opml; charset=utf-8"
    stale = "stale-while-revalidate=3600, stale-if-error=86400"
    assert answer.field("cache-control") == f"public, max-age=300, {stale}"
    outlines = ET.fromstring(answer.body).findall("body/outline")
    assert [one.get("xmlUrl") for one in outlines] == [
        f"{service.address}/feeds/{name}.atom"
        for name in ("all", "science", "tech", "open-source", "whistles", "of-all")
    ]
    assert outlines[4].get("text") == "The Merrow Bulletin: What whistles"
    for one in outlines:
        for address in (one.get("xmlUrl"), one.get("htmlUrl")):
            assert address
            assert service.get(address.removeprefix(service.address)).status == 200


@pytest.mark.parametrize(("path", "said"), [("/healthz", "alive\n"), ("/readyz", "ready\n")])
def test_the_service_says_that_it_lives_and_is_ready(
    service: Service, path: str, said: str
) -> None:
    answer = service.get(path)
    assert (answer.status, answer.text) == (200, said)
    assert answer.field("cache-control") == "no-store"


# ---- pages --------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The autodiscovery links of a page, and every address on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.feeds: dict[str, str] = {}
        self.hrefs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "link" and said.get("rel") == "alternate":
            self.feeds[said["type"]] = said["href"]
        if "href" in said:
            self.hrefs.append(said["href"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "all"),
        ("/tech", "tech"),
        ("/tech+Science", "science_tech"),
        ("/Whistles", "whistles"),
    ],
)
def test_a_page_leads_to_its_feeds_in_every_format(service: Service, path: str, name: str) -> None:
    answer = service.get(path)
    assert answer.status == 200
    assert answer.field("content-type") == "text/html; charset=utf-8"
    assert Links(answer.text).feeds == {
        "application/atom+xml": f"{service.address}/feeds/{name}.atom",
        "application/rss+xml": f"{service.address}/feeds/{name}.rss",
        "application/feed+json": f"{service.address}/feeds/{name}.json",
    }


@pytest.mark.parametrize("path", ["/", "/tech", "/science", "/open-source", "/whistles"])
def test_every_address_of_ours_on_a_page_and_its_story_pages_answers(
    service: Service, path: str
) -> None:
    pages = [service.get(path).text]
    own = {href for href in Links(pages[0]).hrefs if href.startswith(service.address)}
    stories = sorted(href for href in own if "/stories/" in href)
    pages += [service.get(href.removeprefix(service.address)).text for href in stories]
    own |= {h for p in pages for h in Links(p).hrefs if h.startswith(service.address)}
    answers = {href: service.get(href.removeprefix(service.address)).status for href in own}
    assert set(answers.values()) == {200}, answers


def test_who_has_but_the_date_of_a_story_page_gets_what_has_come_to_it_and_left_it(
    tmp_path: Path,
) -> None:
    """The story itself has not changed: a related one came, and was withdrawn."""
    with Newsroom(tmp_path) as room:
        room.store.refresh("", ())
        room.give(GAZETTE, item("bridge", title=titled("Harbour bridge collapsed"), text="One."))
        site, path = Site(room, settings_for(tmp_path)), f"/stories/{room.only().page_id}"
        room.clock.step(minutes=1)
        dates = [site.get(path).field("last-modified") or ""]
        later = item("again", title=titled("Harbour bridge collapsed again"), text="Two.")
        for change in (
            lambda: room.give(HERALD, later),
            lambda: room.store.withdraw(later.guid or ""),
        ):
            assert site.get(path, {"If-Modified-Since": dates[-1]}).status == 304
            change()
            room.clock.step(minutes=1)
            answer = site.get(path, {"If-Modified-Since": dates[-1]})
            assert answer.status == 200
            assert ("collapsed again" in answer.text) is (len(dates) == 1)
            dates.append(answer.field("last-modified") or "")
        assert site.get(path, {"If-Modified-Since": dates[-1]}).status == 304
        site.close()


def test_a_story_page_shows_the_story_safely_and_leads_to_the_feeds_it_stands_in(
    service: Service,
) -> None:
    listed = ET.fromstring(service.get("/feeds/tech.atom").body)
    link = listed.find("{*}entry/{*}link")
    assert link is not None
    address = link.get("href") or ""
    answer = service.get(address.removeprefix(service.address))
    assert answer.status == 200
    assert ">Kettle &amp; Choir &lt;Live&gt;</h1>" in answer.text
    assert "by <bdi>Ada Inkwell</bdi>, <bdi>Óscar Quill-Nib</bdi>" in answer.text
    assert 'whistles "B flat" &amp; nobody minds.</p>' in answer.text
    assert f'title="Science (Atom)" href="{service.address}/feeds/science.atom"' in answer.text
    assert f'title="Tech (Atom)" href="{service.address}/feeds/tech.atom"' in answer.text
    assert f'<link rel="canonical" href="{address}">' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/all",
        "/tech",
        "/whistles",
        page_of("https://notes.example/moss"),
        "/search?q=kettle",
        "/about",
        "/privacy",
        "/feeds.opml",
    ],
)
def test_a_page_and_the_list_have_validators_and_codings_as_feeds_have(
    service: Service, path: str
) -> None:
    whole = service.get(path, accept_encoding="gzip")
    etag, _ = validators(whole)
    assert gzip.decompress(whole.body) == service.get(path).body
    assert re.fullmatch(r'"[0-9a-f]{32}-[0-9A-Za-z.]+"', etag)
    assert (whole.field("content-encoding"), whole.field("vary")) == ("gzip", "Accept-Encoding")
    again = service.get(path, accept_encoding="gzip", if_none_match=f"W/{etag}")
    assert (again.status, again.body, again.field("etag")) == (304, b"", etag)
    assert service.get(path, if_none_match=etag).status == 200, "another coding"
    assert service.get(path, accept_encoding="identity;q=0").status == 406
    if path != "/feeds.opml":
        for answer in (whole, again):
            assert answer.field("cache-control") == conditional.CACHE_CONTROL
            assert answer.field("referrer-policy") == "no-referrer"


def test_a_page_loads_nothing_but_what_is_ours(service: Service) -> None:
    for path in ("/", "/tech", "/search", "/about", "/nonesuch"):
        answer = service.get(path, accept="text/html")
        assert answer.field("content-security-policy") == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        loaded = re.findall(r'(?:src|rel="(?:stylesheet|icon)" href)="([^"]*)"', answer.text)
        assert len(loaded) == 3
        for file in loaded:
            assert file.startswith("/static/")
            given = service.get(file)
            assert given.status == 200
            assert given.field("cache-control") == conditional.LASTING_CACHE_CONTROL


def test_the_page_of_a_story_that_was_joined_leads_on_to_the_one_it_is_now(
    service: Service,
) -> None:
    listed = ET.fromstring(service.get("/feeds/all.atom").body)
    ids = {e.findtext("{*}title"): e.findtext("{*}id") for e in listed.findall("{*}entry")}
    kept = page_of(ids["About tide"] or "")
    assert service.get(kept).status == 200
    assert RETIRED not in ids.values()
    answer = service.get(page_of(RETIRED))
    assert (answer.status, answer.field("location")) == (301, service.address + kept)


@pytest.mark.parametrize("page_id", ["0123456789abcdef0123", "%00", "%F0%9F%AB%96", "x" * 5000])
def test_the_page_of_no_story_is_404(service: Service, page_id: str) -> None:
    answer = service.get(f"/stories/{page_id}")
    assert (answer.status, answer.text) == (404, "no such story\n")
    assert is_plain_line(answer)


def test_a_page_of_before_still_finds_what_it_loads(service: Service) -> None:
    moved = service.get("/static/style.0123abcd.css")
    assert moved.status == 302
    given = service.get(f"/static/{moved.field('location')}")
    assert (given.status, given.field("content-type")) == (200, "text/css; charset=utf-8")
    for name in ("style.css", "nothing.0123abcd.css", "..%2Fapp.py", ""):
        assert service.get(f"/static/{name}").status == 404
    assert service.get("/favicon.ico").field("content-type") == "image/x-icon"
    assert service.get("/robots.txt").text == "User-agent: *\nDisallow: /search\n"


# ---- what a browser is shown ---------------------------------------------------------------------

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_a_page_for_what_is_not_there(service: Service) -> None:
    answer = service.get("/tehc", **BROWSER)
    assert (answer.status, answer.field("content-type")) == (404, "text/html; charset=utf-8")
    assert "<h1>Not Found</h1>" in answer.text
    assert "No such selection; there are: all, open-source, science, tech" in answer.text
    assert '<a href="/tech"' in answer.text
    for path, status in (("/stories/nope", 404), ("/search?vertical=nope", 400), ("/all/", 404)):
        answer = service.get(path, **BROWSER)
        assert (answer.status, answer.field("content-type")) == (status, "text/html; charset=utf-8")
        assert "content-security-policy" in dict(answer.headers)
        assert answer.field("vary") == "Accept"
    unfit = service.get("/", **BROWSER, accept_encoding="identity;q=0")
    assert (unfit.status, unfit.field("vary")) == (406, "Accept-Encoding, Accept")


def test_a_feeds_address_never_answers_with_a_page(service: Service) -> None:
    for path in ("/feeds/tehc.atom", "/feeds/all.atom?vertical=nope", "/feeds/nope"):
        answer = service.get(path, **BROWSER)
        assert answer.status in {400, 404}
        assert is_plain_line(answer)
        assert answer.field("vary") is None


@pytest.mark.parametrize("path", ["/all/archive/x", "/all/archive/7", "/whistles/archive/0"])
def test_no_page_is_there_for_what_is_no_archive(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status == 404
    assert answer.text == "no such archive; begin at the feed and follow its prev-archive\n"


def test_a_search_finds_stories_and_offers_the_feeds_of_the_search(service: Service) -> None:
    page = service.get("/search?q=KETTLE&vertical=all").text
    assert "Stories with kettle</h1>" in page
    assert page.count('<article class="item"') == 1
    assert f'href="{service.address}/feeds/all.atom?q=kettle"' in page
    assert f'<link rel="canonical" href="{service.address}/search?q=kettle">' in page
    assert '<meta name="robots" content="noindex">' in page
    assert "Nothing was found." in service.get("/search?q=nonesuch").text
    within = service.get("/search?q=kettle&vertical=tech&lang=en").text
    assert '<option value="tech" selected>' in within
    assert '<input type="hidden" name="lang" value="en">' in within
    assert service.get("/tech?q=kettle").text.count('<article class="item"') == 1


def test_a_search_for_nothing_is_the_form_to_fill_in(service: Service) -> None:
    for path in ("/search", "/search?q=&vertical=all", "/search?utm_source=x"):
        page = service.get(path).text
        assert "<h1>Search</h1>" in page
        assert '<article class="item"' not in page


def test_the_about_page_has_every_feed_and_the_privacy_page_what_is_kept(service: Service) -> None:
    about = service.get("/about").text
    for name in ("science", "tech", "open-source", "whistles", "of-all"):
        assert all(f'href="/feeds/{name}.{fmt}"' in about for fmt in FORMATS)
    assert 'id="verticals"' in about
    assert "load nothing from any other host" in service.get("/privacy").text


# ---- whatever is asked --------------------------------------------------------------------------

EVERY_KIND = (
    "/",
    "/tech",
    "/tech/",
    "/feeds/all.rss",
    "/feeds/all.rss/",
    "/feeds/all.rss?q=x",
    "/feeds/whistles.json",
    "/whistles",
    "/feeds.opml",
    "/healthz",
    "/healthz/",
    "/readyz",
    "/nothing",
    page_of("https://notes.example/moss"),
    page_of(RETIRED),
)


@pytest.mark.parametrize("path", EVERY_KIND)
def test_nothing_in_a_request_becomes_part_of_an_answer_for_others(
    service: Service, path: str
) -> None:
    plain = service.get(path)
    hostile = service.ask(
        "GET",
        path,
        [
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "gopher"),
            ("Forwarded", "host=evil.example"),
            ("X-Original-URL", "/evil.example"),
            ("Cookie", "evil.example=1"),
            ("Origin", "https://evil.example"),
        ],
    )
    assert hostile.status == plain.status
    assert hostile.body == plain.body
    assert b"evil.example" not in repr(hostile.headers).encode() + hostile.body


@pytest.mark.parametrize("path", EVERY_KIND)
def test_the_host_header_never_becomes_part_of_an_answer(service: Service, path: str) -> None:
    status, head, body = fuzz.raw(
        service, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: evil.example"
    )
    assert status in {200, 301, 400, 404}
    assert b"evil.example" not in head + body


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "DELETE"])
def test_no_answer_sets_a_cookie(service: Service, path: str, method: str) -> None:
    assert service.ask(method, path).field("set-cookie") is None


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/.atom",
        "/feeds/tech",
        "/feeds/tech.xml",
        "/feeds/tech.ATOM",
        "/feeds/tech.atom/",
        "/feeds/",
        "/feeds/%00.rss",
        "/feeds/%ff%fe.rss",
        "/feeds/tech%2F..%2F..%2Fetc%2Fpasswd.rss",
        "/feeds/../../etc/passwd",
        "/stories/",
        "/tech/",
        "//evil.example/",
        "/%2e%2e",
        "/" + "a" * 60_000,
        "/feeds/" + "tech_" * 10_000 + "tehc.rss",
        "/feeds/" + "%00" * 10_000 + ".json",
    ],
)
def test_an_odd_address_is_404(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status == 404
    assert is_plain_line(answer)


@settings(max_examples=500, deadline=None)
@given(fuzz.METHODS, fuzz.ADDRESSES, fuzz.HEADERS)
def test_no_request_is_answered_with_a_fault(
    service: Service, method: bytes, address: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    status, _, _ = fuzz.ask(service, method, address, headers)
    fuzz.check(status, service)
