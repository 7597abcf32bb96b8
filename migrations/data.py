"""Fill the bookshop: plausible rows, the same every time, and some of them dirty on purpose.

On the command line::

    python -m migrations.data [--at REVISION] [--url URL] [--rows N]

upgrades an empty database to REVISION and loads it.
The default is the bookshop as it stands in production: a few revisions are still to be run.
From Python: `create("sqlite:///shop.db")`.

What is dirty, with the default number of customers (`DIRT` has a query for each):

==================  ==============  =====  =====================================================
name                table           count  what is wrong
==================  ==============  =====  =====================================================
missing-email       customer           37  no email
shared-email        customer           20  emails that two customers have, 8 in other capitals
long-phone          customer           15  a remark in the phone number, beyond 20 characters
one-word-name       customer           25  no last name
padded-name         customer           40  blanks before, behind or within the name
no-publisher        book               25  no publisher
double-review       review             18  a customer reviews the same book twice
orphan-review       review             23  belongs to an order that does not exist
empty-order         orders              9  has no lines
bad-date            legacy_export      31  `sold_on` is not a date
==================  ==============  =====  =====================================================

None of them keeps a revision of the sample from running; each is there for a constraint to come.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, URL, Connection, column, create_engine, insert, inspect, pool, table, text
from sqlalchemy.types import TypeEngine

from migrations.bookshop import Bookshop, Row
from migrations.settings import database_url

TUTORIAL = "1dea5f0a4d27"
"""Where production stands: four revisions below the head."""

ROWS = 3214
"""How many customers there are; everything else grows with them."""


class DatabaseNotEmptyError(RuntimeError):
    """The database that was to be filled has tables already."""


@dataclass(frozen=True)
class Dirt:
    """One kind of dirty rows."""

    name: str
    """What the table above calls it."""

    table: str
    """The table that has it."""

    count: int
    """How many, with the default number of customers."""

    query: str
    """Counts them, in SQL that SQLite, PostgreSQL and MariaDB understand alike.

    It fits the tutorial's revision; names are split later.
    """

    def expected(self, rows: int = ROWS) -> int:
        """Say how many there are among `rows` customers: the share stays the same."""
        return max(1, self.count * rows // ROWS)


DIRT = (
    Dirt("missing-email", "customer", 37, "SELECT count(*) FROM customer WHERE email IS NULL"),
    Dirt(
        "shared-email",
        "customer",
        20,
        "SELECT count(*) FROM (SELECT lower(email) AS e FROM customer WHERE email IS NOT NULL"
        " GROUP BY lower(email) HAVING count(*) > 1) AS shared",
    ),
    Dirt("long-phone", "customer", 15, "SELECT count(*) FROM customer WHERE length(phone) > 20"),
    Dirt("one-word-name", "customer", 25, "SELECT count(*) FROM customer WHERE trim(name) NOT LIKE '% %'"),
    Dirt(
        "padded-name",
        "customer",
        40,
        "SELECT count(*) FROM customer WHERE length(name) <> length(trim(name)) OR name LIKE '%  %'",
    ),
    Dirt("no-publisher", "book", 25, "SELECT count(*) FROM book WHERE publisher_id IS NULL"),
    Dirt(
        "double-review",
        "review",
        18,
        "SELECT count(*) FROM (SELECT book_id, customer_id FROM review WHERE customer_id IS NOT NULL"
        " GROUP BY book_id, customer_id HAVING count(*) > 1) AS doubles",
    ),
    Dirt(
        "orphan-review",
        "review",
        23,
        "SELECT count(*) FROM review WHERE order_id IS NOT NULL AND order_id NOT IN (SELECT id FROM orders)",
    ),
    Dirt("empty-order", "orders", 9, "SELECT count(*) FROM orders WHERE id NOT IN (SELECT order_id FROM order_line)"),
    Dirt("bad-date", "legacy_export", 31, "SELECT count(*) FROM legacy_export WHERE sold_on NOT LIKE '20__-__-__'"),
)
"""Everything that is wrong with the data."""


def create(url: str | URL, revision: str = TUTORIAL, rows: int = ROWS) -> dict[str, int]:
    """Upgrade the empty database at `url` to `revision` and fill it.

    Args:
        url: The database; it has to be there, and to have no tables.
        revision: Where to stop; what is not there yet is left out of the data.
        rows: How many customers; everything else grows with them.

    Returns:
        How many rows each table got, by name.

    Raises:
        DatabaseNotEmptyError: There are tables already. Nothing has been changed.
    """
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _refuse_tables(connection)
    with engine.connect() as connection:
        _upgrade(connection, revision)
    with engine.begin() as connection:
        return _load(connection, Bookshop(rows, {dirt.name: dirt.expected(rows) for dirt in DIRT}).tables())


def _refuse_tables(connection: Connection) -> None:
    """Make sure that nobody's data are mixed with ours."""
    tables = sorted(inspect(connection).get_table_names())
    if tables == ["alembic_version"] and not connection.scalar(text("SELECT count(*) FROM alembic_version")):
        # What `alembic downgrade base` leaves.
        return
    if tables:
        some = ", ".join(tables[:3]) + (", …" if tables[3:] else "")
        where = connection.engine.url.render_as_string(hide_password=True)
        raise DatabaseNotEmptyError(
            f"{where} is not empty: it has {len(tables)} tables ({some}). "
            "The sample goes into an empty database only: empty this one first, or name another."
        )


def _upgrade(connection: Connection, revision: str) -> None:
    """Run the revisions."""
    # Without alembic.ini, env.py leaves the caller's logging alone.
    config = Config()
    # A % would be taken for the beginning of an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _load(connection: Connection, tables: Iterable[tuple[str, list[Row]]]) -> dict[str, int]:
    """Insert what the database has a place for, at whatever revision it is."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    counts = {}
    for name, rows in tables:
        if name in there:
            types = {column["name"]: column["type"] for column in inspector.get_columns(name)}
            _insert(connection, name, types, rows)
            counts[name] = len(rows)
    return counts


def _insert(connection: Connection, name: str, types: dict[str, TypeEngine[Any]], rows: list[Row]) -> None:
    """Insert `rows` into the columns that the table has."""
    # MariaDB keeps JSON in a LONGTEXT, and says so when asked; its driver takes no dict then.
    columns = [column(key, JSON() if isinstance(rows[0][key], dict) else types[key]) for key in rows[0] if key in types]
    keys = [each.key for each in columns]
    connection.execute(insert(table(name, *columns)), [{key: row[key] for key in keys} for row in rows])
    if connection.dialect.name == "postgresql" and "id" in keys:
        # Let its sequence go on counting behind the ids that were given by hand.
        query = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608
        connection.execute(text(query))


def main(arguments: Sequence[str] | None = None) -> int:
    """Create the bookshop from the command line."""
    parser = argparse.ArgumentParser(prog="python -m migrations.data", description="Create the sample bookshop.")
    parser.add_argument("--at", default=TUTORIAL, metavar="REVISION", help="stop here (default: %(default)s)")
    parser.add_argument("--url", help="the database (default: DATABASE_URL, .env, else bookshop.db)")
    parser.add_argument("--rows", type=int, default=ROWS, help="how many customers (default: %(default)s)")
    options = parser.parse_args(arguments)
    url = database_url(options.url)
    try:
        counts = create(url, options.at, options.rows)
    except DatabaseNotEmptyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{sum(counts.values())} rows in {len(counts)} tables, at {options.at}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
