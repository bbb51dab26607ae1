"""The feed of a selection, and the list of all our feeds."""

from __future__ import annotations

import uuid

from aggregator.model import ALL, Selection
from aggregator.settings import Settings
from feeds.document.story import item
from feeds.document.types import Contents, FeedDocument, Subscription

_FORMATS = ("rss", "atom", "json")


def build(
    selection: Selection, contents: Contents, settings: Settings, site_id: str
) -> FeedDocument:
    """The feed of a selection or one of its archives, its stories in the order they are given in.

    `site_id` is an absolute IRI, kept wherever the site moves: the feed's id is made from it and
    the selection's name, and is the same in every format and archive (RFC 4287 4.2.6).
    """
    site = settings.site
    title = _title(selection, settings)
    beside = {"prev-archive": contents.older, "next-archive": contents.newer}
    numbers = {rel: number for rel, number in beside.items() if number is not None}
    current: dict[str, None] = {} if contents.archive is None else {"current": None}
    return FeedDocument(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"{site_id}#{selection.name}").urn,
        title=title,
        description=_description(selection, settings) or f"The newest stories of {title}.",
        language=site.language,
        home=_page(selection, site.base_url),
        addresses=_addresses(selection, contents.archive, site.base_url),
        beside={
            rel: _addresses(selection, number, site.base_url)
            for rel, number in {**current, **numbers}.items()
        },
        updated=contents.updated,
        author=site.title,
        items=tuple(item(story, settings) for story in contents.stories),
        tombstones=contents.tombstones,
    )


def subscriptions(settings: Settings) -> tuple[Subscription, ...]:
    """All our public feeds, for `/feeds.opml`: `all` first, then the verticals as configured."""
    names = (ALL, *(vertical.name for vertical in settings.verticals))
    selections = [Selection(verticals=(name,)) for name in names]
    base_url = settings.site.base_url
    return tuple(
        Subscription(
            title=_title(selection, settings),
            feed_url=address(selection, "atom", None, base_url),
            page=_page(selection, base_url),
        )
        for selection in selections
    )


def _title(selection: Selection, settings: Settings) -> str:
    if selection.name == ALL:
        return settings.site.title
    titles = {vertical.name: vertical.title for vertical in settings.verticals}
    return f"{settings.site.title}: {', '.join(titles[name] for name in selection.verticals)}"


def _description(selection: Selection, settings: Settings) -> str:
    """What the operator says of the site or of each of these verticals, or "" for nothing."""
    if selection.name == ALL:
        return settings.site.description
    described = {vertical.name: vertical.description for vertical in settings.verticals}
    said = [described[name] for name in selection.verticals]
    return " ".join(said) if all(said) else ""


def address(selection: Selection, fmt: str, archive: int | None, base_url: str) -> str:
    """The address of a feed in one format, or of the archive with this number."""
    within = "" if archive is None else f"/archive/{archive}"
    return f"{base_url}/feeds/{selection.name}{within}.{fmt}"


def _addresses(selection: Selection, archive: int | None, base_url: str) -> dict[str, str]:
    return {fmt: address(selection, fmt, archive, base_url) for fmt in _FORMATS}


def _page(selection: Selection, base_url: str) -> str:
    return f"{base_url}/" if selection.name == ALL else f"{base_url}/{selection.name}"
