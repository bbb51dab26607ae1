"""What the store remembers of itself, by name."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from aggregator.schema import meta


def remembered(connection: Connection, name: str) -> str | None:
    """What is remembered under this name."""
    kept: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return kept


def remember(connection: Connection, name: str, value: str) -> None:
    """Remember it, instead of what was."""
    if remembered(connection, name) is None:
        connection.execute(insert(meta).values(name=name, value=value))
    connection.execute(update(meta).where(meta.c.name == name).values(value=value))
