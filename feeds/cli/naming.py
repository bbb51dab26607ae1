"""Which stories an operator means by a name."""

from __future__ import annotations

from aggregator.markup import one_line
from aggregator.model.explaining import Explained
from aggregator.query import Query
from aggregator.settings import Settings
from aggregator.urls import masked
from feeds import explaining
from feeds.cli.frame import fail


def all_named(query: Query, name: str) -> list[Explained]:
    """Every story that has this id or page, or else is at this address; one at least."""
    identifiers = query.find(name.strip())
    found = [story for one in identifiers if (story := query.explain(one))]
    if not found:
        fail(
            f"{one_line(masked(name))}: no such story; give the id that a feed has for it, "
            "or the address of its page here or of the article"
        )
    return found


def the_one(query: Query, name: str, settings: Settings) -> Explained:
    """The one story with this id or page or at this address."""
    story, *others = all_named(query, name)
    if others:
        fail(
            f"{one_line(masked(name))}: several stories are at this address; name one by its page:"
            + "".join(f"\n  {_line(one, settings)}" for one in (story, *others))
        )
    return story


def _line(story: Explained, settings: Settings) -> str:
    lead = story.entries[0].entry
    title = one_line(f"{lead.publication}: {lead.title}", 100)
    return f"{explaining.page(story.page_id, settings)}  {title}"
