"""bytes → new items → parsed → normalized → shelved: the pure middle of a pull. It decides nothing.

To find a bug, stop here at the stage whose input is right and whose output is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator import increment, markup, normalize, parse, signature
from aggregator.model import Entry, ParsedFeed, Unreadable
from aggregator.reading.types import Document, Reading
from aggregator.settings import Source
from aggregator.verticals import Shelves


def read(document: Document, shelves: Shelves) -> Reading | Unreadable:
    """What a document brings that its source has not given before, or why it is no feed."""
    source, now = document.source, document.now
    cut = increment.cut(document.body, document.content_type, document.given, _salt(document))
    if cut.body is None:
        return Reading(given=cut.given, items=cut.items)
    parsed = parse.read(cut.body, document.base, document.content_type, document.content_language)
    if isinstance(parsed, Unreadable):
        return Unreadable(reason=markup.one_line(parsed.reason), line=parsed.line)
    return Reading(
        given=cut.given,
        items=cut.items,
        title=normalize.source_title(parsed, source),
        wishes=parsed.wishes,
        passed_over=tuple(f"{problem.what}; {problem.todo}" for problem in parsed.problems),
        entries=entries(parsed, source, document.first_address, shelves, now, first=document.first),
        deleted=normalize.deleted(parsed, now),
    )


def entries(
    parsed: ParsedFeed,
    source: Source,
    first_address: str,
    shelves: Shelves,
    now: datetime,
    *,
    first: bool,
) -> tuple[Entry, ...]:
    """The entries of a document that was parsed, on their shelves, in the order of arrival.

    Without those that the same document takes back.
    """
    found = normalize.entries(parsed, source, first_address, now)
    deleted = {one.key: one for one in normalize.deleted(parsed, now)}
    placed = tuple(
        replace(shelves.place(entry, source), signature=signature.of(entry))
        for entry in found
        if entry.key not in deleted or not deleted[entry.key].means(entry)
    )
    return normalize.arrival_order(placed, first=first, now=now)


def _salt(document: Document) -> bytes:
    """What entries hold besides what their items say: where it differs they are read anew.

    Of where the document lies no query: that may be a token, another one at each pull.
    """
    source, base = document.source, document.base.partition("?")[0]
    said = (source.title, source.publication, source.site_url, source.is_secret)
    return repr((*said, base, document.content_language)).encode()
