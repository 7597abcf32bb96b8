"""Data about to be destroyed: named with its rows before anything runs, and written to files on request."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.safety.projects import Project, project
from workbench import errors
from workbench.capabilities import backups
from workbench.results import Destroyed

MAKE = """
    op.create_table("legacy", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.String(40)),
        sa.Column("raw", sa.LargeBinary), sa.Column("price", sa.Numeric(8, 2)), sa.Column("day", sa.DateTime))
    op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), sa.Column("nickname", sa.String(40)),
        sa.Column("unused", sa.String(40)))
    op.create_table("by_hand", sa.Column("id", sa.Integer))
    op.create_table("nobody", sa.Column("id", sa.Integer))
    op.create_table("before", sa.Column("id", sa.Integer))
"""
DESTROY = """
    op.create_table("passing", sa.Column("id", sa.Integer))
    op.drop_table("legacy")
    op.drop_column("customer", "nickname")
    op.drop_column("customer", "unused")
    op.execute("-- raw\\nDROP TABLE by_hand")
    op.drop_table("nobody")
    op.drop_table("passing")
    op.rename_table("before", "after")
    op.drop_table("after")
"""
ROWS = (
    "INSERT INTO legacy (id, word, price, day) VALUES (1, 'a, \"b\"', 1.50, '2026-01-02 03:04:05')",
    "INSERT INTO legacy (id, word) VALUES (2, '')",
    "INSERT INTO legacy (id, word) VALUES (3, NULL)",
    "INSERT INTO customer (id, nickname) VALUES (7, 'Bo'), (8, NULL), (9, 'Al')",
    "INSERT INTO by_hand VALUES (1)",
    "INSERT INTO before VALUES (1), (2)",
)


def made_with_rows(tmp_path: Path, url: str, destroy: str = DESTROY) -> Project:
    """A database at r1 with rows; r2 destroys most of them."""
    made = project(tmp_path / "project", url)
    made.revision("r1", None, MAKE)
    made.revision("r2", "r1", destroy)
    with made.workbench() as wb:
        assert wb.upgrade("r1").apply().ok
    made.execute(*(each.replace("before", "`before`") if "mysql" in url or "maria" in url else each for each in ROWS))
    return made


def name_of(made: Project) -> str:
    """What the workbench calls the database."""
    return Path(str(make_url(made.url).database)).stem


def test_what_is_destroyed_is_told_and_saved(tmp_path: Path, database_url: str) -> None:
    """Each table and column with rows in it, by the name that it has now; saved before anything runs."""
    made = made_with_rows(tmp_path, database_url)
    name, folder = name_of(made), tmp_path / "saved"
    with made.workbench() as wb:
        plan = wb.upgrade()

        assert (
            Destroyed(name, "r2", "", "legacy", "", 3),
            Destroyed(name, "r2", "", "customer", "nickname", 2),
            Destroyed(name, "r2", "", "by_hand", "", 1),
            Destroyed(name, "r2", "", "before", "", 2),
        ) == plan.destroys
        told = (
            "Destroys data: table legacy (3 rows), column customer.nickname (2 values), table by_hand (1 row), "
            "table before (2 rows)"
        )
        assert f"⚠ {told}" == str(plan).split("\n")[1]
        assert told in plan._repr_html_()
        assert not folder.exists()

        run = plan.apply(backup=str(folder))

        assert (True, f"{folder}/{plan.id}") == (run.ok, run.backup)
        assert () == wb.downgrade("base").destroys

    files = sorted(each.name for each in Path(run.backup).iterdir())
    if "sqlite" in database_url:
        assert [f"{name}.db"] == files
        with sqlite3.connect(Path(run.backup) / files[0]) as copy:
            assert [(1, 'a, "b"'), (2, ""), (3, None)] == copy.execute("SELECT id, word FROM legacy").fetchall()
        copy.close()
        return
    assert [f"{name}.{each}.csv" for each in ("before", "by_hand", "customer.nickname", "legacy")] == files
    assert (
        'id,word,raw,price,day\n1,"a, ""b""",\\N,1.50,2026-01-02 03:04:05\n2,,\\N,\\N,\\N\n3,\\N,\\N,\\N,\\N\n'
    ) == (Path(run.backup) / files[3]).read_text()
    nicknames = pd.read_csv(Path(run.backup) / files[2], na_values=[r"\N"], keep_default_na=False)
    assert [[7, "Bo"], [8, None], [9, "Al"]] == nicknames.astype(object).where(
        nicknames.notna(), None
    ).to_numpy().tolist()


def test_nothing_runs_without_the_backup(tmp_path: Path, postgresql_url: str, monkeypatch: Any) -> None:
    """A folder that cannot be made, a disk that is full, a table that cannot be read, no pyarrow: all is as before."""
    made = made_with_rows(tmp_path, postgresql_url)
    (tmp_path / "file").write_text("in the way")
    with made.workbench() as wb:
        plan = wb.upgrade()
        with pytest.raises(
            errors.BackupFailed, match="could not be written first, and nothing was run: the folder cannot"
        ):
            plan.apply(backup=str(tmp_path / "file" / "saved"))
        with monkeypatch.context() as patch:
            patch.setattr(backups, "find_spec", lambda _: None)
            with pytest.raises(errors.BackupFailed, match="pyarrow, which is not installed here"):
                plan.apply(backup=str(tmp_path / "saved"), backup_format="parquet")

        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(pd.DataFrame, "to_csv", full)
            with pytest.raises(errors.BackupFailed, match="No space left on device"):
                plan.apply(backup=str(tmp_path / "saved" / "deep"))
        assert not (tmp_path / "saved").exists()

        assert ("r1",) == wb.current().heads
        assert plan.id == wb.upgrade().id
        first, second = tmp_path / "saved" / plan.id, tmp_path / "saved" / f"{plan.id}-2"
        first.mkdir(parents=True)
        (first / "precious").write_text("from an earlier try")
        run = plan.apply(backup=tmp_path / "saved")

    assert (True, str(second)) == (run.ok, run.backup)
    assert "from an earlier try" == (first / "precious").read_text()


def test_counts_that_cannot_be_had(tmp_path: Path, postgresql_url: str) -> None:
    """A table that this account may not read is named without its rows; the question harms nothing; no backup of it."""
    made = made_with_rows(tmp_path, postgresql_url, 'op.drop_table("legacy")\nop.execute("TRUNCATE by_hand")')
    made.execute("GRANT SELECT ON alembic_version, by_hand TO pg_monitor")
    made.env(connected="connection.exec_driver_sql('SET ROLE pg_monitor')")
    name = name_of(made)
    with made.workbench() as wb:
        plan = wb.upgrade()

        assert (Destroyed(name, "r2", "", "legacy"), Destroyed(name, "r2", "", "by_hand", "", 1)) == plan.destroys
        assert "table legacy (rows not counted)" in str(plan)

        with pytest.raises(errors.BackupFailed, match="permission denied for table legacy"):
            plan.apply(backup=str(tmp_path / "saved"))

        assert ("r1",) == wb.current().heads
    assert not (tmp_path / "saved").exists()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_table_that_somebody_has_locked(tmp_path: Path, request: pytest.FixtureRequest, kind: str) -> None:
    """No question waits for it for ever: its rows go uncounted, and the backup waits as long as a statement may."""
    url = request.getfixturevalue(f"{kind}_url")
    made = made_with_rows(tmp_path, url, 'op.drop_table("legacy")')
    lock = "LOCK TABLES legacy WRITE" if kind == "mariadb" else "LOCK TABLE legacy IN ACCESS EXCLUSIVE MODE"
    engine = create_engine(url, poolclass=NullPool)
    with made.workbench() as wb, engine.connect() as other:
        free = wb.upgrade()
        other.execute(text(lock))
        plan = wb.upgrade()
        with pytest.raises(errors.BackupFailed, match=r"legacy cannot be read: .*(lock timeout|Lock wait timeout)"):
            free.apply(backup=tmp_path / "saved", lock_timeout=1)

    assert [3] == [each.rows for each in free.destroys]
    assert [None] == [each.rows for each in plan.destroys]
    assert not (tmp_path / "saved").exists()


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Each has a copy of its own, which says whose it is."""
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        with contextlib.closing(sqlite3.connect(tmp_path / name / "shop.db")) as live:
            live.executescript(f"CREATE TABLE t (word TEXT); INSERT INTO t VALUES ('{name}')")
    made = project(tmp_path / "project", "").raw_env(f"""
        from alembic import context
        from sqlalchemy import create_engine

        for name in ("north", "south"):
            with create_engine(f"sqlite:///{tmp_path}/{{name}}/shop.db").connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations(engine_name=name)
    """)
    path = made.revision("r1", None, 'op.drop_table("t")')
    path.write_text(path.read_text().replace("upgrade():", "upgrade(engine_name):"))
    with made.workbench() as wb:
        run = wb.upgrade().apply(backup=tmp_path / "saved")

    saved = {}
    for each in Path(run.backup).iterdir():
        with contextlib.closing(sqlite3.connect(each)) as copy:
            saved[each.name] = copy.execute("SELECT word FROM t").fetchall()
    assert run.ok, run
    assert {"shop.db": [("north",)], "south.shop.db": [("south",)]} == saved


def test_a_plan_that_destroys_nothing_saves_nothing(tmp_path: Path, sqlite_url: str) -> None:
    """And one whose SQL cannot be known saves the whole file of SQLite."""
    made = project(tmp_path / "project", sqlite_url).tables(1)
    made.revision("r2", "r1", "op.get_bind().execute(sa.text('SELECT 1')).scalar() + 1")
    folder = tmp_path / "saved"
    with made.workbench() as wb:
        harmless = wb.upgrade("r1").apply(backup=str(folder))
        assert (True, "", False) == (harmless.ok, harmless.backup, folder.exists())

        blind = wb.upgrade("r2").apply(backup=str(folder))

    assert (True, ["wbtest.db"]) == (blind.ok, [each.name for each in Path(blind.backup).iterdir()])
