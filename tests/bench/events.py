"""How well stories about one news event find each other, on labelled texts, and at what cost.

Related stories are measured as clusters, with B-cubed (Bagga and Baldwin 1998): for each story, how
much of what was found with it belongs with it, and how much of what belongs with it was found.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from aggregator import terms
from aggregator.related import Events, alike

Rows = Sequence[Mapping[str, Any]]

_PAIRS_ALIKE = 0.12
"""From where on a Russian pair counts as one event; see `pair_figures`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: what was measured, and its figures by name."""

    name: str
    figures: Mapping[str, float]


def b_cubed(found: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the clusters found: both map each item to its cluster."""
    clusters, events = Counter(found.values()), Counter(wanted[item] for item in found)
    both = Counter((found[item], wanted[item]) for item in found)
    precision = sum(n * n / clusters[cluster] for (cluster, _), n in both.items()) / len(found)
    recall = sum(n * n / events[event] for (_, event), n in both.items()) / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def related_figures(folder: Path, orders: int = 10) -> list[Row]:
    """B-cubed of each data set as the mean over so many arrival orders, and what it costs."""
    texts, headlines = _read(folder / "same_event_en.jsonl"), _read(folder / "headlines_en.jsonl")
    titles = [{**row, "text": ""} for row in texts]
    return [
        _placed("same event, title and text", texts, orders),
        _placed("same event, titles", titles, orders),
        _placed("headlines", headlines, orders),
        Row(
            name="same event, Russian pairs",
            figures=pair_figures(_read(folder / "same_event_pairs_ru.jsonl")),
        ),
    ]


def pair_figures(rows: Rows) -> dict[str, float]:
    """Whether two texts are about one event, from how alike they are; rarity from all texts."""
    packed = {
        text: terms.of("", text, "ru") for row in rows for text in (row["first"], row["second"])
    }
    frequency = Counter(term for said in packed.values() for term, _ in terms.read(said))

    def weighed(text: str) -> dict[int, float]:
        known = log(len(packed) + 1)
        return {
            term: weight * (known - log(frequency[term]))
            for term, weight in terms.read(packed[text])
        }

    scored = [(alike(weighed(row["first"]), weighed(row["second"])), row["same"]) for row in rows]
    right = sum((score >= _PAIRS_ALIKE) is same for score, same in scored)
    hits = sum(score >= _PAIRS_ALIKE and same for score, same in scored)
    claimed = sum(score >= _PAIRS_ALIKE for score, _ in scored)
    there = sum(same for _, same in scored)
    return {"accuracy": right / len(rows), "F1": 2 * hits / (claimed + there)}


def _placed(name: str, rows: Rows, orders: int) -> Row:
    """The figures of one set, each order drawn with a seed of its own: 0, 1, …"""
    begun = time.process_time()
    packed = [terms.of(row["title"], row.get("text", ""), "en") for row in rows]
    packing = time.process_time() - begun
    wanted = {str(number): row["event"] for number, row in enumerate(rows)}
    results, placing = [], 0.0
    for seed in range(orders):
        order = list(range(len(rows)))
        random.Random(seed).shuffle(order)
        events, found = Events(), {}
        begun = time.process_time()
        for number in order:
            at = int(rows[number].get("time", 0))
            found[str(number)] = str(events.place(number, packed[number], at)[0])
        placing += time.process_time() - begun
        results.append(b_cubed(found, wanted))
    precision, recall, f1 = (statistics.mean(result) for result in zip(*results, strict=True))
    figures = {
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "F1 deviation": statistics.pstdev(result[2] for result in results),
        "ms terms": packing / len(rows) * 1e3,
        "ms place": placing / (orders * len(rows)) * 1e3,
    }
    return Row(name=name, figures=figures)


def _read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
