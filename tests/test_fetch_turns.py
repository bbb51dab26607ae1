"""Manners towards a host: one request at a time, some time apart, and nobody waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate, pairwise

import pytest

from aggregator.fetch import Fetcher
from aggregator.fetch.reasons import SilentError
from aggregator.fetch.turns import Gate, Turns
from aggregator.model import Fetched, FetchResult
from aggregator.settings import HostRule
from tests.fetching import FEED, LOOPBACK, NEVER_PULLED, body_of, reason_of, redirect
from tests.loopback import Origin, Request, response, silence


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


async def fetch_all(fetcher: Fetcher, urls: list[str]) -> list[FetchResult]:
    return await asyncio.gather(*(fetcher.fetch(url, NEVER_PULLED) for url in urls))


async def test_a_host_sees_one_connection_at_a_time(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        results = await fetch_all(fetcher, [origin.url("/feed")] * 20)
    assert [body_of(result) for result in results] == [FEED] * 20
    assert origin.open_most == 1


async def test_starts_on_one_host_keep_their_distance(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    origin.answer("/moved", redirect("/feed"))
    settings = replace(LOOPBACK, per_host_interval=timedelta(seconds=0.15))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        with Origin("127.0.0.2") as other:
            other.serve("/feed", FEED)
            urls = [origin.url("/feed"), origin.url("/moved"), other.url("/feed")]
            results = await fetch_all(fetcher, urls)
            assert other.requests[0].at < origin.requests[1].at
    assert all(isinstance(result, Fetched) for result in results)
    starts = [request.at for request in origin.requests]
    gaps = [after - before for before, after in pairwise(starts)]
    assert len(gaps) == 2
    assert min(gaps) > 0.1


async def test_waiting_for_the_turn_does_not_use_up_the_time(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, per_host_interval=timedelta(seconds=0.15))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        results = await fetch_all(fetcher, [origin.url("/feed")] * 5)
    assert [body_of(result) for result in results] == [FEED] * 5


async def test_concurrency_bounds_all_hosts_together() -> None:
    begun_and_done: list[int] = []

    async def late(request: Request) -> AsyncIterator[bytes]:
        begun_and_done.append(1)
        await asyncio.sleep(0.1)
        begun_and_done.append(-1)
        yield response(200, FEED)

    with ExitStack() as stack:
        origins = [stack.enter_context(Origin(f"127.0.0.{last}")) for last in range(2, 8)]
        for origin in origins:
            origin.answer("/feed", late)
        async with Fetcher(replace(LOOPBACK, concurrency=2), "Broadsheet/0") as fetcher:
            await fetch_all(fetcher, [origin.url("/feed") for origin in origins])
    assert len(begun_and_done) == 12
    assert max(accumulate(begun_and_done)) == 2


async def test_a_silent_host_delays_only_its_own_sources_and_not_for_ever(origin: Origin) -> None:
    origin.answer("/silent", silence)
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, concurrency=2)
    with Origin("127.0.0.2") as other:
        other.serve("/feed", FEED)
        async with Fetcher(settings, "Broadsheet/0") as fetcher:
            start = time.monotonic()
            silent = [origin.url("/silent")]
            mute = asyncio.create_task(fetch_all(fetcher, [*silent, origin.url("/feed")]))
            queue = asyncio.create_task(fetch_all(fetcher, silent * 20))
            await asyncio.sleep(0.05)
            assert body_of(await fetcher.fetch(other.url("/feed"), NEVER_PULLED)) == FEED
            assert not mute.done()
            failed, fine = await mute
            assert reason_of(failed) == "no answer within 0.4 s"
            assert body_of(fine) == FEED
            reasons = [reason_of(result) for result in await queue]
            assert time.monotonic() - start < 3 * 0.4 + 0.5
    assert reasons[:2] == ["no answer within 0.4 s"] * 2
    assert set(reasons[2:]) == {"not asked: the host was silent to two requests before it"}


async def test_a_host_that_was_silent_is_asked_again_later(origin: Origin) -> None:
    origin.answer("/silent", silence)
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, timeout=timedelta(seconds=0.1))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        for _ in range(3):
            result = await fetcher.fetch(origin.url("/silent"), NEVER_PULLED)
            assert reason_of(result) == "no answer within 0.1 s"
        assert body_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)) == FEED


async def test_idle_hosts_are_forgotten() -> None:
    turns = Turns(4, 0.0)
    with await turns.wait("held:80"):
        for number in range(5000):
            with turns.at_once(f"host-{number}:80") or await turns.wait(""):
                pass
        assert len(turns._hosts) < 2000
        assert "held:80" in turns._hosts
