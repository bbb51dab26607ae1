"""How well entries are put on shelves: the classifier on labelled texts, and what it costs."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from aggregator import markup, terms
from aggregator.settings import Vertical
from aggregator.verticals import Guesses

DRAWS = 12
EXAMPLES = (0, 10, 30, 100, 300)

HEADLINES = (
    Vertical(
        name="business",
        title="Business",
        description="Companies, markets, money and work.",
        keywords=("stock market", "interest rates", "central bank"),
    ),
    Vertical(
        name="entertainment",
        title="Entertainment",
        description="Film, television, music and celebrities.",
        keywords=("box office", "film festival", "album"),
    ),
    Vertical(
        name="tech",
        title="Science & Technology",
        description="Computers, phones, the internet, and what is found out about nature.",
        keywords=("smartphone", "software", "astronomers"),
    ),
    Vertical(
        name="health",
        title="Health",
        description="Medicine, illness, and how to stay well.",
        keywords=("vaccine", "cancer", "hospital"),
    ),
)
_CLASSES = {"science-and-technology": "tech"}

DESKS = (
    Vertical(name="world", title="World", description="What happens between countries."),
    Vertical(name="politics", title="Politics", description="Parties, parliaments, elections."),
    Vertical(name="crime", title="Crime & Justice", description="Police and courts."),
    Vertical(name="business", title="Business", description="Companies, markets and money."),
    Vertical(name="tech", title="Technology", description="Computers and the internet."),
    Vertical(name="science", title="Science", description="What is found out about nature."),
    Vertical(name="sports", title="Sport", description="Matches, races and champions."),
    Vertical(name="entertainment", title="Entertainment", description="Film, music, celebrities."),
)
MEANT: Mapping[str, tuple[str, ...]] = {
    "society": ("world", "politics", "crime"),
    "economy": ("business",),
    "technology": ("tech",),
    "science": ("science",),
    "sports": ("sports",),
    "entertainment": ("entertainment",),
}
"""The verticals that each class of categories_en.jsonl may stand on; of the others, on none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, and its figures by name."""

    name: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Text:
    key: str
    packed: bytes
    label: str
    event: str


def vertical_figures(folder: Path) -> list[Row]:
    """What the labelled texts in this folder say of the classifier."""
    headlines = [
        _text(row, _CLASSES.get(row["category"], row["category"]))
        for row in _rows(folder / "headlines_en.jsonl")
    ]
    articles = [_text(row, row["category"]) for row in _rows(folder / "categories_en.jsonl")]
    return [
        *(_at(headlines, examples) for examples in EXAMPLES),
        _unseen(headlines),
        _mapped(articles),
        _cost(headlines, articles),
    ]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _text(row: Mapping[str, Any], label: str) -> _Text:
    title, text = row["title"], row.get("text", "")
    key = markup.title_key(f"{title} {' '.join(text.split()[:100])}")
    return _Text(key, terms.of(title, text, "en"), label, row.get("event", row["url"]))


def _halves(texts: Sequence[_Text], draw: int) -> tuple[list[_Text], list[_Text], random.Random]:
    """To learn from and to try, no event in both, and every class in each."""
    chance = random.Random(draw)
    learned: set[str] = set()
    for v in HEADLINES:
        events = sorted({one.event for one in texts if one.label == v.name})
        chance.shuffle(events)
        learned |= set(events[: len(events) // 2])
    first = [one for one in texts if one.event in learned]
    return first, [one for one in texts if one.event not in learned], chance


def _taught(examples: Iterable[_Text]) -> Guesses:
    guesses = Guesses(HEADLINES)
    for one in examples:
        guesses.learn(one.packed, {one.label})
    return guesses


def _best(guesses: Guesses, one: _Text) -> str:
    """The forced choice; the first of those that are as good."""
    scores = guesses.scores(one.packed)
    return max(scores, key=lambda name: scores[name])


def _at(texts: Sequence[_Text], examples: int) -> Row:
    """So many examples a vertical, of half of the events; tried on the other half."""
    right, f1 = [], []
    for draw in range(DRAWS):
        first, second, chance = _halves(texts, draw)
        drawn: list[_Text] = []
        for v in HEADLINES:
            pool = [one for one in first if one.label == v.name]
            drawn += chance.sample(pool, min(examples, len(pool)))
        guesses = _taught(drawn)
        pairs = [(one.label, _best(guesses, one)) for one in second]
        right.append(sum(label == best for label, best in pairs) / len(pairs))
        f1.append(_macro_f1(pairs))
    return Row(
        f"headlines, {examples} examples a vertical",
        {"right": statistics.mean(right), "±": statistics.stdev(right), "f1": statistics.mean(f1)},
    )


def _unseen(texts: Sequence[_Text]) -> Row:
    """All of half of the events, tried on the other half; and what gets a shelf."""
    f1, shelved, right = [], [], []
    for draw in range(DRAWS):
        first, second, _ = _halves(texts, draw)
        guesses = _taught(first)
        f1.append(_macro_f1([(one.label, _best(guesses, one)) for one in second]))
        given = [(one.label, guesses.guess(one.packed, one.key)) for one in second]
        firsts = [(label, found[0].vertical) for label, found in given if found]
        shelved.append(len(firsts) / len(second))
        right.append(sum(label == first for label, first in firsts) / max(1, len(firsts)))
    return Row(
        "headlines, events unseen in learning",
        {
            "f1": statistics.mean(f1),
            "±": statistics.stdev(f1),
            "shelved": statistics.mean(shelved),
            "of these right": statistics.mean(right),
        },
    )


def _mapped(texts: Sequence[_Text]) -> Row:
    """Nothing learned: the lexicon and one line a vertical."""
    guesses = Guesses(DESKS)
    known = [one for one in texts if one.label in MEANT]
    right = sum(_best(guesses, one) in MEANT[one.label] for one in known)
    given = [(one.label, guesses.guess(one.packed, one.key)) for one in texts]
    firsts = [(label, found[0].vertical) for label, found in given if found and label in MEANT]
    others = [found for label, found in given if label not in MEANT]
    return Row(
        "categories, nothing learned",
        {
            "right": right / len(known),
            "shelved": len(firsts) / len(known),
            "of these right": sum(first in MEANT[label] for label, first in firsts)
            / max(1, len(firsts)),
            "others shelved": sum(map(bool, others)) / max(1, len(others)),
        },
    )


def _cost(headlines: Sequence[_Text], articles: Sequence[_Text]) -> Row:
    """Milliseconds of one guess, with and without a text to read, and of learning one."""
    guesses = _taught(headlines)
    begin = time.process_time()
    for one in headlines:
        guesses.guess(one.packed, one.key)
    middle = time.process_time()
    for one in chain.from_iterable(repeat(articles, 10)):
        guesses.guess(one.packed, one.key)
    end = time.process_time()
    for one in headlines:
        guesses.learn(one.packed, {one.label})
    learned = time.process_time()
    return Row(
        "cost, ms an entry",
        {
            "headline": 1000 * (middle - begin) / len(headlines),
            "article": 1000 * (end - middle) / (10 * len(articles)),
            "learning": 1000 * (learned - end) / len(headlines),
        },
    )


def _macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    labels = Counter(label for label, _ in pairs)
    guessed = Counter(best for _, best in pairs)
    hits = Counter(label for label, best in pairs if label == best)
    return statistics.mean(2 * hits[v] / (labels[v] + guessed[v]) for v in labels)
