"""Cases of rules about what reads or writes a whole table on PostgreSQL."""

from tests.hazards.cases import Case, T

_MANY = (*T[:3], "INSERT INTO t SELECT i, i, 'b' || i, 1 FROM generate_series(1, 30000) i", "ANALYZE t")
_PARTS = (
    "CREATE TABLE parts (id INTEGER, k INTEGER) PARTITION BY RANGE (k)",
    "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
    "CREATE TABLE partsd PARTITION OF parts DEFAULT",
    "CREATE TABLE one (id INTEGER, k INTEGER)",
)
_TYPES = (
    "CREATE TABLE t (id INT PRIMARY KEY, b VARCHAR(50), n NUMERIC(10, 2), ts TIMESTAMP, c VARCHAR(5) CHECK (c > ''))",
    "INSERT INTO t SELECT i, 'b', 1, now(), 'c' FROM generate_series(1, 20000) i",
    "ANALYZE t",
)
_BLOCK = "with op.get_context().autocommit_block():\n    "


def _add(column: str) -> str:
    return f'op.add_column("t", sa.Column("z", {column}))'


def _type(column: str, kind: str, more: str = "") -> str:
    return f'op.alter_column("t", "{column}", type_={kind}{more})'


CASES = [
    # L24
    Case("rewrite-uuid", "postgresql",
         _add('sa.Uuid, nullable=False, server_default=sa.text("gen_random_uuid()")'),
         {"pg-add-column-rewrite": ("info", "blocks")}, absent=("add-required-column",)),
    Case("rewrite-uuid-medium", "postgresql", _add('sa.Uuid, server_default=sa.text("gen_random_uuid()")'),
         {"pg-add-column-rewrite": ("warning", "blocks")}, setup=_MANY),
    Case("rewrite-identity", "postgresql", _add("sa.Integer, sa.Identity()"),
         {"pg-add-column-rewrite": ("warning", "blocks")}, setup=_MANY),
    Case("rewrite-computed", "postgresql", _add('sa.Integer, sa.Computed("id * 2", persisted=True)'),
         {"pg-add-column-rewrite": ("warning", "blocks")}, setup=_MANY),
    Case("rewrite-own-function", "postgresql", _add('sa.Integer, server_default=sa.text("opaque()")'),
         {"pg-add-column-rewrite": ("warning", "blocks")},
         setup=(*_MANY, "CREATE FUNCTION opaque() RETURNS INTEGER LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'")),
    Case("rewrite-inlined-function", "postgresql", _add('sa.Integer, server_default=sa.text("inlined()")'),
         absent=("pg-add-column-rewrite",),
         setup=(*_MANY, "CREATE FUNCTION inlined() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'")),
    Case("rewrite-not-a-constant", "postgresql", _add("sa.Boolean, nullable=False, server_default=sa.true()"),
         absent=("pg-add-column-rewrite", "pg-add-column-scan", "add-required-column"), setup=_MANY),
    Case("rewrite-not-now", "postgresql", _add("sa.DateTime, server_default=sa.func.now()"),
         absent=("pg-add-column-rewrite", "pg-add-column-scan"), setup=_MANY),
    Case("rewrite-not-a-word", "postgresql", _add('sa.Text, server_default="random()"'),
         absent=("pg-add-column-rewrite",), setup=_MANY),
    # L25
    Case("scan-check", "postgresql", _add('sa.Integer, sa.CheckConstraint("z > 0")'),
         {"pg-add-column-scan": ("warning", "blocks")}, setup=_MANY),
    Case("scan-unique", "postgresql", _add("sa.Integer, unique=True"), {"pg-add-column-scan": ("info", "blocks")}),
    Case("scan-key-with-default", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer, sa.ForeignKey("p.id"), server_default="1"), '
         "inline_references=True)",
         {"pg-add-column-scan": ("warning", "blocks")}, setup=(*_MANY, "INSERT INTO p VALUES (3)")),
    Case("scan-not-plain", "postgresql", _add("sa.Integer"), absent=("pg-add-column-scan",), setup=_MANY),
    Case("scan-check-new-table", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer))\n'
         'op.add_column("n", sa.Column("z", sa.Integer, sa.CheckConstraint("z > 0")))',
         absent=("pg-add-column-scan",)),
    # L26
    Case("type-bigint", "postgresql", _type("id", "sa.BigInteger()"),
         {"pg-type-change-rewrite": ("warning", "blocks")}, setup=_TYPES),
    Case("type-bigint-large", "postgresql", _type("id", "sa.BigInteger()"),
         {"pg-type-change-rewrite": ("error", "blocks")},
         setup=(*_TYPES, "UPDATE pg_class SET reltuples = 5000000, relpages = 20000 WHERE relname = 't'")),
    Case("type-longer", "postgresql", _type("b", "sa.String(100)"),
         absent=("pg-type-change-rewrite", "type-change-may-fail", "type-change-loses-data"), setup=_TYPES),
    Case("type-text", "postgresql", _type("b", "sa.Text()"), absent=("pg-type-change-rewrite",), setup=_TYPES),
    Case("type-shorter", "postgresql", _type("b", "sa.String(10)"),
         {"pg-type-change-rewrite": ("warning", "blocks")}, setup=_TYPES),
    Case("type-more-digits", "postgresql", _type("n", "sa.Numeric(12, 2)"), absent=("pg-type-change-rewrite",),
         setup=_TYPES),
    Case("type-larger-scale", "postgresql", _type("n", "sa.Numeric(12, 4)"),
         {"pg-type-change-rewrite": ("warning", "blocks")}, setup=_TYPES),
    Case("type-longer-with-check", "postgresql", _type("c", "sa.String(50)"),
         {"pg-type-change-rewrite": ("warning", "blocks")}, setup=_TYPES),
    Case("type-zone-utc", "postgresql", _type("ts", "sa.DateTime(timezone=True)"),
         absent=("pg-type-change-rewrite",), setup=_TYPES, before=("SET TimeZone = 'UTC'",)),
    Case("type-zone-berlin", "postgresql", _type("ts", "sa.DateTime(timezone=True)"),
         {"pg-type-change-rewrite": ("warning", "blocks")}, setup=_TYPES, before=("SET TimeZone = 'Europe/Berlin'",)),
    # L27
    Case("heavy-unlogged", "postgresql", 'op.execute("ALTER TABLE t SET UNLOGGED")',
         {"pg-heavy-sql": ("warning", "blocks")}, setup=_MANY),
    Case("heavy-lock", "postgresql", 'op.execute("LOCK TABLE t")', {"pg-heavy-sql": ("warning", "blocks")},
         setup=_MANY),
    Case("heavy-lock-share", "postgresql", 'op.execute("LOCK TABLE t IN ROW SHARE MODE")', absent=("pg-heavy-sql",),
         setup=_MANY),
    Case("heavy-refresh", "postgresql", 'op.execute("REFRESH MATERIALIZED VIEW mv")',
         {"pg-heavy-sql": ("warning", "blocks")}, setup=(*T, "CREATE MATERIALIZED VIEW mv AS SELECT id FROM t")),
    Case("heavy-refresh-concurrently", "postgresql", 'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY mv")',
         absent=("pg-heavy-sql",),
         setup=(*T, "CREATE MATERIALIZED VIEW mv AS SELECT id FROM t", "CREATE UNIQUE INDEX uq ON mv (id)")),
    Case("heavy-vacuum-full", "postgresql", _BLOCK + 'op.execute("VACUUM FULL t")',
         {"pg-heavy-sql": ("warning", "blocks")}, setup=_MANY),
    Case("heavy-vacuum", "postgresql", _BLOCK + 'op.execute("VACUUM t")', absent=("pg-heavy-sql",), setup=_MANY),
    Case("heavy-storage", "postgresql", 'op.execute("ALTER TABLE t SET (fillfactor = 70)")', absent=("pg-heavy-sql",),
         setup=_MANY),
    # L28
    Case("partition-made", "postgresql",
         'op.execute("CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (10) TO (20)")',
         {"pg-partition-lock": ("warning", "blocks")}, setup=_PARTS),
    Case("partition-attached", "postgresql",
         'op.execute("ALTER TABLE parts ATTACH PARTITION one FOR VALUES FROM (10) TO (20)")',
         {"pg-partition-lock": ("warning", "blocks")}, setup=_PARTS),
    Case("partition-detached", "postgresql", 'op.execute("ALTER TABLE parts DETACH PARTITION parts1")',
         {"pg-partition-lock": ("warning", "blocks")}, setup=_PARTS),
    Case("partition-index", "postgresql", 'op.create_index("ix", "parts", ["id"])',
         {"pg-partition-lock": ("warning", "blocks")}, setup=_PARTS),
    Case("partition-index-of-one", "postgresql", 'op.create_index("ix", "one", ["id"])', absent=("pg-partition-lock",),
         setup=_PARTS),
    Case("partition-new-parent", "postgresql",
         'op.execute("CREATE TABLE n (id INTEGER, k INTEGER) PARTITION BY RANGE (k)")\n'
         'op.execute("CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (10) TO (20)")',
         absent=("pg-partition-lock",), setup=_PARTS),
]  # fmt: skip
