"""What all commands have in common: config.toml, errors, the log."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterable
from io import TextIOBase
from pathlib import Path
from typing import NoReturn, TextIO

import click

from aggregator import config
from aggregator.errors import BroadsheetError
from aggregator.model import Problem
from aggregator.settings import Settings

SOME_FAILED = 3
"""Exit code of a pull or status in which sources fail; 1 is a problem of ours, 2 of usage."""


def with_config(command: Callable[..., None]) -> Callable[..., None]:
    """The `--config` option of every command; errors become one line and exit code 1."""

    @click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path),
        default=Path("config.toml"),
        envvar="BROADSHEET_CONFIG",
        show_default=True,
        show_envvar=True,
        help="The one file that says what this service is.",
    )
    @functools.wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except BroadsheetError as error:
            fail(str(error))

    return run


def settings_of(file: Path) -> Settings:
    """What config.toml says, or the end of the process with all its problems."""
    read = config.read(file, os.environ)
    if not isinstance(read, Settings):
        end_with(read)
    return read


def end_with(problems: Iterable[Problem]) -> NoReturn:
    """Tell the problems of a file, and exit with 1."""
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1)


def fail(text: str) -> NoReturn:
    """One line to stderr, and exit with 1."""
    click.echo(f"broadsheet: {text}", err=True)
    sys.exit(1)


def log_to(
    stream: TextIO | TextIOBase,
    level: int = logging.INFO,
    form: str = "%(asctime)s %(levelname)s %(name)s: %(message)s",
) -> None:
    """Let the log go to this stream."""
    logging.basicConfig(level=level, format=form, stream=stream)
    for chatty in ("alembic", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
