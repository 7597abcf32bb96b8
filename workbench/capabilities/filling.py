"""Turns an expression into the code that gives rows their values before an operation needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.bridge.values import Code
from workbench.errors import UnsupportedRequest
from workbench.results.definitions import undotted

if TYPE_CHECKING:
    from workbench.results import Database


def codes(fills: Mapping[str, Any], databases: tuple[Database, ...]) -> Iterator[Code]:
    """One Code for each expression.

    Args:
        fills: By the key of a choice: `add_column customer.email`, `alter_column customer.email`.
        databases: In whose SQL it is.

    Raises:
        UnsupportedRequest: A key is none of these, or an expression is empty.

    """
    from workbench.hazards.question import quoted, text_code  # noqa: PLC0415 - SQLAlchemy's dialects, for those who fill

    dialect = databases[0].dialect if databases else "sqlite"
    for key, expression in fills.items():
        kind, _, name = key.partition(" ")
        names = undotted(name)
        if kind not in {"add_column", "alter_column"} or len(names) < 2:  # noqa: PLR2004 - table and column
            raise UnsupportedRequest(
                f"fills has {key!r}, which is no choice that gets values.",
                'Write {"add_column customer.email": "lower(name)"}, or alter_column for one that becomes NOT NULL.',
            )
        if not isinstance(expression, str) or not expression.strip():
            raise UnsupportedRequest(f"There is no expression for {key}.", 'Write SQL: "\'\'", "lower(name)".')
        table = ".".join(quoted(each, dialect) for each in names[:-1])
        column = quoted(names[-1], dialect)
        told = re.sub(r"\s*;\s*$", "", expression.strip())
        sql = f"UPDATE {table} SET {column} = {told} WHERE {column} IS NULL"  # noqa: S608 - the author writes it
        yield Code(key, (f"op.execute({text_code(sql)})",))
