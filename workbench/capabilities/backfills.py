"""The backfill lab: what an expression would make of the rows in the way, what is left of them, and the code for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.bridge.values import Rename
from workbench.capabilities import backfills_code, backfills_python
from workbench.capabilities.backfills_needs import UNIQUE, Need
from workbench.capabilities.backfills_scope import CAP, Place, Scope, scope
from workbench.capabilities.renames_rows import Ask
from workbench.errors import DatabaseReadOnly, QueryFailed, UnsupportedRequest, WorkbenchError
from workbench.hazards.question import quoted
from workbench.results import Schema
from workbench.results.backfills import Backfill, Filled

SHOWN = 20
Row = Mapping[str, Any]


def backfill(
    before: Schema, after: Schema, place: Place, expression: str | Callable[[Row], Any], ask: Ask,
    *, python: bool = False, renames: Iterable[Rename] = (),
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
        renames: What has another name in the live schema than in the models.

    Returns:
        The Backfill. An expression that cannot be computed, for all rows or for one of them, is told by its `problem`
        and its rows.

    Raises:
        UnsupportedRequest: There is no such table or column, no expression, or nothing that the rows have to fulfil.
        WorkbenchError: The database could not be asked at all.

    """
    if isinstance(expression, str):
        expression = plain(expression, place[2])
    found = scope(before, after, place, ask, renames)
    if not found.needs and not found.is_new:
        raise UnsupportedRequest(
            f"The models ask nothing of {found.model.qualified}.{place[2]} that its rows do not have already.",
            "Values are for a column that is new, or that becomes NOT NULL, unique, narrower or a foreign key.",
        )
    try_ = _Try(**vars(found))
    if not isinstance(expression, str):
        return try_.python(expression, backfills_python.source(expression))
    return try_.python(*backfills_python.compiled(expression)) if python else try_.sql(expression)


def lines(
    before: Schema, after: Schema, place: Place, expression: str, ask: Ask,
    *, python: bool = False, renames: Iterable[Rename] = (),
) -> backfills_code.Code:  # fmt: skip
    """The lines of a revision for an expression, without trying it; arguments and errors as `backfill`."""
    text = plain(expression, place[2])
    if python:
        backfills_python.compiled(text)
    found = scope(before, after, place, ask, renames)
    of = backfills_code.of_python if python else backfills_code.of_sql
    return of(found.dialect, found.live, found.column, text, found.where_of_code, found.size())


def plain(expression: str, column: str) -> str:
    """The expression without the semicolon at its end.

    Raises:
        UnsupportedRequest: There is none.

    """
    if not expression.strip():
        raise UnsupportedRequest(f"There is no expression for {column}.", 'Write SQL: "\'\'", "lower(name)".')
    return re.sub(r"\s*;\s*$", "", expression.strip())


class _Try(Scope):
    """The same, with an expression to try."""

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
            self.rows(f"SELECT {self._keys()} FROM ({self._filled(expression, self.bad)}) AS filled LIMIT 0")  # noqa: S608 - as above
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
            self.rows(f"SELECT * FROM ({self._filled(expression, '1 = 0')}) AS filled")  # noqa: S608 - as above
        except WorkbenchError:
            return False
        return True

    def _tried(self, told: Backfill, expression: str) -> Backfill:
        source = f"({self._looked(expression)}) AS looked"
        is_wrong = "sum(CASE WHEN problem <> '' THEN 1 ELSE 0 END)"
        wrong, left = self.rows(f"SELECT count(*), {is_wrong} FROM {source}")[0]  # noqa: S608 - as above
        count = self.count()
        order = ", ".join(["CASE WHEN problem = '' THEN 1 ELSE 0 END", *self._names()])
        rows = self.rows(f"SELECT * FROM {source} ORDER BY {order} LIMIT {SHOWN}")  # noqa: S608 - as above
        size = len(self.keys)
        shown = tuple(Filled(tuple(row[:size]), row[size], row[size + 1], str(row[-1])) for row in rows)
        code, own, why = backfills_code.of_sql(
            self.dialect, self.live, self.column, expression, self.where_of_code, self.size()
        )
        return replace(
            told, rows=shown, wrong=int(wrong), left=int(left or 0), at_least=count > CAP, upgrade=code,
            own_revision=own, why=why,
        )  # fmt: skip

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
        return f"SELECT {', '.join([*parts, f'{bad} AS workbench_bad'])} FROM {self.relation} WHERE {where}"  # noqa: S608 - as above

    def _names(self) -> list[str]:
        return [f"workbench_key_{number}" for number in range(len(self.keys))]

    def _keys(self) -> str:
        return ", ".join(self._names()) or "workbench_new"

    def _keys_as(self) -> list[str]:
        pairs = zip(self.keys, self._names(), strict=True)
        return [f"{self.source}.{quoted(each, self.dialect)} AS {name}" for each, name in pairs]

    def _failing(self, told: Backfill, expression: str) -> Backfill:
        """The first row, by the key, on which it cannot be computed: found by halves."""
        count = self.count()
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
        inner = f"SELECT * FROM {self.relation} WHERE {self.bad} ORDER BY {keys or '1'} LIMIT {count} OFFSET {offset}"  # noqa: S608 - as above
        if not expression:
            names = ", ".join(f"chosen.{quoted(each, self.dialect)}" for each in self.keys)
            return self.rows(f"SELECT {names} FROM ({inner}) AS chosen")  # noqa: S608 - as above
        name = quoted(self.live.name, self.dialect)
        # count() has it computed for each of them, and needs no type that all have in common.
        return self.rows(f"SELECT count(({expression}\n)) FROM ({inner}) AS {name}")  # noqa: S608 - as above

    # -- Python ---------------------------------------------------------------------------------------------------

    def python(self, compute: Callable[[Row], Any], text: str) -> Backfill:
        """The answer for an expression in Python: computed here, on the rows in the way."""
        told = self._begun(text or getattr(compute, "__name__", "a callable"), "python")
        columns = [each.name for each in self.live.columns]
        listed = ", ".join(quoted(each, self.dialect) for each in columns)
        order = f" ORDER BY {', '.join(quoted(each, self.dialect) for each in self.keys)}" if self.keys else ""
        rows = self.rows(f"SELECT {listed} FROM {self.relation} WHERE {self.bad}{order} LIMIT {CAP}")  # noqa: S608 - as above
        given = [dict(zip(columns, row, strict=True)) for row in rows]
        filled = backfills_python.filled(given, compute, self.keys, None if self.is_new else self.column)
        filled = backfills_python.judged(filled, self.needs, self.model, self.column, self.dialect, self._refused)
        failing = next((at for at, each in enumerate(filled) if each.problem.startswith(backfills_python.FAILED)), None)
        worst = sorted(filled, key=lambda each: each.problem == "")[:SHOWN]
        count = self.count()
        code, own, why = backfills_code.of_python(
            self.dialect, self.live, self.column, text, self.where_of_code, self.size()
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
            mine = f"EXISTS (SELECT 1 FROM {self.relation} WHERE {other})"  # noqa: S608 - as above
        else:
            mine = need.refused("given.value")
        listed = " UNION ALL ".join(f"SELECT {at} AS place, {each} AS value" for at, each in enumerate(values))
        rows = self.rows(f"SELECT given.place FROM ({listed}) AS given WHERE {mine}")  # noqa: S608 - as above
        return {int(row[0]) for row in rows}


def _text(words: str) -> str:
    return words.replace("'", "''")


def _words(error: WorkbenchError) -> str:
    told = dict(error.evidence).get("the database says", "")
    if isinstance(error, DatabaseReadOnly):
        return f"it would write, or is no expression: {told or error.message}"
    return str(told or error.message)
