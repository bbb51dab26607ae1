"""What pages for people weigh, and how long they take: the first time, and from memory.

The store is that of `./dev bench cold` with 10,000 stories. Each page is the first that its process
makes; then the same process is asked for it again and again.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import stories
from tests.bench.cold import FEW, Service, made, served, warm

_AGAIN = 300
_CODINGS = ("identity", "gzip", "br")


def main(arguments: Sequence[str]) -> None:
    """Make the store, unless it is there, and print the table."""
    parser = argparse.ArgumentParser(prog="./dev bench pages", description=__doc__)
    parser.add_argument("--stories", type=int, default=FEW)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "broadsheet-bench-stories"
    )
    given = parser.parse_args(arguments)
    home = made(given.folder, given.stories)
    warm(home)
    columns = ("stories", "kB", "kB gzip", "kB br", "first ms", "first CPU ms", "again ms (median)")
    print(f"| page | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}")
    for name, path in addresses(home).items():
        with served(home) as service:
            print(f"| {name} | {' | '.join(measured(service, path))} |", flush=True)


def addresses(home: Path) -> dict[str, str]:
    """What is asked for, by what it is."""
    with served(home) as service:
        world = service.body("/world")
    found = {
        "front page": "/",
        "vertical": "/world",
        "everything": "/all",
        "search": f"/search?{urlencode({'q': stories.OFTEN})}",
        "about": "/about",
    }
    links = {"archive": r'rel="next" href="(/world/archive/\d+)[#"]', "story": r'"(/stories/\w+)"'}
    for name, link in links.items():
        if one := re.search(link, world):
            found[name] = one[1]
    return found


def measured(service: Service, path: str) -> list[str]:
    """The cells of a page's row."""
    service.ask("/healthz", "identity")
    first = service.ask(path, "br")
    if first.status != 200:
        sys.exit(f"bench: {path}: {first.status}")
    sizes = [service.ask(path, coding).size / 1000 for coding in _CODINGS]
    again = statistics.median(service.ask(path, "br").taken for _ in range(_AGAIN))
    shown = service.body(path).count('<article class="item"')
    figures = (*(f"{size:.1f}" for size in sizes), f"{first.taken:.1f}", f"{first.cpu:.1f}")
    return [str(shown), *figures, f"{again:.2f}"]
