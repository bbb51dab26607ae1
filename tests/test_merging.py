"""The same article once, its event, and its shelf: through a real store, whatever came first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator import dedup
from aggregator.model import Decision, KnownEntry, Other, ParsedEntry, PullOutcome, Story
from aggregator.model.explaining import Explained, Origination
from aggregator.pull import stages
from aggregator.settings import Vertical
from aggregator.store import Store, batch
from aggregator.store.relating import relate
from aggregator.verticals import Shelves
from tests import newsroom
from tests.builders import parsed_feed
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
FERRY_TITLE, FERRY_RETITLED = (
    "Ferry to Tansy Quay stops",
    "No more boats from Lower Dunlin in April",
)
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
        one
        for story in room.window()
        for one in told(room, story).entries
        if one.address == address
    )
    return found


def led_by(room: Newsroom, title: str) -> Story:
    """The story under this title."""
    (found,) = (story for story in room.window() if story.lead.title == title)
    return found


def sharing(room: Newsroom) -> list[list[str]]:
    """The sources of each story that is shown, the newest first."""
    return [sorted(str(e.source.feed_url) for e in story.entries) for story in room.window()]


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


@pytest.mark.parametrize(
    ("published", "stories"), [(TODAY, 1), ("Tue, 10 Feb 2026 22:00:00 GMT", 2)]
)
def test_what_came_out_80_hours_before_is_another_story(
    room: Newsroom, published: str, stories: int
) -> None:
    room.give(GAZETTE, ferry(published=published))
    room.give(HERALD, copied())
    assert len(room.window()) == stories


@pytest.mark.parametrize(("hours", "stories"), [(70, 1), (80, 2)])
@pytest.mark.parametrize("other", ["before", "beside", "none"])
@pytest.mark.parametrize("again", [False, True])
def test_what_comes_80_hours_later_is_another_story_whatever_else_comes(
    room: Newsroom, hours: int, stories: int, other: str, *, again: bool
) -> None:
    room.give(GAZETTE, ferry(published=None))
    room.clock.step(hours=hours)
    if again:
        started_again(room)
    if other == "before":
        room.give(TRIBUNE, hives())
    beside = [pulled(room, TRIBUNE, hives())] if other == "beside" else []
    copy = pulled(room, HERALD, copied(published=None))
    room.store.write_all([*beside, copy], dedup.decide)
    assert len([one for one in sharing(room) if one != [TRIBUNE]]) == stories


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
        assert miss.reason.startswith("an update or a template: numbers differ")
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


def report(room: Newsroom, address: str, name: str, titled_as: str | None = None) -> None:
    """A report of one event, an hour after the last one, in sentences that no other has."""
    room.clock.step(hours=1)
    text = " ".join(f"{word} {name}" for word in CROSSING.split())
    title = f"{CROSSING_TITLE}: {titled_as or name}"
    room.give(address, given(address, name, title, text))


def leads_to(room: Newsroom, name: str) -> list[str]:
    """The reports that this one leads to, in their order."""
    story = led_by(room, f"{CROSSING_TITLE}: {name}")
    return [other.title.removeprefix(f"{CROSSING_TITLE}: ") for other in story.related]


@pytest.mark.parametrize("again", [False, True])
def test_a_report_leads_to_all_that_came_before_it_the_newest_first(
    room: Newsroom, *, again: bool
) -> None:
    report(room, GAZETTE, "one")
    report(room, HERALD, "two")
    if again:
        started_again(room)
    report(room, TRIBUNE, "three")
    assert [leads_to(room, name) for name in ("one", "two", "three")] == [
        [], ["one"], ["two", "one"],
    ]  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
def test_of_many_reports_the_newest_and_the_first_are_led_to(
    room: Newsroom, *, again: bool
) -> None:
    for name in ("one", "two", "three", "four", "five", "six"):
        report(room, GAZETTE, name)
    if again:
        started_again(room)
    report(room, HERALD, "seven")
    assert leads_to(room, "seven") == ["six", "five", "four", "three", "one"]


@pytest.mark.parametrize("again", [False, True])
def test_a_report_that_was_revised_keeps_its_place_among_those_that_are_led_to(
    room: Newsroom, *, again: bool
) -> None:
    for name, address in (("one", GAZETTE), ("two", HERALD), ("three", TRIBUNE)):
        report(room, address, name)
    text = " ".join(f"{word} two" for word in CROSSING.split()[::-1])
    room.give(HERALD, given(HERALD, "two", f"{CROSSING_TITLE}: two", text))
    if again:
        started_again(room)
    report(room, LEDGER, "four")
    assert leads_to(room, "four") == ["three", "two", "one"]


def test_a_report_that_another_process_revised_is_led_to_once(room: Newsroom) -> None:
    report(room, GAZETTE, "one")
    report(room, HERALD, "two")
    with Store(room.url, room.clock) as other:
        own, room.store = room.store, other
        room.give(LEDGER, hives(LEDGER))  # now it has read both
        room.store = own
        text = " ".join(f"{word} two" for word in CROSSING.split()[::-1])
        revised = given(HERALD, "two", f"{CROSSING_TITLE}: two", text)
        assert room.give(HERALD, revised).news == {"revised": 1}
        room.store = other
        report(room, TRIBUNE, "three")
        room.store = own
    assert leads_to(room, "three") == ["two", "one"]


@pytest.mark.parametrize("again", [False, True])
def test_a_report_that_an_arrival_joined_to_another_is_led_to_once(
    room: Newsroom, *, again: bool
) -> None:
    report(room, GAZETTE, "one")
    report(room, HERALD, "two")
    title = f"{CROSSING_TITLE}: two"
    report(room, TRIBUNE, "three", titled_as="two")
    room.clock.step(hours=1)
    room.seed("two.txt", title)
    assert len(led_by(room, title).entries) == 3
    if again:
        started_again(room)
    report(room, LEDGER, "four")
    assert leads_to(room, "four") == ["two", "one"]


@pytest.mark.parametrize("old", [0, 1])
def test_what_came_out_long_ago_is_of_no_event(room: Newsroom, old: int) -> None:
    dates = [TODAY, TODAY]
    dates[old] = "Thu, 15 Jan 2026 06:00:00 GMT"
    room.give(GAZETTE, ferry(published=dates[0]))
    room.clock.step(hours=1)
    room.give(HERALD, crossing(published=dates[1]))
    assert [story.related for story in room.window()] == [(), ()]
    assert told(room, led_by(room, CROSSING_TITLE)).related == ()


# ---- guesses ------------------------------------------------------------------------------------


def phones(address: str = HERALD, text: str = PHONES) -> ParsedEntry:
    return given(address, "phones", PHONES_TITLE, text)


def shelves(room: Newsroom, title: str) -> list[str]:
    """Where the story under this title stands."""
    return [each.assignment.vertical for each in told(room, led_by(room, title)).shelves]


def test_an_entry_of_which_nothing_is_certain_stands_where_it_is_guessed_to(
    guessing: Newsroom,
) -> None:
    guessing.give(HERALD, phones())
    story = guessing.only()
    assert story.verticals == ("tech",)
    (why,) = [each.assignment for each in told(guessing, story).shelves]
    assert why.reason == "guess: startup, smartphone, software"
    assert 0.5 <= why.score < 1
    assert guessing.titles("tech") == [PHONES_TITLE]


def test_nothing_is_guessed_where_something_is_certain(guessing: Newsroom) -> None:
    guessing.give(HERALD, phones(), verticals=("culture",))
    assert shelves(guessing, PHONES_TITLE) == ["culture"]


def test_of_a_threshold_of_one_nothing_is_guessed(tmp_path: Path) -> None:
    sure = [replace(vertical, threshold=1) for vertical in SHELVES]
    with Newsroom(tmp_path, verticals=sure) as room:
        room.give(HERALD, phones())
        assert shelves(room, PHONES_TITLE) == []


def test_what_belongs_on_a_shelf_that_is_not_defined_stands_on_none(tmp_path: Path) -> None:
    with Newsroom(tmp_path, verticals=SHELVES[:2]) as room:
        room.give(HERALD, phones())
        assert shelves(room, PHONES_TITLE) == []


def test_a_guess_stays_as_it_is_when_the_entry_is_revised(guessing: Newsroom) -> None:
    guessing.give(HERALD, phones())
    before = told(guessing, guessing.only()).shelves
    guessing.clock.step(hours=1)
    changed = given(HERALD, "phones", HIVES_TITLE, HIVES)
    assert guessing.give(HERALD, changed).news == {"revised": 1}
    assert told(guessing, guessing.only()).shelves == before


def test_what_becomes_certain_takes_the_place_of_a_guess(guessing: Newsroom) -> None:
    guessing.give(HERALD, phones())
    guessing.clock.step(hours=1)
    guessing.give(HERALD, phones(text="Another text."), verticals=("culture",))
    assert shelves(guessing, PHONES_TITLE) == ["culture"]


def test_a_copy_brings_its_guess_to_the_story_that_it_joins(guessing: Newsroom) -> None:
    guessing.give(GAZETTE, phones(GAZETTE), verticals=("culture",))
    guessing.clock.step(hours=1)
    guessing.give(HERALD, phones())
    assert guessing.only().verticals == ("culture", "tech")


def test_a_new_configuration_guesses_of_the_stories_that_are_there(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, hives(GAZETTE), verticals=("culture",))
        room.give(HERALD, given(HERALD, "phones", PHONES_TITLE, PHONES))
        assert shelves(room, PHONES_TITLE) == []
        started_again(room, SHELVES)
        room.start_with()
        assert shelves(room, PHONES_TITLE) == ["tech"]
        assert shelves(room, HIVES_TITLE) == ["culture"]
        before = room.dump()
        room.start_with()
        assert room.dump() == before


KETTLES = Vertical(name="kettles", title="Kettles", threshold=0.3)
SAID = """
spout lid whistle copper handle enamel boil descale rivet gasket trivet hob simmer brew
limescale filament thermostat ladle tinning solder
"""


def about_spouts(address: str, number: int) -> ParsedEntry:
    """An item that says eight of these words, and some that no other says."""
    said = SAID.split()
    words = [said[(number * 7 + at * 3) % len(said)] for at in range(8)]
    own = [f"q{number}z{at}" for at in range(10)]
    title = f"{words[0].capitalize()} and {words[1]}, no {number}"
    return given(address, f"spout{number}", title, " ".join((*words, *own)))


@pytest.fixture
def learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom with thirty stories on a shelf of its own, and thirty on another."""
    monkeypatch.setattr(newsroom, "SHELVES", (*SHELVES, KETTLES))
    with Newsroom(tmp_path, verticals=(*SHELVES, KETTLES)) as room:
        plain = [given(LEDGER, f"{n}", f"No {n}", f"w{n}y{n} v{n}u{n}") for n in range(30)]
        room.give(LEDGER, *plain, verticals=("culture",))
        spouts = [about_spouts(GAZETTE, number) for number in range(30)]
        room.give(GAZETTE, *spouts, verticals=("kettles",))
        room.clock.step(hours=1)
        yield room


@pytest.mark.parametrize("again", [False, True])
def test_a_shelf_is_guessed_by_what_the_sources_of_it_say(
    learned: Newsroom, *, again: bool
) -> None:
    if again:
        started_again(learned, (*SHELVES, KETTLES))
    learned.give(HERALD, about_spouts(HERALD, 31), hives(HERALD))
    newest = learned.window()[:2]
    (one,) = (story for story in newest if story.lead.title != HIVES_TITLE)
    (why,) = one.lead.verticals
    assert why.vertical == "kettles"
    assert why.reason.startswith("guess: ")
    assert KETTLES.threshold <= why.score < 1
    assert "kettles" not in shelves(learned, HIVES_TITLE)


def test_what_has_been_learned_is_the_same_after_a_start(learned: Newsroom) -> None:
    with Store(learned.url, learned.clock, verticals=(*SHELVES, KETTLES)) as other:
        own = learned.store
        learned.give(HERALD, about_spouts(HERALD, 31))
        learned.store = other
        learned.give(TRIBUNE, about_spouts(TRIBUNE, 31))
        learned.store = own
    here, there = (come_by(learned, address).entry.verticals for address in (HERALD, TRIBUNE))
    assert here == there != ()


def test_nothing_is_put_on_a_shelf_that_is_defined_no_more(learned: Newsroom) -> None:
    started_again(learned, SHELVES)
    learned.give(HERALD, about_spouts(HERALD, 31))
    assert learned.window()[0].lead.verticals == ()


def test_nothing_is_learned_of_guesses(guessing: Newsroom) -> None:
    guessing.give(HERALD, phones())
    assert guessing.store._lately.guesses._learned == [0, 0, 0, 0]
    started_again(guessing, SHELVES)
    guessing.give(GAZETTE, hives(GAZETTE), verticals=("culture",))
    assert guessing.store._lately.guesses._learned == [1, 0, 0, 0]


# ---- writes that fail ---------------------------------------------------------------------------


def failing(*_: object, **__: object) -> Decision:
    raise RuntimeError


def relate_and_fail(*given: Any) -> None:
    relate(*given)
    raise RuntimeError


@pytest.mark.parametrize("late", [False, True])
def test_a_write_that_failed_leaves_no_trace_in_what_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    dumps = []
    for fails in (False, True):
        (folder := tmp_path / str(fails)).mkdir()
        with Newsroom(folder, verticals=SHELVES) as room:
            report(room, GAZETTE, "one")
            room.give(LEDGER, hives(LEDGER), verticals=("culture",))
            room.listed(HERALD, verticals=("tech",))
            if fails and late:
                with monkeypatch.context() as broken:
                    broken.setattr(batch, "relate", relate_and_fail)
                    with pytest.raises(RuntimeError):
                        room.give(HERALD, crossing(), phones(), verticals=("tech",))
            elif fails:
                with pytest.raises(RuntimeError):
                    room.give(HERALD, crossing(), verticals=("tech",), decide=failing)
            report(room, TRIBUNE, "two")
            room.give(LEDGER, phones(LEDGER), hives(LEDGER))
            report(room, HERALD, "three")
            assert leads_to(room, "three") == ["two", "one"]
            dumps.append(room.dump())
    assert dumps[0] == dumps[1]
