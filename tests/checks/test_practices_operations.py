"""Checks of what revisions do, and of names."""

from __future__ import annotations

from tests.checks.told import practices
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench

SEVEN = "\n".join(
    (
        *(f"op.add_column('t{number}', sa.Column('c{number}', sa.Integer))" for number in range(1, 6)),
        "op.create_index('ix_t6', 't6', ['id'])",
        "op.create_table('t8', sa.Column('id', sa.Integer, primary_key=True))",
    )
)
UNDO = "op.drop_table('t8')"


@ON_SQLITE
def test_unrelated_operations(bare: Project, wb: Workbench) -> None:
    """Seven groups of tables in one revision are; not six, nor a sweep, nor the first revision, nor what keys join."""
    made = bare.tables(7)
    revision = made.revision("r8", "r7", SEVEN, UNDO)
    (finding,) = practices(wb.check())
    assert ("unrelated-operations", "info", "r8", 7) == (
        finding.rule, finding.severity, finding.revision, finding.evidence.count,
    )  # fmt: skip
    assert (
        "r8 'Do r8.' changes tables in 7 groups that no foreign key joins: t1; t2; t3; t4; t5; …."
    ) == finding.message

    for other in (
        SEVEN.replace("sa.Column('id', sa.Integer, primary_key=True)", "sa.Column('id', sa.ForeignKey('t6.id'))"),
        "\n".join(SEVEN.splitlines()[1:]),
        "\n".join(f"op.add_column('t{number}', sa.Column('at', sa.Integer))" for number in range(1, 8)),
        "\n".join(f"op.create_index('ix_{number}', 't{number}', ['id'])" for number in range(1, 8)),
    ):
        made.revision("r8", "r7", other, UNDO)
        assert [] == practices(wb.check())

    for path in made.versions.glob("*.py"):
        path.unlink()
    made.execute(*(f"CREATE TABLE t{number} (id INTEGER)" for number in range(1, 8)))
    made.revision("r8", None, SEVEN, UNDO)
    assert [] == practices(wb.check())
    assert not revision.with_name("r1.py").exists()


def test_names_of_pending_revisions(bare: Project, wb: Workbench) -> None:
    """What PostgreSQL cuts and MariaDB refuses is told, and is really so; SQLite keeps every name."""
    made = bare.tables(1)
    long = "c" * 70
    path = made.revision(
        "r2", "r1", f"op.add_column('t1', sa.Column('{long}', sa.Integer))", "op.drop_column('t1', 'c')"
    )
    dialect = wb.current().databases[0].dialect
    check = wb.check()

    if dialect == "sqlite":
        assert [] == practices(check)
        return
    (finding,) = practices(check)
    run = wb.upgrade().apply(preflight=False)
    end = {
        "postgresql": (
            "warning",
            "has 70 bytes, and the database keeps 63: PostgreSQL cuts it without an error.",
            True,
        ),
        "mariadb": ("error", "has 70 characters, and the database keeps 64: it is refused.", False),
    }[dialect]
    assert (end[0], f"In r2 'Do r2.': the name of column {long} {end[1]}", end[2]) == (
        finding.severity, finding.message, run.ok,
    )  # fmt: skip
    assert ("name-too-long", "r2", f"t1.{long}", 13) == (
        finding.rule, finding.revision, finding.object, finding.line,
    )  # fmt: skip
    if dialect == "postgresql":
        made.revision("r3", "r2", f"op.create_index('{long}', 't1', ['id'])", "op.drop_index('x')")
        (refused,) = practices(wb.check())
        assert ("error", "r3") == (refused.severity, refused.revision)
        assert not wb.upgrade().apply(preflight=False).ok
        made.revision("r3", "r2", f"op.create_index(op.f('{long}'), 't1', ['id'])", "op.drop_index('x')")
        assert [] == practices(wb.check())  # SQLAlchemy makes that one shorter
        assert wb.upgrade().apply().ok
    assert path.exists()


def test_names_of_models(bare: Project, wb: Workbench) -> None:
    """The same of the models: with the database at the head as well."""
    made = bare.tables(1)
    made.env(
        "import sqlalchemy as sa; metadata = sa.MetaData(); "
        f"sa.Table('t1', metadata, sa.Column('id', sa.Integer, primary_key=True), sa.Column('{'ü' * 40}', sa.Integer))",
        metadata="metadata",
    )
    assert wb.upgrade().apply().ok
    found = practices(wb.check(), "name-too-long")

    cut = "has 80 bytes, and the database keeps 63: PostgreSQL cuts it without an error."
    expected = [f"In the models: the name of column {'ü' * 40} {cut}"]
    assert (expected if wb.current().databases[0].dialect == "postgresql" else []) == [it.message for it in found]


@ON_SQLITE
def test_branches_that_need_what_another_drops(bare: Project, wb: Workbench) -> None:
    """Tables and columns, dropped or renamed; altered, referred to or indexed by another branch, also by raw SQL."""
    made = bare.tables(2)
    taking = {
        "op.drop_table('t1')": ("drops", "table t1"),
        "op.drop_column('t1', 'id')": ("drops", "column t1.id"),
        "op.rename_table('t1', 'other')": ("renames", "table t1"),
        "op.execute('DROP TABLE t1')": ("drops", "table t1"),
    }
    needing = {
        "op.create_index('ix', 't1', ['id'])": "create_index",
        "op.create_table('t3', sa.Column('id', sa.ForeignKey('t1.id'), primary_key=True))": "create_table",
        "op.alter_column('t1', 'id', new_column_name='key')": "alter_column",
    }
    for takes, (does, what) in taking.items():
        for needs, kind in needing.items():
            made.revision("a", "r2", takes, "pass")
            made.revision("b", "r2", needs, "pass")
            found = practices(wb.check(), "branches-conflict")
            own = [each for each in found if each.revision == "a"]
            assert [f"a 'Do a.' {does} {what}, and b 'Do b.' on another branch needs it ({kind})."] == [
                each.message for each in own
            ]
            assert {("error", "fails")} == {(each.severity, each.outcome) for each in found}


@ON_SQLITE
def test_branches_that_harm_each_other_not(bare: Project, wb: Workbench) -> None:
    """Other tables, other columns, what a branch has made itself; and what follows instead of standing beside."""
    made = bare.tables(2)
    pairs = [
        ("op.drop_table('t1')", "op.add_column('t2', sa.Column('a', sa.Integer))"),
        ("op.drop_column('t1', 'a')", "op.create_index('ix', 't1', ['id'])"),
        ("op.drop_column('t1', 'a')", "op.add_column('t1', sa.Column('b', sa.Integer))"),
        (
            "op.create_table('t3', sa.Column('id', sa.Integer))\nop.drop_table('t3')",
            "op.create_table('t3', sa.Column('id', sa.Integer))\nop.create_index('ix', 't3', ['id'])",
        ),
        ("op.execute('DROP TABLE IF EXISTS t1')", "op.create_index('ix', 't1', ['id'])"),
    ]
    for one, other in pairs:
        made.revision("a", "r2", one, "pass")
        made.revision("b", "r2", other, "pass")
        assert [] == practices(wb.check(), "branches-conflict")
    made.revision("b", "r2", "op.create_index('ix', 't1', ['id'])", "op.drop_index('ix')")
    made.revision("a", "b", "op.drop_table('t1')", "pass")
    assert [] == practices(wb.check(), "branches-conflict", "several-heads")


def test_a_rehearsal_that_loses_something(bare: Project, wb: Workbench) -> None:
    """Only where it is asked for: what there and back did not bring back, and what fails."""
    made = bare.tables(1)
    made.revision("r2", "r1", "op.add_column('t1', sa.Column('a', sa.Integer))", "op.drop_column('t1', 'a')")
    assert wb.upgrade("r2").apply().ok
    assert ("downgrade-does-not-undo", "Nothing is pending, so there is nothing to rehearse.") in wb.check(
        rehearse=True
    ).not_asked
    made.revision(
        "r3", "r2", "op.drop_column('t1', 'a')", "op.add_column('t1', sa.Column('a', sa.Integer, server_default='7'))"
    )
    assert [] == practices(wb.check())
    (finding,) = practices(wb.check(rehearse=True))
    assert ("downgrade-does-not-undo", "warning", "loses-data", 1) == (
        finding.rule, finding.severity, finding.outcome, finding.evidence.count,
    )  # fmt: skip
    assert finding.message.startswith("There and back, 1 thing did not come back as it was: default ")

    made.revision("r3", "r2", "op.drop_column('t1', 'a')", "op.execute('nonsense')")
    (finding,) = practices(wb.check(rehearse=True))
    assert ("downgrade-does-not-undo", "error", "fails") == (finding.rule, finding.severity, finding.outcome)
    assert finding.message.startswith("What is pending could not be run down on a scratch database: ")
