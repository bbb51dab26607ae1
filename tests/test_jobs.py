from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.settings import PullSettings, Settings, Source
from feeds.app import Service
from feeds.pulling import jobs
from tests.builders import NOW
from tests.loopback import Origin
from tests.newsroom import settings_for

FEED = b"""<rss version="2.0"><channel><title>Gazette</title>
<item><title>Kettle heard</title><guid isPermaLink="false">1</guid></item></channel></rss>"""
PAGE = "The tide comes in\nGazette\nby Ada InkwellMarch 9, 2026\nA paragraph.\n"


def settings(folder: Path) -> Settings:
    (folder / "seeds").mkdir()
    loopback = PullSettings(allow_networks=(ip_network("127.0.0.0/8"),))
    return replace(settings_for(folder), pull=loopback)


def subscribe(folder: Path, origin: Origin) -> None:
    outline = f'<outline type="rss" text="Gazette" xmlUrl="{origin.url("/feed")}"/>'
    (folder / "seeds" / "list.opml").write_text(f"<opml><body>{outline}</body></opml>")


async def until(done: Callable[[], object]) -> None:
    """Waits until something is so, or for ten seconds."""
    for _ in range(500):
        if done():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came")


async def test_what_is_due_is_pulled_and_the_seeds_folder_looked_into_until_the_end(
    tmp_path: Path,
) -> None:
    with Origin() as origin:
        origin.serve("/feed", FEED)
        source = Source(address=origin.url("/feed"))
        service = Service(replace(settings(tmp_path), sources=(source,)), pulls=True)
        async with service.pulling() as pulling:
            assert service.query.totals().entries == 0
            async with jobs(pulling):
                (tmp_path / "seeds" / "tide.txt").write_text(PAGE)
                await until(lambda: service.query.totals().entries == 2)
            (tmp_path / "seeds" / "tram.txt").write_text(PAGE)
        assert len(origin.requests) == 1
        assert sorted(one.address for one in service.query.sources(NOW)) == [
            origin.url("/feed"), "seed:tide.txt",
        ]  # fmt: skip
    service.close()


async def test_a_list_that_goes_takes_its_sources_off_the_schedule(tmp_path: Path) -> None:
    given = settings(tmp_path)
    service = Service(given, pulls=True)
    with Origin() as origin:
        subscribe(tmp_path, origin)
        async with service.pulling() as pulling:
            assert origin.url("/feed") in [source.address for source in service.query.sources(NOW)]
            (tmp_path / "seeds" / "list.opml").unlink()
            await pulling.scan()
            assert origin.url("/feed") not in [s.address for s in service.query.sources(NOW)]
    service.close()


async def test_an_ending_waits_for_the_job_that_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(settings(tmp_path), pulls=True)
    async with service.pulling() as pulling:
        writing, go_on = threading.Event(), threading.Event()

        def hold_the_writer() -> None:
            writing.set()
            go_on.wait(10)

        held = asyncio.create_task(pulling.puller.write(hold_the_writer))
        await until(writing.is_set)
        async with jobs(pulling):
            await asyncio.sleep(1.2)  # a tick has begun, and waits for the writer
            asyncio.get_running_loop().call_later(0.2, go_on.set)
        await held
    service.close()
    assert caplog.messages == []
