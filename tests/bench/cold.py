"""How long a reader waits for what nobody has asked for yet, with few stories and with many.

Each feed of the first tables is the first that its process makes, but for one of another vertical
in the same format and coding (its first use of a library is not what is measured) and `/healthz`.
The file cache is dropped after those: what SQLite itself has kept of them the process keeps, the
rest comes from the disk. The last table has narrowed selections, in one process all of them, each
for the first time there. CPU is what the service's threads have run meanwhile.
"""

from __future__ import annotations

import argparse
import ctypes
import http.client
import mmap
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests.bench import stories
from tests.bench.getting import connected, free_port
from tests.bench.origin import ROOT

FEW = 10_000

FEEDS = {"vertical": "world", "union of 3": "science_tech_world", "all": "all"}
OTHER = "culture"
"""What is asked for before, which shares few stories with them: 1 % of all stand in it."""

FORMATS, CODINGS = ("atom", "rss", "json"), ("gzip", "br")

_SITE = '[site]\nbase_url = "http://127.0.0.1:8000"\n[store]\nurl = "sqlite:///store.db"\n'

Parameters = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """What came: milliseconds to the last byte, and of CPU that the service used meanwhile."""

    status: int
    size: int
    taken: float
    cpu: float


def main(arguments: Sequence[str]) -> None:
    """Make both stores, unless they are there, and print the tables."""
    parser = argparse.ArgumentParser(prog="./dev bench cold", description=__doc__)
    parser.add_argument("--stories", type=int, default=1_000_000, help="of the large store")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "broadsheet-bench-stories"
    )
    parser.add_argument("--repeat", type=int, default=5, help="processes for each number")
    parser.add_argument("--only", choices=("feeds", "narrowed"), help="one of the tables")
    given = parser.parse_args(arguments)
    homes = [made(given.folder, number) for number in (FEW, given.stories)]
    if given.only != "narrowed":
        for is_warm in (True, False):
            feeds(homes, given.repeat, is_warm=is_warm)
    if given.only != "feeds":
        narrowed(homes, given.repeat)


def made(folder: Path, number: int) -> Path:
    """The folder with a store of so many stories, and a config.toml for it."""
    home = folder.absolute() / str(number)
    stories.make(home / "store.db", number)
    shelves = "".join(f"[verticals.{name}]\n" for name in stories.SHARES)
    (home / "config.toml").write_text(_SITE + shelves, encoding="utf-8")
    return home


# ---- whole feeds --------------------------------------------------------------------------------


def feeds(homes: Sequence[Path], repeat: int, *, is_warm: bool) -> None:
    """The table of what a process makes first."""
    found: dict[tuple[str, str, str], dict[Path, list[Answer]]] = {}
    left: list[float] = []
    for home in homes:
        warm(home)
        for key in [(n, f, c) for n in FEEDS for f in FORMATS for c in CODINGS]:
            answers = found.setdefault(key, {}).setdefault(home, [])
            for _ in range(repeat):
                with served(home) as service:
                    answers.append(first(service, *key, kept=left if not is_warm else None))
    kept = f" (at most {max(left):.1%} of a store was still in it)" if left else ""
    print(f"\nFile cache {'warm' if is_warm else 'dropped'}{kept}.\n")
    print(_head("feed", "format", "coding", "kB", homes=homes))
    for (name, fmt, coding), by_home in found.items():
        size = f"{by_home[homes[-1]][0].size / 1000:.0f}"
        print(_row(name, fmt, coding, size, answers=[by_home[home] for home in homes]), flush=True)


def first(
    service: Service, name: str, fmt: str, coding: str, *, kept: list[float] | None
) -> Answer:
    """What a new process makes first.

    The file cache is dropped before if there is a list for the share of the store that it `kept`.
    """
    service.ask("/healthz", coding)
    service.ask(f"/feeds/{OTHER}.{fmt}", coding)
    if kept is not None:
        kept.append(drop(service.home))
    answer = service.ask(f"/feeds/{FEEDS[name]}.{fmt}", coding)
    if answer.status != 200:
        sys.exit(f"bench: {name}.{fmt}: {answer.status}")
    return answer


# ---- narrowed selections ------------------------------------------------------------------------


def selections() -> dict[str, tuple[str, Parameters]]:
    """What the second table asks for: the feed's name, and the parameters that narrow it."""
    texts = stories.Texts()
    word = texts.words
    often, seldom, rarely = stories.OFTEN, stories.SELDOM, stories.RARELY
    said: dict[str, tuple[str, Parameters]] = {
        "in no story": ("all", [("q", "nusquam")]),
        "rare word (1 in 100,000)": ("all", [("q", rarely)]),
        "word (1 in 1,000)": ("all", [("q", seldom)]),
        "common word (1 in 10)": ("all", [("q", often)]),
        "word of every story": ("all", [("q", stories.ALWAYS)]),
        "two common words": ("all", [("q", f"{often} {word[0]}")]),
        "common and rare word": ("all", [("q", f"{word[0]} {rarely}")]),
        "phrase of two common words": ("all", [("q", f'"{word[0]} {word[1]}"')]),
        "phrase of four very common words": ("all", [("q", f'"{" ".join(word[:4])}"')]),
        "8 common words": ("all", [("q", " ".join(word[:8]))]),
        "word, -word": ("all", [("q", f"{often} -{word[0]}")]),
        "word, -(word of every story)": ("all", [("q", f"{often} -{stories.ALWAYS}")]),
        "-word alone": ("all", [("q", f"-{often}")]),
        "several q": ("all", [("q", often), ("q", seldom)]),
        "vertical and word": ("world", [("q", often)]),
        "vertical and rare word": ("tech", [("q", rarely)]),
        "union and word": ("science_tech", [("q", often)]),
        "vertical of 1 % and word": ("culture", [("q", word[0])]),
        "rare vertical within all": ("all", [("vertical", stories.RARE_VERTICAL)]),
        "rare vertical within a vertical": ("world", [("vertical", stories.RARE_VERTICAL)]),
        "not a common vertical": ("all", [("not", "world")]),
        "busy author": ("all", [("author", texts.authors[0])]),
        "rare author": ("all", [("author", texts.authors[-1])]),
        "language (90 %)": ("all", [("lang", "en")]),
        "language (2 %)": ("all", [("lang", "fr")]),
        "rare language": ("all", [("lang", stories.RARE_LANGUAGE)]),
        "source (1 in 1,000)": ("all", [("source", stories.address(7))]),
        "rare author, rare language": (
            "all",
            [("author", texts.authors[-1]), ("lang", stories.RARE_LANGUAGE)],
        ),
        "common word, language, not": ("all", [("q", often), ("lang", "fr"), ("not", "world")]),
    }
    return said


def narrowed(homes: Sequence[Path], repeat: int) -> None:
    """The table of narrowed selections: medians over processes, each asked in another order."""
    asked = selections()
    found: dict[str, dict[Path, list[Answer]]] = {name: {h: [] for h in homes} for name in asked}
    for home in homes:
        warm(home)
        for number in range(repeat):
            with served(home) as service:
                service.ask(f"/feeds/{OTHER}.atom", "gzip")
                for name in random.Random(number).sample(list(asked), len(asked)):
                    feed, parameters = asked[name]
                    path = f"/feeds/{feed}.atom?{urlencode(parameters)}"
                    found[name][home].append(service.ask(path, "gzip"))
    print("\nNarrowed, atom in gzip, file cache warm.\n")
    print(_head("selection", "status", homes=homes))
    for name, by_home in found.items():
        statuses = {str(one.status): None for home in homes for one in by_home[home]}
        print(_row(name, ", ".join(statuses), answers=[by_home[h] for h in homes]), flush=True)


# ---- asking -------------------------------------------------------------------------------------


class Service:
    """A process that serves the store of a folder, and a connection to it."""

    def __init__(self, home: Path, pid: int, connection: http.client.HTTPConnection) -> None:
        self.home = home
        self._pid = pid
        self._connection = connection

    def body(self, path: str) -> str:
        """What is there."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()

    def ask(self, path: str, coding: str) -> Answer:
        """Get it."""
        cpu, begun = self._cpu(), time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": coding})
        answer = self._connection.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - begun) * 1000
        return Answer(answer.status, len(body), taken, self._cpu() - cpu)

    def _cpu(self) -> float:
        """Milliseconds that all its threads have run: the first number of schedstat, in ns."""
        threads = Path(f"/proc/{self._pid}/task").iterdir()
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e6


@contextmanager
def served(home: Path) -> Iterator[Service]:
    """A new process that serves the store of this folder, once it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "feeds", "serve", "--no-pull", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, stderr=log, stdout=log, env=environment)
    try:
        with closing(connected(port)) as connection:
            yield Service(home, process.pid, connection)
    finally:
        process.terminate()
        process.wait()


# ---- the file cache -----------------------------------------------------------------------------


def files(home: Path) -> list[Path]:
    """Those of the store that have something in them."""
    named = [home / f"store.db{tail}" for tail in ("", "-wal")]
    return [file for file in named if file.exists() and file.stat().st_size]


def warm(home: Path) -> None:
    """Read the whole store once."""
    for file in files(home):
        with file.open("rb") as read:
            while read.read(1 << 22):
                pass


def drop(home: Path) -> float:
    """Have the kernel forget the store's files; the share of them that it has kept all the same."""
    os.sync()
    kept = whole = 0
    for file in files(home):
        with file.open("r+b") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            kept += resident(opened.fileno())
            whole += -(-file.stat().st_size // mmap.PAGESIZE)
    return kept / whole


def resident(file: int) -> int:
    """How many pages of a file are in the file cache: mincore(2)."""
    with mmap.mmap(file, 0) as mapped:
        count = -(-len(mapped) // mmap.PAGESIZE)
        pages = (ctypes.c_ubyte * count)()
        start = ctypes.c_char.from_buffer(mapped)
        where, length = ctypes.c_void_p(ctypes.addressof(start)), ctypes.c_size_t(len(mapped))
        failed = ctypes.CDLL(None, use_errno=True).mincore(where, length, pages)
        del start
        if failed:
            sys.exit(f"bench: mincore: {os.strerror(ctypes.get_errno())}")
    return sum(page & 1 for page in bytes(pages))


# ---- tables -------------------------------------------------------------------------------------


def _head(*names: str, homes: Sequence[Path]) -> str:
    columns = ("median ms", "max ms", "CPU ms")
    told = [f"{column}, {int(home.name):,}" for home in homes for column in columns]
    cells = [*names, *told, "ratio"]
    ruled = ["---"] * len(names) + ["---:"] * (len(cells) - len(names))
    return f"| {' | '.join(cells)} |\n| {' | '.join(ruled)} |"


def _row(*names: str, answers: Sequence[Sequence[Answer]]) -> str:
    """Of each store; the ratio is that of the medians."""
    told: list[float] = []
    for each in answers:
        taken = [one.taken for one in each]
        cpu = statistics.median(one.cpu for one in each)
        told += [statistics.median(taken), max(taken), cpu]
    cells = [*names, *(f"{one:.1f}" for one in told), f"{told[-3] / told[0]:.2f}"]
    return f"| {' | '.join(cells)} |"
