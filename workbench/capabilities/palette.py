"""The palette: operations as forms on the live schema's names, and the code that comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.bridge.quoting import text_code
from workbench.capabilities import palette_types
from workbench.errors import UnsupportedRequest
from workbench.results import Schema, Table
from workbench.results.schema import one_of
from workbench.text import shorten

YES, NO = "yes", "no"
NULLABLE = {"": "as it is", YES: "NULL", NO: "NOT NULL"}
_LONGEST = 60  # characters of a name that is made up: PostgreSQL cuts at 63, MySQL refuses above 64


@dataclass(frozen=True)
class Field:
    """One value of an operation."""

    name: str
    kind: str
    """`table`, `column`, `columns`, `index`, `constraint`, `referred` (columns of the other table), `type`, `flag`,
    `nullable`, `choice`, `sql`, `text`."""
    label: str
    needed: bool = True
    title: str = ""
    choices: tuple[str, ...] = ()
    """Of a `choice`, beside none."""


@dataclass(frozen=True)
class Operation:
    """Something that can be added to a revision by hand."""

    name: str
    """Alembic's word for it."""
    label: str
    fields: tuple[Field, ...]
    write: Callable[[Form], str]
    """Gives the call."""


@dataclass
class Form:
    """What somebody has filled in, with the names checked."""

    operation: Operation
    values: dict[str, Any]
    table: Table | None
    """Of the live schema; None where the Draft itself makes it, and of what has no table."""
    imports: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A value as code; `None` where there is none."""
        return repr(self.values.get(name) or None)

    @property
    def place(self) -> str:
        """`'book'`, without its schema."""
        return repr(self.table.name if self.table is not None else self.values["table"])

    @property
    def schema(self) -> str:
        """`, schema='shop'`, where it is not the default one."""
        return f", schema={self.table.schema!r}" if self.table is not None and self.table.schema else ""

    @property
    def plain(self) -> str:
        """The table's name as a part of another one."""
        return self.table.name if self.table is not None else str(self.values["table"])

    def named(self, prefix: str, *parts: str) -> str:
        """The name that was given, or one that is made of what it is about."""
        return repr(self.values.get("name") or "_".join((prefix, self.plain, *parts))[:_LONGEST])

    def type(self) -> str:
        """The type as code, which may need imports."""
        told, imports = palette_types.code(self.values["type"])
        self.imports = (*self.imports, *imports)
        return told


def form(operation: str, values: Mapping[str, Any], schema: Schema, *, code: str = "") -> Form:
    """Check what was filled in.

    Args:
        operation: Alembic's word.
        values: By the names of its fields; a list of columns may be a text with commas.
        schema: The live one.
        code: Of the Draft so far: what it makes may be named, too.

    Raises:
        UnsupportedRequest: There is no such operation, field, table or column, or something is missing.

    """
    found = BY_NAME.get(operation)
    if found is None:
        raise UnsupportedRequest(f"The palette has no {operation!r}.", f"It has {', '.join(BY_NAME)}.")
    known = {each.name: each for each in found.fields}
    strange = sorted(set(values) - set(known))
    if strange:
        raise UnsupportedRequest(f"{operation} has no {strange[0]!r}.", f"It has {', '.join(known)}.")
    told = {name: _value(field, values.get(name)) for name, field in known.items()}
    missing = [each.label for each in found.fields if each.needed and told[each.name] in ("", None, ())]
    if missing:
        raise UnsupportedRequest(f"{found.label}: what is missing is {', '.join(missing)}.", "Fill it in.")
    table = _table(told["table"], schema, code) if "table" in told else None
    referred = _table(told["referent_table"], schema, code) if "referent_table" in told else None
    for field in found.fields:
        owner = referred if field.kind == "referred" else table
        if field.kind in {"column", "columns", "referred"} and owner is not None:
            names = told[field.name] if isinstance(told[field.name], tuple) else (told[field.name],)
            _check_columns(owner, names, code)
    return Form(found, told, table)


def _value(field: Field, value: Any) -> Any:
    if field.kind in {"columns", "referred"}:
        parts = value.split(",") if isinstance(value, str) else value or ()
        return tuple(each.strip() for each in map(str, parts) if each.strip())
    if field.kind in {"flag", "nullable"}:
        if isinstance(value, bool):
            return YES if value else NO
        if value not in {None, "", YES, NO}:
            raise UnsupportedRequest(f"{field.label} is {value!r}.", "Say True or False.")
        return value or ""
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnsupportedRequest(f"{field.label} is a {type(value).__name__}.", "Write a text.")
    if field.choices and value and value not in field.choices:
        raise UnsupportedRequest(f"{field.label} is {value!r}.", f"There are {', '.join(field.choices)}.")
    return value.strip()


def _table(name: str, schema: Schema, code: str) -> Table | None:
    try:
        return one_of(schema.all_tables, name)
    except UnsupportedRequest:
        if repr(name) in code:
            return None
        raise


def _check_columns(table: Table, names: tuple[str, ...], code: str) -> None:
    for name in names:
        if name not in {each.name for each in table.columns} and repr(name) not in code:
            has = shorten(", ".join(each.name for each in table.columns), 200)
            raise UnsupportedRequest(f"{table.qualified} has no column {name!r}.", f"It has {has}.")


# -- what is in it ----------------------------------------------------------------------------------------------------


def _add_column(form: Form) -> str:
    parts = [repr(form.values["name"]), form.type()]
    if form.values["default"]:
        parts.append(f"server_default=sa.text({text_code(form.values['default'])})")
    parts.append(f"nullable={form.values['nullable'] != NO}")
    return f"op.add_column({form.place}, sa.Column({', '.join(parts)}){form.schema})"


def _alter_column(form: Form) -> str:
    parts = []
    if form.values["type"]:
        parts.append(f"type_={form.type()}")
    if form.values["nullable"]:
        parts.append(f"nullable={form.values['nullable'] == YES}")
    default = form.values["default"]
    if default:
        gone = re.fullmatch("none", default, re.IGNORECASE)
        parts.append("server_default=" + ("None" if gone else f"sa.text({text_code(default)})"))
    if not parts:
        raise UnsupportedRequest(f"Nothing of {form.values['column']} would change.", "Say its type, NULL or default.")
    return f"op.alter_column({form.place}, {form.text('column')}, {', '.join(parts)}{form.schema})"


def _rename_column(form: Form) -> str:
    new = form.text("new_name")
    return f"op.alter_column({form.place}, {form.text('column')}, new_column_name={new}{form.schema})"


def _create_index(form: Form) -> str:
    columns = form.values["columns"]
    unique = ", unique=True" if form.values["unique"] == YES else ""
    return f"op.create_index({form.named('ix', *columns)}, {form.place}, {list(columns)!r}{unique}{form.schema})"


def _create_unique(form: Form) -> str:
    columns = form.values["columns"]
    return f"op.create_unique_constraint({form.named('uq', *columns)}, {form.place}, {list(columns)!r}{form.schema})"


def _create_check(form: Form) -> str:
    condition = f"sa.text({text_code(form.values['condition'])})"
    return f"op.create_check_constraint({form.text('name')}, {form.place}, {condition}{form.schema})"


def _create_foreign_key(form: Form) -> str:
    columns, other = form.values["columns"], form.values["referent_columns"]
    referent = form.values["referent_table"].rpartition(".")
    name = form.named("fk", *columns, referent[2])
    more = f", ondelete={form.text('ondelete')}" if form.values["ondelete"] else ""
    more += f", referent_schema={referent[0]!r}" if referent[0] else ""
    more += form.schema.replace("schema=", "source_schema=")
    return f"op.create_foreign_key({name}, {form.place}, {referent[2]!r}, {list(columns)!r}, {list(other)!r}{more})"


def _drop_index(form: Form) -> str:
    return f"op.drop_index({form.text('name')}, table_name={form.place}{form.schema})"


def _drop_constraint(form: Form) -> str:
    found = next(
        (each for each in (form.table.constraints if form.table else ()) if each.name == form.values["name"]), None
    )
    kinds = {"foreign key": "foreignkey", "primary key": "primary", "unique": "unique", "check": "check"}
    kind = f", type_={kinds[found.kind]!r}" if found is not None and found.kind in kinds else ""
    return f"op.drop_constraint({form.text('name')}, {form.place}{kind}{form.schema})"


_TABLE = Field("table", "table", "table")
_NAME = Field("name", "text", "name", needed=False, title="Empty: one that is made of table and columns")
_COLUMNS = Field("columns", "columns", "columns", title="In their order, with commas")
_TYPE = Field("type", "type", "type", title="As SQLAlchemy writes it: String(40), Numeric(10, 2)")
_DELETES = ("CASCADE", "SET NULL", "RESTRICT", "NO ACTION")

OPERATIONS = (
    Operation("add_column", "add column", (
        _TABLE, Field("name", "text", "name"), _TYPE,
        Field("nullable", "nullable", "NULL", needed=False, title="Whether a row may have no value"),
        Field("default", "sql", "default", needed=False, title="SQL: 0, 'new', now()"),
    ), _add_column),
    Operation("alter_column", "alter column", (
        _TABLE, Field("column", "column", "column"), Field("type", "type", "type", needed=False, title=_TYPE.title),
        Field("nullable", "nullable", "NULL", needed=False),
        Field("default", "sql", "default", needed=False, title="SQL; none takes it away"),
    ), _alter_column),
    Operation(
        "rename_column", "rename column",
        (_TABLE, Field("column", "column", "column"), Field("new_name", "text", "new name")), _rename_column,
    ),
    Operation(
        "drop_column", "drop column", (_TABLE, Field("column", "column", "column")),
        lambda form: f"op.drop_column({form.place}, {form.text('column')}{form.schema})",
    ),
    Operation("create_index", "create index", (
        _TABLE, _COLUMNS, _NAME, Field("unique", "flag", "unique", needed=False),
    ), _create_index),
    Operation("drop_index", "drop index", (_TABLE, Field("name", "index", "index")), _drop_index),
    Operation(
        "create_unique_constraint", "create unique constraint", (_TABLE, _COLUMNS, _NAME), _create_unique
    ),
    Operation("create_check_constraint", "create check constraint", (
        _TABLE, Field("condition", "sql", "condition", title="SQL: price >= 0"), Field("name", "text", "name"),
    ), _create_check),
    Operation("create_foreign_key", "create foreign key", (
        _TABLE, _COLUMNS, Field("referent_table", "table", "to table"),
        Field("referent_columns", "referred", "to columns", title="As many, with commas"),
        Field("ondelete", "choice", "on delete", needed=False, choices=_DELETES), _NAME,
    ), _create_foreign_key),
    Operation(
        "drop_constraint", "drop constraint", (_TABLE, Field("name", "constraint", "constraint")), _drop_constraint
    ),
    Operation(
        "rename_table", "rename table", (_TABLE, Field("new_name", "text", "new name")),
        lambda form: f"op.rename_table({form.place}, {form.text('new_name')}{form.schema})",
    ),
    Operation("drop_table", "drop table", (_TABLE,), lambda form: f"op.drop_table({form.place}{form.schema})"),
    Operation("execute", "execute SQL", (
        Field("sql", "sql", "SQL"),
        Field("downgrade", "sql", "and back", needed=False, title="SQL for the downgrade; empty: it does nothing"),
    ), lambda form: f"op.execute({text_code(form.values['sql'])})"),
)  # fmt: skip
"""In the order in which they are offered."""
BY_NAME = {each.name: each for each in OPERATIONS}
