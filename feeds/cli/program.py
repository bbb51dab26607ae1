"""The program: its commands, each imported only when it is asked for.

Worker processes import the main module anew, and so does every `broadsheet --version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "serve": ("serving", "serve"),
        "pull": ("pulling", "pull"),
        "init": ("folder", "init"),
        "check": ("folder", "check"),
        "add": ("adding", "add"),
        "import": ("lists", "import_"),
        "opml": ("lists", "opml"),
        "status": ("health", "status"),
        "explain": ("telling", "explain"),
        "split": ("rulings", "split"),
        "join": ("rulings", "join"),
        "withdraw": ("rulings", "withdraw"),
        "export": ("exporting", "export"),
    }
)
"""The module and function of every command."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, function = COMMANDS[cmd_name]
            self.add_command(getattr(import_module(f"feeds.cli.{module}"), function))
        return super().get_command(ctx, cmd_name)


_HELP = """Sources in, stories once, feeds by vertical out.

\b
broadsheet init           a commented config.toml and seeds/ in this folder
broadsheet add URL        the feed behind a page, into config.toml
broadsheet check          what is wrong with them, by file and line
broadsheet serve          the whole service
broadsheet pull --once    one round of what is due, without a web server
broadsheet status         the sources and their health
broadsheet explain URL    why a story is what it is, and where it stands
broadsheet split ID       a story for each source of one
broadsheet join ID ID     one story of several
broadsheet withdraw ID    a story out of every feed
broadsheet export DIR     every feed and page as a file, for nginx or a CDN
"""


@click.group(cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="broadsheet", prog_name="broadsheet")
def main() -> None:
    """The program."""
