"""Feeds with and without what they gave before: the same entries, and the same stories."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dedup, normalize, parse
from aggregator.increment import Cut, cut, left_out, memory
from aggregator.model import Entry, ParsedFeed, PullOutcome, SourceInfo, Written
from tests.newsroom import Clock, Newsroom

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))
URL = "https://gazette.example/feeds/all"

EVERY = 1 if os.environ.get("CORPUS_WHOLE") else 6
"""One file of so many is parsed, another one each day; CORPUS_WHOLE=1 has all of them parsed."""

# The others are malformed, of several bytes a character, or count links from where they lie.
CUT = {"captured": (166, 185), "encodings": (15, 46)}


# ---- as they were captured ----------------------------------------------------------------------


def files(folder: str) -> list[Path]:
    found = sorted(path for path in (CORPUS / folder).glob("*") if path.is_file())
    if not found:
        pytest.skip(f"no {folder} feeds in {CORPUS}; set FEED_CORPUS")
    return found


def with_some_new(body: bytes, chance: Random) -> tuple[Cut, list[bool]]:
    """What is left for one who was not given some of the items, and which those are."""
    hashes, names = remembered(body)
    new = set(chance.sample(hashes, max(1, len(hashes) // 5))) if hashes else set()
    known = [number for number, one in enumerate(hashes) if one not in new]
    given = memory.written([hashes[n] for n in known], [names[n] for n in known])
    return cut(body, None, given), [one in new for one in hashes]


def remembered(body: bytes) -> tuple[list[bytes], list[bytes]]:
    """The hash of each item of a document, and its names."""
    items = msgspec.msgpack.decode(cut(body, None, None).given or b"\x90")
    return [one for one, _ in items], [names for _, names in items]


@pytest.mark.parametrize("folder", ["captured", "encodings"])
def test_nearly_every_real_feed_can_be_cut(folder: str) -> None:
    found, chance, are_cut = files(folder), Random(1), 0
    for file in found:
        body = file.read_bytes()
        part, new = with_some_new(body, chance)
        are_cut += bool(new)
        assert cut(body, None, part.given).body == (None if new else body), file
        if new:
            assert part.body is not None
            assert len(remembered(part.body)[0]) == sum(new), file
    if len(found) == CUT[folder][1]:
        assert are_cut == CUT[folder][0]


@pytest.mark.parametrize("folder", ["captured", "encodings"])
def test_what_is_left_reads_as_it_did_within_the_whole(folder: str) -> None:
    turn = datetime.now(UTC).toordinal() % EVERY
    chance = Random(turn)
    for file in files(folder)[turn::EVERY]:
        body = file.read_bytes()
        part, new = with_some_new(body, chance)
        if new:
            assert part.body is not None
            whole, read = parse.read(body, URL), parse.read(part.body, URL)
            assert isinstance(whole, ParsedFeed)
            assert isinstance(read, ParsedFeed)
            expected = zip(whole.entries, new, strict=True)
            assert read.entries == tuple(entry for entry, is_new in expected if is_new), file
            assert replace(read, entries=()) == replace(whole, entries=()), file


# ---- into two stores ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Newsroom]]:
    """Two stores: the first is given what is new of each document, the second all of it."""
    folders = tmp_path_factory.mktemp("parts"), tmp_path_factory.mktemp("wholes")
    clock = Clock(datetime(2026, 2, 1, tzinfo=UTC))
    with Newsroom(folders[0], clock) as parts, Newsroom(folders[1], clock) as wholes:
        yield parts, wholes


def pull(room: Newsroom, address: str, part: Cut) -> Written:
    leased, now = room.listed(address), room.clock()
    state = replace(leased.state, pulled=True, last_pull_at=now, given=part.given)
    outcome = PullOutcome(state=state)
    if part.body is not None:
        read = parse.read(part.body, address)
        assert isinstance(read, ParsedFeed)
        first = not leased.state.pulled
        found = normalize.entries(read, room.sources[address], leased.first_address, now)
        in_order = normalize.arrival_order(found, first=first, now=now)
        outcome = PullOutcome(
            state=state,
            first=first,
            entries=in_order,
            items=part.items,
            left_out=left_out.names(leased.state.given, part.given),
        )
    return room.store.write(outcome, dedup.decide)


def pull_both(rooms: tuple[Newsroom, Newsroom], address: str, body: bytes) -> tuple[int, int]:
    """Pull the document into both stores; how many entries each of them was given."""
    parts, wholes = rooms
    part = cut(body, None, parts.listed(address).state.given)
    of_part = pull(parts, address, part)
    of_whole = pull(wholes, address, replace(cut(body, None, None), given=b""))
    assert replace(of_part, unchanged=0) == replace(of_whole, unchanged=0)
    assert known(parts, address) == known(wholes, address)
    return sum(astuple(of_part)), sum(astuple(of_whole))


def pull_in_turn(
    rooms: tuple[Newsroom, Newsroom], *documents: Sequence[Item], form: str = "rss"
) -> str:
    """Pull the documents of a new source into both stores, an hour apart; the source's address."""
    host = next(hosts)
    for number, items in enumerate(documents):
        rooms[0].clock.step(hours=1)
        pull_both(rooms, f"https://{host}/feed", written(form, items, number, host))
    return f"https://{host}/feed"


_NOBODY = SourceInfo(id="", title="", updated=datetime(2026, 1, 1, tzinfo=UTC))


def known(room: Newsroom, address: str) -> list[tuple[object, ...]]:
    """All that is stored of a source's entries and their stories, but what the source is called."""
    rows = room.rows(
        "SELECT entry.data, story.id, entry.rule, entry.first_seen, story.first_seen, story.updated"
        ", membership.position FROM entry JOIN source ON source.number = entry.source"
        " JOIN story ON story.number = entry.story LEFT JOIN membership ON membership.story ="
        f" story.number WHERE source.address = '{address}' ORDER BY entry.number"
    )
    read = msgspec.json.Decoder(Entry).decode
    return [(replace(read(data), source=_NOBODY), *rest) for data, *rest in rows]


def test_a_feed_that_changes_comes_to_the_same_stories_step_by_step(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    folders = sorted(path for path in (CORPUS / "series").glob("*") if path.is_dir())
    if not folders:
        pytest.skip(f"no series in {CORPUS}; set FEED_CORPUS")
    given_to_one = given_to_other = 0
    for folder in folders:
        for snapshot in sorted(folder.glob("*.xml")):
            rooms[0].clock.now = datetime.strptime(snapshot.name[:18], "%Y-%m-%dT%H%M%S%z")
            address = f"https://{folder.name}.example/feed"
            one, other = pull_both(rooms, address, snapshot.read_bytes())
            given_to_one, given_to_other = given_to_one + one, given_to_other + other
    assert given_to_one < given_to_other / 3


# ---- of every kind ------------------------------------------------------------------------------

LINKS = (
    "https://{}/a", "http://{}/a", "https://www.{}/a/?utm_source=x", "https://{}/b", "https://{}/",
)  # fmt: skip
GUIDS = ("1", "https://{}/a", "https://{}/b", "2")


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item to be written in any format; host names are filled in then."""

    guid: str | None
    link: str | None
    title: int
    text: int
    day: int | None


def as_rss(one: Item) -> str:
    guid = "" if one.guid is None else f"<guid>{one.guid}</guid>"
    link = "" if one.link is None else f"<link>{one.link}</link>"
    date = "" if one.day is None else f"<pubDate>2026-01-0{one.day}T00:00:00Z</pubDate>"
    title = f"<title>T{one.title}</title>" if one.title else ""
    return f"<item>{title}{guid}{link}{date}<description>{one.text}</description></item>"


def as_atom(one: Item) -> str:
    guid = "" if one.guid is None else f"<id>{one.guid}</id>"
    link = "" if one.link is None else f"<link href='{one.link}'/>"
    date = "" if one.day is None else f"<updated>2026-01-0{one.day}T00:00:00Z</updated>"
    title = f"<title>T{one.title}</title>"
    return f"<entry>{link}{date}<summary>{one.text}</summary>{guid}{title}</entry>"


def as_rdf(one: Item) -> str:
    guid = "" if one.guid is None else f" rdf:about='{one.guid}'"
    link = "" if one.link is None else f"<link><![CDATA[ {one.link}]]></link>"
    text = f"<description>{one.text}</description>"
    return f"<item{guid}>{link}<title>T{one.title}</title>{text}</item>"


def as_json(one: Item) -> dict[str, object]:
    said: dict[str, object] = {
        "id": one.guid,
        "url": one.link,
        "title": f"T{one.title}" if one.title else None,
        "content_text": str(one.text),
        "date_published": one.day and f"2026-01-0{one.day}T00:00:00Z",
    }
    return {name: value for name, value in said.items() if value is not None}


def written(form: str, items: Sequence[Item], number: int, host: str) -> bytes:
    """The document with this number: nothing but the date of a channel may tell it from others."""
    return _written(form, items, number).replace("{}", host).encode()


def _written(form: str, items: Sequence[Item], number: int) -> str:
    match form:
        case "rss":
            date = f"<lastBuildDate>2026-01-01T00:00:0{number}Z</lastBuildDate>"
            return f"<rss><channel>{date}{''.join(map(as_rss, items))}</channel></rss>"
        case "atom":
            every = "".join(map(as_atom, items))
            return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{every}</feed>'
        case "rdf":
            return (
                '<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
                ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
                f"<channel><title>T</title></channel>{''.join(map(as_rdf, items))}</rdf:RDF>"
            )
    return json.dumps({"items": [as_json(one) for one in items]})


items_of_few_names = st.builds(
    Item,
    guid=st.sampled_from([None, *GUIDS]),
    link=st.sampled_from([None, *LINKS]),
    title=st.integers(0, 2),
    text=st.integers(1, 2),
    day=st.sampled_from([None, 1, 2]),
)


hosts = (f"h{number}.example" for number in count())


forms = st.sampled_from(["rss", "atom", "rdf", "json"])
pools = st.lists(items_of_few_names, min_size=2, max_size=5)
places = st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=2, max_size=4)


def may_be_one(one: Item, other: Item) -> bool:
    """Whether two items of a document share a name, or all that they say."""
    named = any(name and name in astuple(other) for name in (one.guid, one.link))
    return one != other and (named or (one.title, one.text) == (other.title, other.text))


@given(form=forms, pool=pools, documents=places)
@settings(max_examples=40, deadline=None)
def test_items_that_come_go_and_change_places_come_to_the_same_stories(
    rooms: tuple[Newsroom, Newsroom], form: str, pool: list[Item], documents: list[list[int]]
) -> None:
    apart: list[list[Item]] = []
    for chosen in documents:
        apart.append([])
        for item in (pool[place % len(pool)] for place in chosen):
            # Which of two that came as one was meant is seen by what else the document holds.
            if not any(may_be_one(item, other) for other in apart[-1]):
                apart[-1].append(item)
    pull_in_turn(rooms, *apart, form=form)


@given(form=forms, pool=pools, documents=places)
@settings(max_examples=40, deadline=None)
def test_a_document_that_is_read_again_brings_nothing(
    rooms: tuple[Newsroom, Newsroom], form: str, pool: list[Item], documents: list[list[int]]
) -> None:
    host = next(hosts)
    for number, chosen in enumerate(documents):
        items = [pool[place % len(pool)] for place in chosen]
        body = written(form, items, number, host)
        for times in range(2):
            rooms[1].clock.step(hours=1)
            whole = replace(cut(body, None, None), given=b"")
            found = pull(rooms[1], f"https://{host}/feed", whole)
            assert not times or found == Written(unchanged=found.unchanged)


def test_one_link_by_http_and_by_https_stays_two_items(rooms: tuple[Newsroom, Newsroom]) -> None:
    links = ("https://{}/a", "http://{}/a")
    pool = [Item(guid=None, link=link, title=0, text=1, day=None) for link in links]
    address = pull_in_turn(rooms, [pool[1], pool[0]], [pool[1], pool[0]])
    assert len(known(rooms[0], address)) == 2


TWICE = """<item><guid>{n}</guid><link>https://{host}/{n}</link><title>Kettles stay</title>
<pubDate>Mon, 05 Jan 2026 10:11:12 GMT</pubDate><description>They hum.</description></item>"""


def test_a_post_that_is_published_twice_is_no_other_name_of_the_first(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    host = next(hosts)
    for posts in (1, 2):
        items = "".join(TWICE.format(n=n, host=host) for n in range(posts))
        rooms[0].clock.step(hours=1)
        document = f"<rss><channel>{items}</channel></rss>".encode()
        given_to_one, _ = pull_both(rooms, f"https://{host}/feed", document)
        assert given_to_one == 1
    assert len(known(rooms[0], f"https://{host}/feed")) == 2


def test_repetitions_to_the_letter_are_no_items_by_which_a_document_stays_the_same(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    nameless = Item(guid=None, link=None, title=0, text=1, day=None)
    linked = Item(guid=None, link="https://{}/a", title=2, text=1, day=1)
    unlinked = replace(linked, link=None)
    repeating = [nameless, nameless, nameless, unlinked]
    assert cut(written("rss", repeating, 1, "h.example"), None, None).items == 2
    address = pull_in_turn(rooms, [linked], repeating)
    assert len(known(rooms[0], address)) == 2, "most of it came anew: one is known"


def test_another_article_under_a_guid_is_not_what_was_given_before(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    first = Item(guid="https://{}/b", link="https://{}/a", title=2, text=1, day=None)
    other = replace(first, link=None, title=0)
    again = replace(first, guid=None)
    address = pull_in_turn(rooms, [first], [other], [other, again])
    assert len(known(rooms[0], address)) == 2


@pytest.mark.parametrize("title", [0, 1])
@pytest.mark.parametrize("names", [(None, None), (None, "https://{}/"), ("2", None)])
def test_what_came_without_a_name_is_known_by_the_one_that_it_was_given_later(
    rooms: tuple[Newsroom, Newsroom], title: int, names: tuple[str | None, str | None]
) -> None:
    guid, link = names
    before = None if guid or link else "https://{}/"
    first = Item(guid=None, link=before, title=title, text=1, day=1)
    again = replace(first, guid=guid, link=link)
    other = Item(guid="1", link=None, title=2, text=2, day=2)
    # Of what has no title the text is all that it is known by.
    edited = replace(again, text=2 if title else 1)
    documents = [first], [other, again], [again, other], [other, edited], [edited, other]
    address = pull_in_turn(rooms, *documents)
    assert len(known(rooms[0], address)) == 2


@pytest.mark.parametrize("title", [0, 1])
def test_what_lost_its_guid_is_known_without_it(
    rooms: tuple[Newsroom, Newsroom], title: int
) -> None:
    first = Item(guid="1", link=None, title=title, text=1, day=2)
    again = replace(first, guid=None)
    other = Item(guid="2", link=None, title=2, text=2, day=1)
    address = pull_in_turn(rooms, [first], [again, other], [other, again], [first, other])
    assert len(known(rooms[0], address)) == 2


def test_of_two_articles_under_a_guid_each_stays_itself(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    untitled = Item(guid="1", link=None, title=0, text=1, day=1)
    linked = replace(untitled, link="https://{}/a", title=1)
    address = pull_in_turn(rooms, [untitled], [linked, untitled], [linked, untitled])
    assert len(known(rooms[0], address)) == 2


def test_what_had_two_names_is_still_given_where_it_has_one_of_them(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    by_guid = Item(guid="1", link=None, title=2, text=1, day=None)
    by_link = replace(by_guid, guid=None, link="https://{}/a")
    both = replace(by_guid, link=by_link.link)
    address = pull_in_turn(rooms, [both], [by_link], [by_guid, by_link])
    assert len(known(rooms[0], address)) == 2


def test_who_took_over_a_name_keeps_its_entry_when_that_name_comes_back(
    rooms: tuple[Newsroom, Newsroom],
) -> None:
    before = Item(guid="1", link="https://{}/b", title=0, text=1, day=1)
    now = replace(before, guid="2", link="https://{}/a")
    documents = [before], [now], [now, before], [now, before]
    address = pull_in_turn(rooms, *documents, form="json")
    entries = [entry for entry, *_ in known(rooms[1], address)]
    assert [entry.guid for entry in entries if isinstance(entry, Entry)] == ["2", "1"]
