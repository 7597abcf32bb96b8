"""What the operations of the pending steps have set so far, beside tables and columns: settings, types, filled rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.hazards.late import exp, sqlglot
from workbench.hazards.reading.names import SQLGLOT
from workbench.results.operations import ColumnSpec, Operation

_Place = tuple[str, str, str]
"""(schema, table, column or constraint), small where the dialect does not tell them apart."""


ELSEWHERE = {"GLOBAL", "PERSIST", "PERSIST_ONLY"}
"""Of a SET on MariaDB and MySQL: it is for sessions that begin later, not for this one."""


@dataclass
class Course:
    """Noted operation by operation."""

    dialect: str
    settings: dict[str, str] = field(default_factory=dict)
    """What SET and PRAGMA have set, by name in small letters."""
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """PostgreSQL: by name the labels of the types that pending revisions make; () where they are not known."""
    added: dict[_Place, ColumnSpec] = field(default_factory=dict)
    """The columns that are added."""
    defaults: dict[_Place, str | None] = field(default_factory=dict)
    """The server's defaults that are set, None for one that is dropped."""
    filled: set[_Place] = field(default_factory=set)
    """Columns that an UPDATE leaves without a NULL."""
    copied: set[_Place] = field(default_factory=set)
    """Columns whose values an UPDATE or INSERT has read to write them elsewhere."""
    read: set[_Place] = field(default_factory=set)
    """Columns whose values the code of a revision has asked for; `*` for all of a table."""
    moved: set[_Place] = field(default_factory=set)
    """Those of them that it may have written elsewhere: it has written something since."""
    dropped: set[_Place] = field(default_factory=set)
    """Constraints that are dropped."""
    keyless: set[tuple[str, str]] = field(default_factory=set)
    """Tables whose primary key is dropped."""

    def place(self, schema: str, table: str, name: str) -> _Place:
        """The key of a column or constraint in these dictionaries."""
        if self.dialect == "postgresql":
            return schema, table, name
        return schema.casefold(), table.casefold(), name.casefold()

    def is_moved(self, schema: str, table: str, name: str = "") -> bool:
        """Whether code has asked for the values of the column, or of any column of the table, and written since."""
        here = self.place(schema, table, name)
        told = {each[2] for each in self.moved if each[:2] == here[:2]}
        return bool(told & {here[2], "*"} if name else told)

    def after(self, op: Operation) -> None:  # noqa: C901 - a table of cases
        """Note what an operation does."""
        at = self.place(op.schema, op.table, op.name)
        if op.kind in {"insert", "bulk_insert", "update"}:
            self.moved |= self.read
        if op.kind in {"set", "pragma"} and op.where not in ELSEWHERE:
            self.settings[op.name.rpartition(".")[2].lower()] = op.expression
        elif op.kind == "create_type":
            self.types[op.name] = op.labels
        elif op.kind == "add_column" and op.column is not None:
            self.added[at] = op.column
        elif op.kind == "alter_column" and op.column is not None:
            if "server_default" in op.sets:
                self.defaults[self.place(op.schema, op.table, op.new_name or op.name)] = op.column.default
            if op.new_name:
                self._rename(at, self.place(op.schema, op.table, op.new_name))
        elif op.kind == "drop_constraint":
            self.dropped.add(at)
            if op.constraint_type == "primary" or op.name.casefold().endswith("_pkey"):
                self.keyless.add(at[:2])
        elif op.kind in {"insert", "bulk_insert"}:
            self.filled = {each for each in self.filled if each[:2] != at[:2]}
            self._read(op)
        elif op.kind == "update":
            self._updated(op)
        elif op.kind == "select" and op.source == "code":
            self._asked(op)

    def _rename(self, old: _Place, new: _Place) -> None:
        if old in self.added:
            self.added[new] = self.added.pop(old)
        if old in self.filled:
            self.filled.discard(old)
            self.filled.add(new)

    def _updated(self, op: Operation) -> None:
        parsed = _parsed(op, self.dialect, exp.Update)
        if parsed is None:
            for name in op.on:
                self.filled.discard(self.place(op.schema, op.table, name))
            return
        where = parsed.args.get("where")
        told = parsed.args.get("from_") or parsed.args.get("from")
        joined = told is not None or bool(parsed.this.args.get("joins"))
        for each in parsed.expressions:
            if not isinstance(each, exp.EQ) or not isinstance(each.this, exp.Column):
                continue
            name = each.this.name
            place = self.place(op.schema, op.table, name)
            whole = not joined and (where is None or _is_null(where.this, name))
            if _never_null(each.expression):
                if whole:
                    self.filled.add(place)
            else:
                self.filled.discard(place)
        self._read(op, parsed)

    def _read(self, op: Operation, parsed: exp.Expr | None = None) -> None:
        """Note the columns whose values are written elsewhere; of an INSERT, by the tables of its SELECT."""
        if parsed is not None:
            for each in parsed.expressions:
                if isinstance(each, exp.EQ):
                    written = each.this.name
                    for column in each.expression.find_all(exp.Column):
                        if column.name != written:
                            self._note_copied(op, column, parsed)
            return
        parsed = _parsed(op, self.dialect, exp.Insert)
        if parsed is not None and isinstance(parsed.expression, exp.Query):
            for column in parsed.expression.find_all(exp.Column):
                self._note_copied(op, column, parsed.expression)

    def _asked(self, op: Operation) -> None:
        parsed = _parsed(op, self.dialect, exp.Select)
        if parsed is None:
            return
        for each in parsed.expressions:
            for column in each.find_all(exp.Column, exp.Star):
                for table in _tables_of(column, parsed):
                    name = "*" if isinstance(column, exp.Star) else column.name
                    self.read.add(self.place(table.db or op.schema, table.name, name))

    def _note_copied(self, op: Operation, column: exp.Column, within: exp.Expr) -> None:
        for table in _tables_of(column, within):
            self.copied.add(self.place(table.db or op.schema, table.name, column.name))


def _tables_of(column: exp.Expr, within: exp.Expr) -> list[exp.Table]:
    """The tables that a column may belong to."""
    tables = list(within.find_all(exp.Table))
    told = column.table if isinstance(column, exp.Column) else ""
    return [each for each in tables if not told or told in {each.name, each.alias}] or tables


def _parsed(op: Operation, dialect: str, kind: type[exp.Expr]) -> exp.Expr | None:
    try:
        for each in sqlglot.parse("\n".join(op.sql), read=SQLGLOT.get(dialect, dialect)):
            if isinstance(each, kind) and (kind is not exp.Update or each.this.name.casefold() == op.table.casefold()):
                return each
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
        return None
    return None


def _is_null(condition: exp.Expr, name: str) -> bool:
    while isinstance(condition, exp.Paren):
        condition = condition.this
    return (
        isinstance(condition, exp.Is)
        and isinstance(condition.expression, exp.Null)
        and isinstance(condition.this, exp.Column)
        and condition.this.name == name
    )


def _never_null(value: exp.Expr) -> bool:
    while isinstance(value, (exp.Paren, exp.Cast, exp.Neg)):
        value = value.this
    if isinstance(value, exp.Coalesce):
        return any(_never_null(each) for each in [value.this, *value.expressions])
    return isinstance(value, (exp.Literal, exp.Boolean, exp.CurrentTimestamp, exp.CurrentDate))
