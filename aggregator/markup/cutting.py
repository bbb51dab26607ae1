"""Safe HTML cut short, and still safe HTML."""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.markup.elements import BLOCKS, SAFE_TAG, VOID

_WHOLE = frozenset({"audio", "picture", "ruby", "video"})
_TOKEN = re.compile(rf"{SAFE_TAG.pattern}|[^<]+")
_WORDS = re.compile(r".*\S(?=\s)", re.DOTALL)
_LONGEST_WORD = 30
_BROKEN_REFERENCE = re.compile(r"&[^;]*\Z")


class _Place(NamedTuple):
    """Where HTML can be cut, and how many bytes it then takes with the end tags it needs."""

    at: int
    taken: int


def cut(html: str, limit: int) -> str | None:
    """The beginning of safe HTML in at most `limit` bytes of UTF-8, every element of it closed.

    It ends where a block ends or, where none does in the second half of what fits, after a word; in
    the midst of one only where no word ends (Chinese). A picture with its sources, a film, or a
    base with its ruby is there whole or not at all. `safe_html` gives the result back unchanged.

    Returns:
        The cut HTML, `""` where nothing fits; None for HTML that is short enough as it is.
    """
    if len(html.encode()) <= limit:
        return None
    beginning = html[: _end(html, limit)]
    unclosed: list[str] = []
    for tag in SAFE_TAG.finditer(beginning):
        if tag[1]:
            unclosed.pop()
        elif tag[2] not in VOID:
            unclosed.append(tag[2])
    return beginning + "".join(f"</{name}>" for name in reversed(unclosed))


def _end(html: str, limit: int) -> int:
    """Where the beginning ends: always behind something that is shown."""
    block = word = _Place(0, 0)
    inside = 0
    taken = 0  # with the end tags of all that is open: it never falls from one token to the next
    tokens = _TOKEN.finditer(html)
    token = next(tokens)
    while taken + (needed := _needed(token)) <= limit:
        taken += needed
        closing, name = token[1], token[2]
        if name in _WHOLE:
            inside += -1 if closing else 1
        ends = closing or name in VOID
        if not inside and (ends or (not name and not token[0].isspace())):
            word = _Place(token.end(), taken)
            block = word if ends and name in BLOCKS else block
        token = next(tokens)
    if not token[2] and not inside:
        word = _last_word(token, taken, limit, word)
    return block.at if _is_late(block, limit) else word.at


def _needed(token: re.Match[str]) -> int:
    """How many bytes a token takes, with the end tag that it will need; that one then none."""
    closing, name = token[1], token[2]
    if closing:
        return 0
    return len(token[0].encode()) + (len(f"</{name}>") if name and name not in VOID else 0)


def _last_word(token: re.Match[str], taken: int, limit: int, before: _Place) -> _Place:
    """Behind the last word of a text that fits, or the last character where words are long.

    `before` where nothing of the text fits or its beginning is not worth a broken word.
    """
    text = token[0]
    fits = text.encode()[: limit - taken].decode(errors="ignore")
    whole = 0
    if words := _WORDS.match(text, 0, len(fits) + 1):
        whole = words.end()
        before = _Place(token.start() + whole, taken + len(words[0].encode()))
    fits = _BROKEN_REFERENCE.sub("", fits)
    if _is_late(before, limit) or len(fits[whole:].strip()) <= _LONGEST_WORD:
        return before
    return _Place(token.start() + len(fits), limit)


def _is_late(place: _Place, limit: int) -> bool:
    return 2 * place.taken >= limit
