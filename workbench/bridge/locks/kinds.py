"""What a lock is: of any kind of database, of none that we know one for, and of an SQLite file."""

# ruff: noqa: S608 - what is put into these statements is quoted by `literal` and by the dialect

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import hashlib
import os
import socket

from workbench.bridge import version_tables
from workbench.bridge.environments import Part
from workbench.bridge.locks import files
from workbench.bridge.locks.sessions import Session, cursor_of, literal, raw_of
from workbench.bridge.quoting import quote_of
from workbench.errors import DatabaseLocked


class Lock:
    """The lock of one database and version table; of a kind of database that we know no lock for, none."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.schema = version_tables.schema_of(part.context) or ""
        self.table = part.context.version_table
        self.is_held = False
        self.session: Session | None = None
        self.problem = ""
        """Why it could not be taken, where nobody else holds it."""
        self.mine = 0
        """The number by which the server knows the connection that migrates."""
        self.others: tuple[Lock, ...] = ()
        """Locks that are held already. One connection can hold many; a server has few, and tenants may be many."""
        self.is_borrowed = False
        """Whether `session` is another lock's."""
        self.resolve()

    @property
    def key(self) -> tuple[str, ...]:
        """What is locked."""
        url = self.part.context.connection.engine.url  # type: ignore[union-attr]
        return self.part.context.dialect.name, str(url), self.schema, self.table

    def resolve(self) -> None:
        """Find out which table that is: a name alone means another one with another search path."""

    def acquire(self) -> None:
        """Take it, or raise DatabaseLocked."""

    def lives_with(self, part: Part) -> bool:
        """Whether it is still held, now that `part` is migrated: what is env.py's own connection ends with that."""
        session = self.session
        connection = part.context.connection.connection  # type: ignore[union-attr]
        return session is None or not session.is_shared or session.mine is raw_of(connection)

    def heads(self) -> tuple[str, ...] | None:
        """The heads, sorted, as they are now for everybody; None if they cannot be had that way.

        env.py's own connection may have been reading since before the lock was taken, and sees what was then.
        """
        if self.session is None or self.session.is_shared:
            return None
        with contextlib.suppress(Exception):
            if not self.session.rows(self._table_sql()):
                return ()
            return tuple(sorted(str(row[0]) for row in self.session.rows(self._heads_sql())))
        return None

    def blockers(self, statement: str) -> tuple[str, ...]:  # noqa: ARG002
        """Who may hold what `statement` has waited for, each in a line."""
        return ()

    def release(self) -> None:
        """Give it back. Once is enough."""
        session, self.session = self.session, None
        unlock, self.is_held = self._unlock_sql() if self.is_held else "", False
        if session is not None and self.is_borrowed:
            with contextlib.suppress(Exception):  # its end gives everything back
                session.rows(unlock or "SELECT 1")
        elif session is not None:
            session.close(unlock)

    def _own_or_borrowed(self) -> Session:
        """The connection of a lock on the same server, database and account; else a new one."""
        url = self.part.context.connection.engine.url  # type: ignore[union-attr]
        for other in self.others:
            session = other.session
            if session is None or other.is_borrowed or session.is_shared or session.is_async or session.url != url:
                continue
            with contextlib.suppress(Exception):
                if session.rows(self._sees_sql()):
                    self.is_borrowed = True
                    return session
        return Session(self.part)

    def _sees_sql(self) -> str:
        """Gives a row on a connection to the server and database of the one that migrates: a URL need not tell."""
        return ""

    def _table_sql(self) -> str:
        """Gives a row if there is a version table."""
        return ""

    def _heads_sql(self) -> str:
        quote = quote_of(self.part.context.dialect)
        name = f"{quote(self.schema)}.{quote(self.table)}" if self.schema else quote(self.table)
        return f"SELECT version_num FROM {name}"

    def _unlock_sql(self) -> str:
        return ""

    def _refused(self, holder: str, remedy: str, evidence: tuple[tuple[str, str], ...] = ()) -> DatabaseLocked:
        database = self.part.database
        where = f" on {database.host}" if database.host else ""
        return DatabaseLocked(
            f"{database.name}{where} is being migrated by {holder}. Nothing was run.",
            f"Wait until it has ended, then make the plan again. {remedy}".strip(),
            evidence,
        )


class SQLiteLock(Lock):
    """A lock on a file beside the database's, and of the same name with a tail."""

    file = ""
    held: files.FileLock | None = None

    def resolve(self) -> None:
        """Find the database's file."""
        cursor = cursor_of(self.part)
        with contextlib.closing(cursor):
            cursor.execute("PRAGMA database_list")
            files = {str(row[1]): str(row[2] or "") for row in cursor.fetchall()}
        file = files.get(self.schema or "main", "")
        self.file = os.path.realpath(file) if file else ""

    @property
    def key(self) -> tuple[str, ...]:
        """The file, by whatever name env.py knows it."""
        return "sqlite", self.file, self.table

    def acquire(self) -> None:
        """Take it, or raise DatabaseLocked. Where no file can be made, SQLite could not write either."""
        if not self.file:
            return
        table = "" if self.table == "alembic_version" else f".{hashlib.sha256(self.table.encode()).hexdigest()[:8]}"
        now = dt.datetime.now(dt.timezone.utc)
        card = {"who": who_am_i(), "process": os.getpid(), "since": now.strftime("%H:%M:%S"), "table": self.table}
        path = f"{self.file}{table}.workbench-lock"
        try:
            self.held = files.acquire(path, card)
        except files.Taken as taken:
            told = taken.args[0]
            who = [str(told.get("who") or "somebody else")]
            who += [f"process {told['process']}"] if "process" in told else []
            who += [f"since {told['since']} UTC"] if "since" in told else []
            raise self._refused(", ".join(who), "", (("lock", path),)) from None
        self.is_held = self.held is not None

    def _table_sql(self) -> str:
        return f"SELECT 1 FROM sqlite_master WHERE name = {literal(self.table)}"

    def heads(self) -> tuple[str, ...] | None:
        """As of any other, through a connection that does not live longer than that."""
        if not self.is_held or self.schema:  # what env.py has attached is on its own connection only
            return None
        session = self.session = Session(self.part)
        try:
            return super().heads()
        finally:
            self.session = None
            session.close("")  # what is locked is a file, and a connection could be in the way of a statement

    def release(self) -> None:
        """Give it back, and take the file away."""
        super().release()
        held, self.held = self.held, None
        if held is not None:
            held.release()


def who_am_i() -> str:
    """`anna@laptop`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without an entry in its passwd
        user = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    return f"{user}@{socket.gethostname().partition('.')[0]}"
