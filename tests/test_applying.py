"""A changed configuration, brought to what a store holds: at once, or bit by bit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.model import Entry
from aggregator.settings import ArchiveLimits, Dedup, Vertical
from aggregator.store import Shelving
from aggregator.verticals import Shelves
from tests.newsroom import SHELVES, Newsroom, item, titled

DESKS = [f"https://desk-{number}.example/feed" for number in range(3)]
NAMES = ("culture", "science", "tech")
WORDED = (Vertical(name="tech", title="Tech", keywords=("robot",)), *SHELVES[:2])
GUESSED = tuple(replace(vertical, threshold=0.2) for vertical in SHELVES)


def desk_items(number: int) -> list[tuple[str, str]]:
    return [(f"{what}-{number}", f"{what} {number} sings") for what in ("robot", "kettle", "tram")]


def filled(folder: Path) -> Newsroom:
    """Three desks that gave three stories each, and another that never gave any."""
    folder.mkdir(exist_ok=True)
    room = Newsroom(folder)
    room.store.refresh("", NAMES)
    for number, address in enumerate(DESKS):
        told = [item(slug, title=titled(title)) for slug, title in desk_items(number)]
        room.give(address, *told)
        room.clock.step(minutes=5)
    room.listed("https://quiet.example/feed")
    return room


def shelving(room: Newsroom, defined: Sequence[Vertical]) -> Shelving:
    shelves = Shelves(defined)

    def place(entry: Entry, address: str) -> Entry:
        return shelves.place(entry, room.sources[address])

    rules = {address: shelves.rules(source) for address, source in room.sources.items()}
    return Shelving(rules=rules, place=place)


def is_shelved(room: Newsroom) -> dict[str, list[tuple[str, str]]]:
    """The stories of every shelf, each with why."""
    return {
        name: [
            (story.lead.title, assignment.reason)
            for story in room.window(name)
            for assignment in story.lead.verticals
        ]
        for name in ("all", *NAMES)
    }


def test_stories_are_shelved_bit_by_bit_as_they_are_at_once(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as room:
        how = shelving(room, WORDED)
        room.store.shelve(how)
        at_once = is_shelved(room)
    assert len(at_once["tech"]) == 3
    with filled(tmp_path / "two") as room:
        how = shelving(room, WORDED)
        assert room.store.shelve(how, 1) == 2
        assert [title for title, _ in is_shelved(room)["tech"]] == ["robot 0 sings"]
        assert room.store.shelve(how, 1, begins=False) == 1
        assert room.store.shelve(how, 1, begins=False) == 0
        assert is_shelved(room) == at_once
        before = room.dump()
        assert room.store.shelve(how, 1) == 0
        assert room.dump() == before, "nothing is left to be done"


def test_a_slice_has_as_many_sources_as_it_needs_for_its_entries(tmp_path: Path) -> None:
    for most, left in ((1, 2), (3, 2), (4, 1), (6, 1), (7, 0), (None, 0)):
        folder = tmp_path / str(most)
        with filled(folder) as room:
            assert room.store.shelve(shelving(room, WORDED), most) == left


def test_what_is_left_of_a_slice_is_found_by_whoever_shelves_next(tmp_path: Path) -> None:
    with filled(tmp_path) as room:
        room.store.shelve(shelving(room, WORDED), 1)
    with Newsroom(tmp_path) as again:
        again.sources = room.sources
        assert again.store.shelve(shelving(again, WORDED)) == 0
        assert len(is_shelved(again)["tech"]) == 3


def test_sources_that_settings_do_not_name_stay_on_their_shelves(tmp_path: Path) -> None:
    with filled(tmp_path) as room:
        del room.sources[DESKS[0]]
        room.store.shelve(shelving(room, WORDED))
        assert {title for title, _ in is_shelved(room)["tech"]} == {
            "robot 1 sings",
            "robot 2 sings",
        }


def test_guesses_go_on_by_what_stood_on_the_shelves_when_shelving_began(tmp_path: Path) -> None:
    def told(room: Newsroom, number: int, *, tech: bool) -> None:
        text = "A valve hisses while the boiler turns its crank under the gauge."
        named = ("tech",) if tech else ()
        address = f"https://desk-{number}.example/feed"
        kind = titled(f"Boiler {number} on the crank")
        room.give(address, item(f"boiler-{number}", title=kind, text=text), verticals=named)

    def ends(folder: Path, bring: Callable[[Newsroom, Shelving], None]) -> dict[str, object]:
        with Newsroom(folder, verticals=GUESSED) as room:
            bring(room, shelving(room, GUESSED))
            return {"all": is_shelved(room), "rules": room.rows("SELECT shelving FROM source")}

    def in_slices(room: Newsroom, how: Shelving) -> None:
        left = room.store.shelve(how, 1)
        while left:
            left = room.store.shelve(how, 1, begins=False)

    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
    with Newsroom(tmp_path / "one") as room:
        room.store.refresh("", NAMES)
        for number in range(30):
            told(room, number, tech=number % 3 > 0)
        sources = room.sources
    for end in ("", "-wal"):
        file = tmp_path / "one" / f"store.db{end}"
        if file.exists():
            shutil.copy(file, tmp_path / "two")

    def once(room: Newsroom, _: Shelving) -> None:
        room.sources = sources
        room.store.shelve(shelving(room, GUESSED))

    def bit_by_bit(room: Newsroom, _: Shelving) -> None:
        room.sources = sources
        in_slices(room, shelving(room, GUESSED))

    at_once = ends(tmp_path / "one", once)
    assert len(at_once["all"]["tech"]) == 30, "the rest of them is guessed"  # type: ignore[index]
    assert ends(tmp_path / "two", bit_by_bit) == at_once


def test_a_store_goes_by_the_settings_that_it_adopts(tmp_path: Path) -> None:
    boiler = "A valve hisses while the boiler turns its crank under the gauge, "
    with Newsroom(tmp_path) as room:
        for number in range(20):
            slug, named = f"boiler-{number}", ("tech",) if number % 2 else ("science",)
            kind = titled(f"Boiler {number} on the crank" if number % 2 else f"Moss {number}")
            text = boiler if number % 2 else "Moss leans west on the stones of the old wall."
            room.give(
                f"https://{slug}.example/", item(slug, title=kind, text=text), verticals=named
            )
        room.give("https://a.example/", item("a", title=titled("Boiler crank"), text=boiler))
        assert len(room.window("tech")) == 10
        room.store.adopt(ArchiveLimits(), Dedup(), GUESSED)
        room.give("https://b.example/", item("b", title=titled("Crank boiler"), text=boiler))
        assert len(room.window("tech")) == 11, "it is guessed where it stands"
        room.store.adopt(ArchiveLimits(), Dedup(), SHELVES)
        room.give("https://c.example/", item("c", title=titled("Boiler, gauge"), text=boiler))
        assert len(room.window("tech")) == 11


def test_archives_are_as_long_as_settings_say_from_then_on(tmp_path: Path) -> None:
    def ends(room: Newsroom) -> int:
        return len(room.rows("SELECT * FROM archive WHERE vertical = 'all'"))

    with Newsroom(tmp_path) as room:
        room.store.refresh("this", ["tech"])
        for number in range(4):
            room.give(DESKS[0], item(f"kettle-{number}"))
        before = ends(room)
        room.store.adopt(ArchiveLimits(stories=2), Dedup(), ())
        room.store.refresh("this", ["tech"])
        assert ends(room) == before + 1, "what was counted by another number is closed"
        for number in range(4):
            room.give(DESKS[0], item(f"tram-{number}"))
        assert ends(room) == before + 3


def test_articles_are_compared_for_as_long_as_the_adopted_settings_say(tmp_path: Path) -> None:
    text = " ".join(f"word{number} of the long report on kettles" for number in range(60))

    def report(room: Newsroom, number: int) -> None:
        address = f"https://wire-{number}.example/{number}"
        said = item("report", guid=address, link=address, title=titled("The report"), text=text)
        room.give(DESKS[number], said)

    with Newsroom(tmp_path) as room:
        report(room, 0)
        room.clock.step(days=5)
        room.store.adopt(ArchiveLimits(), Dedup(window=timedelta(days=10)), ())
        report(room, 1)
        assert len(room.window()) == 1
        room.store.adopt(ArchiveLimits(), Dedup(window=timedelta(hours=1)), ())
        room.clock.step(days=2)
        report(room, 2)
        assert len(room.window()) == 2


def test_what_is_remembered_takes_the_place_of_what_was(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        assert room.query.remembered("config.toml") is None
        for text in ("[site]\n", '[site]\ntitle = "Né"\n'):
            room.store.remember("config.toml", text)
            assert room.query.remembered("config.toml") == text
