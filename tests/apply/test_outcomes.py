"""What became of each step, said and shown, where something failed further on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import create_engine, inspect, make_url

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project, project
from workbench import Workbench, errors
from workbench.render import run_words
from workbench.results.plans import Outcome

MULTI = """
    from alembic import context
    from sqlalchemy import create_engine, pool

    # As Alembic's own multidb template: one transaction each, and all of them end alike.
    connections = [create_engine(f"sqlite:///{name}.db", poolclass=pool.NullPool).connect() for name in ("one", "two")]
    transactions = [each.begin() for each in connections]
    try:
        for connection in connections:
            context.configure(connection=connection)
            context.run_migrations()
        for each in transactions:
            each.commit()
    except BaseException:
        for each in transactions:
            each.rollback()
        raise
    finally:
        for each in connections:
            each.close()
"""


def test_every_outcome_has_its_sign() -> None:
    """A Run can be shown whatever became of its steps."""
    assert set() == set(get_args(Outcome)) - set(run_words.OUTCOMES)


@ON_POSTGRESQL
def test_a_transaction_that_went_back(bare: Project, wb: Workbench) -> None:
    """PostgreSQL: the first step ran and was rolled back with the second; text and HTML say so."""
    made = bare.tables(1)
    made.revision("r2", "r1", "op.execute('select nonsense')")
    run = wb.upgrade().apply()

    told = str(run).split("\n\n")

    assert ["rolled back", "failed"] == [each.outcome for each in run.steps]
    assert "  ↩ rolled back  r1  Do r1.  2 statements\n  ✖ failed       r2  Do r2.  0 statements" == told[1]
    assert "rolled back" in run._repr_html_()
    assert run.standing.endswith("is still at base. Nothing of the step that failed was executed.")


def test_what_ran_without_being_recorded(tmp_path: Path, mariadb_url: str) -> None:
    """MariaDB: where it keeps a table that its version table does not tell of, that is said."""
    made = project(tmp_path / "project", mariadb_url).tables(1).env(connected="transaction = connection.begin()")
    made.revision("r2", "r1", "op.execute('nonsense')")
    with made.workbench() as wb:
        run = wb.upgrade().apply()
    name = make_url(mariadb_url).database

    assert {"alembic_version", "t1"} == {table for _, table in made.database() if table}
    assert ["not recorded", "failed"] == [each.outcome for each in run.steps]
    assert run.standing.startswith(
        f"{name} is still at base. Nothing of the step that failed was executed. "
        f"1 step had run on {name} without being recorded in its version table: "
        "MariaDB does not roll back DDL here, so what they changed may still be there."
    )
    assert "⚠ not recorded" in str(run)
    assert "not recorded" in run._repr_html_()


def test_two_files_that_end_alike(tmp_path: Path) -> None:
    """Where env.py begins one transaction for each of two SQLite files, both go back when a step of one fails."""
    made = project(tmp_path / "project", "sqlite:///unused.db").tables(1).raw_env(MULTI)
    made.revision("r2", "r1", "if 'two' in str(op.get_bind().engine.url):\n    op.execute('nonsense')")
    with made.workbench() as wb:
        run = wb.upgrade().apply()
        wb.close()
    engine = create_engine(f"sqlite:///{made.folder / 'one.db'}")
    left = inspect(engine).get_table_names()
    engine.dispose()

    assert [] == left
    assert ((), ()) == tuple(each.heads for each in run.databases)
    assert ["rolled back", "rolled back", "rolled back", "failed"] == [each.outcome for each in run.steps]
    assert "one is still at base. two is still at base. Nothing of the step that failed was executed." == run.standing


def test_url_for_an_env_py_of_several_databases(tmp_path: Path) -> None:
    """It would lead them all to one place: refused before anything is asked of it."""
    made = project(tmp_path / "project", "sqlite:///unused.db").tables(1).raw_env(MULTI)
    with (
        made.workbench(url=f"sqlite:///{tmp_path / 'third.db'}") as wb,
        pytest.raises(errors.UnsupportedRequest) as told,
    ):
        wb.upgrade()

    assert (
        "url= names one database, but env.py connects to 2 of them.\n"
        "What to do: Leave url= out, and set their URLs where env.py takes them from: Workbench(env={…}) or x={…}."
    ) == str(told.value)
    assert not (tmp_path / "third.db").exists()


def test_two_who_apply_at_once(tmp_path: Path, postgresql_url: str) -> None:
    """One runs; the other's Run never claims what the first has done, and leaves nothing of its own behind."""
    made = project(tmp_path / "project", postgresql_url).tables(1)
    made.revision("r2", "r1", "op.execute('SELECT pg_sleep(1)')\nop.create_table('t2', sa.Column('id', sa.Integer))")
    with made.workbench() as one, made.workbench() as two:
        assert one.upgrade("r1").apply().ok
        plans = [one.upgrade(), two.upgrade()]
        together = threading.Barrier(2)
        ended: list[Any] = []

        def apply(plan: Any) -> None:
            together.wait()
            try:
                ended.append(plan.apply())
            except (errors.PlanOutdated, errors.DatabaseLocked) as error:
                ended.append(error)

        threads = [threading.Thread(target=apply, args=(plan,)) for plan in plans]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        heads = one.current().heads
    runs = [each for each in ended if not isinstance(each, errors.WorkbenchError)]

    assert ("r2",) == heads
    assert 1 == sum(each.ok for each in runs)
    assert [] == [step for each in runs if not each.ok for step in each.steps if step.outcome == "done"]


def made_with_two_heads(tmp_path: Path) -> Project:
    """A branch that nobody has merged."""
    made = project(tmp_path / "project", "sqlite:///shop.db").tables(2)
    made.revision("b2", "r1")
    return made


def test_a_range_that_leads_nowhere(tmp_path: Path) -> None:
    """Alembic fails an assertion there; the answer says what is wrong with the range, and not with env.py."""
    with made_with_two_heads(tmp_path).workbench() as wb, pytest.raises(errors.UnsupportedRequest):
        wb.history("b2:r2")


@pytest.mark.parametrize("target", ["base:", "", " ", 1, ("r2", "b2")])
def test_targets_that_are_none(tmp_path: Path, target: Any) -> None:
    """An empty target or another thing than a str is refused in words."""
    with made_with_two_heads(tmp_path).workbench() as wb, pytest.raises(errors.UnsupportedRequest, match="has"):
        wb.upgrade(target)
