"""Which entries of the window have texts that are like another: candidates, and no decision."""

from __future__ import annotations

from array import array
from datetime import timedelta

from aggregator.signature import ANY_TITLE, Signature, share_enough

MOST_ENTRIES = 100_000
"""Entries that are remembered at most, the newest: 70 MB of them with full texts."""

MOST_ALIKE = 64
"""Entries that one is compared with at most, those first that share most with it."""

_MOST_OF_A_PRINT = 256
"""Entries that one print leads to: more of them have what a publisher writes under everything."""

_BUCKETS = 1 << 12
_NONE = -1


class Prints:
    """The entries that came last, by the prints of their texts.

    Each print heads a chain of the entries that have it, the newest first, in plain arrays: a
    dict of them would take seven times the memory. What falls out of the window is at the end of
    every chain, where nothing goes any more, and is dropped when it is half of what there is.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = int(window.total_seconds())
        self._entries, self._seen = array("q"), array("q")
        self._sources, self._titles = array("q"), array("Q")
        self._published = array("q")
        self._counts = array("B")
        self._oldest = 0
        self._heads = array("i", [_NONE]) * _BUCKETS
        self._print, self._slot, self._next = array("I"), array("i"), array("i")

    def __len__(self) -> int:
        """How many entries are remembered."""
        return len(self._entries) - self._oldest

    def add(self, entry: int, source: int, seen_at: int, signature: Signature) -> None:
        """Remember an entry of the source that came at this time, after all others."""
        slot = len(self._entries)
        self._entries.append(entry)
        self._seen.append(seen_at)
        self._sources.append(source)
        self._titles.append(signature.title)
        self._published.append(_UNDATED if signature.published is None else signature.published)
        self._counts.append(len(signature.prints))
        for each in signature.prints:
            bucket = each & (len(self._heads) - 1)
            self._next.append(self._heads[bucket])
            self._heads[bucket] = len(self._print)
            self._print.append(each)
            self._slot.append(slot)
        self.forget(seen_at - self._window)
        if len(self._print) > 2 * len(self._heads):
            self._chain_anew(0, 4 * len(self._heads))

    def like(self, signature: Signature, source: int) -> list[int]:
        """The entries whose texts may be that of the signature, the most alike first.

        They came out within the window of each other, and those of the same source have the same
        title.
        """
        shared: dict[int, int] = {}
        for each in signature.prints:
            at, left = self._heads[each & (len(self._heads) - 1)], _MOST_OF_A_PRINT
            while at != _NONE and left and (slot := self._slot[at]) >= self._oldest:
                if self._print[at] == each:
                    shared[slot] = shared.get(slot, 0) + 1
                    left -= 1
                at = self._next[at]
        count = len(signature.prints)
        found = [
            (-common / min(count, self._counts[slot]), -self._entries[slot])
            for slot, common in shared.items()
            if share_enough(common, count, self._counts[slot])
            and self._may_be(slot, signature, source)
        ]
        found.sort()
        # An entry whose text changes is here in each form that it had.
        return list(dict.fromkeys(-entry for _, entry in found))[:MOST_ALIKE]

    def _may_be(self, slot: int, signature: Signature, source: int) -> bool:
        published, title = self._published[slot], self._titles[slot]
        if (
            published != _UNDATED
            and signature.published is not None
            and (abs(published - signature.published) > self._window)
        ):
            return False
        at_home = self._sources[slot] == source
        return not at_home or title == signature.title or ANY_TITLE in (title, signature.title)

    def forget(self, before: int) -> None:
        """Drop what came before this second."""
        while self._oldest < len(self._seen) and (
            self._seen[self._oldest] < before or len(self) > MOST_ENTRIES
        ):
            self._oldest += 1
        if 2 * self._oldest > len(self._seen) > _BUCKETS:
            self._chain_anew(self._oldest, len(self._heads))

    def _chain_anew(self, oldest: int, buckets: int) -> None:
        """Keep what is not older than this slot, in as many chains as there are to be."""
        first = next((at for at, slot in enumerate(self._slot) if slot >= oldest), len(self._slot))
        prints, slots = self._print[first:], self._slot[first:]
        for name in ("entries", "seen", "sources", "titles", "published", "counts"):
            setattr(self, f"_{name}", getattr(self, f"_{name}")[oldest:])
        self._oldest -= oldest
        self._heads = array("i", [_NONE]) * buckets
        self._print, self._slot, self._next = prints, array("i"), array("i")
        for at, (each, slot) in enumerate(zip(prints, slots, strict=True)):
            bucket = each & (buckets - 1)
            self._slot.append(slot - oldest)
            self._next.append(self._heads[bucket])
            self._heads[bucket] = at


_UNDATED = -(2**62)
