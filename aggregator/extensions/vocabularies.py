"""The elements of each vocabulary that our feeds can repeat, and what each of them may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.extensions.values import (
    Check,
    address,
    at_most,
    clock,
    flag,
    language,
    like,
    lines,
    media_type,
    moment,
    number,
    one_of,
    text_type,
    truth,
    whole,
    words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an element may hold; `needs`: one of these attributes, or else it says nothing.

    `text` checks its text, which it must have if it needs no attribute. `once`: among its siblings
    only the first counts.
    """

    attributes: Mapping[str, Check] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    text: Check | None = None
    children: tuple[str, ...] = ()
    once: bool = False


ROLES = frozenset({
    "actor", "anchor person", "artist", "author", "commentary or commentator", "composer",
    "conductor", "correspondent", "director", "editor", "illustrator", "interviewed guest",
    "interviewer", "news reader", "performer", "photographer", "producer",
    "production company", "publishing company", "reporter", "translation",
})  # fmt: skip
"""Roles of the European Broadcasting Union: a credit without a scheme has one of them."""

_OF_MEDIA = (
    "media:title", "media:description", "media:thumbnail", "media:credit", "media:copyright",
    "media:text", "media:rating", "media:restriction", "media:player", "media:hash",
)  # fmt: skip
_TYPED = {"type": text_type}
_SIZE = {"width": whole, "height": whole}
# The W3C's validator breaks down at a scheme that is a URN, such as YouTube's.
_NAMED = {"scheme": like(r"https?://[!-;=?-~]+"), "role": words}

_MEDIA = {
    "media:group": Rule(children=("media:content", *_OF_MEDIA)),
    "media:content": Rule(
        attributes={
            "url": address,
            "fileSize": whole,
            "type": media_type,
            "medium": one_of("image", "audio", "video", "document", "executable"),
            "isDefault": truth,
            "expression": one_of("sample", "full", "nonstop"),
            "bitrate": number,
            "framerate": number,
            "samplingrate": number,
            "channels": whole,
            "duration": number,
            **_SIZE,
            "lang": language,
        },
        needs=("url",),
        children=_OF_MEDIA,
    ),
    "media:title": Rule(attributes=_TYPED, text=words, once=True),
    "media:description": Rule(attributes=_TYPED, text=lines, once=True),
    "media:thumbnail": Rule(attributes={"url": address, **_SIZE, "time": moment}, needs=("url",)),
    "media:credit": Rule(attributes=_NAMED, text=words),
    "media:copyright": Rule(attributes={"url": address}, text=words, once=True),
    "media:text": Rule(
        attributes={**_TYPED, "lang": language, "start": moment, "end": moment}, text=lines
    ),
    "media:rating": Rule(text=one_of("adult", "nonadult")),
    "media:restriction": Rule(
        attributes={
            "relationship": one_of("allow", "deny"),
            "type": one_of("country"),
        },
        needs=("relationship",),
        text=like(r"all|none|[A-Za-z]{2}(?: [A-Za-z]{2})*"),
    ),
    "media:player": Rule(attributes={"url": address, **_SIZE}, needs=("url",)),
    "media:hash": Rule(
        attributes={"algo": one_of("md5", "sha-1")},
        text=like(r"[0-9A-Fa-f]{32}(?:[0-9A-Fa-f]{8})?"),
    ),
}

_ITUNES = {
    "itunes:duration": Rule(text=clock, once=True),
    "itunes:explicit": Rule(text=flag, once=True),
    "itunes:image": Rule(attributes={"href": address}, needs=("href",), once=True),
    "itunes:title": Rule(text=words, once=True),
    "itunes:subtitle": Rule(text=at_most(255, words), once=True),
    "itunes:summary": Rule(text=at_most(4000, lines), once=True),
    "itunes:season": Rule(text=whole, once=True),
    "itunes:episode": Rule(text=whole, once=True),
    "itunes:episodeType": Rule(text=one_of("full", "trailer", "bonus"), once=True),
    "itunes:block": Rule(text=one_of("yes"), once=True),
}

_PODCAST = {
    "podcast:transcript": Rule(
        attributes={"url": address, "type": media_type, "language": language, "rel": words},
        needs=("url",),
    ),
    "podcast:chapters": Rule(attributes={"url": address, "type": media_type}, needs=("url",)),
    "podcast:person": Rule(
        attributes={"role": words, "group": words, "img": address, "href": address},
        text=words,
    ),
    "podcast:soundbite": Rule(
        attributes={"startTime": number, "duration": number}, needs=("startTime",), text=words
    ),
    "podcast:location": Rule(
        attributes={"geo": like(r"geo:[0-9.,;=u-]+"), "osm": like(r"[NWR][0-9]+(?:#[0-9]+)?")},
        text=words,
        once=True,
    ),
    "podcast:season": Rule(attributes={"name": words}, text=whole, once=True),
    "podcast:episode": Rule(attributes={"display": words}, text=number, once=True),
    "podcast:license": Rule(attributes={"url": address}, text=words, once=True),
    "podcast:alternateEnclosure": Rule(
        attributes={
            "type": media_type,
            "length": whole,
            "bitrate": number,
            "height": whole,
            "lang": language,
            "title": words,
            "rel": words,
            "codecs": words,
            "default": truth,
        },
        needs=("type",),
        children=("podcast:source", "podcast:integrity"),
    ),
    "podcast:source": Rule(attributes={"uri": address, "contentType": media_type}, needs=("uri",)),
    "podcast:integrity": Rule(
        attributes={"type": words, "value": words}, needs=("value",), once=True
    ),
    "podcast:socialInteract": Rule(
        attributes={
            "uri": address,
            "protocol": words,
            "accountId": words,
            "accountUrl": address,
            "priority": whole,
        },
        needs=("uri",),
    ),
    "podcast:contentLink": Rule(attributes={"href": address}, needs=("href",), text=words),
}

_DUBLIN_CORE = {
    f"dc:{name}": Rule(text=words, once=True)
    for name in ("coverage", "format", "identifier", "relation", "source", "type")
}

RULES: Mapping[str, Rule] = {**_MEDIA, **_ITUNES, **_PODCAST, **_DUBLIN_CORE}
"""What every element may hold, by its name in its own spelling."""

INNER = frozenset({"podcast:source", "podcast:integrity"})
"""Elements that stand only in others."""
