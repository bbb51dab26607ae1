"""How elements are written where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from feeds.pages.fitting.attributes import common
from feeds.pages.fitting.tree import ALT, BLOCK, FILM, LINK, PICTURE, TEXT, Element, Node

Pictures: TypeAlias = Literal["none", "remote"]


class Place(NamedTuple):
    """Where an element is to stand, and what it may therefore be."""

    phrasing: bool = False
    """In a paragraph or the like, which holds no blocks (HTML 3.2.5.2.5)."""
    linked: bool = False
    nameless: bool = False
    """In a link without words, of which a picture must say that it is one (axe: link-name)."""
    wide: bool = False
    """In a table that scrolls as a whole where it is too wide."""
    no_heading: bool = False
    no_table: bool = False
    no_film: bool = False
    no_definition: bool = False
    around: Element | None = None
    """What an alternative text must not repeat (axe: image-redundant-alt)."""


class Text:
    """One text on its way from the tree to the page.

    What waits to be written is a list, not the stack of calls: publishers nest thousands.
    """

    def __init__(self, nodes: Iterable[Node], pictures: Pictures, under: int) -> None:
        self.shows_pictures = pictures == "remote"
        self._saying = TEXT | ALT if self.shows_pictures else TEXT | ALT | PICTURE | FILM
        self._under = under
        self._levels: list[int] = []
        self._written: list[str] = []
        self._waiting: list[tuple[Node, Place]] = []
        self.wait(nodes, Place())

    def next(self) -> tuple[Element, Place] | None:
        """The next element that is to be written, None when all is."""
        while self._waiting:
            node, place = self._waiting.pop()
            if isinstance(node, Element):
                return node, place
            self._written.append(node)
        return None

    def whole(self) -> str:
        """All that was written."""
        return "".join(self._written)

    def wait(self, nodes: Iterable[Node], place: Place) -> None:
        """Let these be written next, in their order."""
        self._waiting += [(node, place) for node in reversed(list(nodes))]

    def write(
        self, name: str, attributes: Mapping[str, str], nodes: Iterable[Node], place: Place
    ) -> None:
        """Write an element with these nodes, which stand in this place, in it."""
        self.tag(name, attributes)
        self._waiting.append((f"</{name}>", place))
        self.wait(nodes, place)

    def tag(self, name: str, attributes: Mapping[str, str]) -> None:
        """Write a start tag alone."""
        written = "".join([f' {key}="{value}"' for key, value in attributes.items()])
        self._written.append(f"<{name}{written}>")

    def block(self, element: Element, place: Place, name: str = "div") -> None:
        """Write what may hold anything; where no block may stand, what only looks like one."""
        if place.phrasing:
            attributes = common(element.attributes) | {"class": "block"}
            self.write("span", attributes, element.children, place)
        else:
            self.write(name, _left(element, name), element.children, place)

    def phrase(self, element: Element, place: Place, name: str | None = None) -> None:
        """Write what holds words in a line; around blocks it is a `div` of its class."""
        name = name or element.name
        if element.within & BLOCK and not place.phrasing:
            marked = {} if name == "span" else {"class": name}
            self.write("div", common(element.attributes) | marked, element.children, place)
        else:
            inner = place._replace(phrasing=True)
            self.write(name, _left(element, name), element.children, inner)

    def says(self, element: Element) -> bool:
        """Whether there is anything to read in an element, as it will be shown."""
        return bool(element.within & self._saying)

    def leads(self, element: Element) -> bool:
        """Whether there is anything to follow or to play in an element, as it will be shown."""
        return bool(element.within & (LINK | FILM | (0 if self.shows_pictures else PICTURE)))

    def level(self, given: int) -> int:
        """The level of the next heading: one below the last above it (axe: heading-order)."""
        while self._levels and self._levels[-1] >= given:
            self._levels.pop()
        self._levels.append(given)
        return min(self._under + len(self._levels), 6)


def _left(element: Element, name: str) -> Mapping[str, str]:
    """The attributes that an element may still have under this name."""
    return element.attributes if name == element.name else common(element.attributes)
