"""A service that is given other settings while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import LAST_GOOD, Running
from aggregator.errors import StoreError
from aggregator.settings import Server, Settings, Site, Source, Vertical
from feeds.app import Service
from tests.newsroom import Newsroom, a_full_disk, item, selection, settings_for

GAZETTE, HERALD, TRIBUNE = (f"https://{n}.example/feed" for n in ("gazette", "herald", "tribune"))
TEA = Vertical(name="tea", title="Tea", keywords=("kettle",))


def rewired(folder: Path, **changes: Any) -> Settings:
    # Nothing of it is asked: the network is closed to tests, and nobody ticks.
    sources = tuple(Source(address=address) for address in (GAZETTE, HERALD, TRIBUNE))
    (folder / "seeds").mkdir(exist_ok=True)
    return replace(settings_for(folder, sources=sources), **changes)


def titles(service: Service, name: str) -> set[str]:
    window = service.query.window(selection(name), 10_000)
    return {story.lead.title for story in window.stories} if window else set()


async def until(done: Callable[[], object]) -> None:
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came")


async def test_a_service_that_does_not_pull_shelves_by_the_new_settings_and_remembers_them(
    tmp_path: Path,
) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), item("tram"))
    before = rewired(tmp_path)
    with closing(Service(before, pulls=False)) as service:
        service.web(told=lambda: None)
        after = replace(before, verticals=(*before.verticals, TEA))
        assert not await service.adopt(after, "the new text")
        assert titles(service, "tea") == {"About kettle"}
        assert service.query.remembered(LAST_GOOD) == "the new text"
        assert not await service.adopt(after, "the same, with a comment")
        assert service.query.remembered(LAST_GOOD) == "the same, with a comment"


async def test_where_a_service_listens_and_keeps_its_store_stays(tmp_path: Path) -> None:
    bound = Server(host="127.0.0.1", port=8123)
    site = Site(base_url="http://127.0.0.1:8123")
    before = rewired(tmp_path, server=bound, site=site)
    with closing(Service(before, pulls=False)) as service:
        elsewhere = Server(host="0.0.0.0", port=9)
        default = Site(title="New", base_url="http://127.0.0.1:9")
        meant = replace(before, server=elsewhere, store_url="sqlite:////x", site=default)
        await service.adopt(meant, "")
        assert service.settings == replace(before, site=replace(site, title="New"))
        public = Site(base_url="https://news.example")
        await service.adopt(replace(meant, site=public), "")
        assert service.settings.site == public


async def test_a_large_store_is_shelved_behind_while_others_write(tmp_path: Path) -> None:
    each = 3
    with Newsroom(tmp_path) as room:
        for address in (GAZETTE, HERALD, TRIBUNE):
            room.give(address, *(item(f"kettle-{address[8:12]}-{n}") for n in range(each)))
    before = rewired(tmp_path)
    with closing(Service(before, pulls=True)) as service:
        async with service.pulling() as pulling:
            pulling.at_once = 4
            after = replace(before, verticals=(*before.verticals, TEA))
            listed = await service.adopt(replace(after, sources=after.sources[:2]), "")
            assert listed.went == (TRIBUNE,)
            assert len(titles(service, "tea")) >= 2 * each
            await service.adopt(after, "")
            await until(lambda: len(titles(service, "tea")) == 3 * each)


async def test_settings_that_cannot_be_taken_in_leave_the_service_as_it_was(
    tmp_path: Path,
) -> None:
    before = rewired(tmp_path)
    with closing(Service(before, pulls=True)) as service:
        service.web(told=lambda: None)
        async with service.pulling() as pulling:
            after = replace(before, sources=(), verticals=(TEA,))
            with a_full_disk(tmp_path / "store.db"), pytest.raises(StoreError):
                await service.adopt(after, "never")
            assert service.settings == before == pulling.settings
            assert service.query.remembered(LAST_GOOD) is None
            assert (await service.adopt(after, "now")).went == (GAZETTE, HERALD, TRIBUNE)


async def test_what_a_service_begins_with_is_remembered_or_told_to_be_the_last_good_one(
    tmp_path: Path,
) -> None:
    settings = rewired(tmp_path)
    with closing(Service(settings, pulls=False)) as service:
        live = service.live(Running(settings=settings, text="good"), {})
        assert not live.state.problems
        assert service.query.remembered(LAST_GOOD) == "good"
        (tmp_path / "config.toml").write_text("[")
        watching = asyncio.create_task(live.watch())
        await until(lambda: service.query.notices(9))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        (told,) = service.query.notices(9)
        assert (told.kind, [one.line for one in live.state.problems]) == ("refused", [1])
        again = Running(settings=settings, text="good", problems=live.state.problems, refused="[")
        assert service.live(again, {}).state.problems == live.state.problems
        assert len(service.query.notices(9)) == 1
