"""Seed files, read like fetches: the same limits, the same results."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from aggregator.fetch.reasons import megabytes
from aggregator.markup import one_line
from aggregator.model import Failed, Fetched, FetchResult, NotModified, SourceState


def read_file(path: Path, limit: int, state: SourceState) -> FetchResult:
    """The bytes of a seed file.

    Args:
        path: the file; a symbolic link is followed.
        limit: the most bytes it may have.
        state: what is remembered of it.

    Returns:
        `Fetched` with the path in its posix form as `url`; `NotModified` when the SHA-256 of the
        bytes is `state.body_hash`; `Failed` with a plain reason for anything that is no regular
        file, is too large, or cannot be read. Nothing is waited for, not even at a FIFO.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                return Failed(reason="cannot be read: not a regular file")
            # A file may grow between the two: what is read counts, too.
            body = file.read(limit + 1) if about.st_size <= limit else None
    except OSError as problem:
        return Failed(reason=f"cannot be read: {problem.strerror}")
    if body is None or len(body) > limit:
        return Failed(reason=f"larger than {megabytes(limit)}, the most that is read")
    if hashlib.sha256(body).digest() == state.body_hash:
        return NotModified()
    return Fetched(url=path.as_posix(), body=body)


def seed_files(folder: Path) -> tuple[str, ...] | Failed:
    """The sorted paths of the files below `folder`, relative to it, in posix form.

    Files and folders whose name begins with a dot are passed over, and so are names that are not
    UTF-8, which could not be told to anybody. Symbolic links to folders are not followed, links to
    files are listed.

    Returns:
        None at all for a folder that is not there. `Failed` when it, or one below it, cannot be
        read: a part of the list would look like seeds that were removed.
    """
    found: list[str] = []
    if not os.path.lexists(folder):
        return ()
    try:
        for at, folders, files in os.walk(folder, onerror=_raise):
            folders[:] = [name for name in folders if _is_listed(name)]
            here = Path(at).relative_to(folder)
            found += [(here / name).as_posix() for name in files if _is_listed(name)]
    except OSError as problem:
        where = one_line(str(problem.filename))
        return Failed(reason=f"the folder {where} cannot be read: {problem.strerror}")
    return tuple(sorted(found))


def _is_listed(name: str) -> bool:
    return not name.startswith(".") and os.fsencode(name).decode("utf-8", "ignore") == name


def _open_at_once(path: str, flags: int) -> int:
    """Opening a FIFO that nobody writes to would block for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _raise(problem: OSError) -> None:
    raise problem
