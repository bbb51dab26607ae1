"""The polite fetcher: one conditional GET for a pull."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import hdrs
from yarl import URL

from aggregator.fetch.addresses import configured, place
from aggregator.fetch.answers import Answers, Redirect
from aggregator.fetch.deadlines import Deadlines
from aggregator.fetch.inflate import CODINGS
from aggregator.fetch.reasons import SilentError, UnusableError, network_reason
from aggregator.fetch.turns import Turns
from aggregator.model import Failed, Fetched, FetchResult, NotModified, SourceState
from aggregator.netguard import AddressInfo, guarded_socket_factory
from aggregator.settings import PullSettings
from aggregator.urls import masked

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_FIELD = 16_384
"""The most bytes of one header field: publishers' security policies can reach ten thousand."""


_QUIET = "not asked: the host wants no requests now"

Quiet = Callable[[str], timedelta | None]
"""How long a `host:port` wants to be left alone; None for one that does not."""


def _now() -> datetime:
    return datetime.now(UTC)


def _nobody(_: str) -> timedelta | None:
    return None


class Fetcher:
    """Asks sources, politely and within limits; an async context manager, for one event loop.

    Addresses go out as they are written, no proxy variable is heeded, no cookie is kept, and no
    address that `netguard` refuses is connected to. A connection that ends before any answer is
    tried once more, as HTTP allows (RFC 9112 9.3.1).

    Args:
        settings: `[pull]` with `[[hosts]]`: the limits.
        user_agent: name, version and contact, the same at each request.
        clock: the time now, aware; asked only where an answer that tells us to stay away until a
            date says nothing of its own time.
    """

    def __init__(
        self, settings: PullSettings, user_agent: str, *, clock: Callable[[], datetime] = _now
    ) -> None:
        self._clock = clock
        self._take(settings, user_agent)

    def _take(self, settings: PullSettings, user_agent: str) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._answers = Answers(settings.max_body, self._clock)
        self._interval = settings.per_host_interval.total_seconds()
        self._seconds = settings.timeout.total_seconds()

    def adopt(self, settings: PullSettings, user_agent: str) -> None:
        """Go by these from the next request on; turns and connections stay."""
        self._take(settings, user_agent)
        self._turns.adopt(settings.concurrency, self._interval, settings.hosts)

    async def __aenter__(self) -> Self:
        rules = self._settings.hosts
        self._time = asyncio.get_running_loop().time
        self._deadlines = Deadlines()
        self._turns = Turns(self._settings.concurrency, self._interval, rules)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # it is `Turns` that counts them, by host and in all
                # A host is kept for its next source; thousands of idle connections would only
                # use up the file descriptors.
                keepalive_timeout=self._interval + 1,
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=self._socket,
            ),
            headers={
                hdrs.ACCEPT: _ACCEPT,
                hdrs.ACCEPT_ENCODING: CODINGS,
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
        self._deadlines.close()
        await self._session.close()

    def _socket(self, info: AddressInfo) -> socket.socket:
        return guarded_socket_factory(self._settings.allow_networks)(info)

    async def fetch(
        self, url: str, state: SourceState, *, login_of: str = "", quiet: Quiet = _nobody
    ) -> FetchResult:
        """Ask for `url` once, with the validators of `state` byte for byte as they came.

        `settings.timeout` counts over names, connections, redirects and body, but not while we
        wait for a host's turn. Redirects are followed with the validators, which belong to the
        source.

        Args:
            url: the address to ask.
            state: what is remembered of the source.
            login_of: the address whose user and password go out, to its own origin only (RFC 9110
                11.6.2): the configured one, where the source has moved to another. Else `url`.
            quiet: how long a `host:port` wants no requests. No redirect is followed there; `url`
                itself is asked whatever it says.

        Returns:
            `Fetched` for a 200 (or a 204), its addresses without user, password and fragment;
            `NotModified` for a 304 that was asked for; `Gone` for a 410; `Failed` for all else.
            Nothing that the network does raises.
        """
        hops: list[URL] = []
        try:
            result = await self._follow(url, state, login_of, quiet, hops)
        except UnusableError as problem:
            result = Failed(reason=str(problem), silent=isinstance(problem, SilentError))
        # uvloop raises RuntimeError where asyncio raises OSError.
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as problem:
            result = Failed(reason=network_reason(problem))
        if len(hops) > 1 and isinstance(result, Failed):
            told = f"{result.reason} (redirected to {masked(str(hops[-1]))})"
            return replace(result, reason=told, host=place(hops[-1]))
        return result

    async def _follow(
        self, url: str, state: SourceState, login_of: str, quiet: Quiet, hops: list[URL]
    ) -> FetchResult:
        """Ask, and ask where we are sent; `hops` gets each address that is asked."""
        target, account = configured(url)
        home = target
        if login_of and login_of != url:
            home, account = configured(login_of)
        conditions = {hdrs.USER_AGENT: self._user_agent, **_conditions(state)}
        is_conditional = len(conditions) > 1
        left = self._seconds
        moved_to: str | None = None
        for_good = True
        while True:
            hops.append(target)
            headers = conditions
            if account is not None and target.origin() == home.origin():
                headers = conditions | account
            where = place(target)
            if len(hops) > 1 and (rest := quiet(where)):
                return Failed(reason=_QUIET, retry_after=rest, refused=True)
            with self._turns.at_once(where) or await self._turns.wait(where):
                start = self._time()
                result = await self._ask(target, headers, left, conditional=is_conditional)
            if not isinstance(result, Redirect):
                return result if moved_to is None else _moved(result, moved_to)
            left -= self._time() - start
            target = result.url
            for_good = for_good and result.permanent
            if for_good:
                moved_to = str(target)
            if target in hops:
                raise UnusableError("redirected in a circle")
            if len(hops) > self._settings.max_redirects:
                raise UnusableError(f"redirected more than {self._settings.max_redirects} times")

    async def _ask(
        self, target: URL, headers: dict[str, str], seconds: float, *, conditional: bool
    ) -> FetchResult | Redirect:
        """One request, within `seconds`."""
        what = "no answer"
        try:
            with self._deadlines.within(seconds):
                response = await self._session.get(target, headers=headers, allow_redirects=False)
                what = "the body did not come whole"
                try:
                    body = await self._answers.body(response)
                    return self._answers.read(response, body, target, conditional=conditional)
                finally:
                    response.release()
        except TimeoutError:
            raise SilentError(f"{what} within {self._seconds:g} s") from None


def _conditions(state: SourceState) -> dict[str, str]:
    """The header fields that make the request a conditional one (RFC 9110 13.1)."""
    conditions: dict[str, str] = {}
    if state.etag:
        conditions[hdrs.IF_NONE_MATCH] = state.etag
    if state.last_modified:
        conditions[hdrs.IF_MODIFIED_SINCE] = state.last_modified
    return conditions


def _moved(result: FetchResult, moved_to: str) -> FetchResult:
    """The same, with where the source has moved for good."""
    return (
        replace(result, moved_to=moved_to) if isinstance(result, Fetched | NotModified) else result
    )
