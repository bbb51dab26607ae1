"""The polite fetcher: one conditional GET for a pull."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from aggregator.fetch.addresses import account, bare, configured, redirected
from aggregator.fetch.headers import max_age, retry_after
from aggregator.fetch.inflate import CODINGS, Body, too_large
from aggregator.fetch.reasons import SilentError, UnusableError, network_reason, status_line
from aggregator.fetch.turns import Turns
from aggregator.markup import one_line
from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified, SourceState
from aggregator.netguard import guarded_socket_factory
from aggregator.settings import PullSettings
from aggregator.urls import masked

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_FIELD = 16_384
"""The most bytes of one header field: publishers' security policies can reach ten thousand."""

_SENDABLE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]+")
"""A value that goes out as it came in: no control character, and no byte that is not UTF-8."""


def _now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Asks sources, politely and within limits; an async context manager, for one event loop.

    Addresses go out as they are written, no proxy variable is heeded, no cookie is kept, and no
    address that `netguard` refuses is connected to. A connection that ends before any answer is
    tried once more, as HTTP allows (RFC 9112 9.3.1).

    Args:
        settings: `[pull]`: the limits.
        user_agent: name, version and contact, the same at each request.
        clock: the time now, aware; asked only where an answer that tells us to stay away until a
            date says nothing of its own time.
    """

    def __init__(
        self, settings: PullSettings, user_agent: str, *, clock: Callable[[], datetime] = _now
    ) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._clock = clock
        self._interval = settings.per_host_interval.total_seconds()
        self._seconds = settings.timeout.total_seconds()

    async def __aenter__(self) -> Self:
        self._turns = Turns(self._settings.concurrency, self._interval)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._settings.concurrency,
                limit_per_host=1,
                # A host is kept for its next source; thousands of idle connections would only
                # use up the file descriptors.
                keepalive_timeout=self._interval + 1,
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=guarded_socket_factory(self._settings.allow_networks),
            ),
            headers={
                "User-Agent": self._user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": CODINGS,
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),
            auto_decompress=False,
            trust_env=False,
            max_field_size=_MAX_FIELD,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str, state: SourceState) -> FetchResult:
        """Ask for `url` once, with the validators of `state` byte for byte as they came.

        `settings.timeout` counts over names, connections, redirects and body, but not while we
        wait for a host's turn. Redirects are followed with the validators, which belong to the
        source; user and password of `url` go to its own origin only.

        Returns:
            `Fetched` for a 200 (or a 204), its `url` without user, password and fragment;
            `NotModified` for a 304 that was asked for; `Gone` for a 410; `Failed` for all else,
            with Retry-After of a 429 or 503 (RFC 9110 10.2.3). Nothing that the network does
            raises.
        """
        hops: list[URL] = []
        try:
            result = await self._follow(url, state, hops)
        except UnusableError as problem:
            result = Failed(reason=str(problem))
        # uvloop raises RuntimeError where asyncio raises OSError.
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as problem:
            result = Failed(reason=network_reason(problem))
        if isinstance(result, Failed) and len(hops) > 1:
            told = f"{result.reason} (redirected to {masked(str(hops[-1]))})"
            return replace(result, reason=told)
        return result

    async def _follow(self, url: str, state: SourceState, hops: list[URL]) -> FetchResult:
        """Ask, and ask where we are sent; `hops` gets each address that is asked."""
        source = configured(url)
        target = bare(source)
        conditions = _conditions(state)
        with_account = conditions | account(source)
        left = self._seconds
        loop = asyncio.get_running_loop()
        while True:
            hops.append(target)
            headers = with_account if target.origin() == hops[0].origin() else conditions
            async with self._turns.turn(f"{target.raw_host}:{target.port}".lower()):
                start = loop.time()
                result = await self._ask(target, headers, left, conditional=bool(conditions))
                left -= loop.time() - start
            if not isinstance(result, URL):
                return result
            target = result
            if target in hops:
                raise UnusableError("redirected in a circle")
            if len(hops) > self._settings.max_redirects:
                raise UnusableError(f"redirected more than {self._settings.max_redirects} times")

    async def _ask(
        self, target: URL, headers: dict[str, str], seconds: float, *, conditional: bool
    ) -> FetchResult | URL:
        """One request, within `seconds`; an address is where we are sent."""
        response: aiohttp.ClientResponse | None = None
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.get(target, headers=headers, allow_redirects=False) as response,
            ):
                return await self._read(response, target, conditional=conditional)
        except TimeoutError:
            what = "no answer" if response is None else "the body did not come whole"
            raise SilentError(f"{what} within {self._seconds:g} s") from None

    async def _read(
        self, response: aiohttp.ClientResponse, target: URL, *, conditional: bool
    ) -> FetchResult | URL:
        """What an answer means (RFC 9110 15)."""
        match response.status:
            case 200 | 204:
                return await self._fetched(response, target)
            case 304 if not conditional:
                return Failed(reason="answered 304 Not Modified to a request without validators")
            case 304:
                return NotModified(
                    etag=_validator(response, "ETag"),
                    last_modified=_validator(response, "Last-Modified"),
                    max_age=max_age(_joined(response, "Cache-Control")),
                )
            case 301 | 302 | 303 | 307 | 308:
                return redirected(response.headers.get("Location", ""), target)
            case 410:
                return Gone()
            case status:
                return Failed(
                    reason=status_line(status, response.reason),
                    retry_after=self._retry_after(response),
                )

    async def _fetched(self, response: aiohttp.ClientResponse, target: URL) -> Fetched:
        """A 200, its body inflated within the limit."""
        limit = self._settings.max_body
        if (response.content_length or 0) > limit:
            raise too_large(limit)
        body = Body(_joined(response, "Content-Encoding"), limit)
        async for chunk in response.content.iter_any():
            body.take(chunk)
        return Fetched(
            url=str(target),
            body=body.whole(),
            content_type=_text(response, "Content-Type"),
            content_language=_text(response, "Content-Language"),
            etag=_validator(response, "ETag"),
            last_modified=_validator(response, "Last-Modified"),
            max_age=max_age(_joined(response, "Cache-Control")),
        )

    def _retry_after(self, response: aiohttp.ClientResponse) -> timedelta | None:
        """What a 429 (RFC 6585 4) or 503 asks for; other answers have no say."""
        wish = response.headers.get("Retry-After")
        if wish is None or response.status not in (429, 503):
            return None
        return retry_after(wish, response.headers.get("Date", ""), self._clock())


def _conditions(state: SourceState) -> dict[str, str]:
    """The header fields that make the request a conditional one (RFC 9110 13.1)."""
    conditions = {}
    if state.etag:
        conditions["If-None-Match"] = state.etag
    if state.last_modified:
        conditions["If-Modified-Since"] = state.last_modified
    return conditions


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A validator as it came, or None where there is none that could be sent back the same."""
    value = response.headers.get(name, "")
    return value if _SENDABLE.fullmatch(value) else None


def _text(response: aiohttp.ClientResponse, name: str) -> str | None:
    value = response.headers.get(name)
    return one_line(value, 200) if value else None


def _joined(response: aiohttp.ClientResponse, name: str) -> str:
    """A field that may come in several lines, as one list (RFC 9110 5.3)."""
    return ", ".join(response.headers.getall(name, ()))
