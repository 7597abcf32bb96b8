"""What a rule may know when it looks at an operation: the live schema, what is pending before it, and the server."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.hazards.course import Course
from workbench.results import Schema, Table, View
from workbench.results.facts import Facts, Measure
from workbench.results.objects import Column
from workbench.results.operations import Operation

Size = Literal["empty", "small", "medium", "large", "unknown"]

SMALL = 10_000
"""Rows. Up to here a scan or a rewrite takes some milliseconds."""
LARGE = 1_000_000
"""Rows. From here on it takes seconds to minutes: measured, 2 million rows are scanned in 0.1 to 0.5 s and rewritten
with their indexes in 5 to 20 s on a machine of two cores."""
SMALL_BYTES, LARGE_BYTES = 4 * 2**20, 2**30
"""With indexes: they decide where the rows are not known, or are few and wide."""

_CHECK = re.compile(r"^\s*CHECK\s*|\s+NO INHERIT\s*$|\s+(?:NO INHERIT\s+)?NOT VALID\s*$", re.IGNORECASE)
Name = tuple[str, str]
"""(schema, table) as an operation says it; the schema is empty for the default one."""


def condition_of(check: str) -> str:
    """The condition of a CHECK that is written as a catalogue does: `CHECK ((a > 0)) NOT VALID`."""
    return _CHECK.sub("", check)


@dataclass
class _Known:
    """What is known of one table in the course of the pending steps."""

    live: Table | None
    """As it is now; None for one that a pending revision makes, or where no database was asked."""
    made_by: str = ""
    """The pending revision that makes it; empty for one that is there."""
    changed_by: dict[str, str] = field(default_factory=dict)
    """By column the pending revision that last changed it; '' for the table's rows."""
    columns: dict[str, str] = field(default_factory=dict)
    """By the name of a column now in the course of the steps, its live name; '' for one that a revision adds."""
    checks: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """By name the CHECK constraints of pending revisions: (condition, validated); ('', False) for one that is gone."""
    gone: bool = False


@dataclass
class Situation:
    """One database in the course of the steps of a Plan."""

    facts: Facts
    schema: Schema | None
    """As it is live, of this database alone; None where no database was asked."""
    revision: str = ""
    """The revision whose operation is looked at."""
    direction: str = "upgrade"
    path: str = ""
    operations: tuple[Operation, ...] = ()
    """All of the step that is looked at."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What a rule wants to remember from one step to the next, by the rule's name."""
    course: Course = field(init=False)
    """What the steps have set so far."""
    _tables: dict[Name, _Known] = field(default_factory=dict)
    _live: dict[Name, Table] = field(default_factory=dict)
    _measures: dict[Name, Measure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look the live tables up once."""
        self.course = Course(self.facts.dialect)
        if self.schema is not None:
            self._live = {self._key(each.schema or "", each.name): each for each in self.schema.all_tables}
        self._measures = {self._key(each.schema, each.table): each for each in self.facts.measures}

    # -- the server -----------------------------------------------------------------------------------------------

    @property
    def dialect(self) -> str:
        """`sqlite`, `postgresql`, `mysql` or `mariadb`."""
        return self.facts.dialect

    @property
    def is_mysql(self) -> bool:
        """MySQL or MariaDB."""
        return self.dialect in {"mysql", "mariadb"}

    @property
    def knows_data(self) -> bool:
        """A live database was looked at."""
        return self.schema is not None

    def at_least(self, *version: int) -> bool:
        """The server is at least that version; True where its version is not known, as servers are new as a rule."""
        return not self.facts.version or self.facts.version[: len(version)] >= version

    def setting(self, name: str) -> str:
        """The value of a setting at this place of the steps, as far as it is known; empty if it is not."""
        return self.course.settings.get(name.lower(), self.facts.setting(name))

    @property
    def strict(self) -> bool:
        """MySQL, MariaDB: what does not fit is refused, not made to fit. True where the mode is not known."""
        known = self.setting("sql_mode")
        told = any(name == "sql_mode" for name, _ in self.facts.settings) or "sql_mode" in self.course.settings
        return not told or "STRICT_" in known.upper() or "TRADITIONAL" in known.upper()

    # -- tables ---------------------------------------------------------------------------------------------------

    def table(self, schema: str, name: str) -> Table | None:
        """The live table that is called so at this place of the steps; None if there is none, or none was asked for."""
        return self._known(schema, name).live

    def of(self, op: Operation) -> Table | None:
        """The live table that an operation is about."""
        return self.table(op.schema, op.table)

    def is_new(self, schema: str, name: str) -> bool:
        """A pending revision makes it, before this place."""
        return bool(self._known(schema, name).made_by)

    def changed_by(self, schema: str, name: str, columns: Iterable[str] = ()) -> str:
        """The pending revision that makes the table or changes these columns, or its rows, before this place.

        What it holds then cannot be asked for now. Empty if there is none.
        """
        known = self._known(schema, name)
        touched = [known.changed_by.get(self._fold(each), "") for each in ("", *columns)]
        return known.made_by or next((each for each in touched if each), "")

    def live_column(self, schema: str, table: str, column: str) -> Column | None:
        """The live column that is called so at this place of the steps; None if there is none."""
        known = self._known(schema, table)
        if known.live is None:
            return None
        name = known.columns.get(self._fold(column), column)
        if not name:
            return None
        same = [each for each in known.live.columns if self._fold(each.name) == self._fold(name)]
        return same[0] if same else None

    def is_new_column(self, schema: str, table: str, column: str) -> bool:
        """A pending revision adds it, before this place."""
        known = self._known(schema, table)
        return bool(known.made_by) or known.columns.get(self._fold(column)) == ""

    def measure(self, schema: str, name: str) -> Measure | None:
        """How large it is, None if that was not asked."""
        live = self.table(schema, name)
        return None if live is None else self._measures.get(self._key(live.schema or "", live.name))

    def is_empty(self, schema: str, name: str) -> bool:
        """It is proved to have no row, and no pending revision puts one there before this place."""
        if self.is_new(schema, name):
            return not self._known(schema, name).changed_by.get("")
        told = self.measure(schema, name)
        return told is not None and told.is_empty is True and not self.changed_by(schema, name)

    def size(self, schema: str, name: str) -> Size:
        """How large it is, in a word."""
        if self.is_empty(schema, name):
            return "empty"
        told = self.measure(schema, name)
        if told is None or (told.rows is None and not told.size):  # a partitioned table has no bytes of its own
            return "unknown"
        if (told.rows or 0) >= LARGE or (told.size or 0) >= LARGE_BYTES:
            return "large"
        if told.rows is None:  # never analysed
            return "small" if (told.size or 0) <= SMALL_BYTES else "medium"
        return "small" if told.rows <= SMALL else "medium"

    def checks(self, schema: str, name: str) -> tuple[tuple[str, bool], ...]:
        """The CHECK constraints that a table has at this place of the steps: (condition, validated).

        Without those that have no name: a batch on SQLite does not copy them, a MODIFY on MariaDB does not repeat them.
        """
        known = self._known(schema, name)
        live = known.live.constraints if known.live is not None else ()
        told = {
            each.name: (condition_of(each.definition), not each.definition.endswith(" NOT VALID"))
            for each in live
            if each.kind == "check" and each.name
        }
        return tuple(each for each in {**told, **known.checks}.values() if each[0])

    @property
    def views(self) -> tuple[View, ...]:
        """The live views."""
        return () if self.schema is None else self.schema.all_views

    @property
    def tables(self) -> tuple[Table, ...]:
        """The live tables that no pending revision has dropped before this place."""
        gone = {id(each.live) for each in self._tables.values() if each.gone and each.live is not None}
        return tuple(each for each in self._live.values() if id(each) not in gone)

    def children(self, schema: str, name: str) -> tuple[tuple[Table, str], ...]:
        """The live tables with a foreign key to this one, each with the name of the key; itself left out."""
        live = self.table(schema, name)
        if live is None:
            return ()
        return tuple(
            (each, key.name)
            for each in self.tables
            if each is not live
            for key in each.foreign_keys
            if self._key(key.referred_schema or "", key.referred_table) == self._key(live.schema or "", live.name)
        )

    # -- in the course of the steps ---------------------------------------------------------------------------------

    def begin(self, revision: str, direction: str, path: str) -> None:
        """The operations of another step follow."""
        self.revision, self.direction, self.path = revision, direction, path

    def after(self, op: Operation) -> None:  # noqa: C901, PLR0912 - a table of cases
        """Note what an operation does, for those that follow it."""
        self.course.after(op)
        key = self._key(op.schema, op.table)
        known = self._known(op.schema, op.table)
        column = self._fold(op.name)
        if op.kind == "create_table":
            if not (op.conditional and known.live is not None):
                self._tables[key] = _Known(None, made_by=self.revision)
        elif op.kind == "drop_table":
            self._tables[key] = dataclasses.replace(known, gone=True)
        elif op.kind == "rename_table":
            self._tables[key] = _Known(None, gone=True)
            self._tables[self._key(op.schema, op.new_name)] = known
        elif op.kind == "add_column":
            known.columns[column] = ""
            known.changed_by[column] = self.revision
        elif op.kind == "drop_column":
            known.changed_by[column] = self.revision
        elif op.kind == "alter_column":
            if op.new_name:
                known.columns[self._fold(op.new_name)] = known.columns.get(column, op.name)
                known.columns.setdefault(column, "")
            if "type" in op.sets:
                known.changed_by[self._fold(op.new_name or op.name)] = self.revision
        elif op.kind in {"insert", "update", "delete", "truncate", "bulk_insert"}:
            known.changed_by[""] = self.revision
        elif op.kind == "create_check_constraint":
            known.checks[op.name] = (op.expression, not op.not_valid)
        elif op.kind == "drop_constraint":
            known.checks[op.name] = ("", False)
        elif op.kind == "validate_constraint":
            before = {each.name: each.definition for each in (known.live.constraints if known.live else ())}
            condition = known.checks.get(op.name, (before.get(op.name, ""), False))[0]
            known.checks[op.name] = (condition.removesuffix(" NOT VALID"), True)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _known(self, schema: str, name: str) -> _Known:
        key = self._key(schema, name)
        if key not in self._tables:
            self._tables[key] = _Known(self._live.get(key))
        return self._tables[key]

    def _key(self, schema: str, name: str) -> Name:
        return self._fold(schema), self._fold(name)

    def _fold(self, name: str) -> str:
        # PostgreSQL tells apart what SQLAlchemy quotes; the others do not, or not on every system.
        return name if self.dialect == "postgresql" else name.casefold()
