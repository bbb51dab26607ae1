"""The feed of a selection, and the list of all our feeds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

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
    name = _name(selection, settings)
    title = _titled(name, settings)
    own = "&".join(filter(None, (selection.name, urlencode(selection.narrowing.parameters))))
    places = {rel: each for rel, each in _beside(selection, contents) if each is not None}
    return FeedDocument(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"{site_id}#{own}").urn,
        title=title,
        name=name,
        description=_description(selection, settings) or f"The newest stories of {title}.",
        language=site.language,
        home=_page(selection, site.base_url),
        addresses=_addresses(_Place(selection, contents.archive, contents.page), site.base_url),
        beside={rel: _addresses(each, site.base_url) for rel, each in places.items()},
        updated=contents.updated,
        author=site.title,
        items=tuple(item(story, settings) for story in contents.stories),
        tombstones=contents.tombstones,
    )


def subscriptions(settings: Settings) -> tuple[Subscription, ...]:
    """All our public feeds, for `/feeds.opml`: `all`, the verticals and queries as configured."""
    names = (ALL, *(vertical.name for vertical in settings.verticals))
    selections = [Selection(verticals=(name,)) for name in names]
    selections += [Selection(query=query.name) for query in settings.queries]
    base_url = settings.site.base_url
    return tuple(
        Subscription(
            title=_titled(_name(selection, settings), settings),
            feed_url=address(selection, "atom", base_url),
            page=_page(selection, base_url),
        )
        for selection in selections
    )


def _titled(name: str, settings: Settings) -> str:
    title = settings.site.title
    return f"{title}: {name}" if name else title


def _name(selection: Selection, settings: Settings) -> str:
    """What it is called on this site."""
    titles = {ALL: "everything", **{v.name: v.title for v in settings.verticals}}
    if selection.query:
        said = [query.title for query in settings.queries if query.name == selection.query]
    else:
        said = [", ".join(titles[name] for name in selection.verticals if name != ALL)]
    one = selection.narrowing
    narrowed = {
        "in": [titles[name] for name in one.within],
        "without": [titles[name] for name in one.without],
        "with": [search.text for search in one.searches],
        "from": one.sources,
        "by": one.authors,
        "in the language": one.languages,
    }
    said += [f"{word} {', '.join(values)}" for word, values in narrowed.items() if values]
    return " ".join(filter(None, said))


def _description(selection: Selection, settings: Settings) -> str:
    """What the operator says of the site or of each of these verticals, or "" for nothing."""
    if selection.query or selection.is_narrowed:
        return ""
    if selection.name == ALL:
        return settings.site.description
    described = {vertical.name: vertical.description for vertical in settings.verticals}
    said = [described[name] for name in selection.verticals]
    return " ".join(said) if all(said) else ""


def address(
    selection: Selection, fmt: str, base_url: str, *, archive: int | None = None, page: int = 1
) -> str:
    """The one canonical address of a feed in one format, of an archive of it, or of a page."""
    within = "" if archive is None else f"/archive/{archive}"
    return f"{base_url}/feeds/{selection.name}{within}.{fmt}{_query(selection, page)}"


def addresses(selection: Selection, base_url: str) -> dict[str, str]:
    """The addresses of a feed, by format."""
    return _addresses(_Place(selection), base_url)


def listing(
    selection: Selection, base_url: str, *, archive: int | None = None, page: int = 1
) -> str:
    """The one canonical address of the page that lists a selection, of an archive, or of a page.

    What is narrowed down from everything is what a search finds.
    """
    name = "search" if selection.name == ALL and selection.narrowing else selection.name
    within = "" if archive is None else f"/archive/{archive}"
    return f"{base_url}/{name}{within}{_query(selection, page)}"


def _query(selection: Selection, page: int) -> str:
    numbered = (("page", str(page)),) if page > 1 else ()
    query = urlencode(sorted((*selection.narrowing.parameters, *numbered)))
    return f"?{query}" if query else ""


class _Place(NamedTuple):
    """Where a document of a feed is."""

    selection: Selection
    archive: int | None = None
    page: int = 1


def _beside(selection: Selection, contents: Contents) -> Iterator[tuple[str, _Place | None]]:
    """The documents beside one, by relation; None where there is none."""
    archive, page = contents.archive, contents.page
    yield "current", None if archive is None else _Place(selection)
    for rel, number in (("prev-archive", contents.older), ("next-archive", contents.newer)):
        yield rel, None if number is None else _Place(selection, number)
    yield "first", _Place(selection) if page > 1 else None
    yield "previous", _Place(selection, page=page - 1) if page > 1 else None
    yield "next", _Place(selection, page=page + 1) if contents.more else None


def _addresses(place: _Place, base_url: str) -> dict[str, str]:
    return {
        fmt: address(place.selection, fmt, base_url, archive=place.archive, page=place.page)
        for fmt in _FORMATS
    }


def _page(selection: Selection, base_url: str) -> str:
    return f"{base_url}/" if selection.name == ALL else f"{base_url}/{selection.name}"
