"""Feeds, archives and pages as files."""

from __future__ import annotations

import fcntl
import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest

from aggregator.errors import ExportError
from aggregator.settings import ArchiveLimits, SavedQuery, Settings, Vertical
from feeds.export import MARK, Export, Exported
from feeds.library import Library
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, settings_for, titled

QUERIES = (
    SavedQuery(name="kettles", title="Kettles", q=("kettle",)),
    SavedQuery(name="both", title="Both", verticals=("science", "tech")),
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Nine stories in archives of four, long enough ago that nothing more happens then."""
    with Newsroom(tmp_path, limits=ArchiveLimits(stories=4)) as room:
        room.store.refresh("", [v.name for v in SHELVES])
        for number in range(9):
            vertical = ("science", "tech")[number % 2]
            address = (GAZETTE, HERALD)[number % 2]
            room.give(address, item(f"kettle-{number}"), verticals=(vertical,))
            room.clock.step(minutes=1)
        yield room


def settings(room: Newsroom) -> Settings:
    return settings_for(room.file.parent, archive_size=4, queries=QUERIES)


def export(room: Newsroom, own: Settings | None = None) -> Exported:
    """One export, by a program that has just been started."""
    own = own or settings(room)
    library = Library(own, "urn:uuid:site", room.query)
    return Export(folder(room), own, room.query, library, room.clock).run()


def folder(room: Newsroom) -> Path:
    return room.file.parent / "export"


def files(room: Newsroom) -> set[str]:
    """The names of all documents."""
    found = (p.relative_to(folder(room)).as_posix() for p in folder(room).rglob("*.*"))
    return {name for name in found if not name.endswith((".gz", ".br")) and name != MARK}


def address(name: str) -> str:
    """Where the program has it."""
    if name in ("static/front.html", "index.html"):
        return "/"
    return "/" + name.removesuffix(".html")


def test_every_feed_archive_and_page_is_a_file_with_the_bytes_and_date_of_the_program(
    room: Newsroom,
) -> None:
    done = export(room)
    names = files(room)
    assert done == Exported(written=len(names))
    site = Site(room, settings(room))
    for name in names:
        file = folder(room) / name
        answer = site.get(address(name))
        assert (answer.status, answer.body) == (200, file.read_bytes()), name
        for ending, coding in (("", "identity"), (".gz", "gzip"), (".br", "br")):
            coded = site.get(address(name), {"Accept-Encoding": coding})
            written = Path(f"{file}{ending}")
            assert coded.body == written.read_bytes()
            date = datetime.fromtimestamp(written.stat().st_mtime, UTC)
            assert coded.field("last-modified") == format_datetime(date, usegmt=True)
    site.close()
    feeds = {f"feeds/{n}.{f}" for n in ("all", "science", "tech", "culture", "kettles", "both")
             for f in ("atom", "rss", "json")}  # fmt: skip
    pages = {f"{n}.html" for n in ("all", "index", "science", "tech", "culture", "kettles", "both")}
    pages |= {"about.html", "privacy.html", "search.html"}
    assert feeds | pages | {"feeds.opml", "robots.txt", "favicon.ico"} <= names
    assert any(re.fullmatch(r"all/archive/[0-9]+\.html", name) for name in names)
    assert any(re.fullmatch(r"static/style\.[0-9a-f]{8}\.css", name) for name in names)
    stories = {page_id for (page_id,) in room.rows("SELECT page_id FROM story")}
    assert {name for name in names if name.startswith("stories")} == {
        f"stories/{page_id}.html" for page_id in stories
    }


def test_whoever_follows_the_links_of_exported_feeds_finds_every_archive(room: Newsroom) -> None:
    export(room)
    for name in ("all", "science", "both"):
        body = (folder(room) / f"feeds/{name}.atom").read_text()
        count = 0
        while 'rel="prev-archive"' in body:
            before = body[: body.index('rel="prev-archive"')].rpartition("<link")[2]
            body = body[: body.index("<entry")] if "<entry" in body else body
            after = body[body.index('rel="prev-archive"') :]
            href = (before + after).partition('href="')[2].partition('"')[0]
            path = href.removeprefix("http://127.0.0.1:8000/")
            body = (folder(room) / path).read_text()
            count += 1
        assert count >= 2


def test_what_has_not_changed_is_not_written_again(room: Newsroom) -> None:
    first = export(room)
    room.clock.step(seconds=5)
    assert export(room) == Exported(unchanged=first.written)


def test_after_a_new_story_what_it_touches_is_written_and_nothing_else(room: Newsroom) -> None:
    export(room)
    before = {name: (folder(room) / name).read_bytes() for name in files(room)}
    room.clock.step(minutes=1)
    unrelated = item("quota", title=titled("Parliament votes"), text="Fishing quotas are cut.")
    room.give(GAZETTE, unrelated, verticals=("science",))
    room.clock.step(minutes=1)
    done = export(room)
    now = {name: (folder(room) / name).read_bytes() for name in files(room)}
    changed = {name for name in now if now[name] != before.get(name)}
    assert done.written == len(changed)
    assert {"all.html", "science.html", "feeds/all.rss", "feeds/both.json"} <= changed
    assert not any(name.startswith(("feeds/tech", "feeds/kettles")) for name in changed)
    assert len([name for name in changed if name.startswith("stories/")]) == 1


def test_what_comes_to_stories_that_stand_is_written_and_what_leaves_elsewhere_writes_nothing(
    room: Newsroom,
) -> None:
    pages = [page_id for (page_id,) in room.rows("SELECT page_id FROM story ORDER BY number")]
    alone, first, second = pages[:3]
    relate(room, second, first)
    export(room)
    room.clock.step(minutes=1)
    room.give(GAZETTE, item("teapot"), verticals=("science",))
    (newest,) = {page_id for (page_id,) in room.rows("SELECT page_id FROM story")} - {*pages}
    relate(room, newest, first)
    room.clock.step(minutes=1)
    before = {name: (folder(room) / name).stat().st_mtime for name in files(room)}
    export(room)
    for page_id in (first, second):
        assert "About teapot" in (folder(room) / f"stories/{page_id}.html").read_text()
    room.store.withdraw(newest)
    room.clock.step(minutes=1)
    export(room)
    for page_id in (first, second):
        assert "About teapot" not in (folder(room) / f"stories/{page_id}.html").read_text()
        assert (folder(room) / f"stories/{page_id}.html").stat().st_mtime > before[
            f"stories/{page_id}.html"
        ]
    page = f"stories/{alone}.html"
    assert (folder(room) / page).stat().st_mtime == before[page], "nor made again"


def relate(room: Newsroom, page_id: str, first: str) -> None:
    """Have a story be of the event that another began, and no other of any."""
    number = f"(SELECT number FROM story WHERE page_id = '{first}')"
    with room.store._engine.begin() as connection:
        for statement in (
            f"UPDATE story SET event = NULL WHERE event IS NOT {number}",
            f"UPDATE story SET event = {number} WHERE page_id = '{page_id}'",
        ):
            connection.exec_driver_sql(statement)


def test_a_change_in_the_second_of_the_last_export_is_written_by_the_next(room: Newsroom) -> None:
    room.give(GAZETTE, item("teapot"), verticals=("science",))
    export(room)
    room.give(GAZETTE, item("teapot", title=item("urn").title), verticals=("science",))
    room.clock.step(seconds=5)
    export(room)
    assert "About urn" in (folder(room) / "feeds/all.atom").read_text()


def test_what_was_withdrawn_is_removed_with_its_codings(room: Newsroom) -> None:
    export(room)
    (identifier, page_id), *_ = room.rows("SELECT id, page_id FROM story ORDER BY number DESC")
    room.clock.step(minutes=1)
    room.store.withdraw(identifier)
    room.clock.step(minutes=1)
    done = export(room)
    assert done.removed == 1
    assert [*folder(room).glob(f"stories/{page_id}*")] == []
    assert identifier not in (folder(room) / "feeds/all.json").read_text()


def test_what_is_defined_no_more_is_removed_with_its_archives(room: Newsroom) -> None:
    export(room)
    fewer = tuple(v for v in SHELVES if v.name != "science")
    own = replace(settings(room), verticals=fewer, queries=QUERIES[:1])
    export(room, own)
    names = files(room)
    assert not any(name.startswith(("feeds/science", "feeds/both")) for name in names)
    assert not {"science.html", "both.html"} & names
    assert not (folder(room) / "feeds" / "science").exists()
    assert "feeds/tech.atom" in names


def test_what_pages_loaded_before_is_removed_and_no_empty_folder_stays(room: Newsroom) -> None:
    export(room)
    old = folder(room) / "static" / "style.0123abcd.css"
    old.write_text("p { color: red }")
    assert (folder(room) / "tech" / "archive").is_dir()
    export(room, replace(settings(room), verticals=SHELVES[:2]))
    assert not old.exists()
    assert not (folder(room) / "tech").exists()
    assert (folder(room) / "science" / "archive").is_dir()


def test_a_vertical_called_index_has_the_page_of_that_name(room: Newsroom) -> None:
    own = replace(settings(room), verticals=(*SHELVES, Vertical(name="index", title="An Index")))
    room.store.refresh("", [v.name for v in own.verticals])
    export(room, own)
    assert "An Index" in (folder(room) / "index.html").read_text().partition("<h1")[2]


def test_a_saved_query_that_costs_too_much_is_told_and_its_files_stay(room: Newsroom) -> None:
    export(room)
    before = (folder(room) / "feeds/kettles.atom").read_bytes()
    missing = SavedQuery(name="kettles", title="Kettles", verticals=("nowhere",), q=("kettle",))
    own = replace(settings(room), queries=(missing,))
    done = export(room, own)
    assert "/feeds/kettles.atom" in done.left_out
    assert (folder(room) / "feeds/kettles.atom").read_bytes() == before


def test_the_codings_hold_the_same(room: Newsroom) -> None:
    export(room)
    file = folder(room) / "feeds/all.atom"
    assert gzip.decompress(Path(f"{file}.gz").read_bytes()) == file.read_bytes()
    assert brotli.decompress(Path(f"{file}.br").read_bytes()) == file.read_bytes()


def test_after_an_export_that_was_interrupted_everything_is_looked_at(room: Newsroom) -> None:
    first = export(room)
    room.clock.step(minutes=1)
    (folder(room) / MARK).write_text("begun\n")
    assert export(room).written == first.written


def test_a_folder_with_anything_else_in_it_is_refused(room: Newsroom) -> None:
    folder(room).mkdir()
    (folder(room) / "precious.html").write_text("mine")
    with pytest.raises(ExportError, match="is not empty, and nothing was ever exported to it"):
        export(room)
    assert (folder(room) / "precious.html").read_text() == "mine"


def test_a_second_export_to_the_same_folder_waits_for_nothing_and_is_refused(
    room: Newsroom,
) -> None:
    export(room)
    with (folder(room) / MARK).open() as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        with pytest.raises(ExportError, match="another export is writing there"):
            export(room)


def test_a_folder_that_cannot_be_written_is_told(room: Newsroom) -> None:
    (room.file.parent / "export").write_text("a file")
    with pytest.raises(ExportError, match=r"export: cannot be written \(File exists\)"):
        export(room)


def test_no_file_is_ever_there_in_part(room: Newsroom) -> None:
    export(room)
    kept = os.open(folder(room) / "feeds/all.atom", os.O_RDONLY)
    before = (folder(room) / "feeds/all.atom").read_bytes()
    room.clock.step(minutes=1)
    room.give(GAZETTE, item("teapot"), verticals=("science",))
    room.clock.now += timedelta(minutes=1)
    export(room)
    assert os.read(kept, 10**7) == before
    os.close(kept)
    assert not [*folder(room).rglob("*.new")]
