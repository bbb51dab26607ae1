"""Many pulls in one commit: each whole or not at all, and as if they had come one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from aggregator import dedup
from aggregator.errors import StoreError
from aggregator.model import (
    Category,
    Decision,
    Host,
    KnownEntry,
    ParsedEntry,
    PullOutcome,
    Written,
)
from aggregator.pull import stages
from aggregator.settings import SEED
from aggregator.verticals import Shelves
from tests.builders import NOW, entry, parsed_feed
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, a_full_disk, item, page, titled

TRIBUNE = "https://tribune.example/feed"
HOUR = timedelta(hours=1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


def pulled(room: Newsroom, address: str, *items: ParsedEntry, **changes: Any) -> PullOutcome:
    """What a pull of the source brings, not yet written."""
    leased = room.listed(address)
    now = room.clock()
    document = replace(parsed_feed(*items), base=address)
    state = replace(leased.state, pulled=True, last_pull_at=now)
    source = room.sources[address]
    outcome = stages.arrived(leased, source, document, state, Shelves(SHELVES), now)
    return replace(outcome, **changes)


def write_all(room: Newsroom, *outcomes: PullOutcome) -> list[Written | StoreError]:
    return room.store.write_all(outcomes, dedup.decide)


def unmoved(room: Newsroom, address: str, **changes: Any) -> PullOutcome:
    """What a pull leaves behind that found nothing new."""
    return PullOutcome(state=replace(room.listed(address).state, last_pull_at=NOW, **changes))


# ---- what comes of it ---------------------------------------------------------------------------


def test_what_came_of_each_pull_is_told_in_their_order(room: Newsroom) -> None:
    room.give(HERALD, item("lid"))
    assert write_all(
        room,
        pulled(room, GAZETTE, item("kettle"), item("spout")),
        unmoved(room, TRIBUNE, etag='"t"'),
        pulled(room, HERALD, item("lid"), item("handle")),
    ) == [Written(new=2), Written(), Written(new=1, unchanged=1)]
    assert len(room.window()) == 4
    assert room.at(TRIBUNE).state.etag == '"t"'
    assert write_all(room) == []


def test_sources_that_bring_one_article_at_once_make_one_story(room: Newsroom) -> None:
    written = write_all(
        room,
        pulled(room, HERALD, item("kettle", title=titled("A pot sings"))),
        pulled(room, GAZETTE, item("kettle")),
        pulled(room, TRIBUNE, item("kettle")),
    )
    assert written == [Written(new=1), Written(merged=1), Written(merged=1)]
    assert room.only().lead.title == "About kettle"
    assert [one.source.feed_url for one in room.only().also] == [HERALD, TRIBUNE]


def test_a_story_that_grows_by_many_is_led_by_who_is_at_home(room: Newsroom) -> None:
    abroad = [f"https://h{n}.example/feed" for n in range(5)]
    room.give(abroad[0], item("kettle"))
    written = write_all(
        room, *(pulled(room, address, item("kettle")) for address in (*abroad[1:], GAZETTE))
    )
    assert written == [Written(merged=1)] * 5
    story = room.only()
    assert story.lead.source.feed_url == GAZETTE
    assert [one.source.feed_url for one in story.also] == abroad


def test_a_story_that_grows_enters_the_verticals_of_all_that_it_gets(room: Newsroom) -> None:
    room.give(HERALD, item("kettle"))
    room.listed(GAZETTE, verticals=("science",))
    write_all(room, pulled(room, TRIBUNE, item("kettle")), pulled(room, GAZETTE, item("kettle")))
    assert "science" in room.only().verticals


def test_a_story_of_which_nothing_was_shown_stands_from_what_is_shown_first(
    room: Newsroom,
) -> None:
    room.listed(HERALD, exclude=("kettle",))
    room.give(HERALD, item("kettle"))
    assert room.rows("SELECT * FROM membership") == []
    written = write_all(
        room, pulled(room, TRIBUNE, item("kettle")), pulled(room, GAZETTE, item("kettle"))
    )
    assert written == [Written(merged=1), Written(merged=1)]
    assert room.only().lead.source.feed_url == GAZETTE


def test_an_article_from_many_sources_takes_no_more_statements_for_each(room: Newsroom) -> None:
    outcomes = [
        pulled(room, f"https://h{number}.example/feed", item("kettle")) for number in range(20)
    ]
    room.give(GAZETTE, item("kettle"))
    with statements(room) as told:
        assert write_all(room, *outcomes) == [Written(merged=1)] * 20
    assert len(told) < 2 * len(outcomes)


def test_a_source_that_comes_twice_is_written_twice_the_last_time_last(room: Newsroom) -> None:
    first = pulled(room, GAZETTE, item("kettle"))
    again = pulled(room, GAZETTE, item("kettle", text="It hums."))
    last = PullOutcome(state=replace(again.state, etag='"last"'))
    assert write_all(room, first, again, last) == [Written(new=1), Written(revised=1), Written()]
    assert room.only().lead.summary == "<p>It hums.</p>"
    assert room.at(GAZETTE).state.etag == '"last"'


def test_a_second_claimant_of_an_id_in_one_commit_gets_a_urn(room: Newsroom) -> None:
    claim = item("teapot", guid="https://gazette.example/kettle")
    write_all(room, pulled(room, GAZETTE, item("kettle")), pulled(room, HERALD, claim))
    by_title = {story.lead.title: story.id for story in room.window()}
    assert by_title["About kettle"] == "https://gazette.example/kettle"
    assert by_title["About teapot"].startswith("urn:uuid:")


def test_what_one_pull_revises_is_found_by_the_next_as_it_is_now(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", guid="1"))
    moved = item("teapot", guid="1", title=titled("About kettle"))
    written = write_all(
        room, pulled(room, GAZETTE, moved), pulled(room, HERALD, item("teapot"), item("kettle"))
    )
    assert written == [Written(revised=1), Written(new=1, merged=1)]


def test_a_pull_that_joins_stories_of_the_same_commit(room: Newsroom) -> None:
    write_all(
        room,
        pulled(room, HERALD, item("kettle", title=titled("A pot sings"))),
        pulled(room, TRIBUNE, item("lid")),
    )
    room.listed(SEED + "kettle.txt")
    written = write_all(
        room,
        pulled(room, SEED + "kettle.txt", page("kettle.txt", "About kettle")),
        pulled(room, GAZETTE, item("kettle")),
    )
    assert written == [Written(new=1), Written(merged=1)]
    assert sorted(room.titles()) == ["About kettle", "About lid"]
    assert len(room.rows("SELECT id FROM alias")) == 1


def test_a_vertical_is_raised_once_by_a_commit_however_many_pulls_touch_it(
    room: Newsroom,
) -> None:
    room.give(TRIBUNE, item("spout"), verticals=("tech",))
    before, tech = room.standing(), room.standing("tech")
    room.clock.step(hours=1)
    write_all(room, pulled(room, GAZETTE, item("kettle")), pulled(room, HERALD, item("lid")))
    assert room.standing() == replace(
        before, revision=before.revision + 1, modified_at=NOW + HOUR, updated_at=NOW + HOUR
    )
    assert room.standing("tech") == tech


def test_an_item_under_a_guid_and_a_key_that_others_hold_has_a_key_of_its_own(
    room: Newsroom,
) -> None:
    kettle, teapot = item("kettle", guid="1"), item("teapot", guid="1")
    room.give(GAZETTE, kettle)
    room.give(GAZETTE, teapot)  # has a key of its own, and moves on
    for slug, title in (("urn", "About teapot"), ("urn", "About an urn")):
        room.give(GAZETTE, item(slug, guid="1", title=titled(title)), kettle)
    assert room.give(GAZETTE, teapot) == Written(new=1)
    assert room.give(GAZETTE, teapot) == Written(unchanged=1)
    assert sorted(room.titles()) == ["About an urn", "About kettle", "About teapot"]


def test_the_last_word_on_a_host_counts(room: Newsroom) -> None:
    refused = Host(name="one.example:443", refusals=1)
    write_all(
        room,
        replace(unmoved(room, GAZETTE), host=refused),
        replace(unmoved(room, HERALD), host=replace(refused, refusals=2)),
    )
    assert room.store.hosts() == {refused.name: replace(refused, refusals=2)}


# ---- all or nothing -----------------------------------------------------------------------------


def breaking(arriving: KnownEntry, *arguments: Any, **named: Any) -> Decision:
    if arriving.entry.title == "About trouble":
        raise ZeroDivisionError
    return dedup.decide(arriving, *arguments, **named)


def test_a_pull_that_cannot_be_written_leaves_nothing_and_the_others_are_written(
    room: Newsroom,
) -> None:
    outcomes = [
        pulled(room, f"https://h{n}.example/feed", item(f"a{n}"), item(f"b{n}")) for n in range(7)
    ]
    bad = pulled(
        room, GAZETTE, item("trouble"), item("fine"), host=Host(name="h.example:443", refusals=1)
    )
    before = room.at(GAZETTE)
    written = room.store.write_all([*outcomes[:3], bad, *outcomes[3:]], breaking)
    assert written[:3] == written[4:7] == [Written(new=2)] * 3
    assert isinstance(written[3], StoreError)
    assert isinstance(written[3].__cause__, ZeroDivisionError)
    assert room.at(GAZETTE) == before
    assert room.store.hosts() == {}
    assert len(room.window()) == 14
    assert not {"About fine", "About trouble"} & set(room.titles())
    assert room.standing().revision == 1


def test_text_that_no_database_takes_costs_its_own_pull_alone(room: Newsroom) -> None:
    bad = unmoved(room, GAZETTE, etag="\ud800")
    worse = pulled(room, HERALD, entries=(entry(title_key="\ud800"),))
    written = write_all(room, bad, pulled(room, TRIBUNE, item("kettle")), worse)
    assert [type(one) for one in written] == [StoreError, Written, StoreError]
    assert room.at(HERALD).state.last_pull_at is None
    assert room.titles() == ["About kettle"]


def test_a_source_that_is_not_there_is_refused_alone(room: Newsroom) -> None:
    stray = pulled(room, GAZETTE, item("kettle"))
    stray = replace(stray, state=replace(stray.state, source=99))
    written = write_all(room, stray, pulled(room, HERALD, item("lid")))
    assert isinstance(written[0], StoreError)
    assert written[1] == Written(new=1)


def test_verticals_that_only_a_refused_pull_touched_stand_as_they_stood(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle", categories=(Category(term="physics"),)))
    before = room.standing("science")
    room.clock.step(hours=1)
    fine = item("fine", categories=(Category(term="physics"),))
    room.store.write_all(
        [pulled(room, HERALD, item("trouble"), fine), pulled(room, GAZETTE, item("lid"))],
        breaking,
    )
    assert room.standing("science") == before
    assert sorted(room.titles()) == ["About kettle", "About lid"]


def test_numbers_of_what_was_refused_take_nothing_from_what_is_written(room: Newsroom) -> None:
    room.give(GAZETTE, item("first"))
    written = room.store.write_all(
        [pulled(room, HERALD, item("trouble"), item("fine")), pulled(room, GAZETTE, item("lid"))],
        breaking,
    )
    assert isinstance(written[0], StoreError)
    room.give(TRIBUNE, item("spout"))
    (stories,), (highest,) = (
        room.rows("SELECT count(DISTINCT sequence) FROM membership"),
        room.rows("SELECT seq >= (SELECT max(sequence) FROM membership) FROM sqlite_sequence"
                  " WHERE name = 'membership'"),
    )  # fmt: skip
    assert (stories, highest) == ((3,), (1,))


def test_a_full_disk_stops_a_commit_whole(room: Newsroom) -> None:
    room.give(TRIBUNE, item("spout"))
    outcomes = [
        pulled(room, GAZETTE, *(item(f"k{n}", text="x" * 3_000) for n in range(40))),
        pulled(room, HERALD, item("lid")),
    ]
    before = room.dump()
    with a_full_disk(room.file), pytest.raises(StoreError, match="room on the disk"):
        write_all(room, *outcomes)
    assert room.dump() == before
    assert write_all(room, *outcomes) == [Written(new=40), Written(new=1)]


# ---- as if one by one ---------------------------------------------------------------------------

DOCUMENT = st.lists(
    st.builds(
        lambda slug, title, guid, text: item(
            slug,
            **({"title": titled(title)} if title else {}),
            **({"guid": guid} if guid else {}),
            **({"link": None} if text == "unlinked" else {}),
            text=text,
        ),
        st.sampled_from("abc"),
        st.sampled_from((None, "The same everywhere")),
        st.sampled_from((None, "1", "https://gazette.example/a")),
        st.sampled_from(("It hums.", "It sings.", "unlinked")),
    ),
    max_size=3,
)
PULLS = st.lists(
    st.tuples(st.sampled_from((GAZETTE, HERALD, TRIBUNE, SEED + "a.txt")), DOCUMENT),
    min_size=1,
    max_size=4,
)


def told(room: Newsroom) -> object:
    """All that readers see, but for how often a vertical was raised.

    And but for what a story was related to when it came: what one commit brings and joins again
    was never published.
    """
    ids = sorted(room.rows("SELECT id FROM story UNION ALL SELECT id FROM alias"))
    stories = [replace(story, related=()) for story in room.window()]
    return stories, ids


def alike(slug: str, **changes: Any) -> ParsedEntry:
    return item(slug, title=titled("The same everywhere"), **changes)


FOUND_AGAIN = [
    [
        (SEED + "a.txt", [alike("c")]),
        (TRIBUNE, [alike("a")]),
        (TRIBUNE, [item("a")]),
    ],
    [(TRIBUNE, [alike("a", guid="1")]), (SEED + "a.txt", [alike("a")])],
]
"""What another entry has taken from the one it was like is beside that again when it is gone."""

HAD_AN_ADDRESS = [
    [(GAZETTE, [item("b", guid="1")])],
    [
        (TRIBUNE, [item("b", guid="2")]),
        (GAZETTE, [item("b", guid="1", link=None, text="It sings.")]),
        (HERALD, [alike("b", guid=None), item("b", guid="2")]),
    ],
]
"""What an entry was like when it came, earlier in the commit, and is not like any more."""


@given(st.lists(PULLS, min_size=1, max_size=3))
@example(FOUND_AGAIN)
@example(HAD_AN_ADDRESS)
@settings(max_examples=40, deadline=None)
def test_a_commit_of_many_pulls_is_what_they_are_one_by_one(
    commits: Sequence[Sequence[tuple[str, list[ParsedEntry]]]],
) -> None:
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as many,
        Newsroom(Path(one)) as by_one,
        Newsroom(Path(many)) as at_once,
    ):
        for pulls in commits:
            counts: list[object] = []
            for room in (by_one, at_once):
                room.clock.step(hours=1)
                outcomes = [
                    pulled(room, address, *document or [item("a")], first=False)
                    for address, document in pulls
                ]
                if room is by_one:
                    counts.append([room.store.write(o, dedup.decide) for o in outcomes])
                else:
                    counts.append(room.store.write_all(outcomes, dedup.decide))
            assert counts[0] == counts[1]
            assert told(by_one) == told(at_once)
            assert by_one.rows("SELECT * FROM entry ORDER BY number") == at_once.rows(
                "SELECT * FROM entry ORDER BY number"
            )


def test_a_commit_of_many_pulls_runs_few_statements(room: Newsroom) -> None:
    addresses = [f"https://h{n}.example/feed" for n in range(10)]
    outcomes = [
        pulled(room, address, *(item(f"{number}-{n}") for n in range(10)))
        for number, address in enumerate(addresses)
    ]
    with statements(room) as told:
        assert write_all(room, *outcomes) == [Written(new=10)] * 10
    # What the first write of a process reads before keeps nobody waiting.
    assert len(told[told.index("BEGIN IMMEDIATE") :]) < 2 * len(outcomes) + 15


def test_whatever_arrives_no_table_that_grows_is_read_from_end_to_end(room: Newsroom) -> None:
    room.give(HERALD, item("kettle"), item("lid", title=None))
    room.give(GAZETTE, item("kettle"))
    room.listed(SEED + "kettle.txt")
    outcomes = [
        pulled(room, SEED + "kettle.txt", page("kettle.txt", "About kettle")),
        pulled(room, HERALD, item("kettle", text="It hums."), item("pot", title=None, guid=None)),
        pulled(room, TRIBUNE, item("kettle")),
    ]
    plans: dict[str, list[str]] = {}

    @event.listens_for(room.store._engine, "before_cursor_execute")
    def plan(*arguments: Any) -> None:
        _, cursor, statement, parameters, _, executemany = arguments
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            one = parameters[0] if executemany else parameters
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", one)
            plans[statement] = [row[3] for row in rows]

    write_all(room, *outcomes)
    scans = {step.split()[1] for plan in plans.values() for step in plan if step[:4] == "SCAN"}
    assert scans.isdisjoint({"entry", "story", "membership", "alias", "source", "source_state"})
    # By its source an entry would be found, too, among all that this ever gave.
    at_addresses = [plan for told, plan in plans.items() if "entry.address_key IN" in told]
    assert len(at_addresses) == 2
    assert all("ix_entry_address_key" in " ".join(plan) for plan in at_addresses)


@contextmanager
def statements(room: Newsroom) -> Iterator[list[str]]:
    """Collects the statements that the store runs meanwhile."""
    told: list[str] = []

    @event.listens_for(room.store._engine, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        told.append(arguments[2])

    yield told
    event.remove(room.store._engine, "before_cursor_execute", note)
