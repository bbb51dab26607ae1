"""`broadsheet explain`: why a story is what it is."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from feeds import explaining
from feeds.app import Service
from feeds.cli.frame import settings_of, with_config
from feeds.cli.naming import all_named


@click.command()
@with_config
@click.argument("name", metavar="URL-or-ID")
@click.option("--json", "as_json", is_flag=True, help="The same for a machine.")
def explain(file: Path, name: str, *, as_json: bool) -> None:
    """Tell everything that is known of a story: its entries, its verticals, its feeds, and why.

    It is named by its id as feeds have it, the address of its page here, or that of the article.
    Several stories at one address are told one after another.
    """
    settings = settings_of(file)
    with closing(Service(settings, pulls=False)) as service:
        found = all_named(service.query, name)
    if as_json:
        told = [explaining.as_json(story, settings) for story in found]
        one_or_all = told[0] if len(told) == 1 else told
        click.echo(json.dumps(one_or_all, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n\n".join(explaining.as_text(story, settings) for story in found))
