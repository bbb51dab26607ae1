"""What pulling remembers: hosts, where a source moved, what it gave, and when it publishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator import urls

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables, and the index that a tick finds the due sources by."""
    for column in (
        sa.Column("listed", sa.Boolean, nullable=False, server_default="1"),
        sa.Column("host", sa.Text, nullable=False, server_default=""),
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
    op.create_table(
        "given_out",
        sa.Column("source", sa.Integer, sa.ForeignKey("source.number"), primary_key=True),
        sa.Column("until", sa.Integer, nullable=False),
    )
    _fill()
    op.drop_index("source_state_due", "source_state")
    op.create_index(
        "source_state_due", "source_state", ["next_pull_at"], sqlite_where=sa.text("listed = 1")
    )
    op.drop_column("source_state", "leased_until")
    op.drop_column("source", "listed")


def _fill() -> None:
    connection = op.get_bind()
    state = sa.table("source_state", *map(sa.column, ("source", "listed", "host")))
    source = sa.table("source", *map(sa.column, ("number", "address", "listed")))
    known = [
        {"of": number, "is_listed": listed, "asked": urls.host_and_port(address)}
        for number, address, listed in connection.execute(sa.select(source))
    ]
    if known:
        filled = sa.update(state).where(state.c.source == sa.bindparam("of"))
        values: dict[str, object] = {
            "listed": sa.bindparam("is_listed"),
            "host": sa.bindparam("asked"),
        }
        connection.execute(filled.values(values), known)
