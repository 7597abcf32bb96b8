"""Gives SQLite's DDL a transaction, so that a step that fails is rolled back whole.

Python's driver begins a transaction by itself before INSERT, UPDATE and DELETE, and never before DDL, though SQLite
could roll that back. So one is begun here, before the first statement that writes; Alembic commits it after each step.

Nothing else may change by it. Whatever means something only outside a transaction (`PRAGMA foreign_keys=OFF` at the
head of an upgrade, without which a batch could delete the rows of other tables; VACUUM; another connection to the same
file) finds none where plain Alembic would have none: what was begun here is committed first. And where a step itself
asks for a ROLLBACK, what plain Alembic would have committed before stays: a savepoint marks how far that goes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.bridge import audit
from workbench.bridge.sqlite_statements import ALONE, DML, kind

_LEGACY = -1  # sqlite3.LEGACY_TRANSACTION_CONTROL, since Python 3.12
_STATE = "workbench_transaction"
_MARK = "workbench_plain"


def can_roll_back(connection: Any) -> bool:
    """Whether what fails on this SQLite connection is rolled back whole, DDL too."""
    raw = _raw(connection)
    if raw is None:
        return False
    # Else env.py has the driver begin nothing: with the documented recipe SQLAlchemy has begun, as it was asked before.
    return manages(raw) or bool(getattr(_driver(raw), "in_transaction", False))


def manages(raw: Any) -> bool:
    """Whether the driver leaves DDL outside of its transactions, and ends one that was begun in its stead."""
    driver = _driver(raw)
    if not hasattr(driver, "in_transaction") or getattr(raw, "isolation_level", None) is None:
        return False  # None: in autocommit, or env.py begins by itself, as SQLAlchemy's documentation shows
    inner = getattr(driver, "_conn", driver)  # aiosqlite's
    return bool(getattr(inner, "autocommit", _LEGACY) == _LEGACY)


@dataclass
class _State:
    """The transaction of one connection."""

    managed: bool = False
    """Steps are running on it. What env.py does before and after them is its own business."""
    ours: bool = False
    """It was begun here."""
    plain: bool = False
    """Without us there would be one, too: a statement has changed rows, or a savepoint is open."""
    marked: bool = False
    """A savepoint stands where the transaction of plain Alembic would have begun."""
    savepoints: int = 0
    plain_before: bool = False
    """What `plain` was when the outermost savepoint was made."""
    version: int = -1
    """SQLite's count of changes to the schema when it was begun."""

    def end(self) -> None:
        self.ours, self.plain, self.marked, self.savepoints, self.plain_before = False, False, False, 0, False


@dataclass
class Transactions:
    """Begins and ends them. `committed` is called when a step has committed something before its end."""

    committed: Callable[[], None]
    in_step: bool = False
    """The code of a revision runs. What is rolled back now, the revision itself has asked for."""
    _open: dict[int, tuple[_State, Any, str]] = field(default_factory=dict)
    _writes: int = 0
    _version: int = -1

    def manage(self, connection: Any) -> None:
        """Begin transactions on this connection from now on: steps will run on it."""
        raw = _raw(connection)
        if connection.dialect.name == "sqlite" and raw is not None and manages(raw):
            _state_of(connection).managed = True
            audit.listen(self._aside)

    def release(self, connection: Any) -> None:
        """Begin none any more: the steps have ended, or one of them has failed."""
        audit.ignore(self._aside)
        with contextlib.suppress(Exception):  # it may have been closed
            _state_of(connection).managed = False

    def step_begins(self, connection: Any) -> None:
        """Take note of what is there before a step."""
        self._writes, self._version = 0, -1
        raw = _raw(connection)
        if raw is not None and manages(raw):
            state = _state_of(connection)
            inside = state.ours and _driver(raw).in_transaction
            self._version = state.version if inside else _schema_version(raw)

    def before(self, connection: Any, cursor: Any, statement: str) -> None:
        """Begin, or commit, what the statement needs begun or committed."""
        raw = _raw(connection)
        self._settle_others(connection, raw)
        if raw is None or not manages(raw):
            return
        state = _state_of(connection)
        if not state.managed and not state.ours:
            return
        inside = bool(_driver(raw).in_transaction)
        if not inside:
            state.end()
            self._open.pop(id(state), None)
        elif not state.ours:
            return  # somebody else has begun it, and knows what belongs into it
        word = kind(statement)
        _unmark(state, cursor)
        if word == "ROLLBACK" and state.marked:
            self._keep_what_was_committed(state, raw)
            cursor.execute("BEGIN")  # for the statement to end
        elif word in ALONE:
            self._settle(state, raw)
        elif word and (inside or state.managed):
            was = state.plain
            _follow(state, word)
            if not inside:
                self._begin(connection, cursor, state)
            elif state.plain and not was:
                cursor.execute(f"SAVEPOINT {_MARK}")
                state.marked = True
            self._writes += word not in {"SAVEPOINT", "RELEASE", "TO"}

    def _begin(self, connection: Any, cursor: Any, state: _State) -> None:
        raw = _raw(connection)
        version = _schema_version(raw)
        cursor.execute(f"BEGIN {raw.isolation_level}")
        state.ours, state.version = True, version
        self._open[id(state)] = state, raw, _file(connection)

    def rolls_back(self, connection: Any) -> None:
        """Look, before SQLAlchemy rolls back, what of it plain Alembic would have committed."""
        raw = _raw(connection)
        if self.in_step and raw is not None and manages(raw):
            state = _state_of(connection)
            if state.ours and _driver(raw).in_transaction:
                self._keep_what_was_committed(state, raw)
        self.ends(connection)

    def ends(self, connection: Any) -> None:
        """Look, before SQLAlchemy commits or rolls back, whether the step has committed something by itself."""
        raw = _raw(connection)
        if raw is None or not manages(raw):
            return
        state = _state_of(connection)
        inside = bool(_driver(raw).in_transaction)
        if self._version >= 0:
            # A script of several statements commits by itself, and no event tells of it. (A statement that was
            # interrupted has ended the transaction, too, by rolling it back: then the schema is as it was.)
            now = state.version if inside and state.ours else -1 if inside else _schema_version(raw)
            if now not in {-1, self._version}:
                self.committed()
        self._version = -1
        state.end()
        self._open.pop(id(state), None)

    def _settle_others(self, connection: Any, raw: Any) -> None:
        """Another connection to the same file would find it locked by what plain Alembic would have committed."""
        for state, other, file in list(self._open.values()):
            if other is not raw and file == _file(connection):
                with contextlib.suppress(Exception):  # of another thread's, or closed
                    self._settle(state, other)

    def _aside(self, event: str, arguments: tuple[Any, ...]) -> None:
        """So would one that a revision opens without SQLAlchemy, and a program that it starts."""
        if event == "open":
            return
        opened = str(arguments[0]) if event == "sqlite3.connect" else ""
        for state, raw, file in list(self._open.values()):
            if not opened or opened.startswith("file:") or os.path.realpath(opened) == file:
                with contextlib.suppress(Exception):  # of another thread's, or closed
                    self._settle(state, raw)

    def _keep_what_was_committed(self, state: _State, raw: Any) -> None:
        if state.marked:
            with contextlib.closing(raw.cursor()) as cursor:
                cursor.execute(f"ROLLBACK TO {_MARK}")
            state.plain = False
        self._settle(state, raw)

    def _settle(self, state: _State, raw: Any) -> None:
        if not state.ours or state.plain:
            return
        raw.commit()
        if self._writes:
            self.committed()
            self._version = -1  # told already
        self._writes = 0
        state.end()
        self._open.pop(id(state), None)


def _unmark(state: _State, cursor: Any) -> None:
    if state.marked and not state.plain:  # the outermost savepoint was released
        cursor.execute(f"RELEASE {_MARK}")
        state.marked = False


def _follow(state: _State, word: str) -> None:
    if word in DML:
        state.plain = True
    elif word == "SAVEPOINT":
        if state.savepoints == 0:
            state.plain_before = state.plain
        state.savepoints += 1
        state.plain = True
    elif word == "RELEASE" and state.savepoints:
        state.savepoints -= 1
        if state.savepoints == 0:
            state.plain = state.plain_before  # the outermost one commits, where nothing else was begun


def _raw(connection: Any) -> Any:
    return getattr(connection.connection, "dbapi_connection", None)


def _driver(raw: Any) -> Any:
    return getattr(raw, "driver_connection", raw)


def _state_of(connection: Any) -> _State:
    state: _State = connection.info.setdefault(_STATE, _State())  # ends with the driver's connection
    return state


def _schema_version(raw: Any) -> int:
    cursor = raw.cursor()
    try:
        cursor.execute("PRAGMA schema_version")
        row = cursor.fetchone()
        return int(row[0]) if row else -1
    finally:
        cursor.close()


def _file(connection: Any) -> str:
    return os.path.realpath(str(connection.engine.url.database or ""))
