"""Cases of rules about indexes on PostgreSQL."""

from tests.hazards.cases import Case, T

_PARTS = (
    "CREATE TABLE parts (id INTEGER, k INTEGER) PARTITION BY RANGE (k)",
    "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
)
_MANY = (*T[:3], "INSERT INTO t SELECT i, i, 'b' || i, 1 FROM generate_series(1, 30000) i", "ANALYZE t")
_BLOCK = "with op.get_context().autocommit_block():\n    "
# What a failed CREATE UNIQUE INDEX CONCURRENTLY leaves behind, which cannot run inside the transaction of a setup.
_INVALID = (
    *T, "CREATE INDEX ix ON t (b)", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass",
)  # fmt: skip

CASES = [
    # L15
    Case("index-small", "postgresql", 'op.create_index("ix_t_b", "t", ["b"])',
         {"pg-index-not-concurrent": ("info", "blocks"), "missing-lock-timeout": ("info", "blocks")}),
    Case("index-medium", "postgresql", 'op.create_index("ix_t_b", "t", ["b"])',
         {"pg-index-not-concurrent": ("warning", "blocks")}, setup=_MANY),
    Case("index-new-table", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.Text))\n'
         'op.create_index("ix_n_b", "n", ["b"])',
         absent=("pg-index-not-concurrent", "missing-lock-timeout", "pg-other-table-locked")),
    Case("index-concurrently-in-block", "postgresql",
         _BLOCK + 'op.create_index("ix_t_b", "t", ["b"], postgresql_concurrently=True)',
         absent=("pg-index-not-concurrent", "pg-concurrently-in-transaction", "autocommit-block-splits-migration")),
    Case("index-dropped", "postgresql", 'op.drop_index("ix", "t")', {"pg-index-not-concurrent": ("info", "blocks")},
         setup=(*T, "CREATE INDEX ix ON t (b)")),
    Case("index-dropped-raw", "postgresql", 'op.execute("DROP INDEX ix")',
         {"pg-index-not-concurrent": ("warning", "blocks")}, setup=(*T, "CREATE INDEX ix ON t (b)")),
    Case("index-of-a-column", "postgresql", 'op.add_column("t", sa.Column("z", sa.Integer, index=True))',
         {"pg-index-not-concurrent": ("warning", "blocks")}, setup=_MANY),
    Case("index-of-no-column", "postgresql", 'op.add_column("t", sa.Column("z", sa.Integer))',
         absent=("pg-index-not-concurrent",), setup=_MANY),
    Case("index-reindex", "postgresql", 'op.execute("REINDEX TABLE t")',
         {"pg-index-not-concurrent": ("warning", "blocks")}, setup=_MANY),
    # L16
    Case("concurrently-bare", "postgresql", 'op.create_index("ix", "t", ["b"], postgresql_concurrently=True)',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True),
    Case("concurrently-raw", "postgresql", 'op.execute("CREATE INDEX CONCURRENTLY ix ON t (b)")',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True),
    Case("concurrently-drop", "postgresql", 'op.drop_index("ix", "t", postgresql_concurrently=True)',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True,
         setup=(*T, "CREATE INDEX ix ON t (b)")),
    Case("concurrently-vacuum", "postgresql", 'op.execute("VACUUM t")',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True),
    Case("concurrently-vacuum-in-block", "postgresql", _BLOCK + 'op.execute("VACUUM t")',
         absent=("pg-concurrently-in-transaction",)),
    Case("concurrently-partitioned", "postgresql",
         _BLOCK + 'op.create_index("ix", "parts", ["id"], postgresql_concurrently=True)',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True, setup=_PARTS),
    Case("concurrently-one-partition", "postgresql",
         _BLOCK + 'op.create_index("ix", "parts1", ["id"], postgresql_concurrently=True)',
         absent=("pg-concurrently-in-transaction", "pg-index-not-concurrent"), setup=_PARTS),
    Case("concurrently-detach", "postgresql", 'op.execute("ALTER TABLE parts DETACH PARTITION parts1 CONCURRENTLY")',
         {"pg-concurrently-in-transaction": ("error", "fails")}, fails=True, setup=_PARTS),
    Case("concurrently-only-a-word", "postgresql",
         "op.execute(\"UPDATE t SET b = 'CREATE INDEX CONCURRENTLY ix ON t (b)' WHERE id = 1\")",
         absent=("pg-concurrently-in-transaction", "pg-index-not-concurrent")),
    # L18
    Case("if-not-exists-nothing-there", "postgresql", 'op.create_index("ix", "t", ["b"], if_not_exists=True)',
         {"if-not-exists-hides-state": ("info", "advice")}),
    Case("if-not-exists-another-there", "postgresql", 'op.create_index("ix", "t", ["b"], if_not_exists=True)',
         {"if-not-exists-hides-state": ("warning", "advice")}, setup=(*T, "CREATE INDEX ix ON t (a)")),
    Case("if-not-exists-invalid", "postgresql",
         _BLOCK + 'op.create_index("ix", "t", ["b"], if_not_exists=True, postgresql_concurrently=True)',
         {"if-not-exists-hides-state": ("error", "advice")}, setup=_INVALID),
    Case("if-not-exists-same-there", "postgresql", 'op.create_index("ix", "t", ["b"], if_not_exists=True)',
         {"if-not-exists-hides-state": ("info", "advice")}, setup=(*T, "CREATE INDEX ix ON t (b)")),
    Case("if-not-exists-not-said", "postgresql", 'op.create_index("ix", "t", ["b"])',
         absent=("if-not-exists-hides-state",)),
    Case("if-not-exists-column-mariadb", "mariadb", 'op.execute("ALTER TABLE t ADD COLUMN IF NOT EXISTS a TEXT")',
         {"if-not-exists-hides-state": ("warning", "advice")}),
    Case("if-not-exists-table-sqlite", "sqlite",
         'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)',
         {"if-not-exists-hides-state": ("warning", "advice")}),
    Case("if-not-exists-new-table-sqlite", "sqlite",
         'op.create_table("n", sa.Column("id", sa.Integer, primary_key=True), if_not_exists=True)',
         {"if-not-exists-hides-state": ("info", "advice")}),
]  # fmt: skip
