"""What earlier steps change first is asked on the copy, as it stands right before the step that it is about."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.kept import ON_POSTGRESQL, ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.results import Event, Plan
from workbench.results.findings import Finding

_MOVE = 'op.add_column("t", sa.Column("c", sa.Integer()))\nop.execute("UPDATE t SET c = a")'
_UNMOVE = 'with op.batch_alter_table("t") as b:\n    b.drop_column("c")'
_RENAME = (
    'with op.batch_alter_table("t") as b:\n    b.alter_column("c", new_column_name="d", existing_type=sa.Integer())'
)
_UNRENAME = _RENAME.replace('"c"', '"e"').replace('"d"', '"c"').replace('"e"', '"d"')
_NOT_NULL = 'with op.batch_alter_table("t") as b:\n    b.alter_column("d", nullable=False, existing_type=sa.Integer())'
_NULL = _NOT_NULL.replace("False", "True")
_FIRST = "revision r1 changes it first; wb.rehearse(plan) asks it on a copy"
_ALL, _SOME = (
    f"asked on a copy {with_}, right before this step" for with_ in ("of all rows", "with a sample of the rows")
)
_REMEDY = "Fill the rows that have NULL in d first, in a revision before this one."


def test_the_rows_as_they_will_be(bare: Project, wb: Workbench) -> None:
    """A column that is added, filled and renamed before: by the name and with the rows that it has then."""
    plan = _plan(bare, wb, "(1, 1), (2, NULL)")
    (before,) = _of(plan, "set-not-null")
    assert ("unknown", "not proven", _FIRST, "r1", "") == (
        before.outcome, before.evidence.verdict, before.evidence.why, before.evidence.depends_on, before.evidence.sql,
    )  # fmt: skip
    events: list[Event] = []
    rehearsal = wb.rehearse(plan, on_event=events.append)
    (after,) = _of(rehearsal.plan, "set-not-null")
    assert ("error", "fails", "t.d becomes NOT NULL, and 1 row has NULL there.", _REMEDY) == (
        after.severity, after.outcome, after.message, after.remedy,
    )  # fmt: skip
    assert ("will fail", 1, False, ("id", "d"), ((2, None),), "SELECT t.id, t.d FROM t WHERE t.d IS NULL", _ALL) == (
        after.evidence.verdict, after.evidence.count, after.evidence.at_least, after.evidence.columns,
        after.evidence.sample, " ".join(after.evidence.sql.split()), after.evidence.why,
    )  # fmt: skip
    assert not rehearsal.ok  # as was said
    assert rehearsal.plan.id == plan.id
    assert {Event} == {type(each) for each in events}
    assert [(2, "r3")] == [(each.step, each.revision) for each in events if each.kind == "step_failed"]
    assert _of(wb.preflight(rehearsal.plan), "set-not-null") == (after,)  # the live rows have nothing to say to it


@ON_SQLITE
def test_clean_is_proven_by_all_rows_only(bare: Project, wb: Workbench) -> None:
    """A sample finds nothing and proves nothing; without rows nothing is asked; nor on a replay."""
    plan = _plan(bare, wb, "(1, 1), (2, 2)")
    (before,) = _of(plan, "set-not-null")
    (whole,) = _of(wb.rehearse(plan).plan, "set-not-null")
    assert ("info", "advice", "t.d becomes NOT NULL; no row has NULL there.", "", "clean", _ALL) == (
        whole.severity, whole.outcome, whole.message, whole.remedy, whole.evidence.verdict, whole.evidence.why,
    )  # fmt: skip
    (some,) = _of(wb.rehearse(plan, data="sample").plan, "set-not-null")
    assert ("unknown", "not proven", f"{_SOME}; nothing was in the way, which proves nothing") == (
        some.outcome, some.evidence.verdict, some.evidence.why,
    )  # fmt: skip
    assert _of(wb.rehearse(plan, data="none").plan, "set-not-null") == (before,)


@ON_POSTGRESQL
def test_a_sample_proves_what_fails(bare: Project, wb: Workbench) -> None:
    """With at least as many rows as it has."""
    plan = _plan(bare, wb, "(1, 1), (2, NULL)")
    (some,) = _of(wb.rehearse(plan, data="sample").plan, "set-not-null")
    assert ("fails", "t.d becomes NOT NULL, and at least 1 row has NULL there.", "will fail", True, _SOME) == (
        some.outcome, some.message, some.evidence.verdict, some.evidence.at_least, some.evidence.why,
    )  # fmt: skip


@ON_SQLITE
def test_what_ran_did_not_fail(bare: Project, wb: Workbench) -> None:
    """What the same revision changes first cannot be asked in between; but it ran."""
    _table(bare, "(1, 1), (2, 2)")
    bare.revision("r1", None, "\n".join((_MOVE, _NOT_NULL.replace('"d"', '"c"'))), _UNMOVE)
    plan = wb.upgrade()
    (before,) = _of(plan, "set-not-null")
    assert before.evidence.why == "it is not so in the live database yet; wb.rehearse(plan) runs it on a copy"
    rehearsal = wb.rehearse(plan)
    assert rehearsal.ok, rehearsal
    (after,) = _of(rehearsal.plan, "set-not-null")
    assert ("clean", "it ran on a copy of all rows", "info") == (
        after.evidence.verdict, after.evidence.why, after.severity,
    )  # fmt: skip


@ON_POSTGRESQL
def test_a_question_that_fails_harms_no_step(bare: Project, wb: Workbench) -> None:
    """The migration's transaction goes on as if nobody had asked: what the step says is its own."""
    _table(bare, "(1, 1), (2, 2)")
    bare.revision("r1", None, _MOVE, _UNMOVE)
    bare.revision("r2", "r1", 'op.create_check_constraint("ck_t", "t", "1 / (c - 1) > 0")')
    rehearsal = wb.rehearse(wb.upgrade())
    (told,) = _of(rehearsal.plan, "add-check")
    assert ("not proven", f"{_ALL}: division by zero") == (told.evidence.verdict, told.evidence.why)
    assert rehearsal.error is not None
    assert dict(rehearsal.error.evidence)["the database says"] == "division by zero"


def _plan(bare: Project, wb: Workbench, values: str) -> Plan:
    _table(bare, values)
    bare.revision("r1", None, _MOVE, _UNMOVE)
    bare.revision("r2", "r1", _RENAME, _UNRENAME)
    bare.revision("r3", "r2", _NOT_NULL, _NULL)
    return wb.upgrade()


def _table(bare: Project, values: str) -> None:
    engine = sa.create_engine(bare.url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)")
        connection.exec_driver_sql(f"INSERT INTO t VALUES {values}")


def _of(plan: Plan, rule: str) -> tuple[Finding, ...]:
    return tuple(each for each in plan.findings if each.rule == rule)
