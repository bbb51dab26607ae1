"""`withdraw`, `split` and `join`: what an operator decides on a story, for good."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import click

from aggregator.markup import one_line
from aggregator.model.explaining import Explained
from aggregator.pull import shown
from aggregator.query import Query
from aggregator.settings import Settings
from feeds import explaining
from feeds.app import Service
from feeds.cli.frame import fail, running_of, with_config
from feeds.cli.naming import the_one
from feeds.cli.teaching import epilog


@click.command(
    epilog=epilog(
        {
            "broadsheet withdraw https://gazette.example/kettle": "out of every feed",
            "broadsheet withdraw 3c53a08a2c49f4bbdad5 --undo": "and in again",
        },
        {0: "done, or it was so already", 1: "no such story"},
    )
)
@with_config
@click.argument("name", metavar="ID-or-URL")
@click.option("--undo", is_flag=True, help="Let it be in its feeds again.")
def withdraw(file: Path, name: str, *, undo: bool) -> None:
    """Take a story out of every feed, for good.

    It stays out, whatever its sources give of it from now on. A running service shows it within
    seconds; Atom feeds tell readers to delete it.

    The story is named by its id as feeds have it, the address of its page here, or that of the
    article.
    """
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        found = service.store.withdraw(the_one(service.query, name, settings).id, undo=undo)
    if found is None:
        _meanwhile(name)
    click.echo(f"{one_line(found)}: {'back in its feeds' if undo else 'withdrawn'}")


@click.command(
    epilog=epilog(
        {
            "broadsheet explain https://gazette.example/kettle": "see what it was merged from",
            "broadsheet split https://gazette.example/kettle": "a story for each source",
            "broadsheet split 3c53a08a2c49f4bbdad5 --source URL": "this source's apart",
        },
        {0: "split", 1: "no such story, or nothing to split"},
    )
)
@with_config
@click.argument("name", metavar="ID-or-URL")
@click.option(
    "--source",
    "sources",
    metavar="URL",
    multiple=True,
    help="Set apart what this source gave, as `explain` names it; may be repeated.",
)
def split(file: Path, name: str, sources: tuple[str, ...]) -> None:
    """Make several stories of one, for good.

    That undoes a merge: what each source gave becomes a story of its own. With --source, two
    stories: what these sources gave is apart from the rest.

    The story is named by its id as feeds have it, the address of its page here, or that of the
    article.
    """
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        story = the_one(service.query, name, settings)
        apart = _apart(story, sources, settings)
        if apart:
            half = service.store.split(story.id, apart)
            others = [half] if half else []
        else:
            others = service.store.split_all(story.id) or []
        if not others:
            _meanwhile(name)
        click.echo(f"{len(others) + 1} stories now, which are kept apart from now on:")
        _tell(service.query, (story.id, *others), settings)


@click.command(
    epilog=epilog(
        {
            "broadsheet join 3c53a08a2c49f4bbdad5 a02c5aece7e5fd47c5de": "two, by their pages",
            "broadsheet join https://a.example/x https://b.example/y": "or by their articles",
        },
        {0: "joined", 1: "no such story, or they are one already"},
    )
)
@with_config
@click.argument("names", nargs=-1, required=True, metavar="ID-or-URL ID-or-URL...")
def join(file: Path, names: tuple[str, ...]) -> None:
    """Make one story of several, for good.

    The one that readers knew first keeps its id; the other ids and pages lead to it.

    Each is named by its id as feeds have it, the address of its page here, or that of the article.
    """
    if len(names) == 1:
        raise click.UsageError("name two stories or more")
    settings = running_of(file).settings
    with closing(Service(settings, pulls=False)) as service:
        found = dict.fromkeys(the_one(service.query, name, settings).id for name in names)
        if len(found) == 1:
            (only,) = found
            fail(f"{one_line(only)}: all of these are this one story already; name another one too")
        kept = service.store.join(*found)
        if kept is None:
            _meanwhile(names[0])
        click.echo("one story now, which it is from now on; retired ids lead to it:")
        _tell(service.query, [kept], settings)


def _apart(story: Explained, given: Iterable[str], settings: Settings) -> set[str]:
    """The addresses of the sources that an operator has named, as they are or as they are shown."""
    gave = explaining.sources(story, settings)
    told = ", ".join(sorted(set(gave.values())))
    if len(gave) == 1:
        fail(f"{one_line(story.id)}: it has one source, {told}; there is nothing to split")
    private = {source.address for source in settings.sources if source.private}
    apart: set[str] = set()
    for name in given:
        named = {name} & gave.keys() or {each for each, masked in gave.items() if masked == name}
        what = one_line(shown(name, private=name in private))
        if not named:
            fail(f"{what}: this source gave nothing of the story; name one of {told}")
        if len(named) > 1:
            fail(f"{what}: several sources are shown so; give the address as config.toml has it")
        apart |= named
    if apart == gave.keys():
        fail(f"{one_line(story.id)}: all of its sources are named; leave out one at least")
    return apart


def _tell(query: Query, identifiers: Iterable[str], settings: Settings) -> None:
    for one in identifiers:
        if story := query.explain(one):
            click.echo(f"\n{explaining.in_short(story, settings)}")


def _meanwhile(name: str) -> NoReturn:
    fail(f"{one_line(name)}: it has changed meanwhile; look at it with explain, and try again")
