"""The seeds folder: read at start, and again when it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath

from aggregator import dedup, parse, seeds
from aggregator.errors import StoreError
from aggregator.fetch import read_file, seed_files
from aggregator.markup import one_line
from aggregator.model import (
    Failed,
    Fetched,
    FetchResult,
    Leased,
    ParsedFeed,
    Problem,
    PullOutcome,
    SourceState,
    Unreadable,
)
from aggregator.pull import stages
from aggregator.settings import SEED, Settings, Source
from aggregator.store import Store
from aggregator.verticals import Shelves

log = logging.getLogger("broadsheet.seeds")

GRACE = timedelta(seconds=60)
"""How long a file must be absent before its story is withdrawn: people move files about."""

ABSENT = "the file is not there; unless it comes back its story is withdrawn"
"""What is told of a seed within its `GRACE`."""

LARGEST = 2_000_000
"""Bytes of the largest file that is read."""

PAGE, LIST = ".txt", ".opml"
DOCUMENTS = (".atom", ".json", ".rdf", ".rss", ".xml")

_ENDINGS = " ".join((PAGE, *DOCUMENTS, LIST))

_Found = ParsedFeed | parse.Listing | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of the folder: its bytes, or the reason why they cannot be had."""

    path: str
    shown: str
    body: bytes | FetchResult

    @property
    def kind(self) -> str:
        return PurePosixPath(self.path).suffix.lower()

    @property
    def address(self) -> str:
        return SEED + self.path

    def problem(self, unreadable: Unreadable) -> Problem:
        """What is wrong with the file as a whole."""
        what, _, own = unreadable.reason.partition("; ")
        # What to do about a document is told for an address.
        todo = own if own and self.kind == PAGE else "mend it, or take it out of the seeds folder"
        return Problem(file=self.shown, line=unreadable.line or 1, what=what, todo=todo)


class _Folder:
    """All files of the folder at one moment, and the vertical names they and the settings know."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.seeds_folder
        paths = seed_files(folder)
        self.problems: tuple[Problem, ...] = ()
        self.files: tuple[_File, ...] = ()
        if isinstance(paths, Failed):
            todo = "mend the folder, or name another in [seeds] folder"
            where = _shown(settings, folder)
            self.problems = (Problem(file=where, line=None, what=paths.reason, todo=todo),)
        else:
            self.files = tuple(_file(settings, path) for path in paths)
        self._defined = tuple(v.name for v in settings.verticals)
        # By whatever name a page knows them: it is not to be written anew for each rename.
        self._called = {name: v.name for v in settings.verticals for name in (v.name, *v.was)}
        pages = (f.body for f in self.files if f.kind == PAGE and isinstance(f.body, bytes))
        lines = frozenset[str]().union(*map(seeds.vertical_lines, pages))
        self.names = seeds.known_names(frozenset(self._called), lines)

    def read(self, file: _File) -> _Found:
        """What is in a file, by its kind."""
        if not isinstance(file.body, bytes):
            return Unreadable(reason=getattr(file.body, "reason", "cannot be read"))
        if file.kind == PAGE:
            return seeds.read(file.body, file.path, self.names)
        if file.kind == LIST:
            return parse.listing(file.body, self._called)
        if file.kind in DOCUMENTS:
            return parse.read(file.body, file.address)
        return Unreadable(reason=f"not a seed: its name ends in none of {_ENDINGS}")

    def problems_of(self, file: _File, found: _Found) -> tuple[Problem, ...]:
        """Everything wrong with a file, by line, fit for terminal and log."""
        where = one_line(file.shown)
        return tuple(
            replace(p, file=where, what=one_line(p.what), todo=one_line(p.todo))
            for p in self._problems_of(file, found)
        )

    def _problems_of(self, file: _File, found: _Found) -> Iterator[Problem]:
        match found:
            case Unreadable():
                yield file.problem(found)
            case parse.Listing(unusable=problems):
                yield from problems
            case ParsedFeed(problems=problems):
                yield from problems
                for entry in found.entries:
                    for name in sorted({*entry.verticals}.difference(self._called)):
                        what = f"vertical '{name}' is not defined in config.toml"
                        todo = f"define [verticals.{name}], or use {', '.join(self._defined)}"
                        yield Problem(file=file.shown, line=None, what=what, todo=todo)

    def hash_of(self, file: _File) -> bytes:
        """Changes with the file, and with the names by which a page's verticals are told apart."""
        body = file.body if isinstance(file.body, bytes) else repr(file.body).encode()
        return sha256(b"\0".join((body, *(n.encode() for n in sorted(self.names))))).digest()


def problems_in(settings: Settings) -> tuple[Problem, ...]:
    """Everything wrong with the seeds folder and the files in it, by path and line."""
    folder = _Folder(settings)
    found = (p for file in folder.files for p in folder.problems_of(file, folder.read(file)))
    return (*folder.problems, *found)


class SeedFolder:
    """The seeds of one store. `sources` are those that its lists (.opml) name.

    A file that did not change is not read again; one that cannot be read hides no other. A file
    that is absent for `GRACE`, while the folder is there and not empty, has its story withdrawn.
    """

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self.sources: tuple[Source, ...] = ()
        self._settings = settings
        self._store = store
        self._clock = clock
        self._shelves = Shelves(settings.verticals)
        self._seen: object = None
        self._absent: frozenset[str] = frozenset()

    def under(self, settings: Settings) -> SeedFolder:
        """The seeds by other settings; itself where those say the same of seeds."""
        own = self._settings
        same = (own.seeds_folder, own.verticals) == (settings.seeds_folder, settings.verticals)
        return self if same else SeedFolder(settings, self._store, self._clock)

    def scan(self) -> bool:
        """Bring the store in line with the folder; whether the sources it names have changed."""
        seen = _signature(self._settings.seeds_folder)
        if seen == self._seen and not self._absent:
            return False
        folder = _Folder(self._settings)
        if seen != self._seen:
            for problem in folder.problems:
                log.warning("%s", problem)
        self._list(folder)
        self._seen = seen
        lists = (folder.read(file) for file in folder.files if file.kind == LIST)
        before = self.sources
        self.sources = tuple(
            s for found in lists if isinstance(found, parse.Listing) for s in found.sources
        )
        return before != self.sources

    def _list(self, folder: _Folder) -> None:
        files = {file.address: file for file in folder.files}
        self._withdraw(files)
        self._store.list_sources(
            [Source(address=address) for address in (*files, *self._absent)], seeds=True
        )
        for leased in self._store.seeds():
            if file := files.get(leased.address):
                self._write(leased, file, folder)

    def _withdraw(self, present: Collection[str]) -> None:
        """Withdraw what was absent long enough; an empty or unreadable folder says nothing.

        How long is kept in the store: a puller that is started once an hour counts on, too.
        """
        now = self._clock().replace(microsecond=0)
        absent = [leased for leased in self._store.seeds() if leased.address not in present]
        if absent and not present and not self._absent:
            where = one_line(_shown(self._settings, self._settings.seeds_folder))
            log.warning("%s: no seeds are there any more; their stories stay", where)
        waiting = []
        for leased in absent:
            marked = leased.state.error == ABSENT
            since = leased.state.failing_since if marked else None
            if present and since and now - since >= GRACE:
                log.info("%s: removed, and its story withdrawn", one_line(leased.address))
                self._store.withdraw_source(leased.address)
            else:
                waiting.append(leased.address)
                self._mark(leased, (since or now) if present else None)
        self._absent = frozenset(waiting)

    def _mark(self, leased: Leased, since: datetime | None) -> None:
        """Note in the store since when a seed is absent, or that this does not count."""
        error = ABSENT if since else None
        if (leased.state.error, leased.state.failing_since) != (error, since):
            state = replace(leased.state, error=error, failing_since=since)
            self._store.write(PullOutcome(state=state), dedup.decide)

    def _write(self, leased: Leased, file: _File, folder: _Folder) -> None:
        now = self._clock().replace(microsecond=0)
        body_hash = folder.hash_of(file)
        if leased.state.body_hash == body_hash and leased.state.error != ABSENT:
            return
        state = replace(leased.state, last_pull_at=now, body_hash=body_hash)
        try:
            outcome = self._outcome(replace(leased, state=state), file, folder, now)
            self._store.write(outcome, dedup.decide)
        except StoreError:
            raise
        except Exception:  # one file must not hide the others
            log.exception("%s: this file cannot be taken in", one_line(file.shown))
            fault = "a fault in reading this file; please report it with its log"
            self._store.write(PullOutcome(state=_failed(state, fault, now)), dedup.decide)

    def _outcome(self, leased: Leased, file: _File, folder: _Folder, now: datetime) -> PullOutcome:
        found = folder.read(file)
        problems = folder.problems_of(file, found)
        for problem in problems:
            log.warning("%s", problem)
        if isinstance(found, Unreadable):
            return PullOutcome(state=_failed(leased.state, str(problems[0]), now))
        state = replace(
            leased.state,
            pulled=True, last_success_at=now, failures=0, failing_since=None, error=None,
        )  # fmt: skip
        if not isinstance(found, ParsedFeed):
            return PullOutcome(state=state)
        source = Source(address=leased.address)
        return stages.arrived(leased, source, found, state, self._shelves, now)


def _failed(state: SourceState, error: str, now: datetime) -> SourceState:
    since = state.failing_since or now
    return replace(state, failures=state.failures + 1, failing_since=since, error=error)


def _shown(settings: Settings, path: Path) -> str:
    """A path as the operator knows it: from config.toml's folder, where it lies below that."""
    home = settings.file.parent.absolute()
    return str(path.relative_to(home) if path.is_relative_to(home) else path)


def _file(settings: Settings, path: str) -> _File:
    where = settings.seeds_folder / path
    result = read_file(where, LARGEST, SourceState(source=0))
    body = result.body if isinstance(result, Fetched) else result
    return _File(path=path, shown=_shown(settings, where), body=body)


def _signature(folder: Path) -> object:
    """Changes when a file of the folder comes, goes or is written."""
    paths = seed_files(folder)
    if isinstance(paths, Failed):
        return paths
    return tuple((path, _stat(folder / path)) for path in paths)


def _stat(file: Path) -> tuple[int, ...] | None:
    """What changes when a file is written; None for one that is just going, or a broken link."""
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
