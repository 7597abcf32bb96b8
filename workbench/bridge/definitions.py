"""Words what stands on each side of a difference: types, defaults, keys and indexes as short definitions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import schema as sa_schema

Described = tuple["str | None", str, str, "str | None", "str | None"]


def describe(kind: str, told: tuple[Any, ...], op: Any, dialect: Any) -> Described:  # noqa: PLR0911 - a table of cases
    """(schema, table, name, before, after) of one of Alembic's diff tuples."""
    if kind.startswith("modify_"):
        return _modified(kind, told, dialect)
    if kind in {"add_column", "remove_column"}:
        column = told[3]
        return _sided(kind, told[1], str(told[2]), str(column.name), column_definition(column, dialect))
    if kind in {"add_table_comment", "remove_table_comment"}:
        table = told[1]
        before = told[2] if kind == "add_table_comment" else table.comment
        after = table.comment if kind == "add_table_comment" else None
        return table.schema, str(table.name), str(table.name), _quoted(before), _quoted(after)
    item = told[1] if len(told) > 1 else None
    if isinstance(item, sa_schema.Table):
        columns = "\n".join(f"{each.name} {column_definition(each, dialect)}" for each in item.columns)
        return _sided(kind, item.schema, str(item.name), str(item.name), columns)
    if isinstance(item, sa_schema.Index):
        return _sided(kind, _schema(item), _table(item), str(item.name or ""), _index(item, dialect))
    if isinstance(item, sa_schema.Constraint):
        return _sided(kind, _schema(item), _table(item), str(item.name or ""), constraint_definition(item))
    name = str(getattr(op, "table_name", "") or getattr(op, "constraint_name", "") or "")
    return getattr(op, "schema", None), name, name, None, None


def type_name(type_: Any, dialect: Any) -> str:
    """The type as the dialect writes it, `VARCHAR(40)`; its repr where the dialect cannot."""
    try:
        return str(type_.compile(dialect=dialect))
    except Exception:  # noqa: BLE001 - user-defined types raise what they like
        return repr(type_)


def column_definition(column: Any, dialect: Any) -> str:
    """`VARCHAR(40) NOT NULL DEFAULT 'x'`."""
    words = [type_name(column.type, dialect)]
    if not column.nullable:
        words.append("NOT NULL")
    if column.server_default is not None:
        words.append(f"DEFAULT {default_text(column.server_default, dialect)}")
    return " ".join(words)


def default_text(default: Any, dialect: Any) -> str:
    """A server default as SQL text."""
    if default is None or default is False:
        return "none"
    value = getattr(default, "arg", getattr(default, "sqltext", default))
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    try:
        return str(value.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))  # now() is CURRENT_TIMESTAMP
    except Exception:  # noqa: BLE001 - as for types
        return str(value)


def constraint_definition(constraint: Any) -> str:
    """`UNIQUE (a, b)`, `FOREIGN KEY (a) → b (c)`, `CHECK (…)`."""
    if isinstance(constraint, sa_schema.ForeignKeyConstraint):
        targets = [element.target_fullname for element in constraint.elements]
        table = targets[0].rpartition(".")[0] if targets else ""
        columns = ", ".join(each.rpartition(".")[2] for each in targets)
        options = "".join(
            f" {word} {value}"
            for word, value in (("ON DELETE", constraint.ondelete), ("ON UPDATE", constraint.onupdate))
            if value
        )
        return f"FOREIGN KEY ({', '.join(constraint.column_keys)}) → {table} ({columns}){options}"
    if isinstance(constraint, sa_schema.CheckConstraint):
        return f"CHECK ({constraint.sqltext})"
    word = "PRIMARY KEY" if isinstance(constraint, sa_schema.PrimaryKeyConstraint) else "UNIQUE"
    return f"{word} ({', '.join(str(column.name) for column in getattr(constraint, 'columns', ()))})"


def _index(index: Any, dialect: Any) -> str:
    parts = []
    for expression in index.expressions:
        name = getattr(expression, "name", None)
        parts.append(
            str(name) if name else str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        )
    return f"{'UNIQUE ' if index.unique else ''}({', '.join(parts)})"


def _modified(kind: str, told: tuple[Any, ...], dialect: Any) -> Described:
    _, schema, table, column, _existing, before, after = told
    if kind == "modify_type":
        texts = [type_name(each, dialect) for each in (before, after)]
        if texts[0] == texts[1]:
            texts = [repr(each) for each in (before, after)]
    elif kind == "modify_nullable":
        texts = ["NULL" if each else "NOT NULL" for each in (before, after)]
    elif kind == "modify_default":
        texts = [default_text(each, dialect) for each in (before, after)]
    else:
        texts = [_quoted(each) or "none" for each in (before, after)]
    return schema, str(table), str(column), texts[0], texts[1]


def _quoted(text: Any) -> str | None:
    return None if text is None else "'" + str(text).replace("'", "''") + "'"


def _sided(kind: str, schema: str | None, table: str, name: str, definition: str) -> Described:
    gone = kind.startswith("remove_")
    return schema, table, name, definition if gone else None, None if gone else definition


def _schema(item: Any) -> str | None:
    table = getattr(item, "table", None)
    return getattr(table, "schema", None)


def _table(item: Any) -> str:
    return str(getattr(getattr(item, "table", None), "name", ""))
