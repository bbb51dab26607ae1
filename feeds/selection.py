"""A feed's address → `Selection`: many spellings come in, one form goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from aggregator.model import ALL, Selection

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "rss": "application/rss+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json",
    }
)
"""The ending of a feed's address → its media type (RFC 4287 7; RFC 8259 8.1: JSON is UTF-8)."""

MOST_PAGES = 100
"""Pages of a narrowed selection: each further one takes longer to find."""

# A literal %2B is what is left when a `+` was encoded twice on its way here.
_BETWEEN = re.compile(r"[_+ ,]|%2b")


_PAGE = re.compile(r"[1-9][0-9]?|100", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownVertical:
    """No such selection: the first name that nobody defined, and all the names that there are."""

    name: str
    verticals: tuple[str, ...]


def parse(name: str, defined: frozenset[str]) -> Selection | UnknownVertical:
    """The selection that `name` asks for: a vertical of `defined`, `all`, or a union of them.

    `name` has been percent-decoded once. Names are separated by `_`, `+`, space or comma; their
    order and case and doubles make no difference, and any union with `all` is `all`.
    """
    names = sorted({part for part in _BETWEEN.split(name.lower()) if part})
    unknown = [part for part in names if part not in defined and part != ALL]
    if unknown or not names:
        return UnknownVertical(
            name=unknown[0] if unknown else "", verticals=(ALL, *sorted(defined))
        )
    return Selection() if ALL in names else Selection(verticals=tuple(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A parameter that says nothing that can be answered, and why."""

    parameter: str
    why: str


def narrow(
    selection: Selection, parameters: Iterable[tuple[str, str]], defined: frozenset[str]
) -> tuple[Selection, int] | Malformed:
    """The selection as the parameters of an address narrow it, and the number of the page asked.

    `vertical` and `not` name verticals of `defined`, and all of them hold; case and order make no
    difference. `page` counts from 1, and only where there is something to page. Others are ignored.
    """
    within: set[str] = set()
    without: set[str] = set()
    page = "1"
    for parameter, said in parameters:
        if parameter in {"vertical", "not"}:
            name = said.lower()
            if name not in defined and name != ALL:
                names = ", ".join((ALL, *sorted(defined)))
                return Malformed(parameter=parameter, why=f"no such vertical; there are: {names}")
            (within if parameter == "vertical" else without).add(name)
        elif parameter == "page":
            page = said
    # Every story stands in all: to ask for that is to ask for nothing.
    within -= {ALL, *(selection.verticals if len(selection.verticals) == 1 else ())}
    narrowed = replace(selection, within=tuple(sorted(within)), without=tuple(sorted(without)))
    if not narrowed.is_narrowed:
        return selection, 1
    if not _PAGE.fullmatch(page):
        return Malformed(parameter="page", why=f"pages are numbered from 1 to {MOST_PAGES}")
    return narrowed, int(page)
