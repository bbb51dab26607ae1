"""What a tick costs: leasing what is due out of few sources, and out of a million."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from aggregator import cadence
from aggregator.settings import PullSettings, Source
from aggregator.store import Store

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def main(arguments: Sequence[str]) -> None:
    """Lease from stores of several sizes, so many due at once, on many hosts and on one."""
    parser = argparse.ArgumentParser(prog="./dev bench ticks", description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="sources of the large store")
    parser.add_argument("--repeat", type=int, default=9)
    given = parser.parse_args(arguments)
    print(f"{'sources':>9} {'due':>7} {'hosts':>7} {'ms a tick':>10} {'µs a source':>12}")
    for sources in (1000, given.most):
        with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
            url = f"sqlite:///{folder}/broadsheet.db"
            with Store(url) as store:
                wanted = [Source(address=f"https://h{n}.example/f") for n in range(sources)]
                begun = time.process_time()
                store.list_sources(wanted, seeds=False)
                listed = (time.process_time() - begun) / sources * 1e6
                for due, hosts in ((10, 10), (1000, 1000), (1000, 50), (200_000, 1)):
                    if due <= sources:
                        tick(store, sources, due, hosts, given.repeat)
                print(f"listing them the first time: {listed:.0f} µs a source")


def tick(store: Store, sources: int, due: int, hosts: int, repeat: int) -> None:
    """Lease so many that are due, on so many hosts; print the median.

    They lie scattered among the others and become due with the time, a minute apart, as it is in a
    service: nothing has touched them shortly before.
    """
    costs, handled = [], 0
    # Where a host cannot take all that is due on it at once, the rest would be due a minute later.
    groups = min(repeat, sources // due) if due == hosts else 1
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(repeat):
        if number % groups == 0:
            spread(store, sources // due, groups, hosts, now)
        at = now + (number % groups) * MINUTE
        pushed = 0

        def admit(names: Sequence[str]) -> Sequence[datetime | None]:
            nonlocal pushed
            turns = cadence.admit(names, {}, {}, PullSettings(), at)  # noqa: B023 - called at once
            pushed = sum(turn is not None for turn in turns)  # of the last call: it is asked again
            return turns

        begun = time.process_time()
        leased = store.lease(at, 1000, HOUR, admit)
        costs.append(time.process_time() - begun)
        handled = len(leased) + pushed
    cost = statistics.median(costs)
    print(
        f"{sources:9} {due:7} {hosts:7} {cost * 1e3:10.2f} {cost / max(handled, 1) * 1e6:12.1f}"
        f"   ({handled} handled)",
        flush=True,
    )


def spread(store: Store, stride: int, groups: int, hosts: int, now: datetime) -> None:
    """Have the first source of each `stride` due now, the second in a minute, and so on."""
    # By the store's own connection, as it is in a service: another one's would empty its cache.
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM given_out"))
        connection.execute(
            text(
                "UPDATE source_state SET"
                " next_pull_at = CASE WHEN source % :stride < :groups"
                " THEN :now + 60 * (source % :stride) ELSE :later END,"
                " host = 'h' || (source / :stride % :hosts) || '.example:443'"
            ),
            {
                "stride": stride,
                "groups": groups,
                "hosts": hosts,
                "now": int(now.timestamp()),
                "later": int(now.timestamp()) + 86_400,
            },
        )
