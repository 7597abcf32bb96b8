"""Rules about rows where no server of that kind is at hand, or no database at all: what they say, and would ask."""

from __future__ import annotations

import pytest

from workbench.hazards.judging import findings, suspicions
from workbench.hazards.rule import RULES, Suspicion
from workbench.hazards.situation import Situation
from workbench.results import Schema, Step, Table
from workbench.results.facts import Facts
from workbench.results.objects import Column, Constraint
from workbench.results.operations import ColumnSpec, Operation

KEY = Constraint("primary key", "t_pkey", ("id",), "PRIMARY KEY (id)")


def _table(kind: str, default: str | None = None) -> Table:
    columns = (Column("id", "integer", nullable=False, primary_key=True), Column("v", kind, default=default))
    return Table("table", "t", columns=columns, constraints=(KEY,), database="main")


def _said(
    dialect: str, *operations: Operation, table: Table | None = None, version: tuple[int, ...] = ()
) -> list[Suspicion]:
    schema = None if table is None else Schema("live", (table,))
    facts = Facts("main", dialect, version)
    step = Step("1a", "upgrade", "one", "versions/1a.py", database="main", statements=(), operations=tuple(operations))
    return suspicions([step], Situation(facts, schema))


def _change(kind: str, using: str = "") -> Operation:
    options = (("postgresql_using", using),) if using else ()
    spec = ColumnSpec("v", kind)
    return Operation(
        "alter_column", "", "t", "v", column=spec, existing=ColumnSpec("v"), sets=("type",), options=options
    )


OPERATIONS = (
    Operation("drop_table", "", "t"),
    Operation("drop_column", "", "t", "v"),
    Operation("alter_column", "", "t", "v", column=ColumnSpec("v", nullable=False), sets=("nullable",)),
    Operation("create_unique_constraint", "", "t", "uq", on=("v",), unique=True),
    Operation("create_foreign_key", "", "t", "fk", on=("v",), referred_table="p", referred_columns=("id",)),
    Operation("create_check_constraint", "", "t", "ck", expression="v > 0"),
    Operation("add_column", "", "t", "n", column=ColumnSpec("n", "INTEGER", nullable=False)),
    Operation("sql", sql=("DELETE FROM t",)),
)


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb", "mysql", "sqlite"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.kind)
def test_without_a_database_it_is_not_known(dialect: str, operation: Operation) -> None:
    """Nothing that rows decide is said to be so."""
    told = [
        each
        for each in findings(_said(dialect, operation), {})
        if RULES[each.rule].look.__module__.startswith("workbench.hazards.rules.data")
    ]
    unchecked = dialect == "sqlite" and operation.kind == "create_foreign_key"  # its foreign keys are off by default
    assert bool(told) is not unchecked
    assert {(each.outcome, each.evidence.verdict) for each in told} <= {("unknown", "not proven"), ("breaks-code", "")}


def test_postgresql_16_tells_which_values_it_cannot_cast() -> None:
    """It lists the rows; before it, one SELECT that fails is all that can be had."""
    asked = {}
    for version in ((15,), (16,)):
        told = _said("postgresql", _change("INTEGER", "v::integer"), table=_table("text"), version=version)
        (asked[version],) = [each.question for each in told if each.finding.rule == "type-change-may-fail"]
    old, new = asked[15,], asked[16,]
    assert old is not None
    assert new is not None
    assert (old.probe, old.bad) == (True, "SELECT count(CAST((v::integer) AS INTEGER)) \nFROM t")
    assert (new.probe, new.bad) == (
        False,
        "SELECT t.id, t.v \nFROM t \nWHERE t.v IS NOT NULL AND (NOT pg_input_is_valid(v, 'INTEGER'))",
    )


def test_mysql_wants_a_length_for_text_and_3072_bytes_at_most() -> None:
    """By its documentation; MariaDB shortens the key by itself, so nothing is said of it there."""
    index = Operation("create_index", "", "t", "ix", on=("v",))
    cases = {"text": ("error", "fails"), "varchar(800)": ("warning", "unknown"), "varchar(700)": None}
    for kind, expected in cases.items():
        told = [each.finding for each in _said("mysql", index, table=_table(kind), version=(8, 0, 40))
                if each.finding.rule == "index-key-too-large"]  # fmt: skip
        assert [(each.severity, each.outcome) for each in told] == ([] if expected is None else [expected]), kind
        maria = _said("mariadb", index, table=_table(kind), version=(10, 11))
        assert all(each.finding.rule != "index-key-too-large" for each in maria)


def test_mysql_before_8_0_16_forgets_a_check() -> None:
    """It parses one and does not look at the rows."""
    check = OPERATIONS[5]
    for version, expected in (((8, 0, 15), False), ((8, 0, 16), True)):
        told = _said("mysql", check, table=_table("int(11)"), version=version)
        assert any(each.finding.rule == "add-check" for each in told) is expected
