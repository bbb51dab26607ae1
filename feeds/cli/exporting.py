"""`broadsheet export`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from feeds.app import Service, clock
from feeds.cli.frame import fail, running_of, with_config
from feeds.cli.teaching import epilog
from feeds.export import Export

DYNAMIC = (
    "unions of verticals",
    "anything with a query: parameters that narrow, pages of a saved query",
    "ids of stories that were joined (301) or withdrawn (410)",
    "/healthz, /readyz",
)
"""What only the program answers."""


@click.command(
    epilog=epilog(
        {
            "broadsheet export /srv/news/export": "all of it, and again what changed",
            "broadsheet pull --once; broadsheet export public": "from cron, without a web server",
        },
        {0: "written", 1: "config.toml, the store or DIR is no use"},
    )
)
@with_config
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def export(file: Path, folder: Path) -> None:
    """Write every feed, archive and page as a file.

    Each has .gz and .br beside it, for nginx or a CDN: docs/export.md has the configuration. DIR is
    the export's alone. Each file has the time of its last change, and only what changed is written;
    what is no more is removed.
    """
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        done = Export(folder, settings, service.query, service.library(), clock).run()
    click.echo(
        f"{folder}: documents written: {done.written}, unchanged: {done.unchanged}, "
        f"removed: {done.removed}"
    )
    click.echo("not exported, answered by the program alone:")
    for what in DYNAMIC:
        click.echo(f"  {what}")
    if done.left_out:
        fail(f"{', '.join(done.left_out)}: takes too long to find; narrow the saved query less")
