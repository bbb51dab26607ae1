"""What pulling remembers: hosts, where a source moved, what it gave, and when it publishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table of hosts."""
    for column in (
        sa.Column("host", sa.Text),
        sa.Column("moved_to", sa.Text),
        sa.Column("moving_to", sa.Text),
        sa.Column("moving_pulls", sa.Integer, nullable=False, server_default="0"),
        sa.Column("given", sa.LargeBinary),
        sa.Column("habits", sa.Text),
    ):
        op.add_column("source_state", column)
    op.create_table(
        "host",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("quiet_until", sa.Integer),
        sa.Column("pace", sa.Float, nullable=False, server_default="0"),
        sa.Column("refusals", sa.Integer, nullable=False, server_default="0"),
    )
