"""fetched → parsed → normalized → shelved: the pure middle of a pull. It decides nothing.

To find a bug, stop here at the stage whose input is right and whose output is wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator import cadence, markup, normalize, parse, urls
from aggregator.model import (
    Failed,
    Fetched,
    FetchResult,
    Leased,
    ParsedFeed,
    PullOutcome,
    SourceState,
    Unreadable,
)
from aggregator.settings import PullSettings, Source
from aggregator.verticals import Shelves

_BEHIND_HOST = re.compile(r"(?<=://)(?:[^/?#\s]*@)?([^/?#\s()]*)\S*?(?=\)?(?:\s|$))")


def shown(address: str, *, private: bool) -> str:
    """The address of a source for terminal, log and report, with its secrets masked.

    Of a private source no more than the host is told: what lets its reader in may be the path.
    """
    masked = urls.masked(address)
    return _hosts_alone(masked) if private else masked


def outcome(
    leased: Leased,
    source: Source,
    result: FetchResult,
    settings: PullSettings,
    shelves: Shelves,
    now: datetime,
) -> PullOutcome:
    """All that the result of one fetch has to write: the state always, entries if it brought any.

    A 200 whose body is the last one's replaces the validators and nothing else.
    """
    if source.private and isinstance(result, Failed):  # it may name where a redirect led
        result = replace(result, reason=_hosts_alone(result.reason))
    state = cadence.after(leased.state, result, source, settings, now)
    if not isinstance(result, Fetched):
        return PullOutcome(state=state)
    body_hash = sha256(result.body).digest()
    if body_hash == leased.state.body_hash:
        return PullOutcome(state=state)
    base = _site(source, result.url) if source.is_secret else result.url
    parsed = parse.read(result.body, base, result.content_type, result.content_language)
    if isinstance(parsed, Unreadable):
        return PullOutcome(
            state=cadence.unreadable(
                leased.state, markup.one_line(parsed.reason), source, settings, now
            )
        )
    return arrived(leased, source, parsed, replace(state, body_hash=body_hash), shelves, now)


def _site(source: Source, address: str) -> str:
    """What the relative addresses of a secret source count from: what they become is published."""
    parts = urlsplit(address)
    return source.site_url or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def arrived(
    leased: Leased,
    source: Source,
    parsed: ParsedFeed,
    state: SourceState,
    shelves: Shelves,
    now: datetime,
) -> PullOutcome:
    """The outcome of a document that was read: its entries, on their shelves, oldest first."""
    first = not leased.state.pulled
    entries = normalize.entries(parsed, source, leased.first_address, now)
    placed = tuple(shelves.place(entry, source) for entry in entries)
    return PullOutcome(
        state=state,
        title=normalize.source_title(parsed, source),
        first=first,
        entries=normalize.arrival_order(placed, first=first, now=now),
    )


def _hosts_alone(text: str) -> str:
    return _BEHIND_HOST.sub(r"\1/***", text)
