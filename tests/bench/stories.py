"""A store of as many stories as one likes, made fast by the real writer.

Made-up words with the frequencies of a language (the nth as often as 1/n), and a few whose
frequency is known: they are named here for those who search.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from aggregator import dedup, schema
from aggregator.errors import StoreError
from aggregator.model import Assignment, Entry, Leased, Person, PullOutcome, SourceInfo
from aggregator.settings import PullSettings, Server, Settings, Site, Source, Vertical
from aggregator.store import Store

SHARES = {"world": 0.6, "tech": 0.3, "science": 0.1, "culture": 0.01, "chess": 0.0001}
"""The verticals, and how many of the stories stand in each."""

RARE_VERTICAL = "chess"
_FREQUENT = tuple(SHARES)[:-1]

ALWAYS, OFTEN, SELDOM, RARELY = "aequum", "decimum", "millesimum", "singulum"
"""Words that stand in every story, in 1 of 10, of 1,000 and of 100,000."""

SOURCES = 1000
RARE_LANGUAGE = "it"
"""Of 1 in 50,000; the others are en (90 %), de (8 %) and fr (2 %)."""

_RECIPE = 1
"""To be raised when what is made here changes: stores of before are made anew."""

_PULLS, _ENTRIES = 250, 5
"""Pulls in a transaction, and entries in a pull."""

_END = datetime(2026, 1, 1, tzinfo=UTC)
_SPAN = 365 * 86_400
_WORDS, _PARAGRAPHS, _AUTHORS = 50_000, 5000, 500
_MASK, _SPREAD = (1 << 128) - 1, 0x9E3779B97F4A7C15F39CC0605CEDC835
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "el", "or")]


def make(file: Path, stories: int) -> None:
    """Have a store of so many stories there; one that is there already stays as it is.

    A transaction has 1,250 of them, and the number is rounded up to whole ones.
    """
    said = f"{stories} by {_RECIPE} on {_newest_migration()}"
    if _said_by(file) == said:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.part")
    for each in (unfinished, file):
        for tail in ("", "-wal", "-shm"):
            each.with_name(each.name + tail).unlink(missing_ok=True)
    wall, cpu = time.monotonic(), time.process_time()
    _fill(unfinished, stories)
    with closing(sqlite3.connect(unfinished)) as connection, connection:
        connection.execute("INSERT INTO meta (name, value) VALUES ('bench', ?)", (said,))
    unfinished.rename(file)
    wall, cpu = time.monotonic() - wall, (time.process_time() - cpu) / stories * 1e6
    size = file.stat().st_size / 1e6
    told = f"{stories} stories in {wall:.0f} s, {cpu:.0f} µs of CPU each, {size:.0f} MB"
    print(told, file=sys.stderr, flush=True)


def config(folder: Path) -> Settings:
    """The settings of a config.toml in `folder`, with its store there, and the verticals."""
    return Settings(
        file=folder / "config.toml",
        site=Site(),
        server=Server(),
        store_url=f"sqlite:///{folder}/store.db",
        pull=PullSettings(),
        seeds_folder=folder / "seeds",
        feed_size=50,
        feed_bytes=1_000_000,
        archive_size=100,
        verticals=tuple(Vertical(name=name, title=name.title()) for name in SHARES),
        sources=(),
    )


def address(source: int) -> str:
    """Where a source is pulled from; the first has the number 0."""
    return f"https://source{source:03}.example/feed"


def _newest_migration() -> str:
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    return max(each.stem for each in versions.glob("*.py"))


def _said_by(file: Path) -> str | None:
    if not file.exists():
        return None
    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE name = 'bench'").fetchone()
    return str(row[0]) if row else None


def _fill(file: Path, stories: int) -> None:
    transactions = -(-stories // (_PULLS * _ENTRIES))
    step = timedelta(seconds=_SPAN // transactions)
    now = _END - step * transactions
    texts = Texts()
    with Store(f"sqlite:///{file}", lambda: now) as store:
        _hasten(store)
        store.refresh("bench", tuple(SHARES))
        store.list_sources([Source(address=address(n)) for n in range(SOURCES)], seeds=False)
        for _ in range(transactions):
            now += step
            # In turn, because each is due again when it was pulled.
            leased = store.lease(now, _PULLS, timedelta(hours=1))
            written = store.write_all([_pull(one, texts, now) for one in leased], dedup.decide)
            for one in written:
                if isinstance(one, StoreError) or one.new != _ENTRIES:
                    sys.exit(f"bench: not every story is new: {one}")


def _hasten(store: Store) -> None:
    """Nobody minds if this store is lost with the power."""
    connection = store._engine.raw_connection()
    for pragma in ("synchronous=OFF", "cache_size=-1000000", "wal_autocheckpoint=40000"):
        connection.cursor().execute(f"PRAGMA {pragma}")
    connection.close()


def _pull(leased: Leased, texts: Texts, now: datetime) -> PullOutcome:
    url, host = leased.address, leased.host.partition(":")[0]
    title = texts.titles[int(host[6:9])]
    info = SourceInfo(id=url, title=title, updated=now, feed_url=url, site_url=f"https://{host}/")
    # Oldest first, a few minutes apart.
    dates = (now - timedelta(seconds=137 * n) for n in reversed(range(_ENTRIES)))
    entries = tuple(texts.entry(info, host, published) for published in dates)
    state = replace(leased.state, pulled=True, last_pull_at=now, next_pull_at=now)
    return PullOutcome(state=state, title=title, entries=entries, items=20)


class Texts:
    """What stories say: the same at each start, each story another."""

    def __init__(self) -> None:
        self._random = random.Random(2026)
        self.words = _vocabulary(self._random)
        self._weights = list(accumulate(1 / n for n in range(1, _WORDS + 1)))
        self._paragraphs = [self._paragraph(n) for n in range(_PARAGRAPHS)]
        self._phrases = [" ".join(self._drawn(3)) for _ in range(_PARAGRAPHS)]
        self.titles = [f"The {word.title()} Gazette" for word in self.words[-SOURCES:]]
        self.authors = _authors(self.words)
        # Drawn once, which is faster: whose turn it is.
        self._people = self._random.choices(
            [(Person(name=name),) for name in self.authors],
            weights=[1 / n for n in range(1, _AUTHORS + 1)],
            k=100_003,
        )
        self._shelves = {n: Assignment(vertical=n, reason="source", score=1.0) for n in SHARES}
        self._number = -1

    def entry(self, info: SourceInfo, host: str, published: datetime) -> Entry:
        """The next entry, of this source. Its keys and hashes are not made from what it says."""
        self._number = number = self._number + 1
        chance = self._random.random
        first = self._phrases[int(chance() * _PARAGRAPHS)]
        second = self._phrases[int(chance() * _PARAGRAPHS)]
        title = f"{first} {second} {number}"
        page = f"{host}/{title.replace(' ', '-')}"
        link = f"https://{page}"
        key = f"{(number + 1) * _SPREAD & _MASK:032x}"
        return Entry(
            key=key,
            id=link,
            guid=link,
            source=info,
            title=title.capitalize(),
            publication=info.title,
            link=link,
            content=self._content(number),
            authors=self._people[number % len(self._people)],
            published=published,
            language=self._language(number),
            verticals=self._verticals(number),
            address_key=page,
            title_key=title,
            publication_keys=(info.title.lower(), host),
            digest=key[::-1],
            gist=key[16:] + key[:16],
        )

    def _content(self, number: int) -> str:
        chance = self._random.random
        one, two, three = (self._paragraphs[int(chance() * _PARAGRAPHS)] for _ in range(3))
        often = f" {OFTEN}" if chance() < 0.1 else ""
        seldom = f" {SELDOM}" if number % 1000 == 333 else ""
        rarely = f" {RARELY}" if number % 100_000 == 7777 else ""
        return f"<p>{one}</p>\n<p>{two} {ALWAYS}{often}{seldom}{rarely}</p>\n<p>{three}</p>"

    def _language(self, number: int) -> str:
        if number % 50_000 == 5555:
            return RARE_LANGUAGE
        chance = self._random.random()
        return "en" if chance < 0.9 else "de" if chance < 0.98 else "fr"

    def _verticals(self, number: int) -> tuple[Assignment, ...]:
        chance = self._random.random
        found = [name for name in _FREQUENT if chance() < SHARES[name]]
        if number % 10_000 == 4321:
            found.append(RARE_VERTICAL)
        return tuple(self._shelves[name] for name in found)

    def _drawn(self, count: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._weights, k=count)

    def _paragraph(self, number: int) -> str:
        """Sentences, with one word emphasised and in every third paragraph a link."""
        words = self._drawn(self._random.randrange(65, 120))
        if number % 1000 == 0:
            words[4:8] = self.words[:4]  # a phrase
        for at in range(0, len(words), 14):
            words[at], words[at - 1] = words[at].capitalize(), f"{words[at - 1]}."
        words[20] = f"<em>{words[20]}</em>"
        if number % 3 == 0:
            words[30] = f'<a href="https://elsewhere.example/{words[31]}/{number}">{words[30]}</a>'
        return " ".join(words)


def _authors(words: Sequence[str]) -> list[str]:
    """Their names, the busiest first; the last wrote 1 of 3,400 stories."""
    given = [word.title() for word in words[1000 : 1000 + _AUTHORS]]
    family = [word.title() for word in words[9000 : 9000 + _AUTHORS]]
    return [" ".join(name) for name in zip(given, family, strict=True)]


def _vocabulary(chance: random.Random) -> list[str]:
    """Different words, the most frequent first, which are the shortest too."""
    found = dict.fromkeys(_SYLLABLES[:60])
    while len(found) < _WORDS:
        length = 2 if len(found) < 2000 else chance.randrange(2, 5)
        found["".join(chance.choice(_SYLLABLES) for _ in range(length))] = None
    return list(found)
