from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp

from aggregator import config
from aggregator.errors import StoreError, StoreHeldError
from aggregator.settings import PullSettings, Settings, Site, Source, Vertical
from feeds.app import VERSION, Service, made_with
from feeds.cli import main
from tests.loopback import Origin, silence
from tests.newsroom import GAZETTE, SHELVES, Clock, Newsroom, item, selection, settings_for
from tests.service import PATIENCE, Answer, running, serving
from tests.service import Service as Running

FORMATS = ("rss", "atom", "json")
FEED = b"""<rss version="2.0"><channel><title>Gazette</title>
<item><title>Kettle heard</title><guid isPermaLink="false">1</guid></item></channel></rss>"""
CONFIG = """
[site]
base_url = "https://news.example/bulletin/"
[store]
url = "sqlite:///store.db"
[verticals.tech]
[verticals.science]
[verticals.culture]
"""
YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


# ---- a service and its end ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose base_url is configured, and a store that was last written yesterday."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    settings = config.read(folder / "config.toml", {})
    assert isinstance(settings, Settings)
    with Newsroom(folder, Clock(YESTERDAY)) as room:
        room.store.refresh(made_with(settings), ("culture", "science", "tech"))
        room.give(GAZETTE, item("kettle"), verticals=("science", "tech"))
    return folder


@pytest.fixture(scope="module")
def first(folder: Path) -> dict[str, Answer]:
    """What the first service over the store answered, before it was ended by SIGTERM."""
    with (
        serving(folder) as service,
        closing(service.connect()) as idle,
        socket.create_connection(("127.0.0.1", service.port)) as half,
    ):
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        half.sendall(b"GET /feeds/all.atom HTTP/1.1\r\nHost:")
        answers = everything(service)
        began = time.monotonic()
        assert service.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5
    return answers


@pytest.fixture(scope="module")
def second(folder: Path, first: dict[str, Answer]) -> Iterator[Running]:
    """A second service over the same store, which pulls."""
    with serving(folder) as service:
        yield service


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def everything(service: Running) -> dict[str, Answer]:
    names = ("all", "tech", "science", "science_tech")
    paths = [f"/feeds/{name}.{fmt}" for name in names for fmt in FORMATS]
    return {path: service.get(path) for path in paths}


def lasting(answers: dict[str, Answer]) -> dict[str, tuple[bytes, str | None, str | None]]:
    return {
        path: (one.body, one.field("etag"), one.field("last-modified"))
        for path, one in answers.items()
    }


def test_a_service_started_again_gives_the_same_bytes_under_the_same_validators(
    first: dict[str, Answer], second: Running
) -> None:
    again = everything(second)
    assert b"About kettle" in again["/feeds/science_tech.rss"].body
    assert lasting(again) == lasting(first)
    assert {one.field("last-modified") for one in again.values()} == {http_date(YESTERDAY)}


def test_a_date_alone_is_enough_for_a_304(second: Running) -> None:
    for date, status in ((YESTERDAY, 304), (YESTERDAY - timedelta(seconds=1), 200)):
        answer = second.get("/feeds/tech.rss", if_modified_since=http_date(date))
        assert (answer.status, bool(answer.body)) == (status, status == 200)


def test_a_service_beside_it_gives_the_same_and_ends_quietly_by_sigint(
    folder: Path, second: Running
) -> None:
    with serving(folder, "--no-pull") as beside:
        assert lasting(everything(beside)) == lasting(everything(second))
        assert beside.end(signal.SIGINT) == 0
    assert second.get("/readyz").status == 200


def test_a_pull_beside_it_is_refused_by_the_name_of_the_process(
    folder: Path, second: Running
) -> None:
    file = str(folder / "config.toml")
    for command in (["serve", "--port", "0"], ["pull", "--once"]):
        refused = CliRunner().invoke(main, [*command, "--config", file])
        assert refused.exit_code == 1
        assert refused.output == (
            f"broadsheet: {folder}/store.db: process {second.process.pid} already pulls into "
            "this store; stop it first, or start this one with --no-pull\n"
        )


def test_a_port_in_use_is_one_line(folder: Path, second: Running) -> None:
    where = ["--port", str(second.port), "--config", str(folder / "config.toml")]
    refused = CliRunner().invoke(main, ["serve", "--no-pull", *where])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"broadsheet: cannot listen on 127.0.0.1 port {second.port} (Address already in use); "
        "end what listens there, or choose another with --port or [server] port\n"
    )


def test_a_configured_base_url_is_kept_whatever_the_port(second: Running) -> None:
    feed = second.get("/feeds/tech.json")
    own = "https://news.example/bulletin/feeds/tech.json"
    assert feed.field("link") == f'<{own}>; rel="self"'
    assert f'"feed_url":"{own}"' in feed.text
    assert second.address.encode() not in feed.body


def test_sigterm_waits_for_the_pull_in_flight_and_no_longer(tmp_path: Path) -> None:
    pull = '[pull]\ntimeout = "1s"\nallow_networks = ["127.0.0.0/8"]\n'
    with Origin() as origin:
        origin.answer("/feed", silence)
        source = f'[[sources]]\nurl = "{origin.url("/feed")}"\n'
        (tmp_path / "config.toml").write_text(pull + source)
        with serving(tmp_path) as service:
            while not origin.requests:
                time.sleep(0.02)
            assert service.end(signal.SIGTERM) == 0
        assert "no answer within 1 s" in service.log.read_text()
    status = CliRunner().invoke(main, ["status", "--config", str(tmp_path / "config.toml")])
    assert "failing" in status.stdout


def test_a_service_that_is_ended_while_it_starts_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    with running(tmp_path, "serve", "--port", "0", to=subprocess.DEVNULL) as starting:
        while not (tmp_path / "broadsheet.db").exists():
            time.sleep(0.01)
        starting.send_signal(signal.SIGTERM)
        assert starting.wait(PATIENCE) == 0


# ---- its parts ----------------------------------------------------------------------------------


def rewired(folder: Path, **changes: Any) -> Settings:
    return replace(settings_for(folder), **changes)


def titles(settings: Settings, *verticals: str) -> list[str]:
    service = Service(settings, pulls=False)
    try:
        service.shelve(settings.sources)
        window = service.query.window(selection(*verticals), 50)
        return [story.lead.title for story in window.stories] if window else []
    finally:
        service.close()


def test_a_start_puts_stories_on_the_shelves_that_are_defined_now(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), item("tram"))
    source = Source(address=GAZETTE)
    settings = rewired(tmp_path, sources=(source,))
    assert titles(settings, "transport") == []
    keyword = Vertical(name="transport", title="Transport", keywords=("tram",))
    assert titles(replace(settings, verticals=(*SHELVES, keyword)), "transport") == ["About tram"]
    everywhere = replace(settings, sources=(replace(source, verticals=("tech",)),))
    assert titles(everywhere, "tech") == ["About kettle", "About tram"]
    assert titles(everywhere, "transport") == []


def test_a_start_holds_stories_to_the_terms_that_their_source_has_now(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), item("tram"))
        room.seed("tram.txt", "About a tram")
    settings = rewired(tmp_path, sources=(Source(address=GAZETTE),))
    everything = titles(settings)
    source = Source(address=GAZETTE, exclude=("tram",))
    assert titles(replace(settings, sources=(source,))) == ["About a tram", "About kettle"]
    off = replace(source, enabled=False, include=("title: tram",), exclude=())
    assert titles(replace(settings, sources=(off,))) == ["About a tram", "About tram"]
    assert titles(replace(settings, sources=())) == ["About a tram", "About tram"]
    assert titles(settings) == everything


def test_of_a_source_that_is_named_twice_the_first_terms_hold(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), item("tram"))
    first = Source(address=GAZETTE, exclude=("tram",))
    listed_too = Source(address=GAZETTE)
    assert titles(rewired(tmp_path, sources=(first, listed_too))) == ["About kettle"]


def test_the_status_tells_no_more_of_a_private_source_than_its_host(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        for address in (
            "https://gazette.example/hush/feed",
            "https://herald.example/open?key=hush",
        ):
            room.give(address, item("kettle"))
    (tmp_path / "config.toml").write_text(
        '[store]\nurl = "sqlite:///store.db"\n'
        '[[sources]]\nurl = "https://gazette.example/hush/feed"\nprivate = true\n'
        '[[sources]]\nurl = "https://herald.example/open?key=hush"\n'
    )
    file = ["--config", str(tmp_path / "config.toml")]
    for options in ([], ["--json"]):
        told = CliRunner().invoke(main, ["status", *options, *file]).stdout
        assert "https://gazette.example/***" in told
        assert "https://herald.example/open?key=***" in told
        assert "hush" not in told


def test_an_address_that_is_no_source_is_repeated_without_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    unknown = "https://ada:hush@herald.example/\x1b[2J?key=hush"
    file = ["--config", str(tmp_path / "config.toml")]
    asked = CliRunner().invoke(main, ["pull", "--once", "--source", unknown, *file])
    assert asked.exit_code == 2
    assert "https://***@herald.example/[2J?key=*** is not a source of" in asked.stderr
    assert "hush" not in asked.stderr


def test_a_second_puller_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    settings = rewired(tmp_path)
    puller = Service(settings, pulls=True)
    with pytest.raises(StoreHeldError, match=f"process {os.getpid()} already pulls"):
        Service(settings, pulls=True)
    Service(settings, pulls=False).close()
    puller.close()
    Service(settings, pulls=True).close()


def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Service(rewired(tmp_path, store_url=f"sqlite:///{tmp_path}/no/store.db"), pulls=True)


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("editor@gazette.example", f"Broadsheet/{VERSION} (+editor@gazette.example)"),
        (None, f"Broadsheet/{VERSION}"),
    ],
)
async def test_publishers_are_told_who_asks(
    tmp_path: Path, contact: str | None, agent: str
) -> None:
    (tmp_path / "seeds").mkdir()
    with Origin() as origin:
        origin.serve("/feed", FEED)
        settings = rewired(
            tmp_path,
            site=Site(contact=contact),
            pull=PullSettings(allow_networks=(ip_network("127.0.0.0/8"),)),
            sources=(Source(address=origin.url("/feed")),),
        )
        service = Service(settings, pulls=True)
        async with service.pulling() as pulling:
            await pulling.puller.once(lambda _: None)
        service.close()
    assert [request.field("User-Agent") for request in origin.requests] == [agent]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"site": Site(contact="editor@gazette.example")}, True),
        ({"sources": (Source(address=GAZETTE),)}, True),
        ({"site": Site(base_url="https://news.example")}, False),
        ({"site": Site(title="Another")}, False),
        ({"verticals": ()}, False),
        ({"feed_size": 10}, False),
        ({"feed_bytes": 64_000}, False),
    ],
)
def test_feeds_are_made_with_what_they_show_of_the_settings(
    changes: dict[str, Any], same: bool
) -> None:
    usual = settings_for(Path("/nowhere"))
    assert (made_with(usual) == made_with(replace(usual, **changes))) is same


def last_modified(settings: Settings) -> object:
    service = Service(settings, pulls=False)
    service.web(told=lambda: None)
    standing = service.query.standing(selection())
    service.close()
    assert standing
    return standing.revision


def test_what_does_not_show_in_a_feed_leaves_its_date_alone(tmp_path: Path) -> None:
    usual = rewired(tmp_path)
    before = last_modified(usual)
    assert last_modified(usual) == before
    puller = Service(replace(usual, site=Site(base_url="http://127.0.0.1:9")), pulls=True)
    puller.shelve(usual.sources)  # a pull gives no feed, so its own idea of base_url is nobody's
    puller.close()
    assert last_modified(usual) == before
    assert last_modified(replace(usual, feed_size=10)) != before


# ---- the ASGI application -----------------------------------------------------------------------


async def call(app: ASGIApp, path: str, accept: bytes = b"*/*") -> tuple[int, bytes]:
    """What the application itself answers, whether it has started or not."""
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"accept", accept)],
    }
    with contextlib.suppress(DBAPIError):  # a fault goes on to the server, for its log
        await app(scope, receive, send)
    start, body = sent
    return start["status"], body["body"]


@contextlib.asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[None]:
    """Between the start and the end of the application, as a server tells it of them."""
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.ensure_future(app({"type": "lifespan"}, told.get, said.put))
    for event in ("startup", "shutdown"):
        await told.put({"type": f"lifespan.{event}"})
        assert (await said.get())["type"] == f"lifespan.{event}.complete"
        if event == "startup":
            yield
    await running


async def test_the_service_is_ready_from_its_start_to_its_end(tmp_path: Path) -> None:
    told: list[str] = []
    service = Service(rewired(tmp_path), pulls=False)
    app = service.web(told=lambda: told.append("ready"))
    assert await call(app, "/readyz") == (503, b"starting\n")
    assert told == []
    async with started(app):
        assert told == ["ready"]
        assert await call(app, "/readyz") == (200, b"ready\n")
    assert await call(app, "/readyz") == (503, b"starting\n")
    service.close()


async def test_a_fault_of_ours_is_one_plain_line_or_a_page_that_tells_nothing(
    tmp_path: Path,
) -> None:
    settings = rewired(tmp_path)
    service = Service(settings, pulls=False)
    app = service.web(told=lambda: None)
    with closing(sqlite3.connect(tmp_path / "store.db")) as meddler:
        meddler.execute("DROP TABLE vertical_state")
    assert await call(app, "/feeds/all.atom", b"text/html") == (500, b"Internal Server Error\n")
    assert await call(app, "/") == (500, b"Internal Server Error\n")
    status, page = await call(app, "/", b"text/html")
    assert status == 500
    assert b"<h1>Internal Server Error</h1>" in page
    assert b"Something went wrong here, and its operator finds what in the log." in page
    service.close()


async def test_a_vertical_that_the_store_has_not_heard_of_is_an_empty_place(
    tmp_path: Path,
) -> None:
    service = Service(rewired(tmp_path), pulls=False)
    app = service.web(told=lambda: None)
    with closing(sqlite3.connect(tmp_path / "store.db")) as meddler, meddler:
        meddler.execute("DELETE FROM vertical_state WHERE vertical = 'tech'")
    for path in ("/feeds/tech.atom", "/tech"):
        assert await call(app, path) == (404, b"tech: no story stands in it yet\n")
    service.close()
