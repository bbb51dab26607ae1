"""Seed files are read like fetches: the same limits, the same results."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.fetch import read_file, seed_files
from aggregator.model import Failed, Fetched, NotModified
from tests.fetching import FEED, NEVER_PULLED, reason_of


def test_a_file_is_read_like_a_fetch(tmp_path: Path) -> None:
    path = tmp_path / "lantern.txt"
    path.write_bytes(FEED)
    assert read_file(path, len(FEED), NEVER_PULLED) == Fetched(url=path.as_posix(), body=FEED)


def test_a_file_whose_bytes_are_known_is_not_modified(tmp_path: Path) -> None:
    path = tmp_path / "lantern.txt"
    path.write_bytes(FEED)
    known = replace(NEVER_PULLED, body_hash=hashlib.sha256(FEED).digest())
    assert read_file(path, 1000, known) == NotModified()
    path.write_bytes(FEED + b" ")
    assert isinstance(read_file(path, 1000, known), Fetched)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.touch()
    os.truncate(path, 10**12)
    told = Failed(reason="larger than 10 MB, the most that is read")
    assert read_file(path, 10_000_000, NEVER_PULLED) == told


def test_a_file_without_a_size_is_read_up_to_the_limit() -> None:
    endless = Path("/proc/self/maps")
    if not endless.exists():
        pytest.skip("needs a file whose size is said to be 0, as /proc has")
    assert "larger than" in reason_of(read_file(endless, 10, NEVER_PULLED))


def test_what_is_no_regular_file_is_a_failure_and_never_waited_for(tmp_path: Path) -> None:
    fifo, loop, gone = tmp_path / "fifo.txt", tmp_path / "loop.txt", tmp_path / "gone.txt"
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    reasons = [
        reason_of(read_file(path, 1000, NEVER_PULLED))
        for path in (fifo, loop, gone, tmp_path, Path(os.devnull))
    ]
    assert reasons == [
        "cannot be read: not a regular file",
        "cannot be read: Too many levels of symbolic links",
        "cannot be read: No such file or directory",
        "cannot be read: Is a directory",
        "cannot be read: not a regular file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "private.txt"
    path.touch(mode=0)
    assert reason_of(read_file(path, 1000, NEVER_PULLED)) == "cannot be read: Permission denied"


def test_seed_files_are_listed_sorted_and_relative(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.rss", "a/b/c.json", ".hidden.txt", ".git/config.txt", "ä.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert seed_files(tmp_path) == ("a/b/c.json", "a/z.rss", "b.txt", "ä.txt")


def test_a_linked_file_is_listed_and_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "seeds"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").touch()
    (folder / "out").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    assert seed_files(folder) == ("link.txt",)


def test_a_name_that_cannot_be_told_is_passed_over(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (tmp_path / "a.txt").touch()
    assert seed_files(tmp_path) == ("a.txt",)


def test_a_folder_that_is_not_there_has_no_files_and_a_file_is_no_folder(tmp_path: Path) -> None:
    assert seed_files(tmp_path / "seeds") == ()
    (tmp_path / "file").touch()
    told = f"the folder {tmp_path / 'file'} cannot be read: Not a directory"
    assert seed_files(tmp_path / "file") == Failed(reason=told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_below_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "closed").mkdir(mode=0)
    assert isinstance(seed_files(tmp_path), Failed)
