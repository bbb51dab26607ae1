"""The tables of the store, the engine that opens it, and its migrations."""

from aggregator.schema.engine import open_engine
from aggregator.schema.migrate import migrate
from aggregator.schema.ranks import number_of, rank_of, spans_between, spans_of, time_of
from aggregator.schema.tables import (
    alias,
    archive,
    departure,
    entry,
    findable,
    formerly,
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
    "findable",
    "formerly",
    "given_out",
    "host",
    "membership",
    "meta",
    "metadata",
    "migrate",
    "number_of",
    "open_archive",
    "open_engine",
    "rank_of",
    "source",
    "source_state",
    "spans_between",
    "spans_of",
    "story",
    "time_of",
    "vertical_state",
]
