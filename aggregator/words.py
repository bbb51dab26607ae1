"""The words that a text is found by. What searches and what is searched takes them alike."""

from __future__ import annotations

import re
from itertools import pairwise

UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f"
    r"\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts that put no space between words (Thai to Khmer, Han, kana, bopomofo), and Hangul, which
writes particles onto them: what stands between the brackets of a regular expression."""

_SPELLED = {
    "1": ("one",),
    "2": ("two", "zwei", "deux", "dois", "twee"),
    "3": ("three", "drei", "trois", "tres", "três", "tre", "drie"),
    "4": ("four", "vier", "quatre", "cuatro", "quatro", "quattro"),
    "5": ("five", "fünf", "cinq", "cinco", "cinque", "vijf"),
    "6": ("six", "sechs", "seis", "zes"),
    "7": ("seven", "sieben", "siete", "sete", "sette", "zeven"),
    "8": ("eight", "acht", "huit", "ocho", "oito"),
    "9": ("nine", "neun", "neuf", "nueve", "nove", "negen"),
    "10": ("ten", "zehn", "dix", "diez", "dieci", "tien"),
    "11": ("eleven", "elf", "onze", "undici"),
    "12": ("twelve", "zwölf", "douze", "doce", "doze", "dodici", "twaalf"),
}
NUMBER_WORDS = {word: number for number, words in _SPELLED.items() for word in words}
"""The digits of the numbers that newspapers spell, case folded. Without those that are other words
elsewhere, such as `due`, `once` and `sept`, and without articles."""

_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
_RUNS = re.compile(f"[{UNSPACED}]+|[^ {UNSPACED}]+")


def of_key(key: str) -> str:
    """The words of a text, one space between them, from its key as `markup.title_key` makes it.

    Of a run of a script without spaces: each character with the one behind it, and the last alone.
    So that every part of the run is found, whatever the words in it are.
    """
    return " ".join(_tokens(key, open_end=False)) if _IS_UNSPACED.search(key) else key


def of_phrase(key: str) -> tuple[str, bool]:
    """The words that stand one after another wherever this phrase, a key too, stands in a text.

    Returns:
        The words, one space between them, and whether the last is but the beginning of one: a
        single character of a script without spaces.
    """
    tokens = _tokens(key, open_end=True)
    last = _RUNS.findall(key)[-1]
    return " ".join(tokens), len(last) == 1 and _IS_UNSPACED.match(last) is not None


def _tokens(key: str, *, open_end: bool) -> list[str]:
    """The words; with `open_end` a run at the end may go on in the text."""
    tokens: list[str] = []
    runs = _RUNS.findall(key)
    for number, run in enumerate(runs, start=1):
        if not _IS_UNSPACED.match(run):
            tokens.append(run)
            continue
        tokens += map("".join, pairwise(run))
        if len(run) == 1 or not (open_end and number == len(runs)):
            tokens.append(run[-1])
    return tokens
