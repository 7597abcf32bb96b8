"""What a revision does, operation by operation, as plain values: what hazards are looked for in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from workbench.results.base import Result

if TYPE_CHECKING:
    from typing_extensions import Self

Source = Literal["operation", "sql", "code"]
Plain = dict[str, Any]
"""The fields of an Operation, a ColumnSpec or a Reference that are not as they are by default, as plain values."""


class _Sparse(Result):
    """Most fields are as they are by default, and those need not travel: the class has them as well."""

    def __getstate__(self) -> dict[str, Any]:
        known = type(self)
        return {name: value for name, value in self.__dict__.items() if value != getattr(known, name, _NONE)}

    @classmethod
    def of(cls, told: Plain) -> Self:
        """With these fields, and all others as they are by default."""
        made = cls.__new__(cls)
        made.__dict__.update(told)  # a frozen dataclass would set each of its forty fields by itself
        return made


_NONE = object()


class Told:
    """Operations as they were told, in plain dicts.

    Thousands of them cost a Plan next to nothing that way; they become Operations when somebody looks at them.
    """

    def __init__(self, plain: tuple[Plain, ...]) -> None:
        self.plain = plain
        self._opened: tuple[Operation, ...] | None = None

    @property
    def opened(self) -> tuple[Operation, ...]:
        """The Operations."""
        if self._opened is None:
            self._opened = tuple([_operation({**each, "at": at}) for at, each in enumerate(self.plain)])
        return self._opened

    def __reduce__(self) -> tuple[type[Told], tuple[Any, ...]]:
        return Told, (self.plain,)


class Opening:
    """The field `operations` of a frozen dataclass: it may be given as Told, and is read as a tuple of Operation."""

    def __get__(self, instance: Any, _owner: type) -> tuple[Operation, ...]:
        if instance is None:
            return ()  # the field's default, as `dataclass` asks for it
        told = instance.__dict__.get("operations", ())
        return told.opened if isinstance(told, Told) else told

    def __set__(self, instance: Any, value: tuple[Operation, ...] | Told) -> None:
        # `dataclass` calls it from __init__; whoever else assigns is refused before, since the class is frozen.
        instance.__dict__["operations"] = value


@dataclass(frozen=True, repr=False)
class Reference(Result):
    """A foreign key that a column carries itself."""

    table: str
    columns: tuple[str, ...]
    schema: str = ""
    """Empty for the default schema."""
    on_delete: str = ""
    name: str = ""


@dataclass(frozen=True, repr=False)
class ColumnSpec(_Sparse):
    """A column as an operation declares it; of an `alter_column` what it sets, the rest is None or empty."""

    name: str
    type: str = ""
    """As DDL in the server's dialect: `VARCHAR(40)`; empty where none is given, or it cannot be written."""
    nullable: bool | None = None
    default: str | None = None
    """The server's default as SQL; None where there is none."""
    client_default: bool = False
    """It has a Python-side default, which DDL does not know of."""
    primary_key: bool = False
    unique: bool = False
    index: bool = False
    autoincrement: bool = False
    """SERIAL, AUTO_INCREMENT, or SQLite's rowid: the database itself gives a value."""
    identity: bool = False
    """`GENERATED … AS IDENTITY`."""
    computed: str | None = None
    """The expression of a generated column."""
    persisted: bool | None = None
    """Of a generated column: STORED; None where the database decides."""
    enum: tuple[str, ...] | None = None
    """The labels of an Enum, in their order."""
    enum_name: str = ""
    """The name of its type, or of its CHECK."""
    enum_native: bool = False
    """It is a type of the database's own (PostgreSQL), or written into the column's type (MySQL)."""
    enum_created: bool = False
    """PostgreSQL: `create_type` allows the operation to make the type."""
    enum_checked: bool = False
    """A CHECK comes with it that lists the labels."""
    boolean_checked: bool = False
    """A CHECK comes with it that allows 0 and 1."""
    checks: tuple[str, ...] = ()
    """The conditions of the CHECK constraints that are declared with it."""
    references: tuple[Reference, ...] = ()
    collation: str = ""
    comment: str | None = None
    timezone: bool | None = None
    """Of a date with time: with a time zone."""

    def __repr__(self) -> str:
        return f"ColumnSpec({self.name} {self.type})"


@dataclass(frozen=True, repr=False)
class Operation(_Sparse):
    """One operation of one step. Its kinds are Alembic's names; what only raw SQL can do has names of its own."""

    kind: str
    """Alembic's: `create_table`, `drop_table`, `rename_table`, `add_column`, `drop_column`, `alter_column`,
    `create_index`, `drop_index`, `create_unique_constraint`, `create_primary_key`, `create_foreign_key`,
    `create_check_constraint`, `create_exclude_constraint`, `drop_constraint`, `create_table_comment`,
    `drop_table_comment`, `bulk_insert`.

    Of raw SQL also: `insert`, `update`, `delete`, `truncate`, `create_view`, `drop_view`, `create_type`, `drop_type`,
    `add_enum_value`, `rename_enum_value`, `validate_constraint`, `create_trigger`, `drop_trigger`, `create_function`,
    `drop_schema`, `drop_database`, `rename_schema`, `set` (`name` is the setting), `pragma` (the same), `lock_table`,
    `refresh_view`, `reindex`, `vacuum`, `cluster`, `alter_table` (another action of it, in `text`),
    `attach_partition`, `detach_partition`, `create_partition`, `select`, `transaction` (`name`: BEGIN, COMMIT,
    ROLLBACK, SAVEPOINT), `grant`, `comment`, and `sql`: text that could not be understood.
    `autocommit` and `autocommit_end` mark where an `autocommit_block()` begins and ends.
    """
    schema: str = ""
    """Empty for the default schema."""
    table: str = ""
    name: str = ""
    """The column, index, constraint, view, type or setting; of a constraint or an index the name that it has in the
    database, whatever a naming convention makes of the one in the code.
    """
    new_name: str = ""
    """Of a rename, what it is called afterwards."""
    column: ColumnSpec | None = None
    """Of `add_column` the column; of `alter_column` what is set."""
    existing: ColumnSpec | None = None
    """Of `alter_column` what its `existing_*` arguments say."""
    existing_given: tuple[str, ...] = ()
    """Which of them are given: `type`, `nullable`, `server_default`, `comment`, `autoincrement`."""
    sets: tuple[str, ...] = ()
    """Of `alter_column` what it sets: `type`, `nullable`, `server_default`, `name`, `comment`, `autoincrement`."""
    columns: tuple[ColumnSpec, ...] = ()
    """Of `create_table`."""
    parts: tuple[Operation, ...] = ()
    """Of `create_table` its constraints and indexes, each as the operation that would make it alone; of a raw
    ALTER TABLE with several actions it is not used: each action is an Operation."""
    on: tuple[str, ...] = ()
    """Columns of an index or a constraint, in order; of an index also expressions, as SQL."""
    on_expressions: bool = False
    """Some of `on` are expressions, not names."""
    referred_schema: str = ""
    referred_table: str = ""
    referred_columns: tuple[str, ...] = ()
    on_delete: str = ""
    unique: bool = False
    expression: str = ""
    """Of a CHECK its condition; of an UPDATE or DELETE its WHERE; of a view its query; SQL."""
    where: str = ""
    """Of a partial index its condition."""
    labels: tuple[str, ...] = ()
    """Of `create_type` and of enum values: the labels."""
    constraint_type: str = ""
    """Of `drop_constraint` what `type_=` says."""
    options: tuple[tuple[str, str], ...] = ()
    """What is said for one dialect, sorted: (`postgresql_concurrently`, `True`), (`postgresql_using`, `a::int`)."""
    conditional: bool = False
    """`if_exists`, `if_not_exists`, `IF EXISTS`, `IF NOT EXISTS`."""
    cascade: bool = False
    """Raw SQL: CASCADE."""
    concurrently: bool = False
    not_valid: bool = False
    inline_references: bool = False
    final: bool = False
    """A naming convention has made its name, or `op.f()` says that none may: code that repeats it says `op.f()`."""
    batch: str = ""
    """What `recreate=` of its batch says (`auto`, `always`, `never`); empty outside a batch."""
    recreates: bool = False
    """Its batch makes the table anew and copies the rows."""
    autocommit: bool = False
    """It runs inside an `autocommit_block()`."""
    line: int = 0
    """Of the revision's file; 0 if not known."""
    sql: tuple[str, ...] = ()
    """The statements that it writes, or is."""
    first: int = -1
    """The first of them among the step's statements; -1 where there are none."""
    rows: int | None = None
    """Of `bulk_insert`: how many."""
    source: Source = "operation"
    """`operation`: heard from Alembic; `sql`: read from raw SQL; `code`: read from the file, which could not run."""
    sure: bool = True
    """False where it stands in a branch of code that was only read."""
    at: int = field(default=-1, compare=False)
    """Which of the step's operations it is, by index; -1 if not known, and of a part of a text of raw SQL."""

    @property
    def qualified(self) -> str:
        """`schema.table.name`, as far as there is one of each."""
        return ".".join(each for each in (self.schema, self.table, self.name) if each)

    def option(self, name: str) -> str:
        """The value of an option of a dialect's own, empty if it is not given."""
        return dict(self.options).get(name, "")

    def __repr__(self) -> str:
        return f"Operation({self.kind} {self.qualified or self.new_name})"


def _operation(told: Plain) -> Operation:
    made = dict(told)
    for name in ("column", "existing"):
        if name in made:
            made[name] = _column(made[name])
    if "columns" in made:
        made["columns"] = tuple([_column(each) for each in made["columns"]])
    if "parts" in made:
        made["parts"] = tuple([_operation(each) for each in made["parts"]])
    return Operation.of(made)


def _column(told: Plain) -> ColumnSpec:
    if "references" in told:
        told = {**told, "references": tuple([Reference(**each) for each in told["references"]])}
    return ColumnSpec.of(told)
