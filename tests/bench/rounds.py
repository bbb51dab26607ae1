"""Rounds over the feeds of the origin: what each costs, and whether every entry is held."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.origin import Cost, faults, get, origin, pull, write_config

ROUNDS = (("first", 0), ("unchanged", 0), ("10 % changed", 1))

_NUMBER = re.compile(r"/feed/(\d+)\.xml")
_GOOD = (None, "301")


def main(arguments: Sequence[str]) -> None:
    """Run every round `--repeat` times on a new store, and print the medians."""
    parser = argparse.ArgumentParser(prog="./dev bench rounds", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--latency", type=int, default=0, help="ms before each answer")
    parser.add_argument("--fail", type=float, default=0, help="share of feeds with a fault")
    given = parser.parse_args(arguments)
    costs: dict[str, list[Cost]] = {name: [] for name, _ in ROUNDS}
    more = ("--latency", str(given.latency), "--fail", str(given.fail))
    bad = faults(given.feeds, given.fail)
    with origin(given.feeds, given.hosts, *more):
        startups = [measure(costs, bad) for _ in range(given.repeat)]
    startup = statistics.median(cost.cpu for cost in startups)
    print(f"{given.feeds} feeds over {given.hosts} hosts, medians of {given.repeat}")
    print(f"start-up {startup:.2f} CPU s, taken off below")
    print(f"{'round':14} {'CPU ms a feed':>14} {'feeds a second':>15} {'MiB':>6}")
    for name, found in costs.items():
        cpu = statistics.median(c.cpu - startup for c in found) * 1000 / given.feeds
        rate = given.feeds / statistics.median(c.wall for c in found)
        memory = statistics.median(c.memory for c in found)
        print(f"{name:14} {cpu:14.3f} {rate:15.0f} {memory:6.0f}")
        if bad:
            print(f"{'':14} {waits(found[-1], given.hosts, bad)}")


def cores(arguments: Sequence[str]) -> None:
    """Pull everything for the first time on one processor, and on all that there are."""
    parser = argparse.ArgumentParser(prog="./dev bench cores", description=cores.__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    every = sorted(os.sched_getaffinity(0))
    rates: dict[int, list[float]] = {1: [], len(every): []}
    with origin(given.feeds, given.hosts):
        for _ in range(given.repeat):
            for count, found in rates.items():
                with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
                    write_config(Path(folder))
                    startup = pull(Path(folder), "--source", get("/urls").split()[0])
                    cost = pull(Path(folder), "--all", processors=every[:count])
                    found.append(given.feeds / (cost.wall - startup.wall))
    medians = {count: statistics.median(found) for count, found in rates.items()}
    for count, rate in medians.items():
        print(f"{count} processors: {rate:.0f} first pulls a second beyond start-up")
    print(f"ratio {medians[len(every)] / medians[1]:.2f}")


def measure(costs: dict[str, list[Cost]], bad: dict[int, str]) -> Cost:
    """All rounds once, on a new store; what start-up alone costs on the full one."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        home = Path(folder)
        write_config(home)
        held = 0
        for name, number in ROUNDS:
            get(f"/_round/{number}")
            expected = json.loads(get("/_expect"))["entries"]
            cost = pull(home, "--all")
            told = [line for _, line in cost.lines if "source" in line]
            good = [t for t in told if bad.get(_feed(t["source"])) in _GOOD]
            held += sum(t["new"] + t["merged"] for t in good)
            failed = [t for t in good if t["error"]]
            if held != expected or failed:
                sys.exit(f"bench: {name}: {held} entries held of {expected}: {failed[:3]}")
            costs[name].append(cost)
            time.sleep(2)  # min_interval is a second: nobody is asked twice within it
        return pull(home)


def waits(cost: Cost, hosts: int, bad: dict[int, str]) -> str:
    """When the hosts without a silent feed were through, and when those with one were."""
    silent = {feed % hosts for feed, kind in bad.items() if kind == "timeout"}
    ended = {True: 0.0, False: 0.0}
    for at, line in cost.lines:
        if "source" in line:
            is_slow = _feed(line["source"]) % hosts in silent
            ended[is_slow] = max(ended[is_slow], at)
    return (
        f"hosts with no silent feed done after {ended[False]:.1f} s, "
        f"the {len(silent)} others after {ended[True]:.1f} s"
    )


def _feed(address: str) -> int:
    found = _NUMBER.search(address)
    return int(found[1]) if found else -1
