"""Equal stories, configuration and program make equal bytes, whoever makes them, where and when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.model import Category, Person
from aggregator.settings import ArchiveLimits
from tests.newsroom import GAZETTE, HERALD, Newsroom, item, titled

ROOT = Path(__file__).resolve().parents[2]

READ_ALL = """
import sys
from hashlib import sha256
from pathlib import Path
from tests.asgi import Site
from tests.newsroom import Newsroom, settings_for
from tests.subscribers import walk

folder = Path(sys.argv[1])
with Newsroom(folder) as room:
    site = Site(room, settings_for(folder, feed_size=3, archive_size=4))
    for name in ("all", "science_tech"):
        for fmt in ("atom", "rss", "json"):
            at = f"http://127.0.0.1:8000/feeds/{name}.{fmt}"
            path = lambda address: address.removeprefix("http://127.0.0.1:8000")
            for address in walk(lambda address, said: site.get(path(address), said), at):
                for coding in ("identity", "gzip", "br"):
                    answer = site.get(path(address), {"Accept-Encoding": coding})
                    told = [answer.field(name) for name in ("etag", "last-modified", "link")]
                    print(address, coding, sha256(answer.body).hexdigest(), *told)
    site.close()
"""

TITLES = ("İstanbul’da bir çaydanlık", "水壶", "Kettle & <Co.>", "𝄞")
PLACES = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with archives, merged, revised, withdrawn and split stories in several scripts."""
    physics, tech = Category(term="Physics"), Category(term="tech")
    with Newsroom(tmp_path, limits=ArchiveLimits(stories=4)) as room:
        room.store.refresh("this version", ("culture", "science", "tech"))
        for number, title in enumerate(
            ("İstanbul’da bir çaydanlık", "水壶", "Kettle & <Co.>", "𝄞")
        ):
            room.clock.step(hours=1)
            room.give(
                GAZETTE,
                *(item(f"{number}-{n}", title=titled(f"{title} {n}"), categories=(tech, physics),
                       authors=(Person(name="Zoë Inkwell"), Person(name="Bo"))) for n in range(3)),
            )  # fmt: skip
            room.give(HERALD, item(f"{number}-1", guid=f"https://herald.example/{number}"))
        room.give(GAZETTE, item("0-0", text="It hums."))
        room.store.withdraw("https://gazette.example/1-1")
        room.store.split("https://gazette.example/2-1", [HERALD])
    return tmp_path


def test_processes_of_other_hash_seeds_zones_and_locales_make_the_same_bytes(folder: Path) -> None:
    made = [
        subprocess.run(
            [sys.executable, "-c", READ_ALL, str(folder)],
            cwd=ROOT,
            env={**os.environ, **place},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        for place in PLACES
    ]
    assert made[0] == made[1]
    assert len(made[0]) > 40
    assert len({line.split()[3] for line in made[0]}) == len(made[0]), "each has a tag of its own"
