"""Cases of rules about what shares a transaction on PostgreSQL."""

from tests.hazards.cases import EMPTY, Case, T

_MANY = (*T[:3], "INSERT INTO t SELECT i, i, 'b' || i, 1 FROM generate_series(1, 30000) i", "ANALYZE t")
_MANY_LITE = (
    *T[:3],
    "INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 30000) "  # noqa: ISC004
    "SELECT i, i, 'b', 1 FROM c",
)
_GOOD = (*T, "UPDATE t SET a = 2 WHERE a IS NULL", "UPDATE t SET pid = 1 WHERE pid = 99")
_DEFERRED = (
    *_GOOD,
    "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED",
)
_BLOCK = "with op.get_context().autocommit_block():\n    "
_CHECK = 'op.create_check_constraint("ck", "t", sa.text("id > 0"), postgresql_not_valid=True)\n'
_VALIDATE = 'op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")'
_FOREIGN = 'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"], postgresql_not_valid=True)\n'

CASES = [
    # L17
    Case("block-after-a-column", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\n'
         + _BLOCK + 'op.create_index("ix", "t", ["z"], postgresql_concurrently=True)',
         {"autocommit-block-splits-migration": ("warning", "advice")}),
    Case("block-alone", "postgresql", _BLOCK + 'op.create_index("ix", "t", ["b"], postgresql_concurrently=True)',
         absent=("autocommit-block-splits-migration",)),
    Case("block-after-a-set", "postgresql",
         'op.execute("SET LOCAL lock_timeout = \'2s\'")\n'
         + _BLOCK + 'op.create_index("ix", "t", ["b"], postgresql_concurrently=True)',
         absent=("autocommit-block-splits-migration",)),
    Case("block-after-a-revision", "postgresql",
         _BLOCK + 'op.create_index("ix", "t", ["b"], postgresql_concurrently=True)',
         {"autocommit-block-splits-migration": ("info", "advice")},
         earlier='op.add_column("t", sa.Column("z", sa.Integer))'),
    # L21
    Case("validate-at-once", "postgresql", _CHECK + _VALIDATE,
         {"pg-validate-in-same-transaction": ("warning", "blocks")},
         absent=("pg-constraint-validates-under-lock",), setup=_MANY),
    Case("validate-at-once-small", "postgresql", _CHECK + _VALIDATE,
         {"pg-validate-in-same-transaction": ("info", "blocks")}),
    Case("validate-in-a-block", "postgresql", _CHECK + _BLOCK + _VALIDATE,
         absent=("pg-validate-in-same-transaction", "pg-constraint-validates-under-lock"), setup=_MANY),
    Case("validate-next-revision-same-transaction", "postgresql", _VALIDATE,
         {"pg-validate-in-same-transaction": ("warning", "blocks")}, earlier=_CHECK, setup=_MANY),
    Case("validate-an-old-one", "postgresql", _VALIDATE, absent=("pg-validate-in-same-transaction",),
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (id > 0) NOT VALID")),
    Case("validate-a-foreign-key-at-once", "postgresql",
         _FOREIGN + 'op.execute("ALTER TABLE t VALIDATE CONSTRAINT fk")',
         {"pg-validate-in-same-transaction": ("info", "blocks")}, setup=_GOOD),
    # L29
    Case("other-table-foreign-key", "postgresql", _FOREIGN, {"pg-other-table-locked": ("info", "blocks")},
         setup=_GOOD),
    Case("other-table-of-a-new-table", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("tid", sa.Integer, sa.ForeignKey("t.id")))',
         {"pg-other-table-locked": ("warning", "blocks")}, setup=_MANY),
    Case("other-table-child-dropped", "postgresql", 'op.drop_table("n")',
         {"pg-other-table-locked": ("warning", "blocks")},
         setup=(*_MANY, "CREATE TABLE n (tid INTEGER REFERENCES t (id))")),
    Case("other-table-two-of-them", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.add_column("p", sa.Column("z", sa.Integer))',
         {"pg-other-table-locked": ("info", "blocks")}),
    Case("other-table-one-of-them", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.add_column("t", sa.Column("y", sa.Integer))',
         absent=("pg-other-table-locked",)),
    Case("other-table-new-without-key", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer, primary_key=True))',
         absent=("pg-other-table-locked", "missing-lock-timeout")),
    # L30
    Case("lock-timeout-missing", "postgresql", 'op.add_column("t", sa.Column("z", sa.Integer))',
         {"missing-lock-timeout": ("warning", "blocks")}, setup=_MANY),
    Case("lock-timeout-of-the-connection", "postgresql", 'op.add_column("t", sa.Column("z", sa.Integer))',
         absent=("missing-lock-timeout",), before=("SET lock_timeout = '2s'",)),
    Case("lock-timeout-of-the-revision", "postgresql",
         'op.execute("SET LOCAL lock_timeout = \'2s\'")\nop.add_column("t", sa.Column("z", sa.Integer))',
         absent=("missing-lock-timeout",)),
    Case("lock-timeout-too-late", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.execute("SET LOCAL lock_timeout = \'2s\'")',
         {"missing-lock-timeout": ("info", "blocks")}),
    Case("lock-timeout-off", "postgresql",
         'op.execute("SET LOCAL lock_timeout = 0")\nop.add_column("t", sa.Column("z", sa.Integer))',
         {"missing-lock-timeout": ("info", "blocks")}),
    Case("lock-timeout-only-rows", "postgresql", 'op.execute("UPDATE t SET a = 1 WHERE id = 1")',
         absent=("missing-lock-timeout",)),
    Case("lock-timeout-mariadb", "mariadb", 'op.add_column("t", sa.Column("z", sa.Integer))',
         {"missing-lock-timeout": ("info", "blocks")}),
    Case("lock-timeout-mariadb-set", "mariadb",
         'op.execute("SET lock_wait_timeout = 5")\nop.add_column("t", sa.Column("z", sa.Integer))',
         absent=("missing-lock-timeout",)),
    Case("lock-timeout-mariadb-rows", "mariadb", 'op.execute("UPDATE t SET a = 1 WHERE id = 1")',
         absent=("missing-lock-timeout",)),
    # L31
    Case("backfill-deferred-key", "postgresql",
         'op.execute("UPDATE t SET pid = 2 WHERE id = 1")\nop.alter_column("t", "pid", nullable=False)',
         {"backfill-with-ddl": ("error", "fails")}, fails=True, setup=_DEFERRED, counts={"backfill-with-ddl": 1}),
    Case("backfill-deferred-key-made-immediate", "postgresql",
         'op.execute("SET CONSTRAINTS ALL IMMEDIATE")\nop.execute("UPDATE t SET pid = 2 WHERE id = 1")\n'
         'op.alter_column("t", "pid", nullable=False)',
         {"backfill-with-ddl": ("info", "blocks")}, setup=_DEFERRED),
    Case("backfill-deferred-key-unchanged", "postgresql",
         'op.execute("UPDATE t SET pid = 1 WHERE id = 1")\nop.alter_column("t", "a", nullable=False)',
         absent=("backfill-with-ddl",), setup=_DEFERRED),
    Case("backfill-deferred-key-another-column", "postgresql",
         'op.execute("UPDATE t SET a = 5 WHERE id = 1")\nop.alter_column("t", "pid", nullable=False)',
         absent=("backfill-with-ddl",), setup=_DEFERRED),
    Case("backfill-then-alter", "postgresql",
         'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\nop.alter_column("t", "a", nullable=False)',
         {"backfill-with-ddl": ("info", "blocks")}),
    Case("backfill-between-alters", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.execute("UPDATE t SET z = 1")\n'
         'op.alter_column("t", "z", nullable=False)',
         {"backfill-with-ddl": ("info", "blocks")}, times={"backfill-with-ddl": 1}),
    Case("backfill-after-alter", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.execute("UPDATE t SET z = 1 WHERE id > 0")',
         {"backfill-with-ddl": ("warning", "blocks")}, setup=_MANY),
    Case("backfill-another-table", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\nop.execute("UPDATE p SET id = id WHERE id > 0")',
         absent=("backfill-with-ddl",)),
    Case("backfill-of-a-new-table", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer, primary_key=True))\n'
         'op.execute("INSERT INTO n VALUES (1)")\nop.add_column("n", sa.Column("z", sa.Integer))',
         absent=("backfill-with-ddl",)),
    Case("backfill-in-a-block", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer))\n' + _BLOCK + 'op.execute("UPDATE t SET z = 1 WHERE id > 0")',
         absent=("backfill-with-ddl",)),
    # L32
    Case("many-rows", "postgresql", 'op.execute("UPDATE t SET a = 1 WHERE a > 5")',
         {"dml-not-batched": ("info", "blocks")}, setup=_MANY),
    Case("few-rows", "postgresql", 'op.execute("UPDATE t SET a = 1 WHERE a > 5")', absent=("dml-not-batched",)),
    Case("no-rows", "postgresql", 'op.execute("DELETE FROM t WHERE a > 5")', absent=("dml-not-batched",),
         setup=EMPTY),
    Case("many-rows-mariadb", "mariadb", 'op.execute("DELETE FROM t WHERE a > 5")',
         {"dml-not-batched": ("info", "blocks")},
         setup=(*T[:3], "INSERT INTO t SELECT seq, seq, 'b', 1 FROM seq_1_to_30000", "ANALYZE TABLE t")),
    Case("many-rows-sqlite", "sqlite", 'op.execute("DELETE FROM t WHERE a > 5")',
         {"dml-not-batched": ("info", "blocks")}, setup=_MANY_LITE),
    Case("many-rows-only-a-word", "sqlite", 'op.execute("INSERT INTO p VALUES (7) -- UPDATE t SET a = 1")',
         absent=("dml-not-batched",), setup=_MANY_LITE),
]  # fmt: skip
