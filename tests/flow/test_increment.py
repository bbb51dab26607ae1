"""Real feeds with and without what they gave before: the same entries, and the same stories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from aggregator import dedup, normalize, parse
from aggregator.increment import Cut, cut
from aggregator.model import Entry, ParsedFeed, PullOutcome, SourceInfo, Written
from tests.newsroom import Clock, Newsroom

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))
URL = "https://gazette.example/feeds/all"

EVERY = 1 if os.environ.get("CORPUS_WHOLE") else 6
"""One file of so many is parsed, another one each day; CORPUS_WHOLE=1 has all of them parsed."""

# Malformed, of several bytes a character, or with links that count from where the document lies.
CUT = {"captured": (166, 185), "encodings": (15, 46)}


def files(folder: str) -> list[Path]:
    found = sorted(path for path in (CORPUS / folder).glob("*") if path.is_file())
    if not found:
        pytest.skip(f"no {folder} feeds in {CORPUS}; set FEED_CORPUS")
    return found


def some_forgotten(body: bytes, chance: Random) -> tuple[Cut, list[bool]]:
    """What is left for one to whom some of the items were not given, and which those are."""
    every = cut(body, None, None).given
    hashes = [every[at : at + 8] for at in range(0, len(every), 8)]
    new = set(chance.sample(hashes, max(1, len(hashes) // 5))) if hashes else set()
    known = b"".join(one for one in hashes if one not in new)
    return cut(body, None, known), [one in new for one in hashes]


@pytest.mark.parametrize("folder", ["captured", "encodings"])
def test_nearly_every_real_feed_can_be_cut(folder: str) -> None:
    found, chance = files(folder), Random(1)
    count = 0
    for file in found:
        body = file.read_bytes()
        left, new = some_forgotten(body, chance)
        count += bool(new)
        assert cut(body, None, left.given).body == (None if new else body), file
        if new:
            assert left.body is not None
            again = cut(left.body, None, None).given
            assert len(again) == 8 * sum(new), file
    if len(found) == CUT[folder][1]:
        assert count == CUT[folder][0]


@pytest.mark.parametrize("folder", ["captured", "encodings"])
def test_what_is_left_reads_as_it_did_in_the_whole(folder: str) -> None:
    turn = datetime.now(UTC).toordinal() % EVERY
    chance = Random(turn)
    for file in files(folder)[turn::EVERY]:
        body = file.read_bytes()
        left, new = some_forgotten(body, chance)
        if new:
            assert left.body is not None
            whole, read = parse.read(body, URL), parse.read(left.body, URL)
            assert isinstance(whole, ParsedFeed)
            assert isinstance(read, ParsedFeed)
            of_new = zip(whole.entries, new, strict=True)
            assert read.entries == tuple(entry for entry, is_new in of_new if is_new), file
            assert replace(read, entries=()) == replace(whole, entries=()), file


# ---- feeds that change ---------------------------------------------------------------------------


def series() -> Iterator[list[Path]]:
    found = sorted(path for path in (CORPUS / "series").glob("*") if path.is_dir())
    if not found:
        pytest.skip(f"no series in {CORPUS}; set FEED_CORPUS")
    return (sorted(folder.glob("*.xml")) for folder in found)


def test_a_feed_that_changes_comes_to_the_same_stories_step_by_step(tmp_path: Path) -> None:
    for name in ("left", "whole"):
        (tmp_path / name).mkdir()
    clock = Clock()
    items = read = 0
    with Newsroom(tmp_path / "left", clock) as left, Newsroom(tmp_path / "whole", clock) as whole:
        for number, snapshots in enumerate(series()):
            address = f"https://gazette.example/{number}"
            for snapshot in snapshots:
                clock.now = datetime.strptime(snapshot.name[:18], "%Y-%m-%dT%H%M%S%z")
                body = snapshot.read_bytes()
                part = cut(body, None, left.listed(address).state.given)
                written = pull(left, address, part)
                every = pull(whole, address, Cut(body=body, given=b""))
                assert replace(written, unchanged=0) == replace(every, unchanged=0), snapshot
                assert known(left) == known(whole), snapshot
                items += sum(msgspec.structs.asdict(every).values()) if False else total(every)
                read += total(written)
    assert read < items / 4
