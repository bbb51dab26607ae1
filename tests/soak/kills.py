"""A first pull, killed again and again.

Whatever the moment, the next start must go on as if nothing had been: at the end every entry of
every source is a story once, no more and no less, and the store is whole.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.loopback import Origin
from tests.service import broadsheet, running

ENTRIES = 30

SETTINGS = """\
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
[verticals.tech]
"""


def main(arguments: Sequence[str]) -> None:
    """Kill, start again, and account for everything at the end."""
    parser = argparse.ArgumentParser(prog="./dev soak kills", description=__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    with Origin() as origin, tempfile.TemporaryDirectory(prefix="broadsheet-soak-") as name:
        folder = Path(name)
        addresses = [origin.url(f"/{n}.xml") for n in range(options.sources)]
        for n, address in enumerate(addresses):
            origin.serve(f"/{n}.xml", document(address))
        sources = (
            f'[[sources]]\nurl = "{address}"\nverticals = ["tech"]\n' for address in addresses
        )
        (folder / "config.toml").write_text(SETTINGS + "".join(sources))
        (folder / "seeds").mkdir()
        for n in range(options.kills):
            with running(folder, "pull", "--once", to=subprocess.DEVNULL) as process:
                time.sleep(chance.uniform(0.5, 3))
                process.kill()
            print(f"kill {n + 1}: {stories(folder)} stories", flush=True)
        ended = broadsheet(folder, "pull", "--once")
        totals = json.loads(broadsheet(folder, "status", "--json").stdout)["totals"]
        wanted = options.sources * ENTRIES
        whole = (
            sqlite3.connect(folder / "broadsheet.db").execute("PRAGMA integrity_check").fetchone()
        )
        print(f"{totals}, {wanted} wanted, integrity {whole[0]}")
        if (ended.returncode, totals["entries"], totals["stories"], whole[0]) != (
            0,
            wanted,
            wanted,
            "ok",
        ):
            sys.exit("soak: something was lost, doubled or broken")


def stories(folder: Path) -> int:
    """How many stories the store holds; none while it is not even made."""
    try:
        (held,) = (
            sqlite3.connect(folder / "broadsheet.db")
            .execute("SELECT count(*) FROM story")
            .fetchone()
        )
    except sqlite3.OperationalError:
        return 0
    return int(held)


def document(address: str) -> bytes:
    """An RSS document of `ENTRIES` items of its own."""
    items = (
        f"<item><title>Story {n} of {address}</title><link>{address}/{n}</link></item>"
        for n in range(ENTRIES)
    )
    return (
        f"<rss version='2.0'><channel><title>{address}</title><link>{address}</link>"
        f"<description>d</description>{''.join(items)}</channel></rss>"
    ).encode()
