"""The tables of the store, the engine that opens it, and its migrations."""

from aggregator.schema.engine import open_engine
from aggregator.schema.migrate import migrate
from aggregator.schema.tables import (
    alias,
    entry,
    given_out,
    host,
    membership,
    meta,
    metadata,
    source,
    source_state,
    story,
    vertical_state,
)

__all__ = [
    "alias",
    "entry",
    "given_out",
    "host",
    "membership",
    "meta",
    "metadata",
    "migrate",
    "open_engine",
    "source",
    "source_state",
    "story",
    "vertical_state",
]
