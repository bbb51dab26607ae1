"""What is told, in plain words: one line each, harmless, and with no secret in it."""

from __future__ import annotations

from datetime import datetime

from aggregator.dates import long_date
from aggregator.markup import one_line
from aggregator.model.notices import Notice
from aggregator.pull import shown
from aggregator.pull.seed_folder import ABSENT
from aggregator.query import SourceReport
from aggregator.settings import SEED
from feeds.report.types import Report

_LONGEST_TITLE = 100
_LONGEST = 8000
"""Characters of what is told of a config.toml: of each of its problems 300 at the most."""


def health(source: SourceReport) -> str:
    """One word: new (never pulled), ok, failing, or gone (answered 410)."""
    if source.gone:
        return "gone"
    if source.error:
        return "failing"
    return "ok" if source.last_success_at else "new"


class Names:
    """How the addresses of a report's sources are shown: in one harmless line, secrets masked.

    Of a private source no more than the host is told, and of one that is listed no more neither:
    nobody knows any longer whether it was private.
    """

    def __init__(self, report: Report) -> None:
        self._private = {source.address for source in report.settings.sources if source.private}
        self._listed = {source.address for source in report.sources}
        self._seeds = report.settings.seeds_folder.name

    def of(self, address: str) -> str:
        """The address of a source; of a seed its path, with the name of the seeds folder."""
        if address.startswith(SEED):
            return one_line(f"{self._seeds}/{address.removeprefix(SEED)}")
        is_listed = address in self._listed
        return one_line(shown(address, private=address in self._private or not is_listed))

    def told(self, source: SourceReport) -> str:
        """The address as machines are told it, who find a seed by what it begins with."""
        return one_line(shown(source.address, private=source.address in self._private))

    def target(self, source: SourceReport) -> str | None:
        """Where a source has moved to for good; None where it has not."""
        if source.moved_to is None:
            return None
        return one_line(shown(source.moved_to, private=source.address in self._private))


def moment(at: datetime) -> str:
    """`February 13, 2026, 09:00 UTC`."""
    return f"{long_date(at)}, {at:%H:%M} UTC"


def titled(notice: Notice, report: Report, names: Names) -> str:
    """What has happened, in a few words."""
    if notice.address is None:
        file = report.settings.file.name
        return f"{file} was refused" if notice.kind == "refused" else f"{file} is good again"
    if notice.address.startswith(SEED):
        file = names.of(notice.address)
        if notice.said == ABSENT:
            return f"{file} is missing"
        return f"{file} {_OF_SEED.get(notice.kind, _OF_SOURCE[notice.kind])}"
    who = one_line(notice.title or "", _LONGEST_TITLE) or names.of(notice.address)
    return f"{who} {_OF_SOURCE[notice.kind]}"


def told(notice: Notice, names: Names) -> str:
    """Since when and why, and what to do, in one line."""
    # A full stop follows, which a question ("did you mean …?") has no need of.
    said = one_line(notice.said, _LONGEST).rstrip(".?")
    since = moment(notice.since) if notice.since else None
    if notice.address is None:
        return _of_config(notice, said)
    if notice.address.startswith(SEED):
        return _of_seed(notice, names.of(notice.address), said, since)
    return f"{names.of(notice.address)} {_of_source(notice, said, since)}"


def _of_config(notice: Notice, said: str) -> str:
    if notice.kind == "refused":
        return (
            f"Since {moment(notice.at)}: {said}. What was live before goes on; "
            "correct the file and save it, and it is read again by itself."
        )
    return f"{moment(notice.at)}: {said}. There is nothing to do."


def _of_seed(notice: Notice, file: str, said: str, since: str | None) -> str:
    if notice.said == ABSENT:
        return f"Since {since or moment(notice.at)} {said}. Put it back if that is not meant."
    if notice.kind == "failing":
        return (
            f"{file} cannot be read since {since or moment(notice.at)}: {said}. "
            "Correct the file and save it, and it is read again by itself."
        )
    if notice.kind == "recovered":
        had = f"It could not be read since {since}. " if since else ""
        return f"{file} was read at {moment(notice.at)}. {had}There is nothing to do."
    return f"{file} {_OF_SOURCE[notice.kind]}{_because(said)}."


def _of_source(notice: Notice, said: str, since: str | None) -> str:
    at = moment(notice.at)
    match notice.kind:
        case "failing":
            return (
                f"has been failing since {since or at}{_because(said)}. It is asked again by "
                "itself, less and less often; where that does not help, see in a browser what "
                "the address gives, and correct it in config.toml or remove it there."
            )
        case "gone":
            return (
                f"is gone since {since or at}{_because(said)}. "
                "Find out where it has moved to, or remove it from config.toml."
            )
        case "recovered":
            had = f", having failed since {since}" if since else ""
            return f"has answered again at {at}{had}. There is nothing to do."
        case "silent":
            return (
                f"answers, and has published nothing since {since or at}: it was never silent for "
                "nearly as long. See on its site whether the feed has moved or has ended."
            )
        case _:
            return f"has published again, as was seen at {at}. There is nothing to do."


def _because(said: str) -> str:
    return f": {said}" if said else ""


_OF_SOURCE = {
    "failing": "fails",
    "recovered": "answers again",
    "gone": "is gone",
    "silent": "has fallen silent",
    "speaking": "publishes again",
    "refused": "was refused",
    "taken": "is good again",
}
_OF_SEED = {"failing": "was refused", "recovered": "is good again"}
