"""The bytes of config.toml → its text and the tree that tomli makes of it, or one problem."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomli

from aggregator.model import Problem

MOST_BYTES = 5_000_000
"""The largest config.toml that is read."""


def text(file: Path) -> str | Problem:
    """Give the text of a file; a byte order mark, as editors on Windows write it, is left out."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        todo = "make one with broadsheet init, or name another with --config"
        return _problem(file, "there is no such file", todo)
    except IsADirectoryError:
        return _problem(file, "is a folder", "name the file in it")
    except OSError as error:
        reason = error.strerror or "no reason given"
        return _problem(file, f"cannot be read ({reason})", "see to its path and permissions")
    if len(data) > MOST_BYTES:
        return _problem(file, "is over 5 MB", "see whether it is the right file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _problem(file, "is not UTF-8", "save it as UTF-8", line)


def tree(file: Path, text: str) -> dict[str, Any] | Problem:
    """Give what tomli makes of the text, or its first error, the line of which it only tells."""
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        reason, _, place = str(error).rpartition(" (at ")
        line = re.match(r"line (\d+)", place)
        return _problem(
            file,
            f"is not TOML: {reason}",
            "correct it; https://toml.io says how TOML is written",
            int(line[1]) if line else text.rstrip().count("\n") + 1,
        )
    except RecursionError:
        return _problem(file, "is nested too deeply", "write it in fewer levels")
    except ValueError:  # Python converts no number of more than 4,300 digits
        return _problem(file, "holds a number that is too long", "shorten it")


def _problem(file: Path, what: str, todo: str, line: int | None = None) -> Problem:
    return Problem(file=str(file), line=line, what=what, todo=todo)
