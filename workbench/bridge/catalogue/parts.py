"""How the parts of a table are worded and ordered, the same for every database."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.results.objects import Constraint

_PLAIN = re.compile(r"[^\W\d]\w*")


def listed(names: Iterable[str], quote: str = '"') -> str:
    """`a, b`; a name that is not a plain word stands in quotes."""
    return ", ".join(quoted(each, quote) for each in names)


def quoted(name: str, quote: str = '"') -> str:
    """The name, in quotes where it is not a plain word."""
    return name if _PLAIN.fullmatch(name) else quote + name.replace(quote, quote * 2) + quote


def foreign_key(
    name: str,
    columns: tuple[str, ...],
    to: tuple[str | None, str, tuple[str, ...]],
    *,
    on_update: str = "",
    on_delete: str = "",
    more: str = "",
    quote: str = '"',
) -> Constraint:
    """A foreign key, with its definition.

    Args:
        name: Empty if it has none.
        columns: The columns of the table that has it.
        to: Schema (None for the default one), table and columns that it leads to; of the columns none need be known.
        on_update: Empty for no action, as `on_delete`.
        on_delete: `CASCADE`, `SET NULL`, …
        more: What else its definition says.
        quote: What the database quotes names with.

    """
    schema, table, referred = to
    told = f"FOREIGN KEY ({listed(columns, quote)}) REFERENCES "
    told += ".".join(quoted(each, quote) for each in (schema, table) if each)
    told += f" ({listed(referred, quote)})" if referred else ""
    told += f" ON UPDATE {on_update}" if on_update else ""
    told += f" ON DELETE {on_delete}" if on_delete else ""
    return Constraint(
        "foreign key", name, columns, told + more, referred_schema=schema, referred_table=table,
        referred_columns=referred, on_delete=on_delete, on_update=on_update,
    )  # fmt: skip


def ordered(constraints: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """The primary key first, then by kind and name."""
    return tuple(
        sorted(constraints, key=lambda each: (each.kind != "primary key", each.kind, each.name, each.definition))
    )
