"""The same entry again, from the same source: by its names, or by what it says.

Asked twice: of each entry by its names (guid, link, title), then, of those that nothing is known
by, by what they say, for a source that gives all of it new names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from aggregator import markup, urls
from aggregator.model import Entry, KnownEntry

_MOVED_AT_LEAST = 3
"""Entries that must be found again before a whole document counts as moved."""
_WORDS_OF_A_TEXT = 12
"""Below that it may be what a publisher writes under everything."""
_BEGINNING = 4000
"""Characters of a text in which its words are counted."""
_ROUND_MINUTES = 15
"""Days without a time come as midnight somewhere, and zones are quarters of an hour apart."""


def renamed(
    arriving: Sequence[tuple[Entry, Sequence[KnownEntry]]], source: int, items: int
) -> dict[str, KnownEntry]:
    """Entries that a source gives again under guids and links that nothing is known by.

    Each of them and its earlier form must be the only two that could be meant, and what the
    document gives by its old name is no earlier form. They have the same title (untitled posts the
    same text) and

    - everything else the same, to the letter, and the same guid; or a date, and now none;
    - no guid, and the same link; or neither, and the same time: so it may be known from before;
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
        if same := same_entry(one, own):
            claimed.add(same.number)
        else:
            strangers.append(one)
            candidates.update((k.number, k) for k in own)
    again = _Again(strangers, [k for number, k in candidates.items() if number not in claimed])
    again.pair(_to_the_letter)
    again.pair(_but_for_its_guid, lambda one, _: not one.guid)
    again.pair(_without_guid)
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


def _to_the_letter(entry: Entry, _: datetime | None) -> tuple[object, ...] | None:
    """The guid that it shares with another item may have been that one's in the last document."""
    return entry.guid, entry.digest


def _but_for_its_guid(entry: Entry, published: datetime | None) -> tuple[object, ...] | None:
    return (entry.digest,) if published else None


def _without_guid(entry: Entry, published: datetime | None) -> tuple[object, ...] | None:
    """What its key would be made of: the store may have it under an earlier one."""
    if entry.guid:
        return None
    return entry.title_key or entry.gist, entry.link or published


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


def same_entry(entry: Entry, own: Sequence[KnownEntry]) -> KnownEntry | None:
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
