"""Migrations, run at every start (Alembic), in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Bring the store behind a writing `engine` up to this program's schema.

    All steps are one transaction: a crash leaves the store as it was, and of two programs that
    start at once the second finds the work done.

    Raises:
        StoreError: the file cannot be opened or is no store, or a newer program made it.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    try:
        with engine.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in known:
                raise StoreError(
                    f"{engine.url.database}: made by a newer Broadsheet (schema {current}); "
                    "run that version, or name another file in [store] url"
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise StoreError(
            f"{engine.url.database}: cannot be used as a store ({error.orig}); "
            "check [store] url, the rights of the folder and the room on the disk"
        ) from error
