"""One story once, related stories, the right shelf: how well, on labelled texts.

The texts are in the folder that QUALITY_DATA names, or in ../shared/quality; what was captured of
real feeds in the one that FEED_CORPUS names, or in ../shared/corpus. All goes through the real
stages into a real store, and what came of it is read from the tables.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, cast

from aggregator import dedup, parse
from aggregator.errors import StoreError
from aggregator.model import ParsedEntry, ParsedFeed, Text, Unreadable
from aggregator.pull import stages
from aggregator.settings import Source
from aggregator.store import Decide
from aggregator.store.states import STATES, as_leased
from aggregator.verticals import Shelves
from tests.bench.copies import EACH, KINDS, Piece, copied, original, templates
from tests.bench.origin import ROOT
from tests.builders import NOW
from tests.newsroom import SHELVES, Clock, Newsroom

ENOUGH = 60
"""Words of a text that copies are made of."""
REQUIRED = dict(zip(KINDS, ("1.00", ".99", ".98", ".99"), strict=True))

_AT_ONCE, _EXCERPT = 20, 400  # pulls in a transaction; characters that come as a summary
_SIGNATURES = ("signature", "sketch", "shingle")  # names of what texts are compared by

_HELD = """SELECT e.story, s.address, e.rule, e.score, e.data, {} FROM entry e
JOIN source s ON s.number = e.source LEFT JOIN entry m ON m.number = {} ORDER BY e.number"""
_COLUMNS = "SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c"


class Stands(NamedTuple):
    """An entry as the store has it: in which story, and by which rule it came there."""

    story: int
    source: str
    rule: str
    score: float
    guid: str
    title: str
    link: str
    matched: str


class Held(NamedTuple):
    """What a store holds after all; ms of deciding and writing, and bytes kept, for each entry."""

    entries: Sequence[Stands]
    deciding: float
    writing: float
    signature: float | None

    def shared(self, guids: Iterable[str] | None = None) -> list[list[Stands]]:
        """The stories of more than one entry (of those with these guids)."""
        of = None if guids is None else set(guids)
        found: dict[int, list[Stands]] = defaultdict(list)
        for one in self.entries:
            if of is None or one.guid in of:
                found[one.story].append(one)
        return [several for several in found.values() if len(several) > 1]


def main(arguments: Sequence[str]) -> None:
    """Print the figures that are asked for, and then (`--list`) every merge there was."""
    parser = argparse.ArgumentParser(prog="./dev bench quality", description=__doc__)
    parser.add_argument("--only", choices=tuple(_PARTS), help="one part of the measurements")
    parser.add_argument("--list", action="store_true", help="print every merge, to be read")
    parser.add_argument("--seed", type=int, default=0, help="of what is made at random")
    given = parser.parse_args(arguments)
    folder = Path(os.environ.get("QUALITY_DATA") or ROOT.parent / "shared" / "quality")
    if not folder.is_dir():
        print(f"bench: no labelled texts in {folder}: name their folder in QUALITY_DATA")
        return
    lists: list[str] = []
    for name, part in _PARTS.items():
        if given.only in (None, name):
            lists += part(folder, given.seed)
    if given.list:
        print(*lists, sep="\n")


def delivered(feeds: Sequence[ParsedFeed], now: datetime = NOW) -> Held:
    """Give these documents, each of the source at its base, to a new store, in their order."""
    deciding = writing = 0.0
    shelves = Shelves(SHELVES)

    def timed(*arguments: Any, **named: Any) -> Any:
        nonlocal deciding
        began = time.thread_time()
        decision = dedup.decide(*arguments, **named)
        deciding += time.thread_time() - began
        return decision

    with (
        tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder,
        Newsroom(Path(folder), Clock(now)) as room,
    ):
        sources = {str(feed.base): Source(address=str(feed.base)) for feed in feeds}
        room.store.list_sources(list(sources.values()), seeds=False)
        with room.query._engine.connect() as connection:
            leased = {one.address: one for one in map(as_leased, connection.execute(STATES))}
        for start in range(0, len(feeds), _AT_ONCE):
            outcomes = []
            for feed in feeds[start : start + _AT_ONCE]:
                address, at = str(feed.base), room.clock()
                of = leased[address]
                state = replace(of.state, pulled=True, last_pull_at=at, last_success_at=at)
                outcomes.append(stages.arrived(of, sources[address], feed, state, shelves, at))
                leased[address] = replace(of, state=state)
            began = time.perf_counter()
            written = room.store.write_all(outcomes, cast("Decide", timed))
            writing += time.perf_counter() - began
            if refused := [one for one in written if isinstance(one, StoreError)]:
                sys.exit(f"bench: {refused[0]}")
            room.clock.step(seconds=30)
        matched = ("entry", "matched", "INTEGER") in room.rows(_COLUMNS)
        held = _HELD.format("m.data", "e.matched") if matched else _HELD.format("NULL", "0")
        entries = [_stands(*row) for row in room.rows(held)]
        each = 1000 / len(entries)
        return Held(entries, deciding * each, writing * each, _signature(room, len(entries)))


def _stands(*row: Any) -> Stands:
    said, other = json.loads(row[4]), json.loads(row[5] or "{}")
    names = (said["guid"] or "", said["title"], said["link"] or "")
    return Stands._make((*row[:4], *names, other.get("guid") or other.get("link") or ""))


def _signature(room: Newsroom, entries: int) -> float | None:
    """Bytes an entry of all that is kept to compare texts by, without SQLite's own."""
    total = 'SELECT coalesce(sum(length("{1}")), 0) FROM "{0}"'
    columns = [(t, c) for t, c, of in room.rows(_COLUMNS) if of == "BLOB"]
    said = [(t, c) for t, c in columns if any(name in f"{t} {c}" for name in _SIGNATURES)]
    return sum(room.rows(total.format(*one))[0][0] for one in said) / entries if said else None


def _feed(*pieces: Piece) -> ParsedFeed:
    """One document with these pieces of one source, newest first."""
    return ParsedFeed(
        title=Text(value=pieces[0].publication, html=False),
        base=pieces[0].source,
        entries=tuple(map(_item, sorted(pieces, key=lambda piece: piece.hours))),
    )


def _item(piece: Piece) -> ParsedEntry:
    html = "".join(f"<p>{escape(part)}</p>" for part in piece.text.split("\n\n") if part)
    text = Text(value=html, html=True) if html else None
    is_short = len(piece.text) < _EXCERPT
    return ParsedEntry(
        guid=piece.name,
        link=piece.link,
        title=Text(value=piece.title, html=False),
        summary=text if is_short else None,
        content=None if is_short else text,
        published=format_datetime(NOW - timedelta(hours=piece.hours)),
    )


def _copies(folder: Path, seed: int) -> list[str]:
    """Deduplication, of real texts, made copies of them and made templates."""
    lines = (folder / "same_event_en.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    events = {row["id"]: row["event"] for row in rows}
    real = [original(row["id"], row["title"], row["text"], seed) for row in rows]
    long = [piece for piece in real if len(piece.text.split()) >= ENOUGH]
    copies = {kind: [copied(kind, piece, seed) for piece in long] for kind in KINDS}
    alike = templates(seed)
    sources: dict[str, list[Piece]] = defaultdict(list)
    for piece in itertools.chain(*alike.values()):
        sources[piece.source].append(piece)
    every = list(itertools.chain(real, *alike.values(), *copies.values()))
    together = _alone(random.Random(seed).sample(every, len(every)))
    alone = delivered([_feed(*pieces) for pieces in sources.values()])
    texts = _alone(real)
    print(f"\n## Copies\n\n{len(long)} of {len(real)} real texts have {ENOUGH} words or more.\n")
    print("Recall: the share of the copies that are in the story of what they were made of, by the")
    print("order in which they came; *together*: all kinds, all texts and templates, shuffled.\n")
    recalls, missed = _recalls(long, copies, together, seed)
    orders = ("originals first", "copies first", "shuffled", "together")
    _table(("kind of copy", *orders, "required"), recalls)
    print(f"\nTemplates: entries, {EACH} of each kind, that share a story with any other entry.\n")
    merges = {"alone": alone.shared(), "together": together.shared()}
    guids = [{one.guid for group in groups for one in group} for groups in merges.values()]
    alike["all"] = list(itertools.chain(*alike.values()))
    kinds = [(k, *(sum(p.name in of for p in ps) for of in guids), 0) for k, ps in alike.items()]
    _table(("kind of template", *merges, "required"), kinds)
    print("\nReal texts: entries beyond the first of their story, and those in one with a text on")
    print("another event, which no copy is; whether the others are right, read with `--list`.\n")
    made = itertools.chain(*copies.values())
    of_event = events | {copy.name: events[copy.name.split()[-1]] for copy in made}
    told = [("alone", *_merged(texts, events)), ("with all copies", *_merged(together, of_event))]
    _table(("real texts", "merged", "of another event", "required"), told)
    _cost(together)
    apart = {one.guid: one.story for one in texts.entries}
    chained = [g for g in together.shared(events) if len({apart[one.guid] for one in g}) > 1]
    series = {piece.name for piece in alike["all"]}
    astray = [g for g in merges["together"] if any(one.guid in series for one in g)]
    return [
        *_listed("Merges of real texts", texts.shared()),
        *_listed("Merges of real texts that only their copies bring about", chained),
        *_listed("Merges of templates alone", merges["alone"]),
        *_listed("Merges of templates when all comes together", astray),
        "\n## Copies that were not found where the originals came first\n",
        *missed,
    ]


def _recalls(
    long: Sequence[Piece], copies: dict[str, list[Piece]], together: Held, seed: int
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The recall of each kind in each order, and the copies that are missed in the first."""
    recalls, missed = [], []
    for kind, made in copies.items():
        both = [*long, *made]
        orders = (both, [*made, *long], random.Random(seed).sample(both, len(both)))
        told: list[str] = []
        for held in (*map(_alone, orders), together):
            story = {one.guid: one.story for one in held.entries}
            pairs = zip(long, made, strict=True)
            lost = [one for one, copy in pairs if story[one.name] != story[copy.name]]
            if not told:
                missed += [f"- {kind} of {one.name}: {one.title[:90]}" for one in lost]
            told.append(f"{1 - len(lost) / len(long):.3f}")
        recalls.append((kind, *told, REQUIRED[kind]))
    return recalls, missed


def _alone(pieces: Iterable[Piece]) -> Held:
    """What comes of them in this order, each in a document of its own."""
    return delivered(list(map(_feed, pieces)))


def _merged(held: Held, events: Mapping[str, str]) -> tuple[int, int, int]:
    groups = held.shared(events)
    wrong = sum(events[one.guid] != events[group[0].guid] for group in groups for one in group)
    return sum(len(group) - 1 for group in groups), wrong, 0


def _listed(title: str, groups: Iterable[Sequence[Stands]], whose: bool = False) -> Iterator[str]:
    """The entries of each story, the first seen first, with why each is there."""
    yield f"\n## {title}"
    for group in groups:
        yield ""
        for one in group:
            whom = f"<{one.source}> <{one.link}>" if whose else one.guid
            of = f" (matched: {one.matched})" if one.matched else ""
            yield f"- {one.rule}, {one.score:.2f}: {one.title[:90]!r} {whom}{of}"


def _corpus(_: Path, __: int) -> list[str]:
    """Deduplication of what sites really served."""
    corpus = Path(os.environ.get("FEED_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not (corpus / "captured").is_dir():
        print(f"bench: no captured feeds in {corpus}: name their folder in FEED_CORPUS")
        return []
    with (corpus / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        addresses = {row["file"]: row["url"] for row in csv.DictReader(manifest)}
    feeds = []
    for file in sorted((corpus / "captured").iterdir()):
        address = addresses[f"captured/{file.name}"] or f"https://captured.example/{file.name}"
        feed = parse.read(file.read_bytes(), address, None, None)
        if not isinstance(feed, Unreadable):
            feeds.append(replace(feed, base=address))
    held = delivered(feeds, datetime(2026, 9, 1, tzinfo=UTC))  # all were captured by then
    apart = [group for group in held.shared() if len({one.source for one in group}) > 1]
    within = [group for group in held.shared() if len({one.source for one in group}) == 1]
    print("\n## Captured feeds\n\nNobody has marked whether the merges are right: see `--list`.\n")
    counts = (len(held.entries), len(feeds), len(apart), len(within))
    _table(("entries", "feeds", "stories of several sources", "of one, several times"), [counts])
    _cost(held)
    return [
        *_listed("Captured: merges of different sources", apart, whose=True),
        *_listed("Captured: merges inside one source", within, whose=True),
    ]


def _figures(module: str, function: str, said: str, folder: Path, _: int) -> list[str]:
    """What another module measures: rows that have a name, and figures."""
    try:
        rows = getattr(importlib.import_module(f"tests.bench.{module}"), function)(folder)
    except ModuleNotFoundError as missing:
        print(f"\nbench: {missing.name} is not there, and nothing of it is measured")
        return []
    print(f"\n{said}\n")
    _table(("measure", "figures"), [(row.name, _told(row)) for row in rows])
    return []


def _told(row: Any) -> str:
    """The figures of a row with their names: a mapping of them, or all that it has."""
    said = getattr(row, "figures", None) or asdict(row)
    return ", ".join(f"{name} {_cell(of)}" for name, of in said.items() if name != "name")


def _cost(held: Held) -> None:
    print("\nAn entry: CPU ms of `dedup.decide`, ms of the whole write, bytes of its signature.\n")
    cost = (len(held.entries), held.deciding, held.writing, held.signature)
    _table(("entries", "decision", "write", "signature"), [cost])


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"| {' | '.join(header)} |")
    print(f"| --- |{' ---: |' * (len(header) - 1)}")
    for row in rows:
        print(f"| {' | '.join(map(_cell, row))} |")


def _cell(of: object) -> str:
    return f"{of:.3f}" if isinstance(of, float) else "-" if of is None else str(of)


_RELATED = """## Related stories\n
Same event, not same article: B-cubed F1, the mean over ten or more orders of arrival; differences
under .02 are noise. To be beaten: .863 with 100 words of text, .700 with titles only."""
_SHELVED = """## Verticals\n
Macro-F1 of the shelves against human categories. To be beaten: .39 to .54 learned alone on unseen
news, .66 at 10 examples with keywords; .81 at 10 with embeddings."""
_COSTS = "## Costs\n\nms of CPU an entry; required: same article .5, related .6, verticals .3."
_PARTS: dict[str, Callable[[Path, int], list[str]]] = {
    "copies": _copies,
    "corpus": _corpus,
    "related": partial(_figures, "events", "related_figures", _RELATED),
    "verticals": partial(_figures, "shelving", "vertical_figures", _SHELVED),
    "costs": partial(_figures, "costs", "cost_figures", _COSTS),
}
