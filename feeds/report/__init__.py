"""What operators are told: as text, JSON, a page, a feed, and metrics."""

from feeds.report.gathering import MOST_NOTICES, gather
from feeds.report.health import as_json, as_text
from feeds.report.metrics import metrics
from feeds.report.notices import operator_feed
from feeds.report.page import status_page
from feeds.report.types import Report
from feeds.report.words import health

__all__ = [
    "MOST_NOTICES",
    "Report",
    "as_json",
    "as_text",
    "gather",
    "health",
    "metrics",
    "operator_feed",
    "status_page",
]
