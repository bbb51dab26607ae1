"""What an operator is told: the sources and their health, as text and as JSON."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from aggregator.dates import rfc3339
from aggregator.markup import one_line
from aggregator.pull import shown
from aggregator.query import SourceReport, Totals


def as_json(
    sources: tuple[SourceReport, ...], totals: Totals, private: Collection[str] = ()
) -> dict[str, object]:
    """The whole report for a machine; times are RFC 3339, None where there is none yet.

    `private` are the addresses of which no more than the host is told.
    """
    return {
        "totals": {
            "sources": totals.sources,
            "entries": totals.entries,
            "stories": totals.stories,
        },
        "sources": [
            {
                "address": shown(s.address, private=s.address in private),
                "title": s.title,
                "health": health(s),
                "entries": s.entries,
                "last_success_at": _time(s.last_success_at),
                "next_pull_at": _time(s.next_pull_at),
                "failing_since": _time(s.failing_since),
                "failures": s.failures,
                "error": s.error,
            }
            for s in sources
        ],
    }


def as_text(
    sources: tuple[SourceReport, ...], totals: Totals, private: Collection[str] = ()
) -> str:
    """The whole report for a person: a line a source, and why it fails under it.

    `private` are the addresses of which no more than the host is told.
    """
    lines: list[str] = []
    for source in sources:
        address = one_line(shown(source.address, private=source.address in private))
        where = f"{address}  {one_line(source.title or '', 40)}"
        lines.append(f"{health(source):8} {source.entries:6} entries  {where}".rstrip())
        if source.error and source.failing_since:
            lines.append(
                f"         since {rfc3339(source.failing_since)}: {one_line(source.error)}"
            )
        elif source.next_pull_at:
            lines.append(f"         next pull {rfc3339(source.next_pull_at)}")
    lines.append(f"{totals.sources} sources, {totals.entries} entries, {totals.stories} stories")
    return "\n".join(lines)


def health(source: SourceReport) -> str:
    """One word: new (never pulled), ok, failing, or gone (answered 410)."""
    if source.gone:
        return "gone"
    if source.error:
        return "failing"
    return "ok" if source.last_success_at else "new"


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
