from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from aggregator.errors import StoreError
from aggregator.model import Deletion, Narrowing, Near, New, Selection, Story
from aggregator.query import Query, TooCostly, Window
from aggregator.settings import Settings
from feeds.document import Rendition
from feeds.library import FOUND, FRONT, PAGE, Kept, Library, Wanted
from feeds.library import library as library_module
from feeds.library.items import Items
from feeds.library.kept import Lately
from feeds.library.library import NARROWED_AT_ONCE, STALE
from feeds.pages import IN_SECTION, ON_FRONT
from tests.builders import NOW, a_story, entry
from tests.newsroom import GAZETTE, HERALD, Newsroom, item, selection, settings_for, titled

NAMES = ("culture", "science", "tech")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.store.refresh("", NAMES)
        yield room


def library(room: Newsroom, settings: Settings | None = None) -> Library:
    return Library(settings or settings_for(room.file.parent), "urn:uuid:site", room.query)


def ask(
    library: Library, *verticals: str, fmt: str = "atom", archive: int | None = None
) -> Rendition:
    made = library.rendition(Wanted(selection=selection(*verticals), fmt=fmt, archive=archive))
    assert made is not None
    return made


def test_a_feed_is_made_once_while_its_stories_stand(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    assert ask(kept) is ask(kept)
    assert b"About kettle" in ask(kept).body


def test_each_format_is_a_rendition_of_its_own(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    made = [ask(kept, fmt=fmt) for fmt in ("rss", "atom", "json")]
    assert len({one.etag for one in made}) == 3
    assert [one.media_type.partition(";")[0] for one in made] == [
        "application/rss+xml", "application/atom+xml", "application/feed+json",
    ]  # fmt: skip


def test_a_new_story_makes_its_feeds_anew_and_no_others(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("culture",))
    kept = library(room)
    everything, culture, tech = ask(kept), ask(kept, "culture"), ask(kept, "tech")
    room.clock.step(hours=1)
    room.give(GAZETTE, item("tram"), verticals=("tech",))
    assert b"About tram" in ask(kept).body
    assert ask(kept).etag != everything.etag
    assert ask(kept, "tech").etag != tech.etag
    assert ask(kept, "tech").last_modified > tech.last_modified
    assert ask(kept, "culture") is culture


# ---- while it is served -------------------------------------------------------------------------


class Watched(Query):
    """A reader of the store that counts what is asked of it, and may be held up after it has read.

    It is held up while `goes_on` is not set.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.looks = self.windows = self.pages = 0
        self.has_read, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()
        self.at_once: list[int] = []
        self._running = 0

    def revisions_if_changed(self) -> dict[str, int] | None:
        self.looks += 1
        return super().revisions_if_changed()

    def window(self, selection: Selection, size: int) -> Window | None:
        found = super().window(selection, size)
        self.windows += 1
        self._wait()
        return found

    def page(self, selection: Selection, size: int, number: int) -> Window | TooCostly | None:
        self._running += 1
        self.at_once.append(self._running)
        found = super().page(selection, size, number)
        self.pages += 1
        self._wait()
        self._running -= 1
        return found

    def _wait(self) -> None:
        self.has_read.set()
        self.goes_on.wait()


class Served:
    """A library over a newsroom's store, and a time that stands until it is set."""

    def __init__(self, room: Newsroom) -> None:
        self.now = 0.0
        self.query = Watched(room.url)
        settings = settings_for(room.file.parent)
        self.library = Library(settings, "urn:uuid:site", self.query, lambda: self.now)
        self.library.look()

    async def get(self, wanted: Wanted) -> Kept:
        found = await self.library.current(wanted)
        assert isinstance(found, Kept)
        return found

    async def becomes_other(self, wanted: Wanted, than: Kept) -> Kept:
        """The first document that is another one."""
        for _ in range(1000):
            found = await self.get(wanted)
            if found is not than:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError("it stays as it was")


@pytest.fixture
def served(room: Newsroom) -> Iterator[Served]:
    room.give(GAZETTE, item("kettle"))
    served = Served(room)
    yield served
    served.query.close()


EVERYTHING = Wanted(selection=selection(), fmt="atom")
NOT_TECH = Wanted(selection=Selection(narrowing=Narrowing(without=("tech",))), fmt="atom")


@pytest.mark.parametrize("wanted", [EVERYTHING, NOT_TECH, replace(EVERYTHING, coding="gzip")])
async def test_while_no_commit_is_noticed_nothing_is_asked_of_the_store(
    room: Newsroom, served: Served, wanted: Wanted
) -> None:
    first = await served.get(wanted)
    asked = (served.query.windows, served.query.pages)
    assert sum(asked) == 1
    room.give(GAZETTE, item("tram"))
    served.now = 3600.0
    for _ in range(10):
        assert await served.get(wanted) is first
    assert (served.query.windows, served.query.pages) == asked
    assert served.query.looks == 1, "and that was at the start"


@pytest.mark.parametrize("wanted", [EVERYTHING, NOT_TECH])
async def test_what_a_commit_changes_is_given_out_as_it_was_while_it_is_made_again_and_then_waited_for(  # noqa: E501
    room: Newsroom, served: Served, wanted: Wanted
) -> None:
    first = await served.get(wanted)
    assert b"About kettle" in first.rendition.body
    room.give(GAZETTE, item("tram"))
    served.now = 10.0
    served.library.look()
    served.now += STALE - 0.01
    assert await served.get(wanted) is first, "nobody waits"
    second = await served.becomes_other(wanted, first)
    assert b"About tram" in second.rendition.body, "but it was made meanwhile"
    room.give(GAZETTE, item("lid"))
    served.library.look()
    served.now += STALE
    third = await served.get(wanted)
    assert b"About lid" in third.rendition.body, "what is old is waited for"


async def test_the_time_counts_from_the_first_change_that_a_feed_does_not_show(
    room: Newsroom, served: Served
) -> None:
    await served.get(EVERYTHING)
    for number in range(40):
        room.give(GAZETTE, item(f"tram-{number}"))
        served.now += STALE / 2
        served.library.look()
    assert b"About tram-39" in (await served.get(EVERYTHING)).rendition.body


async def test_a_commit_that_does_not_touch_a_feed_leaves_it_as_it_is(
    room: Newsroom, served: Served
) -> None:
    tech = Wanted(selection=selection("tech"), fmt="rss")
    first = await served.get(tech)
    room.give(GAZETTE, item("moss"), verticals=("science",))
    served.library.look()
    served.now = 3600.0
    assert await served.get(tech) is first


@pytest.mark.parametrize("wanted", [EVERYTHING, NOT_TECH, replace(EVERYTHING, coding="br")])
async def test_however_many_ask_at_once_a_feed_is_made_once(served: Served, wanted: Wanted) -> None:
    made = await asyncio.gather(*(served.get(wanted) for _ in range(20)))
    assert len({id(one) for one in made}) == 1
    assert served.query.windows + served.query.pages == 1


async def test_who_goes_away_while_a_feed_is_made_spoils_it_for_nobody(served: Served) -> None:
    served.query.goes_on.clear()
    first, second = (asyncio.create_task(served.get(EVERYTHING)) for _ in range(2))
    await asyncio.to_thread(served.query.has_read.wait)
    first.cancel()
    served.query.goes_on.set()
    assert b"About kettle" in (await second).rendition.body
    assert served.query.windows == 1


async def test_nobody_is_given_what_was_begun_before_the_change_that_was_noticed(
    room: Newsroom, served: Served
) -> None:
    served.query.goes_on.clear()
    early = asyncio.create_task(served.get(EVERYTHING))
    await asyncio.to_thread(served.query.has_read.wait)
    room.give(GAZETTE, item("tram"))
    served.library.look()
    served.now = STALE
    late = asyncio.create_task(served.get(EVERYTHING))
    await asyncio.sleep(0)
    served.query.goes_on.set()
    assert b"About tram" in (await late).rendition.body
    await early
    assert await served.get(EVERYTHING) is await late, "and what is newer stays"


async def test_narrowed_feeds_are_looked_for_two_at_a_time(served: Served) -> None:
    names = ("culture", "science", "tech")
    every = [Narrowing(without=(one,)) for one in names]
    every += [Narrowing(within=(one,)) for one in names]
    wanted = [Wanted(selection=Selection(narrowing=each), fmt="atom") for each in every]
    await asyncio.gather(*map(served.get, wanted))
    assert served.query.pages == len(wanted)
    assert max(served.query.at_once) <= NARROWED_AT_ONCE


async def test_who_waits_too_long_for_a_narrowed_feed_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PATIENCE", 0.05)
    served.query.goes_on.clear()
    wanted = [
        Wanted(selection=Selection(narrowing=Narrowing(within=(name,))), fmt=fmt, coding=coding)
        for name, fmt, coding in (("tech", "rss", "identity"), ("culture", "rss", "identity"),
                                  ("science", "atom", "gzip"))
    ]  # fmt: skip
    first, second = (asyncio.create_task(served.get(one)) for one in wanted[:2])
    await asyncio.sleep(0)
    assert await served.library.current(wanted[2]) == TooCostly()
    served.query.goes_on.set()
    await asyncio.gather(first, second)
    assert (await served.get(wanted[2])).rendition.coding == "gzip", "it is not remembered"


async def test_a_library_that_is_watched_over_notices_what_others_commit(
    room: Newsroom, served: Served
) -> None:
    first = await served.get(EVERYTHING)
    watching = asyncio.create_task(served.library.watch())
    room.give(GAZETTE, item("tram"))
    second = await served.becomes_other(EVERYTHING, first)
    assert b"About tram" in second.rendition.body
    watching.cancel()


def test_a_pull_that_brings_nothing_changes_no_feed(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    before = ask(kept)
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle"))
    assert ask(kept) is before


def test_a_union_changes_with_each_of_its_verticals(room: Newsroom) -> None:
    kept = library(room)
    seen = [ask(kept, "science", "tech").etag]
    for vertical, slug in (("science", "moss"), ("tech", "tram")):
        room.give(GAZETTE, item(slug), verticals=(vertical,))
        seen.append(ask(kept, "science", "tech").etag)
    assert len(set(seen)) == 3


def test_another_library_on_the_same_store_makes_the_same_bytes(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("tram"))
    assert ask(library(room)) == ask(library(room))


def test_a_feed_lists_as_many_stories_as_the_settings_say(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(f"tram-{number}") for number in range(5)))
    small = library(room, settings_for(room.file.parent, feed_size=3))
    assert ask(small).body.count(b"<entry>") == 3


def test_a_feed_lists_fewer_stories_where_they_would_make_it_too_long(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(f"tram-{number}") for number in range(5)))
    whole = ask(library(room)).body
    short = ask(library(room, settings_for(room.file.parent, feed_bytes=len(whole) - 1))).body
    assert (whole.count(b"<entry"), short.count(b"<entry")) == (5, 4)
    shortest = ask(library(room, settings_for(room.file.parent, feed_bytes=1))).body
    assert shortest.count(b"<entry") == 1


def test_a_feed_that_nothing_was_ever_said_of_is_none(room: Newsroom) -> None:
    unheard = Selection(verticals=("gardening",))
    assert library(room).rendition(Wanted(selection=unheard, fmt="atom")) is None
    assert library(room).rendition(Wanted(selection=unheard, fmt=PAGE)) is None
    assert library(room).rendition(Wanted(selection=unheard, fmt="atom", coding="gzip")) is None


def test_a_feed_without_stories_is_a_feed(room: Newsroom) -> None:
    assert ask(library(room), "science").body.count(b"<entry>") == 0


def test_what_a_page_says_is_what_its_feed_says(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("culture",))
    room.give(GAZETTE, item("tram"), verticals=("tech",))
    page = ask(library(room), "culture", fmt=PAGE)
    feed = ask(library(room), "culture")
    assert page.media_type == "text/html; charset=utf-8"
    assert b"About kettle" in page.body
    assert b"About tram" not in page.body
    assert page.last_modified == feed.last_modified
    address = b"http://127.0.0.1:8000/feeds/culture.atom"
    assert address in page.body
    assert address in feed.body


def test_a_story_is_found_by_the_id_of_its_page(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    story = room.only()
    assert library(room).story(story.page_id) == story
    page = library(room).rendition(Wanted(fmt=PAGE, story=story.page_id))
    assert page is not None
    assert b">About kettle</h1>" in page.body
    assert library(room).story("0123456789abcdef0123") is None
    assert library(room).rendition(Wanted(fmt=PAGE, story="0123456789abcdef0123")) is None


def test_a_story_is_found_by_the_id_that_a_join_retired(room: Newsroom) -> None:
    room.seed("tide.txt", "About tide")
    room.clock.step(hours=1)
    room.give(HERALD, item("tide", guid="https://herald.example/1", title=titled("The tide")))
    retired = next(one.page_id for one in room.window() if one.lead.title == "The tide")
    room.give(GAZETTE, item("tide"))
    found = library(room).story(retired)
    assert found == room.only()
    assert found.page_id != retired
    assert library(room).rendition(Wanted(fmt=PAGE, story=retired)) is None, "it leads on"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_a_page_that_has_changed_has_a_later_date_than_before(
    room: Newsroom, seed: int
) -> None:
    """Related stories, near misses and rulings come and go; nothing is as it was by its date."""
    chance, kept = Random(seed), library(room)
    lists = [Wanted(fmt=FRONT), *(Wanted(fmt=PAGE, selection=selection(*n)) for n in SELECTIONS)]
    shown: dict[Wanted, Rendition] = {}
    for step in range(30):
        happens(room, chance, step)
        pages = room.rows("SELECT page_id FROM story")
        asked = [*lists, *(Wanted(fmt=PAGE, story=page_id) for (page_id,) in pages)]
        asked += (Wanted(fmt=PAGE, archive=n) for n, *_ in room.query.archives(selection()))
        for wanted in asked:
            made = kept.rendition(wanted)
            before = shown.get(wanted, made)
            if made and before:
                assert made.last_modified >= before.last_modified
                assert (made.body == before.body) or made.last_modified > before.last_modified
                if wanted in lists:
                    assert made.body == again(room, wanted), "what is kept is what would be made"
            if made:
                shown[wanted] = made
        room.clock.step(seconds=5)
    assert sum(b">Related</h2>" in made.body for made in shown.values()) > 1


SELECTIONS: tuple[tuple[str, ...], ...] = ((), ("culture",), ("science", "tech"))


def again(room: Newsroom, wanted: Wanted) -> bytes:
    made = library(room).rendition(wanted)
    assert made
    return made.body


def happens(room: Newsroom, chance: Random, step: int) -> None:
    """A few titles that are like each other come from two sources, and the operator rules."""
    pages = [page_id for (page_id,) in room.rows("SELECT page_id FROM story ORDER BY number")]
    act = chance.randrange(10) if len(pages) > 3 else 0
    one = chance.choice(pages) if pages else ""
    address, number = chance.choice((GAZETTE, HERALD)), chance.randrange(6)
    if act <= 3:
        title = titled(f"Harbour bridge collapsed {step}")
        bridge = item(f"bridge-{number}", title=title, text=f"{number} ferries run.")
        room.give(address, bridge, verticals=chance.choice(((), ("culture",), ("tech",))))
    elif act == 4:
        room.store.withdraw(one, undo=chance.random() < 0.5)
    elif act == 5:
        room.store.join(one, chance.choice(pages))
    elif act == 6:
        room.store.split_all(one)
    elif act == 7 and address in room.sources:
        room.start_with(address, exclude=("collapsed",) if chance.random() < 0.3 else ())
    elif act == 8:
        gone = Deletion(ref=f"https://gazette.example/bridge-{number}", when=None)
        room.give(address, item("other"), deletions=(gone,))
    else:
        alike = Near(entry=1, reason="numbers differ", score=0.5)
        new = item(f"new-{step}", title=titled(f"Harbour bridge again {step}"))
        room.give(address, new, decide=lambda *_, **__: New(near=(alike,)))


def shows(made: Rendition, *slugs: str) -> list[int]:
    """How often a page has the title of each of these in a list."""
    return [made.body.decode().count(f">About {slug}</a>") for slug in slugs]


def test_the_front_page_has_each_story_once_where_it_comes_first(room: Newsroom) -> None:
    newest = [f"new-{number}" for number in range(ON_FRONT)]
    for slug, verticals in (
        *((f"old-{number}", ("culture",)) for number in range(IN_SECTION + 2)),
        ("both", ("culture", "science")),
        *((slug, ("tech",)) for slug in newest),
    ):
        address = f"https://{'-'.join(verticals)}.example/feed"
        if address not in room.sources:  # what comes first stands by its own date
            room.give(address, item(f"first-of-{verticals[-1]}"))
        room.give(address, item(slug), verticals=verticals)
        room.clock.step(minutes=1)
    front = ask(library(room), fmt=FRONT)
    assert shows(front, *newest) == [1] * ON_FRONT
    assert shows(front, "both", "old-5", "old-4", "old-3") == [1] * IN_SECTION, "in culture"
    assert shows(front, "old-2", "old-1", "old-0") == [0, 0, 0]
    sections = [name for name in NAMES if f'id="in-{name}"' in front.body.decode()]
    assert sections == ["culture"], "all of tech and science is above"
    assert front.last_modified == ask(library(room)).last_modified


def test_a_front_page_of_nothing_is_one(room: Newsroom) -> None:
    assert b"No stories yet." in ask(library(room), fmt=FRONT).body


def test_while_the_store_knows_no_vertical_there_is_no_page(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        for fmt in (FRONT, PAGE, "about"):
            assert library(room).rendition(Wanted(fmt=fmt)) is None


def test_what_shows_no_story_changes_with_the_settings_alone(room: Newsroom) -> None:
    before = library(room).rendition(Wanted(fmt="about"))
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle"))
    after = library(room).rendition(Wanted(fmt="about"))
    assert before == after
    room.clock.step(hours=1)
    room.store.refresh("other settings", NAMES)
    remade = library(room).rendition(Wanted(fmt="about"))
    assert before
    assert remade
    assert remade.last_modified > before.last_modified


def test_what_a_search_finds_is_a_page_of_the_library(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), item("tram"))
    wanted = Wanted(fmt=FOUND, selection=Selection(narrowing=Narrowing(authors=("ada inkwell",))))
    made = library(room).rendition(wanted)
    assert made
    assert shows(made, "kettle", "tram") == [1, 1]


def test_a_withdrawn_story_is_not_found(room: Newsroom) -> None:
    room.seed("tide.txt", "About tide")
    page_id = room.only().page_id
    room.remove_seed("tide.txt")
    assert library(room).story(page_id) is None
    assert library(room).was_withdrawn(page_id)
    assert not library(room).was_withdrawn("0123456789abcdef0123")


def test_only_so_much_is_kept_and_what_nobody_asked_for_goes_first() -> None:
    kept = Lately[str, str](10)
    for name in ("a", "b", "c"):
        kept.put(name, name.upper(), 4)
    assert [kept.get(name) for name in ("a", "b", "c")] == [None, "B", "C"]
    assert kept.get("b") == "B"
    kept.put("d", "D", 4)
    assert [kept.get(name) for name in ("b", "c", "d")] == ["B", None, "D"]
    kept.put("d", "longer", 8)
    assert [kept.get(name) for name in ("b", "d")] == [None, "longer"]
    kept.put("e", "too long", 11)
    assert [kept.get(name) for name in ("d", "e")] == [None, None]


def test_what_may_stay_for_once_is_spared_and_what_comes_is_not() -> None:
    stay = ["a", "b", "d"]

    def spared(value: str) -> bool:
        return value in stay and not stay.remove(value)  # type: ignore[func-returns-value]

    kept = Lately[str, str](10, spared)
    for name in ("a", "b", "c"):
        kept.put(name, name, 5)
    assert [kept.get(name) for name in ("a", "b", "c")] == ["a", "b", None]
    kept.put("d", "d", 11)
    assert [kept.get(name) for name in ("a", "b", "d")] == [None, None, None]
    assert stay == ["d"]


def test_readers_at_once_never_see_half_of_a_pull(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)

    def read(_: int) -> tuple[int, str]:
        made = ask(kept)
        return made.body.count(b"<entry>"), made.etag

    with ThreadPoolExecutor(8) as readers:
        reading = readers.map(read, range(200))
        for number in range(10):
            room.give(GAZETTE, item(f"tram-{number}"), item(f"quay-{number}"))
        seen = set(reading)
    assert {count % 2 for count, _ in seen} == {1}
    assert len({count for count, _ in seen}) == len(seen)
    assert ask(kept).body.count(b"<entry>") == 21


def test_settings_of_another_site_make_other_bytes(room: Newsroom) -> None:
    mine = settings_for(room.file.parent)
    other = replace(mine, site=replace(mine.site, base_url="https://news.example"))
    assert b"https://news.example/feeds/all.atom" in ask(library(room, other)).body
    assert ask(library(room, other)).etag != ask(library(room, mine)).etag


# ---- single stories -----------------------------------------------------------------------------


@pytest.fixture
def items(tmp_path: Path) -> Items:
    return Items(settings_for(tmp_path), 1_000_000)


def test_a_story_is_rendered_once_for_each_format(items: Items) -> None:
    made = {fmt: items.get(a_story(), fmt) for fmt in ("rss", "atom", "json")}
    assert len(set(made.values())) == 3
    for fmt, body in made.items():
        assert items.get(a_story(), fmt) is body


@pytest.mark.parametrize(
    "changed",
    [
        a_story(updated=NOW),
        a_story(verticals=("tech",)),
        a_story(lead=entry(rights="© The Gazette")),
        a_story(also=(entry(link="https://herald.example/9"),)),
    ],
)
def test_a_story_that_has_changed_in_any_way_is_rendered_anew(items: Items, changed: Story) -> None:
    before = items.get(a_story(), "atom")
    assert items.get(changed, "atom") != before
    assert items.get(a_story(), "atom") is before


def test_of_too_many_stories_those_that_nobody_asked_for_go_first(tmp_path: Path) -> None:
    first, second, third = (a_story(id=f"https://gazette.example/{n}") for n in (1, 2, 3))
    settings = settings_for(tmp_path)
    room_for_two = 2 * len(Items(settings, 0).get(first, "json")) + 1
    items = Items(settings, room_for_two)
    made = [items.get(one, "json") for one in (first, second)]
    assert items.get(first, "json") is made[0]
    items.get(third, "json")
    assert items.get(first, "json") is made[0]
    again = items.get(second, "json")
    assert again == made[1]
    assert again is not made[1]


def test_readers_at_once_get_the_same_story(items: Items) -> None:
    stories = [a_story(id=f"https://gazette.example/{n}") for n in range(20)]
    with ThreadPoolExecutor(8) as readers:
        made = list(readers.map(lambda one: items.get(one, "rss"), stories * 10))
    assert made == made[:20] * 10
    assert items._kept._size == sum(len(items.get(one, "rss")) for one in stories)


# ---- codings and archives -----------------------------------------------------------------------


def coded(library: Library, coding: str, archive: int | None = None) -> Rendition:
    wanted = Wanted(selection=selection(), fmt="rss", coding=coding, archive=archive)
    made = library.rendition(wanted)
    assert made is not None
    return made


def test_each_coding_is_a_rendition_of_its_own_made_once(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    made = [coded(kept, coding) for coding in ("identity", "gzip", "br")]
    assert len({one.etag for one in made}) == 3
    assert [coded(kept, coding) for coding in ("identity", "gzip", "br")] == made
    assert coded(kept, "gzip") is made[1]
    assert gzip.decompress(made[1].body) == made[0].body
    assert len({one.last_modified for one in made}) == 1


def test_what_stays_the_same_is_not_encoded_again(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    before = coded(kept, "br")
    room.clock.step(hours=1)
    room.store.refresh("another version", NAMES)
    after = coded(kept, "br")
    assert after.body is before.body
    assert after.last_modified == room.clock()


def test_a_coding_is_made_of_what_is_there_now(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    before = coded(kept, "gzip")
    room.give(GAZETTE, item("tram"))
    after = coded(kept, "gzip")
    assert after.etag != before.etag
    assert b"About tram" in gzip.decompress(after.body)


def test_where_nothing_is_kept_everything_is_made(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    kept._plain = Lately(0)
    assert b"About kettle" in gzip.decompress(coded(kept, "gzip").body)


def test_an_archive_is_never_shortened(room: Newsroom) -> None:
    room.give(GAZETTE, *(item(f"tram-{number}") for number in range(5)))
    short = library(room, settings_for(room.file.parent, feed_bytes=1, feed_size=2))
    assert coded(short, "identity").body.count(b"<item>") == 1
    number = room.whole_window().older
    assert number
    assert coded(short, "identity", number).body.count(b"<item>") == 5
    nothing = Wanted(selection=selection(), fmt="rss", archive=number + 1, coding="gzip")
    assert short.rendition(nothing) is None


async def test_a_store_that_cannot_be_read_is_told_once_and_looked_at_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "LOOKS_EVERY", 0.01)
    folder = tmp_path / "later"
    with closing(Query(f"sqlite:///{folder}/store.db")) as query:
        kept = Library(settings_for(folder), "urn:x:y", query)
        with pytest.raises(StoreError, match=r"store\.db: cannot be read"):
            kept.look()
        watching = asyncio.create_task(kept.watch())
        await asyncio.sleep(0.1)
        folder.mkdir()
        with Newsroom(folder) as room:
            room.store.refresh("", NAMES)
            room.give(GAZETTE, item("kettle"))
            for _ in range(500):
                if kept._revisions:
                    break
                await asyncio.sleep(0.01)
            found = await kept.current(Wanted(fmt="atom"))
        watching.cancel()
    assert isinstance(found, Kept)
    assert b"About kettle" in found.rendition.body
    assert caplog.text.count("feeds stay as they are until then") == 1
