"""Renditions as they are answered with: ready to be sent, and found before any routing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from weakref import ref

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds import conditional
from feeds.document import Rendition
from feeds.library import Kept

MOST_REQUESTS = 8_192
"""Requests of which we remember the answer: some megabytes. The bytes are the library's."""

_Key = tuple[bytes, bytes, bytes | None]


class Answer:
    """A rendition with the headers of its 200, ready to be sent.

    `messages` are those of ASGI: first for who has not got it, all of it; then for who has, the
    304. The server leaves out the body of a HEAD.
    """

    def __init__(self, rendition: Rendition, headers: conditional.Headers) -> None:
        self.tag = rendition.etag.encode()
        length = ("Content-Length", str(len(rendition.body)))
        whole = _start(HTTPStatus.OK, (*headers, length))
        not_modified = _start(HTTPStatus.NOT_MODIFIED, conditional.not_modified(headers))
        self.messages: tuple[tuple[Message, Message], tuple[Message, Message]] = (
            (whole, {"type": "http.response.body", "body": rendition.body}),
            (not_modified, _NOTHING),
        )


def _start(status: int, headers: conditional.Headers) -> Message:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": int(status), "headers": raw}


_NOTHING: Message = {"type": "http.response.body", "body": b""}


class Ready:
    """An answer that was decided on, as an ASGI application: what an endpoint returns."""

    def __init__(self, answer: Answer, *, is_current: bool) -> None:
        self._messages = answer.messages[is_current]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        for message in self._messages:
            await send(message)


class Shortcut:
    """Answers what was asked for before, to the byte, and has not changed; `app` all the rest.

    That takes a few look-ups in memory: no routing, no parsing, no store. What was asked is
    compared as it came, so that nothing has to be understood again.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock
        self._known: dict[_Key, ref[Kept]] = {}

    def remember(self, scope: Scope, kept: Kept) -> None:
        """This is what was asked for by such a request; it has its `answer`."""
        key = _key(scope)
        if key is None:
            return
        self._known[key] = ref(kept)
        if len(self._known) > MOST_REQUESTS:
            del self._known[next(iter(self._known))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, or let the application do it."""
        if scope["type"] == "http" and scope["method"] in _READING:
            coding = tag = since = None
            several = False
            for name, value in scope["headers"]:
                if name == b"accept-encoding":
                    several, coding = several or coding is not None, value
                elif name == b"if-none-match":
                    several, tag = several or tag is not None, value
                elif name == b"if-modified-since":
                    since = value
            found = self._known.get((scope.get("raw_path", b""), scope["query_string"], coding))
            kept = found() if found else None
            if kept is not None and not several and kept.revision >= kept.state.revision:
                kept.is_asked_for = True
                is_current = tag is not None or since is not None
                if is_current and tag != kept.answer.tag:
                    is_current = self._is_current(kept.rendition, tag, since)
                for message in kept.answer.messages[is_current]:
                    await send(message)
                return
        await self._app(scope, receive, send)

    def _is_current(self, rendition: Rendition, tag: bytes | None, since: bytes | None) -> bool:
        tags, date = (None if v is None else v.decode("latin-1") for v in (tag, since))
        return conditional.is_current(rendition, tags, date, self._clock())


_READING = ("GET", "HEAD")


def _key(scope: Scope) -> _Key | None:
    """What of a request decides on the rendition; None if it says one thing twice, or no path."""
    codings = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    if len(codings) > 1 or not scope.get("raw_path"):
        return None
    return scope["raw_path"], scope["query_string"], codings[0] if codings else None
