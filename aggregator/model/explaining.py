"""What an operator is told of one story: where it comes from, and why it stands where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.entries import Assignment, Entry
from aggregator.model.stories import Other


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """An entry of another story that one is like, and why they were not merged."""

    story: Other
    publication: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Origination:
    """An entry of a story, and how it came there.

    `address` is where its source is pulled from, `like` the number of the entry that it was found
    to be the same as by `rule`, None for the first, and where the operator has ruled.
    """

    number: int
    address: str
    entry: Entry
    first_seen: datetime
    is_withdrawn: bool
    rule: str
    score: float
    like: int | None
    near: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelving:
    """That a story stands in a vertical, since when, and why."""

    assignment: Assignment
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the operator has said of a story and another: one (`apart` is False), or two."""

    apart: bool
    at: datetime
    story: Other


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything that is known of a story. The first of the entries is its lead."""

    id: str
    page_id: str
    aliases: tuple[str, ...]
    entries: tuple[Origination, ...]
    shelves: tuple[Shelving, ...]
    related: tuple[Other, ...]
    rulings: tuple[Ruling, ...]
    first_seen: datetime
    withdrawn_at: datetime | None
    by_operator: bool
