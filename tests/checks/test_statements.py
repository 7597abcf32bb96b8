"""What is read out of SQL and out of code: what each makes and takes away, and nothing that it does not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.safety.projects import project
from workbench.bridge import statements
from workbench.results import Effect

READ = [
    ("sqlite", "DROP TABLE t", ["drops table t"]),
    (
        "mysql",
        "/* old */ drop table if exists `a b`, s.`c``d` CASCADE; -- ;",
        ["drops table a b?", "drops table s.c`d?"],
    ),
    ("postgresql", 'DROP TABLE Foo, "Bar"', ["drops table foo", "drops table Bar"]),
    ("postgresql", "TRUNCATE TABLE ONLY a, b RESTART IDENTITY", ["drops rows a", "drops rows b"]),
    ("sqlite", "DELETE FROM t", ["drops rows t"]),
    ("sqlite", "DELETE FROM t WHERE id = 1", []),
    ("sqlite", "CREATE TEMP TABLE t (id INTEGER)", []),
    ("sqlite", "INSERT INTO t VALUES ('; DROP TABLE t')", []),
    ("sqlite", "CREATE TABLE t (a); INSERT INTO t VALUES (1); DROP TABLE u", ["makes table t", "drops table u"]),
    ("postgresql", "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; DROP TABLE x; END $$ LANGUAGE plpgsql", []),
    ("sqlite", "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; DROP TABLE x; END", []),
    ("postgresql", "CREATE OR REPLACE VIEW v AS SELECT 1", ["makes view v?"]),
    ("postgresql", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON s.t (a)", ["makes index s.t.ix?"]),
    ("postgresql", "CREATE INDEX Ix ON T (a)", ["makes index t.ix"]),
    ("postgresql", "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", ["makes index t"]),
    ("mysql", "DROP INDEX ix ON t", ["drops index t.ix"]),
    (
        "mysql",
        "ALTER TABLE `t` CHANGE `a` `b` INT, MODIFY c DECIMAL(8, 2), DROP FOREIGN KEY fk, DROP d, ADD INDEX i (a)",
        ["changes column t.a>b", "changes column t.c", "drops constraint t.fk", "drops column t.d", "makes index t.i"],
    ),
    (
        "postgresql",
        (
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int CHECK (a IN (1, 2)), ADD CONSTRAINT ck CHECK (a > 0), "
            "DROP CONSTRAINT old, ALTER COLUMN b TYPE text"
        ),
        ["makes column t.a?", "makes constraint t.ck", "drops constraint t.old", "changes column t.b"],
    ),
    ("sqlite", "ALTER TABLE t RENAME TO u", ["changes table t>u"]),
    ("sqlite", "ALTER TABLE t RENAME a TO b", ["changes column t.a>b"]),
    ("mysql", "RENAME TABLE a TO b, c TO d", ["changes table a>b", "changes table c>d"]),
    ("mysql", "ALTER TABLE t DROP PARTITION p1", []),
    ("sqlite", "ALTER TABLE", []),
    ("sqlite", "DROP", []),
]


def told(effect: Effect) -> str:
    """The effect as one word a part; `>` before a new name, `?` where it may leave no trace."""
    name = ".".join(each for each in (effect.schema, effect.table, effect.name) if each)
    new = f">{effect.new_name}" if effect.new_name else ""
    return f"{effect.does} {effect.kind} {name}{new}{'' if effect.sure else '?'}"


@pytest.mark.parametrize("dialect,sql,expected", READ, ids=[sql[:40] for _, sql, _ in READ])
def test_statements(dialect: str, sql: str, expected: list[str]) -> None:
    """Each statement is read as the database would read it."""
    assert expected == [told(each) for each in statements.read(sql, dialect)]


@given(
    st.sampled_from(["TABLE", "INDEX", "UNIQUE INDEX"]),
    st.lists(st.sampled_from(["ON", "ONLY", "CONCURRENTLY", "If", "Tab", "s.t"]), max_size=3),
    st.sampled_from(["postgresql", "mysql"]),
)
def test_the_short_way_says_what_the_long_one_says(kind: str, words: list[str], dialect: str) -> None:
    """A plain CREATE is read by one pattern; as one of two statements it is cut into words, and says the same."""
    sql = f"CREATE {kind} {' '.join(words)} (a)"

    assert list(statements.read(f"{sql}; SELECT 1", dialect)) == list(statements.read(sql, dialect))


OPERATIONS = """
    op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer, index=True))
    op.add_column("t1", sa.Column("y", sa.Integer))
    op.get_bind().execute(sa.text("CREATE TABLE by_hand (id INTEGER)"))
    with op.batch_alter_table("t1") as batch:
        batch.add_column(sa.Column("z", sa.Integer))
        batch.create_index("ix_z", ["z"])
    op.rename_table("a", "b")
    op.bulk_insert(sa.table("b", sa.column("id", sa.Integer)), [{"id": 1}])
    op.drop_index("ix_z", "t1", if_exists=True)
    op.alter_column("t1", "y", new_column_name="w", existing_type=sa.Integer)
"""
BLIND = """
    op.add_column("t1", sa.Column("first", sa.Integer))
    if op.get_bind().execute(sa.text("SELECT 1")).scalar() + 1:
        op.drop_table("maybe")
    with op.batch_alter_table("t1", schema=None) as batch:
        batch.drop_column("last")
        batch.alter_column("a", new_column_name="b")
    op.create_unique_constraint("uq", "t1", ["first"])
    op.execute("DROP TABLE old")
    op.drop_table("a" + "b")
"""


def test_operations(tmp_path: Path, sqlite_url: str) -> None:
    """A step's effects say which of its statements each of them is; of a step without SQL, its code tells."""
    made = project(tmp_path / "project", sqlite_url).tables(1)
    made.revision("r2", "r1", OPERATIONS, "op.drop_table('b')")
    made.revision("r3", "r2", BLIND)
    with made.workbench() as wb:
        _, written, blind = wb.upgrade().steps

    assert [
        (0, 0, "makes table a"),
        (1, 1, "makes index a.ix_a_x"),
        (2, 2, "makes column t1.y"),
        (3, 3, "makes table by_hand"),
        (4, 4, "makes column t1.z"),
        (5, 5, "makes index t1.ix_z"),
        (6, 6, "changes table a>b"),
        (8, 8, "drops index t1.ix_z?"),
        (9, 9, "changes column t1.y>w"),
    ] == [(each.first, each.last, told(each)) for each in written.effects]
    assert blind.statements is None
    assert [
        "makes column t1.first",
        "drops table maybe?",
        "drops column t1.last",
        "changes column t1.a>b",
        "makes constraint t1.uq",
        "drops table old",
    ] == [told(each) for each in blind.effects]
    assert {(-1, -1)} == {(each.first, each.last) for each in blind.effects}
