"""The only reader of the store: stories, what feeds and archives list, and reports."""

from aggregator.query.narrowed import TooCostly
from aggregator.query.reader import Query
from aggregator.query.reports import SourceReport, Totals
from aggregator.query.windows import Standing, Window

__all__ = ["Query", "SourceReport", "Standing", "TooCostly", "Totals", "Window"]
