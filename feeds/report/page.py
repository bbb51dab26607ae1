"""The status page."""

from __future__ import annotations

import platform
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from aggregator.markup import one_line
from aggregator.model.notices import Notice
from aggregator.query import SourceReport
from aggregator.settings import SEED
from feeds import pages
from feeds.report.charts import HEIGHT, Chart, chart
from feeds.report.types import Report
from feeds.report.words import Names, health, moment, titled, told

SOURCES_A_PAGE = 200
"""Sources on one page: however many there are, it stays some hundred kilobytes."""

NOTICES = 20
"""Notices on the page; the operator feed has all of them."""

_FIRST = {"failing": 0, "gone": 1, "silent": 2}
_REST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A source as the page has it; `word` is its health, or `silent` where it only seems well."""

    word: str
    title: str
    address: str
    is_seed: bool
    report: SourceReport
    error: str
    moved_to: str | None
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A notice as the page has it."""

    number: int
    at: datetime
    title: str
    text: str


def status_page(report: Report, number: int = 1) -> str | None:
    """The page with this number, of as many as the sources need; None if there is none.

    What fails comes first, then what has fallen silent, then the rest, each by address.
    """
    words = [_word(source) for source in report.sources]
    ordered = sorted(
        zip(words, report.sources, strict=True),
        key=lambda one: (_FIRST.get(one[0], _REST), one[1].address),
    )
    last = max(1, -(-len(ordered) // SOURCES_A_PAGE))
    if not 1 <= number <= last:
        return None
    names = Names(report)
    on_page = ordered[(number - 1) * SOURCES_A_PAGE : number * SOURCES_A_PAGE]
    return pages.filled(
        "status.html",
        report.settings,
        report=report,
        versions=(
            ("Broadsheet", report.version),
            ("Python", platform.python_version()),
            ("SQLite", sqlite3.sqlite_version),
        ),
        failing=sum(word in {"failing", "gone"} for word in words),
        silent=words.count("silent"),
        sources=[_shown(word, source, names, report) for word, source in on_page],
        notices=[_told(notice, report, names) for notice in report.notices[:NOTICES]],
        problems=[one_line(str(problem)) for problem in report.config.problems]
        if report.config
        else [],
        number=number,
        last=last,
        height=HEIGHT,
        moment=moment,
    )


def _word(source: SourceReport) -> str:
    word = health(source)
    return "silent" if word == "ok" and source.silent_since else word


def _shown(word: str, source: SourceReport, names: Names, report: Report) -> _Shown:
    address = names.of(source.address)
    return _Shown(
        word=word,
        title=one_line(source.title or "") or address,
        address=address,
        is_seed=source.address.startswith(SEED),
        report=source,
        error=one_line(source.error or ""),
        moved_to=names.target(source),
        chart=chart(source.days, report.now),
    )


def _told(notice: Notice, report: Report, names: Names) -> _Told:
    return _Told(
        number=notice.number,
        at=notice.at,
        title=titled(notice, report, names),
        text=told(notice, names),
    )
