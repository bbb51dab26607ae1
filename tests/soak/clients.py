"""Real feed readers, subscribed through everything that happens to a site.

newsboat, and `reader` of the Python that READER_PYTHON names, come by after every step. At the end
each must hold every story that is published, once, and none that never was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.model import ParsedEntry
from aggregator.settings import ArchiveLimits
from tests.newsroom import GAZETTE, HERALD, Clock, Newsroom, item
from tests.service import Service, serving

CONFIG = """\
[store]
url = "sqlite:///store.db"
[feeds]
size = 50
archive_size = 15
[verticals.tech]
"""

READER = """
import json, sys
from reader import make_reader
reader = make_reader(sys.argv[1])
reader.add_feed(sys.argv[2], exist_ok=True)
reader.update_feed(sys.argv[2])  # at once: update_feeds waits for our max-age
feed = reader.get_feed(sys.argv[2])
assert feed.last_exception is None, feed.last_exception
print(json.dumps([[entry.id, entry.title] for entry in reader.get_entries()]))
"""

SHOWN_WITHIN = 8.0
"""Seconds in which a service shows what was written beside it."""


def main(arguments: Sequence[str]) -> None:
    """Let things happen, have the readers come by, and compare at the end."""
    parser = argparse.ArgumentParser(prog="./dev soak clients", description=__doc__)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    readers = [one for one in (newsboat(), reader()) if one]
    if not readers:
        sys.exit("soak: neither newsboat nor READER_PYTHON is here; install one of them")
    with tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG)
        (folder / "seeds").mkdir()
        limits = ArchiveLimits(stories=15)
        with Newsroom(folder, Now(), limits) as room:
            room.give(GAZETTE, item("first"), verticals=("tech",))
            with serving(folder, "--no-pull") as service:
                held = history(room, service, readers, options.steps, random.Random(options.seed))
            judge(room, held)


class Now(Clock):
    """The time of the day."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


Held = dict[str, list[tuple[str, str]]]
Poll = Callable[[Path, str], list[tuple[str, str]]]


def history(
    room: Newsroom,
    service: Service,
    readers: Sequence[tuple[str, Poll]],
    steps: int,
    chance: random.Random,
) -> Held:
    """What each reader holds, in each format, after so many steps."""
    held: Held = {}
    for number in range(steps):
        what = step(room, number, chance)
        wait_until_shown(room, service)
        for fmt in ("atom", "rss"):
            for name, poll in readers:
                home = room.file.parent / f"{name}-{fmt}"
                home.mkdir(exist_ok=True)
                held[f"{name} {fmt}"] = poll(home, f"{service.address}/feeds/all.{fmt}")
        counts = {who: len(entries) for who, entries in held.items()}
        print(f"{number + 1}: {what}; {len(room.window())} stories, held: {counts}", flush=True)
    return held


def step(room: Newsroom, number: int, chance: random.Random) -> str:
    """One of the things that happen."""
    ids = [story.id for story in room.window()]
    several = [story.id for story in room.window() if len(story.entries) > 1]
    kind = chance.choice(
        ("new", "new", "new", "revised", "merged", "first", "withdrawn", "back", "joined", "split")
    )
    if kind == "new":
        room.give(GAZETTE, *(entry(number, n) for n in range(chance.randint(1, 6))))
    elif kind == "revised":
        slug = chance.choice(ids).rpartition("/")[2]
        room.give(GAZETTE, item(slug, text=f"It hums, {number} times."))
    elif kind == "merged":
        slug = chance.choice(ids).rpartition("/")[2]
        room.give(HERALD, item(slug, guid=f"https://herald.example/{number}"))
    elif kind == "first":
        room.give(f"https://s{number}.example/feed", *(entry(number, n) for n in range(5)))
    elif kind in {"withdrawn", "back"}:
        every = [i for (i,) in room.rows("SELECT id FROM story ORDER BY number")]
        room.store.withdraw(chance.choice(every), undo=kind == "back")
    elif kind == "joined":
        room.store.join(*chance.sample(ids, 2)) if len(ids) > 1 else None
    elif several:
        room.store.split(chance.choice(several), [HERALD])
    return kind


def entry(number: int, n: int) -> ParsedEntry:
    """A new item, of some minutes ago."""
    when = datetime.now(UTC) - timedelta(minutes=n)
    return item(f"{number}-{n}", published=when.isoformat())


def wait_until_shown(room: Newsroom, service: Service) -> None:
    """Until the service shows what the store holds now: it may be some seconds behind."""
    newest = room.window(size=1)
    ends = time.monotonic() + SHOWN_WITHIN
    last = ""
    for fmt in ("atom", "rss"):
        same = 0
        while same < 2 and time.monotonic() < ends:
            tag = service.get(f"/feeds/all.{fmt}").field("etag") or ""
            same = same + 1 if tag == last else 0
            last = tag
            time.sleep(1.1)
    assert newest or not room.window()


def newsboat() -> tuple[str, Poll] | None:
    """newsboat with a home of its own, if it is installed."""
    if not shutil.which("newsboat"):
        print("newsboat is not installed")
        return None

    def poll(home: Path, address: str) -> list[tuple[str, str]]:
        (home / "urls").write_text(f"{address}\n")
        (home / "config").write_text("reload-threads 1\nkeep-articles-days 0\nmax-items 0\n")
        command = ["newsboat", "-q", "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload"]
        environ = {**os.environ, "HOME": str(home), "TERM": "dumb", "no_proxy": "*"}
        subprocess.run(command, cwd=home, env=environ, check=True, capture_output=True)
        with sqlite3.connect(home / "cache.db") as cache:
            return cache.execute("SELECT guid, title FROM rss_item").fetchall()

    return "newsboat", poll


def reader() -> tuple[str, Poll] | None:
    """`reader`, if there is a Python that has it."""
    python = os.environ.get("READER_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import reader"], check=False, capture_output=True).returncode:
        print(f"{python} has no reader; READER_PYTHON may name another")
        return None

    def poll(home: Path, address: str) -> list[tuple[str, str]]:
        command = [python, "-c", READER, str(home / "reader.db"), address]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [(identifier, title) for identifier, title in json.loads(done.stdout)]

    return "reader", poll


def judge(room: Newsroom, held: Held) -> None:
    """Every story that is published, once, and none that never was."""
    live = {story.id: story.lead.title for story in room.window()}
    ever = {i for (i,) in room.rows("SELECT id FROM story UNION SELECT id FROM alias")}
    for who, entries in held.items():
        ids = [identifier for identifier, _ in entries]
        missed, doubled = live.keys() - set(ids), len(ids) - len(set(ids))
        invented = set(ids) - ever
        print(f"{who}: {len(ids)} held, {len(live)} published; missed {len(missed)}, "
              f"twice {doubled}, invented {len(invented)}")  # fmt: skip
        if missed or doubled or invented:
            sys.exit(f"soak: {who} missed {missed}, invented {invented}")
