"""`broadsheet serve`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click
import uvicorn

from aggregator import config
from aggregator.settings import Settings
from feeds import access
from feeds.app import VERSION, Service
from feeds.cli.frame import fail, log_to, running_of, with_config
from feeds.cli.teaching import epilog

DRAIN_SECONDS = 10

SWITCHES_AFTER = 0.0002
"""Seconds after which a thread lets another one run: a 25th of what Python has by itself."""


@click.command(
    epilog=epilog(
        {
            "broadsheet serve": "on 127.0.0.1, port 8000, or as config.toml says",
            "broadsheet serve --host 0.0.0.0 --port 8080": "for other machines, too",
            "broadsheet serve --no-pull": "beside a broadsheet pull",
            "broadsheet serve --strict": "for a supervisor: no older config.toml",
        },
        {
            0: "ended by SIGTERM or Ctrl-C, after what was in flight",
            1: "config.toml, the store or the port is no use",
        },
    )
)
@with_config
@click.option("--host", help="Listen here instead of [server] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="And on this port; 0 takes a free one.")
@click.option("--no-pull", is_flag=True, help="Serve what the store holds, and pull nothing.")
@click.option(
    "--strict",
    is_flag=True,
    help="End with 1 where config.toml has problems: run no older text.",
)
def serve(file: Path, host: str | None, port: int | None, *, no_pull: bool, strict: bool) -> None:
    """The whole service: the web server, and what pulls.

    It says where it listens and which feeds there are. config.toml and the seeds may be edited
    meanwhile: a good edit is live within two seconds, a bad one changes nothing.
    """
    running = running_of(file, strict=strict)
    # What answers readers waits for the thread that writes, each time for so long at the most.
    sys.setswitchinterval(SWITCHES_AFTER)
    listener, settings = _listen(running.settings, host, port)
    log_to(sys.stderr)

    def told() -> None:
        where = config.default_base_url(settings.server.host, settings.server.port)
        click.echo(f"Broadsheet {VERSION} listens on {where}/")
        own = (*(v.name for v in settings.verticals), *(q.name for q in settings.queries))
        for name in ("all", *own):
            click.echo(f"  {settings.site.base_url}/feeds/{name}.atom  .rss  .json")
        if access.may_be_open(settings):
            click.echo(f"How the sources are: {settings.site.base_url}/status")
        click.echo(f"Another source, by the address of any page of it: {_program()} add ADDRESS")

    with (
        _signals_end_it(),
        listener,
        closing(Service(settings, pulls=not no_pull)) as service,
    ):
        service.live(running, os.environ)
        web = uvicorn.Config(
            service.web(told=told),
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        uvicorn.Server(web).run(sockets=[listener])


def _program() -> str:
    """What this program is called by, from here: in a clone it is on no path."""
    if shutil.which("broadsheet"):
        return "broadsheet"
    own = Path(sys.argv[0])
    return str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own)


def _listen(
    settings: Settings, host: str | None, port: int | None
) -> tuple[socket.socket, Settings]:
    """The bound socket, and the settings with the address as it was bound."""
    own = settings.server
    assumed = config.default_base_url(own.host, own.port)
    server = replace(own, host=host or own.host, port=own.port if port is None else port)
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((server.host, server.port))
        # At once: what is bound and does not listen may be bound a second time.
        listener.listen()
    except OSError as error:
        listener.close()
        fail(
            f"cannot listen on {server.host} port {server.port} ({error.strerror}); "
            "end what listens there, or choose another with --port or [server] port"
        )
    server = replace(server, port=listener.getsockname()[1])
    site = settings.site
    if site.base_url == assumed:
        site = replace(site, base_url=config.default_base_url(server.host, server.port))
    return listener, replace(settings, server=server, site=site)


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """An ending asked for is no failure, at any time: uvicorn, too, ends by raising the signal."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: sys.exit(0)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
