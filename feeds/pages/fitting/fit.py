"""From safe HTML to what a page of ours can hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from feeds.pages.fitting import media, parts
from feeds.pages.fitting.attributes import host, is_moment
from feeds.pages.fitting.tree import BLOCK, BLOCKS, FILM, LINK, PICTURE, TEXT, Element, read
from feeds.pages.fitting.writing import Pictures, Place, Text

_Way: TypeAlias = Callable[[Text, Element, Place], None]

# What is nothing outside the element that it is a part of.
_PARTS = frozenset({
    "caption", "col", "colgroup", "dd", "dt", "figcaption", "li", "rp", "rt", "source", "summary",
    "tbody", "td", "tfoot", "th", "thead", "tr", "track",
})  # fmt: skip
_EMPTY_PARTS = frozenset({"col", "colgroup", "source", "track"})


def fitted(html: str, *, pictures: Pictures, under: int = 1) -> str:
    """Safe HTML as a part of a page in which a checker of HTML and axe find nothing wrong.

    It is still safe HTML, but that it has `class`, `tabindex`, `role`, `aria-label`, `preload`,
    `loading`, `decoding` and `referrerpolicy`. All text is kept, save what stands in for a film
    that is a link now. With pictures "none" nothing in it is loaded from anywhere: a picture, a
    film or a sound is a link to itself.

    Args:
        html: What `safe_html` or `cut` gave.
        pictures: Whether the reader's browser may ask other hosts for pictures, films and sounds.
        under: The level of the heading above the text; its own headings go on from there.
    """
    text = Text(read(html).children, pictures, under)
    while following := text.next():
        element, place = following
        way = _astray if element.name in _PARTS and not element.placed else None
        (way or _WAYS.get(element.name, Text.phrase))(text, element, place)
    return text.whole()


def _astray(text: Text, element: Element, place: Place) -> None:
    """A part outside the element that it would be a part of."""
    if element.name in BLOCKS:
        text.block(element, place)
    elif element.name not in _EMPTY_PARTS:
        text.phrase(element, place, "span")


def _block(text: Text, element: Element, place: Place) -> None:
    text.block(element, place, element.name)


def _transparent(text: Text, element: Element, place: Place) -> None:
    """HTML 3.2.5.3: it may hold what may stand where it stands."""
    text.write(element.name, element.attributes, element.children, place)


def _void(text: Text, element: Element, place: Place) -> None:
    name = "br" if element.name == "hr" and place.phrasing else element.name
    text.tag(name, element.attributes)


def _heading(text: Text, element: Element, place: Place) -> None:
    """HTML 4.3.6; axe: heading-order, empty-heading."""
    if place.phrasing or place.no_heading:
        text.block(element, place)
    elif not text.says(element):
        text.wait(element.children, place)
    else:
        # A picture that is all there is of a heading keeps its words, whoever repeats them.
        around = place.around if element.within & TEXT else None
        inner = place._replace(phrasing=True, around=around)
        name = f"h{text.level(int(element.name[1]))}"
        text.write(name, element.attributes, element.children, inner)


def _paragraph(text: Text, element: Element, place: Place) -> None:
    inner = place._replace(around=element)
    if place.phrasing or element.within & BLOCK:
        text.block(element, inner)
    else:
        text.write("p", element.attributes, element.children, inner._replace(phrasing=True))


def _pre(text: Text, element: Element, place: Place) -> None:
    """axe: scrollable-region-focusable. In a link only the link can have the focus (HTML 4.5.1)."""
    if place.phrasing:
        text.block(element, place)
        return
    focus = {} if place.linked else {"tabindex": "0"}
    inner = place._replace(phrasing=True)
    text.write("pre", element.attributes | focus, element.children, inner)


def _link(text: Text, element: Element, place: Place) -> None:
    """HTML 4.5.1: nothing in a link may be another, or be worked. axe: link-name."""
    if element.within & (LINK | FILM if text.shows_pictures else LINK):
        text.phrase(element, place, "span")
        return
    nodes = list(element.children)
    nameless = not text.says(element)
    if nameless and not element.within & PICTURE:
        nodes.append(host(element.attributes["href"]))
    inner = place._replace(linked=True, nameless=nameless, around=element)
    text.write("a", element.attributes, nodes, inner)


def _defined(text: Text, element: Element, place: Place) -> None:
    """HTML 4.5.8: no `dfn` in a `dfn`."""
    name = "span" if place.no_definition else "dfn"
    text.phrase(element, place._replace(no_definition=True), name)


def _data(text: Text, element: Element, place: Place) -> None:
    text.phrase(element, place, "data" if "value" in element.attributes else "span")


def _time(text: Text, element: Element, place: Place) -> None:
    """HTML 4.5.14: without a `datetime` its text is one, and nothing but text."""
    words = [node for node in element.children if isinstance(node, str)]
    is_time = words == element.children and is_moment("".join(words))
    text.phrase(element, place, "time" if "datetime" in element.attributes or is_time else "span")


_WAYS: dict[str, _Way] = {
    "a": _link,
    "audio": media.film,
    "blockquote": _block,
    "br": _void,
    "caption": parts.caption,
    "data": _data,
    "dd": parts.part,
    "del": _transparent,
    "details": parts.details,
    "dfn": _defined,
    "div": _block,
    "dl": parts.definitions,
    "dt": parts.part,
    "figcaption": parts.part,
    "figure": parts.figure,
    "hr": _void,
    "img": media.image,
    "ins": _transparent,
    "li": parts.part,
    "ol": parts.items,
    "p": _paragraph,
    "picture": media.picture,
    "pre": _pre,
    "ruby": parts.ruby,
    "source": _void,
    "summary": parts.summary,
    "table": parts.table,
    "tbody": parts.part,
    "td": parts.cell,
    "tfoot": parts.part,
    "th": parts.cell,
    "thead": parts.part,
    "time": _time,
    "tr": parts.part,
    "track": _void,
    "ul": parts.items,
    "video": media.film,
    "wbr": _void,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
}
