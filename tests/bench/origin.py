"""The loopback origin that is measured against, and the processes that are measured."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("FEED_TOOLS", ROOT.parent / "shared" / "tools"))
PORT = 9371

FAULTS = ("500", "503", "404", "410", "timeout", "malformed", "short", "301")

CONFIG = """\
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
min_interval = "1s"
timeout = "2s"
[verticals.tech]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One run of a command: seconds of CPU and of the clock, and what it used and told.

    `memory` is the most that all its processes had at once, in MiB (shared pages counted once).
    `lines` are what it told, each with the seconds since its start.
    """

    cpu: float
    wall: float
    memory: float
    lines: list[tuple[float, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def origin(feeds: int, hosts: int, *more: str) -> Iterator[None]:
    """The loopback origin, ended at the end."""
    if not (TOOLS / "origin.py").exists():
        sys.exit(f"bench: no origin.py in {TOOLS}; set FEED_TOOLS to the folder that has it")
    command = [sys.executable, "origin.py", "--n", str(feeds), "--port", str(PORT)]
    command += ["--spread", str(hosts), "--rounds", "1", "--change", "0.1", *more]
    process = subprocess.Popen(command, cwd=TOOLS, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        print(process.stdout.readline().decode().strip(), flush=True)
        yield
    finally:
        process.terminate()
        process.wait()


def get(path: str) -> str:
    """What the origin answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}") as answer:
        text: str = answer.read().decode()
        return text


def faults(feeds: int, share: float) -> dict[int, str]:
    """The kind of fault of each feed that has one, as the origin deals them out."""
    faulty = [i for i in range(feeds) if random.Random(f"1/f/{i}").random() < share]
    return {i: FAULTS[n % len(FAULTS)] for n, i in enumerate(faulty)} if share else {}


def write_config(home: Path) -> None:
    """A config.toml that names every feed of the origin."""
    sources = (f'[[sources]]\nurl = "{u}"\nverticals = ["tech"]\n' for u in get("/urls").split())
    (home / "config.toml").write_text(CONFIG + "".join(sources), encoding="utf-8")
    (home / "seeds").mkdir()


def pull(home: Path, *arguments: str, processors: Sequence[int] = ()) -> Cost:
    """`broadsheet pull --once`, with the CPU and memory of its whole process tree."""
    command = [sys.executable, "-m", "feeds", "pull", "--once", "--json", *arguments]
    begun = time.monotonic()
    lines: list[tuple[float, dict[str, Any]]] = []
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if processors:
            os.sched_setaffinity(process.pid, processors)
        with watched(process.pid) as memory:
            assert process.stdout
            lines += [(time.monotonic() - begun, json.loads(line)) for line in process.stdout]
            _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"bench: {' '.join(command)}: {(home / 'log').read_text()[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu=cpu, wall=time.monotonic() - begun, memory=memory(), lines=lines)


@contextmanager
def watched(pid: int) -> Iterator[Callable[[], float]]:
    """Gives what says the most memory that a process and its children have had, in MiB."""
    most = 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.2):
            most = max(most, sum(map(_memory, tree(pid))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: most
    finally:
        over.set()
        thread.join()


def tree(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(child for each in children for child in tree(int(each)))]


def _memory(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")) / 1024
