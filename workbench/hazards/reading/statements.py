"""One text of raw SQL as the operations that it is made of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from workbench.hazards.late import exp, sqlglot
from workbench.hazards.reading import alters, commands, creates, names
from workbench.hazards.reading.names import Reader
from workbench.results.operations import Operation

# What it does not know it says on a logger of its own and gives as a Command; that is read in `commands`.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_SCOPES = {"global", "session", "local", "persist", "persist_only"}
"""What `@@` of MariaDB and MySQL begins with."""
_LONGEST = 50_000
"""Characters. What is longer is a list of rows as a rule, and only its beginning is read."""


def read(op: Operation, dialect: str) -> Iterator[Operation]:
    """The operations in the text of an Operation `sql`, in order; `source` is `sql`.

    Whatever cannot be parsed or classified comes as an Operation `sql` of its own, never as nothing. A text that only
    asks (SELECT, SHOW, EXPLAIN) is an Operation `select`.

    Args:
        op: Its `sql` is the text; its line, autocommit and place are kept.
        dialect: `sqlite`, `postgresql`, `mysql` or `mariadb`.

    """
    told = [(text, each) for text in op.sql for each in _read(text, Reader(dialect))]
    at = op.at if len(told) == 1 else -1  # a part of a text is not a whole operation, and has nothing in its place
    for text, each in told:
        whole = each if each.sql else replace(each, sql=(text,))
        yield replace(whole, source="sql", line=op.line, first=op.first, autocommit=op.autocommit, sure=op.sure, at=at)


def _read(text: str, reader: Reader) -> Iterator[Operation]:
    if len(text) > _LONGEST or commands.has_body(text, reader):
        yield commands.read(text, reader)
        return
    try:
        parsed = sqlglot.parse(text, read=reader.sqlglot)
    # Its parser has its bugs.
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError, IndexError, AttributeError, TypeError):
        yield from commands.read_each(text, reader)
        return
    for each in parsed:
        if each is None or isinstance(each, exp.Semicolon):
            continue  # a comment, or nothing between two semicolons
        if isinstance(each, exp.Command) or each.find(exp.Command) is not None:
            whole = text if len(parsed) == 1 else each.sql(dialect=reader.sqlglot)
            yield commands.read(whole, reader)
            continue
        yield from _understood(each, reader)


def _understood(node: Any, reader: Reader) -> list[Operation]:
    """The operations of a statement; never none."""
    try:
        found = list(_operations(node, reader))
    except (AttributeError, TypeError, ValueError, KeyError, IndexError):  # a shape that was not thought of
        found = []
    return found or [Operation("sql", sql=(reader.sql(node),))]


def _operations(node: Any, reader: Reader) -> Iterator[Operation]:
    # A DELETE within a WITH stands below a SELECT.
    inner = [each for each in node.find_all(exp.Insert, exp.Update, exp.Delete) if each is not node]
    for each in inner:
        yield from _FORMS[type(each)](each, reader)
    form = _FORMS.get(type(node))
    if form is not None:
        yield from form(node, reader)
    elif isinstance(node, (exp.Query, exp.Describe, exp.Show)):
        if not inner:
            yield Operation("select", expression=reader.sql(node))
    else:
        yield Operation("sql", sql=(reader.sql(node),))


def _insert(node: Any, reader: Reader) -> Iterator[Operation]:
    schema, table = reader.table(node.this)
    yield Operation("insert", schema, table, expression="" if isinstance(node.expression, exp.Values) else "select")


def _update(node: Any, reader: Reader) -> Iterator[Operation]:
    schema, table = reader.table(node.this)
    where = node.args.get("where")
    columns = tuple(
        reader.name(each.this) for each in node.expressions if isinstance(each, exp.EQ) and names.is_name(each.this)
    )
    yield Operation("update", schema, table, on=columns, expression=_condition(where, reader))


def _delete(node: Any, reader: Reader) -> Iterator[Operation]:
    for target in node.args.get("tables") or [node.this]:
        schema, table = reader.table(target)
        where = _condition(node.args.get("where"), reader)
        # With a join, what it matches decides as well.
        joined = bool(node.args.get("using")) or bool(node.this and node.this.args.get("joins"))
        yield Operation("delete", schema, table, expression=where or ("joined" if joined else ""))


def _condition(where: Any, reader: Reader) -> str:
    """The condition; empty for none, and for one that is always true."""
    if where is None:
        return ""
    condition = where.this
    if isinstance(condition, exp.Boolean) and condition.this:
        return ""
    same = isinstance(condition, exp.EQ) and condition.this == condition.expression
    if same and isinstance(condition.this, exp.Literal):
        return ""
    return reader.sql(condition)


def _truncate(node: Any, reader: Reader) -> Iterator[Operation]:
    cascades = str(node.args.get("option") or "").upper() == "CASCADE"
    for each in node.expressions:
        yield Operation("truncate", *reader.table(each), cascade=cascades)


def _set(node: Any, reader: Reader) -> Iterator[Operation]:
    for item in node.expressions:
        told = item.this
        if isinstance(told, exp.EQ):
            name, scope = reader.sql(told.this).lstrip("@").lower(), str(item.args.get("kind") or "").upper()
            first, _, rest = name.partition(".")
            if reader.dialect in {"mysql", "mariadb"} and first in _SCOPES:
                name, scope = rest, first.upper()
            yield Operation("set", name=name, expression=_value(told, reader), where=scope)
        else:
            yield Operation("set", name=reader.sql(item).lower())


def _pragma(node: Any, reader: Reader) -> Iterator[Operation]:
    told = node.this
    if isinstance(told, exp.EQ):
        yield Operation("pragma", name=reader.sql(told.this).lower(), expression=_value(told, reader))
    else:
        yield Operation("select", expression=reader.sql(node))


def _value(told: Any, reader: Reader) -> str:
    value = told.expression
    return value.name if isinstance(value, (exp.Literal, exp.Column, exp.Var)) else reader.sql(value)


def _comment(node: Any, reader: Reader) -> Iterator[Operation]:
    if str(node.args.get("kind")).upper() == "COLUMN" and isinstance(node.this, exp.Column):
        *where, name = [reader.name(each) for each in node.this.parts]
        yield Operation("comment", where[-2] if where[1:] else "", where[-1] if where else "", name)
    else:
        yield Operation("comment", *reader.table(node.this))


def _grant(node: Any, reader: Reader) -> Iterator[Operation]:  # noqa: ARG001 - one signature for all
    yield Operation("grant")


def _transaction(word: str) -> Callable[[Any, Reader], Iterator[Operation]]:
    def read_it(node: Any, reader: Reader) -> Iterator[Operation]:  # noqa: ARG001 - as above
        yield Operation("transaction", name=word)

    return read_it


_FORMS: dict[type, Callable[[Any, Reader], Iterator[Operation]]] = {
    exp.Insert: _insert,
    exp.Update: _update,
    exp.Delete: _delete,
    exp.TruncateTable: _truncate,
    exp.Set: _set,
    exp.Pragma: _pragma,
    exp.Comment: _comment,
    exp.Grant: _grant,
    exp.Transaction: _transaction("BEGIN"),
    exp.Commit: _transaction("COMMIT"),
    exp.Rollback: _transaction("ROLLBACK"),
    exp.Create: creates.read,
    exp.Drop: creates.read_drop,
    exp.Alter: alters.read,
}
if hasattr(exp, "Revoke"):
    _FORMS[exp.Revoke] = _grant
