"""What passes between a pull and the processes that read documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Deleted, Entry, Unreadable, Wishes
from aggregator.settings import Source, Vertical


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading may take before it is ended.

    `seconds` of processor time for one document: the slowest of those captured takes one. `memory`
    in bytes for the process: feedparser takes about fifteen times what a document has. After so
    many `documents` it makes room for a new process: what it leaks or fragments ends so. One that
    does not answer for `stall` seconds is ended, however little of the processor it was given.
    """

    seconds: int = 20
    memory: int = 1 << 30
    documents: int = 2000
    stall: float = 200.0

    @property
    def too_long(self) -> Unreadable:
        """What is told of a document that takes too long."""
        return _unread(f"{self.seconds} s of processor time")

    @property
    def too_much(self) -> Unreadable:
        """What is told of a document that takes too much memory."""
        return _unread(f"{self.memory >> 20} MiB of memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a reader is told at its start: what entries are shelved by, and its limits."""

    verticals: tuple[Vertical, ...]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document to be read, and all that its entries depend on.

    `base` is what its relative addresses count from. `given` is what the source's state remembers
    of the items that it gave before; `first` if no pull of it ever succeeded. `verticals` are what
    entries are shelved by from this one on, None where they are those of the reader's start.
    """

    source: Source
    first_address: str
    base: str
    body: bytes
    now: datetime
    content_type: str | None = None
    content_language: str | None = None
    given: bytes | None = None
    first: bool = False
    verticals: tuple[Vertical, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document brings: the entries that its source has not given before, oldest first.

    It has so many `items` with those given before; 0 where they could not be counted.
    `title` and `wishes` are None where nothing of the document had to be parsed: those known stand.
    `deleted` are what it takes back; no entry that it gives is among them. `passed_over` says what
    of it was not read, in plain lines.
    """

    given: bytes
    items: int = 0
    title: str | None = None
    wishes: Wishes | None = None
    entries: tuple[Entry, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    passed_over: tuple[str, ...] = ()


def _unread(limit: str) -> Unreadable:
    return Unreadable(reason=f"takes more than {limit} to read; it is left unread")
