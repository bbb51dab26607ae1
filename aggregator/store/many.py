"""Statements that are run for thousands of rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, Delete, Insert, Update

Row = Mapping[str, object]


class Many:
    """A statement that is run once for each of many rows.

    It is compiled once, and the driver gets its rows as they are: to look at each value of each row
    again takes as long as to write it. So a row holds what the table holds, whole seconds and not a
    datetime, under the names of the parameters.
    """

    def __init__(self, statement: Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Sequence[str]]] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it; nothing is run for no rows."""
        if not rows:
            return
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled = self._statement.compile(dialect=dialect, column_keys=list(rows[0]))
            self._compiled[dialect.name] = str(compiled), compiled.positiontup or ()
        text, order = self._compiled[dialect.name]
        values = [*map(itemgetter(*order), rows)]
        # Of one name alone itemgetter gives no tuple.
        connection.exec_driver_sql(text, values if len(order) > 1 else [(one,) for one in values])
