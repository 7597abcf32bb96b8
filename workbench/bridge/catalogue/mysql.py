"""The catalogue of MySQL and MariaDB: what information_schema tells of the database that is connected to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from workbench.bridge.catalogue import mysql_routines
from workbench.bridge.catalogue.asking import rows_if_told
from workbench.bridge.catalogue.parts import foreign_key, ordered, quoted
from workbench.bridge.rights import sees_in_part
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View
from workbench.text import one_line

# Each names the database in its own WHERE: a join of two of these tables would look through the whole server.
_HERE = "table_schema = database()"
_TABLES = f"""
    SELECT table_name, table_type, engine, table_collation, table_comment, create_options, {{amount}}
    FROM information_schema.tables WHERE {_HERE} ORDER BY table_name
"""  # noqa: S608 - a constant
_COLUMNS = f"""
    SELECT table_name, column_name, column_type, is_nullable, column_default, extra, column_comment, collation_name,
        generation_expression, data_type, column_key
    FROM information_schema.columns WHERE {_HERE} ORDER BY table_name, ordinal_position
"""  # noqa: S608 - a constant
_KEYS = f"""
    SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name,
        referenced_column_name
    FROM information_schema.key_column_usage WHERE {_HERE} AND referenced_table_name IS NOT NULL
    ORDER BY table_name, constraint_name, ordinal_position
"""  # noqa: S608 - a constant
_RULES = """
    SELECT table_name, constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints
    WHERE constraint_schema = database()
"""
_AMOUNT = "table_rows, data_length + index_length"
# Other columns in each of their versions; the rows are read by name.
_INDEXES = f"SELECT * FROM information_schema.statistics WHERE {_HERE} ORDER BY table_name, index_name, seq_in_index"  # noqa: S608
_CHECKS = "SELECT * FROM information_schema.check_constraints WHERE constraint_schema = database()"
_CHECKED = f"SELECT * FROM information_schema.table_constraints WHERE {_HERE} AND constraint_type = 'CHECK'"  # noqa: S608
_PARTITIONS = f"""
    SELECT table_name, partition_name, subpartition_name, partition_method, partition_expression,
        subpartition_method, subpartition_expression, partition_description
    FROM information_schema.partitions WHERE {_HERE} AND partition_name IS NOT NULL
    ORDER BY table_name, partition_ordinal_position, subpartition_ordinal_position
"""  # noqa: S608 - a constant
_VIEWS = f"SELECT table_name, view_definition, check_option, security_type FROM information_schema.views WHERE {_HERE}"  # noqa: S608

_TABLE_TYPES = frozenset({"BASE TABLE", "SYSTEM VERSIONED"})
_NO_ACTION = frozenset({None, "", "NO ACTION", "RESTRICT"})  # InnoDB does the same for each
_NUMBERS = frozenset({
    "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year",
})  # fmt: skip
_QUOTE = "`"
_NAMED = 5  # of what an account may not see
_IN_PART = (
    "This account has rights on single tables alone, and the server keeps back that there are others: what is not in "
    "this schema may be in the database all the same."
)


def objects(connection: Any, notes: list[str], *, sizes: bool = True) -> Iterator[SchemaObject]:
    """Everything in the database that is connected to."""
    yield from _Reader(connection, notes).objects(_AMOUNT if sizes else "NULL, NULL")


class Asking:
    """Asks information_schema."""

    def __init__(self, connection: Any, notes: list[str]) -> None:
        self.connection = connection
        self.notes = notes
        self.is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
        self.unseen: list[str] = []
        """What is there, and told only to accounts that may do more."""
        self.database = str(next(iter(self.rows("the database", "SELECT database()")), ("",))[0])

    def rows(self, what: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question, as text and numbers; some drivers give bytes for text."""
        return [tuple(map(_text, each)) for each in rows_if_told(self.connection, what, sql, self.notes)]

    def named(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a question by the names of their columns, in lower case; none where there is no such table."""
        try:
            result = self.connection.execute(text(sql))
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return []  # an older server
        names = [each.lower() for each in result.keys()]  # noqa: SIM118 - a result is no dict
        return [dict(zip(names, map(_text, each))) for each in result]  # noqa: B905 - as many names as values

    def plain(self, told: str | None) -> str:
        """`told` without this database's own name, which is another one where the same schema is made elsewhere."""
        return (told or "").replace(f"`{self.database}`.", "")


class _Reader(Asking):
    def objects(self, amount: str) -> Iterator[SchemaObject]:
        tables = self.rows("the tables", _TABLES.format(amount=amount))
        collations = {each[0]: each[3] for each in tables}
        checks = self._checks()
        columns: dict[str, list[Column]] = {}
        for each in self.rows("the columns", _COLUMNS):
            implied = [told for told in checks.get(each[0], ()) if told[2] and told[0] == each[1]]
            json = next((clause for _, clause, _ in implied if clause == f"json_valid(`{each[1]}`)"), "")
            columns.setdefault(each[0], []).append(_column(each, collations.get(each[0]), self, json))
        keys = self._foreign_keys()
        indexes = self._indexes()
        partitions = self._partitions() if any("partitioned" in (each[5] or "") for each in tables) else {}
        views = {each[0]: each[1:] for each in self.rows("the texts of the views", _VIEWS)}
        for name, kind, *more in tables:
            if kind in _TABLE_TYPES:
                constraints, own = _split(indexes.get(name, []))
                constraints += [*keys.get(name, ()), *_checked(checks.get(name, ()))]
                engine, collation, comment, options, count, size = more
                yield Table(
                    "table", name, None, definition=_options(kind, engine, collation, options, partitions.get(name)),
                    comment=comment or None, columns=tuple(columns.get(name, ())), constraints=ordered(constraints),
                    indexes=tuple(own), rows=None if count is None else int(count), rows_estimated=count is not None,
                    size=None if size is None else int(size),
                )  # fmt: skip
            elif kind == "VIEW":
                written, check, security = views.get(name, ("", "NONE", ""))
                self.unseen += [] if written else [f"the text of the view {name}"]
                told = self.plain(written) + ("" if check == "NONE" else f" WITH {check} CHECK OPTION")
                told += f" (SQL SECURITY {security})" if security else ""
                yield View("view", name, None, definition=told, columns=tuple(columns.get(name, ())))
                if "invalid table" in (more[2] or ""):
                    self.notes.append(f"{more[2].rstrip('.')}.".replace(f"'{self.database}.", "'"))
            elif kind == "SEQUENCE":
                quoted_name = "`" + name.replace("`", "``").replace(":", "\\:") + "`"
                shown = self.rows(f"the sequence {name}", f"SHOW CREATE SEQUENCE {quoted_name}")
                yield SchemaObject("sequence", name, definition=self.plain(shown[0][1]) if shown else "")
        yield from mysql_routines.objects(self)
        if self.unseen:
            self.notes.append(_not_all(self.unseen))
        if sees_in_part(self.connection):
            self.notes.append(_IN_PART)

    def _foreign_keys(self) -> dict[str, list[Constraint]]:
        rules = {tuple(each[:2]): each[2:] for each in self.rows("the foreign keys' rules", _RULES)}
        lines: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for each in self.rows("the foreign keys", _KEYS):
            lines.setdefault((each[0], each[1]), []).append(each)
        found: dict[str, list[Constraint]] = {}
        for (table, name), group in lines.items():
            if (table, name) not in rules:
                self.unseen.append(f"what ON UPDATE and ON DELETE of the foreign key {table}.{name} do")
            on_update, on_delete = rules.get((table, name), (None, None))
            schema = None if group[0][3] == self.database else group[0][3]
            told = foreign_key(
                name, tuple(each[2] for each in group), (schema, group[0][4], tuple(each[5] for each in group)),
                on_update="" if on_update in _NO_ACTION else on_update,
                on_delete="" if on_delete in _NO_ACTION else on_delete,
                quote=_QUOTE,
            )  # fmt: skip
            found.setdefault(table, []).append(told)
        return found

    def _checks(self) -> dict[str, list[tuple[str, str, bool]]]:
        """(name, condition, whether it is written beside a column) of each check constraint, by table."""
        homes: dict[str, dict[str, Any]] = {}
        if not self.is_mariadb:  # whose own table does not tell which table each is of
            homes = {each["constraint_name"]: each for each in self.named(_CHECKED)}
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for each in self.named(_CHECKS):
            home = homes.get(each["constraint_name"], each)
            told = self.plain(each["check_clause"])
            told += " NOT ENFORCED" if home.get("enforced") == "NO" else ""
            beside = str(each.get("level") or "").lower() == "column"
            found.setdefault(str(home.get("table_name")), []).append((each["constraint_name"], told, beside))
        return found

    def _indexes(self) -> dict[str, list[list[dict[str, Any]]]]:
        """By table its indexes, each as its lines."""
        lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for each in self.named(_INDEXES):
            lines.setdefault((each["table_name"], each["index_name"]), []).append(each)
        found: dict[str, list[list[dict[str, Any]]]] = {}
        for (table, _), group in lines.items():
            found.setdefault(table, []).append(group)
        return found

    def _partitions(self) -> dict[str, str]:
        """By table how it is partitioned."""
        lines: dict[str, list[tuple[Any, ...]]] = {}
        for each in self.rows("the partitions", _PARTITIONS):
            lines.setdefault(each[0], []).append(each)
        found = {}
        for table, group in lines.items():
            _, _, _, method, expression, sub_method, sub_expression, _ = group[0]
            told = f"PARTITION BY {method} ({expression or ''})"
            told += f" SUBPARTITION BY {sub_method} ({sub_expression or ''})" if sub_method else ""
            ranges = {
                each[1]: quoted(each[1], _QUOTE)
                + (f" VALUES {'IN' if 'LIST' in method else 'LESS THAN'} ({each[7]})" if each[7] else "")
                for each in group
            }
            found[table] = f"{told} ({', '.join(ranges.values())})"
        return found


def _not_all(unseen: list[str]) -> str:
    named = ", ".join(one_line(each) for each in unseen[:_NAMED])
    more = f", and {len(unseen) - _NAMED} more" if len(unseen) > _NAMED else ""
    return f"This account may not see all of the schema: not {named}{more}. Triggers and events may be missing, too."


def _options(kind: str, engine: str | None, collation: str | None, options: str | None, partitions: str | None) -> str:
    words = [f"ENGINE={engine}" if engine else "", f"COLLATE={collation}" if collation else ""]
    words += [each for each in (options or "").split() if each != "partitioned"]
    words += ["WITH SYSTEM VERSIONING"] if kind == "SYSTEM VERSIONED" else []
    return " ".join(each for each in [*words, partitions or ""] if each)


def _column(line: tuple[Any, ...], of_table: str | None, asking: Asking, json: str) -> Column:
    _, name, kind, nullable, default, extra, comment, collation, expression, data_type, key = line
    extras = (extra or "").replace("DEFAULT_GENERATED", "").replace("auto_increment", "").strip()
    stored = ""
    for word, meant in (("STORED", "STORED"), ("PERSISTENT", "STORED"), ("VIRTUAL", "VIRTUAL")):
        if f"{word} GENERATED" in extras or extras == word:
            extras, stored = extras.replace(f"{word} GENERATED", "").replace(word, "").strip(), meant
    if json:
        extras = f"{extras} CHECK ({json})".lstrip()
    return Column(
        name, kind, nullable=nullable == "YES", default=_default(default, extra or "", data_type, asking.is_mariadb),
        primary_key=key == "PRI", comment=comment or None,
        collation=collation if collation and collation != of_table else None,
        generated=f"({asking.plain(expression)}) {stored}".rstrip() if expression else None,
        identity="AUTO_INCREMENT" if "auto_increment" in (extra or "").lower() else None, extra=extras,
    )  # fmt: skip


def _default(told: str | None, extra: str, data_type: str, is_mariadb: bool) -> str | None:
    """The default as SQL. MariaDB tells it so, with NULL for one that is NULL; MySQL tells the bare value."""
    if told is None or (is_mariadb and told == "NULL"):
        return None
    if is_mariadb or data_type in _NUMBERS or told.upper().startswith("CURRENT_TIMESTAMP"):
        return told
    return f"({told})" if "DEFAULT_GENERATED" in extra else "'" + told.replace("'", "''") + "'"


def _checked(checks: Any) -> Iterator[Constraint]:
    """The check constraints; of those beside a column MariaDB keeps no name, and that of JSON is no own one."""
    for name, clause, is_beside in checks:
        if not is_beside:
            yield Constraint("check", name, (), f"CHECK ({clause})")
        elif clause != f"json_valid(`{name}`)":
            yield Constraint("check", "", (name,), f"CHECK ({clause})")


def _split(indexes: list[list[dict[str, Any]]]) -> tuple[list[Constraint], list[Index]]:
    """The primary key and the unique constraints; and the indexes that are neither."""
    constraints: list[Constraint] = []
    own: list[Index] = []
    for group in indexes:
        first = group[0]
        name, kind, unique = first["index_name"], first["index_type"], not int(first["non_unique"])
        columns = tuple(each["column_name"] or "" for each in group)
        parts = ", ".join(_part(each) for each in group)
        hidden = first.get("is_visible") == "NO" or first.get("ignored") == "YES"
        more = (f" USING {kind}" if kind in {"HASH", "RTREE"} else "") + (" IGNORED" if hidden else "")
        if name == "PRIMARY":
            constraints.append(Constraint("primary key", name, columns, f"PRIMARY KEY ({parts}){more}"))
        elif unique and all(columns):
            told = f"UNIQUE ({parts}){more}"
            constraints.append(Constraint("unique", name, columns, told, comment=first.get("index_comment") or None))
        else:
            expressions = tuple(each["column_name"] or f"({each.get('expression')})" for each in group)
            how = "UNIQUE " if unique else f"{kind} " if kind in {"FULLTEXT", "SPATIAL"} else ""
            own.append(
                Index(
                    name, expressions, f"{how}({parts}){more}", unique=unique, method="" if kind == "BTREE" else kind,
                    comment=first.get("index_comment") or None,
                )
            )  # fmt: skip
    return constraints, own


def _part(line: dict[str, Any]) -> str:
    name = line["column_name"]
    told = f"({line.get('expression')})" if name is None else quoted(name, _QUOTE)
    if line["sub_part"] and line["index_type"] not in {"SPATIAL", "FULLTEXT"}:
        told += f"({line['sub_part']})"
    return told + (" DESC" if line["collation"] == "D" else "")


def _text(value: Any) -> Any:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value
