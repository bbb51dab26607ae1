"""What stories are found by. Those that there are get their rows at the start of a service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# All that is no ASCII counts as part of a word: the words are our own, with a space between them.
_WORDS = "words, marks, spans, columnsize=0, tokenize=\"ascii tokenchars '_-'\""


def upgrade() -> None:
    """Add the two tables, and the place of each story in the first."""
    op.add_column("story", sa.Column("rank", sa.Integer))
    op.create_index("ix_story_rank", "story", ["rank"])
    op.execute(f"CREATE VIRTUAL TABLE findable USING fts5({_WORDS})")
    # A commit of many stories is written at once and not in parts that have to be merged: a seventh
    # of the cost of a story.
    op.execute("INSERT INTO findable (findable, rank) VALUES ('hashsize', 8000000)")
    # Nothing is ever read from it but which rows there are.
    op.execute(f"CREATE VIRTUAL TABLE formerly USING fts5({_WORDS}, content='')")
