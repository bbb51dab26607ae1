"""`broadsheet init` and `check`: the folder of config.toml and the seeds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from aggregator import config
from aggregator.pull import problems_in
from feeds.cli.frame import fail, settings_of, with_config


@click.command()
@with_config
def check(file: Path) -> None:
    """Every problem of config.toml and the seeds, as `file:line: what; what to do`."""
    settings = settings_of(file)
    problems = problems_in(settings)
    for problem in problems:
        click.echo(problem)
    for warning in config.warnings(settings):
        click.echo(f"{warning} (warning)")
    if problems:
        sys.exit(1)
    click.echo(
        f"{file}: {len(settings.verticals)} verticals, {len(settings.sources)} sources: good"
    )


@click.command()
def init() -> None:
    """A commented config.toml and seeds/ in this folder, ready to serve."""
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


def _starter() -> Path:
    """Where the files for `init` are: in the installed package, or beside it in a clone."""
    package = Path(__file__).parents[1]
    return package / "starter" if (package / "starter").is_dir() else package.parent
