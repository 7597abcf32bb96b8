"""A place where faults happen: a project, its database, and a look at both that goes past the workbench."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.results import Plan

PATIENCE = 60.0
"""Seconds until something that has to happen counts as not happening."""

GATE = 4711
"""The server's own lock that a statement waits for in the middle, so that a fault can strike just then."""

NAP = "SLEEP(0.0203)"
"""So MariaDB waits; a session that does this is at the gate."""

BEFORE = (
    "CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(50) NOT NULL)",
    "CREATE TABLE product (id INTEGER NOT NULL PRIMARY KEY, price INTEGER NOT NULL)",
    "INSERT INTO customer VALUES (1, 'ada@example.org'), (2, 'bob@example.org'), (3, 'eve@example.org')",
    "INSERT INTO product VALUES (1, 10), (2, 20), (3, 30)",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('r1')",
)
"""The database as every fault finds it, at r1."""

MARKS = (
    "CREATE TABLE voucher",
    "ADD COLUMN nickname",
    "CREATE UNIQUE INDEX ux_customer_email",
    "CREATE TABLE payment",
    "ADD COLUMN points",
)
"""By these words each of the five statements of the revision `five` is known."""

REVISIONS = {
    "r1": (
        None,
        """
        op.create_table(
            'customer', sa.Column('id', sa.Integer, primary_key=True), sa.Column('email', sa.String(50), nullable=False)
        )
        op.create_table(
            'product', sa.Column('id', sa.Integer, primary_key=True), sa.Column('price', sa.Integer, nullable=False)
        )
        """,
    ),
    "five": (
        "r1",
        """
        op.create_table('voucher', sa.Column('id', sa.Integer, primary_key=True))
        op.add_column('customer', sa.Column('nickname', sa.String(20)))
        op.create_index('ux_customer_email', 'customer', ['email'], unique=True)
        op.create_table('payment', sa.Column('id', sa.Integer, primary_key=True))
        op.add_column('customer', sa.Column('points', sa.Integer))
        """,
    ),
    "deadlock": (
        "r1",
        """
        op.get_bind().execute(sa.text('SELECT count(*) FROM customer')).scalar()
        op.execute("UPDATE customer SET email = 'ADA' WHERE id = 1")
        op.execute('UPDATE product SET price = 11 WHERE id = 1')
        """,
    ),
    "autocommit": (
        "r1",
        """
        op.create_table('a1', sa.Column('id', sa.Integer, primary_key=True))
        with op.get_context().autocommit_block():
            op.create_table('a2', sa.Column('id', sa.Integer, primary_key=True))
            op.create_index('ux_autocommit', 'customer', ['email'], unique=True)
        """,
    ),
    "batch": (
        "r1",
        """
        with op.batch_alter_table('customer') as table:
            table.create_unique_constraint('uq_customer_email', ['email'])
        """,
    ),
    "tiny": ("r1", "op.create_table('tiny', sa.Column('id', sa.Integer, primary_key=True))"),
    "concurrent": (
        "r1",
        """
        with op.get_context().autocommit_block():
            op.create_index('ux_concurrent', 'customer', ['email'], unique=True, postgresql_concurrently=True)
        """,
    ),
    "full": (
        "r1",
        """
        dialect = op.get_context().dialect.name
        filler, count = {
            'sqlite': ('hex(zeroblob(750))', 4000), 'postgresql': ("repeat('x', 1500)", 4000),
            'mysql': ("repeat('x', 4000)", 900),
        }[dialect]
        op.create_table(
            'big', sa.Column('id', sa.Integer, primary_key=True), sa.Column('filler', sa.String(4000)),
            **({'postgresql_tablespace': 'tiny'} if dialect == 'postgresql' else {})
        )
        op.execute(
            'INSERT INTO big (id, filler) WITH RECURSIVE n(i) AS '
            f'(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i, {filler} FROM n'
        )
        """,
    ),
}
"""What every project has: `five`, and others that end in other ways, all of them after r1."""

ENV = '''
    """Alembic's own, and a trap for one statement."""

    import json
    import os
    import signal
    import time
    from pathlib import Path

    from alembic import context
    from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, event, pool

    FOLDER = Path(__file__).parents[1]
    engine = create_engine({url!r}, poolclass=pool.NullPool)
    metadata = MetaData()
    Table("customer", metadata, Column("id", Integer, primary_key=True), Column("email", String(50), nullable=False))
    Table("product", metadata, Column("id", Integer, primary_key=True), Column("price", Integer, nullable=False))


    def trap(statement):
        file = FOLDER / "trap.json"
        told = json.loads(file.read_text()) if file.exists() else {{"mark": None}}
        if told["mark"] is None or told["mark"] not in statement:
            return {{"when": "never"}}
        if told["when"] != "after":
            file.unlink()
        return told


    def die():
        os.kill(os.getpid(), signal.SIGKILL)


    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def before(connection, cursor, statement, parameters, execution, many):
        told = trap(statement)
        if told["when"] == "before":
            die()
        if told["when"] == "inside" and engine.dialect.name == "sqlite":
            cursor.connection.set_progress_handler(die, 5)
        if told["when"] == "gate" and engine.dialect.name == "sqlite":
            cursor.connection.set_progress_handler(lambda: time.sleep(0.02), 1)
        if told["when"] == "gate":
            (FOLDER / "reached").touch()
        return told.get("instead", "{{statement}}").replace("{{statement}}", statement.strip()), parameters


    @event.listens_for(engine, "after_cursor_execute")
    def after(connection, cursor, statement, parameters, execution, many):
        if trap(statement)["when"] == "after":
            (FOLDER / "trap.json").unlink()
            die()


    with engine.connect() as connection:
        if (FOLDER / "connected.sql").exists():
            connection.connection.cursor().execute((FOLDER / "connected.sql").read_text())
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
'''


@dataclass(frozen=True)
class Look:
    """What is in a database."""

    heads: tuple[str, ...] | None
    """None where there is no version table."""
    schema: dict[str, Any]
    """By table: its columns and indexes."""
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def took(self) -> tuple[bool, ...]:
        """Which of the statements of `five` are to be seen."""
        customer = self.schema.get("customer", ((), ()))
        return (
            "voucher" in self.schema,
            any(each[0] == "nickname" for each in customer[0]),
            any(each[0] == "ux_customer_email" for each in customer[1]),
            "payment" in self.schema,
            any(each[0] == "points" for each in customer[0]),
        )


class Place:
    """One project on one database."""

    def __init__(self, folder: Path, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self.made: Project = project(folder, url)
        self.made.raw_env(ENV.format(url=url))
        for name, (down, upgrade) in REVISIONS.items():
            self.made.revision(name, down, upgrade)
        self.wb: Workbench = self.made.workbench()
        self.references: dict[str, Look] = {}

    @property
    def is_transactional(self) -> bool:
        """Whether the workbench says that a failed revision is rolled back as a whole."""
        return self.wb.current().databases[0].transactional_ddl

    # -- past the workbench ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of one's own, in autocommit."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def session(self) -> Iterator[Connection]:
        """Somebody else's connection, who begins and ends transactions by statements."""
        with self.connection() as connection:
            yield connection
            if self.kind == "sqlite":
                with contextlib.suppress(SQLAlchemyError):  # ended already
                    connection.exec_driver_sql("ROLLBACK")

    def waiting(self) -> list[int]:
        """The server's numbers of the sessions that wait for somebody else's transaction.

        MariaDB answers from what it has kept, and keeps it as long as it is asked again within a tenth of a second.
        """
        asked = {
            "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'",
            "mariadb": "SELECT id FROM information_schema.innodb_trx JOIN information_schema.processlist "
            "ON id = trx_mysql_thread_id WHERE db = database() AND trx_state = 'LOCK WAIT'",
        }[self.kind]
        return [int(row[0]) for row in self.execute(asked)]

    def execute(self, *statements: str) -> list[Any]:
        """Execute statements behind everybody's back; gives the rows of the last one."""
        with self.connection() as connection:
            result = [connection.execute(text(each)) for each in statements][-1]
            return [tuple(row) for row in result] if result.returns_rows else []

    def reset(self) -> None:
        """Make the database what every fault finds: at r1, with three customers and three products."""
        for name in ("trap.json", "reached", "connected.sql"):
            (self.made.folder / name).unlink(missing_ok=True)
        if self.kind == "sqlite":
            file = Path(make_url(self.url).database or "")
            for each in file.parent.glob(f"{file.name}*"):
                each.unlink()
        with self.connection() as connection:
            metadata = MetaData()
            metadata.reflect(connection)
            metadata.drop_all(connection)
            for statement in BEFORE:
                connection.execute(text(statement))

    def look(self) -> Look:
        """What is in the database, asked by a connection of one's own."""
        with self.connection() as connection:
            inspector = inspect(connection)
            tables = inspector.get_table_names()
            schema = {
                table: (
                    tuple((each["name"], str(each["type"]), each["nullable"]) for each in inspector.get_columns(table)),
                    tuple(
                        sorted(
                            (str(each["name"]), tuple(each["column_names"]), bool(each["unique"]))
                            for each in inspector.get_indexes(table)
                        )
                    ),
                )
                for table in sorted(tables)
                if table != "alembic_version"
            }
            rows = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in schema}
            heads = None
            if "alembic_version" in tables:
                heads = tuple(sorted(row[0] for row in connection.execute(text("SELECT * FROM alembic_version"))))
            return Look(heads, schema, rows)

    def plan(self, target: str = "five") -> Plan:
        """The Plan to `target` from the database as every fault finds it.

        Before the first one it is seen what the database looks like after an upgrade that nothing disturbs.
        """
        if target not in self.references:
            self.reset()
            run = self.wb.upgrade(target).apply()
            assert run.ok, run
            self.references[target] = self.look()
        self.reset()
        return self.wb.upgrade(target)

    # -- traps ----------------------------------------------------------------------------------------------------

    def arm(self, mark: str, when: str, instead: str | None = None) -> None:
        """Let the worker fall into a trap at the statement with these words in it."""
        told = {"mark": mark, "when": when} | ({} if instead is None else {"instead": instead})
        (self.made.folder / "reached").unlink(missing_ok=True)
        (self.made.folder / "trap.json").write_text(json.dumps(told))

    def connected(self, sql: str) -> None:
        """Execute this on every connection that env.py opens from now on."""
        (self.made.folder / "connected.sql").write_text(sql)

    @contextlib.contextmanager
    def gate(self, mark: str) -> Iterator[None]:
        """Hold the statement with these words in it: the server has it, and waits in the middle of it."""
        if self.kind == "sqlite":
            endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            self.arm(mark, "gate", endless)
            yield
            return
        own = f"'{make_url(self.url).database}'"  # MariaDB's are the whole server's
        gated = {
            "postgresql": f"DO $gate$ BEGIN PERFORM pg_advisory_xact_lock({GATE}); EXECUTE $sql${{statement}}$sql$; "
            "END $gate$",
            # GET_LOCK itself looks every five seconds whether the client is there, as no other statement does; and a
            # nap that is killed is over, and fails nothing.
            "mariadb": f"BEGIN NOT ATOMIC WHILE NOT IS_FREE_LOCK({own}) DO IF {NAP} THEN SIGNAL SQLSTATE '70100'; "
            "END IF; END WHILE; {statement}; END",
        }[self.kind]
        self.arm(mark, "gate", gated)
        with self.connection() as connection:
            lock = {"postgresql": f"pg_advisory_lock({GATE})", "mariadb": f"GET_LOCK({own}, 0)"}[self.kind]
            free = {"postgresql": f"pg_advisory_unlock({GATE})", "mariadb": f"RELEASE_LOCK({own})"}[self.kind]
            connection.execute(text(f"SELECT {lock}"))
            try:
                yield
            finally:
                with contextlib.suppress(SQLAlchemyError):  # the server may have been stopped meanwhile
                    connection.execute(text(f"SELECT {free}"))

    def at_the_gate(self) -> list[int]:
        """The server's own numbers of the sessions that wait there; of SQLite 0 once the statement has begun."""
        if self.kind == "sqlite":
            return [0] if (self.made.folder / "reached").exists() else []
        asked = {
            "postgresql": f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            "mariadb": f"SELECT id FROM information_schema.processlist WHERE info LIKE '%{NAP}%' AND db = database() "
            "AND id <> connection_id()",
        }[self.kind]
        return [int(row[0]) for row in self.execute(asked)]

    def sessions(self) -> list[int]:
        """The server's numbers of all sessions on this database but the one that asks."""
        asked = {
            "sqlite": "SELECT 0 WHERE 0",
            "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()",
            "mariadb": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
        }[self.kind]
        return [int(row[0]) for row in self.execute(asked)]

    @property
    def worker(self) -> int:
        """The process id of the worker."""
        process = self.wb._client.process
        assert process is not None
        return process._child.pid


def wait_for(happened: Callable[[], Any], what: str, *, every: float = 0.02) -> Any:
    """Wait until something is so, and give it; look `every` so many seconds."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline, f"it did not come: {what}"
        time.sleep(every)
    return found
