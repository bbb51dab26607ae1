"""`broadsheet pull`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import click
import uvloop

from aggregator import urls
from aggregator.markup import one_line
from aggregator.pull import UNWRITTEN, Pulled
from feeds.app import Service, meanwhile
from feeds.cli import completing
from feeds.cli.frame import SOME_FAILED, log_to, running_of, with_config
from feeds.cli.lines import Lines
from feeds.cli.progress import Bar, line, suits
from feeds.cli.teaching import epilog
from feeds.live import Live
from feeds.pulling import jobs


@click.command(
    epilog=epilog(
        {
            "broadsheet pull --once": "one round, for cron",
            "broadsheet pull --once --source https://a.example/feed": "this one, due or not",
            "broadsheet pull --once --all --json": "all of them; an object a line",
            "broadsheet pull": "until Ctrl-C, beside broadsheet serve --no-pull",
        },
        {
            0: "done",
            1: "config.toml or the store is no use, or another process pulls",
            3: "some sources failed",
        },
    )
)
@with_config
@click.option("--once", is_flag=True, help="One round of what is due, then end.")
@click.option(
    "--all", "everything", is_flag=True, help="With --once: every source that may be asked now."
)
@click.option(
    "--source",
    "address",
    metavar="URL",
    shell_complete=completing.sources,
    help="With --once: of this source alone.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="With --once: a JSON object a source, and one of sums."
)
def pull(file: Path, address: str | None, *, once: bool, everything: bool, as_json: bool) -> None:
    """Pull without a web server, on and on or once.

    What is due is asked for, as politely as config.toml and the publishers wish. A round on a
    terminal shows how far it is, and tells what fails; elsewhere it tells source by source. In the
    end come the sums.
    """
    running = running_of(file)
    settings = running.settings
    if (everything or address or as_json) and not once:
        raise click.UsageError("--all, --source and --json need --once")
    if address and address not in {s.address for s in settings.sources}:
        named = one_line(urls.masked(address))
        raise click.BadParameter(f"{named} is not a source of {file}", param_hint="--source")
    if not once:
        log_to(sys.stderr)
        with closing(Service(settings, pulls=True)) as service:
            uvloop.run(_pull_on(service, service.live(running, os.environ)))
        return
    bar = Bar(sys.stderr) if suits(sys.stderr) and not as_json else None
    if bar:
        # What fails is told above the bar, all else by the bar itself.
        log_to(bar, logging.WARNING, "%(message)s")
    else:
        log_to(sys.stderr)
    round_ = Round(as_json=as_json, bar=bar)
    with closing(Service(settings, pulls=True)) as service:
        service.live(running, os.environ)
        try:
            uvloop.run(_pull_once(service, round_, address, everything=everything))
        finally:
            if bar:
                bar.close()
    round_.close()
    sys.exit(SOME_FAILED if round_.failed else 0)


_NEWS = ("new", "revised", "merged", "withdrawn")


class Round:
    """What came of one round, told as it comes and summed up at its end.

    With a bar on the terminal, sources are told one by one only to a pipe.
    """

    def __init__(self, *, as_json: bool, bar: Bar | None = None) -> None:
        self.failed = 0
        self._as_json = as_json
        self._bar = bar
        self._tells_each = bar is None or not sys.stdout.isatty()
        self._lines = Lines(sys.stdout)
        self._sums = {"pulled": 0, "failed": 0, **dict.fromkeys(_NEWS, 0)}

    def tell(self, pulled: Pulled, expected: int) -> None:
        """One source is done, of as many as are `expected` so far."""
        news, sums = pulled.written.news, self._sums
        for name, count in news.items():
            sums[name] += count
        sums["pulled"] += 1
        if pulled.error is not None:
            self.failed += 1
            sums["failed"] += 1
        if self._as_json:
            counts = {name: news.get(name, 0) for name in _NEWS}
            source = {"source": pulled.address, "error": pulled.error, **counts}
            self._lines.put(json.dumps(source))
        elif pulled.error is None and self._tells_each:
            told = ", ".join(f"{count} {name}" for name, count in news.items())
            self._lines.put(f"{one_line(pulled.address)}: {told or 'nothing new'}")
        if self._bar:
            done, failed, new = (self._sums[name] for name in ("pulled", "failed", "new"))
            self._bar.show(lambda columns: line(done, expected, failed, new, columns))

    def close(self) -> None:
        """The sums."""
        if self._as_json:
            self._lines.close(json.dumps(self._sums))
        else:
            self._lines.close(", ".join(f"{count} {name}" for name, count in self._sums.items()))


ENTRIES_AT_ONCE = 4 * UNWRITTEN
"""Entries that are written together where nobody asks for a feed meanwhile."""


async def _pull_once(
    service: Service, round_: Round, address: str | None, *, everything: bool
) -> None:
    async with service.pulling(lasts=False) as pulling:
        puller = pulling.puller
        puller.landing.most_unwritten = ENTRIES_AT_ONCE

        def told(pulled: Pulled) -> None:
            round_.tell(pulled, puller.expected)

        if everything or address:
            await puller.ask(told, address)
        else:
            await puller.once(told)
        await pulling.look_for_silence()


async def _pull_on(service: Service, live: Live) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with service.pulling() as pulling, jobs(pulling), meanwhile(live.watch()):
        pulling.puller.landing.most_unwritten = ENTRIES_AT_ONCE
        await ended.wait()
