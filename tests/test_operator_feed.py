from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import dedup, parse
from aggregator.model import ParsedFeed, PullOutcome
from aggregator.settings import Source
from feeds.report import Report, gather, operator_feed
from tests.builders import NOW
from tests.judges import judge
from tests.newsroom import GAZETTE, Newsroom, item, settings_for
from tests.reports import BASE, HOSTILE, SECRET, notice, of, of_source, state

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "urn:uuid:site"
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

CONFIG: dict[str, Any] = {"address": None, "title": None, "since": None}


def everything() -> Report:
    """A report of one notice of each kind."""
    told = [
        notice(number=9, kind="taken", said="config.toml is good again, and live", **CONFIG),
        notice(number=8, kind="refused", said="config.toml:3: unknown key; remove it", **CONFIG),
        notice(number=7, kind="speaking", said="", since=None),
        notice(number=6, kind="silent", said=""),
        notice(number=5, kind="gone", said="answered 410 Gone"),
        notice(number=4, kind="recovered", said=""),
        notice(number=3, kind="failing", title=None),
        notice(number=2, kind="recovered", said="", address="seed:a.txt"),
        notice(number=1, kind="failing", said="seeds/a.txt:1: no title", address="seed:a.txt"),
    ]
    notices = tuple(replace(one, at=NOW + timedelta(minutes=one.number)) for one in told)
    return of(of_source(), notices=notices, config=state())


def read(report: Report) -> ET.Element:
    return ET.fromstring(operator_feed(report, SITE))


def texts(feed: ET.Element, name: str) -> list[str]:
    """The texts of these elements of all entries."""
    return [element.text or "" for element in feed.iterfind(f"{ATOM}entry/{ATOM}{name}")]


def test_the_feed_says_whose_it_is_and_where() -> None:
    feed = read(everything())
    assert feed.findtext(f"{ATOM}title") == "The Merrow Bulletin: operator"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "The Merrow Bulletin"
    links = {link.get("rel"): link.get("href") for link in feed.iterfind(f"{ATOM}link")}
    assert links == {"self": f"{BASE}/operator.atom", "alternate": f"{BASE}/status"}


def test_each_notice_is_an_entry_the_newest_first() -> None:
    feed = read(everything())
    assert texts(feed, "title") == [
        "config.toml is good again",
        "config.toml was refused",
        "Merrow Gazette publishes again",
        "Merrow Gazette has fallen silent",
        "Merrow Gazette is gone",
        "Merrow Gazette answers again",
        "https://gazette.example/feed fails",
        "seeds/a.txt is good again",
        "seeds/a.txt was refused",
    ]
    assert texts(feed, "updated") == texts(feed, "published")
    assert texts(feed, "updated")[0] == "2026-02-14T06:39:00Z" == feed.findtext(f"{ATOM}updated")
    assert all(content.get("type") == "text" for content in feed.iter(f"{ATOM}content"))


def test_ids_are_made_from_the_site_and_the_number_and_stay() -> None:
    ids = texts(read(everything()), "id")
    assert len(set(ids)) == 9
    assert all(one.startswith("urn:uuid:") for one in ids)
    newest = replace(everything(), notices=everything().notices[:1])
    assert texts(read(newest), "id") == ids[:1]
    own = read(newest).findtext(f"{ATOM}id")
    other = ET.fromstring(operator_feed(newest, "urn:uuid:other"))
    assert own == read(everything()).findtext(f"{ATOM}id") != other.findtext(f"{ATOM}id")
    assert texts(other, "id") != ids[:1]


def test_the_same_notices_are_the_same_bytes_whatever_the_time() -> None:
    later = replace(everything(), now=NOW + timedelta(days=9), config=state(live_since=NOW))
    assert operator_feed(later, SITE) == operator_feed(everything(), SITE)


@pytest.mark.parametrize(
    ("report", "updated"),
    [(of(config=state()), "2026-02-14T06:30:00Z"), (of(), "1970-01-01T00:00:00Z")],
)
def test_a_feed_without_a_notice_is_as_old_as_what_runs(report: Report, updated: str) -> None:
    feed = read(report)
    assert feed.findtext(f"{ATOM}updated") == updated
    assert not feed.findall(f"{ATOM}entry")


def test_a_feed_reader_sees_plain_text_in_it() -> None:
    said = "is <b>bold</b> & has &lt;i&gt;"
    found = parse.read(operator_feed(of(notices=(notice(said=said),)), SITE), BASE)
    assert isinstance(found, ParsedFeed)
    (entry,) = found.entries
    assert entry.content is not None
    assert not entry.content.html
    assert said in entry.content.value


def test_nothing_that_others_wrote_leaves_its_text() -> None:
    notices = (
        notice(number=3, title=HOSTILE, address=HOSTILE, said=HOSTILE),
        notice(number=2, address=f"seed:{HOSTILE}", said=HOSTILE),
        notice(number=1, kind="refused", said=HOSTILE, **CONFIG),
    )
    written = operator_feed(of(notices=notices), SITE)
    assert b"<script" not in written
    assert not HARMFUL.search(written.decode().partition("\n")[2])
    feed = ET.fromstring(written)
    assert {element.tag for element in feed.iterfind(f"{ATOM}entry/*")} == {
        f"{ATOM}{name}" for name in ("id", "title", "published", "updated", "link", "content")
    }


@given(text=st.text())
def test_whatever_was_told_is_well_formed(text: str) -> None:
    told = notice(title=text, address=text or "seed:", said=text)
    assert len(read(of(notices=(told,))).findall(f"{ATOM}entry")) == 1


def test_no_login_no_value_of_a_query_and_no_private_path_is_told() -> None:
    private = Source(address="https://gazette.example/kettle/feed", private=True)
    notices = (
        notice(number=3, address=SECRET, title=None),
        notice(number=2, address=private.address),
        notice(number=1, address="https://removed.example/kettle?whistle=lid", title=None),
    )
    sources = (of_source(address=SECRET), of_source(address=private.address))
    written = operator_feed(of(*sources, sources_named=(private,), notices=notices), SITE)
    assert b"https://***@gazette.example/feed?token=***#*** fails" in written
    assert b"https://gazette.example/*** has been failing" in written
    assert b"https://removed.example/*** fails" in written
    assert not re.search(b"kettle|whistle|lid", written)


def test_what_happens_to_a_source_is_told_from_the_store(tmp_path: Path) -> None:
    def pulled(room: Newsroom, error: str | None, since: datetime | None) -> None:
        state = replace(room.at(GAZETTE).state, error=error, failing_since=since)
        room.store.write(PullOutcome(state=state), dedup.decide)
        room.clock.step(hours=1)

    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"))
        pulled(room, "answered 500 Internal Server Error", room.clock())
        pulled(room, None, None)
        report = gather(room.query, settings_for(tmp_path), room.clock(), "9.8.7")
    feed = read(report)
    assert texts(feed, "title") == ["Merrow Gazette answers again", "Merrow Gazette fails"]
    again, failed = texts(feed, "content")
    assert failed.startswith(
        f"{GAZETTE} has been failing since February 14, 2026, 06:30 UTC: "
        "answered 500 Internal Server Error. It is asked again by itself"
    )
    assert "having failed since February 14, 2026, 06:30 UTC" in again


def test_the_w3c_finds_no_fault_with_it(tmp_path: Path) -> None:
    files = [tmp_path / "all.atom", tmp_path / "none.atom"]
    for file, report in zip(files, (everything(), of(config=state())), strict=True):
        file.write_bytes(operator_feed(report, "urn:uuid:5ca5ade1-0000-4000-8000-000000000000"))
        judge(file, base=f"{BASE}/operator.atom")
