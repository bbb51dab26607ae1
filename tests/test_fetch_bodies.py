"""Bodies: whole, coded, broken, and never larger than they may be."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aggregator.fetch import Fetcher
from aggregator.fetch.inflate import Body
from aggregator.fetch.reasons import UnusableError
from aggregator.model import Failed
from tests.fetching import FEED, LOOPBACK, NEVER_PULLED, OK_HEAD, body_of, pull_answer, reason_of
from tests.loopback import Origin, drip, response


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


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
