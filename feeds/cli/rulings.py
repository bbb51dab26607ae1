"""`broadsheet withdraw`: what an operator decides on a story, for good."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from aggregator.markup import one_line
from feeds.app import Service
from feeds.cli.frame import fail, settings_of, with_config


@click.command()
@with_config
@click.argument("identifier", metavar="ID")
@click.option("--undo", is_flag=True, help="Let it be in its feeds again.")
def withdraw(file: Path, identifier: str, *, undo: bool) -> None:
    """Take a story out of every feed, for good, whatever its sources give of it.

    ID is its id as feeds have it, or the address of its page here. A running service shows it
    within seconds; Atom feeds tell readers to delete it.
    """
    settings = settings_of(file)
    name = identifier.removeprefix(f"{settings.site.base_url}/stories/")
    with closing(Service(settings, pulls=False)) as service:
        found = service.store.withdraw(name, undo=undo)
    if found is None:
        fail(
            f"{one_line(identifier)}: no such story; "
            "give the id that a feed has for it, or the address of its page"
        )
    click.echo(f"{one_line(found)}: {'back in its feeds' if undo else 'withdrawn'}")
