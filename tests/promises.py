"""A site to which everything happens, in any order, and what holds at every step of it.

The machine of tests/flow/test_feed_promises.py and, at length, of `./dev soak feeds`.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aggregator import dedup
from aggregator.model import Category, Deletion, KnownEntry, ParsedEntry, Person, Story
from aggregator.settings import ArchiveLimits
from aggregator.store.known import entries
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


# ---- copies -------------------------------------------------------------------------------------

QUAY = """
The ferry that has crossed the Sallow between Lower Dunlin and Tansy Quay since 1904 will stop on
the last Sunday of April, its owner Ottoline Reed told the harbour board on Thursday evening. She
has run it with a crew of three and lost 21,000 crowns in the past winter, when ice closed the
landing for 46 days. The board had offered her half of that and the fees of the coal barges. Reed
turned it down because the hull, built by Harbinger and Sons, needs new plates before any inspector
signs for it again. Passengers will have to take the tram round by Merrow, which adds forty minutes
to their way. Schoolmaster Wim Latch has gathered 900 names for a rowing boat in the mornings, and
the pilots of Gull Point say they would man it without pay until the bridge is mended. The board
will vote on the ninth of March.
"""
HIVES = """
Beekeepers on the terraces above Orrin Vale have carried 340 hives into the disused railway tunnel
after a late frost took the blossom of nearly every pear tree in a single night. Agatha Thrum, who
looks after most of them, said that the colonies would sleep there for two weeks at nine degrees and
wake when the limes of Castle Street come into flower. Each hive gets a cake of sugar that the
brewery of Pell and Marrin has given. The stationmaster, Ignaz Foyle, has lent lamps and 12 trolleys
and keeps the gate shut from dusk. In 1958 the growers tried the same with too little air, and lost
a third of their bees. This time the school has built four fans out of old bicycles, and pupils ride
them in turns of half an hour. Professor Lena Vorst of Dunmouth will count the bees in May.
"""
FOOTER = "The post Evening edition appeared first on Sallow Messenger."


def forms(text: str) -> tuple[str, ...]:
    """Copies of a text. Its beginning and its end are each like it, and not each other."""
    whole = text.split()
    worn = [word for at, word in enumerate(whole, start=1) if at % 17]
    return tuple(
        " ".join(each)
        for each in (
            whole,
            whole[:85],
            whole[50:],
            ("DUNLIN", "(Sallow", "Wire)", "—", *worn),
            (*whole[:110], "[…]", FOOTER),
        )
    )


TOLD = {"quay": forms(QUAY), "hives": forms(HIVES)}
TITLES = {
    "quay": ("Ferry to Tansy Quay stops", "No more boats from Lower Dunlin in April"),
    "hives": ("Bees sleep in the tunnel", "Three hundred hives under Orrin Vale"),
}
CATEGORIES = ((), (Category(term="Physics"),), (Category(term="Arts"), Category(term="Tech")))


@dataclass(frozen=True, slots=True)
class Copy:
    """An article as a source may give it: in one of its forms, at one of a few places."""

    topic: str
    form: int
    place: str
    title: int
    corrects: bool = False
    published: str | None = "Fri, 13 Feb 2026 09:00:00 GMT"
    categories: tuple[Category, ...] = ()

    def of(self, address: str) -> ParsedEntry:
        """The item that the source at this address makes of it."""
        own = "https://gazette.example" if self.place == "shared" else address.rpartition("/")[0]
        title = "CORRECTED-" * self.corrects + TITLES[self.topic][self.title]
        return entry(
            own,
            f"{self.topic}-{self.place}",
            title=titled(title),
            text=TOLD[self.topic][self.form],
            published=self.published,
            categories=self.categories,
        )


COPIES = st.builds(
    Copy,
    topic=st.sampled_from(tuple(TOLD)),
    form=st.integers(0, 4),
    place=st.sampled_from(("1", "2", "shared")),
    title=st.integers(0, 1),
    corrects=st.sampled_from((False, False, False, True)),
    published=st.sampled_from((
        "Fri, 13 Feb 2026 09:00:00 GMT", "Fri, 13 Feb 2026 21:30:00 GMT", None,
        "Mon, 09 Feb 2026 07:00:00 GMT",
    )),
    categories=st.sampled_from(CATEGORIES),
)  # fmt: skip
DOCUMENTS = st.lists(COPIES, min_size=1, max_size=3, unique_by=lambda c: (c.topic, c.place))


Pairs = set[tuple[int, int]]
"""Pairs of the numbers of entries, the lower first."""


@dataclass(slots=True)
class Said:
    """What holds of the entries of a store, by their numbers: what the operator has said of them.

    `owners` are the entries that ids were first published for.
    """

    apart: Pairs = field(default_factory=set)
    together: Pairs = field(default_factory=set)
    linked: Pairs = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    owners: dict[str, int] = field(default_factory=dict)

    def split(self, here: Collection[int], there: Collection[int]) -> None:
        """These are apart from those."""
        self.apart |= crossing(here, there)
        self.together -= crossing(here, there)

    def join(self, stories: Sequence[Collection[int]]) -> None:
        """All of these are one."""
        for one, other in combinations(stories, 2):
            self.together |= crossing(one, other)
        everyone = [number for numbers in stories for number in numbers]
        self.apart -= crossing(everyone, everyone)


def crossing(here: Iterable[int], there: Iterable[int]) -> Pairs:
    """The pairs of one of these and one of those."""
    return {(min(pair), max(pair)) for pair in product(here, there)}


@cache
def empty_store() -> bytes:
    """A store as a first start makes it: to make each anew takes as long as ten steps."""
    with tempfile.TemporaryDirectory() as folder:
        with Newsroom(Path(folder)):
            pass
        return (Path(folder) / "store.db").read_bytes()


# ---- the machine --------------------------------------------------------------------------------


def path_of(address: str) -> str:
    """Where an address of the site leads there."""
    assert address.startswith(f"{BASE}/"), address
    return address.removeprefix(BASE)


class FeedPromises(RuleBasedStateMachine):
    """Sources, seeds, an operator and readers; feeds of three stories, archives of four."""

    @initialize(given=st.lists(st.tuples(st.sampled_from(SOURCES), DOCUMENTS), max_size=4))
    def open(self, given: list[tuple[str, list[Copy]]]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        (Path(self.folder.name) / "store.db").write_bytes(empty_store())
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
        self.said = Said()
        self.gave: dict[str, dict[str, ParsedEntry]] = defaultdict(dict)
        self.last: dict[str, tuple[Sequence[ParsedEntry], tuple[Deletion, ...]]] = {}
        for address, copies in given:
            self.gives_copies(address, copies, minutes=7)

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
        self.gives(address, *(entry(own, slug, **changes) for slug in slugs))

    def gives(self, address: str, *document: ParsedEntry) -> None:
        self.room.give(address, *document)
        self.last[address] = document, ()
        self.gave[address] |= {f"{one.guid} {one.link}": one for one in document}

    @rule(
        address=st.sampled_from(SOURCES),
        copies=DOCUMENTS,
        minutes=st.integers(1, 90),
    )
    def a_source_gives_copies(self, address: str, copies: list[Copy], minutes: int) -> None:
        self.gives_copies(address, copies, minutes)

    def gives_copies(self, address: str, copies: list[Copy], minutes: int) -> None:
        self.room.clock.step(minutes=minutes)
        self.gives(address, *(one.of(address) for one in copies))

    @rule(hours=st.sampled_from((1, 30, 80)))
    def time_passes(self, hours: int) -> None:
        self.room.clock.step(hours=hours)

    @rule()
    def every_source_gives_the_same_again(self) -> None:
        self.room.clock.step(minutes=1)
        before = self.entries_of()
        for address, (given, deletions) in self.last.items():
            self.room.give(address, *given, deletions=deletions)
        assert self.entries_of() == before, "what was given before parts and joins nothing"

    @rule(address=st.sampled_from(SOURCES))
    def a_source_gives_all_that_it_ever_gave(self, address: str) -> None:
        self.room.clock.step(minutes=1)
        self.gives(address, *self.gave[address].values())

    @rule(address=st.sampled_from(SOURCES), slug=st.sampled_from(SLUGS))
    def a_source_takes_back(self, address: str, slug: str) -> None:
        self.room.clock.step(minutes=1)
        own = "https://gazette.example"
        gone = Deletion(ref=f"{own}/{slug}")
        self.room.give(address, entry(own, "l"), deletions=(gone,))
        self.last[address] = (entry(own, "l"),), (gone,)

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
            one = ids[which % len(ids)]
            self.told({one}, lambda: self.room.store.withdraw(one, undo=undo))
            if undo:
                self.said.hidden.difference_update(self.entries_of()[one])

    @rule(which=st.integers(0, 30), other=st.integers(0, 30), by_old_name=st.booleans())
    def two_stories_are_joined(self, which: int, other: int, *, by_old_name: bool) -> None:
        if ids := self.ids():
            one, two = ids[which % len(ids)], ids[other % len(ids)]
            before = self.entries_of()
            old = {now: gone for now, gone in self.aliases() if now == one} if by_old_name else {}
            kept = self.told({one, two}, lambda: self.room.store.join(old.get(one, one), two))
            assert kept in {one, two} if one != two else kept is None
            if kept:
                assert self.entries_of()[kept] == before[one] | before[two]
                self.said.join([before[one], before[two]])
            self.listed.clear()  # it changes a story, even if no reader sees anything of the other

    @rule(which=st.integers(0, 30), mask=st.integers(1, 14), every=st.booleans())
    def a_story_is_split(self, which: int, mask: int, *, every: bool) -> None:
        several = "SELECT story FROM entry GROUP BY story HAVING count(DISTINCT source) > 1"
        ids = self.ids(f"SELECT id FROM story WHERE number IN ({several}) ORDER BY number")
        if not ids:
            return
        one = ids[which % len(ids)]
        before = self.entries_of()[one]
        of_source: dict[str, set[int]] = defaultdict(set)
        for number, address in self.room.rows(
            "SELECT entry.number, address FROM entry JOIN source ON source.number = entry.source"
        ):
            if number in before:
                of_source[address].add(number)
        if every:
            parts = list(of_source.values())
            made = self.told({one}, lambda: self.room.store.split_all(one)) or []
        else:
            chosen = [a for at, a in enumerate(sorted(of_source)) if mask >> at & 1]
            there = {number for address in chosen for number in of_source[address]}
            parts = [there, before - there] if there and there != before else [before]
            other = self.told({one}, lambda: self.room.store.split(one, chosen))
            made = [other] if other else []
        after = self.entries_of()
        assert sorted(map(sorted, parts)) == sorted(sorted(after[i]) for i in (one, *made))
        for here, away in combinations(parts, 2):
            self.said.split(here, away)

    def told(self, names: set[str], act: Callable[[], _Made]) -> _Made:
        """The operator says something of these stories: no other one changes in any byte."""
        self.room.clock.step(minutes=1)
        ids, before, shown = set(self.ids()), self.held(), self.shown()
        made = act()
        concerned = names | (set(self.ids()) - ids)
        for what, was in (before, self.held()), (shown, self.shown()):
            assert {i: was[i] for i in was.keys() - concerned} == {
                i: what[i] for i in what.keys() - concerned
            }
        return made

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
            is_parted = rule_of in (dedup.SPLIT, dedup.PARTED)
            assert before == identifier or before in retired or is_parted
            self.published[number] = identifier

    @invariant()
    def what_the_operator_said_holds(self) -> None:
        entries_of, said = self.entries_of(), self.said
        story_of = {n: identifier for identifier, own in entries_of.items() for n in own}
        for one, other in said.apart:
            assert story_of[one] != story_of[other], f"{one} and {other} were split"
        for one, other in said.together:
            assert story_of[one] == story_of[other], f"{one} and {other} were joined"
        withdrawn = set(self.ids("SELECT id FROM story WHERE by_operator"))
        for number in said.hidden:
            assert story_of[number] in withdrawn, f"{number} was withdrawn"
        said.hidden |= {number for number, story in story_of.items() if story in withdrawn}

    @invariant()
    def an_id_leads_to_the_article_that_it_was_given_to(self) -> None:
        entries_of, owners = self.entries_of(), self.said.owners
        for identifier, own in entries_of.items():
            assert owners.setdefault(identifier, min(own)) in own, f"{identifier}: another article"
        for now, gone in self.aliases():
            owner = owners.get(gone)
            assert owner is None or owner in entries_of[now], f"{gone} leads to another article"
        live = {story.id: story for story in self.live("all").values()}
        pages = self.room.rows(
            "SELECT alias.page_id, story.id FROM alias JOIN story ON story.number = alias.story"
            " ORDER BY retired_at DESC LIMIT 2"
        )
        for page, now in pages:
            answer = self.site.get(f"/stories/{page}")
            if now in live:
                assert answer.status == 301
                assert answer.field("location") == f"{BASE}/stories/{live[now].page_id}"
            else:
                assert answer.status in (404, 410)

    @invariant()
    def a_story_has_two_entries_of_a_source_only_where_these_are_one(self) -> None:
        known, said = self.known(), self.said
        for numbers in self.entries_of().values():
            for one, other in combinations(sorted(numbers), 2):
                if known[one].source == known[other].source:
                    found = dedup.link(known[one], known[other])
                    if isinstance(found, dedup.Link) or known[other].matched == one:
                        said.linked.add((one, other))
                    assert (one, other) in said.linked | said.together, f"{one}, {other}"

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

    def aliases(self) -> list[tuple[str, str]]:
        """The ids that joins retired, each after that of the story that it leads to."""
        return [
            (now, gone)
            for now, gone in self.room.rows(
                "SELECT story.id, alias.id FROM alias JOIN story ON story.number = alias.story"
            )
        ]

    def entries_of(self) -> dict[str, set[int]]:
        """The numbers of the entries of each story, by its id."""
        found: dict[str, set[int]] = defaultdict(set)
        for number, identifier in self.room.rows(
            "SELECT entry.number, id FROM entry JOIN story ON story.number = entry.story"
        ):
            found[identifier].add(number)
        return dict(found)

    def known(self) -> dict[int, KnownEntry]:
        """Every entry."""
        numbers = [number for (number,) in self.room.rows("SELECT number FROM entry")]
        with self.room.query._engine.connect() as connection:
            return entries(connection, numbers)

    def held(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the tables have of each story, by its id."""
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        ids = dict(self.room.rows("SELECT number, id FROM story"))
        for statement in _HELD:
            for row in self.room.rows(statement):
                found[ids[row[0]]].append(row)
        return dict(found)

    def shown(self) -> dict[str, list[bytes]]:
        """Every live story in every format, by its id."""
        return {
            identifier: [render.item(document.item(story, self.settings), fmt) for fmt in FORMATS]
            for identifier, story in self.live("all").items()
        }

    def live(self, name: str) -> dict[str, Story]:
        """The stories that stand in any of the verticals, by id."""
        among = ", ".join(f"'{vertical}'" for vertical in name.split("_"))
        stands = f"SELECT story FROM membership WHERE vertical IN ({among})"
        rows = self.room.rows(f"SELECT page_id FROM story WHERE number IN ({stands})")
        found = [self.room.query.story(page_id) for (page_id,) in rows]
        return {story.id: story for story in found if story}


_Made = TypeVar("_Made")
_HELD = (
    "SELECT * FROM story",
    "SELECT story, entry.* FROM entry ORDER BY number",
    "SELECT story, membership.* FROM membership ORDER BY sequence",
    "SELECT story, alias.* FROM alias ORDER BY id",
)
"""What the tables have of stories, each row after the number of its story."""


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
