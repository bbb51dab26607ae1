"""Tables put in order: their parts, and how many rows and columns each cell takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from feeds.pages.fitting.attributes import common
from feeds.pages.fitting.tree import Element

_SECTIONS = frozenset({"tbody", "tfoot", "thead"})
_HELD = {
    "table": _SECTIONS | {"caption", "col", "colgroup"},
    **dict.fromkeys(_SECTIONS, frozenset({"tr"})),
    "tr": frozenset({"td", "th"}),
}
_SPANS = ("colspan", "rowspan")
_MOST_SLOTS = 16
"""The most rows times columns that a cell takes, on average: wider tables are nobody's drawing."""


class _Cell(NamedTuple):
    element: Element
    column: int
    columns: int


def arrange(table: Element) -> bool:
    """Leave a table nothing but what HTML 4.9 lets it have, in its order, with all of its words.

    Its `col` elements go: nothing that they could say is safe HTML.

    Returns:
        Whether there is any cell, and no word outside one. If not, the table is left as it was.
    """
    if not _is_regular(table):
        return False
    parts = list(table.elements())
    captions = [part for part in parts[:1] if part.name == "caption"]
    sections = [section for part in parts[len(captions) :] if (section := _section(part)).children]
    if not sections:
        return False
    for section in sections:
        is_head = section.name == "thead" and section is sections[0]
        is_foot = section.name == "tfoot" and section is sections[-1]
        if not is_head and not is_foot:
            section.name = "tbody"
    table.children = [*captions, *sections]
    _settle_spans(sections)
    rows = [row for section in sections for row in section.elements()]
    for part in (*captions, *sections, *rows, *(cell for row in rows for cell in row.elements())):
        part.placed = True
    return True


def _is_regular(element: Element) -> bool:
    """Whether there is nothing in a table, its sections and its rows but what they may hold."""
    held = _HELD.get(element.name)
    return held is None or all(
        isinstance(node, Element) and node.name in held and _is_regular(node)
        for node in element.words()
    )


def _section(part: Element) -> Element:
    """The part, without the rows that have no cells; a caption too many is a row of its own."""
    if part.name == "caption":
        cell = Element("td", children=part.children, within=part.within)
        part = Element("tbody", children=[Element("tr", children=[cell])])
    rows = list(part.elements()) if part.name in _SECTIONS else []
    for row in rows:
        row.children = list(row.elements())
    # How many of the rows before each one stay, and before the end.
    before = [*accumulate((bool(row.children) for row in rows), initial=0)]
    for at, row in enumerate(rows):
        for cell in row.elements():
            if "rowspan" in cell.attributes:
                asked = int(cell.attributes["rowspan"]) or len(rows)  # 0 is "all the rest"
                _set(cell, "rowspan", before[min(at + asked, len(rows))] - before[at])
    return Element(
        part.name, common(part.attributes), [row for row in rows if row.children], part.within
    )


def _settle_spans(sections: list[Element]) -> None:
    """HTML 4.9.12: no cells that overlap, and no column in which none begins.

    Nobody sees a column in which no cell begins, so that the cells across it take one fewer.
    """
    cells = [cell for section in sections for row in section.elements() for cell in row.elements()]
    spans = [_span(cell, "colspan") * _span(cell, "rowspan") for cell in cells]
    if sum(spans) > _MOST_SLOTS * len(cells):
        for cell in cells:
            for name in _SPANS:
                _set(cell, name, 1)
    elif sum(spans) > len(cells):
        placed = [cell for section in sections for cell in _laid_out(section)]
        begun = sorted({cell.column for cell in placed})
        for cell, column, columns in placed:
            _set(cell, "colspan", bisect_left(begun, column + columns) - bisect_left(begun, column))


def _laid_out(section: Element) -> Iterator[_Cell]:
    """The cells and their columns; one that would overlap another has only what is free."""
    taken: dict[int, int] = {}  # until which row
    for at, row in enumerate(section.elements()):
        column = 0
        for cell in row.elements():
            while taken.get(column, 0) > at:
                column += 1
            end, asked = column + 1, column + _span(cell, "colspan")
            while end < asked and taken.get(end, 0) <= at:
                end += 1
            taken.update(dict.fromkeys(range(column, end), at + _span(cell, "rowspan")))
            yield _Cell(cell, column, end - column)
            column = end


def _span(cell: Element, name: str) -> int:
    return int(cell.attributes.get(name, 1)) or 1


def _set(cell: Element, name: str, span: int) -> None:
    if span > 1:
        cell.attributes[name] = str(span)
    else:
        cell.attributes.pop(name, None)
