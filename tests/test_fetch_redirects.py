"""Where answers send us: what goes along, what is remembered, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from aggregator.fetch import Fetcher
from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified
from tests.fetching import (
    FEED,
    LOOPBACK,
    NEVER_PULLED,
    body_of,
    pull,
    pull_answer,
    reason_of,
    redirect,
)
from tests.loopback import Origin, response


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


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
