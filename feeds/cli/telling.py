"""`broadsheet explain`: why a story is what it is."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from feeds import explaining
from feeds.app import Service
from feeds.cli.frame import running_of, with_config
from feeds.cli.naming import all_named
from feeds.cli.teaching import epilog


@click.command(
    epilog=epilog(
        {
            "broadsheet explain https://gazette.example/kettle": "by the article's address",
            "broadsheet explain 3c53a08a2c49f4bbdad5": "by the page it has here",
            "broadsheet explain urn:uuid:e18ad849-... --json": "by its id; for a machine",
        },
        {0: "told", 1: "no such story"},
    )
)
@with_config
@click.argument("name", metavar="URL-or-ID")
@click.option(
    "--json", "as_json", is_flag=True, help="The same as a JSON object, or a list of such."
)
def explain(file: Path, name: str, *, as_json: bool) -> None:
    """Tell why a story is what it is, and in which feeds it stands.

    That is: the entries that it was merged from, by which rule and with which score, and what was
    nearly merged; why it has its verticals; related stories; what you have ruled.

    The story is named by its id as feeds have it, the address of its page here, or that of the
    article. Several stories at one address are told one after another.
    """
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        found = all_named(service.query, name)
    if as_json:
        told = [explaining.as_json(story, settings) for story in found]
        one_or_all = told[0] if len(told) == 1 else told
        click.echo(json.dumps(one_or_all, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n\n".join(explaining.as_text(story, settings) for story in found))
