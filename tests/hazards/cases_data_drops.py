"""Cases of rules about what goes for good: tables, columns, constraints, rows."""

from tests.hazards.cases import EMPTY, Case, T
from tests.hazards.cases_data import BATCH, BREAKS, FAILS, LOSES

ADVICE = ("warning", "advice")
ALL = ("postgresql", "mariadb", "sqlite")
SERVERS = ("postgresql", "mariadb")
CHILD = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY)",
    "INSERT INTO p VALUES (1)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, pid INTEGER, CONSTRAINT fk FOREIGN KEY (pid) REFERENCES p (id){})",
    "INSERT INTO t VALUES (1, 1)",
)
CASCADING = (*CHILD[:2], CHILD[2].format(" ON DELETE CASCADE"), CHILD[3])
PLAIN = (*CHILD[:2], CHILD[2].format(""), CHILD[3])
PAIR = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, CONSTRAINT {})",
    "INSERT INTO t VALUES (1, 1, 1, 1)",
)
PAIR_UNIQUE = (PAIR[0].format("uq UNIQUE (a, b)"), PAIR[1])
PAIR_CHECK = (PAIR[0].format("ck CHECK (a <= b)"), PAIR[1])
ON = ("PRAGMA foreign_keys=ON",)
NAMED = ("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CONSTRAINT uq UNIQUE (a))", "INSERT INTO t VALUES (1, 1)")

CASES = [
    # -- drop-table ---------------------------------------------------------------------------------------------------
    *(
        Case(f"drop-table-{dialect}-rows", dialect, 'op.drop_table("t")', {"drop-table": LOSES},
             counts={"drop-table": 3}, loses="SELECT count(*) FROM t")
        for dialect in ALL
    ),
    *(
        Case(f"drop-table-{dialect}-empty", dialect, 'op.drop_table("t")', {"drop-table": BREAKS}, setup=EMPTY)
        for dialect in ALL
    ),
    *(
        Case(f"drop-table-{dialect}-made-here", dialect,
             'op.create_table("n", sa.Column("id", sa.Integer))\nop.drop_table("n")', absent=("drop-table",))
        for dialect in ALL
    ),
    Case("drop-table-raw-if-exists", "postgresql", 'op.execute("DROP TABLE IF EXISTS nothing")',
         absent=("drop-table",)),
    Case("drop-table-in-a-string", "postgresql", """op.execute("UPDATE t SET b = 'DROP TABLE t' WHERE id = 1")""",
         absent=("drop-table", "destructive-raw-sql")),
    Case("drop-table-sqlite-children-on", "sqlite", 'op.drop_table("p")', {"drop-table": LOSES}, setup=CASCADING,
         before=ON, loses="SELECT count(*) FROM t"),
    Case("drop-table-sqlite-children-refuse", "sqlite", 'op.drop_table("p")', {"drop-table": FAILS}, setup=PLAIN,
         before=ON, fails=True),
    Case("drop-table-sqlite-children-off", "sqlite", 'op.drop_table("p")', {"drop-table": LOSES}, setup=PLAIN,
         loses="SELECT count(*) FROM p"),
    Case("drop-table-sqlite-batch-is-none", "sqlite",
         BATCH + 'b.alter_column("a", nullable=False, existing_type=sa.Integer())', absent=("drop-table",),
         setup=EMPTY),
    # -- drop-column --------------------------------------------------------------------------------------------------
    *(
        Case(f"drop-column-{dialect}-filled", dialect, 'op.drop_column("t", "a")', {"drop-column": LOSES},
             counts={"drop-column": 2}, loses="SELECT count(a) FROM t")
        for dialect in ALL
    ),
    *(
        Case(f"drop-column-{dialect}-null", dialect, 'op.drop_column("t", "a")', {"drop-column": BREAKS},
             setup=(*T, "UPDATE t SET a = NULL"))
        for dialect in ALL
    ),
    *(
        Case(f"drop-column-{dialect}-added-here", dialect,
             'op.add_column("t", sa.Column("n", sa.Integer))\nop.drop_column("t", "n")', absent=("drop-column",))
        for dialect in ALL
    ),
    *(
        Case(f"drop-column-{dialect}-copied", dialect,
             'op.add_column("t", sa.Column("n", sa.Integer))\nop.execute("UPDATE t SET n = a")\n'
             'op.drop_column("t", "a")', {"drop-column": BREAKS})
        for dialect in ALL
    ),
    Case("drop-column-raw", "postgresql", 'op.execute("ALTER TABLE t DROP COLUMN a")', {"drop-column": LOSES}),
    Case("drop-column-not-null-is-none", "postgresql", 'op.execute("ALTER TABLE t ALTER a DROP NOT NULL")',
         absent=("drop-column",)),
    Case("drop-column-generated", "postgresql", 'op.drop_column("t", "g")', {"drop-column": BREAKS},
         setup=(*T, "ALTER TABLE t ADD COLUMN g INTEGER GENERATED ALWAYS AS (id + 1) STORED")),
    # -- drop-column-drops-constraint ---------------------------------------------------------------------------------
    Case("drop-column-drops-unique", "postgresql", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": ("error", "breaks-code")}, setup=PAIR_UNIQUE),
    Case("drop-column-drops-check", "postgresql", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": BREAKS}, setup=PAIR_CHECK),
    Case("drop-column-drops-index", "postgresql", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": BREAKS}, setup=(PAIR_UNIQUE[0], "CREATE INDEX ix ON t (a, b)",
                                                          "ALTER TABLE t DROP CONSTRAINT uq")),
    Case("drop-column-drops-nothing", "postgresql", 'op.drop_column("t", "c")',
         absent=("drop-column-drops-constraint",), setup=PAIR_UNIQUE),
    Case("drop-column-drops-replaced", "postgresql",
         'op.drop_constraint("uq", "t", type_="unique")\nop.drop_column("t", "b")',
         absent=("drop-column-drops-constraint",), setup=PAIR_UNIQUE),
    Case("drop-column-mariadb-unique", "mariadb", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": FAILS}, setup=PAIR_UNIQUE, fails=True),
    Case("drop-column-mariadb-key", "mariadb", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": FAILS},
         setup=("CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))", "INSERT INTO t VALUES (1, 1)"),
         fails=True),
    Case("drop-column-mariadb-index", "mariadb", 'op.drop_column("t", "b")',
         absent=("drop-column-drops-constraint",),
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, KEY ix (a, b))",)),
    Case("drop-column-mariadb-check", "mariadb", 'op.drop_column("t", "b")',
         {"drop-column-drops-constraint": FAILS}, setup=PAIR_CHECK, fails=True),
    # -- destructive-raw-sql ------------------------------------------------------------------------------------------
    *(
        Case(f"destructive-{dialect}-delete", dialect, 'op.execute("DELETE FROM t")', {"destructive-raw-sql": LOSES},
             loses="SELECT count(*) FROM t", counts={"destructive-raw-sql": 3})
        for dialect in ALL
    ),
    *(
        Case(f"destructive-{dialect}-delete-empty", dialect, 'op.execute("DELETE FROM t")',
             {"destructive-raw-sql": ("info", "advice")}, setup=EMPTY, loses="SELECT count(*) FROM t")
        for dialect in ALL
    ),
    *(
        Case(f"destructive-{dialect}-delete-where", dialect, 'op.execute("DELETE FROM t WHERE id = 77")',
             absent=("destructive-raw-sql",), loses="SELECT count(*) FROM t")
        for dialect in ALL
    ),
    *(
        Case(f"destructive-{dialect}-update", dialect, 'op.execute("UPDATE t SET a = 7")',
             {"destructive-raw-sql": LOSES}, loses="SELECT a FROM t ORDER BY id")
        for dialect in ALL
    ),
    *(
        Case(f"destructive-{dialect}-update-new", dialect,
             'op.add_column("t", sa.Column("n", sa.Integer))\nop.execute("UPDATE t SET n = 7")',
             absent=("destructive-raw-sql",))
        for dialect in ALL
    ),
    Case("destructive-construct", "postgresql", 'op.execute(sa.delete(sa.table("t")))', {"destructive-raw-sql": LOSES},
         loses="SELECT count(*) FROM t"),
    Case("destructive-update-itself", "postgresql", 'op.execute("UPDATE t SET b = upper(b)")',
         absent=("destructive-raw-sql",)),
    Case("destructive-update-empty-column", "postgresql", 'op.execute("UPDATE t SET a = 1")',
         absent=("destructive-raw-sql",), setup=(*T, "UPDATE t SET a = NULL")),
    Case("destructive-truncate", "postgresql", 'op.execute("TRUNCATE t")', {"destructive-raw-sql": LOSES},
         loses="SELECT count(*) FROM t"),
    Case("destructive-truncate-parent", "postgresql", 'op.execute("TRUNCATE p")', {"destructive-raw-sql": FAILS},
         setup=PLAIN, fails=True),
    Case("destructive-truncate-both", "postgresql", 'op.execute("TRUNCATE p, t")', {"destructive-raw-sql": LOSES},
         setup=PLAIN, loses="SELECT count(*) FROM t"),
    Case("destructive-truncate-cascade", "postgresql", 'op.execute("TRUNCATE p CASCADE")',
         {"destructive-raw-sql": LOSES}, setup=(*PLAIN, "INSERT INTO p VALUES (2)"), loses="SELECT count(*) FROM t"),
    Case("destructive-truncate-mariadb", "mariadb", 'op.execute("TRUNCATE p")', {"destructive-raw-sql": FAILS},
         setup=PLAIN, fails=True),
    Case("destructive-drop-schema", "postgresql", 'op.execute("DROP SCHEMA s CASCADE")', {"destructive-raw-sql": LOSES},
         setup=("CREATE SCHEMA s", "CREATE TABLE s.t (id INTEGER PRIMARY KEY)", "INSERT INTO s.t VALUES (1)"),
         loses="SELECT count(*) FROM s.t"),
    Case("destructive-drop-schema-full", "postgresql", 'op.execute("DROP SCHEMA s")', {"destructive-raw-sql": FAILS},
         setup=("CREATE SCHEMA s", "CREATE TABLE s.t (id INTEGER PRIMARY KEY)"), fails=True),
    Case("destructive-drop-cascade", "postgresql", 'op.execute("DROP TABLE p CASCADE")',
         {"destructive-raw-sql": BREAKS, "drop-table": LOSES}, setup=PLAIN),
    # -- drop-constraint ----------------------------------------------------------------------------------------------
    *(
        Case(f"drop-constraint-{dialect}-unique", dialect, 'op.drop_constraint("uq", "t", type_="unique")',
             {"drop-constraint": ADVICE}, setup=NAMED)
        for dialect in SERVERS
    ),
    Case("drop-constraint-sqlite-unique", "sqlite", BATCH + 'b.drop_constraint("uq", type_="unique")',
         {"drop-constraint": ADVICE}, setup=NAMED),
    *(
        Case(f"drop-constraint-{dialect}-index", dialect, 'op.drop_index("ix", "t")', {"drop-constraint": ADVICE},
             setup=(*T[:3], "CREATE UNIQUE INDEX ix ON t (a)"))
        for dialect in ALL
    ),
    *(
        Case(f"drop-constraint-{dialect}-plain-index", dialect, 'op.drop_index("ix", "t")',
             absent=("drop-constraint",), setup=(*T[:3], "CREATE INDEX ix ON t (a)"))
        for dialect in ALL
    ),
    Case("drop-constraint-needed", "postgresql", 'op.drop_constraint("p_pkey", "p", type_="primary")',
         {"drop-constraint": FAILS}, setup=PLAIN, fails=True),
    Case("drop-constraint-no-longer-needed", "postgresql",
         'op.drop_constraint("fk", "t", type_="foreignkey")\nop.drop_constraint("p_pkey", "p", type_="primary")',
         {"drop-constraint": ADVICE}, setup=PLAIN),
]  # fmt: skip
