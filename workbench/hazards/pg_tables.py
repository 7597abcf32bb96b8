"""PostgreSQL's partitions, the tables of its indexes, and its foreign keys by name, in the live schema."""

from __future__ import annotations

from workbench.hazards.situation import Situation
from workbench.results import Constraint, Table
from workbench.results.operations import Operation


def partitions(schema: str, table: str, now: Situation) -> tuple[Table, ...]:
    """The live partitions of a table, those of its partitions too; none of an ordinary one."""
    live = now.table(schema, table)
    if live is None or live.kind != "partitioned table":
        return ()
    own = [each for each in now.tables if parent_of(each) == (live.schema or "", live.name)]
    return tuple(one for each in own for one in (each, *partitions(each.schema or "", each.name, now)))


def default_partition(schema: str, table: str, now: Situation) -> Table | None:
    """The live DEFAULT partition of a table, if it has one."""
    return next(
        (each for each in partitions(schema, table, now)
         if each.definition.endswith(" DEFAULT") and parent_of(each) == (schema, table)), None,
    )  # fmt: skip


def parent_of(table: Table | None) -> tuple[str, str] | None:
    """(schema, name) of the partitioned table that a live table is a partition of; None if it is none."""
    if table is None or not table.definition.startswith("PARTITION OF "):
        return None
    words = table.definition.removeprefix("PARTITION OF ")
    qualified = words.partition(" FOR VALUES ")[0].removesuffix(" DEFAULT").strip()
    schema, _, name = qualified.rpartition(".")
    return schema.strip('"'), name.strip('"')


def table_of_index(schema: str, name: str, now: Situation) -> str:
    """The live table that an index belongs to; empty if it is not known."""
    for each in now.tables:
        if (each.schema or "") == schema and name in _named(each):
            return each.name
    return ""


def _named(table: Table) -> set[str]:
    return {each.name for each in table.indexes} | {each.name for each in table.constraints}


def foreign_key(op: Operation, now: Situation) -> Constraint | None:
    """The live foreign key that a constraint's name means; None for any other constraint."""
    live = now.of(op)
    return None if live is None else next((each for each in live.foreign_keys if each.name == op.name), None)
