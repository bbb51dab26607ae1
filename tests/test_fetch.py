"""One conditional GET: what it sends, what its answers mean, and what it survives."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import random
import shutil
import socket
import ssl
import struct
import subprocess
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aggregator.fetch import Fetcher, read_file, seed_files
from aggregator.fetch.headers import max_age, retry_after
from aggregator.fetch.inflate import Body
from aggregator.fetch.reasons import UnusableError
from aggregator.fetch.turns import Turns
from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified, SourceState
from aggregator.settings import PullSettings
from tests.loopback import Answer, Origin, Request, drip, response, silence

FEED = b"<rss version='2.0'><channel><title>The Lantern</title></channel></rss>"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEVER_PULLED = SourceState(source=1)
LOOPBACK = PullSettings(
    timeout=timedelta(seconds=0.4),
    max_body=100_000,
    per_host_interval=timedelta(0),
    allow_networks=(ip_network("127.0.0.0/8"),),
)
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


async def pull(
    url: str, state: SourceState = NEVER_PULLED, settings: PullSettings = LOOPBACK
) -> FetchResult:
    async with Fetcher(settings, "Broadsheet/0", clock=lambda: NOON) as fetcher:
        return await fetcher.fetch(url, state)


async def pull_answer(origin: Origin, answer: Answer) -> FetchResult:
    origin.answer("/feed", answer)
    return await pull(origin.url("/feed"))


def body_of(result: FetchResult) -> bytes:
    assert isinstance(result, Fetched), result
    return result.body


def reason_of(result: FetchResult) -> str:
    assert isinstance(result, Failed), result
    assert "\n" not in result.reason
    return result.reason


def redirect(location: str, status: int = 301) -> bytes:
    return response(status, headers={"Location": location})


# ---- what is sent -------------------------------------------------------------------------------


async def test_a_first_request_says_who_asks_and_for_what_and_nothing_else(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    await pull(origin.url("/feed"))
    (request,) = origin.requests
    names = {line.split(b":")[0] for line in request.head.strip().split(b"\r\n")[1:]}
    assert names == {b"Host", b"User-Agent", b"Accept", b"Accept-Encoding"}
    assert request.method == "GET"
    assert request.field("User-Agent") == "Broadsheet/0"
    assert request.field("Accept-Encoding") == "gzip, deflate"
    for kind in ("atom+xml", "rss+xml", "feed+json", "rdf+xml", "*/*;q=0.1"):
        assert kind in (request.field("Accept") or "")


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"a"', "Sun, 01 Mar 2026 12:00:00 GMT"),
        ('W/"weak, with a comma"', None),
        ("without-quotes", "last tuesday,  about noon"),
        ('"päper"', None),
        (None, "0"),
    ],
)
async def test_validators_go_out_as_they_came_in_byte_for_byte(
    origin: Origin, etag: str | None, last_modified: str | None
) -> None:
    named = {"ETag": etag, "Last-Modified": last_modified}
    origin.serve("/feed", FEED, headers={name: value for name, value in named.items() if value})
    first = await pull(origin.url("/feed"))
    assert isinstance(first, Fetched)
    assert (first.etag, first.last_modified) == (etag, last_modified)
    state = replace(NEVER_PULLED, etag=first.etag, last_modified=first.last_modified)
    assert isinstance(await pull(origin.url("/feed"), state), NotModified)
    sent = origin.requests[-1]
    assert (sent.field("If-None-Match") or "").encode("latin-1") == (etag or "").encode()
    assert sent.field("If-Modified-Since") == last_modified


async def test_a_validator_that_could_not_be_sent_back_the_same_is_forgotten(
    origin: Origin,
) -> None:
    answer = OK_HEAD + b'ETag: "caf\xe9"\r\nLast-Modified: \xff\r\nContent-Length: 0\r\n\r\n'
    result = await pull_answer(origin, answer)
    assert isinstance(result, Fetched)
    assert (result.etag, result.last_modified) == (None, None)


@pytest.mark.parametrize(
    "path",
    [
        "/a%2fb?sig=%2B%3d%7E&x=a+b&amp;y",
        "/~user/./x/../y?q=a,b;c:d@e/f?g",
        "/%zz?u=http://h/%41",
        "/quote'(1)*!$[2]|{3}^`\\",
    ],
)
async def test_an_address_goes_out_unrewritten(origin: Origin, path: str) -> None:
    origin.serve(path, FEED)
    assert body_of(await pull(origin.url(path))) == FEED
    origin.answer("/moved", redirect(origin.url(path)))
    assert body_of(await pull(origin.url("/moved"))) == FEED


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/a b", "/a%20b"),
        ("/x\r\nInjected: 1", "/x%0D%0AInjected:%201"),
        ("/ü?ö", "/%C3%BC?%C3%B6"),
    ],
)
async def test_what_no_request_line_can_hold_is_escaped(
    origin: Origin, path: str, asked: str
) -> None:
    origin.serve(asked, FEED)
    assert body_of(await pull(origin.url(path))) == FEED


async def test_an_account_in_the_address_goes_to_its_own_origin_only(origin: Origin) -> None:
    origin.answer("/feed", redirect("/here"))
    with Origin("127.0.0.2") as elsewhere:
        origin.answer("/here", redirect(elsewhere.url("/there")))
        elsewhere.answer("/there", redirect(f"http://eve:x@127.0.0.2:{elsewhere.port}/last"))
        elsewhere.serve("/last", FEED)
        url = origin.url("/feed").replace("//", "//ann:p%40ss@")
        result = await pull(url, replace(NEVER_PULLED, etag='"1"'))
    assert isinstance(result, Fetched)
    assert result.url == elsewhere.url("/last")
    sent = [request.field("Authorization") for request in origin.requests + elsewhere.requests]
    assert sent == ["Basic YW5uOnBAc3M=", "Basic YW5uOnBAc3M=", None, None]
    assert {request.field("If-None-Match") for request in elsewhere.requests} == {'"1"'}


async def test_no_cookie_is_kept_and_no_referer_sent(origin: Origin) -> None:
    origin.answer("/feed", response(302, headers={"Location": "/b", "Set-Cookie": "id=1; Path=/"}))
    origin.serve("/b", FEED, headers={"Set-Cookie": "id=2; Path=/"})
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        for _ in range(2):
            await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)
    assert len(origin.requests) == 4
    for request in origin.requests:
        assert request.field("Cookie") is None
        assert request.field("Referer") is None


async def test_proxy_variables_are_not_heeded(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    origin.serve("/feed", FEED)
    assert body_of(await pull(origin.url("/feed"))) == FEED


# ---- what an answer means -----------------------------------------------------------------------


async def test_a_200_brings_the_body_and_what_its_headers_say(origin: Origin) -> None:
    headers = {"Content-Language": "pt-BR", "ETag": '"1"', "Cache-Control": "public, max-age=600"}
    origin.serve("/feed", FEED, content_type="text/xml; charset=iso-8859-1", headers=headers)
    assert await pull(origin.url("/feed#part")) == Fetched(
        url=origin.url("/feed"),
        body=FEED,
        content_type="text/xml; charset=iso-8859-1",
        content_language="pt-BR",
        etag='"1"',
        max_age=timedelta(minutes=10),
    )


async def test_a_200_may_say_nothing_but_its_body(origin: Origin) -> None:
    result = await pull_answer(origin, b"HTTP/1.0 200 OK\r\n\r\n" + FEED)
    assert result == Fetched(url=origin.url("/feed"), body=FEED)


@pytest.mark.parametrize("answer", [response(200), b"HTTP/1.1 204 No Content\r\n\r\n"])
async def test_an_empty_answer_is_an_empty_body(origin: Origin, answer: bytes) -> None:
    assert body_of(await pull_answer(origin, answer)) == b""


async def test_a_304_gives_its_validators(origin: Origin) -> None:
    headers = {"ETag": '"2"', "Last-Modified": "then", "Cache-Control": "max-age=60"}
    origin.answer("/feed", response(304, headers=headers))
    result = await pull(origin.url("/feed"), replace(NEVER_PULLED, etag='"1"'))
    assert result == NotModified(etag='"2"', last_modified="then", max_age=timedelta(minutes=1))


async def test_a_304_that_nobody_asked_for_is_a_failure(origin: Origin) -> None:
    result = await pull_answer(origin, response(304, headers={"ETag": '"2"'}))
    assert "304 Not Modified to a request without validators" in reason_of(result)


async def test_a_410_is_gone(origin: Origin) -> None:
    assert await pull_answer(origin, response(410)) == Gone()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (response(404), "answered 404 Not Found; check the address"),
        (response(403), "answered 403 Forbidden"),
        (response(500, b"<h1>oops</h1>"), "answered 500 Internal Server Error"),
        (response(206), "answered 206 Partial Content"),
        (response(226), "answered 226 IM Used"),
        (response(300), "answered 300 Multiple Choices"),
        (b"HTTP/1.1 500 a \x1b[31mred lie\r\n\r\n", "answered 500 Internal Server Error"),
        (b"HTTP/1.1 799 own words\r\n\r\n", "answered 799 own words"),
        (b"HTTP/1.1 799\r\n\r\n", "answered 799"),
    ],
)
async def test_any_other_status_is_a_failure_that_names_it(
    origin: Origin, answer: bytes, told: str
) -> None:
    assert await pull_answer(origin, answer) == Failed(reason=told)


async def test_a_401_says_where_user_and_password_go(origin: Origin) -> None:
    assert "USER:PASSWORD@" in reason_of(await pull_answer(origin, response(401)))


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, timedelta(minutes=2)),
        (503, {"Retry-After": "0"}, timedelta(0)),
        (503, {"Retry-After": "Sun, 01 Mar 2026 13:00:00 GMT"}, timedelta(hours=1)),
        (
            429,
            {
                "Date": "Sat, 28 Feb 2026 10:00:00 GMT",
                "Retry-After": "Sat, 28 Feb 2026 10:30:00 GMT",
            },
            timedelta(minutes=30),
        ),
        (429, {"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, timedelta(0)),
        (429, {"Retry-After": "soon"}, None),
        (503, {}, None),
        (
            503,
            {"Date": "yesterday", "Retry-After": "Sun, 01 Mar 2026 12:30:00 GMT"},
            timedelta(0.5 / 24),
        ),
        (404, {"Retry-After": "120"}, None),
    ],
)
async def test_retry_after_is_read_of_a_429_and_a_503(
    origin: Origin, status: int, headers: Mapping[str, str], wait: timedelta | None
) -> None:
    result = await pull_answer(origin, response(status, headers=headers))
    assert isinstance(result, Failed)
    assert result.retry_after == wait


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("max-age=60", 60),
        ("public, MAX-AGE=60, must-revalidate", 60),
        ('max-age="60"', 60),
        ("max-age=60, max-age=5", 60),
        ("max-age=0", 0),
        ("max-age=" + "9" * 5000, 2**31),
        ("s-maxage=60", None),
        ("max-age=-1", None),
        ("max-age=1.5", None),
        ("max-age", None),
        ("x-max-age=60", None),
        ("", None),
    ],
)
def test_max_age_is_read_and_garbage_is_not(text: str, seconds: int | None) -> None:
    assert max_age(text) == (None if seconds is None else timedelta(seconds=seconds))


HEADER_TEXT = st.text('0123456789 ,:=-+"GMTSunMarmaxage\xe9', max_size=40)


@hypothesis_settings(max_examples=200, deadline=None)
@given(HEADER_TEXT, HEADER_TEXT)
def test_header_garbage_is_a_time_of_zero_or_more_or_nothing(value: str, date: str) -> None:
    for wait in (retry_after(value, date, NOON), max_age(value)):
        assert wait is None or wait >= timedelta(0)


@pytest.mark.parametrize("value", ["9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wish_beyond_all_measure_is_still_a_time(value: str) -> None:
    wait = retry_after(value, "", NOON)
    assert wait is not None
    assert wait > timedelta(days=10_000)


def test_a_date_without_a_zone_counts_as_utc() -> None:
    assert retry_after("Sun, 01 Mar 2026 12:00:10 -0000", "", NOON) == timedelta(seconds=10)


# ---- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_the_validators(origin: Origin, status: int) -> None:
    origin.answer("/a/feed", redirect("../b?x=1#part", status))
    origin.serve("/b?x=1", FEED, headers={"ETag": '"1"'})
    result = await pull(origin.url("/a/feed"))
    assert isinstance(result, Fetched)
    assert result.url == origin.url("/b?x=1")
    held = replace(NEVER_PULLED, etag='"1"')
    assert await pull(origin.url("/a/feed"), held) == NotModified(etag='"1"')


async def test_the_latin_1_of_an_old_server_is_kept(origin: Origin) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: /caf\xe9?\xfc\r\n\r\n"
    origin.answer("/feed", moved)
    origin.serve("/caf%E9?%FC", FEED)
    assert body_of(await pull(origin.url("/feed"))) == FEED


async def test_redirects_end_after_max_redirects(origin: Origin) -> None:
    for step in range(5):
        origin.answer(f"/{step}", redirect(f"/{step + 1}"))
    origin.serve("/5", FEED)
    assert body_of(await pull(origin.url("/0"))) == FEED
    tight = replace(LOOPBACK, max_redirects=4)
    assert "more than 4 times" in reason_of(await pull(origin.url("/0"), settings=tight))
    assert origin.requests[-1].path == "/4"


async def test_a_circle_of_redirects_is_seen_at_once(origin: Origin) -> None:
    origin.answer("/a", redirect("/b"))
    origin.answer("/b", redirect("/a"))
    reason = reason_of(await pull(origin.url("/a")))
    assert "in a circle" in reason
    assert origin.url("/b") in reason
    assert len(origin.requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        "",
        "ftp://files.example/feed",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1/",
        "http://lantern.example:99999/",
        "ftp://files.example/\x1b[31m",
        "https:///feed",
    ],
)
async def test_a_location_that_leads_nowhere_is_a_failure(origin: Origin, location: str) -> None:
    reason = reason_of(await pull_answer(origin, redirect(location)))
    assert "\x1b" not in reason
    assert len({request.path for request in origin.requests}) == 1


async def test_a_failure_behind_a_redirect_names_the_address_with_its_secrets_masked(
    origin: Origin,
) -> None:
    origin.answer("/feed", redirect("/gone?key=s3cret"))
    reason = reason_of(await pull(origin.url("/feed")))
    assert "404 Not Found" in reason
    assert "/gone" in reason
    assert "s3cret" not in reason


# ---- bodies -------------------------------------------------------------------------------------

GZIP = gzip.compress(FEED, mtime=0)


def coded(coding: str, body: bytes) -> bytes:
    return response(200, body, {"Content-Encoding": coding})


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIP),
        ("X-GZip", GZIP),
        ("gzip", gzip.compress(FEED[:20], mtime=0) + gzip.compress(FEED[20:], mtime=0)),
        ("gzip", GZIP + b"\0" * 512),
        ("gzip", GZIP + b"\0" * 512 + GZIP),
        ("deflate", zlib.compress(FEED)),
        ("deflate", zlib.compress(FEED, level=0)),
        ("deflate", zlib.compress(FEED, level=0, wbits=-15)),
        ("deflate", zlib.compress(FEED, wbits=-15)),
        ("deflate", zlib.compress(FEED) + b"trailer"),
        ("identity", FEED),
        ("", FEED),
    ],
)
async def test_a_coded_body_is_decoded(origin: Origin, coding: str, body: bytes) -> None:
    assert body_of(await pull_answer(origin, coded(coding, body))) == FEED


async def test_an_empty_body_needs_no_coding(origin: Origin) -> None:
    assert body_of(await pull_answer(origin, coded("gzip", b""))) == b""


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd", "\x01x"])
async def test_a_coding_that_was_not_asked_for_is_a_failure(origin: Origin, coding: str) -> None:
    assert reason_of(await pull_answer(origin, coded(coding, FEED)))


@pytest.mark.parametrize(
    ("coding", "body", "told"),
    [
        ("gzip", FEED, "the body is not the gzip it says it is"),
        ("gzip", GZIP[:-8] + bytes(8), "the body is not the gzip it says it is"),
        ("gzip", GZIP[:-9], "the gzip body breaks off before its end"),
        ("gzip", GZIP + GZIP[:9], "the gzip body breaks off before its end"),
        ("deflate", b"\x78", "the deflate body breaks off before its end"),
        ("deflate", b"\xff" * 30, "the body is not the deflate it says it is"),
    ],
)
async def test_a_broken_coding_is_a_failure(
    origin: Origin, coding: str, body: bytes, told: str
) -> None:
    assert await pull_answer(origin, coded(coding, body)) == Failed(reason=told)


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 200), st.sampled_from([31, 15, -15]))
def test_a_body_is_the_same_however_it_is_cut(plain: bytes, step: int, wbits: int) -> None:
    packed = zlib.compress(plain, wbits=wbits)
    body = Body("gzip" if wbits == 31 else "deflate", 3000)
    for at in range(0, len(packed), step):
        body.take(packed[at : at + step])
    assert body.whole() == plain


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 200_000])
def test_a_body_of_just_max_body_is_whole(size: int) -> None:
    for coding, packed in (("", b"a" * size), ("gzip", gzip.compress(b"a" * size, mtime=0))):
        body = Body(coding, size)
        body.take(packed)
        assert len(body.whole()) == size
        with pytest.raises(UnusableError, match="larger than max_body"):
            Body(coding, min(size, len(packed)) - 1).take(packed)


async def test_a_body_larger_than_max_body_is_not_read_on(origin: Origin) -> None:
    told = "the body is larger than max_body (0.1 MB)"
    assert await pull_answer(origin, response(200, b"x" * 100_001)) == Failed(reason=told)
    endless = drip(OK_HEAD + b"\r\n", b"x" * 10_000)
    assert await pull_answer(origin, endless) == Failed(reason=told)
    chunked = drip(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nabcde\r\n" * 1000)
    assert await pull_answer(origin, chunked) == Failed(reason=told)


def bomb(size: int) -> bytes:
    """Zeros that take a thousandth of their size, packed without holding them."""
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)]
    return b"".join([*packed, packer.flush()])


async def test_a_gzip_bomb_never_unfolds_in_memory(origin: Origin) -> None:
    settings = replace(LOOPBACK, max_body=1_000_000)
    origin.answer("/bomb", coded("gzip", bomb(100_000_000)))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        await fetcher.fetch(origin.url("/warm"), NEVER_PULLED)
        tracemalloc.start()
        result = await fetcher.fetch(origin.url("/bomb"), NEVER_PULLED)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert result == Failed(reason="the body is larger than max_body (1 MB)")
    assert peak < 3_000_000


async def test_a_bomb_of_a_thousand_empty_members_ends(origin: Origin) -> None:
    assert reason_of(await pull_answer(origin, coded("gzip", gzip.compress(b"", mtime=0) * 6000)))


# ---- hosts that misbehave -----------------------------------------------------------------------


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
    assert await pull_answer(origin, answer) == Failed(reason=told)
    assert 0.35 < time.monotonic() - start < 1.0


async def test_the_time_counts_over_all_redirects(origin: Origin) -> None:
    async def late(request: Request) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.15)
        yield redirect(f"/{int(request.path[1:]) + 1}")

    for step in range(6):
        origin.answer(f"/{step}", late)
    start = time.monotonic()
    assert "no answer within 0.4 s" in reason_of(await pull(origin.url("/0")))
    assert time.monotonic() - start < 1.0


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
        (OK_HEAD + b"X: x\r\n" * 500 + b"\r\n", "answered something that is not HTTP"),
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


async def test_a_body_whose_framing_breaks_later_ends_in_time(origin: Origin) -> None:
    head = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
    assert reason_of(await pull_answer(origin, drip(head, b"zz\r\n", 0.05)))


async def test_no_garbled_answer_raises(origin: Origin) -> None:
    dice = random.Random(13)
    served = OK_HEAD + b'ETag: "1"\r\nCache-Control: max-age=3\r\n\r\n' + FEED
    wait = response(429, headers={"Retry-After": "Sun, 01 Mar 2026 12:30:00 GMT"})
    answers = [served, coded("gzip", GZIP), redirect("http://127.0.0.1/x?y=1"), wait]
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


# ---- addresses of our own network ---------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "[::]",
        "①②⑦.0.0.1",
    ],
)
async def test_no_spelling_of_a_loopback_address_reaches_it(origin: Origin, host: str) -> None:
    origin.serve("/feed", FEED)
    outside = replace(LOOPBACK, allow_networks=())
    assert reason_of(await pull(f"http://{host}:{origin.port}/feed", settings=outside))
    assert (origin.requests, origin.open_most) == ([], 0)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fe80::1]", "[fd00::1]", "[::1]"])
async def test_a_redirect_into_our_network_is_refused(origin: Origin, host: str) -> None:
    reason = reason_of(await pull_answer(origin, redirect(f"http://{host}/latest/meta-data")))
    assert "refused: " in reason
    assert "allow it in [pull] allow_networks if it is yours" in reason


async def test_the_refusal_names_the_address_and_its_kind() -> None:
    assert reason_of(await pull("http://169.254.169.254/")) == (
        "refused: 169.254.169.254 is a link-local address; "
        "allow it in [pull] allow_networks if it is yours"
    )


async def test_a_name_with_two_refused_addresses_is_refused_in_one_line(origin: Origin) -> None:
    outside = replace(LOOPBACK, allow_networks=())
    reason = reason_of(await pull(f"http://localhost:{origin.port}/feed", settings=outside))
    assert reason.startswith("refused: ")


async def test_an_allowed_address_does_not_open_its_neighbours(origin: Origin) -> None:
    settings = replace(LOOPBACK, allow_networks=(ip_network("127.0.0.2/32"),))
    origin.serve("/feed", FEED)
    with Origin("127.0.0.2") as allowed:
        allowed.answer("/feed", redirect(origin.url("/feed")))
        reason = reason_of(await pull(allowed.url("/feed"), settings=settings))
        assert len(allowed.requests) == 1
    assert "127.0.0.1 is a loopback address" in reason
    assert (origin.requests, origin.open_most) == ([], 0)


# ---- manners towards a host ---------------------------------------------------------------------


async def fetch_all(fetcher: Fetcher, urls: list[str]) -> list[FetchResult]:
    return await asyncio.gather(*(fetcher.fetch(url, NEVER_PULLED) for url in urls))


async def test_a_host_sees_one_connection_at_a_time(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
        results = await fetch_all(fetcher, [origin.url("/feed")] * 20)
    assert [body_of(result) for result in results] == [FEED] * 20
    assert origin.open_most == 1


async def test_starts_on_one_host_keep_their_distance(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    origin.answer("/moved", redirect("/feed"))
    settings = replace(LOOPBACK, per_host_interval=timedelta(seconds=0.15))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        with Origin("127.0.0.2") as other:
            other.serve("/feed", FEED)
            urls = [origin.url("/feed"), origin.url("/moved"), other.url("/feed")]
            results = await fetch_all(fetcher, urls)
            assert other.requests[0].at < origin.requests[1].at
    assert all(isinstance(result, Fetched) for result in results)
    starts = [request.at for request in origin.requests]
    gaps = [after - before for before, after in pairwise(starts)]
    assert len(gaps) == 2
    assert min(gaps) > 0.1


async def test_waiting_for_the_turn_does_not_use_up_the_time(origin: Origin) -> None:
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, per_host_interval=timedelta(seconds=0.15))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        results = await fetch_all(fetcher, [origin.url("/feed")] * 5)
    assert [body_of(result) for result in results] == [FEED] * 5


async def test_concurrency_bounds_all_hosts_together() -> None:
    begun_and_done: list[int] = []

    async def late(request: Request) -> AsyncIterator[bytes]:
        begun_and_done.append(1)
        await asyncio.sleep(0.1)
        begun_and_done.append(-1)
        yield response(200, FEED)

    with ExitStack() as stack:
        origins = [stack.enter_context(Origin(f"127.0.0.{last}")) for last in range(2, 8)]
        for origin in origins:
            origin.answer("/feed", late)
        async with Fetcher(replace(LOOPBACK, concurrency=2), "Broadsheet/0") as fetcher:
            await fetch_all(fetcher, [origin.url("/feed") for origin in origins])
    assert len(begun_and_done) == 12
    assert max(accumulate(begun_and_done)) == 2


async def test_a_silent_host_delays_only_its_own_sources_and_not_for_ever(origin: Origin) -> None:
    origin.answer("/silent", silence)
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, concurrency=2)
    with Origin("127.0.0.2") as other:
        other.serve("/feed", FEED)
        async with Fetcher(settings, "Broadsheet/0") as fetcher:
            start = time.monotonic()
            silent = [origin.url("/silent")]
            mute = asyncio.create_task(fetch_all(fetcher, [*silent, origin.url("/feed")]))
            queue = asyncio.create_task(fetch_all(fetcher, silent * 20))
            await asyncio.sleep(0.05)
            assert body_of(await fetcher.fetch(other.url("/feed"), NEVER_PULLED)) == FEED
            assert not mute.done()
            failed, fine = await mute
            assert reason_of(failed) == "no answer within 0.4 s"
            assert body_of(fine) == FEED
            reasons = [reason_of(result) for result in await queue]
            assert time.monotonic() - start < 3 * 0.4 + 0.5
    assert reasons[:2] == ["no answer within 0.4 s"] * 2
    assert set(reasons[2:]) == {"not asked: the host was silent to two requests before it"}


async def test_a_host_that_was_silent_is_asked_again_later(origin: Origin) -> None:
    origin.answer("/silent", silence)
    origin.serve("/feed", FEED)
    settings = replace(LOOPBACK, timeout=timedelta(seconds=0.1))
    async with Fetcher(settings, "Broadsheet/0") as fetcher:
        for _ in range(3):
            result = await fetcher.fetch(origin.url("/silent"), NEVER_PULLED)
            assert reason_of(result) == "no answer within 0.1 s"
        assert body_of(await fetcher.fetch(origin.url("/feed"), NEVER_PULLED)) == FEED


async def test_idle_hosts_are_forgotten() -> None:
    turns = Turns(4, 0.0)
    async with turns.turn("held:80"):
        for number in range(5000):
            async with turns.turn(f"host-{number}:80"):
                pass
        assert len(turns._hosts) < 2000
        assert "held:80" in turns._hosts


# ---- seed files ---------------------------------------------------------------------------------


def test_a_file_is_read_like_a_fetch(tmp_path: Path) -> None:
    path = tmp_path / "lantern.txt"
    path.write_bytes(FEED)
    assert read_file(path, len(FEED), NEVER_PULLED) == Fetched(url=path.as_posix(), body=FEED)


def test_a_file_whose_bytes_are_known_is_not_modified(tmp_path: Path) -> None:
    path = tmp_path / "lantern.txt"
    path.write_bytes(FEED)
    known = replace(NEVER_PULLED, body_hash=hashlib.sha256(FEED).digest())
    assert read_file(path, 1000, known) == NotModified()
    path.write_bytes(FEED + b" ")
    assert isinstance(read_file(path, 1000, known), Fetched)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.touch()
    os.truncate(path, 10**12)
    told = Failed(reason="larger than 10 MB, the most that is read")
    assert read_file(path, 10_000_000, NEVER_PULLED) == told


def test_a_file_without_a_size_is_read_up_to_the_limit() -> None:
    endless = Path("/proc/self/maps")
    if not endless.exists():
        pytest.skip("needs a file whose size is said to be 0, as /proc has")
    assert "larger than" in reason_of(read_file(endless, 10, NEVER_PULLED))


def test_what_is_no_regular_file_is_a_failure_and_never_waited_for(tmp_path: Path) -> None:
    fifo, loop, gone = tmp_path / "fifo.txt", tmp_path / "loop.txt", tmp_path / "gone.txt"
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    reasons = [
        reason_of(read_file(path, 1000, NEVER_PULLED))
        for path in (fifo, loop, gone, tmp_path, Path(os.devnull))
    ]
    assert reasons == [
        "cannot be read: not a regular file",
        "cannot be read: Too many levels of symbolic links",
        "cannot be read: No such file or directory",
        "cannot be read: Is a directory",
        "cannot be read: not a regular file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "private.txt"
    path.touch(mode=0)
    assert reason_of(read_file(path, 1000, NEVER_PULLED)) == "cannot be read: Permission denied"


def test_seed_files_are_listed_sorted_and_relative(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.rss", "a/b/c.json", ".hidden.txt", ".git/config.txt", "ä.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert seed_files(tmp_path) == ("a/b/c.json", "a/z.rss", "b.txt", "ä.txt")


def test_a_linked_file_is_listed_and_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "seeds"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").touch()
    (folder / "out").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    assert seed_files(folder) == ("link.txt",)


def test_a_name_that_cannot_be_told_is_passed_over(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (tmp_path / "a.txt").touch()
    assert seed_files(tmp_path) == ("a.txt",)


def test_a_folder_that_is_not_there_has_no_files_and_a_file_is_no_folder(tmp_path: Path) -> None:
    assert seed_files(tmp_path / "seeds") == ()
    (tmp_path / "file").touch()
    told = f"the folder {tmp_path / 'file'} cannot be read: Not a directory"
    assert seed_files(tmp_path / "file") == Failed(reason=told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_below_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "closed").mkdir(mode=0)
    assert isinstance(seed_files(tmp_path), Failed)
