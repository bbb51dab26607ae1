"""What a service begins with."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model import Problem
from aggregator.settings import Settings

LAST_GOOD = "config.toml"
"""The name under which the store remembers the last text that was good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Settings and the text that they come from.

    `problems` are those of the file where these are the last good ones instead; its own text, or
    why it has none, is `refused`.
    """

    settings: Settings
    text: str
    problems: tuple[Problem, ...] = ()
    refused: str | Problem | None = None
