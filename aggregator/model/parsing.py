"""A document as it was read, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a file an operator wrote: where, what, and what to do about it."""

    file: str
    line: int | None
    what: str
    todo: str

    def __str__(self) -> str:
        """`file:line: what; what to do`, without the line where there is none to name."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.what}; {self.todo}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as the source gave it, and whether it is to be read as HTML (RFC 4287 3.1)."""

    value: str
    html: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author (RFC 4287 3.2): a name, and what else was said of them."""

    name: str
    uri: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category as the publisher gave it (RFC 4287 4.2.2); RSS's `domain` is the scheme."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an entry. `length` in bytes, None where it was not said."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item of a document: texts, addresses and dates exactly as they stand in it.

    `base` is what relative addresses count from. The last three are a seed page's.
    """

    guid: str | None = None
    link: str | None = None
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    authors: tuple[Person, ...] = ()
    published: str | None = None
    updated: str | None = None
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    base: str | None = None
    publication: str | None = None
    deep_dive: tuple[str, ...] = ()
    verticals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document read: what it says of itself, and its items in its own order.

    `problems` are what was passed over in a seed file, for the operator.
    """

    title: Text | None = None
    id: str | None = None
    site_url: str | None = None
    updated: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    base: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Bytes that are no feed: why, in one plain line, and where if that can be said."""

    reason: str
    line: int | None = None
