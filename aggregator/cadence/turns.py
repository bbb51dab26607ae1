"""Which of the sources that are due may go now, so that no host takes the others' places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from aggregator.model import Host
from aggregator.settings import HostRule, PullSettings

_AHEAD = 5.0
"""Seconds of a host's work that are given out at once: it is not idle, and few places wait."""

_MOST = 20
"""Sources of one host that are given out at once, however quick it is."""

_LEAST_GAP = 0.05
"""Seconds between two turns on a host without an interval."""


@dataclass(slots=True)
class _Queue:
    """One host in one call: `room` sources may still go, and the next must wait `free_in` seconds.

    `at` is the last turn that was given, which with a small gap is the turn of many.
    """

    room: int
    free_in: float
    gap: float
    at_second: int = -1
    at: datetime | None = None


def admit(
    due: Sequence[str],
    in_flight: Mapping[str, int],
    hosts: Mapping[str, Host],
    settings: PullSettings,
    now: datetime,
) -> list[datetime | None]:
    """For each due source None to ask it now, or when it is due instead.

    A host is given what it can answer in the next few seconds; the others on it stand in line
    behind that, its interval apart. One that refused us is given one source at a time, none before
    `quiet_until`, and the others its pace apart. `due` are the sources' `host:port` (empty for a
    seed, which is always read), longest due first; `in_flight` counts those given out already.
    """
    rules = {rule.name: rule for rule in settings.hosts}
    queues: dict[str, _Queue] = {}
    turns: list[datetime | None] = []
    for name in due:
        queue = queues.get(name)
        if queue is None:
            rule = rules.get(name) or rules.get(name.rpartition(":")[0])
            queue = _queue(rule, in_flight.get(name, 0), hosts.get(name), settings, now)
            queues[name] = queue
        if queue.room > 0 or not name:
            queue.room -= 1
            turns.append(None)
            continue
        second = ceil(queue.free_in)
        if second != queue.at_second:
            queue.at_second = second
            queue.at = now + timedelta(seconds=second)
        queue.free_in += queue.gap
        turns.append(queue.at)
    return turns


def _queue(
    rule: HostRule | None,
    in_flight: int,
    host: Host | None,
    settings: PullSettings,
    now: datetime,
) -> _Queue:
    own = rule.interval if rule else None
    interval = (settings.per_host_interval if own is None else own).total_seconds()
    pace = host.pace.total_seconds() if host else 0.0
    gap = max(interval, pace, _LEAST_GAP)
    if host and host.quiet_until and host.quiet_until > now:
        return _Queue(room=0, free_in=(host.quiet_until - now).total_seconds(), gap=gap)
    most = max(min(int(_AHEAD / gap), _MOST), rule.connections if rule else 1)
    if pace:
        most = 1
    return _Queue(
        room=max(most - in_flight, 0),
        # In whole seconds a turn at once would be no turn: what is pushed is due a second later.
        free_in=max(max(most, in_flight) * gap, 1.0),
        gap=gap,
    )
