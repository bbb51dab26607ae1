"""What is remembered of a document's items: the hash of each, and what it is known by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import msgspec

HASH = 8
"""Bytes of an item's hash."""

_NAME = 4

Names = bytes
"""What an item is known by, 4 bytes for each name, in order: two that differ may share them."""

_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(list[tuple[bytes, Names]]).decode


def hashed(names: Iterable[str]) -> Names:
    """Names as they are remembered."""
    return b"".join(sorted(crc32(name.encode()).to_bytes(_NAME) for name in names))


def each(names: Names) -> list[bytes]:
    """The names one by one."""
    return [names[start : start + _NAME] for start in range(0, len(names), _NAME)]


def written(hashes: Sequence[bytes], names: Sequence[Names]) -> bytes:
    """What the next pull of the source is given; empty where there are no items."""
    return _encode(list(zip(hashes, names, strict=True))) if hashes else b""


def read(given: bytes | None) -> Mapping[bytes, Names]:
    """The names of each item by its hash; none for what another version wrote."""
    try:
        return dict(_decode(given or b"\x90"))
    except msgspec.DecodeError:
        return {}
