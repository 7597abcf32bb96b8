"""The backfill lab: what an expression would make of the rows in the way, what is left of them, and the code for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.capabilities import backfills_code, backfills_python
from workbench.capabilities.backfills_needs import UNIQUE, Need, needs
from workbench.capabilities.renames_parts import TableFacts, labels
from workbench.capabilities.renames_rows import Ask
from workbench.errors import DatabaseReadOnly, QueryFailed, UnsupportedRequest, WorkbenchError
from workbench.hazards.question import quoted
from workbench.results import Schema, Table
from workbench.results.backfills import Backfill, Filled
from workbench.results.schema import one_of

SHOWN = 20
CAP = 10_000
"""Rows in the way that are looked at."""
Row = Mapping[str, Any]


def backfill(
    before: Schema, after: Schema, place: tuple[str | None, str, str], expression: str | Callable[[Row], Any], ask: Ask,
    *, python: bool = False,
) -> Backfill:  # fmt: skip
    """Try an expression on the live rows that a new definition of a column would refuse. Nothing is written.

    Of a column that is not there yet these are all rows; else those that are NULL, do not fit, come twice, have no
    parent or do not pass the new CHECK.

    Args:
        before: The live schema.
        after: The models.
        place: (schema or None, table, column), by the names that they have in the models.
        expression: SQL in the words of the database, on the columns of the table. Or Python: a text in which the names
            of the columns stand for their values and `row` for all of them by name; or a callable that is given these.
        ask: Puts a query to the live rows, as `renames_rows.asking(client, seconds, limit=10_000)` does: the database
            itself refuses what would write.
        python: The text is Python.

    Returns:
        The Backfill. An expression that cannot be computed, for all rows or for one of them, is told by its `problem`
        and its rows.

    Raises:
        UnsupportedRequest: There is no such table or column, no expression, or nothing that the rows have to fulfil.
        WorkbenchError: The database could not be asked at all.

    """
    schema, name, column = place
    model = one_of(after.all_tables, name, schema)
    known = [each for each in before.all_tables if (each.schema, each.name) == (model.schema, model.name)]
    if not known or column not in {each.name for each in model.columns}:
        what = f"column {column!r} in {model.qualified}" if known else f"live table {model.qualified}"
        raise UnsupportedRequest(f"There is no {what}.", "Name the table and the column as the models do.")
    if isinstance(expression, str) and not expression.strip():
        raise UnsupportedRequest(f"There is no expression for {column}.", 'Write SQL: "\'\'", "lower(name)".')
    try_ = _Try(_dialect(after, before, known[0]), known[0], model, column, ask)
    try_.asked_for(before, after)
    if not isinstance(expression, str):
        return try_.python(expression, backfills_python.source(expression))
    text = re.sub(r"\s*;\s*$", "", expression.strip())
    return try_.python(*backfills_python.compiled(text)) if python else try_.sql(text)


def _dialect(after: Schema, before: Schema, table: Table) -> str:
    known = (*after.databases, *before.databases)
    return next(
        (each.dialect for each in known if each.name == table.database), known[0].dialect if known else "sqlite"
    )


@dataclass
class _Try:
    """One column that gets values."""

    dialect: str
    live: Table
    model: Table
    column: str
    ask: Ask

    def asked_for(self, before: Schema, after: Schema) -> None:
        """Find out what is asked of the rows, and which are in the way."""
        facts, wanted = TableFacts(self.live, self.dialect), TableFacts(self.model, self.dialect)
        targets = {(each.schema or "", each.name) for each in before.all_tables}
        enums = {each.name: labels(each) for each in after.others if each.kind == "enum"}
        self.needs: list[Need] = needs(facts, wanted, self.column, targets, enums)
        self.is_new = self.column not in facts.columns
        self.keys = self.live.primary_key
        self.name = quoted(self.column, self.dialect)
        self.source = ".".join(quoted(each, self.dialect) for each in (self.live.schema, self.live.name) if each)
        if not self.needs and not self.is_new:
            raise UnsupportedRequest(
                f"The models ask nothing of {self.model.qualified}.{self.column} that its rows do not have already.",
                "Values are for a column that is new, or that becomes NOT NULL, unique, narrower or a foreign key.",
            )
        self.bad = self._bad()

    def _bad(self) -> str:
        """The condition of the rows in the way now; `1 = 1` for a column that is not there yet."""
        if self.is_new:
            return "1 = 1"
        mine = f"{self.source}.{self.name}"
        found = [f"({each.refused(mine)})" for each in self.needs if each.words != UNIQUE]
        if any(each.words == UNIQUE for each in self.needs) and self.keys:
            found.append(f"({self._repeated(mine)})")
        return " OR ".join(found) or "1 = 0"

    def _repeated(self, mine: str) -> str:
        """Another row before this one has the same value. MySQL lets an UPDATE read its table only as a derived one."""
        names = ", ".join(quoted(each, self.dialect) for each in dict.fromkeys((*self.keys, self.column)))
        first = ", ".join(f"other.{quoted(each, self.dialect)}" for each in self.keys)
        this = ", ".join(f"{self.source}.{quoted(each, self.dialect)}" for each in self.keys)
        return (
            f"EXISTS (SELECT 1 FROM (SELECT {names} FROM {self.source}) AS other"  # noqa: S608 - it only looks
            f" WHERE other.{self.name} = {mine} AND ({first}) < ({this}))"
        )

    def _begun(self, expression: str, language: Any) -> Backfill:
        return Backfill(
            self.model.schema, self.model.name, self.column, expression, language, self.keys,
            tuple(each.words for each in self.needs), database=self.live.database,
        )  # fmt: skip

    # -- SQL ------------------------------------------------------------------------------------------------------

    def sql(self, expression: str) -> Backfill:
        """The answer for an expression in SQL."""
        told = self._begun(expression, "sql")
        try:
            self._rows(f"SELECT {self._keys()} FROM ({self._filled(expression, self.bad)}) AS filled LIMIT 0")  # noqa: S608 - as above
        except (DatabaseReadOnly, QueryFailed) as error:
            if self._is_failure_of_rows(expression):
                return self._failing(told, expression)
            return replace(told, problem=_words(error))
        try:
            return self._tried(told, expression)
        except QueryFailed:
            return self._failing(told, expression)

    def _is_failure_of_rows(self, expression: str) -> bool:
        """It is read, and only fails on rows: some servers compute constants while they read."""
        try:
            self._rows(f"SELECT * FROM ({self._filled(expression, '1 = 0')}) AS filled")  # noqa: S608 - as above
        except WorkbenchError:
            return False
        return True

    def _tried(self, told: Backfill, expression: str) -> Backfill:
        source = f"({self._looked(expression)}) AS looked"
        is_wrong = "sum(CASE WHEN problem <> '' THEN 1 ELSE 0 END)"
        wrong, left = self._rows(f"SELECT count(*), {is_wrong} FROM {source}")[0]  # noqa: S608 - as above
        count = self._count()
        order = ", ".join(["CASE WHEN problem = '' THEN 1 ELSE 0 END", *self._names()])
        rows = self._rows(f"SELECT * FROM {source} ORDER BY {order} LIMIT {SHOWN}")  # noqa: S608 - as above
        size = len(self.keys)
        shown = tuple(Filled(tuple(row[:size]), row[size], row[size + 1], str(row[-1])) for row in rows)
        code, own, why = backfills_code.of_sql(
            self.dialect, self.live, self.column, expression, self._where_of_code(), self._size()
        )
        return replace(
            told, rows=shown, wrong=int(wrong), left=int(left or 0), at_least=count > CAP, upgrade=code,
            own_revision=own, why=why,
        )  # fmt: skip

    def _where_of_code(self) -> str:
        """Which rows the UPDATE of the revision changes: by then the column is there."""
        return f"{self.name} IS NULL" if self.is_new else self.bad

    def _looked(self, expression: str) -> str:
        """A query of key, old, new value and what is wrong with the new one, of the rows in the way."""
        new = "filled.workbench_new"
        cases = [(each.refused(new), each.problem) for each in self.needs if each.words != UNIQUE]
        where, again, scope = "", "", self.bad
        if any(each.words == UNIQUE for each in self.needs):
            # What comes twice shows only among all rows, those that are right included.
            scope = "1 = 1"
            again = f", count(*) OVER (PARTITION BY {new}) AS workbench_again"
            where = " WHERE filled.workbench_bad = 1 OR (filled.workbench_new IS NOT NULL AND workbench_again > 1)"
            cases.append(("filled.workbench_new IS NOT NULL AND workbench_again > 1", "comes twice"))
        problem = " ".join(f"WHEN {condition} THEN '{_text(words)}'" for condition, words in cases if condition)
        told = f"CASE {problem} ELSE '' END" if problem else "''"
        inner = f"SELECT filled.*{again} FROM ({self._filled(expression, scope)}) AS filled"  # noqa: S608 - as above
        limit = f" LIMIT {CAP}"
        names = ", ".join([*self._names(), "workbench_old", "workbench_new"])
        return f"SELECT {names}, {told} AS problem FROM ({inner}) AS filled{where}{limit}"  # noqa: S608 - as above

    def _filled(self, expression: str, where: str) -> str:
        """A query of key, old value, new value, and whether the row is in the way now."""
        old = "NULL" if self.is_new else f"{self.source}.{self.name}"
        new = f"({expression}\n)"
        if not self.is_new and where != self.bad:
            new = f"CASE WHEN {self.bad} THEN {new} ELSE {old} END"
        parts = [*self._keys_as(), f"{old} AS workbench_old", f"{new} AS workbench_new"]
        bad = "1" if self.is_new or where == self.bad else f"CASE WHEN {self.bad} THEN 1 ELSE 0 END"
        return f"SELECT {', '.join([*parts, f'{bad} AS workbench_bad'])} FROM {self.source} WHERE {where}"  # noqa: S608 - as above

    def _names(self) -> list[str]:
        return [f"workbench_key_{number}" for number in range(len(self.keys))]

    def _keys(self) -> str:
        return ", ".join(self._names()) or "workbench_new"

    def _keys_as(self) -> list[str]:
        pairs = zip(self.keys, self._names(), strict=True)
        return [f"{self.source}.{quoted(each, self.dialect)} AS {name}" for each, name in pairs]

    def _rows(self, sql: str) -> Sequence[Sequence[Any]]:
        return self.ask(sql, self.live.database)

    def _count(self, where: str = "") -> int:
        inner = f"SELECT 1 AS one FROM {self.source} WHERE {where or self.bad} LIMIT {CAP + 1}"  # noqa: S608 - as above
        return int(self._rows(f"SELECT count(*) FROM ({inner}) AS counted")[0][0])  # noqa: S608 - as above

    def _size(self) -> int:
        """How many rows the table has, up to one more than are few."""
        return self._count("1 = 1")

    def _failing(self, told: Backfill, expression: str) -> Backfill:
        """The first row, by the key, on which it cannot be computed: found by halves."""
        count = self._count()
        if not self.keys:
            words = self._error(expression, 0, count) or "it fails on some rows"
            return replace(told, problem=words, wrong=min(count, CAP), at_least=count > CAP)
        low, high = 0, min(count, CAP)
        while low < high:
            middle = (low + high) // 2
            if self._error(expression, low, middle + 1 - low):
                high = middle
            else:
                low = middle + 1
        words = self._error(expression, low, 1)
        key = tuple(self._chosen("", low, 1)[0]) if words else ()
        if not words:
            return replace(told, problem=self._error(expression, 0, count) or "it takes too long to be tried")
        where = ", ".join(f"{name} {value}" for name, value in zip(self.keys, key, strict=True))
        return replace(
            told, problem=f"fails on row {low + 1:,} ({where}): {words}", rows=(Filled(key, None, None, words),),
            wrong=min(count, CAP), at_least=count > CAP,
        )  # fmt: skip

    def _error(self, expression: str, offset: int, count: int) -> str:
        try:
            self._chosen(expression, offset, count)
        except (QueryFailed, DatabaseReadOnly) as error:
            return _words(error)
        return ""

    def _chosen(self, expression: str, offset: int, count: int) -> Sequence[Sequence[Any]]:
        """Some rows in the way in the order of the key; an expression is computed for them, and for no other."""
        keys = ", ".join(f"{self.source}.{quoted(each, self.dialect)}" for each in self.keys)
        inner = f"SELECT * FROM {self.source} WHERE {self.bad} ORDER BY {keys or '1'} LIMIT {count} OFFSET {offset}"  # noqa: S608 - as above
        if not expression:
            names = ", ".join(f"chosen.{quoted(each, self.dialect)}" for each in self.keys)
            return self._rows(f"SELECT {names} FROM ({inner}) AS chosen")  # noqa: S608 - as above
        name = quoted(self.live.name, self.dialect)
        # count() has it computed for each of them, and needs no type that all have in common.
        return self._rows(f"SELECT count(({expression}\n)) FROM ({inner}) AS {name}")  # noqa: S608 - as above

    # -- Python ---------------------------------------------------------------------------------------------------

    def python(self, compute: Callable[[Row], Any], text: str) -> Backfill:
        """The answer for an expression in Python: computed here, on the rows in the way."""
        told = self._begun(text or getattr(compute, "__name__", "a callable"), "python")
        columns = [each.name for each in self.live.columns]
        listed = ", ".join(quoted(each, self.dialect) for each in columns)
        order = f" ORDER BY {', '.join(quoted(each, self.dialect) for each in self.keys)}" if self.keys else ""
        rows = self._rows(f"SELECT {listed} FROM {self.source} WHERE {self.bad}{order} LIMIT {CAP}")  # noqa: S608 - as above
        given = [dict(zip(columns, row, strict=True)) for row in rows]
        filled = backfills_python.filled(given, compute, self.keys, None if self.is_new else self.column)
        filled = backfills_python.judged(filled, self.needs, self.model, self.column, self.dialect, self._refused)
        failing = next((at for at, each in enumerate(filled) if each.problem.startswith(backfills_python.FAILED)), None)
        worst = sorted(filled, key=lambda each: each.problem == "")[:SHOWN]
        count = self._count()
        code, own, why = backfills_code.of_python(
            self.dialect, self.live, self.column, text, self._where_of_code(), self._size()
        )
        problem = ""
        if failing is not None:
            each = filled[failing]
            where = ", ".join(f"{name} {value}" for name, value in zip(self.keys, each.key, strict=True))
            words = each.problem.removeprefix(backfills_python.FAILED)
            problem = f"fails on row {failing + 1:,}{f' ({where})' if where else ''}: {words}"
        worst = [replace(each, problem=each.problem.removeprefix(backfills_python.FAILED)) for each in worst]
        return replace(
            told, rows=tuple(worst), wrong=len(rows), left=sum(bool(each.problem) for each in filled),
            at_least=count > CAP, problem=problem, upgrade=() if problem else code, own_revision=own and not problem,
            why=why,
        )  # fmt: skip

    def _refused(self, need: Need, values: Sequence[str]) -> set[int]:
        """Which of some values, as literals of SQL, are refused: by their place."""
        if need.words == UNIQUE:
            if self.is_new:
                return set()
            other = f"{self.source}.{self.name} = given.value AND NOT ({self.bad})"
            mine = f"EXISTS (SELECT 1 FROM {self.source} WHERE {other})"  # noqa: S608 - as above
        else:
            mine = need.refused("given.value")
        listed = " UNION ALL ".join(f"SELECT {at} AS place, {each} AS value" for at, each in enumerate(values))
        rows = self._rows(f"SELECT given.place FROM ({listed}) AS given WHERE {mine}")  # noqa: S608 - as above
        return {int(row[0]) for row in rows}


def _text(words: str) -> str:
    return words.replace("'", "''")


def _words(error: WorkbenchError) -> str:
    told = dict(error.evidence).get("the database says", "")
    if isinstance(error, DatabaseReadOnly):
        return f"it would write, or is no expression: {told or error.message}"
    return str(told or error.message)
