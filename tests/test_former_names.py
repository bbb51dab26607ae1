"""Names that verticals had: where they lead, what is gone, and what answers while that changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from aggregator.model import Narrowing, Selection
from aggregator.settings import SavedQuery, Vertical
from feeds.front import Front
from feeds.library import Library, Wanted
from feeds.library.library import LOOKS_EVERY
from feeds.selection import Defined, Malformed, Renamed, UnknownVertical, defined, narrow, parse
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, Newsroom, item, settings_for

GEAR = Vertical(name="gear", title="Gear", was=("tech", "gadgets"))
NATURE = Vertical(name="nature", title="Nature", was=("science",))
THERE = Defined(
    verticals=frozenset({"gear", "nature"}),
    queries={"whistles": Selection(query="whistles", saved=Narrowing())},
    formerly={"tech": "gear", "gadgets": "gear", "science": "nature"},
)


# ---- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "now"),
    [
        ("tech", "gear"),
        ("TECH", "gear"),
        ("science+tech", "gear_nature"),
        ("gear_tech", "gear"),
        ("gadgets,tech", "gear"),
        ("nature tech", "gear_nature"),
        ("all_tech", "all"),
    ],
)
def test_a_former_name_leads_to_what_is_called_otherwise_now(asked: str, now: str) -> None:
    assert parse(asked, THERE) == Renamed(name=now)
    found = parse(now, THERE)
    assert isinstance(found, Selection)
    assert found.name == now


def test_a_former_name_beside_an_unknown_one_leads_nowhere() -> None:
    found = parse("tech_never", THERE)
    assert isinstance(found, UnknownVertical)
    assert found.name == "never"
    assert not {*found.verticals}.intersection(THERE.formerly)


def test_settings_say_which_names_verticals_had(tmp_path: Path) -> None:
    query = SavedQuery(name="whistles", title="What whistles")
    found = defined(settings_for(tmp_path, verticals=(GEAR, NATURE), queries=(query,)))
    assert (found.verticals, found.formerly) == (THERE.verticals, THERE.formerly)


def test_a_feed_can_be_narrowed_by_former_names() -> None:
    parameters = [("vertical", "Tech"), ("vertical", "gear"), ("not", "science")]
    narrowing = Narrowing(within=("gear",), without=("nature",))
    assert narrow(Selection(), parameters, THERE) == (Selection(narrowing=narrowing), 1)
    found = narrow(Selection(), [("not", "never")], THERE)
    assert isinstance(found, Malformed)
    assert found.why == "no such vertical; there are: all, gear, nature"


# ---- addresses ----------------------------------------------------------------------------------


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A store of a time when there were tech and culture."""
    with Newsroom(tmp_path) as room:
        room.store.refresh("then", ["culture", "tech"])
        room.give(GAZETTE, item("kettle"), verticals=("tech",))
        room.store.refresh("now", ["gear", "nature"])
        yield room


@pytest.fixture
def site(room: Newsroom) -> Iterator[Site]:
    settings = settings_for(room.file.parent, verticals=(GEAR, NATURE))
    made = Site(room, settings)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("/feeds/tech.atom", "/feeds/gear.atom"),
        (
            "/feeds/tech.json?q=tea&source=a%20b&page=2",
            "/feeds/gear.json?q=tea&source=a%20b&page=2",
        ),
        ("/feeds/science+gadgets.rss", "/feeds/gear_nature.rss"),
        ("/feeds/tech/archive/7.atom?x=1", "/feeds/gear.atom?x=1"),
        ("/tech/archive/7", "/gear"),
        ("/tech", "/gear"),
        ("/all_tech?x=1", "/all?x=1"),
    ],
)
def test_the_address_of_a_former_name_leads_for_good_to_what_it_is_now(
    site: Site, asked: str, place: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = site.ask(method, asked)
        assert (answer.status, answer.body) == (301, b"")
        assert answer.field("location") == f"http://127.0.0.1:8000{place}"
        assert answer.field("access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("/feeds/culture.atom", 410),
        ("/feeds/culture_gear.json", 410),
        ("/feeds/culture/archive/0.rss", 410),
        ("/culture", 410),
        ("/feeds/culture_tech.atom", 410),
        ("/feeds/never.atom", 404),
        ("/never", 404),
        ("/feeds/tech.xml", 404),
        ("/feeds/tech/archive/x.atom", 404),
    ],
)
def test_what_is_no_more_is_gone_and_what_never_was_is_not_found(
    site: Site, asked: str, status: int
) -> None:
    answer = site.get(asked)
    assert answer.status == status
    assert answer.text.count("\n") == 1
    if status == 410:
        assert answer.text == "culture is no more; there are: all, gear, nature\n"


def test_a_feed_that_is_narrowed_by_a_former_name_says_the_present_one_of_itself(
    site: Site,
) -> None:
    answer = site.get("/feeds/all.atom?vertical=tech")
    assert answer.status == 200
    link = answer.field("link")
    assert link
    assert "all.atom?vertical=gear" in link


# ---- while that changes -------------------------------------------------------------------------


def test_who_is_held_notices_nothing_until_it_is_over(room: Newsroom) -> None:
    settings = settings_for(room.file.parent)
    library = Library(settings, "urn:uuid:site", room.query)
    library.look()
    assert library.was_there("culture")
    assert not library.was_there("never")
    made = library.rendition(Wanted(fmt="atom"))
    library.hold()
    room.clock.step(hours=1)
    room.give(HERALD, item("tram"))
    assert library.rendition(Wanted(fmt="atom")) is made
    library.hold(held=False)
    after = library.rendition(Wanted(fmt="atom"))
    assert after
    assert b"About tram" in after.body


async def ask(front: Front, kind: str = "http") -> list[Message]:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "lifespan.startup" if not said else "lifespan.shutdown"}

    await front({"type": kind, "app": None, "state": {}}, receive, send)
    return said


async def test_requests_are_answered_by_what_is_shown_and_the_lifespan_lasts(
    room: Newsroom,
) -> None:
    began = asyncio.Event()
    goes_on = asyncio.Event()
    lasts: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        lasts.append("begun")
        yield
        lasts.append("ended")

    class Answering:
        def __init__(self, library: Library) -> None:
            self._name = names[library]

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if self._name == "old":
                began.set()
                await goes_on.wait()
            await PlainTextResponse(self._name)(scope, receive, send)

    settings = settings_for(room.file.parent)
    old, new = (Library(settings, "urn:uuid:site", room.query) for _ in range(2))
    names = {old: "old", new: "new"}
    front = Front(old, Answering, lifespan)
    first = asyncio.create_task(ask(front))
    await began.wait()
    front.show(new)
    assert (await ask(front))[1]["body"] == b"new"
    goes_on.set()
    assert (await first)[1]["body"] == b"old", "whoever began a request finishes it"
    told = await ask(front, "lifespan")
    assert [message["type"] for message in told] == [
        "lifespan.startup.complete", "lifespan.shutdown.complete",
    ]  # fmt: skip
    assert lasts == ["begun", "ended"]


async def test_the_library_that_is_shown_is_looked_after_and_the_one_before_no_more(
    room: Newsroom,
) -> None:
    class Looked(Library):
        looks = 0

        def look(self) -> None:
            self.looks += 1
            super().look()

    settings = settings_for(room.file.parent)
    old, new = (Looked(settings, "urn:uuid:site", room.query) for _ in range(2))

    async def until_looked(library: Looked, times: int) -> None:
        for _ in range(1000):
            if library.looks >= times:
                return
            await asyncio.sleep(LOOKS_EVERY / 10)
        pytest.fail("nobody looked")

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield

    front = Front(old, lambda _: Starlette(), lifespan)
    watching = asyncio.create_task(front.watch())
    await until_looked(old, 1)
    front.show(old)
    await until_looked(old, 2)
    front.show(new)
    assert front.library is new
    await until_looked(new, 1)
    before = old.looks
    await until_looked(new, 2)
    assert old.looks == before
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_a_removed_vertical_that_comes_back_is_there_again(room: Newsroom) -> None:
    culture = Vertical(name="culture", title="Culture")
    settings = settings_for(room.file.parent, verticals=(GEAR, NATURE))
    statuses = []
    for verticals in ((GEAR,), (GEAR, culture), (replace(GEAR, was=("culture",)),)):
        site = Site(room, replace(settings, verticals=verticals))
        statuses.append(site.get("/feeds/culture.atom").status)
        site.close()
    assert statuses == [410, 200, 301]
