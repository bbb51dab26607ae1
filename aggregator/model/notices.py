"""What an operator is told of, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model.parsing import Problem

NoticeKind = Literal["failing", "recovered", "gone", "silent", "speaking", "refused", "taken"]
"""What has happened, to a source or (`refused`, `taken`) to config.toml.

`failing` is told once, when it begins; `silent` of one that answers and publishes no more.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told at a time, in plain words; `since` when that lasts which it is about.

    `address` and `title` are those of the source it is about, None where that is config.toml.
    """

    number: int
    at: datetime
    kind: NoticeKind
    said: str
    since: datetime | None = None
    address: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigState:
    """What of config.toml is live: since when, and what is wrong with the file as it is now.

    `problems` are those of a text that changed nothing, seen at `refused_at`; none where the file
    is what runs. `restart` are the keys that differ and take effect at the next start.
    """

    live_since: datetime
    problems: tuple[Problem, ...] = ()
    refused_at: datetime | None = None
    restart: tuple[str, ...] = ()
