"""A million requests of every kind, half of them conditional, while what they ask for changes.

The service pulls from sources whose documents grow in bursts. Every answer must be one that its
request allows, equal tags have equal bytes, and what comes while the store is quiet is what a
library of our own makes of it. Each burst tells how soon a feed shows it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from aggregator import config
from aggregator.settings import Settings
from tests.bench.getting import free_port
from tests.service import Service, serving
from tests.soak.asking import (
    KINDS,
    PATIENCE,
    SOURCES,
    VERTICALS,
    WORDS,
    Answer,
    Asked,
    Asker,
    Lane,
    first,
    lanes,
    resident,
)
from tests.soak.judging import SETTLED, Judge, Watch

BURST = 1.5
"""Seconds in which the sources answer, until they keep quiet again."""

FRESH = 1.0
"""Seconds after a commit within which a feed must show it."""


CONFIG = """\
site.base_url = "http://broadsheet.example"
store.url = "sqlite:///store.db"
feeds = { size = 30, archive_size = 15 }
queries = [{ name = "desk", verticals = ["science", "tech"] }, { name = "found", q = "balana" }]
[pull]
interval = "1s"
min_interval = "1s"
timeout = "2m"
per_host_interval = "0s"
allow_networks = ["127.0.0.0/8"]
"""
FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"
xml:lang="{1}"><id>urn:x:{0}</id><title>Gazette {0}</title><updated>{2}</updated>{3}{4}</feed>"""
ENTRY = """<entry><id>{0}</id><link href="{0}"/><title>{1}</title><content>{2}</content>
<author><name>Author {3}</name></author><updated>{4}</updated></entry>"""

# ---- the sources --------------------------------------------------------------------------------


class Press:
    """Sources whose documents grow whenever they are asked for; they answer while `open` is set."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.open = asyncio.Event()
        self._chance = chance
        self._entries: list[list[list[str]]] = [[] for _ in range(SOURCES)]
        self._gone: list[list[str]] = [[] for _ in range(SOURCES)]
        self._numbers = 0
        places = [(f"127.0.1.{n + 1}", port) for port in [free_port()] for n in range(SOURCES)]
        self.sockets = [socket.create_server(place) for place in places]
        self.urls = [f"http://{host}:{port}/{n}.xml" for n, (host, port) in enumerate(places)]
        shelves = "".join(f"[verticals.{name}]\n" for name in VERTICALS)
        sources = (
            f'[[sources]]\nurl = "{url}"\ninterval = "1s"\n'
            f'verticals = ["{VERTICALS[n % 5]}", "{VERTICALS[n // 5 % 5]}"]\n'
            for n, url in enumerate(self.urls)
        )
        (folder / "config.toml").write_text(CONFIG + shelves + "".join(sources))
        (folder / "seeds").mkdir()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer on one connection."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self.open.wait()
                body = self._grown(int(head.partition(b".xml")[0].rpartition(b"/")[2]))
                length = b"Content-Length: %d" % len(body)
                writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (length, body))
                await writer.drain()
        writer.close()

    def _grown(self, source: int) -> bytes:
        """Up to three entries more, some of them another source's too; some revised or deleted."""
        entries, gone, chance = self._entries[source], self._gone[source], self._chance
        if len(entries) > 3 and chance.random() < 0.1:
            gone.append(entries.pop(0)[0])
        if entries and chance.random() < 0.3:
            chance.choice(entries)[1:] = self._said()
        for _ in range(chance.randint(1, 3)):
            self._numbers += 1
            wire = f"https://wire.example/{self._numbers // 4}"
            is_wire = chance.random() < 0.1 and all(one[0] != wire for one in entries)
            own = f"https://s{source}.example/{self._numbers}"
            entries.append([wire if is_wire else own, *self._said()])
        del entries[:-20], gone[:-5]
        deleted = "".join(f'<at:deleted-entry ref="{one}" when="{_now()}"/>' for one in gone)
        told = "".join(ENTRY.format(*one) for one in entries)
        return FEED.format(source, ("en", "de", "pt")[source % 3], _now(), deleted, told).encode()

    def _said(self) -> list[str]:
        words = [WORDS[int(len(WORDS) * self._chance.random() ** 3)] for _ in range(40)]
        return [" ".join(words[:6]), " ".join(words), str(self._chance.randrange(20)), _now()]


def _now() -> str:
    return datetime.now(UTC).isoformat()


# ---- all of it ----------------------------------------------------------------------------------


class Soak:
    """A run over a service: lanes that ask, and bursts of news meanwhile."""

    def __init__(
        self, service: Service, press: Press, judge: Judge, watch: Watch, seed: int
    ) -> None:
        self.asker = Asker(random.Random(seed), press.urls)
        self.fresh: list[float] = []
        self.took = 0.0
        self._service, self._press, self._judge, self._watch = service, press, judge, watch
        self._lanes: list[Lane] = []
        self._left = 0
        self._ended = 0.0
        self._done = asyncio.Event()

    async def run(self, requests: int, connections: int, quiet: float) -> None:
        """Have so many requests answered, unless no answer comes any more."""
        for one in self._press.sockets:
            await asyncio.start_server(self._press.serve, sock=one)
        watching = asyncio.create_task(self._look())
        await self.burst(quiet)
        newest = Asked("all", "/feeds/all.atom")
        self.asker.learn(newest, await first(self._service, newest))
        print(f"{resident(self._service)} MiB before", flush=True)
        begun, self._left = time.monotonic(), requests
        self._lanes = await lanes(self._service, connections, self.answered)
        for lane in self._lanes:
            self._ask(lane)
        while not self._done.is_set():
            await self.burst(quiet)
            told = f"{requests - self._left} asked in {time.monotonic() - begun:.0f} s"
            told += f", fresh after {self.fresh[-1]:.2f} s, {resident(self._service)} MiB"
            print(f"{told}, {self._judge.faults} faults", flush=True)
        self.took = (self._ended or time.monotonic()) - begun
        self._press.open.set()
        watching.cancel()

    def answered(self, lane: Lane, answer: Answer) -> None:
        """Judge it, and ask for more."""
        asked, sent = lane.asked, lane.sent
        self._judge.judge(asked, answer, sent)
        if answer.status in (200, 304) and not asked.path.endswith("z"):
            self.asker.learn(asked, answer)
        if not answer.status:
            lane.close()
        self._ask(lane)

    def _ask(self, lane: Lane) -> None:
        if self._left > 0 and lane.is_open:
            self._left -= 1
            lane.ask(self.asker.draw())
        else:
            lane.close()
            self._ended = time.monotonic()
            if not any(one.is_open for one in self._lanes):
                self._done.set()

    async def burst(self, quiet: float) -> None:
        """Have the sources answer for a while; see when a feed shows it, and wait for the quiet."""
        newest = Asked("all", "/feeds/all.atom", "gzip")
        before, revision = (await first(self._service, newest)).field("etag"), self._watch.revision
        ends = time.monotonic() + BURST
        self._press.open.set()
        await self._until(lambda: self._watch.revision > revision)
        if self._watch.revision == revision:
            return
        rose_at = self._watch.rose_at
        while (await first(self._service, newest)).field("etag") == before:
            await asyncio.sleep(0.01)
            if time.monotonic() - rose_at > PATIENCE:
                break
        self.fresh.append(time.monotonic() - rose_at)
        if self.fresh[-1] > FRESH:
            self._judge.fault(f"a feed shows a commit after {self.fresh[-1]:.2f} s")
        await asyncio.sleep(max(0.0, ends - time.monotonic()))
        self._press.open.clear()
        await self._until(lambda: self._watch.is_quiet(time.monotonic()))
        self._judge.begin_spell()
        await self._until(lambda: self._watch.is_quiet(time.monotonic(), SETTLED + quiet))

    async def _until(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + PATIENCE
        while not (is_so() or self._done.is_set()):
            await asyncio.sleep(0.01)
            now = time.monotonic()
            if now > ends or any(now - lane.sent > PATIENCE for lane in self._lanes):
                self._judge.fault("the store or an answer was waited for too long")
                self._done.set()

    async def _look(self) -> None:
        while True:
            self._watch.look()
            await asyncio.sleep(0.02)


def main(arguments: Sequence[str]) -> None:
    """Serve, ask, judge, and print the table."""
    parser = argparse.ArgumentParser(prog="./dev soak serving", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seconds-quiet", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as name:
        folder = Path(name)
        press = Press(folder, random.Random(given.seed))
        settings = config.read(folder / "config.toml", os.environ)
        if not isinstance(settings, Settings):
            sys.exit(f"soak: {settings}")
        with serving(folder) as service:
            watch = Watch(folder / "store.db")
            judge = Judge(settings, watch)
            soak = Soak(service, press, judge, watch, given.seed)
            uvloop.run(soak.run(given.requests, given.connections, given.seconds_quiet))
            print(f"{resident(service)} MiB at the end")
    table(judge, soak)
    if judge.faults:
        sys.exit(f"soak: {judge.faults} faults")


def table(judge: Judge, soak: Soak) -> None:
    """What came of each kind, and what of it was compared."""
    statuses = sorted({status for _, status in judge.told})
    print(
        f"\n{'kind':16}{''.join(f'{status:>9}' for status in statuses)}  compared: 200 304 others"
    )
    for kind in KINDS:
        told = "".join(f"{judge.told[kind, status]:9}" for status in statuses)
        compared = [judge.compared[kind, status] for status in (200, 304)]
        others = sum(n for (of, _), n in judge.compared.items() if of == kind) - sum(compared)
        print(f"{kind:16}{told}{compared[0]:15} {compared[1]:3} {others:6}")
    total, whole = sum(judge.told.values()), sum(judge.compared.values())
    print(
        f"{total} requests, {judge.conditional} conditional, {judge.heads} HEAD; "
        f"{total / soak.took:.0f} a second, {time.process_time() / total * 1e6:.0f} µs of CPU each "
        f"for asking; {whole} compared, {judge.undecided} undecided; "
        f"fresh after {statistics.median(soak.fresh):.2f} s, {max(soak.fresh):.2f} at the most, "
        f"in {len(soak.fresh)} bursts"
    )
