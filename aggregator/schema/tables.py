"""The tables of the store. Times are whole seconds since 1970, read and written as aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TableClause,
    Text,
    UniqueConstraint,
    column,
    table,
)
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in whole seconds, stored as an integer that sorts and compares."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        """Seconds since 1970 from a datetime."""
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        """A datetime from seconds since 1970."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the store knows of itself: the site's id, and what its feeds were last made with."""

source = Table(
    "source",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    # What the ids of its entries are minted from: frozen, wherever it moves (RFC 4287 4.2.6).
    Column("first_address", Text, nullable=False),
    Column("title", Text),
    # The rules its stories were last shelved by; where they differ, they are shelved anew.
    Column("shelving", Text, nullable=False, server_default=""),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source", ForeignKey("source.number"), primary_key=True),
    # False once config.toml or the seeds folder no longer names it: its stories stay.
    Column("listed", Boolean, nullable=False, server_default="1"),
    # The host and port that will be asked; empty for a seed.
    Column("host", Text, nullable=False, server_default=""),
    Column("moved_to", Text),
    Column("moving_to", Text),
    Column("moving_pulls", Integer, nullable=False, server_default="0"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", LargeBinary),
    Column("given", LargeBinary),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Moment),
    Column("error", Text),
    Column("last_pull_at", Moment),
    Column("last_success_at", Moment),
    Column("next_pull_at", Moment),
    Column("earliest_pull_at", Moment),
    Column("pulled", Boolean, nullable=False, server_default="0"),
    Column("gone", Boolean, nullable=False, server_default="0"),
    # JSON, so that an operator can read it; nothing for none.
    Column("habits", Text),
)
# A tick reads as many rows as are due, however many others there are.
Index(
    "source_state_due",
    source_state.c.next_pull_at,
    sqlite_where=source_state.c.listed,
    postgresql_where=source_state.c.listed,
)

given_out = Table(
    "given_out",
    metadata,
    Column("source", ForeignKey("source.number"), primary_key=True),
    Column("until", Moment, nullable=False),
)
"""The sources that a puller has. Beside their states, which lie scattered among a million."""

host = Table(
    "host",
    metadata,
    Column("name", Text, primary_key=True),
    Column("quiet_until", Moment),
    # Seconds between its sources.
    Column("pace", Float, nullable=False, server_default="0"),
    Column("refusals", Integer, nullable=False, server_default="0"),
)
"""Hosts that refused us, and when they may be asked again."""

story = Table(
    "story",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("page_id", Text, nullable=False, unique=True),
    Column("lead", Integer, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    # When anything of it changed: the Last-Modified of the archives it stands in.
    Column("changed_at", Moment, nullable=False, server_default="0"),
    Column("withdrawn_at", Moment),
    # Withdrawn by the operator, whatever its entries say.
    Column("by_operator", Boolean, nullable=False, server_default="0"),
    # Its row in `findable`: when it last came to stand anywhere or was listed again, and its
    # number (see `rank_of`). None while nothing finds it.
    Column("rank", Integer, index=True),
    # The first story of the news event that it tells of; none where it is that itself.
    Column("event", Integer),
    # The pages and titles of older stories of the event, as they were when it came: JSON.
    Column("related", Text),
    sqlite_autoincrement=True,
)
Index(
    "story_event",
    story.c.event,
    sqlite_where=story.c.event.is_not(None),
    postgresql_where=story.c.event.is_not(None),
)

alias = Table(
    "alias",
    metadata,
    Column("id", Text, primary_key=True),
    Column("page_id", Text, nullable=False, unique=True),
    Column("story", ForeignKey("story.number"), nullable=False, index=True),
    Column("retired_at", Moment, nullable=False),
)
"""Ids that a join retired: they lead to the story that kept its own."""

entry = Table(
    "entry",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", ForeignKey("source.number"), nullable=False),
    Column("key", Text, nullable=False),
    Column("story", ForeignKey("story.number"), nullable=False, index=True),
    Column("address_key", Text, index=True),
    Column("title_key", Text, nullable=False, index=True),
    Column("first_seen", Moment, nullable=False),
    Column("digest", Text, nullable=False),
    # How it came into its story, for those who ask why: a rule of `dedup` and its score.
    Column("withdrawn_at", Moment),
    Column("rule", Text, nullable=False),
    Column("score", Float, nullable=False),
    # The entry that it was found to be the same as.
    Column("matched", Integer),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("source", "key", name="entry_source_key"),
    # What a source brings on a day is counted here: the rows themselves are long.
    Index("entry_arrival", "source", "first_seen", "withdrawn_at"),
)

signature = Table(
    "signature",
    metadata,
    # In the order in which they came, so that who has read some knows which are new.
    Column("sequence", Integer, primary_key=True),
    Column("entry", ForeignKey("entry.number"), nullable=False, unique=True),
    Column("seen_at", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What finds the texts that are like an entry's (see `aggregator.signature`)."""

near = Table(
    "near",
    metadata,
    Column("entry", ForeignKey("entry.number"), primary_key=True),
    Column("other", ForeignKey("entry.number"), primary_key=True, index=True),
    Column("reason", Text, nullable=False),
    Column("score", Float, nullable=False),
)
"""Entries that were not merged though they are alike, and why."""

ruling = Table(
    "ruling",
    metadata,
    Column("one", ForeignKey("entry.number"), primary_key=True),
    Column("other", ForeignKey("entry.number"), primary_key=True, index=True),
    Column("apart", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)
"""What the operator has said of two entries, the lower number first: one story, or two."""

membership = Table(
    "membership",
    metadata,
    # Commit order: append-only and, by SQLite's AUTOINCREMENT, never used again.
    Column("sequence", Integer, primary_key=True),
    Column("story", ForeignKey("story.number"), nullable=False),
    Column("vertical", Text, nullable=False),
    Column("position", Moment, nullable=False),
    # The position, or the time of the last significant revision where that is later.
    Column("listed_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("score", Float, nullable=False),
    UniqueConstraint("story", "vertical", name="membership_story_vertical"),
    Index("membership_window", "vertical", "listed_at", "sequence"),
    Index("membership_archive", "vertical", "sequence"),
    sqlite_autoincrement=True,
)
"""A story stands in a vertical: `sequence` orders the archives, `listed_at` the window."""

notice = Table(
    "notice",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    # The source that it is about, if it is about one.
    Column("source", ForeignKey("source.number"), index=True),
    # Since when that lasts of which it tells.
    Column("since", Moment),
    # In plain words.
    Column("said", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What an operator is told: what breaks, and what recovers."""

departure = Table(
    "departure",
    metadata,
    # That of the membership: it keeps its place in the archive, so that no other row moves up.
    Column("sequence", Integer, primary_key=True),
    Column("vertical", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("left_at", Moment, nullable=False),
    # The story is published nowhere any more; else it stands in other verticals.
    Column("withdrawn", Boolean, nullable=False),
    Index("departure_archive", "vertical", "sequence"),
    Index("departure_newest", "vertical", "left_at"),
)
"""Memberships that ended, with the id under which readers had the story there."""

archive = Table(
    "archive",
    metadata,
    Column("vertical", Text, primary_key=True),
    Column("last", Integer, primary_key=True),
    # How many stories would have filled it: those of a union are counted off by that.
    Column("stories", Integer, nullable=False),
)
"""The closed archives of a vertical (RFC 5005 4), each by the sequence of its last membership."""

open_archive = Table(
    "open_archive",
    metadata,
    Column("vertical", Text, primary_key=True),
    Column("stories", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("last", Integer, nullable=False),
)
"""What has come since the last one was closed: how many, how many bytes, the newest sequence."""

vertical_state = Table(
    "vertical_state",
    metadata,
    Column("vertical", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    # When configuration or program last changed its feeds, archives too.
    Column("remade_at", Moment, nullable=False, server_default="0"),
)
"""`revision` rises with every commit that touches the vertical; `modified_at` (Last-Modified) and
`updated_at` (the feed's `updated`) never fall."""


def _full_text(name: str) -> TableClause:
    found_by = (column(each, Text) for each in ("words", "marks", "spans"))
    return table(name, column("rowid", Integer), *found_by)


findable = _full_text("findable")
"""What each story is found by (FTS5; see `search`), its rank, and the spans of time of that.

A full-text query reads on until it finds something: only what it looks for can bound it.
"""

formerly = _full_text("formerly")
"""What stories were found by until they changed, ended or left: `rowid` tells when, as a rank does.

So that a search whose story has gone is known to have changed, and when.
"""
