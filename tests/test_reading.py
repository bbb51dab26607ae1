"""Readers: real processes, fed over real sockets."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.errors import ReaderError
from aggregator.model import Unreadable
from aggregator.reading.readers import Readers
from aggregator.reading.types import Document, Limits, Reading
from aggregator.settings import Source
from tests.builders import NOW
from tests.newsroom import SHELVES

ADDRESS = "https://gazette.example/feed"
SOURCE = Source(address=ADDRESS, verticals=("tech",))

# Of 200,000 references a text is made safe in seconds, whatever the machine.
SLOW = "&amp;" * 400_000
FAST = Limits(seconds=1)


def document(*titles: str, text: str = "", given: bytes | None = None) -> Document:
    items = "".join(
        f"<item><title>{title}</title><link>https://gazette.example/{title}</link>"
        f"<description><![CDATA[{text}]]></description></item>"
        for title in titles
    )
    body = f"<rss version='2.0'><channel><title>Gazette</title><ttl>90</ttl>{items}</channel></rss>"
    return Document(
        source=SOURCE,
        first_address=ADDRESS,
        base=ADDRESS,
        body=body.encode(),
        now=NOW,
        given=given,
        first=given is None,
    )


def titles(result: Reading | Unreadable) -> list[str]:
    assert isinstance(result, Reading), result
    return [entry.title for entry in result.entries]


def processes() -> set[int]:
    """The readers that there are: children of this process that run nothing else."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {
        int(pid)
        for pid in children
        if b"reading.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came true")


async def test_a_document_is_read_whole_the_first_time_and_then_only_what_is_new() -> None:
    async with Readers(SHELVES, 1) as readers:
        first = await readers.read(document("lid", "kettle"))
        assert isinstance(first, Reading)
        assert sorted(titles(first)) == ["kettle", "lid"]
        assert first.title == "Gazette"
        assert [a.vertical for a in first.entries[0].verticals] == ["tech"]
        again = await readers.read(document("lid", "kettle", given=first.given))
        assert again == Reading(given=first.given, items=2)
        more = await readers.read(document("spout", "lid", "kettle", given=first.given))
        assert titles(more) == ["spout"]


async def test_answers_come_to_those_who_asked_whatever_the_number_of_readers() -> None:
    async with Readers(SHELVES, 2) as readers:
        names = [f"kettle-{n}" for n in range(40)]
        results = await asyncio.gather(*(readers.read(document(name)) for name in names))
    assert [titles(result) for result in results] == [[name] for name in names]


async def test_what_is_no_feed_is_told_in_one_line() -> None:
    async with Readers(SHELVES, 1) as readers:
        result = await readers.read(
            Document(source=SOURCE, first_address=ADDRESS, base=ADDRESS, body=b"\x1bno", now=NOW)
        )
    assert isinstance(result, Unreadable)
    assert result.reason.startswith("neither XML nor JSON")


async def test_a_document_that_takes_too_long_costs_itself_alone() -> None:
    async with Readers(SHELVES, 1, FAST) as readers:
        before = processes()
        results = await asyncio.gather(
            *(
                readers.read(d)
                for d in (document("kettle", text=SLOW), document("lid"), document("tea"))
            )
        )
        assert results[0] == FAST.too_long
        assert [titles(result) for result in results[1:]] == [["lid"], ["tea"]]
        assert not before & processes()
    assert processes() == set()


async def test_a_document_that_takes_too_much_memory_costs_itself_alone() -> None:
    limits = Limits(memory=80_000_000)
    async with Readers(SHELVES, 1, limits) as readers:
        large = readers.read(document("kettle", text="<b>tea</b>" * 2_000_000))
        results = await asyncio.gather(large, readers.read(document("lid")))
        assert results[0] == limits.too_much
        assert titles(results[1]) == ["lid"]


async def test_a_reader_that_is_killed_costs_the_document_it_was_at() -> None:
    async with Readers(SHELVES, 1) as readers:
        (process,) = processes()
        reading = asyncio.create_task(readers.read(document("kettle", text=SLOW)))
        await asyncio.sleep(0.1)
        os.kill(process, signal.SIGKILL)
        result = await reading
        assert isinstance(result, Unreadable)
        assert result.reason == "ended the process that read it (status -9); it is left unread"
        assert titles(await readers.read(document("lid"))) == ["lid"]


async def test_a_reader_that_stands_still_is_ended_and_replaced() -> None:
    async with Readers(SHELVES, 1, Limits(stall=2.0)) as readers:
        (process,) = processes()
        os.kill(process, signal.SIGSTOP)
        result = await readers.read(document("kettle"))
        assert isinstance(result, Unreadable)
        assert titles(await readers.read(document("lid"))) == ["lid"]
        assert process not in processes()


async def test_a_reader_that_does_not_end_by_itself_is_ended() -> None:
    async with Readers(SHELVES, 1):
        (process,) = processes()
        os.kill(process, signal.SIGSTOP)
    assert processes() == set()


async def test_a_reader_that_cannot_be_replaced_at_once_is_replaced_when_it_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Readers(SHELVES, 1) as readers:
        (process,) = processes()
        with monkeypatch.context() as broken:
            broken.setattr("sys.executable", "/nowhere/python")
            os.kill(process, signal.SIGKILL)
            # One that ended while it had nothing to do costs the next document that it is given.
            assert isinstance(await readers.read(document("kettle")), Unreadable)
            reading = asyncio.create_task(readers.read(document("lid")))
            await until(lambda: "/nowhere/python: cannot be started" in caplog.text)
        assert titles(await reading) == ["lid"]


async def test_a_fault_of_ours_is_told_in_the_log_and_costs_the_document_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd = replace(document("kettle"), now=NOW.replace(tzinfo=None))
    dated = replace(odd, body=odd.body.replace(b"<link>", b"<pubDate>2026-02-13</pubDate><link>"))
    async with Readers(SHELVES, 1) as readers:
        result = await readers.read(dated)
        assert isinstance(result, Unreadable)
        assert result.reason.startswith("a fault in reading this document")
        assert titles(await readers.read(document("lid"))) == ["lid"]
    assert "Traceback" in caplog.text


async def test_who_does_not_wait_any_more_is_not_missed() -> None:
    async with Readers(SHELVES, 1) as readers:
        given_up = asyncio.create_task(readers.read(document("kettle")))
        await asyncio.sleep(0)
        given_up.cancel()
        assert titles(await readers.read(document("lid"))) == ["lid"]


async def test_a_reader_is_renewed_after_so_many_documents() -> None:
    async with Readers(SHELVES, 1, Limits(documents=3)) as readers:
        before = processes()
        names = [f"kettle-{n}" for n in range(8)]
        results = await asyncio.gather(*(readers.read(document(name)) for name in names))
        assert [titles(result) for result in results] == [[name] for name in names]
        assert not before & processes()


async def test_what_ends_the_service_does_not_end_a_document_that_is_read() -> None:
    async with Readers(SHELVES, 1) as readers:
        (process,) = processes()
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(process, number)
        assert titles(await readers.read(document("kettle"))) == ["kettle"]
        assert processes() == {process}


async def test_readers_that_cannot_be_started_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(ReaderError, match="/nowhere/python: cannot be started to read documents"):
        async with Readers(SHELVES, 1):
            pass
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ReaderError, match="ended at once"):
        async with Readers(SHELVES, 1):
            pass
