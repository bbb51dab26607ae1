"""A plan, told to a person and to a machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from aggregator.markup import one_line
from aggregator.pull import shown
from aggregator.query import Told
from aggregator.settings import Settings
from feeds.plan import FeedPlan, Plan

_MOST = 10
"""Stories of a feed that are told one by one, and sources."""


def as_text(plan: Plan, settings: Settings) -> str:
    """The plan in lines; of many stories or sources the first."""
    return "\n".join(_lines(plan, settings)) if plan else "nothing changes"


def as_json(plan: Plan, settings: Settings) -> dict[str, object]:
    """The whole plan."""
    tell = _Addresses(settings)
    return {
        "sources": {
            "come": [tell(address) for address in plan.listed.came],
            "go": [tell(address) for address in plan.listed.went],
            "move": [{"from": tell(a), "to": tell(b)} for a, b in plan.listed.moved],
        },
        "verticals": {
            "renamed": [{"from": old, "to": new} for old, new in plan.renamed],
            "gone": list(plan.gone),
        },
        "feeds": [
            {
                "name": feed.name,
                "enter": [{**_story(one), "reason": why} for one, why in feed.enters],
                "leave": [_story(one) for one in feed.leaves],
            }
            for feed in plan.feeds
        ],
        "remade": plan.remade,
        "restart": list(plan.restart),
        "advice": list(plan.advice),
    }


class _Addresses:
    """The addresses of sources as they may be shown."""

    def __init__(self, settings: Settings) -> None:
        self._private = {source.address for source in settings.sources if source.private}

    def __call__(self, address: str) -> str:
        return one_line(shown(address, private=address in self._private))


def _story(one: Told) -> dict[str, str]:
    return {
        "id": one.id,
        "title": one_line(one.title),
        "publication": one_line(one.publication),
    }


def _lines(plan: Plan, settings: Settings) -> Iterator[str]:
    tell = _Addresses(settings)
    listed = plan.listed
    if listed:
        counts = ((listed.came, "come"), (listed.went, "go"), (listed.moved, "move"))
        yield "sources: " + ", ".join(f"{len(which)} {word}" for which, word in counts if which)
        yield from _some(f"  + {tell(address)}" for address in listed.came)
        yield from _some(f"  - {tell(address)}  (its stories stay)" for address in listed.went)
        yield from _some(f"  {tell(old)} -> {tell(new)}" for old, new in listed.moved)
    for old, new in plan.renamed:
        yield f"vertical {old} is called {new}: its old addresses lead there (301)"
    for name in plan.gone:
        yield f"vertical {name} is gone: its addresses answer 410"
    for feed in plan.feeds:
        yield from _feed(feed)
    if plan.remade:
        yield "every feed is made anew: readers fetch it once more; the ids of stories stay"
    for key in plan.restart:
        yield f"{key} takes effect at the next start"
    yield from plan.advice


def _feed(feed: FeedPlan) -> Iterator[str]:
    yield f"feed {feed.name}: {len(feed.enters)} enter, {len(feed.leaves)} leave"
    yield from _some(f"  + {_line(one)}  ({one_line(why)})" for one, why in feed.enters)
    yield from _some(f"  - {_line(one)}" for one in feed.leaves)


def _line(one: Told) -> str:
    return one_line(f"{one.publication}: {one.title}", 100)


def _some(lines: Iterable[str]) -> Iterator[str]:
    told: Collection[str] = list(lines)
    yield from list(told)[:_MOST]
    if len(told) > _MOST:
        yield f"  and {len(told) - _MOST} more (--json tells all)"
