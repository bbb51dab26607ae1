"""What all commands have in common: config.toml, errors, the log."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
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


def running_of(file: Path, *, strict: bool = False) -> config.Running:
    """What config.toml says; where it has problems, the last text of it that was good.

    That is told on standard error. With `strict`, or where no good text is known, the process ends
    with all the problems instead.
    """
    text = config.text(file)
    read = (text,) if isinstance(text, Problem) else config.read_text(file, text, os.environ)
    if isinstance(read, Settings) and isinstance(text, str):
        return config.Running(settings=read, text=text)
    problems = () if isinstance(read, Settings) else read
    # Without any file it is its name that is wrong, most often.
    found = None if strict or not file.exists() else last_good(file)
    if found is None:
        end_with(problems)
    for problem in problems:
        click.echo(problem, err=True)
    told = f"broadsheet: {file}: refused; the last text of it that was good is what runs"
    click.echo(told, err=True)
    settings, good = found
    return config.Running(settings=settings, text=good, problems=problems, refused=text)


def last_good(file: Path) -> tuple[Settings, str] | None:
    """What the last text that was good says, as the file's store remembers it, and that text."""
    # What opens a store takes half a second to import, and few commands come here.
    from aggregator.query import Query  # noqa: PLC0415

    text = config.text(file)
    url = config.store_of(file, "" if isinstance(text, Problem) else text, os.environ)
    if not Path(url.removeprefix("sqlite:///")).is_file():
        return None
    with closing(Query(url)) as query:
        good = query.remembered(config.LAST_GOOD)
    read = None if good is None else config.read_text(file, good, os.environ)
    return (read, good) if isinstance(read, Settings) and good is not None else None


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
    for chatty in ("alembic", "apscheduler", "watchfiles"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
