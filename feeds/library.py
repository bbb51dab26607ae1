"""Renditions kept ready, and made again only when their stories have changed."""

from __future__ import annotations

import threading

from aggregator.model import Selection, Story
from aggregator.query import Query, Window
from aggregator.settings import Settings
from feeds import conditional, document, render
from feeds.document import FeedDocument, FeedItem, Rendition
from feeds.selection import FORMATS

KEPT = 256
"""Renditions kept at the most: the union of any verticals is a feed, so there is no natural end."""


class Library:
    """The feeds of one store. Its calls block: run them in a thread."""

    def __init__(self, settings: Settings, site_id: str, query: Query) -> None:
        self._settings = settings
        self._site_id = site_id
        self._query = query
        self._lock = threading.Lock()
        self._kept: dict[tuple[Selection, str], tuple[int, Rendition]] = {}

    def rendition(self, selection: Selection, fmt: str) -> Rendition | None:
        """The feed of a selection in one format, as of the store's last commit.

        None while the store has never heard of its verticals.
        """
        standing = self._query.standing(selection)
        with self._lock:
            kept = self._kept.get((selection, fmt))
        if standing and kept and kept[0] == standing.revision:
            return kept[1]
        window = self._query.window(selection, self._settings.feed_size)
        if window is None:
            return None
        body = render.render(self._document(selection, window), fmt)
        made = conditional.rendition(body, FORMATS[fmt], window.standing.modified_at)
        with self._lock:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[selection, fmt] = (window.standing.revision, made)
        return made

    def document(self, selection: Selection) -> FeedDocument | None:
        """What the feed of a selection says, for its page."""
        window = self._query.window(selection, self._settings.feed_size)
        return self._document(selection, window) if window else None

    def story(self, page_id: str) -> tuple[Story, FeedItem] | None:
        """A story and what feeds say of it, by the id of its page; None if there is none."""
        story = self._query.story(page_id)
        if story is None:
            return None
        alone = document.build(Selection(), (story,), self._settings, self._site_id, story.updated)
        return story, alone.items[0]

    def _document(self, selection: Selection, window: Window) -> FeedDocument:
        return document.build(
            selection, window.stories, self._settings, self._site_id, window.standing.updated_at
        )
