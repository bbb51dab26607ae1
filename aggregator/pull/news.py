"""What is told of each pull: to the log, and to whoever listens."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aggregator.errors import StoreError
from aggregator.model import PullOutcome, Written
from aggregator.pull import stages
from aggregator.settings import Source

log = logging.getLogger("broadsheet.pull")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of one source.

    `address` is fit to be shown, its secrets masked; `error` is a plain line, None where all went
    well.
    """

    address: str
    error: str | None
    written: Written


def log_news(source: Source, outcome: PullOutcome, result: Written | StoreError) -> str | None:
    """Log what a pull brought, if anything, or what is wrong with it, and give back the latter."""
    error = str(result) if isinstance(result, StoreError) else outcome.state.error
    if error:
        log.warning("%s: %s", stages.line_of(source), error)
    elif isinstance(result, Written) and result.news:
        told = ", ".join(f"{count} {name}" for name, count in result.news.items())
        log.info("%s: %s", stages.line_of(source), told)
    return error


def pulled(source: Source, error: str | None, result: Written | StoreError) -> Pulled:
    """What came of a source, as it may be shown."""
    shown = stages.shown(source.address, private=source.private)
    written = result if isinstance(result, Written) else Written()
    return Pulled(address=shown, error=error, written=written)
