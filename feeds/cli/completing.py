"""What a shell is offered when the Tab key is pressed: names and addresses of config.toml.

Nobody can read an error in the middle of a line: where there is nothing good to read, nothing is
offered.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from aggregator import config
from aggregator.markup import one_line
from aggregator.settings import Settings
from aggregator.urls import masked


def names(known: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    """Those that begin so, in order."""
    return [CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


def verticals(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The verticals of config.toml that begin so, with their titles."""
    settings = _settings(ctx)
    return [
        CompletionItem(vertical.name, help=one_line(vertical.title))
        for vertical in (settings.verticals if settings else ())
        if vertical.name.startswith(incomplete)
    ]


def sources(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The addresses of config.toml that begin so and hold no secret, with their titles.

    A screen may have more than one reader: what may be a secret is left out.
    """
    settings = _settings(ctx)
    if not settings:
        return []
    secret = config.from_environment(_file(ctx), os.environ)
    return [
        CompletionItem(source.address, help=one_line(source.title or "") or None)
        for source in settings.sources
        if source.address.startswith(incomplete)
        and source.enabled
        and not source.is_secret
        and source.address not in secret
        and masked(source.address) == source.address
    ]


def files(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Whatever files the shell finds that begin so."""
    return [CompletionItem(incomplete, type="file")]


class Bash(BashComplete):
    """bash, which takes words apart at colons: an address comes in pieces, and goes out as one.

    That is `COMP_WORDBREAKS`, which belongs to the user and is left alone.
    """

    name = "bash"
    _before = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and what there is of that."""
        args, piece = super().get_completion_args()
        words: list[str] = []
        for word in (*args, piece):
            if words and (word == ":" or words[-1].endswith(":")):
                words[-1] += word
            else:
                words.append(word)
        *args, incomplete = words
        # Of what came in pieces bash replaces the last one alone, and no colon.
        self._before = incomplete.removesuffix(piece.lstrip(":"))
        return args, incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """The line for one offer, without what stands before the last colon already."""
        return f"{item.type},{item.value.removeprefix(self._before)}"


def prepare() -> None:
    """Let shells that complete in their own way be understood."""
    add_completion_class(Bash)


def _file(ctx: click.Context) -> Path:
    return Path(ctx.params.get("file") or os.environ.get("BROADSHEET_CONFIG") or "config.toml")


def _settings(ctx: click.Context) -> Settings | None:
    """What config.toml says; None where it is not there or not good."""
    file = _file(ctx)
    # A file that is none, such as a pipe, might be waited for.
    read = config.read(file, os.environ) if file.is_file() else None
    return read if isinstance(read, Settings) else None
