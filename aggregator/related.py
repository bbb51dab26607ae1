"""Stories about one news event: told by different desks, never merged, only linked.

Each story is compared with what the stories of an event say together: the cosine of both, each
term weighed by how rare it is among the stories of the window, learned as they come.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log, sqrt
from operator import itemgetter

from aggregator.terms import read

JOIN = timedelta(hours=72)
"""How long after its newest story, or before its oldest, an event may still be joined."""

WINDOW = timedelta(days=7)
"""How long an event may be, from its oldest story to its newest."""

# How alike a story has to be: a title that shares three of its eight terms tells as much as a text
# that shares thirty of sixty, which has more to be alike by chance. Between them by their number.
_ALIKE_TITLE, _TERMS_OF_TITLE = 0.16, 8
_ALIKE_TEXT, _TERMS_OF_TEXT = 0.24, 35
_GROWTH = 0.12
"""The larger an event the more ways to tell it, and the less alike is a title that belongs: by the
number of its stories to this power. A text says enough to do without."""
_LEAST_SHARED = 2
"""One name in common is no event."""

# Of a service that has just begun every word is rare; as if so many stories had been read before,
# with each word in half a one.
_READ_BEFORE = 3000
_IN_EACH_BEFORE = 0.5

_MOST_TERMS, _TERMS_KEPT = 96, 64
"""Of an event: over the first it is cut to the second, those that most of its stories say."""

# An event is found by the most telling terms of each of its stories; a story asks by its own, each
# of which gives its newest postings only: a day's favourite word costs no more than any.
_POSTED, _ASKED = 12, 16
_POSTINGS_READ = 6
_POSTINGS_LOOKED_BACK = 4
_COMPARED = 3
_WORTH_COMPARING = 1.0
"""Of the weight that an event has to share with a story to be alike enough, what its postings have
to show: no cosine is over the root of the share."""

_SLOTS = 1 << 20
_SLOT = _SLOTS - 1
"""Frequencies and postings stand in tables of 4 MB each: two rare words may share a slot, which
makes neither common."""

_RECORD = struct.Struct("<qB")
_HOUR = 3600

Said = tuple[tuple[int, float], ...]


@dataclass(slots=True)
class _Event:
    """The stories of an event as records of their time and terms, and what they say together."""

    oldest: int
    newest: int
    records: bytes = b""
    size: int = 0
    # Of several stories; after some were forgotten both are made when they are asked for.
    hashes: Sequence[int] = ()
    sums: array[float] | None = None


class Events:
    """The events of the window, in memory: with 100,000 stories of 60 terms that was 65 MB.

    Args:
        join: How long after its newest story, or before its oldest, an event may be joined.
        window: How long an event may be.
    """

    __slots__ = (
        "_events", "_frequencies", "_gone", "_heads", "_hours", "_join", "_logs", "_next",
        "_posted", "_stories", "_window",
    )  # fmt: skip

    def __init__(self, join: timedelta = JOIN, window: timedelta = WINDOW) -> None:
        self._join = int(join.total_seconds())
        self._window = int(window.total_seconds())
        self._events: dict[int, _Event] = {}
        self._hours: dict[int, array[int]] = {}  # which events have their oldest story then
        self._stories = 0
        self._frequencies = array("I", bytes(4 * _SLOTS))
        self._logs = array("d")  # of each frequency, by itself
        # Postings: a chain for each slot, from the newest to the oldest. They are numbered as they
        # come, from 1; of those that have gone the chain has its end.
        self._heads = array("I", bytes(4 * _SLOTS))
        self._next = array("I")
        self._posted = array("Q")
        self._gone = 0

    def place(self, story: int, terms: bytes, at: int) -> tuple[int, float]:
        """Joins a new story to the event it is about, or begins one with it.

        Args:
            story: Its number, which names the event that it begins.
            terms: What it is about, as `terms.of` packs it.
            at: When it came, in seconds of any epoch.

        Returns:
            The number of the event, and how alike they are: a cosine raised by the size of the
            event, over the threshold; 1.0 for a story that joins none.
        """
        said = read(terms, names=True)
        self._learn(said, 1)
        weights = self._weighed(said)
        telling = _telling(weights)
        event, score = self._best(weights, telling, at)
        if event is None:
            event, score = story, 1.0
        self._add(event, said, terms, at)
        self._post(event, telling)
        return event, score

    def restore(self, event: int, terms: bytes, at: int) -> None:
        """Puts a story back into the event that an earlier process has placed it in.

        The events come out the same when stories come in the same order.
        """
        said = read(terms, names=True)
        self._learn(said, 1)
        self._add(event, said, terms, at)
        self._post(event, _telling(self._weighed(said)))

    def forget(self, before: int) -> None:
        """Drops the stories that came before this second, as if they had never been.

        What is left of their events keeps its number. To be called with the present less the
        window: an event that cannot be joined in that present is no longer looked for.
        """
        for hour in sorted(hour for hour in self._hours if hour <= before // _HOUR):
            for number in self._hours.pop(hour):
                event = self._events.get(number)
                if event is not None and event.oldest < before:
                    self._trim(number, event, before)
                elif event is not None:
                    self._note(number, event)
        free, present = 0, before + self._window
        for number in self._posted:
            event = self._events.get(number)
            if event is not None and event.newest + self._join >= present:
                break
            free += 1
        del self._posted[:free], self._next[:free]
        self._gone += free

    def _learn(self, said: Said, step: int) -> None:
        """Counts a story in, or out."""
        frequencies, logs = self._frequencies, self._logs
        for term, _ in said:
            frequencies[term & _SLOT] += step
        self._stories += step
        # A slot has at most all 63 terms of a story.
        highest = max((frequencies[term & _SLOT] for term, _ in said), default=0)
        while len(logs) <= highest:
            logs.append(log(len(logs) + _IN_EACH_BEFORE))

    def _weighed(self, said: Said) -> dict[int, float]:
        top, frequencies, logs = self._top(), self._frequencies, self._logs
        return {term: weight * (top - logs[frequencies[term & _SLOT]]) for term, weight in said}

    def _top(self) -> float:
        return log(self._stories + _READ_BEFORE)

    def _best(
        self, weights: Mapping[int, float], telling: list[int], at: int
    ) -> tuple[int | None, float]:
        """The event that the story is most alike, if it is alike enough, and how much."""
        found = None
        length = sqrt(sum(weight * weight for weight in weights.values()))
        is_text = (len(weights) - _TERMS_OF_TITLE) / (_TERMS_OF_TEXT - _TERMS_OF_TITLE)
        is_text = min(max(is_text, 0.0), 1.0)
        best = _ALIKE_TITLE + (_ALIKE_TEXT - _ALIKE_TITLE) * is_text
        growth = _GROWTH * (1 - is_text)
        compared = 0
        for number, share in self._candidates(weights, telling):
            if share < _WORTH_COMPARING * (best * length) ** 2:
                break
            event = self._events.get(number)
            if event is None or not self._is_open(event, at):
                continue
            score = self._cosine(weights, length, event) * event.size**growth
            if score > best:
                found, best = number, score
            compared += 1
            if compared == _COMPARED:
                break
        return found, best

    def _candidates(
        self, weights: Mapping[int, float], telling: list[int]
    ) -> list[tuple[int, float]]:
        """The events that share telling terms, with their squares, those that share most first.

        Those found by one term only are no candidates: most of a large window are such.
        """
        shared: dict[int, float] = {}
        found = set[int]()
        heads, following, posted, gone = self._heads, self._next, self._posted, self._gone
        for term in telling[:_ASKED]:
            node = heads[term & _SLOT]
            square = weights[term] ** 2
            for _ in range(_POSTINGS_READ):
                if node <= gone:
                    break
                number = posted[node - gone - 1]
                if number in shared:
                    shared[number] += square
                    found.add(number)
                else:
                    shared[number] = square
                node = following[node - gone - 1]
        if len(telling) < _LEAST_SHARED:
            found.update(shared)
        return sorted(((n, shared[n]) for n in found), key=itemgetter(1), reverse=True)

    def _is_open(self, event: _Event, at: int) -> bool:
        is_near = event.oldest - self._join <= at <= event.newest + self._join
        return is_near and max(event.newest, at) - min(event.oldest, at) <= self._window

    def _cosine(self, weights: Mapping[int, float], length: float, event: _Event) -> float:
        top, frequencies, logs = self._top(), self._frequencies, self._logs
        product = square = 0.0
        shared = 0
        for term, weight in _together(event):
            there = weight * (top - logs[frequencies[term & _SLOT]])
            square += there * there
            if term in weights:
                product += weights[term] * there
                shared += 1
        if shared < min(_LEAST_SHARED, len(weights)):
            return 0.0
        return product / (length * sqrt(square))

    def _add(self, number: int, said: Said, terms: bytes, at: int) -> None:
        event = self._events.get(number)
        if event is None:
            event = self._events[number] = _Event(at, at)
            self._note(number, event)
        elif at < event.oldest:
            event.oldest = at
            self._note(number, event)
        if event.size:
            sums = dict(_together(event) if event.size > 1 else _evened(_together(event)))
            _fold(sums, said)
            _keep(event, sums)
        event.records += _RECORD.pack(at, len(terms)) + terms
        event.newest = max(event.newest, at)
        event.size += 1

    def _note(self, number: int, event: _Event) -> None:
        self._hours.setdefault(event.oldest // _HOUR, array("Q")).append(number)

    def _post(self, number: int, telling: list[int]) -> None:
        """Has the event found by these terms, unless one of the newest postings has it already."""
        heads, following, posted, gone = self._heads, self._next, self._posted, self._gone
        for term in telling[:_POSTED]:
            head = node = heads[term & _SLOT]
            for _ in range(_POSTINGS_LOOKED_BACK):
                if node <= gone or posted[node - gone - 1] == number:
                    break
                node = following[node - gone - 1]
            if node > gone and posted[node - gone - 1] == number:
                continue
            posted.append(number)
            following.append(head)
            heads[term & _SLOT] = gone + len(posted)

    def _trim(self, number: int, event: _Event, before: int) -> None:
        """Forgets the stories of the event that came before."""
        kept = []
        for at, terms in _stories(event.records):
            if at < before:
                self._learn(read(terms, names=True), -1)
            else:
                kept.append((at, terms))
        if not kept:
            del self._events[number]
            return
        times = [at for at, _ in kept]
        records = b"".join(_RECORD.pack(at, len(terms)) + terms for at, terms in kept)
        self._events[number] = _Event(min(times), max(times), records, len(kept))
        self._note(number, self._events[number])


def alike(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """The cosine of two texts, by the weight of their terms."""
    squares = [sum(weight * weight for weight in text.values()) for text in (first, second)]
    product = sum(weight * second.get(term, 0.0) for term, weight in first.items())
    return product / sqrt(squares[0] * squares[1]) if all(squares) else 0.0


def _telling(weights: Mapping[int, float]) -> list[int]:
    return sorted(weights, key=weights.__getitem__, reverse=True)


def _stories(records: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(records):
        at, length = _RECORD.unpack_from(records, start)
        start += _RECORD.size + length
        yield at, records[start - length : start]


def _together(event: _Event) -> Iterable[tuple[int, float]]:
    """What the stories of an event say together, each as much as any, however long."""
    if event.size == 1:  # most events: their terms are packed, and soon read
        return read(event.records[_RECORD.size :], names=True)
    if event.sums is None:
        sums: dict[int, float] = {}
        for _, terms in _stories(event.records):
            _fold(sums, read(terms, names=True))
        _keep(event, sums)
        return sums.items()
    return zip(event.hashes, event.sums, strict=True)


def _fold(sums: dict[int, float], said: Said) -> None:
    """Adds what one story says; of too many terms those go that are said least."""
    for term, weight in _evened(said):
        sums[term] = sums.get(term, 0.0) + weight
    if len(sums) > _MOST_TERMS:
        for term in sorted(sums, key=lambda term: (-sums[term], term))[_TERMS_KEPT:]:
            del sums[term]


def _evened(said: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    said = tuple(said)
    length = sqrt(sum([weight * weight for _, weight in said]))
    return [(term, weight / length) for term, weight in said]


def _keep(event: _Event, sums: Mapping[int, float]) -> None:
    event.hashes = array("I", sums)
    event.sums = array("f", sums.values())
