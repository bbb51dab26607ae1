"""The program: its commands, each imported only when it is asked for.

Worker processes import the main module anew, and so does every `broadsheet --version`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "serve": ("serving", "serve"),
        "pull": ("pulling", "pull"),
        "init": ("folder", "init"),
        "check": ("folder", "check"),
        "plan": ("planning", "plan"),
        "add": ("adding", "add"),
        "import": ("lists", "import_"),
        "opml": ("lists", "opml"),
        "status": ("health", "status"),
        "explain": ("telling", "explain"),
        "split": ("rulings", "split"),
        "join": ("rulings", "join"),
        "withdraw": ("rulings", "withdraw"),
        "export": ("exporting", "export"),
        "manual": ("manual", "manual"),
    }
)
"""The module and function of every command."""

_HIDDEN = frozenset({"manual"})
"""Commands that nobody looks for."""

_COMPLETE = "_BROADSHEET_COMPLETE"
"""What a shell sets in the environment that asks for completion."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, function = COMMANDS[cmd_name]
            self.add_command(getattr(import_module(f"feeds.cli.{module}"), function))
        return super().get_command(ctx, cmd_name)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem[str]]:
        """The commands that begin so, without loading each for its help: that takes a second."""
        offered = import_module("feeds.cli.completing").names(COMMANDS.keys() - _HIDDEN, incomplete)
        return [*offered, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, or else complete one: then nothing is told but what may come next."""
        if _COMPLETE not in os.environ:
            return super().main(*args, **kwargs)
        with suppress(Exception):
            import_module("feeds.cli.completing").prepare()
            super().main(*args, **kwargs)
        sys.exit(1)


_HELP = """Sources in, stories once, feeds by vertical out.

\b
A first walk, in an empty folder:
  broadsheet init               a commented config.toml and seeds/
  broadsheet add example.org    the feed behind a page, into config.toml
  broadsheet check              what is wrong with them, by file and line
  broadsheet serve              the whole service
  http://127.0.0.1:8000/feeds/all.atom    is for your feed reader
"""

_EPILOG = """`broadsheet COMMAND --help` has examples of each.

\b
The Tab key completes commands, options, verticals and sources, with this
in ~/.bashrc:  eval "$(_BROADSHEET_COMPLETE=bash_source broadsheet)"
in ~/.zshrc:   eval "$(_BROADSHEET_COMPLETE=zsh_source broadsheet)"
in ~/.config/fish/completions/broadsheet.fish:
               _BROADSHEET_COMPLETE=fish_source broadsheet | source
"""


@click.group(
    cls=_Commands,
    help=_HELP,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="broadsheet", prog_name="broadsheet")
def main() -> None:
    """The program."""
