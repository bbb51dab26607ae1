"""Subscription lists (OPML 2.0), well-formed or not: two of three popular ones are not."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from html.parser import HTMLParser

from aggregator.model import Unreadable
from aggregator.settings import Source

# Lists hold descriptions in raw HTML: a text ends where an attribute that is not HTML's follows, or
# the tag's end.
_HTML_ATTRIBUTE = r"(?:class|href|id|rel|src|style|target)="
_TEXT = re.compile(
    rf'(?<=\s)((?:text|title|description)=")(.{{0,5000}}?)"'
    rf"(?=\s+(?!{_HTML_ATTRIBUTE})[\w:.-]+=|\s*/?>\s*(?:<|\Z))",
    re.IGNORECASE | re.DOTALL,
)
# HTMLParser raises AssertionError for marked sections that are not HTML's.
_MARKED_SECTION = re.compile(r"<!\[(?:CDATA\[.*?\]\]>)?", re.DOTALL)


def read(body: bytes, defined: frozenset[str]) -> tuple[Source, ...] | Unreadable:
    """The sources that a list names, in its order, each once.

    A source stands in the verticals of that name among all folders it lies in and the
    `category` it has, as far as they are `defined`.
    """
    reader = _Outlines(defined)
    reader.feed(_TEXT.sub(_quoted, _MARKED_SECTION.sub(" ", _text(body))))
    reader.close()
    if not reader.is_list:
        return Unreadable(reason="not a subscription list: it has no <opml> element")
    return tuple(reader.sources.values())


def _text(body: bytes) -> str:
    """What is neither UTF-16 nor UTF-8 is an old list out of some Windows program."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("windows-1252", "replace")


def _quoted(text: re.Match[str]) -> str:
    value = text[2].replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return f'{text[1]}{value}"'


class _Outlines(HTMLParser):
    """Reads tags as they come: bare ampersands and missing end tags stop nothing.

    Any outline with xmlUrl is a source, whatever its type says or lacks; the others are folders.
    Entities beyond HTML's own are never expanded.
    """

    def __init__(self, defined: frozenset[str]) -> None:
        super().__init__()
        self.is_list = False
        self.sources: dict[str, Source] = {}
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
            is_folder = not said.get("xmlurl")
            self._folders.append((said.get("text") or said.get("title") or "") * is_folder)

    def handle_endtag(self, tag: str) -> None:
        """The end of a folder."""
        if tag == "outline" and self._folders:
            self._folders.pop()

    def _source(self, said: dict[str, str | None]) -> None:
        address = (said.get("xmlurl") or "").strip()
        if not address.lower().startswith(("http://", "https://")):
            return
        source = self.sources.setdefault(
            address,
            Source(
                address=address,
                title=said.get("title") or said.get("text") or None,
                site_url=said.get("htmlurl") or None,
            ),
        )
        shelves = [*self._folders, *(said.get("category") or "").replace("/", ",").split(",")]
        named = (name.strip().lower() for name in shelves)
        verticals = dict.fromkeys(source.verticals)
        verticals |= dict.fromkeys(name for name in named if name in self._defined)
        self.sources[address] = replace(source, verticals=tuple(verticals))
