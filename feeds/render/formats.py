"""One door for all formats, and the one place where XML's forbidden characters are taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aggregator.markup import xml_safe
from feeds.document import FeedDocument, Subscription
from feeds.render.atom import atom
from feeds.render.json_feed import json_feed
from feeds.render.outline import outline
from feeds.render.rss import rss

_RENDERERS: Mapping[str, Callable[[FeedDocument], bytes]] = {
    "rss": rss,
    "atom": atom,
    "json": json_feed,
}


def render(document: FeedDocument, fmt: str) -> bytes:
    """The document as `rss`, `atom` or `json`, in UTF-8.

    The bytes depend on the document alone: no clock, no locale, no order of hashes.
    """
    return _RENDERERS[fmt](_safe(document))


def opml(title: str, subscriptions: tuple[Subscription, ...]) -> bytes:
    """A subscription list (OPML 2.0), one outline a feed, in UTF-8."""
    return outline(xml_safe(title), _safe(subscriptions))


def _safe(value: Any) -> Any:
    """The same value without the characters that XML 1.0 (2.2) forbids, in any of its strings.

    Texts come clean already; ids, links and names are kept as publishers wrote them. JSON Feed
    gets the same, so that an id is one string in every format.
    """
    if isinstance(value, str):
        return xml_safe(value)
    if isinstance(value, tuple):
        return tuple(map(_safe, value))
    if names := getattr(value, "__dataclass_fields__", None):
        return type(value)(**{name: _safe(getattr(value, name)) for name in names})
    return value
