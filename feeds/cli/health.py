"""`broadsheet status`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

import click

from feeds import report
from feeds.app import Service
from feeds.cli.frame import SOME_FAILED, settings_of, with_config


@click.command()
@with_config
@click.option("--json", "as_json", is_flag=True, help="The same for a machine.")
def status(file: Path, *, as_json: bool) -> None:
    """The sources: health, entries, next pull, since when each fails and why."""
    settings = settings_of(file)
    with closing(Service(settings, pulls=False)) as service:
        sources, totals = service.query.sources(), service.query.totals()
    private = {source.address for source in settings.sources if source.private}
    if as_json:
        told = report.as_json(sources, totals, private)
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        click.echo(report.as_text(sources, totals, private))
    sys.exit(SOME_FAILED if any(s.error for s in sources) else 0)
