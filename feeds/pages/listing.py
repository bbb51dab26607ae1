"""The pages that list stories: the front page, those of selections, and what a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from aggregator import markup
from aggregator.model import Selection
from aggregator.settings import Settings, Vertical
from feeds import document
from feeds.document import HEADINGS, Contents, FeedDocument, FeedItem
from feeds.pages.house import filled

ON_FRONT, IN_SECTION = 8, 4
"""Stories on the front page: of everything, and of each vertical."""

_EXCERPT = 220
"""Characters of its text that a story is listed with."""

_MOST_READ = 4_000
"""Characters of HTML that an excerpt is looked for in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A story as lists have it: with the beginning of its text, and what made that text.

    `made` is the heading of a text made by a machine, None where the publisher wrote it.
    """

    item: FeedItem
    excerpt: str
    made: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A page beside one: what it is to that (`rel`), what it is called, and its address.

    `at` is the story of it to go on reading from, by the name of its page.
    """

    rel: Literal["prev", "next"]
    name: str
    address: str
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A vertical on the front page."""

    vertical: Vertical
    items: tuple[Listed, ...]


def front_page(
    newest: FeedDocument, sections: Mapping[str, tuple[FeedItem, ...]], settings: Settings
) -> str:
    """The newest stories, and those of each vertical that are not among them.

    `sections` are by the name of the vertical, and without one for each that shall not be shown.
    """
    by_name = {vertical.name: vertical for vertical in settings.verticals}
    return filled(
        "front.html",
        settings,
        feed=newest,
        items=listed(newest.items),
        sections=[
            _Section(vertical=by_name[name], items=listed(items))
            for name, items in sections.items()
            if items
        ],
    )


def selection_page(
    feed: FeedDocument, selection: Selection, contents: Contents, settings: Settings
) -> str:
    """The newest stories of a selection, or those of one of its archives.

    What is narrowed has pages, all else archives: each leads to the ones beside it.
    """
    base_url = settings.site.base_url
    described = {vertical.name: vertical.description for vertical in settings.verticals}
    shown = () if selection.query else selection.verticals
    return filled(
        "selection.html",
        settings,
        here=selection.name,
        feed=feed,
        addresses=document.addresses(selection, base_url),
        newest=document.listing(selection, base_url),
        items=listed(feed.items),
        own=document.listing(selection, base_url, archive=contents.archive, page=contents.page),
        description=" ".join(filter(None, (described.get(name) for name in shown))),
        is_first=contents.archive is None and contents.page == 1,
        beside=_beside(contents, selection, base_url),
    )


def searched_page(
    feed: FeedDocument, selection: Selection, contents: Contents, settings: Settings
) -> str:
    """What a search finds, with the form to search on, and the feeds of the search."""
    asked = selection.narrowing
    values = {
        "q": asked.searches[0].text if asked.searches else "",
        "vertical": asked.within[0] if asked.within else "",
    }
    shown = [("q", values["q"]), ("vertical", values["vertical"])]
    return filled(
        "searched.html",
        settings,
        feed=feed,
        addresses=document.addresses(selection, settings.site.base_url),
        items=listed(feed.items),
        own=document.listing(selection, settings.site.base_url, page=contents.page),
        values=values,
        hidden=[pair for pair in asked.parameters if pair not in shown],
        beside=_beside(contents, selection, settings.site.base_url),
    )


def listed(items: Iterable[FeedItem]) -> tuple[Listed, ...]:
    """The stories as lists have them."""
    return tuple(map(_listed, items))


def _listed(item: FeedItem) -> Listed:
    if item.deep_dive:
        made, text = HEADINGS[item.deep_dive.kind], " ".join(item.deep_dive.paragraphs)
    else:
        made, text = None, markup.text_of(_beginning(item.summary_html or item.text_html))
    return Listed(item=item, excerpt=_excerpt(" ".join(text.split()), item.title), made=made)


def _excerpt(text: str, title: str) -> str:
    """The beginning of a text, without what stands above it as the title where there is none."""
    if text == title:
        return ""
    told = title.removesuffix("…")
    if told != title and text.startswith(told):
        text = f"…{text[len(told) :]}"
    return document.opening(text, _EXCERPT)


def _beginning(html: str) -> str:
    cut = markup.cut(html, _MOST_READ)
    return html if cut is None else cut


def _beside(contents: Contents, selection: Selection, base_url: str) -> tuple[Beside, ...]:
    """The pages beside one, first the one with newer stories."""

    def at(archive: int | None = None, page: int = 1) -> str:
        return document.listing(selection, base_url, archive=archive, page=page)

    newer = older = None
    if contents.archive is not None:
        newer = at(contents.newer)
    elif contents.page > 1:
        newer = at(page=contents.page - 1)
    if contents.older:  # the one with the number 0 is where the walk begins, and empty
        older = at(contents.older)
    elif contents.more:
        older = at(page=contents.page + 1)
    said: tuple[tuple[Literal["prev", "next"], str, str | None], ...] = (
        ("prev", "Newer stories", newer),
        ("next", "Older stories", older),
    )
    # An archive may have stories that the feed lists too: who comes from there has read these.
    is_feed = contents.archive is None and contents.page == 1 and contents.stories
    last = contents.stories[-1].page_id if is_feed else ""
    return tuple(
        Beside(rel=rel, name=name, address=place, at=last if rel == "next" else "")
        for rel, name, place in said
        if place
    )
