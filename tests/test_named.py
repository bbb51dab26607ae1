"""What settings say of each source, and where what is given out lands, while both may change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model import Leased, PullOutcome, SourceState, Written
from aggregator.pull import SeedFolder, once_each
from aggregator.pull.commits import Commits
from aggregator.pull.landing import Landing
from aggregator.pull.named import Named
from aggregator.pull.news import Pulled
from aggregator.settings import Source, Vertical
from tests.builders import NOW, entry
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, a_full_disk, settings_for

OURS = Source(address=GAZETTE, title="Ours", verticals=("tech",))
SHED = "https://shed.example/feed"
GIVEN_OUT = Leased(address=GAZETTE, first_address=GAZETTE, state=SourceState(source=1))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def named(*sources: Source, verticals: tuple[Vertical, ...] = SHELVES) -> Named:
    made = Named(verticals)
    made.name(sources)
    return made


def shelves_of(outcome: PullOutcome) -> list[str]:
    (one,) = outcome.entries
    return [assignment.vertical for assignment in one.verticals]


# ---- which sources there are --------------------------------------------------------------------


def test_of_an_address_that_is_written_in_many_ways_the_first_counts() -> None:
    first = Source(address=GAZETTE, title="First")
    others = [
        Source(address=address, title="Another")
        for address in (
            GAZETTE,
            GAZETTE.replace("https://", "http://www."),
            f"{GAZETTE}?utm_source=list",
            f"{GAZETTE}/#top",
        )
    ]
    apart = Source(address=f"{GAZETTE}?id=2")
    assert once_each([first, *others, apart]) == (first, apart)
    bare = [Source(address="https://gazette.example/"), Source(address="https://herald.example/")]
    assert once_each(bare) == tuple(bare), "what has no path is itself"


def test_what_is_named_no_more_is_finished_as_it_is() -> None:
    made = named(OURS)
    assert made.of(GIVEN_OUT) == OURS
    assert made.name([Source(address=HERALD), Source(address=HERALD)]) == (Source(address=HERALD),)
    assert made.of(GIVEN_OUT).address == GAZETTE
    assert made.of(replace(GIVEN_OUT, address=SHED)) == Source(address=SHED)


def test_what_moves_while_it_is_out_is_known_where_it_is_now() -> None:
    there = replace(OURS, address=HERALD)
    made = named(there)
    made.move([(GAZETTE, HERALD)])
    assert made.of(GIVEN_OUT) == there
    made.name([OURS])
    made.move([(HERALD, GAZETTE)])
    assert made.of(GIVEN_OUT) == OURS, "it came back"
    assert made.of(replace(GIVEN_OUT, address=HERALD)) == OURS


# ---- on which terms -----------------------------------------------------------------------------


def test_entries_are_placed_again_only_where_the_terms_have_changed() -> None:
    made = named(OURS)
    before = made.terms(GIVEN_OUT)
    shelves = before[1]
    outcome = PullOutcome(state=GIVEN_OUT.state, entries=(shelves.place(entry(), OURS),))
    made.name([replace(OURS)])
    assert made.placed_now(GIVEN_OUT, outcome, before) is outcome
    made.name([replace(OURS, verticals=("science",), content="title", private=True)])
    placed = made.placed_now(GIVEN_OUT, outcome, before)
    assert shelves_of(placed) == ["science"]
    assert placed.entries[0].terms.show == "title"
    assert placed.entries[0].terms.private
    made.name([OURS])
    made.shelve_by(SHELVES[:2])
    assert shelves_of(made.placed_now(GIVEN_OUT, outcome, before)) == []


def test_what_was_learned_of_the_old_address_is_not_asked_of_the_new_one() -> None:
    state = SourceState(
        source=1, moved_to="https://c.example/", moving_to="https://d.example/", moving_pulls=2,
        etag='"1"', last_modified="then", body_hash=b"1", given=b"2", failures=3, pulled=True,
        gone=True, last_pull_at=NOW, next_pull_at=NOW + timedelta(days=1),
        earliest_pull_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    outcome = PullOutcome(state=state, title="Gazette")
    made = named(OURS)
    assert made.where_it_is_now(GIVEN_OUT, outcome) is outcome
    made.move([(GAZETTE, HERALD)])
    told = made.where_it_is_now(GIVEN_OUT, outcome)
    kept = SourceState(
        source=1, given=b"2", failures=3, pulled=True, last_pull_at=NOW, next_pull_at=NOW
    )
    assert told == replace(outcome, state=kept)
    made.move([(HERALD, GAZETTE)])
    assert made.where_it_is_now(GIVEN_OUT, outcome) is outcome, "it is where it was asked"


# ---- until it is written ------------------------------------------------------------------------


def brought(room: Newsroom, slug: str) -> PullOutcome:
    """What a pull would have to write of the gazette."""
    leased = room.listed(GAZETTE)
    guid = f"https://gazette.example/{slug}"
    own = entry(key=guid, id=guid, guid=guid, address_key=guid, title=slug, title_key=slug)
    return PullOutcome(state=replace(leased.state, last_pull_at=room.clock()), entries=(own,))


async def test_who_flushes_waits_for_all_that_was_added_before(room: Newsroom) -> None:
    commits = Commits(room.store)
    written: list[object] = []
    await asyncio.wait_for(commits.flush(), 5)
    for slug in ("a", "b", "c"):
        commits.add(brought(room, slug), written.append)
    await commits.flush()
    assert len(room.window()) == 3
    assert commits.pending == 0
    commits.add(brought(room, "d"), written.append)
    await asyncio.gather(commits.flush(), commits.flush())
    await commits.drain()
    assert [one for one in written if one == Written(new=1)] == written
    assert len(room.window()) == 4


async def test_entries_that_cannot_be_written_fail_their_source(room: Newsroom) -> None:
    commits = Commits(room.store)
    landing = Landing(commits)
    told: list[Pulled] = []
    landing.told = told.append
    landing.given_out = 1
    outcome = brought(room, "kettle")
    large = replace(outcome.entries[0], summary="x" * 2_000_000)

    def failed(reason: str) -> PullOutcome:
        return PullOutcome(state=replace(outcome.state, failures=1, error=reason[:10]))

    room.store.remember("so that", "there is a journal")
    with a_full_disk(room.file):
        landing.write(OURS, replace(outcome, entries=(large,)), failed)
        await asyncio.wait_for(landing.fallen_to(0), 10)
    await commits.drain()
    (one,) = told
    assert one.error
    assert "cannot be written" in one.error
    assert room.rows("SELECT count(*) FROM story") == [(0,)]


async def test_no_more_entries_come_than_there_is_room_for(room: Newsroom) -> None:
    commits = Commits(room.store)
    landing = Landing(commits)
    landing.most_unwritten, landing.given_out = 2, 9
    await asyncio.wait_for(landing.room(), 1)
    for slug in ("a", "b"):
        landing.write(OURS, brought(room, slug), pytest.fail)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(landing.room(), 0)
    await asyncio.wait_for(landing.room(), 5)
    assert len(room.window()) == 2
    waiting = asyncio.create_task(landing.fallen_to(3))
    await asyncio.sleep(0)
    landing.given_back(3)
    await asyncio.sleep(0)
    assert not waiting.done()
    landing.given_back(1)
    await asyncio.wait_for(waiting, 5)
    await commits.drain()


# ---- seeds --------------------------------------------------------------------------------------


def test_seeds_are_read_anew_only_under_settings_that_say_something_else_of_them(
    room: Newsroom, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path)
    listed = '<opml version="2.0"><body><outline xmlUrl="{}"/></body></opml>'
    for name, address in (("seeds", GAZETTE), ("others", HERALD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "list.opml").write_text(listed.format(address))
    folder = SeedFolder(settings, room.store, room.clock)
    assert folder.scan()
    assert folder.under(replace(settings, feed_size=9, sources=(OURS,))) is folder
    assert not folder.under(settings).scan()
    elsewhere = folder.under(replace(settings, seeds_folder=tmp_path / "others"))
    assert elsewhere.scan()
    assert [source.address for source in elsewhere.sources] == [HERALD]
    fewer = folder.under(replace(settings, verticals=SHELVES[:1]))
    assert fewer is not folder


def test_a_source_that_moves_twice_while_it_is_out_is_finished_where_it_is_then() -> None:
    there = replace(OURS, address="https://tribune.example/feed")
    made = named(there)
    made.move([(GAZETTE, HERALD)])
    made.move([(HERALD, there.address)])
    assert made.of(GIVEN_OUT) == there
