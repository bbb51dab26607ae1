"""Statements that read or change the rows among many values, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Executable, Row, bindparam

AMONG: BindParameter[Sequence[Any]] = bindparam("among", expanding=True)
"""What a column is compared with, `column.in_(AMONG)`, in the statements given here."""

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns no type tells."""

_AT_ONCE = 5000
"""SQLite takes 32,766 values in a statement, PostgreSQL's driver 65,535."""


def rows_among(
    connection: Connection, statement: Executable, values: Collection[Any], **others: Any
) -> Iterator[AnyRow]:
    """The rows that the statement finds among the values; none, and no statement, for no values."""
    for some in _parts(values):
        yield from connection.execute(statement, {"among": some, **others})


def change_among(
    connection: Connection, statement: Executable, values: Collection[Any], **others: Any
) -> None:
    """Run a statement that changes the rows among the values."""
    for some in _parts(values):
        connection.execute(statement, {"among": some, **others})


def _parts(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
