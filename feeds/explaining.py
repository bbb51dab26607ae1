"""What is known of a story, told as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from aggregator import dedup
from aggregator.dates import rfc3339
from aggregator.markup import one_line
from aggregator.model import Other, Selection
from aggregator.model.explaining import Explained, NearMiss, Origination, Ruling
from aggregator.pull import shown
from aggregator.settings import Settings
from feeds import document
from feeds.selection import FORMATS, of_query

_LONGEST, _TITLE, _REASON, _NAME = 96, 60, 48, 30
"""Characters of what stands on a line of its own, and of what stands beside others.

In a text for people: JSON has all of it.
"""

_WITHOUT_LIKENESS = {dedup.FIRST, dedup.SPLIT, dedup.JOINED, dedup.PARTED}
"""Rules that find no other entry, and so have no score worth telling."""


def sources(story: Explained, settings: Settings) -> dict[str, str]:
    """The addresses that a story comes from, each as it is shown, its secrets masked.

    Of a private source no more than the host is told: config.toml says which is, and of one that
    it does not name (any more) the entry.
    """
    private = {entry.address: entry.entry.terms.private for entry in story.entries}
    own = {source.address: source.private for source in reversed(settings.sources)}
    return {
        address: _whole(shown(address, private=own.get(address, is_secret)))
        for address, is_secret in private.items()
    }


def page(page_id: str, settings: Settings) -> str:
    """The address of our own page of a story."""
    return f"{settings.site.base_url}/stories/{page_id}"


def stands_in(story: Explained, settings: Settings) -> tuple[Selection, ...]:
    """The feeds in which a story stands: all, its verticals, and plain unions that are saved."""
    shown_ones = (e for e in story.entries if not (e.is_withdrawn or e.entry.terms.excluded))
    if story.withdrawn_at or not any(shown_ones):
        return ()
    everything = Selection()
    own = {shelf.assignment.vertical for shelf in story.shelves}
    defined = sorted(own.intersection(vertical.name for vertical in settings.verticals))
    saved = (of_query(one) for one in settings.queries if not one.collapse_related)
    within = {*everything.verticals, *own}
    unions = (one for one in saved if not one.is_narrowed and within.intersection(one.verticals))
    return (everything, *(Selection(verticals=(name,)) for name in defined), *unions)


# ---- JSON ---------------------------------------------------------------------------------------


def as_json(story: Explained, settings: Settings) -> dict[str, object]:
    """All of it for a machine; times are RFC 3339, None where there is none."""
    return {
        "id": _whole(story.id),
        "page": page(story.page_id, settings),
        "retired_ids": [_whole(alias) for alias in story.aliases],
        "first_seen_at": rfc3339(story.first_seen),
        "withdrawn_at": _time(story.withdrawn_at),
        "withdrawn_by": _withdrawn_by(story),
        "entries": _entries_json(story, settings),
        "verticals": [
            {
                "name": shelf.assignment.vertical,
                "reason": _whole(shelf.assignment.reason),
                "score": shelf.assignment.score,
                "since": rfc3339(shelf.since),
            }
            for shelf in story.shelves
        ],
        "related": [_other_json(other, settings) for other in story.related],
        "rulings": [
            {"apart": one.apart, "at": rfc3339(one.at), **_other_json(one.story, settings)}
            for one in story.rulings
        ],
        "feeds": [_feed_json(selection, settings) for selection in stands_in(story, settings)],
    }


def _entries_json(story: Explained, settings: Settings) -> list[dict[str, object]]:
    shown_as, number_of = sources(story, settings), _numbers(story)
    return [
        {
            "number": number_of[one.number],
            "publication": _whole(one.entry.publication),
            "title": _whole(one.entry.title),
            "link": _whole(one.entry.link) if one.entry.link else None,
            "source": shown_as[one.address],
            "first_seen_at": rfc3339(one.first_seen),
            "published_at": _time(one.entry.published),
            "rule": one.rule,
            "score": one.score,
            "same_as": number_of.get(one.like) if one.like is not None else None,
            "withdrawn": one.is_withdrawn,
            "excluded": _whole(one.entry.terms.excluded) if one.entry.terms.excluded else None,
            "near": [_near_json(miss, settings) for miss in one.near],
        }
        for one in story.entries
    ]


def _near_json(miss: NearMiss, settings: Settings) -> dict[str, object]:
    return {
        **_other_json(miss.story, settings),
        "publication": _whole(miss.publication),
        "reason": miss.reason,
        "score": miss.score,
    }


def _feed_json(selection: Selection, settings: Settings) -> dict[str, object]:
    base_url = settings.site.base_url
    addresses = {fmt: document.address(selection, fmt, base_url) for fmt in FORMATS}
    return {"name": selection.name, **addresses}


def _other_json(other: Other, settings: Settings) -> dict[str, object]:
    return {"title": _whole(other.title), "page": page(other.page_id, settings)}


# ---- text ---------------------------------------------------------------------------------------


def as_text(story: Explained, settings: Settings) -> str:
    """All of it for a person, a section for each question that may be asked of it."""
    sections = (
        _heading(story, settings),
        _entries(story, settings),
        _near(story, settings),
        _verticals(story),
        _feeds(story, settings),
        _related(story, settings),
        _rulings(story, settings),
    )
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines)


def in_short(story: Explained, settings: Settings) -> str:
    """What a story is known by and where it comes from, for a person."""
    lines = [*_heading(story, settings)]
    lines += [_field(2, "source", address) for address in sources(story, settings).values()]
    return "\n".join(lines)


def _heading(story: Explained, settings: Settings) -> Iterator[str]:
    yield _title(story.entries[0].entry.title, _LONGEST)
    yield _field(2, "id", _whole(story.id))
    yield _field(2, "page", page(story.page_id, settings))
    for alias in story.aliases:
        yield _field(2, "retired id", _whole(alias))
    yield _field(2, "first seen", rfc3339(story.first_seen))
    if story.withdrawn_at:
        by = "the operator" if story.by_operator else "its sources"
        yield _field(2, "withdrawn", f"{rfc3339(story.withdrawn_at)}, by {by}")


def _entries(story: Explained, settings: Settings) -> Iterator[str]:
    shown_as, number_of = sources(story, settings), _numbers(story)
    yield f"Entries: {len(story.entries)}"
    for one in story.entries:
        publication = one_line(one.entry.publication, _NAME)
        yield f"  {number_of[one.number]}. {publication}: {_title(one.entry.title)}"
        if one.entry.link:
            yield _field(5, "link", _whole(one.entry.link))
        yield _field(5, "source", shown_as[one.address])
        yield _field(5, "first seen", rfc3339(one.first_seen))
        if one.entry.published:
            yield _field(5, "published", rfc3339(one.entry.published))
        yield _field(5, "here by", _why_here(one, number_of))
        if one.is_withdrawn:
            yield _field(5, "withdrawn", "its source has taken it back, or its file is gone")
        if one.entry.terms.excluded:
            yield _field(5, "excluded", one_line(one.entry.terms.excluded, _TITLE))


def _why_here(one: Origination, number_of: dict[int, int]) -> str:
    if one.rule in _WITHOUT_LIKENESS:
        return one.rule
    if one.like is None:
        same = ""
    elif one.like in number_of:
        same = f", as {number_of[one.like]}"
    else:
        same = ", as an entry that is in another story now"
    return f"{one.rule} (score {one.score:.2f}){same}"


def _near(story: Explained, settings: Settings) -> Iterator[str]:
    number_of = _numbers(story)
    near = [(one, miss) for one in story.entries for miss in one.near]
    if near:
        yield f"Nearly the same: {len(near)}"
    for one, miss in near:
        publication = one_line(miss.publication, _NAME)
        yield f"  {number_of[one.number]}. {publication}: {_title(miss.story.title)}"
        yield _field(5, "page", page(miss.story.page_id, settings))
        yield _field(5, "not merged", f"{miss.reason} (score {miss.score:.2f})")


def _verticals(story: Explained) -> Iterator[str]:
    if not story.shelves:
        yield "Verticals: none"
        return
    yield f"Verticals: {len(story.shelves)}"
    width = max(len(shelf.assignment.vertical) for shelf in story.shelves)
    for shelf in story.shelves:
        why = shelf.assignment
        reason = f"{one_line(why.reason, _REASON)} (score {why.score:.2f})"
        yield f"  {why.vertical:{width}}  since {rfc3339(shelf.since)}  {reason}"


def _feeds(story: Explained, settings: Settings) -> Iterator[str]:
    selections = stands_in(story, settings)
    if not selections:
        why = "withdrawn" if story.withdrawn_at else "excluded, by what config.toml says"
        yield f"Feeds: none, as it is {why}"
        return
    yield f"Feeds: {len(selections)}"
    for selection in selections:
        yield f"  {document.address(selection, 'atom', settings.site.base_url)}  .rss  .json"


def _related(story: Explained, settings: Settings) -> Iterator[str]:
    if story.related:
        yield f"Related: {len(story.related)}"
    for other in story.related:
        yield f"  {_title(other.title)}"
        yield _field(5, "page", page(other.page_id, settings))


def _rulings(story: Explained, settings: Settings) -> Iterator[str]:
    if story.rulings:
        yield f"Rulings: {len(story.rulings)}"
    for one in story.rulings:
        yield from _ruling(one, settings)


def _ruling(one: Ruling, settings: Settings) -> Iterable[str]:
    if not one.apart:
        return [f"  {rfc3339(one.at)}  joined into this story"]
    return [
        f"  {rfc3339(one.at)}  apart from: {_title(one.story.title)}",
        _field(5, "page", page(one.story.page_id, settings)),
    ]


# ---- words --------------------------------------------------------------------------------------


def _numbers(story: Explained) -> dict[int, int]:
    """What each entry is called here, by its number in the store."""
    return {one.number: at for at, one in enumerate(story.entries, start=1)}


def _withdrawn_by(story: Explained) -> str | None:
    if story.withdrawn_at is None:
        return None
    return "operator" if story.by_operator else "sources"


def _field(indent: int, name: str, value: str) -> str:
    return f"{'':{indent}}{name:12}{value}"


def _title(text: str, limit: int = _TITLE) -> str:
    return one_line(text, limit) or "(no title)"


def _whole(text: str) -> str:
    """Text from a source, fit for a terminal and not cut: ids and addresses are copied."""
    return one_line(text, len(text))


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
