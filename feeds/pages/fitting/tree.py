"""Safe HTML as a tree of elements, each of which knows what there is within it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import TypeAlias

from aggregator.markup.elements import SAFE_TAG, VOID
from feeds.pages.fitting.attributes import checked

# What may be within an element, for its place and its name depend on that.
BLOCK = 1  # what no paragraph may hold
TEXT = 2  # something to read
ALT = 4  # a picture that says what it shows
PICTURE = 8
FILM = 16  # or a sound, and its address
LINK = 32

# fmt: off
BLOCKS = frozenset({
    "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
})
_RENAMED = {
    # Obsolete (HTML 16.2), and what divides a page, which is ours to do.
    "acronym": "abbr", "big": "span", "strike": "s", "tt": "code",
    "address": "div", "article": "div", "aside": "div", "center": "div", "footer": "div",
    "header": "div", "hgroup": "div", "main": "div", "nav": "div", "section": "div",
}
# fmt: on
_FILMS = frozenset({"audio", "video"})
_UNSEEN = frozenset({"audio", "rp", "video"})
_SEEN = TEXT | ALT | PICTURE

_TOKEN = re.compile(rf"{SAFE_TAG.pattern}|[^<]+")
_ATTRIBUTE = re.compile(r' ([^ ="<>]+)="([^"]*)"')
_BLANK = re.compile("(?:[\\s\xad\u200b-\u200f\u2060\ufeff]|&nbsp;)*+")
_SPACE = " \t\n\f\r"
# Of which XML discourages and HTML forbids the use (HTML 13.2.3.5): no characters, and no text.
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef{}]".format(
        "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
    )
)
_MOST_NODES = 100
_DEEPEST = 200
"""How deep elements are nested at most, as browsers flatten a tree of more than 512."""


@dataclass(slots=True, eq=False)
class Element:
    """An element with its attributes, still escaped, and its children; a text is a string."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    within: int = 0
    placed: bool = False
    """Whether it stands in the element that it is a part of, and where that may hold it."""
    told: str | None = None
    """What `words_of` found."""

    def elements(self) -> Iterator[Element]:
        """The children that are elements."""
        return (child for child in self.children if isinstance(child, Element))

    def words(self) -> list[Node]:
        """The children but for white space, as HTML understands it."""
        return [node for node in self.children if not isinstance(node, str) or node.strip(_SPACE)]


Node: TypeAlias = Element | str


def read(html: str) -> Element:
    """The tree of safe HTML, in a root that is a `div`, under the names that are not obsolete."""
    unclosed = [root := Element("div")]
    for token in _TOKEN.finditer(_NONCHARACTERS.sub("", html)):
        slash, name, given = token.groups()
        if name is None:
            unclosed[-1].children.append(token[0])
            if says(token[0]):
                _mark(unclosed, TEXT)
        elif slash:
            unclosed.pop()
        elif len(unclosed) > _DEEPEST and name not in VOID:
            unclosed.append(unclosed[-1])
        else:
            element = _element(name, given)
            unclosed[-1].children.append(element)
            if marks := _marks(element, unclosed[-1]):
                _mark(unclosed, marks)
            if name not in VOID:
                unclosed.append(element)
    return root


def says(text: str) -> bool:
    """Whether there is anything to read in an escaped text."""
    return _BLANK.fullmatch(text) is None


def words_of(element: Element) -> str:
    """What a reader sees in an element, as far as it is short: without spaces, to compare."""
    if element.told is None:
        parts = []
        waiting: list[Node] = [element]
        for _ in range(_MOST_NODES):
            node = waiting.pop() if waiting else ""
            if isinstance(node, str):
                parts.append(node)
            else:
                waiting += reversed(node.children[:_MOST_NODES])
        element.told = folded("".join(parts))
    return element.told


def folded(text: str) -> str:
    """An escaped text without its spaces and its case."""
    return "".join(unescape(text).lower().split())


def _element(name: str, given: str) -> Element:
    attributes = checked(name, dict(_ATTRIBUTE.findall(given))) if given else {}
    if name == "center":
        attributes["class"] = "centred"
    elif name == "a" and "href" not in attributes:
        name = "span"
    return Element(_RENAMED.get(name, name), attributes)


def _marks(element: Element, parent: Element) -> int:
    """What the elements around this one are to know of it."""
    name, attributes = element.name, element.attributes
    if name in BLOCKS:
        return BLOCK
    if name == "a":
        return LINK
    if name == "img":
        shown = PICTURE if "src" in attributes else TEXT
        return shown | (ALT if says(attributes.get("alt", "")) else 0)
    if (name in _FILMS or (name == "source" and parent.name in _FILMS)) and "src" in attributes:
        return FILM
    return 0


def _mark(unclosed: list[Element], marks: int) -> None:
    """Note what is within all that is unclosed: each of them is marked six times at most."""
    for element in reversed(unclosed):
        if element.within & marks == marks:
            break
        element.within |= marks
        if element.name in _UNSEEN:
            marks &= ~_SEEN
