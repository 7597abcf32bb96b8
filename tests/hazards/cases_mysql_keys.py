"""Cases of rules about foreign keys and half-done revisions on MariaDB, and the same on SQLite."""

from tests.hazards.cases import EMPTY, Case, T

_KEYS = (
    "CREATE TABLE p (id INT PRIMARY KEY, code VARCHAR(10), UNIQUE KEY uq_code (code))",
    "INSERT INTO p VALUES (1, 'a'), (2, 'b')",
    (
        "CREATE TABLE t (id INT PRIMARY KEY, pid INT, code VARCHAR(10), n INT, KEY ix_pid (pid),"
        " CONSTRAINT fk_pid FOREIGN KEY (pid) REFERENCES p (id) ON DELETE SET NULL,"
        " CONSTRAINT fk_code FOREIGN KEY (code) REFERENCES p (code))"
    ),
    "INSERT INTO t VALUES (1, 1, 'a', 1)",
)
_OFF = 'op.execute("SET foreign_key_checks = 0")\n'
_KEY = 'op.create_foreign_key("fk_t_p", "t", "p", ["pid"], ["id"])'
_CLEAN = (*T, "UPDATE t SET pid = 1 WHERE pid = 99")
_BATCH_KEY = 'with op.batch_alter_table("t") as b:\n    b.create_foreign_key("fk_t_p", "p", ["pid"], ["id"])'

CASES = [
    # -- mysql-fk-structure
    Case(
        "mysql-fk-structure-index",
        "mariadb",
        'op.drop_index("ix_pid", "t")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-index-of-parent",
        "mariadb",
        'op.drop_constraint("uq_code", "p", type_="unique")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-parents-primary-key",
        "mariadb",
        'op.execute("ALTER TABLE p DROP PRIMARY KEY")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-other-index-made",
        "mariadb",
        'op.create_index("ix_pid_n", "t", ["pid", "n"])\nop.drop_index("ix_pid", "t")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-index-not-needed",
        "mariadb",
        'op.drop_index("ix_n", "t")',
        absent=("mysql-fk-structure",),
        setup=(*_KEYS, "CREATE INDEX ix_n ON t (n, pid)"),
    ),
    Case(
        "mysql-fk-structure-key-dropped-first",
        "mariadb",
        'op.drop_constraint("fk_pid", "t", type_="foreignkey")\nop.drop_index("ix_pid", "t")\n'
        'op.drop_column("t", "pid")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-unchecked-index",
        "mariadb",
        _OFF + 'op.drop_index("ix_pid", "t")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-column",
        "mariadb",
        'op.drop_column("t", "pid")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-referred-column",
        "mariadb",
        'op.drop_column("p", "code")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-column-of-no-key",
        "mariadb",
        'op.drop_column("t", "n")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-type",
        "mariadb",
        'op.alter_column("t", "pid", existing_type=sa.Integer(), type_=sa.BigInteger())',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-referred-type",
        "mariadb",
        'op.alter_column("p", "id", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-longer-varchar",
        "mariadb",
        'op.alter_column("t", "code", existing_type=sa.String(10), type_=sa.String(20))',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-same-type",
        "mariadb",
        'op.alter_column("t", "code", existing_type=sa.String(10), nullable=False)',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-not-null-over-set-null",
        "mariadb",
        'op.alter_column("t", "pid", existing_type=sa.Integer(), nullable=False)',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-rename-column",
        "mariadb",
        'op.alter_column("t", "pid", existing_type=sa.Integer(), new_column_name="p_id")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-no-type",
        "mariadb",
        'op.drop_constraint("fk_pid", "t")',
        {"mysql-fk-structure": ("error", "fails")},
        fails=True,
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-raw-without-type",
        "mariadb",
        'op.execute("ALTER TABLE t DROP CONSTRAINT fk_pid")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    Case(
        "mysql-fk-structure-both-in-one-alter",
        "mariadb",
        'op.execute("ALTER TABLE t DROP FOREIGN KEY fk_pid, DROP COLUMN pid")',
        absent=("mysql-fk-structure",),
        setup=_KEYS,
    ),
    # -- fk-not-enforced
    Case(
        "fk-not-enforced-orphan",
        "mariadb",
        _OFF + _KEY,
        {"fk-not-enforced": ("error", "breaks-code")},
        absent=("add-foreign-key",),
        counts={"fk-not-enforced": 1},
    ),
    Case(
        "fk-not-enforced-clean",
        "mariadb",
        _OFF + _KEY,
        absent=("fk-not-enforced",),
        setup=_CLEAN,
    ),
    Case(
        "fk-not-enforced-on-again",
        "mariadb",
        _OFF + 'op.execute("SET foreign_key_checks = 1")\n' + _KEY,
        {"add-foreign-key": ("error", "fails")},
        absent=("fk-not-enforced",),
        fails=True,
    ),
    Case(
        "fk-not-enforced-sqlite-orphan",
        "sqlite",
        _BATCH_KEY,
        {"fk-not-enforced": ("error", "breaks-code")},
        counts={"fk-not-enforced": 1},
    ),
    Case("fk-not-enforced-sqlite-clean", "sqlite", _BATCH_KEY, absent=("fk-not-enforced",), setup=_CLEAN),
    Case(
        "fk-not-enforced-sqlite-enforced",
        "sqlite",
        _BATCH_KEY,
        absent=("fk-not-enforced",),
        setup=_CLEAN,
        before=("PRAGMA foreign_keys = ON",),
    ),
    Case("fk-not-enforced-sqlite-empty", "sqlite", _BATCH_KEY, absent=("fk-not-enforced",), setup=EMPTY),
    # -- non-transactional-ddl
    Case(
        "non-transactional-ddl-two",
        "mariadb",
        'op.add_column("t", sa.Column("x1", sa.Integer()))\nop.create_unique_constraint("uq_t_b", "t", ["b"])',
        {"non-transactional-ddl": ("error", "advice"), "add-unique": ("error", "fails")},
        fails=True,
    ),
    Case(
        "non-transactional-ddl-first-fails",
        "mariadb",
        'op.create_unique_constraint("uq_t_b", "t", ["b"])\nop.add_column("t", sa.Column("x1", sa.Integer()))',
        {"non-transactional-ddl": ("warning", "advice"), "add-unique": ("error", "fails")},
        fails=True,
    ),
    Case(
        "non-transactional-ddl-one",
        "mariadb",
        'op.add_column("t", sa.Column("x1", sa.Integer()))',
        absent=("non-transactional-ddl",),
    ),
    Case(
        "non-transactional-ddl-one-op-of-two",
        "mariadb",
        'op.add_column("t", sa.Column("x1", sa.Integer(), sa.ForeignKey("p.id")))',
        {"non-transactional-ddl": ("warning", "advice")},
    ),
    Case(
        "non-transactional-ddl-rows-then-ddl",
        "mariadb",
        'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\nop.add_column("t", sa.Column("x1", sa.Integer()))',
        {"non-transactional-ddl": ("warning", "advice")},
    ),
    Case(
        "non-transactional-ddl-rows-alone",
        "mariadb",
        'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\nop.execute("UPDATE t SET a = 1 WHERE a = 0")',
        absent=("non-transactional-ddl",),
    ),
    Case(
        "non-transactional-ddl-ddl-then-rows",
        "mariadb",
        'op.add_column("t", sa.Column("x1", sa.Integer()))\nop.execute("UPDATE t SET x1 = 1")',
        absent=("non-transactional-ddl",),
    ),
    Case(
        "non-transactional-ddl-new-table-and-index",
        "mariadb",
        'op.create_table("n", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Integer()))\n'
        'op.create_index("ix_n_a", "n", ["a"])',
        absent=("non-transactional-ddl",),
    ),
    Case(
        "non-transactional-ddl-new-tables",
        "mariadb",
        'op.create_table("n", sa.Column("id", sa.Integer(), primary_key=True))\n'
        'op.create_table("m", sa.Column("id", sa.Integer(), primary_key=True))',
        {"non-transactional-ddl": ("info", "advice")},
    ),
    Case(
        "non-transactional-ddl-postgresql",
        "postgresql",
        'op.add_column("t", sa.Column("x1", sa.Integer()))\nop.add_column("t", sa.Column("x2", sa.Integer()))',
        absent=("non-transactional-ddl",),
    ),
    Case(
        "non-transactional-ddl-sqlite-batch",
        "sqlite",
        'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False, existing_type=sa.Integer())',
        {"set-not-null": ("error", "fails")},
        absent=("non-transactional-ddl",),
        fails=True,
    ),
    Case(
        "non-transactional-ddl-sqlite-batches",
        "sqlite",
        'for name in ("t", "p"):\n    with op.batch_alter_table(name, recreate="always") as b:\n'
        '        b.add_column(sa.Column("x", sa.Integer()))',
        {"non-transactional-ddl": ("info", "advice")},
    ),
    Case(
        "non-transactional-ddl-sqlite-two",
        "sqlite",
        'op.add_column("t", sa.Column("x1", sa.Integer()))\nop.create_index("ix_t_a", "t", ["a"])',
        {"non-transactional-ddl": ("info", "advice")},
    ),
    Case(
        "non-transactional-ddl-sqlite-one",
        "sqlite",
        'op.add_column("t", sa.Column("x1", sa.Integer()))',
        absent=("non-transactional-ddl",),
    ),
]
