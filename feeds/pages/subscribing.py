"""How a page is subscribed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from feeds.selection import FORMATS

NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
"""What people call the formats, in the order in which they are offered."""

READERS = (
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)
"""Feed readers on the web, each with the address that an encoded feed address follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One format of a feed: what it is called, its media type, and its address."""

    name: str
    media_type: str
    address: str

    @property
    def opening(self) -> str:
        """The address that opens the feed reader which is registered for such ones.

        Of the two forms that there are, this is the one that is a valid URL; it says nothing of
        TLS, and our script makes of it the other one, `feed:https://…`.
        """
        return f"feed://{self.address.partition('://')[2]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A feed in every format, and (name, address) of readers on the web that would take it."""

    title: str
    offers: tuple[Offer, ...]
    readers: tuple[tuple[str, str], ...]


def panel(title: str, addresses: Mapping[str, str]) -> Panel:
    """What there is to subscribe to: the feed's address in each format."""
    offers = tuple(
        Offer(name=name, media_type=FORMATS[fmt].partition(";")[0], address=addresses[fmt])
        for fmt, name in NAMES.items()
    )
    readers = tuple(
        (name, f"{place}{quote(addresses['atom'], safe='')}") for name, place in READERS
    )
    return Panel(title=title, offers=offers, readers=readers)
