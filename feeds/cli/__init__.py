"""The commands: the only place that exits the process or writes to the terminal."""

from feeds.cli.program import main

__all__ = ["main"]
