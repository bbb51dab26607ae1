"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _sources()
    _stories()
    _verticals()


def _sources() -> None:
    op.create_table(
        "source",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("address", sa.Text, nullable=False, unique=True),
        sa.Column("first_address", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("shelving", sa.Text, nullable=False, server_default=""),
        sa.Column("listed", sa.Boolean, nullable=False, server_default="1"),
    )
    op.create_table(
        "source_state",
        sa.Column("source", sa.Integer, sa.ForeignKey("source.number"), primary_key=True),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.LargeBinary),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failing_since", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("last_pull_at", sa.Integer),
        sa.Column("last_success_at", sa.Integer),
        sa.Column("next_pull_at", sa.Integer),
        sa.Column("earliest_pull_at", sa.Integer),
        sa.Column("leased_until", sa.Integer),
        sa.Column("pulled", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("gone", sa.Boolean, nullable=False, server_default="0"),
    )
    op.create_index("source_state_due", "source_state", ["next_pull_at"])


def _stories() -> None:
    op.create_table(
        "story",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("page_id", sa.Text, nullable=False, unique=True),
        sa.Column("lead", sa.Integer, nullable=False),
        sa.Column("first_seen", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sa.Column("withdrawn_at", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alias",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("page_id", sa.Text, nullable=False, unique=True),
        sa.Column("story", sa.Integer, sa.ForeignKey("story.number"), nullable=False, index=True),
        sa.Column("retired_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "entry",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("source", sa.Integer, sa.ForeignKey("source.number"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("story", sa.Integer, sa.ForeignKey("story.number"), nullable=False, index=True),
        sa.Column("address_key", sa.Text, index=True),
        sa.Column("title_key", sa.Text, nullable=False, index=True),
        sa.Column("first_seen", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.Integer),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("source", "key", name="entry_source_key"),
    )


def _verticals() -> None:
    op.create_table(
        "membership",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("story", sa.Integer, sa.ForeignKey("story.number"), nullable=False),
        sa.Column("vertical", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("listed_at", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.UniqueConstraint("story", "vertical", name="membership_story_vertical"),
        sqlite_autoincrement=True,
    )
    op.create_index("membership_window", "membership", ["vertical", "listed_at", "sequence"])
    op.create_table(
        "vertical_state",
        sa.Column("vertical", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("modified_at", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.Integer, nullable=False),
    )
