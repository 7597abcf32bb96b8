"""Finds the `:name` of a query, and writes values in their places."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from workbench.errors import UnsupportedRequest

_PIECE = re.compile(
    r"""
      --[^\n]* | /\*.*?(?:\*/|\Z)
    | '(?:[^']|'')*(?:'|\Z) | "(?:[^"]|"")*(?:"|\Z) | `[^`]*(?:`|\Z)
    | (?<!\w)\$(?P<tag>[A-Za-z_]\w*)?\$.*?(?:\$(?P=tag)\$|\$\$|\Z)
    | ::
    | (?<![\w:]):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)

TAKEN = frozenset({"sql", "limit", "database", "timeout"})
"""Names of `wb.query`'s own arguments, which no value can have."""


def names(sql: str) -> tuple[str, ...]:
    """What stands behind a colon, outside of strings, quoted names and comments; each once."""
    return tuple(dict.fromkeys(each["name"] for each in _PIECE.finditer(sql) if each["name"]))


def filled(sql: str, values: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    """`sql` with what `write` makes of each value; a list becomes `(…, …)`, as IN wants it.

    A colon that no value belongs to stays: `x::int`, `'12:30'`, a slice of an array.

    Raises:
        UnsupportedRequest: A list is empty, or `write` takes no such value.

    """

    def written(found: re.Match[str]) -> str:
        if found["name"] is None or found["name"] not in values:
            return found[0]
        value = values[found["name"]]
        if not isinstance(value, (list, tuple, set, frozenset)):
            return write(value)
        if not value:  # what stands for it depends on the type of what is looked for
            raise UnsupportedRequest(f":{found['name']} is an empty list.", "Nothing is in it: ask without it.")
        return f"({', '.join(write(each) for each in value)})"

    return _PIECE.sub(written, sql)


def no_value(kind: object) -> UnsupportedRequest:
    """The error of a value that no query can be given."""
    return UnsupportedRequest(
        f"A query takes no {kind} as a value.", "Numbers, texts, dates, bytes, None, and lists of them."
    )


def postgresql_literal(value: Any) -> str:  # noqa: PLR0911 - one branch for each kind of value
    """A value as PostgreSQL reads it, whatever `standard_conforming_strings` says; text takes the type it is used as.

    Raises:
        UnsupportedRequest: It is nothing that a query can be given.

    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"({value})"
    if isinstance(value, float):
        return f"({value!r}::float8)" if math.isfinite(value) else f"'{value}'::float8"
    if isinstance(value, decimal.Decimal):
        return f"'{value}'::numeric"
    if isinstance(value, bytes):
        return f"decode('{value.hex()}', 'hex')"
    if isinstance(value, dt.timedelta):
        return f"('{value.days} days {value.seconds}.{value.microseconds:06} seconds'::interval)"
    if isinstance(value, (dt.date, dt.time)):  # a datetime is a date
        return f"'{value.isoformat()}'"
    if isinstance(value, (str, uuid.UUID)):
        quoted = str(value).replace("'", "''")
        return " E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in quoted else f"'{quoted}'"
    raise no_value(type(value).__name__)


def plain(value: Any) -> Any:
    """A value as every driver of SQLite and MySQL takes it.

    Raises:
        UnsupportedRequest: It is nothing that a query can be given.

    """
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, dt.timedelta)):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return value
    raise no_value(type(value).__name__)
