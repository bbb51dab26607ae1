"""`broadsheet status`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

import click

from feeds import report
from feeds.app import VERSION, Service, clock
from feeds.cli.frame import SOME_FAILED, running_of, with_config
from feeds.cli.progress import suits
from feeds.cli.teaching import epilog


@click.command(
    epilog=epilog(
        {
            "broadsheet status": "what fails comes first",
            "broadsheet status | grep failing": "plain lines, in a pipe",
            "broadsheet status --json": "for a monitor; see the exit codes, too",
            "broadsheet status --config /srv/news/config.toml": "of another service",
        },
        {0: "no source fails", 1: "config.toml or the store is no use", 3: "some sources fail"},
    )
)
@with_config
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object.")
def status(file: Path, *, as_json: bool) -> None:
    """Tell how the sources are, and what there is in the store.

    Of each source: whether it is well, how many entries it gave, when it is pulled next, and since
    when it fails and why. A terminal gets a table, with what fails first and what the last days
    brought. It may be asked beside a running service.
    """
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        told = report.gather(service.query, settings, clock(), VERSION)
    if as_json:
        click.echo(json.dumps(report.as_json(told), indent=2, ensure_ascii=False))
    elif suits(sys.stdout):
        from feeds.cli import tables  # noqa: PLC0415 - rich is for terminals alone

        tables.show_status(told, sys.stdout)
    else:
        click.echo(report.as_text(told))
    sys.exit(SOME_FAILED if any(source.error for source in told.sources) else 0)
