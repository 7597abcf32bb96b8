"""What must be let be and is no case: ways back, what is applied already, what cannot be asked yet, newer servers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hazards.test_offered import _findings
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench
from workbench.hazards.rule import RULES

TABLE = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.String(9)))'


@ON_SQLITE
def test_ways_back_and_what_is_applied(bare: Project, wb: Workbench) -> None:
    """A downgrade that drops a table is what was asked for; a revision that has run is nobody's hazard any more."""
    bare.revision("r1", None, TABLE, 'op.drop_table("t")')
    assert wb.upgrade().apply().ok
    bare.execute("INSERT INTO t VALUES (1, 'x')")
    bare.revision("r2", "r1", 'op.drop_column("t", "b")')
    dropping = wb.upgrade()

    assert "drop-column" in {each.rule for each in dropping.findings}
    assert [each.rule for each in wb.downgrade("base").findings if not RULES[each.rule].on_downgrades] == []
    assert dropping.apply(preflight=False).ok
    assert wb.upgrade().findings == ()


def test_rows_that_an_earlier_revision_changes(bare: Project, wb: Workbench) -> None:
    """What is there now proves nothing: it is not known, and said which revision it depends on."""
    bare.revision("r1", None, TABLE)
    assert wb.upgrade().apply().ok
    bare.execute("INSERT INTO t VALUES (1, 'x'), (2, 'x')")
    bare.revision("r2", "r1", "op.execute(\"UPDATE t SET b = 'y' WHERE id = 2\")")
    bare.revision("r3", "r2", 'op.create_index("ix", "t", ["b"], unique=True)')
    plan = wb.preflight(wb.upgrade())
    (unique,) = (each for each in plan.findings if each.rule == "add-unique")

    assert (unique.outcome, unique.evidence.verdict, unique.evidence.depends_on) == ("unknown", "not proven", "r2")
    assert unique.severity != "error"
    assert plan.apply().ok


@pytest.mark.parametrize("persisted, found", [(False, False), (None, False), (True, True)])
def test_a_virtual_column(*, persisted: bool | None, found: bool) -> None:
    """From PostgreSQL 18 on a generated column is virtual, unless it says STORED; it writes no row."""
    column: dict[str, Any] = {"name": "n", "type": "INTEGER", "computed": "id * 2", "persisted": persisted}
    told = _findings("postgresql", {"kind": "add_column", "table": "t", "name": "n", "column": column}, version=(18,))

    assert ("pg-add-column-rewrite" in {each.rule for each in told}) is found
