"""What readers get of codings and archives, from a running service."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import brotli
import pytest

from aggregator.settings import ArchiveLimits
from tests.newsroom import GAZETTE, Clock, Newsroom, item
from tests.service import Answer, Service, serving
from tests.subscribers import read, walk

CONFIG = """
[store]
url = "sqlite:///store.db"
[feeds]
size = 2
archive_size = 3
[verticals.science]
[verticals.tech]
"""
FORMATS = ("rss", "atom", "json")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A store of yesterday with ten stories of tech, and one that was withdrawn."""
    folder = tmp_path_factory.mktemp("archives")
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    yesterday = Clock(datetime.now(UTC) - timedelta(days=1))
    with Newsroom(folder, yesterday, ArchiveLimits(stories=3)) as room:
        for number in range(11):
            room.give(GAZETTE, item(f"tram-{number}"), verticals=("tech",))
            room.clock.step(minutes=1)
        room.store.withdraw("https://gazette.example/tram-5")
    with serving(folder, "--no-pull") as running:
        yield running


def ask(service: Service, address: str, **headers: str) -> Answer:
    return service.get(address.removeprefix(service.address), **headers)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    ("coding", "decode"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_a_feed_comes_in_the_coding_that_is_asked_for_under_a_tag_of_its_own(
    service: Service, fmt: str, coding: str, decode: object
) -> None:
    assert callable(decode)
    plain = service.get(f"/feeds/tech.{fmt}")
    coded = service.get(f"/feeds/tech.{fmt}", accept_encoding=coding)
    assert (coded.status, coded.field("content-encoding")) == (200, coding)
    assert decode(coded.body) == plain.body
    assert coded.field("content-length") == str(len(coded.body))
    assert coded.field("etag") != plain.field("etag")
    same = ("content-type", "last-modified", "vary", "cache-control", "link")
    assert [coded.field(name) for name in same] == [plain.field(name) for name in same]
    for tag, accepted, status in (
        (coded.field("etag"), coding, 304),
        (plain.field("etag"), "identity", 304),
        (coded.field("etag"), "identity", 200),
        (plain.field("etag"), coding, 200),
    ):
        answer = service.get(
            f"/feeds/tech.{fmt}", accept_encoding=accepted, if_none_match=tag or ""
        )
        assert answer.status == status
        assert answer.field("content-encoding") == (coding if (status, accepted) == (200, coding)
                                                    else None)  # fmt: skip
        assert answer.field("vary") == "Accept-Encoding"


def test_head_in_a_coding_gives_the_headers_of_get(service: Service) -> None:
    lines = [("Accept-Encoding", "deflate"), ("Accept-Encoding", "gzip")]
    full, head = (service.ask(method, "/feeds/all.rss", lines) for method in ("GET", "HEAD"))
    told = [[(k, v) for k, v in one.headers if k != "date"] for one in (full, head)]
    assert told[0] == told[1]
    assert head.body == b""
    assert full.field("content-encoding") == "gzip"


def test_who_takes_no_coding_of_ours_is_told_which_there_are(service: Service) -> None:
    answer = service.get("/feeds/all.atom", accept_encoding="identity;q=0, zstd")
    assert (answer.status, answer.field("vary")) == (406, "Accept-Encoding")
    assert answer.text == "Accept-Encoding: there are br, gzip, or none at all\n"


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_walk_gives_every_story_once(service: Service, fmt: str) -> None:
    documents = walk(
        lambda address, headers: ask(service, address, **headers),
        f"{service.address}/feeds/tech.{fmt}",
    )
    ids = [identifier for one in documents.values() for identifier in dict.fromkeys(one.ids)]
    wanted = {f"https://gazette.example/tram-{n}" for n in range(11)} - {
        "https://gazette.example/tram-5"
    }
    assert set(ids) == wanted
    assert [len(one.ids) for one in documents.values()][1:] == [3, 2, 3, 1, 0]


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_an_archive_says_that_it_is_one_and_what_is_beside_it(service: Service, fmt: str) -> None:
    feed = f"{service.address}/feeds/tech.{fmt}"
    newest = read(ask(service, feed).body, fmt).beside["prev-archive"]
    answer = ask(service, newest)
    document = read(answer.body, fmt)
    assert document.is_archive
    assert set(document.beside) - {"alternate"} == {"self", "current", "prev-archive"}
    assert (document.beside["self"], document.beside["current"]) == (newest, feed)
    older = read(ask(service, document.beside["prev-archive"]).body, fmt)
    assert older.beside["next-archive"] == newest
    assert answer.field("link") == f'<{newest}>; rel="self"'
    assert answer.field("cache-control") == (
        "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
    )
    assert ask(service, newest, if_none_match=answer.field("etag") or "").status == 304
    coded = ask(service, newest, accept_encoding="gzip")
    assert gzip.decompress(coded.body) == answer.body


def test_a_json_feed_leads_from_each_document_to_the_next_under_one_address(
    service: Service,
) -> None:
    address, seen = f"{service.address}/feeds/tech.json", []
    while address:
        feed = json.loads(ask(service, address).body)
        assert feed["feed_url"] == f"{service.address}/feeds/tech.json"
        seen.append(address)
        address = feed.get("next_url", "")
    assert len(seen) == len(set(seen)) == 6


def test_a_withdrawn_story_is_a_tombstone_in_atom_alone(service: Service) -> None:
    tombstone = b'<at:deleted-entry ref="https://gazette.example/tram-5" when="'
    assert tombstone in service.get("/feeds/tech.atom").body
    documents = walk(
        lambda address, headers: ask(service, address, **headers),
        f"{service.address}/feeds/tech.atom",
    )
    told = [address for address, one in documents.items() if one.deleted]
    assert told == [f"{service.address}/feeds/tech.atom"]
    for fmt in ("rss", "json"):
        assert b"tram-5" not in service.get(f"/feeds/tech.{fmt}").body


def test_the_page_of_a_withdrawn_story_is_410(service: Service) -> None:
    page_id = sha256(b"https://gazette.example/tram-5").hexdigest()[:20]
    answer = service.get(f"/stories/{page_id}")
    assert (answer.status, answer.text) == (410, "this story was withdrawn\n")


@pytest.mark.parametrize(
    "path", ["1.rss", "x.atom", "-1.json", "1e3.rss", "01.atom", "999999999999999999.rss",
             "99999999999999999999.rss", "3.xml", "%D9%A3.rss", "3"]
)  # fmt: skip
def test_an_archive_that_is_not_there_is_404(service: Service, path: str) -> None:
    answer = service.get(f"/feeds/tech/archive/{path}")
    assert answer.status == 404
    assert answer.text.startswith("no such ")


def test_a_feed_without_archives_has_no_beginning_of_them(service: Service) -> None:
    assert service.get("/feeds/science/archive/0.atom").status == 404
    assert service.get("/feeds/none/archive/0.atom").status == 404


def test_an_archive_answers_the_methods_that_a_feed_does(service: Service) -> None:
    path = "/feeds/tech/archive/0.atom"
    assert service.ask("OPTIONS", path).status == 204
    assert service.ask("HEAD", path).status == 200
    posted = service.ask("POST", path)
    assert (posted.status, set((posted.field("allow") or "").split(", "))) == (
        405, {"GET", "HEAD", "OPTIONS"},
    )  # fmt: skip


def test_a_thousand_polls_of_what_does_not_change_are_a_thousand_times_304(
    service: Service,
) -> None:
    tags = {
        (fmt, coding): service.get(f"/feeds/tech.{fmt}", accept_encoding=coding).field("etag")
        for fmt in FORMATS
        for coding in ("identity", "gzip", "br")
    }
    connection = service.connect()
    for number in range(1000):
        (fmt, coding), tag = list(tags.items())[number % len(tags)]
        headers = {"If-None-Match": tag or "", "Accept-Encoding": coding}
        connection.request("GET", f"/feeds/tech.{fmt}", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (304, b"")
    connection.close()
