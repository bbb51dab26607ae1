"""The one way to a connection: pragmas and transactions that behave."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE = "sqlite:///"

BUSY_MS = 30_000

READS: Final = {"reads": True}
"""Options of a connection that does not write, on an engine that does."""


def open_engine(url: str, *, writes: bool) -> Engine:
    """An engine on the store at `url`, an absolute SQLite address.

    Connections run in WAL mode, so that readers never wait for the writer. With `writes` every
    transaction begins with BEGIN IMMEDIATE: what it reads to decide by cannot change under it;
    but for those of a connection with the options `READS`. Without, connections are query-only.
    """
    # Not parsed as a URL: a folder's name may hold what an address cannot.
    where = URL.create("sqlite", database=url.removeprefix(SQLITE))
    engine = create_engine(
        where, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions begin late and not for reads; ours begin where we say.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        if writes:
            # A first pull of a thousand sources writes 100 MB: with the 2 and 4 MB of SQLite itself
            # the same pages are written again and again.
            cursor.execute("PRAGMA cache_size=-8000")
            cursor.execute("PRAGMA wal_autocheckpoint=4000")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        waits = writes and not connection.get_execution_options().keys() & READS
        connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")

    return engine
