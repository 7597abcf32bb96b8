"""Watches every engine in the worker: keeps questions read-only, records statements, can cancel a running one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import event, exc
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from workbench.bridge import drivers, read_only
from workbench.bridge.scratch.databases import ScratchDatabase
from workbench.bridge.scratch.leading import Opening, Scratches, check_arrival, check_connection, check_statement
from workbench.bridge.sqlite_transactions import Transactions
from workbench.bridge.timeouts import Timeouts
from workbench.text import forms_of_secret, passwords_in

Listener = Callable[[str, "int | None", "float | None"], None]


class Guard:
    """Installed once in the worker, before any of the project's code is imported."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        """Every password that a driver was given, so that no message can carry it."""
        self.writing = False
        self.listener: Listener | None = None
        """Told of each statement: (sql, None, None) before it, (sql, rows, seconds) after it."""
        self.url: str | None = None
        """What to connect to instead of env.py's own URL."""
        self.redirected: set[str] = set()
        """The URLs that env.py itself would have connected to, where `url` has taken their place."""
        self.commits = 0
        """How many transactions were committed since `allow_writing` began."""
        self.transactions = Transactions(self._committed)
        """SQLite's, while something is written."""
        self._open: dict[int, tuple[Any, Any, Any, Any]] = {}
        self._openings: list[Opening] = []
        """Those that are being led to a scratch database, and those that could not be."""
        self._scratches: Scratches | None = None
        self._timeouts: Timeouts | None = None
        self._lock = threading.Lock()
        self._mode = 0

    def install(self) -> None:
        """Listen on all engines and pools of this process."""
        event.listen(Engine, "do_connect", self._do_connect)
        event.listen(Pool, "first_connect", self._arrived)  # it is told before "connect"
        event.listen(Pool, "connect", self._connected)
        event.listen(Pool, "checkout", self._checked_out)
        event.listen(Pool, "close", self._closed)
        event.listen(Engine, "engine_connect", self._in_use)
        event.listen(Engine, "before_cursor_execute", self._before, retval=True)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "commit", self._ends)
        event.listen(Engine, "rollback", self._rolls_back)
        drivers.redirect_engines(lambda: self.url, self._engine_made)

    @contextlib.contextmanager
    def allow_writing(self, listener: Listener, timeouts: Timeouts | None = None) -> Iterator[None]:
        """Let commits through, and tell `listener` of each statement; `timeouts` are set on each new connection."""
        before = self.writing, self.listener
        self.writing, self.listener, self.commits, self._timeouts = True, listener, 0, timeouts
        self._mode += 1
        try:
            yield
        finally:
            self.writing, self.listener = before
            self._timeouts = None
            self._mode += 1

    @contextlib.contextmanager
    def own_connection(self) -> Iterator[None]:
        """Connections that are made meanwhile are ours, and no part of the question that is being asked."""
        before, self.writing = self.writing, True
        try:
            yield
        finally:
            self.writing = before

    @contextlib.contextmanager
    def lead(self, scratches: Sequence[ScratchDatabase], listener: Listener | None = None) -> Iterator[None]:
        """Lead every connection to the scratch database that stands in for the one asked for, and let it write.

        One that comes out anywhere else is closed before anything is executed on it.

        Raises:
            ScratchRefused: From within env.py, when it opens a connection by itself, or one to a database that has no
                scratch database.

        """
        before = self.writing, self.listener, self._scratches
        # Of several for one database, as tenants of it would have, the first stands in for all of them.
        self._scratches = {each.live: each for each in reversed(scratches)}
        self.writing, self.listener, self.commits = True, listener, 0
        self._mode += 1
        try:
            yield
        finally:
            self.writing, self.listener, self._scratches = before
            self._mode += 1
            while self._openings:
                self._openings.pop().used()

    def cancel(self) -> None:
        """Ask the drivers to stop what is running. Called from another thread than the one that waits."""
        with self._lock:
            open_now = list(self._open.values())
        for connection, dialect, arguments, keywords in open_now:
            with contextlib.suppress(Exception):  # a connection that has just gone needs no cancel
                drivers.cancel(connection, dialect, arguments, keywords)

    def _engine_made(self, url: Any, asked: Any) -> None:
        if self.url is not None:
            self.redirected.add(str(asked))
        if getattr(url, "password", None):
            self.secrets.update(forms_of_secret(str(url.password)))
        # An @ in a password that is not percent-encoded: the rest of it is taken for the host, and drivers say hosts.
        rest = str(getattr(url, "host", None) or "").rpartition("@")[0]
        if rest:
            self.secrets.add(rest)

    # -- events ---------------------------------------------------------------------------------------------------

    def _do_connect(self, dialect: Any, record: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
        self._opens(dialect, record, arguments, keywords)
        for name in ("password", "passwd"):
            if keywords.get(name):
                self.secrets.update(forms_of_secret(str(keywords[name])))
        for each in arguments:
            for password in passwords_in(str(each), pairs=True):  # a DSN
                self.secrets.update(forms_of_secret(password))
        if "do_commit" not in dialect.__dict__:
            self._hold_back_commits(dialect)
        if dialect.name == "sqlite" and not self.writing and arguments:
            read_only.make_no_file(arguments)

    def _opens(self, dialect: Any, record: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
        for each in [each for each in self._openings if each.keywords is keywords]:
            self._openings.remove(each)  # it could not be opened, and is tried again
            each.used()
        opening = Opening(dialect, arguments, keywords)
        if self._scratches is not None:
            opening.lead(self._scratches)
            self._openings.append(opening)
        if record is not None:
            record.info["workbench_opening"] = opening

    def _hold_back_commits(self, dialect: Any) -> None:
        """A question must not write, also where env.py itself does (CREATE SCHEMA IF NOT EXISTS; commit()).

        The transaction goes on instead, so that env.py finds what it made, and `SET search_path` holds; it is
        rolled back when the connection is given back.
        """
        commit, isolate = dialect.do_commit, dialect.set_isolation_level

        def do_commit(connection: Any) -> None:
            if self.writing:
                commit(connection)
                self.commits += 1

        def set_isolation_level(connection: Any, level: Any) -> None:
            if self.writing or str(level).upper() != "AUTOCOMMIT" or dialect.name != "postgresql":
                isolate(connection, level)

        dialect.do_commit, dialect.set_isolation_level = do_commit, set_isolation_level

    def _arrived(self, connection: Any, record: Any) -> None:
        if self._scratches is not None:
            opening = record.info.get("workbench_opening")  # none where env.py opens it by itself
            check_arrival(connection, opening and opening.scratch, self._scratches.values())

    def _connected(self, connection: Any, record: Any) -> None:
        self._arrived(connection, record)
        record.info["workbench_mode"] = self._mode
        opening = record.info.pop("workbench_opening", None)
        dialect = None
        if opening is not None:
            dialect, arguments, keywords = opening.used()
            if opening in self._openings:
                self._openings.remove(opening)
            record.info["workbench_opened"] = dialect, arguments, keywords
            record.info["workbench_scratch"] = opening.scratch.name if opening.scratch is not None else None
            with self._lock:
                self._open[id(connection)] = (connection, dialect, arguments, keywords)
        if self._timeouts is not None:
            self._timeouts.set_on(connection, dialect)
        if not self.writing:
            read_only.refuse_what_commits(connection, dialect)

    def _checked_out(self, _connection: Any, record: Any, _proxy: Any) -> None:
        # A connection that a pool has kept from a question is read-only, or not even to the right file; and one
        # from an apply is not guarded. The pool makes a new one.
        if record.info.get("workbench_mode") != self._mode:
            raise exc.DisconnectionError("made for a question or an apply, and now is the other")

    def _closed(self, connection: Any, _record: Any) -> None:
        with self._lock:
            self._open.pop(id(connection), None)

    def _in_use(self, connection: Any, *_: Any) -> None:
        if not self.writing:
            read_only.refuse_writes(connection)

    def _committed(self) -> None:
        self.commits += 1

    def _ends(self, connection: Any) -> None:
        if self.writing and connection.dialect.name == "sqlite":
            self.transactions.ends(connection)

    def _rolls_back(self, connection: Any) -> None:
        if self.writing and connection.dialect.name == "sqlite":
            self.transactions.rolls_back(connection)

    def _before(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, _many: bool) -> Any:
        if self._scratches is not None:
            check_connection(connection.info)
            check_statement(statement, self._scratches.values())
        if self.listener is not None:
            if context is not None:
                context._workbench_began = time.perf_counter()
            self.listener(statement, None, None)
        if self.writing and connection.dialect.name == "sqlite":
            self.transactions.before(connection, cursor, statement)
        if not self.writing:
            statement = read_only.without_commit(connection, statement)
        return statement, parameters

    def _after(self, _c: Any, cursor: Any, statement: str, _p: Any, context: Any, _many: bool) -> None:
        if self.listener is not None:
            began = getattr(context, "_workbench_began", None)
            rows = getattr(cursor, "rowcount", -1)
            seconds = 0.0 if began is None else time.perf_counter() - began
            known = isinstance(rows, int) and rows >= 0
            described = isinstance(getattr(cursor, "description", None), tuple)
            if rows == 0 and described and context.dialect.name == "sqlite":
                known = False  # INSERT … RETURNING: SQLite counts when the rows are fetched
            self.listener(statement, rows if known else None, seconds)
