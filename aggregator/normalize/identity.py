"""What an entry is known by: keys, ids, and what changes when it does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter

import msgspec

from aggregator import markup, urls
from aggregator.model import Entry, ParsedEntry, Summary

_MOST_SOURCES = 64
_SHOWN = itemgetter(
    "title", "publication", "link", "content", "summary", "deep_dive", "authors", "published",
    "contributors", "categories", "enclosures", "links", "rights", "place", "image", "banner",
    "extensions", "language", "named",
)  # fmt: skip


def minted(first_address: str, name: str) -> str:
    """A `urn:uuid` (RFC 9562 version 5) for something that a source gave without a usable id."""
    return uuid.uuid5(_space(first_address), name).urn


@lru_cache(_MOST_SOURCES)
def _space(first_address: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, first_address)


def identifier(parsed: ParsedEntry, own: str, first_address: str) -> str:
    """An absolute IRI stands as the source gave it (RFC 4287 4.2.6); all else gets one minted."""
    if parsed.guid and urls.is_absolute_iri(parsed.guid):
        return parsed.guid
    return minted(first_address, own)


def apart(entry: Entry, first_address: str) -> Entry:
    """The entry under a key and id of its own, for one whose guid another entry has."""
    return replace(entry, key=key_apart(entry), id=minted(first_address, _name_apart(entry)))


def key_apart(entry: Entry) -> str:
    """The key that `apart` gives."""
    return hashed("apart", _name_apart(entry))


def _name_apart(entry: Entry) -> str:
    return f"{entry.guid}\n{entry.link}\n{entry.title}"


def is_another(entry: Entry, first: Entry) -> bool:
    """Whether an item that shares its guid with one before it in the document is not that one.

    Of items that link nowhere, or to a whole site, the title alone can tell: podcasts of which
    several episodes have the guid of the first.
    """
    retitled = entry.title_key != first.title_key
    return retitled and (entry.address_key is None or entry.address_key != first.address_key)


def keys(*names: str) -> tuple[str, ...]:
    """The names to compare by, each once."""
    return tuple(dict.fromkeys(key for name in names if (key := markup.title_key(name))))


def digest(parts: Mapping[str, object]) -> str:
    """Changes with anything that we show of the entry which has these parts.

    Not with what the source says of itself, nor with `updated`: half the feeds that have it raise
    it at every build.
    """
    return blake2b(msgspec.json.encode(_SHOWN(parts)), digest_size=16).hexdigest()


def gist(title_key: str, html: str, deep_dive: Summary | None) -> str:
    """Changes with the words of title and text alone: what a reader would call a change."""
    keys = [markup.text_key(html)]
    if deep_dive:
        keys.append(markup.title_key(" ".join(deep_dive.paragraphs)))
    return hashed(title_key, " ".join(filter(None, keys)))


def hashed(*parts: str) -> str:
    """One short name for these, in this order."""
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
