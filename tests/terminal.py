"""The program as somebody at a terminal meets it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from tests.service import PATIENCE, PROGRAM, _environment

_OF_THE_TESTER = ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR")


def on_a_terminal(
    folder: Path, *arguments: str, piped: bool = False, columns: int = 0, **environ: str
) -> tuple[int, str, str]:
    """A command whose stderr, and stdout unless it is piped, is one: its code, and what it wrote.

    The last is what went into the pipe. A terminal of 0 columns does not tell how many it has.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    inherited = {k: v for k, v in _environment().items() if k not in _OF_THE_TESTER}
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=inherited | {"TERM": "xterm"} | environ,
        stdin=slave,
        stdout=subprocess.PIPE if piped else slave,
        stderr=slave,
        text=True,
    ) as process:
        os.close(slave)
        written = b"".join(iter(lambda: _read(master), b"")).decode()
        os.close(master)
        into_pipe = process.stdout.read() if process.stdout else ""
        return process.wait(PATIENCE), written, into_pipe


def _read(master: int) -> bytes:
    try:
        return os.read(master, 4096)
    except OSError:  # the end of a terminal
        return b""
