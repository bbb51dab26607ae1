"""Ask for an address, then for what the page there names, until something is a feed."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aggregator import dates
from aggregator.discover import places
from aggregator.fetch import Fetcher
from aggregator.markup import plain_text
from aggregator.model import (
    Failed,
    Fetched,
    Gone,
    NotModified,
    ParsedFeed,
    SourceState,
    Unreadable,
)
from aggregator.parse import feed_address, read
from aggregator.urls import absolute, host

_MOST_NAMED = 10
"""Of the places that a page itself names; some name one for each of a hundred categories."""

_PAGE = 2_000_000
"""Characters of a page that are searched."""

_JSON, _XML = "JSON Feed", "XML"
_FORMATS = {"rss": "RSS", "rdf": "RSS 1.0", "channel": "RSS", "feed": "Atom"}
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(rss|rdf|channel|feed)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_HEAD = 16_384
"""Bytes in which a document says what it is."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d+(?:[/?#]|\Z))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed, and what it says of itself.

    `address` is the one to pull: where permanent redirects lead, but as it was given where it holds
    a login. `format` is one of RSS, RSS 1.0, Atom and JSON Feed, or XML where its root is none of
    these; `newest` is the date of its newest entry, where any has one.
    """

    address: str
    format: str
    title: str
    site_url: str | None
    entries: int
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """Nothing usable: each address that was asked, in order, and in one line why it is no feed."""

    tried: tuple[tuple[str, str], ...]


async def find(fetcher: Fetcher, given: str, now: datetime) -> Found | NotFound:
    """The feed at an address, or behind the page there.

    Tried one after another, and none twice: the address itself, the links of the page and its Link
    fields, its anchors that plainly lead to a feed on the same host, the usual paths, anchors to
    other hosts. A host that answers 429 is not asked again.

    Args:
        fetcher: asks, within its limits and its guard.
        given: an http or https address, or one without a scheme: that is https, else http.
        now: the time, for the dates of entries.
    """
    search = _Search(fetcher, now)
    for address in _spelt(given):
        page = await search.ask(address)
        if isinstance(page, Fetched):
            page = await _behind(search, page)
        if isinstance(page, Found):
            return page
        if page is None:
            break
    return NotFound(tried=tuple(search.tried.items()) or ((given, "not an http or https address"),))


def _spelt(given: str) -> tuple[str, ...]:
    given = given.strip()
    if _SCHEME.match(given):
        address = feed_address(given)
        return (address,) if address else ()
    bare = given.lstrip("/")
    both = (feed_address(f"{scheme}://{bare}") for scheme in ("https", "http"))
    return tuple(filter(None, both))


async def _behind(search: _Search, page: Fetched) -> Found | None:
    """The first feed that a page leads to."""
    text = _decoded(page.body)[:_PAGE]
    around = places.of_page(text, page.url, page.links)
    for address in (
        *around.named[:_MOST_NAMED],
        *around.linked[:_MOST_NAMED],
        *around.guessed,
        *around.elsewhere[:_MOST_NAMED],
    ):
        found = await search.ask(address)
        if isinstance(found, Found):
            return found
    return None


def _decoded(body: bytes) -> str:
    """Only addresses and a few words matter, and these are ASCII in nearly every encoding."""
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16" if wide else "utf-8", "replace")


def _format(head: bytes) -> str | None:
    """What the first bytes of a document say that it is, if it is a feed."""
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return _JSON
    root = _ROOT.search(head)
    return _FORMATS[root[1].decode().lower()] if root else None


class _Search:
    """What was asked so far, and what came of it."""

    def __init__(self, fetcher: Fetcher, now: datetime) -> None:
        self.tried: dict[str, str] = {}
        self._fetcher = fetcher
        self._now = now
        self._refused: set[str] = set()

    async def ask(self, address: str) -> Found | Fetched | Failed | None:
        """The feed there; the page, if it is one; `Failed` where there was no answer to read.

        None for what is neither, or was asked before.
        """
        place = urlsplit(address).netloc.rpartition("@")[2].lower()
        if address in self.tried or place in self._refused:
            return None
        result = await self._fetcher.fetch(address, SourceState(source=0))
        match result:
            case Failed(reason=reason, refused=refused):
                self.tried[address] = reason
                if refused:
                    self._refused.add(place)
                return result
            case Gone() | NotModified():
                self.tried[address] = "answered 410 Gone"
                return None
            case Fetched():
                return self._read(address, result)

    def _read(self, address: str, result: Fetched) -> Found | Fetched | None:
        head = result.body[:_HEAD].replace(b"\0", b"")
        form = _format(head)
        is_page = form != _JSON and _HTML.search(head) is not None
        if is_page and form is None:  # feedparser takes seconds to find nothing in a long page
            self.tried[address] = "an HTML page and not a feed"
            return result
        parsed = read(result.body, result.url, result.content_type, result.content_language)
        if isinstance(parsed, Unreadable):
            self.tried[address] = parsed.reason.partition(";")[0]
            return result if is_page else None
        return self._found(address, result, parsed, form or _XML)

    def _found(self, address: str, result: Fetched, parsed: ParsedFeed, form: str) -> Found:
        said = (dates.parse(one.published or one.updated, self._now) for one in parsed.entries)
        has_login = "@" in urlsplit(address).netloc
        at = address if has_login else result.moved_to or address
        return Found(
            address=at,
            format=form,
            title=(plain_text(parsed.title) if parsed.title else "") or host(at),
            site_url=absolute(parsed.site_url or "", parsed.base),
            entries=len(parsed.entries),
            newest=max(filter(None, said), default=None),
        )
