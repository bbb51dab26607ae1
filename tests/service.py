"""The program as its operators and readers meet it: processes of their own, and a port.

    with serving(folder) as service:                      # `broadsheet serve --port 0`
        answer = service.get("/feeds/all.atom")
        assert answer.status == 200
    assert broadsheet(folder, "status").returncode == 0   # any command, to its end

A service that does not end by SIGTERM with 0, or leaves a traceback in its log, fails its test.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import IO

PROGRAM = (sys.executable, "-m", "feeds")

PATIENCE = 120
"""Seconds after which a process that should have ended has hung."""

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: header names are in lower case, in the order in which they came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def field(self, name: str) -> str | None:
        """The value of a header, or None."""
        return dict(self.headers).get(name)

    @property
    def text(self) -> str:
        """The body, which must be UTF-8."""
        return self.body.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running `broadsheet serve`: `address` is where it said that it listens."""

    address: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def port(self) -> int:
        """The port in `address`."""
        return int(self.address.rpartition(":")[2])

    def connect(self) -> HTTPConnection:
        """A connection, to be closed by who asked for it."""
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, headers: Iterable[tuple[str, str]] = ()) -> Answer:
        """The answer to one request on a connection of its own; a header may come twice."""
        connection, headers = self.connect(), list(headers)
        chosen = any(name.lower() == "accept-encoding" for name, _ in headers)
        try:
            connection.putrequest(method, path, skip_accept_encoding=chosen)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            fields = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(status=response.status, headers=fields, body=response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET; `if_none_match="…"` is the header If-None-Match."""
        return self.ask("GET", path, [(k.replace("_", "-"), v) for k, v in headers.items()])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Service]:
    """A service on the config.toml of this folder and on a free port, while the block lasts."""
    log = folder / f"serve-{next(_NUMBERS)}.log"
    with log.open("w") as errors, running(folder, "serve", "--port", "0", *options, to=errors) as p:
        assert p.stdout
        told = p.stdout.readline()
        said = re.fullmatch(r"Broadsheet \S+ listens on (http://\S+)/\n", told)
        assert said, f"{told}{log.read_text()}"
        service = Service(address=said[1], process=p, log=log)
        yield service
        if p.poll() is None:
            code = service.end()
            assert code == 0, f"ended with {code}\n{log.read_text()}"
    assert "Traceback" not in log.read_text()


@contextmanager
def running(
    folder: Path, *arguments: str, to: IO[str] | int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """A command in this folder, its stderr going `to` a file; killed if it outlives the block."""
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=to,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def broadsheet(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command in this folder, to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=_environment() | environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _environment() -> dict[str, str]:
    """Our own, without what would change what is tested."""
    return {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET")}
