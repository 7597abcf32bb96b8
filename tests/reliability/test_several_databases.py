"""The worker is killed on its way through two databases: each is told as it is, and the next upgrade does the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.safety.projects import Project, project
from workbench import Workbench
from workbench.errors import WorkerDied

ENV = """
    import os
    import signal
    from pathlib import Path

    import sqlalchemy as sa
    from alembic import context

    TRAP = Path(__file__).with_name("trap")


    def fall(moment):
        if TRAP.exists() and TRAP.read_text() == moment:
            TRAP.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


    for name in ("north", "south"):
        engine = sa.create_engine(f"sqlite:///{name}.db", poolclass=sa.pool.NullPool)

        @sa.event.listens_for(engine, "after_cursor_execute")
        def after(connection, cursor, statement, parameters, execution, many, name=name):
            if "CREATE TABLE second" in statement:
                fall(f"inside {name}")

        with engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations(engine_name=name)
        if sa.inspect(engine).has_table("second"):
            fall(f"after {name}")
"""
WHOLE = ("first", "second")
NORTH = "north is at r1: the steps up to there are in it."
ROLLED_BACK = "What the step that failed had not committed by itself was rolled back (2 executed before)."


@pytest.fixture
def two(tmp_path: Path) -> Project:
    """An environment of two SQLite databases, with one revision of two tables."""
    made = project(tmp_path / "project", "").raw_env(ENV)
    tables = (f'op.create_table("{name}", sa.Column("id", sa.Integer))' for name in WHOLE)
    path = made.revision("r1", None, "\n".join(tables), 'op.drop_table("second")\nop.drop_table("first")')
    path.write_text(path.read_text().replace("grade():", "grade(engine_name=''):"))
    return made


def there(made: Project) -> list[tuple[str, ...]]:
    """The tables of both, without the version table's."""
    found = []
    for name in ("north", "south"):
        engine = sa.create_engine(f"sqlite:///{made.folder / name}.db", poolclass=sa.pool.NullPool)
        found.append(tuple(sorted(set(sa.inspect(engine).get_table_names()) - {"alembic_version"})))
    return found


def at(wb: Workbench) -> list[tuple[str, ...]]:
    """Where both stand."""
    return [each.heads for each in wb.current().databases]


@pytest.mark.parametrize(
    "moment, left, standing",
    [
        ("inside north", [(), ()], f"north is still at base. {ROLLED_BACK} south is still at base."),
        ("after north", [WHOLE, ()], f"{NORTH} south is still at base."),
        ("inside south", [WHOLE, ()], f"{NORTH} south is still at base. {ROLLED_BACK}"),
        ("after south", [WHOLE, WHOLE], "north is at r1. south is at r1."),
    ],
)
def test_killed_on_the_way(two: Project, moment: str, left: list[tuple[str, ...]], standing: str) -> None:
    """What is committed stays and is told; what is not is rolled back; the next upgrade runs what is missing alone."""
    with two.workbench() as wb:
        plan = wb.upgrade()
        (two.folder / "migrations" / "trap").write_text(moment)
        run = plan.apply()

        assert left == there(two)
        heads = [("r1",) if each else () for each in left]
        assert heads == [each.heads for each in run.databases] == at(wb)
        assert standing == run.standing
        assert (all(left), not all(left)) == (run.ok, isinstance(run.error, WorkerDied))
        assert () == run.findings == wb.current().findings

        rest = wb.upgrade()
        assert [name for name, each in zip(("north", "south"), left, strict=True) if not each] == [
            each.database for each in rest.steps
        ]
        assert rest.apply().ok
        assert [WHOLE, WHOLE] == there(two)
        assert [("r1",), ("r1",)] == at(wb)
