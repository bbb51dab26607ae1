"""Manners towards a host: one request at a time, some time apart, and nobody waits for another."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
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


async def test_a_host_with_a_rule_keeps_its_own_distance(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    rules = (
        HostRule(name="127.0.0.1", interval=timedelta(seconds=0.15)),
        HostRule(name=f"127.0.0.1:{origin.port}", interval=timedelta(0)),
    )
    settings = replace(LOOPBACK, per_host_interval=timedelta(seconds=5), hosts=rules)
    with Origin() as sibling:
        sibling.serve("/feed", FEED)
        async with Fetcher(settings, "Broadsheet/0") as fetcher:
            await fetch_all(fetcher, [origin.url("/feed")] * 9 + [sibling.url("/feed")] * 2)
        first, second = (request.at for request in sibling.requests)
    assert second - first > 0.1
    assert len(origin.requests) == 9


async def test_a_host_takes_as_many_connections_as_its_rule_says() -> None:
    async def late(request: Request) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.05)
        yield response(200, FEED)

    with Origin() as wide, Origin("127.0.0.2") as narrow:
        rule = HostRule(name=f"127.0.0.1:{wide.port}", connections=3)
        settings = replace(LOOPBACK, hosts=(rule,), timeout=timedelta(seconds=2))
        for one in (wide, narrow):
            one.answer("/feed", late)
        async with Fetcher(settings, "Broadsheet/0") as fetcher:
            urls = [wide.url("/feed"), narrow.url("/feed")] * 7
            results = await fetch_all(fetcher, urls)
    assert [body_of(result) for result in results] == [FEED] * 14
    assert (wide.open_most, narrow.open_most) == (3, 1)


async def test_starts_on_a_host_of_several_connections_keep_their_distance() -> None:
    rule = HostRule(name="lantern.example", interval=timedelta(seconds=0.05), connections=3)
    turns = Turns(8, 0.0, (rule,))
    starts: list[float] = []

    async def ask() -> None:
        with turns.at_once("lantern.example:80") or await turns.wait("lantern.example:80"):
            starts.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.12)

    await asyncio.gather(*(ask() for _ in range(5)))
    assert min(after - before for before, after in pairwise(starts)) > 0.04


async def test_who_waits_for_its_host_takes_no_place_from_others() -> None:
    rules = (HostRule(name="slow.example", interval=timedelta(seconds=30), connections=4),)
    turns = Turns(1, 0.0, rules)
    with turns.at_once("slow.example:80") or await turns.wait("slow.example:80"):
        pass
    waiting = [asyncio.create_task(turns.wait("slow.example:80")) for _ in range(3)]
    await asyncio.sleep(0)
    for number in range(5):
        turn = turns.at_once(f"fast-{number}.example:80")
        assert turn is not None
        with turn:
            assert turns.at_once("other.example:80") is None
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert turns.at_once("fast.example:80") is not None


async def test_turns_come_in_the_order_in_which_they_were_waited_for() -> None:
    turns = Turns(2, 0.0)
    order: list[int] = []

    async def ask(number: int) -> None:
        place = f"host-{number % 2}.example:80"
        with turns.at_once(place) or await turns.wait(place):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert [n for n in order if n % 2] == list(range(1, 20, 2))
    assert [n for n in order if n % 2 == 0] == list(range(0, 20, 2))


async def test_only_an_answer_ends_a_row_of_silences() -> None:
    turns = Turns(2, 0.0)

    def ask(problem: Exception | None) -> int:
        turn = turns.at_once("lantern.example:80")
        assert turn is not None
        with suppress(SilentError, OSError), turn:
            if problem is not None:
                raise problem
        return turn.silences

    problems = (SilentError("x"), OSError(), SilentError("x"), None, SilentError("x"))
    assert [ask(problem) for problem in problems] == [1, 1, 2, 0, 1]


@pytest.mark.parametrize("most", [1, 3])
async def test_a_gate_lets_so_many_in_whoever_gives_up(most: int) -> None:
    gate = Gate(most)
    dice = random.Random(most)
    within = most_within = 0

    async def visit() -> None:
        nonlocal within, most_within
        await gate.enter()
        try:
            within += 1
            most_within = max(most_within, within)
            await asyncio.sleep(0)
        finally:
            within -= 1
            gate.leave()

    visits = [asyncio.create_task(visit()) for _ in range(300)]
    for task in dice.sample(visits, 150):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait_for(asyncio.gather(*visits, return_exceptions=True), 5)
    assert (most_within, gate.is_idle) == (most, True)


async def test_a_gate_that_opens_for_one_who_gives_up_opens_for_the_next() -> None:
    gate = Gate(1)
    await gate.enter()
    first, second = (asyncio.create_task(gate.enter()) for _ in range(2))
    await asyncio.sleep(0)
    gate.leave()
    first.cancel()
    await second
    assert first.cancelled()
    gate.leave()
    assert gate.is_idle
