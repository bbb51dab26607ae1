"""The readers of a service: processes that read its documents, each of them replaceable.

An executor of the standard library breaks as a whole when one of its processes dies, and none of
them can be ended alone. Here a reader that dies costs the one document that it was at.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import msgspec

from aggregator.errors import ReaderError
from aggregator.model import Unreadable
from aggregator.reading import frames
from aggregator.reading.types import Document, Limits, Reading, Setup
from aggregator.settings import Vertical

log = logging.getLogger("broadsheet.reading")

MOST = 8
"""Readers at the most, however many processors there are."""

AHEAD = 2
"""Documents that a reader has at once: while it reads one, the next is there already."""

_READY_WITHIN = 200.0
"""Seconds that a new reader may take until it can read, on a machine that has much else to do."""

_ENDS_WITHIN = 2
"""Seconds in which a reader that has nothing to do ends when its socket is closed."""

_FAULT = "a fault in reading this document; please report it with its log"


@dataclass(slots=True, eq=False)
class _Asked:
    """A document that is to be read, and who waits for what it brings."""

    frame: bytes
    done: asyncio.Future[Reading | Unreadable]


@dataclass(slots=True, eq=False)
class _Reader:
    """One process, the socket to it, and the documents that it has, in their order."""

    process: subprocess.Popen[bytes]
    incoming: asyncio.StreamReader
    outgoing: asyncio.StreamWriter
    has: deque[_Asked] = field(default_factory=deque)

    async def answer(self, within: float) -> frames.Answer | None:
        """The next answer, in so many seconds; None where the process ended, or had to be ended."""
        try:
            async with asyncio.timeout(within):
                head = await self.incoming.readexactly(frames.LENGTH)
                body = await self.incoming.readexactly(int.from_bytes(head, "big"))
        except TimeoutError:
            self.process.kill()
            return None
        except (asyncio.IncompleteReadError, OSError):
            return None
        try:
            return frames.decode_answer(body)
        except msgspec.MsgspecError:  # who has read what is hostile may say anything
            self.process.kill()
            return None

    async def end(self) -> int:
        """Close the socket and wait for the process; what it returned, a signal below zero."""
        self.outgoing.close()
        try:
            return await asyncio.to_thread(self.process.wait, _ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return await asyncio.to_thread(self.process.wait)


def useful(sources: int) -> int:
    """How many readers do any good for so many sources: no more than there are processors."""
    return max(1, min(sources, MOST, len(os.sched_getaffinity(0))))


class Readers:
    """Reads documents in processes of its own; an async context manager, for one event loop.

    They are ready when it is entered. Each is replaced when it ends, and when it has read as many
    documents as `limits` has.

    Args:
        verticals: what entries are shelved by, until `adopt` names others.
        count: how many processes; by default one for each processor that we may use.
        limits: what reading one document may take.

    Raises:
        ReaderError: on entering, when none can be started.
    """

    def __init__(
        self,
        verticals: Sequence[Vertical],
        count: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
    ) -> None:
        self._count = count or useful(MOST)
        self._limits = limits
        self._verticals = tuple(verticals)
        self._adopted = False
        self._waiting: asyncio.Queue[_Asked] = asyncio.Queue()
        self._again: deque[_Asked] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self._alive: set[_Reader] = set()

    async def __aenter__(self) -> Self:
        try:
            started = await asyncio.gather(*(self._started() for _ in range(self._count)))
        except BaseException:
            await self._end_all()
            raise
        self._tasks = [asyncio.create_task(self._keep(reader)) for reader in started]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._end_all()

    async def read(self, document: Document) -> Reading | Unreadable:
        """What a document brings; `Unreadable` also where it takes too much time or memory."""
        done: asyncio.Future[Reading | Unreadable] = asyncio.get_running_loop().create_future()
        # Those who began with others learn of it with the next document, whoever gets that.
        asked = replace(document, verticals=self._verticals) if self._adopted else document
        self._waiting.put_nowait(_Asked(frames.framed(asked), done))
        return await done

    def adopt(self, verticals: Sequence[Vertical]) -> None:
        """Shelve by these what is sent to be read from now on."""
        self._verticals, self._adopted = tuple(verticals), True

    async def _keep(self, reader: _Reader) -> None:
        """Keep one reader at work, and a new one in its place when it is through."""
        while True:
            culprit = await self._work(reader)
            status = await self._end(reader)
            if culprit and not culprit.done.done():
                culprit.done.set_result(self._why_ended(status))
            self._again.extend(reader.has)
            reader = await self._replacement()

    async def _end_all(self) -> None:
        await asyncio.gather(*(self._end(reader) for reader in tuple(self._alive)))

    async def _end(self, reader: _Reader) -> int:
        status = await reader.end()
        self._alive.discard(reader)
        return status

    async def _work(self, reader: _Reader) -> _Asked | None:
        """Have it read until it is to be replaced; the document that it ended at, if it did."""
        left = self._limits.documents
        while left or reader.has:
            while left and len(reader.has) < AHEAD and (asked := self._next()):
                self._send(reader, asked)
                left -= 1
            if not reader.has:
                self._send(reader, await self._waiting.get())
                left -= 1
            answer = await reader.answer(self._limits.stall)
            asked = reader.has.popleft()
            if answer is None:
                return asked
            if not asked.done.done():
                asked.done.set_result(_result(answer))
            if answer.unreadable == self._limits.too_much:
                break  # what is left of its memory may not be enough for the next
        return None

    def _next(self) -> _Asked | None:
        if self._again:
            return self._again.popleft()
        return None if self._waiting.empty() else self._waiting.get_nowait()

    @staticmethod
    def _send(reader: _Reader, asked: _Asked) -> None:
        reader.outgoing.write(asked.frame)
        reader.has.append(asked)

    def _why_ended(self, status: int) -> Unreadable:
        """Why a document cost its reader."""
        if status == -signal.SIGPROF:
            return self._limits.too_long
        if status == -signal.SIGABRT:  # so Rust ends where it gets no memory
            return self._limits.too_much
        return Unreadable(
            reason=f"ended the process that read it (status {status}); it is left unread"
        )

    async def _replacement(self) -> _Reader:
        while True:
            try:
                return await self._started()
            except ReaderError as problem:
                log.error("%s", problem)  # noqa: TRY400 - it says all, for an operator
                await asyncio.sleep(1)

    async def _started(self) -> _Reader:
        """A new reader that is ready.

        Raises:
            ReaderError: there is none.
        """
        ours, its = socket.socketpair()
        with its:
            try:
                process = _process(its)
            except OSError as problem:
                ours.close()
                raise ReaderError(
                    f"{sys.executable}: cannot be started to read documents ({problem.strerror}); "
                    "check that there is memory and that processes may be made"
                ) from problem
        incoming, outgoing = await asyncio.open_connection(sock=ours)
        reader = _Reader(process, incoming, outgoing)
        self._alive.add(reader)
        setup = Setup(verticals=self._verticals, limits=self._limits)
        outgoing.write(frames.framed(setup))
        if await reader.answer(_READY_WITHIN) is None:
            status = await self._end(reader)
            raise ReaderError(
                f"{sys.executable}: a process that reads documents ended at once ({status}); "
                "what it says stands above; check that Broadsheet is installed whole"
            )
        return reader


def _process(connection: socket.socket) -> subprocess.Popen[bytes]:
    """A reader at the other end of this connection.

    A process of its own and not a fork of ours: what we have open, and the locks that our threads
    hold, are none of its business.
    """
    number = connection.fileno()
    return subprocess.Popen(  # noqa: S603 - our own program, and nothing from outside
        [sys.executable, "-P", "-m", "aggregator.reading.worker", str(number)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(number,),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def _result(answer: frames.Answer) -> Reading | Unreadable:
    if answer.fault is not None:
        log.error("a document cannot be read:\n%s", answer.fault)
    return answer.reading or answer.unreadable or Unreadable(reason=_FAULT)
