"""An operator at his desk: sources at an origin, a config.toml that he edits, and his patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from feeds.cli import main
from tests.loopback import Origin

IN_TIME = 2.0
"""Seconds within which a good edit is live."""


def item(title: str, category: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>https://gazette.example/{title}</link>"
        f"<category>{category}</category></item>"
    )


def rss(*items: str) -> bytes:
    return (
        '<rss version="2.0"><channel><title>Merrow Gazette</title>'
        f"<link>https://gazette.example/</link>{''.join(items)}</channel></rss>"
    ).encode()


def source(origin: Origin, path: str, *lines: str) -> str:
    return "\n".join(["", "[[sources]]", f'url = "{origin.url(path)}"', *lines, ""])


def seconds_until(done: Callable[[], object]) -> float:
    """How long it takes until something is so, ten times as long as it may."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < 10 * IN_TIME, "it never came"
        time.sleep(0.02)
    return time.monotonic() - began


def whole(file: Path, text: str) -> None:
    """Put another file in its place."""
    beside = file.with_name("config.toml~")
    beside.write_text(text)
    beside.replace(file)


def command(folder: Path, *arguments: str) -> Result:
    """A command on the config.toml of this folder, in this process, which is quicker."""
    named = () if "--config" in arguments else ("--config", str(folder / "config.toml"))
    return CliRunner().invoke(main, [*arguments, *named], catch_exceptions=False)
