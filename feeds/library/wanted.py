"""Which document of the library."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model import Selection
from feeds.conditional import IDENTITY

PAGE = "html"
"""The format of what people look at: a selection, an archive, or a story."""

FRONT = "front"
"""The format of the page that is shown first."""

FOUND = "found"
"""The format of what a search finds, for people."""

OUTLINE = "opml"
"""The format of the list of all our feeds."""


_EVERYTHING = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document: of which selection, in which format and coding.

    The format is one of `FORMATS`, of those above, or a name of `pages.FIXED`. `archive` is the
    number of an archive of the feed, None for the feed itself; `page` that of a page of a narrowed
    selection; `story` the page id of a story, whose page is wanted.
    """

    fmt: str
    selection: Selection = _EVERYTHING
    archive: int | None = None
    page: int = 1
    story: str | None = None
    coding: str = IDENTITY
