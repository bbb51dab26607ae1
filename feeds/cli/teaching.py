"""How the help of every command ends: examples, and what it exits with."""

from __future__ import annotations

from collections.abc import Mapping

_USAGE = {2: "a wrong option or argument"}

_WIDEST = 70
"""Columns of a block: a manual page has so many in a terminal of 80, and a help some more."""


def epilog(examples: Mapping[str, str], exits: Mapping[int, str]) -> str:
    """The end of a help: each example with what it does, and each exit code with what it says.

    Code 2, which every command has, is added. The blocks are kept as they are by click.
    """
    codes = {str(code): said for code, said in sorted({**exits, **_USAGE}.items())}
    return "\n\n".join((_block("Examples:", examples), _block("Exit codes:", codes)))


def _block(heading: str, said: Mapping[str, str]) -> str:
    wide = max(map(len, said))
    lines = [f"  {key:{wide}}  {what}" for key, what in said.items()]
    if max(map(len, lines)) > _WIDEST:
        lines = [line for key, what in said.items() for line in (f"  {key}", f"      {what}")]
    # click rewraps no paragraph that begins with a backspace on a line of its own.
    return "\n".join(("\b", heading, *lines))
