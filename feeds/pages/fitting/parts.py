"""Lists, figures, details, tables and ruby, which hold nothing but their parts in their order."""

from __future__ import annotations

import re

from feeds.pages.fitting.attributes import common
from feeds.pages.fitting.tables import arrange
from feeds.pages.fitting.tree import BLOCK, Element, Node, says
from feeds.pages.fitting.writing import Place, Text

_LISTS = frozenset({"ol", "ul"})
_BREAKS = frozenset({"br", "wbr"})
_ORDERED = frozenset({"dd", "dt", "rp", "rt"})
_GROUPS = re.compile(r"(?:(?:dt )++(?:dd )++)++")
_BASES = re.compile(r"(?:(?:base )*+(?:rt |rp rt rp )++)++")
_WIDE = {"class": "wide", "tabindex": "0", "role": "group", "aria-label": "Table"}


def part(text: Text, element: Element, place: Place) -> None:
    """Write a part that may hold anything."""
    if element.name == "dt":
        place = place._replace(no_heading=True)
    elif element.name == "li":
        place = place._replace(around=element)
    text.write(element.name, element.attributes, element.children, place)


def items(text: Text, element: Element, place: Place) -> None:
    """Write a list, all of whose words are in items (HTML 4.4.5, axe: list)."""
    if place.phrasing:
        text.block(element, place)
        return
    nodes: list[Node] = []
    item = loose = None
    for node in element.children:
        if isinstance(node, Element) and node.name == "li":
            if element.name == "ul":
                node.attributes.pop("value", None)
            node.placed = True
            nodes.append(node)
            item, loose = node, None
        elif isinstance(node, Element) and node.name in _LISTS and item:
            item.children.append(node)  # where most publishers who write it so mean it to be
        elif loose:
            loose.children.append(node)
        elif not _is_gap(node):
            item = loose = Element("li", children=[node], within=element.within, placed=True)
            nodes.append(loose)
        elif isinstance(node, str):
            nodes.append("\n" if "\n" in node else " ")
    text.write(element.name, element.attributes, nodes, place)


def definitions(text: Text, element: Element, place: Place) -> None:
    """Write groups of terms and descriptions (HTML 4.4.9, axe: definition-list, dlitem)."""
    fits = not place.phrasing and _GROUPS.fullmatch(_order(element))
    for child in element.elements():
        child.placed = bool(fits)
    text.block(element, place, "dl" if fits else "div")


def figure(text: Text, element: Element, place: Place) -> None:
    """Write a figure with one caption, first or last (HTML 4.4.12)."""
    words = element.words()
    for node in (*words[:1], *words[-1:]):
        if isinstance(node, Element) and node.name == "figcaption":
            node.placed = not place.phrasing
            break
    text.block(element, place, "figure")


def details(text: Text, element: Element, place: Place) -> None:
    """Write what can be opened, unless it stands in a link or its summary leads elsewhere.

    HTML 4.5.1; axe: nested-interactive, for which a summary is a button.
    """
    first = next(iter(element.words()), None)
    summary = first if isinstance(first, Element) and first.name == "summary" else None
    if place.phrasing or place.linked or (summary and text.leads(summary)):
        text.block(element, place)
        return
    if summary:
        summary.placed = True
    else:
        element.children.insert(0, Element("summary", placed=True))
    text.block(element, place, "details")


def summary(text: Text, element: Element, place: Place) -> None:
    """Write a summary, never an empty one (axe: summary-name)."""
    nodes = element.children if text.says(element) else [*element.children, "Details"]
    text.write("summary", element.attributes, nodes, place._replace(phrasing=True))


def table(text: Text, element: Element, place: Place) -> None:
    """Write a table in something that scrolls and can have the focus.

    axe: scrollable-region-focusable, aria-allowed-attr. A `region` would be one more landmark, and
    in a link nothing can have the focus but the link (HTML 4.5.1).
    """
    if place.phrasing or place.no_table:
        text.block(element, place)
    elif not arrange(element):
        text.wait(element.children, place)
    elif place.linked or place.wide:
        text.write("table", element.attributes, element.children, place)
    else:
        text.tag("div", _WIDE)
        text.wait(["</div>"], place)
        inner = place._replace(wide=True)
        text.write("table", element.attributes, element.children, inner)


def caption(text: Text, element: Element, place: Place) -> None:
    """Write the caption of a table, which holds no other table (HTML 4.9.2)."""
    inner = place._replace(no_table=True)
    text.write("caption", element.attributes, element.children, inner)


def cell(text: Text, element: Element, place: Place) -> None:
    """Write a cell; an empty one heads nothing (axe: empty-table-header)."""
    name, attributes = element.name, element.attributes
    if name == "th" and not text.says(element):
        spans = {key: value for key, value in attributes.items() if key.endswith("span")}
        name, attributes = "td", common(attributes) | spans
    no_heading = place.no_heading or name == "th"
    inner = place._replace(no_heading=no_heading, around=element)
    text.write(name, attributes, element.children, inner)


def ruby(text: Text, element: Element, place: Place) -> None:
    """Write words with their pronunciation, or words alone (HTML 4.5.10)."""
    in_line = place.phrasing or not element.within & BLOCK
    fits = in_line and _BASES.fullmatch(_order(element))
    for child in element.elements():
        child.placed = bool(fits)
    text.phrase(element, place, "ruby" if fits else "span")


def _is_gap(node: Node) -> bool:
    """Whether a node between the items of a list is nothing to a reader."""
    return not says(node) if isinstance(node, str) else node.name in _BREAKS


def _order(element: Element) -> str:
    """The names of what an element holds; `rp` with more than text in it fits no order."""
    names = []
    for node in element.words():
        if isinstance(node, str) or node.name not in _ORDERED:
            names.append("base ")
        elif node.name == "rp" and any(node.elements()):
            names.append("more ")
        else:
            names.append(f"{node.name} ")
    return "".join(names)
