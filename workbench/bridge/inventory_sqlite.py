"""The inventory of a SQLite file: what the PRAGMAs tell, and what only the text of a table's definition does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from workbench.bridge.inventory import Inventory, Shape, dotted, rows
from workbench.bridge.sql_tokens import groups, joined, normal, tokens, unquoted

_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_HIDDEN = 1  # table_xinfo's mark of a virtual table's own columns
_GENERATED = {2: "VIRTUAL", 3: "STORED"}


def fill(found: Inventory, connection: Any) -> None:
    """Note all that is in the file."""
    asked = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite#_%' ESCAPE '#'"
    master = list(rows(connection, asked))
    shadows = _shadows(master)
    for kind, name, table, sql in master:
        if table in shadows or not sql:
            continue
        if kind == "table":
            _table(found, connection, name, sql)
        elif kind == "index":
            found.things["index", dotted(table, name)] = normal(sql)
        elif kind == "trigger":
            found.things["trigger", dotted(table, name)] = normal(sql)
        elif kind == "view":
            found.things["view", dotted(name)] = normal(sql)


def _shadows(master: list[tuple[Any, ...]]) -> set[str]:
    """The tables that a virtual table (full text search) keeps for itself."""
    virtual = [name for kind, name, _, sql in master if kind == "table" and sql and _is_virtual(sql)]
    return {name for _, name, *_ in master for each in virtual if name.startswith(f"{each}_")}


def _is_virtual(sql: str) -> bool:
    return [word.upper() for word, _ in zip(tokens(sql), range(2))][1:] == ["VIRTUAL"]  # noqa: B905 - the shorter one counts


def _table(found: Inventory, connection: Any, name: str, sql: str) -> None:
    if _is_virtual(sql):
        found.things["table", dotted(name)] = normal(sql)
        with contextlib.suppress(DBAPIError):  # a module that is not loaded
            virtual = rows(connection, f"PRAGMA table_xinfo({_quoted(name)})")
            named = tuple(each[1] for each in virtual if each[6] != _HIDDEN)
            rows(connection, f"SELECT 1 FROM {_quoted(name)} LIMIT 1")  # noqa: S608 - a quoted name
            found.tables.append(Shape("", name, named, ()))
        return
    _, parts, tail = groups(list(tokens(sql)))
    found.things["table", dotted(name)] = joined(tail)
    columns = [part for part in parts if part and part[0] not in _CONSTRAINTS]
    written = {unquoted(part[0]).lower(): part[1:] for part in columns}
    info = [each for each in rows(connection, f"PRAGMA table_xinfo({_quoted(name)})") if each[6] != _HIDDEN]
    key = [each[1] for each in sorted(info, key=lambda each: each[5]) if each[5]]
    for _, column, kind, not_null, default, _, hidden in info:
        is_row_id = key == [column] and kind.upper() == "INTEGER"  # never NULL, whether it says so or not
        more = list(_of_column(written.get(column.lower(), []), _GENERATED.get(hidden, "")))
        told = " ".join([normal(kind.upper()) or "(no type)", *more])
        found.column(dotted(name, column), told, nullable=not not_null and not is_row_id, default=default)
    found.things["order", dotted(name)] = ", ".join(each[1] for each in info)
    found.tables.append(Shape("", name, tuple(each[1] for each in info), tuple(key)))
    _constraints(found, connection, name, key, list(_written_constraints(parts)), "AUTOINCREMENT" in tokens(sql))


def _of_column(words: list[str], generated: str) -> Iterator[str]:
    """What a column has beside type, NOT NULL and default: COLLATE, and how it is generated."""
    for index, word in enumerate(words):
        if word == "COLLATE" and _depth(words, index) == 0:
            yield f"COLLATE {words[index + 1].upper()}"
        if word == "AS" and generated and _depth(words, index) == 0:
            yield f"AS ({joined(_group(words, index + 1))}) {generated}"


def _written_constraints(parts: list[list[str]]) -> Iterator[tuple[str, str, tuple[str, ...], list[str]]]:
    """(name, kind, columns, words) of each constraint in the text of a table, also of those beside a column."""
    for part in parts:
        if not part:
            continue
        column = "" if part[0] in _CONSTRAINTS else unquoted(part[0])
        words = part[1:] if column else part
        name = ""
        for index, word in enumerate(words):
            if _depth(words, index):
                continue
            if word == "CONSTRAINT":
                name = unquoted(words[index + 1])
            elif word in {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN"} or (word == "REFERENCES" and column):
                kind = "FOREIGN" if word == "REFERENCES" else word
                inner = [] if column and kind != "CHECK" else _group(words, index + 1)
                named = tuple(unquoted(each).lower() for each in inner if each != ",")
                yield name, kind, (column.lower(),) if column and kind != "CHECK" else named, words[index:]
                name = ""


def _constraints(
    found: Inventory,
    connection: Any,
    table: str,
    key: list[str],
    written: list[tuple[str, str, tuple[str, ...], list[str]]],
    is_counted: bool,
) -> None:
    def name_of(kind: str, columns: list[str]) -> str:
        wanted = tuple(each.lower() for each in columns)
        return next((name for name, each, told, _ in written if each == kind and told == wanted and name), "")

    def note(name: str, told: str) -> None:
        found.things["constraint", dotted(table, name or told)] = told

    if key:
        named = name_of("PRIMARY", key)
        told = f"PRIMARY KEY ({', '.join(key)})" + (" AUTOINCREMENT" if is_counted else "")
        found.things["constraint", dotted(table, "PRIMARY KEY")] = f"CONSTRAINT {named} {told}" if named else told
    for _, index, _, origin, *_ in rows(connection, f"PRAGMA index_list({_quoted(table)})"):
        if origin == "u":
            columns = [each[2] for each in rows(connection, f"PRAGMA index_info({_quoted(index)})")]
            note(name_of("UNIQUE", columns), f"UNIQUE ({', '.join(columns)})")
    for columns, told in _foreign_keys(connection, table, written):
        note(name_of("FOREIGN", columns), told)
    for name, kind, _, words in written:
        if kind == "CHECK":
            note(name, f"CHECK ({joined(_group(words, 1))})")


def _foreign_keys(
    connection: Any, table: str, written: list[tuple[str, str, tuple[str, ...], list[str]]]
) -> Iterator[tuple[list[str], str]]:
    """The columns and the definition of each foreign key."""
    keys: dict[int, list[tuple[Any, ...]]] = {}
    for each in rows(connection, f"PRAGMA foreign_key_list({_quoted(table)})"):
        keys.setdefault(each[0], []).append(each)
    for lines in keys.values():
        lines.sort(key=lambda each: each[1])
        columns = [each[3] for each in lines]
        _, _, parent, _, _, on_update, on_delete, *_ = lines[0]
        wanted = tuple(each.lower() for each in columns)
        words = next((words for _, kind, named, words in written if kind == "FOREIGN" and named == wanted), [])
        to = f" ({', '.join(each[4] for each in lines)})" if lines[0][4] else ""
        told = f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {parent}{to}"
        told += f" ON UPDATE {on_update}" if on_update != "NO ACTION" else ""
        told += f" ON DELETE {on_delete}" if on_delete != "NO ACTION" else ""
        if "DEFERRABLE" in words and words[words.index("DEFERRABLE") - 1] != "NOT":
            told += " DEFERRABLE" + (" INITIALLY DEFERRED" if "DEFERRED" in words else "")
        yield columns, told


def _group(words: list[str], start: int) -> list[str]:
    """What stands in the first parenthesis from `start` on."""
    while start < len(words) and words[start] != "(":
        start += 1
    depth = 0
    for end in range(start, len(words)):
        depth += {"(": 1, ")": -1}.get(words[end], 0)
        if depth == 0:
            return words[start + 1 : end]
    return []


def _depth(words: list[str], index: int) -> int:
    return words[:index].count("(") - words[:index].count(")")


def _quoted(name: str) -> str:
    # In text() a colon would begin a parameter.
    return '"' + name.replace('"', '""').replace(":", "\\:") + '"'
