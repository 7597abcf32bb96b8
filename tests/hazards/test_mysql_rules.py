"""The rules on MySQL, of which there is no server here: from its manual, on schemas made by hand."""

from __future__ import annotations

import pytest

from workbench.hazards import judging
from workbench.hazards.reading import read
from workbench.hazards.situation import Situation
from workbench.results import Schema, Step, Table
from workbench.results.facts import Facts, Measure
from workbench.results.findings import Finding
from workbench.results.objects import Column, Constraint, Index
from workbench.results.operations import ColumnSpec, Operation

_STRICT = (("sql_mode", "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_DATE"),)
_P = Table(
    "table", "p", definition="ENGINE=InnoDB COLLATE=utf8mb4_0900_ai_ci",
    columns=(Column("id", "int", nullable=False, primary_key=True), Column("code", "varchar(10)")),
    constraints=(
        Constraint("primary key", "PRIMARY", ("id",), "PRIMARY KEY (`id`)"),
        Constraint("unique", "uq_code", ("code",), "UNIQUE (`code`)"),
    ),
)  # fmt: skip
_T = Table(
    "table", "t", definition="ENGINE=InnoDB COLLATE=utf8mb4_0900_ai_ci",
    columns=(
        Column("id", "int", nullable=False, primary_key=True, identity="AUTO_INCREMENT"),
        Column("b", "varchar(50)", nullable=False, default="'q'", comment="keep"),
        Column("pid", "int"), Column("code", "varchar(10)"),
    ),
    constraints=(
        Constraint("primary key", "PRIMARY", ("id",), "PRIMARY KEY (`id`)"),
        Constraint("foreign key", "fk_pid", ("pid",), "FOREIGN KEY (`pid`) REFERENCES `p` (`id`)",
                   referred_table="p", referred_columns=("id",)),
        Constraint("foreign key", "fk_code", ("code",), "FOREIGN KEY (`code`) REFERENCES `p` (`code`)",
                   referred_table="p", referred_columns=("code",)),
    ),
    indexes=(Index("fk_pid", ("pid",), "(`pid`)"), Index("fk_code", ("code",), "(`code`)")),
)  # fmt: skip


def _findings(
    *operations: Operation | str,
    version: tuple[int, ...] = (8, 4, 0),
    settings: tuple[tuple[str, str], ...] = _STRICT,
    rows: int = 5_000_000,
) -> dict[str, Finding]:
    """By rule what is found, before any row is asked."""
    facts = Facts("shop", "mysql", version, settings, measures=(Measure("", "t", rows, is_empty=not rows),))
    ops = [op for each in operations for op in ([each] if isinstance(each, Operation) else _read(each))]
    step = Step("abc", "upgrade", "", "abc.py", (), database="shop", operations=tuple(ops))
    told = judging.findings(judging.suspicions([step], Situation(facts, Schema("live", (_P, _T)))), {})
    return {each.rule: each for each in reversed(told)}


def _read(text: str) -> list[Operation]:
    return list(read(Operation("sql", sql=(text,)), "mysql"))


def _alter(name: str, kind: str, *, was: str = "", nullable: bool | None = None, default: str = "") -> Operation:
    """`op.alter_column(…, type_=…, existing_…)`."""
    given = [("type", was), ("nullable", nullable is not None), ("server_default", default)]
    return Operation(
        "alter_column", table="t", name=name, column=ColumnSpec(name, kind), sets=("type",),
        existing=ColumnSpec(name, was, nullable, default or None),
        existing_given=tuple(each for each, is_given in given if is_given),
        sql=(f"ALTER TABLE t MODIFY {name} {kind} NULL;",),
    )  # fmt: skip


@pytest.mark.parametrize("rows, severity", [(0, "info"), (500, "info"), (50_000, "warning"), (5_000_000, "error")])
def test_a_copy_is_as_bad_as_the_table_is_large(rows: int, severity: str) -> None:
    """It blocks writes all the while."""
    told = _findings("ALTER TABLE t MODIFY b CHAR(50) NOT NULL DEFAULT 'q' COMMENT 'keep'", rows=rows)
    assert (told["mysql-alter-algorithm"].severity, told["mysql-alter-algorithm"].outcome) == (severity, "blocks")


def test_a_varchar_that_crosses_255_bytes_is_copied() -> None:
    """63 characters of utf8mb4 are 252 bytes."""
    assert "mysql-alter-algorithm" not in _findings(_alter("b", "VARCHAR(63)", was="VARCHAR(50)"))
    assert "VARCHAR(64)" in _findings(_alter("b", "VARCHAR(64)", was="VARCHAR(50)"))["mysql-alter-algorithm"].message


def test_what_a_modify_forgets_is_told_with_the_whole_operation() -> None:
    """NOT NULL, the default and the comment are gone; the rewrite has them."""
    told = _findings(_alter("b", "VARCHAR(60)", was="VARCHAR(50)"))["mysql-attributes-lost"]
    assert told.message == (
        "t.b loses NOT NULL, DEFAULT 'q' and COMMENT 'keep': the statement says all of the column anew, and leaves "
        "that out."
    )
    assert str(told.rewrite) == (
        "from sqlalchemy.dialects import mysql\n\n"
        "op.alter_column('t', 'b',\n"
        "    type_=mysql.VARCHAR(60),\n"
        "    existing_nullable=False,\n"
        "    existing_server_default=sa.text(\"'q'\"),\n"
        "    existing_comment='keep',\n"
        ")"
    )


def test_a_zero_date_is_refused_in_strict_mode() -> None:
    """Without a row nobody knows yet; with the default modes of MySQL it would fail."""
    added = Operation("add_column", table="t", name="day", column=ColumnSpec("day", "DATE", nullable=False))
    told = _findings(added)["mysql-implicit-default"]
    assert (told.outcome, told.evidence.verdict) == ("unknown", "not proven")
    assert "gets '0000-00-00'" in told.message


def test_a_session_that_is_not_strict_changes_values() -> None:
    """It is told beside whatever the rows say."""
    shorter = _alter("code", "VARCHAR(5)", was="VARCHAR(10)", nullable=True)
    assert "mysql-non-strict-mode" not in _findings(shorter)
    assert _findings(shorter, settings=(("sql_mode", ""),))["mysql-non-strict-mode"].severity == "warning"


@pytest.mark.parametrize(
    "action, fails",
    [
        ("DROP INDEX fk_pid", True),
        ("DROP COLUMN pid", True),
        ("MODIFY pid BIGINT NULL", True),
        ("MODIFY code VARCHAR(5) NULL", True),
        ("MODIFY code VARCHAR(20) NULL", False),
        ("MODIFY pid INT NOT NULL", False),
        ("DROP FOREIGN KEY fk_pid", False),
    ],
)
def test_what_a_foreign_key_holds(action: str, *, fails: bool) -> None:
    """Its index, its columns and their types; unlike MariaDB MySQL lets a VARCHAR grow."""
    told = _findings(f"ALTER TABLE t {action}").get("mysql-fk-structure")
    assert (told is not None and told.outcome == "fails") == fails


def test_unchecked_keys_hold_no_index_and_no_type() -> None:
    """MySQL looks at neither while foreign_key_checks is off."""
    told = _findings("SET foreign_key_checks = 0", "ALTER TABLE t MODIFY pid BIGINT NULL", "DROP INDEX fk_code ON t")
    assert "mysql-fk-structure" not in told


@pytest.mark.parametrize("scope", ["GLOBAL ", "@@global.", "PERSIST "])
def test_what_is_set_for_later_sessions_is_not_set_for_this_one(scope: str) -> None:
    """The key of this session is checked all the same."""
    told = _findings(f"SET {scope}foreign_key_checks = 0", "ALTER TABLE t MODIFY pid BIGINT NULL")
    assert told["mysql-fk-structure"].outcome == "fails"


def test_references_beside_a_column_are_ignored_before_9() -> None:
    """There is no foreign key then, and no error either."""
    added = "ALTER TABLE t ADD COLUMN other INT NULL REFERENCES p (id)"
    assert _findings(added)["mysql-fk-structure"].severity == "warning"
    assert "mysql-fk-structure" not in _findings(added, version=(9, 0, 0))


def test_a_constraint_without_its_type_cannot_be_dropped() -> None:
    """The rewrite says what it is."""
    told = _findings(Operation("drop_constraint", table="t", name="fk_pid"))["mysql-fk-structure"]
    assert told.outcome == "fails"
    assert str(told.rewrite) == "op.drop_constraint('fk_pid', 't', type_='foreignkey')"
