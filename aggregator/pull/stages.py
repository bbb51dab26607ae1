"""fetched → parsed → normalized → shelved: the pure middle of a pull. It decides nothing.

To find a bug, stop here at the stage whose input is right and whose output is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from aggregator import cadence, markup, normalize, parse
from aggregator.model import Fetched, FetchResult, ParsedFeed, PullOutcome, SourceState, Unreadable
from aggregator.settings import PullSettings, Source
from aggregator.store import Leased
from aggregator.verticals import Shelves


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
    state = cadence.after(leased.state, result, source, settings, now)
    if not isinstance(result, Fetched):
        return PullOutcome(state=state)
    body_hash = sha256(result.body).digest()
    if body_hash == leased.state.body_hash:
        return PullOutcome(state=state)
    parsed = parse.read(result.body, result.url, result.content_type, result.content_language)
    if isinstance(parsed, Unreadable):
        return PullOutcome(
            state=cadence.unreadable(
                leased.state, markup.one_line(parsed.reason), source, settings, now
            )
        )
    return arrived(leased, source, parsed, replace(state, body_hash=body_hash), shelves, now)


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
    placed = tuple(shelves.place(entry, source.verticals) for entry in entries)
    return PullOutcome(
        state=state,
        title=normalize.source_title(parsed, source),
        first=first,
        entries=normalize.arrival_order(placed, first=first, now=now),
    )
