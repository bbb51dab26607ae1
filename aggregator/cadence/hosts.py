"""What a host's refusal does to all that stand on it (429; RFC 6585 4), and how that wears off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from aggregator.cadence.schedule import LONGEST_RETRY_AFTER
from aggregator.model import Failed, Fetched, FetchResult, Host, NotModified
from aggregator.settings import HostRule, PullSettings

_NOTHING = timedelta()
_SECOND = timedelta(seconds=1)
_FIRST_QUIET = timedelta(minutes=1)
_LONGEST_QUIET = timedelta(days=1)
_LONGEST_PACE = timedelta(minutes=10)

_LEAP = 4
"""How much slower a host is asked that refused and did not say for how long: up to one request in
`_FIRST_QUIET`, which is most hosts' unit. Few leaps are few refusals."""

_STEP = 1.25
"""The same beyond that."""

_MARGIN = 1.1
"""A little slower than what a host asked for: else the first easing is the next refusal."""

_EASE = 0.995
"""What each good answer makes of the pace: half of it after 140."""


def host_rule(name: str, rules: Sequence[HostRule]) -> HostRule | None:
    """The rule of `[[hosts]]` for this `host:port`: its own, else its host's on every port."""
    host = name.rpartition(":")[0]
    by_name = {rule.name: rule for rule in rules}
    return by_name.get(name) or by_name.get(host)


def host_after(
    host: Host | None,
    name: str,
    result: FetchResult,
    rule: HostRule | None,
    settings: PullSettings,
    now: datetime,
) -> Host | None:
    """What to remember of a host after this answer, None where nothing has changed.

    A 429 quiets the host for as long as Retry-After says, else for a minute, doubling with each
    refusal in a row up to a day. From then on it is asked at a pace that it may bear, one request
    after the other, which each good answer eases a little; `quiet_until` is always when the next
    may come. A host that bears its usual interval again is given back without anything to remember.
    """
    if rule is not None and rule.quiet == "source":
        return Host(name=name) if host else None
    usual = max(_interval(rule, settings), _SECOND)
    if isinstance(result, Failed) and result.refused:
        return _refused(host or Host(name=name), result, usual, now)
    if host is None or (host.quiet_until and now < host.quiet_until):
        return None  # what was asked before the refusal says nothing of what the host bears
    pace, refusals = host.pace, host.refusals
    if isinstance(result, Fetched | NotModified):
        pace, refusals = pace * _EASE, 0
        if pace <= usual:
            return Host(name=name)
    return replace(host, pace=pace, refusals=refusals, quiet_until=now + _whole(pace))


def _refused(host: Host, result: Failed, usual: timedelta, now: datetime) -> Host:
    asked = min(result.retry_after or _NOTHING, LONGEST_RETRY_AFTER)
    if host.quiet_until and now < host.quiet_until:
        # Asked before the refusal that is remembered: one burst of ours is one refusal of theirs.
        return replace(host, quiet_until=max(host.quiet_until, now + asked))
    pace = max(host.pace, usual)
    if _NOTHING < asked <= _LONGEST_PACE:
        # It would have answered that much later; what is over ten minutes is no pace but a penalty.
        pace = (pace + asked) * _MARGIN if host.pace else asked
    else:
        pace = min(_LEAP * pace, max(_STEP * pace, _FIRST_QUIET))
    quiet = asked or min(_FIRST_QUIET * (1 << min(host.refusals, 16)), _LONGEST_QUIET)
    return replace(
        host,
        quiet_until=now + _whole(quiet),
        pace=min(max(pace, 2 * usual), _LONGEST_PACE),
        refusals=host.refusals + 1,
    )


def _interval(rule: HostRule | None, settings: PullSettings) -> timedelta:
    if rule is None or rule.interval is None:
        return settings.per_host_interval
    return rule.interval


def _whole(span: timedelta) -> timedelta:
    """Rounded up to whole seconds, as times are stored: the moment before is too early."""
    return timedelta(seconds=ceil(span.total_seconds()))
