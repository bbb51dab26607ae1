"""`broadsheet plan`: what a changed config.toml would do before it is live."""

from __future__ import annotations

import json
from pathlib import Path

import click

from feeds import planned
from feeds.cli.frame import last_good, settings_of, with_config
from feeds.cli.teaching import epilog
from feeds.plan import plan as planning


@click.command(
    epilog=epilog(
        {
            "cp config.toml next.toml": "a copy, in the same folder; edit that",
            "broadsheet plan --config next.toml": "what it would do",
            "mv next.toml config.toml": "live within two seconds",
        },
        {0: "told", 1: "the file has problems"},
    )
)
@with_config
@click.option("--json", "as_json", is_flag=True, help="The whole of it, as a JSON object.")
def plan(file: Path, *, as_json: bool) -> None:
    """Tell what a changed config.toml will do, before it is live.

    It is compared with the last text that was live: sources that come, go and move; the stories
    that enter and leave each feed, and why; addresses that lead on or are gone. Nothing is changed,
    and it may run beside a running service, which takes in config.toml as soon as that is saved.
    So change a copy in the same folder.
    """
    settings = settings_of(file)
    found = last_good(file)
    told = planning(settings, found[0] if found else None)
    if as_json:
        click.echo(json.dumps(planned.as_json(told, settings), indent=2, ensure_ascii=False))
    else:
        click.echo(planned.as_text(told, settings))
