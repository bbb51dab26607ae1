"""The only reader of the store: stories, what feeds and archives list, and reports."""

from aggregator.query.comparing import Difference, Told, copied
from aggregator.query.narrowed import TooCostly
from aggregator.query.reader import Query
from aggregator.query.reports import DAYS, SourceReport, Totals, VerticalReport
from aggregator.query.windows import Standing, Window

__all__ = [
    "DAYS",
    "Difference",
    "Query",
    "SourceReport",
    "Standing",
    "Told",
    "TooCostly",
    "Totals",
    "VerticalReport",
    "Window",
    "copied",
]
