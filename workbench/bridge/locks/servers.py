"""The locks of the servers: PostgreSQL's advisory locks, MySQL's and MariaDB's GET_LOCK."""

# ruff: noqa: S608 - what is put into these statements is quoted by `literal`

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import Any

from sqlalchemy import event

from workbench.bridge.environments import Part
from workbench.bridge.locks.kinds import Lock, who_am_i
from workbench.bridge.locks.sessions import Session, cursor_of, literal
from workbench.errors import DatabaseLocked

_LONGEST_NAME = 63  # bytes of an application_name
_KNOWS_IDLE_SESSIONS = (14,)  # PostgreSQL's idle_session_timeout would end a connection that only holds a lock


class PostgreSQLLock(Lock):
    """An advisory lock of a session of its own."""

    def resolve(self) -> None:
        """Find the schema that the version table is in, or will be made in."""
        visible = (
            "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            f"WHERE c.relname = {literal(self.table)} AND pg_catalog.pg_table_is_visible(c.oid)"
        )
        cursor = cursor_of(self.part)
        with contextlib.closing(cursor):
            cursor.execute(f"SELECT coalesce(({visible}), current_schema(), ''), pg_backend_pid()")
            schema, self.mine = cursor.fetchone()
        self.schema = self.schema or str(schema)

    def acquire(self) -> None:
        """Take it, or raise DatabaseLocked."""
        session = self.session = self._own_or_borrowed()
        if not session.is_shared and not self.is_borrowed:
            session.rows(f"SET application_name = {literal(_myself())}")
            version: Any = getattr(self.part.context.dialect, "server_version_info", None) or ()
            if version >= _KNOWS_IDLE_SESSIONS:
                session.rows("SET idle_session_timeout = 0")
        if not session.value(f"SELECT pg_try_advisory_lock({self._number})"):
            raise self._taken(session)
        self.is_held = True
        _release_with(self.part, self)

    def _table_sql(self) -> str:
        return (
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            f"WHERE c.relname = {literal(self.table)} AND n.nspname = {literal(self.schema)}"
        )

    def blockers(self, statement: str) -> tuple[str, ...]:
        """Sessions in whose transaction one of the tables in `statement` is locked."""
        if self.session is None:
            return ()
        named = f"position(lower(c.relname) in {literal(statement.lower())}) > 0"
        rows = self.session.rows(
            "SELECT DISTINCT a.pid, a.usename, a.application_name, a.state, "
            "to_char(a.xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS'), left(a.query, 80), c.relname "
            "FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation "
            "WHERE l.granted AND l.locktype = 'relation' AND a.datname = current_database() "
            "AND c.relkind IN ('r', 'p') "
            f"AND a.pid NOT IN (pg_backend_pid(), {int(self.mine)}) AND {named} ORDER BY 5, 1 LIMIT 3"
        )
        return tuple(
            f"{user or 'somebody'} ({', '.join(filter(None, (f'process {pid} of the server', name, state)))}) has "
            f"{table} locked since {since or '?'} UTC: {' '.join((query or '?').split())}"
            for pid, user, name, state, since, query, table in rows
        )

    def _sees_sql(self) -> str:
        return (
            "SELECT 1 FROM pg_catalog.pg_stat_activity "
            f"WHERE pid = {int(self.mine)} AND datname = pg_catalog.current_database()"
        )

    @property
    def _number(self) -> int:
        """63 bits: PostgreSQL's numbers have a sign. The lock is the database's own, so its name is no part of it."""
        told = f"workbench\0{self.schema}\0{self.table}"
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big") >> 1

    def _unlock_sql(self) -> str:
        return f"SELECT pg_advisory_unlock({self._number})"

    def _taken(self, session: Session) -> DatabaseLocked:
        rows = session.rows(
            "SELECT a.pid, a.application_name, a.usename, host(a.client_addr), "
            "to_char(a.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS') "
            "FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted "
            "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            f"AND l.classid::bigint = {self._number >> 32} AND l.objid::bigint = {self._number & 0xFFFFFFFF} "
            "AND l.objsubid = 1"
        )
        if not rows:
            return self._refused("somebody else, who has ended just now", "")
        pid, name, user, address, since = rows[0]
        who = str(name or "").removeprefix("workbench: ") or f"{user or 'somebody'}"
        return self._refused(
            ", ".join(filter(None, (who, since and f"since {since} UTC", address and f"from {address}"))),
            f"Should that process be no more and the lock still there: SELECT pg_terminate_backend({pid}).",
            (("database user", user or "not told"), ("process of the server", pid)),
        )


class MySQLLock(Lock):
    """A named lock of a session of its own. Names are the server's, so the database is part of them."""

    def resolve(self) -> None:
        """Find the database that the version table is in."""
        cursor = cursor_of(self.part)
        with contextlib.closing(cursor):
            cursor.execute("SELECT DATABASE(), CONNECTION_ID()")
            database, self.mine = cursor.fetchone()
        self.schema = self.schema or str(database or "")

    def acquire(self) -> None:
        """Take it, or raise DatabaseLocked."""
        session = self.session = self._own_or_borrowed()
        if not session.is_shared and not self.is_borrowed:
            with contextlib.suppress(Exception):  # else it is cut off when it has held the lock for that long
                session.rows("SET SESSION wait_timeout = 2147483")
        if session.value(f"SELECT GET_LOCK({self._name}, 0)") != 1:
            raise self._taken(session)
        self.is_held = True
        _release_with(self.part, self)

    def _table_sql(self) -> str:
        return (
            "SELECT 1 FROM information_schema.tables "
            f"WHERE table_schema = {literal(self.schema)} AND table_name = {literal(self.table)}"
        )

    def blockers(self, statement: str) -> tuple[str, ...]:  # noqa: ARG002 - MySQL does not tell which tables
        """Sessions with an open transaction, the oldest first: which tables these have locked is not to be had.

        Those in this database; only where there is none the others, which can name its tables, too.
        """
        if self.session is None:
            return ()
        rows = self.session.rows(
            "SELECT p.id, p.user, p.host, CAST(t.trx_started AS CHAR), LEFT(p.info, 80), p.db <=> DATABASE() "
            "FROM information_schema.innodb_trx t "
            "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
            f"WHERE p.id NOT IN (CONNECTION_ID(), {int(self.mine)}) "
            "ORDER BY p.db <=> DATABASE() DESC, t.trx_started LIMIT 3"
        )
        is_here = any(here for *_, here in rows)
        return tuple(
            f"{user} from {host} (connection {number}) has a transaction open since {since}"
            + (f": {' '.join(str(query).split())}" if query else "")
            for number, user, host, since, query, here in rows
            if here or not is_here
        )

    def _sees_sql(self) -> str:
        return f"SELECT 1 FROM information_schema.processlist WHERE id = {int(self.mine)} AND db <=> DATABASE()"

    @property
    def _name(self) -> str:
        told = hashlib.sha256(f"{self.schema}\0{self.table}".encode()).hexdigest()
        return literal(f"workbench:{told[:40]}")  # it may have 64 characters

    def _unlock_sql(self) -> str:
        return f"SELECT RELEASE_LOCK({self._name})"

    def _taken(self, session: Session) -> DatabaseLocked:
        number = session.value(f"SELECT IS_USED_LOCK({self._name})")
        if number is None:
            return self._refused("somebody else, who has ended just now", "")
        rows = []
        with contextlib.suppress(Exception):
            rows = session.rows(
                "SELECT user, host, CAST(TIME(UTC_TIMESTAMP() - INTERVAL time SECOND) AS CHAR) "
                f"FROM information_schema.processlist WHERE id = {int(number)}"
            )
        user, host, since = rows[0] if rows else ("another user", "", "")
        who = (f"{user}, connection {number}", since and f"since {since[:8]} UTC", host and f"from {host}")
        return self._refused(
            ", ".join(filter(None, who)),
            f"Should that one be no more and the lock still there: KILL {int(number)}.",
        )


def _release_with(part: Part, lock: Lock) -> None:
    """Of an async driver, give the lock back together with the connection that migrates: after its last commit.

    The lock's connection lives in the event loop that env.py runs, and that has ended when env.py has.
    """
    connection: Any = part.context.connection
    session = lock.session
    if session is None or not session.is_async:
        return
    pool = connection.engine.pool

    def given_back(raw: Any, _record: Any) -> None:
        if session is lock.session and (session.is_shared or raw is session.mine):
            lock.release()

    event.listen(pool, "checkin", given_back)


def _myself() -> str:
    """Who holds the lock, as other sessions of the server see it."""
    process = f", process {os.getpid()}"
    who = f"workbench: {who_am_i()}".encode("ascii", "replace").decode()
    return who[: _LONGEST_NAME - len(process)] + process
