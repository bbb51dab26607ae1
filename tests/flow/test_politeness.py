"""What publishers may rely on: the criteria of a polite feed reader, each against a real origin.

P1 to P22 are what Rachel Kroll's feed reader tests and the notes of other publishers and readers
ask for. The whole puller is at work, over HTTP and a store in a file, by a clock that the test
moves: days pass in a second. Where a process of its own matters, it is the program itself.
"""

from __future__ import annotations

import asyncio
import gzip
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aggregator.fetch import Fetcher
from aggregator.pull import Pulled, Puller
from aggregator.query import SourceReport
from aggregator.reading.readers import Readers
from aggregator.settings import HostRule, PullSettings, Source
from tests.loopback import Origin, Request, drip, in_turn, response, silence
from tests.newsroom import SHELVES, Newsroom, settings_for
from tests.service import broadsheet, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))
STAMP = "Fri, 13 Feb 2026 09:00:00 GMT"
LOOPBACK = PullSettings(
    timeout=timedelta(minutes=2),
    max_body=100_000,
    per_host_interval=timedelta(0),
    allow_networks=(ip_network("127.0.0.0/8"),),
)
NOTHING_ELSE = {
    "host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since",
}  # fmt: skip
"""The header fields that a request may have."""


def rss(*titles: str, head: str = "") -> bytes:
    """A document with these items, not one of which says when it was published."""
    items = "".join(
        f"<item><title>{title}</title><link>https://gazette.example/{title}</link></item>"
        for title in titles
    )
    space = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    channel = f"<channel><title>Gazette</title>{head}{items}</channel>"
    return f"<rss version='2.0' {space}>{channel}</rss>".encode()


def ok(body: bytes | None = None, **fields: str) -> bytes:
    """A 200 with this document; `cache_control` is the field Cache-Control."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return response(200, rss("kettle") if body is None else body, named)


def refused(status: int = 429, **fields: str) -> bytes:
    return response(status, headers={name.replace("_", "-"): v for name, v in fields.items()})


NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
GONE = response(410)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def readers() -> AsyncIterator[Readers]:
    async with Readers(SHELVES, 1) as readers:
        yield readers


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("this version", [])
        yield room


@pytest.fixture
def origin(room: Newsroom) -> Iterator[Origin]:
    with Origin(clock=room.clock) as running:
        yield running


@pytest.fixture
def elsewhere(room: Newsroom) -> Iterator[Origin]:
    with Origin("127.0.0.2", clock=room.clock) as running:
        yield running


class Desk:
    """Who pulls: `start` is a start of the program over the same store, with no memory but that."""

    def __init__(self, room: Newsroom, readers: Readers) -> None:
        self.room = room
        self._readers = readers

    @asynccontextmanager
    async def start(
        self, *sources: Source | str, patience: timedelta = 5 * SECOND, **pull: Any
    ) -> AsyncIterator[Puller]:
        room = self.room
        settings = settings_for(room.file.parent, pull=replace(LOOPBACK, **pull))
        async with Fetcher(settings.pull, "Broadsheet/0", clock=room.clock) as fetcher:
            puller = Puller(
                settings, room.store, fetcher, self._readers, room.clock, patience=patience
            )
            named = [Source(address=s) if isinstance(s, str) else s for s in sources]
            await puller.list_sources(named)
            try:
                yield puller
            finally:
                await puller.drain()

    async def live(self, puller: Puller, span: timedelta) -> None:
        """Tick as the service does, every second: those in which nobody is due are passed over."""
        clock = self.room.clock
        end = clock() + span
        while True:
            await puller.tick()
            await self.idle()
            clock.now = max(self.next_due() or end, clock() + SECOND)
            if clock() >= end:
                clock.now = end
                return

    async def idle(self) -> None:
        """Wait until all that was given out is written."""
        await until(lambda: self.room.rows("SELECT count(*) FROM given_out") == [(0,)])

    def next_due(self) -> datetime | None:
        ((due,),) = self.room.rows("SELECT min(next_pull_at) FROM source_state WHERE listed")
        return None if due is None else datetime.fromtimestamp(due, UTC)

    def report(self, address: str) -> SourceReport:
        return next(r for r in self.room.query.sources(self.room.clock()) if r.address == address)


@pytest.fixture
def desk(room: Newsroom, readers: Readers) -> Desk:
    return Desk(room, readers)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(5000):
        if true():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it never came true")


async def once(puller: Puller, *, ask: bool = False, only: str | None = None) -> list[Pulled]:
    """What came of a round of what is due, or (`ask`) of what may be asked."""
    told: list[Pulled] = []
    await (puller.ask(told.append, only) if ask else puller.once(told.append))
    return told


def paths(origin: Origin) -> list[str]:
    return [request.path for request in origin.requests]


def times(origin: Origin, path: str) -> list[datetime]:
    return [request.when for request in origin.requests if request.path == path]


def waits(origin: Origin, path: str) -> list[timedelta]:
    """How long after each request for this the next one came."""
    came = times(origin, path)
    return [later - sooner for sooner, later in pairwise(came)]


def conditions(request: Request) -> tuple[str | None, str | None]:
    return request.field("If-None-Match"), request.field("If-Modified-Since")


# ---- P1 to P6: validators ------------------------------------------------------------------------


async def test_p1_p2_validators_go_out_byte_for_byte_with_every_request_after_the_first(
    desk: Desk, origin: Origin
) -> None:
    pairs = [
        ('"1"', STAMP),
        ('W/"weak, with a comma"', None),
        ("without-quotes", "last tuesday,  about noon"),
        ('"päper"', "2026-02-13T09:00:00Z"),
        ('"say \\"tea\\""', "0"),
        ('"' + "x" * 4000 + '"', "Thu, 01 Jan 1970 00:00:00 GMT"),
        (None, "Wed, 31 Dec 2098 23:59:59 GMT"),
    ]
    for number, (etag, last_modified) in enumerate(pairs):
        named = {"ETag": etag, "Last-Modified": last_modified, "Date": STAMP}
        fields = {name: value for name, value in named.items() if value}
        origin.serve(f"/{number}", rss("kettle"), headers=fields)
    addresses = [origin.url(f"/{number}") for number in range(len(pairs))]
    for _ in range(3):
        async with desk.start(*addresses) as puller:
            told = await once(puller)
        assert [pulled.error for pulled in told] == [None] * len(pairs)
        desk.room.clock.step(days=3)
    for number, (etag, last_modified) in enumerate(pairs):
        first, *others = [r for r in origin.requests if r.path == f"/{number}"]
        assert conditions(first) == (None, None)
        assert len(others) == 2
        for request in others:
            held, since = conditions(request)
            assert (held or "").encode("latin-1") == (etag or "").encode()
            assert since == last_modified


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), ok(ETag='"2"', Last_Modified="later")],
            ('"2"', "later"),
            id="P3-a-200-with-the-same-body-replaces-both",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), ok(rss("lid"), ETag='"2"', Last_Modified=STAMP)],
            ('"2"', STAMP),
            id="P4-a-new-etag-counts-within-the-same-second",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), ok(rss("lid"), ETag='"2"')],
            ('"2"', None),
            id="P5-a-last-modified-that-is-missing-from-a-newer-200-is-forgotten",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), ok(Last_Modified=STAMP)],
            (None, STAMP),
            id="P5-an-etag-that-is-missing-from-a-200-with-the-same-body-is-forgotten",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), ok(rss("lid"))],
            (None, None),
            id="P5-both-are-forgotten",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), response(304, headers={"ETag": 'W/"1"'})],
            ('W/"1"', STAMP),
            id="P19-a-304-replaces-those-that-it-carries",
        ),
        pytest.param(
            [ok(ETag='"1"', Last_Modified=STAMP), refused(500, ETag='"no"'), NOT_MODIFIED],
            ('"1"', STAMP),
            id="a-failure-changes-neither",
        ),
    ],
)
async def test_of_validators_the_last_success_counts(
    desk: Desk, origin: Origin, answers: list[bytes], expected: tuple[str | None, str | None]
) -> None:
    origin.answer("/feed", in_turn(*answers, NOT_MODIFIED))
    async with desk.start(origin.url("/feed")) as puller:
        for _ in range(len(answers) + 1):
            await once(puller)
            desk.room.clock.step(days=3)
    assert len(origin.requests) == len(answers) + 1
    assert conditions(origin.requests[-1]) == expected


# ---- P6, P12, P15, P16, P17: the program ---------------------------------------------------------


async def test_p6_a_program_that_is_killed_or_started_again_asks_nobody_again(
    tmp_path: Path, origin: Origin
) -> None:
    origin.serve("/feed", rss("kettle"), headers={"ETag": '"1"', "Last-Modified": STAMP})
    origin.answer("/gone", GONE)
    origin.answer("/slow", lambda r: GONE if "/slow" in paths(origin)[:-1] else silence(r))
    folder = tmp_path / "program"
    (folder / "seeds").mkdir(parents=True)
    (folder / "config.toml").write_text(
        "[site]\ncontact = 'https://broadsheet.example/about'\n"
        "[pull]\nallow_networks = ['127.0.0.0/8']\nper_host_interval = '0s'\n"
        "[verticals.tech]\n[verticals.science]\n"
        f"[[sources]]\nurl = '{origin.url('/feed')}'\nverticals = ['tech', 'science']\n"
        f"[[sources]]\nurl = '{origin.url('/gone')}'\n"
        f"[[sources]]\nurl = '{origin.url('/slow')}'\n"
    )
    store = folder / "broadsheet.db"

    def pulled() -> bool:
        if not store.exists():
            return False
        with closing(sqlite3.connect(store)) as connection:
            try:
                rows = connection.execute("SELECT last_pull_at FROM source_state").fetchall()
            except sqlite3.OperationalError:
                return False
        return len(rows) == 3 and rows.count((None,)) == 1 and "/slow" in paths(origin)

    def step(seconds: int) -> None:
        """The clock of the program is the machine's: its store grows older instead."""
        with closing(sqlite3.connect(store)) as connection, connection:
            for name in ("last_pull_at", "next_pull_at", "earliest_pull_at"):
                connection.execute(f"UPDATE source_state SET {name} = {name} - {seconds}")

    with running(folder, "pull", to=subprocess.DEVNULL) as first:
        await until(pulled)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
    # What it was asking when it was killed is asked again, and nothing else. P16: what stands in
    # two verticals is asked once; P17: no sooner for being asked by hand.
    told = broadsheet(folder, "pull", "--once", "--all")
    assert told.stdout == "1 pulled, 1 failed, 0 new, 0 revised, 0 merged, 0 withdrawn\n", (
        told.stderr
    )
    assert sorted(paths(origin)) == ["/feed", "/gone", "/slow", "/slow"]

    # P6: what the killed one was told is what the next one says; P15: a 410 ended it.
    step(86_400)
    assert "1 pulled, 0 failed" in broadsheet(folder, "pull", "--once").stdout
    assert (len(origin.requests), conditions(origin.requests[-1])) == (5, ('"1"', STAMP))

    # P15: who names it may revive it.
    origin.serve("/gone", rss("lid"), headers={"ETag": '"1"'})
    named = broadsheet(folder, "pull", "--once", "--source", origin.url("/gone"))
    assert named.stdout.startswith(f"{origin.url('/gone')}: 1 new\n"), named.stderr
    assert paths(origin)[5:] == ["/gone"]

    # P12: each request says who asks, and whom to write to.
    (agent,) = {request.field("User-Agent") for request in origin.requests}
    name, contact = (agent or "").split(" ")
    assert name.startswith("Broadsheet/")
    assert contact == "(+https://broadsheet.example/about)"


# ---- P7: how often -------------------------------------------------------------------------------


async def test_p7_nobody_is_asked_twice_in_an_hour_nor_twice_a_day_who_gives_no_validators(
    desk: Desk, origin: Origin
) -> None:
    items: list[str] = []

    def busy(_: Request) -> bytes:
        items.append(f"n{len(items)}")
        return ok(rss(*items[-30:]), ETag=f'"{len(items)}"')

    origin.answer("/busy", busy)
    origin.serve("/quiet", rss("kettle"), headers={"ETag": '"1"'})
    origin.serve("/dated", rss("kettle"), headers={"Last-Modified": STAMP})
    origin.serve("/plain", rss("kettle"))
    origin.answer("/plain-and-busy", lambda _: ok(rss(f"n{len(origin.requests)}")))
    named = ("/busy", "/quiet", "/dated", "/plain", "/plain-and-busy")
    async with desk.start(*map(origin.url, named)) as puller:
        await desk.live(puller, timedelta(days=1))
    async with desk.start(*map(origin.url, named)) as puller:
        await desk.live(puller, timedelta(days=1))
    for path in named:
        floor = DAY if path.startswith("/plain") else HOUR
        assert len(waits(origin, path)) >= 1
        assert min(waits(origin, path)) >= floor
    assert len(times(origin, "/busy")) > 30, "what publishes all the time is asked every hour"
    assert len(times(origin, "/quiet")) < 30, "what publishes nothing is asked less"


async def test_p7_a_tick_every_second_asks_no_more_often(desk: Desk, origin: Origin) -> None:
    origin.serve("/feed", rss("kettle"), headers={"ETag": '"1"'})
    async with desk.start(origin.url("/feed")) as puller:
        for _ in range(4000):
            await puller.tick()
            desk.room.clock.step(seconds=1)
        await desk.idle()
    (wait,) = waits(origin, "/feed")
    assert HOUR <= wait <= 1.1 * HOUR


# ---- P8, P9: what an answer asks for -------------------------------------------------------------

LATER = "max-age=10800"


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([ok(ETag='"1"', Cache_Control=LATER)], id="P8-on-a-200"),
        pytest.param(
            [ok(ETag='"1"'), response(304, headers={"Cache-Control": LATER})], id="P8-on-a-304"
        ),
        pytest.param([refused(Cache_Control=LATER)], id="P8-on-a-429"),
        pytest.param([refused(Retry_After="60", Cache_Control=LATER)], id="P8-beside-Retry-After"),
        pytest.param([refused(503, Cache_Control=LATER)], id="P8-on-a-503"),
        pytest.param([ok(Cache_Control=f"public, Max-Age={3 * 3600}, foo")], id="P8-among-others"),
    ],
)
async def test_p8_max_age_is_a_floor_for_the_next_poll_also_for_who_asks_by_hand(
    desk: Desk, origin: Origin, answers: list[bytes]
) -> None:
    # An `interval` of its own, so that the hour is all that would hold.
    source = Source(address=origin.url("/feed"), interval=HOUR)
    origin.answer("/feed", in_turn(*answers, GONE))
    async with desk.start(source) as puller:
        for _ in answers[1:]:
            await once(puller)
            desk.room.clock.step(hours=2)
        await once(puller)
        for ask in (True, False):
            desk.room.clock.step(minutes=89)
            assert await once(puller, ask=ask) == []
        await desk.live(puller, DAY)
    assert len(origin.requests) == len(answers) + 1
    assert 3 * HOUR <= waits(origin, "/feed")[-1] <= 3.4 * HOUR


async def test_p8_a_max_age_of_a_year_counts_for_max_interval(desk: Desk, origin: Origin) -> None:
    origin.answer("/feed", in_turn(ok(ETag='"1"', Cache_Control="max-age=31536000"), GONE))
    async with desk.start(origin.url("/feed")) as puller:
        await desk.live(puller, 3 * DAY)
    (wait,) = waits(origin, "/feed")
    assert DAY <= wait <= 1.1 * DAY


def http_date(when: datetime) -> str:
    return format_datetime(when, usegmt=True)


async def test_p9_retry_after_is_obeyed_in_full_up_to_thirty_days_then_there_is_one_try(
    desk: Desk,
) -> None:
    start = desk.room.clock()
    asked = {
        "/soon": ({"Retry-After": "7200"}, 2 * HOUR),
        "/days": ({"Retry-After": str(5 * 86_400)}, 5 * DAY),
        "/date": ({"Retry-After": http_date(start + 3 * DAY)}, 3 * DAY),
        # Its clock is a day behind ours: what counts is how long it means.
        "/behind": (
            {"Retry-After": http_date(start + HOUR), "Date": http_date(start - DAY)},
            DAY + HOUR,
        ),
        "/year": ({"Retry-After": str(365 * 86_400)}, 30 * DAY),
    }
    addresses, origins = [], []
    try:
        for path, (fields, _) in asked.items():
            for status in (429, 503):
                origin = Origin(clock=desk.room.clock).__enter__()
                origins.append((origin, path))
                origin.answer(path, in_turn(response(status, headers=fields), GONE))
                addresses.append(origin.url(path))
        async with desk.start(*addresses) as puller:
            await desk.live(puller, 80 * MINUTE)
            await once(puller, ask=True)
            await desk.live(puller, 40 * DAY)
    finally:
        for origin, _ in origins:
            origin.__exit__()
    for origin, path in origins:
        (wait,) = waits(origin, path)
        assert asked[path][1] <= wait <= 1.1 * asked[path][1] + MINUTE, path


@pytest.mark.parametrize("junk", [None, "soon"])
async def test_p9_a_429_that_does_not_say_for_how_long_backs_off_exponentially(
    desk: Desk, origin: Origin, junk: str | None
) -> None:
    origin.answer("/feed", refused() if junk is None else refused(Retry_After=junk))
    async with desk.start(origin.url("/feed")) as puller:
        await desk.live(puller, 6 * DAY)
    every = waits(origin, "/feed")
    assert MINUTE <= every[0] <= 2 * MINUTE
    for sooner, later in pairwise(every):
        assert later >= min(1.8 * sooner, DAY)
    assert DAY <= every[-1] <= 1.1 * DAY
    assert desk.report(origin.url("/feed")).failures == len(every) + 1


# ---- P10: a refusal is the host's ----------------------------------------------------------------


async def test_p10_a_429_quiets_all_of_that_host_and_port_and_nobody_else(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    with Origin(clock=desk.room.clock) as port:
        for there in (origin, elsewhere, port):
            for number in range(6):
                there.serve(f"/{number}", rss("kettle"), headers={"ETag": '"1"'})
        origin.answer("/0", in_turn(refused(Retry_After="7200"), ok(ETag='"1"')))
        addresses = [there.url(f"/{n}") for n in range(6) for there in (origin, elsewhere, port)]
        async with desk.start(*addresses) as puller:
            await once(puller)
            assert paths(origin) == ["/0"]
            assert len(paths(elsewhere)) == len(paths(port)) == 6
            desk.room.clock.step(minutes=80)
            await once(puller, ask=True)
        async with desk.start(*addresses) as puller:  # it survives a restart
            await once(puller, ask=True)
            await desk.live(puller, 39 * MINUTE)
            assert paths(origin) == ["/0"]
            assert min(waits(elsewhere, "/0")) >= HOUR
            await desk.live(puller, 2 * HOUR)
        assert set(paths(origin)) == {f"/{n}" for n in range(6)}
        assert waits(origin, "/0")[0] >= 2 * HOUR


async def test_p10_a_rule_of_the_host_narrows_a_429_to_the_source_that_got_it(
    desk: Desk, origin: Origin
) -> None:
    for path in "abc":
        origin.serve(f"/{path}", rss("kettle"), headers={"ETag": '"1"'})
    origin.answer("/a", refused(Retry_After="7200"))
    rule = HostRule(name=f"{origin.host}:{origin.port}", quiet="source")
    async with desk.start(*(origin.url(f"/{path}") for path in "abc"), hosts=(rule,)) as puller:
        await once(puller)
        assert sorted(paths(origin)) == ["/a", "/b", "/c"]
        desk.room.clock.step(minutes=80)
        await once(puller, ask=True)
    assert sorted(paths(origin)) == ["/a", "/b", "/b", "/c", "/c"]


async def test_p10_a_429_behind_a_redirect_is_of_the_host_that_gave_it(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    for path in "ab":
        origin.serve(f"/{path}", rss("kettle"), headers={"ETag": '"1"'})
        elsewhere.serve(f"/{path}", rss("lid"), headers={"ETag": '"1"'})
    origin.answer("/moved", response(302, headers={"Location": elsewhere.url("/busy")}))
    elsewhere.answer("/busy", refused(Retry_After="7200"))
    async with desk.start(origin.url("/moved")) as puller:
        await once(puller)
    named = [there.url(f"/{path}") for there in (origin, elsewhere) for path in "ab"]
    async with desk.start(origin.url("/moved"), *named) as puller:
        await once(puller)
        assert sorted(paths(origin)) == ["/a", "/b", "/moved"], "this host refused nobody"
        assert paths(elsewhere) == ["/busy"], "and this one did"


async def test_p10_no_redirect_leads_to_a_host_while_it_is_quiet(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    # Publications with domains of their own behind which one host gives all the documents.
    for number in range(4):
        away = response(302, headers={"Location": elsewhere.url(f"/{number}")})
        origin.answer(f"/{number}", away)
        elsewhere.answer(f"/{number}", refused(Retry_After="7200"))
    async with desk.start(*(origin.url(f"/{number}") for number in range(4))) as puller:
        await desk.live(puller, HOUR)
    assert paths(elsewhere) == ["/0"]


# ---- P11, P13, P16, P20: what a request is -------------------------------------------------------


async def test_p11_p13_p16_p20_a_poll_is_one_plain_request_for_the_address_as_it_is_written(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    odd = "/a%2fb/./~c?sig=%2B%3d%7E&x=a+b&amp;y&utm_source=list&d=[1]'(2)"
    cookie = {"Set-Cookie": "reader=1; Path=/", "ETag": '"1"'}
    page = rss("kettle", head=f"<link>{origin.url('/')}</link>")
    origin.serve(odd, page, headers=cookie)
    origin.answer("/away", response(302, headers=cookie | {"Location": elsewhere.url("/feed")}))
    elsewhere.serve("/feed", gzip.compress(page), headers=cookie | {"Content-Encoding": "gzip"})
    origin.serve("/account", page, headers=cookie)
    login = origin.url("/account").replace("//", "//ada:hush@")
    twice = origin.url("/account") + "#twice"
    for _ in range(2):
        async with desk.start(origin.url(odd), origin.url("/away"), login, twice) as puller:
            told = await once(puller)
        assert {pulled.error for pulled in told} == {None}
        desk.room.clock.step(days=2)
    every = [*origin.requests, *elsewhere.requests]
    assert Counter(request.path for request in every) == dict.fromkeys(
        (odd, "/away", "/feed", "/account"), 2
    )
    for request in every:
        assert request.method == "GET"
        assert request.body == b""
        configured = {"authorization"} if request.path == "/account" else set()
        assert set(request.fields) <= NOTHING_ELSE | configured
        assert len(set(request.fields)) == len(request.fields)
        assert ("authorization" in request.fields) == bool(configured)
        assert "gzip" in (request.field("Accept-Encoding") or "")
        for kind in ("application/rss+xml", "application/atom+xml", "application/feed+json"):
            assert kind in (request.field("Accept") or "")
    assert desk.room.titles() == ["kettle"]


async def test_p11_an_account_goes_to_its_own_origin_alone_wherever_the_source_moves(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    elsewhere.serve("/theirs", rss("kettle"), headers={"ETag": '"1"'})
    origin.serve("/ours", rss("lid"), headers={"ETag": '"1"'})
    origin.answer("/leaves", response(301, headers={"Location": elsewhere.url("/theirs")}))
    origin.answer("/stays", response(301, headers={"Location": "/ours"}))
    login = origin.url("").replace("//", "//ada:hush@")
    for _ in range(4):
        async with desk.start(f"{login}/leaves", f"{login}/stays") as puller:
            await once(puller)
        desk.room.clock.step(days=2)
    assert Counter(paths(origin)) == {"/leaves": 3, "/stays": 3, "/ours": 4}
    assert {request.field("Authorization") for request in origin.requests} == {"Basic YWRhOmh1c2g="}
    assert paths(elsewhere) == ["/theirs"] * 4
    assert {request.field("Authorization") for request in elsewhere.requests} == {None}


async def test_p16_what_broke_off_without_an_answer_is_asked_once_more_and_no_oftener(
    desk: Desk, origin: Origin
) -> None:
    # RFC 9112 9.3.1: a kept connection may have ended of itself just when we asked.
    origin.answer("/broken", b"")
    async with desk.start(origin.url("/broken")) as puller:
        (pulled,) = await once(puller)
        assert pulled.error == "closed the connection without an answer"
        assert len(origin.requests) <= 2
        assert await once(puller, ask=True) == []


async def test_p20_a_delta_that_nobody_asked_for_is_no_feed(desk: Desk, origin: Origin) -> None:
    # RFC 3229 10.4.1: a 226 holds but what is new; taken for the feed it would empty it.
    delta = ok(rss("lid"), ETag='"2"', IM="feed").replace(b"200 OK", b"226 IM Used")
    origin.answer("/feed", in_turn(ok(ETag='"1"'), delta, NOT_MODIFIED))
    async with desk.start(origin.url("/feed")) as puller:
        for error in (None, "answered 226 IM Used", None):
            (pulled,) = await once(puller)
            assert pulled.error == error
            desk.room.clock.step(days=2)
    assert desk.room.titles() == ["kettle"]
    assert [r.field("If-None-Match") for r in origin.requests] == [None, '"1"', '"1"']


# ---- P14, P15, P19: moves, ends and failures -----------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
async def test_p14_a_source_that_moved_for_good_is_asked_where_it_is_after_three_pulls(
    desk: Desk, origin: Origin, elsewhere: Origin, status: int
) -> None:
    elsewhere.serve("/new", rss("kettle"), headers={"ETag": '"1"'})
    elsewhere.serve("/other", rss("kettle"), headers={"ETag": '"1"'})
    to_new, to_other = (
        response(status, headers={"Location": elsewhere.url(path)}) for path in ("/new", "/other")
    )
    origin.answer("/old", in_turn(to_new, to_new, to_other, to_new, refused(500), to_new))
    for _ in range(9):
        async with desk.start(origin.url("/old")) as puller:
            await once(puller)
        desk.room.clock.step(days=2)
    # Not before three in a row agreed; the failure between them says nothing of it.
    assert len(paths(origin)) == 7
    assert paths(elsewhere) == ["/new", "/new", "/other", "/new", "/new", "/new", "/new", "/new"]
    assert desk.room.titles() == ["kettle"]


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_p14_a_temporary_redirect_is_followed_and_not_remembered(
    desk: Desk, origin: Origin, status: int
) -> None:
    origin.serve("/new", rss("kettle"), headers={"ETag": '"1"'})
    origin.answer("/old", response(status, headers={"Location": "/new"}))
    async with desk.start(origin.url("/old")) as puller:
        for _ in range(5):
            await once(puller)
            desk.room.clock.step(days=2)
    assert paths(origin) == ["/old", "/new"] * 5
    assert origin.requests[-1].field("If-None-Match") == '"1"'


async def test_p14_five_redirects_are_followed_and_neither_a_sixth_nor_a_circle(
    desk: Desk, origin: Origin
) -> None:
    for number in range(7):
        origin.answer(f"/{number}", response(301, headers={"Location": f"/{number + 1}"}))
    origin.serve("/7", rss("kettle"))
    origin.answer("/here", response(302, headers={"Location": "/there"}))
    origin.answer("/there", response(302, headers={"Location": "/here"}))
    async with desk.start(*map(origin.url, ("/2", "/1", "/here"))) as puller:
        told = {pulled.address: pulled.error or "" for pulled in await once(puller)}
    assert told[origin.url("/2")] == ""
    assert told[origin.url("/1")].startswith("redirected more than 5 times")
    assert told[origin.url("/here")].startswith("redirected in a circle")
    every = Counter(paths(origin))
    assert every == {"/1": 1, **{f"/{n}": 2 for n in range(2, 7)}, "/7": 1, "/here": 1, "/there": 1}


async def test_p15_a_410_ends_a_source_and_another_failure_never_does(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    origin.answer("/gone", GONE)
    failing = {"/404": response(404), "/500": response(500), "/403": response(403)}
    failing["/page"] = response(200, b"<!DOCTYPE html><html><title>Hello</title></html>")
    for path, answer in failing.items():
        elsewhere.answer(path, answer)
    names = [origin.url("/gone"), *map(elsewhere.url, failing)]
    async with desk.start(*names) as puller:
        await desk.live(puller, 3 * DAY)
        assert await once(puller, ask=True, only=origin.url("/nobody")) == []
        assert desk.report(origin.url("/gone")).gone
        assert paths(origin) == ["/gone"]
        for path in failing:
            every = waits(elsewhere, path)
            assert HOUR <= every[0] <= 1.1 * HOUR
            assert all(later >= sooner for sooner, later in pairwise(every))
            assert DAY <= every[-1] <= 1.1 * DAY
            assert not desk.report(elsewhere.url(path)).gone
            elsewhere.serve(path, rss(path[1:]), headers={"ETag": '"1"'})
        await desk.live(puller, 1.2 * DAY)
        assert {desk.report(name).failures for name in names[1:]} == {0}

        # Asking for all revives nobody, naming it does; and it is polite to it.
        await once(puller, ask=True)
        assert paths(origin) == ["/gone"]
        (pulled,) = await once(puller, ask=True, only=origin.url("/gone"))
        assert (pulled.error or "").startswith("answered 410 Gone")
        origin.serve("/gone", rss("back"), headers={"ETag": '"1"'})
        desk.room.clock.step(hours=1)
        await once(puller, ask=True, only=origin.url("/gone"))
        assert not desk.report(origin.url("/gone")).gone
        await desk.live(puller, DAY)
        assert len(times(origin, "/gone")) > 3


async def test_p15_who_names_a_source_that_ended_keeps_its_hour_too(
    desk: Desk, origin: Origin
) -> None:
    origin.answer("/gone", GONE)
    async with desk.start(origin.url("/gone")) as puller:
        await once(puller)
        desk.room.clock.step(minutes=30)
        assert await once(puller, ask=True, only=origin.url("/gone")) == []
    assert paths(origin) == ["/gone"]


async def test_p19_a_304_is_a_success(desk: Desk, origin: Origin) -> None:
    origin.answer("/feed", in_turn(ok(ETag='"1"'), refused(500), refused(500), NOT_MODIFIED))
    start = desk.room.clock()
    async with desk.start(origin.url("/feed")) as puller:
        for days, failures in ((0, 0), (2, 1), (4, 2), (6, 0)):
            desk.room.clock.now = start + days * DAY
            (pulled,) = await once(puller)
            state = desk.report(origin.url("/feed"))
            assert (state.failures, bool(state.failing_since)) == (failures, failures > 0)
            assert (pulled.error is None) == (failures == 0)
            assert state.last_success_at == start + (0 if failures else days) * DAY
    assert desk.room.titles() == ["kettle"]


# ---- P17: by hand --------------------------------------------------------------------------------


async def test_p17_asking_by_hand_is_conditional_too_and_keeps_every_floor(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    origin.serve("/feed", rss("kettle"), headers={"ETag": '"1"', "Last-Modified": STAMP})
    origin.serve("/plain", rss("kettle"))
    origin.serve("/slow", rss("kettle"), headers={"ETag": '"1"', "Cache-Control": "max-age=7200"})
    origin.answer("/broken", refused(503, Retry_After="7200"))
    elsewhere.answer("/refusing", refused(429, Retry_After="7200"))
    named = [*map(origin.url, ("/feed", "/plain", "/slow", "/broken")), elsewhere.url("/refusing")]
    async with desk.start(*named) as puller:
        await once(puller)
        for _ in range(3):
            for only in (None, *named):
                assert await once(puller, ask=True, only=only) == []
            desk.room.clock.step(minutes=19)
        desk.room.clock.step(minutes=3)
        assert {p.address for p in await once(puller, ask=True)} == set(named[:2])
        desk.room.clock.step(hours=1)
        await once(puller, ask=True)
    feed = [conditions(request) for request in origin.requests if request.path == "/feed"]
    assert feed == [(None, None), ('"1"', STAMP), ('"1"', STAMP)]
    for path in ("/slow", "/broken"):
        assert waits(origin, path) == [2 * HOUR]
    assert waits(elsewhere, "/refusing") == [2 * HOUR]


# ---- P18: one at a time, and not all at once -----------------------------------------------------


def three_at_once(origin: Origin) -> Callable[[Request], AsyncIterator[bytes]]:
    """An answer that waits a moment for two more to come."""

    async def drops(request: Request) -> AsyncIterator[bytes]:
        for _ in range(10):
            if origin.open_now >= 3:
                break
            await asyncio.sleep(0.005)
        yield ok(ETag='"1"')

    return drops


async def test_p18_a_host_has_one_connection_at_a_time_whoever_leads_to_it(
    desk: Desk, origin: Origin
) -> None:
    named = [f"/{n}" for n in range(6)]
    for path in named:
        origin.answer(path, three_at_once(origin))
    with Origin("127.0.0.2") as one, Origin("127.0.0.3") as another:
        for there in (one, another):
            there.answer("/moved", response(301, headers={"Location": origin.url("/0")}))
        every = [*map(origin.url, named), one.url("/moved"), another.url("/moved")]
        async with desk.start(*every) as puller:
            assert len(await once(puller)) == 8
    assert len(origin.requests) == 8
    assert origin.open_most == 1


async def test_p18_a_rule_allows_a_host_more_connections(desk: Desk, origin: Origin) -> None:
    named = [f"/{n}" for n in range(9)]
    for path in named:
        origin.answer(path, three_at_once(origin))
    rule = HostRule(name=origin.host, connections=3)
    async with desk.start(*map(origin.url, named), hosts=(rule,)) as puller:
        await once(puller)
    assert len(origin.requests) == 9
    assert origin.open_most == 3


async def test_p18_two_requests_to_a_host_are_its_interval_apart(
    desk: Desk, origin: Origin, elsewhere: Origin
) -> None:
    for there in (origin, elsewhere):
        for path in "abcd":
            there.serve(f"/{path}", rss("kettle"))
    rule = HostRule(name=elsewhere.host, interval=timedelta(0))
    every = [there.url(f"/{path}") for there in (elsewhere, origin) for path in "abcd"]
    moment = timedelta(seconds=0.2)
    start = time.monotonic()
    async with desk.start(*every, hosts=(rule,), per_host_interval=moment) as puller:
        await once(puller)
    assert [a.at - start >= n * 0.2 for n, a in enumerate(origin.requests)] == [True] * 4
    assert max(a.at for a in elsewhere.requests) < origin.requests[-1].at


async def test_p18_sources_that_began_together_come_back_one_by_one(desk: Desk) -> None:
    with Origin("127.0.0.2") as one, Origin("127.0.0.3") as another:
        for there in (one, another):
            for number in range(30):
                there.serve(f"/{number}", rss("kettle"), headers={"ETag": '"1"'})
        every = [there.url(f"/{n}") for n in range(30) for there in (one, another)]
        async with desk.start(*every) as puller:
            await once(puller)
    turns = [turn for (turn,) in desk.room.rows("SELECT next_pull_at FROM source_state")]
    assert max(Counter(turns).values()) <= 3
    assert max(turns) - min(turns) >= 300


# ---- P21: limits ---------------------------------------------------------------------------------


async def test_p21_size_and_time_have_limits_and_no_redirect_leads_into_a_private_network(
    desk: Desk, elsewhere: Origin
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
    bomb = gzip.compress(bytes(10_000_000))
    elsewhere.answer("/endless", drip(head, b"<item>" * 1000))
    elsewhere.answer("/bomb", ok(bomb, Content_Encoding="gzip"))
    elsewhere.answer("/slow", drip(head, b" ", every=0.05))
    half = timedelta(seconds=0.5)
    mine = (ip_network("127.0.0.2/32"),)
    with Origin("127.0.0.1") as inside:
        elsewhere.answer("/inside", response(302, headers={"Location": inside.url("/feed")}))
        paths = ("/endless", "/bomb", "/slow", "/inside")
        every = [*map(elsewhere.url, paths), inside.url("/feed")]
        async with desk.start(*every, timeout=half, allow_networks=mine) as puller:
            told = {pulled.address: pulled.error or "" for pulled in await once(puller)}
        assert inside.is_untouched()
    for path in ("/endless", "/bomb"):
        assert told[elsewhere.url(path)] == "the body is larger than max_body (0.1 MB)"
    assert told[elsewhere.url("/slow")] == "the body did not come whole within 0.5 s"
    for address in (elsewhere.url("/inside"), inside.url("/feed")):
        assert "allow_networks" in told[address]
    assert desk.room.titles() == []


# ---- P22: what a document wishes -----------------------------------------------------------------


def skipping(what: str, names: list[str]) -> str:
    inner = "".join(f"<{what.lower()}>{name}</{what.lower()}>" for name in names)
    return f"<skip{what}s>{inner}</skip{what}s>"


async def test_p22_a_document_lengthens_the_wait(desk: Desk, origin: Origin) -> None:
    four = "<sy:updateFrequency>4</sy:updateFrequency>"
    heads = {
        "/ttl": "<ttl>300</ttl>",
        "/period": f"<sy:updatePeriod>daily</sy:updatePeriod>{four}",
        "/hours": skipping("Hour", [str(hour) for hour in range(24) if hour % 8]),
        "/year": "<ttl>525600</ttl>",
    }
    for path, head in heads.items():
        origin.serve(path, rss("kettle", head=head), headers={"ETag": '"1"'})
    sources = [Source(address=origin.url(path), interval=2 * HOUR) for path in heads]
    for _ in range(2):  # what a document wished is known after a restart too
        async with desk.start(*sources) as puller:
            await desk.live(puller, 1.5 * DAY)
    assert 5 * HOUR <= min(waits(origin, "/ttl")) <= max(waits(origin, "/ttl")) <= 5.5 * HOUR
    assert 6 * HOUR <= min(waits(origin, "/period")) <= max(waits(origin, "/period")) <= 6.6 * HOUR
    assert {when.hour % 8 for when in times(origin, "/hours")[1:]} == {0}
    assert len(times(origin, "/hours")) == 1 + 9
    assert DAY <= min(waits(origin, "/year")) <= max(waits(origin, "/year")) <= 1.1 * DAY


@pytest.mark.parametrize(("longest", "heeded"), [(DAY, False), (2 * DAY, True)])
async def test_p22_a_day_to_skip_counts_up_to_max_interval(
    desk: Desk, origin: Origin, longest: timedelta, *, heeded: bool
) -> None:
    document = rss("kettle", head=skipping("Day", ["Sunday", "Tuesday"]))
    origin.serve("/feed", document, headers={"ETag": '"1"'})
    source = Source(address=origin.url("/feed"), interval=8 * HOUR)
    assert desk.room.clock().strftime("%A") == "Saturday"
    async with desk.start(source, max_interval=longest) as puller:
        await desk.live(puller, 4 * DAY)
    asked = [when.strftime("%a") for when in times(origin, "/feed")]
    if heeded:
        assert set(asked) == {"Sat", "Mon", "Wed"}
    for day, wait in zip(asked[1:], waits(origin, "/feed"), strict=True):
        assert day not in ("Sun", "Tue") or wait >= longest


async def test_p22_a_document_never_shortens_the_wait(desk: Desk, origin: Origin) -> None:
    sixty = "<sy:updateFrequency>60</sy:updateFrequency>"
    heads = {"/ttl": "<ttl>1</ttl>", "/period": f"<sy:updatePeriod>hourly</sy:updatePeriod>{sixty}"}
    for path, head in heads.items():
        hasty = rss("kettle", head=head)
        origin.answer(path, in_turn(*[ok(hasty, ETag='"1"')] * 3, GONE))
        origin.answer(f"{path}-plain", in_turn(ok(hasty), GONE))
    named = [Source(address=origin.url(path), interval=MINUTE) for path in heads]
    plain = [origin.url(f"{path}-plain") for path in heads]
    async with desk.start(*named, *plain) as puller:
        await desk.live(puller, 2 * DAY)
    for path in heads:
        assert len(waits(origin, path)) == 3
        assert min(waits(origin, path)) >= HOUR
        assert len(waits(origin, f"{path}-plain")) == 1
        assert min(waits(origin, f"{path}-plain")) >= DAY


async def test_p22_a_wish_holds_until_a_document_with_news_is_without_it(
    desk: Desk, origin: Origin
) -> None:
    source = Source(address=origin.url("/feed"), interval=HOUR)
    origin.serve("/feed", rss("kettle", head="<ttl>720</ttl>"), headers={"ETag": '"1"'})
    async with desk.start(source) as puller:
        await desk.live(puller, 11 * HOUR)
        origin.serve("/feed", rss("lid", "kettle"), headers={"ETag": '"2"'})
        await desk.live(puller, 8 * HOUR)
    first, *others = waits(origin, "/feed")
    assert first >= 12 * HOUR
    assert len(others) >= 3
    assert max(others) <= 1.1 * HOUR


# ---- a host that is slow, that fails, that is silent ---------------------------------------------


@pytest.mark.parametrize("tells", [True, False], ids=["with-Retry-After", "without"])
async def test_fifty_sources_on_a_host_that_allows_one_request_a_minute_are_fresh_in_an_hour(
    desk: Desk, origin: Origin, *, tells: bool
) -> None:
    free_at = desk.room.clock()
    refusals = 0

    def answer(request: Request) -> bytes:
        nonlocal free_at, refusals
        if request.when >= free_at:
            free_at = request.when + MINUTE
            return ok(ETag='"1"')
        refusals += 1
        wait = int((free_at - request.when).total_seconds())
        return refused(Retry_After=str(wait)) if tells else refused()

    named = [f"/{n}" for n in range(50)]
    for path in named:
        origin.answer(path, answer)
    start = desk.room.clock()
    async with desk.start(*map(origin.url, named)) as puller:
        await desk.live(puller, HOUR)
    assert {desk.report(origin.url(path)).last_success_at is None for path in named} == {False}
    assert refusals <= 10
    assert len(origin.requests) <= 75
    minutes = Counter((r.when - start) // MINUTE for r in origin.requests)
    assert max(minutes.values()) <= 3, "no storm"


async def test_the_sources_of_a_host_that_failed_come_back_spread_out(
    desk: Desk, origin: Origin
) -> None:
    named = [f"/{n}" for n in range(40)]
    for path in named:
        origin.answer(path, response(500))
    start = desk.room.clock()
    async with desk.start(*map(origin.url, named)) as puller:
        await once(puller)
        for path in named:
            origin.serve(path, rss("kettle"), headers={"ETag": '"1"'})
        await desk.live(puller, 1.2 * HOUR)
    assert Counter(paths(origin)) == dict.fromkeys(named, 2)
    again = Counter((request.when - start) // MINUTE for request in origin.requests[40:])
    assert max(again.values()) <= 10
    assert len(again) >= 5


async def test_no_source_waits_for_a_host_that_is_silent(desk: Desk) -> None:
    with Origin("127.0.0.2") as silent, Origin("127.0.0.3") as one, Origin("127.0.0.4") as another:
        for number in range(5):
            silent.answer(f"/{number}", silence)
            for there in (one, another):
                there.serve(f"/{number}", rss("kettle"))
        every = [there.url(f"/{n}") for n in range(5) for there in (silent, one, another)]
        # A timeout of two minutes: the test would not live to see it.
        async with desk.start(*every, patience=timedelta(0)) as puller:
            await puller.tick()
            await until(lambda: len(one.requests) == len(another.requests) == 5)
            succeeded = "SELECT count(*) FROM source_state WHERE pulled"
            await until(lambda: desk.room.rows(succeeded) == [(10,)])
        assert len(silent.requests) == 1


async def test_a_host_that_was_silent_to_two_is_not_asked_by_a_third_that_waited(
    desk: Desk, origin: Origin
) -> None:
    named = [f"/{n}" for n in range(12)]
    for path in named:
        origin.answer(path, silence)
    moment = timedelta(seconds=0.2)
    async with desk.start(*map(origin.url, named), timeout=moment) as puller:
        told = await once(puller)
        assert len(origin.requests) == 2
        assert len(told) <= 12
        for path in named:
            origin.serve(path, rss("kettle"), headers={"ETag": '"1"'})
        await desk.live(puller, 1.2 * HOUR)
    assert desk.room.rows("SELECT count(*) FROM source_state WHERE pulled") == [(12,)]


async def test_behind_one_source_that_is_silent_the_others_of_its_host_follow(
    desk: Desk, origin: Origin
) -> None:
    named = [f"/{n}" for n in range(5)]
    for path in named:
        origin.serve(path, rss("kettle"), headers={"ETag": '"1"'})
    origin.answer("/0", silence)
    async with desk.start(*map(origin.url, named), timeout=timedelta(seconds=0.2)) as puller:
        told = {pulled.address: pulled.error for pulled in await once(puller)}
    assert told.pop(origin.url("/0")) == "no answer within 0.2 s"
    assert set(told.values()) == {None}
    assert len(told) == 4
