"""What is answered before any routing, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from feeds import answers
from tests.asgi import Site
from tests.newsroom import GAZETTE, SHELVES, Newsroom, item, settings_for

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("", [v.name for v in SHELVES])
        room.give(GAZETTE, item("kettle"), verticals=("tech",))
        room.clock.step(hours=1)
        yield room


@pytest.fixture
def site(room: Newsroom) -> Iterator[Site]:
    site = Site(room, settings_for(room.file.parent))
    yield site
    site.close()


def known(site: Site) -> list[tuple[bytes, bytes, bytes | None]]:
    """The requests whose answers are remembered."""
    return list(site.shortcut._known)


def test_what_was_asked_for_is_answered_again_with_the_same(site: Site) -> None:
    first = site.get("/feeds/all.atom", GZIP)
    assert known(site) == [(b"/feeds/all.atom", b"", b"gzip")]
    assert site.get("/feeds/all.atom", GZIP) == first


def test_each_coding_and_query_is_a_request_of_its_own(site: Site) -> None:
    bodies = {
        site.get(path, headers).body
        for path in ("/feeds/all.atom", "/feeds/all.atom?q=kettle", "/feeds/all.rss", "/", "/tech")
        for headers in ({}, GZIP, {"Accept-Encoding": "br"})
        for _ in range(2)
    }
    assert len(bodies) == len(known(site)) == 15


@pytest.mark.parametrize("path", ["/feeds/tech.json", "/tech", "/feeds.opml"])
def test_who_has_it_gets_304_from_memory_as_before(site: Site, path: str) -> None:
    first = site.get(path, GZIP)
    tag, date = first.field("etag") or "", first.field("last-modified") or ""
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
        {"If-None-Match": tag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        again = site.get(path, GZIP | headers)
        assert (again.status, again.body) == (304, b""), headers
        assert again.field("etag") == tag
        assert again.field("content-type") is None


def test_who_has_something_else_gets_all_of_it(site: Site) -> None:
    first = site.get("/feeds/all.atom", GZIP)
    date = first.field("last-modified") or ""
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": date},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert site.get("/feeds/all.atom", GZIP | headers) == first, headers


def test_what_has_changed_is_made_again(site: Site, room: Newsroom) -> None:
    tag = site.get("/feeds/all.atom", GZIP).field("etag") or ""
    room.give(GAZETTE, item("tram"))
    now = site.get("/feeds/all.atom", GZIP | {"If-None-Match": tag})
    assert now.status == 200
    assert now.field("etag") != tag


def test_nothing_is_remembered_while_its_date_may_yet_change(site: Site, room: Newsroom) -> None:
    room.give(GAZETTE, item("tram"))
    early = site.get("/feeds/all.atom").field("last-modified")
    assert known(site) == []
    room.clock.step(seconds=2)
    assert site.get("/feeds/all.atom").field("last-modified") != early
    assert len(known(site)) == 1


def test_a_request_that_says_one_thing_twice_is_read_with_care(site: Site) -> None:
    plain = site.get("/feeds/all.atom")
    assert site.get_with("/feeds/all.atom", [("accept-encoding", "identity;q=0"),
                                             ("accept-encoding", "br")]).status == 200  # fmt: skip
    tag = plain.field("etag") or ""
    tags = [("if-none-match", '"other"'), ("if-none-match", tag)]
    assert site.get_with("/feeds/all.atom", tags).status == 304
    assert len(known(site)) == 1


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_other_methods_go_their_way(site: Site, method: str) -> None:
    site.get("/feeds/all.atom")
    assert site.ask(method, "/feeds/all.atom").status in {204, 405}


def test_head_is_answered_as_get(site: Site) -> None:
    get = site.get("/feeds/all.atom")
    assert site.ask("HEAD", "/feeds/all.atom").headers == get.headers


def test_no_more_requests_are_remembered_than_a_few_thousand(site: Site) -> None:
    for number in range(answers.MOST_REQUESTS + 10):
        site.shortcut.remember(
            {"raw_path": b"/", "query_string": str(number).encode(), "headers": []}, site.kept()
        )
    assert len(known(site)) == answers.MOST_REQUESTS


def test_a_thousand_polls_without_a_change_ask_the_store_nothing(
    site: Site, room: Newsroom
) -> None:
    paths = [
        f"/feeds/{name}.{fmt}{query}"
        for name in ("all", "tech", "science_tech")
        for fmt in ("atom", "rss", "json")
        for query in ("", "?q=kettle", "?not=science&lang=en")
    ] + ["/", "/tech", "/feeds.opml"]
    tags = {path: site.get(path, GZIP).field("etag") or "" for path in paths}
    asked: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(room.query._engine, "before_cursor_execute", count)
    for number in range(1000):
        path = paths[number % len(paths)]
        conditional = {"If-None-Match": tags[path]} if number % 3 else {}
        assert site.get(path, GZIP | conditional).status == (304 if conditional else 200)
    assert asked == []
    room.give(GAZETTE, item("tram"))
    site.get(paths[0], GZIP)
    assert asked


def test_after_a_commit_exactly_what_it_touches_is_new(site: Site, room: Newsroom) -> None:
    touched = {
        "/feeds/all.atom": True,
        "/feeds/tech.rss": False,
        "/feeds/science.json": True,
        "/feeds/science_tech.atom": True,
        "/feeds/culture_tech.atom": False,
        "/feeds/all.atom?q=kettle": False,
        "/feeds/all.rss?q=kettle": False,
        "/feeds/all.atom?q=tram": True,
        "/feeds/all.atom?q=nowhere": False,
        "/feeds/all.json?vertical=science": True,
        "/feeds/all.json?not=science": False,
        "/feeds/science.atom?q=-tram": False,
        "/feeds/all.atom?q=-kettle": True,
        "/feeds/all.atom?author=nobody": False,
        "/": True,
        "/tech": False,
        "/science": True,
        "/feeds.opml": False,
    }
    by_tag = {path: site.get(path).field("etag") or "" for path in touched}
    by_date = {path: site.get(path).field("last-modified") or "" for path in touched}
    room.give("https://herald.example/rss", item("tram"), verticals=("science",))
    room.clock.step(seconds=5)
    for path, is_touched in touched.items():
        status = 200 if is_touched else 304
        assert site.get(path, {"If-None-Match": by_tag[path]}).status == status, path
        assert site.get(path, {"If-Modified-Since": by_date[path]}).status == status, path
