"""Why an entry stands on which shelf: certain reasons first, guesses only where there are none.

And on which terms of its source, which may keep it from every shelf.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any
from urllib.parse import unquote

from aggregator import markup
from aggregator.model import NAMED_BY_SEED, Assignment, Entry, Terms
from aggregator.settings import Source, Vertical
from aggregator.verticals.defaults import categories_of
from aggregator.words import UNSPACED

SOURCE, CATEGORY, KEYWORD = "source", "category", "keyword"

FIELDS = ("title", "category", "author", "text", "link")
"""What an element of `include` or `exclude` may begin with, to be looked for there alone."""

_EVERYWHERE, _LINK = "", "link"
_WORDS_READ = 100
_CHARACTERS_READ = 1000  # for scripts that have no spaces to count words by

_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_NOT_BEHIND_WORD, _NOT_BEFORE_WORD = rf"(?<![^\W{UNSPACED}])", rf"(?![^\W{UNSPACED}])"


# All that shelving leaves alone. `replace` asks the class about each of them for every entry.
_REST = tuple(f.name for f in fields(Entry) if f.name not in {"verticals", "terms"})
_REST_OF = attrgetter(*_REST)


class Shelves:
    """The verticals that the operator defined, ready to put entries on.

    An entry's verticals are: those its seed names, by any name they had, or its source has in
    config.toml (certain); those of which a name or one of the `categories` is one of the
    publisher's; and, where none of these gave any, those whose `keywords` stand in its title or
    first hundred words. Never one that is not defined.
    """

    def __init__(self, defined: Sequence[Vertical]) -> None:
        self._defined = tuple(defined)
        self._names = tuple(v.name for v in defined)
        self._categories: dict[str, list[tuple[str, str]]] = {}
        for v in defined:
            for category in (v.name, *v.was, *categories_of(v)):
                if key := markup.title_key(category):
                    self._categories.setdefault(key, []).append((v.name, category))
        self._keywords = tuple((v.name, p) for v in defined if (p := _any_of(v.keywords)))
        self._now_called = {former: v.name for v in defined for former in v.was}
        common = repr((self._defined, self._categories)).encode("utf-8", "surrogatepass")
        self._common = blake2b(common, digest_size=16)

    def place(self, entry: Entry, source: Source) -> Entry:
        """The entry on the terms of its source, with its assignments.

        The strongest reason comes first, a vertical once. An entry that the terms exclude has the
        verticals that it would stand in, too.
        """
        named = (self._now_called.get(name, name) for name in entry.named)
        by_seed = (_certain(name, NAMED_BY_SEED) for name in named)
        by_source = (_certain(name, SOURCE) for name in source.verticals)
        found = [
            assignment
            for assignment in (*by_seed, *by_source, *self._by_category(entry))
            if assignment.vertical in self._names
        ]
        first: dict[str, Assignment] = {}
        for assignment in found or self._by_keyword(entry):
            first.setdefault(assignment.vertical, assignment)
        terms = Terms(
            show=source.content,
            rank=source.rank,
            private=source.is_secret,
            merge=source.merge,
            excluded=_excluded(entry, source),
        )
        rest: dict[str, Any] = dict(zip(_REST, _REST_OF(entry), strict=True))
        return Entry(**rest, verticals=tuple(first.values()), terms=terms)

    def rules(self, source: Source) -> str:
        """What stands for all that `place` goes by: it changes with any of it."""
        shown = (source.content, source.include, source.exclude, source.rank, source.merge)
        own = (source.verticals, *shown)
        # What is the same for all sources is long, and they may be twenty thousand.
        read = self._common.copy()
        read.update(repr((own, source.is_secret)).encode("utf-8", "surrogatepass"))
        return read.hexdigest()

    def _by_category(self, entry: Entry) -> Iterator[Assignment]:
        for category in entry.categories:
            for name in (category.term, category.label or ""):
                for vertical, listed in self._categories.get(markup.title_key(name), ()):
                    yield _certain(vertical, f"{CATEGORY}: {listed}")

    def _by_keyword(self, entry: Entry) -> Iterator[Assignment]:
        if not self._keywords:
            return
        text = markup.text_of(entry.summary or entry.content or "")
        first = " ".join(text.split()[:_WORDS_READ])[:_CHARACTERS_READ]
        read = markup.title_key(f"{entry.title} {first}")
        for name, pattern in self._keywords:
            if hit := pattern.search(read):
                yield Assignment(vertical=name, reason=f"{KEYWORD}: {hit[0]}", score=0.5)


def looked_for(phrase: str) -> tuple[str, str]:
    """Where an element of `include` or `exclude` is looked for, and what, as it is compared.

    One of `FIELDS` or, where it begins with none of them, `""`: anywhere but in the link. The
    second is `""` where there is nothing to look for, which stands nowhere.
    """
    name, colon, rest = phrase.partition(":")
    field = name.strip().casefold()
    if not colon or field not in FIELDS:
        return _EVERYWHERE, markup.title_key(phrase)
    return field, rest.strip().casefold() if field == _LINK else markup.title_key(rest)


def _certain(vertical: str, reason: str) -> Assignment:
    return Assignment(vertical=vertical, reason=reason, score=1.0)


def _excluded(entry: Entry, source: Source) -> str | None:
    """Why the operator wants this entry in no feed; None where it may stand in some."""
    if not (source.include or source.exclude):
        return None
    read = _fields(entry)
    if hit := _first_found(source.exclude, read):
        return f"exclude: {hit}"
    if source.include and not _first_found(source.include, read):
        return "include: no match"
    return None


def _first_found(phrases: tuple[str, ...], read: Mapping[str, str]) -> str | None:
    """The first of the phrases that stands where it is looked for, as the operator wrote it."""
    for phrase, field, key, whole in _searches(phrases):
        # Most phrases stand nowhere, which the plain search finds out a hundred times faster.
        if key in read[field] and (field == _LINK or whole.search(read[field])):
            return phrase
    return None


@cache
def _searches(phrases: tuple[str, ...]) -> tuple[tuple[str, str, str, re.Pattern[str]], ...]:
    """Each phrase with its field, key and pattern, those with nothing to look for left out."""
    split = ((phrase, *looked_for(phrase)) for phrase in phrases)
    return tuple((*one, re.compile(_whole(one[2]))) for one in split if one[2])


def _fields(entry: Entry) -> Mapping[str, str]:
    """What is read of an entry by field, in the form of what is looked for.

    A line for each title, category and so on: no phrase reaches from one into the next.
    """
    machine = entry.deep_dive.paragraphs if entry.deep_dive else ()
    html = (entry.summary or "", entry.content or "")
    read = {
        "title": _lines([entry.title]),
        "category": _lines(n for c in entry.categories for n in (c.term, c.label or "")),
        "author": _lines(person.name for person in entry.authors),
        "text": _lines((*map(markup.text_of, html), *machine)),
    }
    # As it stands and as people read it: published addresses are in ASCII (RFC 3986 2.1).
    link = entry.link or ""
    return read | {
        _EVERYWHERE: "\n".join(read.values()),
        _LINK: f"{link}\n{unquote(link)}".casefold(),
    }


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(map(markup.title_key, texts))


def _any_of(keywords: Iterable[str]) -> re.Pattern[str] | None:
    """Any of these words and phrases, the longest first; None where there are none."""
    keys = sorted({key for k in keywords if (key := markup.title_key(k))}, key=len, reverse=True)
    return re.compile("|".join(map(_whole, keys))) if keys else None


def _whole(key: str) -> str:
    """The pattern of a whole word or phrase, in the form that `markup.title_key` gives to both.

    Where it begins or ends in a script without spaces it may stand inside what looks like a word,
    and next to such a script a word of another ends.
    """
    start = "" if _IS_UNSPACED.match(key[0]) else _NOT_BEHIND_WORD
    end = "" if _IS_UNSPACED.match(key[-1]) else _NOT_BEFORE_WORD
    return f"{start}{re.escape(key)}{end}"
