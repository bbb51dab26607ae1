"""A reader: a process that reads documents, so that none of them can harm the service.

It is started with the number of a socket, over which its setup comes first and then documents,
one after another. It ends with the socket. What takes too much time or memory ends it at once.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Iterator

from aggregator.model import Unreadable
from aggregator.reading import frames
from aggregator.reading.document import read
from aggregator.reading.types import Document, Limits
from aggregator.verticals import Shelves

NICENESS = 19
"""Whoever asks for a feed comes before whoever reads one."""


def main(number: int) -> None:
    """Read what comes over the socket with this number, until it is closed."""
    # What ends the service, a terminal's Ctrl-C say, must not end a document that is being read.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    os.nice(NICENESS)
    with socket.socket(fileno=number) as connection:
        incoming = _frames(connection)
        setup = frames.decode_setup(next(incoming))
        memory = setup.limits.memory
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        verticals = setup.verticals
        shelves = Shelves(verticals)
        connection.sendall(frames.framed(frames.Answer()))
        _silence()
        for frame in incoming:
            document = frames.decode_document(frame)
            if document.verticals is not None and document.verticals != verticals:
                verticals = document.verticals
                shelves = Shelves(verticals)
            answer = _answer(document, shelves, setup.limits)
            connection.sendall(frames.framed(answer))


def _answer(document: Document, shelves: Shelves, limits: Limits) -> frames.Answer:
    # Nobody listens to the signal: it ends the process, in the middle of whatever it is at.
    signal.setitimer(signal.ITIMER_PROF, limits.seconds)
    try:
        result = read(document, shelves)
    except MemoryError:
        return frames.Answer(unreadable=limits.too_much)
    except Exception:  # noqa: BLE001 - one document must not cost the others their pull
        return frames.Answer(fault=traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if isinstance(result, Unreadable):
        return frames.Answer(unreadable=result)
    return frames.Answer(reading=result)


def _frames(connection: socket.socket) -> Iterator[bytes]:
    with connection.makefile("rb") as incoming:
        while head := incoming.read(frames.LENGTH):
            yield incoming.read(int.from_bytes(head, "big"))


def _silence() -> None:
    """Whatever a library has to say from here on is no line for a log."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stderr.fileno())
    os.close(nothing)


if __name__ == "__main__":
    main(int(sys.argv[1]))
