"""What a document brings that its source has not given before."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from aggregator.increment import json_items, memory, xml_items
from aggregator.increment.items import CannotTellError, Items

_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What is left of a document, and what to remember of it.

    `body` is the document without the items that were given before, the rest byte for byte (a JSON
    Feed written anew); None when it brings nothing new. `given` is to be remembered once this pull
    is written: some 20 bytes for each item of the whole document, whose number is `items`:
    repetitions to the letter count once. Both are nothing where items cannot be told apart, and
    then `body` is the document whole.
    """

    body: bytes | None
    given: bytes
    items: int = 0


def cut(body: bytes, content_type: str | None, given: bytes | None, salt: bytes = b"") -> Cut:
    """The document without the items whose bytes the source gave in the last pull written.

    What entries take from the document itself counts as part of every item: the start tags of root
    and channel with their namespaces, xml:base and xml:lang, and the authors, language and id. When
    one of these changes all items are new. The rest of the head does not count: a new
    lastBuildDate, title or ttl alone brings nothing, and waits for the next new item. So the
    publication that an entry names is what the source was called when it last gave it.

    Items that might become one entry (one guid, address or link) count as one: whichever of them
    is edited, added, moved or gone, all that are left of them are new.

    Args:
        body: the document as it came.
        content_type: its header, for the charset.
        given: what the last pull left; None, or of no use, and every item is new.
        salt: what else an entry depends on; when it changes every item is new.
    """
    known = memory.read(given)
    try:
        document = _taken_apart(body, content_type)
        alone = _hashes(document, salt)
        is_known = known.keys() >= set(alone)
        # None of them had its like, or it would be known under another hash.
        names = [
            known[one] if one in known else memory.hashed(document.names(item))
            for one, item in zip(alone, document.items, strict=True)
        ]
    except CannotTellError:
        return Cut(body=body, given=b"")
    if alone and is_known:
        return Cut(body=None, given=memory.written(alone, names), items=len(set(alone)))
    hashes = _with_their_like(alone, names)
    kept = [one not in known for one in hashes]
    if all(kept):
        left: bytes | None = body
    else:
        left = document.left(kept) if any(kept) else None
    return Cut(body=left, given=memory.written(hashes, names), items=len(set(hashes)))


def _taken_apart(body: bytes, content_type: str | None) -> Items:
    if body.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)[:1] in (b"{", b"["):
        return json_items.read(body)
    return xml_items.read(body, content_type)


def _hashes(document: Items, salt: bytes) -> list[bytes]:
    """Of each item's bytes, with those that hold for all."""
    common = blake2b(len(salt).to_bytes(4) + salt + document.head, digest_size=memory.HASH)
    found = []
    for item in document.items:
        one = common.copy()
        one.update(item)
        found.append(one.digest())
    return found


def _with_their_like(alone: Sequence[bytes], names: Sequence[memory.Names]) -> list[bytes]:
    """The hashes; of items that have names in common, each with all of theirs, in their order.

    Which of them stands depends on the others, and on their order; repetitions to the letter are
    nothing at all.
    """
    hashes = list(alone)
    for group in _groups(names):
        every = dict.fromkeys(alone[number] for number in group)
        for number in group if len(every) > 1 else ():
            one = b"".join((*every, alone[number]))
            hashes[number] = blake2b(one, digest_size=memory.HASH).digest()
    return hashes


def _groups(names: Sequence[memory.Names]) -> list[list[int]]:
    """The numbers of those that have names in common, directly or by way of others."""
    first: dict[bytes, int] = {}
    leads_to: dict[int, int] = {}

    def end(number: int) -> int:
        while number in leads_to:
            number = leads_to[number]
        return number

    for number, own in enumerate(names):
        met = {end(first.setdefault(name, number)) for name in memory.each(own)} | {end(number)}
        target = min(met)
        leads_to |= dict.fromkeys(met - {target}, target)
    groups: dict[int, list[int]] = {}
    for number in range(len(names)) if leads_to else ():
        groups.setdefault(end(number), []).append(number)
    return [group for group in groups.values() if len(group) > 1]
