"""Search: what a story is found by, and what a reader or a saved query looks for.

A story has *words*, those of its texts in their order, and *marks*: a word each for its verticals,
sources, authors and languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from aggregator import markup, words
from aggregator.model import Entry, Search, Selection
from aggregator.settings import SEED

VERSION = "1"
"""Which words and marks stories get: of another, all that there is has to be written anew."""

MOST_LENGTH = 200
"""The most characters of a `q`."""

MOST_WORDS = 8
"""The most words of a `q`."""

MOST_CHARACTERS = 100_000
"""The most that a story is found by: what its entries say beyond that is not looked at."""

_TOO_LONG = f"has more than {MOST_LENGTH} characters"

_GAP = "¶"
"""Stands between two texts, so that no phrase is found in both: no word has it."""

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_QUOTES = str.maketrans("“”„«»", '"""""')
_LANGUAGE = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*", re.ASCII)


def parse(q: str) -> Search | str | None:
    """What a `q` looks for; None for nothing at all, and a text that says what is wrong with it."""
    if len(q) > MOST_LENGTH:
        return _TOO_LONG
    found: dict[str, set[str]] = {"": set(), "-": set()}
    for sign, phrase, word in _TERM.findall(q.translate(_QUOTES)):
        if key := markup.title_key(phrase or word):
            found[sign].add(key)
    count = sum(len(key.split()) for keys in found.values() for key in keys)
    if count > MOST_WORDS:
        return f"has more than {MOST_WORDS} words"
    if not count:
        return "holds no word to look for" if q.strip() else None
    read = Search(phrases=tuple(sorted(found[""])), without=tuple(sorted(found["-"])))
    # What is looked for may have more characters than what was written for it.
    return read if len(read.text) <= MOST_LENGTH else _TOO_LONG


def author_key(name: str) -> str:
    """The name of an author as it is compared; `""` if there is no word in it."""
    return markup.title_key(name)


def language_key(tag: str) -> str | None:
    """A language tag as it is compared; None if it is none (RFC 5646 2.1)."""
    key = tag.strip().replace("_", "-").casefold()
    return key if _LANGUAGE.fullmatch(key) else None


# ---- what a story is found by -------------------------------------------------------------------


Given = tuple[Entry, str]
"""An entry, and the address of the source that gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """What a story is found by: its words and its marks, one space between them."""

    words: str
    marks: str


def findable(entries: Iterable[Given], verticals: Iterable[str]) -> Findable:
    """What a story with these entries, in these verticals, is found by.

    Of the texts, those that its feeds show.
    """
    shown = list(entries)
    texts = dict.fromkeys(text for one, _ in shown for text in _texts(one))
    marks = {_mark("v", name) for name in verticals}
    marks.update(mark for one, address in shown for mark in _marks(one, address))
    return Findable(words=_together(texts), marks=" ".join(sorted(marks)))


def grown(before: Findable, added: Findable) -> Findable:
    """The same of a story that has got since what finds it by that, and verticals."""
    texts = dict.fromkeys((*before.words.split(f" {_GAP} "), *added.words.split(f" {_GAP} ")))
    marks = sorted({*before.marks.split(), *added.marks.split()})
    return Findable(words=_together(texts), marks=" ".join(marks))


def _together(texts: Iterable[str]) -> str:
    said, room = [], MOST_CHARACTERS
    for text in filter(None, texts):
        if len(text) > room:
            said.append(text[:room].rpartition(" ")[0])
            break
        said.append(text)
        room -= len(text)
    return f" {_GAP} ".join(filter(None, said))


def _texts(one: Entry) -> Iterator[str]:
    show = one.terms.show
    yield words.of_key(one.title_key)
    if show == "full":
        if one.deep_dive:
            yield from (words.of_key(markup.title_key(t)) for t in one.deep_dive.paragraphs)
        yield from (words.of_key(markup.text_key(t)) for t in (one.summary, one.content) if t)
    elif show == "summary":
        yield words.of_key(markup.text_key(one.summary or one.content or ""))


def _marks(one: Entry, address: str) -> Iterator[str]:
    yield _mark("s", one.publication)
    if not one.terms.private and not address.startswith(SEED):
        yield from (_mark("s", each) for each in (address, one.source.feed_url) if each)
    yield from (_mark("a", key) for p in one.authors if (key := author_key(p.name or "")))
    subtags = (language_key(one.language or "") or "").split("-")
    yield from (_mark("l", "-".join(subtags[:n])) for n in range(1, len(subtags) + 1) if subtags[0])


def _mark(kind: str, said: str) -> str:
    """One word for what may be said with any."""
    if kind in "vl":
        return kind + said
    return kind + blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


# ---- what is looked for -------------------------------------------------------------------------


def expression(selection: Selection, spans: Iterable[str] = ()) -> str:
    """What finds the stories of a selection, in SQLite's language of full-text queries (FTS5).

    In these `spans` alone, if there are any: they bound whatever reads on until it finds something.
    """
    within = f"spans : ({' OR '.join(map(_quoted, spans))})" if spans else ""
    wanted = [within] if within else []
    wanted.append(_any(_mark("v", name) for name in selection.verticals))
    unwanted: list[str] = []
    for one in (selection.saved, selection.narrowing):
        wanted += [_marked(_mark("v", name)) for name in one.within]
        unwanted += [_marked(_mark("v", name)) for name in one.without]
        for kind, values in (("s", one.sources), ("a", one.authors), ("l", one.languages)):
            if values:
                wanted.append(_any(_mark(kind, said) for said in values))
        if one.searches:
            wanted.append(" OR ".join(_search(each, within) for each in one.searches))
    said = " AND ".join(f"({each})" for each in wanted)
    return f"({said}) NOT ({' OR '.join(unwanted)})" if unwanted else said


EVERYTHING = 'marks : "vall"'
"""Finds every story."""


def _any(marks: Iterable[str]) -> str:
    return " OR ".join(map(_marked, marks))


def _marked(mark: str) -> str:
    return f"marks : {_quoted(mark)}"


def _search(search: Search, within: str) -> str:
    wanted = " AND ".join(map(_phrase, search.phrases)) or EVERYTHING
    if not search.without:
        return f"({wanted})"
    bounded = f"{within} AND {wanted}" if within else wanted
    return f"(({bounded}) NOT ({' OR '.join(map(_phrase, search.without))}))"


def _phrase(key: str) -> str:
    said, is_beginning = words.of_phrase(key)
    return f"words : {_quoted(said)}{' *' if is_beginning else ''}"


def _quoted(said: str) -> str:
    return f'"{said}"'
