"""The only reader of the store. It never writes, and never waits for the writer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.model import Selection, Story
from aggregator.model.explaining import Explained
from aggregator.model.notices import Notice
from aggregator.query import comparing, explained, narrowed, reports, stories, windows
from aggregator.query.changes import Changes
from aggregator.query.comparing import Difference, Told
from aggregator.query.narrowed import TooCostly
from aggregator.query.reports import SourceReport, Totals, VerticalReport
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

    def begin_anew(self) -> None:
        """Let the next call of `revisions_if_changed` be the first."""
        self._changes.close()

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

    def newest(
        self, selections: Iterable[Selection], size: int
    ) -> tuple[Standing, tuple[tuple[Story, ...], ...]] | None:
        """The newest `size` stories of each selection, and where the feed of everything stands.

        None while the store has no state of it.
        """
        with self._engine.connect() as connection:
            standing = windows.standing(connection, Selection())
            if standing is None:
                return None
            return standing, tuple(windows.newest(connection, one, size) for one in selections)

    def archive(self, selection: Selection, number: int, least: int = 0) -> Window | None:
        """What an archive of the selection lists, the newest first; None if there is none.

        With the archives before it where it has not `least` stories, all in the feed's order.
        """
        with self._engine.connect() as connection:
            return windows.archive(connection, selection, number, least=least)

    def archives(
        self, selection: Selection, least: int = 0
    ) -> tuple[tuple[int, Standing, Standing], ...]:
        """The number of every archive of the selection, the newest first, and where it stands.

        And where that stands which has `least` stories at the least.
        """
        with self._engine.connect() as connection:
            return tuple(windows.archives(connection, selection, least))

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

    def differences(self) -> tuple[Difference, ...]:
        """What stands otherwise than when this copy of a store was made, by vertical."""
        with self._reporting() as connection:
            return comparing.differences(connection)

    def all_of(self, selection: Selection) -> frozenset[int]:
        """The number of every story that stands in a selection, however long that takes."""
        with self._reporting() as connection:
            return comparing.all_of(connection, selection, self._slices)

    def told(self, numbers: Iterable[int]) -> dict[int, Told]:
        """What is told of the stories with these numbers, which may stand nowhere."""
        with self._reporting() as connection:
            return comparing.told(connection, numbers)

    def remembered(self, name: str) -> str | None:
        """What the store remembers under this name; None where it remembers nothing."""
        with self._reporting() as connection:
            return reports.remembered(connection, name)

    def sources(self, now: datetime) -> tuple[SourceReport, ...]:
        """Every source that is listed, by address."""
        with self._reporting() as connection:
            return reports.sources(connection, now)

    def verticals(self) -> tuple[VerticalReport, ...]:
        """Every vertical that the store knows, `ALL` among them, by name."""
        with self._reporting() as connection:
            return reports.verticals(connection)

    def notices(self, most: int) -> tuple[Notice, ...]:
        """The newest of what operators are told, the newest first."""
        with self._reporting() as connection:
            return reports.notices(connection, most)

    def totals(self) -> Totals:
        """How many listed sources, entries and stories there are."""
        with self._reporting() as connection:
            return reports.totals(connection)

    @contextmanager
    def _reporting(self) -> Iterator[Connection]:
        """A connection for reports, which say what is wrong with the store.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(
                f"{self._engine.url.database}: cannot be read ({error.orig}); "
                "check the file and its rights"
            ) from error
