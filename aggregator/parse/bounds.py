"""How much of a document is read."""

from __future__ import annotations

from aggregator import urls
from aggregator.model import Problem

MOST_ENTRIES = 10_000
"""Entries of a document, the first as they stand.

One pull is written in one go, and half a million items fit into the bytes that a document may have.
"""


def too_many(url: str) -> Problem:
    """What is said of a document from `url` that has more of them."""
    return Problem(
        file=urls.masked(url),
        line=None,
        what=f"has more than {MOST_ENTRIES:,} entries, of which those are read that stand first",
        todo="look for a feed of the newest entries alone",
    )
