"""What a terminal shows where a pipe gets plain lines: the only door to rich.

Whoever writes to no terminal does not import this. Text from sources goes through `one_line` into
`Text`, and is never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aggregator.markup import one_line
from aggregator.model import Problem
from aggregator.query import SourceReport
from feeds.report import Report, health
from feeds.report.words import Names, moment

MOST_SOURCES = 500
"""Sources in a table: rich needs most of a millisecond for each, and a person longer."""

_WIDEST = 140
_FIRST = {"failing": 0, "gone": 1, "silent": 2}
_STYLES = {"failing": "bold red", "gone": "red", "silent": "yellow", "new": "cyan", "ok": "green"}
_HEIGHTS = "▁▂▃▄▅▆▇█"


def show_status(report: Report, stream: TextIO) -> None:
    """Write a table of the sources to a terminal, those that fail first, and the sums."""
    console = _console(stream)
    words = [_word(source) for source in report.sources]
    ordered = sorted(
        zip(words, report.sources, strict=True),
        key=lambda one: (_FIRST.get(one[0], len(_FIRST)), one[1].address),
    )
    if ordered:
        console.print(_table(ordered[:MOST_SOURCES], report, min(console.width, _WIDEST)))
    if len(ordered) > MOST_SOURCES:
        left = len(ordered) - MOST_SOURCES
        console.print(Text(f"and {left} more; all of them: broadsheet status | less"))
    console.print(_sums(words, report))


def show_problems(problems: Iterable[Problem], warnings: Iterable[Problem], stream: TextIO) -> None:
    """Write what is wrong, and then what is doubtful, to a terminal."""
    console = _console(stream)
    for style, end, found in (("red", "", problems), ("yellow", " (warning)", warnings)):
        for problem in found:
            where = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
            told = Text.assemble((_whole(where), "bold"), ": ", (_whole(problem.what), style))
            console.print(told.append(f"; {_whole(problem.todo)}{end}"), soft_wrap=True)


def spark(days: Sequence[int]) -> str:
    """A block for each count, as high as that is beside the most; the lowest is none."""
    most, highest = max(days, default=0), len(_HEIGHTS) - 1
    # One of many is more than none.
    heights = (-(-count * highest // most) if count else 0 for count in days)
    return "".join(_HEIGHTS[height] for height in heights)


def away(at: datetime | None, now: datetime) -> str:
    """How far a moment is from now: `in 40 min`, `3 h ago`, `now`; nothing where there is none."""
    if at is None:
        return ""
    distance = abs(at - now)
    if distance < timedelta(minutes=1):
        return "now"
    minutes = round(distance / timedelta(minutes=1))
    if minutes < 90:  # noqa: PLR2004 - two hours are told as hours, and nothing as 1 h
        told = f"{minutes} min"
    elif distance < timedelta(hours=36):
        told = f"{round(distance / timedelta(hours=1))} h"
    else:
        told = f"{round(distance / timedelta(days=1))} d"
    return f"in {told}" if at > now else f"{told} ago"


def _console(stream: TextIO) -> Console:
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def _whole(text: str) -> str:
    return one_line(text, len(text))


def _word(source: SourceReport) -> str:
    word = health(source)
    return "silent" if word == "ok" and source.silent_since else word


def _table(sources: Iterable[tuple[str, SourceReport]], report: Report, width: int) -> Table:
    """A row a source; the narrower, the fewer columns, so that the names have room."""
    days, with_last = _room(width)
    # With widths that are given nothing is measured, which costs more than all the rest.
    table = Table(box=None, expand=True, width=width, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("Health", width=7, no_wrap=True)
    table.add_column("Source", ratio=1, overflow="fold")
    table.add_column("Entries", width=7, justify="right", no_wrap=True)
    if days:
        table.add_column(f"{days} days", width=max(days, 7), no_wrap=True)
    if with_last:
        table.add_column("Last success", width=12, no_wrap=True)
    table.add_column("Next pull", width=10, no_wrap=True)
    names = Names(report)
    for word, source in sources:
        cells = [Text(word, _STYLES[word]), _named(source, names, report.now)]
        cells.append(Text(str(source.entries)))
        if days:
            cells.append(Text(spark(source.days[-days:])))
        if with_last:
            cells.append(Text(away(source.last_success_at, report.now) or "never"))
        table.add_row(*cells, Text(_next(source, report.now)))
    return table


def _room(width: int) -> tuple[int, bool]:
    """How many days a table of this width has room for, and whether for the last success."""
    for columns, days, with_last in ((130, 30, True), (100, 14, True), (72, 7, False)):
        if width >= columns:
            return days, with_last
    return 0, False


def _next(source: SourceReport, now: datetime) -> str:
    if source.next_pull_at is None:
        return "never" if source.gone else ""
    return away(source.next_pull_at, now) if source.next_pull_at > now else "due"


def _named(source: SourceReport, names: Names, now: datetime) -> Text:
    """Title and address of a source, and under them what there is to say of it."""
    address = names.of(source.address)
    title = one_line(source.title or "", 100)
    told = Text.assemble((title or address, "bold"))
    if title and title != address:
        told.append(f"\n{address}", "dim")
    for line, style in _under(source, names, now):
        told.append(f"\n{line}", style)
    return told


def _under(source: SourceReport, names: Names, now: datetime) -> Iterator[tuple[str, str]]:
    if source.error:
        since = source.failing_since
        when = f"since {moment(since)} ({away(since, now)}): " if since else ""
        yield f"{when}{one_line(source.error)}", "red"
    if source.silent_since:
        when = f"{moment(source.silent_since)} ({away(source.silent_since, now)})"
        yield f"silent since {when}, for longer than it ever was", "yellow"
    if place := names.target(source):
        yield f"has moved for good to {place}; write that into config.toml", "yellow"


def _sums(words: Sequence[str], report: Report) -> Text:
    totals = report.totals
    told = Text(f"{totals.sources} sources")
    for word in _FIRST:
        if count := words.count(word):
            told.append(", ").append(f"{count} {word}", _STYLES[word])
    return told.append(f"; {totals.entries} entries, {totals.stories} stories")
