"""A real store with its reader and a clock that stands until it is moved, and sources that give.

    room = Newsroom(tmp_path)
    room.give(GAZETTE, item("kettle"))                     # a first pull of the Merrow Gazette
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle", text="It hums."))    # and the next one
    assert [story.lead.title for story in room.window()] == ["About kettle"]

What is given goes through the real stages, from the parsed document on.
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self

from aggregator import dedup, schema
from aggregator.model import Entry, Leased, ParsedEntry, Selection, Story, Text, Written
from aggregator.pull import stages
from aggregator.query import Query, Standing, Window
from aggregator.settings import (
    SEED,
    ArchiveLimits,
    PullSettings,
    Server,
    Settings,
    Site,
    Source,
    Vertical,
)
from aggregator.store import Decide, Shelving, Store
from aggregator.store.states import STATES, as_leased
from aggregator.verticals import Shelves
from tests.builders import NOW, parsed, parsed_feed

GAZETTE = "https://gazette.example/feed"
HERALD = "https://herald.example/rss"
SHELVES = (
    Vertical(name="culture", title="Culture", categories=("Arts",)),
    Vertical(name="science", title="Science", categories=("Physics",)),
    Vertical(name="tech", title="Tech"),
)


# Of what is searched, the tables that SQLite keeps for it hold every byte.
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


class Clock:
    """The time of a test: it stands until `step` moves it, back too."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def step(self, **by: float) -> None:
        """Move on by `seconds=`, `hours=`, whatever a timedelta takes."""
        self.now += timedelta(**by)


def item(slug: str, **changes: Any) -> ParsedEntry:
    """An item of the Merrow Gazette at an address of its own; `text` is its summary."""
    address = f"https://gazette.example/{slug}"
    usual = {"guid": address, "link": address, "title": titled(f"About {slug}")}
    if "text" in changes:
        changes["summary"] = Text(value=f"<p>{changes.pop('text')}</p>", html=True)
    return parsed(**(usual | changes))


def titled(title: str) -> Text:
    """A title, for `item`."""
    return Text(value=title, html=False)


def page(path: str, title: str, **changes: Any) -> ParsedEntry:
    """What a seed file of the Merrow Gazette's publication holds."""
    usual: dict[str, Any] = {
        "guid": path,
        "link": None,
        "title": titled(title),
        "publication": "Merrow Gazette",
    }
    return parsed(**(usual | changes))


def settings_for(folder: Path, **changes: Any) -> Settings:
    """The settings of a config.toml in `folder`, with its store and its seeds below it."""
    usual = Settings(
        file=folder / "config.toml",
        site=Site(),
        server=Server(),
        store_url=f"sqlite:///{folder}/store.db",
        pull=PullSettings(),
        seeds_folder=folder / "seeds",
        feed_size=50,
        feed_bytes=1_000_000,
        archive_size=100,
        verticals=SHELVES,
        sources=(),
    )
    return replace(usual, **changes)


class Newsroom:
    """A store in `folder`, open for writing and reading, and the sources that it lists."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        limits: ArchiveLimits | None = None,
        verticals: Sequence[Vertical] = (),
    ) -> None:
        self.file = folder / "store.db"
        if not self.file.exists():
            self.file.write_bytes(_empty_store())
        self.url = f"sqlite:///{self.file}"
        self.clock = clock or Clock()
        self.store = Store(self.url, self.clock, limits, verticals=verticals)
        self.query = Query(self.url)
        self.sources: dict[str, Source] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.query.close()
        self.store.close()

    def listed(self, address: str, **changes: Any) -> Leased:
        """The source at this address, listed if it was not, as a puller would have it."""
        source = replace(self.sources.get(address) or Source(address=address), **changes)
        self.sources[address] = source
        seeds = [s for s in self.sources.values() if s.is_seed]
        network = [s for s in self.sources.values() if not s.is_seed]
        if source.is_seed:
            self.store.list_sources(seeds, seeds=True)
            return next(one for one in self.store.seeds() if one.address == address)
        self.store.list_sources(network, seeds=False)
        return self.at(address)

    def at(self, address: str) -> Leased:
        """The source at this address as it stands, given out to nobody."""
        with self.query._engine.connect() as connection:
            (row,) = connection.execute(STATES.where(schema.source.c.address == address))
        return as_leased(row)

    def give(
        self,
        address: str,
        *items: ParsedEntry,
        verticals: tuple[str, ...] = (),
        decide: Decide = dedup.decide,
        **of_document: Any,
    ) -> Written:
        """A pull of the source brings a document with these items, newest first as ever."""
        leased = self.listed(address, verticals=verticals)
        document = replace(parsed_feed(*items), base=address, **of_document)
        now = self.clock()
        state = replace(leased.state, pulled=True, last_pull_at=now, last_success_at=now)
        source = self.sources[address]
        outcome = stages.arrived(leased, source, document, state, Shelves(SHELVES), now)
        return self.store.write(outcome, decide)

    def start_with(
        self, address: str | None = None, *, defined: Sequence[Vertical] = SHELVES, **changes: Any
    ) -> None:
        """A service starts with these verticals, and something changed of one source."""
        if address:
            self.sources[address] = replace(self.sources[address], **changes)
        shelves = Shelves(defined)
        rules = {address: shelves.rules(source) for address, source in self.sources.items()}

        def place(entry: Entry, address: str) -> Entry:
            return shelves.place(entry, self.sources[address])

        self.store.shelve(Shelving(rules=rules, place=place))

    def seed(self, path: str, title: str, **changes: Any) -> Written:
        """The seeds folder has this file, or has it again."""
        return self.give(SEED + path, page(path, title, **changes), title=titled("Merrow Gazette"))

    def remove_seed(self, path: str) -> None:
        """The file is gone from the seeds folder, and its time of grace is over."""
        self.store.withdraw_source(SEED + path)

    def whole_window(self, *verticals: str, size: int = 1000) -> Window:
        """What the feed of these verticals (of all) lists, and where it stands."""
        window = self.query.window(selection(*verticals), size)
        assert window is not None
        return window

    def window(self, *verticals: str, size: int = 1000) -> tuple[Story, ...]:
        """The stories that the feed of these verticals (of all) lists."""
        return self.whole_window(*verticals, size=size).stories

    def titles(self, *verticals: str) -> list[str]:
        """Their titles, newest first."""
        return [story.lead.title for story in self.window(*verticals)]

    def only(self) -> Story:
        """The one story there is."""
        (story,) = self.window()
        return story

    def standing(self, *verticals: str) -> Standing:
        """Where the feed of these verticals (of all) stands."""
        standing = self.query.standing(selection(*verticals))
        assert standing is not None
        return standing

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What is really in the tables, past the code that is tested."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(statement).fetchall()

    def dump(self, *, but: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, but for those tables."""
        with closing(sqlite3.connect(self.file)) as connection:
            read = connection.execute
            tables = read(_TABLES).fetchall()
            return {t: read(f"SELECT * FROM {t}").fetchall() for (t,) in tables if t not in but}


@cache
def _empty_store() -> bytes:
    """A store as the first start leaves it: the migrations take a tenth of a second each time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        Store(f"sqlite:///{file}").close()
        return file.read_bytes()


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs this script on the arguments, to be talked to."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


@contextmanager
def a_full_disk(file: Path) -> Iterator[None]:
    """No file of this process may grow past the size that the journal of this store has now."""
    size = file.with_name(f"{file.name}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def selection(*verticals: str) -> Selection:
    """The union of these verticals; of all without any."""
    return Selection(verticals=verticals) if verticals else Selection()
