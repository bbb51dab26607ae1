"""Commits: when outcomes are written, and that nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from aggregator.errors import StoreError
from aggregator.model import PullOutcome, SourceState, Written
from aggregator.pull.commits import MOST, Commits
from aggregator.store import Decide, Store
from tests.newsroom import GAZETTE, Newsroom


class Counting(Store):
    """A store that counts its commits, and fails as it is told."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sizes: list[int] = []
        self.fault: Exception | None = None

    def write_all(
        self, outcomes: Sequence[PullOutcome], decide: Decide
    ) -> list[Written | StoreError]:
        self.sizes.append(len(outcomes))
        if self.fault:
            raise self.fault
        return super().write_all(outcomes, decide)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Counting]:
    with Newsroom(tmp_path) as room:
        room.listed(GAZETTE)
        room.store.close()
        with Counting(room.url) as store:
            yield store


async def written(store: Store, *counts: int, hurry: bool = False) -> list[Written | StoreError]:
    """What became of so many outcomes, added in groups while those before are on their way."""
    told: list[Written | StoreError] = []
    commits = Commits(store)
    for count in counts:
        for _ in range(count):
            commits.add(PullOutcome(state=SourceState(source=1)), told.append)
        assert commits.pending == sum(counts[: counts.index(count) + 1]) - len(told)
        if hurry:
            commits.hurry()
    await commits.drain()
    assert commits.pending == 0
    return told


async def test_outcomes_that_come_together_are_one_commit(store: Counting) -> None:
    assert await written(store, 3, 4) == [Written()] * 7
    assert store.sizes == [7]


async def test_who_knows_that_no_more_is_to_come_has_them_written_at_once(store: Counting) -> None:
    assert await written(store, 3, hurry=True) == [Written()] * 3
    assert store.sizes == [3]


async def test_a_commit_has_an_end(store: Counting) -> None:
    assert await written(store, MOST + 3) == [Written()] * (MOST + 3)
    assert store.sizes == [MOST, 3]


async def test_a_fault_in_writing_is_what_became_of_all_that_it_stopped(
    store: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    store.fault = StoreError("the disk is full")
    assert await written(store, 2) == [store.fault] * 2
    store.fault = ValueError("nobody thought of this")
    told = await written(store, 2)
    assert [str(one) for one in told] == ["a fault in writing (ValueError)"] * 2
    assert "nobody thought of this" in caplog.text
