"""A site over a newsroom's store, asked in this process: what a reader gets, without a socket.

    site = Site(room, settings)
    answer = site.get("/feeds/all.atom", {"If-None-Match": tag})

No answer is older than the question: the library's time flies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from starlette.routing import Route

from aggregator.settings import Settings
from feeds.app import application
from feeds.library import Kept, Library, Wanted
from tests.newsroom import Newsroom
from tests.service import Answer


class Site:
    """The application over the store of `room`, whose clock is its own; with `others`."""

    def __init__(self, room: Newsroom, settings: Settings, others: Sequence[Route] = ()) -> None:
        seconds = count(step=60)
        self.library = Library(settings, "urn:uuid:site", room.query, lambda: float(next(seconds)))
        self._loop = asyncio.new_event_loop()
        self.shortcut = application(settings, self.library, room.clock, lambda: True, others)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET."""
        return self.ask("GET", path, headers)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to one request."""
        return self._send(method, path, list((headers or {}).items()))

    def get_with(self, path: str, headers: Sequence[tuple[str, str]]) -> Answer:
        """The answer to a GET with header lines, of which several may have one name."""
        return self._send("GET", path, headers)

    def kept(self) -> Kept:
        """What the library keeps of the feed of everything."""
        kept = self._loop.run_until_complete(self.library.current(Wanted(fmt="atom")))
        assert isinstance(kept, Kept)
        return kept

    def _send(self, method: str, path: str, headers: Sequence[tuple[str, str]]) -> Answer:
        self.library.look()
        return self._loop.run_until_complete(self._ask(method, path, headers))

    def close(self) -> None:
        """Let go of the loop, and of the threads of its own."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _ask(self, method: str, path: str, headers: Sequence[tuple[str, str]]) -> Answer:
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            said.append(message)

        where, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers],
        }
        await self.shortcut(scope, receive, send)
        start, *rest = said
        return Answer(
            status=start["status"],
            headers=tuple((n.decode(), v.decode("latin-1")) for n, v in start["headers"]),
            body=b"".join(message.get("body", b"") for message in rest),
        )
