"""What a pull has to write: the state always, entries if it brought any. It decides nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from aggregator import cadence, markup, normalize, urls
from aggregator.increment import left_out
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
from aggregator.reading.document import entries
from aggregator.reading.types import Document, Reading
from aggregator.settings import PullSettings, Source
from aggregator.verticals import Shelves

_BEHIND_HOST = re.compile(r"(?<=://)(?:[^/?#\s]*@)?([^/?#\s()]*)\S*?(?=\)?(?:\s|$))")


def shown(address: str, *, private: bool) -> str:
    """The address of a source for terminal, log and report, with its secrets masked.

    Of a private source no more than the host is told: what lets its reader in may be the path.
    """
    masked = urls.masked(address)
    return _hosts_alone(masked) if private else masked


def line_of(source: Source) -> str:
    """How a line of the log about a source begins: with its address, the secrets masked."""
    return markup.one_line(shown(source.address, private=source.private))


def unread(
    leased: Leased, source: Source, result: FetchResult, settings: PullSettings, now: datetime
) -> PullOutcome:
    """What a fetch leaves behind whose document need not be read: no new one, or the last again.

    A 200 whose body is the last one's replaces the validators and nothing else.
    """
    if source.private and isinstance(result, Failed):  # it may name where a redirect led
        result = replace(result, reason=_hosts_alone(result.reason))
    return PullOutcome(state=cadence.after(leased.state, result, source, settings, now))


def document(leased: Leased, source: Source, result: Fetched, now: datetime) -> Document:
    """What a reader has to know to read the document that was fetched."""
    return Document(
        source=source,
        first_address=leased.first_address,
        # "" and "#more" would take the query with them, which may be what lets us in.
        base=_site(source, result.url) if source.is_secret else result.url.partition("?")[0],
        body=result.body,
        now=now,
        content_type=result.content_type,
        content_language=result.content_language,
        given=leased.state.given,
        first=not leased.state.pulled,
    )


def read(
    leased: Leased,
    asked: Document,
    result: Fetched,
    body_hash: bytes,
    reading: Reading | Unreadable,
    settings: PullSettings,
) -> PullOutcome:
    """What a document that was read leaves behind."""
    source, now = asked.source, asked.now
    if isinstance(reading, Unreadable):
        failed = cadence.unreadable(leased.state, reading.reason, source, settings, now)
        return PullOutcome(state=failed)
    arrived = tuple(entry.published or now for entry in reading.entries)
    state = cadence.after(
        leased.state, result, source, settings, now, arrived=arrived, wishes=reading.wishes
    )
    return PullOutcome(
        state=replace(state, body_hash=body_hash, given=reading.given),
        title=reading.title,
        first=asked.first,
        entries=reading.entries,
        items=reading.items,
        left_out=left_out.names(leased.state.given, reading.given),
        deleted=reading.deleted,
    )


def placed_again(outcome: PullOutcome, shelves: Shelves, source: Source) -> PullOutcome:
    """The same with its entries on these shelves, on the terms of this source."""
    placed = tuple(shelves.place(entry, source) for entry in outcome.entries)
    return replace(outcome, entries=placed)


def arrived(
    leased: Leased,
    source: Source,
    parsed: ParsedFeed,
    state: SourceState,
    shelves: Shelves,
    now: datetime,
) -> PullOutcome:
    """The outcome of a seed file that was parsed: its entries, on their shelves, oldest first."""
    first = not leased.state.pulled
    return PullOutcome(
        state=state,
        title=normalize.source_title(parsed, source),
        first=first,
        entries=entries(parsed, source, leased.first_address, shelves, now, first=first),
        deleted=normalize.deleted(parsed, now),
    )


def _site(source: Source, address: str) -> str:
    """What the relative addresses of a secret source count from: what they become is published."""
    parts = urlsplit(address)
    return source.site_url or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def _hosts_alone(text: str) -> str:
    return _BEHIND_HOST.sub(r"\1/***", text)
