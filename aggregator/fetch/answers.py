"""What an answer means: its status, its header fields and its body as one result."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import ClientResponse, hdrs
from multidict import CIMultiDictProxy
from yarl import URL

from aggregator.fetch.addresses import redirected
from aggregator.fetch.headers import max_age, retry_after
from aggregator.fetch.inflate import Body, too_large
from aggregator.fetch.reasons import status_line
from aggregator.markup import one_line
from aggregator.model import Failed, Fetched, FetchResult, Gone, NotModified

_SENDABLE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]+")
"""A value that goes out as it came in: no control character, and no byte that is not UTF-8."""

Headers = CIMultiDictProxy[str]

_WITH_BODY = (200, 204)
_PERMANENT = (301, 308)
_ASKING_TO_WAIT = (429, 503)
_AN_ERROR = 400
_MOST_LINKS = 20
_LONGEST_LINK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Where an answer sends us; for good if `permanent` (RFC 9110 15.4.2 and 15.4.9)."""

    url: URL
    permanent: bool


class Answers:
    """Reads answers.

    Args:
        max_body: the most bytes of a body, before and after inflating.
        clock: the time now, aware; asked only where a wait until a date has no date to count from.
    """

    def __init__(self, max_body: int, clock: Callable[[], datetime]) -> None:
        self._max_body = max_body
        self._clock = clock

    def read(
        self, response: ClientResponse, body: bytes, target: URL, *, conditional: bool
    ) -> FetchResult | Redirect:
        """What `target` answered (RFC 9110 15); `conditional` says if validators went out.

        Raises:
            UnusableError: a body or a Location that is none.
        """
        headers = response.headers
        match response.status:
            case 304 if conditional:
                return NotModified(
                    etag=_validator(headers, hdrs.ETAG),
                    last_modified=_validator(headers, hdrs.LAST_MODIFIED),
                    max_age=max_age(_joined(headers, hdrs.CACHE_CONTROL)),
                )
            case 304:
                return Failed(reason="answered 304 Not Modified to a request without validators")
            case 200 | 204:
                return _fetched(target, headers, body)
            case 301 | 302 | 303 | 307 | 308 as status:
                url = redirected(headers.get(hdrs.LOCATION, ""), target)
                return Redirect(url=url, permanent=status in _PERMANENT)
            case 410:
                return Gone()
            case _:
                return self._failed(response)

    async def body(self, response: ClientResponse) -> bytes:
        """The body of a 200 or 204, inflated within the limit; of others nothing is read."""
        if response.status not in _WITH_BODY:
            return b""
        if (response.content_length or 0) > self._max_body:
            raise too_large(self._max_body)
        body = Body(_joined(response.headers, hdrs.CONTENT_ENCODING), self._max_body)
        while data := await response.content.readany():
            body.take(data)
        return body.whole()

    def _failed(self, response: ClientResponse) -> Failed:
        """What we cannot use, with what it asks for."""
        status, headers = response.status, response.headers
        wish = headers.get(hdrs.RETRY_AFTER) if status in _ASKING_TO_WAIT else None
        wait = (
            None if wish is None else retry_after(wish, headers.get(hdrs.DATE, ""), self._clock())
        )
        return Failed(
            reason=status_line(status, response.reason),
            retry_after=wait,
            max_age=max_age(_joined(headers, hdrs.CACHE_CONTROL)) if status >= _AN_ERROR else None,
            refused=status == HTTPStatus.TOO_MANY_REQUESTS,
        )


def _fetched(target: URL, headers: Headers, body: bytes) -> Fetched:
    return Fetched(
        url=str(target),
        body=body,
        content_type=_text(headers, hdrs.CONTENT_TYPE),
        content_language=_text(headers, hdrs.CONTENT_LANGUAGE),
        etag=_validator(headers, hdrs.ETAG),
        last_modified=_validator(headers, hdrs.LAST_MODIFIED),
        max_age=max_age(_joined(headers, hdrs.CACHE_CONTROL)),
        links=_links(headers),
    )


def _validator(headers: Headers, name: str) -> str | None:
    """A validator as it came, or None where there is none that could be sent back the same."""
    value = headers.get(name)
    return value if value and _is_sendable(value) else None


def _is_sendable(value: str) -> bool:
    # What can be printed is most of them, and asked at a third of the cost.
    return (value.isascii() and value.isprintable()) or _SENDABLE.fullmatch(value) is not None


def _text(headers: Headers, name: str) -> str | None:
    value = headers.get(name)
    return one_line(value, 200) if value else None


def _links(headers: Headers) -> tuple[str, ...]:
    """The Link fields. One too long is left out: half of it might name another address."""
    every = headers.getall(hdrs.LINK, ())
    kept = [value for value in every if 0 < len(value) <= _LONGEST_LINK and _is_sendable(value)]
    return tuple(kept[:_MOST_LINKS])


def _joined(headers: Headers, name: str) -> str:
    """A field that may come in several lines, as one list (RFC 9110 5.3)."""
    return ", ".join(headers.getall(name, ()))
