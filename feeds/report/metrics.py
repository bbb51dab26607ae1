"""The metrics, as Prometheus reads them: the only door to prometheus_client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from aggregator.query import SourceReport
from feeds.report.types import Report
from feeds.report.words import Names, health

_VERSIONS = re.compile(r"version=(?![0-9]{1,3}(?:\.[0-9]{1,3}){0,2} *(?:[;,]|\Z))|[^ -~]")
"""What is no version, or no header, in Accept: prometheus_client would compare it, and fail."""


def metrics(report: Report, accept: str = "") -> tuple[bytes, str]:
    """The report, and what there is to say of this process, with their media type.

    The format is the one that an Accept header asks for: Prometheus's own, or OpenMetrics. Nothing
    else of a request has a part in it.
    """
    registry = CollectorRegistry()
    registry.register(_OfReport(report))
    ProcessCollector(registry=registry)
    encode, media_type = choose_encoder("" if _VERSIONS.search(accept) else accept)
    return encode(registry), media_type


class _OfReport(Collector):
    """A report as metrics: whatever it tells of is named by the report, never by a request."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Every metric of ours."""
        yield from _of_service(self._report)
        yield from _of_feeds(self._report)
        yield from _of_sources(self._report)


def _of_service(report: Report) -> Iterator[Metric]:
    info = {"version": report.version}
    yield InfoMetricFamily("broadsheet_build", "The version that runs.", info)
    if report.config:
        good = not report.config.problems
        yield _gauge("config_good", "Whether config.toml as it is now is what runs.", good)
        since = report.config.live_since.timestamp()
        yield _gauge("config_live_timestamp_seconds", "Since when what runs is live.", since)
    totals = report.totals
    yield _gauge("sources", "Sources that are listed.", totals.sources)
    yield _gauge("entries", "Entries that sources have given.", totals.entries)
    yield _gauge("stories", "Stories that are published.", totals.stories)


def _of_feeds(report: Report) -> Iterator[Metric]:
    feeds = report.feeds
    yield _by(
        "feed", "stories", "Stories that stand in a feed.", ((v.name, v.stories) for v in feeds)
    )
    yield _by(
        "feed",
        "updated_timestamp_seconds",
        "When a feed last changed for readers.",
        ((v.name, v.updated_at.timestamp()) for v in feeds),
    )
    yield _by(
        "feed",
        "modified_timestamp_seconds",
        "When the bytes of a feed last changed.",
        ((v.name, v.modified_at.timestamp()) for v in feeds),
    )


def _of_sources(report: Report) -> Iterator[Metric]:
    names = Names(report)
    labelled = [(_label(source, names), source) for source in report.sources]

    def by(name: str, said: str, values: Iterable[tuple[str, float | None]]) -> Metric:
        return _by("source", name, said, ((one, v) for one, v in values if v is not None))

    yield by(
        "up",
        "Whether the last pull of a source succeeded; nothing of one that was never pulled.",
        ((name, _UP[health(s)]) for name, s in labelled),
    )
    yield by(
        "failures",
        "Pulls of a source that failed in a row.",
        ((name, s.failures) for name, s in labelled),
    )
    yield by(
        "entries", "Entries that a source has given.", ((name, s.entries) for name, s in labelled)
    )
    yield by(
        "last_success_timestamp_seconds",
        "When a source was last pulled with success.",
        ((name, _time(s.last_success_at)) for name, s in labelled),
    )
    yield by(
        "next_pull_timestamp_seconds",
        "When a source is pulled next.",
        ((name, _time(s.next_pull_at)) for name, s in labelled),
    )
    yield by(
        "failing_since_timestamp_seconds",
        "Since when a source fails, as long as it does.",
        ((name, _time(s.failing_since) if s.error else None) for name, s in labelled),
    )
    yield by(
        "silent",
        "Whether a source has published nothing for longer than it ever did.",
        ((name, s.silent_since is not None) for name, s in labelled),
    )


_UP = {"ok": 1, "failing": 0, "gone": 0, "new": None}


def _label(source: SourceReport, names: Names) -> str:
    """The address as it is shown; where that hides something, with the source's number.

    So no two are equal, and no label changes when another source comes: no address shows a `#` with
    a number after it, as fragments are masked.
    """
    told = names.told(source)
    return told if told == source.address else f"{told}#{source.number}"


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(f"broadsheet_{name}", said, value)


def _by(label: str, name: str, said: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"broadsheet_{label}_{name}", said, labels=(label,))
    for named, value in values:
        family.add_metric((named,), value)
    return family


def _time(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
