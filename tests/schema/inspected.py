"""A catalogue as SQLAlchemy's own Inspector tells it, and ours in the same words, to be compared."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from workbench.results.objects import Column, SchemaObject, Table, View

Told = dict[tuple[str, ...], Any]


def by_inspector(connection: sa.Connection, schemas: Iterable[str | None] = (None,)) -> Told:
    """Every table and view with all that the Inspector knows of it."""
    found: Told = {}
    inspector = sa.inspect(connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # types and expressions that it does not know
        for schema in schemas:
            for name in inspector.get_view_names(schema):
                found["view", schema or "", name] = ()
            for name in inspector.get_table_names(schema):
                at = schema or "", name
                found["table", *at] = (
                    inspector.get_table_comment(name, schema)["text"] if _comments(connection) else None
                )
                for column in inspector.get_columns(name, schema):
                    found["column", *at, column["name"]] = (
                        _type(column["type"], connection), column["nullable"], column["default"], column.get("comment"),
                        "computed" in column,
                    )  # fmt: skip
                key = inspector.get_pk_constraint(name, schema)
                found["primary key", *at] = tuple(key["constrained_columns"])
                found["foreign keys", *at] = sorted(_keys(inspector, name, schema))
                found["uniques", *at] = sorted(
                    (each["name"] or "", tuple(each["column_names"]))
                    for each in inspector.get_unique_constraints(name, schema)
                )
                found["checks", *at] = sorted(
                    each["name"] or "" for each in inspector.get_check_constraints(name, schema)
                )
                found["indexes", *at] = sorted(
                    (each["name"] or "", tuple(each["column_names"]), bool(each["unique"]))
                    for each in inspector.get_indexes(name, schema)
                    if not (each["unique"] and connection.dialect.name != "sqlite")
                )
    return found


def by_catalogue(connection: sa.Connection, objects: Iterable[SchemaObject]) -> Told:
    """The same of what was read."""
    found: Told = {}
    for each in objects:
        at = each.schema or "", each.name
        if isinstance(each, View):
            found["view", *at] = ()
        if not isinstance(each, Table):
            continue
        found["table", *at] = each.comment
        for column in each.columns:
            found["column", *at, column.name] = (
                column.type.partition(" COLLATE")[0].upper().replace(" ", ""), column.nullable, _default(column),
                column.comment, column.generated is not None,
            )  # fmt: skip
        found["primary key", *at] = each.primary_key
        found["foreign keys", *at] = sorted(
            (key.name, key.columns, key.referred_schema or "", key.referred_table, key.referred_columns, key.on_delete,
             key.on_update) for key in each.foreign_keys
        )  # fmt: skip
        found["uniques", *at] = sorted((one.name, one.columns) for one in each.constraints if one.kind == "unique")
        found["checks", *at] = sorted(
            one.name for one in each.constraints
            if one.kind == "check" and (one.name or connection.dialect.name == "sqlite")
        )  # fmt: skip
        found["indexes", *at] = sorted(
            (index.name, tuple(None if "(" in one else one for one in index.expressions), index.unique)
            for index in each.indexes
        )
    return found


def _comments(connection: sa.Connection) -> bool:
    return bool(connection.dialect.supports_comments)


def _type(type_: Any, connection: sa.Connection) -> str:
    try:
        told = str(type_.compile(dialect=connection.dialect))
    except sa.exc.CompileError:
        return "(NOTYPE)"
    return (
        told.partition(" CHARACTER SET")[0]
        .partition(" COLLATE")[0]
        .upper()
        .replace(" ", "")
        .replace("INTEGER(", "INT(")
    )


def _default(column: Column) -> str | None:
    if column.extra.startswith("on update"):
        return f"{column.default} ON UPDATE {column.extra.removeprefix('on update ')}"
    return column.default


def _keys(inspector: Any, name: str, schema: str | None) -> Iterator[tuple[Any, ...]]:
    for each in inspector.get_foreign_keys(name, schema):
        options = each["options"]
        yield (
            each["name"] or "", tuple(each["constrained_columns"]), each["referred_schema"] or "",
            each["referred_table"], tuple(each["referred_columns"]), options.get("ondelete", ""),
            options.get("onupdate", ""),
        )  # fmt: skip
