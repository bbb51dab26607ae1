from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from aggregator.errors import StoreError
from aggregator.schema import (
    archive,
    given_out,
    metadata,
    migrate,
    number_of,
    open_archive,
    open_engine,
    rank_of,
    source_state,
    spans_between,
    spans_of,
    story,
    time_of,
    vertical_state,
)
from aggregator.schema.migrate import HEAD, MIGRATIONS


def test_the_migrations_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db", writes=True)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_plain})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def is_plain(name: str | None, kind: str, _: object) -> bool:
    """Whether this is no table for searching, nor one that SQLite keeps for that."""
    return kind != "table" or not (name or "").startswith(("findable", "formerly"))


def test_a_second_migration_changes_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/100%.db", writes=True)
    migrate(engine)
    migrate(engine)
    engine.dispose()


def test_what_an_older_program_stored_of_its_sources_is_kept(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db", writes=True)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for values in ("1, 'https://Gazette.example/feed', 'a', 1", "2, 'seed:kettle.txt', 'b', 0"):
            into = "source (number, address, first_address, listed)"
            connection.execute(text(f"INSERT INTO {into} VALUES ({values})"))
        for values in ("1, 'g', 7, 9", "2, NULL, NULL, NULL"):
            into = "source_state (source, etag, next_pull_at, leased_until)"
            connection.execute(text(f"INSERT INTO {into} VALUES ({values})"))
    migrate(engine)
    with engine.begin() as connection:
        rows = connection.execute(
            select(*source_state.c["source", "listed", "host", "etag"], given_out.c.until)
            .join_from(
                source_state, given_out, source_state.c.source == given_out.c.source, isouter=True
            )
            .order_by(source_state.c.source)
        ).all()
    engine.dispose()
    assert [*map(tuple, rows)] == [
        (1, True, "gazette.example:443", "g", None),
        (2, False, "", None, None),
    ]


def test_what_an_older_program_stored_is_cut_into_archives(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    engine = open_engine(url, writes=True)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number in range(1, 254):
            row = f"{number}, 'urn:x:{number}', 'p{number}', 1, 7, 8, NULL"
            connection.execute(text(f"INSERT INTO story VALUES ({row})"))
            vertical = "all" if number <= 250 else "tech"
            values = f"{number}, {number}, '{vertical}', 7, 7, 'every story', 1.0"
            connection.execute(text(f"INSERT INTO membership VALUES ({values})"))
        connection.execute(text("INSERT INTO vertical_state VALUES ('all', 1, 7, 8)"))
    migrate(engine)
    with engine.begin() as connection:
        archives = connection.execute(select(archive)).all()
        left = connection.execute(select(open_archive).order_by(open_archive.c.last)).all()
        changed = connection.execute(select(story.c.changed_at, story.c.by_operator)).first()
        remade = connection.execute(select(vertical_state.c.remade_at)).scalar_one()
    engine.dispose()
    assert [*map(tuple, archives)] == [("all", 100, 100), ("all", 200, 100)]
    assert [*map(tuple, left)] == [("all", 50, 0, 250), ("tech", 3, 0, 253)]
    assert changed is not None
    assert changed[0] == remade > datetime(2026, 1, 1, tzinfo=UTC)
    assert changed[1] is False


def test_a_store_of_a_newer_program_is_refused_by_name(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db", writes=True)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"store\.db: made by a newer Broadsheet \(schema 9999\)"):
        migrate(engine)
    engine.dispose()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"not a database, but somebody's notes " * 100)
    engine = open_engine(f"sqlite:///{file}", writes=True)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        migrate(engine)
    engine.dispose()
    assert file.read_bytes().startswith(b"not a database")


def test_a_reading_engine_cannot_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    writer = open_engine(url, writes=True)
    migrate(writer)
    reader = open_engine(url, writes=False)
    with reader.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
    writer.dispose()
    reader.dispose()


def test_the_head_that_a_start_compares_with_is_that_of_the_migrations() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


MOMENTS = st.integers(631_152_000, 4_102_444_800).map(lambda at: datetime.fromtimestamp(at, UTC))
RANKS = st.builds(rank_of, MOMENTS, st.integers(0, 2**31 - 1))


@given(RANKS)
def test_a_rank_tells_its_story_and_the_second(rank: int) -> None:
    assert rank_of(time_of(rank), number_of(rank)) == rank


@given(st.lists(RANKS, min_size=3, max_size=3, unique=True))
def test_what_lies_between_two_ranks_lies_in_a_span_between_them(ranks: list[int]) -> None:
    low, rank, high = sorted(ranks)
    for one in (low, rank):
        assert set(spans_of(one).split()) & set(spans_between(low, high))
    assert len(spans_between(low, high)) < 220
