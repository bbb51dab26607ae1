"""A pull from end to end: a real origin, a real fetcher, a real store, and a clock that stands."""

from __future__ import annotations

import asyncio
import gzip
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event

from aggregator.fetch import Fetcher
from aggregator.model import Written
from aggregator.pull import Pulled, Puller
from aggregator.pull.puller import IN_FLIGHT
from aggregator.query import SourceReport
from aggregator.reading.readers import Readers
from aggregator.settings import PullSettings, Source
from tests.loopback import Answer, Origin, Request, drip, response
from tests.newsroom import SHELVES, Newsroom, a_full_disk, settings_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOPBACK = PullSettings(
    timeout=timedelta(minutes=2),
    max_body=100_000,
    per_host_interval=timedelta(0),
    allow_networks=(ip_network("127.0.0.0/8"),),
)
HTML = b"<!DOCTYPE html><html><head><title>Hello</title></head><body>Hello</body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
HOUR = timedelta(hours=1)


def rss(*titles: str, category: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://gazette.example/{title}</link>"
        f"<category>{category}</category><pubDate>Fri, 13 Feb 2026 09:00:00 GMT</pubDate></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>".encode()


RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://old.example/"><title>Old</title>
</channel><item rdf:about="https://old.example/1"><title>rdf</title>
<link>https://old.example/1</link></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Atomic</title><id>urn:x-atomic:1</id>
<entry><title>atom</title><id>urn:x-atomic:2</id><link href="https://atomic.example/2"/></entry>
</feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Jason",
"items": [{"id": "https://jason.example/1", "title": "json", "content_text": "Text."}]}"""


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


class Desk(Newsroom):
    """A room that has what reads documents for it."""

    def __init__(self, folder: Path, readers: Readers) -> None:
        super().__init__(folder)
        self.readers = readers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def readers() -> AsyncIterator[Readers]:
    async with Readers(SHELVES, 1) as readers:
        yield readers


@pytest.fixture
def room(tmp_path: Path, readers: Readers) -> Iterator[Desk]:
    with Desk(tmp_path, readers) as room:
        room.store.refresh("this version", [])
        yield room


@asynccontextmanager
async def pulling(
    room: Desk,
    *sources: Source,
    patience: timedelta = timedelta(seconds=5),
) -> AsyncIterator[Puller]:
    """A puller of these sources, drained at the end."""
    settings = settings_for(room.file.parent, pull=LOOPBACK, verticals=SHELVES)
    async with Fetcher(settings.pull, "Broadsheet/0", clock=room.clock) as fetcher:
        puller = Puller(settings, room.store, fetcher, room.readers, room.clock, patience=patience)
        await puller.list_sources(sources)
        try:
            yield puller
        finally:
            await puller.drain()


async def once(room: Desk, *sources: Source, **settings: Any) -> dict[str, Pulled]:
    """What came of one round, by address."""
    told: list[Pulled] = []
    async with pulling(room, *sources, **settings) as puller:
        await puller.once(told.append)
    assert len({pulled.address for pulled in told}) == len(told)
    return {pulled.address: pulled for pulled in told}


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came true")


def report(room: Desk, source: Source) -> SourceReport:
    return next(r for r in room.query.sources(room.clock()) if r.address == source.address)


def sources_at(origin: Origin, *paths: str) -> Sequence[Source]:
    return [Source(address=origin.url(path)) for path in paths]


# ---- what comes in ------------------------------------------------------------------------------


async def test_documents_of_every_format_end_up_in_the_store(origin: Origin, room: Desk) -> None:
    for path, body in (("/rss", rss("rss")), ("/rdf", RDF), ("/atom", ATOM), ("/json", JSON)):
        origin.serve(path, body, content_type="text/plain")
    sources = sources_at(origin, "/rss", "/rdf", "/atom", "/json")
    told = await once(room, *sources)
    assert {pulled.written for pulled in told.values()} == {Written(new=1)}
    assert {pulled.error for pulled in told.values()} == {None}
    assert sorted(room.titles()) == ["atom", "json", "rdf", "rss"]
    assert [report(room, source).title for source in sources] == [
        "Gazette", "Old", "Atomic", "Jason",
    ]  # fmt: skip


async def test_what_is_said_of_a_source_in_the_settings_holds_for_its_entries(
    origin: Origin, room: Desk
) -> None:
    origin.serve("/feed", rss("kettle"))
    await once(room, Source(address=origin.url("/feed"), title="Ours", verticals=("tech",)))
    assert room.titles("tech") == ["kettle"]
    assert room.only().lead.source.title == "Ours"


async def test_a_second_pull_is_conditional_and_changes_nothing(origin: Origin, room: Desk) -> None:
    stamp = "Fri, 13 Feb 2026 09:00:00 GMT"
    origin.serve("/feed", rss("kettle"), headers={"ETag": '"1"', "Last-Modified": stamp})
    origin.serve("/plain", rss("lid"))
    sources = sources_at(origin, "/feed", "/plain")
    await once(room, *sources)
    assert await once(room, *sources) == {}, "neither is due"
    before = room.dump(but=["source_state"])
    room.clock.step(days=2)
    told = await once(room, *sources)
    assert {pulled.written for pulled in told.values()} == {Written()}
    assert room.dump(but=["source_state"]) == before
    assert report(room, sources[0]).last_success_at == room.clock()
    (second,) = [r for r in origin.requests if r.field("If-None-Match")]
    assert (second.path, second.field("If-None-Match")) == ("/feed", '"1"')
    assert second.field("If-Modified-Since") == stamp
    assert len(origin.requests) == 4


async def test_a_changed_document_brings_what_is_new_in_it_and_new_validators(
    origin: Origin, room: Desk
) -> None:
    (source,) = sources_at(origin, "/feed")
    for body, etag, written in (
        (rss("kettle"), '"1"', Written(new=1)),
        (rss("lid", "kettle"), '"2"', Written(new=1)),
        (rss("lid", "kettle", category="Tea"), '"3"', Written(revised=2)),
    ):
        origin.serve("/feed", body, headers={"ETag": etag})
        told = await once(room, source)
        assert told[source.address].written == written
        assert room.rows("SELECT etag FROM source_state") == [(etag,)]
        room.clock.step(days=2)


async def test_an_address_that_is_listed_twice_is_pulled_once_as_the_first_says(
    origin: Origin, room: Desk
) -> None:
    origin.serve("/feed", rss("kettle"))
    first, second = sources_at(origin, "/feed", "/feed?utm_source=list")
    await once(room, replace(first, title="First"), replace(second, title="Second"))
    assert [request.path for request in origin.requests] == ["/feed"]
    assert room.only().lead.source.title == "First"


async def test_a_source_no_longer_listed_is_finished_and_then_left_alone(
    origin: Origin, room: Desk
) -> None:
    origin.serve("/feed", rss("kettle"))
    (source,) = sources_at(origin, "/feed")
    async with pulling(room, replace(source, title="Ours")) as puller:
        await puller.tick()
        await puller.list_sources(())
        await puller.drain()
    room.clock.step(days=2)
    assert await once(room) == {}
    assert room.titles() == ["kettle"]


# ---- what goes wrong ----------------------------------------------------------------------------


async def test_a_source_that_fails_backs_off_and_disturbs_no_other(
    origin: Origin, room: Desk
) -> None:
    origin.answer("/broken", response(500))
    origin.serve("/feed", rss("kettle"))
    broken, sound = sources = sources_at(origin, "/broken", "/feed")
    start = room.clock()
    waits = []
    for failures in (1, 2, 3):
        told = await once(room, *sources)
        assert told[broken.address].error == "answered 500 Internal Server Error"
        state = report(room, broken)
        assert (state.failures, state.failing_since) == (failures, start)
        assert state.next_pull_at is not None
        waits.append(state.next_pull_at - room.clock())
        room.clock.now = state.next_pull_at
    assert HOUR <= waits[0] < waits[1] < waits[2]
    assert (report(room, sound).error, room.titles()) == (None, ["kettle"])
    origin.serve("/broken", rss("lid"))
    await once(room, *sources)
    state = report(room, broken)
    assert (state.error, state.failures, state.failing_since) == (None, 0, None)
    assert sorted(room.titles()) == ["kettle", "lid"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response(200, HTML), "an HTML page and not a feed; give the address of"),
        (response(200, b""), "an empty document"),
        (response(200, b"{}"), "JSON, but no JSON Feed"),
        (response(200, b"tea\x1b[2J"), "neither XML nor JSON"),
        (response(200, b"<rss><channel>\x1b[2J</wrong>"), "malformed, with no entry"),
        (drip(OK + b"\r\n", b"<item>" * 1000), "the body is larger than max_body (0.1 MB)"),
        (
            response(200, gzip.compress(bytes(10_000_000)), {"Content-Encoding": "gzip"}),
            "the body is larger than max_body (0.1 MB)",
        ),
        (response(301, headers={"Location": "/feed"}), "redirected in a circle"),
        (response(404), "answered 404 Not Found; check the address"),
        (b"tea?\r\n\r\n", "answered something that is not HTTP"),
    ],
)
async def test_what_is_no_feed_is_one_plain_line_in_the_state(
    origin: Origin, room: Desk, answer: Answer, error: str
) -> None:
    origin.answer("/feed", answer)
    (source,) = sources_at(origin, "/feed")
    told = await once(room, source)
    state = report(room, source)
    assert told[source.address].error == state.error
    assert (state.error or "").startswith(error)
    assert (state.error or "").isprintable()
    assert (state.failures, state.entries) == (1, 0)
    assert room.rows("SELECT etag, body_hash, pulled FROM source_state") == [(None, None, 0)]


async def test_a_source_that_answers_410_is_not_asked_again(origin: Origin, room: Desk) -> None:
    origin.answer("/feed", response(410))
    (source,) = sources_at(origin, "/feed")
    await once(room, source)
    room.clock.step(days=400)
    assert await once(room, source) == {}
    assert report(room, source).gone


async def test_a_document_that_a_stage_fails_on_costs_no_other_its_pull(
    origin: Origin, room: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    # A value from an environment that is not UTF-8 goes over no socket and into no store.
    origin.serve("/odd", rss("odd", category="Tea"), headers={"ETag": '"1"'})
    origin.serve("/feed", rss("kettle"))
    plain, sound = sources_at(origin, "/odd", "/feed")
    faulty = replace(plain, title="tea\udce9")
    told = await once(room, faulty, sound)
    fault = "a fault in reading this document; please report it with its log"
    assert told[faulty.address] == Pulled(address=faulty.address, error=fault, written=Written())
    assert told[sound.address].written == Written(new=1)
    assert room.titles() == ["kettle"]
    assert (report(room, faulty).failures, report(room, faulty).error) == (1, fault)
    (logged,) = [r for r in caplog.records if r.exc_info]
    assert logged.getMessage() == f"{faulty.address}: this document cannot be taken in"
    room.clock.step(days=2)
    told = await once(room, plain, sound)
    assert told[faulty.address].written == Written(new=1), "no validator stood in the way"


async def test_a_store_that_cannot_be_written_is_an_error_of_each_pull(
    origin: Origin, room: Desk
) -> None:
    titles = [f"{number}-{'x' * 1000}" for number in range(40)]
    (source,) = sources_at(origin, "/feed")
    told: list[Pulled] = []
    async with pulling(room, source) as puller:
        origin.answer("/feed", gate := Gate(response(200, rss(*titles))))
        asking = asyncio.create_task(puller.ask(told.append))
        await gate.reached()
        with a_full_disk(room.file):
            gate.open()
            await asking
        (pulled,) = told
        assert "store.db: cannot be written" in (pulled.error or "")
        assert room.window() == ()


# ---- when, and how many -------------------------------------------------------------------------


class Gate:
    """An answer that waits until it is let through."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._reached = threading.Event()
        self._opened = threading.Event()

    async def __call__(self, _: Request) -> AsyncIterator[bytes]:
        self._reached.set()
        await asyncio.to_thread(self._opened.wait, 60)
        yield self._answer

    async def reached(self) -> None:
        await asyncio.to_thread(self._reached.wait, 60)

    def open(self) -> None:
        self._opened.set()


def given_out(room: Desk) -> int:
    ((count,),) = room.rows("SELECT count(*) FROM given_out")
    return int(count)


async def test_a_tick_gives_a_host_what_it_can_answer_soon_and_the_rest_a_later_turn(
    origin: Origin, room: Desk
) -> None:
    origin.answer("/0", gate := Gate(response(404)))
    sources = sources_at(origin, *(f"/{n}" for n in range(50)))
    async with pulling(room, *sources) as puller:
        for _ in range(2):
            await puller.tick()
            assert given_out(room) == 20
        await gate.reached()
        gate.open()
        await until(lambda: given_out(room) == 0)
        turns = {turn for (turn,) in room.rows("SELECT next_pull_at FROM source_state")}
        assert len(turns) > 10, "no two come at once"
    assert len(origin.requests) == 20


async def test_where_more_is_due_than_there_is_room_for_the_rest_follows_by_itself(
    room: Desk,
) -> None:
    every = IN_FLIGHT + 4
    hosts = (f"127.1.{n // 250 + 1}.{n % 250 + 1}" for n in range(every))
    # Nobody listens there: each fails at once.
    sources = [Source(address=f"http://{host}:9/feed") for host in hosts]

    def failed() -> int:
        ((count,),) = room.rows("SELECT count(*) FROM source_state WHERE failures = 1")
        return int(count)

    async with pulling(room, *sources) as puller:
        await puller.tick()
        await puller.tick()
        await until(lambda: failed() == every)


async def test_a_round_waits_for_a_host_with_many_sources_and_takes_them_all(
    origin: Origin, room: Desk
) -> None:
    sources = sources_at(origin, *(f"/{n}" for n in range(50)))
    told = await once(room, *sources)
    assert len(told) == 50
    assert len(origin.requests) == len({r.path for r in origin.requests}) == 50


async def test_a_round_looks_for_sources_only_when_some_can_have_become_due(
    origin: Origin, room: Desk
) -> None:
    leases = 0

    @event.listens_for(room.store._engine, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        nonlocal leases
        leases += arguments[2].startswith("DELETE FROM given_out WHERE given_out.until")

    await once(room, *sources_at(origin, *(f"/{n}" for n in range(100))))
    assert len(origin.requests) == 100
    assert leases < 20


async def test_the_size_of_a_round_is_known_from_its_first_news_on(
    origin: Origin, room: Desk
) -> None:
    sizes: list[int] = []
    async with pulling(room, *sources_at(origin, *(f"/{n}" for n in range(30)))) as puller:
        await puller.once(lambda _: sizes.append(puller.expected))
    assert sizes == [30] * 30


async def test_draining_waits_for_what_is_in_flight(origin: Origin, room: Desk) -> None:
    origin.answer("/feed", gate := Gate(response(200, rss("kettle"))))
    async with pulling(room, *sources_at(origin, "/feed")) as puller:
        await puller.tick()
        await gate.reached()
        draining = asyncio.create_task(puller.drain())
        assert await asyncio.wait([draining], timeout=0.05) == (set(), {draining})
        assert room.titles() == []
        gate.open()
        await draining
        assert room.titles() == ["kettle"]


async def test_draining_lets_go_of_what_takes_too_long(origin: Origin, room: Desk) -> None:
    origin.answer("/feed", gate := Gate(response(200, rss("kettle"))))
    moment = timedelta(milliseconds=50)
    async with pulling(room, *sources_at(origin, "/feed"), patience=moment) as puller:
        await puller.tick()
        await gate.reached()
        before = room.dump()
        await puller.drain()
        gate.open()
    assert room.dump() == before


async def test_asking_pulls_what_is_not_due_but_never_sooner_than_is_polite(
    origin: Origin, room: Desk
) -> None:
    slow = {"Cache-Control": "max-age=7200"}
    origin.serve("/slow", rss("kettle"), headers=slow)
    origin.serve("/feed", rss("lid"))
    sources = [replace(s, interval=timedelta(days=1)) for s in sources_at(origin, "/slow", "/feed")]
    await once(room, *sources)
    asked: list[str] = []

    async def ask(address: str | None = None) -> list[str]:
        asked.clear()
        async with pulling(room, *sources) as puller:
            await puller.ask(lambda pulled: asked.append(pulled.address), address)
        return asked

    assert await ask() == []
    room.clock.step(hours=1)
    assert await ask() == [origin.url("/feed")]
    room.clock.step(hours=1)
    assert await ask(origin.url("/slow")) == [origin.url("/slow")]
    assert await ask() == [origin.url("/feed")]


# ---- what is told -------------------------------------------------------------------------------


async def test_no_line_of_the_log_has_a_secret_or_a_control_character(
    origin: Origin, room: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    login = origin.url("/feed?token=hush").replace("//", "//ada:hush@")
    origin.serve("/feed?token=hush", rss("kettle"))
    origin.answer("/rude", b"HTTP/1.1 599 Rude\x1b[2J\x9b\r\nContent-Length: 0\r\n\r\n")
    sources = [
        Source(address=login),
        Source(address=login.replace("feed", "gone")),
        Source(address=origin.url("/rude")),
        Source(address=origin.url("/\x1b[2J\x07\u202eodd")),
    ]
    with caplog.at_level(logging.INFO, "broadsheet.pull"):
        await once(room, *sources)
    lines = [r.getMessage() for r in caplog.records if r.name == "broadsheet.pull"]
    assert len(lines) == 4
    for line in lines:
        assert line.isprintable()
        assert "hush" not in line
    assert any(line.endswith("/feed?token=***: 1 new") for line in lines)


async def test_of_a_private_source_no_more_than_the_host_is_told(
    origin: Origin, room: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    origin.serve("/hush/feed", rss("kettle"))
    origin.answer("/hush/moved", response(302, headers={"Location": "/hush/gone"}))
    origin.answer("/hush/gone", response(404))
    origin.answer("/hush/ftp", response(302, headers={"Location": "ftp://ada:hush@x.example/hush"}))
    paths = ("/hush/feed", "/hush/moved", "/hush/ftp")
    sources = [replace(s, private=True) for s in sources_at(origin, *paths)]
    told: list[Pulled] = []
    with caplog.at_level(logging.INFO, "broadsheet.pull"):
        async with pulling(room, *sources) as puller:
            await puller.once(told.append)
    host = origin.url("/***")
    assert {pulled.address for pulled in told} == {host}
    errors = {pulled.error for pulled in told}
    assert errors == {
        None,
        f"answered 404 Not Found; check the address (redirected to {host})",
        "redirected to what is not an http or https address: ftp://x.example/***",
    }
    assert {report(room, source).error for source in sources} == errors
    lines = [r.getMessage() for r in caplog.records]
    assert len(lines) == 3
    assert not any("hush" in line for line in lines)


@pytest.mark.parametrize(
    ("site_url", "link"),
    [(None, "{origin}/kettle"), ("https://gazette.example/n/", "https://gazette.example/n/kettle")],
)
async def test_what_a_private_source_links_to_does_not_tell_its_address(
    origin: Origin, room: Desk, site_url: str | None, link: str
) -> None:
    item = b"<item><title>Kettle</title><link>kettle</link><description>x</description></item>"
    origin.serve("/hush/feed", b"<rss version='2.0'><channel>" + item + b"</channel></rss>")
    address = origin.url("/hush/feed").replace("//", "//ada:hush@")
    await once(room, Source(address=address, private=True, site_url=site_url))
    assert room.only().lead.link == link.format(origin=origin.url(""))
