from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model import Selection, Story
from aggregator.query import Query, Window
from aggregator.settings import Settings
from feeds.document import Rendition
from feeds.library import Items, Lately, Library, Wanted
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


async def test_for_a_second_a_feed_is_given_out_as_it_is_and_for_five_while_it_is_made_again(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle"))
    now = 0.0
    kept = Library(settings_for(room.file.parent), "urn:uuid:site", room.query, lambda: now)
    everything = Wanted(selection=selection(), fmt="atom")
    first = await kept.current(everything)
    assert first is not None
    assert b"About kettle" in first.body
    room.give(GAZETTE, item("tram"))
    now = 0.9
    assert await kept.current(everything) is first
    now = 1.1
    assert await kept.current(everything) is first, "nobody waits"
    second = first
    for _ in range(1000):
        await asyncio.sleep(0.01)
        second = await kept.current(everything) or first
        if second is not first:
            break
    assert b"About tram" in second.body, "but it was made meanwhile"
    room.give(GAZETTE, item("lid"))
    now += 5.0
    third = await kept.current(everything)
    assert third is not None
    assert b"About lid" in third.body, "what is old is waited for"


async def test_however_many_ask_at_once_a_feed_is_made_once(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    kept = library(room)
    made = await asyncio.gather(
        *(kept.current(Wanted(selection=selection(), fmt="rss")) for _ in range(5))
    )
    assert made[0] is not None
    assert len({id(one) for one in made}) == 1


class Delayed(Query):
    """A reader of the store that is held up once, after it has read."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.has_read, self.goes_on = threading.Event(), threading.Event()

    def window(self, selection: Selection, size: int) -> Window | None:
        found = super().window(selection, size)
        if not self.has_read.is_set():
            self.has_read.set()
            self.goes_on.wait()
        return found


async def test_nobody_is_given_what_was_begun_long_before_he_asked(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    now = 0.0
    with Delayed(room.url) as query:
        kept = Library(settings_for(room.file.parent), "urn:uuid:site", query, lambda: now)
        wanted = Wanted(selection=selection(), fmt="json")
        early = asyncio.create_task(kept.current(wanted))
        await asyncio.to_thread(query.has_read.wait)
        room.give(GAZETTE, item("tram"))
        now = 2.0
        late = await kept.current(wanted)
        query.goes_on.set()
        await early
        assert late is not None
        assert b"About tram" in late.body
        assert await kept.current(wanted) is late, "and what is newer stays"


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
    assert library(room).document(unheard) is None


def test_a_feed_without_stories_is_a_feed(room: Newsroom) -> None:
    assert ask(library(room), "science").body.count(b"<entry>") == 0


def test_what_a_page_says_is_what_its_feed_says(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"), verticals=("culture",))
    document = library(room).document(selection("culture"))
    assert document is not None
    assert [one.title for one in document.items] == ["About kettle"]
    assert document.id.encode() in ask(library(room), "culture").body


def test_a_story_is_found_by_the_id_of_its_page(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    story = room.only()
    found = library(room).story(story.page_id)
    assert found is not None
    assert found[0] == story
    assert found[1].page.endswith(f"/stories/{story.page_id}")
    assert library(room).story("0123456789abcdef0123") is None


def test_a_story_is_found_by_the_id_that_a_join_retired(room: Newsroom) -> None:
    room.seed("tide.txt", "About tide")
    room.clock.step(hours=1)
    room.give(HERALD, item("tide", guid="https://herald.example/1", title=titled("The tide")))
    retired = next(one.page_id for one in room.window() if one.lead.title == "The tide")
    room.give(GAZETTE, item("tide"))
    found = library(room).story(retired)
    assert found is not None
    assert found[0] == room.only()
    assert found[0].page_id != retired


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
    kept._kept = Lately(0)
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
