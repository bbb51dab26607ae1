"""The same entries make the same stories, in whatever order, company and process they arrive.

What is compared is the partition of the entries into stories; ids, leads and dates may differ. All
arrives inside the window. `BROADSHEET_EXAMPLES=3000 ./dev test tests/flow/test_any_order.py` looks
for longer.
"""

from __future__ import annotations

import itertools
import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import dedup, markup, urls
from aggregator.model import KnownEntry, ParsedEntry, PullOutcome, Text, Written
from aggregator.pull import stages
from aggregator.settings import SEED, Dedup
from aggregator.signature import uncorrected
from aggregator.store.known import entries
from aggregator.store.lately import Lately
from aggregator.verticals import Shelves
from tests.builders import NOW, parsed, parsed_feed
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, start, titled

EXAMPLES = int(os.environ.get("BROADSHEET_EXAMPLES", "10"))

TRIBUNE = "https://tribune.example/feed"
COURIER = "https://courier.example/all.xml"
WIRE = "https://wire.example/rss"
NETWORK = (GAZETTE, HERALD, TRIBUNE, COURIER, WIRE)
SEEDS = (SEED + "lamps.txt", SEED + "ferry.txt", SEED + "other.txt")
TITLE_OF = {COURIER: "The Courier", WIRE: "Harbour Wire"}
"""What a source calls itself; all others call themselves the Merrow Gazette, and seeds name it."""

Key = tuple[str, str]
Partition = frozenset[frozenset[Key]]

# ---- the pool -----------------------------------------------------------------------------------

LAMPS = """
The council of Merrow voted on Thursday to replace all 4,200 street lamps of the old town with
dimmable ones by 2029, after a debate of six hours that divided both large parties. Mayor Odile
Farrow said that the change would save 310,000 crowns a year and let residents see the stars again.
Shopkeepers on Kiln Street fear for their evening trade and want an exception until midnight. The
first forty lamps are to be installed along the Weir Walk in March, where a trial last winter cut
complaints about glare by half. Engineer Tobias Quill, who led the trial, told the council that
accidents had not increased. An independent review by the University of Sallow is due before the
second stage begins, and the council may still stop the work then.
"""
FERRY = """
The night ferry between Port Ansel and the Quarry Islands ran aground on a sandbank early on
Wednesday with 212 passengers aboard, and all of them were brought ashore unharmed within three
hours. Captain Ines Calloway had slowed the Saint Brannoc to four knots in thick fog when the echo
sounder failed, the harbour authority said. Two tugs from Dunmouth pulled the ship free at high
water shortly after nine. Divers found scratches along forty metres of the hull but no leak. The
operator, Northern Straits, has cancelled its sailings until Saturday and will refund tickets. A
similar grounding in 2019 led to new buoys on the eastern channel, which fishermen have long called
too narrow for ships of that length. An inquiry will report in June.
"""
LEDGER = """
Merrow Savings reported on Friday a profit of 48.2 million crowns for the third quarter, up 7.5 per
cent on a year before, as higher lending rates outweighed a fall in fees. Chief executive Pell
Marrin raised the forecast for the year to 190 million and said that the bank would open eleven
branches in Sallow County. Deposits grew to 6.1 billion. Analysts at Thorne and Daughters had
expected 45 million. Shares rose 3.1 per cent in early trading on the Ansel exchange. The bank set
aside 9.4 million against loans to builders, twice the sum of the second quarter, and warned that
house prices in Dunmouth may fall further. It will pay an interim dividend of 1.20 crowns a share
on the first of December, unchanged from last year.
"""
BULLETIN = """
Water levels on the river Sall on {0}: at Merrow Weir {1} centimetres, at Kiln Bridge {2}
centimetres, at Dunmouth Lock {3} centimetres. The authority expects {4} over the next day. Boats
of more than {5} tonnes may pass the lock between six and nine in the morning only. Anglers are
reminded that the season for pike ends soon and that permits from last year are not valid. Further
readings are published every morning at seven by the gauge office on Weir Walk.
"""
BULLETINS = tuple(
    BULLETIN.format(*numbers)
    for numbers in (
        ("Monday", "184", "201", "97", "a slow fall", "40"),
        ("Tuesday", "171", "188", "92", "a slow fall", "40"),
        ("Wednesday", "239", "260", "131", "a rapid rise after rain", "25"),
    )
)


def words(text: str) -> list[str]:
    return text.split()


def cut(text: str, to: int) -> str:
    return " ".join(words(text)[:to]) + " […]"


def worn(text: str, every: int, start: int = 0) -> str:
    """The text with a word lost now and then."""
    return " ".join(w for at, w in enumerate(words(text)) if (at + start) % every or at < start)


def variants(text: str) -> tuple[str, ...]:
    plain = " ".join(words(text))
    changed = plain.replace("Thursday", "Friday").replace("Wednesday", "Tuesday")
    return (
        plain,
        cut(plain, 24),
        cut(plain, 45),
        cut(plain, 80),
        worn(plain, 13),
        worn(plain, 9, 4),
        worn(cut(plain, 70), 11, 2),
        f"PORT ANSEL (Wire) - {worn(plain, 17)}",
        f"{plain} (Reporting by Wen Ardley; editing by Mo Tarrant)",
        changed,
        changed.replace("forty", "sixty").replace("four", "five").replace("48.2", "49.7"),
        " ".join(words(plain)[60:]),
        " ".join(words(plain)[30:] + words(plain)[:30]),
    )


MIXED = (
    cut(LAMPS, 50) + " " + cut(FERRY, 50),
    " ".join(words(FERRY)) + " " + " ".join(words(LAMPS)),
    " ".join(words(LEDGER)[:70] + words(FERRY)[70:]),
)
TEXTS = (
    *variants(LAMPS), *variants(FERRY), *variants(LEDGER), *BULLETINS, *MIXED,
    "The council of Merrow voted on Thursday to replace all street lamps.",
    "More soon.", "",
)  # fmt: skip
TITLES = (
    "Merrow to dim its street lamps", "Council votes for darker nights", "Ferry aground in fog",
    "All safe after ferry grounding", "Merrow Savings raises its forecast", "River levels",
    "The Morning Column", "CORRECTED: Ferry aground in fog", "Correction: River levels", "",
)  # fmt: skip
PLACES = (
    "https://gazette.example/lamps", "https://gazette.example/ferry",
    "https://gazette.example/live", "https://gazette.example/live#1",
    "https://gazette.example/live#2", "https://herald.example/a?id=7",
    "http://www.herald.example/a?id=7&utm_source=rss", "https://wire.example/9", None,
)  # fmt: skip
HOURS_AGO = (1, 2, 5, 26, 49, 50, 73, 74, 100, 121, None)


@dataclass(frozen=True, slots=True)
class Given:
    """One entry of a source, which it gives once."""

    source: str
    guid: str
    title: str
    link: str | None
    hours_ago: int | None
    text: str

    @property
    def key(self) -> Key:
        return self.source, self.guid

    def parsed(self) -> ParsedEntry:
        when = None if self.hours_ago is None else NOW - timedelta(hours=self.hours_ago)
        return parsed(
            guid=self.guid,
            link=self.link,
            title=titled(self.title) if self.title else None,
            summary=Text(value=self.text, html=False) if self.text else None,
            published=when and format_datetime(when),
            publication="Merrow Gazette" if self.source.startswith(SEED) else None,
        )


def title_key(title: str) -> str:
    """What a correction has in common with what it corrects."""
    return markup.title_key(uncorrected(title)) or markup.title_key(title)


def page(one: Given) -> str | None:
    return urls.address_key(one.link) if one.link else None


def unambiguous(drawn: Sequence[Given]) -> tuple[Given, ...]:
    """What is drawn, without what is another question.

    - Of one source, what has one title has another date and page each: else it may be the same
      entry again (`dedup.renamed`), which is not promised to be the same in any order.
    - What has no date is compared with a seed by when it came: that depends on the order.
    - A seed file has one page, without an address.
    - What has no title, text and address is no entry.
    """
    kept: dict[object, Given] = {}
    seed_titles = {title_key(g.title) for g in drawn if g.source.startswith(SEED)}
    for number, one in enumerate(drawn):
        title = title_key(one.title)
        if not (one.title or one.text or (one.link and not one.source.startswith(SEED))):
            continue
        if one.source.startswith(SEED):
            hours = one.hours_ago or 3
            file = replace(one, link=None, guid=one.source, hours_ago=hours)
            kept.setdefault(one.source, file)
            continue
        undated = one.hours_ago is None
        if undated and title in seed_titles:
            continue
        same = [k for k in kept.values() if k.source == one.source
                and title_key(k.title) == title]  # fmt: skip
        if any(undated or k.hours_ago in (None, one.hours_ago) for k in same):
            continue
        if any(page(k) == page(one) for k in same):
            continue
        kept[number] = replace(one, guid=f"{one.source}/{number}")
    return tuple(kept.values())


def topical(text: Sequence[str], title: Sequence[str]) -> st.SearchStrategy[Given]:
    return st.builds(
        Given,
        source=st.sampled_from((*NETWORK, *SEEDS)),
        guid=st.just(""),
        title=st.sampled_from(title),
        link=st.sampled_from(PLACES),
        hours_ago=st.sampled_from(HOURS_AGO),
        text=st.sampled_from(text),
    )


POOLS = (
    (TEXTS, TITLES),
    (variants(LAMPS), TITLES[:2]),
    (variants(FERRY), (*TITLES[2:4], TITLES[7])),
    (BULLETINS, (TITLES[5], TITLES[8])),
    ((*variants(LEDGER), *MIXED), TITLES[3:6]),
)
SETS = (
    st.sampled_from(POOLS)
    .flatmap(lambda pool: st.lists(topical(*pool), min_size=2, max_size=9))
    .map(unambiguous)
    .filter(lambda drawn: len(drawn) > 1)
)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """In which order entries come, and which of them with the one before: its pull, its commit."""

    order: tuple[int, ...]
    with_pull: tuple[bool, ...]
    with_commit: tuple[bool, ...]

    def commits(self, drawn: Sequence[Given]) -> list[list[tuple[str, list[Given]]]]:
        commits: list[list[tuple[str, list[Given]]]] = []
        for at, same_pull, same_commit in zip(
            self.order, self.with_pull, self.with_commit, strict=True
        ):
            one = drawn[at]
            if not commits or not same_commit:
                commits.append([])
            open_pull = next((p for s, p in reversed(commits[-1]) if s == one.source), None)
            if same_pull and open_pull is not None:
                open_pull.append(one)
            else:
                commits[-1].append((one.source, [one]))
        return commits


def arrangements(count: int) -> st.SearchStrategy[Arrangement]:
    flags = st.lists(st.booleans(), min_size=count, max_size=count).map(tuple)
    return st.builds(Arrangement, st.permutations(range(count)).map(tuple), flags, flags)


# ---- the stores ---------------------------------------------------------------------------------


@contextmanager
def newsroom() -> Iterator[Newsroom]:
    """A store in which all sources are listed, and nothing else is."""
    with tempfile.TemporaryDirectory() as folder, Newsroom(Path(folder)) as room:
        list_all(room)
        yield room


def list_all(room: Newsroom) -> None:
    for address in (*NETWORK, *SEEDS):
        room.listed(address)


class Rooms:
    """One store that is empty again each time: to open one takes longer than what is tested."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._empty = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(room.file)) as connection:
            connection.backup(self._empty)

    def empty(self) -> Newsroom:
        with closing(sqlite3.connect(self._room.file)) as connection:
            self._empty.backup(connection)
        # What is open may still see what was there.
        self._room.store._engine.dispose()
        self._room.query._engine.dispose()
        self._room.store._lately = Lately.of(Dedup(), ())
        self._room.clock.now = NOW
        return self._room


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    with newsroom() as room:
        yield Rooms(room)


def pulled(room: Newsroom, address: str, drawn: Sequence[Given]) -> PullOutcome:
    leased = room.at(address)
    now = room.clock()
    name = TITLE_OF.get(address, "Merrow Gazette")
    document = replace(
        parsed_feed(*(one.parsed() for one in drawn)),
        base=address,
        title=titled(name),
        site_url=None if address.startswith(SEED) else "/".join(address.split("/")[:3]),
    )
    state = replace(leased.state, pulled=True, last_pull_at=now)
    return stages.arrived(leased, room.sources[address], document, state, Shelves(SHELVES), now)


def arrive(room: Newsroom, drawn: Sequence[Given], how: Arrangement, minutes: int = 7) -> None:
    for commit in how.commits(drawn):
        outcomes = [pulled(room, address, some) for address, some in commit]
        written = room.store.write_all(outcomes, dedup.decide)
        assert [type(one) for one in written] == [Written] * len(commit), written
        room.clock.step(minutes=minutes)


def one_by_one(room: Newsroom, drawn: Sequence[Given]) -> None:
    for one in drawn:
        room.store.write(pulled(room, one.source, [one]), dedup.decide)
        room.clock.step(minutes=7)


def known(room: Newsroom) -> list[KnownEntry]:
    numbers = [number for (number,) in room.rows("SELECT number FROM entry ORDER BY number")]
    with room.query._engine.connect() as connection:
        return list(entries(connection, numbers).values())


def name(one: KnownEntry) -> Key:
    return one.address, one.entry.guid or ""


def partition(room: Newsroom) -> Partition:
    stories: dict[int, set[Key]] = {}
    for one in known(room):
        stories.setdefault(one.story, set()).add(name(one))
    return frozenset(map(frozenset, stories.values()))


def told(stories: Partition) -> list[list[Key]]:
    """A partition as it reads best where two of them are compared."""
    return sorted(sorted(story) for story in stories)


# ---- in any order -------------------------------------------------------------------------------

CASES = SETS.flatmap(
    lambda drawn: st.tuples(
        st.just(drawn), st.lists(arrangements(len(drawn)), min_size=2, max_size=2)
    )
)


@given(case=CASES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_same_entries_make_the_same_stories_in_any_order(
    rooms: Rooms, case: tuple[tuple[Given, ...], list[Arrangement]]
) -> None:
    drawn, ways = case
    room = rooms.empty()
    one_by_one(room, drawn)
    assert len(known(room)) == len(drawn)
    expected = partition(room)
    for way in ways:
        room = rooms.empty()
        arrive(room, drawn, way)
        assert told(partition(room)) == told(expected)


# ---- in two processes ---------------------------------------------------------------------------


def many(count: int, seed: int = 5) -> tuple[Given, ...]:
    """Entries that collide a lot, the same each time."""
    rng = random.Random(seed)
    titles = (*TITLES[:4], *TITLES[5:8])
    texts = (*variants(LAMPS)[:9], *variants(FERRY)[:9], *BULLETINS)
    return unambiguous(
        [
            Given(
                source=rng.choice((*NETWORK, *SEEDS)),
                guid="",
                title=rng.choice(titles),
                link=rng.choice((*PLACES, *(None,) * 6)),
                hours_ago=rng.choice(HOURS_AGO[:-1]),
                text=rng.choice(texts),
            )
            for _ in range(count)
        ]
    )


HALF = """
import sys
from pathlib import Path
from tests.flow import test_any_order as own
from tests.newsroom import Newsroom
half = int(sys.argv[2])
drawn = own.many(26)[half::2]
with Newsroom(Path(sys.argv[1])) as room:
    own.list_all(room)
    print("open", flush=True)
    sys.stdin.read(1)
    own.one_by_one(room, drawn[::-1] if half else drawn)
"""


def test_two_processes_that_each_write_a_half_make_the_stories_that_one_makes(
    rooms: Rooms, tmp_path: Path
) -> None:
    drawn = many(26)
    alone = rooms.empty()
    one_by_one(alone, drawn)
    expected = partition(alone)
    assert 1 < len(expected) < len(drawn) - 5
    with Newsroom(tmp_path) as room:
        list_all(room)
        with start(HALF, tmp_path, 0) as left, start(HALF, tmp_path, 1) as right:
            for one in (left, right):
                assert one.stdout is not None
                assert one.stdout.readline() == "open\n"
            for one in (left, right):
                assert one.stdin is not None
                one.stdin.write("\n")
                one.stdin.flush()
            assert (left.wait(), right.wait()) == (0, 0)
        assert told(partition(room)) == told(expected)


# ---- after a ruling -----------------------------------------------------------------------------


def lamps(source: str, name: str, title: str = TITLES[0], **changes: Any) -> Given:
    usual = Given(source, f"{source}/{name}", title, f"{source}/{name}", 5, variants(LAMPS)[0])
    return replace(usual, **changes)


OTHERS = (
    lamps(HERALD, "ferry", "Ferry aground in fog", text=variants(FERRY)[0]),
    lamps(GAZETTE, "ferry", "All safe after ferry grounding", text=variants(FERRY)[3]),
    lamps(TRIBUNE, "ledger", "Merrow Savings raises its forecast", text=variants(LEDGER)[0]),
    lamps(COURIER, "levels", "River levels", text=BULLETINS[0]),
)
HERE, THERE = lamps(HERALD, "lamps"), lamps(GAZETTE, "dark", "Council votes for darker nights")
LATER = (
    lamps(TRIBUNE, "copy", "A night for stars", hours_ago=3),
    lamps(COURIER, "cut", link=THERE.link, text=variants(LAMPS)[2]),
    lamps(WIRE, "worn", "Lamps to go", link=HERE.link, text=variants(LAMPS)[4]),
    # The herald has two of them now, which are not the same: this is contested.
    lamps(HERALD, "again", "What Merrow decided", link=THERE.link, text=variants(LAMPS)[3]),
)
BULLETIN_STORY = lamps(GAZETTE, "dark", "River levels this week", text=BULLETINS[1])


def ids(room: Newsroom) -> dict[str, frozenset[Key]]:
    """What is in the stories that have these ids."""
    found: dict[str, set[Key]] = {}
    names = dict(room.rows("SELECT number, id FROM story"))
    for one in known(room):
        found.setdefault(names[one.story], set()).add(name(one))
    return {identifier: frozenset(story) for identifier, story in found.items()}


def rows_of(room: Newsroom, others: Sequence[Given]) -> list[object]:
    """Every byte of the stories of these entries, and of where they stand."""
    keys = {one.key for one in others}
    numbers = {one.story for one in known(room) if name(one) in keys}
    dump = room.dump()
    columns = {
        table: [column for _, column, *_ in room.rows(f"PRAGMA table_info({table})")]
        for table in ("story", "membership")
    }
    stories = [r for r in dump["story"] if r[columns["story"].index("number")] in numbers]
    standing = [r for r in dump["membership"] if r[columns["membership"].index("story")] in numbers]
    return [stories, standing]


def orders(of: Sequence[Given]) -> Iterator[tuple[tuple[Given, ...], bool]]:
    """Some orders in which these arrive, in one commit and one by one."""
    every = list(itertools.permutations(of))
    for number, order in enumerate(every[::4] + every[-1:]):
        yield order, bool(number % 2)


def arrive_later(room: Newsroom, later: Sequence[Given], *, at_once: bool) -> None:
    flags = (at_once,) * len(later)
    arrive(room, later, Arrangement(tuple(range(len(later))), flags, flags))


def test_what_a_split_keeps_apart_no_later_arrival_unites_in_any_order(rooms: Rooms) -> None:
    seen: set[Partition] = set()
    for order, at_once in orders(LATER):
        room = rooms.empty()
        one_by_one(room, (HERE, *OTHERS, THERE))
        others = rows_of(room, OTHERS)
        (whole,) = (i for i, story in ids(room).items() if story == {HERE.key, THERE.key})
        half = room.store.split(whole, [THERE.source])
        assert half is not None
        arrive_later(room, order, at_once=at_once)
        assert HERE.key in ids(room)[whole]
        assert THERE.key in ids(room)[half]
        assert room.rows("SELECT id FROM alias") == []
        assert rows_of(room, OTHERS) == others
        seen.add(partition(room))
    (found,) = seen
    assert len(found) < len(OTHERS) - 1 + 2 + len(LATER)


def test_what_a_join_made_one_no_later_arrival_parts_in_any_order(rooms: Rooms) -> None:
    seen: set[Partition] = set()
    for order, at_once in orders(LATER):
        room = rooms.empty()
        one_by_one(room, (HERE, *OTHERS, BULLETIN_STORY))
        by_key = {key: i for i, story in ids(room).items() for key in story}
        apart = by_key[HERE.key], by_key[BULLETIN_STORY.key]
        others = rows_of(room, OTHERS)
        kept = room.store.join(*apart)
        assert kept == apart[0] != apart[1]
        arrive_later(room, order, at_once=at_once)
        assert ids(room)[kept] >= {HERE.key, BULLETIN_STORY.key}
        assert (apart[1],) in room.rows("SELECT id FROM alias")
        assert rows_of(room, OTHERS) == others
        seen.add(partition(room))
    assert len(seen) == 1
