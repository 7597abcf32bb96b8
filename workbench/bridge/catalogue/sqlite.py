"""The catalogue of SQLite: what the PRAGMAs tell, and what only the text of a definition does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from workbench.bridge.catalogue import sqlite_text
from workbench.bridge.catalogue.asking import rows
from workbench.bridge.catalogue.parts import foreign_key, listed, ordered, quoted
from workbench.bridge.sql_tokens import joined, normal, tokens
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

_MASTER = "SELECT type, name, tbl_name, sql FROM {master} WHERE name NOT LIKE 'sqlite#_%' ESCAPE '#'"
# One question for all tables: a PRAGMA as a table-valued function. SQLite has those with a schema since 3.16.
_FROM = " FROM {master} AS m JOIN pragma_{pragma}(m.name, :schema) AS p{more} WHERE m.type = :kind"
_COLUMNS = 'SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden' + _FROM
_KEYS = 'SELECT m.name, p.id, p.seq, p."table", p."from", p."to", p.on_update, p.on_delete' + _FROM
_INDEXES = 'SELECT m.name, p.name, p."unique", p.origin, x.name, x."desc", x.coll' + _FROM + ' AND x."key"'
_OF_INDEX = " JOIN pragma_index_xinfo(p.name, :schema) AS x"

_HIDDEN = 1  # table_xinfo's mark of a virtual table's own columns
_GENERATED = {2: "VIRTUAL", 3: "STORED"}
_NO_ACTION = "NO ACTION"
_SHADOWS = {
    "fts3": ("content", "segments", "segdir", "docsize", "stat"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "rtree": ("node", "parent", "rowid"),
    "rtree_i32": ("node", "parent", "rowid"),
    "geopoly": ("node", "parent", "rowid"),
    "spellfix1": ("vocab",),
}
"""By module the tables that a virtual table keeps for itself."""


def objects(connection: Any, notes: list[str], *, sizes: bool = True) -> Iterator[SchemaObject]:  # noqa: ARG001 - a file tells none
    """Everything in the file, and in those that are attached; not what is temporary."""
    for _, name, _ in rows(connection, "PRAGMA database_list"):
        if name != "temp":
            yield from _Reader(connection, name, notes).objects()


class _Reader:
    """Reads one file."""

    def __init__(self, connection: Any, database: str, notes: list[str]) -> None:
        self.connection = connection
        self.database = database
        self.schema = None if database == "main" else database
        self.notes = notes
        # In text() a colon would begin a parameter.
        name = '"' + database.replace('"', '""').replace(":", "\\:") + '"'
        self.master = f"{name}.sqlite_master"

    def objects(self) -> Iterator[SchemaObject]:
        master = [each for each in rows(self.connection, _MASTER.format(master=self.master)) if each[3]]
        own = _of_virtual_tables(master)
        master = [each for each in master if each[2] not in own]
        texts = {(kind, name): sql for kind, name, _, sql in master}
        if any(kind == "table" for kind, _ in texts):
            yield from self._tables(texts)
        yield from self._views({name: sql for (kind, name), sql in texts.items() if kind == "view"})
        for kind, name, table, sql in master:
            if kind == "trigger":
                yield SchemaObject("trigger", name, self.schema, table, normal(sql))

    def _tables(self, texts: dict[tuple[str, str], str]) -> Iterator[Table]:
        columns = self._ask("columns", _COLUMNS, "table_xinfo")
        keys = self._ask("foreign keys", _KEYS, "foreign_key_list")
        indexes = self._ask("indexes", _INDEXES, "index_list", more=_OF_INDEX)
        primary = {
            table.casefold(): (table, tuple(each[1] for each in sorted(lines, key=lambda each: each[5]) if each[5]))
            for table, lines in columns.items()
        }
        for (kind, name), sql in texts.items():
            if kind != "table":
                continue
            if sqlite_text.is_virtual(sql):
                yield Table(
                    "virtual table", name, self.schema, definition=normal(sql),
                    columns=tuple(_column(each, None, is_row_id=False) for each in _seen(columns.get(name, []))),
                )  # fmt: skip
                continue
            written = sqlite_text.table(sql)
            by_index: dict[str, list[tuple[Any, ...]]] = {}
            for each in indexes.get(name, []):
                by_index.setdefault(each[1], []).append(each)
            key = primary.get(name.casefold(), ("", ()))[1]
            # The primary key that is the rowid itself has no index, and is never NULL, whether it says so or not.
            is_row_id = bool(key) and not any(lines[0][3] == "pk" for lines in by_index.values())
            told = tuple(_column(each, written, is_row_id=is_row_id) for each in _seen(columns.get(name, [])))
            constraints = [
                *_uniques(key, by_index.values(), written, told),
                *self._foreign_keys(keys.get(name, []), written, primary),
                *_checks(written),
            ]
            yield Table(
                "table", name, self.schema, definition=written.tail, columns=told, constraints=ordered(constraints),
                indexes=tuple(
                    _index(index, by_index[index], texts["index", index])
                    for index in sorted(by_index) if ("index", index) in texts
                ),
            )  # fmt: skip

    def _views(self, texts: dict[str, str]) -> Iterator[View]:
        columns = self._ask("columns", _COLUMNS, "table_xinfo", kind="view") if texts else {}
        for name, sql in texts.items():
            told = tuple(_column(each, None, is_row_id=False) for each in columns.get(name, []))
            yield View("view", name, self.schema, definition=normal(sql), columns=told)

    def _foreign_keys(
        self,
        lines: list[tuple[Any, ...]],
        written: sqlite_text.WrittenTable,
        primary: dict[str, tuple[str, tuple[str, ...]]],
    ) -> Iterator[Constraint]:
        keys: dict[int, list[tuple[Any, ...]]] = {}
        for each in lines:
            keys.setdefault(each[1], []).append(each)
        for number in sorted(keys, reverse=True):  # the last one that is written is the first in the list
            group = sorted(keys[number], key=lambda each: each[2])
            columns = tuple(each[4] for each in group)
            _, _, _, parent, _, to, on_update, on_delete = group[0]
            text = written.take("FOREIGN", list(columns), parent)
            table, key = primary.get(parent.casefold(), (parent, ()))
            referred = tuple(each[5] for each in group) if to else key
            yield foreign_key(
                text.name if text else "", columns, (self.schema, table, referred),
                on_update="" if on_update == _NO_ACTION else on_update,
                on_delete="" if on_delete == _NO_ACTION else on_delete,
                more=text.deferrable if text else "",
            )  # fmt: skip

    def _ask(
        self, what: str, question: str, pragma: str, *, more: str = "", kind: str = "table"
    ) -> dict[str, list[tuple[Any, ...]]]:
        """The lines of each table or view, all at once; if one of them cannot be read, one by one."""
        sql = question.format(master=self.master, pragma=pragma, more=more)
        bound = {"schema": self.database, "kind": kind}
        found: dict[str, list[tuple[Any, ...]]] = {}
        try:
            for each in rows(self.connection, sql, **bound):
                found.setdefault(each[0], []).append(each)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            found = {}
            names = f"SELECT name FROM {self.master} WHERE type = :kind"  # noqa: S608 - a quoted name
            for (name,) in rows(self.connection, names, kind=kind):
                try:
                    found[name] = rows(self.connection, f"{sql} AND m.name = :name", **bound, name=name)
                except DBAPIError as reason:  # noqa: PERF203 - each can fail by itself
                    self.notes.append(f"The {what} of {quoted(name)} could not be read: {reason.orig}.")
        return found


def _of_virtual_tables(master: list[tuple[Any, ...]]) -> set[str]:
    virtual = [(name, sql) for kind, name, _, sql in master if kind == "table" and sqlite_text.is_virtual(sql)]
    return {f"{name}_{each}" for name, sql in virtual for each in _SHADOWS.get(sqlite_text.module_of(sql), ())}


def _seen(lines: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [each for each in lines if each[6] != _HIDDEN]


def _column(line: tuple[Any, ...], written: sqlite_text.WrittenTable | None, *, is_row_id: bool) -> Column:
    _, name, kind, not_null, default, key, hidden = line
    written = written or sqlite_text.WrittenTable()
    at = name.lower()
    return Column(
        name, _type(kind), nullable=not (not_null or (is_row_id and key)), default=default, primary_key=bool(key),
        collation=written.collations.get(at),
        generated=f"{written.generated.get(at, '')} {_GENERATED[hidden]}".lstrip() if hidden in _GENERATED else None,
        extra=written.extras.get(at, ""),
    )  # fmt: skip


def _type(declared: str | None) -> str:
    """A declared type, in capitals, which mean nothing to SQLite; but for what stands in quotes."""
    words = [each if each[0] in "'\"" else each.upper() for each in tokens(declared or "")]
    return joined(words) or "(no type)"


def _uniques(
    key: tuple[str, ...], indexes: Any, written: sqlite_text.WrittenTable, columns: tuple[Column, ...]
) -> Iterator[Constraint]:
    """The primary key and the unique constraints."""
    collations = {each.name: each.collation or "BINARY" for each in columns}

    def worded(lines: list[tuple[Any, ...]]) -> str:
        return ", ".join(
            quoted(each[4])
            + ("" if each[6].upper() == collations.get(each[4], "BINARY") else f" COLLATE {each[6]}")
            + (" DESC" if each[5] else "")
            for each in lines
        )

    by_origin: dict[str, list[list[tuple[Any, ...]]]] = {}
    for lines in indexes:
        by_origin.setdefault(lines[0][3], []).append(lines)
    if key:
        text = written.take("PRIMARY", list(key))
        inner = worded(by_origin["pk"][0]) if "pk" in by_origin else listed(key)
        told = f"PRIMARY KEY ({inner})" + (" AUTOINCREMENT" if written.is_counted else "")
        yield Constraint("primary key", text.name if text else "", key, told + (text.on_conflict if text else ""))
    for lines in by_origin.get("u", ()):
        named = [each[4] for each in lines]
        text = written.take("UNIQUE", named)
        told = f"UNIQUE ({worded(lines)})" + (text.on_conflict if text else "")
        yield Constraint("unique", text.name if text else "", tuple(named), told)


def _checks(written: sqlite_text.WrittenTable) -> Iterator[Constraint]:
    for each in written.constraints:
        if each.kind == "CHECK":
            yield Constraint("check", each.name, each.columns, f"CHECK ({each.expression})")


def _index(name: str, lines: list[tuple[Any, ...]], sql: str) -> Index:
    texts, where = sqlite_text.index(sql)
    expressions = tuple(
        line[4] if line[4] is not None else text
        for line, text in zip(lines, texts)  # noqa: B905 - the same number, but for a text that cannot be read
    )
    return Index(name, expressions, normal(sql), unique=bool(lines[0][2]), where=where)
