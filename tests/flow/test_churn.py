"""Whatever a source does to its names: nothing is announced again, and nothing new is hidden.

What subscribers are told of is a story that was not there, or a new `updated`. Documents go through
all stages, from their bytes on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from pathlib import Path

import pytest

from aggregator import dedup, normalize, parse, urls
from aggregator.model import Entry, Fetched, ParsedFeed, Written
from aggregator.pull import stages
from aggregator.reading.document import read
from aggregator.settings import PullSettings, Source
from aggregator.verticals import Shelves
from tests.builders import NOW
from tests.newsroom import GAZETTE, Newsroom

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))

EVERY = 1 if os.environ.get("CORPUS_WHOLE") else 37
"""One captured file of so many, other ones each day; CORPUS_WHOLE=1 has all of them."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item to be written; `name` is what its new names are made of."""

    name: str
    guid: str | None = None
    link: str | None = None
    title: str | None = None
    text: str = ""
    at: datetime | None = None


def pull(room: Newsroom, body: bytes, content_type: str, address: str) -> Written:
    """A pull of the source brings these bytes."""
    leased, source = room.listed(address), room.sources[address]
    result = Fetched(url=address, body=body, content_type=content_type)
    asked = stages.document(leased, source, result, room.clock())
    reading = read(asked, Shelves(()))
    digest = sha256(body).digest()
    outcome = stages.read(leased, asked, result, digest, reading, PullSettings())
    return room.store.write(outcome, dedup.decide)


def give(room: Newsroom, *items: Item, address: str = GAZETTE) -> Written:
    """An hour later the source gives a document with these items, the newest first."""
    room.clock.step(hours=1)
    every = "".join(map(as_rss, items))
    body = f"<rss version='2.0'><channel><title>Gazette</title>{every}</channel></rss>"
    return pull(room, body.encode(), "application/rss+xml", address)


def as_rss(one: Item) -> str:
    said = {
        "guid": one.guid,
        "link": one.link,
        "title": one.title,
        "description": one.text,
        "pubDate": format_datetime(one.at) if one.at else None,
    }
    every = "".join(f"<{name}>{escape(of)}</{name}>" for name, of in said.items() if of)
    return f"<item>{every}</item>"


def article(name: str, number: int, **changes: object) -> Item:
    """The Gazette's article of that many days ago, at half past nine and some seconds."""
    address = f"https://gazette.example/{number}/{name}"
    usual = Item(
        name=name,
        guid=address,
        link=address,
        title=f"What became of the {name}",
        text=f"The {name} stood on a shelf for {number} years; nobody knows who put it there.",
        at=NOW - number * DAY + timedelta(seconds=number + 1),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


ARTICLES = tuple(
    article(name, number)
    for number, name in enumerate(("kettle", "lid", "spout", "handle", "urn", "cup"), start=1)
)


def told(room: Newsroom) -> dict[str, tuple[str, datetime]]:
    """What subscribers were told: every story with its title, and the time of its last news."""
    return {story.id: (story.lead.title, story.updated) for story in room.window()}


# ---- what names may do --------------------------------------------------------------------------

Change = Callable[[Item, int], Item]
"""What becomes of an item in the document of that number."""


def addresses(one: Item, made: Callable[[str], str]) -> Item:
    return replace(
        one,
        guid=made(one.guid) if one.guid else None,
        link=made(one.link) if one.link else None,
    )


def flips_its_scheme(one: Item, number: int) -> Item:
    return addresses(one, lambda at: re.sub("https?", "http" if number % 2 else "https", at))


def flips_its_www(one: Item, number: int) -> Item:
    return addresses(one, lambda at: at.replace("://", "://www.") if number % 2 else at)


def ends_in_a_slash(one: Item, number: int) -> Item:
    return addresses(one, lambda at: at + "/" if number % 2 else at)


def is_tracked(one: Item, number: int) -> Item:
    return addresses(one, lambda at: f"{at}?utm_source=feed-{number}")


def has_tokens_in_its_link(one: Item, number: int) -> Item:
    return replace(one, link=f"{one.link}?session={number}{one.name}")


def is_known_by_a_link_with_tokens(one: Item, number: int) -> Item:
    return replace(has_tokens_in_its_link(one, number), guid=None)


def has_a_new_guid_each_time(one: Item, number: int) -> Item:
    return replace(one, guid=f"{number}-{one.name}")


def loses_its_guid_and_has_it_again(one: Item, number: int) -> Item:
    return replace(one, guid=None if number % 2 else one.guid)


def has_all_names_new(one: Item, number: int) -> Item:
    host = f"{number}-{urls.host(one.link or '')}"
    return replace(one, guid=f"{number}-{one.name}", link=f"https://{host}/{one.name}")


def moves_within_its_host(one: Item, number: int) -> Item:
    host = re.match("https?://[^/?#]+", one.link or "")
    assert host
    return replace(one, guid=f"{number}/{one.name}", link=f"{host[0]}/v{number}/{one.name}")


def is_dated_anew(one: Item, number: int) -> Item:
    return replace(one, at=NOW + number * HOUR)


def loses_its_date_and_has_it_again(one: Item, number: int) -> Item:
    return replace(one, at=None if number % 2 else one.at)


CHANGES: Sequence[Change] = (
    flips_its_scheme, flips_its_www, ends_in_a_slash, is_tracked, has_tokens_in_its_link,
    is_known_by_a_link_with_tokens, has_a_new_guid_each_time, loses_its_guid_and_has_it_again,
    has_all_names_new, moves_within_its_host, is_dated_anew, loses_its_date_and_has_it_again,
)  # fmt: skip


def of_host(host: str, one: Item) -> Item:
    return addresses(one, lambda at: at.replace("gazette.example", host))


KINDS: dict[str, Callable[[Item], Item]] = {
    "articles.example": lambda one: one,
    "short-texts-dated-by-day.example": lambda one: replace(
        one, text=f"On {one.name}s.", at=one.at and one.at.replace(hour=0, minute=0, second=0)
    ),
    "no-texts.example": lambda one: replace(one, text=""),
    "untitled-posts.example": lambda one: replace(
        one, title=None, text=f"Somebody left a {one.name} at the town hall, and it is still there."
    ),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_is_announced_again_where_every_item(room: Newsroom, change: Change) -> None:
    for host, kind in KINDS.items():
        items = [of_host(host, kind(one)) for one in ARTICLES]
        address = f"https://{host}/feed"
        assert give(room, *(change(one, 0) for one in items), address=address).new == len(items)
        before = told(room)
        for number in (1, 2, 3):
            assert give(room, *(change(one, number) for one in items), address=address).new == 0
            assert told(room) == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_is_new_is_told_once_while_every_item(room: Newsroom, change: Change) -> None:
    give(room, *(change(one, 0) for one in ARTICLES[2:]))
    before = told(room)
    assert give(room, *(change(one, 1) for one in ARTICLES)).new == 2
    after = told(room)
    assert before.items() <= after.items()
    assert give(room, *(change(one, 2) for one in ARTICLES)).new == 0
    assert told(room) == after


def test_one_article_alone_may_change_all_its_names(room: Newsroom) -> None:
    give(room, *ARTICLES)
    before = told(room)
    renamed = has_all_names_new(ARTICLES[2], 1)
    assert give(room, *ARTICLES[:2], renamed, *ARTICLES[3:]) == Written(revised=1)
    assert told(room) == before


def test_what_was_renamed_is_known_by_its_new_names(room: Newsroom) -> None:
    give(room, *ARTICLES)
    moved = [has_all_names_new(one, 1) for one in ARTICLES]
    give(room, *moved)
    retitled = replace(moved[0], title="What the kettle said")
    assert give(room, retitled, *moved[1:]) == Written(revised=1)
    elsewhere = replace(moved[1], link="https://archive.example/lid", at=None)
    assert give(room, retitled, elsewhere, *moved[2:]) == Written(revised=1)
    assert len(told(room)) == len(ARTICLES)


def test_old_names_that_come_back_are_known_too(room: Newsroom) -> None:
    give(room, *ARTICLES)
    before = told(room)
    for number in (1, 0, 1, 0):
        moved = [has_all_names_new(one, 1) if number else one for one in ARTICLES]
        assert give(room, *moved).new == 0
        assert told(room) == before


def test_a_site_without_dates_may_move_to_another_host(room: Newsroom) -> None:
    undated = [replace(one, at=None) for one in ARTICLES]
    give(room, *undated)
    before = told(room)
    assert give(room, *(has_all_names_new(one, 1) for one in undated)) == Written(revised=6)
    assert told(room) == before


def test_items_without_any_name_may_all_be_dated_anew(room: Newsroom) -> None:
    nameless = [replace(one, guid=None, link=None) for one in ARTICLES]
    give(room, *nameless)
    before = told(room)
    assert give(room, *(is_dated_anew(one, 1) for one in nameless)).new == 0
    assert told(room) == before


def test_entries_that_vanish_and_return_are_no_news(room: Newsroom) -> None:
    give(room, *ARTICLES)
    before = told(room)
    for window in (ARTICLES[:2], ARTICLES, ARTICLES[3:], ARTICLES[::-1], ARTICLES[1:]):
        give(room, *window)
        assert told(room) == before


def test_an_old_copy_of_an_edited_document_is_no_news(room: Newsroom) -> None:
    edited = replace(ARTICLES[0], text="The kettle has a new lid.")
    give(room, *ARTICLES)
    give(room, edited, *ARTICLES[1:])
    before = told(room)
    for first in (ARTICLES[0], edited, ARTICLES[0], edited):
        assert give(room, first, *ARTICLES[1:]) == Written(revised=1)
        assert told(room) == before
    assert give(room, replace(edited, text="It boils."), *ARTICLES[1:]) == Written(revised=1)
    assert told(room) != before


# ---- what is not the same, however like ---------------------------------------------------------

BOILERPLATE = (
    "Every week our editors choose what they liked best, and you can write to them about it at "
    "any time: they read whatever comes in, and answer most of it within a few days."
)
SERIES = [
    replace(
        article(f"column-{number}", number), title="The week in kettles", text=BOILERPLATE
    )
    for number in range(1, 8)
]  # fmt: skip


def weekly(one: Item, number: int) -> Item:
    return replace(one, at=NOW - 7 * number * DAY)


def undated(one: Item, number: int) -> Item:
    return replace(one, at=None)


def without_text(one: Item, number: int) -> Item:
    return replace(one, text="", at=(one.at or NOW).replace(hour=0, minute=0, second=0))


def of_one_day(one: Item, number: int) -> Item:
    return replace(one, text="", at=NOW.replace(hour=0, minute=0))


def told_apart_by_text(one: Item, number: int) -> Item:
    return replace(one, text=f"Take {number}. {BOILERPLATE}", at=NOW.replace(hour=0, minute=0))


def live_blog(one: Item, number: int) -> Item:
    return replace(one, link="https://gazette.example/live", title=f"{number} kettles now")


def untitled(one: Item, number: int) -> Item:
    return replace(one, title=None, text=f"Kettle {number} hums.")


def podcast(one: Item, number: int) -> Item:
    return replace(one, title=f"Episode {number}", guid=None, link=None)


ALIKE: Sequence[Change] = (
    weekly, undated, without_text, of_one_day, told_apart_by_text, live_blog, untitled, podcast
)  # fmt: skip


@pytest.mark.parametrize("kind", ALIKE, ids=lambda kind: kind.__name__)
def test_none_of_a_series_hides_the_next(room: Newsroom, kind: Change) -> None:
    for window, ours in ((1, "One"), (2, "Another"), (3, "A third"), (7, "The last")):
        host = f"window-{window}.example"
        series = [of_host(host, kind(one, number)) for number, one in enumerate(SERIES)]
        # What the hosts say is not the same article.
        series = [
            replace(one, text=" ".join(f"{ours} {w}" for w in one.text.split())) for one in series
        ]
        for first in reversed(range(len(series))):
            shown = series[first : first + window]
            written = give(room, *shown, address=f"https://{host}/feed")
            assert (written.new, written.revised) == (1, 0)


@pytest.mark.parametrize("dated", [True, False])
def test_rubrics_that_all_bring_something_else_the_next_day_are_new(
    room: Newsroom, *, dated: bool
) -> None:
    rubrics = [replace(one, text=BOILERPLATE) for one in ARTICLES]
    for day in range(3):
        room.clock.step(days=1)
        at = room.clock() if dated else None
        address = f"https://gazette.example/day-{day}/"
        issue = [
            replace(one, guid=address + one.name, link=address + one.name, at=at)
            for one in rubrics
        ]  # fmt: skip
        assert give(room, *issue) == Written(new=6)


def test_a_correction_published_as_a_new_article_is_one(room: Newsroom) -> None:
    give(room, *ARTICLES)
    correction = article("kettle-corrected", 0, title=ARTICLES[0].title, text=ARTICLES[0].text)
    assert give(room, correction, *ARTICLES) == Written(new=1)


def test_of_two_with_one_title_the_one_that_is_known_is_not_taken_for_the_new(
    room: Newsroom,
) -> None:
    known = replace(ARTICLES[0], title="Errata")
    other = replace(ARTICLES[1], title="Errata")
    give(room, known, *ARTICLES[2:])
    before = told(room)
    everything = (known, other, *ARTICLES[2:])
    assert give(room, *(has_all_names_new(one, 1) for one in everything)).new == 1
    assert before.items() <= told(room).items()
    edited = replace(has_all_names_new(known, 1), text="Something else.")
    another = replace(has_all_names_new(known, 2), text=f"It is told apart. {BOILERPLATE}")
    assert give(room, another, edited) == Written(new=1, revised=1)


# ---- real documents -----------------------------------------------------------------------------


def captured() -> Iterator[tuple[str, list[Item]]]:
    """Of some of the captured feeds the items that have a date, a guid and a page."""
    files = sorted(path for path in (CORPUS / "captured").glob("*") if path.is_file())
    if not files:
        pytest.skip(f"no captured feeds in {CORPUS}; set FEED_CORPUS")
    for path in files[datetime.now(UTC).toordinal() % EVERY :: EVERY]:
        feed = parse.read(path.read_bytes(), GAZETTE)
        if isinstance(feed, ParsedFeed):
            found = normalize.entries(feed, Source(address=GAZETTE), GAZETTE, NOW)
            yield path.name, [as_item(e) for e in found if e.published and e.guid and e.address_key]


def as_item(entry: Entry) -> Item:
    return Item(
        name=sha256(entry.key.encode()).hexdigest()[:8],
        guid=entry.guid,
        link=entry.link,
        title=entry.title or None,
        text=entry.content or entry.summary or "",
        at=entry.published,
    )


@pytest.fixture(scope="module")
def documents() -> dict[str, list[Item]]:
    return dict(captured())


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_in_real_documents_what_is_new_is_told_and_nothing_else_where_every_item(
    room: Newsroom, documents: dict[str, list[Item]], change: Change
) -> None:
    for number, (name, items) in enumerate(documents.items()):
        if not items:
            continue
        address = f"https://source-{number}.example/feed"
        newest = sorted(items, key=lambda one: one.at or NOW)[-len(items) // 3 :]
        known = [change(one, 0) for one in items if one not in newest]
        give(room, *known, address=address)
        written = give(room, *(change(one, 1) for one in items), address=address)
        assert written.new + written.merged == len(items) - len(known), name
