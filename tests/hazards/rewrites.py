"""What a rewrite that is tried is, and those of MariaDB, SQLite and of every database."""

from __future__ import annotations

from dataclasses import dataclass

from tests.hazards.cases import Case, T
from workbench.results import Rewrite as Offered

_IMPORTS = "import sqlalchemy as sa\nfrom sqlalchemy.dialects import mysql, postgresql"


@dataclass(frozen=True)
class Rewrite:
    """One revision with a finding whose rewrite is tried."""

    name: str
    dialect: str
    rule: str
    code: str
    meant: tuple[str, ...] = ()
    """Statements after `setup` that lead to the schema that is meant; empty: `code` itself leads there."""
    at: str = ""
    """Which lines of `code` the operation is, where it is not all of it."""
    undo: str = ""
    """What undoes `code`, where the rewrite leaves that to it."""
    here: str = ""
    """What stands where the rewrite says `# here …`."""
    setup: tuple[str, ...] = T
    before: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    """Statements that lead to what is meant from nothing, instead of `setup` and `meant`."""
    back: tuple[str, ...] | None = ()
    """Statements after `setup` that lead to where the way back ends, if it cannot be as it was; None: not looked at."""

    @property
    def case(self) -> Case:
        """As a case of the bench."""
        return Case(f"was-{self.name}", self.dialect, self.code, setup=self.setup, before=self.before)

    def revisions(self, offered: Offered) -> list[tuple[tuple[str, ...], str, str]]:
        """The imports, `upgrade()` and `downgrade()` of each revision that it becomes."""
        if offered.in_batch:
            told = [(self._filled(offered.upgrade), "pass")]
        else:
            at = self.at or self.code
            told = [(self.code.replace(at, self._filled(offered.replacing(at))), offered.undoing(self.undo))]
        told += [(each.replacing(""), each.undoing("")) for each in offered.later]
        imports = [offered.imports, *(each.imports for each in offered.later)]
        own = (_IMPORTS,) if offered.around or self.undo else ()
        return [((*own, *named), *code) for named, code in zip(imports, told, strict=True)]

    def _filled(self, code: str) -> str:
        if not self.here:
            return code
        lines = code.splitlines()
        return "\n".join(self.here if each.lstrip().startswith("# here") else each for each in lines)


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
_UNDONE = _BATCH.replace("False", "True")
_ADDED = 'op.add_column("t", sa.Column("x", sa.Integer()))'
_NOT_NULL = "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER NOT NULL, x INTEGER, PRIMARY KEY (id))"
_TRIGGER = "CREATE TRIGGER r AFTER INSERT ON t WHEN NEW.x <> '12:30' BEGIN UPDATE t SET a = 1; END"
_VIEWS = (
    "CREATE VIEW v AS SELECT a, '12:30' AS at FROM t",
    'CREATE VIEW "of v" AS SELECT a FROM v',
    "CREATE TABLE o (id INTEGER)",
    "CREATE TRIGGER r AFTER INSERT ON o BEGIN DELETE FROM t WHERE a = 1; END",
)

REWRITES = [
    Rewrite(
        "longer",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "b", type_=sa.String(60))',
        ("ALTER TABLE w MODIFY b VARCHAR(60) NOT NULL DEFAULT 'q:r' COMMENT 'keep'",),
        setup=_W,
    ),
    Rewrite(
        "renamed",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "b", new_column_name="c", existing_type=sa.String(50))',
        ("ALTER TABLE w RENAME COLUMN b TO c",),
        setup=_W,
    ),
    Rewrite(
        "counted",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)',
        ("ALTER TABLE w MODIFY id BIGINT NOT NULL AUTO_INCREMENT",),
        setup=_W,
    ),
    Rewrite(
        "updated",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "ts", comment="when", existing_type=sa.TIMESTAMP())',
        (
            (
                "ALTER TABLE w MODIFY ts TIMESTAMP NOT NULL DEFAULT current_timestamp() "
                "ON UPDATE current_timestamp() COMMENT 'when'"
            ),
        ),
        setup=_W,
    ),
    Rewrite(
        "collated",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "l", type_=sa.String(30), existing_type=sa.String(20), existing_nullable=True)',
        ("ALTER TABLE w MODIFY l VARCHAR(30) COLLATE utf8mb4_bin NULL",),
        setup=_W,
    ),
    Rewrite(
        "unsigned",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "u", new_column_name="v", existing_type=sa.Integer())',
        ("ALTER TABLE w RENAME COLUMN u TO v",),
        setup=_W,
    ),
    Rewrite(
        "labels",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "e", comment="why", existing_type=sa.Enum("a", "b"))',
        ("ALTER TABLE w MODIFY e ENUM('a','b') NOT NULL COMMENT 'why'",),
        setup=_W,
    ),
    Rewrite(
        "decimal",
        "mariadb",
        "mysql-attributes-lost",
        'op.alter_column("w", "d", type_=sa.Numeric(10, 2), existing_type=sa.Numeric(8, 2))',
        ("ALTER TABLE w MODIFY d DECIMAL(10,2) NOT NULL DEFAULT 1.50",),
        setup=_W,
    ),
    Rewrite(
        "in-place",
        "mariadb",
        "mysql-alter-algorithm",
        'op.alter_column("w", "n", nullable=False, existing_type=sa.Integer())',
        undo='op.alter_column("w", "n", nullable=True, existing_type=sa.Integer())',
        setup=_W,
    ),
    Rewrite(
        "in-steps",
        "mariadb",
        "mysql-implicit-default",
        'op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False))',
        here='op.execute("UPDATE t SET qty = 1")',
    ),
    Rewrite(
        "strict",
        "mariadb",
        "mysql-non-strict-mode",
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(5), existing_nullable=True)',
        undo='op.alter_column("t", "b", existing_type=sa.String(5), type_=sa.String(50), existing_nullable=True)',
        before=("SET sql_mode = ''",),
    ),
    Rewrite(
        "typed",
        "mariadb",
        "mysql-fk-structure",
        'op.drop_constraint("fk_pid", "t")',
        ("ALTER TABLE t DROP FOREIGN KEY fk_pid",),
        setup=_KEYS,
    ),
    Rewrite(
        "other-index",
        "mariadb",
        "mysql-fk-structure",
        'op.drop_index("ix_pid", "t")',
        ("ALTER TABLE t DROP INDEX ix_pid, ADD INDEX ix_t_pid (pid)",),
        setup=_KEYS,
    ),
    Rewrite(
        "key-first",
        "mariadb",
        "mysql-fk-structure",
        'op.drop_column("t", "pid")',
        ("ALTER TABLE t DROP FOREIGN KEY fk_pid, DROP COLUMN pid",),
        undo='op.add_column("t", sa.Column("pid", sa.Integer()))\nop.create_index("ix_pid", "t", ["pid"])',
        setup=_KEYS,
    ),
    Rewrite(
        "around",
        "mariadb",
        "mysql-fk-structure",
        'op.alter_column("t", "pid", existing_type=sa.Integer(), type_=sa.BigInteger())',
        (
            "ALTER TABLE t DROP FOREIGN KEY fk_pid",
            "ALTER TABLE t MODIFY pid BIGINT NULL",
            "ALTER TABLE p MODIFY id BIGINT NOT NULL",
            "ALTER TABLE t ADD CONSTRAINT fk_pid FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE",
        ),
        undo='op.alter_column("t", "pid", existing_type=sa.BigInteger(), type_=sa.Integer())',
        setup=_KEYS,
    ),
    Rewrite(
        "unique",
        "sqlite",
        "sqlite-alter-unsupported",
        'op.create_unique_constraint("uq", "t", ["a"])',
        setup=_SQLITE,
        made=(
            ("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), CONSTRAINT uq UNIQUE (a))"),
        ),
    ),
    Rewrite(
        "check",
        "sqlite",
        "sqlite-alter-unsupported",
        'op.create_check_constraint("ck", "t", "a > 0")',
        setup=_SQLITE,
        made=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT ck CHECK (a > 0))"
            ),
        ),
    ),
    Rewrite(
        "foreign-key",
        "sqlite",
        "sqlite-alter-unsupported",
        'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], ondelete="CASCADE")',
        setup=(*_SQLITE, _P),
        made=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE)"
            ),
            _P,
        ),
    ),
    Rewrite(
        "not-null",
        "sqlite",
        "sqlite-alter-unsupported",
        'op.alter_column("t", "a", nullable=False)',
        setup=_SQLITE,
        made=(_NOT_NULL,),
    ),
    Rewrite(
        "dropped",
        "sqlite",
        "sqlite-alter-unsupported",
        'op.drop_constraint("ck", "t", type_="check")',
        setup=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT ck CHECK (a > 0))"
            ),
        ),
        made=_SQLITE,
    ),
    Rewrite(
        "default",
        "sqlite",
        "sqlite-add-column-limits",
        'op.add_column("t", sa.Column("z", sa.DateTime(), server_default=sa.func.now()))',
        setup=(*_SQLITE, "INSERT INTO t VALUES (1, 1, 1)"),
        made=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, z DATETIME DEFAULT CURRENT_TIMESTAMP, "
                "PRIMARY KEY (id))"
            ),
        ),
    ),
    Rewrite(
        "required-default",
        "sqlite",
        "sqlite-add-column-limits",
        'op.add_column("t", sa.Column("z", sa.DateTime(), server_default=sa.func.now(), nullable=False))',
        setup=(*_SQLITE, "INSERT INTO t VALUES (1, 1, 1)"),
        made=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, "
                "z DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, PRIMARY KEY (id))"
            ),
        ),
    ),
    Rewrite(
        "index-first",
        "sqlite",
        "sqlite-drop-column-limits",
        'op.drop_column("t", "x")',
        ("DROP INDEX ix", "ALTER TABLE t DROP COLUMN x"),
        undo=_ADDED,
        setup=(*_SQLITE, "CREATE INDEX ix ON t (x)"),
    ),
    Rewrite(
        "index-first-in-batch",
        "sqlite",
        "sqlite-drop-column-limits",
        'with op.batch_alter_table("t") as batch_op:\n    batch_op.drop_column("x")',
        ("DROP INDEX ix", "ALTER TABLE t DROP COLUMN x"),
        undo=_ADDED,
        setup=(*_SQLITE, "CREATE INDEX ix ON t (x)"),
    ),
    Rewrite(
        "key-in-batch",
        "sqlite",
        "sqlite-drop-column-limits",
        'op.drop_column("t", "x")',
        undo='with op.batch_alter_table("t") as batch_op:\n    batch_op.add_column(sa.Column("x", sa.Integer()))\n'
        '    batch_op.create_foreign_key("fk_x", "p", ["x"], ["id"])',
        setup=(
            (
                "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, x INTEGER, PRIMARY KEY (id), "
                "CONSTRAINT fk_x FOREIGN KEY(x) REFERENCES p (id))"
            ),
            _P,
        ),
        made=("CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (id))", _P),
    ),
    Rewrite(
        "trigger-again",
        "sqlite",
        "sqlite-batch-loses-objects",
        _BATCH,
        undo=_UNDONE,
        setup=(*_SQLITE, _TRIGGER),
        made=(_NOT_NULL, _TRIGGER),
    ),
    Rewrite(
        "indexes-again",
        "sqlite",
        "sqlite-batch-loses-objects",
        _BATCH,
        undo=_UNDONE,
        setup=(*_SQLITE, "CREATE INDEX i ON t (abs(a))", "CREATE INDEX j ON t (x DESC)"),
        made=(_NOT_NULL, "CREATE INDEX i ON t (abs(a))", "CREATE INDEX j ON t (x DESC)"),
    ),
    Rewrite(
        "view-around",
        "sqlite",
        "sqlite-batch-loses-objects",
        _BATCH,
        undo=_UNDONE,
        setup=(*_SQLITE, *_VIEWS),
        made=(_NOT_NULL, *_VIEWS),
    ),
    Rewrite(
        "keys-off",
        "sqlite",
        "sqlite-batch-cascade",
        _BATCH,
        undo=_UNDONE,
        before=("PRAGMA foreign_keys = ON",),
        setup=(
            *_SQLITE,
            "CREATE TABLE c (tid INTEGER REFERENCES t (id) ON DELETE CASCADE)",
            "INSERT INTO t VALUES (1, 1, 1)",
            "INSERT INTO c VALUES (1)",
        ),
        made=(_NOT_NULL, "CREATE TABLE c (tid INTEGER REFERENCES t (id) ON DELETE CASCADE)"),
    ),
]
_DROPPED = (T[0], "CREATE TABLE gone (id INTEGER PRIMARY KEY)", "INSERT INTO gone VALUES (1)")
EVERYWHERE = [
    case
    for dialect in ("sqlite", "mariadb", "postgresql")
    for case in (
        Rewrite(f"table-{dialect}", dialect, "drop-table", 'op.drop_table("gone")', setup=_DROPPED, back=None),
        Rewrite(
            f"column-{dialect}",
            dialect,
            "rename-column",
            'op.alter_column("t", "b", new_column_name="B c", existing_type=sa.String(50), existing_nullable=True)',
        ),
        Rewrite(
            f"required-{dialect}",
            dialect,
            "rename-column",
            'op.alter_column("r", "b", new_column_name="c", existing_type=sa.String(50), existing_nullable=False)',
            setup=("CREATE TABLE r (id INTEGER PRIMARY KEY, b VARCHAR(50) NOT NULL)", "INSERT INTO r VALUES (1, 'x')"),
        ),
        Rewrite(
            f"indexed-{dialect}",
            dialect,
            "rename-column",
            'op.alter_column("r", "b", new_column_name="c", existing_type=sa.String(50), existing_nullable=False, '
            "existing_server_default=sa.text(\"'a:b'\"))",
            setup=(
                "CREATE TABLE r (id INTEGER PRIMARY KEY, a INTEGER, b VARCHAR(50) DEFAULT 'a:b' NOT NULL)",
                "CREATE INDEX ix_b ON r (b)",
                "CREATE UNIQUE INDEX uq_ab ON r (a, b)",
                "INSERT INTO r VALUES (1, 1, 'x')",
            ),
        ),
        Rewrite(f"renamed-{dialect}", dialect, "rename-table", 'op.rename_table("t", "new t")'),
    )
]
