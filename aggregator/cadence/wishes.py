"""The hours and days in which a publisher does not want to be asked (RSS 2.0)."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model import Wishes

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def past_skipped(wished: datetime, wishes: Wishes, latest: datetime) -> datetime:
    """The first moment from `wished` on that is in no skipped hour or day (GMT).

    RSS 2.0 calls them skipHours and skipDays. A wish counts up to `latest`: what is skipped beyond
    it (every hour of every day, even) is not waited for. A later `wished` stands.
    """
    moment = wished
    while moment < latest:
        if moment.weekday() in wishes.skip_days:
            moment = moment.replace(hour=0, minute=0, second=0) + _DAY
        elif moment.hour in wishes.skip_hours:
            moment = moment.replace(minute=0, second=0) + _HOUR
        else:
            return moment
    return max(wished, latest)
