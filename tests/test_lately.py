"""What a writer remembers of what came lately: what it reads of the store, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from aggregator import dedup, signature
from aggregator.errors import StoreError
from aggregator.model import Assignment, Entry, PullOutcome
from aggregator.settings import Dedup, Source, Vertical
from aggregator.signature import Signature
from aggregator.store import Store, lately
from aggregator.store.lately import MOST_RELATED, Batchwise, Fresh, Lately
from aggregator.store.relating import relate
from tests.builders import NOW, entry
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, a_full_disk, item, titled

HOUR = 3600
AT = int(NOW.timestamp())
KETTLE = "The copper kettle in the window of Ada Inkwell's tea room whistles in B flat since Friday"
QUAY = (
    "The swing bridge at Tansy Quay stopped halfway and left a coal barge waiting for eleven hours"
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def said(title: str, text: str = "") -> Signature:
    return signature.unpack(signature.of(entry(title=title, summary=text, published=None)))


def fresh(number: int, title: str = KETTLE, text: str = "", **changes: Any) -> Fresh:
    """The signature of a new story, and of its only entry, with this number."""
    one = Fresh(
        sequence=number,
        entry=number,
        source=1,
        seen_at=AT,
        said=said(title, text),
        story=number,
    )
    return one._replace(**changes)


def an_empty_one(verticals: Sequence[Vertical] = ()) -> Lately:
    return Lately.of(Dedup(), verticals)


def caught_up(room: Newsroom, one: Lately) -> Lately:
    """The same, after it has read what the store has and it has not."""
    with room.store._engine.connect() as connection:
        one.catch_up(connection, room.clock(), ())
    return one


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The entries that anything takes in from now on, in their order."""
    found: list[int] = []
    add = Lately._add

    def noted(self: Lately, one: Fresh) -> None:
        found.append(one.entry)
        add(self, one)

    monkeypatch.setattr(Lately, "_add", noted)
    return found


def stories(room: Newsroom, *numbers: int) -> None:
    """These come, an hour after one another."""
    for number in numbers:
        room.clock.step(hours=1)
        room.give(GAZETTE, item(f"kettle-{number}", text=f"{KETTLE}, no {number}", published=None))


# ---- what is read -------------------------------------------------------------------------------


def test_nothing_is_read_of_an_empty_store(room: Newsroom, added: list[int]) -> None:
    assert caught_up(room, an_empty_one()).last == 0
    assert added == []


def test_at_the_start_all_of_the_window_is_read_the_oldest_first(
    room: Newsroom, added: list[int]
) -> None:
    stories(room, 1, 2, 3)
    added.clear()
    one = caught_up(room, an_empty_one())
    assert added == [1, 2, 3]
    assert (one.last, len(one.prints)) == (3, 3)


def test_at_the_start_no_more_than_the_newest_are_read(
    room: Newsroom, added: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stories(room, 1, 2, 3, 4)
    added.clear()
    monkeypatch.setattr(lately, "MOST_ENTRIES", 2)
    assert caught_up(room, an_empty_one()).last == 4
    assert added == [3, 4]


@pytest.mark.parametrize(
    ("window", "related", "read", "compared"),
    [(2, 2, [3, 4], 2), (1.5, 3, [2, 3, 4], 2), (3, 2, [2, 3, 4], 3)],
)
def test_at_the_start_what_is_older_than_both_windows_is_not_read(
    room: Newsroom, added: list[int], window: float, related: float, read: list[int], compared: int
) -> None:
    stories(room, 1, 2, 3, 4)
    room.clock.step(minutes=1)
    added.clear()
    spans = Dedup(window=timedelta(hours=window), related_window=timedelta(hours=related))
    one = caught_up(room, Lately.of(spans, ()))
    assert added == read
    assert len(one.prints) == compared


def test_rows_are_taken_in_part_by_part(
    room: Newsroom, added: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lately, "_AT_ONCE", 2)
    stories(room, 1, 2, 3, 4, 5)
    added.clear()
    caught_up(room, an_empty_one())
    assert added == [1, 2, 3, 4, 5]


def test_nothing_is_read_twice(room: Newsroom, added: list[int]) -> None:
    stories(room, 1, 2, 3)
    assert added == [1, 2, 3], "what a transaction has added itself is not read at all"
    added.clear()
    one = caught_up(room, an_empty_one())
    caught_up(room, one)
    stories(room, 4)
    added.clear()
    caught_up(room, one)
    caught_up(room, one)
    assert added == [4]


def test_what_gives_nothing_new_reads_nothing(room: Newsroom, added: list[int]) -> None:
    stories(room, 1)
    stories(room, 1)
    assert added == [1]


def test_what_another_store_writes_is_caught_up(room: Newsroom, added: list[int]) -> None:
    stories(room, 1)
    with Store(room.url, room.clock) as other:
        own, room.store = room.store, other
        stories(room, 2, 3)
        assert added == [1, 1, 2, 3], "each store has its own"
        room.store = own
        added.clear()
        stories(room, 4)
        assert added == [2, 3, 4]
        room.store = other
        added.clear()
        stories(room, 5)
        assert added == [4, 5]
        room.store = own


def test_of_a_transaction_that_has_added_something_nothing_is_caught_up(
    room: Newsroom, added: list[int]
) -> None:
    stories(room, 1)
    one = an_empty_one()
    added.clear()
    with room.store._engine.connect() as connection:
        one.catch_up(connection, NOW, [fresh(9)])
    assert (one.last, added) == (None, [])


def test_a_write_that_failed_after_all_was_placed_has_everything_read_again(
    room: Newsroom, added: list[int]
) -> None:
    stories(room, 1, 2)
    with a_full_disk(room.file), pytest.raises(StoreError, match="cannot be written"):
        stories(room, 3)
    assert room.store._lately.last is None
    added.clear()
    stories(room, 3)
    assert added == [1, 2, 3]


def test_a_write_that_failed_before_that_has_nothing_read_again(
    room: Newsroom, added: list[int]
) -> None:
    def failing(*_: object, **__: object) -> Any:
        raise RuntimeError

    stories(room, 1, 2)
    with pytest.raises(RuntimeError):
        room.give(HERALD, item("pot", text=KETTLE), decide=failing)
    added.clear()
    stories(room, 3)
    assert added == [3]


def test_what_brings_nothing_does_not_read_the_window(room: Newsroom, added: list[int]) -> None:
    stories(room, 1)
    with Store(room.url, room.clock) as other:
        own, room.store = room.store, other
        added.clear()
        state = replace(room.at(GAZETTE).state, etag='"again"')
        room.store.write(PullOutcome(state=state, title="Merrow Gazette"), dedup.decide)
        assert (added, other._lately.last) == ([], None)
        stories(room, 2)
        room.store = own
    assert added == [1, 2]


def test_at_the_first_write_the_window_is_read_before_anybody_has_to_wait(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories(room, 1)
    written = []
    read = Lately._read

    def meanwhile(self: Lately, connection: Connection, *rest: Any) -> None:
        read(self, connection, *rest)
        with Store(room.url, room.clock) as other:
            other.list_sources([Source(address=HERALD)], seeds=False)
            written.append(self.last)

    monkeypatch.setattr(Lately, "_read", meanwhile)
    with Store(room.url, room.clock) as another:
        own, room.store = room.store, another
        stories(room, 2)
        room.store = own
    assert written == [1]


def test_an_entry_without_a_text_is_remembered_and_like_nothing(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", summary=None))
    one = caught_up(room, an_empty_one())
    assert one.last == 1
    assert Batchwise(one).of_store(said("About kettle"), 2) == []


def test_what_was_certain_is_learned_at_the_start_and_what_came_to_a_story_is_not(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, item("kettle", text=KETTLE), verticals=("culture", "tech"))
    room.give(HERALD, item("kettle", text=QUAY), verticals=("culture",))
    room.give(GAZETTE, item("quay", text=QUAY))
    one = caught_up(room, an_empty_one(SHELVES))
    assert one.guesses._learned == [1, 0, 1, 0]


# ---- what a transaction adds --------------------------------------------------------------------


def test_what_a_transaction_adds_is_found_by_it_and_by_others_once_it_is_taken() -> None:
    one = an_empty_one()
    here = Batchwise(one)
    text = f"{KETTLE}. {QUAY}."
    here.add(fresh(1, text=text))
    copy = said("Another", text)
    assert (here.of_transaction(copy, 2), here.of_store(copy, 2)) == ([1], [])
    assert Batchwise(one).of_transaction(copy, 2) == []
    later = Batchwise(one, here.fresh)
    assert (later.of_transaction(copy, 2), later.fresh) == ([1], [])
    one.take(here.fresh)
    assert Batchwise(one).of_store(copy, 2) == [1]
    assert one.last == 1


def test_a_text_without_prints_is_like_nothing() -> None:
    one = an_empty_one()
    one.take([fresh(1, text="Short.")])
    here = Batchwise(one, [fresh(2, text="Short.")])
    assert here.of_store(said("Another", "Short."), 2) == []
    assert here.of_transaction(said("Another", "Short."), 2) == []


def test_the_last_sequence_never_falls() -> None:
    one = an_empty_one()
    one.take([fresh(7), fresh(3)])
    assert one.last == 7


# ---- shelves ------------------------------------------------------------------------------------

PHONE = "Startup unveils smartphone with open software"


def unshelved(title: str = PHONE, **changes: Any) -> Entry:
    usual = {"title": title, "title_key": title.lower(), "summary": None}
    return entry(**(usual | changes))


def test_an_entry_is_guessed_of_with_and_without_the_signature_that_it_came_with() -> None:
    one = an_empty_one(SHELVES)
    as_stored = one.shelved(unshelved())
    assert [each.vertical for each in as_stored.verticals] == ["tech"]
    signed = unshelved(signature=signature.of(unshelved()))
    assert one.shelved(signed).verticals == as_stored.verticals


def test_nothing_is_guessed_without_verticals_or_beside_what_is_certain() -> None:
    certain = unshelved(verticals=(Assignment(vertical="culture", reason="source", score=1.0),))
    assert an_empty_one(SHELVES).shelved(certain) is certain
    one = unshelved()
    assert an_empty_one().shelved(one) is one
    nothing = unshelved("Of this and that")
    assert an_empty_one(SHELVES).shelved(nothing) is nothing


def test_only_what_begins_a_story_on_a_shelf_is_learned() -> None:
    one = an_empty_one(SHELVES)
    one.take([fresh(1, shelves=("tech",)), fresh(2), fresh(3, story=None)])
    assert one.guesses._learned == [0, 0, 1, 0]


# ---- events -------------------------------------------------------------------------------------


def test_a_story_is_placed_in_the_event_of_those_before_it_the_newest_first() -> None:
    one = an_empty_one()
    assert one.place(fresh(1)) is None
    assert one.place(fresh(2)) == (1, (1,))
    assert one.place(fresh(3)) == (1, (2, 1))
    assert one.place(fresh(4, title=QUAY)) is None


def test_of_many_stories_the_newest_are_led_to_and_the_first() -> None:
    one = an_empty_one()
    placed = [one.place(fresh(number)) for number in range(1, 10)]
    assert placed[-1] == (1, (8, 7, 6, 5, 1))
    assert max(len(each[1]) for each in placed if each) == MOST_RELATED


@pytest.mark.parametrize(("second", "is_placed"), [(0, True), (1, False)])
def test_what_came_out_before_the_window_is_placed_nowhere(second: int, *, is_placed: bool) -> None:
    one = an_empty_one()
    old = said(KETTLE)._replace(published=AT - 7 * 24 * HOUR - second)
    one.place(fresh(1, said=old))
    assert bool(one.events._events) is is_placed


def test_what_comes_to_a_story_and_what_is_signed_again_is_placed_nowhere() -> None:
    one = an_empty_one()
    one.place(fresh(1))
    assert one.place(fresh(2, story=None)) is None
    assert one.place(fresh(3)) == (1, (1,))


def test_what_a_process_begins_with_is_what_another_has_placed(room: Newsroom) -> None:
    stories_of_an_event(room, 8)
    again = caught_up(room, an_empty_one())
    own = room.store._lately
    assert again._joined == own._joined != {}
    number = 100
    at = int(room.clock().timestamp())
    assert again.place(fresh(number, seen_at=at)) == own.place(fresh(number, seen_at=at))


def stories_of_an_event(room: Newsroom, count: int) -> None:
    for number in range(count):
        room.clock.step(hours=1)
        room.give(GAZETTE, item(f"kettle-{number}", title=titled(KETTLE), summary=None))


def test_a_story_that_was_revised_elsewhere_is_remembered_once(room: Newsroom) -> None:
    stories_of_an_event(room, 2)
    one = caught_up(room, an_empty_one(SHELVES))
    room.clock.step(hours=1)
    room.give(GAZETTE, item("kettle-1", title=titled(KETTLE), text="It hums."))
    caught_up(room, one)
    assert one._joined == {1: (2,)}


def test_a_shelf_learns_no_more_of_a_story_that_was_revised_elsewhere(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", text=KETTLE), verticals=("tech",))
    one = caught_up(room, an_empty_one(SHELVES))
    room.give(GAZETTE, item("kettle", text=QUAY), verticals=("tech",))
    caught_up(room, one)
    assert one.guesses._learned == [0, 0, 1, 0]


def test_what_is_related_is_written_with_the_titles_of_stories_that_stand(room: Newsroom) -> None:
    stories_of_an_event(room, 3)
    room.store.withdraw("https://gazette.example/kettle-1")
    room.clock.step(hours=1)
    one = caught_up(room, an_empty_one())
    room.give(HERALD, item("last", guid="9", link="https://herald.example/9"))
    number = room.rows("SELECT max(number) FROM story")[0][0]
    with room.store._engine.begin() as connection:
        relate(connection, one, [fresh(number, seen_at=int(room.clock().timestamp()))])
    (last,) = (s for s in room.window() if s.lead.title == "About last")
    pages = {s.page_id: s.lead.id[-1] for s in room.window()}
    assert [(pages[o.page_id], o.title) for o in last.related] == [("2", KETTLE), ("0", KETTLE)]


def test_a_process_begins_with_one_story_for_what_was_joined_and_one_for_what_was_set_apart(
    room: Newsroom,
) -> None:
    for address, slug in ((GAZETTE, "kettle"), (HERALD, "urn")):
        room.give(address, item(slug, title=titled(f"{KETTLE}, {slug}"), text=slug))
    first, second = (story.id for story in room.window()[::-1])
    room.store.join(first, second)
    assert caught_up(room, an_empty_one()).events._stories == 1
    room.store.split(first, [HERALD])
    assert caught_up(room, an_empty_one()).events._stories == 2
