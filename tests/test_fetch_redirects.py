"""Where answers send us: what goes along, what is remembered, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.fetch import Fetcher
from aggregator.model import Failed, Fetched, Gone, NotModified
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
    again = await pull(origin.url("/a/feed"), held)
    assert isinstance(again, NotModified)
    assert again.etag == '"1"'
    assert again.moved_to == result.moved_to


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((), None),
        ((301,), "/1"),
        ((308,), "/1"),
        ((302,), None),
        ((303,), None),
        ((307,), None),
        ((301, 308), "/2"),
        ((301, 302), "/1"),
        ((308, 307, 301), "/1"),
        ((302, 301), None),
        ((301, 301, 301, 303), "/3"),
    ],
)
async def test_a_source_has_moved_as_far_as_permanent_redirects_alone_lead(
    origin: Origin, statuses: tuple[int, ...], moved_to: str | None
) -> None:
    for step, status in enumerate(statuses):
        origin.answer(f"/{step}", redirect(f"/{step + 1}#part", status))
    origin.serve(f"/{len(statuses)}", FEED, headers={"ETag": '"1"'})
    for state in (NEVER_PULLED, replace(NEVER_PULLED, etag='"1"')):
        result = await pull(origin.url("/0"), state)
        assert isinstance(result, Fetched | NotModified)
        assert result.moved_to == (moved_to and origin.url(moved_to))


async def test_a_source_moves_to_an_address_without_a_login(origin: Origin) -> None:
    target = origin.url("/b?x=1").replace("//", "//eve:secret@")
    origin.answer("/feed", redirect(target + "#part"))
    origin.serve("/b?x=1", FEED)
    result = await pull(origin.url("/feed"))
    assert isinstance(result, Fetched)
    assert (result.url, result.moved_to) == (origin.url("/b?x=1"), origin.url("/b?x=1"))


@pytest.mark.parametrize(("status", "refused"), [(429, True), (404, False)])
async def test_a_source_that_fails_where_it_is_sent_has_not_moved(
    origin: Origin, status: int, refused: bool
) -> None:
    origin.answer("/feed", redirect("/b"))
    origin.answer("/b", response(status, headers={"Cache-Control": "max-age=60"}))
    result = await pull(origin.url("/feed"))
    assert isinstance(result, Failed)
    assert (result.refused, result.max_age) == (refused, timedelta(minutes=1))


async def test_a_410_behind_a_redirect_is_gone(origin: Origin) -> None:
    origin.answer("/feed", redirect("/b"))
    origin.answer("/b", response(410))
    assert await pull(origin.url("/feed")) == Gone()


async def test_a_source_that_moved_keeps_its_login_to_its_own_origin(origin: Origin) -> None:
    configured = origin.url("/feed").replace("//", "//ann:p%40ss@")
    with Origin("127.0.0.2") as elsewhere:
        origin.answer("/new", redirect(elsewhere.url("/far"), 302))
        elsewhere.answer("/far", redirect(origin.url("/last"), 302))
        origin.serve("/last", FEED)
        async with Fetcher(LOOPBACK, "Broadsheet/0") as fetcher:
            at_home = await fetcher.fetch(origin.url("/new"), NEVER_PULLED, login_of=configured)
            await fetcher.fetch(elsewhere.url("/far"), NEVER_PULLED, login_of=configured)
            await fetcher.fetch(origin.url("/last"), NEVER_PULLED)
    assert body_of(at_home) == FEED
    login = "Basic YW5uOnBAc3M="
    assert [(one.path, one.field("Authorization")) for one in origin.requests] == [
        ("/new", login),
        ("/last", login),
        ("/last", login),
        ("/last", None),
    ]
    assert {one.field("Authorization") for one in elsewhere.requests} == {None}


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


@pytest.mark.parametrize(
    "location",
    [
        "ftp://ann:s3cret@files.example/feed?key=s3cret#s3cret",
        "ftp://a\x7fnn:s3cret@files.example/feed",
        "ftp://" + "a" * 2000 + ":s3cret@files.example/feed?key=s3cret",
        "https://ann:s3cret@:443/feed?s3cret",
    ],
)
async def test_a_location_that_leads_nowhere_is_told_with_its_secrets_masked(
    origin: Origin, location: str
) -> None:
    told = reason_of(await pull_answer(origin, redirect(location)))
    assert "http or https" in told
    assert "s3cret" not in told
    assert len(told) < 250


async def test_a_failure_behind_a_redirect_names_the_address_with_its_secrets_masked(
    origin: Origin,
) -> None:
    origin.answer("/feed", redirect("/gone?key=s3cret"))
    reason = reason_of(await pull(origin.url("/feed")))
    assert "404 Not Found" in reason
    assert "/gone" in reason
    assert "s3cret" not in reason
