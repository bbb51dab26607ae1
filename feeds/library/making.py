"""How each document is made, from what the store holds now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregator.model import Selection
from aggregator.query import Query, Standing, TooCostly, Window
from aggregator.settings import Settings
from feeds import conditional, document, pages, render
from feeds.document import Contents, Rendition
from feeds.library.items import Items
from feeds.library.wanted import FOUND, FRONT, OUTLINE, PAGE, Wanted
from feeds.selection import FORMATS


@dataclass(frozen=True, slots=True)
class Made:
    """A rendition in no coding, and the revision that it shows."""

    rendition: Rendition
    revision: int


class Maker:
    """Makes the documents of one store. `kept_bytes` of the items in them are kept."""

    def __init__(self, settings: Settings, site_id: str, query: Query, kept_bytes: int) -> None:
        self._settings = settings
        self._site_id = site_id
        self._query = query
        self._items = Items(settings, kept_bytes)

    def make(self, wanted: Wanted) -> Made | TooCostly | None:
        """The document in no coding.

        None if there is no such archive, page or story, or while the store does not know the
        verticals.
        """
        if wanted.fmt == OUTLINE:
            return self._outline()
        if wanted.fmt in pages.FIXED:
            return self._fixed(wanted.fmt)
        if wanted.fmt == FRONT:
            return self._front()
        if wanted.story is not None:
            return self._story(wanted.story)
        window = self._window(wanted)
        if window is None or isinstance(window, TooCostly):
            return window
        is_page = wanted.fmt in {PAGE, FOUND}
        body = self._page(wanted, window) if is_page else self._feed(wanted, window)
        return _made(body, FORMATS.get(wanted.fmt, pages.MEDIA_TYPE), window.standing)

    def _feed(self, wanted: Wanted, window: Window) -> bytes:
        contents = _contents(replace(window, stories=()), wanted)
        head = document.build(wanted.selection, contents, self._settings, self._site_id)
        items = (
            render.Item(self._items.get(story, wanted.fmt), due=story.id in window.due)
            for story in window.stories
        )
        # What an archive has is nowhere else: it is never shortened.
        limit = self._settings.feed_bytes if wanted.archive is None else None
        return render.feed(head, wanted.fmt, items, limit)

    def _page(self, wanted: Wanted, window: Window) -> bytes:
        contents = _contents(window, wanted)
        feed = document.build(wanted.selection, contents, self._settings, self._site_id)
        page = pages.searched_page if wanted.fmt == FOUND else pages.selection_page
        return page(feed, wanted.selection, contents, self._settings).encode()

    def _front(self) -> Made | None:
        """The newest of everything, and of each vertical; each story once, where it comes first."""
        shown = [v.name for v in self._settings.verticals[: pages.IN_NAVIGATION]]
        selections = (Selection(), *(Selection(verticals=(name,)) for name in shown))
        found = self._query.newest(selections, pages.ON_FRONT + 2 * pages.IN_SECTION)
        if found is None:
            return None
        standing, (everything, *sections) = found
        newest = everything[: pages.ON_FRONT]
        contents = Contents(stories=newest, updated=standing.updated_at)
        feed = document.build(Selection(), contents, self._settings, self._site_id)
        told, items = {story.id for story in newest}, {}
        for name, stories in zip(shown, sections, strict=True):
            others = [story for story in stories if story.id not in told][: pages.IN_SECTION]
            told |= {story.id for story in others}
            items[name] = tuple(document.item(story, self._settings) for story in others)
        page = pages.front_page(feed, items, self._settings).encode()
        return _made(page, pages.MEDIA_TYPE, standing)

    def _fixed(self, name: str) -> Made | None:
        standing = self._query.standing(Selection())
        if standing is None:
            return None
        media_type, make = pages.FIXED[name]
        changed = replace(standing, modified_at=standing.remade_at)
        return _made(make(self._settings), media_type, changed)

    def _story(self, page_id: str) -> Made | None:
        found = self._query.story_explained(page_id)
        if found is None:
            return None
        story, explained, standing = found
        item = document.item(story, self._settings)
        page = pages.story_page(item, explained, self._settings).encode()
        return _made(page, pages.MEDIA_TYPE, standing)

    def _outline(self) -> Made | None:
        standing = self._query.standing(Selection())
        if standing is None:
            return None
        lines = document.subscriptions(self._settings)
        body = render.opml(self._settings.site.title, lines)
        # It says nothing of stories.
        return _made(body, render.OPML, replace(standing, modified_at=standing.remade_at))

    def _window(self, wanted: Wanted) -> Window | TooCostly | None:
        size = self._settings.feed_size
        if wanted.selection.is_narrowed:
            return self._query.page(wanted.selection, size, wanted.page)
        if wanted.archive is None:
            return self._query.window(wanted.selection, size)
        # Each first pull closes an archive: nobody shall have to turn a page for each story of it.
        least = size if wanted.fmt == PAGE else 0
        return self._query.archive(wanted.selection, wanted.archive, least)


def _made(body: bytes, media_type: str, standing: Standing) -> Made:
    made = conditional.rendition(body, media_type, standing.modified_at)
    return Made(made, standing.revision)


def _contents(window: Window, wanted: Wanted) -> Contents:
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
