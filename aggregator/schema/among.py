"""Statements that read or change the rows among many values, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Executable, Row, Text, bindparam, func, select

_VALUES = func.json_each(bindparam("among", type_=Text)).table_valued("value")

AMONG = select(_VALUES.c.value)
"""What a column is compared with, `column.in_(AMONG)`, in the statements given here.

One parameter, whatever the number of values: as a parameter each, they would be looked through by
the driver and before it, and SQLite takes 32,766 at the most.
"""

FIRST, SECOND = (func.json_extract(_VALUES.c.value, f"$[{number}]") for number in (0, 1))
"""What two columns are compared with where the values are pairs."""

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns no type tells."""


def rows_among(
    connection: Connection,
    statement: Executable,
    values: Collection[int] | Collection[str] | Collection[tuple[int, str]],
    **others: Any,
) -> Iterator[AnyRow]:
    """The rows that the statement finds among the values; none, and no statement, for no values."""
    if values:
        yield from connection.execute(statement, {"among": _written(values), **others})


def change_among(
    connection: Connection,
    statement: Executable,
    values: Collection[int] | Collection[str],
    **others: Any,
) -> None:
    """Run a statement that changes the rows among the values."""
    if values:
        connection.execute(statement, {"among": _written(values), **others})


def _written(values: Collection[object]) -> str:
    return msgspec.json.encode(list(values)).decode()
