"""Saved queries that list one story of each news event: the first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Category, ParsedEntry, Selection
from aggregator.query import TooCostly, Window, slices
from aggregator.settings import SavedQuery
from feeds.selection import defined, narrow
from tests import subscribers
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, SHELVES, Clock, Newsroom, item, settings_for, titled
from tests.service import Answer
from tests.test_narrowed import page, pages

TERMS = {"culture": "Arts", "science": "Physics", "tech": "Tech"}
WORDS = ("hums", "sings", "boils")
SAVED = {
    "all": SavedQuery(name="every", title="Every", collapse_related=True),
    "union": SavedQuery(
        name="union", title="Union", verticals=("science", "tech"), collapse_related=True
    ),
    "loud": SavedQuery(name="loud", title="Loud", q=("sings", "hums -boils"),
                       without=("culture",), collapse_related=True),
}  # fmt: skip
THERE = defined(settings_for(Path(), queries=tuple(SAVED.values())))
EVERY, UNION, LOUD = (THERE.queries[query.name] for query in SAVED.values())


@dataclass(frozen=True)
class Said:
    """What a story says, and where it stands."""

    words: frozenset[str]
    shelves: frozenset[str]

    def belongs(self, selection: Selection) -> bool:
        """Whether the saved query finds it."""
        if selection.query == "loud":
            is_loud = "sings" in self.words or ("hums" in self.words and "boils" not in self.words)
            return is_loud and "culture" not in self.shelves
        return selection.query == "every" or bool(self.shelves & {"science", "tech"})


def told(slug: str, said: Said, **more: object) -> ParsedEntry:
    """An item that says this, from a publisher who files it there."""
    usual = {
        "categories": tuple(Category(term=TERMS[name]) for name in sorted(said.shelves)),
        "title": titled(f"{slug} {slug}"),
        "text": f"{slug} {' '.join(sorted(said.words))}",
    }
    return item(slug, **(usual | more))


def some(chance: Random, of: Iterable[str]) -> frozenset[str]:
    return frozenset(one for one in of if chance.random() < 0.5)


def firsts(numbers: Sequence[int], events: Mapping[int, int]) -> list[int]:
    """Of these stories those that no other of their event has a lower number than."""
    return [n for n in numbers if n == min(m for m in numbers if events[m] == events[n])]


def relate(room: Newsroom, events: Mapping[int, int]) -> None:
    """Story → the number of the first story of its event."""
    with closing(sqlite3.connect(room.file)) as connection, connection:
        connection.executemany(
            "UPDATE story SET event = nullif(?, number) WHERE number = ?",
            [(event, number) for number, event in events.items()],
        )


def listed(room: Newsroom, selection: Selection, size: int, cut: int | None = None) -> list[int]:
    """The numbers of the stories of all pages."""
    numbers = {identifier: n for n, identifier in room.rows("SELECT number, id FROM story")}
    return [numbers[identifier] for identifier in pages(room, selection, size, cut)]


# ---- what is listed -----------------------------------------------------------------------------

COUNT = 40


@dataclass(frozen=True)
class Varied:
    """A room of stories, and what each of them says, by number."""

    room: Newsroom
    said: Mapping[int, Said]


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varied]:
    """Stories 1 to 40 that came an hour apart, some of them with old dates."""
    chance, said = Random(4), {}
    clock = Clock(datetime(2026, 2, 3, tzinfo=UTC))
    with Newsroom(tmp_path_factory.mktemp("collapsed"), clock) as room:
        room.store.refresh("", tuple(TERMS))
        for number in range(1, COUNT + 1):
            said[number] = Said(some(chance, WORDS), some(chance, TERMS))
            room.clock.step(hours=1)
            at = room.clock() - timedelta(hours=chance.choice((0, 0, 5, 30)))
            one = told(f"s{number}", said[number], published=at.isoformat())
            room.give(f"https://s{number}.example/feed", one)
        with pytest.MonkeyPatch.context() as patient:
            patient.setattr(slices, "LIMIT", 60.0)
            patient.setattr(slices, "WAITS", 60.0)
            yield Varied(room, said)


@st.composite
def events_of(draw: st.DrawFn) -> dict[int, int]:
    """The event of each story: that of an older one, or another."""
    events: dict[int, int] = {}
    older = draw(st.lists(st.integers(1, 8), min_size=COUNT, max_size=COUNT))
    for number, back in enumerate(older, 1):
        events[number] = events.get(number - back, number) if back < 6 else number
    return events


@settings(max_examples=80, deadline=None)
@given(
    events=events_of(),
    base=st.sampled_from([EVERY, UNION, LOUD]),
    q=st.sampled_from([None, "hums", "-boils"]),
    size=st.integers(1, 9),
    cut=st.one_of(st.none(), st.integers(1, COUNT)),
)
def test_of_the_stories_of_an_event_that_are_found_the_first_is_listed(
    varied: Varied,
    events: dict[int, int],
    base: Selection,
    q: str | None,
    size: int,
    cut: int | None,
) -> None:
    relate(varied.room, events)
    found = narrow(base, [("q", q)] if q else [], THERE)
    assert isinstance(found, tuple)

    def belongs(said: Said) -> bool:
        asked = q is None or (("hums" in said.words) if q == "hums" else "boils" not in said.words)
        return asked and said.belongs(base)

    there = [n for n in in_order(varied.room) if belongs(varied.said[n])]
    assert listed(varied.room, found[0], size, cut) == firsts(there, events)


def in_order(room: Newsroom) -> list[int]:
    """The numbers of all stories, the newest first."""
    rows = room.rows("SELECT number FROM story WHERE rank IS NOT NULL ORDER BY rank DESC")
    return [number for (number,) in rows]


def test_what_an_address_asks_for_is_not_collapsed(varied: Varied) -> None:
    relate(varied.room, dict.fromkeys(range(1, COUNT + 1), 1))
    found = narrow(Selection(), [("q", "hums")], THERE)
    assert isinstance(found, tuple)
    loud = [n for n in in_order(varied.room) if "hums" in varied.said[n].words]
    assert listed(varied.room, found[0], 7) == loud
    assert listed(varied.room, EVERY, 7) == [1]


def test_two_reports_of_one_event_are_one_story(tmp_path: Path) -> None:
    with Newsroom(tmp_path, verticals=SHELVES) as room:
        room.store.refresh("", tuple(TERMS))
        room.give(GAZETTE, item("a", title=titled("Singing kettle startles Merrow harbour")))
        room.clock.step(hours=1)
        room.give(HERALD, herald("b", "Harbour of Merrow woken by a singing kettle"))
        room.clock.step(hours=1)
        room.give(HERALD, herald("c", "Professor Inkwell weighs porcelain teapots"))
        assert len(room.titles()) == 3
        first = page(room, EVERY, 50, 1)
        assert first is not None
        assert [story.lead.title for story in first.stories] == [
            "Professor Inkwell weighs porcelain teapots",
            "Singing kettle startles Merrow harbour",
        ]


def herald(slug: str, title: str) -> ParsedEntry:
    address = f"https://herald.example/{slug}"
    return item(slug, guid=address, link=address, title=titled(title), text=f"It was {slug}.")


# ---- what readers get ---------------------------------------------------------------------------


class Desk:
    """A site that grows story by story, each of an event."""

    def __init__(self, folder: Path) -> None:
        self.room = Newsroom(folder, Clock(datetime(2026, 2, 3, tzinfo=UTC)))
        self.room.store.refresh("", tuple(TERMS))
        queries = tuple(SAVED.values())
        self.site = Site(self.room, settings_for(folder, queries=queries, feed_size=2))
        self.events: dict[int, int] = {}
        self.said: dict[int, Said] = {}

    def close(self) -> None:
        self.site.close()
        self.room.__exit__()

    def comes(self, said: Said, like: int | None = None, hours: int = 0) -> int:
        """A story of the event of another one, with a date so long ago; its number."""
        number = len(self.events) + 1
        self.events[number] = self.events.get(like or 0, number)
        self.said[number] = said
        at = self.room.clock() - timedelta(hours=hours)
        one = told(f"s{number}", said, published=at.isoformat())
        self.room.give(f"https://s{number}.example/feed", one)
        relate(self.room, self.events)
        return number

    def says(self, number: int, said: Said, *, loudly: bool = False) -> None:
        """The story is revised; with another title if `loudly`."""
        self.said[number] = said
        more = {"title": titled(f"s{number} at {self.room.clock()}")} if loudly else {}
        one = told(f"s{number}", said, **more)
        self.room.give(f"https://s{number}.example/feed", one)

    def withdraws(self, number: int, *, undo: bool = False) -> None:
        ((identifier,),) = self.room.rows(f"SELECT id FROM story WHERE number = {number}")
        self.room.store.withdraw(identifier, undo=undo)

    def has(self, *verticals: str) -> None:
        """These are the verticals from now on, for what is there."""
        self.room.start_with(defined=[v for v in SHELVES if v.name in verticals])

    def standing(self, number: int) -> Said:
        """What the story says, and where it stands now."""
        stands = f"SELECT vertical FROM membership WHERE story = {number}"
        return replace(self.said[number], shelves=frozenset(v for (v,) in self.room.rows(stands)))

    def date(self, path: str) -> str:
        """The Last-Modified that a reader gets who comes by an hour later, and an hour passes."""
        self.room.clock.step(hours=1)
        said = self.get(path).field("last-modified")
        self.room.clock.step(hours=1)
        assert said
        return said

    def get(self, path: str, since: str | None = None) -> Answer:
        return self.site.get(path, {"If-Modified-Since": since} if since else None)

    def listed(self, path: str = "/feeds/every.atom") -> list[int]:
        found = subscribers.read(self.get(path).body, "atom").ids
        numbers = dict(self.room.rows("SELECT id, number FROM story"))
        return [numbers[identifier] for identifier in found]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


LOUDLY = Said(frozenset({"sings"}), frozenset({"tech"}))


def test_an_event_that_grows_changes_no_byte(desk: Desk) -> None:
    first = desk.comes(LOUDLY)
    other = desk.comes(LOUDLY)
    before = desk.get("/feeds/every.atom")
    for _ in range(5):
        desk.room.clock.step(hours=1)
        desk.comes(LOUDLY, like=first)
        now = desk.get("/feeds/every.atom")
        assert (now.body, now.field("etag")) == (before.body, before.field("etag"))
    assert desk.listed() == [other, first]


def test_where_the_first_is_withdrawn_the_next_takes_its_place_until_it_is_back(desk: Desk) -> None:
    first = desk.comes(LOUDLY)
    desk.room.clock.step(hours=1)
    next_ = desk.comes(LOUDLY, like=first)
    desk.comes(LOUDLY, like=first)
    desk.room.clock.step(hours=1)
    for undo, now in ((False, next_), (True, first)):
        date = desk.date("/feeds/every.atom")
        desk.withdraws(first, undo=undo)
        assert desk.get("/feeds/every.atom", since=date).status == 200
        assert desk.listed() == [now]


def test_where_the_first_says_it_no_more_the_next_takes_its_place(desk: Desk) -> None:
    first = desk.comes(LOUDLY)
    next_ = desk.comes(LOUDLY, like=first)
    assert desk.listed("/feeds/loud.atom") == [first]
    desk.room.clock.step(hours=1)
    desk.says(first, Said(frozenset({"boils"}), LOUDLY.shelves))
    assert desk.listed("/feeds/loud.atom") == [next_]
    assert desk.listed() == [first]


def test_one_that_comes_to_stand_on_a_later_page_takes_another_from_its_page(desk: Desk) -> None:
    first = desk.comes(Said(frozenset(), frozenset({"science"})), hours=20)
    desk.has("tech", "culture")
    others = [desk.comes(LOUDLY, hours=hours) for hours in (9, 8, 7)]
    newest = desk.comes(LOUDLY, like=first)
    assert desk.listed("/feeds/union.atom") == [newest, others[-1]]
    date = desk.date("/feeds/union.atom")
    desk.has("tech", "culture", "science")
    assert desk.get("/feeds/union.atom", since=date).status == 200
    assert desk.listed("/feeds/union.atom") == others[:0:-1]
    assert desk.listed("/feeds/union.atom?page=2") == [others[0], first]


def test_what_a_later_story_changes_in_a_feed_that_does_not_list_it_is_dated_then(
    desk: Desk,
) -> None:
    first = desk.comes(Said(frozenset(), frozenset({"science"})), hours=20)
    desk.has("tech", "culture")
    for hours in (9, 8, 7):
        desk.comes(LOUDLY, hours=hours)
    desk.room.clock.step(hours=1)
    desk.has("tech", "culture", "science")
    desk.room.clock.step(hours=1)
    desk.room.store.refresh("another program", tuple(TERMS))
    before, date = desk.get("/feeds/union.atom"), desk.date("/feeds/union.atom")
    desk.comes(LOUDLY, like=first)
    now = desk.get("/feeds/union.atom", since=date)
    assert now.status == 200
    assert now.body != before.body, "its date is that of the first story, which counts now"


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_reader_who_sends_a_date_alone_gets_everything(chance: Random) -> None:
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            live_through(desk, chance)
        finally:
            desk.close()


def live_through(desk: Desk, chance: Random) -> None:
    """Whatever happens, and readers who come by."""
    paths = [f"/feeds/{q.name}.atom{at}" for q in SAVED.values() for at in ("", "?page=2")]
    bodies: dict[str, tuple[bytes, str]] = {}
    updated: dict[str, str] = {}
    gone: set[int] = set()
    for _ in range(14):
        desk.room.clock.step(seconds=chance.choice((0, 1, 2, 90, 4000)))
        happens(desk, chance, gone)
        selection = chance.choice([EVERY, UNION, LOUD])
        there = [n for n in in_order(desk.room) if desk.standing(n).belongs(selection)]
        assert listed(desk.room, selection, 2) == firsts(there, desk.events)
        for path in paths:
            answer = desk.get(path)
            if answer.status == 404:
                bodies.pop(path, None)
                continue
            said = ET.fromstring(answer.body).findtext(f"{subscribers.ATOM}updated") or ""
            assert updated.get(path, "") <= said
            updated[path] = said
            if path in bodies and chance.random() < 0.6:
                body, date = bodies[path]
                got = desk.get(path, since=date)
                assert got.status == 200 or body == answer.body, path
                del bodies[path]
            bodies.setdefault(path, (answer.body, answer.field("last-modified") or ""))


def happens(desk: Desk, chance: Random, gone: set[int]) -> None:
    said = Said(some(chance, WORDS), some(chance, TERMS))
    number = chance.choice([*desk.events, 0])
    match chance.choice(("comes", "comes", "says", "says", "withdraws", "has")):
        case "says" if number and number not in gone:
            desk.says(number, said, loudly=chance.random() < 0.5)
        case "withdraws" if number:
            desk.withdraws(number, undo=number in gone)
            gone ^= {number}
        case "has":
            desk.has(*some(chance, TERMS))
        case _:
            desk.comes(said, like=number, hours=chance.choice((0, 0, 3, 40)))


# ---- what takes too long ------------------------------------------------------------------------


def test_stories_of_a_large_event_are_looked_up_once_a_page(
    varied: Varied, monkeypatch: pytest.MonkeyPatch
) -> None:
    relate(varied.room, dict.fromkeys(range(1, COUNT + 1), 1))
    asked: list[int] = []
    of = slices.Finder.of

    def counted(self: slices.Finder, ranks: Iterable[int]) -> set[int] | None:
        every = list(ranks)
        asked.append(len(every))
        return of(self, every)

    monkeypatch.setattr(slices.Finder, "of", counted)
    for size in (1, 5):
        asked.clear()
        assert page(varied.room, LOUD, size, 1) is not None
        assert len(asked) <= 3
        assert sum(asked) < COUNT


def test_an_event_that_takes_too_long_to_find_is_given_up(
    varied: Varied, monkeypatch: pytest.MonkeyPatch
) -> None:
    relate(varied.room, dict.fromkeys(range(1, COUNT + 1), 1))
    monkeypatch.setattr(slices, "_NEXT_BOUND", slices._NEXT_BOUND.offset(1))
    monkeypatch.setattr(varied.room.query, "_slices", slices.Slices())
    monkeypatch.setattr(slices, "SLICE", 2)
    assert isinstance(varied.room.query.page(LOUD, 1, 1), Window)
    of = slices.Finder.of

    def slow(self: slices.Finder, ranks: Iterable[int]) -> set[int] | None:
        self._budget._until = 0.0
        return of(self, ranks)

    monkeypatch.setattr(slices.Finder, "of", slow)
    assert varied.room.query.page(LOUD, 1, 1) == TooCostly()
