"""Content codings (RFC 9110 8.4.1): which of ours a reader takes, and a rendition in it."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import brotli

from feeds.document import Rendition

IDENTITY = "identity"

_GZIP_LEVEL = 5
_BROTLI_QUALITY = 5

_MEMBER = re.compile(
    r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)
_ALIASES = {"x-gzip": "gzip"}  # 8.4.1.3: to be considered equivalent
_NO_TAG = re.compile(r"[^0-9A-Za-z.]+")


class _Coding(NamedTuple):
    """How bytes are put into a coding, and what its tags end in: another encoder, other bytes."""

    encode: Callable[[bytes], bytes]
    mark: str


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def _brotli(body: bytes) -> bytes:
    coded: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
    return coded


def _mark(name: str, level: int, version: str) -> str:
    return f"-{name}.{level}.{_NO_TAG.sub('.', version)}"


CODINGS: Mapping[str, _Coding] = {
    "br": _Coding(_brotli, _mark("br", _BROTLI_QUALITY, brotli.__version__)),
    "gzip": _Coding(_gzip, _mark("gzip", _GZIP_LEVEL, zlib.ZLIB_RUNTIME_VERSION)),
}
"""The codings that we have besides none at all, by name, those that make less of a feed first."""


def accepted(accept_encoding: str | None) -> str | None:
    """The coding to answer in (RFC 9110 12.5.3): of `CODINGS`, or `IDENTITY`.

    The one that the reader weighs most, of several the shortest. What it does not name is not for
    it, but `IDENTITY` always is, unless that or `*` has the weight 0. Members that are no coding
    with a weight are passed over.

    Returns:
        None if it takes nothing that we have.
    """
    weights = {}
    for member in (accept_encoding or "").split(","):
        if told := _MEMBER.fullmatch(member.strip(" \t")):
            weights[_ALIASES.get(told[1].lower(), told[1].lower())] = float(told[2] or 1)
    best, weight = None, 0.0
    for name in CODINGS:
        own = weights.get(name, weights.get("*", 0.0))
        if own > weight:
            best, weight = name, own
    plain = weights.get(IDENTITY)
    if plain is not None and plain > weight:
        return IDENTITY
    if best is None and plain is None and weights.get("*") != 0:
        return IDENTITY
    return best


def tag(rendition: Rendition, coding: str) -> str:
    """The strong tag of a rendition in a coding of `CODINGS`, one of its own (8.8.3.3).

    It names coding and encoder, whose next version may make other bytes of the same.
    """
    return rendition.etag.removesuffix('"') + CODINGS[coding].mark + '"'


def encoded(rendition: Rendition, coding: str) -> Rendition:
    """The same in a coding of `CODINGS`."""
    body = CODINGS[coding].encode(rendition.body)
    return replace(rendition, body=body, etag=tag(rendition, coding), coding=coding)
