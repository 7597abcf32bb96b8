"""Cases of rules about what hangs on a table or a column."""

from tests.hazards.cases import Case, T

_VIEW = (*T, "CREATE VIEW v AS SELECT b FROM t")
_ALL_VIEW = (*T, "CREATE VIEW v AS SELECT count(*) AS n FROM t")
_CHILD = (*T, "CREATE TABLE c (tid INTEGER REFERENCES t (id))")
_TRIGGER = (
    *T, "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER x AFTER UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION tell()",
)  # fmt: skip
_BODY = (
    *T, "CREATE FUNCTION most() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(b) FROM t); END'",
)  # fmt: skip
_GENERATED = ("CREATE TABLE t (id INTEGER, b INTEGER, g INTEGER GENERATED ALWAYS AS (b * 2) STORED)",)
_MOOD = ("CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE TABLE n (id INTEGER PRIMARY KEY, e mood)")
_FAILS = {"dependent-object-blocks": ("error", "fails")}
_SERIAL = ("CREATE TABLE t (id SERIAL PRIMARY KEY, a INTEGER)", "INSERT INTO t (a) VALUES (1), (2)")
_CHANGE = 'b.alter_column("a", type_=sa.BigInteger(), existing_type=sa.Integer())'
_BATCH = 'with op.batch_alter_table("t"{}) as b:\n    ' + _CHANGE
_ALWAYS = _BATCH.format(
    ', recreate="always", copy_from=sa.Table("t", sa.MetaData(), '
    'sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))'
)

CASES = [
    # L35
    Case("dependent-view-column", "postgresql", 'op.drop_column("t", "b")', _FAILS, fails=True, setup=_VIEW),
    Case("dependent-view-another-column", "postgresql", 'op.drop_column("t", "a")',
         absent=("dependent-object-blocks",), setup=_VIEW),
    Case("dependent-view-dropped-first", "postgresql", 'op.execute("DROP VIEW v")\nop.drop_column("t", "b")',
         absent=("dependent-object-blocks",), setup=_VIEW),
    Case("dependent-view-type", "postgresql", 'op.alter_column("t", "b", type_=sa.Text())', _FAILS, fails=True,
         setup=_VIEW),
    Case("dependent-view-rename", "postgresql", 'op.alter_column("t", "b", new_column_name="bb")',
         absent=("dependent-object-blocks",), setup=_VIEW),
    Case("dependent-view-table", "postgresql", 'op.drop_table("t")', _FAILS, fails=True, setup=_ALL_VIEW),
    Case("dependent-view-table-cascade", "postgresql", 'op.execute("DROP TABLE t CASCADE")',
         absent=("dependent-object-blocks",), setup=_ALL_VIEW),
    Case("dependent-view-of-all-rows", "postgresql", 'op.drop_column("t", "b")', absent=("dependent-object-blocks",),
         setup=_ALL_VIEW),
    Case("dependent-view-on-a-view", "postgresql", 'op.execute("DROP VIEW v")', _FAILS, fails=True,
         setup=(*_VIEW, "CREATE VIEW w AS SELECT b FROM v")),
    Case("dependent-child-table", "postgresql", 'op.drop_table("t")', _FAILS, fails=True, setup=_CHILD),
    Case("dependent-child-dropped-first", "postgresql", 'op.drop_table("c")\nop.drop_table("t")',
         absent=("dependent-object-blocks",), setup=_CHILD),
    Case("dependent-child-key-dropped-first", "postgresql",
         'op.drop_constraint("c_tid_fkey", "c", type_="foreignkey")\nop.drop_table("t")',
         absent=("dependent-object-blocks",), setup=_CHILD),
    Case("dependent-child-column", "postgresql", 'op.drop_column("t", "id")', _FAILS, fails=True, setup=_CHILD),
    Case("dependent-child-type", "postgresql", 'op.alter_column("t", "id", type_=sa.BigInteger())',
         absent=("dependent-object-blocks",), setup=_CHILD),
    Case("dependent-trigger", "postgresql", 'op.alter_column("t", "b", type_=sa.Text())', _FAILS, fails=True,
         setup=_TRIGGER),
    Case("dependent-trigger-table", "postgresql", 'op.drop_table("t")', absent=("dependent-object-blocks",),
         setup=_TRIGGER),
    Case("dependent-text-of-a-function", "postgresql", 'op.drop_column("t", "b")',
         absent=("dependent-object-blocks",), setup=_BODY),
    Case("dependent-generated", "postgresql", 'op.alter_column("t", "b", type_=sa.BigInteger())', _FAILS, fails=True,
         setup=_GENERATED),
    Case("dependent-type-in-use", "postgresql", 'op.execute("DROP TYPE mood")', _FAILS, fails=True, setup=_MOOD),
    Case("dependent-type-not-in-use", "postgresql", 'op.drop_column("n", "e")\nop.execute("DROP TYPE mood")',
         absent=("dependent-object-blocks",), setup=_MOOD),
    Case("dependent-view-mariadb", "mariadb", 'op.drop_column("t", "b")',
         {"dependent-object-blocks": ("warning", "breaks-code")}, setup=_VIEW),
    Case("dependent-view-mariadb-another-column", "mariadb", 'op.drop_column("t", "a")',
         absent=("dependent-object-blocks",), setup=_VIEW),
    Case("dependent-view-mariadb-dropped-first", "mariadb", 'op.execute("DROP VIEW v")\nop.drop_table("t")',
         absent=("dependent-object-blocks",), setup=_VIEW),
    # L36
    Case("recreate-always", "postgresql", _ALWAYS, {"batch-recreate-always": ("error", "breaks-code")},
         setup=_SERIAL),
    Case("recreate-always-referenced", "postgresql", _ALWAYS, {"batch-recreate-always": ("error", "fails")}, fails=True,
         setup=(*_SERIAL, "CREATE TABLE c (tid INTEGER REFERENCES t (id))")),
    Case("recreate-auto", "postgresql", _BATCH.format(""), absent=("batch-recreate-always",), setup=_SERIAL),
    Case("recreate-never", "postgresql", _BATCH.format(', recreate="never"'), absent=("batch-recreate-always",),
         setup=_SERIAL),
    Case("recreate-always-mariadb", "mariadb", _ALWAYS, {"batch-recreate-always": ("error", "breaks-code")},
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY AUTO_INCREMENT, a INTEGER)", "INSERT INTO t (a) VALUES (1)")),
    Case("recreate-auto-mariadb", "mariadb", _BATCH.format(""), absent=("batch-recreate-always",),
         setup=("CREATE TABLE t (id INTEGER PRIMARY KEY AUTO_INCREMENT, a INTEGER)",)),
]  # fmt: skip
