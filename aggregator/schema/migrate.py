"""Migrations, run at every start (Alembic), in one transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.schema.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"

HEAD = "0006"
"""The newest revision: a store that has it needs no Alembic, which takes long to import."""


def migrate(engine: Engine) -> None:
    """Bring the store behind a writing `engine` up to this program's schema.

    All steps are one transaction: a crash leaves the store as it was, and of two programs that
    start at once the second finds the work done.

    Raises:
        StoreError: the file cannot be opened or is no store, or a newer program made it.
    """
    try:
        with engine.begin() as connection:
            if _revision(connection) != HEAD:
                _upgrade(connection)
    except DBAPIError as error:
        raise StoreError(
            f"{engine.url.database}: cannot be used as a store ({error.orig}); "
            "check [store] url, the rights of the folder and the room on the disk"
        ) from error


def age(url: str) -> int:
    """Below 0 for a store that an older program made, 0 for one of this schema, else above.

    Raises:
        StoreError: the file is no store.
    """
    engine = open_engine(url, writes=False)
    try:
        with engine.connect() as connection:
            found = _revision(connection) or ""
    except DBAPIError as error:
        raise StoreError(
            f"{engine.url.database}: cannot be used as a store ({error.orig}); check [store] url"
        ) from error
    finally:
        engine.dispose()
    return (found > HEAD) - (found < HEAD)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    current = _revision(connection)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"{connection.engine.url.database}: made by a newer Broadsheet (schema {current}); "
            "run that version, or name another file in [store] url"
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
