"""What the rules of MariaDB and SQLite offer instead really runs, and ends where it was meant to end."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from tests import servers
from tests.conftest import missing
from tests.hazards.bench import Bench
from tests.hazards.cases import Case, T
from workbench.bridge.catalogue import mysql, sqlite
from workbench.results import Table
from workbench.results.objects import SchemaObject


@dataclass(frozen=True)
class Rewrite:
    """One revision with a finding whose rewrite is tried."""

    name: str
    dialect: str
    rule: str
    code: str
    meant: tuple[str, ...] = ()
    """Statements after `setup` that lead to the schema that is meant; empty: `code` itself leads there."""
    form: str = "{rewrite}"
    """How the rewrite is put together with the code."""
    here: str = ""
    """What stands where the rewrite says `# here: …`."""
    setup: tuple[str, ...] = T
    before: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    """Statements that lead to what is meant from nothing, instead of `setup` and `meant`."""

    def case(self, code: str, kind: str) -> Case:
        """As a case of the bench."""
        return Case(f"{kind}-{self.name}", self.dialect, code, setup=self.setup, before=self.before)

    def written(self, rewrite: str) -> str:
        """The revision as it is with the rewrite."""
        lines = []
        for line in rewrite.splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            is_place = line.lstrip().startswith("# here")
            lines.append(textwrap.indent(self.here, indent) if is_place and self.here else line)
        # Not by format(): code has braces of its own.
        return self.form.replace("{rewrite}", "\n".join(lines)).replace("{code}", self.code)


_W = (
    (
        "CREATE TABLE w (id INT PRIMARY KEY AUTO_INCREMENT, b VARCHAR(50) NOT NULL DEFAULT 'q:r' COMMENT 'keep',"
        " ts TIMESTAMP NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), n INT NULL,"
        " l VARCHAR(20) COLLATE utf8mb4_bin NULL, u INT UNSIGNED NOT NULL DEFAULT 3, e ENUM('a','b') NOT NULL,"
        " d DECIMAL(8,2) NOT NULL DEFAULT 1.50) DEFAULT CHARSET utf8mb4"
    ),
    "INSERT INTO w (b, n, e) VALUES ('x', 1, 'a')",
)
_KEYS = (
    "CREATE TABLE p (id INT PRIMARY KEY)",
    (
        "CREATE TABLE t (id INT PRIMARY KEY, pid INT, n INT, KEY ix_pid (pid),"
        " CONSTRAINT fk_pid FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE)"
    ),
)
_SQLITE = ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id))",)
_P = "CREATE TABLE p (id INTEGER NOT NULL, PRIMARY KEY (id))"
_BATCH = 'with op.batch_alter_table("t") as batch_op:\n    batch_op.alter_column("a", nullable=False)'
_NOT_NULL = "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER NOT NULL, x INTEGER, PRIMARY KEY (id))"
_TRIGGER = "CREATE TRIGGER r AFTER INSERT ON t WHEN NEW.x <> '12:30' BEGIN UPDATE t SET a = 1; END"
_VIEWS = (
    "CREATE VIEW v AS SELECT a, '12:30' AS at FROM t",
    'CREATE VIEW "of v" AS SELECT a FROM v',
    "CREATE TABLE o (id INTEGER)",
    "CREATE TRIGGER r AFTER INSERT ON o BEGIN DELETE FROM t WHERE a = 1; END",
)

REWRITES = [
    Rewrite("longer", "mariadb", "mysql-attributes-lost", 'op.alter_column("w", "b", type_=sa.String(60))',
            ("ALTER TABLE w MODIFY b VARCHAR(60) NOT NULL DEFAULT 'q:r' COMMENT 'keep'",), setup=_W),
    Rewrite("renamed", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "b", new_column_name="c", existing_type=sa.String(50))',
            ("ALTER TABLE w RENAME COLUMN b TO c",), setup=_W),
    Rewrite("counted", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)',
            ("ALTER TABLE w MODIFY id BIGINT NOT NULL AUTO_INCREMENT",), setup=_W),
    Rewrite("updated", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "ts", comment="when", existing_type=sa.TIMESTAMP())',
            (("ALTER TABLE w MODIFY ts TIMESTAMP NOT NULL DEFAULT current_timestamp() "
             "ON UPDATE current_timestamp() COMMENT 'when'"),), setup=_W),
    Rewrite("collated", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "l", type_=sa.String(30), existing_type=sa.String(20), existing_nullable=True)',
            ("ALTER TABLE w MODIFY l VARCHAR(30) COLLATE utf8mb4_bin NULL",), setup=_W),
    Rewrite("unsigned", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "u", new_column_name="v", existing_type=sa.Integer())',
            ("ALTER TABLE w RENAME COLUMN u TO v",), setup=_W),
    Rewrite("labels", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "e", comment="why", existing_type=sa.Enum("a", "b"))',
            ("ALTER TABLE w MODIFY e ENUM('a','b') NOT NULL COMMENT 'why'",), setup=_W),
    Rewrite("decimal", "mariadb", "mysql-attributes-lost",
            'op.alter_column("w", "d", type_=sa.Numeric(10, 2), existing_type=sa.Numeric(8, 2))',
            ("ALTER TABLE w MODIFY d DECIMAL(10,2) NOT NULL DEFAULT 1.50",), setup=_W),
    Rewrite("in-place", "mariadb", "mysql-alter-algorithm",
            'op.alter_column("w", "n", nullable=False, existing_type=sa.Integer())', setup=_W),
    Rewrite("in-steps", "mariadb", "mysql-implicit-default",
            'op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False))',
            here='op.execute("UPDATE t SET qty = 1")'),
    Rewrite("strict", "mariadb", "mysql-non-strict-mode",
            'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(5), existing_nullable=True)',
            form="{rewrite}\n{code}", before=("SET sql_mode = ''",)),
    Rewrite("typed", "mariadb", "mysql-fk-structure", 'op.drop_constraint("fk_pid", "t")',
            ("ALTER TABLE t DROP FOREIGN KEY fk_pid",), setup=_KEYS),
    Rewrite("other-index", "mariadb", "mysql-fk-structure", 'op.drop_index("ix_pid", "t")',
            ("ALTER TABLE t DROP INDEX ix_pid, ADD INDEX ix_t_pid (pid)",), setup=_KEYS),
    Rewrite("key-first", "mariadb", "mysql-fk-structure", 'op.drop_column("t", "pid")',
            ("ALTER TABLE t DROP FOREIGN KEY fk_pid, DROP COLUMN pid",), setup=_KEYS),
    Rewrite("around", "mariadb", "mysql-fk-structure",
            'op.alter_column("t", "pid", existing_type=sa.Integer(), type_=sa.BigInteger())',
            ("ALTER TABLE t DROP FOREIGN KEY fk_pid", "ALTER TABLE t MODIFY pid BIGINT NULL",
             "ALTER TABLE p MODIFY id BIGINT NOT NULL",
             "ALTER TABLE t ADD CONSTRAINT fk_pid FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE"),
            here='op.execute("ALTER TABLE t MODIFY pid BIGINT NULL")\n'
            'op.execute("ALTER TABLE p MODIFY id BIGINT NOT NULL")', setup=_KEYS),
    Rewrite("unique", "sqlite", "sqlite-alter-unsupported", 'op.create_unique_constraint("uq", "t", ["a"])',
            setup=_SQLITE, made=(
                ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT uq UNIQUE (a))"),
            )),
    Rewrite("check", "sqlite", "sqlite-alter-unsupported", 'op.create_check_constraint("ck", "t", "a > 0")',
            setup=_SQLITE, made=(
                ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT ck CHECK (a > 0))"),
            )),
    Rewrite("foreign-key", "sqlite", "sqlite-alter-unsupported",
            'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], ondelete="CASCADE")', setup=(*_SQLITE, _P), made=(
                ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)"), _P,
            )),
    Rewrite("not-null", "sqlite", "sqlite-alter-unsupported", 'op.alter_column("t", "a", nullable=False)',
            setup=_SQLITE, made=(_NOT_NULL,)),
    Rewrite("dropped", "sqlite", "sqlite-alter-unsupported", 'op.drop_constraint("ck", "t", type_="check")',
            setup=(("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                   "CONSTRAINT ck CHECK (a > 0))"),), made=_SQLITE),
    Rewrite("default", "sqlite", "sqlite-add-column-limits",
            'op.add_column("t", sa.Column("z", sa.DateTime(), server_default=sa.func.now()))',
            setup=(*_SQLITE, "INSERT INTO t VALUES (1, 1, 1)"), made=(
                ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, z DATETIME DEFAULT CURRENT_TIMESTAMP, "
                "PRIMARY KEY (id))"),
            )),
    Rewrite("required-default", "sqlite", "sqlite-add-column-limits",
            'op.add_column("t", sa.Column("z", sa.DateTime(), server_default=sa.func.now(), nullable=False))',
            setup=(*_SQLITE, "INSERT INTO t VALUES (1, 1, 1)"), made=(
                ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, "
                "z DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, PRIMARY KEY (id))"),
            )),
    Rewrite("index-first", "sqlite", "sqlite-drop-column-limits", 'op.drop_column("t", "x")',
            ("DROP INDEX ix", "ALTER TABLE t DROP COLUMN x"), setup=(*_SQLITE, "CREATE INDEX ix ON t (x)")),
    Rewrite("index-first-in-batch", "sqlite", "sqlite-drop-column-limits",
            'with op.batch_alter_table("t") as batch_op:\n    batch_op.drop_column("x")',
            ("DROP INDEX ix", "ALTER TABLE t DROP COLUMN x"), setup=(*_SQLITE, "CREATE INDEX ix ON t (x)")),
    Rewrite("key-in-batch", "sqlite", "sqlite-drop-column-limits", 'op.drop_column("t", "x")',
            setup=(("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                   "FOREIGN KEY(x) REFERENCES p (id))"), _P),
            made=("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (id))", _P)),
    Rewrite("trigger-again", "sqlite", "sqlite-batch-loses-objects", _BATCH, form="{code}\n{rewrite}",
            setup=(*_SQLITE, _TRIGGER), made=(_NOT_NULL, _TRIGGER)),
    Rewrite("indexes-again", "sqlite", "sqlite-batch-loses-objects", _BATCH, form="{code}\n{rewrite}",
            setup=(*_SQLITE, "CREATE INDEX i ON t (abs(a))", "CREATE INDEX j ON t (x DESC)"),
            made=(_NOT_NULL, "CREATE INDEX i ON t (abs(a))", "CREATE INDEX j ON t (x DESC)")),
    Rewrite("view-around", "sqlite", "sqlite-batch-loses-objects", _BATCH, here=_BATCH,
            setup=(*_SQLITE, *_VIEWS), made=(_NOT_NULL, *_VIEWS)),
    Rewrite("keys-off", "sqlite", "sqlite-batch-cascade", _BATCH, here=_BATCH, before=("PRAGMA foreign_keys = ON",),
            setup=(*_SQLITE, "CREATE TABLE c (tid INTEGER REFERENCES t (id) ON DELETE CASCADE)",
                   "INSERT INTO t VALUES (1, 1, 1)", "INSERT INTO c VALUES (1)"),
            made=(_NOT_NULL, "CREATE TABLE c (tid INTEGER REFERENCES t (id) ON DELETE CASCADE)")),
]  # fmt: skip


def _objects(engine: sa.Engine) -> set[SchemaObject]:
    """Everything in the database; not how large it is, nor the version table."""
    read = sqlite.objects if engine.dialect.name == "sqlite" else mysql.objects
    with engine.connect() as connection:
        told = list(read(connection, []))
    return {
        replace(each, rows=None, size=None, rows_estimated=False) if isinstance(each, Table) else each
        for each in told
        if each.name != "alembic_version" and each.table != "alembic_version"
    }


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[set[SchemaObject], set[SchemaObject], str]]]:
    """By name what is meant, what the rewrite leads to, and what it could not do."""
    dialect = request.param
    mine = [each for each in REWRITES if each.dialect == dialect]
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('rewrites')}/cases.db"
        if dialect == "mariadb":
            server = request.getfixturevalue("mariadb_server")
            if isinstance(server, servers.Unavailable):
                missing("mariadb", str(server))
            url = stack.enter_context(server.database())

        def bench(kind: str, cases: list[Case]) -> Bench:
            made = Bench(tmp_path_factory.mktemp(kind), url, cases)
            stack.callback(made.close)
            return made

        first = bench("original", [each.case(each.code, "was") for each in mine])
        meant, rewrites = {}, {}
        for each in mine:
            told = first.run(each.case(each.code, "was")).of(each.rule)
            rewrites[each.name] = each.written(told.rewrite if told is not None else "")
            if each.meant or each.made:
                _run(first, each.made or (*each.setup, *each.meant))
            meant[each.name] = _objects(first.engine)
        second = bench("rewritten", [each.case(rewrites[each.name], "now") for each in mine])
        found = {}
        for each in mine:
            run = second.run(each.case(rewrites[each.name], "now")).run
            error = "" if run.ok else f"{run.error}\n{rewrites[each.name]}"
            found[each.name] = meant[each.name], _objects(second.engine), error
        yield found


def _run(bench: Bench, statements: tuple[str, ...]) -> None:
    bench._reset()
    with bench.engine.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


@pytest.mark.mariadb
def test_every_rewrite_ends_where_it_should(
    outcomes: dict[str, tuple[set[SchemaObject], set[SchemaObject], str]],
) -> None:
    """It runs, and the schema is the one that was meant, to the last default and comment."""
    failed = {name: error for name, (_, _, error) in outcomes.items() if error}
    assert failed == {}
    assert {name: really for name, (_, really, _) in outcomes.items()} == {
        name: meant for name, (meant, _, _) in outcomes.items()
    }
