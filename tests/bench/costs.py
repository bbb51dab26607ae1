"""What the decisions on an entry cost, with few stories in the store and with a million.

The entries are real texts, each of a source of its own, and copies of a quarter of them; CPU of the
thread that writes, for each entry. Both stores have the same window behind them: what is measured
is whether the stories of all the years before make a decision dearer.
"""

from __future__ import annotations

import gc
import json
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator import dedup, signature
from aggregator.model import ParsedFeed, PullOutcome, Text
from aggregator.pull import stages
from aggregator.settings import Dedup, Source
from aggregator.store import Store, batch
from aggregator.store.judging import Judging
from aggregator.store.lately import Lately
from aggregator.verticals import Shelves
from tests.bench import stories
from tests.bench.copies import Piece, copied, original
from tests.builders import parsed, parsed_feed

_AFTER = timedelta(hours=1)
_AT_ONCE = 20
_EVERY = 4
"""A copy is made of one text in so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one store costs, in ms of CPU for each entry."""

    name: str
    figures: dict[str, float]


STORES = Path(tempfile.gettempdir()) / "broadsheet-bench-stories"
FEW, MANY = 10_000, 1_000_000


def cost_figures(texts: Path) -> list[Row]:
    """The costs with a store of few stories, and of a million where `./dev bench cold` made one.

    Three times each, in turn: the medians. `texts` is the folder of the labelled ones.
    """
    sizes = [FEW, *([MANY] if (STORES / str(MANY) / "store.db").exists() else [])]
    found: dict[int, list[dict[str, float]]] = defaultdict(list)
    pieces = _pieces(texts)
    gc.collect()
    gc.freeze()  # as the service does when it has begun
    for _ in range(3):
        for size in sizes:
            file = STORES / str(size) / "store.db"
            stories.make(file, size)
            found[size].append(_measured(file, pieces))
    return [
        Row(
            name=f"{size} stories",
            figures={
                name: statistics.median(run[name] for run in runs) for name in next(iter(runs))
            },
        )
        for size, runs in found.items()
    ]


def _pieces(texts: Path) -> list[Piece]:
    with (texts / "same_event_en.jsonl").open(encoding="utf-8") as rows:
        read = [json.loads(row) for row in rows]
    originals = [original(row["id"], row["title"], row["text"]) for row in read if row["text"]]
    return [*originals, *(copied("retitled", one) for one in originals[::_EVERY])]


def _measured(file: Path, pieces: Sequence[Piece]) -> dict[str, float]:
    """What is spent on these in a copy of the store."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        own = Path(folder) / "store.db"
        shutil.copyfile(file, own)
        now = stories._END + _AFTER
        verticals = stories.config(Path(folder)).verticals
        with (
            Store(f"sqlite:///{own}", lambda: now, None, Dedup(), verticals) as store,
            _timed() as spent,
        ):
            store.list_sources([Source(address=one.source) for one in pieces], seeds=False)
            leased = {one.address: one for one in store.lease(now, 10_000, _AFTER)}
            shelves = Shelves(())
            for start in range(0, len(pieces), _AT_ONCE):
                outcomes: list[PullOutcome] = []
                for piece in pieces[start : start + _AT_ONCE]:
                    of, source = leased[piece.source], Source(address=piece.source)
                    state = replace(of.state, pulled=True)
                    outcomes.append(stages.arrived(of, source, _feed(piece), state, shelves, now))
                began = time.thread_time()
                store.write_all(outcomes, dedup.decide)
                spent["the whole write"] += time.thread_time() - began
        return {name: 1000 * seconds / len(pieces) for name, seconds in spent.items()}


def _feed(piece: Piece) -> ParsedFeed:
    title = Text(value=piece.title, html=False)
    item = parsed(
        guid=piece.link,
        link=piece.link,
        title=title,
        summary=None,
        content=Text(value=f"<p>{piece.text}</p>", html=True),
        published=(stories._END + _AFTER).isoformat(),
    )
    return replace(parsed_feed(item), base=piece.source)


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Measures what the decisions are made of, meanwhile."""
    spent: dict[str, float] = defaultdict(float)
    parts: list[tuple[Any, str, str]] = [
        (signature, "of", "signature"),
        (Judging, "read", "same article"),
        (Judging, "decide", "same article"),
        (Judging, "part", "same article"),
        (batch, "relate", "related"),
        (Lately, "shelved", "verticals"),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
    for owner, name, said in parts:
        setattr(owner, name, _watched(getattr(owner, name), said, spent))
    try:
        yield spent
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _watched(function: Callable[..., Any], said: str, spent: dict[str, float]) -> Any:
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            spent[said] += time.thread_time() - began

    return timed
