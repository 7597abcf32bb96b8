"""What Alembic runs, for every command that needs the database or the models.

This is Alembic's own generic template with four additions, each with its reason beside it:
where the URL comes from, a connection lent by a caller, batch mode, and one index.
"""

from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from migrations.models import COMPARED_ON, Base
from migrations.settings import database_url

config = context.config

# Alembic's logging section, without silencing the loggers that are already there:
# this may be running inside somebody else's process.
if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

target_metadata = Base.metadata

# alembic.ini has no URL; one that is set nevertheless was set by a program, on purpose.
url = database_url(config.get_main_option("sqlalchemy.url"))


def include_object(obj: Any, _name: str | None, _type: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave out what this database cannot have or show, so that it is not proposed for ever."""
    dialects = obj.info.get(COMPARED_ON)
    return dialects is None or context.get_context().dialect.name in dialects


OPTIONS: dict[str, Any] = {
    "target_metadata": target_metadata,
    "include_object": include_object,
    # SQLite has no ALTER COLUMN: revisions written for it have to copy the table.
    "render_as_batch": url.get_backend_name() == "sqlite",
    # compare_server_default stays off: on MariaDB `true` comes back as `1` and `now()` as
    # `current_timestamp()`, and each would be a difference that is none.
}


def run_migrations_offline() -> None:
    """Write SQL to the screen (`--sql`): no connection, not even a driver."""
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    """Run the revisions on a connection."""
    lent = config.attributes.get("connection")
    if lent is not None:
        # A caller that has a connection already, such as migrations.data.
        run_on(lent)
        return
    # One connection, then nothing: Alembic needs no pool.
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        run_on(connection)


def run_on(connection: Connection) -> None:
    """Run the revisions on `connection`."""
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
