"""What is remembered of the hosts that refused us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from aggregator.model import Host
from aggregator.schema import host
from aggregator.schema.among import AMONG, change_among

_FORGET = delete(host).where(host.c.name.in_(AMONG))
_INSERT = insert(host)


def remembered(connection: Connection) -> dict[str, Host]:
    """Every host there is something to say of, by name."""
    return {
        name: Host(
            name=name, quiet_until=quiet_until, pace=timedelta(seconds=pace), refusals=refusals
        )
        for name, quiet_until, pace, refusals in connection.execute(
            select(host.c.name, host.c.quiet_until, host.c.pace, host.c.refusals)
        )
    }


def remember(connection: Connection, said: Iterable[Host]) -> None:
    """Write what is now to say of these hosts, the last word on each; of one it may be nothing."""
    last = {one.name: one for one in said}
    # Not an upsert: each database has another.
    change_among(connection, _FORGET, last)
    rows = [
        {
            "name": one.name,
            "quiet_until": one.quiet_until,
            "pace": one.pace.total_seconds(),
            "refusals": one.refusals,
        }
        for one in last.values()
        if one.quiet_until or one.pace or one.refusals
    ]
    if rows:
        connection.execute(_INSERT, rows)
