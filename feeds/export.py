"""Every feed, archive and page as files, for nginx or a CDN."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.errors import ExportError
from aggregator.model import ALL, Selection
from aggregator.query import Query
from aggregator.settings import Settings
from feeds import conditional, pages, selection
from feeds.library import FRONT, OUTLINE, PAGE, Library, Wanted

MARK = ".broadsheet-export"
"""The file that says whose the folder is: what is in it and is no more to be exported goes."""

_ENDINGS = {"": None, ".gz": "gzip", ".br": "br"}
_FRONT = "static/front.html"
_INDEX = "index"
_BEGUN, _DONE = "begun\n", "done\n"
_AT_ONCE = 1000


@dataclass(slots=True)
class Exported:
    """How many documents were written, left as they were, and removed; and what was left out.

    That is the address of each feed whose stories take too long to find.
    """

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    left_out: tuple[str, ...] = ()


class Export:
    """One export into a folder, which is made if it is not there.

    Raises:
        ExportError: the folder is somebody else's, or cannot be written, or is being exported to.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        query: Query,
        library: Library,
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._query = query
        self._library = library
        self._clock = clock
        self._there = selection.defined(settings)
        self._size = settings.feed_size
        self._done = Exported()
        self._names: set[str] = set()
        self._is_whole = False

    def run(self) -> Exported:
        """Write what has changed, remove what is no more.

        Each file is put there as a whole. What feeds lead to is there before them, and goes after.
        """
        try:
            with self._marked():
                self._write_fixed()
                self._write_stories()
                for name, wanted in self._selections().items():
                    self._write_selection(name, wanted)
                self._write("feeds.opml", Wanted(fmt=OUTLINE))
                self._write_front()
                self._remove()
        except OSError as error:
            raise ExportError(
                f"{error.filename or self._folder}: cannot be written ({error.strerror}); "
                "check the rights of the folder and the room on the disk"
            ) from error
        return self._done

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """Have the folder for us alone, marked as ours, and as written to its end or not."""
        mark = self._folder / MARK
        self._folder.mkdir(parents=True, exist_ok=True)
        if not mark.exists() and any(self._folder.iterdir()):
            raise ExportError(
                f"{self._folder}: is not empty, and nothing was ever exported to it; "
                "name a folder for the export alone"
            )
        with mark.open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ExportError(
                    f"{self._folder}: another export is writing there; wait for its end"
                ) from None
            file.seek(0)
            self._is_whole = file.read() == _DONE
            _overwrite(file.fileno(), _BEGUN)
            yield
            # What is skipped the next time has to be on the disk, whatever happens to the machine.
            os.sync()
            _overwrite(file.fileno(), _DONE)

    def _selections(self) -> dict[str, Selection]:
        verticals = {name: Selection(verticals=(name,)) for name in sorted(self._there.verticals)}
        return {ALL: Selection(), **verticals, **self._there.queries}

    def _write_selection(self, name: str, wanted: Selection) -> None:
        if not wanted.is_narrowed:
            for number, *standings in self._query.archives(wanted, self._size):
                own, of_page = (one.modified_at for one in standings)
                for fmt in selection.FORMATS:
                    path = f"feeds/{name}/archive/{number}.{fmt}"
                    self._write(path, Wanted(fmt=fmt, selection=wanted, archive=number), (own, own))
                page = Wanted(fmt=PAGE, selection=wanted, archive=number)
                self._write(f"{name}/archive/{number}.{PAGE}", page, (of_page, of_page))
        for fmt in selection.FORMATS:
            self._write(f"feeds/{name}.{fmt}", Wanted(fmt=fmt, selection=wanted))
        self._write(f"{name}.{PAGE}", Wanted(fmt=PAGE, selection=wanted))

    def _write_front(self) -> None:
        self._write(_FRONT, Wanted(fmt=FRONT))
        # What shows folders by their index shows the front page; unless a page has that name.
        if _INDEX not in self._selections():
            self._write(f"{_INDEX}.{PAGE}", Wanted(fmt=FRONT))

    def _write_fixed(self) -> None:
        for name, (media_type, _) in pages.FIXED.items():
            path = f"static/{name}" if name in pages.LASTING else name
            ending = f".{PAGE}" if media_type == pages.MEDIA_TYPE else ""
            self._write(f"{path}{ending}", Wanted(fmt=name))

    def _write_stories(self) -> None:
        everything = self._query.standing(Selection())
        if everything is None:
            return
        for page_id, changed_at in self._query.story_pages():
            wanted = Wanted(fmt=PAGE, story=page_id)
            # What is around a page tells when it changed, but not all that has left it: its date
            # may be that of any later change.
            dates = max(changed_at, everything.remade_at), everything.modified_at
            self._write(f"stories/{page_id}.html", wanted, dates, is_listed=False)

    def _write(
        self,
        name: str,
        wanted: Wanted,
        changed: tuple[datetime, datetime] | None = None,
        *,
        is_listed: bool = True,
    ) -> None:
        """Write a document, if it is not there as it is; known to have `changed` between these."""
        if is_listed:
            self._names.add(name)
        path = self._folder / name
        if changed and self._stands(path, *changed):
            self._done.unchanged += 1
            return
        made = self._library.rendition(wanted)
        if made is None:
            if wanted.story is None:
                self._done.left_out += (f"/{name}",)
            return
        if self._stands(path, made.last_modified, made.last_modified):
            self._done.unchanged += 1
            return
        said = conditional.told(made.last_modified, self._clock()).timestamp()
        files = [(Path(f"{path}{ending}"), coding) for ending, coding in _ENDINGS.items()]
        is_there = self._is_whole and all(file.exists() for file, _ in files)
        if is_there and path.read_bytes() == made.body:
            for file, _ in files:
                os.utime(file, (said, said))
            self._done.unchanged += 1
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, coding in files:
            _put(file, conditional.encoded(made, coding).body if coding else made.body, said)
        self._done.written += 1

    def _stands(self, path: Path, since: datetime, until: datetime) -> bool:
        """Whether all its files are there, from that time, and whole."""
        if not self._is_whole:
            return False
        now = self._clock()
        first, last = (conditional.told(each, now).timestamp() for each in (since, until))
        files = (Path(f"{path}{ending}") for ending in _ENDINGS)
        try:
            return all(first <= file.stat().st_mtime <= last for file in files)
        except FileNotFoundError:
            return False

    def _remove(self) -> None:
        """Remove what an earlier export wrote and is no more: withdrawn, or defined no more."""
        folders = [self._folder / "static", self._folder / "feeds"]
        folders += self._folder.glob("*/archive")
        files = [*self._folder.glob("*.html*"), *(p for one in folders for p in one.rglob("*.*"))]
        for path in sorted(files, reverse=True):
            name = _document(path.relative_to(self._folder).as_posix())
            if path.is_file() and name not in self._names:
                self._take_away(path)
        archives = [*self._folder.glob("*/archive/")]
        above = (folder.parent for folder in archives)
        emptied = {*(self._folder / "feeds").glob("*/**/"), *archives, *above}
        for folder in sorted(emptied, reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        names: list[str] = []
        for each in self._story_files():
            names.append(each)
            if len(names) == _AT_ONCE:
                self._remove_stories(names)
                names.clear()
        self._remove_stories(names)

    def _story_files(self) -> Iterator[str]:
        folder = self._folder / "stories"
        if folder.is_dir():
            with os.scandir(folder) as entries:
                yield from (each.name for each in entries)

    def _remove_stories(self, names: list[str]) -> None:
        standing = self._query.standing_pages([name.partition(".")[0] for name in names])
        for name in names:
            if name.partition(".")[0] not in standing:
                self._take_away(self._folder / "stories" / name)

    def _take_away(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._done.removed += path.suffix not in _ENDINGS


def _put(path: Path, body: bytes, said: float) -> None:
    """Have the whole file there at once, with its date."""
    written = path.with_name(f".{path.name}.new")
    written.write_bytes(body)
    os.utime(written, (said, said))
    written.replace(path)


def _document(name: str) -> str:
    """The name of the document whose file that is."""
    return name.removesuffix(".gz").removesuffix(".br")


def _overwrite(file: int, text: str) -> None:
    os.truncate(file, 0)
    os.pwrite(file, text.encode(), 0)
