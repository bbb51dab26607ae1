"""config.toml and the seeds folder are edited in a real folder; what comes of it is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import config
from aggregator.config import Running
from aggregator.errors import StoreError
from aggregator.model import Problem
from aggregator.model.notices import NoticeKind
from aggregator.settings import Settings
from aggregator.store import Listed
from feeds import live
from feeds.live import MOST_TOLD, STILL, Actions, Live, in_words, needs_restart, told
from tests.newsroom import Clock

GOOD = '[site]\ntitle = "One"\n[verticals.tech]\n'
BETTER = GOOD.replace("One", "Two")
BAD = GOOD + "[sight]\n[verticals.'7_']\n"
LISTED = Listed(came=("https://a.example/", "https://b.example/"), went=("https://c.example/",))


@dataclass
class Recording:
    """Stands for a service: takes in what it is given, and fails as it is told."""

    adopted: list[Settings] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    told: list[tuple[NoticeKind, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    scans: int = 0
    fails: bool = False

    def actions(self) -> Actions:
        return Actions(adopt=self.adopt, scan=self.scan, tell=self.tell)

    async def adopt(self, settings: Settings, text: str) -> Listed:
        self._may_fail()
        self.at.append(time.time())
        self.adopted.append(settings)
        self.texts.append(text)
        return LISTED

    async def scan(self) -> None:
        self.scans += 1
        self._may_fail()

    async def tell(self, kind: NoticeKind, said: str) -> None:
        self._may_fail()
        self.told.append((kind, said))

    @property
    def titles(self) -> list[str]:
        return [settings.site.title for settings in self.adopted]

    def _may_fail(self) -> None:
        if self.fails:
            raise StoreError("store.db: cannot be written")


class Desk:
    """A folder with a config.toml that is live, and what came of it."""

    def __init__(self, folder: Path, text: str = GOOD) -> None:
        self.file = folder / "config.toml"
        self.file.write_text(text)
        self.service = Recording()
        self.clock = Clock()
        self.live = self.begun()

    def begun(self, *, problems: tuple[Problem, ...] = (), refused: str | None = None) -> Live:
        read = config.read_text(self.file, GOOD, {})
        assert isinstance(read, Settings)
        running = Running(settings=read, text=GOOD, problems=problems, refused=refused)
        return Live(running, {}, self.clock, self.service.actions())

    async def edit(self, text: str | None) -> None:
        """Put another text in the place of the file, or take it away, and look at it."""
        beside = self.file.with_name("config.toml~")
        if text is None:
            self.file.unlink()
        else:
            beside.write_text(text)
            beside.replace(self.file)
        await self.live.look()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.live.watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def until(true: Callable[[], object]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came true")


# ---- one look -----------------------------------------------------------------------------------


async def test_a_good_edit_is_what_runs(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk.clock.step(hours=1)
    await desk.live.look()
    assert desk.service.adopted == []
    await desk.edit(BETTER)
    await desk.live.look()
    assert (desk.service.titles, desk.service.texts) == (["Two"], [BETTER])
    assert desk.service.told == [], "what is good is no news to operators"
    assert desk.live.state.live_since == desk.clock()
    assert f"{desk.file}: live; sources: 2 come, 1 go" in caplog.text


async def test_a_bad_edit_changes_nothing_and_is_told_once_with_its_lines(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    began = desk.live.state
    desk.clock.step(hours=1)
    await desk.edit(BAD)
    assert desk.service.adopted == []
    ((kind, said),) = desk.service.told
    assert kind == "refused"
    assert "config.toml:4: unknown table 'sight'" in said
    assert f"; {desk.file}:5: the name of [verticals.'7_'] is not allowed" in said
    state = desk.live.state
    assert (state.live_since, state.refused_at) == (began.live_since, desk.clock())
    assert [problem.line for problem in state.problems] == [4, 5]
    assert "config.toml:4: unknown table 'sight'" in caplog.text
    assert "refused; what was live goes on" in caplog.text
    await desk.edit(BAD)
    assert len(desk.service.told) == 1, "the same text again is no news"
    await desk.edit(BAD.replace("sight", "sights"))
    assert [kind for kind, _ in desk.service.told] == ["refused"] * 2


async def test_who_goes_back_to_what_runs_is_told_so(desk: Desk) -> None:
    await desk.edit(BAD)
    await desk.edit(GOOD)
    assert desk.service.told[1:] == [("taken", "config.toml is again what runs")]
    assert desk.service.adopted == []
    assert (desk.live.state.problems, desk.live.state.refused_at) == ((), None)
    await desk.edit(GOOD)
    assert len(desk.service.told) == 2
    await desk.edit(BAD)
    assert len(desk.service.told) == 3, "it is bad anew"


async def test_a_good_edit_after_a_bad_one_is_told_so(desk: Desk) -> None:
    await desk.edit(BAD)
    await desk.edit(BETTER)
    assert desk.service.titles == ["Two"]
    assert desk.service.told[1:] == [("taken", "config.toml is good again, and live")]
    assert desk.live.state.problems == ()


async def test_a_file_that_is_removed_is_refused_until_it_comes_back(desk: Desk) -> None:
    await desk.edit(None)
    await desk.live.look()
    ((kind, said),) = desk.service.told
    assert kind == "refused"
    assert "config.toml" in said
    await desk.edit(GOOD)
    assert [kind for kind, _ in desk.service.told] == ["refused", "taken"]
    await desk.edit(None)
    await desk.edit(BETTER)
    assert [kind for kind, _ in desk.service.told] == ["refused", "taken"] * 2
    assert desk.service.titles == ["Two"]


async def test_a_service_that_cannot_take_an_edit_in_says_so_and_takes_the_next(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.service.fails = True
    await desk.edit(BETTER)
    (problem,) = desk.live.state.problems
    said = "is good, and cannot be taken in (store.db: cannot be written)"
    assert problem.what == said
    assert said in caplog.text, "nobody can be told but by the log"
    desk.service.fails = False
    await desk.edit(BETTER)
    assert desk.service.titles == ["Two"], "the same text, saved again"
    assert desk.service.told == [("taken", "config.toml is good again, and live")]


async def test_a_bad_text_is_told_again_when_a_good_one_that_was_not_taken_in_lay_between(
    desk: Desk,
) -> None:
    await desk.edit(BAD)
    desk.service.fails = True
    await desk.edit(BETTER)
    desk.service.fails = False
    await desk.edit(BAD)
    assert [problem.line for problem in desk.live.state.problems] == [4, 5]
    assert [kind for kind, _ in desk.service.told] == ["refused", "refused"]


async def test_what_takes_effect_at_the_next_start_is_compared_with_the_last_one(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    other = GOOD + '[server]\nport = 9\nhost = "127.0.0.2"\n[store]\nurl = "sqlite:///other.db"\n'
    keys = ("[server] host", "[server] port", "[store] url")
    for text in (other, other.replace("One", "Two")):
        await desk.edit(text)
        assert desk.live.state.restart == keys
        assert "[store] url takes effect at the next start" in caplog.text
    await desk.edit(BETTER)
    assert desk.live.state.restart == ()
    first, last = desk.service.adopted[0], desk.service.adopted[-1]
    assert needs_restart(last, replace(last, server=first.server)) == keys[:2]
    assert needs_restart(last, replace(last, feed_size=9)) == ()


async def test_a_start_on_the_last_good_text_knows_what_is_wrong_with_the_file(
    desk: Desk,
) -> None:
    problems = config.read_text(desk.file, BAD, {})
    assert isinstance(problems, tuple)
    desk.file.write_text(BAD)
    desk.live = desk.begun(problems=problems, refused=BAD)
    assert (desk.live.state.problems, desk.live.state.refused_at) == (problems, desk.clock())
    await desk.edit(BAD)
    assert desk.service.told == []
    await desk.edit(GOOD)
    assert desk.service.told == [("taken", "config.toml is again what runs")]


def test_operators_are_told_of_the_first_problems_and_of_how_many_more() -> None:
    def problems(count: int) -> list[Problem]:
        lines = range(1, count + 1)
        return [Problem(file="c", line=n, what="is\nodd", todo="mend it") for n in lines]

    said = in_words(problems(MOST_TOLD))
    assert said.count("is odd") == MOST_TOLD
    assert "\n" not in said
    assert "more" not in said
    assert in_words(problems(MOST_TOLD + 3)).endswith("; and 3 more")


def test_what_has_come_of_sources_is_told_in_a_few_words() -> None:
    assert told(Listed()) == "the sources are the same"
    moved = (("https://a.example/", "https://b.example/"),)
    assert told(replace(LISTED, moved=moved)) == "sources: 2 come, 1 go, 1 move"
    assert told(Listed(moved=moved)) == "sources: 1 move"


# ---- as long as it lasts ------------------------------------------------------------------------


async def test_an_edit_is_taken_in_once_it_has_been_still(desk: Desk) -> None:
    async with desk.watching():
        await asyncio.sleep(2 * STILL)
        desk.file.write_text(BETTER)
        await until(lambda: desk.service.adopted)
        assert desk.service.titles == ["Two"]
        assert desk.service.at[0] - desk.file.stat().st_mtime >= STILL


async def test_an_edit_in_pieces_is_read_whole(desk: Desk) -> None:
    async with desk.watching():
        with desk.file.open("w") as stream:
            for line in BETTER.splitlines(keepends=True):
                stream.write(line)
                stream.flush()
                await asyncio.sleep(STILL / 2)
        await until(lambda: desk.service.adopted)
    assert desk.service.texts == [BETTER]
    assert desk.service.told == [], "no piece of it was read"


async def test_what_was_edited_while_a_service_began_is_taken_in(desk: Desk) -> None:
    desk.file.write_text(BETTER)
    os.utime(desk.file, (0, 0))
    async with desk.watching():
        await until(lambda: desk.service.adopted)
    assert desk.service.titles == ["Two"]


async def test_a_link_that_is_exchanged_for_another_is_noticed(tmp_path: Path) -> None:
    for name, text in (("1", GOOD), ("2", BETTER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "..data").symlink_to("../1")
    (mounted / "config.toml").symlink_to("..data/config.toml")
    desk = Desk(tmp_path / "1")
    desk.file = mounted / "config.toml"
    desk.live = desk.begun()
    async with desk.watching():
        await asyncio.sleep(2 * STILL)
        (mounted / "..data~").symlink_to("../2")
        (mounted / "..data~").replace(mounted / "..data")
        await until(lambda: desk.service.adopted)
    assert desk.service.titles == ["Two"]


async def test_seeds_are_looked_into_when_they_change_also_if_their_folder_comes_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live, "LOOKS_EVERY", 0.2)
    seeds = desk.file.parent / "seeds"
    async with desk.watching():
        await asyncio.sleep(STILL)
        assert desk.service.scans == 0
        seeds.mkdir()
        (seeds / "kettle.txt").write_text("Kettle")
        await until(lambda: desk.service.scans)
        desk.service.fails = True
        await until(lambda: "store.db: cannot be written; the seeds are" in caplog.text)
        desk.service.fails = False
        before = desk.service.scans
        await until(lambda: desk.service.scans > before)
        (seeds / "kettle.txt").unlink()
        seeds.rmdir()
        await asyncio.sleep(3 * STILL)
        gone = desk.service.scans
        seeds.mkdir()
        await until(lambda: desk.service.scans > gone)


async def test_a_folder_that_cannot_be_watched_is_looked_into(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live, "LOOKS_EVERY", 0.2)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as last:  # a system that has no watch left for us
        resource.setrlimit(resource.RLIMIT_NOFILE, (last.fileno() + 1, hard))
        looks = aiter(live._changes(desk.file.parent))
        try:
            for _ in range(4):
                await anext(looks)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert f"{desk.file.parent}: cannot be watched" in caplog.text


def test_a_service_is_live_since_it_began(desk: Desk) -> None:
    desk.clock.step(days=1)
    assert desk.live.state.live_since == desk.clock() - timedelta(days=1)
