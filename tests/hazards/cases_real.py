"""Cases that were met in real histories: what was said of them was wrong, or nothing was."""

from __future__ import annotations

from tests.hazards.cases import Case, T

_ALL = "SELECT * FROM t ORDER BY id"
_MOVED = """
for row in op.get_bind().execute(sa.text("SELECT id, b FROM t")).all():
    op.get_bind().execute(sa.text("UPDATE t SET a = :a WHERE id = :id"), {"a": len(row.b), "id": row.id})
op.drop_column("t", "b")
"""
_ANOTHER_READ = """
for row in op.get_bind().execute(sa.text("SELECT id, a FROM t")).all():
    op.get_bind().execute(sa.text("INSERT INTO p (id) VALUES (:id)"), {"id": row.id + 10})
op.drop_column("t", "b")
"""
_EMPTIED = """
rows = op.get_bind().execute(sa.text("SELECT * FROM t")).all()
op.create_table("kept", sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.String(50)))
for row in rows:
    op.get_bind().execute(sa.text("INSERT INTO kept VALUES (:id, :b)"), {"id": row.id, "b": row.b})
op.execute("DELETE FROM t")
"""
_SESSION = """
import sqlalchemy.orm

Base = sa.orm.declarative_base()

class Row(Base):
    __tablename__ = "t"
    id = sa.Column(sa.Integer, primary_key=True)
    b = sa.Column(sa.String(50))

session = sa.orm.Session(bind=op.get_bind())
for row in session.query(Row).all():
    row.b = row.b + "!"
session.commit()
op.add_column("t", sa.Column("more", sa.Integer))
"""
_CAUGHT = """
try:
    op.drop_column("t", "id")
except sa.exc.OperationalError:
    {ends}
"""
_NEW_KEY = """
with op.batch_alter_table("t") as batch:
    batch.add_column(sa.Column("more", sa.Integer(), nullable={nullable}{default}))
    batch.create_foreign_key("fk_t_more_p", "p", ["more"], ["id"])
"""
_MOOD = (*T, "CREATE TYPE mood AS ENUM ('glad', 'sad')", "ALTER TABLE t ADD COLUMN m mood")
_MOODS = """
op.create_table("moods", sa.Column("id", sa.Integer, primary_key=True), sa.Column("m", sa.Enum({labels}){more}))
op.drop_column("t", "m")
"""
_LABELS = "'glad', 'sad', name='mood', create_type=False"
_FITS, _LONG = "x" * 50, "x" * 51
_WIDE = 'op.alter_column("t", "b", type_=sa.String(60), existing_type=sa.String(50))\n'

CASES = [
    # A batch with nothing in it is its four statements, and none of them drops the table.
    Case("drop-table-batch-of-nothing", "sqlite",
         'with op.batch_alter_table("t", recreate="always"):\n    pass',
         absent=("drop-table", "rename-table", "raw-sql-not-analysed"), loses=_ALL),
    Case("drop-table-by-hand-of-that-name", "sqlite",
         'op.execute("CREATE TABLE _alembic_tmp_t (id INTEGER)")\nop.execute("DROP TABLE t")\n'
         'op.execute("ALTER TABLE _alembic_tmp_t RENAME TO t")',
         expect={"drop-table": ("error", "loses-data")}, loses="SELECT count(*) FROM t"),
    # An ORM Session counts the rows that it has updated, and stopped where none were.
    *[Case("raw-sql-not-analysed-orm", dialect, _SESSION, absent=("raw-sql-not-analysed",))
      for dialect in ("sqlite", "postgresql", "mariadb")],
    # Python moves the values.
    *[Case("drop-column-moved-by-code", dialect, _MOVED, expect={"drop-column": ("warning", "unknown")})
      for dialect in ("sqlite", "postgresql", "mariadb")],
    *[Case("drop-column-another-read-by-code", dialect, _ANOTHER_READ,
           expect={"drop-column": ("error", "loses-data")}, loses="SELECT b FROM t")
      for dialect in ("sqlite", "postgresql", "mariadb")],
    *[Case("destructive-raw-sql-moved-by-code", dialect, _EMPTIED,
           expect={"destructive-raw-sql": ("warning", "unknown")})
      for dialect in ("sqlite", "postgresql", "mariadb")],
    # The revision catches what is refused; on PostgreSQL the transaction is over all the same.
    Case("sqlite-drop-column-limits-caught", "sqlite", _CAUGHT.format(ends="pass"),
         expect={"sqlite-drop-column-limits": ("warning", "unknown")}, absent=("fails",), loses=_ALL),
    Case("sqlite-drop-column-limits-raised-again", "sqlite", _CAUGHT.format(ends="raise"),
         expect={"sqlite-drop-column-limits": ("error", "fails")}, fails=True),
    Case("set-not-null-caught", "postgresql",
         'try:\n    op.alter_column("t", "a", nullable=False)\nexcept sa.exc.DBAPIError:\n    pass',
         expect={"set-not-null": ("error", "fails")}, fails=True),
    # A key over a column that was NULL in every row until now.
    Case("fk-not-enforced-new-column", "sqlite", _NEW_KEY.format(nullable=True, default=""),
         absent=("fk-not-enforced",)),
    Case("fk-not-enforced-new-column-with-default", "sqlite",
         _NEW_KEY.format(nullable=False, default=", server_default='99'"),
         expect={"fk-not-enforced": ("warning", "unknown")}),
    # The type is used by a table of the same revision.
    Case("pg-enum-type-lifecycle-still-used", "postgresql",
         _MOODS.format(labels="", more="").replace("sa.Enum()", f"postgresql.ENUM({_LABELS})"),
         setup=_MOOD, absent=("pg-enum-type-lifecycle",)),
    Case("pg-enum-type-lifecycle-made-again", "postgresql",
         _MOODS.format(labels="'glad', 'sad', name='mood'", more=""), setup=_MOOD,
         expect={"pg-enum-type-lifecycle": ("error", "fails")}, fails=True),
    # Texts that are too long for their column.
    *[case for dialect in ("postgresql", "mariadb") for case in (
        Case("value-too-long-update", dialect, f"op.execute(\"UPDATE t SET b = '{_LONG}' WHERE id > 1\")",
             expect={"value-too-long": ("error", "fails")}, fails=True),
        Case("value-too-long-fits", dialect, f"op.execute(\"UPDATE t SET b = '{_FITS}'\")",
             absent=("value-too-long",)),
        Case("value-too-long-widened", dialect, _WIDE + f"op.execute(\"UPDATE t SET b = '{_LONG}'\")",
             absent=("value-too-long",)),
        Case("value-too-long-insert", dialect, f"op.execute(\"INSERT INTO t (id, b) VALUES (7, '{_LONG}')\")",
             expect={"value-too-long": ("error", "fails")}, fails=True),
    )],
    # PostgreSQL looks at the text before it looks for a row.
    Case("value-too-long-no-row", "postgresql", f"op.execute(\"UPDATE t SET b = '{_LONG}' WHERE id > 9\")",
         expect={"value-too-long": ("error", "fails")}, fails=True),
    Case("value-too-long-no-row", "mariadb", f"op.execute(\"UPDATE t SET b = '{_LONG}' WHERE id > 9\")",
         absent=("value-too-long",)),
    Case("value-too-long-sqlite", "sqlite", f"op.execute(\"UPDATE t SET b = '{_LONG}'\")", absent=("value-too-long",)),
    Case("value-too-long-not-strict", "mariadb", f"op.execute(\"UPDATE t SET b = '{_LONG}'\")",
         before=("SET sql_mode = ''",), absent=("value-too-long",)),
    # NOT NULL and the same type in one operation: one scan, said once.
    Case("pg-type-change-rewrite-same-type", "postgresql",
         'op.alter_column("p", "id", type_=sa.Integer(), nullable=False)',
         absent=("pg-type-change-rewrite",)),
    Case("pg-type-change-rewrite-with-not-null", "postgresql",
         'op.alter_column("t", "pid", type_=sa.Integer(), existing_type=sa.Integer(), nullable=False)',
         absent=("pg-type-change-rewrite",)),
]  # fmt: skip
