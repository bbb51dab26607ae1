"""What operators are told, and how much each source brings on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table and the index; nothing is told of what was before."""
    op.create_table(
        "notice",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Integer, sa.ForeignKey("source.number")),
        sa.Column("since", sa.Integer),
        sa.Column("said", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_source", "notice", ["source"])
    op.create_index("entry_arrival", "entry", ["source", "first_seen", "withdrawn_at"])
