"""What feeds remember: archives, what left them, and what an operator withdrew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ARCHIVE = 100
"""Stories of an archive, of those that were never cut: the default of `[feeds] archive_size`."""

_NUMBERED = """
    WITH numbered AS (
        SELECT vertical, sequence,
               ROW_NUMBER() OVER (PARTITION BY vertical ORDER BY sequence) AS number
        FROM membership
    )
"""


def upgrade() -> None:
    """Add the tables and columns, and cut what there is into archives."""
    op.create_table(
        "archive",
        sa.Column("vertical", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, primary_key=True),
        sa.Column("stories", sa.Integer, nullable=False),
    )
    op.create_table(
        "open_archive",
        sa.Column("vertical", sa.Text, primary_key=True),
        sa.Column("stories", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "departure",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("vertical", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("left_at", sa.Integer, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_index("departure_archive", "departure", ["vertical", "sequence"])
    op.create_index("departure_newest", "departure", ["vertical", "left_at"])
    op.create_index("membership_archive", "membership", ["vertical", "sequence"])
    now = "CAST(strftime('%s', 'now') AS INTEGER)"
    for table, name in (("story", "changed_at"), ("vertical_state", "remade_at")):
        op.add_column(table, sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        op.execute(f"UPDATE {table} SET {name} = {now}")  # noqa: S608
    flag = sa.Column("by_operator", sa.Boolean, nullable=False, server_default="0")
    op.add_column("story", flag)
    _cut()


def _cut() -> None:
    each = f"number % {_ARCHIVE}"
    op.execute(
        f"INSERT INTO archive {_NUMBERED} "  # noqa: S608
        f"SELECT vertical, sequence, {_ARCHIVE} FROM numbered WHERE {each} = 0"
    )
    op.execute(
        f"INSERT INTO open_archive {_NUMBERED} "  # noqa: S608
        f"SELECT vertical, MAX(number) % {_ARCHIVE}, 0, MAX(sequence) "
        "FROM numbered GROUP BY vertical"
    )
