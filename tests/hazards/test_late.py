"""What findings cost: libraries that a Plan does not need are not loaded, and nobody looks twice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.capabilities import hazards
from workbench.results import Database, Plan, Step
from workbench.results.operations import Operation

_CODE = """
import sys
from workbench import Workbench
from tests.hazards.test_late import plan

heavy = ("alembic", "pandas", "sqlalchemy", "sqlglot")
print([each for each in heavy if each in sys.modules])
print(sorted(each.rule for each in plan({kind!r}, {dialect!r}).findings))
print([each for each in heavy if each in sys.modules])
"""


def plan(kind: str, dialect: str) -> Plan:
    """A Plan of one operation, which belongs to no Workbench."""
    op = Operation(kind, table="book", name="title", sql=("ALTER TABLE book DROP COLUMN title",))
    step = Step("ab12", "upgrade", "", "ab12.py", op.sql, operations=(op,))
    return Plan("upgrade", "base", "head", (step,), "", (Database("", "", dialect, "", ()),))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb"])
@pytest.mark.parametrize("kind, needed", [("drop_column", []), ("sql", ["sqlglot"])])
def test_only_raw_sql_needs_a_parser(kind: str, needed: list[str], dialect: str) -> None:
    """A kernel that asks for findings loads sqlglot where there is SQL to parse; SQLAlchemy is for questions."""
    code = _CODE.format(kind=kind, dialect=dialect)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, rules, after = done.stdout.splitlines()

    assert ("[]", str(needed)) == (before, after)
    assert "drop-column" in rules


def test_a_plan_of_nobodys_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`findings` is asked for by each face of it."""
    asked: list[Plan] = []
    suspect = hazards.suspect

    def noted(client: None, looked_at: Plan, live: None) -> hazards.Suspected:
        asked.append(looked_at)
        return suspect(client, looked_at, live)

    monkeypatch.setattr(hazards, "suspect", noted)
    made = plan("drop_column", "postgresql")

    assert made.findings
    assert str(made)
    assert 1 == len(asked)
