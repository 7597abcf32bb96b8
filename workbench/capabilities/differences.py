"""What turns one stored schema into another: Changes with Alembic's kinds, and SQL where it is certain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from workbench.results import Change, Database, SchemaObject, Table, View
from workbench.results.definitions import Delta, definitions, deltas

_OF_A_COLUMN = {"type": "modify_type", "nullable": "modify_nullable", "default": "modify_default"}
_DROPPED = frozenset({"table", "view", "materialized view"})
_UNCERTAIN = "Only what differs is known here, and how it is changed is not certain: a revision says it."
_NO_ALTER = "SQLite changes no constraint of a table that is there: a batch makes the table anew."


def changes(
    source: Iterable[SchemaObject], target: Iterable[SchemaObject], databases: Iterable[Database]
) -> Iterator[Change]:
    """What turns `source` into `target`, by database, schema and table, of each in the order of `definitions.ORDER`.

    The kinds are Alembic's; and `add_`, `remove_` and `modify_` with a word of `definitions.ORDER` for what Alembic's
    comparators do not see. A Change between two stored schemas runs nowhere, so its SQL is only what follows from the
    definitions alone.
    """
    before, after = _by_database(source), _by_database(target)
    for database in databases:
        one, other = before.get(database.name, ()), after.get(database.name, ())
        writer = _Writer(database.dialect, one, other)
        found = (writer.change(delta) for delta in told(one, other, database.name))
        yield from sorted(found, key=lambda each: (each.schema or "", each.table))


def told(source: Iterable[SchemaObject], target: Iterable[SchemaObject], database: str = "") -> Iterator[Delta]:
    """What differs between two schemas of one database; what is the very same object in both is not looked at.

    That a table with another column has another list of columns is nothing of its own.
    """
    one, other = tuple(source), tuple(target)
    there, here = {id(each) for each in one}, {id(each) for each in other}
    was = definitions((each for each in one if id(each) not in here), fine=True)
    is_ = definitions((each for each in other if id(each) not in there), fine=True)
    for delta in deltas(was, is_, database):
        if delta.kind != "order" or _in_another_order(delta):
            yield delta


def _in_another_order(delta: Delta) -> bool:
    before, after = (each.split(", ") if each else [] for each in (delta.before, delta.after))
    return [each for each in before if each in after] != [each for each in after if each in before]


def _by_database(objects: Iterable[SchemaObject]) -> dict[str, tuple[SchemaObject, ...]]:
    found: dict[str, list[SchemaObject]] = {}
    for each in objects:
        found.setdefault(each.database, []).append(each)
    return {name: tuple(each) for name, each in found.items()}


class _Writer:
    """Makes the Changes of one database."""

    def __init__(self, dialect: str, before: Iterable[SchemaObject], after: Iterable[SchemaObject]) -> None:
        self.dialect = dialect
        self.is_mysql = dialect in {"mysql", "mariadb"}
        self.before = {(each.schema, each.name): each for each in before if isinstance(each, (Table, View))}
        self.after = {(each.schema, each.name): each for each in after if isinstance(each, (Table, View))}

    def change(self, delta: Delta) -> Change:
        sql, why_not = self._sql(delta)
        name = delta.name or delta.table
        return Change(
            kind=self._kind(delta), schema=delta.schema, table=delta.table or delta.name, name=name,
            before=delta.before, after=delta.after, code="" if sql is None else f"op.execute({sql!r})", sql=sql,
            why_not=None if sql is not None else why_not, database=delta.database,
        )  # fmt: skip

    def _kind(self, delta: Delta) -> str:
        if delta.kind in _OF_A_COLUMN:
            return _OF_A_COLUMN[delta.kind]
        verb = {"+": "add", "-": "remove", "~": "modify"}[delta.sign]
        if delta.kind == "comment":
            if delta.name or (delta.schema, delta.table) not in self.after | self.before:
                return "modify_comment"
            return "remove_table_comment" if verb == "remove" else "add_table_comment"
        if delta.kind == "constraint" and verb != "modify" and _is_foreign_key(delta):
            return f"{verb}_fk"
        return f"{verb}_{delta.kind.replace(' ', '_')}"

    # -- SQL ------------------------------------------------------------------------------------------------------

    def _sql(self, delta: Delta) -> tuple[str | None, str]:
        sql: str | None = None
        why_not = _UNCERTAIN
        at = self._name(delta.schema, delta.table)
        mine = self.after if delta.after is not None else self.before
        relation = mine.get((delta.schema, delta.table))
        if delta.kind in {"table", "view"} and relation is not None:
            sql = self._relation(delta, relation, at)
        elif delta.kind == "column":
            sql = self._column(delta, at)
        elif delta.kind == "index":
            sql = self._index(delta, at)
        elif delta.kind == "constraint":
            sql = self._constraint(delta, at)
            why_not = _NO_ALTER if self.dialect == "sqlite" else _UNCERTAIN
        elif self.dialect == "postgresql" and delta.kind in {"nullable", "default"}:
            if delta.kind == "nullable":
                words = "SET NOT NULL" if delta.after == "NOT NULL" else "DROP NOT NULL"
            else:
                words = "DROP DEFAULT" if delta.after is None else f"SET DEFAULT {delta.after}"
            sql = f"ALTER TABLE {at} ALTER COLUMN {self._quoted(delta.name)} {words}"
        elif delta.kind == "trigger":
            sql = self._trigger(delta, at)
        return sql, why_not

    def _relation(self, delta: Delta, relation: SchemaObject, at: str) -> str | None:
        if delta.sign == "-":
            return (
                f"DROP {relation.kind.upper()} {at}"
                if relation.kind in {"table", "view", "materialized view"}
                else None
            )
        if isinstance(relation, View):
            if delta.sign == "~" and self.dialect == "sqlite":
                return None
            text = relation.definition.strip().rstrip(";")
            if text.upper().startswith("CREATE"):
                return text if delta.sign == "+" else None
            replaces = "CREATE OR REPLACE VIEW" if delta.sign == "~" else f"CREATE {relation.kind.upper()}"
            return f"{replaces} {at} AS {text}" if delta.sign == "+" or self.is_mysql else None
        return self._table(cast("Table", relation), at) if delta.sign == "+" else None

    def _table(self, table: Table, at: str) -> str | None:
        defaults = [each.default or "" for each in table.columns]
        if table.kind != "table" or table.definition or any("nextval(" in each for each in defaults):
            return None  # its sequence comes first; or it has what stands in no column
        if self.is_mysql and any(each.extra or each.identity for each in table.columns):
            return None
        lines = [f"{self._quoted(each.name)} {each.definition}" for each in table.columns]
        for each in table.constraints:
            named = f"CONSTRAINT {self._quoted(each.name)} " if each.name and not self._is_unnamed(each.kind) else ""
            lines.append(named + each.definition)
        told = f"CREATE TABLE {at} (" + ",".join(f"\n    {each}" for each in lines) + "\n)"
        indexes = [each.definition for each in table.indexes]
        if not all(each.upper().startswith("CREATE") for each in indexes):
            return None
        return ";\n".join([told, *indexes])

    def _is_unnamed(self, kind: str) -> bool:
        return self.is_mysql and kind == "primary key"

    def _column(self, delta: Delta, at: str) -> str | None:
        if delta.sign == "-":
            return f"ALTER TABLE {at} DROP COLUMN {self._quoted(delta.name)}"
        told = delta.after or ""
        if delta.sign != "+" or "nextval(" in told or (self.is_mysql and "AUTO_INCREMENT" in told):
            return None
        if self.dialect == "sqlite" and (("NOT NULL" in told and "DEFAULT" not in told) or "STORED" in told):
            return None  # SQLite adds no such column
        return f"ALTER TABLE {at} ADD COLUMN {self._quoted(delta.name)} {told}"

    def _index(self, delta: Delta, at: str) -> str | None:
        drop = f"DROP INDEX {self._quoted(delta.name)} ON {at}" if self.is_mysql else (
            f"DROP INDEX {self._name(delta.schema, delta.name)}"
        )  # fmt: skip
        if delta.sign == "-":
            return drop
        text = (delta.after or "").removesuffix(" INVALID")
        if not text.upper().startswith("CREATE"):
            return None
        return text if delta.sign == "+" else f"{drop};\n{text}"

    def _constraint(self, delta: Delta, at: str) -> str | None:
        if self.dialect == "sqlite":
            return None
        name = self._quoted(delta.name)
        add = f"ALTER TABLE {at} ADD CONSTRAINT {name} {delta.after}"
        if self.is_mysql and (delta.after or "").upper().startswith("PRIMARY KEY"):
            add = f"ALTER TABLE {at} ADD {delta.after}"
        drop = f"ALTER TABLE {at} DROP {self._dropped(delta.before or '', name)}"
        return {"+": add, "-": drop, "~": f"{drop};\n{add}"}[delta.sign]

    def _dropped(self, definition: str, name: str) -> str:
        words = definition.upper()
        if not self.is_mysql or words.startswith("CHECK"):
            return f"CONSTRAINT {name}"
        if words.startswith("PRIMARY KEY"):
            return "PRIMARY KEY"
        return f"FOREIGN KEY {name}" if words.startswith("FOREIGN KEY") else f"INDEX {name}"

    def _trigger(self, delta: Delta, at: str) -> str | None:
        on = f" ON {at}" if self.dialect == "postgresql" else ""
        drop = f"DROP TRIGGER {self._quoted(delta.name)}{on}"
        text = (delta.after or "").strip()
        if delta.sign == "-":
            return drop
        if not text.upper().startswith("CREATE"):
            return None
        return text if delta.sign == "+" else f"{drop};\n{text}"

    def _name(self, schema: str | None, name: str) -> str:
        return f"{self._quoted(schema)}.{self._quoted(name)}" if schema else self._quoted(name)

    def _quoted(self, name: str) -> str:
        mark = "`" if self.is_mysql else '"'
        return mark + name.replace(mark, mark * 2) + mark


def _is_foreign_key(delta: Delta) -> bool:
    return (delta.after or delta.before or "").upper().startswith("FOREIGN KEY")
