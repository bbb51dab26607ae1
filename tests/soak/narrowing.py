"""Ten thousand different narrowed selections: what the service uses after them."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import uvloop

from tests.bench import stories
from tests.bench.cold import made
from tests.service import Service, serving
from tests.soak.asking import PATIENCE, Answer, Asked, Lane, lanes, resident

STORIES = 10_000
MOST = 150
"""MiB that the service may have in memory at any time that we look."""


def main(arguments: Sequence[str]) -> None:
    """Ask for them, and look at the memory before, after a tenth and at the end."""
    parser = argparse.ArgumentParser(prog="./dev soak narrowing", description=__doc__)
    parser.add_argument("--selections", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as name, ExitStack() as stack:
        home = made(Path(name), STORIES)
        (home / "seeds").mkdir()
        service = stack.enter_context(serving(home, "--no-pull"))
        paths = list(selections(given.selections))
        told: Counter[int] = Counter()
        sizes = [resident(service)]
        print(f"{sizes[0]} MiB before", flush=True)
        for part in (paths[: len(paths) // 10], paths[len(paths) // 10 :]):
            begun = time.monotonic()
            told += uvloop.run(asked(service, part, given.connections))
            sizes.append(resident(service))
            rate = len(part) / (time.monotonic() - begun)
            print(
                f"{sizes[-1]} MiB after {sum(told.values())}, {rate:.0f}/s: {dict(told)}",
                flush=True,
            )
    if max(sizes) > MOST:
        sys.exit(f"soak: the service had more than {MOST} MiB")
    if told.keys() - {200, 503}:
        sys.exit("soak: something else than 200 and 503 came")


def selections(count: int) -> list[str]:
    """Addresses of different narrowed feeds, of words that stand in the stories of `made`."""
    chance = random.Random(1)
    texts = stories.Texts()
    found: dict[str, None] = {}
    while len(found) < count:
        one = chance.choice(texts._paragraphs)
        words = re.findall(r"[a-z]+", re.sub(r"<[^>]*>", " ", one.lower()))
        at = chance.randrange(len(words) - 3)
        phrase = words[at : at + chance.randint(1, 3)]
        q = chance.choice(('"{}"', "{}", "{} -" + stories.OFTEN)).format(" ".join(phrase))
        more = chance.choice((("lang", "de"), ("not", "world"), ("author", texts.authors[3]), ()))
        parameters = [("q", q), *([more] if more else [])]
        name = chance.choice(("all", "tech", "science_world"))
        found[f"/feeds/{name}.{chance.choice(('atom', 'rss', 'json'))}?{urlencode(parameters)}"] = (
            None
        )
    return list(found)


async def asked(service: Service, paths: Sequence[str], connections: int) -> Counter[int]:
    """Ask for each of them in gzip; how often each status came."""
    told: Counter[int] = Counter()
    left = list(reversed(paths))
    done = asyncio.Event()

    def answered(lane: Lane, answer: Answer) -> None:
        told[answer.status] += 1
        if answer.status == 503:
            assert answer.field("retry-after")
        if left and answer.status:
            lane.ask(Asked("", left.pop(), "gzip"))
        elif sum(told.values()) == len(paths) or not answer.status:
            done.set()

    opened = await lanes(service, connections, answered)
    for lane in opened:
        lane.ask(Asked("", left.pop(), "gzip"))
    await asyncio.wait_for(done.wait(), PATIENCE + len(paths))
    for lane in opened:
        lane.close()
    return told
