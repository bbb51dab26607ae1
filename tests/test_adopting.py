"""What pulls goes by other settings from the next request on; what is under way loses nothing."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from aggregator.fetch import Fetcher
from aggregator.fetch.turns import Gate, Turns
from aggregator.model import Fetched
from aggregator.pull import Puller
from aggregator.reading.readers import Readers
from aggregator.reading.types import Document, Limits, Reading
from aggregator.settings import HostRule, Source, Vertical
from tests.builders import NOW
from tests.fetching import FEED, LOOPBACK, NEVER_PULLED, body_of, reason_of
from tests.loopback import Origin, Request, response, silence
from tests.newsroom import SHELVES, Newsroom, settings_for

GEAR = (Vertical(name="gear", title="Gear", categories=("Tea",)), SHELVES[1])
PATIENT = replace(LOOPBACK, timeout=timedelta(seconds=20))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


def rss(*titles: str, category: str = "Tea") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://gazette.example/{title}</link>"
        f"<category>{category}</category><pubDate>Fri, 13 Feb 2026 09:00:00 GMT</pubDate></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>".encode()


async def until(true: Callable[[], object]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came true")


# ---- turns --------------------------------------------------------------------------------------


async def test_a_gate_that_lets_more_in_lets_in_who_has_waited_longest() -> None:
    gate = Gate(1)
    await gate.enter()
    order: list[int] = []

    async def visit(number: int) -> None:
        await gate.enter()
        order.append(number)

    waiting = [asyncio.create_task(visit(number)) for number in range(4)]
    await asyncio.sleep(0)
    gate.allow(3)
    await asyncio.sleep(0)
    assert order == [0, 1]
    gate.allow(9)
    await asyncio.gather(*waiting)
    assert (order, gate.free) == ([0, 1, 2, 3], 4)
    for _ in range(5):
        gate.leave()
    assert gate.is_idle


async def test_a_gate_that_lets_fewer_in_waits_until_they_have_left() -> None:
    gate = Gate(3)
    for _ in range(3):
        await gate.enter()
    gate.allow(1)
    late = asyncio.create_task(gate.enter())
    for left in (1, 2):
        gate.leave()
        await asyncio.sleep(0)
        assert not late.done(), f"{3 - left} are still in"
    gate.leave()
    await late
    assert (gate.free, gate.is_idle) == (0, False)
    gate.leave()
    assert (gate.free, gate.is_idle) == (1, True)
    gate.allow(1)
    assert gate.free == 1


async def test_hosts_go_by_the_rules_that_are_adopted_and_so_do_those_that_come_later() -> None:
    turns = Turns(9, 0.0)
    known, later = "lantern.example:80", "moth.example:80"
    first = turns.at_once(known)
    assert first is not None
    assert turns.at_once(known) is None
    turns.adopt(9, 0.0, (HostRule(name="lantern.example", connections=2),))
    second = turns.at_once(known)
    assert second is not None
    assert turns.at_once(known) is None
    turns.adopt(1, 60.0)
    assert turns.at_once(later) is None, "two are out, and one may be"
    for turn in (first, second):
        with turn:
            pass
    third = turns.at_once(known)
    assert third is not None
    with third:
        pass
    assert turns.at_once(known) is None, "its pause is the new one"
    assert turns.at_once(later) is not None


# ---- requests -----------------------------------------------------------------------------------


async def test_the_next_request_is_made_by_the_settings_that_were_adopted(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    origin.answer("/silent", silence)
    async with Fetcher(replace(PATIENT, allow_networks=()), "Broadsheet/0") as fetcher:
        assert "127.0.0.1" in reason_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED))
        assert origin.is_untouched()
        fetcher.adopt(PATIENT, "Broadsheet/1 (+https://merrow.example/)")
        assert body_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)) == FEED
        fetcher.adopt(replace(PATIENT, max_body=9), "Broadsheet/2")
        told = reason_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED))
        assert told.startswith("the body is larger than max_body")
        fetcher.adopt(replace(PATIENT, timeout=timedelta(seconds=0.1)), "Broadsheet/2")
        told = reason_of(await fetcher.fetch(origin.url("/silent"), NEVER_PULLED))
        assert told == "no answer within 0.1 s"
        fetcher.adopt(replace(LOOPBACK, allow_networks=()), "Broadsheet/2")
        with Origin("127.0.0.2") as other:
            await fetcher.fetch(other.url("/feed"), NEVER_PULLED)
            assert other.is_untouched()
    named = [request.field("User-Agent") for request in origin.requests]
    assert named == ["Broadsheet/1 (+https://merrow.example/)", "Broadsheet/2", "Broadsheet/2"]


async def test_a_host_is_left_alone_between_two_requests_whatever_is_adopted(
    origin: Origin,
) -> None:
    origin.serve("/feed", FEED)
    paused = replace(PATIENT, per_host_interval=timedelta(seconds=0.15))
    async with Fetcher(paused, "Broadsheet/0") as fetcher:
        asked = [fetcher.fetch(origin.url("/feed"), NEVER_PULLED) for _ in range(3)]
        waiting = asyncio.gather(*asked)
        await until(lambda: origin.requests)
        fetcher.adopt(paused, "Broadsheet/1")
        assert all(isinstance(result, Fetched) for result in await waiting)
    starts = [request.at for request in origin.requests]
    assert min(after - before for before, after in pairwise(starts)) > 0.1


# ---- documents ----------------------------------------------------------------------------------


def document(title: str) -> Document:
    source = Source(address="https://gazette.example/feed")
    address = source.address
    return Document(
        source=source, first_address=address, base=address, body=rss(title), now=NOW, first=True
    )


async def shelves_of(readers: Readers, *titles: str) -> list[list[str]]:
    found = await asyncio.gather(*(readers.read(document(title)) for title in titles))
    assert all(isinstance(one, Reading) for one in found)
    return [[a.vertical for a in e.verticals] for one in found for e in one.entries]  # type: ignore[union-attr]


async def test_documents_are_shelved_by_what_was_adopted_by_old_and_by_new_readers() -> None:
    tea = (Vertical(name="tea", title="Tea"),)
    async with Readers(tea, 1, Limits(documents=3)) as readers:
        assert await shelves_of(readers, "a") == [["tea"]]
        readers.adopt(GEAR)
        assert await shelves_of(readers, "b", "c", "d", "e") == [["gear"]] * 4
        readers.adopt(())
        assert await shelves_of(readers, "f") == [[]]
        readers.adopt(tea)
        assert await shelves_of(readers, "g", "h") == [["tea"]] * 2


# ---- pulls --------------------------------------------------------------------------------------


class Held:
    """An answer that begins when it is asked for, and comes when it is let go."""

    def __init__(self, body: bytes, **headers: str) -> None:
        self.asked, self.goes_on = threading.Event(), threading.Event()
        self._body, self._headers = body, headers

    async def __call__(self, _: Request) -> AsyncIterator[bytes]:
        self.asked.set()
        await asyncio.to_thread(self.goes_on.wait)
        yield response(200, self._body, self._headers)


@asynccontextmanager
async def pulling(room: Newsroom, *sources: Source) -> AsyncIterator[Puller]:
    room.store.refresh("", ["gear", "science", "tech"])
    settings = settings_for(room.file.parent, pull=PATIENT)
    async with (
        Fetcher(settings.pull, "Broadsheet/0", clock=room.clock) as fetcher,
        Readers(SHELVES, 1) as readers,
    ):
        puller = Puller(settings, room.store, fetcher, readers, room.clock)
        await puller.list_sources(sources)
        try:
            yield puller
        finally:
            await puller.drain()


def held(origin: Origin, path: str, body: bytes, **headers: str) -> Held:
    answer = Held(body, **headers)
    origin.answer(path, answer)
    return answer


async def test_a_source_that_is_asked_while_settings_change_ends_up_on_the_new_terms(
    origin: Origin, tmp_path: Path
) -> None:
    answer = held(origin, "/feed", rss("kettle"))
    origin.serve("/next", rss("lid"))
    old, following = Source(address=origin.url("/feed")), Source(address=origin.url("/next"))
    settings = settings_for(tmp_path, pull=PATIENT, verticals=GEAR)
    with Newsroom(tmp_path) as room:
        async with pulling(room, replace(old, verticals=("tech",))) as puller:
            await puller.tick()
            await asyncio.to_thread(answer.asked.wait, 20)
            new = replace(old, title="Ours", verticals=("science",), content="title", rank=3)
            await puller.adopt(settings, "Broadsheet/1", [new, following])
            await puller.list_sources([new, following])
            answer.goes_on.set()
            await puller.landing.fallen_to(0)
            await puller.tick()
            await until(lambda: len(room.window()) == 2)
        assert [story.lead.title for story in room.window("science")] == ["kettle"]
        assert sorted(room.titles("gear")) == ["kettle", "lid"]
        assert room.titles("tech") == []
        (kettle,) = room.window("science")
        assert (kettle.lead.source.title, kettle.lead.terms.show) == ("Ours", "title")
    assert [r.field("User-Agent") for r in origin.requests] == ["Broadsheet/0", "Broadsheet/1"]


async def test_a_document_that_is_read_while_settings_change_is_placed_on_the_new_terms(
    origin: Origin, tmp_path: Path
) -> None:
    origin.serve("/feed", rss("kettle"))
    source = Source(address=origin.url("/feed"), verticals=("tech",))
    settings = settings_for(tmp_path, pull=PATIENT, verticals=GEAR)
    with Newsroom(tmp_path) as room:
        async with pulling(room, source) as puller:
            (reader,) = puller._readers._alive
            reader.process.send_signal(signal.SIGSTOP)
            await puller.tick()
            await until(lambda: reader.has)
            await puller.adopt(settings, "Broadsheet/1", [replace(source, verticals=("science",))])
            assert room.titles() == []
            reader.process.send_signal(signal.SIGCONT)
            await puller.landing.fallen_to(0)
        shelves = {name: room.titles(name) for name in ("gear", "science", "tech")}
    assert shelves == {"gear": ["kettle"], "science": ["kettle"], "tech": []}


async def test_what_was_placed_on_old_terms_is_written_when_adopting_returns(
    origin: Origin, tmp_path: Path
) -> None:
    answer = held(origin, "/feed", rss("kettle"))
    source = Source(address=origin.url("/feed"), verticals=("tech",))
    with Newsroom(tmp_path) as room:
        async with pulling(room, source) as puller:
            await puller.tick()
            await asyncio.to_thread(answer.asked.wait, 20)
            may_write = threading.Event()
            writer = asyncio.create_task(puller._commits.run(may_write.wait, 20))
            answer.goes_on.set()
            await until(lambda: puller._commits.pending)
            settings = settings_for(tmp_path, pull=PATIENT)
            adopting = asyncio.create_task(puller.adopt(settings, "Broadsheet/1", [source]))
            await asyncio.sleep(0)
            assert room.titles() == []
            may_write.set()
            await asyncio.gather(writer, adopting)
            assert room.titles("tech") == ["kettle"]


async def test_a_source_that_moves_while_it_is_asked_is_asked_at_its_new_address_next(
    origin: Origin, tmp_path: Path
) -> None:
    answer = held(origin, "/old", rss("kettle"), ETag='"old"')
    origin.serve("/new", rss("lid", "kettle"), headers={"ETag": '"old"'})
    old = Source(address=origin.url("/old"))
    new = Source(address=origin.url("/new"), was=(old.address,), title="Ours")
    settings = settings_for(tmp_path, pull=PATIENT)
    with Newsroom(tmp_path) as room:
        async with pulling(room, old) as puller:
            await puller.tick()
            await asyncio.to_thread(answer.asked.wait, 20)
            await puller.adopt(settings, "Broadsheet/0", [new])
            listed = await puller.list_sources([new])
            assert listed.moved == ((old.address, new.address),)
            answer.goes_on.set()
            await puller.landing.fallen_to(0)
            assert room.titles() == ["kettle"]
            told = room.at(new.address)
            assert told.first_address == old.address
            assert told.state.etag is None
            await puller.tick()
            await until(lambda: len(room.window()) == 2)
        assert {story.lead.source.title for story in room.window()} == {"Ours"}
        assert room.rows("SELECT count(*) FROM source") == [(1,)]
    asked = [(request.path, request.field("If-None-Match")) for request in origin.requests]
    assert asked == [("/old", None), ("/new", None)]


@pytest.mark.parametrize("moves", [True, False])
async def test_what_a_private_source_gave_stays_private_when_it_moves_or_goes_meanwhile(
    origin: Origin, tmp_path: Path, *, moves: bool
) -> None:
    origin.serve("/feed", rss("kettle"))
    old = Source(address=origin.url("/feed"), verticals=("tech",), private=True, title="Ours")
    new = replace(old, address=origin.url("/new"), was=(old.address,))
    wanted = [new] if moves else []
    with Newsroom(tmp_path) as room:
        async with pulling(room, old) as puller:
            (reader,) = puller._readers._alive
            reader.process.send_signal(signal.SIGSTOP)
            await puller.tick()
            await until(lambda: reader.has)
            await puller.adopt(settings_for(tmp_path, pull=PATIENT), "Broadsheet/1", wanted)
            reader.process.send_signal(signal.SIGCONT)
            await puller.landing.fallen_to(0)  # written before the new sources are listed
            await puller.list_sources(wanted)
        (story,) = room.window()
    assert story.lead.terms.private
    assert [one.vertical for one in story.lead.verticals] == ["tech"]
