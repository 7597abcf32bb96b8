"""Questions are answered by the live rows, hold nothing up, and are asked again before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.hazards.bench import Bench
from tests.hazards.cases import Case, T
from workbench import Workbench
from workbench.errors import HazardFound

_NOT_NULL = 'op.alter_column("t", "a", nullable=False, existing_type=sa.Integer())'
_BLIND = """
for (name,) in op.get_bind().execute(sa.text("SELECT b FROM t ORDER BY id")).all():
    op.get_bind().execute(sa.text("UPDATE t SET b = :b WHERE b = :old"), {"b": name.upper(), "old": name})
if "a" in [each["name"] for each in sa.inspect(op.get_bind()).get_columns("t")]:
    op.drop_column("t", "a")
with op.get_context().autocommit_block():
    op.execute("UPDATE t SET pid = 1")
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Iterator[tuple[Workbench, sa.Engine]]:
    """An environment whose pending revision is refused by one of three rows."""
    batch = 'with op.batch_alter_table("t") as b:\n    b.alter_column('
    case = Case("not-null", "", _NOT_NULL.replace('op.alter_column("t", ', batch))
    bench = Bench(tmp_path / "env", database_url, case)
    with bench.engine.begin() as connection:
        for statement in T:
            connection.exec_driver_sql(statement)
    yield bench.workbench, bench.engine
    bench.close()


def test_the_answer(project: tuple[Workbench, sa.Engine]) -> None:
    """Verdict, count, the rows with their keys, the SQL; the Plan is the same one."""
    workbench, _ = project
    plan = workbench.upgrade()
    (before,) = [each for each in plan.findings if each.rule == "set-not-null"]
    assert (before.outcome, before.evidence.verdict, before.evidence.why) == (
        "unknown",
        "not proven",
        "it was not asked",
    )
    heard: list[tuple[int, int]] = []
    asked = workbench.preflight(plan, on_answer=lambda done, of: heard.append((done, of)))
    (after,) = [each for each in asked.findings if each.rule == "set-not-null"]
    assert asked.id == plan.id
    assert (after.outcome, after.evidence.verdict, after.evidence.count) == ("fails", "will fail", 1)
    assert after.evidence.df.to_dict("records") == [{"id": 2, "a": None}]
    assert after.evidence.sql.split() == ["SELECT", "t.id,", "t.a", "FROM", "t", "WHERE", "t.a", "IS", "NULL"]
    assert heard[-1][0] == heard[-1][1] == len(heard)
    assert list(asked.findings_df["rule"]) == [each.rule for each in asked.findings]


def test_it_is_asked_again(project: tuple[Workbench, sa.Engine]) -> None:
    """What the Plan has not shown stops it before it begins; what was shown is the user's own decision."""
    workbench, engine = project
    plan = workbench.upgrade()
    with pytest.raises(HazardFound, match=r"^It was not begun: t\.a "):
        plan.apply()
    assert workbench.journal().iloc[0]["result"] == "refused"
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE t SET a = 0 WHERE a IS NULL")
    asked = workbench.preflight(plan)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE t SET a = NULL WHERE id = 3")
    with pytest.raises(HazardFound):
        asked.apply()
    shown = workbench.preflight(plan)
    assert not shown.apply().ok
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS _alembic_tmp_t")
    assert not workbench.upgrade().apply(preflight=False).ok
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS _alembic_tmp_t")
        connection.exec_driver_sql("UPDATE t SET a = 0 WHERE a IS NULL")
    assert workbench.upgrade().apply().ok


def test_nothing_is_held(project: tuple[Workbench, sa.Engine]) -> None:
    """While the answers are looked at, the table can be altered, which an open transaction would forbid."""
    workbench, engine = project
    workbench.preflight(workbench.upgrade())
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
        elif engine.dialect.name == "mysql":
            connection.exec_driver_sql("SET lock_wait_timeout = 1")
        connection.exec_driver_sql("ALTER TABLE t ADD COLUMN more INTEGER")


@pytest.mark.postgresql
def test_what_cannot_be_had_in_time(tmp_path: Path, postgresql_url: str) -> None:
    """A table that somebody has locked: not proven, and why."""
    bench = Bench(tmp_path / "env", postgresql_url, Case("not-null", "", _NOT_NULL))
    try:
        with bench.engine.begin() as connection:
            for statement in T:
                connection.exec_driver_sql(statement)
        plan = bench.workbench.upgrade()
        assert [each.outcome for each in plan.findings if each.rule == "set-not-null"] == ["unknown"]
        with bench.engine.begin() as connection:
            connection.exec_driver_sql("LOCK TABLE t")
            (told,) = [
                each for each in bench.workbench.preflight(plan, seconds=0.3).findings if each.rule == "set-not-null"
            ]
        assert (told.outcome, told.evidence.verdict, told.evidence.why) == (
            "unknown",
            "not proven",
            "no answer within 0.3 s",
        )
    finally:
        bench.close()


def test_a_step_that_reads_rows_is_heard(tmp_path: Path, database_url: str) -> None:
    """It runs on the live rows, and nothing that it writes arrives there."""
    bench = Bench(tmp_path / "env", database_url, Case("blind", "", _BLIND))
    try:
        with bench.engine.begin() as connection:
            for statement in T:
                connection.exec_driver_sql(statement)
        before = _everything(bench.engine)
        plan = bench.workbench.upgrade()
        (step,) = plan.steps
        assert step.statements is None
        name = plan.databases[0].name
        told = bench.workbench._client.call("record", steps=((name, step.revision),), direction="upgrade", seconds=5.0)
        operations, why = told[name, step.revision]
        assert why == ""
        assert [(each.kind, each.table, each.name, each.autocommit, each.line > 0) for each in operations] == [
            ("select", "", "", False, False),
            ("sql", "", "", False, False),
            ("sql", "", "", False, False),
            ("sql", "", "", False, False),
            ("drop_column", "t", "a", False, True),
            ("autocommit", "", "", False, True),
            ("sql", "", "", True, True),
            ("autocommit_end", "", "", False, True),
        ]
        assert "SELECT b FROM t" in operations[0].sql[0]
        assert "UPDATE t SET b = " in operations[1].sql[0]
        assert _everything(bench.engine) == before
        assert "raw-sql-not-analysed" not in {each.rule for each in plan.findings}
    finally:
        bench.close()


def _everything(engine: sa.Engine) -> list[tuple[object, ...]]:
    reading = sa.create_engine(engine.url, poolclass=NullPool)
    with reading.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM t ORDER BY id")]
