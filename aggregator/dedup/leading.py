"""Which entry speaks for its story."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator import urls
from aggregator.model import KnownEntry
from aggregator.signature import is_correction


def lead(entries: Sequence[KnownEntry]) -> KnownEntry:
    """The entry that speaks for its story.

    One whose source's host is its link's host, then one that has a link at all (a seed has none),
    then that of the source which the operator ranks highest, then the first seen: whoever claims
    another's link never speaks for the other's story.
    """
    return entries[0] if len(entries) == 1 else min(entries, key=_distance)


def _distance(known: KnownEntry) -> tuple[bool, bool, int, int, float, int]:
    """How far an entry is from speaking for its story; the last of several corrections counts."""
    rank, seen = known.entry.terms.rank, known.first_seen.timestamp()
    sign = -1 if is_correction(known.entry.title) else 1
    return not _at_home(known), not known.entry.link, -rank, sign, sign * seen, sign * known.number


def _at_home(known: KnownEntry) -> bool:
    """Whether a source gives what stands on its own host.

    Where we really pull from counts: what an entry says of its source (RFC 4287 4.2.11) is a claim.
    """
    link, own = urls.host(known.entry.link or ""), urls.host(known.address)
    return bool(link and own) and (
        link == own or link.endswith(f".{own}") or own.endswith(f".{link}")
    )
