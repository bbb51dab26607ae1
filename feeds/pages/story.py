"""The page of one story."""

from __future__ import annotations

from aggregator import markup
from aggregator.dates import rfc3339
from aggregator.model import Selection
from aggregator.model.explaining import Explained
from aggregator.settings import Settings
from feeds import document
from feeds.document import CONTENT_BYTES, HEADINGS, FeedItem
from feeds.pages.fitting import fitted
from feeds.pages.house import filled
from feeds.pages.listing import listed
from feeds.pages.tongues import language

_DESCRIPTION = 200
"""Characters of what is said of a story where somebody links to its page."""

_MACHINE = {
    "generated": "Written by a machine",
    "extract": "Sentences of the article, chosen by a machine",
}


def story_page(item: FeedItem, explained: Explained, settings: Settings) -> str:
    """One story: what the feeds say of it, what is related, and how it came about.

    `explained` is shown as it is: it must hold nothing that is not published. The addresses of
    sources, which may be secret, are not shown.
    """
    defined = {vertical.name: vertical.title for vertical in settings.verticals}
    names = sorted(category.term for category in item.verticals)
    selection = Selection(verticals=tuple(names)) if names else Selection()
    (listing,) = listed([item])
    text = listing.excerpt or item.title
    return filled(
        "story.html",
        settings,
        item=item,
        explained=explained,
        place={one.number: at for at, one in enumerate(explained.entries, start=1)},
        titles=defined,
        heading=_heading(item),
        text=_text(item, settings),
        picture=_picture(item, settings),
        machine=_machine(item),
        found_by=_found_by(item),
        description=document.opening(text, _DESCRIPTION),
        linked_data=_linked_data(item, text, settings),
        addresses=document.addresses(selection, settings.site.base_url),
        follow=", ".join(defined[name] for name in names),
    )


def _heading(item: FeedItem) -> str | None:
    """What stands before the publisher's name over its own text: it tells it from a machine's."""
    if not item.text_html:
        return None
    if not item.whole:
        return "Summary by"
    return "As published by" if item.deep_dive else None


def _text(item: FeedItem, settings: Settings) -> str:
    cut = markup.cut(item.text_html, CONTENT_BYTES)
    html = item.text_html if cut is None else cut
    return fitted(html, pictures=settings.pictures, under=2 if _heading(item) else 1)


def _picture(item: FeedItem, settings: Settings) -> str | None:
    """The main picture, where pictures are shown and the text does not show it itself."""
    if settings.pictures != "remote" or not item.image:
        return None
    return None if markup.escape(item.image) in item.text_html else item.image


def _machine(item: FeedItem) -> tuple[str, str] | None:
    """The heading of a text made by a machine, and how that came about."""
    if item.deep_dive is None:
        return None
    kind, by = item.deep_dive.kind, item.deep_dive.by
    which = "" if by == "unknown" else f" ({by})"
    return HEADINGS[kind], f"{_MACHINE[kind]}{which}"


def _found_by(item: FeedItem) -> list[tuple[str, str]]:
    """Where the publisher says that it has it from, as (name, address)."""
    own = {link for _, link, _ in item.sources}
    found = (link for link in item.links if link.rel == "via" and link.href not in own)
    return [(link.title or link.href, link.href) for link in found]


def _linked_data(item: FeedItem, text: str, settings: Settings) -> dict[str, object]:
    """The story for machines that read pages (https://schema.org/NewsArticle).

    Its page is ours, the article is the publisher's.
    """
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": document.opening(text, _DESCRIPTION),
        "url": item.link,
        "mainEntityOfPage": item.page,
        "datePublished": rfc3339(item.published),
        "dateModified": rfc3339(item.updated),
        "author": [{"@type": "Person", "name": author.name} for author in item.authors],
        "publisher": {"@type": "Organization", "name": item.publication},
        "articleSection": [vertical.label for vertical in item.verticals],
        "image": item.image,
        "inLanguage": language(item.language),
        "isPartOf": {
            "@type": "WebSite",
            "name": settings.site.title,
            "url": f"{settings.site.base_url}/",
        },
    }
    return {name: value for name, value in said.items() if value}
