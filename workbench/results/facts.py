"""What is so on one database, on the very connection that a migration would use."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.results.base import Result


@dataclass(frozen=True, repr=False)
class Measure(Result):
    """How large a table is, as far as it can be said without counting."""

    schema: str
    """Empty for the default schema."""
    table: str
    rows: int | None = None
    """The database's own estimate, None where it has none."""
    size: int | None = None
    """Bytes with its indexes, None where the database does not tell."""
    is_empty: bool | None = None
    """Asked with EXISTS; None where it could not be."""
    last_key: int | None = None
    """The last value that the sequence of its integer key has given away; None where there is none, and on SQLite."""

    def __repr__(self) -> str:
        return f"Measure({self.table}, {self.rows} rows, {self.size} bytes)"


@dataclass(frozen=True, repr=False)
class Dependent(Result):
    """Something that keeps a table, a view or a column from being dropped, as PostgreSQL's catalogue says."""

    schema: str
    """Of what it depends on; empty for the default schema."""
    table: str
    """The table or view that it depends on."""
    column: str
    """The column; empty where it is the table as a whole."""
    kind: str
    """`view`, `materialized view`, `trigger`, `policy`, `foreign key`, `function`, `generated column`."""
    name: str
    owner: str = ""
    """The table that it belongs to; of a view the view itself."""
    owner_schema: str = ""

    def __repr__(self) -> str:
        return f"Dependent({self.kind} {self.name} on {self.table}{'.' + self.column if self.column else ''})"


@dataclass(frozen=True, repr=False)
class Facts(Result):
    """What decides whether an operation is a hazard here, besides the schema and the rows."""

    database: str
    """Its name, as in `Database.name`."""
    dialect: str
    """`sqlite`, `postgresql`, `mysql` or `mariadb`."""
    version: tuple[int, ...] = ()
    """Of the server; of SQLite's library. Empty where nothing is known."""
    settings: tuple[tuple[str, str], ...] = ()
    """Pairs of (name, value): `TimeZone`, `lock_timeout`, `statement_timeout` (PostgreSQL); `sql_mode`,
    `lock_wait_timeout`, `foreign_key_checks` (MariaDB, MySQL); `foreign_keys`, `legacy_alter_table` (SQLite)."""
    transactional_ddl: bool = False
    """What Alembic believes: False for SQLite and MySQL."""
    transaction_per_migration: bool = False
    """Each revision has a transaction of its own; otherwise all that are pending share one."""
    named_constraints: bool = False
    """The models have a naming convention, so that unnamed constraints get names."""
    measures: tuple[Measure, ...] = ()
    """Of the tables that were asked for and are there."""
    volatile: tuple[str, ...] = ()
    """PostgreSQL: of the functions that were asked for, those declared volatile; see `functions`."""
    dependents: tuple[Dependent, ...] = ()
    """PostgreSQL: what depends on tables, views and columns, whichever they are."""
    functions: tuple[str, ...] = ()
    """Those that exist, of those that were asked for."""

    def setting(self, name: str, default: str = "") -> str:
        """The value of a setting, `default` if it is not known."""
        return dict(self.settings).get(name, default)

    def __repr__(self) -> str:
        return f"Facts({self.database}, {self.dialect} {'.'.join(map(str, self.version))})"
