from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.query import SourceReport, Totals
from feeds.report import as_json, as_text, health
from tests.builders import FEED_URL, NOW

TOTALS = Totals(sources=1, entries=30, stories=25)
LINE = "ok           30 entries  https://gazette.example/feed  Merrow Gazette"


def report(**changes: Any) -> SourceReport:
    usual: dict[str, Any] = {
        "address": FEED_URL,
        "title": "Merrow Gazette",
        "entries": 30,
        "last_success_at": NOW,
        "next_pull_at": NOW + timedelta(hours=1),
        "failing_since": None,
        "failures": 0,
        "error": None,
        "gone": False,
    }
    return SourceReport(**(usual | changes))


FAILING: dict[str, Any] = {"failing_since": NOW, "failures": 3, "error": "answered 500"}


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (report(last_success_at=None), "new"),
        (report(), "ok"),
        (report(**FAILING), "failing"),
        (report(**FAILING, last_success_at=None), "failing"),
        (report(**FAILING, gone=True), "gone"),
    ],
)
def test_health_is_one_word(source: SourceReport, word: str) -> None:
    assert health(source) == word


def test_a_source_is_one_line_and_its_next_pull_under_it() -> None:
    assert as_text((report(),), TOTALS).splitlines() == [
        LINE,
        "         next pull 2026-02-14T07:30:00Z",
        "1 sources, 30 entries, 25 stories",
    ]


def test_a_failing_source_says_since_when_and_why() -> None:
    lines = as_text((report(**FAILING),), TOTALS).splitlines()
    assert lines[0].startswith("failing ")
    assert lines[1] == "         since 2026-02-14T06:30:00Z: answered 500"


def test_a_source_with_nothing_to_come_is_a_single_line() -> None:
    lines = as_text((report(title=None, next_pull_at=None),), TOTALS).splitlines()
    assert lines[:-1] == [LINE.removesuffix("  Merrow Gazette")]


def test_a_password_in_an_address_is_never_shown() -> None:
    secret = report(address="https://ada:kettle@gazette.example/feed?token=whistle")
    shown = as_text((secret,), TOTALS) + json.dumps(as_json((secret,), TOTALS))
    assert "gazette.example/feed" in shown
    assert "kettle" not in shown
    assert "whistle" not in shown


@given(text=st.text())
def test_no_control_character_of_a_source_reaches_the_terminal(text: str) -> None:
    source = report(
        address=f"https://gazette.example/{text}", title=text, error=text or "?", failing_since=NOW
    )
    shown = as_text((source,), TOTALS)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", shown)
    assert len(shown.split("\n")) == 3


def test_the_report_for_machines_has_times_in_rfc_3339_and_null_where_there_is_none() -> None:
    assert as_json((report(**FAILING, last_success_at=None),), TOTALS) == {
        "totals": {"sources": 1, "entries": 30, "stories": 25},
        "sources": [
            {
                "address": FEED_URL,
                "title": "Merrow Gazette",
                "health": "failing",
                "entries": 30,
                "last_success_at": None,
                "next_pull_at": "2026-02-14T07:30:00Z",
                "failing_since": "2026-02-14T06:30:00Z",
                "failures": 3,
                "error": "answered 500",
            }
        ],
    }


def test_a_store_without_sources_still_says_so() -> None:
    nothing = Totals(sources=0, entries=0, stories=0)
    assert as_text((), nothing) == "0 sources, 0 entries, 0 stories"
