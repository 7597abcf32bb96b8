"""Copies a MariaDB or MySQL database within its server: SHOW CREATE, and INSERT … SELECT."""

# ruff: noqa: S608 - names from the catalogue, quoted

from __future__ import annotations

import contextlib
import re
from typing import Any

from workbench.bridge.scratch import databases, row_samples
from workbench.bridge.scratch.admin import Admin
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.bridge.scratch.row_samples import ForeignKey, Table
from workbench.text import redact

_DEFINER = re.compile(r"\sDEFINER\s*=\s*(?:`(?:[^`]|``)*`|[^\s@]+)@(?:`(?:[^`]|``)*`|\S+)", re.IGNORECASE)
_ENABLED = re.compile(
    r"\A(CREATE\s+EVENT\s+`(?:[^`]|``)*`\s+ON\s+SCHEDULE\s.*?\sON\s+COMPLETION\s+(?:NOT\s+)?PRESERVE)"
    r"\s+(?:ENABLE|DISABLE(?:\s+ON\s+(?:SLAVE|REPLICA))?)\b",
    re.DOTALL,
)
"""The beginning of `SHOW CREATE EVENT`, as far as the word that says whether it runs by itself."""
_ROUTINES = "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = {0} ORDER BY 2"


def literal(text: Any) -> str:
    """`text` as a string of SQL."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "''") + "'"


def name_of(name: Any) -> str:
    """`name` as an identifier, always in backticks."""
    return "`" + str(name).replace("`", "``") + "`"


def fill(made: ScratchDatabase, order: Order, live: str, to: tuple[list[Any], dict[str, Any]]) -> None:
    """Make the schema anew, copy the rows, and then what would act on them: triggers."""
    source = Admin(order.dialect, order.arguments, order.keywords)
    target: Admin | None = None
    try:
        source.run("SET SESSION TRANSACTION READ ONLY")
        source.run("SET SESSION sql_mode = ''")  # SHOW CREATE in backticks
        target = Admin(order.dialect, *to)
        # Reading what is committed takes no locks on the live rows.
        target.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        target.run("SET SESSION foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        with contextlib.suppress(Exception):  # MariaDB's; what is in the live one has been let in
            target.run("SET SESSION check_constraint_checks = 0")
        _Copy(made, order, live, source, target).run()
    finally:
        source.close()
        if target is not None:
            target.close()


class _Copy:
    def __init__(self, made: ScratchDatabase, order: Order, live: str, source: Admin, target: Admin) -> None:
        self.made, self.order, self.live, self.source, self.target = made, order, live, source, target
        self.notes: list[str] = []

    def run(self) -> None:
        names = self.source.run(
            "SELECT table_name, table_type, coalesce(data_length, 0) + coalesce(index_length, 0) "
            f"FROM information_schema.tables WHERE table_schema = {literal(self.live)} ORDER BY 1"
        )
        made, data = self.made, self.order.data
        made.way = {
            "full": "SHOW CREATE and INSERT … SELECT", "sample": "SHOW CREATE and a sample", "none": "SHOW CREATE"
        }[data]  # fmt: skip
        made.size = sum(int(each[2]) for each in names) if data == "full" else 0
        for name, kind, _ in names:
            if kind == "SEQUENCE":
                self._sequence(str(name))
        tables = [str(name) for name, kind, _ in names if kind not in {"VIEW", "SYSTEM VIEW", "SEQUENCE"}]
        made_tables = [each for each in tables if self._make(f"TABLE {self._of(each)}", f"table {each}", 1)]
        self._rows(made_tables)
        for kind, name in self.source.run(_ROUTINES.format(literal(self.live))):
            if name != databases.MARKER:
                self._make(f"{kind} {self._of(name)}", f"{str(kind).lower()} {name}", 2)
        self._views([str(name) for name, kind, _ in names if kind == "VIEW"])
        for (name,) in self.source.run(
            f"SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = {literal(self.live)} "
            "ORDER BY event_object_table, action_timing, event_manipulation, action_order"
        ):
            self._make(f"TRIGGER {self._of(name)}", f"trigger {name}", 2)
        self._events()
        made.notes += tuple(self.notes)

    def _of(self, name: Any) -> str:
        return f"{name_of(self.live)}.{name_of(name)}"

    def _events(self) -> None:
        """Make the events, disabled: an enabled one would run by itself."""
        events = "SELECT event_name, status FROM information_schema.events WHERE event_schema = {0} ORDER BY 1"
        paused = []
        for name, status in self.source.run(events.format(literal(self.live))):
            if self._make(f"EVENT {self._of(name)}", f"event {name}", 3) and status == "ENABLED":
                paused.append(str(name))
        made = {str(name) for name, _ in self.target.run(events.format(literal(self.made.name)))}
        for name in (each for each in paused if each not in made):
            self.notes.append(f"the event {name} was left out: its time is over")
        self.made.paused = tuple(each for each in paused if each in made)
        if self.made.paused:
            self.notes.append(
                f"the events are disabled in the copy, and whether they are enabled is not compared: "
                f"{', '.join(self.made.paused)}"
            )

    def _make(self, what: str, words: str, column: int) -> bool:
        """Make one thing anew; what could not be made is noted."""
        try:
            row = self.source.run(f"SHOW CREATE {what}")[0]
            sql = _DEFINER.sub("", str(row[column]), count=1)
            if what.startswith("EVENT "):
                sql, count = _ENABLED.subn(r"\1 DISABLE", sql, count=1)
                if not count:
                    self.notes.append(f"the {words} was left out: it would run by itself")
                    return False
                self.target.run(f"SET SESSION time_zone = {literal(row[2])}")  # its times are told in this one
            if column > 1 and re.search(rf"(?<![\w$])`?{re.escape(self.live)}`?\s*\.", sql, re.IGNORECASE):
                self.notes.append(f"the {words} was left out: it names {self.live} itself, and would act there")
                return False
            if column > 1:
                self.target.run(f"SET SESSION sql_mode = {literal(row[1])}")
            self.target.run(sql)
        except Exception as error:  # noqa: BLE001 - one thing that cannot be made must not keep the others away
            self.notes.append(f"the {words} could not be rebuilt: {_words(error)}")
            return False
        finally:
            if column > 1:
                self.target.run("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        return True

    def _sequence(self, name: str) -> None:
        if self._make(f"SEQUENCE {self._of(name)}", f"sequence {name}", 1):
            with contextlib.suppress(Exception):
                value = self.source.value(f"SELECT next_not_cached_value FROM {self._of(name)}")
                self.target.run(f"SELECT SETVAL({name_of(name)}, {int(value)}, 0)")

    def _views(self, names: list[str]) -> None:
        left = names
        while left:
            failed = []
            for name in left:
                sql = _DEFINER.sub("", str(self.source.run(f"SHOW CREATE VIEW {self._of(name)}")[0][1]), count=1)
                # The server writes every name with its database.
                sql = sql.replace(f"{name_of(self.live)}.", f"{name_of(self.made.name)}.")
                try:
                    self.target.run(sql)
                except Exception as error:  # noqa: BLE001 - one thing that cannot be made must not keep the others away
                    failed.append((name, _words(error)))
            if len(failed) == len(left):
                self.notes += [f"the view {name} could not be rebuilt: {why}" for name, why in failed]
                return
            left = [name for name, _ in failed]

    def _rows(self, names: list[str]) -> None:
        tables = {name: Table(name_of(name)) for name in names}
        schema = literal(self.live)
        for name, column in self.source.run(
            f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {schema} "
            "AND coalesce(generation_expression, '') = '' ORDER BY table_name, ordinal_position"
        ):
            if name in tables:
                tables[name].columns += (name_of(column),)
        keys: dict[tuple[str, str], list[Any]] = {}
        for row in self.source.run(
            "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name "
            f"FROM information_schema.key_column_usage WHERE table_schema = {schema} "
            f"AND referenced_table_schema = {schema} ORDER BY 1, 2, ordinal_position"
        ):
            keys.setdefault((str(row[0]), str(row[1])), []).append(row)
        for (name, _), rows in keys.items():
            if name in tables:
                columns, to = (tuple(name_of(row[at]) for row in rows) for at in (2, 4))
                tables[name].foreign_keys.append(ForeignKey(columns, name_of(rows[0][3]), to))
        _, version = self.order.version_table
        here, there = name_of(self.made.name), name_of(self.live)
        if version in tables:
            row_samples.copy([tables.pop(version)], self.target.count, here, there, -1, lambda *_: None)
        if self.order.data != "none":
            limit = databases.SAMPLE if self.order.data == "sample" else -1
            every = list(tables.values())
            self.made.rows = row_samples.copy(every, self.target.count, here, there, limit, self.order.progress)


def _words(error: Exception) -> str:
    return redact(str(error).strip().partition("\n")[0])
