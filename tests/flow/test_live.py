"""config.toml and the seeds folder, edited while the service runs, as an operator edits them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.desk import IN_TIME, item, rss, seconds_until, source, whole
from tests.loopback import Origin
from tests.service import PATIENCE, Service, broadsheet, running, serving

START = """\
[pull]
allow_networks = ["127.0.0.0/8"]

[verticals.tech]
title = "Technology"

[verticals.science]
"""


@pytest.fixture(autouse=True)
def _configured(folder: Path) -> None:
    (folder / "config.toml").write_text(START)


def shows(service: Service, words: str) -> bool:
    """Whether a feed has these words."""
    return words in service.get("/feeds/tech.atom").text


def logs(service: Service, words: str) -> bool:
    """Whether the log has them."""
    return words in service.log.read_text()


def document(service: Service) -> tuple[bytes, str | None, str | None]:
    """A feed as its readers have it, with its validators."""
    answer = service.get("/feeds/tech.atom")
    return answer.body, answer.field("etag"), answer.field("last-modified")


class Readers:
    """Readers who ask without a pause, and what they were answered that is no 200 or 304."""

    def __init__(self, service: Service) -> None:
        self.asked = 0
        self.failed: list[object] = []
        self._service = service
        self._ended = threading.Event()

    @contextmanager
    def reading(self, rate: float) -> Iterator[None]:
        """So many requests a second, as long as this lasts."""
        thread = threading.Thread(target=self._read, args=(1 / rate,))
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _read(self, pause: float) -> None:
        connection = HTTPConnection("127.0.0.1", self._service.port, timeout=PATIENCE)
        paths = ("/feeds/all.atom", "/feeds/tech.rss", "/feeds/science.json", "/", "/feeds.opml")
        due = time.monotonic()
        while not self._ended.is_set():
            path = paths[self.asked % len(paths)]
            self.asked += 1
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed.append((path, answer.status))
            except OSError as problem:
                self.failed.append((path, repr(problem)))
                connection.close()
            due += pause
            time.sleep(max(0.0, due - time.monotonic()))
        connection.close()


def in_pieces(file: Path, text: str) -> None:
    """Write as an editor does that takes its time, but less than the file must be still for."""
    with file.open("w") as stream:
        for at in range(0, len(text), 1 + len(text) // 4):
            stream.write(text[at : at + 1 + len(text) // 4])
            stream.flush()
            time.sleep(0.1)


def test_good_edits_are_live_in_time_and_bad_ones_change_nothing_while_readers_ask(
    folder: Path, origin: Origin
) -> None:
    file = folder / "config.toml"
    with serving(folder) as service:
        readers = Readers(service)
        took = []
        with readers.reading(200):
            for number in range(10):
                write = whole if number % 2 else in_pieces
                title = f"Desk {number}"
                good = START.replace("Technology", title)
                write(file, good)
                took.append(seconds_until(partial(shows, service, title)))
                before = document(service)
                write(file, good.replace("[verticals.science]", f"\n[verticals.{number}_]"))
                line = good[: good.index("[verticals.science]")].count("\n") + 2
                told = f"config.toml:{line}: the name of [verticals.'{number}_'] is not allowed"
                seconds_until(partial(logs, service, told))
                assert document(service)[:2] == before[:2]
            # Last-Modified names the second before until its own is two seconds past: docs/adr/0004
            time.sleep(3)
            before = document(service)
            whole(file, START.replace("[verticals.science]", "[verticals.science"))
            seconds_until(partial(logs, service, "config.toml:7: is not TOML"))
            assert document(service) == before
        assert readers.failed == []
        assert readers.asked > 100 * sum(took)
        assert max(took) < IN_TIME, took


def test_a_start_with_a_bad_file_runs_the_last_good_one_and_says_so(folder: Path) -> None:
    file = folder / "config.toml"
    with serving(folder) as service:
        whole(file, START.replace("Technology", "Gadgets"))
        seconds_until(lambda: "Gadgets" in service.get("/feeds/tech.atom").text)
        whole(file, START + "[")
        seconds_until(lambda: "config.toml:8: is not TOML" in service.log.read_text())
        service.process.send_signal(signal.SIGKILL)
        service.process.wait(PATIENCE)
        with serving(folder) as again:
            assert "Gadgets" in again.get("/feeds/tech.atom").text
            assert "config.toml:8: is not TOML" in again.log.read_text()
            assert "the last text of it that was good is what runs" in again.log.read_text()
            assert "config.toml:8: is not TOML" in again.get("/operator.atom").text
            assert "config.toml:8" in again.get("/status").text
            whole(file, START.replace("Technology", "Gizmos"))
            seconds_until(lambda: "Gizmos" in again.get("/feeds/tech.atom").text)
            seconds_until(lambda: "good again" in again.get("/operator.atom").text)
    file.write_text("[")
    assert broadsheet(folder, "serve", "--strict", "--port", "0").returncode == 1


def test_sources_come_go_and_move_without_a_restart(folder: Path, origin: Origin) -> None:
    file = folder / "config.toml"
    origin.serve("/kettle", rss(item("kettle")))
    origin.serve("/tram", rss(item("tram")))
    origin.serve("/tram2", rss(item("tram"), item("bus")))
    with serving(folder) as service:
        whole(file, START + source(origin, "/kettle", 'verticals = ["tech"]'))
        seconds_until(lambda: "kettle" in service.get("/feeds/tech.atom").text)
        whole(file, START + source(origin, "/tram", 'verticals = ["science"]'))
        seconds_until(lambda: "tram" in service.get("/feeds/science.atom").text)
        assert "kettle" in service.get("/feeds/tech.atom").text, "its stories stay"
        moved = source(origin, "/tram2", f'was = "{origin.url("/tram")}"', 'verticals = ["tech"]')
        whole(file, START + moved)
        seconds_until(lambda: "bus" in service.get("/feeds/tech.atom").text)
        feed = service.get("/feeds/tech.atom").text
        assert feed.count("<entry>") == 3
        # A feed may be a second behind the store, and this one was asked for just now.
        seconds_until(lambda: "<entry>" not in service.get("/feeds/science.atom").text)


def test_a_renamed_vertical_leads_on_and_a_removed_one_is_gone(folder: Path) -> None:
    file = folder / "config.toml"
    with serving(folder) as service:
        text = START.replace("[verticals.tech]", '[verticals.gear]\nwas = "tech"')
        whole(file, text.replace("[verticals.science]", ""))
        seconds_until(lambda: service.get("/feeds/gear.atom").status == 200)
        for path, place in (
            ("/feeds/tech.atom?q=tea", "/feeds/gear.atom?q=tea"),
            ("/feeds/all_tech.rss", "/feeds/all.rss"),
            ("/feeds/tech/archive/7.atom", "/feeds/gear.atom"),
            ("/tech", "/gear"),
        ):
            answer = service.get(path)
            assert (answer.status, answer.field("location")) == (301, service.address + place)
        for path in ("/feeds/science.atom", "/science", "/feeds/gear_science.json"):
            assert service.get(path).status == 410
        assert service.get("/feeds/never.atom").status == 404


def test_a_seed_is_shown_and_withdrawn_as_its_file_comes_and_changes(folder: Path) -> None:
    page = "The tide comes in\nGazette\nby Ada InkwellMarch 9, 2026\nA paragraph.\n"
    with serving(folder) as service:
        (folder / "seeds" / "tide.txt").write_text(page)
        assert seconds_until(lambda: "tide" in service.get("/feeds/all.atom").text) < IN_TIME
        (folder / "seeds" / "tide.txt").write_text(page.replace("tide", "moon"))
        assert seconds_until(lambda: "moon" in service.get("/feeds/all.atom").text) < IN_TIME


def test_what_is_not_live_is_told_to_need_a_restart(folder: Path) -> None:
    with serving(folder) as service:
        whole(folder / "config.toml", START + "\n[server]\nport = 9\n")
        told = "[server] port takes effect at the next start"
        seconds_until(lambda: told in service.log.read_text())
        assert service.get("/healthz").status == 200


def test_a_pull_without_a_server_is_live_too(folder: Path, origin: Origin) -> None:
    origin.serve("/kettle", rss(item("kettle")))
    with running(folder, "pull") as process:
        time.sleep(1)
        whole(folder / "config.toml", START + source(origin, "/kettle"))
        seconds_until(lambda: origin.requests)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
