"""What an item of RSS, RDF or Atom is known by, read from its text.

It is well-formed: within CDATA, comments and instructions nothing is a tag, and no value of an
attribute holds a `<`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from aggregator.increment.items import CannotTellError, named

_VALUES = r"(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*?)"
_TAG = re.compile(
    r"<(?:(?P<prefix>[^\s<>/:\"'=]+:)?(?P<name>guid|id|link|origlink)|(?P<source>(?:atom:)?source))"
    rf"(?=[\s/>]){_VALUES}(?P<empty>/?)>",
    re.IGNORECASE,
)
_HIDING = re.compile(r"<(?:!\[CDATA\[|!--|\?)")
_SHOWING = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_START = re.compile(rf"<[^\s/>]+{_VALUES}>")
_ATTRIBUTE = re.compile(r"([\w.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TEXT = re.compile(r"\s*(?:<!\[CDATA\[(?P<literal>.*?)\]\]>\s*|(?P<text>[^<]*))</", re.DOTALL)
_WEB = re.compile(r"\s*https?:", re.IGNORECASE)
_SOURCE_END = re.compile(r"</(?:atom:)?source\s*>", re.IGNORECASE)


def read(item: str) -> frozenset[str]:
    """The names of an item: all that feedparser might take for its guid or link, and some more.

    What an atom:source or RSS's source says is of another feed (RFC 4287 4.2.11).

    Raises:
        CannotTellError: a guid or link is written in a way that only the parser understands.
    """
    start = next(_START.finditer(item))
    said = _attributes(start["attributes"])
    ids, links = [said.get("about", "")], [said.get("href", "")]
    at, is_linked = start.end(), False
    for begin, end in _stretches(item):
        at = max(at, begin)
        while tag := _TAG.search(item, at, end):
            at = tag.end()
            if tag["source"] and not tag["empty"]:
                closed = _SOURCE_END.search(item, at)
                at = closed.end() if closed else at
            elif tag["name"]:
                texts = list(_said(item, tag))
                if tag["name"].lower() in {"guid", "id"}:
                    ids += texts
                else:
                    links += texts
                    is_linked = is_linked or (not tag["prefix"] and any(map(str.strip, texts)))
    # RSS 2.0, guid: without a link a guid may be one.
    return named(ids, links if is_linked else [*links, *filter(_WEB.match, ids)])


def _stretches(item: str) -> Iterator[tuple[int, int]]:
    """Where tags may stand: all but CDATA, comments and instructions."""
    at = 0
    while hidden := _HIDING.search(item, at):
        yield at, hidden.start()
        closing = _SHOWING[hidden[0]]
        at = item.index(closing, hidden.end()) + len(closing)
    yield at, len(item)


def _said(item: str, tag: re.Match[str]) -> Iterator[str]:
    """The text of an element, and of a link to the page its address."""
    said = _attributes(tag["attributes"])
    if said.get("rel", "alternate").lower() == "alternate":
        yield from (said[name] for name in ("href", "url", "uri") if name in said)
    if tag["empty"]:
        return
    text = _TEXT.match(item, tag.end())
    if text is None:  # it holds comments or elements
        raise CannotTellError
    yield html.unescape(text["text"]) if text["literal"] is None else text["literal"]


def _attributes(written: str) -> dict[str, str]:
    """Attributes by their local names."""
    if not written.strip("/ "):
        return {}
    found = _ATTRIBUTE.findall(written)
    return {name.lower(): html.unescape(double or single) for name, double, single in found}
