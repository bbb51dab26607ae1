"""One conditional GET: what it sends, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aggregator.fetch import Fetcher
from aggregator.fetch.addresses import configured, place
from aggregator.fetch.headers import max_age, retry_after
from aggregator.model import Failed, Fetched, Gone, NotModified
from aggregator.urls import host_and_port
from tests.fetching import (
    FEED,
    LOOPBACK,
    NEVER_PULLED,
    NOON,
    OK_HEAD,
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


@pytest.mark.parametrize(
    "url",
    [
        "http://Lantern.Example/feed",
        "https://lantern.example",
        "https://ann:secret@lantern.example:8443/?a:b@c",
        "http://lantern.example.:80/",
        "http://[::1]:8080/feed",
        "http://127.0.0.1/",
        "http://b\xfccher.example/",
    ],
)
def test_the_host_that_is_asked_has_one_name_everywhere(url: str) -> None:
    assert place(configured(url)[0]) == host_and_port(url)


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


async def test_a_200_brings_its_link_fields_as_they_came(origin: Origin) -> None:
    hub = '<https://hub.example.org/>; rel="hub", </feed>; rel=self'
    fields = f"Link: {hub}\r\nlink: <b>\r\n".encode()
    result = await pull_answer(origin, OK_HEAD + fields + b"Content-Length: 0\r\n\r\n")
    assert isinstance(result, Fetched)
    assert result.links == (hub, "<b>")


async def test_link_fields_without_end_or_sense_are_left_out(origin: Origin) -> None:
    odd = b"Link: <" + b"x" * 1000 + b">\r\nLink: <caf\xe9>\r\nLink:\r\n"
    every = odd + b"".join(b"Link: <%d>\r\n" % number for number in range(30))
    result = await pull_answer(origin, OK_HEAD + every + b"Content-Length: 0\r\n\r\n")
    assert isinstance(result, Fetched)
    assert result.links == tuple(f"<{number}>" for number in range(20))


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


@pytest.mark.parametrize("status", [429, 503, 404, 500, 403])
async def test_a_429_alone_is_a_host_that_refuses_us(origin: Origin, status: int) -> None:
    result = await pull_answer(origin, response(status))
    assert isinstance(result, Failed)
    assert result.refused == (status == 429)


@pytest.mark.parametrize(
    ("status", "minutes"), [(429, 10), (404, 10), (503, 10), (206, None), (300, None)]
)
async def test_an_error_says_how_long_it_stays_fresh(
    origin: Origin, status: int, minutes: int | None
) -> None:
    says = {"Cache-Control": "public, max-age=600", "Retry-After": "5"}
    result = await pull_answer(origin, response(status, headers=says))
    assert isinstance(result, Failed)
    assert result.max_age == (timedelta(minutes=minutes) if minutes else None)


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
