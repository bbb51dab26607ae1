"""Whatever arrives, in whatever order, a store keeps what it promised to those who read it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aggregator.settings import Vertical
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item
from tests.promises import CHANGES

SLUGS = st.sampled_from(("kettle", "lid", "spout"))
NETWORK = st.sampled_from((GAZETTE, HERALD, "https://tribune.example/feed"))
VERTICALS = ("culture", "science", "tech")
SELECTIONS = ((), VERTICALS)


class StorePromises(RuleBasedStateMachine):
    """Sources that give, revise and claim; seeds that come and go; rules that change."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.room = Newsroom(Path(self.folder.name))
        self.room.store.refresh("this version", VERTICALS)
        self.defined: tuple[Vertical, ...] = SHELVES
        self.ids: dict[int, str] = {}
        self.sequences: dict[int, list[object]] = {}

    def teardown(self) -> None:
        self.room.__exit__()
        self.folder.cleanup()

    @rule(
        address=NETWORK,
        slugs=st.lists(SLUGS, min_size=1, max_size=2, unique=True),
        changes=CHANGES,
        minutes=st.integers(-30, 90),
    )
    def a_source_gives(
        self, address: str, slugs: list[str], changes: dict[str, Any], minutes: int
    ) -> None:
        self.room.clock.step(minutes=minutes)
        document = [item(slug, **changes) for slug in slugs]
        self.room.give(address, *document)
        before = self.room.dump(but=["source_state"])
        self.room.give(address, *document)
        assert self.room.dump(but=["source_state"]) == before, "the same again changes nothing"

    @rule(slug=SLUGS, changes=CHANGES)
    def a_seed_is_put_there(self, slug: str, changes: dict[str, Any]) -> None:
        usual: dict[str, Any] = {"title": f"About {slug}"}
        changes = {name: changes[name] for name in changes.keys() & {"published", "categories"}}
        self.room.clock.step(minutes=1)
        self.room.seed(f"{slug}.txt", **usual, **changes)

    @rule(slug=SLUGS)
    def a_seed_is_removed(self, slug: str) -> None:
        self.room.clock.step(minutes=1)
        self.room.remove_seed(f"{slug}.txt")

    @rule(names=st.sets(st.sampled_from(VERTICALS)))
    def the_verticals_change(self, names: set[str]) -> None:
        self.defined = tuple(v for v in SHELVES if v.name in names)
        self.start_twice()

    @rule(
        address=NETWORK,
        excluded=st.sampled_from(((), ("lid",), ("text: hums", "link: spout"))),
        rank=st.integers(-1, 1),
    )
    def the_terms_of_a_source_change(
        self, address: str, excluded: tuple[str, ...], rank: int
    ) -> None:
        self.room.listed(address, exclude=excluded, rank=rank)
        self.start_twice()

    def start_twice(self) -> None:
        self.room.clock.step(minutes=1)
        self.room.start_with(defined=self.defined)
        before = self.room.dump()
        self.room.start_with(defined=self.defined)
        assert self.room.dump() == before, "the same rules again change nothing"

    @rule()
    def the_store_is_opened_again(self) -> None:
        before = [self.room.whole_window(*verticals) for verticals in SELECTIONS]
        self.room.__exit__()
        sources, clock = self.room.sources, self.room.clock
        self.room = Newsroom(Path(self.folder.name), clock)
        self.room.sources = sources
        assert [self.room.whole_window(*verticals) for verticals in SELECTIONS] == before

    @invariant()
    def every_live_story_stands_once_in_all_unless_it_is_excluded(self) -> None:
        stands = [
            n for (n,) in self.room.rows("SELECT story FROM membership WHERE vertical = 'all'")
        ]
        live = "SELECT DISTINCT story FROM entry WHERE withdrawn_at IS NULL"
        shown = f"{live} AND json_extract(data, '$.terms.excluded') IS NULL"
        assert sorted(stands) == sorted(number for (number,) in self.room.rows(shown))
        stories = self.room.rows("SELECT number FROM story WHERE withdrawn_at IS NULL")
        assert set(stories) == set(self.room.rows(live))
        anywhere = self.room.rows("SELECT DISTINCT story FROM membership")
        assert len(anywhere) == len(stands)
        assert len(self.room.window()) == len(stands)

    @invariant()
    def no_id_occurs_twice_and_none_ever_changes(self) -> None:
        stories = dict(self.room.rows("SELECT number, id FROM story"))
        retired = [identifier for (identifier,) in self.room.rows("SELECT id FROM alias")]
        ids = [*stories.values(), *retired]
        assert len(set(ids)) == len(ids)
        for number, identifier in self.ids.items():
            if number in stories:
                assert stories[number] == identifier
            else:
                assert identifier in retired
        self.ids |= stories

    @invariant()
    def a_story_stands_where_its_entries_do(self) -> None:
        for story in self.room.window():
            of_entries = {a.vertical for entry in story.entries for a in entry.verticals}
            assert set(story.verticals) == of_entries

    @invariant()
    def sequences_only_rise_and_are_never_used_again(self) -> None:
        rows = self.room.rows("SELECT sequence, story, vertical FROM membership")
        stands = {sequence: of for sequence, *of in rows}
        highest = max(self.sequences, default=0)
        assert all(sequence > highest for sequence in stands.keys() - self.sequences.keys())
        for sequence in stands.keys() & self.sequences.keys():
            assert stands[sequence] == self.sequences[sequence]
        self.sequences |= stands


StorePromises.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
test_a_store_keeps_its_promises = StorePromises.TestCase
