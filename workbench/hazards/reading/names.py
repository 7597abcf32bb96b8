"""Names, tables and SQL out of sqlglot's nodes, in the dialect's own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.hazards.late import exp

SQLGLOT = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
"""What sqlglot calls each dialect."""


@dataclass(frozen=True)
class Reader:
    """Reads nodes of one dialect."""

    dialect: str

    @property
    def sqlglot(self) -> str:
        """Its name for the dialect."""
        return SQLGLOT.get(self.dialect, self.dialect)

    def fold(self, name: str, *, quoted: bool) -> str:
        """A name as the catalogue has it: PostgreSQL writes what is not quoted in lower case."""
        return name if quoted or self.dialect != "postgresql" else name.lower()

    def name(self, node: Any) -> str:
        """The last part of the name that a node is; empty if it is none."""
        if isinstance(node, exp.Column):
            node = node.this
        if isinstance(node, (exp.Table, exp.Schema, exp.Ordered)):
            return self.name(node.this)
        if isinstance(node, exp.Identifier):
            return self.fold(str(node.this), quoted=bool(node.args.get("quoted")))
        return str(node.name) if node is not None and hasattr(node, "name") else ""

    def table(self, node: Any) -> tuple[str, str]:
        """(schema, table) of a table's node; the schema is empty where none is written."""
        while isinstance(node, (exp.Schema, exp.Index, exp.Alias)):
            node = node.this
        if not isinstance(node, exp.Table):
            return "", self.name(node)
        return self.name(node.args["db"]) if node.args.get("db") else "", self.name(node.this)

    def sql(self, node: Any) -> str:
        """A node as SQL."""
        return str(node.sql(dialect=self.sqlglot)) if node is not None else ""


def is_name(node: Any) -> bool:
    """Whether a node is the plain name of a column."""
    return isinstance(node, (exp.Column, exp.Identifier))
