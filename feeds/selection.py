"""A feed's address → `Selection`: many spellings come in, one form goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from aggregator import search
from aggregator.model import ALL, Narrowing, Search, Selection
from aggregator.settings import SavedQuery, Settings

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "rss": "application/rss+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json",
    }
)
"""The ending of a feed's address → its media type (RFC 4287 7; RFC 8259 8.1: JSON is UTF-8)."""

NARROWING = ("author", "lang", "not", "q", "source", "vertical")
"""The parameters that narrow a selection."""

MOST_PAGES = 100
"""Pages of a narrowed selection: each further one takes longer to find."""

MOST_VALUES = 8
"""Values of one parameter: what there is to be found by is bounded."""

MOST_LENGTH = 500
"""Characters of a value."""

# A literal %2B is what is left when a `+` was encoded twice on its way here.
_BETWEEN = re.compile(r"[_+ ,]|%2b")


_PAGE = re.compile(r"[1-9][0-9]?|100", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownVertical:
    """No such selection: the first name that nobody defined, and all the names that there are."""

    name: str
    verticals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What had this name is a selection of another one."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A parameter that says nothing that can be answered, and why."""

    parameter: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """The names that an address may have: of verticals, and of saved queries with what they are.

    `formerly` are those that verticals had, with what they are called now.
    """

    verticals: frozenset[str]
    queries: Mapping[str, Selection] = field(default_factory=dict)
    formerly: Mapping[str, str] = field(default_factory=dict)


def defined(settings: Settings) -> Defined:
    """What config.toml defines."""
    return Defined(
        verticals=frozenset(vertical.name for vertical in settings.verticals),
        queries={query.name: of_query(query) for query in settings.queries},
        formerly={name: vertical.name for vertical in settings.verticals for name in vertical.was},
    )


def of_query(query: SavedQuery) -> Selection:
    """The selection that a saved query is."""
    searches = {found for q in query.q if isinstance(found := search.parse(q), Search)}
    languages = filter(None, map(search.language_key, query.lang))
    return Selection(
        verticals=tuple(sorted(query.verticals)) or (ALL,),
        query=query.name,
        saved=Narrowing(
            without=tuple(sorted(query.without)),
            searches=_sorted(searches),
            sources=tuple(sorted(query.source)),
            authors=tuple(sorted({search.author_key(name) for name in query.author})),
            languages=tuple(sorted(set(languages))),
            collapsed=query.collapse_related,
        ),
    )


def parse(name: str, there: Defined) -> Selection | UnknownVertical | Renamed:
    """The selection that `name` asks for: a saved query, a vertical, `all`, or a union of these.

    `name` has been percent-decoded once. Names of a union are separated by `_`, `+`, space or
    comma; their order and case and doubles make no difference, and any union with `all` is `all`. A
    saved query stands alone. `Renamed` where one of the names is a former one.
    """
    names = sorted({part for part in _BETWEEN.split(name.lower()) if part})
    if len(names) == 1 and names[0] in there.queries:
        return there.queries[names[0]]
    if not there.formerly.keys().isdisjoint(names):
        now = parse("_".join(there.formerly.get(part, part) for part in names), there)
        return Renamed(name=now.name) if isinstance(now, Selection) else now
    unknown = [part for part in names if part not in there.verticals and part != ALL]
    if unknown or not names:
        every = (ALL, *sorted(there.verticals), *sorted(there.queries))
        return UnknownVertical(name=unknown[0] if unknown else "", verticals=every)
    return Selection() if ALL in names else Selection(verticals=tuple(names))


def narrow(
    selection: Selection, parameters: Iterable[tuple[str, str]], there: Defined
) -> tuple[Selection, int] | Malformed:
    """The selection as the parameters of an address narrow it, and the number of the page asked.

    `vertical` and `not` name verticals, and all of them hold; of the values of `q`, `source`,
    `author` and `lang` any, and blank ones are none. Case and order make no difference, but for
    `source`. `page` counts from 1, and only where there is something to page. Others are ignored.
    """
    said: dict[str, dict[str, None]] = {name: {} for name in NARROWING}
    page = "1"
    for name, value in parameters:
        if name == "page":
            page = value
        elif name in said and (value.strip() or name in {"vertical", "not"}):
            said[name][value] = None
    read = _read(said, there)
    if isinstance(read, Malformed):
        return read
    # Every story stands in all: to ask for that is to ask for nothing.
    base = {ALL, *(selection.verticals if len(selection.verticals) == 1 else ())}
    within = tuple(name for name in read.within if name not in base)
    narrowed = replace(selection, narrowing=replace(read, within=within))
    if not narrowed.is_narrowed:
        return narrowed, 1
    if not _PAGE.fullmatch(page):
        return Malformed(parameter="page", why=f"pages are numbered from 1 to {MOST_PAGES}")
    return narrowed, int(page)


def _read(said: Mapping[str, Iterable[str]], there: Defined) -> Narrowing | Malformed:
    """What the values of every parameter mean together."""
    found: dict[str, set[str]] = {name: set() for name in NARROWING}
    searches: set[Search] = set()
    for name, values in said.items():
        for value in values:
            one = _value(name, value, there)
            if isinstance(one, Malformed):
                return one
            if isinstance(one, Search):
                searches.add(one)
            else:
                found[name].add(one)
        if max(len(found[name]), len(searches)) > MOST_VALUES:
            return Malformed(parameter=name, why=f"may be given {MOST_VALUES} times at the most")
    return Narrowing(
        within=tuple(sorted(found["vertical"])),
        without=tuple(sorted(found["not"])),
        searches=_sorted(searches),
        sources=tuple(sorted(found["source"])),
        authors=tuple(sorted(found["author"])),
        languages=tuple(sorted(found["lang"])),
    )


def _value(name: str, value: str, there: Defined) -> str | Search | Malformed:
    """What one value of a parameter means."""
    read: str | Search | None = None
    why = f"has more than {MOST_LENGTH} characters"
    match name:
        case "vertical" | "not":
            meant = there.formerly.get(value.lower(), value.lower())
            read = meant if meant in {ALL, *there.verticals} else None
            why = f"no such vertical; there are: {', '.join((ALL, *sorted(there.verticals)))}"
        case "q":
            found = search.parse(value)
            read, why = (None, found) if isinstance(found, str) else (found, "is empty")
        case "author" if len(search.author_key(value)) <= MOST_LENGTH:
            read = search.author_key(value) or None
            why = "holds no name"
        case "lang" if len(value) <= MOST_LENGTH:
            read = search.language_key(value)
            why = "is no language tag; write one such as en or pt-BR"
        case "source" if len(value) <= MOST_LENGTH:
            read = value.strip()
    return Malformed(parameter=name, why=why) if read is None else read


def _sorted(searches: Iterable[Search]) -> tuple[Search, ...]:
    return tuple(sorted(searches, key=lambda one: one.text))
