"""The seeds folder: what comes of its files, of changes to them, and of those that are broken."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.errors import StoreError
from aggregator.pull import SeedFolder, problems_in
from aggregator.pull.seed_folder import GRACE
from aggregator.query import SourceReport
from aggregator.settings import SEED, Settings, Source, Vertical
from aggregator.store import Shelving
from aggregator.verticals import Shelves
from tests.newsroom import GAZETTE, Clock, Newsroom, a_full_disk, item, settings_for

RSS = """<rss version="2.0"><channel><title>Rest</title><link>https://rest.example/</link>
<item><title>{0}</title><link>https://rest.example/{0}</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Rest</title><id>urn:x-rest:1</id>
<entry><title>{0}</title><id>urn:x-rest:{0}</id></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://rest.example/"><title>Rest</title>
</channel><item rdf:about="https://rest.example/{0}"><title>{0}</title>
<link>https://rest.example/{0}</link></item></rdf:RDF>"""
JSON = """{{"version": "https://jsonfeed.org/version/1.1", "title": "Rest",
"items": [{{"id": "{0}", "title": "{0}", "content_text": "At rest."}}]}}"""
OPML = """<opml version="2.0"><body><outline text="Tech">
<outline xmlUrl="https://{0}.example/feed" title="The {0}"/></outline></body></opml>"""


def page(title: str, text: str = "It whistles.", verticals: str = "tech", byline: str = "") -> str:
    """A page of the Merrow Gazette as captured, without anything odd."""
    return "\n".join(
        (
            title,
            "Merrow Gazette",
            byline or "by Ada InkwellFebruary 13, 2026",
            "AI-Generated Deep Dive Summary",
            text,
            "Verticals",
            verticals,
            "Originally published on Merrow Gazette on 2/13/2026",
        )
    )


class Desk:
    """A seeds folder beside a store, and what reads it."""

    def __init__(self, room: Newsroom, settings: Settings) -> None:
        self.room = room
        self.settings = settings
        self.at = settings.seeds_folder
        self.at.mkdir(exist_ok=True)
        self.folder = SeedFolder(settings, room.store, room.clock)

    def put(self, path: str, body: str | bytes) -> Path:
        file = self.at / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body.encode() if isinstance(body, str) else body)
        return file

    def report(self, path: str) -> SourceReport:
        return next(r for r in self.reports() if r.address == SEED + path)

    def reports(self) -> tuple[SourceReport, ...]:
        return self.room.query.sources(self.room.clock())

    def last_pulls(self) -> dict[str, datetime | None]:
        return {one.address: one.state.last_pull_at for one in self.room.store.seeds()}

    def problems(self) -> list[str]:
        return [str(problem) for problem in problems_in(self.settings)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Newsroom(tmp_path) as room:
        yield Desk(room, settings_for(tmp_path))


# ---- what is in the folder ----------------------------------------------------------------------


def test_every_kind_of_file_is_read_in_folders_too(desk: Desk) -> None:
    desk.put("kettle.txt", page("The kettle"))
    desk.put("deep/down/pot.TXT", page("The pot"))
    for ending, body in (
        ("xml", RSS), ("rss", RSS), ("atom", ATOM), ("rdf", RDF), ("json", JSON),
    ):  # fmt: skip
        desk.put(f"rest.{ending}", body.format(ending))
    desk.put("list.opml", OPML.format("herald"))
    desk.put(".hidden.txt", page("Hidden"))
    assert desk.folder.scan() is True
    assert sorted(desk.room.titles()) == [
        "The kettle", "The pot", "atom", "json", "rdf", "rss", "xml",
    ]  # fmt: skip
    assert sorted(desk.room.titles("tech")) == ["The kettle", "The pot"]
    assert not any(report.error for report in desk.reports())
    assert desk.report("kettle.txt").title == "Merrow Gazette"
    assert desk.problems() == []


def test_a_list_names_sources_until_it_is_changed_or_gone(desk: Desk) -> None:
    list_ = desk.put("list.opml", OPML.format("herald"))
    assert desk.folder.scan() is True
    herald = Source(address="https://herald.example/feed", title="The herald", verticals=("tech",))
    assert list(desk.folder.sources) == [herald]
    assert desk.folder.scan() is False
    desk.put("list.opml", OPML.format("new.tribune"))
    assert desk.folder.scan() is True
    assert [s.address for s in desk.folder.sources] == ["https://new.tribune.example/feed"]
    list_.unlink()
    assert desk.folder.scan() is True
    assert list(desk.folder.sources) == []


def test_a_list_that_cannot_be_read_names_nothing(desk: Desk) -> None:
    desk.put("list.opml", "no list")
    assert desk.folder.scan() is False
    assert "not a subscription list" in str(desk.report("list.opml").error)


def test_a_list_tells_by_line_of_what_it_names_that_is_no_address(desk: Desk) -> None:
    odd = '\n<outline text="Odd" xmlUrl="gopher://odd.example/feed"/></outline></body>'
    desk.put("list.opml", OPML.format("herald").replace("</outline></body>", odd))
    (problem,) = desk.problems()
    assert problem == (
        "seeds/list.opml:3: 'gopher://odd.example/feed' is not an http or https address; "
        "correct it, or take it out"
    )
    assert desk.folder.scan() is True
    assert [s.address for s in desk.folder.sources] == ["https://herald.example/feed"]


def test_files_that_did_not_change_are_not_read_again(desk: Desk) -> None:
    kettle = desk.put("kettle.txt", page("The kettle"))
    desk.put("rest.xml", RSS.format("xml"))
    desk.folder.scan()
    before, rows = desk.last_pulls(), desk.room.dump()
    desk.room.clock.step(hours=1)
    assert desk.folder.scan() is False
    os.utime(kettle, ns=(1, 1))
    desk.folder.scan()
    SeedFolder(desk.settings, desk.room.store, desk.room.clock).scan()
    assert (desk.last_pulls(), desk.room.dump()) == (before, rows)


def test_an_edited_file_revises_its_story_and_a_new_one_joins_it(desk: Desk) -> None:
    desk.put("kettle.txt", page("The kettle"))
    desk.folder.scan()
    story = desk.room.only()
    desk.room.clock.step(hours=1)
    desk.put("kettle.txt", page("The kettle", text="It hums, and then it sings."))
    desk.put("pot.txt", page("The pot"))
    desk.folder.scan()
    assert sorted(desk.room.titles()) == ["The kettle", "The pot"]
    revised = next(s for s in desk.room.window() if s.id == story.id)
    assert "It hums, and then it sings." in str(revised.lead.deep_dive)
    assert revised.updated == desk.room.clock()


def test_a_link_is_followed_and_a_change_behind_it_is_noticed(desk: Desk, tmp_path: Path) -> None:
    behind = tmp_path / "behind.txt"
    behind.write_text(page("The kettle"))
    (desk.at / "kettle.txt").symlink_to(behind)
    desk.folder.scan()
    behind.write_text(page("The kettle", text="It hums, and then it sings."))
    desk.folder.scan()
    assert "It hums, and then it sings." in str(desk.room.only().lead.deep_dive)


# ---- files that are broken ----------------------------------------------------------------------


def test_a_broken_file_is_one_problem_and_hides_no_other(desk: Desk) -> None:
    noise = random.Random(7).randbytes(5_000)
    with desk.put("huge.txt", "").open("wb") as huge:
        huge.truncate(50_000_000)
    for path, body in (
        ("a-empty.txt", b""), ("a-empty.xml", b""), ("noise.txt", noise), ("noise.xml", noise),
        ("noise.json", b"{" + noise), ("page.xml", b"<html><body>Hello</body></html>"),
        ("notes.md", b"Buy tea."), ("z-kettle.txt", page("The kettle").encode()),
    ):  # fmt: skip
        desk.put(path, body)
    (desk.at / "broken.txt").symlink_to(desk.at / "nowhere.txt")
    os.mkfifo(desk.at / "pipe.txt")
    desk.folder.scan()
    assert desk.room.titles() == ["The kettle"]
    reported = {r.address.removeprefix(SEED): r.error for r in desk.reports()}
    assert reported.pop("z-kettle.txt") is None
    problems = desk.problems()
    assert sorted(problems) == sorted(map(str, reported.values()))
    assert [problem.partition(":")[0] for problem in problems] == [
        f"seeds/{p}" for p in sorted(reported)
    ]
    pages = {
        "a-empty.txt": "; save the page again or remove the file",
        "noise.txt": "; save the page as plain text in UTF-8",
    }
    for path, what in (
        ("a-empty.txt", "the file is empty"), ("a-empty.xml", "an empty document"),
        ("broken.txt", "cannot be read: No such file"), ("huge.txt", "larger than"),
        ("noise.json", "malformed JSON"), ("noise.txt", "not text"), ("noise.xml", "no feed"),
        ("notes.md", "its name ends in none of .txt .atom .json .rdf .rss .xml .opml"),
        ("page.xml", "an HTML page"), ("pipe.txt", "not a regular file"),
    ):  # fmt: skip
        assert what in str(reported[path])
        usual = "; mend it, or take it out of the seeds folder"
        assert str(reported[path]).endswith(pages.get(path, usual))


def test_a_broken_file_counts_its_failures_until_it_is_mended(desk: Desk) -> None:
    desk.put("kettle.txt", "")
    desk.folder.scan()
    since = desk.room.clock()
    desk.room.clock.step(hours=1)
    desk.put("kettle.txt", "The kettle")
    desk.folder.scan()
    broken = desk.report("kettle.txt")
    assert (broken.failures, broken.failing_since) == (2, since)
    assert (broken.error or "").startswith("seeds/kettle.txt:1: the title or the publication is")
    desk.put("kettle.txt", page("The kettle"))
    desk.folder.scan()
    mended = desk.report("kettle.txt")
    assert (mended.failures, mended.failing_since, mended.error) == (0, None, None)
    assert desk.room.titles() == ["The kettle"]


def test_a_file_that_is_broken_in_another_way_is_reported_anew(desk: Desk) -> None:
    with desk.put("kettle.txt", "").open("wb") as huge:
        huge.truncate(50_000_000)
    desk.folder.scan()
    desk.put("kettle.txt", "")
    desk.folder.scan()
    assert "the file is empty" in str(desk.report("kettle.txt").error)


def test_a_fault_of_ours_in_one_file_hides_no_other(tmp_path: Path) -> None:
    # A value from an environment that is not UTF-8 cannot be written into the store.
    odd = Vertical(name="tech", title="Tech", categories=("tea\udce9",))
    with Newsroom(tmp_path) as room:
        desk = Desk(room, settings_for(tmp_path, verticals=(odd,)))
        fed = RSS.format("fault").replace("</item>", "<category>Tea</category></item>")
        desk.put("fault.xml", fed)
        desk.put("kettle.txt", page("The kettle"))
        desk.folder.scan()
        assert room.titles() == ["The kettle"]
        assert "a fault in reading this file" in str(desk.report("fault.xml").error)


def test_a_store_that_cannot_be_written_costs_no_change_of_the_folder(desk: Desk) -> None:
    desk.put("kettle.txt", page("The kettle"))
    desk.folder.scan()
    desk.put("kettle.txt", page("The kettle", text="It sings. " * 10_000))
    with a_full_disk(desk.room.file), pytest.raises(StoreError, match="cannot be written"):
        desk.folder.scan()
    desk.folder.scan()
    assert "It sings." in str(desk.room.only().lead.deep_dive)


def test_what_is_logged_is_one_line_without_controls(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    odd = page("The kettle").replace("on Merrow Gazette on", "on \x1b[31mHerald\x9b on")
    desk.put("line\nbreak\x1b[2J.txt", odd)
    desk.put("empty\x07\u202e.xml", "")
    with caplog.at_level(logging.INFO, "broadsheet.seeds"):
        desk.folder.scan()
        for path in desk.at.iterdir():
            path.rename(path.with_name("kept.txt"))
        desk.folder.scan()
        desk.room.clock.step(seconds=60)
        desk.folder.scan()
    assert any("removed, and its story withdrawn" in line for line in caplog.messages)
    for line in (*caplog.messages, *desk.problems()):
        assert line.replace("\u2026", "").isprintable(), line


# ---- verticals ----------------------------------------------------------------------------------


def test_verticals_run_together_are_told_apart_by_what_other_seeds_name(tmp_path: Path) -> None:
    science = Vertical(name="science", title="Science")
    with Newsroom(tmp_path) as room:
        desk = Desk(room, settings_for(tmp_path, verticals=(science,)))
        desk.put("both.txt", page("Both", verticals="seasciencetech"))
        desk.put("sea.txt", page("Sea", verticals="sea"))
        desk.put("tech.txt", page("Tech", verticals="tech"))
        desk.folder.scan()
        assert room.titles("science") == ["Both"]
        assert desk.problems() == [
            f"seeds/{file}: vertical '{name}' is not defined in config.toml; "
            f"define [verticals.{name}], or use science"
            for file, name in (
                ("both.txt", "sea"), ("both.txt", "tech"), ("sea.txt", "sea"), ("tech.txt", "tech"),
            )
        ]  # fmt: skip


def test_a_page_whose_verticals_alone_are_edited_moves_its_story(desk: Desk) -> None:
    desk.put("kettle.txt", page("The kettle", verticals="tech"))
    desk.folder.scan()
    desk.put("kettle.txt", page("The kettle", verticals="science"))
    desk.folder.scan()
    assert (desk.room.titles("tech"), desk.room.titles("science")) == ([], ["The kettle"])


def test_verticals_are_told_apart_anew_when_another_seed_names_them(tmp_path: Path) -> None:
    science = Vertical(name="science", title="Science")
    with Newsroom(tmp_path) as room:
        desk = Desk(room, settings_for(tmp_path, verticals=(science,)))
        desk.put("both.txt", page("Both", verticals="techscience"))
        desk.folder.scan()
        desk.put("tech.txt", page("Tech", verticals="tech"))
        desk.folder.scan()
        assert room.titles("science") == ["Both"]


def test_a_vertical_defined_later_has_the_seeds_that_name_it_already(desk: Desk) -> None:
    desk.put("kettle.txt", page("The kettle", verticals="gossip"))
    desk.folder.scan()
    assert desk.room.window()[0].verticals == ()
    shelves = Shelves((*desk.settings.verticals, Vertical(name="gossip", title="Gossip")))
    kettle = Source(address=f"{SEED}kettle.txt")
    rules = {kettle.address: shelves.rules(kettle)}
    how = Shelving(rules=rules, place=lambda entry, _: shelves.place(entry, kettle))
    desk.room.store.shelve(how)
    assert desk.room.titles("gossip") == ["The kettle"]


def test_what_is_odd_in_a_page_is_told_with_its_line_and_logged_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.put("kettle.txt", page("The kettle", verticals="gossip"))
    desk.folder.scan()
    desk.put("pot.txt", page("The pot"))
    desk.folder.scan()
    undefined = (
        "seeds/kettle.txt: vertical 'gossip' is not defined in config.toml; "
        "define [verticals.gossip], or use culture, science, tech"
    )
    assert desk.problems() == [undefined]
    assert caplog.messages.count(undefined) == 1
    assert desk.report("kettle.txt").error is None


# ---- files that go, come back, or move ----------------------------------------------------------


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Two pages, of which one is about to go."""
    desk.put("kettle.txt", page("The kettle"))
    desk.put("pot.txt", page("The pot"))
    desk.folder.scan()
    return desk


def test_a_file_that_is_gone_takes_its_story_out_after_the_time_of_grace(two: Desk) -> None:
    (two.at / "kettle.txt").unlink()
    two.folder.scan()
    two.room.clock.step(seconds=59)
    two.folder.scan()
    assert sorted(two.room.titles()) == ["The kettle", "The pot"]
    two.room.clock.step(seconds=1)
    two.folder.scan()
    assert two.room.titles() == ["The pot"]
    assert [report.address for report in two.reports()] == [f"{SEED}pot.txt"]


def test_a_file_put_back_in_time_changes_nothing_and_a_late_one_revives_its_story(
    two: Desk,
) -> None:
    kettle, away = two.at / "kettle.txt", two.at.parent / "away.txt"
    before = {story.id for story in two.room.window()}
    revision = two.room.standing().revision
    kettle.rename(away)
    two.folder.scan()
    away.rename(kettle)
    two.room.clock.step(seconds=60)
    two.folder.scan()
    assert two.room.standing().revision == revision
    kettle.rename(away)
    two.folder.scan()
    two.room.clock.step(seconds=60)
    two.folder.scan()
    assert len(two.room.window()) == 1
    away.rename(kettle)
    two.folder.scan()
    assert {story.id for story in two.room.window()} == before


def test_a_folder_that_is_gone_unreadable_or_empty_withdraws_nothing(
    two: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    away = two.at.rename(two.at.with_name("away"))
    for _ in range(2):
        two.room.clock.step(hours=1)
        two.folder.scan()
    assert caplog.messages == ["seeds: no seeds are there any more; their stories stay"]
    two.at.touch()
    for _ in range(2):
        two.room.clock.step(hours=1)
        two.folder.scan()
    _, told = caplog.messages
    assert told.startswith(f"seeds: the folder {two.at} cannot be read: Not a directory; ")
    assert told.endswith("; mend the folder, or name another in [seeds] folder")
    assert two.problems() == [told]
    two.at.unlink()
    two.at.mkdir()
    for _ in range(3):
        two.room.clock.step(hours=1)
        two.folder.scan()
    assert sorted(two.room.titles()) == ["The kettle", "The pot"]
    # Now it fills again, file by file: the time in which it was empty does not count.
    (away / "pot.txt").rename(two.at / "pot.txt")
    two.folder.scan()
    assert sorted(two.room.titles()) == ["The kettle", "The pot"]
    two.room.clock.step(seconds=60)
    two.folder.scan()
    assert two.room.titles() == ["The pot"]


def test_a_seed_that_a_source_carries_too_leaves_its_story_there(two: Desk) -> None:
    two.room.give(GAZETTE, item("kettle", title=item("The kettle").title))
    (two.at / "kettle.txt").unlink()
    two.put("pot.txt", page("The kettle"))
    two.folder.scan()
    two.room.clock.step(seconds=60)
    two.folder.scan()
    assert "https://gazette.example/kettle" in {s.lead.link for s in two.room.window()}


@pytest.mark.parametrize("late", [timedelta(0), GRACE + timedelta(days=9)])
def test_a_renamed_file_keeps_its_story(two: Desk, late: timedelta) -> None:
    before = {story.id for story in two.room.window()}
    away = (two.at / "kettle.txt").rename(two.at.parent / "away.txt")
    for _ in range(2):
        two.folder.scan()
        two.room.clock.now += late
    (two.at / "renamed").mkdir()
    away.rename(two.at / "renamed" / "kettle.txt")
    two.folder.scan()
    two.room.clock.step(seconds=60)
    two.folder.scan()
    assert {story.id for story in two.room.window()} == before
    assert {len(story.entries) for story in two.room.window()} == {1}


def test_a_missing_folder_has_no_seeds_and_a_file_in_its_place_is_a_problem(tmp_path: Path) -> None:
    elsewhere = tmp_path / "home" / "config.toml"
    settings = replace(settings_for(tmp_path), file=elsewhere)
    with Newsroom(tmp_path, Clock()) as room:
        assert SeedFolder(settings, room.store, room.clock).scan() is False
        assert problems_in(settings) == ()
        (tmp_path / "seeds").touch()
        assert SeedFolder(settings, room.store, room.clock).scan() is False
        (problem,) = problems_in(settings)
        assert problem.file == str(tmp_path / "seeds")
