"""Lets Alembic's comparison see a live schema as if renames had been made already, so that it finds what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from workbench.bridge.values import Rename

_KINDS = (
    "columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "check_constraints",
    "table_comment", "table_options",
)  # fmt: skip
_Place = "tuple[str | None, str]"


class Names:
    """The old and the new names."""

    def __init__(self, renames: Iterable[Rename]) -> None:
        self.tables: dict[tuple[str | None, str], str] = {}
        """The new name by (schema, old name)."""
        self.old_tables: dict[tuple[str | None, str], str] = {}
        self.parts: dict[tuple[str, str | None, str], dict[str, str]] = {}
        """By (kind, schema, table with its new name): the new name by the old one."""
        for each in renames:
            if each.kind == "table":
                self.tables[each.schema, each.old] = each.new
                self.old_tables[each.schema, each.new] = each.old
            else:
                self.parts.setdefault((each.kind, each.schema, each.table), {})[each.old] = each.new

    def table(self, schema: str | None, name: str) -> str:
        """The new name of a table."""
        return self.tables.get((schema, name), name)

    def old_table(self, schema: str | None, name: str) -> str:
        """The name that it still has; of one whose name has gone to another, a name that nothing has."""
        if (schema, name) in self.old_tables:
            return self.old_tables[schema, name]
        return f"{name} (renamed)" if (schema, name) in self.tables else name

    def part(self, kind: str, schema: str | None, table: str, name: Any) -> Any:
        """The new name of a column, an index or a constraint; None stays None."""
        return self.parts.get((kind, schema, table), {}).get(name, name)

    def told(self, kind: str, schema: str | None, table: str, data: Any) -> Any:
        """What the Inspector says of the table `table` (its new name), in new names."""
        if isinstance(data, list):
            return [self._entry(kind, schema, table, each) for each in data]
        return self._entry(kind, schema, table, data) if isinstance(data, dict) and kind == "pk_constraint" else data

    def _entry(self, kind: str, schema: str | None, table: str, entry: Any) -> Any:
        def columns(names: Any) -> Any:
            return [self.part("column", schema, table, each) for each in names]

        entry = dict(entry)
        of = {"columns": "column", "indexes": "index"}.get(kind, "constraint")
        if "name" in entry:
            entry["name"] = self.part(of, schema, table, entry["name"])
        for key in ("column_names", "constrained_columns", "include_columns", "expressions"):
            if entry.get(key):
                entry[key] = columns(entry[key])
        if entry.get("column_sorting"):
            entry["column_sorting"] = {
                self.part("column", schema, table, name): order for name, order in entry["column_sorting"].items()
            }
        if entry.get("duplicates_index"):
            entry["duplicates_index"] = self.part("index", schema, table, entry["duplicates_index"])
        if "referred_table" in entry:
            referred = entry.get("referred_schema")
            entry["referred_table"] = self.table(referred, entry["referred_table"])
            entry["referred_columns"] = [
                self.part("column", referred, entry["referred_table"], each) for each in entry["referred_columns"]
            ]
        return entry


def pretend(inspector: Any, renames: Iterable[Rename]) -> Any:
    """An Inspector on the same connection that tells the new names; `inspector` itself where there are none."""
    told = tuple(renames)
    if not told:
        return inspector
    kind: Any = type(inspector)
    made = kind.__new__(kind)
    made.__dict__.update(inspector.__dict__)
    made.info_cache = {}
    made.__class__ = type(f"Pretending{kind.__name__}", (kind,), _methods(kind, Names(told)))
    return made


def column_told(renames: Iterable[Rename]) -> Callable[[str], str]:
    """Gives the new name of a column, whatever its table: what Alembic asks of sequences names no table."""
    known = {each.old: each.new for each in renames if each.kind == "column"}
    return lambda name: known.get(name, name)


def _methods(kind: Any, names: Names) -> dict[str, Any]:
    def get_table_names(self: Any, schema: str | None = None, **more: Any) -> list[str]:
        return [names.table(schema, each) for each in kind.get_table_names(self, schema, **more)]

    methods: dict[str, Any] = {"get_table_names": get_table_names}
    for each in _KINDS:
        for name, make in ((f"get_{each}", _single), (f"get_multi_{each}", _multi)):
            original = getattr(kind, name, None)
            if original is not None:  # SQLAlchemy 1.4 has no get_multi_…
                methods[name] = make(original, each, names)
    return methods


def _single(original: Any, kind: str, names: Names) -> Any:
    def get(self: Any, table_name: str, schema: str | None = None, **more: Any) -> Any:
        return names.told(kind, schema, table_name, original(self, names.old_table(schema, table_name), schema, **more))

    return get


def _multi(original: Any, kind: str, names: Names) -> Any:
    def get(self: Any, schema: str | None = None, filter_names: Any = None, **more: Any) -> Any:
        wanted = None if filter_names is None else [names.old_table(schema, each) for each in filter_names]
        found = original(self, schema=schema, filter_names=wanted, **more)
        told = (((place[0], names.table(place[0], place[1])), data) for place, data in found.items())
        return {place: names.told(kind, place[0], place[1], data) for place, data in told}

    return get
