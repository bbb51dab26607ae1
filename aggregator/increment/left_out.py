"""Which items of a document were left out, for they were given before: what they are known by."""

from __future__ import annotations

from collections.abc import Collection

from aggregator.increment import memory
from aggregator.increment.items import GUID, CannotTellError, named


def names(before: bytes | None, given: bytes) -> frozenset[bytes]:
    """The names of what a document has of its source's last one.

    Args:
        before: what the last pull left to remember.
        given: what this one leaves.
    """
    known = memory.read(before)
    again = (its for one, its in memory.read(given).items() if one in known)
    return frozenset(name for its in again for name in memory.each(its))


def has(left_out: Collection[bytes], guid: str | None, link: str | None) -> bool:
    """Whether one of the items with these names has this address; without one, this guid.

    A source may have given another article under the guid, and an item need not say it again.
    """
    if not left_out:
        return False
    try:
        asked = named([guid or ""], [link or ""])
    except CannotTellError:
        return False
    places = {name for name in asked if not name.startswith(GUID)}
    return all(name in left_out for name in memory.each(memory.hashed(places or asked)))
