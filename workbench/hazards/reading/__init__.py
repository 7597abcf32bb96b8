"""Reads raw SQL as operations, by parsing it; what cannot be understood says so."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.results.operations import Operation


def read(op: Operation, dialect: str) -> Iterator[Operation]:
    """See `statements.read`, which is loaded when there is something to read: sqlglot takes a tenth of a second."""
    from workbench.hazards.reading import statements  # noqa: PLC0415 - see above

    return statements.read(op, dialect)


__all__ = ["read"]
