"""What an entry's text is compared by: its words, and the few bytes that find texts like it.

The signature is kept in the store and, for the window of time in which articles are told apart, in
memory. It finds the entries that may be the same article or tell of the same event; what they are
is decided on the texts themselves (`dedup`) and on their terms (`related`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from struct import calcsize, pack, unpack_from
from typing import NamedTuple
from zlib import crc32

from aggregator import markup, terms
from aggregator.model import Entry
from aggregator.words import NUMBER_WORDS, UNSPACED, of_key

SHINGLE = 4
"""Words one after another that are compared as one: fewer stand in any text, more in no rewrite."""

WORDS = 400
"""Words of a text that are compared: what follows is cut off from copies first."""

_KEPT = 64
"""Texts whose words are kept, of some 100 kB: that of a wire comes from many desks at once."""

_CHARACTERS, _HTML = 8 * WORDS, 32 * WORDS
"""More than so many characters of a text hold more words than are read."""

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:'[^\W_]+)?")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
# "LONDON (Wire) - ", "MERROW, Feb. 13 — ": a desk's own name for where and when.
_DATELINE = re.compile(r"\W*[^\W\d_]\S*(?:\s+\S+){0,7}?\s+[-–—]{1,2}\s+(?=\S)")
# What WordPress and its like write under an excerpt: the title again, and the publication.
_FOOTER = re.compile(
    r"(?:\[?(?:…|\.\.\.|&hellip;)\]?\s*)?"
    r"(?:The post\b.{0,400}?\bappeared first on\b.{0,120}"
    r"|(?:Continue reading|Read more|Read the full)\b.{0,200})$"
)
_FOOTER_SAYS = ("appeared first on", "Continue reading", "Read more", "Read the full")
_ENDING = 700
_ELLIPSIS = re.compile(r"\s*\[?(?:…|\.\.\.)\]?\s*$")

_DENSE, _SPARSE = 8, 24
_BEGINNING = 60
"""Of each so many shingles the smallest stands for them (winnowing): more densely at the beginning,
which is what short texts have of long ones. A run of 11 words in common there, and of 27 further
on, is always found."""
_MOST_PRINTS = 48

SHARED, SHARED_OF_FEW, FEW = 0.3, 0.2, 12
"""Share of the fewer prints that two texts must have in common to be compared at all; of less than
so many one that is lost counts for more. With .2 for all twice as many texts are compared, and no
other copies found."""

_CORRECTION = re.compile(
    r"\A\W*(?:(?:"
    r"(?i:corrected|correction|correcting|refile|rpt|repeat)(?:\s*\([^()]*\))?(?:\s*[])—–:]|\s+-)"
    r"|(?:CORRECTED|CORRECTION|CORRECTING|REFILE|RPT|REPEAT)(?:\s*\([^()]*\))?-"
    r")\W*)+"
)
"""What wires write before the headline of an article that they send again, once or more. It ends
where a mark does: "Repeat offender jailed" and "Correction officers strike" are headlines."""

_HEAD = "<IqB"
_UNDATED = -(2**62)

ANY_TITLE = 0
"""What stands for the title of a correction, which may be that of any article of its source."""


class Signature(NamedTuple):
    """What `of` packs. `title` stands for the title, or is `ANY_TITLE`; `published` in seconds."""

    title: int
    published: int | None
    prints: tuple[int, ...]
    terms: bytes


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words of a text as they are compared, case folded, without dateline and footer.

    `written` are the same as they stand in the text; of scripts without spaces, which have no
    capitals, they are as they are compared.
    """

    words: tuple[str, ...]
    written: tuple[str, ...]

    @cached_property
    def marks(self) -> tuple[tuple[int, str], ...]:
        """The numbers and capitalized words with their places: what makes a text this one.

        Others of its kind have others. A number may be spelled.
        """
        return tuple(
            (at, word)
            for at, (word, written) in enumerate(zip(self.words, self.written, strict=True))
            if word in NUMBER_WORDS
            or not (written.isalpha() and (written.islower() or written == word))
        )

    @cached_property
    def shingles(self) -> list[str]:
        """Every run of `SHINGLE` words, in their order."""
        # A string each: so many tuples would be work for the garbage collector.
        neighbours = zip(*(self.words[start:] for start in range(SHINGLE)), strict=False)
        return [*map(" ".join, neighbours)]

    @cached_property
    def runs(self) -> frozenset[str]:
        """The same, each once."""
        return frozenset(self.shingles)

    @cached_property
    def prints(self) -> tuple[int, ...]:
        """Hashes of the shingles that stand for their neighbours, each once, in their order."""
        hashes = [crc32(shingle.encode()) for shingle in self.shingles]
        found = dict.fromkeys(_smallest(hashes[:_BEGINNING], _DENSE))
        found.update(dict.fromkeys(_smallest(hashes[_BEGINNING - _SPARSE :], _SPARSE)))
        return tuple(found)[:_MOST_PRINTS]


def wording(entry: Entry) -> Wording:
    """The words of an entry's text: its content, or its summary where that is all there is.

    Of entries with one text, to the letter, it is the same one.
    """
    return _kept(_body(entry))


def titled(title: str) -> frozenset[str]:
    """The words of a title, in no order."""
    words, _ = _spaced(_TOKEN.findall(title.replace("’", "'")))
    return frozenset(words)


def _wording(body: str) -> Wording:
    written = _TOKEN.findall(body.replace("’", "'"))[:WORDS]
    words = [*map(str.casefold, written)]
    if not body.isascii() and _IS_UNSPACED.search(body):
        words, written = _spaced(written)
    return Wording(words=tuple(words), written=tuple(written))


_kept = lru_cache(_KEPT)(_wording)


def _spaced(tokens: Iterable[str]) -> tuple[list[str], list[str]]:
    """The same, of scripts without spaces the words as which they are searched."""
    pieces = [
        (piece, token if token != word and not _IS_UNSPACED.match(piece) else piece)
        for token, word in ((token, token.casefold()) for token in tokens)
        for piece in of_key(word).split()
    ][:WORDS]
    return [piece for piece, _ in pieces], [written for _, written in pieces]


def of(entry: Entry) -> bytes:
    """The signature of an entry, in at most 400 bytes; what `unpack` reads.

    Of an entry without a text it has no prints: nothing is like it.
    """
    body = _body(entry)
    found = _wording(body).prints
    published = _UNDATED if entry.published is None else int(entry.published.timestamp())
    title = ANY_TITLE if is_correction(entry.title) else crc32(entry.title_key.encode()) or 1
    head = pack(_HEAD, title, published, len(found))
    about = terms.of(entry.title, body, entry.language)
    return head + pack(f"<{len(found)}I", *found) + about


def unpack(packed: bytes) -> Signature:
    """What a signature says."""
    title, published, count = unpack_from(_HEAD, packed)
    start = calcsize(_HEAD)
    prints = unpack_from(f"<{count}I", packed, start)
    when = None if published == _UNDATED else published
    return Signature(title, when, prints, packed[start + 4 * count :])


def share_enough(common: int, one: int, other: int) -> bool:
    """Whether two texts with so many prints, of which so many are in common, are to be compared."""
    least = min(one, other)
    return common > 0 and common >= (SHARED if least >= FEW else SHARED_OF_FEW) * least


def is_correction(title: str) -> bool:
    """Whether a headline says that its article replaces one that was sent before."""
    return _CORRECTION.match(title) is not None


def uncorrected(title: str) -> str:
    """A headline without what says so."""
    return _CORRECTION.sub("", title, count=1)


def _body(entry: Entry) -> str:
    html = entry.content or entry.summary or ""
    if len(html) > _HTML:
        html = html[: html.rfind("<", 0, _HTML)]
    text = markup.text_of(html)
    if len(text) < _CHARACTERS:
        text = text[:-_ENDING] + _without_footer(text[-_ENDING:])
    text = text[:_CHARACTERS]
    start = _DATELINE.match(text)
    return text[start.end() :] if start else text


def _without_footer(end: str) -> str:
    # Most texts have none, and looking for one with these expressions takes as long as their words.
    if any(said in end for said in _FOOTER_SAYS):
        end = _FOOTER.sub("", end)
    return _ELLIPSIS.sub("", end) if "…" in end or "..." in end else end


def _smallest(hashes: list[int], window: int) -> Iterator[int]:
    """The smallest of each so many neighbours, as often as it is another one."""
    at = -1
    for start in range(max(1, len(hashes) - window + 1) if hashes else 0):
        end = start + window
        if at < start:
            near = hashes[start:end]
            at = start + near.index(min(near))
        elif hashes[end - 1] < hashes[at]:
            at = end - 1
        else:
            continue
        yield hashes[at]
