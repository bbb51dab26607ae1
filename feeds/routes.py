"""The addresses: each endpoint asks, and answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from aggregator.model import Selection
from aggregator.settings import Settings
from feeds import conditional, document, pages, render, selection
from feeds.library import Library, Wanted

NARROWING = ("q", "source", "author", "lang")
"""Parameters that this version does not have: to ignore them would answer another question."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
"""The number of an archive: SQLite counts in 64 bits."""

_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}


class Endpoints:
    """The endpoints over one library. `ready` says whether the service is."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        clock: Callable[[], datetime],
        ready: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._library = library
        self._clock = clock
        self._ready = ready
        self._defined = frozenset(v.name for v in settings.verticals)

    def routes(self) -> list[Route]:
        """Every address there is. Starlette adds HEAD to GET, and answers 405 with Allow."""
        return [
            Route("/feeds/{file}", self.feed, methods=["GET", "OPTIONS"]),
            Route("/feeds/{name}/archive/{file}", self.archive, methods=["GET", "OPTIONS"]),
            Route("/feeds.opml", self.subscriptions),
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/", self.front),
            Route("/stories/{page_id}", self.story),
            Route("/{name}", self.page),
        ]

    async def feed(self, request: Request) -> Response:
        """`/feeds/{selection}.{format}`: 200 or 304."""
        name, _, fmt = request.path_params["file"].rpartition(".")
        return await self._feed(request, name, fmt, None)

    async def archive(self, request: Request) -> Response:
        """`/feeds/{selection}/archive/{n}.{format}`: 200 or 304."""
        number, _, fmt = request.path_params["file"].rpartition(".")
        if not _NUMBER.fullmatch(number):
            raise _not_found("no such archive; begin at the feed and follow its prev-archive")
        return await self._feed(request, request.path_params["name"], fmt, int(number))

    async def _feed(self, request: Request, name: str, fmt: str, archive: int | None) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)
        if fmt not in selection.FORMATS:
            raise _not_found(f"no such feed; feeds end in .{', .'.join(selection.FORMATS)}")
        wanted = self._wanted(request, name, fmt, archive)
        made = await self._library.current(wanted)
        if made is None:
            raise _not_found(_absent(wanted))
        site = self._settings.site.base_url
        own = document.address(wanted.selection, fmt, site, archive=archive, page=wanted.page)
        cache_control = (
            conditional.CACHE_CONTROL if archive is None else conditional.ARCHIVE_CACHE_CONTROL
        )
        now = self._clock()
        headers = conditional.headers(made, (("self", own),), now, cache_control)
        since = request.headers.get("if-modified-since")
        if conditional.is_current(made, _field(request, "if-none-match"), since, now):
            return _response(HTTPStatus.NOT_MODIFIED, conditional.not_modified(headers))
        return _response(HTTPStatus.OK, headers, made.body)

    def _wanted(self, request: Request, name: str, fmt: str, archive: int | None) -> Wanted:
        """The document that is asked for, or the answer that there can be none."""
        parameters = request.query_params.multi_items()
        if later := [name for name in NARROWING if name in dict(parameters)]:
            raise _bad(later[0], "not available in this version; ask for the feed without it")
        found = selection.narrow(self._selection(name), parameters, self._defined)
        if isinstance(found, selection.Malformed):
            raise _bad(found.parameter, found.why)
        asked, page = found
        if asked.is_narrowed and archive is not None:
            raise _not_found("a narrowed feed has no archives; follow its next pages")
        coding = conditional.accepted(_field(request, "accept-encoding"))
        if coding is None:
            raise HTTPException(
                HTTPStatus.NOT_ACCEPTABLE,
                f"Accept-Encoding: there are {', '.join(conditional.CODINGS)}, or none at all",
                {"Vary": "Accept-Encoding"},
            )
        return Wanted(selection=asked, fmt=fmt, archive=archive, page=page, coding=coding)

    async def subscriptions(self, _: Request) -> Response:
        """`/feeds.opml`: all our feeds, for a feed reader to import."""
        lines = document.subscriptions(self._settings)
        body = render.opml(self._settings.site.title, lines)
        return Response(body, media_type="text/x-opml; charset=utf-8", headers=_public(300))

    async def alive(self, _: Request) -> Response:
        """`/healthz`: this process answers."""
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    async def ready(self, _: Request) -> Response:
        """`/readyz`: the store is open and the seeds are read."""
        if self._ready():
            return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})
        return PlainTextResponse("starting\n", HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})

    async def front(self, _: Request) -> Response:
        """`/`: the newest of everything."""
        return await self._page(Selection())

    async def page(self, request: Request) -> Response:
        """`/{vertical}`: the newest of a vertical, or of a union."""
        return await self._page(self._selection(request.path_params["name"]))

    async def story(self, request: Request) -> Response:
        """`/stories/{id}`: one story; a retired id leads to the one that it was joined to."""
        page_id = request.path_params["page_id"]
        found = await run_in_threadpool(self._library.story, page_id)
        if found is None and await run_in_threadpool(self._library.was_withdrawn, page_id):
            raise HTTPException(HTTPStatus.GONE, "this story was withdrawn")
        if found is None:
            raise _not_found("no such story")
        story, item = found
        if story.page_id != page_id:
            return RedirectResponse(item.page, HTTPStatus.MOVED_PERMANENTLY)
        return HTMLResponse(pages.story_page(item, self._settings), headers=pages.HEADERS)

    async def _page(self, wanted: Selection) -> Response:
        feed = await run_in_threadpool(self._library.document, wanted)
        if feed is None:
            raise _not_found(f"{wanted.name}: no story stands in it yet")
        return HTMLResponse(pages.selection_page(feed, self._settings), headers=pages.HEADERS)

    def _selection(self, name: str) -> Selection:
        wanted = selection.parse(name, self._defined)
        if isinstance(wanted, selection.UnknownVertical):
            raise _not_found(f"no such vertical; there are: {', '.join(wanted.verticals)}")
        return wanted


async def refuse(_: Request, error: Exception) -> Response:
    """Every 4xx and 5xx: one plain line. A fault of ours is told in the log alone."""
    known = error if isinstance(error, HTTPException) else HTTPException(500)
    headers = {**(known.headers or {}), "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(f"{known.detail}\n", known.status_code, headers)


def _field(request: Request, name: str) -> str | None:
    """A header whose value is a list, in any number of lines (RFC 9110 5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _absent(wanted: Wanted) -> str:
    if wanted.archive is not None:
        return "no such archive; begin at the feed and follow its prev-archive"
    if wanted.page > 1:
        return "no such page; begin at the feed and follow its next pages"
    return f"{wanted.selection.name}: no story stands in it yet"


def _bad(parameter: str, why: str) -> HTTPException:
    return HTTPException(HTTPStatus.BAD_REQUEST, f"{parameter}: {why}")


def _not_found(why: str) -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, why)


def _public(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={seconds}"}


def _response(status: int, headers: conditional.Headers, body: bytes = b"") -> Response:
    response = Response(status_code=status)
    response.body = body
    response.raw_headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
    ]
    if status == HTTPStatus.OK:
        response.raw_headers.append((b"content-length", str(len(body)).encode()))
    return response
