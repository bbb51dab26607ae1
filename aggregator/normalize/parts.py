"""The parts of an entry, each made uniform and safe on its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from aggregator import extensions, markup, urls
from aggregator.model import (
    Category,
    Enclosure,
    Extension,
    Link,
    ParsedEntry,
    Person,
    Place,
    Summary,
    Text,
)

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_POLE = 90
_REMEMBERED = 512

UNKNOWN_MACHINE = "unknown"
"""Who made a text of which the seed says only that it is generated."""


def html(text: Text | None, base: str | None) -> str | None:
    """A text as safe HTML whose addresses count from `base`; None for one that says nothing."""
    if text is None:
        return None
    html = text.value if text.html else _paragraphs(text.value)
    return markup.safe_html(html, base, urls.without_tracking) or None


def _paragraphs(plain: str) -> str:
    """Plain text as HTML that keeps its lines, which HTML itself takes for spaces."""
    blocks = [markup.escape(block.strip("\n")) for block in _BLANK_LINES.split(plain.strip())]
    lines = [block.replace("\n", "<br>") for block in blocks]
    return lines[0] if len(lines) == 1 else "".join(f"<p>{line}</p>" for line in lines)


def plain(text: Text | None) -> str | None:
    """A text as plain text on one line; None for one that says nothing."""
    return (markup.plain_text(text) or None) if text else None


def deep_dive(parsed: ParsedEntry) -> Summary | None:
    """What a seed page holds under its AI heading."""
    paragraphs = tuple(map(markup.xml_safe, parsed.deep_dive))
    return (
        Summary(kind="generated", by=UNKNOWN_MACHINE, paragraphs=paragraphs) if paragraphs else None
    )


@lru_cache(_REMEMBERED)
def people(given: tuple[Person, ...]) -> tuple[Person, ...]:
    """Everyone once, with a plain name and absolute addresses; those of most entries are alike."""
    named = (
        Person(
            name=name,
            uri=urls.absolute(p.uri or "", None),
            email=p.email,
            avatar=urls.absolute(p.avatar or "", None),
        )
        for p in given
        if (name := markup.plain_text(Text(value=p.name, html=True)))
    )
    return tuple(dict.fromkeys(named))


def categories(given: Iterable[Category]) -> tuple[Category, ...]:
    """The categories in plain text."""
    return tuple(found for category in given if (found := _category(category)))


@lru_cache(_REMEMBERED)
def _category(given: Category) -> Category | None:
    """The category in plain text, if there is any; a source has few, again and again."""
    term = markup.plain_text(Text(value=given.term, html=False))
    label = given.label and markup.plain_text(Text(value=given.label, html=False))
    return Category(term=term, scheme=given.scheme, label=label or None) if term else None


def enclosures(
    given: Iterable[Enclosure], base: str | None, elements: tuple[Extension, ...]
) -> Iterable[Enclosure]:
    """The files with absolute addresses, and how long they play as `elements` say."""
    for one in given:
        if url := urls.absolute(one.url, base):
            plays = extensions.seconds(elements, url) if one.duration is None else one.duration
            yield replace(one, url=url, duration=plays)


def links(given: Iterable[Link], base: str | None) -> Iterable[Link]:
    """The links with absolute addresses and plain titles."""
    for one in given:
        if href := urls.absolute(one.href, base):
            title = plain(Text(value=one.title, html=False)) if one.title else None
            yield replace(one, href=href, title=title)


def place(given: Place | None) -> Place | None:
    """A place on Earth; None where the numbers can be none."""
    if given and all(abs(lat) <= _POLE and abs(lon) <= 2 * _POLE for lat, lon in given.coordinates):
        return given
    return None


def image(
    parsed: ParsedEntry,
    base: str | None,
    elements: tuple[Extension, ...],
    files: tuple[Enclosure, ...],
) -> str | None:
    """The picture that stands for the entry: as it says itself, else the first it comes with."""
    if not (parsed.image or elements or files):
        return None
    enclosed = (one.url for one in files if (one.type or "").startswith("image/"))
    return (
        urls.absolute(parsed.image or "", base)
        or extensions.picture(elements)
        or next(enclosed, None)
    )
