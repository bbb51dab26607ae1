"""`broadsheet add`."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator import config, discover
from aggregator.dates import rfc3339
from aggregator.fetch import Fetcher
from aggregator.markup import one_line
from aggregator.settings import Settings, Source
from aggregator.urls import masked, source_key
from feeds.app import user_agent
from feeds.cli import completing
from feeds.cli.frame import end_with, fail, settings_of, with_config
from feeds.cli.teaching import epilog


@click.command(
    epilog=epilog(
        {
            "broadsheet add example.org": "the feed behind any page of a site",
            "broadsheet add https://a.example/feed --vertical tech": "in this vertical",
            "broadsheet add 'https://a.example/feed?key=${KEY}'": "the secret stays out",
            "broadsheet add example.org --json": "what was found, for a machine",
        },
        {0: "added, or there already", 1: "nothing usable was found, and nothing added"},
    )
)
@with_config
@click.argument("address", metavar="URL")
@click.option(
    "--vertical",
    "verticals",
    metavar="V",
    multiple=True,
    shell_complete=completing.verticals,
    help="A vertical of it; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="What was found and added as a JSON object.")
def add(file: Path, address: str, verticals: tuple[str, ...], *, as_json: bool) -> None:
    """Find the feed behind an address, and add it to config.toml.

    The feed is tried, and told of, first. Comments and layout of config.toml stay.

    URL is that of the feed or of any page of its site; without a scheme https is tried, then http.
    ${NAME} in it is read from the environment, and written to config.toml as it is.
    """
    settings = settings_of(file)
    known = [vertical.name for vertical in settings.verticals]
    for name in verticals:
        if name not in known:
            there = ", ".join(known) or "none; define it in a table [verticals.NAME]"
            told = f"{one_line(name)!r} is no vertical of {file}; there are: {there}"
            raise click.BadParameter(told, param_hint="--vertical")
    meant = config.expanded(address, os.environ)
    if isinstance(meant, config.Complaint):
        fail(f"URL {meant.what}; {meant.todo}")
    if _has(settings, meant):
        _tell(file, meant, as_json=as_json)
        return
    found = asyncio.run(_found(settings, meant))
    if isinstance(found, discover.NotFound):
        lines = [f"  {_shown(where)}: {one_line(why)}" for where, why in found.tried]
        todo = "nothing added; give the address of the feed itself"
        fail("\n".join([f"no feed found at {_shown(meant)}; {todo}", *lines]))
    if not as_json:
        click.echo(_described(found))
    if _has(settings, found.address):
        _tell(file, found.address, found, as_json=as_json)
        return
    source = Source(address=found.address, verticals=tuple(dict.fromkeys(verticals)))
    written = _as_given(address, found.address) if "${" in address else None
    edited = config.add(
        file, [config.Addition(source=source, url=written, note=found.title)], os.environ
    )
    if not isinstance(edited, config.Edited):
        end_with(edited)
    _tell(file, found.address, found, source, as_json=as_json)


async def _found(settings: Settings, address: str) -> discover.Found | discover.NotFound:
    async with Fetcher(settings.pull, user_agent(settings)) as fetcher:
        return await discover.find(fetcher, address, datetime.now(UTC))


def _as_given(address: str, found: str) -> str:
    """How the address of a feed is written that holds something from the environment."""
    schemes = ("", "https://", "http://")
    spelt = [s + address for s in schemes if config.expanded(s + address, os.environ) == found]
    if not spelt:
        fail(
            "the feed has another address than the one given, which may hold your secret; "
            "write it into config.toml yourself, with ${NAME} for the secret"
        )
    return spelt[0]


def _has(settings: Settings, address: str) -> bool:
    key = source_key(address)
    return any(source_key(source.address) == key for source in settings.sources)


def _tell(
    file: Path,
    address: str,
    found: discover.Found | None = None,
    added: Source | None = None,
    *,
    as_json: bool,
) -> None:
    """What became of an address: added, or there already, with or without being asked."""
    if as_json:
        told: dict[str, object] = {"address": _shown(address), "added": added is not None}
        told["verticals"] = list(added.verticals) if added else []
        told["found"] = found and {
            "title": one_line(found.title),
            "format": found.format,
            "entries": found.entries,
            "newest_at": rfc3339(found.newest) if found.newest else None,
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif added:
        shelves = f", in {', '.join(added.verticals)}" if added.verticals else ""
        click.echo(f"added to {file}{shelves}")
    else:
        what = "it" if found else _shown(address)
        click.echo(f"{what} is in {file} already; nothing added")


def _described(found: discover.Found) -> str:
    """What was found, on a line for the eye."""
    parts = [one_line(found.title, 80), found.format, f"entries: {found.entries}"]
    if found.newest:
        parts.append(f"newest: {found.newest:%Y-%m-%d}")
    return f"{_shown(found.address)}\n  {', '.join(parts)}"


def _shown(address: str) -> str:
    return one_line(masked(address))
