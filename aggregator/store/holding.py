"""One puller for a store: who holds it, and that a second one is told of the first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from aggregator.errors import StoreError, StoreHeldError


def hold(store: Path) -> IO[str]:
    """The file that says who pulls into this store, held until it is closed.

    Raises:
        StoreHeldError: another process holds it; the text names it.
        StoreError: the file, beside the store, cannot be opened.
    """
    # The kernel lets go of the lock when the process ends, however it ends.
    holding = store.with_name(f"{store.name}.puller")
    try:
        file = holding.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{holding}: cannot be opened ({error.strerror}); check its rights and its folder's"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise StoreHeldError(
            f"{store}: process {holder} already pulls into this store; "
            "stop it first, or start this one with --no-pull"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
