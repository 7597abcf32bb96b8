"""What a safer way is as a value: what it stands in for, what it needs, and that it is offered once."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.bridge import code_effects
from workbench.hazards import judging
from workbench.hazards.reading import places
from workbench.hazards.situation import Situation
from workbench.results import Finding, Rewrite, Schema, Step, Table
from workbench.results.effects import Effect
from workbench.results.facts import Facts
from workbench.results.objects import Column, Index
from workbench.results.operations import Operation, Told

_T = Table(
    "table", "t", columns=(Column("id", "integer", nullable=False, primary_key=True), Column("b", "varchar(50)")),
    indexes=(Index("ix_b", ("b",), "CREATE INDEX ix_b ON t (b)"),),
)  # fmt: skip


def _findings(dialect: str, *told: Any, version: tuple[int, ...] = (15,)) -> tuple[Finding, ...]:
    step = Step("1a", "upgrade", "", "1a.py", (), database="main", operations=Told(told).opened)
    now = Situation(Facts("main", dialect, version, (("lock_timeout", "2s"),)), Schema("live", (_T,)))
    return judging.findings(judging.suspicions([step], now), {})


def test_a_rewrite_is_offered_once_by_the_worst_finding() -> None:
    """SET NOT NULL and the scan that it needs have one safer way."""
    required = {"kind": "alter_column", "table": "t", "name": "b", "sets": ("nullable",),
                "column": {"name": "b", "nullable": False}}  # fmt: skip
    found = {each.rule: each.rewrite for each in _findings("postgresql", required)}
    told = [rule for rule, rewrite in found.items() if rewrite is not None]
    assert {"set-not-null", "pg-set-not-null-scan"} <= set(found)
    assert told == ["set-not-null"]


def test_it_knows_its_operation() -> None:
    """By its index among those of the step; a part of a text of raw SQL cannot be taken out of it."""
    unique = {"kind": "create_unique_constraint", "table": "t", "name": "uq", "on": ("b",), "unique": True}
    raw, part = ({"kind": "sql", "sql": (text,)} for text in ("DROP INDEX ix_b", "SELECT 1; DROP INDEX ix_b"))
    found = [*_findings("postgresql", unique, raw), *_findings("postgresql", part)]
    assert {(each.rule, each.rewrite.operation) for each in found if each.rewrite is not None} == {
        ("add-unique", 0),
        ("pg-index-not-concurrent", 1),
        ("pg-index-not-concurrent", -1),
    }


def test_a_raw_drop_index_says_whose_it_is() -> None:
    """The text does not; the live schema does."""
    (told,) = [
        each
        for each in _findings("postgresql", {"kind": "sql", "sql": ("DROP INDEX ix_b",)})
        if each.rule == "pg-index-not-concurrent"
    ]
    assert told.object == "t"
    now = Situation(Facts("main", "postgresql"), Schema("live", (_T,)))
    gone, made = (Operation(f"{does}_index", name="ix_new", table=at) for does, at in (("drop", ""), ("create", "t")))
    live = Operation("drop_index", name="ix_b")
    assert [each.table for each in places.placed((live, made, gone, gone), now)] == ["t", "t", "t", ""]
    assert str(told.rewrite) == (
        "with op.get_context().autocommit_block():\n    op.drop_index('ix_b', 't', postgresql_concurrently=True)"
    )


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb"])
def test_the_new_name_of_a_column_is_another_column_first(dialect: str) -> None:
    """By Alembic's own operations, and the old one is dropped later, when its index goes over to the new one."""
    renamed = {"kind": "alter_column", "table": "t", "name": "b", "new_name": "c", "sets": ("name",),
               "column": {"name": "b"}, "existing": {"name": "b"}}  # fmt: skip
    (told,) = [each.rewrite for each in _findings(dialect, renamed) if each.rule == "rename-column"]
    kind = "mysql.VARCHAR(50)" if dialect == "mariadb" else "sa.String(50)"
    assert told is not None
    assert told.upgrade == (
        f"op.add_column('t', sa.Column('c', {kind}))\n"
        "op.execute('UPDATE t SET c = b')  # in batches where there are many rows"
    )
    assert told.downgrade == "op.drop_column('t', 'c')"
    assert [(each.upgrade, each.downgrade) for each in told.later] == [
        (
            "op.drop_index(op.f('ix_b'), 't')\nop.drop_column('t', 'b')\nop.create_index(op.f('ix_b'), 't', ['c'])",
            (
                f"op.drop_index(op.f('ix_b'), 't')\nop.add_column('t', sa.Column('b', {kind}))\n"
                "op.execute('UPDATE t SET b = c')\nop.create_index(op.f('ix_b'), 't', ['b'])"
            ),
        )
    ]


def test_what_it_is_put_together_with() -> None:
    """In place of the operation, or around it; on the way back as well."""
    instead, kept = Rewrite("a()", "b()"), Rewrite("a()")
    around = Rewrite("sa.a()", "postgresql.b()", around=True, after="c()", downgrade_after="d()")
    assert (instead.replacing("x()"), instead.undoing("y()")) == ("a()", "b()")
    assert (kept.replacing("x()"), kept.undoing("y()")) == ("a()", "y()")
    assert (around.replacing("x()"), around.undoing("y()")) == ("sa.a()\nx()\nc()", "postgresql.b()\ny()\nd()")
    assert Rewrite("a()", "").undoing("y()") == "pass"
    assert around.imports == ("import sqlalchemy as sa", "from sqlalchemy.dialects import postgresql")
    assert str(around) == ("from sqlalchemy.dialects import postgresql\n\nsa.a()\n# here: the operation itself\nc()")
    assert str(Rewrite("a()", later=(Rewrite("b()"),))) == "a()\n\n# in a later revision:\nb()"


def test_a_delete_that_is_only_read_is_no_truncate() -> None:
    """PostgreSQL refuses a TRUNCATE under a foreign key, and lets a DELETE go on."""
    rows = [Effect("drops", "rows", "", name, by=by) for name, by in (("t", "delete"), ("u", "truncate"))]
    told = code_effects.operations_beyond((), tuple(rows), "postgresql")
    assert [(each["kind"], each.get("table")) for each in told] == [("delete", "t"), ("truncate", "u"), ("sql", None)]


def test_the_spec_of_an_operation_is_not_compared_by_its_place() -> None:
    """Two revisions may do the same."""
    assert Operation("drop_table", at=1) == Operation("drop_table", at=2)
