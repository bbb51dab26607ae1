"""Reports for the tests of what operators are told: each field of each to be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.model.notices import ConfigState, Notice
from aggregator.query import SourceReport, Totals, VerticalReport
from aggregator.query.reports import DAYS
from aggregator.settings import Site
from feeds.report import Report
from tests.builders import FEED_URL, NOW
from tests.newsroom import settings_for

BASE = "https://news.example/bulletin"

HOSTILE = '\x1b[31m\x9b2J<script>alert("\'&")</script>]]>\u202egnp\u2066.\r\n\x00\u2028\u0085!'
"""Escape sequences, markup, bidi controls, and whatever breaks a line."""

SECRET = "https://ada:kettle@gazette.example/feed?token=whistle#lid"
"""An address of which neither the login nor any value may be seen."""

FAILING: dict[str, Any] = {"failing_since": NOW, "failures": 3, "error": "answered 500"}

_USUAL = SourceReport(
    number=1,
    address=FEED_URL,
    title="Merrow Gazette",
    entries=30,
    last_pull_at=NOW,
    last_success_at=NOW,
    next_pull_at=NOW + timedelta(hours=1),
    failing_since=None,
    failures=0,
    error=None,
    gone=False,
    moved_to=None,
    newest_at=NOW - timedelta(hours=2),
    silent_since=None,
    days=(0,) * (DAYS - 2) + (3, 1),
)


def of_source(**changes: Any) -> SourceReport:
    """What there is to tell of the Merrow Gazette, which is well."""
    return replace(_USUAL, **changes)


def of(*sources: SourceReport, site: Site | None = None, **changes: Any) -> Report:
    """A report of these sources; `site`, `sources_named` and others are settings'."""
    settings = settings_for(
        Path("/nowhere"),
        site=site or Site(title="The Merrow Bulletin", base_url=BASE),
        sources=changes.pop("sources_named", ()),
    )
    usual: dict[str, Any] = {
        "now": NOW,
        "version": "9.8.7",
        "settings": settings,
        "sources": sources,
        "totals": Totals(sources=len(sources), entries=30, stories=25),
        "verticals": (
            VerticalReport(name="all", stories=25, modified_at=NOW, updated_at=NOW),
            VerticalReport(name="bygone", stories=1, modified_at=NOW, updated_at=NOW),
            VerticalReport(name="tech", stories=1, modified_at=NOW, updated_at=NOW),
        ),
    }
    return Report(**(usual | changes))


def notice(**changes: Any) -> Notice:
    """The Merrow Gazette began to fail an hour ago."""
    usual: dict[str, Any] = {
        "number": 7,
        "at": NOW,
        "kind": "failing",
        "said": "answered 500",
        "since": NOW - timedelta(hours=1),
        "address": FEED_URL,
        "title": "Merrow Gazette",
    }
    return Notice(**(usual | changes))


def state(**changes: Any) -> ConfigState:
    """A config.toml that is live."""
    return ConfigState(**({"live_since": NOW} | changes))
