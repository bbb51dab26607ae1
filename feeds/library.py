"""Renditions kept ready, and made again only when their stories have changed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from aggregator.model import Selection, Story
from aggregator.query import Query, Window
from aggregator.settings import Settings
from feeds import conditional, document, render
from feeds.document import FeedDocument, FeedItem, Rendition
from feeds.selection import FORMATS

KEPT = 256
"""Renditions kept at the most: the union of any verticals is a feed, so there is no natural end."""

KEPT_BYTES = 64_000_000
"""How many bytes of single stories are kept at the most, for feeds to be put together from."""

SETTLES = 1.0
"""Seconds for which what was just made or found current is given out as it is, without a look.

A first pull commits many times a second, and a feed that is made again for each commit keeps its
readers waiting. They may keep it for minutes anyway (RFC 9111 5.2.2.1).
"""

STALE = 5.0
"""Seconds for which a reader gets what is there, while it is made again for the next one."""


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
        self._lock = threading.Lock()
        self._kept: dict[tuple[Selection, str], _Kept] = {}
        self._making: dict[tuple[Selection, str], asyncio.Task[Rendition | None]] = {}
        self._items = Items(settings, KEPT_BYTES)

    async def current(self, selection: Selection, fmt: str) -> Rendition | None:
        """The feed of a selection in one format, at most `STALE` seconds behind the store.

        However many ask for it, it is made once. None as for `rendition`.
        """
        key = (selection, fmt)
        kept = self._kept.get(key)
        age = self._timer() - kept.current_at if kept else STALE
        if kept and age < SETTLES:
            return kept.rendition
        making = self._making.get(key)
        if making is None:
            making = asyncio.create_task(asyncio.to_thread(self.rendition, selection, fmt))
            self._making[key] = making
            making.add_done_callback(lambda _: self._making.pop(key))
        if kept and age < STALE:
            return kept.rendition
        return await asyncio.shield(making)

    def rendition(self, selection: Selection, fmt: str) -> Rendition | None:
        """The feed of a selection in one format, as of the store's last commit.

        None while the store has never heard of its verticals.
        """
        now = self._timer()
        standing = self._query.standing(selection)
        with self._lock:
            kept = self._kept.get((selection, fmt))
        if standing and kept and kept.revision == standing.revision:
            kept.current_at = now
            return kept.rendition
        window = self._query.window(selection, self._settings.feed_size)
        if window is None:
            return None
        head = self._document(selection, window, ())
        items = (self._items.get(story, fmt) for story in window.stories)
        body = render.feed(head, fmt, items, self._settings.feed_bytes)
        made = conditional.rendition(body, FORMATS[fmt], window.standing.modified_at)
        with self._lock:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[selection, fmt] = _Kept(made, window.standing.revision, now)
        return made

    def document(self, selection: Selection) -> FeedDocument | None:
        """What the feed of a selection says, for its page."""
        window = self._query.window(selection, self._settings.feed_size)
        return self._document(selection, window, window.stories) if window else None

    def story(self, page_id: str) -> tuple[Story, FeedItem] | None:
        """A story and what feeds say of it, by the id of its page; None if there is none."""
        story = self._query.story(page_id)
        return None if story is None else (story, document.item(story, self._settings))

    def _document(
        self, selection: Selection, window: Window, stories: tuple[Story, ...]
    ) -> FeedDocument:
        updated = window.standing.updated_at
        return document.build(selection, stories, self._settings, self._site_id, updated)


class Items:
    """Each story's bytes in each format, made once while the story is as it is.

    At most `limit` bytes are kept; what was not asked for longest goes first.
    """

    def __init__(self, settings: Settings, limit: int) -> None:
        self._settings = settings
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[bytes, str], bytes] = OrderedDict()
        self._size = 0

    def get(self, story: Story, fmt: str) -> bytes:
        """The story as an item of a feed in this format."""
        # Everything that the store says of the story: no field can be forgotten, none lies.
        version = blake2b(msgspec.msgpack.encode(story), digest_size=16).digest()
        with self._lock:
            if (kept := self._kept.get((version, fmt))) is not None:
                self._kept.move_to_end((version, fmt))
                return kept
        made = render.item(document.item(story, self._settings), fmt)
        with self._lock:
            self._size += len(made) - len(self._kept.get((version, fmt), b""))
            self._kept[version, fmt] = made
            while self._size > self._limit:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made
