"""Why an entry stands on which shelf: certain reasons first, guesses only where there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aggregator import markup
from aggregator.model import NAMED_BY_SEED, Assignment, Entry
from aggregator.settings import Vertical

SOURCE, CATEGORY, KEYWORD = "source", "category", "keyword"

_WORDS_READ = 100


class Shelves:
    """The verticals that the operator defined, ready to put entries on.

    An entry's verticals are: those its seed names or its source has in config.toml (certain);
    those whose `categories` hold one of the publisher's; and, where none of these gave any, those
    whose `keywords` stand in its title or first hundred words. Never one that is not defined.
    """

    def __init__(self, defined: Sequence[Vertical]) -> None:
        self._names = tuple(v.name for v in defined)
        self._categories: dict[str, list[tuple[str, str]]] = {}
        for v in defined:
            for category in (v.name, *v.categories):
                if key := markup.title_key(category):
                    self._categories.setdefault(key, []).append((v.name, category))
        self._keywords = tuple((v.name, p) for v in defined if (p := _any_of(v.keywords)))

    def place(self, entry: Entry, source_verticals: tuple[str, ...]) -> Entry:
        """The entry with its assignments, strongest reason first, a vertical once."""
        by_seed = (_certain(name, NAMED_BY_SEED) for name in entry.named)
        by_source = (_certain(name, SOURCE) for name in source_verticals)
        found = [
            assignment
            for assignment in (*by_seed, *by_source, *self._by_category(entry))
            if assignment.vertical in self._names
        ]
        first: dict[str, Assignment] = {}
        for assignment in found or self._by_keyword(entry):
            first.setdefault(assignment.vertical, assignment)
        return replace(entry, verticals=tuple(first.values()))

    def _by_category(self, entry: Entry) -> Iterator[Assignment]:
        for category in entry.categories:
            for name in (category.term, category.label or ""):
                for vertical, listed in self._categories.get(markup.title_key(name), ()):
                    yield _certain(vertical, f"{CATEGORY}: {listed}")

    def _by_keyword(self, entry: Entry) -> Iterator[Assignment]:
        if not self._keywords:
            return
        text = markup.text_of(entry.summary or entry.content or "")
        read = markup.title_key(" ".join((entry.title, *text.split()[:_WORDS_READ])))
        for name, pattern in self._keywords:
            if hit := pattern.search(read):
                yield Assignment(vertical=name, reason=f"{KEYWORD}: {hit[0]}", score=0.5)


def _certain(vertical: str, reason: str) -> Assignment:
    return Assignment(vertical=vertical, reason=reason, score=1.0)


def _any_of(keywords: Iterable[str]) -> re.Pattern[str] | None:
    """Whole words and phrases, in the normalized form that `markup.title_key` gives to both."""
    keys = sorted({key for k in keywords if (key := markup.title_key(k))}, key=len, reverse=True)
    if not keys:
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, keys))})\b")
