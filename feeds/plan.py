"""What a changed configuration would do: done to a copy of the store, and compared."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aggregator import urls
from aggregator.errors import StoreError
from aggregator.markup import one_line
from aggregator.model import Selection
from aggregator.pull import shown
from aggregator.query import Query, Told, copied
from aggregator.schema import age
from aggregator.settings import Settings, Vertical
from aggregator.store import Listed
from feeds import selection
from feeds.app import Service, made_with
from feeds.live import needs_restart

_OLDER = (
    "made by an older Broadsheet; start this one once, which brings it up to date, and plan then"
)
_NEWER = "made by a newer Broadsheet; plan with that one"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """The stories that a feed gets, each with why, and those that leave it."""

    name: str
    enters: tuple[tuple[Told, str], ...] = ()
    leaves: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will come of a configuration, compared with the one that is live.

    `renamed` are the former names of verticals, each with what it is called from then on; `gone`
    are the verticals that will answer 410. With `remade` the bytes of every feed change once.
    `advice` are changes that were probably meant otherwise, in plain words.
    """

    listed: Listed
    feeds: tuple[FeedPlan, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    remade: bool = False
    advice: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.listed or self.feeds or self.renamed or self.gone or self.restart or self.remade
        )


def plan(settings: Settings, live: Settings | None) -> Plan:
    """What will happen when these settings follow those that are `live`, None where none are.

    The very steps of a reload are taken, on a copy of the store that is thrown away. What sources
    give meanwhile is not in it.

    Raises:
        StoreError: the store cannot be read or copied.
    """
    with copied(settings.store_url) as copy:
        is_there = _file(copy).is_file()
        if is_there and (years := age(copy)):
            raise StoreError(f"{_file(settings.store_url)}: {_OLDER if years < 0 else _NEWER}")
        saved = selection.defined(live).queries if live else {}
        had = _found(copy, saved) if is_there else {}
        with _quiet(), closing(Service(replace(settings, store_url=copy), pulls=False)) as service:
            listed = service.bring()
            feeds = _feeds(service.query, settings, had) if is_there else ()
    before = live.verticals if live else ()
    defined = selection.defined(settings)
    left = [v.name for v in before if v.name not in defined.verticals]
    is_remade = live is not None and made_with(_as_bound(settings, live)) != made_with(live)
    return Plan(
        listed=listed,
        feeds=feeds,
        renamed=tuple((name, defined.formerly[name]) for name in left if name in defined.formerly),
        gone=tuple(name for name in left if name not in defined.formerly),
        restart=needs_restart(live, settings) if live else (),
        remade=is_remade,
        advice=(*_same_sources(settings, listed), *_same_verticals(settings.verticals, before)),
    )


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _as_bound(settings: Settings, live: Settings) -> Settings:
    """Without what a running service does not take in."""
    return replace(settings, server=live.server, store_url=live.store_url)


@contextmanager
def _quiet() -> Iterator[None]:
    """What is done to a copy is no news."""
    own = logging.getLogger("broadsheet")
    before = own.level
    own.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        own.setLevel(before)


def _found(copy: str, saved: Mapping[str, Selection]) -> dict[str, frozenset[int]]:
    """The stories that saved queries find before anything is changed."""
    with closing(Query(copy)) as query:
        return {name: query.all_of(one) for name, one in saved.items()}


def _feeds(
    query: Query, settings: Settings, had: Mapping[str, frozenset[int]]
) -> tuple[FeedPlan, ...]:
    """Every feed of a vertical or a saved query that will list other stories."""
    changed: dict[str, tuple[Mapping[int, str], Collection[int]]] = {
        one.vertical: (dict(one.entered), one.left) for one in query.differences()
    }
    after = selection.defined(settings).queries
    has = {name: query.all_of(one) for name, one in after.items()}
    for name in sorted({*had, *has}):
        now, before = has.get(name, frozenset()), had.get(name, frozenset())
        if now != before:
            changed[name] = dict.fromkeys(sorted(now - before), "the saved query"), before - now
    numbers = {number for entered, left in changed.values() for number in (*entered, *left)}
    told = query.told(numbers)
    return tuple(
        FeedPlan(
            name=name,
            enters=tuple((told[n], why) for n, why in sorted(entered.items())),
            leaves=tuple(told[n] for n in sorted(left)),
        )
        for name, (entered, left) in changed.items()
    )


def _same_sources(settings: Settings, listed: Listed) -> Iterator[str]:
    """Sources that go and come on one host alone: probably the same one under another address."""
    private = {source.address for source in settings.sources if source.private}
    for old, new in _pairs(
        [(urls.host_and_port(address), address) for address in listed.went],
        [(urls.host_and_port(address), address) for address in listed.came],
    ):
        told = [one_line(shown(each, private=each in private)) for each in (old, new)]
        yield (
            f"if {told[1]} is what {told[0]} was, write its old address below it, "
            f'was = "{told[0]}", and its stories and ids stay with it'
        )


def _same_verticals(after: Sequence[Vertical], before: Sequence[Vertical]) -> Iterator[str]:
    """A vertical that goes while one comes: probably the same one under another name."""
    known, there = {v.name for v in before}, {v.name for v in after}
    formerly = {name for vertical in after for name in vertical.was}
    went = [("", v.name) for v in before if v.name not in there | formerly]
    came = [("", v.name) for v in after if v.name not in known and not v.was]
    for old, new in _pairs(went, came):
        yield (
            f'if {new} is what {old} was, write was = "{old}" below [verticals.{new}], '
            "and the old addresses lead to the new ones"
        )


def _pairs(
    went: Sequence[tuple[str, str]], came: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """What goes and comes where nothing else does: in one place, or if that is all there is."""
    if len(went) == len(came) == 1:
        yield went[0][1], came[0][1]
        return
    for place in sorted({where for where, _ in went}):
        old = [each for where, each in went if where == place]
        new = [each for where, each in came if where == place]
        if len(old) == len(new) == 1:
            yield old[0], new[0]
