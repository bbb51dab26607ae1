"""ParsedEntry → Entry: one shape, safe, absolute, dated, with the keys that `dedup` compares."""

from aggregator.normalize.document import (
    arrival_order,
    deleted,
    entries,
    source_info,
    source_title,
)
from aggregator.normalize.identity import apart, key_apart, minted
from aggregator.normalize.parts import UNKNOWN_MACHINE

__all__ = [
    "UNKNOWN_MACHINE",
    "apart",
    "arrival_order",
    "deleted",
    "entries",
    "key_apart",
    "minted",
    "source_info",
    "source_title",
]
