"""What answers now: it may be another application after each change of the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from feeds.library import Library


class Front:
    """The ASGI application of a service: it hands each request to the one that answers now.

    A request that was begun is finished by the application that began it.
    """

    def __init__(
        self,
        library: Library,
        answering: Callable[[Library], ASGIApp],
        lifespan: Lifespan[Starlette],
    ) -> None:
        self.library = library
        self._answering = answering
        self._lasting = Starlette(lifespan=lifespan)
        self._now = answering(library)

    def show(self, library: Library) -> None:
        """Answer from this library from now on."""
        if library is not self.library:
            self.library.end()
        self.library = library
        self._now = self._answering(library)

    async def watch(self) -> None:
        """Notice what is committed to the store, as long as this lasts."""
        while True:
            await self.library.watch()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer: no coroutine of its own, which would cost each reader a microsecond."""
        app = self._lasting if scope["type"] == "lifespan" else self._now
        return app(scope, receive, send)
