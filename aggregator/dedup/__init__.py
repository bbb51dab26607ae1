"""Which entries are the same article, and which of them speaks for it."""

from aggregator.dedup.again import renamed
from aggregator.dedup.deciding import decide, joined
from aggregator.dedup.leading import lead
from aggregator.dedup.links import (
    ADDRESS,
    CORRECTED,
    SAME_FILE,
    SEED_AND_LIVE,
    TEXT,
    WINDOW,
    Link,
    Unlike,
    link,
)
from aggregator.dedup.parting import parted

FIRST = "first seen"
"""The rule of the entry that a story began with."""

SPLIT = "split from another story"
"""The rule by which an entry is in a story of its own: a ruling, and no decision of this module."""

JOINED = "joined by the operator"
"""The rule by which an entry came into a story with a ruling."""

PARTED = "parted anew"
"""The rule by which an entry changed its story when a surer link came to another."""

__all__ = [
    "ADDRESS",
    "CORRECTED",
    "FIRST",
    "JOINED",
    "PARTED",
    "SAME_FILE",
    "SEED_AND_LIVE",
    "SPLIT",
    "TEXT",
    "WINDOW",
    "Link",
    "Unlike",
    "decide",
    "joined",
    "lead",
    "link",
    "parted",
    "renamed",
]
