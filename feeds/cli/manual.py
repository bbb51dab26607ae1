"""`broadsheet manual`: the manual page, made of what every command says of itself.

The page is man(7) as groff and mandoc read it. It has no date, so that it is the same wherever and
whenever it is made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version

import click

_ESCAPES = str.maketrans(
    {
        "\\": "\\e",
        "-": "\\-",
        "'": "\\(aq",
        "`": "\\(ga",
        "^": "\\(ha",
        "~": "\\(ti",
        '"': "\\(dq",
    }
)
"""What roff would take for its own, or for a typographic sign that nobody can paste."""

_ABOUT = (
    "Broadsheet pulls feeds and seed files, makes one story of every article however many sources "
    "tell it, puts it on its shelves, which are called verticals, and publishes feeds of these in "
    "RSS, Atom and JSON Feed. The whole service is one file, config.toml, and one command, "
    "broadsheet serve. The other commands may run beside it."
)
_FILES = {
    "./config.toml": "What the service is: site, sources, verticals, and how it pulls.",
    "./seeds/": "Pages, feed documents and subscription lists at rest, read as sources are.",
    "./broadsheet.db": "The store, an SQLite database; with -wal and -shm beside it while in use.",
}
_ENVIRONMENT = {
    "BROADSHEET_CONFIG": "The config.toml to use where --config names none.",
    "NO_COLOR": "Where it is set to anything, a terminal gets no colours.",
    "TERM": "Where it is dumb or not set, a terminal gets what a pipe gets.",
    "_BROADSHEET_COMPLETE": "Asks for completion; set by the lines under COMPLETION alone.",
    "NAME": "Any name that config.toml has as ${NAME}, for secrets.",
}
_EXITS = {
    "0": "Done.",
    "1": "A problem that is told by file and line, or in one line.",
    "2": "A wrong command, option or argument.",
    "3": "Some sources fail: of pull --once and of status.",
}
_ALSO = (
    "The documentation in docs/: commands, configuration, addresses, pulling, seeds, feeds. "
    "RFC 4287 (Atom), RFC 5005 (archives), RFC 6721 (tombstones), and the specifications of RSS "
    "2.0, JSON Feed 1.1 and OPML 2.0."
)


@click.command(hidden=True)
@click.pass_context
def manual(ctx: click.Context) -> None:
    """Write the manual page of broadsheet, for `man`, to standard output."""
    program = ctx.find_root().command
    assert isinstance(program, click.Group)  # noqa: S101 - for the types: we are a command of it
    click.echo(page(program), nl=False)


def page(program: click.Group) -> str:
    """The manual page of a program and its commands, but for hidden ones."""
    root = program.make_context("broadsheet", [], resilient_parsing=True)
    return "".join(f"{line}\n" for line in _page(program, root))


def _page(program: click.Group, root: click.Context) -> Iterator[str]:
    yield f'.TH BROADSHEET 1 "" "Broadsheet {_text(version("broadsheet"))}" "User commands"'
    about, *walk = _blocks(program.help)
    short = about[0].rstrip(".")
    yield from (".SH NAME", _text(f"broadsheet - {short[0].lower()}{short[1:]}"))
    yield from (".SH SYNOPSIS", *_usage(program, root))
    yield from (".SH DESCRIPTION", *_body([[_ABOUT], *walk]))
    yield from (".SH OPTIONS", *_options(program, root))
    yield ".SH COMMANDS"
    for name in program.list_commands(root):
        command = program.get_command(root, name)
        if command and not command.hidden:
            yield from _command(command, click.Context(command, parent=root, info_name=name))
    yield from (".SH COMPLETION", *_body(_blocks(program.epilog)[1:]))
    for heading, listed in (
        ("FILES", _FILES),
        ("ENVIRONMENT", _ENVIRONMENT),
        ("EXIT STATUS", _EXITS),
    ):
        yield from (f".SH {heading}", *_list(listed.items()))
    yield from (".SH SEE ALSO", _text(_ALSO))


def _command(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f".SS {_text(ctx.command_path)}"
    yield from _usage(command, ctx)
    yield from _body(_blocks(command.help))
    yield from _options(command, ctx)
    yield from _body(_blocks(command.epilog))


def _usage(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f".B {_text(ctx.command_path)}"
    yield _text(" ".join(command.collect_usage_pieces(ctx)))


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    """The options, but for --help, which is told of once."""
    own = [
        record
        for param in command.get_params(ctx)
        if isinstance(param, click.Option)
        and (record := param.get_help_record(ctx))
        and (ctx.parent is None or "--help" not in param.opts)
    ]
    return _list(own)


def _list(listed: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, said in listed:
        yield from (".TP", f".B {_text(term)}", _text(said))


def _blocks(help_text: str | None) -> list[list[str]]:
    """The paragraphs of a help, each as its lines; one that click may rewrap is a single line.

    What it keeps as it is begins with a line that is a backspace.
    """
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(help_text or ""))
    return [
        block.split("\n") if block.startswith("\b") else [" ".join(block.split())]
        for block in blocks
        if block
    ]


def _body(blocks: Iterable[list[str]]) -> Iterator[str]:
    """Paragraphs, and lines that are kept as they are."""
    for block in blocks:
        if block[0] == "\b":
            yield from (".PP", ".nf", *map(_text, block[1:]), ".fi")
        else:
            yield from (".PP", *map(_text, block))


def _text(text: str) -> str:
    """Text in which roff finds nothing of its own, also in the argument of a macro."""
    line = "".join(
        char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text.translate(_ESCAPES)
    )
    return f"\\&{line}" if line.startswith(".") else line
