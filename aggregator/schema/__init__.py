"""The tables of the store, the engine that opens it, and its migrations."""

from aggregator.schema.engine import open_engine
from aggregator.schema.migrate import migrate
from aggregator.schema.tables import (
    alias,
    archive,
    departure,
    entry,
    given_out,
    host,
    membership,
    meta,
    metadata,
    open_archive,
    source,
    source_state,
    story,
    vertical_state,
)

__all__ = [
    "alias",
    "archive",
    "departure",
    "entry",
    "given_out",
    "host",
    "membership",
    "meta",
    "metadata",
    "migrate",
    "open_archive",
    "open_engine",
    "source",
    "source_state",
    "story",
    "vertical_state",
]
