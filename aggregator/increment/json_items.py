"""The items of a JSON Feed, cut out and put together again as the bytes that they are."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from aggregator.increment.items import CannotTellError, named

_FLOWING = ("language", "authors", "author")
"""What entries take from the document where they do not say it themselves."""


class _Names(msgspec.Struct):
    id: Any = None
    url: Any = None
    external_url: Any = None


_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_names = msgspec.json.Decoder(_Names).decode


@dataclass(frozen=True, slots=True)
class JsonItems:
    """A JSON Feed; `items` are as they stand in it."""

    members: dict[str, msgspec.Raw]
    items: Sequence[bytes]

    @property
    def head(self) -> bytes:
        """The members that entries depend on."""
        return msgspec.json.encode([self.members.get(name) for name in _FLOWING])

    def names(self, item: bytes) -> frozenset[str]:
        """What the item is known by; a number is an id too (JSON Feed 1.1, `id`)."""
        try:
            said = _names(item)
        except msgspec.ValidationError:  # no object, so no item
            return frozenset()
        link = next((url for url in (said.url, said.external_url) if _is_said(url)), "")
        return named([str(said.id or "")], [link])

    def left(self, kept: Sequence[bool]) -> bytes:
        """The document with these items alone."""
        items = [msgspec.Raw(one) for one, stays in zip(self.items, kept, strict=True) if stays]
        return msgspec.json.encode({**self.members, "items": items})


def read(body: bytes) -> JsonItems:
    """The items of a JSON Feed.

    Raises:
        CannotTellError: it is malformed, or some other JSON.
    """
    try:
        members = _members(body.removeprefix(codecs.BOM_UTF8))
        items = _array(members["items"])
    except (msgspec.DecodeError, KeyError, RecursionError) as error:
        raise CannotTellError from error
    return JsonItems(members, [bytes(one) for one in items])


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
