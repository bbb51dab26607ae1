from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Problem
from aggregator.model.notices import NoticeKind
from aggregator.pull.seed_folder import ABSENT
from aggregator.query import SourceReport
from aggregator.settings import Source
from feeds.report import as_json, as_text, gather, health
from feeds.report.charts import chart
from feeds.report.words import Names, titled, told
from tests.builders import FEED_URL, NOW
from tests.newsroom import GAZETTE, Newsroom, item, settings_for
from tests.reports import FAILING, HOSTILE, SECRET, notice, of, of_source, state

LINE = "ok           30 entries  https://gazette.example/feed  Merrow Gazette"
AT = "2026-02-14T06:30:00Z"
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (of_source(last_success_at=None), "new"),
        (of_source(), "ok"),
        (of_source(**FAILING), "failing"),
        (of_source(**FAILING, last_success_at=None), "failing"),
        (of_source(**FAILING, gone=True), "gone"),
    ],
)
def test_health_is_one_word(source: SourceReport, word: str) -> None:
    assert health(source) == word


def test_a_source_is_one_line_and_its_next_pull_under_it() -> None:
    assert as_text(of(of_source())).splitlines() == [
        LINE,
        "         next pull 2026-02-14T07:30:00Z",
        "1 sources, 30 entries, 25 stories",
    ]


def test_a_failing_source_says_since_when_and_why_and_when_it_is_asked_again() -> None:
    lines = as_text(of(of_source(**FAILING))).splitlines()
    assert lines[0].startswith("failing ")
    assert lines[1] == "         since 2026-02-14T06:30:00Z: answered 500"
    assert lines[2] == "         next pull 2026-02-14T07:30:00Z"


def test_a_source_with_nothing_to_come_is_a_single_line() -> None:
    lines = as_text(of(of_source(title=None, next_pull_at=None))).splitlines()
    assert lines[:-1] == [LINE.removesuffix("  Merrow Gazette")]


def test_a_silent_source_and_one_that_moved_are_told_as_such() -> None:
    moved = of_source(silent_since=NOW, moved_to="https://new.example/feed?key=whistle")
    lines = as_text(of(moved)).splitlines()
    assert lines[1] == f"         silent since {AT}, for longer than it ever was"
    assert lines[2] == (
        "         has moved for good to https://new.example/feed?key=***; "
        "write that into config.toml"
    )


def test_a_password_in_an_address_is_never_shown() -> None:
    report = of(of_source(address=SECRET, moved_to=SECRET))
    shown = as_text(report) + json.dumps(as_json(report))
    assert shown.count("gazette.example/feed") == 4
    assert "kettle" not in shown
    assert "whistle" not in shown


def test_of_a_private_source_the_host_alone_is_told() -> None:
    private = Source(address="https://gazette.example/kettle/feed", private=True)
    source = of_source(address=private.address, moved_to="https://gazette.example/whistle")
    report = of(source, sources_named=(private,))
    shown = as_text(report) + json.dumps(as_json(report))
    assert shown.count("https://gazette.example/***") == 4
    assert "kettle" not in shown
    assert "whistle" not in shown
    assert "Merrow Gazette" in shown


def test_of_a_source_that_is_listed_no_more_the_host_alone_is_told() -> None:
    names = Names(of(of_source()))
    assert names.of(FEED_URL) == FEED_URL
    assert names.of("https://herald.example/kettle") == "https://herald.example/***"
    assert names.of("seed:wire/a.txt") == "seeds/wire/a.txt"


@given(text=st.text())
def test_no_control_character_of_a_source_reaches_the_terminal(text: str) -> None:
    source = of_source(
        address=f"https://gazette.example/{text}", title=text, error=text or "?", failing_since=NOW
    )
    shown = as_text(of(source))
    assert not HARMFUL.search(shown)
    assert len(shown.split("\n")) == 4


def test_nor_a_machine() -> None:
    problem = Problem(file=HOSTILE, line=3, what=HOSTILE, todo=HOSTILE)
    config = state(problems=(problem,), refused_at=NOW)
    source = of_source(**(FAILING | {"title": HOSTILE, "error": HOSTILE}), moved_to=HOSTILE)
    assert not HARMFUL.search(json.dumps(as_json(of(source, config=config)), ensure_ascii=False))


def test_the_report_for_machines_has_times_in_rfc_3339_and_null_where_there_is_none() -> None:
    days = [0] * 28 + [3, 1]
    assert as_json(of(of_source(**FAILING, last_success_at=None))) == {
        "version": "9.8.7",
        "generated_at": AT,
        "config": None,
        "totals": {"sources": 1, "entries": 30, "stories": 25},
        "verticals": [
            {"name": "all", "stories": 25, "updated_at": AT, "modified_at": AT},
            {"name": "tech", "stories": 1, "updated_at": AT, "modified_at": AT},
        ],
        "sources": [
            {
                "address": FEED_URL,
                "title": "Merrow Gazette",
                "health": "failing",
                "entries": 30,
                "last_pull_at": AT,
                "last_success_at": None,
                "next_pull_at": "2026-02-14T07:30:00Z",
                "failing_since": AT,
                "failures": 3,
                "error": "answered 500",
                "moved_to": None,
                "newest_at": "2026-02-14T04:30:00Z",
                "silent_since": None,
                "entries_per_day": days,
            }
        ],
    }


def test_machines_are_told_what_of_config_toml_is_live() -> None:
    assert as_json(of(config=state()))["config"] == {
        "good": True,
        "live_since": AT,
        "refused_at": None,
        "problems": [],
        "restart": [],
    }
    problem = Problem(file="config.toml", line=3, what="unknown key", todo="remove it")
    refused = state(problems=(problem,), refused_at=NOW, restart=("[server] port",))
    assert as_json(of(config=refused))["config"] == {
        "good": False,
        "live_since": AT,
        "refused_at": AT,
        "problems": [
            {"file": "config.toml", "line": 3, "what": "unknown key", "todo": "remove it"}
        ],
        "restart": ["[server] port"],
    }


def test_a_store_without_sources_still_says_so() -> None:
    assert as_text(of()) == "0 sources, 30 entries, 25 stories"


def test_what_is_told_is_what_the_store_holds(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), verticals=("tech",))
        room.store.tell("refused", "config.toml:3: unknown key; remove it")
        report = gather(room.query, settings_for(tmp_path), room.clock(), "9.8.7", state())
    assert [source.address for source in report.sources] == [GAZETTE]
    assert (report.totals.sources, report.totals.stories) == (1, 1)
    assert [(feed.name, feed.stories) for feed in report.feeds] == [("all", 1), ("tech", 1)]
    assert [told.kind for told in report.notices] == ["refused"]
    assert report.config == state()


SINCE = "February 14, 2026, 05:30 UTC"
SEED: dict[str, Any] = {"address": "seed:a.txt", "title": "Kettle heard"}
CONFIG: dict[str, Any] = {"address": None, "title": None, "since": None}


@pytest.mark.parametrize(
    ("kind", "changes", "title", "why"),
    [
        ("failing", {}, "Merrow Gazette fails", f"failing since {SINCE}: answered 500. It is"),
        ("failing", {"said": "answered 500."}, "Merrow Gazette fails", "answered 500. It is"),
        ("failing", {"title": None}, f"{FEED_URL} fails", FEED_URL),
        ("recovered", {"said": ""}, "Merrow Gazette answers again", f"failed since {SINCE}. There"),
        ("recovered", {"since": None}, "Merrow Gazette answers again", "06:30 UTC. There"),
        ("gone", {}, "Merrow Gazette is gone", "remove it from config.toml"),
        ("silent", {"said": ""}, "Merrow Gazette has fallen silent", f"nothing since {SINCE}"),
        ("speaking", {"said": ""}, "Merrow Gazette publishes again", "06:30 UTC"),
        ("failing", SEED, "seeds/a.txt was refused", f"read since {SINCE}: answered 500"),
        ("failing", SEED | {"said": ABSENT}, "seeds/a.txt is missing", "Put it back"),
        ("recovered", SEED, "seeds/a.txt is good again", f"not be read since {SINCE}"),
        ("recovered", SEED | {"since": None}, "seeds/a.txt is good again", "UTC. There is nothing"),
        ("silent", SEED | {"said": ""}, "seeds/a.txt has fallen silent", "seeds/a.txt has fallen"),
        ("refused", CONFIG, "config.toml was refused", "06:30 UTC: answered 500. What was live"),
        ("taken", CONFIG, "config.toml is good again", "There is nothing to do"),
    ],
)
def test_a_notice_says_what_has_happened_and_since_when_and_why(
    kind: NoticeKind, changes: dict[str, Any], title: str, why: str
) -> None:
    report = of(of_source())
    said = notice(kind=kind, **changes)
    assert titled(said, report, Names(report)) == title
    assert why in told(said, Names(report))


def test_a_chart_has_a_bar_for_each_day_with_entries_and_says_the_most_in_words() -> None:
    made = chart((0, 1, 4, 0), NOW)
    assert made.path == "M6 24v-6h5v6zM12 24v-24h5v24z"
    assert made.width == 24
    assert made.label == "5 entries in 4 days, at most 4 on one day, February 13, 2026"
    assert chart((1,), NOW).label == "1 entry in 1 days, at most 1 on one day, February 14, 2026"


def test_the_least_is_seen_beside_the_most() -> None:
    assert chart((1, 1000), NOW).path.startswith("M0 24v-1h5v1z")


def test_a_chart_of_nothing_says_so() -> None:
    made = chart((0,) * 30, NOW + timedelta(days=1))
    assert (made.path, made.label) == ("", "No new entries in 30 days")
