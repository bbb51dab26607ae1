"""What there is to be told, read from the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.model.notices import ConfigState
from aggregator.query import Query
from aggregator.settings import Settings
from feeds.report.types import Report

MOST_NOTICES = 2000
"""Notices that are told of: of a store that keeps more for 90 days, the newest."""


def gather(
    query: Query,
    settings: Settings,
    now: datetime,
    version: str,
    config: ConfigState | None = None,
) -> Report:
    """All that an operator is told at `now` of a service that runs by these settings.

    Raises:
        StoreError: the store cannot be read.
    """
    titles = {source.address: source.title for source in settings.sources}
    return Report(
        now=now,
        version=version,
        settings=settings,
        # One that was never read is called what config.toml calls it.
        sources=tuple(
            one if one.title else replace(one, title=titles.get(one.address))
            for one in query.sources(now)
        ),
        totals=query.totals(),
        verticals=query.verticals(),
        notices=query.notices(MOST_NOTICES),
        config=config,
    )
