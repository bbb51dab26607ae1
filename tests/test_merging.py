"""The same article once, its event, and its shelf: through a real store, whatever came first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator import dedup
from aggregator.model import Category, Decision, KnownEntry, Other, ParsedEntry, PullOutcome, Story
from aggregator.model.explaining import Explained, Origination
from aggregator.pull import stages
from aggregator.settings import Vertical
from aggregator.store import Store, batch
from aggregator.verticals import Shelves
from tests import newsroom
from tests.builders import NOW, parsed_feed
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, titled

TRIBUNE = "https://tribune.example/feed"
LEDGER = "https://ledger.example/feed"
TODAY = "Sat, 14 Feb 2026 06:00:00 GMT"

FERRY = """
The ferry that has crossed the Sallow between Lower Dunlin and Tansy Quay since 1904 will stop on
the last Sunday of April, its owner Ottoline Reed told the harbour board on Thursday evening. She
has run it with a crew of three and lost 21,000 crowns in the past winter, when ice closed the
landing for 46 days. The board had offered her half of that and the fees of the coal barges. Reed
turned it down because the hull, built by Harbinger and Sons, needs new plates before any inspector
signs for it again. Passengers will have to take the tram round by Merrow, which adds forty minutes
to their way.
"""
FERRY_TITLE, FERRY_RETITLED = "Ferry to Tansy Quay stops", "No more boats from Lower Dunlin in April"
FERRY_CUT = " ".join(("DUNLIN", "(Sallow", "Wire)", "—", *FERRY.split()[:85]))

# What another desk makes of the same evening.
CROSSING = """
Schoolmaster Wim Latch walked out of the harbour board's meeting at Lower Dunlin before Ottoline
Reed had finished. Without her ferry, he said on the steps, pupils from Tansy Quay would spend two
hours a day in the tram by Merrow. He has gathered 900 names for a rowing boat on the Sallow in the
mornings, which the pilots of Gull Point would man without pay. Reed, whose family has owned the
ferry for three generations, told reporters that she would give the landing away but could not
mend the hull. The board meets again on the ninth of March to hear whether Harbinger and Sons will
lend another ferry for the summer.
"""
CROSSING_TITLE = "Lower Dunlin: rowing boat to take the place of Ottoline Reed's ferry"
HIVES = """
Beekeepers on the terraces above Orrin Vale have carried 340 hives into the disused railway tunnel
after a late frost took the blossom of nearly every pear tree in a single night. Agatha Thrum, who
looks after most of them, said that the colonies would sleep there for two weeks at nine degrees and
wake when the limes of Castle Street come into flower. Each hive gets a cake of sugar that the
brewery of Pell and Marrin has given. The stationmaster, Ignaz Foyle, has lent lamps and 12 trolleys
and keeps the gate shut from dusk. Professor Lena Vorst of Dunmouth will count the bees in May.
"""
HIVES_TITLE = "Bees sleep in the tunnel"
RATES = """
The Bank of Merrow set its reference rates at noon today. One crown buys {} Dunlin marks, {} Tansy
florins and {} Gull pounds. The rates are those at which members of the exchange dealt with each
other in the last hour of the morning, weighed by turnover, and they hold until noon of the next
working day. Travellers are asked to count their notes at the window and to keep the slip that the
clerk hands them, without which no money can be changed back. Piet Damper and Ada Inkwell of the
Merrow Exchange sign the tables, which hang in the hall beside the stairs of the Old Mint.
"""
PHONES_TITLE = "Startup unveils smartphone with open software"
PHONES = """
A startup in the old gasworks has unveiled a smartphone whose software anybody may read, change and
install again. Its developers spent two years on drivers for the modem, and a month on the app that
rings. The processor comes from a factory that also makes chips for laptops, and the battery can be
changed without a tool. Programmers who tried an early version said that the browser was slow and
the camera worse than that of their old phones, but that they would rather mend an operating system
than rent one. Servers for updates stand in two data centers.
"""


def given(address: str, slug: str, title: str, text: str, **changes: Any) -> ParsedEntry:
    """An item of the source at this address, on a page of its own there."""
    page = f"{address.rpartition('/')[0]}/{slug}"
    usual = {"guid": page, "link": page, "title": titled(title), "text": text, "published": TODAY}
    return item(slug, **(usual | changes))


def ferry(
    address: str = GAZETTE, title: str = FERRY_TITLE, text: str = FERRY, **changes: Any
) -> ParsedEntry:
    """The article."""
    return given(address, "ferry", title, text, **changes)


def copied(
    address: str = HERALD, title: str = FERRY_RETITLED, text: str = FERRY_CUT, **changes: Any
) -> ParsedEntry:
    """A copy of it, cut and under another title."""
    return given(address, "boats", title, text, **changes)


def crossing(address: str = HERALD, title: str = CROSSING_TITLE, **changes: Any) -> ParsedEntry:
    """Another report of the same event."""
    return given(address, "crossing", title, CROSSING, **changes)


def hives(address: str = TRIBUNE, **changes: Any) -> ParsedEntry:
    """Something else."""
    return given(address, "hives", HIVES_TITLE, HIVES, **changes)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        yield room


@pytest.fixture
def guessing(tmp_path: Path) -> Iterator[Newsroom]:
    """One in which the writer guesses, of well-known shelves."""
    with Newsroom(tmp_path, verticals=SHELVES) as room:
        yield room


def started_again(room: Newsroom, verticals: Sequence[Vertical] = ()) -> None:
    """The process ends, and another one opens the store."""
    room.store.close()
    room.store = Store(room.url, room.clock, verticals=verticals)


def told(room: Newsroom, story: Story) -> Explained:
    found = room.query.explain(story.id)
    assert found is not None
    return found


def come_by(room: Newsroom, address: str) -> Origination:
    """How the only entry of the source at this address came where it is."""
    (found,) = (
        one for story in room.window() for one in told(room, story).entries if one.address == address
    )
    return found


def led_by(room: Newsroom, title: str) -> Story:
    """The story under this title."""
    (found,) = (story for story in room.window() if story.lead.title == title)
    return found


def sharing(room: Newsroom) -> list[list[str]]:
    """The sources of each story that is shown, the newest first."""
    return [sorted(one.source.feed_url for one in story.entries) for story in room.window()]


# ---- a copy joins its story ---------------------------------------------------------------------


def test_a_copy_under_another_address_and_title_joins_the_story_with_all_its_verticals(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry(), verticals=("tech",))
    first = room.only()
    room.clock.step(hours=5)
    written = room.give(HERALD, copied(), verticals=("science",))
    assert written.news == {"merged": 1}
    story = room.only()
    assert (story.id, story.verticals) == (first.id, ("science", "tech"))
    assert story.lead == first.lead
    assert [one.source.feed_url for one in story.entries] == [GAZETTE, HERALD]


@pytest.mark.parametrize(
    ("link", "rank", "leads"),
    [
        ("https://herald.example/boats", 0, GAZETTE),
        ("https://herald.example/boats", 1, HERALD),
        ("https://wire.example/boats", 1, GAZETTE),
    ],
)
def test_the_lead_is_at_home_then_of_the_higher_rank_then_the_first_seen(
    room: Newsroom, link: str, rank: int, leads: str
) -> None:
    room.listed(HERALD, rank=rank)
    room.give(GAZETTE, ferry())
    room.clock.step(hours=5)
    room.give(HERALD, copied(link=link))
    assert room.only().lead.source.feed_url == leads


def test_it_is_told_by_which_rule_with_which_score_and_as_which_entry_a_copy_is_there(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry(), hives(GAZETTE))
    room.give(HERALD, copied())
    original, copy = told(room, led_by(room, FERRY_TITLE)).entries
    assert (original.rule, original.score, original.like) == (dedup.FIRST, 1, None)
    assert (copy.rule, copy.like) == (dedup.TEXT, original.number)
    assert 0.9 < copy.score <= 1
    assert original.near == copy.near == ()


def pulled(room: Newsroom, address: str, *items: ParsedEntry) -> PullOutcome:
    """What a pull of the source brings, not yet written."""
    leased = room.listed(address)
    document = replace(parsed_feed(*items), base=address)
    state = replace(leased.state, pulled=True, last_pull_at=room.clock())
    source, shelves = room.sources[address], Shelves(SHELVES)
    return stages.arrived(leased, source, document, state, shelves, room.clock())


def test_copies_in_one_commit_are_one_story(room: Newsroom) -> None:
    every = [pulled(room, GAZETTE, ferry(), hives(GAZETTE)), pulled(room, HERALD, copied())]
    every.append(pulled(room, TRIBUNE, hives()))
    room.store.write_all(every, dedup.decide)
    assert sorted(sharing(room)) == [[GAZETTE, HERALD], [GAZETTE, TRIBUNE]]


def test_two_copies_in_one_document_of_a_source_under_one_title_are_one_story(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry(), ferry(guid="2", link="https://gazette.example/2"))
    assert sharing(room) == [[GAZETTE, GAZETTE]]


def test_a_copy_is_found_after_the_store_was_opened_again(room: Newsroom) -> None:
    room.give(GAZETTE, ferry())
    for address in (HERALD, TRIBUNE):
        started_again(room)
        room.clock.step(hours=5)
        assert room.give(address, copied(address)).news == {"merged": 1}
    assert sharing(room) == [[GAZETTE, HERALD, TRIBUNE]]


def test_copies_are_found_of_what_another_process_has_written(room: Newsroom) -> None:
    with Store(room.url, room.clock) as other:
        own = room.store
        # Each has read the store already when the other writes.
        room.give(LEDGER, hives(LEDGER))
        room.store = other
        room.give(GAZETTE, ferry())
        room.store = own
        room.give(HERALD, copied())
        room.store = other
        room.give(TRIBUNE, copied(TRIBUNE), hives())
        room.store = own
    assert sorted(sharing(room)) == [[GAZETTE, HERALD, TRIBUNE], [LEDGER, TRIBUNE]]


@pytest.mark.parametrize("again", [False, True])
def test_a_copy_is_found_by_what_an_entry_says_now(room: Newsroom, *, again: bool) -> None:
    room.give(GAZETTE, ferry(text="More soon."))
    room.clock.step(hours=1)
    room.give(GAZETTE, ferry())
    if again:
        started_again(room)
    room.clock.step(hours=1)
    room.give(HERALD, copied())
    assert sharing(room) == [[GAZETTE, HERALD]]


@pytest.mark.parametrize("again", [False, True])
def test_of_a_write_that_failed_nothing_is_found(room: Newsroom, *, again: bool) -> None:
    room.give(LEDGER, hives(LEDGER))
    with pytest.raises(RuntimeError):
        room.give(GAZETTE, ferry(), hives(GAZETTE), decide=failing_at_the_second)
    if again:
        started_again(room)
    assert room.give(HERALD, copied()).news == {"new": 1}
    assert room.give(GAZETTE, ferry()).news == {"merged": 1}
    assert sorted(sharing(room)) == [[GAZETTE, HERALD], [LEDGER]]


def failing_at_the_second(arriving: KnownEntry, **others: Any) -> Decision:
    if arriving.entry.title == FERRY_TITLE:  # the oldest comes first
        raise RuntimeError
    return dedup.decide(arriving, **others)


# ---- what is alike and not the same -------------------------------------------------------------


@pytest.mark.parametrize(("published", "stories"), [(TODAY, 1), ("Tue, 10 Feb 2026 22:00:00 GMT", 2)])
def test_what_came_out_80_hours_before_is_another_story(
    room: Newsroom, published: str, stories: int
) -> None:
    room.give(GAZETTE, ferry(published=published))
    room.give(HERALD, copied())
    assert len(room.window()) == stories


@pytest.mark.parametrize(("hours", "stories"), [(70, 2), (80, 3)])
@pytest.mark.parametrize("again", [False, True])
def test_what_comes_80_hours_later_is_another_story(
    room: Newsroom, hours: int, stories: int, *, again: bool
) -> None:
    room.give(GAZETTE, ferry(published=None))
    room.clock.step(hours=hours)
    if again:
        started_again(room)
    room.give(TRIBUNE, hives())
    room.give(HERALD, copied(published=None))
    assert len(room.window()) == stories


@pytest.mark.parametrize("unmerged", [GAZETTE, HERALD])
def test_what_a_source_gives_that_is_not_to_be_merged_stays_alone(
    room: Newsroom, unmerged: str
) -> None:
    room.listed(unmerged, merge=False)
    room.give(GAZETTE, ferry())
    room.give(HERALD, copied())
    room.give(TRIBUNE, copied(TRIBUNE))
    (merged,) = {GAZETTE, HERALD} - {unmerged}
    assert sorted(sharing(room)) == sorted([[unmerged], [merged, TRIBUNE]])


def test_a_template_with_other_numbers_is_another_story_and_it_is_told_why(
    room: Newsroom,
) -> None:
    here = given(GAZETTE, "rates", "Friday's rates", RATES.format("1.31", "0.64", "7.02"))
    there = given(HERALD, "rates", "Rates at noon", RATES.format("1.28", "0.59", "7.11"))
    room.give(GAZETTE, here)
    room.give(HERALD, there)
    assert len(room.window()) == 2
    for address, title in ((GAZETTE, "Rates at noon"), (HERALD, "Friday's rates")):
        (miss,) = come_by(room, address).near
        assert miss.story.title == title
        assert miss.reason.startswith("an update or a template: 1.00 of the numbers differ")
        assert 0.7 < miss.score < 1


def test_two_reports_of_one_event_are_two_stories(room: Newsroom) -> None:
    room.give(GAZETTE, ferry())
    room.give(HERALD, crossing())
    assert sorted(sharing(room)) == [[GAZETTE], [HERALD]]
    assert come_by(room, HERALD).near == ()


# ---- stories that turn out to be one ------------------------------------------------------------


def test_an_arrival_that_is_like_two_stories_makes_them_one(room: Newsroom) -> None:
    words = FERRY.split()
    room.give(GAZETTE, ferry(text=" ".join(words[:60])), verticals=("tech",))
    room.clock.step(hours=1)
    room.give(HERALD, copied(text=" ".join(words[50:])), verticals=("science",))
    assert len(room.window()) == 2
    older, newer = led_by(room, FERRY_TITLE), led_by(room, FERRY_RETITLED)
    room.clock.step(hours=1)
    assert room.give(TRIBUNE, ferry(TRIBUNE)).news == {"merged": 1}
    story = room.only()
    assert (story.id, story.verticals) == (older.id, ("science", "tech"))
    assert [one.source.feed_url for one in story.entries] == [GAZETTE, HERALD, TRIBUNE]
    assert told(room, story).aliases == (newer.id,)
    led_to = room.query.story(newer.page_id)
    assert led_to is not None
    assert led_to.id == older.id
    assert [one.id for one in room.whole_window().tombstones] == [newer.id]
    # What comes now finds the one that is left.
    assert room.give(LEDGER, copied(LEDGER)).news == {"merged": 1}
    assert len(room.only().entries) == 4


def test_a_revision_that_makes_an_entry_a_copy_of_another_story_joins_the_two(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry())
    room.clock.step(hours=1)
    room.give(HERALD, copied(text="More soon."))
    older, newer = led_by(room, FERRY_TITLE), led_by(room, FERRY_RETITLED)
    room.clock.step(hours=1)
    assert room.give(HERALD, copied()).news == {"revised": 1}
    story = room.only()
    assert (story.id, len(story.entries)) == (older.id, 2)
    assert told(room, story).aliases == (newer.id,)
    before = room.dump(but=("source_state",))
    room.clock.step(hours=1)
    room.give(HERALD, copied())
    assert room.dump(but=("source_state",)) == before


def test_a_revision_parts_no_story(room: Newsroom) -> None:
    room.give(GAZETTE, ferry())
    room.give(HERALD, copied())
    room.clock.step(hours=1)
    room.give(HERALD, copied(text=HIVES))
    assert sharing(room) == [[GAZETTE, HERALD]]


# ---- corrections --------------------------------------------------------------------------------

CORRECTED = f"CORRECTED-{FERRY_TITLE}"


def corrected(address: str = GAZETTE, **changes: Any) -> ParsedEntry:
    page = f"{address.rpartition('/')[0]}/again"
    text = FERRY.replace("21,000", "12,000")
    usual = {"title": CORRECTED, "guid": page, "link": page, "text": text}
    return ferry(address, **(usual | changes))


def test_what_a_source_sends_again_corrected_leads_its_story_which_is_new_again(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry())
    first = room.only()
    room.clock.step(hours=5)
    room.give(GAZETTE, corrected(), ferry())
    story = room.only()
    assert (story.id, story.lead.title) == (first.id, CORRECTED)
    assert "12,000" in str(story.lead.summary)
    assert story.updated == room.clock() > first.updated
    assert room.standing().updated_at == room.clock()
    (how, _) = told(room, story).entries
    assert how.rule == dedup.CORRECTED
    before = room.dump(but=("source_state",))
    room.clock.step(hours=1)
    assert room.give(GAZETTE, corrected(), ferry()).news == {}
    assert room.dump(but=("source_state",)) == before


def test_a_correction_leads_the_copies_of_others_too_and_the_last_one_counts(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry())
    room.give(HERALD, copied())
    for at, number in enumerate(("12,000", "13,000")):
        room.clock.step(hours=1)
        text = FERRY.replace("21,000", number)
        address = f"https://gazette.example/again{at}"
        room.give(GAZETTE, corrected(guid=address, link=address, text=text))
        assert number in str(room.only().lead.summary)
    assert sharing(room) == [[GAZETTE, GAZETTE, GAZETTE, HERALD]]


def test_a_correction_without_what_it_corrects_is_a_story(room: Newsroom) -> None:
    room.give(GAZETTE, hives(GAZETTE), corrected())
    assert sorted(room.titles()) == sorted([CORRECTED, HIVES_TITLE])


# ---- related ------------------------------------------------------------------------------------


def test_a_later_report_of_an_event_leads_to_the_earlier_one_and_not_the_other_way(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry(), hives(GAZETTE))
    room.clock.step(hours=5)
    room.give(HERALD, crossing())
    earlier, later = led_by(room, FERRY_TITLE), led_by(room, CROSSING_TITLE)
    assert later.related == (Other(page_id=earlier.page_id, title=FERRY_TITLE),)
    assert earlier.related == led_by(room, HIVES_TITLE).related == ()


def test_both_pages_tell_of_each_other_with_the_titles_of_today_and_feeds_of_that_day(
    room: Newsroom,
) -> None:
    room.give(GAZETTE, ferry())
    room.clock.step(hours=5)
    room.give(HERALD, crossing())
    room.clock.step(hours=5)
    room.give(GAZETTE, ferry(title="Ferry stops for good"))
    earlier, later = led_by(room, "Ferry stops for good"), led_by(room, CROSSING_TITLE)
    assert later.related == (Other(page_id=earlier.page_id, title=FERRY_TITLE),)
    assert told(room, later).related == (
        Other(page_id=earlier.page_id, title="Ferry stops for good"),
    )
    assert told(room, earlier).related == (Other(page_id=later.page_id, title=CROSSING_TITLE),)


def reports(room: Newsroom, *addresses: str) -> list[str]:
    """Reports of one event, one of each source, an hour apart: what each of them leads to."""
    for number, address in enumerate(addresses):
        title = f"{CROSSING_TITLE}, {room.clock().hour} o'clock"
        # Each in words of its own, as far as sentences go.
        text = " ".join(f"{word} x{number}" for word in CROSSING.split())
        room.give(address, given(address, f"report{number}", title, text))
        room.clock.step(hours=1)
    return [", ".join(o.title[-10:] for o in story.related) for story in room.window()]


@pytest.mark.parametrize("again", [False, True])
def test_reports_of_an_event_come_to_it_whenever_they_do(room: Newsroom, *, again: bool) -> None:
    assert reports(room, GAZETTE, HERALD) == ["06 o'clock", ""]
    if again:
        started_again(room)
    newest, *_ = reports(room, TRIBUNE)
    assert newest == "07 o'clock, 06 o'clock"
