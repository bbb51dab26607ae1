"""Whether anything has changed in the store, whoever changed it."""

from __future__ import annotations

import sqlite3
import threading
from typing import cast

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.schema import vertical_state

_REVISIONS = select(vertical_state.c.vertical, vertical_state.c.revision)


class Changes:
    """Looks for commits, over a connection of its own. One thread looks at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._version: object = None

    def close(self) -> None:
        """Let go of the connection, and of what was seen."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection, self._version = None, None

    def revisions(self) -> dict[str, int] | None:
        """The revision of every vertical, if there was a commit since the last call.

        Raises:
            StoreError: the store cannot be read.
        """
        try:
            return self._revisions()
        except (sqlite3.Error, DBAPIError) as error:
            with self._lock:  # the next call tries another one
                self._connection, self._version = None, None
            raise StoreError(
                f"{self._engine.url.database}: cannot be read ({error}); "
                "check the file and its rights"
            ) from error

    def _revisions(self) -> dict[str, int] | None:
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.connect()
            # It differs after a commit by any other connection, of any process: a number in memory
            # that all of them share.
            driver = cast("sqlite3.Connection", self._connection.connection.driver_connection)
            (version,) = driver.execute("PRAGMA data_version").fetchone()
            if version == self._version:
                return None
            with self._connection.begin():
                found = self._connection.execute(_REVISIONS).all()
            self._version = version
            return {row.vertical: row.revision for row in found}
