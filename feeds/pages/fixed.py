"""What depends on config.toml and the program alone: no story is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from aggregator.model import Selection
from aggregator.settings import Settings
from feeds import document
from feeds.pages.house import ASSETS, MEDIA_TYPE, asset, filled

LASTING = frozenset(asset(name) for name in ASSETS)
"""The names below /static/ that have other bytes never."""

_TYPES = {
    "css": "text/css; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def _page(template: str, settings: Settings) -> bytes:
    # What shows no story is subscribed from by the feed of everything.
    addresses = document.addresses(Selection(), settings.site.base_url)
    return filled(template, settings, addresses=addresses).encode()


def _robots(settings: Settings) -> bytes:
    """Searches are without number: nobody has to walk through them (RFC 9309)."""
    root = urlsplit(settings.site.base_url).path
    return f"User-agent: *\nDisallow: {root}/search\n".encode()


def _given(body: bytes, _: Settings) -> bytes:
    return body


FIXED: Mapping[str, tuple[str, Callable[[Settings], bytes]]] = {
    "about": (MEDIA_TYPE, partial(_page, "about.html")),
    "privacy": (MEDIA_TYPE, partial(_page, "privacy.html")),
    "search": (MEDIA_TYPE, partial(_page, "search.html")),
    "robots.txt": ("text/plain; charset=utf-8", _robots),
    **{
        asset(name): (_TYPES[name.rpartition(".")[2]], partial(_given, body))
        for name, body in ASSETS.items()
    },
    "favicon.ico": (_TYPES["ico"], partial(_given, ASSETS["favicon.ico"])),
}
"""Media type and maker of each, by its name."""
