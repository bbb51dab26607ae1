"""A loopback HTTP origin for tests: scripted answers, every request on record.

    async with Origin() as origin:                       # or `with`: it runs in its own thread
        origin.serve("/feed.xml", body, headers={"ETag": '"1"'})
        origin.answer("/moved", response(301, headers={"Location": "/feed.xml"}))
        origin.answer("/never", silence)
        ...                                              # ask for origin.url("/feed.xml")
        assert origin.requests[-1].field("If-None-Match") == '"1"'

`serve` gives well-formed answers and keeps the connection; `answer` gives any bytes at all, at
once or drop by drop, and then closes it. A path that nothing was said of is a 404.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from ssl import SSLContext
from typing import Self

_TLS_HELLO = b"\x16"  # RFC 8446 5.1: how the record begins that a client sends first


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came: `head` are its raw bytes up to the empty line, `at` is monotonic.

    `when` is the time by the clock of its origin.
    """

    method: str
    path: str
    head: bytes
    body: bytes
    at: float
    when: datetime

    def field(self, name: str) -> str | None:
        """The value of a header field, byte for byte as Latin-1, or None."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").lower() == name.lower():
                return value.strip().decode("latin-1")
        return None

    @property
    def fields(self) -> list[str]:
        """The names of its header fields, in lower case, as often as they came."""
        lines = self.head.rstrip(b"\r\n").split(b"\r\n")[1:]
        return [line.partition(b":")[0].decode("latin-1").lower() for line in lines]


Answer = bytes | Callable[[Request], bytes | AsyncIterator[bytes]]
"""Bytes to send, or what makes them of the request: all at once, or drop by drop."""


def response(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A well-formed answer that says the connection will close."""
    fields = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode("latin-1") + b"\r\n" + body


async def silence(request: Request) -> AsyncIterator[bytes]:
    """An answer that never comes."""
    await asyncio.Event().wait()
    yield b""


def drip(head: bytes, drop: bytes, every: float = 0.0) -> Answer:
    """An answer whose body never ends: `head`, then a `drop` each `every` seconds."""

    async def drops(request: Request) -> AsyncIterator[bytes]:
        yield head
        while True:
            yield drop
            await asyncio.sleep(every)

    return drops


def in_turn(*answers: bytes) -> Answer:
    """One of these to each request, the last one again and again."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def _utc() -> datetime:
    return datetime.now(UTC)


class Origin:
    """An HTTP/1.1 server on a loopback address, in its own thread, while the block lasts.

    `requests` are all that came, in order; `open_now`, `open_most` and `accepted` count
    connections. A `port` of 0 is any that is free; `clock` is what the requests' `when` tells.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        ssl: SSLContext | None = None,
        port: int = 0,
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self.host = host
        self.port = port
        self.accepted = 0
        self.requests: list[Request] = []
        self.open_now = 0
        self.open_most = 0
        self._ssl = ssl
        self._clock = clock
        self._answers: dict[str, Answer] = {}
        self._served: dict[str, tuple[bytes, dict[str, str]]] = {}

    def url(self, path: str) -> str:
        """The address of `path` here."""
        scheme = "https" if self._ssl else "http"
        return f"{scheme}://{self.host}:{self.port}{path}"

    def is_untouched(self) -> bool:
        """Whether nobody has ever connected. Connections are taken in order: ours is the last."""
        with socket.create_connection((self.host, self.port)) as last:
            last.sendall(b"GET /untouched HTTP/1.0\r\n\r\n")
            last.recv(1)
        self.accepted -= 1
        self.requests.pop()
        return (self.accepted, self.requests) == (0, [])

    def serve(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str = "application/rss+xml",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer `path` with a 200, or with a 304 where the request's validators say so.

        An ETag or Last-Modified among `headers` is what they are compared with, as text.
        """
        self._answers.pop(path, None)
        self._served[path] = (body, {"Content-Type": content_type, **(headers or {})})

    def answer(self, path: str, answer: Answer) -> None:
        """Answer `path` with these bytes, whatever they are, and close the connection."""
        self._answers[path] = answer

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.__exit__)

    async def _run(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, self.host, self.port, ssl=self._ssl)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client had enough
        finally:
            self.open_now -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection stays."""
        first = await reader.readexactly(1)
        if first == _TLS_HELLO:  # from one who asks by https where nobody speaks it
            return False
        head = first + await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        request = Request(
            method=method, path=path, head=head, body=b"", at=time.monotonic(), when=self._clock()
        )
        length = int(request.field("Content-Length") or 0)
        if length:
            request = replace(request, body=await reader.readexactly(length))
        self.requests.append(request)
        answer = self._answers.get(path)
        if answer is None:
            writer.write(self._well_formed(request))
            await writer.drain()
            return True
        await _send(answer if isinstance(answer, bytes) else answer(request), writer)
        return False

    def _well_formed(self, request: Request) -> bytes:
        served = self._served.get(request.path)
        if served is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        body, headers = served
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
        if _stands(request, headers):
            return b"HTTP/1.1 304 Not Modified\r\n" + fields + b"\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), fields, body)


def _stands(request: Request, headers: Mapping[str, str]) -> bool:
    """Whether what the client has is what we have, byte for byte (RFC 9110 13.2.2)."""
    held, ours = request.field("If-None-Match"), headers.get("ETag")
    if held is None:
        held, ours = request.field("If-Modified-Since"), headers.get("Last-Modified")
    return held is not None and ours is not None and held.encode("latin-1") == ours.encode()


async def _send(answer: bytes | AsyncIterator[bytes], writer: asyncio.StreamWriter) -> None:
    if isinstance(answer, bytes):
        writer.write(answer)
        await writer.drain()
        return
    async for drop in answer:
        writer.write(drop)
        await writer.drain()
