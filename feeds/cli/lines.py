"""Lines for whoever reads them, in a pipe most often: thousands in a second."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
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
        self._try(lambda: self._stream.write(f"{text}\n"))
        if not self._is_flushing:
            self._is_flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def close(self, text: str) -> None:
        """Write the last line, wherever."""
        self._try(lambda: self._stream.write(f"{text}\n"))
        self._try(self._stream.flush)

    def _flush(self) -> None:
        self._is_flushing = False
        self._try(self._stream.flush)

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as problem:
            if not isinstance(problem, BrokenPipeError):
                told = "the lines cannot be written (%s); what they tell of goes on"
                log.warning(told, problem.strerror)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
