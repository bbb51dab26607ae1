"""`broadsheet plan` says what the reload then does: to the story."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from tests.desk import command, rss, seconds_until, source, whole
from tests.loopback import Origin
from tests.service import Service, broadsheet, serving

VERTICALS = """\
[pull]
allow_networks = ["127.0.0.0/8"]

[verticals.tech]
keywords = ["robot"]

[verticals.science]
categories = ["physics"]

[[queries]]
name = "kettles"
q = "kettle"
"""
STORIES = [
    ("Robot pours tea", "physics"),
    ("Kettle choir sings", "music"),
    ("Robot kettle explodes", "physics"),
    ("Tram strike ends", "transport"),
    ("Kettle prices fall", "markets"),
]


def items(*stories: tuple[str, str]) -> bytes:
    return rss(
        *(
            f"<item><title>{title}</title><guid>https://gazette.example/{n}</guid>"
            f"<category>{category}</category></item>"
            for n, (title, category) in enumerate(stories)
        )
    )


def titles(service: Service, name: str) -> set[str]:
    """What a feed lists."""
    answer = service.get(f"/feeds/{name}.json")
    return {one["title"] for one in json.loads(answer.body)["items"]} if answer.body else set()


def plan(folder: Path, text: str) -> dict[str, Any]:
    (folder / "next.toml").write_text(text)
    told = command(folder, "plan", "--json", "--config", str(folder / "next.toml"))
    assert (told.exit_code, told.stderr) == (0, "")
    said = json.loads(told.stdout)
    assert isinstance(said, dict)
    return said


def changes(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def edits(start: str) -> dict[str, str]:
    """Configurations that follow one another, each with what it changes."""
    keyword = changes(start, ('["robot"]', '["robot", "tram"]'))
    category = changes(keyword, ('["physics"]', '["music"]'))
    excluded = changes(category, ("[[sources]]", '[[sources]]\nexclude = ["tram"]'))
    fixed = changes(excluded, ("[[sources]]", '[[sources]]\nverticals = ["science"]'))
    renamed = changes(fixed, ("[verticals.tech]", '[verticals.gear]\nwas = "tech"'))
    query = changes(renamed, ('q = "kettle"', 'q = "robot"'))
    lower = changes(query, ('["music"]', '["music"]\nthreshold = 0.1'))
    return {
        "a keyword more": keyword,
        "another category": category,
        "exclude": excluded,
        "a source's vertical": fixed,
        "a new name": renamed,
        "another search": query,
        "a lower threshold": lower,
        "all back": start,
    }


def test_each_change_does_what_its_plan_foretold_to_the_story(folder: Path, origin: Origin) -> None:
    origin.serve("/kettle", items(*STORIES))
    start = VERTICALS + source(origin, "/kettle")
    file = folder / "config.toml"
    file.write_text(start)
    with serving(folder) as service:
        seconds_until(lambda: len(titles(service, "all")) == len(STORIES))
        assert command(folder, "plan").stdout == "nothing changes\n"
        total = 0
        for text in edits(start).values():
            before = listed(service)
            said = plan(folder, text)
            foretold = after(before, said)
            whole(file, text)
            seconds_until(partial(is_so, service, foretold))
            total += sum(len(f["enter"]) + len(f["leave"]) for f in said["feeds"])
        assert command(folder, "plan").stdout == "nothing changes\n"
        assert total > 20
    assert not list(folder.glob(".broadsheet.db-plan-*"))


def listed(service: Service) -> dict[str, set[str]]:
    """What every feed lists that is there."""
    names = ("all", "tech", "science", "gear", "kettles")
    return {name: titles(service, name) for name in names if is_there(service, name)}


def is_so(service: Service, foretold: dict[str, set[str]]) -> bool:
    """Whether the feeds that are there list what was foretold, and nothing else."""
    found = listed(service)
    return found == {name: foretold.get(name, set()) for name in found}


def after(before: dict[str, set[str]], said: dict[str, Any]) -> dict[str, set[str]]:
    """What feeds will list if a plan is right."""
    will = {name: set(titles) for name, titles in before.items()}
    for feed in said["feeds"]:
        entered = {one["title"] for one in feed["enter"]}
        left = {one["title"] for one in feed["leave"]}
        own = will.setdefault(feed["name"], set())
        assert not entered & own
        assert left <= own
        own |= entered
        own -= left
    return will


def is_there(service: Service, name: str) -> bool:
    return service.get(f"/feeds/{name}.json").status == 200


def test_sources_and_former_names_are_foretold_and_proposed(folder: Path, origin: Origin) -> None:
    for path in ("/a", "/b", "/c"):
        origin.serve(path, items(*STORIES[:1]))
    a, b, c = (source(origin, path) for path in ("/a", "/b", "/c"))
    file = folder / "config.toml"
    file.write_text(VERTICALS + a)
    with serving(folder):
        seconds_until(lambda: origin.requests)
        first, second = origin.url("/a"), origin.url("/b")
        said = plan(folder, VERTICALS + b)
        assert said["sources"] == {"come": [second], "go": [first], "move": []}
        assert f'was = "{first}"' in said["advice"][0]
        moved = VERTICALS + source(origin, "/b", f'was = "{first}"') + c
        said = plan(folder, moved)
        move = [{"from": first, "to": second}]
        assert said["sources"] == {"come": [origin.url("/c")], "go": [], "move": move}
        assert said["advice"] == []
        said = plan(folder, changes(VERTICALS, ("[verticals.tech]", "[verticals.gear]")) + a)
        assert said["verticals"] == {"renamed": [], "gone": ["tech"]}
        assert 'write was = "tech" below [verticals.gear]' in said["advice"][0]
        told = command(folder, "plan", "--config", str(folder / "next.toml")).stdout
        assert "vertical tech is gone: its addresses answer 410\n" in told
        assert "every feed is made anew" in told


def test_a_plan_without_a_store_and_one_with_problems(folder: Path) -> None:
    (folder / "config.toml").write_text('[[sources]]\nurl = "https://gazette.example/feed"\n')
    told = broadsheet(folder, "plan")
    assert told.stdout.startswith("sources: 1 come\n  + https://gazette.example/feed\n")
    assert not (folder / "broadsheet.db").exists()
    (folder / "config.toml").write_text("[sight]\n")
    told = broadsheet(folder, "plan")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("config.toml:1: unknown table 'sight'")
