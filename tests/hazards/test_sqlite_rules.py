"""The rules of SQLite on other versions of its library than the one here, and what its texts are read for."""

from __future__ import annotations

import pytest

from workbench.hazards import judging
from workbench.hazards.reading import read
from workbench.hazards.situation import Situation
from workbench.hazards.sqlite_uses import names_in, trigger_use, view_use
from workbench.results import Schema, Step, Table, View
from workbench.results.facts import Facts
from workbench.results.objects import Column, SchemaObject
from workbench.results.operations import ColumnSpec, Operation

_T = Table("table", "t", columns=(Column("id", "INTEGER"), Column("x", "INTEGER")))
_NOT_NULL = Operation(
    "alter_column", table="t", name="x", column=ColumnSpec("x", nullable=False), existing=ColumnSpec("x"),
    sets=("nullable",),
)  # fmt: skip


def _found(rule: str, operation: Operation | str, version: tuple[int, ...]) -> str:
    """The outcome of the rule's finding; empty if it finds nothing."""
    raw = Operation("sql", sql=(operation,)) if isinstance(operation, str) else operation
    ops = tuple(read(raw, "sqlite")) if isinstance(operation, str) else (raw,)
    step = Step("abc", "upgrade", "", "abc.py", (), database="main", operations=ops)
    now = Situation(Facts("main", "sqlite", version), Schema("live", (_T,)))
    told = [each for each in judging.findings(judging.suspicions([step], now), {}) if each.rule == rule]
    return told[0].outcome if told else ""


@pytest.mark.parametrize(
    "version, operation, outcome",
    [
        ((3, 52, 0), _NOT_NULL, "fails"),
        ((3, 53, 0), _NOT_NULL, ""),
        ((), _NOT_NULL, "unknown"),
        ((3, 53, 0), "ALTER TABLE t ADD CONSTRAINT ck CHECK (x > 0)", ""),
        ((3, 52, 0), "ALTER TABLE t ADD CONSTRAINT ck CHECK (x > 0)", "fails"),
        ((3, 53, 0), "ALTER TABLE t DROP CONSTRAINT ck", ""),
        ((3, 52, 0), "ALTER TABLE t DROP CONSTRAINT ck", "fails"),
        ((3, 53, 0), "ALTER TABLE t ADD CONSTRAINT uq UNIQUE (x)", "fails"),
        ((3, 53, 0), Operation("create_check_constraint", table="t", name="ck", expression="x > 0"), "fails"),
    ],
)
def test_what_alter_table_can_do_since_when(version: tuple[int, ...], operation: Operation | str, outcome: str) -> None:
    """From 3.53 on NOT NULL and CHECK; Alembic itself refuses constraints on every version."""
    assert _found("sqlite-alter-unsupported", operation, version) == outcome


def test_drop_column_is_there_since_3_35() -> None:
    """Before it has to be a batch."""
    dropped = Operation("drop_column", table="t", name="x")
    assert _found("sqlite-drop-column-limits", dropped, (3, 34, 1)) == "fails"
    assert _found("sqlite-drop-column-limits", dropped, (3, 35, 0)) == ""


def test_names_are_no_texts_and_no_functions() -> None:
    """Quoted ones are names."""
    assert names_in("""length(x) > 1 AND "Of T" <> 'y' -- z""") >= {"x", "of t"}
    assert not names_in("""length(x) > 1 AND "Of T" <> 'y' -- z""") & {"length", "y", "z", "'y'"}


@pytest.mark.parametrize(
    "query, use",
    [
        ("SELECT x FROM t", "refuses"),
        ("SELECT q.x FROM t AS q", "refuses"),
        ("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM p WHERE p.x = 1)", ""),
        ("SELECT id FROM p WHERE EXISTS (SELECT 1 FROM t WHERE t.x = p.id)", "refuses"),
        ("WITH c AS (SELECT x FROM t) SELECT id FROM p", "refuses"),
        ("SELECT p.x FROM p JOIN t ON t.id = p.id", ""),
        ("SELECT 'x' FROM t", ""),
        ("SELECT * FROM t", ""),
    ],
)
def test_which_views_name_a_column(query: str, use: str) -> None:
    """SQLite was asked the same; see tests/hazards/cases_sqlite.py."""
    view = View("view", "v", definition=f"CREATE VIEW v AS {query}")
    assert view_use(view, "t", "x", [view]) == use


@pytest.mark.parametrize(
    "table, body, use",
    [
        ("t", "UPDATE p SET a = NEW.x;", "refuses"),
        ("p", "UPDATE p SET a = NEW.x;", ""),
        ("p", "UPDATE t SET x = 1;", "breaks"),
        ("p", "UPDATE t SET id = x;", "refuses"),
        ("p", "INSERT INTO t (id, x) VALUES (1, 2);", "breaks"),
        ("p", "INSERT INTO p SELECT id, x FROM t;", "refuses"),
        ("p", "DELETE FROM p WHERE x = 1;", ""),
    ],
)
def test_which_triggers_use_a_column(table: str, body: str, use: str) -> None:
    """What an UPDATE sets and an INSERT fills SQLite does not look at."""
    text = f"CREATE TRIGGER r AFTER INSERT ON {table} BEGIN {body} END"
    assert trigger_use(SchemaObject("trigger", "r", table=table, definition=text), "t", "x") == use
