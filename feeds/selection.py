"""The name in a feed's address → `Selection`: many spellings come in, one form goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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

# A literal %2B is what is left when a `+` was encoded twice on its way here.
_BETWEEN = re.compile(r"[_+ ,]|%2b")


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
