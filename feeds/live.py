"""config.toml and the seeds folder, live: what is edited there is what runs, or nothing changes.

The only door to watchfiles.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchfiles import Change, awatch

from aggregator import config
from aggregator.errors import BroadsheetError
from aggregator.markup import one_line
from aggregator.model import Problem
from aggregator.model.notices import ConfigState, NoticeKind
from aggregator.settings import Settings
from aggregator.store import Listed

log = logging.getLogger("broadsheet.config")

STILL = 0.3
"""Seconds for which the file must have been as it is before it is read: an edit comes in pieces."""

LOOKS_EVERY = 2.0
"""Seconds after which we look by ourselves: some file systems tell of no change."""

_NOTICED = 0.02
"""Seconds after which a change that the system tells of is passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """What a live configuration does to the service: `adopt` it, look into the seeds, and tell."""

    adopt: Callable[[Settings, str], Awaitable[Listed]]
    scan: Callable[[], Awaitable[None]]
    tell: Callable[[NoticeKind, str], Awaitable[None]]


class Live:
    """Keeps a service in line with its config.toml, and its seeds folder.

    `state` says what of the file is live. What cannot be reloaded is compared with what the service
    began with.
    """

    def __init__(
        self,
        running: config.Running,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        actions: Actions,
    ) -> None:
        self._file = file = running.settings.file
        self._began = running.settings
        self._settings = running.settings
        self._text = running.text
        self._problems = running.problems
        self._refused = running.refused
        self._environ = environ
        self._clock = clock
        self._actions = actions
        self._seen = _signature(file)
        now = clock()
        refused_at = now if running.problems else None
        self.state = ConfigState(live_since=now, problems=running.problems, refused_at=refused_at)

    async def watch(self) -> None:
        """Take in what is edited, as long as this lasts."""
        self._seen = None  # it may have been edited while we began
        async with asyncio.TaskGroup() as both:
            both.create_task(self._watch_file())
            both.create_task(self._watch_seeds())

    async def _watch_file(self) -> None:
        # The folder, and that of what a link leads to: editors put another file in the place of it.
        folders = {self._file.absolute().parent, self._file.resolve().parent}
        store = Path(self._settings.store_url.removeprefix("sqlite:///")).name

        def is_ours(_: Change, path: str) -> bool:
            return not Path(path).name.startswith(store)

        async for _ in _changes(*folders, only=is_ours, recursive=False):
            await self.look()

    async def _watch_seeds(self) -> None:
        while True:
            folder = self._settings.seeds_folder
            if folder.is_dir():
                async for _ in _changes(folder):
                    if folder != self._settings.seeds_folder or not folder.is_dir():
                        break
                    await asyncio.sleep(STILL)
                    await self._scan()
            await asyncio.sleep(LOOKS_EVERY)

    async def _scan(self) -> None:
        try:
            await self._actions.scan()
        except BroadsheetError as problem:
            log.error("%s; the seeds are looked into again", problem)  # noqa: TRY400

    async def look(self) -> None:
        """Read the file if it has changed, once it has been still for a while."""
        seen = _signature(self._file)
        if seen == self._seen:
            return
        text: str | Problem | None = None
        while text is None:
            await asyncio.sleep(STILL)
            if (now := _signature(self._file)) == seen:
                read = await asyncio.to_thread(config.text, self._file)
                text = read if (now := _signature(self._file)) == seen else None
            seen = now
        self._seen = seen
        await self._take(text)

    async def _take(self, text: str | Problem) -> None:
        """Make a text what runs, or tell what is wrong with it."""
        if text == self._refused:
            return
        if text == self._text:
            if self._problems:
                await self._good_again()
            return
        read: Settings | tuple[Problem, ...] = (text,) if isinstance(text, Problem) else ()
        if not isinstance(text, Problem):
            read = await asyncio.to_thread(config.read_text, self._file, text, self._environ)
        if isinstance(read, Settings) and isinstance(text, str):
            await self._adopt(read, text)
        elif not isinstance(read, Settings):
            self._refused = text
            await self._refuse(read)

    async def _adopt(self, settings: Settings, text: str) -> None:
        try:
            listed = await self._actions.adopt(settings, text)
        except BroadsheetError as error:
            self._refused = None
            what = f"is good, and cannot be taken in ({error})"
            todo = "see to that, and save the file again"
            await self._refuse((Problem(file=str(self._file), line=None, what=what, todo=todo),))
            return
        was_refused = bool(self._problems)
        self._settings, self._text, self._problems, self._refused = settings, text, (), None
        restart = needs_restart(self._began, settings)
        self.state = ConfigState(live_since=self._clock(), restart=restart)
        log.info("%s: live; %s", self._file, told(listed))
        for key in restart:
            log.warning("%s: %s takes effect at the next start", self._file, key)
        if was_refused:
            await self._tell("taken", f"{self._file.name} is good again, and live")

    async def _good_again(self) -> None:
        self._problems, self._refused = (), None
        self.state = replace(self.state, problems=(), refused_at=None)
        log.info("%s: is again what runs", self._file)
        await self._tell("taken", f"{self._file.name} is again what runs")

    async def _refuse(self, problems: tuple[Problem, ...]) -> None:
        self._problems = problems
        self.state = replace(self.state, problems=problems, refused_at=self._clock())
        for problem in problems:
            log.error("%s", problem)
        log.error("%s: refused; what was live goes on until the file is good", self._file)
        await self._tell("refused", in_words(problems))

    async def _tell(self, kind: NoticeKind, said: str) -> None:
        try:
            await self._actions.tell(kind, said)
        except BroadsheetError as problem:
            log.error("%s; %s", said, problem)  # noqa: TRY400 - the log is left to tell it


MOST_TOLD = 20
"""Problems of one text that operators are told of."""


def in_words(problems: Sequence[Problem]) -> str:
    """The problems of a text, in one line."""
    lines = "; ".join(one_line(str(problem)) for problem in problems[:MOST_TOLD])
    more = len(problems) - MOST_TOLD
    return f"{lines}; and {more} more" if more > 0 else lines


def needs_restart(began: Settings, settings: Settings) -> tuple[str, ...]:
    """What of a configuration a running service does not take in."""
    keys = (
        ("[server] host", began.server.host, settings.server.host),
        ("[server] port", began.server.port, settings.server.port),
        ("[store] url", began.store_url, settings.store_url),
    )
    return tuple(key for key, before, now in keys if before != now)


def told(listed: Listed) -> str:
    """What has come of the sources, in a few words."""
    parts = (("come", listed.came), ("go", listed.went), ("move", listed.moved))
    found = ", ".join(f"{len(which)} {word}" for word, which in parts if which)
    return f"sources: {found}" if found else "the sources are the same"


async def _changes(
    *folders: Path,
    only: Callable[[Change, str], bool] | None = None,
    recursive: bool = True,
) -> AsyncIterator[None]:
    """Tells that something has changed in the folders, or may have: also at the beginning."""
    watching = awatch(
        *folders,
        watch_filter=only,
        debounce=int(STILL * 1000),
        step=int(_NOTICED * 1000),
        rust_timeout=int(LOOKS_EVERY * 1000),
        yield_on_timeout=True,
        recursive=recursive,
        ignore_permission_denied=True,
    )
    first = asyncio.ensure_future(anext(watching))
    try:
        await asyncio.sleep(0)  # the watch is on, and what comes from here on is told
        yield
        await first
        yield
        async for _ in watching:
            yield
    # The system may have no watch left for us (inotify's limits): then we look by ourselves.
    except (OSError, RuntimeError) as problem:
        log.warning("%s: cannot be watched (%s); looked into instead", folders[0], problem)
        while True:
            yield
            await asyncio.sleep(LOOKS_EVERY / 2)
    finally:
        first.cancel()


def _signature(file: Path) -> tuple[int, ...] | None:
    """What changes when a file is written, or another one put in its place; None without one."""
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino, about.st_dev
