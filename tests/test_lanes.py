"""Lanes: whose turn it is on a host, told by who was asked when."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.model import Leased, SourceState
from aggregator.pull.lanes import Lanes


def leased(number: int, host: str) -> Leased:
    address = f"https://{host}/{number}"
    return Leased(
        address=address, first_address=address, state=SourceState(source=number), host=host
    )


class Asking:
    """Sources that are asked and answer only when they are let."""

    def __init__(self, connections: int = 1) -> None:
        self.asked: list[int] = []
        self.gates: dict[int, asyncio.Event] = {}
        self.lanes = Lanes(self.ask, lambda _: connections)

    async def ask(self, one: Leased) -> None:
        number = one.state.source
        self.asked.append(number)
        await self.gates.setdefault(number, asyncio.Event()).wait()
        if number < 0:
            raise ValueError

    def give(self, *numbers: int, host: str = "a.example:443") -> None:
        for number in numbers:
            self.lanes.give(leased(number, host))

    async def answer(self, *numbers: int) -> None:
        for number in numbers:
            self.gates[number].set()
        await asyncio.sleep(0.01)


async def test_the_sources_of_a_host_are_asked_one_after_another_in_the_order_given() -> None:
    asking = Asking()
    asking.give(1, 2, 3)
    await asyncio.sleep(0)
    assert asking.asked == [1]
    await asking.answer(1)
    assert asking.asked == [1, 2]
    assert asking.lanes.in_flight == {"a.example:443": 2}
    await asking.answer(2)
    await asking.answer(3)
    assert asking.asked == [1, 2, 3]
    assert asking.lanes.in_flight == {}


async def test_a_host_that_does_not_answer_keeps_no_other_waiting() -> None:
    asking = Asking()
    asking.give(1, 2)
    asking.give(3, 4, host="b.example:443")
    await asyncio.sleep(0)
    await asking.answer(3)
    assert asking.asked == [1, 3, 4]


async def test_a_host_may_be_given_several_connections() -> None:
    asking = Asking(connections=2)
    asking.give(1, 2, 3)
    await asyncio.sleep(0)
    assert asking.asked == [1, 2]
    await asking.answer(2)
    assert asking.asked == [1, 2, 3]


async def test_a_lane_that_ran_empty_is_there_again_for_the_next() -> None:
    asking = Asking()
    for number in (1, 2):
        asking.give(number)
        await asyncio.sleep(0)
        await asking.answer(number)
    assert asking.asked == [1, 2]


async def test_those_who_wait_can_be_taken_back_and_are_not_asked() -> None:
    asking = Asking()
    asking.give(1, 2, 3)
    await asyncio.sleep(0)
    assert [one.state.source for one in asking.lanes.take_back("a.example:443")] == [2, 3]
    assert asking.lanes.take_back("a.example:443") == []
    assert asking.lanes.take_back("b.example:443") == []
    assert asking.lanes.in_flight == {"a.example:443": 1}
    await asking.answer(1)
    assert (asking.asked, asking.lanes.in_flight) == ([1], {})


async def test_draining_waits_for_those_asked_and_asks_nobody_else() -> None:
    asking = Asking()
    asking.give(1, 2)
    await asyncio.sleep(0)
    draining = asyncio.create_task(asking.lanes.drain(60))
    await asyncio.sleep(0.01)
    assert not draining.done()
    await asking.answer(1)
    await draining
    assert asking.asked == [1]


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2)])
async def test_draining_lets_go_of_those_that_take_too_long(numbers: tuple[int, ...]) -> None:
    asking = Asking(connections=2)
    asking.give(*numbers)
    await asyncio.sleep(0)
    await asking.lanes.drain(0)
    assert asking.lanes.in_flight == {}


async def test_who_waits_for_few_to_be_left_waits_until_they_were_asked_or_taken_back() -> None:
    asking = Asking()
    asking.give(1, 2, 3)
    asking.give(4, 5, host="b.example:443")
    assert asking.lanes.total == 5
    falling = asyncio.create_task(asking.lanes.fallen_to(2))
    await asyncio.sleep(0)
    await asking.answer(1)
    await asking.answer(4)
    assert not falling.done()
    asking.lanes.take_back("a.example:443")
    await asyncio.wait_for(falling, 1)
    assert asking.lanes.total == 2
    await asking.answer(2)
    await asking.answer(5)
    assert asking.lanes.total == 0
