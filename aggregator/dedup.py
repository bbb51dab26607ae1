"""Entry + what the store knows → Decision: one story once, whatever brought it.

Two questions are kept apart: the same entry again (same source), which is revised in place, and
the same article elsewhere (another source, a seed and its live entry), which is merged. A wrong
merge hides an article from its readers, so precision comes first.

The same entry again is asked twice: of each entry by its names (guid, link, title), then, of those
that nothing is known by, by what they say, for a source that gives all of it new names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator import markup, urls
from aggregator.model import Decision, Entry, Joined, KnownEntry, Merged, New, Revised, Unchanged

ADDRESS = "same address"
SEED_AND_LIVE = "same title, publication and date as a seed"
FIRST = "first seen"
SPLIT = "split from another story"
"""The rule by which an entry is in a story of its own: a ruling, and no decision of this module."""

_SEED_DATES_APART = timedelta(days=2)
_MOVED_AT_LEAST = 3
"""Entries that must be found again before a whole document counts as moved."""
_WORDS_OF_A_TEXT = 12
"""Below that it may be what a publisher writes under everything."""
_BEGINNING = 4000
"""Characters of a text in which its words are counted."""
_ROUND_MINUTES = 15
"""Days without a time come as midnight somewhere, and zones are quarters of an hour apart."""


def decide(
    entry: Entry,
    source: int,
    *,
    is_seed: bool,
    now: datetime,
    known: Sequence[KnownEntry],
    given: Collection[int] = (),
) -> Decision:
    """What an arriving entry is to the stories of the store.

    `known` are the entries that share its key in `source`, its address or its title with it; any
    others do not matter. `given` are the numbers of those that are other items of the same
    document, and so no earlier form of this one. A seed has one live entry, the nearest in time. Of
    stories that turn out to be one, the first seen keeps its id.
    """
    earlier = [k for k in known if k.source == source and k.number not in given]
    if same := _same_entry(entry, earlier):
        if same.entry.digest == entry.digest:
            return Unchanged(entry=same.number)
        # What it has said before is an old copy: servers that share a load do not agree.
        said = same.entry.gist == entry.gist or entry.gist in same.told
        return Revised(entry=same.number, significant=not said)
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


def renamed(
    arriving: Sequence[tuple[Entry, Sequence[KnownEntry]]], source: int, items: int
) -> dict[str, KnownEntry]:
    """Entries that a source gives again under guids and links that nothing is known by.

    Each of them and its earlier form must be the only two that could be meant, and what the
    document gives by its old name is no earlier form. They have the same title (untitled posts the
    same text) and

    - the same time, to the second; or one as rough as a day and the same long text;
    - where most of a document arrives so: the same time, however rough, and any text;
    - where most of that is found again, so that the site must have moved: the same rough time; or
      no date against it and another host, or the same page with another query; or, of what never
      had a name, the same text.

    A column that comes every week under one title has another date each time, and stays apart.

    Args:
        arriving: what a document brings that is not known to the letter, each with the entries that
            share its key, address or title (untitled: its text), less those known to be given.
        source: whose document it is.
        items: how many items that has in all.

    Returns:
        The earlier forms by the keys of what arrives.
    """
    claimed: set[int] = set()
    strangers: list[Entry] = []
    candidates: dict[int, KnownEntry] = {}
    for one, known in arriving:
        own = [k for k in known if k.source == source]
        if same := _same_entry(one, own):
            claimed.add(same.number)
        else:
            strangers.append(one)
            candidates.update((k.number, k) for k in own)
    again = _Again(strangers, [k for number, k in candidates.items() if number not in claimed])
    again.pair(_to_the_second)
    again.pair(_with_its_long_text)
    if 2 * len(strangers) <= items:
        return again.found
    again.pair(_with_its_text)
    found = dict(again.found)
    again.pair(_at_its_time)
    again.pair(_by_name, _has_moved)
    moved = len(again.found) >= max(_MOVED_AT_LEAST, len(strangers) / 2)
    return again.found if moved else found


_Sign = Callable[[Entry, datetime | None], tuple[object, ...] | None]
"""What an entry of this time may be known by again; None where that says too little."""


class _Again:
    """Entries that nothing is known by, and those that they may be: paired, surest signs first."""

    def __init__(self, strangers: Sequence[Entry], free: Sequence[KnownEntry]) -> None:
        self.found: dict[str, KnownEntry] = {}
        self._strangers = strangers
        self._free = free

    def pair(self, sign: _Sign, may_be: Callable[[Entry, KnownEntry], bool] | None = None) -> None:
        """Find those, of what is left, whose sign one of either side has, if they may be one."""
        taken = {k.number for k in self.found.values()}
        arriving: dict[tuple[object, ...], list[Entry]] = {}
        for one in self._strangers if len(taken) < len(self._free) else ():
            if one.key not in self.found and (known_by := sign(one, one.published)):
                arriving.setdefault(known_by, []).append(one)
        before: dict[tuple[object, ...], list[KnownEntry]] = {}
        for k in self._free if arriving else ():
            if k.number not in taken and (known_by := sign(k.entry, _dated(k))) in arriving:
                before.setdefault(known_by, []).append(k)
        for known_by, several in before.items():
            if len(several) == len(arriving[known_by]) == 1:
                one, other = arriving[known_by][0], several[0]
                if may_be is None or may_be(one, other):
                    self.found[one.key] = other


def _dated(known: KnownEntry) -> datetime | None:
    """When its source said that it was published; one that lay ahead then was cut to our time."""
    said = known.entry.published
    return said if said and said < known.first_seen else None


def _by_name(entry: Entry, _: datetime | None) -> tuple[object, ...] | None:
    name = entry.title_key or (entry.gist if _words(entry) else "")
    return (name,) if name else None


def _at_its_time(entry: Entry, published: datetime | None) -> tuple[object, ...] | None:
    name = _by_name(entry, published)
    return (*name, published) if name and published else None


def _to_the_second(entry: Entry, published: datetime | None) -> tuple[object, ...] | None:
    rough = not published or not (published.second or published.minute % _ROUND_MINUTES)
    return None if rough else _at_its_time(entry, published)


def _with_its_text(
    entry: Entry, published: datetime | None, at_least: int = 1
) -> tuple[object, ...] | None:
    said = published and _words(entry) >= at_least
    return (entry.title_key, entry.gist, published) if said else None


def _with_its_long_text(entry: Entry, published: datetime | None) -> tuple[object, ...] | None:
    return _with_its_text(entry, published, _WORDS_OF_A_TEXT)


def _words(entry: Entry) -> int:
    html = (entry.content or entry.summary or "")[:_BEGINNING]
    return len(markup.text_key(html).split())


def _has_moved(entry: Entry, known: KnownEntry) -> bool:
    """Whether an entry of this name may have moved here, or never had another name."""
    other = known.entry
    contradicts = entry.published and _dated(known)
    if entry.link and other.link:
        new, old = urlsplit(entry.link), urlsplit(other.link)
        elsewhere = urls.host(entry.link) != urls.host(other.link)
        return not contradicts and (elsewhere or new.path == old.path)
    nameless = not (entry.guid or entry.link or other.guid or other.link)
    says_the_same = entry.gist == other.gist and entry.enclosures == other.enclosures
    return says_the_same and _words(entry) > 0 and (nameless or not contradicts)


def lead(entries: Sequence[KnownEntry]) -> KnownEntry:
    """The entry that speaks for its story.

    One whose source's host is its link's host, then one that has a link at all (a seed has none),
    then that of the source which the operator ranks highest, then the first seen: whoever claims
    another's link never speaks for the other's story.
    """
    return entries[0] if len(entries) == 1 else min(entries, key=_distance)


def _same_entry(entry: Entry, own: Sequence[KnownEntry]) -> KnownEntry | None:
    """This source's own earlier form: by guid, else by two of address, guid and title.

    The guid may have changed; the key has where the source gave several entries one guid.
    """
    by_key = (k for k in own if k.entry.key == entry.key and not entry.differs_from(k.entry))
    by_address = (
        k
        for k in own
        if entry.address_key
        and k.entry.address_key == entry.address_key
        and (
            # Untitled items of one page, told apart by fragments alone, are not one entry.
            (entry.title_key and k.entry.title_key == entry.title_key)
            or _same_guid(entry, k.entry)
            or _same_post(entry, k.entry)
        )
    )
    by_title = (
        k
        for k in own
        if entry.title_key and k.entry.title_key == entry.title_key and _same_guid(entry, k.entry)
    )
    return next(by_key, None) or next(by_address, None) or next(by_title, None)


def _same_guid(one: Entry, other: Entry) -> bool:
    """Whether the guids are one, or one address but for what flips: scheme, `www.`, a slash."""
    if not one.guid or not other.guid:
        return False
    return one.guid == other.guid or _place(one.guid) == _place(other.guid) is not None


def _same_post(one: Entry, other: Entry) -> bool:
    """Whether untitled items of one page say the same, and at the same time and place of it."""
    return (
        not one.title_key
        and bool(one.content or one.summary)
        and one.gist == other.gist
        and one.published == other.published
        and _place(one.link or "") == _place(other.link or "")
    )


def _place(address: str) -> str | None:
    """An address to compare by, with its fragment; None where it names no page."""
    page, mark, fragment = address.partition("#")
    key = urls.address_key(page)
    return key and key + mark + fragment


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
    """Their stories, those first whose ids readers know: of an excluded entry none does."""
    ordered = sorted(known, key=lambda k: (bool(k.entry.terms.excluded), k.first_seen, k.story))
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
