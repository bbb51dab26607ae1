"""A line at the foot of a terminal that says how far a round has come."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from typing import TextIO

BEHIND = "\x1b[K"
"""Clears what is left of a longer line (ECMA-48 8.3.41)."""

_LEAST_BAR, _MOST_BAR = 10, 40
_COLUMNS = 80
_PAUSE = 0.1
"""Seconds between two pictures, at least: more could not be read, and would cost."""


def suits(stream: TextIO) -> bool:
    """Whether there is a terminal behind it on which a line can be written over."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def line(done: int, expected: int, failed: int, new: int, columns: int) -> str:
    """How far a round has come, on one line of at most so many columns.

    Where it is not known how many sources there are to be there is no bar.
    """
    told = f"{done} sources"
    if expected:
        of = max(done, expected)
        told = f"{done}/{of} sources {100 * done // of:3}%"
    told += f"  {failed} failed  {new} new"
    room = min(columns - len(told) - 3, _MOST_BAR)
    if expected and room >= _LEAST_BAR:
        full = room * done // max(done, expected)
        told = f"[{'#' * full}{'.' * (room - full)}] {told}"
    return told[:columns]


class Bar(io.TextIOBase):
    """The line on its stream; lines that are written to the bar go above it, whole.

    A picture goes out in one write over the one before it, so that nothing flickers.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._shown = ""
        self._next = 0.0

    def show(self, picture: Callable[[int], str]) -> None:
        """Show what `picture` makes of the number of columns, if the last one is old enough."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PAUSE
            # A terminal that has just been filled to its last column may go on to the next line.
            self._shown = picture(self._columns() - 1)
            self._put(f"\r{self._shown}{BEHIND}")

    def write(self, text: str) -> int:
        """Write lines above the bar."""
        if text:
            self._put(f"\r{text.rstrip()}{BEHIND}\n{self._shown}")
        return len(text)

    def close(self) -> None:
        """Take the bar away; what comes next begins where it stood."""
        if self._shown:
            self._shown = ""
            self._put(f"\r{BEHIND}")
        super().close()

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS
        except OSError:
            return _COLUMNS
