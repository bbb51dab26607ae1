"""Subscription lists (OPML 2.0), well-formed or not: two of three popular ones are not."""

from __future__ import annotations

from html.parser import HTMLParser

from aggregator.model import Unreadable
from aggregator.settings import Source


def read(body: bytes, defined: frozenset[str]) -> tuple[Source, ...] | Unreadable:
    """The sources that a list names, in its order.

    A source stands in the verticals of that name among the folders it lies in and the
    `category` it has, as far as they are `defined`.
    """
    reader = _Outlines(defined)
    reader.feed(body.decode("utf-8-sig", "replace"))
    reader.close()
    if not reader.is_list:
        return Unreadable(reason="not a subscription list: it has no <opml> element")
    return tuple(reader.sources)


class _Outlines(HTMLParser):
    """Reads tags as they come: bare ampersands and missing end tags stop nothing.

    Any outline with xmlUrl is a source, whatever its type says or lacks; the others are folders.
    Entities beyond HTML's own are never expanded.
    """

    def __init__(self, defined: frozenset[str]) -> None:
        super().__init__()
        self.is_list = False
        self.sources: list[Source] = []
        self._defined = defined
        self._folders: list[str] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A source, as a rule; an empty folder otherwise."""
        if tag == "outline":
            self._source(dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A folder, or a source with an end tag of its own."""
        self.is_list = self.is_list or tag == "opml"
        if tag == "outline":
            said = dict(attrs)
            self._source(said)
            self._folders.append(said.get("text") or said.get("title") or "")

    def handle_endtag(self, tag: str) -> None:
        """The end of a folder."""
        if tag == "outline" and self._folders:
            self._folders.pop()

    def _source(self, said: dict[str, str | None]) -> None:
        address = (said.get("xmlurl") or "").strip()
        if not address.lower().startswith(("http://", "https://")):
            return
        shelves = [*self._folders, *(said.get("category") or "").replace("/", ",").split(",")]
        named = (name.strip().lower() for name in shelves)
        self.sources.append(
            Source(
                address=address,
                title=said.get("title") or said.get("text") or None,
                site_url=said.get("htmlurl") or None,
                verticals=tuple(dict.fromkeys(name for name in named if name in self._defined)),
            )
        )
