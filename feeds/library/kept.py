"""What is kept of what was made, and whether it is current."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from feeds.document import Rendition

_LONG_AGO = float("-inf")
_RISES = 16
"""Rises that are remembered of a state: more than are noticed while a reader gets what was."""


@dataclass(slots=True, weakref_slot=True)
class State:
    """Where the verticals of a selection stand in the store, as far as we have noticed.

    `revision` only rises; `rises` are the last times, each with the revision from then on. One
    thread notices, any may read.
    """

    revision: int
    rises: tuple[tuple[int, float], ...] = ()

    def notice(self, revision: int, now: float) -> None:
        """That is the revision now."""
        if revision > self.revision:
            self.rises = (*self.rises[1 - _RISES :], (revision, now))
            self.revision = revision


@dataclass(slots=True, weakref_slot=True)
class Kept:
    """A rendition, the revision that it shows, and the state that tells whether that is current.

    `answer` is for whoever answers with it. `is_asked_for` is set by whoever finds it without
    asking the library, so that it is not taken for forgotten.
    """

    rendition: Rendition
    revision: int
    state: State
    answer: Any = None
    is_asked_for: bool = False

    @property
    def is_current(self) -> bool:
        """Whether nothing that it may depend on has changed."""
        return self.revision >= self.state.revision

    @property
    def outdated_at(self) -> float:
        """When the first change was noticed that it does not show."""
        rises = self.state.rises
        return next((at for revision, at in rises if revision > self.revision), _LONG_AGO)

    def spared(self) -> bool:
        """Whether it was asked for since it was last about to be forgotten."""
        asked, self.is_asked_for = self.is_asked_for, False
        return asked


def revision_of(verticals: tuple[str, ...], revisions: Mapping[str, int]) -> int:
    """The revision of a union of verticals: it rises when that of any rises."""
    return sum(revisions.get(name, 0) for name in verticals)


K = TypeVar("K")
V = TypeVar("V")


class Lately(Generic[K, V]):
    """What was asked for lately, in no more than `limit` bytes. Any thread may ask.

    `spared` says of what is about to go whether it may stay for once.
    """

    def __init__(self, limit: int, spared: Callable[[V], bool] = lambda _: False) -> None:
        self._limit = limit
        self._spared = spared
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep it, of so many bytes; what was not asked for longest goes first."""
        with self._lock:
            self._size += size - self._kept.pop(key, (value, 0))[1]
            self._kept[key] = value, size
            while self._size > self._limit:
                oldest, (found, its_size) = self._kept.popitem(last=False)
                if found is not value and self._spared(found):
                    self._kept[oldest] = found, its_size
                else:
                    self._size -= its_size
