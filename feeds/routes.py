"""The addresses: each endpoint asks, and answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from aggregator.model import Selection
from aggregator.query import TooCostly
from aggregator.settings import Settings
from feeds import conditional, document, pages, selection
from feeds.answers import Answer, Ready
from feeds.library import FOUND, FRONT, OUTLINE, PAGE, Kept, Library, Wanted

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
"""The number of an archive: SQLite counts in 64 bits."""

_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}


_NO_ARCHIVE = "no such archive; begin at the feed and follow its prev-archive"
_FAULT = "something went wrong here, and its operator finds what in the log"

_FIXED = ("about", "privacy", "robots.txt", "favicon.ico")

_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


class Endpoints:
    """The endpoints over one library. `ready` says whether the service is.

    `remember` is told what a request was answered with, where the next one like it may get that.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        clock: Callable[[], datetime],
        ready: Callable[[], bool],
        remember: Callable[[Scope, Kept], None] = lambda *_: None,
    ) -> None:
        self._settings = settings
        self._library = library
        self._clock = clock
        self._ready = ready
        self._remember = remember
        self._defined = selection.defined(settings)
        self._of_pages = pages.headers(settings)

    def routes(self) -> list[Route]:
        """Every address there is. Starlette adds HEAD to GET, and answers 405 with Allow."""
        return [
            Route("/feeds/{file}", self.feed, methods=["GET", "OPTIONS"]),
            Route("/feeds/{name}/archive/{file}", self.archive, methods=["GET", "OPTIONS"]),
            Route("/feeds.opml", self.subscriptions),
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/static/{file}", self.asset),
            *(Route(f"/{name}", self.fixed) for name in _FIXED),
            Route("/search", self.search),
            Route("/", self.front),
            Route("/stories/{page_id}", self.story),
            Route("/{name}", self.page),
            Route("/{name}/archive/{number}", self.older),
        ]

    async def feed(self, request: Request) -> ASGIApp:
        """`/feeds/{selection}.{format}`: 200 or 304."""
        name, _, fmt = request.path_params["file"].rpartition(".")
        return await self._feed(request, name, fmt, None)

    async def archive(self, request: Request) -> ASGIApp:
        """`/feeds/{selection}/archive/{n}.{format}`: 200 or 304."""
        number, _, fmt = request.path_params["file"].rpartition(".")
        if not _NUMBER.fullmatch(number):
            raise _not_found(_NO_ARCHIVE)
        return await self._feed(request, request.path_params["name"], fmt, int(number))

    async def _feed(self, request: Request, name: str, fmt: str, archive: int | None) -> ASGIApp:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)
        if fmt not in selection.FORMATS:
            raise _not_found(f"no such feed; feeds end in .{', .'.join(selection.FORMATS)}")
        meant = self._selection(name)
        if isinstance(meant, selection.Renamed):
            # The archives of what it is now are cut elsewhere: the feed leads to them.
            return self._moved(request, f"/feeds/{meant.name}.{fmt}")
        asked, page = self._as_asked(request, meant)
        if asked.is_narrowed and archive is not None:
            raise _not_found("a narrowed feed has no archives; follow its next pages")
        site = self._settings.site.base_url
        own = document.address(asked, fmt, site, archive=archive, page=page)
        cache_control = (
            conditional.CACHE_CONTROL if archive is None else conditional.ARCHIVE_CACHE_CONTROL
        )
        headers = conditional.of_feed((("self", own),))
        wanted = Wanted(fmt=fmt, selection=asked, archive=archive, page=page)
        return await self._answer(request, wanted, cache_control, headers)

    async def _answer(
        self,
        request: Request,
        wanted: Wanted,
        cache_control: str,
        headers: conditional.Headers = (),
    ) -> Ready:
        """The document in the coding that the request asks for, or that the reader has it."""
        coding = conditional.accepted(_field(request, "accept-encoding"))
        if coding is None:
            raise HTTPException(
                HTTPStatus.NOT_ACCEPTABLE,
                f"Accept-Encoding: there are {', '.join(conditional.CODINGS)}, or none at all",
                {"Vary": "Accept-Encoding"},
            )
        kept = await self._library.current(replace(wanted, coding=coding))
        if isinstance(kept, TooCostly):
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "this takes too long to find; ask for less, or try again later",
                {"Retry-After": "5"},
            )
        if kept is None:
            raise _not_found(_absent(wanted))
        now, made = self._clock(), kept.rendition
        answer = kept.answer
        if answer is None:
            answer = Answer(made, conditional.headers(made, now, cache_control, headers))
            if conditional.is_settled(made.last_modified, now):
                kept.answer = answer
        if kept.answer:
            self._remember(request.scope, kept)
        since = request.headers.get("if-modified-since")
        is_current = conditional.is_current(made, _field(request, "if-none-match"), since, now)
        return Ready(answer, is_current=is_current)

    async def subscriptions(self, request: Request) -> ASGIApp:
        """`/feeds.opml`: all our feeds, for a feed reader to import."""
        return await self._answer(request, Wanted(fmt=OUTLINE), conditional.CACHE_CONTROL)

    async def alive(self, _: Request) -> Response:
        """`/healthz`: this process answers."""
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    async def ready(self, _: Request) -> Response:
        """`/readyz`: the store is open and the seeds are read."""
        if self._ready():
            return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})
        return PlainTextResponse("starting\n", HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})

    async def fixed(self, request: Request) -> ASGIApp:
        """`/about`, `/privacy`, `/robots.txt`, `/favicon.ico`."""
        return await self._page(request, Wanted(fmt=request.url.path.rpartition("/")[2]))

    async def asset(self, request: Request) -> ASGIApp:
        """`/static/{file}`: what pages look like; a page of before leads to how they look now."""
        asked = request.path_params["file"]
        name = pages.current(asked)
        if name is None:
            raise _not_found("no such file")
        if name != asked:
            return RedirectResponse(name, HTTPStatus.FOUND)
        lasts = conditional.LASTING_CACHE_CONTROL
        return await self._answer(request, Wanted(fmt=name), lasts, self._of_pages)

    async def front(self, request: Request) -> ASGIApp:
        """`/`: the newest of everything and of each vertical."""
        return await self._page(request, Wanted(fmt=FRONT))

    async def search(self, request: Request) -> ASGIApp:
        """`/search`: what the parameters find, or what to fill in."""
        found = self._narrowed(request, Selection())
        return await self._page(request, Wanted(fmt="search") if found.fmt == PAGE else found)

    async def page(self, request: Request) -> ASGIApp:
        """`/{selection}`: the newest of a vertical, of a union, of a saved query."""
        wanted = self._selection(request.path_params["name"])
        if isinstance(wanted, selection.Renamed):
            return self._moved(request, f"/{wanted.name}")
        return await self._page(request, self._narrowed(request, wanted))

    async def older(self, request: Request) -> ASGIApp:
        """`/{selection}/archive/{n}`: the stories of one of its archives."""
        wanted, number = self._selection(request.path_params["name"]), request.path_params["number"]
        if isinstance(wanted, selection.Renamed):
            return self._moved(request, f"/{wanted.name}")
        if not _NUMBER.fullmatch(number) or wanted.is_narrowed:
            raise _not_found(_NO_ARCHIVE)
        page = Wanted(fmt=PAGE, selection=wanted, archive=int(number))
        cache_control = conditional.ARCHIVE_CACHE_CONTROL
        return await self._answer(request, page, cache_control, self._of_pages)

    def _narrowed(self, request: Request, within: Selection) -> Wanted:
        """The page of a selection, or of what the parameters of the address find in it."""
        asked, page = self._as_asked(request, within)
        return Wanted(fmt=FOUND if asked.narrowing else PAGE, selection=asked, page=page)

    def _as_asked(self, request: Request, within: Selection) -> tuple[Selection, int]:
        """The selection as the parameters of the address narrow it, and the number of the page."""
        found = selection.narrow(within, request.query_params.multi_items(), self._defined)
        if isinstance(found, selection.Malformed):
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"{found.parameter}: {found.why}")
        return found

    async def story(self, request: Request) -> ASGIApp:
        """`/stories/{id}`: one story; a retired id leads to the one that it was joined to."""
        page_id = request.path_params["page_id"]
        try:
            return await self._page(request, Wanted(fmt=PAGE, story=page_id))
        except HTTPException as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
        found = await run_in_threadpool(self._library.story, page_id)
        if found is not None:
            place = document.page(found, self._settings.site.base_url)
            return RedirectResponse(place, HTTPStatus.MOVED_PERMANENTLY)
        if await run_in_threadpool(self._library.was_withdrawn, page_id):
            raise HTTPException(HTTPStatus.GONE, "this story was withdrawn")
        raise _not_found("no such story")

    async def _page(self, request: Request, wanted: Wanted) -> Ready:
        return await self._answer(request, wanted, conditional.CACHE_CONTROL, self._of_pages)

    def _selection(self, name: str) -> Selection | selection.Renamed:
        wanted = selection.parse(name, self._defined)
        if isinstance(wanted, selection.UnknownVertical):
            there = f"there are: {', '.join(wanted.verticals)}"
            if self._library.was_there(wanted.name):
                raise HTTPException(HTTPStatus.GONE, f"{wanted.name} is no more; {there}")
            raise _not_found(f"no such selection; {there}")
        return wanted

    def _moved(self, request: Request, path: str) -> Response:
        """To the same of what is called otherwise now, for good (RFC 9110 15.4.2)."""
        query = f"?{request.url.query}" if request.url.query else ""
        place = f"{self._settings.site.base_url}{path}{query}"
        return RedirectResponse(place, HTTPStatus.MOVED_PERMANENTLY, _ANY_ORIGIN)

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Every 4xx and 5xx: one plain line, or where a browser would show it a page.

        A fault of ours is told in the log alone. A feed's address never answers with a page.
        """
        known = error if isinstance(error, HTTPException) else HTTPException(500)
        headers = {**(known.headers or {}), "X-Content-Type-Options": "nosniff"}
        is_of_feed = request.url.path.startswith("/feeds")
        if not is_of_feed:  # RFC 9110 12.5.5: a cache has to know by what it was chosen
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept")))
        if is_of_feed or "text/html" not in (_field(request, "accept") or "").lower():
            return PlainTextResponse(f"{known.detail}\n", known.status_code, headers)
        why = _FAULT if known.status_code == HTTPStatus.INTERNAL_SERVER_ERROR else known.detail
        page = pages.error_page(HTTPStatus(known.status_code), why, self._settings)
        headers |= dict(self._of_pages)
        return Response(page, known.status_code, headers, media_type=pages.MEDIA_TYPE)


def _field(request: Request, name: str) -> str | None:
    """A header whose value is a list, in any number of lines (RFC 9110 5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _absent(wanted: Wanted) -> str:
    if wanted.archive is not None:
        return _NO_ARCHIVE
    if wanted.page > 1:
        return "no such page; begin at the feed and follow its next pages"
    return f"{wanted.selection.name}: no story stands in it yet"


def _not_found(why: str) -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, why)
