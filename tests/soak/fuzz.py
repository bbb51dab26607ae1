"""Requests that nobody should send, ten thousand of them.

None may be answered with a fault, and the memory of the service must be what it was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests import fuzz
from tests.newsroom import GAZETTE, Clock, Newsroom, item
from tests.service import Service, serving

CONFIG = '[store]\nurl = "sqlite:///store.db"\n[verticals.science]\n[verticals.tech]\n'


def main(arguments: Sequence[str]) -> None:
    """Ask, and look at the memory after a tenth and at the end."""
    parser = argparse.ArgumentParser(prog="./dev soak fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG)
        (folder / "seeds").mkdir()
        with Newsroom(folder, Clock(datetime.now(UTC) - timedelta(days=1))) as room:
            for number in range(250):
                verticals = ("tech",) if number % 2 else ("science",)
                room.give(GAZETTE, item(f"tram-{number}"), verticals=verticals)
        with serving(folder, "--no-pull") as service:
            asked(service, options.requests // 10)
            before = resident(service)
            print(f"{before >> 20} MiB after the first tenth", flush=True)
            told = asked(service, options.requests)
            after = resident(service)
        print(f"{sum(told.values())} requests: {dict(sorted(told.items()))}")
        print(f"{after >> 20} MiB at the end")
        if after > 1.1 * before:
            sys.exit("soak: the memory grew by more than a tenth")


def asked(service: Service, requests: int) -> Counter[int]:
    """So many different requests, and how often each status came."""
    told: Counter[int] = Counter()

    @settings(
        max_examples=requests, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(fuzz.METHODS, fuzz.ADDRESSES, fuzz.HEADERS)
    def ask(method: bytes, address: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        status, _, _ = fuzz.ask(service, method, address, headers)
        told[status] += 1
        fuzz.check(status, service)

    ask()
    return told


def resident(service: Service) -> int:
    """Bytes of memory that the service has."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) << 10
