"""How long a reader waits for a feed while everything is pulled for the first time."""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.origin import ROOT, origin, watched, write_config


def main(arguments: Sequence[str]) -> None:
    """Serve, and ask for a feed so many times a second until every source was pulled."""
    parser = argparse.ArgumentParser(prog="./dev bench readers", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rate", type=int, default=100, help="conditional requests a second")
    parser.add_argument("--feed", default="/feeds/all.atom")
    given = parser.parse_args(arguments)
    with (
        origin(given.feeds, given.hosts),
        tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder,
    ):
        home = Path(folder)
        write_config(home)
        port = free_port()
        command = [sys.executable, "-m", "feeds", "serve", "--port", str(port)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=home, stderr=log, stdout=log, env=environment)
        try:
            with watched(process.pid) as memory:
                waits, answers = ask(home, port, given.feed, 1 / given.rate, given.feeds)
        finally:
            process.terminate()
            process.wait()
    slowest = sorted(((wait, at) for at, wait in waits.items()), reverse=True)[:5]
    ordered = sorted(waits.values())
    p99 = ordered[int(len(ordered) * 0.99)]
    print(
        f"{len(waits)} conditional requests while {given.feeds} feeds were pulled: "
        f"median {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms, most {ordered[-1]:.1f} ms, "
        f"over 50 ms {sum(w > 50 for w in ordered)}; answers {answers}; {memory():.0f} MiB"
    )
    print("slowest:", ", ".join(f"{wait:.1f} ms at {at:.2f} s" for wait, at in slowest))


def ask(
    home: Path, port: int, path: str, every: float, feeds: int
) -> tuple[dict[float, float], dict[int, int]]:
    """The milliseconds of each request until the log names every feed, and how often what came.

    By the seconds since the first.
    """
    waits: dict[float, float] = {}
    answers: dict[int, int] = {}
    connection = connected(port)
    etag, begun = "", time.monotonic()
    while brought(home) < feeds and time.monotonic() - begun < 300:
        start = time.perf_counter()
        connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        answer = connection.getresponse()
        answer.read()
        taken = time.perf_counter() - start
        waits[time.monotonic() - begun] = taken * 1000
        answers[answer.status] = answers.get(answer.status, 0) + 1
        etag = answer.headers["ETag"]
        time.sleep(max(0.0, every - taken))
    return waits, answers


def brought(home: Path) -> int:
    """How many pulls the log tells of that brought entries."""
    return len(re.findall(r": \d+ new\b", (home / "log").read_text()))


def connected(port: int) -> http.client.HTTPConnection:
    """A connection, once there is somebody to answer."""
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.05)
        else:
            assert connection.sock
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.request("GET", "/readyz")  # it listens before it is ready
            connection.getresponse().read()
            return connection
    sys.exit("bench: the service did not start")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
