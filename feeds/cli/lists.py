"""`broadsheet import` and `opml`: subscription lists."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from aggregator import config
from aggregator.markup import one_line
from aggregator.model import Unreadable
from aggregator.parse import listing
from feeds.cli import completing
from feeds.cli.frame import end_with, fail, settings_of, with_config
from feeds.cli.teaching import epilog
from feeds.render.outline import source_list

_LONGEST_LIST = 50_000_000


@click.command(
    "import",
    epilog=epilog(
        {
            "broadsheet import subscriptions.opml": "what another reader wrote",
            "broadsheet import - < subscriptions.opml": "from standard input",
            "broadsheet import list.opml && broadsheet check": "and see what is to be done",
        },
        {0: "added, or all are there already", 1: "no list, or nothing usable in it"},
    ),
)
@with_config
@click.argument("name", metavar="F.opml", shell_complete=completing.files)
def import_(file: Path, name: str) -> None:
    """Add the sources of a subscription list to config.toml.

    The list is OPML, ill-formed or not; - reads it from standard input. A source stands in the
    verticals that the folders around it, or its categories, are named after. What is no use is told
    by line, and what config.toml has stays as it is.
    """
    settings = settings_of(file)
    labels = {" ".join(v.title.split()).lower(): v.name for v in settings.verticals}
    labels |= {vertical.name: vertical.name for vertical in settings.verticals}
    found = listing(_read(name), labels)
    shown = "standard input" if name == "-" else name
    if isinstance(found, Unreadable):
        fail(f"{shown}: {found.reason}; see whether it is the right file")
    for problem in sorted((*found.unusable, *found.unknown), key=lambda problem: problem.line or 0):
        click.echo(replace(problem, file=shown, what=one_line(problem.what)), err=True)
    edited = config.add(
        file, (config.Addition(source=source) for source in found.sources), os.environ
    )
    if not isinstance(edited, config.Edited):
        end_with(edited)
    added, known, unusable = len(edited.added), edited.known, len(found.unusable)
    click.echo(f"{file}: {added} added, {known} already there, {unusable} unusable")
    if not found.sources:
        sys.exit(1)


@click.command(
    epilog=epilog(
        {
            "broadsheet opml > subscriptions.opml": "for another reader",
            "broadsheet opml | grep -c xmlUrl": "how many there are",
        },
        {0: "written", 1: "config.toml has problems"},
    )
)
@with_config
def opml(file: Path) -> None:
    """Write the sources of config.toml as a subscription list.

    It is OPML 2.0 with a folder for each vertical, and goes to standard output. Sources whose
    address is secret are left out: private ones, and those with a login or anything from the
    environment in them. How many, is told on standard error.
    """
    settings = settings_of(file)
    secret = config.from_environment(file, os.environ)
    open_ones = [s for s in settings.sources if not s.is_secret and s.address not in secret]
    kept_back = len(settings.sources) - len(open_ones)
    if kept_back:
        told = f"broadsheet: not in the list, as their addresses are secret: {kept_back}"
        click.echo(told, err=True)
    click.echo(source_list(settings.site.title, settings.verticals, open_ones), nl=False)


def _read(name: str) -> bytes:
    """The bytes of a list, or the end of the process."""
    try:
        if name == "-":
            body = sys.stdin.buffer.read(_LONGEST_LIST + 1)
        else:
            with Path(name).open("rb") as stream:
                body = stream.read(_LONGEST_LIST + 1)
    except OSError as error:
        fail(f"{name}: cannot be read ({error.strerror}); see to its path and permissions")
    if len(body) > _LONGEST_LIST:
        fail(f"{name}: is over 50 MB; see whether it is the right file")
    return body
