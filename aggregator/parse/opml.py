"""Subscription lists (OPML 2.0), well-formed or not: two of three popular ones are not."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from aggregator.markup import one_line
from aggregator.model import Problem, Unreadable
from aggregator.settings import Source
from aggregator.urls import absolute

# Lists hold descriptions in raw HTML: a text ends where an attribute that is not HTML's follows, or
# the tag's end.
_HTML_ATTRIBUTE = r"(?:class|href|id|rel|src|style|target)="
_TEXT = re.compile(
    rf'(?<=\s)((?:text|title|description)=")(.{{0,5000}}?)"'
    rf"(?=\s+(?!{_HTML_ATTRIBUTE})[\w:.-]+=|\s*/?>\s*(?:<|\Z))",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME = "feed:"
_WEB = re.compile(r"https?://[^/?#\s][^\s\x00-\x1f\x7f]*\Z")
# HTMLParser raises AssertionError for marked sections that are not HTML's.
_MARKED_SECTION = re.compile(r"<!\[(?:CDATA\[.*?\]\]>)?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A subscription list: its sources, and what else is to be told of it, by line.

    `unusable` are outlines whose address is none, `unknown` folders that are no vertical; the
    `file` of each is empty.
    """

    sources: tuple[Source, ...]
    unusable: tuple[Problem, ...]
    unknown: tuple[Problem, ...]


def listing(body: bytes, verticals: Mapping[str, str]) -> Listing | Unreadable:
    """The sources that a list names, each once, in its order, and what else is to be told of it.

    A source stands in the verticals of that name among all folders that it lies in and the
    `category` that it has.

    Args:
        body: the list, well-formed or not.
        verticals: the name of a vertical by what folders and categories may call it, lower-case.

    Returns:
        The list, where a source whose outline is commented (OPML 2.0, `isComment`) is not enabled;
        or why it is none.
    """
    reader = _Outlines(verticals)
    reader.feed(_TEXT.sub(_quoted, _MARKED_SECTION.sub(_lines_alone, _text(body))))
    reader.close()
    if not reader.is_list:
        return Unreadable(reason="not a subscription list: it has no <opml> element")
    return Listing(
        sources=tuple(reader.sources.values()),
        unusable=tuple(reader.unusable),
        unknown=tuple(_no_vertical(name, one) for name, one in reader.unknown.items()),
    )


def feed_address(text: str) -> str | None:
    """What a list, a page or a person gives as a feed's address, under http or https; or None.

    `feed:`, which was never registered but Safari and others write, stands for them.
    """
    text = text.strip()
    if text[: len(_SCHEME)].lower() == _SCHEME:
        rest = text[len(_SCHEME) :].removeprefix("//")
        text = rest if rest.lower().startswith(("http:", "https:")) else f"http://{rest}"
    address = absolute(text, None)
    return text if address and _WEB.match(text) else address


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


def _lines_alone(section: re.Match[str]) -> str:
    """What is left of a marked section: its lines, so that all others keep their numbers."""
    return "\n" * section[0].count("\n") or " "


@dataclass(slots=True, kw_only=True)
class _Folder:
    """An outline that is open: what it is called, and how many sources lie in it."""

    line: int
    names: tuple[str, ...]
    commented: bool
    sources: int = 0


class _Outlines(HTMLParser):
    """Reads tags as they come: bare ampersands and missing end tags stop nothing.

    Any outline with xmlUrl is a source, whatever its type says or lacks; the others are folders.
    Entities beyond HTML's own are never expanded.
    """

    def __init__(self, verticals: Mapping[str, str]) -> None:
        super().__init__()
        self.is_list = False
        self.sources: dict[str, Source] = {}
        self._verticals = verticals
        self._open: list[_Folder] = []
        self.unknown: dict[str, _Folder] = {}
        self.unusable: list[Problem] = []

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
            names = () if said.get("xmlurl") else (said.get("text"), said.get("title"))
            self._open.append(
                _Folder(
                    line=self.getpos()[0],
                    names=tuple(name for name in names if name),
                    commented=_is_commented(said),
                )
            )

    def handle_endtag(self, tag: str) -> None:
        """The end of a folder."""
        if tag == "outline" and self._open:
            self._open.pop()

    def _source(self, said: dict[str, str | None]) -> None:
        given = (said.get("xmlurl") or "").strip()
        address = feed_address(given)
        if address is None:
            if given:
                what = f"{one_line(given, 80)!r} is not an http or https address"
                todo = "correct it, or take it out"
                line, _ = self.getpos()
                self.unusable.append(Problem(file="", line=line, what=what, todo=todo))
            return
        title = said.get("title") or said.get("text")
        source = Source(
            address=address,
            # What has no title is listed by its address, here and elsewhere.
            title=title if title and title != address else None,
            site_url=said.get("htmlurl") or None,
            verticals=self._shelves(said),
            enabled=not (_is_commented(said) or any(folder.commented for folder in self._open)),
        )
        known = self.sources.setdefault(address, source)
        self.sources[address] = replace(
            known,
            verticals=tuple(dict.fromkeys((*known.verticals, *source.verticals))),
            enabled=known.enabled or source.enabled,
        )

    def _shelves(self, said: dict[str, str | None]) -> tuple[str, ...]:
        """The verticals of an outline, by the folders around it and its categories."""
        found: dict[str, None] = {}
        for folder in self._open:
            named = self._known(folder.names)
            found |= named
            if folder.names and not named:
                self.unknown.setdefault(folder.names[0], folder).sources += 1
        found |= self._known((said.get("category") or "").replace("/", ",").split(","))
        return tuple(found)

    def _known(self, names: Iterable[str]) -> dict[str, None]:
        keys = (" ".join(name.split()).lower() for name in names)
        return dict.fromkeys(self._verticals[key] for key in keys if key in self._verticals)


def _no_vertical(name: str, folder: _Folder) -> Problem:
    return Problem(
        file="",
        line=folder.line,
        what=f"the folder {name!r} is no vertical",
        todo=f"to have its sources there ({folder.sources}), define one of that name or title",
    )


def _is_commented(said: dict[str, str | None]) -> bool:
    return (said.get("iscomment") or "").strip().lower() == "true"
