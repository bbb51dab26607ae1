"""Renditions kept ready, and made again only when their stories have changed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from aggregator.model import Selection, Story
from aggregator.query import Query, Window
from aggregator.settings import Settings
from feeds import conditional, document, render
from feeds.conditional import IDENTITY
from feeds.document import Contents, FeedDocument, FeedItem, Rendition
from feeds.selection import FORMATS

KEPT_BYTES = 64_000_000
"""Bytes of renditions kept at the most, and as many of the stories that they are put together from.

The union of any verticals is a feed, and each has archives: there is no natural end.
"""

SETTLES = 1.0
"""Seconds for which what was just made or found current is given out as it is, without a look.

A first pull commits many times a second, and a feed that is made again for each commit keeps its
readers waiting. They may keep it for minutes anyway (RFC 9111 5.2.2.1).
"""

STALE = 5.0
"""Seconds for which a reader gets what is there, while it is made again for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document: of which selection, in which of `FORMATS` and which coding.

    `archive` is the number of an archive of the feed, None for the feed itself; `page` that of a
    page of a narrowed selection.
    """

    selection: Selection
    fmt: str
    archive: int | None = None
    page: int = 1
    coding: str = IDENTITY


@dataclass(slots=True)
class _Kept:
    """A rendition, the revision that it shows, and when it was last known to be current."""

    rendition: Rendition
    revision: int
    current_at: float


class Library:
    """The feeds of one store. Its calls block, but for `current`: run them in a thread.

    `timer` gives seconds that only rise.
    """

    def __init__(
        self,
        settings: Settings,
        site_id: str,
        query: Query,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timer = timer
        self._settings = settings
        self._site_id = site_id
        self._query = query
        self._kept = Lately[Wanted, _Kept](KEPT_BYTES)
        self._making: dict[Wanted, tuple[asyncio.Task[Rendition | None], float]] = {}
        self._items = Items(settings, KEPT_BYTES)

    async def current(self, wanted: Wanted) -> Rendition | None:
        """The document, at most `STALE` seconds behind the store.

        However many ask for it, it is made once. None as for `rendition`.
        """
        now = self._timer()
        kept = self._kept.get(wanted)
        age = now - kept.current_at if kept else STALE
        if kept and age < SETTLES:
            return kept.rendition
        making, begun = self._making.get(wanted, (None, now))
        # What began long ago may not show what was written since.
        if making is None or now - begun >= SETTLES:
            making = asyncio.create_task(asyncio.to_thread(self.rendition, wanted))
            self._making[wanted] = making, now
            making.add_done_callback(lambda done: self._made_at_last(wanted, done))
        if kept and age < STALE:
            return kept.rendition
        return await asyncio.shield(making)

    def _made_at_last(self, wanted: Wanted, done: asyncio.Task[Rendition | None]) -> None:
        if self._making.get(wanted, (None,))[0] is done:
            del self._making[wanted]

    def rendition(self, wanted: Wanted) -> Rendition | None:
        """The document, as of the store's last commit.

        None if there is no such archive or page, or while the store does not know the verticals.
        """
        found = self._latest(wanted)
        return found.rendition if found else None

    def _latest(self, wanted: Wanted) -> _Kept | None:
        now = self._timer()
        standing = self._query.standing(wanted.selection)
        kept = self._kept.get(wanted)
        if standing and kept and kept.revision == standing.revision:
            kept.current_at = now
            return kept
        made = self._encoded(wanted, kept) if wanted.coding != IDENTITY else self._made(wanted)
        if made is None:
            return None
        rendition, revision = made
        newer = self._kept.get(wanted)
        if newer and newer.revision > revision:
            return newer  # somebody else was faster
        kept = _Kept(rendition, revision, now)
        self._kept.put(wanted, kept, len(rendition.body))
        return kept

    def _encoded(self, wanted: Wanted, before: _Kept | None) -> tuple[Rendition, int] | None:
        """The document in its coding; what is in that already is not encoded again."""
        plain = self._latest(replace(wanted, coding=IDENTITY))
        if plain is None:
            return None
        made = plain.rendition
        if before and before.rendition.etag == conditional.tag(made, wanted.coding):
            return replace(before.rendition, last_modified=made.last_modified), plain.revision
        return conditional.encoded(made, wanted.coding), plain.revision

    def _made(self, wanted: Wanted) -> tuple[Rendition, int] | None:
        """The document in no coding, and the revision that it shows."""
        window = self._window(wanted)
        if window is None:
            return None
        contents = self._contents(replace(window, stories=()), wanted)
        head = document.build(wanted.selection, contents, self._settings, self._site_id)
        items = (
            render.Item(self._items.get(story, wanted.fmt), due=story.id in window.due)
            for story in window.stories
        )
        # What an archive has is nowhere else: it is never shortened.
        limit = self._settings.feed_bytes if wanted.archive is None else None
        body = render.feed(head, wanted.fmt, items, limit)
        modified_at = window.standing.modified_at
        made = conditional.rendition(body, FORMATS[wanted.fmt], modified_at)
        return made, window.standing.revision

    def document(self, selection: Selection) -> FeedDocument | None:
        """What the feed of a selection says, for its page."""
        wanted = Wanted(selection=selection, fmt="")
        window = self._window(wanted)
        if window is None:
            return None
        contents = self._contents(window, wanted)
        return document.build(selection, contents, self._settings, self._site_id)

    def story(self, page_id: str) -> tuple[Story, FeedItem] | None:
        """A story and what feeds say of it, by the id of its page; None if there is none."""
        story = self._query.story(page_id)
        return None if story is None else (story, document.item(story, self._settings))

    def was_withdrawn(self, page_id: str) -> bool:
        """Whether there was a story with this page, which is published no more."""
        return self._query.was_withdrawn(page_id)

    def _window(self, wanted: Wanted) -> Window | None:
        size = self._settings.feed_size
        if wanted.selection.is_narrowed:
            return self._query.page(wanted.selection, size, wanted.page)
        if wanted.archive is None:
            return self._query.window(wanted.selection, size)
        return self._query.archive(wanted.selection, wanted.archive)

    def _contents(self, window: Window, wanted: Wanted) -> Contents:
        return Contents(
            stories=window.stories,
            updated=window.standing.updated_at,
            tombstones=window.tombstones,
            archive=wanted.archive,
            older=window.older,
            newer=window.newer,
            page=wanted.page,
            more=window.more,
        )


class Items:
    """Each story's bytes in each format, made once while the story is as it is.

    At most `limit` bytes are kept.
    """

    def __init__(self, settings: Settings, limit: int) -> None:
        self._settings = settings
        self._kept = Lately[tuple[bytes, str], bytes](limit)

    def get(self, story: Story, fmt: str) -> bytes:
        """The story as an item of a feed in this format."""
        # Everything that the store says of the story: no field can be forgotten, none lies.
        version = blake2b(msgspec.msgpack.encode(story), digest_size=16).digest()
        if (kept := self._kept.get((version, fmt))) is not None:
            return kept
        made = render.item(document.item(story, self._settings), fmt)
        self._kept.put((version, fmt), made, len(made))
        return made


K = TypeVar("K")
V = TypeVar("V")


class Lately(Generic[K, V]):
    """What was asked for lately, in no more than `limit` bytes. Any thread may ask."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep it, of so many bytes; what was not asked for longest goes first."""
        with self._lock:
            self._size += size - self._kept.pop(key, (value, 0))[1]
            self._kept[key] = value, size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]
