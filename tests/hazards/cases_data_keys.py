"""Cases of rules about keys: what is there twice, and what leads nowhere."""

from tests.hazards.cases import EMPTY, Case, T
from tests.hazards.cases_data import BATCH, FAILS, FINE, LOSES

UNIQUE = 'op.create_unique_constraint("uq", "t", [{}])'
INDEX = 'op.create_index("ix", "t", [{}], unique=True)'
FK = 'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"])'
NO_ORPHAN = (*T, "DELETE FROM t WHERE pid = 99")
PAIRS = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b VARCHAR(50))",
    "INSERT INTO t VALUES (1, 1, 'x'), (2, NULL, 'x'), (3, NULL, 'x'), (4, 1, NULL)",
)
SPELT = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b VARCHAR(50))",
    "INSERT INTO t VALUES (1, 'Foo'), (2, 'foo ')",
)
LOOSE = (
    "CREATE TABLE t (id INTEGER, b VARCHAR(50))",
    "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
)
COMPOSITE = (
    "CREATE TABLE p (x INTEGER NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (x, y))",
    "INSERT INTO p VALUES (1, 1)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER)",
    "INSERT INTO t VALUES (1, 1, 1), (2, 7, NULL)",
)
COMPOSITE_FK = 'op.create_foreign_key("fk", "t", "p", ["x", "y"], ["x", "y"])'
SELF = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, pid INTEGER)",
    "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 4)",
)
NEW_PARENT = 'op.create_table("q", sa.Column("id", sa.Integer, primary_key=True))\n'
TO_NEW = 'op.create_foreign_key("fk", "t", "q", ["pid"], ["id"])'
ON = ("PRAGMA foreign_keys=ON",)
BATCH_FK = BATCH + 'b.create_foreign_key("fk", "p", ["pid"], ["id"])'
NEW_UNIQUE = 'op.add_column("t", sa.Column("n", sa.Integer, unique=True{}))'
BIG = ("CREATE TABLE p (id BIGINT PRIMARY KEY)", *T[1:])

CASES = [
    # -- add-unique ---------------------------------------------------------------------------------------------------
    *(
        Case(f"add-unique-{dialect}-twice", dialect, UNIQUE.format('"b"'), {"add-unique": FAILS}, fails=True,
             counts={"add-unique": 1})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-clean", dialect, UNIQUE.format('"a"'), {"add-unique": FINE})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-nulls", dialect, UNIQUE.format('"a", "b"'), {"add-unique": FINE}, setup=PAIRS)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-over-a-key", dialect, UNIQUE.format('"id", "b"'), absent=("add-unique",))
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-primary-key", dialect, 'op.create_primary_key("pk", "t", ["id"])',
             {"add-unique": FINE}, setup=LOOSE)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-key-null", dialect, 'op.create_primary_key("pk", "t", ["id"])',
             {"add-unique": FAILS}, setup=(*LOOSE, "INSERT INTO t VALUES (NULL, 'z')"), fails=True)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-unique-{dialect}-second-key", dialect, 'op.create_primary_key("pk", "t", ["a"])',
             {"add-unique": FAILS}, fails=True)
        for dialect in ("postgresql", "mariadb")
    ),
    Case("add-unique-mariadb-key-null-lenient", "mariadb", 'op.create_primary_key("pk", "t", ["id"])',
         {"add-unique": LOSES}, setup=(*LOOSE, "INSERT INTO t VALUES (NULL, 'z')"), before=("SET SESSION sql_mode=''",),
         loses="SELECT id FROM t ORDER BY b"),
    Case("add-unique-postgresql-spelt", "postgresql", UNIQUE.format('"b"'), {"add-unique": FINE}, setup=SPELT),
    Case("add-unique-mariadb-spelt", "mariadb", UNIQUE.format('"b"'), {"add-unique": FAILS}, setup=SPELT, fails=True),
    Case("add-unique-mariadb-spelt-binary", "mariadb", UNIQUE.format('"b"'), {"add-unique": FINE},
         setup=(SPELT[0].replace("(50)", "(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"), SPELT[1])),
    Case("add-unique-mariadb-prefix", "mariadb",
         'op.create_index("ix", "t", ["b"], unique=True, mysql_length={"b": 2})', {"add-unique": FAILS},
         setup=(SPELT[0], "INSERT INTO t VALUES (1, 'abc'), (2, 'abd')"), fails=True),
    Case("add-unique-nulls-not-distinct", "postgresql",
         'op.create_unique_constraint("uq", "t", ["a"], postgresql_nulls_not_distinct=True)', {"add-unique": FAILS},
         setup=(PAIRS[0], "INSERT INTO t VALUES (1, 1, 'x'), (2, NULL, 'x'), (3, NULL, 'x')"), fails=True,
         version=(15,)),
    Case("add-unique-partial", "postgresql", INDEX.replace("True)", 'True, postgresql_where=sa.text("id > 1"))')
         .format('"b"'), {"add-unique": FINE}),
    Case("add-unique-partial-twice", "postgresql",
         INDEX.replace("True)", 'True, postgresql_where=sa.text("id > 0"))').format('"b"'), {"add-unique": FAILS},
         fails=True),
    Case("add-unique-expression", "postgresql", INDEX.format('sa.text("lower(b)")'), {"add-unique": FAILS},
         setup=(SPELT[0], "INSERT INTO t VALUES (1, 'Foo'), (2, 'foo')"), fails=True),
    Case("add-unique-raw", "postgresql", 'op.execute("CREATE UNIQUE INDEX ix ON t (b, pid)")', {"add-unique": FINE}),
    Case("add-unique-plain-index", "postgresql", 'op.create_index("ix", "t", ["b"])', absent=("add-unique",)),
    Case("add-unique-using-index", "postgresql",
         'op.create_index("uq", "t", ["pid"], unique=True)\n'
         'op.execute("ALTER TABLE t ADD CONSTRAINT uq UNIQUE USING INDEX uq")', {"add-unique": FINE}),
    Case("add-unique-deduped", "postgresql", 'op.execute("DELETE FROM t WHERE id = 3")\n' + UNIQUE.format('"b"'),
         {"add-unique": ("warning", "unknown")}),
    Case("add-unique-new-column", "postgresql", NEW_UNIQUE.format(""), absent=("add-unique",)),
    Case("add-unique-new-column-default", "postgresql", NEW_UNIQUE.format(', server_default="1"'),
         {"add-unique": FAILS}, fails=True),
    Case("add-unique-new-column-one-row", "postgresql", NEW_UNIQUE.format(', server_default="1"'),
         absent=("add-unique",), setup=(*T, "DELETE FROM t WHERE id > 1")),
    Case("add-unique-on-a-new-column", "postgresql",
         'op.add_column("t", sa.Column("n", sa.Integer))\n' + UNIQUE.format('"n"'),
         {"add-unique": ("warning", "unknown")}),
    Case("add-unique-sqlite", "sqlite", BATCH + 'b.create_unique_constraint("uq", ["b"])', {"add-unique": FAILS},
         fails=True),
    Case("add-unique-sqlite-clean", "sqlite", BATCH + 'b.create_unique_constraint("uq", ["a"])', {"add-unique": FINE}),
    Case("add-unique-sqlite-index", "sqlite", INDEX.format('"b"'), {"add-unique": FAILS}, fails=True),
    Case("add-unique-sqlite-nocase", "sqlite", INDEX.format('"b"'), {"add-unique": FAILS},
         setup=(SPELT[0].replace("(50)", "(50) COLLATE NOCASE"), "INSERT INTO t VALUES (1, 'Foo'), (2, 'foo')"),
         fails=True),
    Case("add-unique-sqlite-partial", "sqlite", INDEX.replace("True)", 'True, sqlite_where=sa.text("id > 1"))')
         .format('"b"'), {"add-unique": FINE}),
    # -- add-foreign-key ----------------------------------------------------------------------------------------------
    *(
        Case(f"add-foreign-key-{dialect}-orphan", dialect, FK, {"add-foreign-key": FAILS}, fails=True,
             counts={"add-foreign-key": 1})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-clean", dialect, FK, {"add-foreign-key": FINE}, setup=NO_ORPHAN)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-composite", dialect, COMPOSITE_FK, {"add-foreign-key": FINE}, setup=COMPOSITE)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-composite-orphan", dialect, COMPOSITE_FK, {"add-foreign-key": FAILS},
             setup=(*COMPOSITE, "INSERT INTO t VALUES (3, 1, 2)"), fails=True, counts={"add-foreign-key": 1})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-self", dialect, 'op.create_foreign_key("fk", "t", "t", ["pid"], ["id"])',
             {"add-foreign-key": FAILS}, setup=SELF, fails=True, counts={"add-foreign-key": 1})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-new-parent", dialect, NEW_PARENT + TO_NEW, {"add-foreign-key": FAILS},
             fails=True, counts={"add-foreign-key": 3})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-new-parent-filled", dialect,
             NEW_PARENT + 'op.execute("INSERT INTO q SELECT DISTINCT pid FROM t")\n' + TO_NEW,
             {"add-foreign-key": ("warning", "unknown")})
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-no-parent", dialect, TO_NEW, {"add-foreign-key": FAILS}, fails=True)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-types", dialect, 'op.create_foreign_key("fk", "t", "p", ["b"], ["id"])',
             {"add-foreign-key": FAILS}, setup=EMPTY, fails=True)
        for dialect in ("postgresql", "mariadb")
    ),
    *(
        Case(f"add-foreign-key-{dialect}-no-key", dialect, 'op.create_foreign_key("fk", "p", "t", ["id"], ["a"])',
             {"add-foreign-key": FAILS}, setup=EMPTY, fails=True)
        for dialect in ("postgresql", "mariadb")
    ),
    Case("add-foreign-key-postgresql-bigint", "postgresql", FK, {"add-foreign-key": FINE},
         setup=(*BIG, "DELETE FROM t WHERE pid = 99")),
    Case("add-foreign-key-mariadb-bigint", "mariadb", FK, {"add-foreign-key": FAILS}, setup=BIG[:3], fails=True),
    Case("add-foreign-key-mariadb-plain-index", "mariadb", 'op.create_foreign_key("fk", "p", "t", ["id"], ["a"])',
         {"add-foreign-key": FINE}, setup=(*EMPTY, "CREATE INDEX ix ON t (a)")),
    Case("add-foreign-key-mariadb-unchecked", "mariadb", 'op.execute("SET foreign_key_checks=0")\n' + FK,
         absent=("add-foreign-key",)),
    Case("add-foreign-key-not-valid", "postgresql",
         'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"], postgresql_not_valid=True)',
         absent=("add-foreign-key",)),
    Case("add-foreign-key-new-column", "postgresql",
         'op.add_column("t", sa.Column("q", sa.Integer, sa.ForeignKey("p.id")))', absent=("add-foreign-key",)),
    Case("add-foreign-key-new-column-default", "postgresql",
         'op.add_column("t", sa.Column("q", sa.Integer, sa.ForeignKey("p.id"), server_default="7"))',
         {"add-foreign-key": FAILS}, fails=True),
    Case("add-foreign-key-on-a-new-column", "postgresql",
         'op.add_column("t", sa.Column("q", sa.Integer))\nop.create_foreign_key("fk", "t", "p", ["q"], ["id"])',
         absent=("add-foreign-key",)),
    Case("add-foreign-key-raw", "postgresql", 'op.execute("ALTER TABLE t ADD FOREIGN KEY (pid) REFERENCES p")',
         {"add-foreign-key": FAILS}, fails=True),
    Case("add-foreign-key-sqlite-on", "sqlite", BATCH_FK, {"add-foreign-key": FAILS}, before=ON, fails=True),
    Case("add-foreign-key-sqlite-on-clean", "sqlite", BATCH_FK, {"add-foreign-key": FINE}, before=ON,
         setup=NO_ORPHAN),
    Case("add-foreign-key-sqlite-off", "sqlite", BATCH_FK, absent=("add-foreign-key",)),
]  # fmt: skip
