"""What an operator is told at a moment, as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model import ALL
from aggregator.model.notices import ConfigState, Notice
from aggregator.query import SourceReport, Totals, VerticalReport
from aggregator.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it: the sources by address, the newest notices first. `settings` are those that run.

    `config` is None where nobody runs by it: in a command.
    """

    now: datetime
    version: str
    settings: Settings
    sources: tuple[SourceReport, ...]
    totals: Totals
    verticals: tuple[VerticalReport, ...]
    notices: tuple[Notice, ...] = ()
    config: ConfigState | None = None

    @property
    def feeds(self) -> tuple[VerticalReport, ...]:
        """Where the feeds of everything and of each vertical stand that there is now."""
        own = {ALL, *(vertical.name for vertical in self.settings.verticals)}
        return tuple(vertical for vertical in self.verticals if vertical.name in own)
