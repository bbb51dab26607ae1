"""The HTML for people: plain pages whose purpose is to be subscribed from."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aggregator.dates import long_date, rfc3339
from aggregator.model.explaining import Explained
from aggregator.settings import Settings
from feeds.document import FeedDocument, FeedItem

MEDIA_TYPE = "text/html; charset=utf-8"

HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)
"""A page loads nothing from anywhere: publishers' pictures would tell them who reads."""

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_environment.filters |= {"long_date": long_date, "rfc3339": rfc3339, "safe_html": Markup}


def filled(template: str, **told: object) -> str:
    """A page made of one of the templates and of what is told, which is never read as markup."""
    return _environment.get_template(template).render(told)


def selection_page(document: FeedDocument, settings: Settings) -> str:
    """The newest stories of a selection, with links to its feeds in every format."""
    return filled("selection.html", feed=document, settings=settings)


def story_page(item: FeedItem, explained: Explained, settings: Settings) -> str:
    """One story: what the feeds say of it, what is related, and how it came about.

    `explained` is shown as it is: it must hold nothing that is not published. The addresses of
    sources, which may be secret, are not shown.
    """
    return filled(
        "story.html",
        item=item,
        explained=explained,
        place={one.number: at for at, one in enumerate(explained.entries, start=1)},
        titles={vertical.name: vertical.title for vertical in settings.verticals},
        settings=settings,
    )
