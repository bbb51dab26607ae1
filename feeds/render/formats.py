"""One door for all formats, and the one place where XML's forbidden characters are taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from aggregator.markup import xml_safe
from feeds.document import FeedDocument, FeedItem, Subscription
from feeds.render import atom, json_feed, rss
from feeds.render.outline import outline

_ITEMS: Mapping[str, Callable[[FeedItem], bytes]] = {
    "rss": rss.item,
    "atom": atom.entry,
    "json": json_feed.item,
}
_AROUND: Mapping[str, Callable[[FeedDocument], tuple[bytes, bytes]]] = {
    "rss": rss.around,
    "atom": atom.around,
    "json": json_feed.around,
}
_BETWEEN = {"rss": b"", "atom": b"", "json": b","}

OPML = "text/x-opml; charset=utf-8"
"""The media type of a subscription list."""


def item(one: FeedItem, fmt: str) -> bytes:
    """One story as it stands in any feed in `rss`, `atom` or `json`, in UTF-8.

    The bytes depend on the item alone: no clock, no locale, no order of hashes.
    """
    return _ITEMS[fmt](_safe(one))


class Item(NamedTuple):
    """One story as `item` gives it, and whether a document must have it, however long it is."""

    body: bytes
    due: bool = True


def feed(
    document: FeedDocument, fmt: str, items: Iterable[Item], limit: int | None = None
) -> bytes:
    """A whole document: what `document` says of the feed itself, around items made by `item`.

    It has the items that are due, and of the others, in their order, those before the one with
    which it would be longer than `limit` bytes; but the first item always. `document.items` are not
    looked at.
    """
    before, after = _AROUND[fmt](_safe(replace(document, items=())))
    between = _BETWEEN[fmt]
    listed = list(items)
    length = len(before) + len(after) - len(between)
    length += sum(len(one.body) + len(between) for one in listed if one.due)
    taken: list[bytes] = []
    is_full = False
    for one in listed:
        if not one.due:
            length += 0 if is_full else len(one.body) + len(between)
            is_full = is_full or (limit is not None and length > limit and bool(taken))
        if one.due or not is_full:
            taken.append(one.body)
    return before + between.join(taken) + after


def opml(title: str, subscriptions: tuple[Subscription, ...]) -> bytes:
    """A subscription list (OPML 2.0), one outline a feed, in UTF-8."""
    return outline(xml_safe(title), _safe(subscriptions))


def _safe(value: Any) -> Any:
    """The same value, without what XML forbids, which next to none has."""
    try:
        is_safe = _SUSPECT.search(msgspec.json.encode(value)) is None
    except UnicodeEncodeError:
        is_safe = False
    return value if is_safe else _without_forbidden(value)


# What `xml_safe` takes out or replaces, as JSON writes it in UTF-8; and texts that only look so.
_SUSPECT = re.compile(rb"\\(?:u00|[bf])|\x7f|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")


def _without_forbidden(value: Any) -> Any:
    """The same value without the characters that XML 1.0 (2.2) forbids, in any of its strings.

    Texts come clean already; ids, links and names are kept as publishers wrote them. JSON Feed
    gets the same, so that an id is one string in every format.
    """
    if isinstance(value, str):
        return xml_safe(value)
    if isinstance(value, tuple):
        return tuple(map(_without_forbidden, value))
    if names := getattr(value, "__dataclass_fields__", None):
        return type(value)(**{name: _without_forbidden(getattr(value, name)) for name in names})
    return value
