"""The commands: the only place that exits the process or writes to the terminal."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
import uvicorn
import uvloop

from aggregator import config, urls
from aggregator.errors import BroadsheetError
from aggregator.markup import one_line
from aggregator.pull import Pulled, problems_in
from aggregator.settings import Settings
from feeds import report
from feeds.app import VERSION, Service

SOME_FAILED = 3
"""Exit code of a pull or status in which sources fail; 1 is a problem of ours, 2 of usage."""

DRAIN_SECONDS = 10


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="broadsheet")
def main() -> None:
    r"""Sources in, stories once, feeds by vertical out.

    \b
    broadsheet init           a commented config.toml and seeds/ in this folder
    broadsheet check          what is wrong with them, by file and line
    broadsheet serve          the whole service
    broadsheet pull --once    one round of what is due, without a web server
    broadsheet status         the sources and their health
    """


def _with_config(command: Callable[..., None]) -> Callable[..., None]:
    """The `--config` option of every command; errors become one line and exit code 1."""

    @click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path),
        default=Path("config.toml"),
        envvar="BROADSHEET_CONFIG",
        show_default=True,
        show_envvar=True,
        help="The one file that says what this service is.",
    )
    @functools.wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except BroadsheetError as error:
            _fail(str(error))

    return run


@main.command()
@_with_config
@click.option("--host", help="Listen here instead of [server] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="And on this port; 0 takes a free one.")
@click.option("--no-pull", is_flag=True, help="Serve what the store holds, and pull nothing.")
def serve(file: Path, host: str | None, port: int | None, *, no_pull: bool) -> None:
    """The whole service: the web server, and the scheduler that pulls."""
    settings = _settings(file)
    listener, settings = _listen(settings, host, port)
    _log_to_stderr()

    def told() -> None:
        where = config.default_base_url(settings.server.host, settings.server.port)
        click.echo(f"Broadsheet {VERSION} listens on {where}/")
        for name in ("all", *(v.name for v in settings.verticals)):
            click.echo(f"  {settings.site.base_url}/feeds/{name}.atom  .rss  .json")

    with (
        _signals_end_it(),
        listener,
        closing(Service(settings, pulls=not no_pull)) as service,
    ):
        web = uvicorn.Config(
            service.web(told=told),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        uvicorn.Server(web).run(sockets=[listener])


@main.command()
@_with_config
@click.option("--once", is_flag=True, help="One round of what is due, then end.")
@click.option(
    "--all", "everything", is_flag=True, help="With --once: every source that may be asked now."
)
@click.option("--source", "address", metavar="URL", help="With --once: of this source alone.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --once: a JSON object a source, and one of sums."
)
def pull(file: Path, address: str | None, *, once: bool, everything: bool, as_json: bool) -> None:
    """Pull without a web server."""
    settings = _settings(file)
    if (everything or address or as_json) and not once:
        raise click.UsageError("--all, --source and --json need --once")
    if address and address not in {s.address for s in settings.sources}:
        named = one_line(urls.masked(address))
        raise click.BadParameter(f"{named} is not a source of {file}", param_hint="--source")
    _log_to_stderr()
    round_ = Round(as_json=as_json)
    with closing(Service(settings, pulls=True)) as service:
        if once:
            uvloop.run(_pull_once(service, round_, address, everything=everything))
        else:
            uvloop.run(_pull_on(service))
    if once:
        round_.close()
    sys.exit(SOME_FAILED if round_.failed else 0)


class Round:
    """What came of one round, told as it comes and summed up at its end."""

    def __init__(self, *, as_json: bool) -> None:
        self.failed = 0
        self._as_json = as_json
        self._sums = {"pulled": 0, "failed": 0, "new": 0, "revised": 0, "merged": 0}

    def tell(self, pulled: Pulled) -> None:
        """One source is done."""
        counts = {n: getattr(pulled.written, n) for n in ("new", "revised", "merged")}
        self.failed += pulled.error is not None
        for name, count in (*counts.items(), ("pulled", 1), ("failed", pulled.error is not None)):
            self._sums[name] += count
        if self._as_json:
            click.echo(json.dumps({"source": pulled.address, "error": pulled.error, **counts}))
        elif pulled.error is None:
            told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            click.echo(f"{one_line(pulled.address)}: {told or 'nothing new'}")

    def close(self) -> None:
        """The sums."""
        if self._as_json:
            click.echo(json.dumps(self._sums))
        else:
            click.echo(", ".join(f"{count} {name}" for name, count in self._sums.items()))


async def _pull_once(
    service: Service, round_: Round, address: str | None, *, everything: bool
) -> None:
    async with service.puller() as (puller, _):
        if everything or address:
            await puller.ask(round_.tell, address)
        else:
            await puller.once(round_.tell)


async def _pull_on(service: Service) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with service.puller() as (puller, folder), service.jobs(puller, folder):
        await ended.wait()


@main.command()
@_with_config
@click.option("--json", "as_json", is_flag=True, help="The same for a machine.")
def status(file: Path, *, as_json: bool) -> None:
    """The sources: health, entries, next pull, since when each fails and why."""
    settings = _settings(file)
    with closing(Service(settings, pulls=False)) as service:
        sources, totals = service.query.sources(), service.query.totals()
    private = {source.address for source in settings.sources if source.private}
    if as_json:
        told = report.as_json(sources, totals, private)
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        click.echo(report.as_text(sources, totals, private))
    sys.exit(SOME_FAILED if any(s.error for s in sources) else 0)


@main.command()
@_with_config
def check(file: Path) -> None:
    """Every problem of config.toml and the seeds, as `file:line: what; what to do`."""
    settings = _settings(file)
    problems = problems_in(settings)
    for problem in problems:
        click.echo(problem)
    for warning in config.warnings(settings):
        click.echo(f"{warning} (warning)")
    if problems:
        sys.exit(1)
    click.echo(
        f"{file}: {len(settings.verticals)} verticals, {len(settings.sources)} sources: good"
    )


@main.command()
def init() -> None:
    """A commented config.toml and seeds/ in this folder, ready to serve."""
    here = Path.cwd()
    for name in ("config.toml", "seeds"):
        if (here / name).exists():
            _fail(f"{name} is here already; run init in an empty folder")
    starter = _starter()
    try:
        shutil.copy(starter / "config.toml", here / "config.toml")
        shutil.copytree(starter / "seeds", here / "seeds")
    except OSError as error:
        reason = error.strerror or error
        _fail(f"{here}: cannot be written to ({reason}); run init in a folder of your own")
    click.echo("made config.toml and seeds/; next: broadsheet serve")


def _starter() -> Path:
    """Where the files for `init` are: in the installed package, or beside it in a clone."""
    package = Path(__file__).parent
    return package / "starter" if (package / "starter").is_dir() else package.parent


def _settings(file: Path) -> Settings:
    read = config.read(file, os.environ)
    if isinstance(read, Settings):
        return read
    for problem in read:
        click.echo(problem, err=True)
    sys.exit(1)


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
        _fail(
            f"cannot listen on {server.host} port {server.port} ({error.strerror}); "
            "end what listens there, or choose another with --port or [server] port"
        )
    server = replace(server, port=listener.getsockname()[1])
    site = settings.site
    if site.base_url == assumed:
        site = replace(site, base_url=config.default_base_url(server.host, server.port))
    return listener, replace(settings, server=server, site=site)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("alembic", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


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


def _fail(text: str) -> NoReturn:
    click.echo(f"broadsheet: {text}", err=True)
    sys.exit(1)
