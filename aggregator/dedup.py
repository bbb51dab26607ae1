"""Entry + what the store knows → Decision: one story once, whatever brought it.

Two questions are kept apart: the same entry again (same source), which is revised in place, and
the same article elsewhere (another source, a seed and its live entry), which is merged. A wrong
merge hides an article from its readers, so precision comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from aggregator import urls
from aggregator.model import Decision, Entry, Joined, KnownEntry, Merged, New, Revised, Unchanged

ADDRESS = "same address"
SEED_AND_LIVE = "same title, publication and date as a seed"
FIRST = "first seen"

_SEED_DATES_APART = timedelta(days=2)


def decide(
    entry: Entry, source: int, *, is_seed: bool, now: datetime, known: Sequence[KnownEntry]
) -> Decision:
    """What an arriving entry is to the stories of the store.

    `known` are the entries that share its key in `source`, its address or its title with it; any
    others do not matter. A seed has one live entry, the nearest in time. Of stories that turn out
    to be one, the first seen keeps its id.
    """
    if same := _same_entry(entry, source, known):
        if same.entry.digest == entry.digest:
            return Unchanged(entry=same.number)
        return Revised(entry=same.number, significant=same.entry.gist != entry.gist)
    elsewhere = [k for k in known if k.source != source]
    by_address = _same_address(entry, elsewhere)
    own = {k.story for k in known if k.source == source}
    by_seed = [
        k
        for k in elsewhere
        # A story that this source has an entry in already is the one before, of a daily column.
        if k.story not in own and _seed_and_live(entry, k, is_seed=is_seed, now=now)
    ]
    if by_seed:
        by_seed = [min(by_seed, key=lambda k: (_apart(entry, k, now), k.first_seen, k.number))]
    stories = _oldest_first([*by_address, *by_seed])
    if not stories:
        return New()
    rule = ADDRESS if by_address else SEED_AND_LIVE
    if len(stories) == 1:
        return Merged(story=stories[0], rule=rule, score=1.0)
    return Joined(kept=stories[0], retired=tuple(stories[1:]), rule=rule, score=1.0)


def lead(entries: Iterable[KnownEntry]) -> KnownEntry:
    """The entry that speaks for its story.

    One whose source's host is its link's host, then one that has a link at all (a seed has none),
    then that of the source which the operator ranks highest, then the first seen: whoever claims
    another's link never speaks for the other's story.
    """
    return min(entries, key=_distance)


def _same_entry(entry: Entry, source: int, known: Iterable[KnownEntry]) -> KnownEntry | None:
    """This source's own earlier form: by guid, else by two of address, guid and title.

    The guid may have changed; the key has where the source gave several entries one guid.
    """
    own = [k for k in known if k.source == source]
    by_key = (k for k in own if k.entry.key == entry.key and not entry.differs_from(k.entry))
    by_address = (
        k
        for k in own
        if entry.address_key
        and k.entry.address_key == entry.address_key
        and (
            # Untitled items of one page, told apart by fragments alone, are not one entry.
            (entry.title_key and k.entry.title_key == entry.title_key)
            or (entry.guid and k.entry.guid == entry.guid)
        )
    )
    by_title = (
        k
        for k in own
        if entry.guid
        and k.entry.guid == entry.guid
        and entry.title_key
        and k.entry.title_key == entry.title_key
    )
    return next(by_key, None) or next(by_address, None) or next(by_title, None)


def _same_address(entry: Entry, elsewhere: Iterable[KnownEntry]) -> list[KnownEntry]:
    """Entries at this address; where several stories share it (a live blog), those titled alike."""
    found = [k for k in elsewhere if entry.address_key and k.entry.address_key == entry.address_key]
    if len({k.story for k in found}) > 1:
        return [k for k in found if entry.title_key and k.entry.title_key == entry.title_key]
    return found


def _seed_and_live(entry: Entry, other: KnownEntry, *, is_seed: bool, now: datetime) -> bool:
    """A seed and its live entry have no address in common: title, publication and date tell."""
    if is_seed and other.is_seed and entry.digest == other.entry.digest:
        return True  # the same file under another name
    if not (is_seed or other.is_seed) or not entry.title_key:
        return False
    if entry.title_key != other.entry.title_key:
        return False
    if not set(entry.publication_keys) & set(other.entry.publication_keys):
        return False
    return _apart(entry, other, now) <= _SEED_DATES_APART


def _apart(entry: Entry, other: KnownEntry, now: datetime) -> timedelta:
    return abs((entry.published or now) - (other.entry.published or other.first_seen))


def _oldest_first(known: Iterable[KnownEntry]) -> list[int]:
    ordered = sorted(known, key=lambda k: (k.first_seen, k.story))
    return list(dict.fromkeys(k.story for k in ordered))


def _distance(known: KnownEntry) -> tuple[bool, bool, int, datetime, int]:
    """How far an entry is from speaking for its story."""
    rank = known.entry.terms.rank
    return not _at_home(known), not known.entry.link, -rank, known.first_seen, known.number


def _at_home(known: KnownEntry) -> bool:
    """Whether a source gives what stands on its own host.

    Where we really pull from counts: what an entry says of its source (RFC 4287 4.2.11) is a claim.
    """
    link, own = urls.host(known.entry.link or ""), urls.host(known.address)
    return bool(link and own) and (
        link == own or link.endswith(f".{own}") or own.endswith(f".{link}")
    )
