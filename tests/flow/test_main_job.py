"""The main job as its users see it: sources and seeds in, feeds by vertical out."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import feedparser
import pytest

from tests.loopback import Origin, drip, response
from tests.service import Service, broadsheet, running, serving

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))
REAL_SEEDS = CORPUS.parent / "seeds"
OWN_PAGE = ROOT / "seeds" / "social-security-appointments.txt"
TITLE = "Social Security Workers Are Being Told to Hand Over Appointment Details to ICE"
AUTHORS = ["Zoë Schiffer", "Vittoria Elliott", "Leah Feiger"]
PATIENCE = 120

SETTINGS = """
[site]
id = "tag:gazette.example,2026:site"
base_url = "https://gazette.example"
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
min_interval = "1s"
[feeds]
size = 500
[verticals.tech]
[verticals.science]
[verticals.business]
"""

CAPTURED = {
    "feed-rs--atom_mediarss_youtube_1.xml": "tech",
    "fastfeedparser--1ab0c5cc619c3b8e.xml": "science",
    "feed-rs--rss_1.0_iso8859.xml": "tech",
    "rome--rss_1.0_DC_multi.xml": "business",
    "feed-rs--rss_2.0_bbc.xml": "business",
    "feed-rs--rss_2.0_ghost_2.xml": "tech",
    "feed-rs--rss_2.0_nightvale.xml": "science",
    "feedjira--ITunesWithSingleQuotedAttributes.xml": "business",
    "netnewswire--DaringFireball.json": "tech",
    "feed-rs--rss_2.0_reddit.xml": "science",
}

LIVE = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>Wired</title><id>tag:gazette.example,2026:wired</id><updated>2026-02-14T09:00:00Z</updated>
<entry><title>{TITLE}</title><id>https://gazette.example/story/appointments</id>
<link href="https://gazette.example/story/appointments"/><updated>2026-02-13T18:30:00Z</updated>
<published>2026-02-13T18:30:00Z</published><author><name>Zoë Schiffer</name></author>
<content type="html">&lt;p&gt;The live text of the story.&lt;/p&gt;</content></entry>
</feed>""".encode()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        yield origin


def a_folder(where: Path, *sources: tuple[str, str], seed: Path | None = None) -> Path:
    """A folder with a config.toml of these (address, vertical), and perhaps one seed."""
    (where / "seeds").mkdir()
    if seed:
        shutil.copy(seed, where / "seeds" / seed.name)
    listed = (f'[[sources]]\nurl = "{url}"\nverticals = ["{name}"]\n' for url, name in sources)
    (where / "config.toml").write_text(SETTINGS + "".join(listed))
    return where


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds; fail if it does not in time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)


def items(service: Service, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(service.get(f"/feeds/{name}.json").body)["items"]
    return found


def held(service: Service, source: str, name: str = "all") -> bool:
    """Whether a feed holds a story of this source."""
    return any(source in json.dumps(item) for item in items(service, name))


def renditions(service: Service) -> dict[str, bytes]:
    names = ("all", "tech", "science", "business", "science_tech")
    paths = [f"/feeds/{name}.{fmt}" for name in names for fmt in ("rss", "atom", "json")]
    return {path: service.get(path).body for path in paths}


def captured(origin: Origin) -> list[tuple[str, str]]:
    """Serve ten feeds as their sites did; their addresses and verticals."""
    if not (CORPUS / "captured").is_dir():
        pytest.skip(f"no captured feeds in {CORPUS}; set FEED_CORPUS")
    for name in CAPTURED:
        kind = "application/json" if name.endswith("json") else "text/xml"
        body = (CORPUS / "captured" / name).read_bytes()
        origin.serve(f"/{name}", body, content_type=kind, headers={"ETag": f'"{len(body)}"'})
    return [(origin.url(f"/{name}"), vertical) for name, vertical in CAPTURED.items()]


@pytest.mark.parametrize(
    "page", [OWN_PAGE, *sorted(REAL_SEEDS.glob("*.txt"))], ids=lambda p: p.stem
)
def test_the_seed_page_is_in_its_verticals_with_authors_and_marked_summary(
    tmp_path: Path, page: Path
) -> None:
    with serving(a_folder(tmp_path, seed=page)) as service:
        for name in ("tech", "science", "all"):
            (item,) = items(service, name)
            assert item["title"] == TITLE
            assert item["authors"] == [{"name": author} for author in AUTHORS]
            assert item["tags"] == ["science", "tech"]
            assert str(item["date_published"]).startswith("2026-02-13")
            assert "<h2>AI-generated deep dive</h2>" in str(item["content_html"])
            assert "Originally published on Wired on February 13, 2026." in str(
                item["content_html"]
            )
            summary = item["_summary"]
            assert isinstance(summary, dict)
            assert summary["kind"] == "generated"
            assert len(str(summary["text"]).split("\n\n")) == 5
            for fmt in ("rss", "atom"):
                (entry,) = feedparser.parse(service.get(f"/feeds/{name}.{fmt}").body).entries
                assert [a.name for a in entry.authors] == AUTHORS
                assert {t.term for t in entry.tags} == {"science", "tech"}
                assert entry.b_summary["kind"] == "generated"
        assert items(service, "business") == []


@pytest.mark.parametrize("seed_first", [True, False])
def test_a_seed_and_its_live_entry_are_one_story_whichever_comes_first(
    tmp_path: Path, origin: Origin, *, seed_first: bool
) -> None:
    folder = a_folder(tmp_path, (origin.url("/wired.atom"), "business"))
    seed = folder / "seeds" / OWN_PAGE.name
    if seed_first:
        shutil.copy(OWN_PAGE, seed)
    else:
        origin.serve("/wired.atom", LIVE)
    with serving(folder) as service:
        eventually(lambda: len(items(service, "all")) == 1)
        first = items(service, "all")[0]["id"]
    if seed_first:
        origin.serve("/wired.atom", LIVE)
        time.sleep(1.1)
        assert broadsheet(folder, "pull", "--once", "--all").returncode == 0
    else:
        shutil.copy(OWN_PAGE, seed)
    with serving(folder) as service:
        (item,) = items(service, "all")
        assert item["id"] == first
        assert item["url"] == "https://gazette.example/story/appointments"
        assert item["tags"] == ["business", "science", "tech"]
        assert "The live text of the story." in str(item["content_html"])
        assert "AI-generated deep dive" in str(item["content_html"])
        assert items(service, "business") == items(service, "science") == [item]


def test_ten_captured_feeds_are_pulled_by_the_scheduler_into_their_verticals(
    tmp_path: Path, origin: Origin
) -> None:
    folder = a_folder(tmp_path, *captured(origin))
    with serving(folder) as service:
        eventually(lambda: all(held(service, origin.url(f"/{name}")) for name in CAPTURED))
        report = json.loads(broadsheet(folder, "status", "--json").stdout)
        assert {s["health"] for s in report["sources"]} == {"ok"}
        for name, vertical in CAPTURED.items():
            parsed = [s for s in report["sources"] if s["address"].endswith(name)]
            assert parsed[0]["entries"] > 0
            assert held(service, origin.url(f"/{name}"), vertical)
        for name in ("tech", "science", "business"):
            ids = {item["id"] for item in items(service, name)}
            for fmt in ("rss", "atom"):
                parsed_feed = feedparser.parse(service.get(f"/feeds/{name}.{fmt}").body)
                assert not parsed_feed.bozo
                assert {entry.id for entry in parsed_feed.entries} == ids


def test_feeds_are_the_same_bytes_after_a_restart_and_after_an_unchanged_pull(
    tmp_path: Path, origin: Origin
) -> None:
    folder = a_folder(tmp_path, *captured(origin)[:4], seed=OWN_PAGE)
    assert broadsheet(folder, "pull", "--once").returncode == 0
    with serving(folder, "--no-pull") as service:
        before = renditions(service)
        validators = service.get("/feeds/all.atom").field("etag")
    time.sleep(1.1)
    assert "0 new, 0 revised" in broadsheet(folder, "pull", "--once", "--all").stdout
    with serving(folder, "--no-pull") as service:
        assert renditions(service) == before
        assert service.get("/feeds/all.atom", if_none_match=validators or "").status == 304


def test_what_sources_say_of_their_documents_alone_changes_no_feed(
    tmp_path: Path, origin: Origin
) -> None:
    names = [f"/source-{number}.xml" for number in range(3)]
    folder = a_folder(tmp_path, *((origin.url(name), "tech") for name in names))

    def publish(build: int) -> None:
        head = (
            f"<lastBuildDate>Sat, 14 Feb 2026 09:00:0{build} GMT</lastBuildDate>"
            f"<generator>Press {build}</generator><ttl>{build}</ttl>"
        ).encode()
        for name in names:
            body = a_document(name, 5).replace(b"<item>", head + b"<item>", 1)
            origin.serve(name, body, headers={"ETag": f'"{build}"'})

    publish(1)
    assert broadsheet(folder, "pull", "--once").returncode == 0
    with serving(folder, "--no-pull") as service:
        paths = [f"/feeds/{name}.{fmt}" for name in ("all", "tech") for fmt in ("rss", "atom")]
        tags = {path: service.get(path).field("etag") or "" for path in paths}
        for build in (2, 3):
            publish(build)
            time.sleep(1.1)
            told = broadsheet(folder, "pull", "--once", "--all").stdout
            assert "3 pulled, 0 failed, 0 new, 0 revised" in told
            for path, tag in tags.items():
                assert service.get(path, if_none_match=tag).status == 304


def test_what_a_source_takes_back_leaves_the_feeds_and_readers_are_told(
    tmp_path: Path, origin: Origin
) -> None:
    identifier = "https://gazette.example/story/appointments"
    gone = f"""<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0"
        ref="{identifier}" when="2026-02-15T09:00:00Z"/>""".encode()
    origin.serve("/wired.atom", LIVE)
    folder = a_folder(tmp_path, (origin.url("/wired.atom"), "business"))
    assert "1 new" in broadsheet(folder, "pull", "--once").stdout
    with serving(folder, "--no-pull") as service:
        assert len(items(service, "business")) == 1
        origin.serve("/wired.atom", LIVE.replace(b"<entry>", gone + b"<entry>"))
        time.sleep(1.1)
        assert "1 withdrawn" in broadsheet(folder, "pull", "--once", "--all").stdout
        eventually(lambda: items(service, "business") == [])
        told = service.get("/feeds/business.atom").text
        assert f'<at:deleted-entry ref="{identifier}" when="' in told


def test_a_first_pull_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    tmp_path: Path, origin: Origin
) -> None:
    names = [f"/source-{n}.xml" for n in range(30)]
    for name in names:
        origin.serve(name, a_document(name, 25))
    folder = a_folder(tmp_path, *((origin.url(name), "tech") for name in names))
    for wanted in (10, 30):
        with running(folder, "pull", "--once") as process:
            eventually(lambda seen=wanted: len(origin.requests) >= seen)  # type: ignore[misc]
            process.kill()
            process.wait()
    assert broadsheet(folder, "pull", "--once").returncode == 0
    totals = json.loads(broadsheet(folder, "status", "--json").stdout)["totals"]
    assert totals == {"sources": 30, "entries": 750, "stories": 750}


def a_document(name: str, size: int) -> bytes:
    """An RSS document of as many items, each with an address of its own."""
    told = (
        f"<item><title>Story {n} of {name}</title><link>https://gazette.example{name}/{n}</link>"
        f"<description>What happened.</description></item>"
        for n in range(size)
    )
    channel = (
        f"<title>{name}</title><link>https://gazette.example</link><description>d</description>"
    )
    return f'<rss version="2.0"><channel>{channel}{"".join(told)}</channel></rss>'.encode()


BAD = {
    "html": response(200, b"<!doctype html><html><body>Not a feed</body></html>"),
    "bomb": response(200, gzip.compress(b"\0" * 50_000_000), {"Content-Encoding": "gzip"}),
    "entities": response(
        200,
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("k"))
        )
        + b"]><rss><channel><title>&j;</title></channel></rss>",
    ),
    "loop": response(302, headers={"Location": "/loop"}),
    "metadata": response(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
    "garbage": b"\x00\xff nothing like HTTP\r\n\r\n",
    "nothing": b"",
    "endless": drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>", b" " * 65536),
}


def test_bad_sources_are_one_clear_line_each_and_the_service_goes_on(
    tmp_path: Path, origin: Origin
) -> None:
    for name, answer in BAD.items():
        origin.answer(f"/{name}", answer)
    origin.serve("/good.xml", a_document("/good.xml", 3))
    addresses = [origin.url(f"/{name}") for name in (*BAD, "good.xml")]
    folder = a_folder(tmp_path, *((address, "tech") for address in addresses))
    with serving(folder) as service:
        eventually(lambda: len(items(service, "tech")) == 3)
        eventually(lambda: service.log.read_text().count("WARNING") >= len(BAD))
        assert service.get("/healthz").status == 200
        log = service.log.read_text()
    report = json.loads(broadsheet(folder, "status", "--json").stdout)
    errors = {s["address"].rpartition("/")[2]: s["error"] for s in report["sources"]}
    assert errors.pop("good.xml") is None
    assert errors.keys() == BAD.keys()
    for name, error in errors.items():
        assert error, name
        assert "\n" not in error
        assert error in log
    assert "HTML page" in errors["html"]
    assert "max_body" in errors["bomb"]
    assert "max_body" in errors["endless"]
    assert "169.254.169.254" in errors["metadata"]
