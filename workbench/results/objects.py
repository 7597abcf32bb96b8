"""What a schema consists of: tables with their columns, constraints and indexes, views, and everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import UnsupportedRequest
from workbench.results.base import Result, origin_of

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("table", "partitioned table", "foreign table", "virtual table")
"""The kinds of a Table."""
VIEWS = ("view", "materialized view")
"""The kinds of a View."""


@dataclass(frozen=True, repr=False)
class Column(Result):
    """A column of a table or a view."""

    name: str
    type: str
    """As the database itself writes it: `character varying(40)`, `VARCHAR(40)`, `varchar(40)`."""
    nullable: bool = True
    default: str | None = None
    """The server's default as SQL; None where there is none, and of generated columns."""
    primary_key: bool = False
    comment: str | None = None
    collation: str | None = None
    """Only where it is not the one that the column would have by itself."""
    generated: str | None = None
    """`(price * 2) STORED`: the expression, and `STORED` or `VIRTUAL`."""
    identity: str | None = None
    """`ALWAYS` or `BY DEFAULT` (PostgreSQL), `AUTO_INCREMENT` (MySQL, MariaDB)."""
    extra: str = ""
    """What else its definition says: `on update current_timestamp()`."""

    @property
    def kind(self) -> str:
        """Its type with everything but nullability and default: `VARCHAR(40) COLLATE NOCASE`."""
        words = [self.type]
        if self.collation:
            words.append(f"COLLATE {self.collation}")
        if self.identity:
            is_standard = self.identity in {"ALWAYS", "BY DEFAULT"}
            words.append(f"GENERATED {self.identity} AS IDENTITY" if is_standard else self.identity)
        if self.generated:
            words.append(f"GENERATED ALWAYS AS {self.generated}")
        return " ".join([*words, self.extra] if self.extra else words)

    @property
    def definition(self) -> str:
        """`VARCHAR(40) NOT NULL DEFAULT 'x'`."""
        words = [self.kind]
        if not self.nullable:
            words.append("NOT NULL")
        if self.default is not None:
            words.append(f"DEFAULT {self.default}")
        return " ".join(words)

    def __repr__(self) -> str:
        return f"Column({self.name} {self.definition})"


@dataclass(frozen=True, repr=False)
class Constraint(Result):
    """A primary key, a foreign key, a unique, check or exclude constraint."""

    kind: str
    """`primary key`, `foreign key`, `unique`, `check`, `exclude`."""
    name: str
    """Empty where the database keeps none (SQLite)."""
    columns: tuple[str, ...]
    """The columns that it names, in its order; of a check constraint none need be known."""
    definition: str
    """`UNIQUE (a, b)`, `FOREIGN KEY (a) REFERENCES b (c) ON DELETE CASCADE`, `CHECK (…)`, in the database's words."""
    comment: str | None = None
    referred_schema: str | None = None
    """None for the default schema, as of tables."""
    referred_table: str = ""
    """Of a foreign key: the table that it leads to."""
    referred_columns: tuple[str, ...] = ()
    on_delete: str = ""
    """`CASCADE`, `SET NULL`, …; empty for no action."""
    on_update: str = ""

    def __repr__(self) -> str:
        return f"Constraint({self.name + ': ' if self.name else ''}{self.definition})"


@dataclass(frozen=True, repr=False)
class Index(Result):
    """An index that is not merely the other side of a primary key or unique constraint."""

    name: str
    expressions: tuple[str, ...]
    """What is indexed, in order: names of columns, or expressions as SQL."""
    definition: str
    """All of it, in the database's own words."""
    unique: bool = False
    method: str = ""
    """`gin`, `hash`, `FULLTEXT`; empty for the ordinary one."""
    where: str | None = None
    """The condition of a partial index."""
    include: tuple[str, ...] = ()
    """Columns that it carries without being ordered by them."""
    is_valid: bool = True
    """False: a failed CREATE INDEX CONCURRENTLY has left it behind."""
    comment: str | None = None

    def __repr__(self) -> str:
        return f"Index({self.name} on {', '.join(self.expressions)})"


@dataclass(frozen=True, repr=False)
class SchemaObject(Result):
    """Anything in a schema that has a name and a definition: an enum, a trigger, a sequence, a function."""

    kind: str
    """`schema`, `extension`, `enum`, `composite type`, `range type`, `domain`, `sequence`, `function`, `procedure`,
    `trigger`, `policy`, `rule`, `event`, `event trigger`, `statistics`; of a Table and a View see there."""
    name: str
    schema: str | None = None
    """None for the default schema, as with SQLAlchemy."""
    table: str = ""
    """The table (or view) that it belongs to: of triggers, policies and rules."""
    definition: str = ""
    """In the database's own words; of an enum its values in their order, `'a', 'b'`."""
    comment: str | None = None
    database: str = ""
    """The name of the database that it is in; it tells several of one env.py apart."""

    @property
    def qualified(self) -> str:
        """`schema.name`, or `name` alone in the default schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kind} {self.qualified})"


@dataclass(frozen=True, repr=False)
class Table(SchemaObject):
    """A table. Its `kind` is one of TABLES; its `definition` what it has beside its parts: `WITHOUT ROWID`."""

    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    """The primary key first, then by kind and name."""
    indexes: tuple[Index, ...] = ()
    """By name."""
    rows: int | None = None
    """How many rows it has; None where that was not asked, or is not known."""
    rows_estimated: bool = False
    """The database's own estimate: it may be far off."""
    size: int | None = None
    """Bytes, with its indexes (on PostgreSQL as large as last counted); None where the database does not tell."""

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order; empty if there is none."""
        return next((each.columns for each in self.constraints if each.kind == "primary key"), ())

    @property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        """The foreign keys that lead away from it."""
        return tuple(each for each in self.constraints if each.kind == "foreign key")

    def first_rows(self, count: int = 5) -> pd.DataFrame:
        """The first rows of a live table, as the database gives them.

        Raises:
            UnsupportedRequest: It is no table of a live database, or was unpickled.

        """
        if self.rows is None and "_origin" not in self.__dict__:  # a live one may not tell how many it has
            raise UnsupportedRequest(
                f"Only a table of the live database has rows to look at; this {self.name} is not read from there.",
                f'Ask wb.schema().table("{self.name}") for it.',
            )
        frame: pd.DataFrame = origin_of(self).first_rows(self, count)
        return frame


@dataclass(frozen=True, repr=False)
class View(SchemaObject):
    """A view. Its `kind` is one of VIEWS; its `definition` its text."""

    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    """Of a materialized view."""
