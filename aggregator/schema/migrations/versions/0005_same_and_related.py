"""What finds copies and related stories, what nearly merged, and what the operator has ruled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables and columns; what is there already is compared by its addresses alone."""
    op.add_column("entry", sa.Column("matched", sa.Integer))
    op.add_column("story", sa.Column("event", sa.Integer))
    op.add_column("story", sa.Column("related", sa.Text))
    op.create_index("story_event", "story", ["event"], sqlite_where=sa.text("event IS NOT NULL"))
    op.create_table(
        "signature",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("entry", sa.Integer, sa.ForeignKey("entry.number"), nullable=False, unique=True),
        sa.Column("seen_at", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "near",
        sa.Column("entry", sa.Integer, sa.ForeignKey("entry.number"), primary_key=True),
        sa.Column("other", sa.Integer, sa.ForeignKey("entry.number"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
    )
    op.create_index("ix_near_other", "near", ["other"])
    op.create_table(
        "ruling",
        sa.Column("one", sa.Integer, sa.ForeignKey("entry.number"), primary_key=True),
        sa.Column("other", sa.Integer, sa.ForeignKey("entry.number"), primary_key=True),
        sa.Column("apart", sa.Boolean, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("ix_ruling_other", "ruling", ["other"])
