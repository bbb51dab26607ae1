"""What an operator is told, as text for a terminal and as JSON for a machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aggregator.dates import rfc3339
from aggregator.markup import one_line
from aggregator.model.notices import ConfigState
from aggregator.query import SourceReport
from feeds.report.types import Report
from feeds.report.words import Names, health


def as_json(report: Report) -> dict[str, object]:
    """The whole report for a machine; times are RFC 3339, None where there is none yet.

    `entries_per_day` are those of the last 30 days (UTC), today last, without what a first pull
    found. `config` is None in a command: nothing is live there.
    """
    names, totals = Names(report), report.totals
    return {
        "version": report.version,
        "generated_at": rfc3339(report.now),
        "config": _config(report.config) if report.config else None,
        "totals": {
            "sources": totals.sources,
            "entries": totals.entries,
            "stories": totals.stories,
        },
        "verticals": [
            {
                "name": vertical.name,
                "stories": vertical.stories,
                "updated_at": rfc3339(vertical.updated_at),
                "modified_at": rfc3339(vertical.modified_at),
            }
            for vertical in report.feeds
        ],
        "sources": [_source(source, names) for source in report.sources],
    }


def _config(state: ConfigState) -> dict[str, object]:
    return {
        "good": not state.problems,
        "live_since": rfc3339(state.live_since),
        "refused_at": _time(state.refused_at),
        "problems": [
            {
                "file": one_line(problem.file),
                "line": problem.line,
                "what": one_line(problem.what),
                "todo": one_line(problem.todo),
            }
            for problem in state.problems
        ],
        "restart": list(state.restart),
    }


def _source(source: SourceReport, names: Names) -> dict[str, object]:
    return {
        "address": names.told(source),
        "title": None if source.title is None else one_line(source.title),
        "health": health(source),
        "entries": source.entries,
        "last_pull_at": _time(source.last_pull_at),
        "last_success_at": _time(source.last_success_at),
        "next_pull_at": _time(source.next_pull_at),
        "failing_since": _time(source.failing_since),
        "failures": source.failures,
        "error": None if source.error is None else one_line(source.error),
        "moved_to": names.target(source),
        "newest_at": _time(source.newest_at),
        "silent_since": _time(source.silent_since),
        "entries_per_day": list(source.days),
    }


def as_text(report: Report) -> str:
    """The whole report for a person: a line a source, and under it what there is to say of it."""
    names, totals = Names(report), report.totals
    lines: list[str] = []
    for source in report.sources:
        where = f"{names.told(source)}  {one_line(source.title or '', 40)}"
        lines.append(f"{health(source):8} {source.entries:6} entries  {where}".rstrip())
        lines += (f"         {line}" for line in _under(source, names))
    lines.append(f"{totals.sources} sources, {totals.entries} entries, {totals.stories} stories")
    return "\n".join(lines)


def _under(source: SourceReport, names: Names) -> Iterator[str]:
    if source.error and source.failing_since:
        yield f"since {rfc3339(source.failing_since)}: {one_line(source.error)}"
    if source.silent_since:
        yield f"silent since {rfc3339(source.silent_since)}, for longer than it ever was"
    if place := names.target(source):
        yield f"has moved for good to {place}; write that into config.toml"
    if source.next_pull_at:
        yield f"next pull {rfc3339(source.next_pull_at)}"


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
