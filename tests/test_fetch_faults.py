"""Hosts that misbehave: each fault is one plain reason, in bounded time and memory."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import shutil
import socket
import ssl
import struct
import subprocess
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.fetch import Fetcher
from aggregator.model import Failed, Fetched, FetchResult
from tests.fetching import (
    FEED,
    LOOPBACK,
    NEVER_PULLED,
    OK_HEAD,
    body_of,
    pull,
    pull_answer,
    reason_of,
    redirect,
)
from tests.loopback import Answer, Origin, Request, drip, response, silence


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (silence, "no answer within 0.4 s"),
        (drip(b"HTTP/1.1 200 ", b"O", 0.05), "no answer within 0.4 s"),
        (drip(OK_HEAD, b"X-A: 1\r\n", 0.05), "no answer within 0.4 s"),
        (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.05), "no answer within 0.4 s"),
        (drip(OK_HEAD + b"\r\n", b"<", 0.05), "the body did not come whole within 0.4 s"),
    ],
)
async def test_a_slow_host_is_left_when_the_time_is_over(
    origin: Origin, answer: Answer, told: str
) -> None:
    start = time.monotonic()
    assert await pull_answer(origin, answer) == Failed(reason=told, silent=True)
    assert 0.35 < time.monotonic() - start < 30, "it came to an end"


async def test_the_time_counts_over_all_redirects(origin: Origin) -> None:
    async def late(request: Request) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.15)
        yield redirect(f"/{int(request.path[1:]) + 1}")

    for step in range(6):
        origin.answer(f"/{step}", late)
    start = time.monotonic()
    assert "no answer within 0.4 s" in reason_of(await pull(origin.url("/0")))
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "answered something that is not HTTP"),
        (b"\x00\xff\xfe\r\n\r\n", "answered something that is not HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "answered something that is not HTTP"),
        (OK_HEAD + b"no colon here\r\n\r\n", "answered something that is not HTTP"),
        (OK_HEAD + b"Content-Length: many\r\n\r\n", "answered something that is not HTTP"),
        (OK_HEAD + b"X: " + b"x" * 20_000 + b"\r\n\r\n", "answered with a header that is too long"),
        (OK_HEAD + b"X: x\r\n" * 500 + b"\r\n", "answered with too many headers"),
        (
            OK_HEAD + b"Content-Length: 500\r\n\r\n" + FEED,
            "closed the connection in the middle of the body, or broke its framing",
        ),
        (
            OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
            "closed the connection in the middle of the body, or broke its framing",
        ),
        (
            OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabcde\r\n",
            "answered something that is not HTTP",
        ),
    ],
)
async def test_a_broken_answer_is_a_failure_in_plain_words(
    origin: Origin, answer: bytes, told: str
) -> None:
    assert await pull_answer(origin, answer) == Failed(reason=told)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
IN_TIME = "the body did not come whole within 0.4 s"
BROKEN = "closed the connection in the middle of the body, or broke its framing"
LATE = f"{BROKEN}|{IN_TIME}"
"""What aiohttp leaves of a fault in the framing that comes later than the head."""

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (drip(OK_HEAD, b"X-A: 1\r\n" * 1000), "answered with too many headers"),
        (drip(OK_HEAD + b"X: ", b"x" * 10_000), "answered with a header that is too long"),
        (drip(OK_HEAD, b"x" * 10_000), "answered with a header that is too long"),
        (drip(OK_HEAD + b"X: a\r\n", b" b\r\n" * 999), "answered with a header that is too long"),
        (drip(b"HTTP/1.1 200 ", b"O" * 10_000), "answered with a header that is too long"),
        (drip(b"HTTP/1.1 2", b"0" * 10_000), "answered something that is not HTTP"),
        (drip(CHUNKED + b"5;", b"x" * 10_000), IN_TIME),
        (
            drip(CHUNKED + b"0\r\n", b"X-A: 1\r\n" * 1000),
            f"answered with too many headers|{LATE}",
        ),
        (
            drip(CHUNKED + b"0\r\nX: ", b"x" * 10_000),
            f"answered with a header that is too long|{LATE}",
        ),
        (drip(b"", EARLY * 500), "no answer within 0.4 s"),
        (drip(b"", b"\r\n" * 5000), "no answer within 0.4 s"),
    ],
)
async def test_what_has_no_end_ends_in_little_memory(
    origin: Origin, answer: Answer, told: str
) -> None:
    origin.answer("/feed", answer)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        await fetcher.fetch(origin.url("/warm"), NEVER_PULLED)
        tracemalloc.start()
        result = await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert re.fullmatch(told, reason_of(result))
    assert peak < 20_000_000


@pytest.mark.parametrize("status", [b"404 Not Found", b"500 Oops"])
async def test_a_body_that_is_of_no_use_is_not_read(origin: Origin, status: bytes) -> None:
    endless = drip(b"HTTP/1.1 " + status + b"\r\n\r\n", b"x" * 10_000)
    origin.answer("/feed", endless)
    origin.serve("/other", FEED)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        assert reason_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED))
        assert body_of(await fetcher.fetch(origin.url("/other"), NEVER_PULLED)) == FEED


async def test_more_than_was_asked_for_is_not_taken_for_the_next_answer(origin: Origin) -> None:
    first = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

    async def both(request: Request) -> AsyncIterator[bytes]:
        yield first + forged
        await asyncio.sleep(0.2)

    origin.answer("/feed", both)
    origin.serve("/other", FEED)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        await fetcher.fetch(origin.url("/feed"), replace(NEVER_PULLED, etag='"1"'))
        result = await fetcher.fetch(origin.url("/other"), NEVER_PULLED)
    assert not isinstance(result, Fetched) or result.body == FEED


async def test_a_body_whose_framing_breaks_later_ends_in_time(origin: Origin) -> None:
    head = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
    assert reason_of(await pull_answer(origin, drip(head, b"zz\r\n", 0.05)))


async def test_no_garbled_answer_raises(origin: Origin) -> None:
    dice = random.Random(13)
    served = OK_HEAD + b'ETag: "1"\r\nCache-Control: max-age=3\r\n\r\n' + FEED
    wait = response(429, headers={"Retry-After": "Sun, 01 Mar 2026 12:30:00 GMT"})
    answers = [
        served,
        response(200, gzip.compress(FEED, mtime=0), {"Content-Encoding": "gzip"}),
        redirect("http://127.0.0.1/x?y=1"),
        wait,
    ]
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        for _ in range(200):
            garbled = bytearray(dice.choice(answers))
            for _ in range(dice.randint(1, 6)):
                garbled[dice.randrange(len(garbled))] = dice.randrange(256)
            origin.answer("/feed", bytes(garbled))
            result = await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)
            assert isinstance(result, FetchResult)


async def test_a_header_of_ten_thousand_bytes_is_taken(origin: Origin) -> None:
    origin.serve("/feed", FEED, headers={"Content-Security-Policy": "x" * 10_000})
    assert body_of(await pull(origin.url("/feed"))) == FEED


async def test_a_connection_that_is_reset_is_a_failure() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.close()

    async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reason = reason_of(await pull(f"http://127.0.0.1:{port}/feed"))
    assert reason == "the connection broke: Connection reset by peer"


async def test_a_closed_port_is_a_failure() -> None:
    with Origin() as closed:
        pass
    assert "no connection: " in reason_of(await pull(closed.url("/feed")))


async def test_a_name_without_an_address_is_a_failure() -> None:
    assert "(DNS)" in reason_of(await pull("http://no-such-host.invalid/feed"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "//lantern.example/feed",
        "ftp://lantern.example/feed",
        "file:///etc/passwd",
        "http:///feed",
        "http://[::1/feed",
        "http://lantern.example:99999/",
        "http://" + "a" * 70 + ".example/",
        "http://lantern..example/",
        "http://xn--0.example:port/",
        "http://\ud800/",
        "http://a b.example/",
    ],
)
async def test_an_address_that_cannot_be_asked_is_a_failure(url: str) -> None:
    assert reason_of(await pull(url))


async def test_tls_that_is_none_is_a_failure() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response(400))
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert reason_of(await pull(f"https://127.0.0.1:{port}/feed")).startswith("TLS: ")


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS, with a certificate made on the spot."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


async def test_a_certificate_nobody_vouches_for_is_a_failure(self_signed: ssl.SSLContext) -> None:
    with Origin(ssl=self_signed) as origin:
        origin.serve("/feed", FEED)
        reason = reason_of(await pull(origin.url("/feed")))
    assert reason.startswith("TLS: certificate not accepted: ")
    assert origin.requests == []


async def test_cancelling_a_fetch_passes_through(origin: Origin) -> None:
    origin.answer("/feed", silence)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        task = asyncio.create_task(fetcher.fetch(origin.url("/feed"), NEVER_PULLED))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
