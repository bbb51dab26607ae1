"""The only reader of the store. It never writes, and never waits for the writer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Self

from aggregator.model import Selection, Story
from aggregator.model.explaining import Explained
from aggregator.query import explained, narrowed, reports, stories, windows
from aggregator.query.changes import Changes
from aggregator.query.narrowed import TooCostly
from aggregator.query.reports import SourceReport, Totals
from aggregator.query.slices import Slices
from aggregator.query.windows import Standing, Window
from aggregator.schema import open_engine


class Query:
    """The store, open for reading, from any number of threads. It must exist already."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, writes=False)
        self._changes = Changes(self._engine)
        self._slices = Slices()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._changes.close()
        self._engine.dispose()

    def revisions_if_changed(self) -> dict[str, int] | None:
        """The revision of every vertical, if anybody has committed since the last call.

        So at the first call. That nobody has is found out without a query.
        """
        return self._changes.revisions()

    def prepare(self) -> None:
        """Find out now what the first narrowed selection would have to wait for."""
        with self._engine.connect() as connection:
            self._slices.bounds(connection)

    def standing(self, selection: Selection) -> Standing | None:
        """Where the selection's feed stands; None while the store has no state of its verticals."""
        with self._engine.connect() as connection:
            return windows.standing(connection, selection)

    def window(self, selection: Selection, size: int) -> Window | None:
        """What the selection's feed lists: the newest `size` stories, and all that must be there.

        Newest by the time they came to stand in it, or were significantly revised. None while the
        store has no state of its verticals.
        """
        with self._engine.connect() as connection:
            return windows.window(connection, selection, size)

    def archive(self, selection: Selection, number: int) -> Window | None:
        """What an archive of the selection lists, the newest first; None if there is none."""
        with self._engine.connect() as connection:
            return windows.archive(connection, selection, number)

    def archives(self, selection: Selection) -> tuple[tuple[int, Standing], ...]:
        """The number of every archive of the selection, the newest first, and where it stands."""
        with self._engine.connect() as connection:
            return tuple(windows.archives(connection, selection))

    def story_pages(self) -> Iterator[tuple[str, datetime]]:
        """The page id of every story that stands anywhere, and when its page changed.

        It may have changed later only by losing a story that was joined to another.
        """
        last: int | None = 0
        while last is not None:
            with self._engine.connect() as connection:
                pages, last = stories.pages(connection, last)
                around = explained.changed_around(connection, [page_id for page_id, _ in pages])
            for page_id, changed_at in pages:
                yield page_id, max(changed_at, around.get(page_id, changed_at))

    def standing_pages(self, page_ids: Collection[str]) -> frozenset[str]:
        """Those of the page ids that are of stories that stand anywhere."""
        with self._engine.connect() as connection:
            return stories.standing_pages(connection, page_ids)

    def page(self, selection: Selection, size: int, number: int) -> Window | TooCostly | None:
        """A page of `size` stories of a narrowed selection, newest first; None if there is none.

        The first has the number 1, and is there even if it is empty.
        """
        with self._engine.connect() as connection:
            return narrowed.page(connection, selection, self._slices, size, number)

    def story(self, page_id: str) -> Story | None:
        """The story with this page id, or with the id of one that a join retired into it."""
        with self._engine.connect() as connection:
            return stories.by_page(connection, page_id)

    def story_explained(self, page_id: str) -> tuple[Story, Explained, Standing] | None:
        """The story with this page id, all that is published of it, and where its page stands.

        None if there is none, or if a join has retired the page.
        """
        with self._engine.connect() as connection:
            found = stories.by_page(connection, page_id)
            standing = windows.standing(connection, Selection())
            told = explained.explain(connection, page_id, published=True)
            if found is None or standing is None or told is None:
                return None
            # A story that was joined to another may have been told of here, and tells no more.
            changed = (
                explained.changed_around(connection, [page_id]).get(page_id),
                explained.last_departure(connection),
            )
            own = stories.changed_at(connection, found)
            modified_at = max(own, standing.remade_at, *filter(None, changed))
            return found, told, replace(standing, modified_at=modified_at)

    def find(self, name: str) -> tuple[str, ...]:
        """The ids of the stories that may be meant by an id, a page id, or an address."""
        with self._engine.connect() as connection:
            return explained.find(connection, name)

    def explain(self, identifier: str) -> Explained | None:
        """All that is known of the story with this id or page id; None if there is none."""
        with self._engine.connect() as connection:
            return explained.explain(connection, identifier)

    def was_withdrawn(self, page_id: str) -> bool:
        """Whether there was a story with this page id, which is published no more."""
        with self._engine.connect() as connection:
            return stories.was_withdrawn(connection, page_id)

    def sources(self) -> tuple[SourceReport, ...]:
        """Every source that is listed, by address."""
        with self._engine.connect() as connection:
            return reports.sources(connection)

    def totals(self) -> Totals:
        """How many listed sources, entries and stories there are."""
        with self._engine.connect() as connection:
            return reports.totals(connection)
