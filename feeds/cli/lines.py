"""Lines for whoever reads them, in a pipe most often: thousands in a second."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TextIO

log = logging.getLogger("broadsheet.cli")


class Lines:
    """Lines on a stream; what one turn of the event loop puts there goes out at once.

    Where nobody reads them any more (`| head`), or a disk is full, they go nowhere: what they tell
    of goes on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_flushing = False

    def put(self, text: str) -> None:
        """Write a line, inside an event loop."""
        try:
            self._stream.write(f"{text}\n")
        except OSError as problem:
            self._to_nobody(problem)
        if not self._is_flushing:
            self._is_flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def close(self, text: str) -> None:
        """Write the last line, wherever."""
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except OSError as problem:
            self._to_nobody(problem)

    def _flush(self) -> None:
        self._is_flushing = False
        try:
            self._stream.flush()
        except OSError as problem:
            self._to_nobody(problem)

    def _to_nobody(self, problem: OSError) -> None:
        if not isinstance(problem, BrokenPipeError):
            told = "the lines cannot be written (%s); what they tell of goes on"
            log.warning(told, problem.strerror)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
