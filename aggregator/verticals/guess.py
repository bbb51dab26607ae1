"""A guess where nothing is certain: a small classifier that learns from the operator's own sources.

It begins with words: those of the vertical's title, description and keywords, and those of the desk
that it is known as. What it learns counts the more, the more it has learned.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from math import exp, log

from aggregator import terms
from aggregator.model import Assignment
from aggregator.settings import Vertical
from aggregator.verticals.defaults import desks
from aggregator.verticals.lexicon import HINTS, NEWS, PAGES

GUESS = "guess"

AT_MOST = 3
"""Verticals that one entry is guessed to stand in."""

# How much a word tells, by where it stands: the operator's keywords and the desk's words, title,
# description, the desk's hints, and the words of a desk of which this shelf has only a part.
_KEYWORD, _TITLE, _DESCRIPTION, _HINT, _PART = 1.0, 0.7, 0.4, 0.4, 0.5
_WORD = 2.0  # what a word that tells of one desk alone adds to its evidence (a logarithm of odds)

_BUCKETS = 1 << 16  # of words that are counted, 128 kB a vertical: those that share one are rare
_FULL = 0xFFF
# An event brings the same words fifty times over, and the next one none of them: counts grow like
# their fourth root.
_DAMP = 0.3
_SMOOTH = 0.3
_CLASSES = 8
_HALF = 100  # examples after which a vertical's learned part counts half

_NONE = 1.5  # the evidence for "on no shelf"
_OTHERS = 0.3  # how much the evidence for the others speaks against one: several may be right
_LONG = 8.0  # what a title weighs in words; the words of a longer text say the same again
_MOST = 0.99  # what is certain has 1
_SURE = 50.0  # more evidence says no more
# A reason shows so many words, out of so many of the text.
_SHOWN, _READ = 3, 20


class Guesses:
    """What is known of the words of the defined verticals. It is the same for any order of lessons.

    The well-known shelves that the operator does not have take part, so that their stories are not
    put on the nearest shelf that there is. They are never given.
    """

    def __init__(self, defined: Sequence[Vertical]) -> None:
        self._names = tuple(v.name for v in defined)
        self._thresholds = tuple(v.threshold for v in defined)
        self._prior, self._all = _prior(defined)
        self._columns = {name: column for column, name in enumerate(self._names)}
        # The last column counts entries that stand on none of these shelves.
        self._width = len(self._names) + 1
        self._counts = array("H", bytes(2 * self._width * _BUCKETS))
        self._learned = [0] * self._width
        self._scales = [0.0] * self._width
        self._classes: tuple[int, ...] = ()

    def learn(self, packed: bytes, verticals: Collection[str]) -> None:
        """That an entry with these terms stands for certain on these shelves, or on none."""
        known = {column for v in verticals if (column := self._columns.get(v)) is not None}
        for column in known or {self._width - 1}:
            self._learned[column] += 1
            self._scales[column] = 1 / (self._learned[column] ** _DAMP + _SMOOTH * _CLASSES)
            for word in {word % _BUCKETS for word, _ in terms.read(packed)}:
                cell = word * self._width + column
                if self._counts[cell] < _FULL:
                    self._counts[cell] += 1
        self._classes = tuple(column for column, count in enumerate(self._learned) if count)

    def scores(self, packed: bytes) -> dict[str, float]:
        """How well an entry with these terms suits each vertical, from 0 to 1.

        Of those too that nothing speaks for, which `guess` never gives.
        """
        return dict(zip(self._names, _scored(self._evidence(terms.read(packed))), strict=False))

    def guess(self, packed: bytes, key: str) -> tuple[Assignment, ...]:
        """The verticals whose score reaches their threshold, the best first.

        `key` is the `title_key` of the title, or of title and text: the words that a reason shows
        are taken from there.
        """
        evidence = self._evidence(terms.read(packed))
        scores = (min(round(score, 2), _MOST) for score in _scored(evidence))
        best = sorted(
            (-score, column)
            for column, (score, least) in enumerate(zip(scores, self._thresholds, strict=False))
            if score >= least and evidence[column] > 0
        )
        if not best:
            return ()
        told = self._told(dict(terms.read(packed)), key)
        return tuple(
            Assignment(vertical=self._names[column], reason=_reason(told, column), score=-score)
            for score, column in best[:AT_MOST]
        )

    def _told(self, weights: dict[int, float], key: str) -> list[tuple[str, list[float]]]:
        """The words of the entry that stand at the beginning of this text, each with what it told.

        Hashes cannot be turned back into them.
        """
        hashed = ((word, terms.hashed(word)) for word in dict.fromkeys(key.split()[:_READ]))
        found = {h: word for word, h in hashed if h in weights}
        return [(word, self._evidence([(h, weights[h])])) for h, word in found.items()]

    def _evidence(self, read: Sequence[tuple[int, float]]) -> list[float]:
        """For each class the logarithm of the odds, more or less, that these words speak of it."""
        evidence = [0.0] * self._all
        total = 0.0
        for word, weight in read:
            total += weight
            for column, much in self._prior.get(word, ()):
                evidence[column] += weight * much
        for column, much in self._lessons(read):
            evidence[column] += much
        if total > _LONG:
            shrink = (_LONG / total) ** 0.5
            evidence = [shrink * one for one in evidence]
        return evidence

    def _lessons(self, read: Sequence[tuple[int, float]]) -> Iterator[tuple[int, float]]:
        """What was learned of these words, for each vertical that anything was learned of.

        That is the logarithm of how much more often they stand there than in the average vertical,
        of those that stand in any.
        """
        classes, width = self._classes, self._width
        if len(classes) <= 1:
            return  # nothing to tell it from
        counts, scales, grown = self._counts, self._scales, _grown()
        unseen = _SMOOTH * sum(scales)
        there = [0.0] * width
        weighed = means = 0.0
        for word, weight in read:
            start = (word % _BUCKETS) * width
            row = counts[start : start + width]
            if not any(row):
                continue
            rates = unseen
            for column, count in enumerate(row):
                if count:
                    much, seen = grown[count]
                    rates += much * scales[column]
                    there[column] += weight * seen
            weighed += weight
            means += weight * log(rates / len(classes))
        for column in classes:
            if column < width - 1:
                trust = self._learned[column] / (self._learned[column] + _HALF)
                mean = weighed * log(_SMOOTH * scales[column]) - means
                yield column, trust * (there[column] + mean)


def _scored(evidence: list[float]) -> list[float]:
    """The evidence for each against that for none of them and, in part, that for the others."""
    odds = [exp(min(one, _SURE)) for one in evidence]
    spoken = [max(0.0, one - 1) for one in odds]
    others = exp(_NONE) + _OTHERS * sum(spoken)
    return [one / (others - _OTHERS * said + one) for one, said in zip(odds, spoken, strict=True)]


def _reason(told: list[tuple[str, list[float]]], column: int) -> str:
    """The words that told most of this vertical, in the order of the text."""
    much = sorted((evidence[column] for _, evidence in told), reverse=True)[:_SHOWN]
    least = max(min(much, default=0.0), 1e-9)
    shown = [word for word, evidence in told if evidence[column] >= least][:_SHOWN]
    return f"{GUESS}: {', '.join(shown)}" if shown else GUESS


@cache
def _grown() -> tuple[tuple[float, float], ...]:
    """Of every count its damped size, and the logarithm of that against none."""
    sizes = (count**_DAMP for count in range(_FULL + 1))
    return tuple((size, log(1 + size / _SMOOTH)) for size in sizes)


def _hashes(text: str) -> Iterator[int]:
    return (word for word, _ in terms.read(terms.of(text, "", None)))


def _prior(
    defined: Sequence[Vertical],
) -> tuple[dict[int, tuple[tuple[int, float], ...]], int]:
    """What each word tells of which class before anything is learned, and how many there are.

    The verticals come first, and after them the shelves that the operator does not have.
    """
    columns = {v.name: column for column, v in enumerate(defined)}
    told: dict[int, dict[int, float]] = {}

    def tell(column: int, words: Iterator[int], much: float) -> None:
        for word in words:
            of = told.setdefault(word, {})
            of[column] = max(of.get(column, 0.0), much)

    count = len(columns)
    for shelf, owners in desks(defined).items():
        shared = [(columns[name], _PART if part else 1.0) for name, part in owners.items()]
        if not shared:
            shared, count = [(count, 1.0)], count + 1
        for column, much in shared:
            tell(column, iter(_lexicon()[shelf][0]), much)
            tell(column, iter(_lexicon()[shelf][1]), much * _HINT)
    for v in defined:
        tell(columns[v.name], _hashes(v.title), _TITLE)
        tell(columns[v.name], _hashes(v.description), _DESCRIPTION)
        for keyword in v.keywords:
            words = tuple(_hashes(keyword))
            tell(columns[v.name], iter(words), _KEYWORD / max(1, len(words)) ** 0.5)
    return {word: _shared(of) for word, of in told.items()}, count


def _shared(of: dict[int, float]) -> tuple[tuple[int, float], ...]:
    total = sum(of.values())
    return tuple((column, _WORD * much * much / total) for column, much in of.items())


@cache
def _lexicon() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """The words of every well-known shelf, those that tell much and those that tell less."""
    return {
        shelf: (_all_hashes(words), _all_hashes(HINTS.get(shelf, "")))
        for shelf, words in {**NEWS, **PAGES}.items()
    }


def _all_hashes(words: str) -> tuple[int, ...]:
    return tuple({terms.hashed(word): word for word in words.split()})
