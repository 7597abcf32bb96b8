"""What a Plan says of its findings, as whole texts: nothing that is not so, and nothing that need not be done."""

from __future__ import annotations

from dataclasses import replace

from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.render import hazard_words, html, words
from workbench.results import Evidence, Finding, Plan
from workbench.results.effects import Destroyed
from workbench.results.findings import with_answers

_NOT_NULL = 'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False, existing_type=sa.Integer())'
_MOVED = 'op.execute("UPDATE t SET b = a")\nwith op.batch_alter_table("t") as b:\n    b.drop_column("a")'
_READ = """
op.get_bind().execute(sa.text("SELECT a FROM t")).all()
op.execute("INSERT INTO u VALUES (1)")
op.drop_column("t", "a")
"""
_DROPPED = 'with op.batch_alter_table("t") as b:\n    b.drop_column("a")'
_UNIQUE = 'with op.batch_alter_table("t") as b:\n    b.create_unique_constraint("uq", ["b"])'


@ON_SQLITE
def test_a_clean_answer_leaves_nothing_to_do(bare: Project, wb: Workbench) -> None:
    """Neither a remedy nor a rewrite; the question that was asked stays."""
    told = _findings(bare, wb, _NOT_NULL, "(1, 1, 1)", "set-not-null")
    clean = "● set-not-null: t.a becomes NOT NULL; no row has NULL there.\n  clean\n  Asked:\n"
    assert [f"{clean}    SELECT t.id, t.a\n    FROM t\n    WHERE t.a IS NULL"] == [str(each) for each in told]


@ON_SQLITE
def test_a_clean_answer_of_a_hazard_all_the_same(bare: Project, wb: Workbench) -> None:
    """Running code fails without the column, whatever is in it: that remedy stays."""
    told = _findings(bare, wb, _DROPPED, "(1, NULL, 1)", "drop-column")
    clean = (
        "⚠ drop-column: t.a is dropped; no row has a value there. Code that names it fails.\n  clean\n  What to do: "
        "Let the running code stop using it first, and drop it in a later revision; keep a copy of what is needed.\n"
    )
    asked = "  Asked:\n    SELECT t.id, t.a\n    FROM t\n    WHERE t.a IS NOT NULL"
    assert [clean + asked] == [str(each) for each in told]


@ON_SQLITE
def test_groups_have_the_keys_of_their_rows(bare: Project, wb: Workbench) -> None:
    """Of each group of equal rows the first and the last key."""
    (told,) = _findings(bare, wb, _UNIQUE, "(1, 1, 5), (2, 1, 6), (3, 1, 5), (4, 1, 5)", "add-unique")
    assert [{"b": 5, "rows": 3, "first id": 1, "last id": 4}] == told.evidence.df.to_dict("records")


@ON_SQLITE
def test_what_is_read_first_is_not_said_to_be_destroyed(bare: Project, wb: Workbench) -> None:
    """Its values are written elsewhere by these revisions, or may be."""
    plan = _plan(bare, wb, _MOVED, "(1, 1, 1), (2, 2, 2)")
    assert words.destroys(plan) == "Drops what these revisions have read first: column t.a (2 values)"
    bare.execute("CREATE TABLE u (id INTEGER)")
    plan = _plan_of(bare, wb, _READ)
    assert words.destroys(plan) == "Drops what these revisions have read first: column t.a (2 values)"
    plan = _plan_of(bare, wb, _DROPPED)
    assert words.destroys(plan) == "Destroys data: column t.a (2 values)"
    uncounted = replace(plan, destroys=(*plan.destroys, Destroyed(plan.databases[0].name, "r1", "", "u")))
    told = "Destroys data: column t.a (2 values). May destroy data: table u (rows not counted)"
    assert told == words.destroys(uncounted)


@ON_SQLITE
def test_a_closed_workbench_says_what_it_did_not_look_at(bare: Project) -> None:
    """And how that is made good for."""
    with bare.workbench() as closed:
        plan = _plan(bare, closed, _NOT_NULL, "(1, 1, 1)")
        open_ = closed.upgrade()
        assert hazard_words.unasked(open_) == "wb.preflight(plan) asks the rows what only they can decide."
    told = "Only the operations were looked at, not the database. wb.preflight(plan) looks at it, too."
    assert told == hazard_words.unasked(plan)
    assert f"● {told}" in str(plan).split("\n")
    assert told in html(plan)
    with bare.workbench() as again:
        assert hazard_words.unasked(again.preflight(plan)) == ""


def test_answers_of_a_copy_take_their_places() -> None:
    """Errors first; what is found no more is left out; what was answered already stays."""
    open_ = Evidence("not proven", depends_on="ab11")
    first = Finding("set-not-null", "warning", "unknown", "A.", object="t.a", evidence=open_)
    second = replace(first, object="t.b", message="B.")
    third = replace(first, object="t.c", message="C.", evidence=Evidence("clean"))
    answered = (
        replace(first, message="", evidence=Evidence("clean")),
        replace(second, severity="error", outcome="fails", message="B fails.", evidence=Evidence("will fail")),
        replace(third, message="C fails."),
    )
    told = with_answers((replace(first, object="t.d"), first, second, third), answered)
    assert [("t.b", "B fails."), ("t.d", "A."), ("t.c", "C.")] == [(each.object, each.message) for each in told]


def _findings(bare: Project, wb: Workbench, code: str, values: str, rule: str) -> list[Finding]:
    plan = wb.preflight(_plan(bare, wb, code, values))
    return [each for each in plan.findings if each.rule == rule]


def _plan(bare: Project, wb: Workbench, code: str, values: str) -> Plan:
    bare.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)", f"INSERT INTO t VALUES {values}")
    return _plan_of(bare, wb, code)


def _plan_of(bare: Project, wb: Workbench, code: str) -> Plan:
    bare.revision("r1", None, code)
    return wb.upgrade()
