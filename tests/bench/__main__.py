"""What a pull costs: `./dev bench [--feeds N] [--hosts N] [--repeat N]`.

It prints CPU milliseconds a feed (of the whole process tree, beyond start-up) and feeds a second,
for a first, an unchanged and a 10 % changed round. Nothing here is a test: machines are noisy, so
compare ratios within one run. How to read it: docs/measuring.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("FEED_TOOLS", ROOT.parent / "shared" / "tools"))
PORT = 9371

CONFIG = """\
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
min_interval = "1s"
[verticals.tech]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One run of a command: seconds of CPU and of the clock, and what it printed."""

    cpu: float
    wall: float
    out: str


def main() -> None:
    """Run every round `--repeat` times on a new store, and print the medians."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    if not (TOOLS / "origin.py").exists():
        sys.exit(f"bench: no origin.py in {TOOLS}; set FEED_TOOLS to the folder that has it")
    rounds: dict[str, list[Cost]] = {"first": [], "unchanged": [], "10 % changed": []}
    with origin(options.feeds, options.hosts):
        startups = [measure(rounds) for _ in range(options.repeat)]
    startup = statistics.median(cost.cpu for cost in startups)
    print(f"{options.feeds} feeds over {options.hosts} hosts, medians of {options.repeat}")
    print(f"start-up {startup:.2f} CPU s, taken off below")
    print(f"{'round':14} {'CPU ms a feed':>14} {'feeds a second':>15}")
    for name, costs in rounds.items():
        cpu = statistics.median(c.cpu - startup for c in costs) * 1000 / options.feeds
        rate = options.feeds / statistics.median(c.wall for c in costs)
        print(f"{name:14} {cpu:14.3f} {rate:15.0f}")


def measure(rounds: dict[str, list[Cost]]) -> Cost:
    """All rounds once, on a new store; what start-up alone costs on the full one."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        home = Path(folder)
        write_config(home)
        get("/_round/0")
        held = 0
        for name, number in (("first", 0), ("unchanged", 0), ("10 % changed", 1)):
            expected = json.loads(get(f"/_round/{number}") and get("/_expect"))
            cost = pull(home, "--all")
            sums = json.loads(cost.out.splitlines()[-1])
            held += sums["new"] + sums["merged"]
            if held != expected["entries"] or sums["failed"]:
                sys.exit(
                    f"bench: {name}: {held} entries held, {expected['entries']} expected: {sums}"
                )
            rounds[name].append(cost)
            time.sleep(2)  # min_interval is a second: nobody is asked twice within it
        return pull(home)


def write_config(home: Path) -> None:
    """A config.toml that names every feed of the origin."""
    sources = (f'[[sources]]\nurl = "{u}"\nverticals = ["tech"]\n' for u in get("/urls").split())
    (home / "config.toml").write_text(CONFIG + "".join(sources), encoding="utf-8")
    (home / "seeds").mkdir()


def pull(home: Path, *arguments: str) -> Cost:
    """`broadsheet pull --once`, with the CPU of its whole process tree."""
    command = [sys.executable, "-m", "feeds", "pull", "--once", "--json", *arguments]
    begun = time.monotonic()
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout
        out = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"bench: {' '.join(command)}: {(home / 'log').read_text()[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu=cpu, wall=time.monotonic() - begun, out=out)


@contextmanager
def origin(feeds: int, hosts: int) -> Iterator[None]:
    """The loopback origin, ended at the end."""
    command = [sys.executable, "origin.py", "--n", str(feeds), "--port", str(PORT)]
    command += ["--spread", str(hosts), "--rounds", "1", "--change", "0.1"]
    process = subprocess.Popen(command, cwd=TOOLS, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        print(process.stdout.readline().decode().strip())
        yield
    finally:
        process.terminate()
        process.wait()


def get(path: str) -> str:
    """What the origin answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}") as answer:
        text: str = answer.read().decode()
        return text


if __name__ == "__main__":
    main()
