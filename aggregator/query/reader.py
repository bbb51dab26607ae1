"""The only reader of the store. It never writes, and never waits for the writer."""

from __future__ import annotations

from typing import Self

from aggregator.model import Selection, Story
from aggregator.query import reports, stories, windows
from aggregator.query.reports import SourceReport, Totals
from aggregator.query.windows import Standing, Window
from aggregator.schema import open_engine


class Query:
    """The store, open for reading, from any number of threads. It must exist already."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, writes=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

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

    def page(self, selection: Selection, size: int, number: int) -> Window | None:
        """A page of `size` stories of a narrowed selection, newest first; None if there is none.

        The first has the number 1, and is there even if it is empty.
        """
        with self._engine.connect() as connection:
            return windows.page(connection, selection, size, number)

    def story(self, page_id: str) -> Story | None:
        """The story with this page id, or with the id of one that a join retired into it."""
        with self._engine.connect() as connection:
            return stories.by_page(connection, page_id)

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
