"""The addresses for operators: `/status`, `/status.json`, `/operator.atom`, `/metrics`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from re import ASCII, fullmatch

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.errors import StoreError
from aggregator.model.notices import ConfigState
from aggregator.query import Query
from aggregator.settings import Settings
from feeds import access, pages, report, selection
from feeds.report import Report
from feeds.report.notices import MEDIA_TYPE

log = logging.getLogger("broadsheet.operators")

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
"""Every answer has these: none may be kept, and none says that pages of others may read it."""

_Answer = tuple[bytes | str, str]
"""A body with its media type."""


class OperatorEndpoints:
    """The endpoints over one store. `config` gives what of config.toml is live.

    They answer by `settings`, whose token and private sources count: other settings need others.
    """

    def __init__(
        self,
        settings: Settings,
        site_id: str,
        query: Query,
        clock: Callable[[], datetime],
        version: str,
        config: Callable[[], ConfigState | None],
    ) -> None:
        self._settings = settings
        self._site_id = site_id
        self._query = query
        self._clock = clock
        self._version = version
        self._config = config
        self._warned: set[str] = set()
        # A report of 20,000 sources takes a second or two, and readers wait for no more than one.
        self._turn = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Their addresses. Starlette adds HEAD to GET, and answers 405 with Allow."""
        return [
            Route("/status", self.status),
            Route("/status.json", self.status_json),
            Route("/operator.atom", self.feed),
            Route("/metrics", self.metrics),
        ]

    async def status(self, request: Request) -> Response:
        """`/status`: the page; `?page=` where the sources need more than one."""
        asked = request.query_params.get("page", "1")
        number = int(asked) if fullmatch(r"[1-9][0-9]{0,5}", asked, ASCII) else None

        def page(told: Report) -> _Answer | str:
            made = report.status_page(told, number) if number else None
            return "no such page; begin at the first" if made is None else (made, pages.MEDIA_TYPE)

        answer = await self._answer(request, page)
        for name, value in pages.headers(self._settings):
            answer.headers[name] = value
        return answer

    async def status_json(self, request: Request) -> Response:
        """`/status.json`: the same for a machine."""

        def told(of: Report) -> _Answer:
            return json.dumps(report.as_json(of), ensure_ascii=False), "application/json"

        return await self._answer(request, told)

    async def feed(self, request: Request) -> Response:
        """`/operator.atom`: what has happened, for a feed reader."""

        def told(of: Report) -> _Answer:
            return report.operator_feed(of, self._site_id), MEDIA_TYPE

        return await self._answer(request, told)

    async def metrics(self, request: Request) -> Response:
        """`/metrics`: what Prometheus reads."""
        accept = ", ".join(request.headers.getlist("accept"))
        return await self._answer(request, partial(report.metrics, accept=accept))

    async def _answer(self, request: Request, told: Callable[[Report], _Answer | str]) -> Response:
        """What is told of the report as it is now, to whom it may be told."""
        client = request.client.host if request.client else None
        match access.admitted(self._settings, request.headers.items(), client):
            case access.Hidden(why=why):
                raise self._hidden(request, why)
            case access.Verdict.UNAUTHORIZED:
                refused = _plain("the operator's token is needed", HTTPStatus.UNAUTHORIZED)
                for name, challenge in access.CHALLENGE:
                    refused.headers.append(name, challenge)
                return refused
        try:
            async with self._turn:
                made = await run_in_threadpool(self._made, told)
        except StoreError as error:
            log.error("%s", error)  # noqa: TRY400
            return _plain("the store cannot be read now", HTTPStatus.SERVICE_UNAVAILABLE)
        if isinstance(made, str):
            return _plain(made, HTTPStatus.NOT_FOUND)
        body, media_type = made
        return _with_headers(Response(body, media_type=media_type))

    def _made(self, told: Callable[[Report], _Answer | str]) -> _Answer | str:
        now = self._clock()
        return told(report.gather(self._query, self._settings, now, self._version, self._config()))

    def _hidden(self, request: Request, why: str) -> HTTPException:
        """What an unknown page is answered with; the log is told the reason, once."""
        path = request.url.path
        if why not in self._warned:
            self._warned.add(why)
            log.warning("%s is closed: %s; set [operator] token to open it", path, why)
        unknown = selection.parse(path.strip("/"), selection.defined(self._settings))
        there = unknown.verticals if isinstance(unknown, selection.UnknownVertical) else ()
        said = f"no such selection; there are: {', '.join(there)}"
        return HTTPException(HTTPStatus.NOT_FOUND, said, dict(HEADERS))


def _plain(line: str, status: HTTPStatus) -> Response:
    return _with_headers(PlainTextResponse(f"{line}\n", status))


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS:
        response.headers[name] = value
    return response
