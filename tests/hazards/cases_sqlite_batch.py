"""Cases of batches on SQLite: what the copy of a table is made without, and what becomes of those that refer to it."""

from tests.hazards.cases import Case

_T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT)"
_P = "CREATE TABLE p (id INTEGER PRIMARY KEY, x INTEGER)"
_ROWS = "INSERT INTO t (id, a, b) VALUES (1, 1, 'x'), (2, 2, 'y')"
_BATCH = 'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False, existing_type=sa.Integer())'
_LOST = {"sqlite-batch-loses-objects": ("error", "breaks-code")}
_SLIGHT = {"sqlite-batch-loses-objects": ("warning", "advice")}
_REFUSED = {"sqlite-batch-loses-objects": ("error", "fails")}
_TRIGGER = "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE p SET x = 1; END"
_ON = ("PRAGMA foreign_keys = ON",)
_CHILDREN = "SELECT id, tid FROM c ORDER BY id"


def _batch(name: str, *setup: str, expect: dict[str, tuple[str, str]], code: str = _BATCH, fails: bool = False) -> Case:
    """A batch over t copies it."""
    absent = () if "sqlite-batch-loses-objects" in expect else ("sqlite-batch-loses-objects",)
    return Case(f"sqlite-batch-loses-objects-{name}", "sqlite", code, expect, absent=absent, fails=fails, setup=setup)


def _child(
    name: str, action: str, *rows: str, expect: tuple[str, str] | None, code: str = _BATCH, on: bool = True,
    earlier: str = "",
) -> Case:  # fmt: skip
    """A batch over t, which c refers to."""
    return Case(
        f"sqlite-batch-cascade-{name}",
        "sqlite",
        code,
        {} if expect is None else {"sqlite-batch-cascade": expect},
        absent=("sqlite-batch-cascade",) if expect is None else (),
        fails=expect == ("error", "fails"),
        loses="" if expect == ("error", "fails") else _CHILDREN,
        setup=(
            _T, _ROWS, f"CREATE TABLE c (id INTEGER PRIMARY KEY, tid INTEGER REFERENCES t (id) {action})", *rows,
        ),
        before=_ON if on else (),
        earlier=earlier,
    )  # fmt: skip


_C = "INSERT INTO c VALUES (1, 1), (2, 2), (3, NULL)"
_NO_C = "INSERT INTO c VALUES (3, NULL)"
_FIRST_OFF = 'op.execute("PRAGMA foreign_keys = OFF")\n' + _BATCH

_TWICE = """
bind = op.get_bind()
with op.batch_alter_table("t") as b:
    b.add_column(sa.Column("z", sa.Integer()))
    b.alter_column("b", type_=sa.Text())
rows = bind.execute(sa.text("SELECT id FROM t")).fetchall()
op.execute("UPDATE t SET z = 1")
with op.batch_alter_table("t") as b:
    b.alter_column("z", nullable=False)
"""
_RENAMED_FIRST = """
op.rename_table("t", "u")
with op.batch_alter_table("u") as b:
    b.alter_column("b", new_column_name="c")
    b.alter_column("a", type_=sa.BigInteger())
with op.batch_alter_table("u") as b:
    b.alter_column("c", type_=sa.Text())
"""


def _copied(names: str, read: str, where: str = "") -> str:
    """The table copied by hand."""
    types = {"b": "VARCHAR(50)"}
    made = ", ".join(f"{each} {types.get(each, 'INTEGER')}" for each in names.split(", "))
    statements = (
        f"CREATE TABLE new_t ({made})", f"INSERT INTO new_t ({names}) SELECT {read} FROM t {where}",
        "DROP TABLE t", "ALTER TABLE new_t RENAME TO t",
    )  # fmt: skip
    return "\n".join(f"op.execute({each!r})" for each in statements)


def _set_aside(query: str) -> str:
    """The table renamed first, and copied back."""
    statements = (
        "ALTER TABLE t RENAME TO old", "CREATE TABLE t (id INTEGER, a INTEGER, b TEXT, pid INTEGER)",
        f"INSERT INTO t {query}", "DROP TABLE old",
    )  # fmt: skip
    return "\n".join(f"op.execute({each!r})" for each in statements)


CASES = [
    # -- sqlite-batch-loses-objects
    _batch("nothing", _T, _ROWS, "CREATE INDEX i ON t (b)", "CREATE INDEX j ON t (a) WHERE a > 0", expect={}),
    _batch("trigger", _T, _P, _TRIGGER, expect=_LOST),
    _batch("trigger-made-again", _T, _P, _TRIGGER, expect={}, code=f"{_BATCH}\nop.execute({_TRIGGER!r})"),
    _batch("trigger-of-another-table", _T, _P, "CREATE TRIGGER r AFTER INSERT ON p BEGIN SELECT 1; END", expect={}),
    _batch("trigger-of-another-writes", _T, _P, "CREATE TRIGGER r AFTER INSERT ON p BEGIN UPDATE t SET a = 1; END",
           expect=_REFUSED, fails=True),
    _batch("view", _T, "CREATE VIEW v AS SELECT a FROM t", expect=_REFUSED, fails=True),
    _batch("view-of-a-view", _T, _P, "CREATE VIEW u AS SELECT x FROM p", expect={}),
    _batch("view-dropped-first", _T, "CREATE VIEW v AS SELECT a FROM t", expect={},
           code=f'op.execute("DROP VIEW v")\n{_BATCH}\nop.execute("CREATE VIEW v AS SELECT a FROM t")'),
    _batch("unnamed-check", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CHECK (a > -5))", expect=_LOST),
    _batch("named-check", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CONSTRAINT ck CHECK (a > -5))",
           expect={}),
    _batch("unnamed-unique", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, UNIQUE (a))", expect={}),
    _batch("expression-index", _T, "CREATE INDEX i ON t (lower(b))", expect=_SLIGHT),
    _batch("unique-expression-index", _T, "CREATE UNIQUE INDEX i ON t (lower(b))", expect=_LOST),
    _batch("descending-index", _T, "CREATE INDEX i ON t (b DESC)", expect=_SLIGHT),
    _batch("index-made-again", _T, "CREATE INDEX i ON t (lower(b))", expect={},
           code=f'{_BATCH}\nop.execute("CREATE INDEX i ON t (lower(b))")'),
    _batch("collation", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE)", expect=_LOST),
    _batch("autoincrement", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)", expect=_LOST),
    _batch("autoincrement-kept", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)", expect={},
           code='with op.batch_alter_table("t", table_kwargs={"sqlite_autoincrement": True}) as b:\n'
           '    b.alter_column("a", nullable=False, existing_type=sa.Integer())'),
    _batch("no-copy", _T, _P, _TRIGGER, expect={},
           code='with op.batch_alter_table("t") as b:\n    b.add_column(sa.Column("z", sa.Integer()))'),
    _batch("rename-in-named-check", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CONSTRAINT ck CHECK (a > 0))",
           expect=_REFUSED, fails=True, code='with op.batch_alter_table("t") as b:\n'
           '    b.alter_column("a", new_column_name="z", existing_type=sa.Integer())'),
    _batch("drop-in-named-check", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CONSTRAINT ck CHECK (a > 0))",
           expect=_REFUSED, fails=True, code='with op.batch_alter_table("t") as b:\n    b.drop_column("a")'),
    _batch("check-dropped-too", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CONSTRAINT ck CHECK (a > 0))",
           expect={}, code='with op.batch_alter_table("t") as b:\n    b.drop_constraint("ck", type_="check")\n'
           '    b.drop_column("a")'),
    # -- sqlite-batch-cascade
    _child("deletes", "ON DELETE CASCADE", _C, expect=("error", "loses-data")),
    _child("empties", "ON DELETE SET NULL", _C, expect=("error", "loses-data")),
    _child("restricts", "ON DELETE RESTRICT", _C, expect=("error", "fails")),
    _child("nothing-said", "", _C, expect=("error", "fails")),
    _child("deferred", "DEFERRABLE INITIALLY DEFERRED", _C, expect=("error", "fails")),
    _child("no-children", "ON DELETE CASCADE", _NO_C, expect=None),
    _child("not-enforced", "ON DELETE CASCADE", _C, expect=None, on=False),
    _child("switched-off-first", "ON DELETE CASCADE", _C, expect=None, code=_FIRST_OFF),
    _child("switched-off-too-late", "ON DELETE CASCADE", _C, expect=("error", "loses-data"),
           code='op.execute("UPDATE t SET a = 3")\n' + _FIRST_OFF),
    _child("no-copy", "ON DELETE CASCADE", _C, expect=None,
           code='with op.batch_alter_table("t") as b:\n    b.add_column(sa.Column("z", sa.Integer()))'),
    _child("second-revision", "ON DELETE CASCADE", _C, expect=None, code=_FIRST_OFF,
           earlier='op.add_column("t", sa.Column("z", sa.Integer()))'),
    # -- a table that a batch of the same revision has changed, and copies by hand
    Case("raw-sql-not-analysed-two-batches", "sqlite", _TWICE, {"set-not-null": ("info", "advice")},
         absent=("raw-sql-not-analysed",)),
    Case("raw-sql-not-analysed-after-a-rename", "sqlite", _RENAMED_FIRST, absent=("raw-sql-not-analysed",)),
    Case("drop-table-copied-by-hand", "sqlite", _copied("id, a, b, pid", "id, a, b, pid"), absent=("drop-table",),
         loses="SELECT id, a, b, pid FROM t ORDER BY id"),
    Case("drop-table-set-aside-by-hand", "sqlite", _set_aside("SELECT id, a, b, pid FROM old"), absent=("drop-table",),
         loses="SELECT id, a, b, pid FROM t ORDER BY id"),
    Case("drop-table-copied-without-a-column", "sqlite", _copied("id, a, pid", "id, a, pid"),
         {"drop-column": ("error", "loses-data")}, absent=("drop-table",), loses="SELECT id, a, b, pid FROM t"),
    Case("drop-table-copied-with-another-type", "sqlite",
         _set_aside("SELECT id, a, b, pid FROM old").replace("b TEXT", "b INTEGER"),
         {"drop-table": ("warning", "unknown")}),
    Case("drop-table-copied-in-part", "sqlite", _copied("id, a, b, pid", "id, a, b, pid", "WHERE id < 3"),
         {"drop-table": ("error", "loses-data")}, loses="SELECT id, a, b, pid FROM t ORDER BY id"),
]  # fmt: skip
