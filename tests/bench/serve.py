"""What serving costs: one feed, beside the barest server that has the same bytes."""

from __future__ import annotations

import argparse
import html
import http.client
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.bench.getting import free_port
from tests.bench.origin import ROOT, TOOLS, tree

ENTRIES = 50
CONNECTIONS = 32
PATIENCE = 30
"""Seconds after which what should have started, answered or ended has hung."""

FEED = "/feeds/all.atom"
PLAIN: Mapping[str, str] = {}
GZIP: Mapping[str, str] = {"Accept-Encoding": "gzip"}
CASES = {"304": (304, None), "gzip 200": (200, "gzip"), "identity 200": (200, None)}
"""Each by its name, with the status and the coding of the answer."""

HEAD = (
    f"{'':12} {'req/s ours':>10} {'bare':>7} {'ratio':>6} {'min..max':>11} "
    f"{'p99 ms ours':>12} {'bare':>6} {'ratio':>6} {'nginx req/s':>12}"
)

CONFIG = """\
[site]
title = "The Bench Gazette"
base_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[verticals.harbour]
[verticals.weather]
"""

# One process, which is the worker: there is none that could outlive it.
NGINX = """\
daemon off; master_process off; pid nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off; default_type application/atom+xml;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  sendfile on; tcp_nopush on; keepalive_requests 1000000000; gzip_static on; gzip_vary on;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Answer(NamedTuple):
    """What came back, its body in the coding it came in."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server(NamedTuple):
    """Who serves the feed, on which port, and the tag of what it gives out in gzip."""

    name: str
    port: int
    tag: str

    def headers(self, case: str) -> Mapping[str, str]:
        """What to ask with, to get the answer of this case."""
        if case == "304":
            return {**GZIP, "If-None-Match": self.tag}
        return GZIP if case == "gzip 200" else PLAIN


class Run(NamedTuple):
    """Requests a second, and the milliseconds within which 99 % of them were answered."""

    rate: float
    p99: float


def main(arguments: Sequence[str]) -> None:
    """Measure ours and the barest in turn, nginx beside them, and print a line for each case."""
    parser = argparse.ArgumentParser(prog="./dev bench serve", description=__doc__)
    parser.add_argument("--pairs", type=int, default=9, help="runs of ours and of the barest")
    parser.add_argument("--seconds", type=int, default=2, help="of each run")
    given = parser.parse_args(arguments)
    if (wrk := shutil.which("wrk")) is None:
        sys.exit("bench: wrk is not on the path; install it: apt install wrk")
    if not (TOOLS / "asgi_ceiling.py").exists():
        sys.exit(f"bench: no asgi_ceiling.py in {TOOLS}; set FEED_TOOLS to the folder that has it")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended then, too
    faults: list[str] = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broadsheet-bench-")))
        servers = [stack.enter_context(ours(home))]
        plain, coded = (_ask(servers[0].port, headers).body for headers in (PLAIN, GZIP))
        servers.append(stack.enter_context(bare(home, plain)))
        if program := shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            servers.append(stack.enter_context(nginx(home, program, plain, coded)))
        print(
            f"a feed of {len(plain)} bytes, {len(coded)} in gzip; {CONNECTIONS} connections; "
            f"medians of {given.pairs} pairs of {given.seconds} s; {len(_processors())} processors"
        )
        print(HEAD, flush=True)
        for case in CASES:
            runs: dict[str, list[Run]] = {server.name: [] for server in servers}
            for number in range(given.pairs):
                # Who comes second finds another machine: each is that as often.
                pair = servers[:2] if number % 2 == 0 else servers[1::-1]
                for server in (*pair, *servers[2:]):
                    runs[server.name].append(load(wrk, server, case, given.seconds, faults))
            print(line(case, runs), flush=True)
    if faults:
        sys.exit("bench: THESE FIGURES DO NOT COUNT:\n" + "\n".join(faults))


def line(case: str, runs: Mapping[str, Sequence[Run]]) -> str:
    """A line of the table: medians, and the ratios of ours to the barest in each pair."""
    mine, barest, other = runs["ours"], runs["bare"], runs.get("nginx")
    ratios = [a.rate / b.rate for a, b in zip(mine, barest, strict=True)]
    slow, bare_slow = (statistics.median(r.p99 for r in found) for found in (mine, barest))
    beside = f"{statistics.median(r.rate for r in other):.0f}" if other else "-"
    spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
    return (
        f"{case:12} {statistics.median(r.rate for r in mine):10.0f} "
        f"{statistics.median(r.rate for r in barest):7.0f} {statistics.median(ratios):6.2f} "
        f"{spread:>11} {slow:12.2f} {bare_slow:6.2f} {slow / bare_slow:6.2f} {beside:>12}"
    )


def load(wrk: str, server: Server, case: str, seconds: int, faults: list[str]) -> Run:
    """Ask for so many seconds. What went wrong is told at once, and added to `faults`."""
    headers = server.headers(case)
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command.append(f"http://127.0.0.1:{server.port}{FEED}")
    limit = seconds + PATIENCE
    with _processor(-1):
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    wrong = re.findall(r"(?:Socket errors|Non-2xx or 3xx responses): .*", done.stdout)
    answer = _ask(server.port, headers)
    found = answer.status, answer.headers.get("content-encoding")
    if found != CASES[case]:
        wrong.append(f"answers with status and coding {found}")
    faults += (told := [f"{server.name}, {case}: {fault}" for fault in wrong])
    for fault in told:
        print(f"!!! {fault}", file=sys.stderr, flush=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    p99 = re.search(r"^\s+99%\s+([\d.]+)(us|ms|s|m)$", done.stdout, re.MULTILINE)
    if rate is None or p99 is None or not float(rate[1]) or not float(p99[1]):
        sys.exit(f"bench: {' '.join(command)}: {done.stdout}{done.stderr}")
    unit = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[p99[2]]
    return Run(rate=float(rate[1]), p99=float(p99[1]) * unit)


@contextmanager
def ours(home: Path) -> Iterator[Server]:
    """`broadsheet serve` on a seed with `ENTRIES` entries, once it serves them all."""
    port = free_port()
    (home / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    (home / "seeds").mkdir()
    (home / "seeds" / "bench.atom").write_text(a_feed(), encoding="utf-8")
    command = [sys.executable, "-m", "feeds", "serve", "--config", str(home / "config.toml")]

    def serves() -> bool:
        ready = _ask(port, path="/readyz").status == 200
        return ready and _ask(port).body.count(b"<entry") == ENTRIES

    with _started(home / "ours.log", command, {"PYTHONPATH": str(ROOT)}, serves):
        time.sleep(3)  # Last-Modified settles for two
        yield _server("ours", port)


@contextmanager
def bare(home: Path, body: bytes) -> Iterator[Server]:
    """The barest application that uvicorn can run, with these bytes."""
    port = free_port()
    (home / "bare.atom").write_bytes(body)
    tools = str(TOOLS.resolve())
    more = {"BODY_FILE": str(home / "bare.atom"), "PYTHONPATH": tools}
    command = [sys.executable, "-m", "uvicorn", "asgi_ceiling:bare", "--app-dir", tools]
    command += ["--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    command += ["--no-access-log", "--log-level", "warning"]
    with _started(home / "bare.log", command, more, lambda: _ask(port).body == body):
        yield _server("bare", port)


@contextmanager
def nginx(home: Path, program: str, plain: bytes, coded: bytes) -> Iterator[Server]:
    """An nginx of one process, with these bytes as files."""
    port = free_port()
    prefix = home / "nginx"
    file = prefix / FEED.removeprefix("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(plain)
    file.with_name(f"{file.name}.gz").write_bytes(coded)
    (prefix / "nginx.conf").write_text(NGINX.format(port=port, root=prefix), encoding="utf-8")
    command = [program, "-p", str(prefix), "-c", str(prefix / "nginx.conf"), "-e", "stderr"]
    with _started(home / "nginx.log", command, {}, lambda: _ask(port).body == plain):
        yield _server("nginx", port)


def a_feed() -> str:
    """An Atom document of `ENTRIES` entries, each of some 2 kB of HTML; the same every time."""
    chance = random.Random("bench serve")
    parts = ("ba", "dor", "el", "fin", "gar", "hul", "is", "kem", "lo", "mur", "ner", "ost")
    words = ["".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(600)]

    def text(count: int) -> str:
        return " ".join(chance.choices(words, range(600, 0, -1), k=count)).capitalize()

    entries = []
    for number in range(ENTRIES):
        address = f"https://gazette.example/{number}"
        body = "".join(f"<p>{text(28)} <a href='{address}'>{text(28)}</a>.</p>" for _ in range(5))
        at = f"2026-01-{1 + number // 24:02}T{number % 24:02}:00:00Z"
        entries.append(
            f"<entry><id>{address}</id><link href='{address}'/><title>{text(7)}</title>"
            f"<updated>{at}</updated><author><name>{text(2)}</name></author>"
            f"<category term='{('harbour', 'weather')[number % 2]}'/>"
            f"<content type='html'>{html.escape(body)}</content></entry>"
        )
    return (
        "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
        "<id>https://gazette.example/</id><title>The Bench Gazette</title>"
        f"<updated>2026-01-04T00:00:00Z</updated>{''.join(entries)}</feed>"
    )


@contextmanager
def _started(
    log: Path, command: Sequence[str], more: Mapping[str, str], serves: Callable[[], bool]
) -> Iterator[None]:
    """A process on the first processor, once it serves; ended at the end."""
    with log.open("wb") as told, _processor(0):
        env = {**os.environ, **more}
        process = subprocess.Popen(command, cwd=log.parent, stdout=told, stderr=told, env=env)
    try:
        over, is_up = time.monotonic() + PATIENCE, False
        while not is_up:
            with suppress(OSError, http.client.HTTPException):
                is_up = serves()
            if time.monotonic() > over or process.poll() is not None:
                sys.exit(f"bench: {' '.join(command)} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            for each in tree(process.pid) or [process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            process.wait()


@contextmanager
def _processor(which: int) -> Iterator[None]:
    """What is started meanwhile runs on this one of the processors, where there are several."""
    if len(before := _processors()) > 1:
        os.sched_setaffinity(0, {before[which]})
    try:
        yield
    finally:
        if len(before) > 1:
            os.sched_setaffinity(0, before)


def _processors() -> list[int]:
    """Those that we may use, or none where nobody can choose."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []


def _server(name: str, port: int) -> Server:
    return Server(name=name, port=port, tag=_ask(port, GZIP).headers["etag"])


def _ask(port: int, headers: Mapping[str, str] = PLAIN, path: str = FEED) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asked:
        asked.request("GET", path, headers=dict(headers))
        answer = asked.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(status=answer.status, headers=fields, body=answer.read())
