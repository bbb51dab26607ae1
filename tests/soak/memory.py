"""What the readers use after many documents: no more than after few."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from aggregator.reading.readers import Readers
from aggregator.reading.types import Document, Reading
from aggregator.settings import Source

ADDRESS = "https://gazette.example/feed"
SOURCE = Source(address=ADDRESS, verticals=("tech",))
ALLOWED = 1.05
TEXT = "<p>The <b>kettle</b> sings &amp; sings.</p>" * 60


def main(arguments: Sequence[str]) -> None:
    """Read one document again and again, and compare the memory of the readers on the way."""
    parser = argparse.ArgumentParser(prog="./dev soak memory", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=2)
    given = parser.parse_args(arguments)
    early, late = asyncio.run(read(given.documents, given.readers))
    print(f"most after a tenth: {early:.1f} MiB; most at the end: {late:.1f} MiB")
    if late > early * ALLOWED:
        sys.exit("soak: the readers grow")


async def read(documents: int, count: int) -> tuple[float, float]:
    """The most memory in the second tenth of the documents, and in the last."""
    most: dict[int, float] = {}
    async with Readers((), count) as readers:
        for done in range(0, documents, 10):
            results = await asyncio.gather(*(readers.read(document(done + n)) for n in range(10)))
            if not all(isinstance(result, Reading) for result in results):
                sys.exit(f"soak: {results}")
            tenth = done * 10 // documents
            most[tenth] = max(most.get(tenth, 0.0), memory())
            if done % 1000 == 0:
                print(f"{done}: {memory():.1f} MiB", flush=True)
    return most[1], most[9]


def memory() -> float:
    """What the children of this process have in memory, in MiB."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return sum(_resident(int(child)) for child in children)


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return sum(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS")) / 1024


def document(number: int) -> Document:
    """A document of 30 entries with long texts, no two alike."""
    items = "".join(
        f"<item><title>Story {number} {n}</title><link>{ADDRESS}/{number}/{n}</link>"
        f"<pubDate>Fri, 13 Feb 2026 09:{n:02}:00 GMT</pubDate><category>Tea</category>"
        f"<description><![CDATA[{TEXT}]]></description></item>"
        for n in range(30)
    )
    body = f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>"
    return Document(
        source=SOURCE,
        first_address=ADDRESS,
        base=ADDRESS,
        body=body.encode(),
        now=datetime.now(UTC).replace(microsecond=0),
        first=True,
    )
