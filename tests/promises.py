"""A site to which everything happens, in any order, and what holds at every step of it.

The machine of tests/flow/test_feed_promises.py and, at length, of `./dev soak feeds`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aggregator import dedup
from aggregator.model import Category, Deletion, ParsedEntry, Person, Story
from aggregator.settings import ArchiveLimits
from feeds import document, render
from feeds import selection as narrowing
from feeds.document import Rendition
from feeds.library import Wanted
from tests import subscribers
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, selection, settings_for, titled
from tests.service import Answer
from tests.subscribers import Document, Subscriber, walk

SOURCES = (GAZETTE, HERALD, "https://tribune.example/feed", "https://ledger.example/feed")
SLUGS = tuple("abcdefghijkl")
VERTICALS = ("culture", "science", "tech")
SELECTIONS = ("all", "tech", "science_tech")
FORMATS = ("atom", "json", "rss")
SIZE = 3
BASE = "http://127.0.0.1:8000"
CODINGS = ("identity", "gzip", "br")

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from((titled("The same everywhere"), titled("Something else"))),
        "text": st.sampled_from(("It hums.", "It sings.")),
        "authors": st.just((Person(name="Bo Inkwell"),)),
        "guid": st.sampled_from(("1", "https://gazette.example/stolen")),
        "link": st.none(),
        "published": st.sampled_from((None, "Mon, 02 Feb 2026 09:00:00 GMT")),
        "categories": st.sampled_from((
            (Category(term="Physics"),),
            (Category(term="Arts"), Category(term="Tech")),
            (Category(term="Physics"), Category(term="Tech")),
        )),
    },
)  # fmt: skip


def path_of(address: str) -> str:
    """Where an address of the site leads there."""
    assert address.startswith(f"{BASE}/"), address
    return address.removeprefix(BASE)


class FeedPromises(RuleBasedStateMachine):
    """Sources, seeds, an operator and readers; feeds of three stories, archives of four."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.limits = ArchiveLimits(stories=4, size=100_000)
        self.room = Newsroom(Path(self.folder.name), limits=self.limits)
        self.settings = settings_for(
            self.room.file.parent, feed_size=SIZE, archive_size=self.limits.stories
        )
        self.version = 0
        self.serve()
        self.readers = [
            Subscriber(
                address=f"{BASE}/feeds/{name}.{fmt}", by_date=by_date, coding=CODINGS[number % 3]
            )
            for number, (name, fmt, by_date) in enumerate(
                (name, fmt, by_date)
                for name in SELECTIONS
                for fmt in FORMATS
                for by_date in (False, True)
            )
        ]
        self.archives: dict[str, frozenset[str]] = {}
        self.made: dict[str, Rendition] = {}
        self.updated: dict[str, bytes] = {}
        self.listed: dict[str, list[Story]] = {}
        self.published: dict[int, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "room"):
            self.site.close()
            self.room.__exit__()
            self.folder.cleanup()

    def serve(self) -> None:
        """What a start does."""
        self.room.store.refresh(f"version {self.version}", VERTICALS)
        self.site = Site(self.room, self.settings)

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer of the site, as it is now."""
        return self.site.get(path_of(address), headers)

    # ---- sources and seeds -----------------------------------------------------------------------

    @rule(
        address=st.sampled_from(SOURCES),
        slugs=st.lists(st.sampled_from(SLUGS), min_size=1, max_size=6, unique=True),
        changes=CHANGES,
        minutes=st.integers(-30, 90),
    )
    def a_source_gives(
        self, address: str, slugs: list[str], changes: dict[str, Any], minutes: int
    ) -> None:
        self.room.clock.step(minutes=minutes)
        own = "https://gazette.example" if len(slugs) % 2 else address.rpartition("/")[0]
        self.room.give(address, *(entry(own, slug, **changes) for slug in slugs))

    @rule(address=st.sampled_from(SOURCES), slug=st.sampled_from(SLUGS))
    def a_source_takes_back(self, address: str, slug: str) -> None:
        self.room.clock.step(minutes=1)
        own = "https://gazette.example"
        gone = Deletion(ref=f"{own}/{slug}")
        self.room.give(address, entry(own, "l"), deletions=(gone,))

    @rule(slug=st.sampled_from(SLUGS), changes=CHANGES)
    def a_seed_is_put_there(self, slug: str, changes: dict[str, Any]) -> None:
        changes = {name: changes[name] for name in changes.keys() & {"published", "categories"}}
        self.room.clock.step(minutes=1)
        self.room.seed(f"{slug}.txt", f"About {slug}", **changes)

    @rule(slug=st.sampled_from(SLUGS))
    def a_seed_is_removed(self, slug: str) -> None:
        self.room.clock.step(minutes=1)
        self.room.remove_seed(f"{slug}.txt")

    # ---- the operator ----------------------------------------------------------------------------

    @rule(which=st.integers(0, 30), undo=st.booleans())
    def a_story_is_withdrawn_or_let_in_again(self, which: int, *, undo: bool) -> None:
        if ids := self.ids():
            self.room.clock.step(minutes=1)
            self.room.store.withdraw(ids[which % len(ids)], undo=undo)

    @rule(which=st.integers(0, 30), other=st.integers(0, 30))
    def two_stories_are_joined(self, which: int, other: int) -> None:
        if ids := self.ids():
            self.room.clock.step(minutes=1)
            self.room.store.join(ids[which % len(ids)], ids[other % len(ids)])
            self.listed.clear()  # it changes a story, even if no reader sees anything of the other

    @rule(which=st.integers(0, 30), address=st.sampled_from(SOURCES))
    def a_story_is_split(self, which: int, address: str) -> None:
        several = "SELECT story FROM entry GROUP BY story HAVING count(DISTINCT source) > 1"
        if ids := self.ids(f"SELECT id FROM story WHERE number IN ({several}) ORDER BY number"):
            self.room.clock.step(minutes=1)
            self.room.store.split(ids[which % len(ids)], [address])

    @rule(names=st.sets(st.sampled_from(VERTICALS)))
    def the_verticals_change(self, names: set[str]) -> None:
        self.room.clock.step(minutes=1)
        self.room.start_with(defined=tuple(v for v in SHELVES if v.name in names))

    @rule(
        address=st.sampled_from(SOURCES),
        excluded=st.sampled_from(((), ("about a",), ("text: hums", "link: /b"))),
        rank=st.integers(-1, 1),
    )
    def the_terms_of_a_source_change(
        self, address: str, excluded: tuple[str, ...], rank: int
    ) -> None:
        self.room.clock.step(minutes=1)
        self.room.listed(address, exclude=excluded, rank=rank)
        self.room.start_with()

    @rule(title=st.sampled_from(("Broadsheet", "The Bulletin")), stories=st.sampled_from((3, 4, 5)))
    def the_service_starts_with_another_configuration(self, title: str, stories: int) -> None:
        self.room.clock.step(minutes=1)
        self.site.close()
        self.room.__exit__()
        sources, clock = self.room.sources, self.room.clock
        self.limits = replace(self.limits, stories=stories)
        self.room = Newsroom(Path(self.folder.name), clock, self.limits)
        self.room.sources = sources
        if title != self.settings.site.title:
            self.version += 1
        site = replace(self.settings.site, title=title)
        self.settings = replace(self.settings, site=site, archive_size=stories)
        self.serve()

    # ---- readers ---------------------------------------------------------------------------------

    @rule(who=st.sets(st.integers(0, 17), min_size=1, max_size=4), seconds=st.integers(0, 3))
    def readers_come_by(self, who: set[int], seconds: int) -> None:
        self.room.clock.step(seconds=seconds)
        for number in sorted(who):
            self.reads(self.readers[number])

    def reads(self, reader: Subscriber) -> None:
        """He comes by, and what he then knows is all there is."""
        before = reader.body
        now = self.get(reader.address, {"Accept-Encoding": reader.coding}).body
        answer = reader.poll(self.get)
        if answer.status == 304:
            assert now == before, f"a 304 for what has changed: {reader}"
        elif not reader.by_date:
            assert now != before, f"a 200 for what he has: {reader}"
        name = reader.address.rpartition("/")[2].partition(".")[0]
        missed = self.live(name).keys() - reader.seen.keys()
        assert not missed, f"{reader.address} never showed {missed}"

    # ---- what holds ------------------------------------------------------------------------------

    @invariant()
    def a_walk_gives_every_live_story_in_its_latest_version(self) -> None:
        self.documents: dict[str, bytes] = {}
        for name in SELECTIONS:
            for fmt in FORMATS if name == "all" else ("atom",):
                self.walks(name, fmt)
        self.a_service_started_anew_gives_the_same_bytes()

    @invariant()
    def narrowed_feeds_list_what_they_should_and_change_with_nothing_else(self) -> None:
        live = self.live("all")
        by_rank = "SELECT id FROM story WHERE rank IS NOT NULL ORDER BY rank DESC"
        order = self.ids(by_rank)
        assert set(order) == live.keys()
        for query, belongs in NARROWED.items():
            each = f"{BASE}/feeds/all.atom?{query}"
            stories = [live[identifier] for identifier in order if belongs(live[identifier])]
            answer = self.get(each)
            assert (
                list(subscribers.read(answer.body, "atom").ids) == [s.id for s in stories][:SIZE]
            ), query
            self.dates_do_not_fall(each)
            updated = re.search(rb"<updated>([^<]+)<", answer.body)
            assert updated
            assert self.updated.get(query, b"") <= updated[1]
            if stories and stories == self.listed.get(query):
                assert updated[1] == self.updated[query], f"{query} changed with something else"
            self.updated[query], self.listed[query] = updated[1], stories

    @invariant()
    def nobody_sees_an_article_as_new_twice(self) -> None:
        """It is published under one id for good, unless stories were joined or split."""
        retired = set(self.ids("SELECT id FROM alias"))
        rows = self.room.rows(
            "SELECT entry.number, id, rule FROM entry JOIN story ON story.number = entry.story"
        )
        for number, identifier, rule_of in rows:
            before = self.published.get(number, identifier)
            assert before == identifier or before in retired or rule_of == dedup.SPLIT
            self.published[number] = identifier

    def walks(self, name: str, fmt: str) -> None:
        """From the feed back to its first archive, and every story in it once."""
        live = self.live(name)
        address = f"{BASE}/feeds/{name}.{fmt}"
        documents = walk(self.get, address)
        self.documents |= {each: read.body for each, read in documents.items()}
        found: dict[str, str] = {}
        for each, read in documents.items():
            assert len(set(read.ids)) == len(read.ids), f"{each} has an id twice"
            for identifier in read.ids:
                found.setdefault(identifier, each)
            assert not set(read.deleted) & live.keys()
        assert found.keys() == live.keys()
        for identifier, each in found.items():
            one = render.item(document.item(live[identifier], self.settings), fmt)
            assert one in self.documents[each], f"{each} has an old version of {identifier}"
        self.chain_holds(address, documents, fmt)
        self.sets_stay(name, documents)
        for each in documents:
            self.dates_do_not_fall(each)

    def chain_holds(self, address: str, documents: Mapping[str, Document], fmt: str) -> None:
        """RFC 5005 4: each leads to the one before and after it, and to the feed."""
        if fmt == "json":
            return
        newer: str | None = None
        for each, read in documents.items():
            assert read.beside["self"] == each
            assert read.is_archive is (each != address)
            assert read.beside.get("next-archive") == newer
            assert read.beside.get("current") == (None if each == address else address)
            newer = each if each != address else None

    def sets_stay(self, name: str, documents: Mapping[str, Document]) -> None:
        """A closed archive gets no story more, and loses those alone that have left."""
        for each, read in documents.items():
            if not read.is_archive:
                continue
            now, before = frozenset(read.ids), self.archives.get(each)
            left = self.left(name, int(each.rpartition("/")[2].partition(".")[0]))
            if before is not None:
                assert now <= before, f"{each} got {now - before}"
                assert before - now <= left, f"{each} lost {before - now - left}"
            assert len(now) <= 5
            self.archives[each] = now
            own = each[: each.rindex("/") + 1], each.rpartition(".")[2]
            known = {a for a in self.archives if a.startswith(own[0]) and a.endswith(own[1])}
            assert known <= documents.keys(), f"{known - documents.keys()} is no more"

    def dates_do_not_fall(self, each: str) -> None:
        """Last-Modified rises where bytes changed, but for changes of one second (ADR 4)."""
        made = self.site.library.rendition(wanted(each))
        assert made is not None
        before = self.made.get(each)
        if before is not None:
            assert made.last_modified >= before.last_modified
            assert (made.body == before.body) is (made.etag == before.etag)
        if before is not None and made.body != before.body:
            now = self.room.clock().replace(microsecond=0)
            assert made.last_modified > before.last_modified or made.last_modified == now
        self.made[each] = made

    def a_service_started_anew_gives_the_same_bytes(self) -> None:
        """Another program over the same store."""
        again = Site(self.room, self.settings)
        for address, body in self.documents.items():
            assert again.get(path_of(address)).body == body
        again.close()

    # ---- what the store holds --------------------------------------------------------------------

    def left(self, name: str, last: int) -> set[str]:
        """The ids of stories that stood there up to this sequence, and then left."""
        among = ", ".join(f"'{vertical}'" for vertical in name.split("_"))
        where = f"vertical IN ({among}) AND sequence <= {last}"
        return set(self.ids(f"SELECT id FROM departure WHERE {where}"))

    def ids(self, statement: str = "SELECT id FROM story ORDER BY number") -> list[str]:
        """The ids that the statement finds."""
        return [identifier for (identifier,) in self.room.rows(statement)]

    def live(self, name: str) -> dict[str, Story]:
        """The stories that stand in any of the verticals, by id."""
        among = ", ".join(f"'{vertical}'" for vertical in name.split("_"))
        stands = f"SELECT story FROM membership WHERE vertical IN ({among})"
        rows = self.room.rows(f"SELECT page_id FROM story WHERE number IN ({stands})")
        found = [self.room.query.story(page_id) for (page_id,) in rows]
        return {story.id: story for story in found if story}


def says(story: Story, text: str) -> bool:
    """Whether one of its entries that are shown says this."""
    return any(text in f"{e.title} {e.summary} {e.content}".lower() for e in story.entries)


NARROWED: dict[str, Callable[[Story], bool]] = {
    "q=hums": lambda story: says(story, "hums"),
    "q=-sings&not=tech": lambda s: not says(s, "sings") and "tech" not in s.verticals,
    "vertical=science&vertical=tech": lambda s: {"science", "tech"} <= set(s.verticals),
    "author=bo+inkwell": lambda s: "Bo Inkwell" in {p.name for e in s.entries for p in e.authors},
}
"""Parameters, and whether a story belongs to what they leave."""


def wanted(address: str) -> Wanted:
    """What the library is asked for at this address."""
    address, _, query = address.partition("?")
    if query:
        there = narrowing.defined(settings_for(Path()))
        found = narrowing.narrow(selection(), parse_qsl(query), there)
        assert not isinstance(found, narrowing.Malformed)
        return Wanted(selection=found[0], fmt="atom")
    place, _, fmt = path_of(address).removeprefix("/feeds/").rpartition(".")
    name, _, number = place.partition("/archive/")
    archive = int(number) if number else None
    return Wanted(selection=selection(*name.split("_")), fmt=fmt, archive=archive)


def entry(base: str, slug: str, **changes: Any) -> ParsedEntry:
    """The item at this address of a site; `text` is its summary."""
    address = f"{base}/{slug}"
    return item(slug, **({"guid": address, "link": address} | changes))
