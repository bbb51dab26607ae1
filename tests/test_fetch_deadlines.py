"""Deadlines: one timer ends each block that takes too long, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from aggregator.fetch.deadlines import Deadlines

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def ends_within(deadlines: Deadlines, seconds: float) -> str:
    """How a block that would last for ever ends."""
    try:
        with deadlines.within(seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        return "over"
    return "never"


@pytest.mark.parametrize("loop", LOOPS)
def test_blocks_end_in_the_order_of_their_deadlines(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    ended: list[float] = []

    async def block(deadlines: Deadlines, seconds: float) -> None:
        assert await ends_within(deadlines, seconds) == "over"
        ended.append(seconds)

    async def all_at_once() -> None:
        deadlines = Deadlines()
        times = [0.06, 0.02, 0.1, 0.0, 0.04]
        await asyncio.wait_for(asyncio.gather(*(block(deadlines, one) for one in times)), 2)
        assert not deadlines.running

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(all_at_once())
    assert ended == [0.0, 0.02, 0.04, 0.06, 0.1]


async def test_a_block_that_is_left_in_time_is_not_ended_later() -> None:
    deadlines = Deadlines()
    with deadlines.within(0.02):
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    with deadlines.within(0.5):
        await asyncio.sleep(0.05)
    deadlines.close()


async def test_a_time_that_is_over_ends_the_next_wait() -> None:
    assert await ends_within(Deadlines(), -1.0) == "over"


async def test_a_cancellation_from_elsewhere_passes_through() -> None:
    deadlines = Deadlines()
    task = asyncio.create_task(ends_within(deadlines, 5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadlines.close()


async def test_a_cancellation_that_comes_with_the_deadline_passes_through() -> None:
    deadlines = Deadlines()
    task = asyncio.create_task(ends_within(deadlines, 5))
    await asyncio.sleep(0)
    task.cancel()
    for one in deadlines.running:
        one.end()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadlines.close()


async def test_what_a_block_raises_itself_is_raised() -> None:
    deadlines = Deadlines()
    with pytest.raises(OSError, match="broken"), deadlines.within(5):
        raise OSError("broken")
    deadlines.close()


def test_a_deadline_needs_a_task_to_end() -> None:
    loop = asyncio.new_event_loop()
    failures: list[Exception] = []

    def enter() -> None:
        try:
            with Deadlines().within(1):
                pass
        except RuntimeError as problem:
            failures.append(problem)

    loop.call_soon(enter)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert len(failures) == 1
