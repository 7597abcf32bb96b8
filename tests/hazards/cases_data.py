"""Cases of rules about rows that a new condition meets: NOT NULL, a required column, a CHECK, a key's length."""

from tests.hazards.cases import EMPTY, Case, T

NOT_NULL = 'op.alter_column("t", "a", nullable=False)'
NOT_NULL_MARIADB = 'op.alter_column("t", "a", existing_type=sa.Integer(), nullable=False)'
NOT_NULL_BATCH = (
    'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False, existing_type=sa.Integer())'
)
FILLED = (*T, "UPDATE t SET a = 2 WHERE a IS NULL")
FAILS = ("error", "fails")
LOSES = ("error", "loses-data")
FINE = ("info", "advice")
BREAKS = ("warning", "breaks-code")
NEW = 'op.add_column("t", sa.Column("n", sa.Integer(), {}))'
BATCH = 'with op.batch_alter_table("t") as b:\n    '
NEW_BATCH = (
    'with op.batch_alter_table("t", recreate="always") as b:\n    b.add_column(sa.Column("n", sa.Integer(), {}))'
)
WIDE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT)",
    "INSERT INTO t SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 400) i",
    "INSERT INTO t VALUES (2, repeat('x', 12800)), (3, 'short')",
)

_BESIDE = 'op.add_column("t", sa.Column("z", sa.Integer(), sa.CheckConstraint("z > 0"), server_default="{default}"))'

CASES = [
    # -- set-not-null -------------------------------------------------------------------------------------------------
    Case("set-not-null-one-null", "postgresql", NOT_NULL, {"set-not-null": FAILS}, fails=True,
         counts={"set-not-null": 1}),
    Case("set-not-null-percent", "postgresql", 'op.alter_column("t", "a%b", nullable=False)', {"set-not-null": FAILS},
         setup=('CREATE TABLE t (id INTEGER PRIMARY KEY, "a%b" INTEGER)', "INSERT INTO t VALUES (1, NULL)"),
         fails=True, counts={"set-not-null": 1}),
    Case("set-not-null-percent-maria", "mariadb",
         'op.alter_column("t", "a%b", existing_type=sa.Integer(), nullable=False)', {"set-not-null": FAILS},
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY, `a%b` INTEGER)", "INSERT INTO t VALUES (1, NULL)"),
         fails=True, counts={"set-not-null": 1}),
    Case("add-check-percent", "postgresql", """op.create_check_constraint("ck", "t", sa.text("b <> 'x%'"))""",
         {"add-check": FAILS}, fails=True, counts={"add-check": 1},
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT)", "INSERT INTO t VALUES (1, 'x%')")),
    Case("add-check-percent-maria", "mariadb", """op.create_check_constraint("ck", "t", sa.text("b <> 'x%'"))""",
         {"add-check": FAILS}, fails=True, counts={"add-check": 1},
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY, b VARCHAR(9))", "INSERT INTO t VALUES (1, 'x%')")),
    Case("set-not-null-no-null", "postgresql", NOT_NULL, {"set-not-null": FINE}, setup=FILLED),
    Case("set-not-null-already", "postgresql", 'op.alter_column("t", "id", nullable=False)', absent=("set-not-null",)),
    Case("set-not-null-filled-by-update", "postgresql",
         'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\n' + NOT_NULL, {"set-not-null": FINE}),
    Case("set-not-null-half-filled", "postgresql",
         'op.execute("UPDATE t SET a = 0 WHERE a IS NULL AND id > 2")\n' + NOT_NULL + "\n",
         {"set-not-null": ("warning", "unknown")}, setup=FILLED),
    Case("set-not-null-with-check", "postgresql", NOT_NULL, absent=("set-not-null",),
         setup=(*FILLED, "ALTER TABLE t ADD CONSTRAINT nn CHECK (a IS NOT NULL)")),
    Case("set-not-null-raw", "postgresql", 'op.execute("ALTER TABLE t ALTER COLUMN a SET NOT NULL")',
         {"set-not-null": FAILS}, fails=True),
    Case("set-not-null-in-a-comment", "postgresql", 'op.execute("SELECT 1 /* ALTER a SET NOT NULL */")',
         absent=("set-not-null",)),
    Case("set-not-null-of-a-new-column", "postgresql", NEW.format("nullable=True") + '\n'
         'op.alter_column("t", "n", nullable=False)', {"set-not-null": FAILS}, fails=True),
    Case("set-not-null-of-a-new-column-with-default", "postgresql", NEW.format('server_default="1"') + '\n'
         'op.alter_column("t", "n", nullable=False)', absent=("set-not-null",)),
    Case("set-not-null-of-a-new-column-filled", "postgresql", NEW.format("nullable=True") + '\n'
         'op.execute("UPDATE t SET n = 1")\nop.alter_column("t", "n", nullable=False)', {"set-not-null": FINE}),
    Case("set-not-null-of-a-new-column-empty", "postgresql", NEW.format("nullable=True") + '\n'
         'op.alter_column("t", "n", nullable=False)', {"set-not-null": FINE}, setup=EMPTY),
    Case("set-not-null-mariadb", "mariadb", NOT_NULL_MARIADB, {"set-not-null": FAILS}, fails=True,
         counts={"set-not-null": 1}),
    Case("set-not-null-mariadb-filled", "mariadb", NOT_NULL_MARIADB, {"set-not-null": FINE}, setup=FILLED),
    Case("set-not-null-mariadb-lenient", "mariadb", NOT_NULL_MARIADB, {"set-not-null": LOSES},
         before=("SET SESSION sql_mode=''",), loses="SELECT a FROM t ORDER BY id"),
    Case("set-not-null-mariadb-filled-by-update", "mariadb",
         'op.execute("UPDATE t SET a = 0 WHERE a IS NULL")\n' + NOT_NULL_MARIADB, {"set-not-null": FINE}),
    Case("set-not-null-sqlite", "sqlite", NOT_NULL_BATCH, {"set-not-null": FAILS}, fails=True),
    Case("set-not-null-empty", "sqlite", NOT_NULL_BATCH, {"set-not-null": FINE}, setup=EMPTY),
    Case("set-not-null-sqlite-already", "sqlite", NOT_NULL_BATCH, absent=("set-not-null",),
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL)", "INSERT INTO t VALUES (1, 1)")),
    # -- add-required-column ------------------------------------------------------------------------------------------
    Case("add-required-column-rows", "postgresql", NEW.format("nullable=False, default=5"),
         {"add-required-column": FAILS}, fails=True, counts={"add-required-column": 3}),
    Case("add-required-column-empty", "postgresql", NEW.format("nullable=False"),
         {"add-required-column": BREAKS}, setup=EMPTY),
    Case("add-required-column-default", "postgresql", NEW.format('nullable=False, server_default="1"'),
         absent=("add-required-column",)),
    Case("add-required-column-identity", "postgresql", NEW.format("sa.Identity(), nullable=False"),
         absent=("add-required-column",)),
    Case("add-required-column-computed", "postgresql", NEW.format('sa.Computed("id + 1"), nullable=False'),
         absent=("add-required-column",)),
    Case("add-required-column-serial", "postgresql", 'op.execute("ALTER TABLE t ADD COLUMN n SERIAL")',
         absent=("add-required-column",)),
    Case("add-required-column-raw", "postgresql", 'op.execute("ALTER TABLE t ADD COLUMN n INTEGER NOT NULL")',
         {"add-required-column": FAILS}, fails=True),
    Case("add-required-column-mariadb", "mariadb", NEW.format("nullable=False"), {"add-required-column": BREAKS}),
    Case("add-required-column-mariadb-default", "mariadb", NEW.format('nullable=False, server_default="1"'),
         absent=("add-required-column",)),
    Case("add-required-column-mariadb-nullable", "mariadb", NEW.format("nullable=True"),
         absent=("add-required-column",)),
    Case("add-required-column-sqlite", "sqlite", NEW.format("nullable=False"), {"add-required-column": FAILS},
         fails=True),
    Case("add-required-column-sqlite-empty", "sqlite", NEW.format("nullable=False"), {"add-required-column": BREAKS},
         setup=EMPTY),
    Case("add-required-column-sqlite-batch", "sqlite", NEW_BATCH.format("nullable=False"),
         {"add-required-column": FAILS}, fails=True),
    Case("add-required-column-sqlite-default", "sqlite", NEW.format('nullable=False, server_default="1"'),
         absent=("add-required-column",)),
    # -- add-check ----------------------------------------------------------------------------------------------------
    *(
        Case(f"add-check-{dialect}-broken", dialect, 'op.create_check_constraint("ck", "t", "a > 2")',
             {"add-check": FAILS}, fails=True, counts={"add-check": 1})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-check-{dialect}-null-passes", dialect, 'op.create_check_constraint("ck", "t", "a > 0")',
             {"add-check": FINE})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-check-{dialect}-like", dialect, """op.create_check_constraint("ck", "t", "b NOT LIKE 'x%'")""",
             {"add-check": FAILS}, fails=True, counts={"add-check": 2})
        for dialect in ("postgresql", "mariadb")
    ),
    Case("add-check-not-valid", "postgresql",
         'op.create_check_constraint("ck", "t", "a > 2", postgresql_not_valid=True)', absent=("add-check",)),
    Case("add-check-raw", "postgresql", 'op.execute("ALTER TABLE t ADD CHECK (length(b) > 1)")',
         {"add-check": FAILS}, fails=True, counts={"add-check": 3}),
    Case("add-check-construct", "postgresql",
         'op.create_check_constraint("ck", "t", sa.column("b").in_(["x"]))', {"add-check": FAILS}, fails=True),
    Case("add-check-of-a-new-column", "postgresql", NEW.format('server_default="1"') + '\n'
         'op.create_check_constraint("ck", "t", "n > 0")', {"add-check": ("warning", "unknown")}),
    Case("add-check-sqlite", "sqlite",
         'with op.batch_alter_table("t") as b:\n    b.create_check_constraint("ck", "a > 2")',
         {"add-check": FAILS}, fails=True),
    Case("add-check-sqlite-clean", "sqlite",
         'with op.batch_alter_table("t") as b:\n    b.create_check_constraint("ck", "a > 0")', {"add-check": FINE}),
    Case("add-check-sqlite-like", "sqlite",
         """with op.batch_alter_table("t") as b:\n    b.create_check_constraint("ck", "b NOT LIKE 'x%'")""",
         {"add-check": FAILS}, fails=True, counts={"add-check": 2}),
    Case("add-check-sqlite-boolean", "sqlite",
         'with op.batch_alter_table("t") as b:\n    b.alter_column("a", existing_type=sa.Integer(), '
         'type_=sa.Boolean(create_constraint=True, name="ck"))', {"add-check": FAILS}, fails=True),
    # -- index-key-too-large ------------------------------------------------------------------------------------------
    Case("index-key-too-large-random", "postgresql", 'op.create_index("ix", "t", ["b"])',
         {"index-key-too-large": FAILS}, fails=True, setup=WIDE, counts={"index-key-too-large": 1}),
    Case("index-key-too-large-compressed", "postgresql", 'op.create_index("ix", "t", ["b"])',
         absent=("index-key-too-large",), setup=(*WIDE[:1], WIDE[2])),
    Case("index-key-too-large-hash", "postgresql", 'op.create_index("ix", "t", ["b"], postgresql_using="hash")',
         absent=("index-key-too-large",), setup=WIDE),
    Case("index-key-too-large-md5", "postgresql", 'op.create_index("ix", "t", [sa.text("md5(b)")])',
         absent=("index-key-too-large",), setup=WIDE),
    Case("index-key-too-large-partial", "postgresql",
         'op.create_index("ix", "t", ["b"], postgresql_where=sa.text("id > 1"))',
         absent=("index-key-too-large",), setup=WIDE),
    Case("add-check-beside-a-column", "postgresql", _BESIDE.format(default="-1"), {"add-check": ("error", "fails")},
         fails=True, counts={"add-check": 3}),
    Case("add-check-beside-a-column-met", "postgresql", _BESIDE.format(default="1"), absent=("add-check",)),
    Case("add-check-beside-a-column-empty", "postgresql", _BESIDE.format(default="-1"), absent=("add-check",),
         setup=EMPTY),
    Case("add-check-beside-a-column-unproved", "mariadb", _BESIDE.format(default="-1"), absent=("add-check",)),
]  # fmt: skip
