"""Cases of rules about enum types of PostgreSQL."""

from tests.hazards.cases import Case, T

_MOOD = (
    "CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE TABLE n (id INTEGER PRIMARY KEY, e mood, w TEXT)",
    "INSERT INTO n VALUES (1, 'a', 'c')",
)  # fmt: skip
_ADD = "op.execute(\"ALTER TYPE mood ADD VALUE 'c'\")\n"
_BLOCK = "with op.get_context().autocommit_block():\n    "
_AT_ONCE = {"pg-enum-value-used-at-once": ("error", "fails")}
_STATE = 'sa.Enum("on", "off", name="state")'
_TABLE = f'op.create_table("m", sa.Column("id", sa.Integer, primary_key=True), sa.Column("s", {_STATE}))'
_THERE = (*T, "CREATE TYPE state AS ENUM ('on', 'off')")

CASES = [
    # L33
    Case("enum-used-in-update", "postgresql", _ADD + "op.execute(\"UPDATE n SET e = 'c' WHERE id = 1\")", _AT_ONCE,
         fails=True, setup=_MOOD),
    Case("enum-used-in-where", "postgresql", _ADD + "op.execute(\"DELETE FROM n WHERE e = 'c'\")", _AT_ONCE,
         fails=True, setup=_MOOD),
    Case("enum-used-as-default", "postgresql", _ADD + 'op.alter_column("n", "e", server_default="c")', _AT_ONCE,
         fails=True, setup=_MOOD),
    Case("enum-used-by-cast", "postgresql", _ADD + "op.execute(\"UPDATE n SET e = 'c'::mood WHERE id = 1\")",
         _AT_ONCE, fails=True, setup=_MOOD),
    Case("enum-used-by-another-revision", "postgresql", "op.execute(\"UPDATE n SET e = 'c' WHERE id = 1\")", _AT_ONCE,
         fails=True, setup=_MOOD, earlier=_ADD),
    Case("enum-added-in-a-block", "postgresql",
         _BLOCK + _ADD + "op.execute(\"UPDATE n SET e = 'c' WHERE id = 1\")",
         absent=("pg-enum-value-used-at-once",), setup=_MOOD),
    Case("enum-made-at-once", "postgresql",
         "op.execute(\"CREATE TYPE tone AS ENUM ('x')\")\nop.execute(\"ALTER TYPE tone ADD VALUE 'y'\")\n"
         "op.execute(\"CREATE TABLE o (e tone DEFAULT 'y')\")",
         absent=("pg-enum-value-used-at-once",), setup=_MOOD, version=(17,)),
    Case("enum-label-of-another-column", "postgresql",
         _ADD + "op.execute(\"UPDATE n SET e = 'b' WHERE w = 'c'\")", absent=("pg-enum-value-used-at-once",),
         setup=_MOOD),
    Case("enum-label-there-already", "postgresql",
         "op.execute(\"ALTER TYPE mood ADD VALUE IF NOT EXISTS 'b'\")\n"
         "op.execute(\"UPDATE n SET e = 'b' WHERE id = 1\")",
         absent=("pg-enum-value-used-at-once",), setup=_MOOD),
    # L34
    Case("enum-type-missing", "postgresql", f'op.add_column("t", sa.Column("s", {_STATE}))',
         {"pg-enum-type-lifecycle": ("error", "fails")}, fails=True),
    Case("enum-type-there", "postgresql", f'op.add_column("t", sa.Column("s", {_STATE}))',
         absent=("pg-enum-type-lifecycle",), setup=_THERE),
    Case("enum-type-created-first", "postgresql",
         f'{_STATE}.create(op.get_bind(), checkfirst=True)\nop.add_column("t", sa.Column("s", {_STATE}))',
         absent=("pg-enum-type-lifecycle",)),
    Case("enum-type-created-by-sql", "postgresql",
         "op.execute(\"CREATE TYPE state AS ENUM ('on', 'off')\")\n"
         f'op.add_column("t", sa.Column("s", {_STATE}))',
         absent=("pg-enum-type-lifecycle",)),
    Case("enum-type-there-already", "postgresql", _TABLE, {"pg-enum-type-lifecycle": ("error", "fails")}, fails=True,
         setup=_THERE),
    Case("enum-type-of-a-new-table", "postgresql", _TABLE, absent=("pg-enum-type-lifecycle",)),
    Case("enum-type-left-behind", "postgresql", 'op.drop_column("n", "e")',
         {"pg-enum-type-lifecycle": ("info", "advice")}, setup=_MOOD),
    Case("enum-type-still-used", "postgresql", 'op.drop_column("n", "e")', absent=("pg-enum-type-lifecycle",),
         setup=(*_MOOD, "CREATE TABLE o (e mood)")),
    Case("enum-not-native", "postgresql",
         'op.add_column("t", sa.Column("s", sa.Enum("on", "off", name="state", native_enum=False)))',
         absent=("pg-enum-type-lifecycle",)),
]  # fmt: skip
