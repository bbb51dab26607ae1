"""`broadsheet init` and `check`: the folder of config.toml and the seeds."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from aggregator import config
from aggregator.model import Problem
from aggregator.pull import problems_in
from aggregator.settings import Settings
from feeds.cli.frame import fail, with_config
from feeds.cli.progress import suits
from feeds.cli.teaching import epilog


@click.command(
    epilog=epilog(
        {
            "broadsheet check": "in the folder of config.toml",
            "broadsheet check && broadsheet serve": "serve only what is good",
            "broadsheet check --config /tmp/new.toml": "before it is put in its place",
            "broadsheet check --json": "a list of objects, for an editor or CI",
        },
        {0: "good, apart from warnings", 1: "there are problems"},
    )
)
@with_config
@click.option(
    "--json", "as_json", is_flag=True, help="A JSON list of objects, [] where all is good."
)
def check(file: Path, *, as_json: bool) -> None:
    """Tell every problem of config.toml and the seeds, by line.

    Each is one line, `file:line: what; what to do`, as editors and CI understand it. Nothing is
    changed, nothing asked of the network, and the store is not opened.
    """
    settings = config.read(file, os.environ)
    if isinstance(settings, Settings):
        problems, warnings = problems_in(settings), config.warnings(settings)
    else:
        problems, warnings = settings, ()
    if as_json:
        told = [asdict(p) | {"severity": "problem"} for p in problems]
        told += [asdict(p) | {"severity": "warning"} for p in warnings]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not isinstance(settings, Settings):
        _tell(problems, (), sys.stderr)
    else:
        _tell(problems, warnings, sys.stdout)
        if not problems:
            verticals, sources = len(settings.verticals), len(settings.sources)
            click.echo(f"{file}: {verticals} verticals, {sources} sources: good")
    sys.exit(1 if problems else 0)


@click.command(
    epilog=epilog(
        {
            "mkdir news && cd news": "an empty folder",
            "broadsheet init": "make config.toml and seeds/ in it",
            "broadsheet serve": "and see them on http://127.0.0.1:8000/",
        },
        {0: "made", 1: "one of them is here already, or cannot be written"},
    )
)
def init() -> None:
    """Make a commented config.toml and seeds/ in this folder.

    They are ready to serve. What is here already is left alone: then nothing is made.
    """
    here = Path.cwd()
    for name in ("config.toml", "seeds"):
        if (here / name).exists():
            fail(f"{name} is here already; run init in an empty folder")
    starter = _starter()
    try:
        shutil.copy(starter / "config.toml", here / "config.toml")
        shutil.copytree(starter / "seeds", here / "seeds")
    except OSError as error:
        reason = error.strerror or error
        fail(f"{here}: cannot be written to ({reason}); run init in a folder of your own")
    click.echo("made config.toml and seeds/; next: broadsheet serve")


def _tell(problems: Sequence[Problem], warnings: Sequence[Problem], stream: TextIO) -> None:
    if suits(stream):
        from feeds.cli import tables  # noqa: PLC0415 - rich is for terminals alone

        tables.show_problems(problems, warnings, stream)
        return
    for problem in problems:
        click.echo(problem, file=stream)
    for warning in warnings:
        click.echo(f"{warning} (warning)", file=stream)


def _starter() -> Path:
    """Where the files for `init` are: in the installed package, or beside it in a clone."""
    package = Path(__file__).parents[1]
    return package / "starter" if (package / "starter").is_dir() else package.parent
