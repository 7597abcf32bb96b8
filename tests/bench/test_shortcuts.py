"""What makes the workbench fast must not change its answers."""

from __future__ import annotations

import os
import py_compile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.util import sqla_compat
from sqlalchemy import create_engine, inspect, text

from tests.bench import generate
from workbench import Workbench
from workbench.bridge import reflection
from workbench.bridge.catalogue.fingerprints import fingerprint
from workbench.environment import revision_files


@pytest.fixture
def models(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Workbench, Path, str]]:
    """A workbench on ten models, and the URL of a database that has their tables."""
    url = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    folder = generate.schema(tmp_path / "project", 10, "Table objects")
    with Workbench(folder, env={"BENCH_URL": url, "PYTHONDONTWRITEBYTECODE": "1"}) as workbench:
        engine = create_engine(url)
        with engine.begin() as connection:
            for statement in (each.sql for each in workbench.diff().changes):
                connection.execute(text(statement or ""))
        engine.dispose()
        yield workbench, folder, url


def test_a_revision_file_reads_the_same_with_and_without_bytecode(tmp_path: Path) -> None:
    """Bytecode only saves looking for syntax errors; of a file that was edited since, it says nothing."""
    folder = generate.history(tmp_path / "project", 12)
    paths = sorted((folder / "migrations" / "versions").glob("*.py"))
    before = [revision_files.read(str(path)) for path in paths]
    for path in paths:
        py_compile.compile(str(path), doraise=True)

    assert [revision_files.read(str(path)) for path in paths] == before

    paths[0].write_text(paths[0].read_text("utf-8") + "\n    def oops(:\n", encoding="utf-8")
    assert "SyntaxError" in (revision_files.read(str(paths[0])).fault or "")


def test_the_spare_takes_over_when_a_model_has_changed(models: tuple[Workbench, Path, str]) -> None:
    """It answers from the models as they are now, and another spare stands behind it; none outlives the workbench."""
    workbench, folder, _ = models
    assert workbench.diff().is_empty
    spare = workbench._client._spare
    generate.change_a_model(folder, 1, "Table objects")
    changes = workbench.diff().changes
    processes = [workbench._client.process, workbench._client._spare]
    workbench.close()

    assert [(each.kind, each.table, each.name) for each in changes] == [("add_column", "thing_9", "added_1")]
    assert processes[0] is spare
    assert processes[1] not in {None, spare}
    assert [each.alive for each in processes if each is not None] == [False, False]


def test_a_spare_that_has_died_is_not_missed(models: tuple[Workbench, Path, str]) -> None:
    """Then a new process is started, as before there were spares."""
    workbench, folder, _ = models
    workbench.diff()
    spare = workbench._client._spare
    assert spare is not None
    spare._child.kill()
    spare._child.wait()
    generate.change_a_model(folder, 2, "Table objects")

    assert [each.name for each in workbench.diff().changes] == ["added_2"]


@pytest.mark.parametrize("models", ["postgresql_url"], indirect=True)
@pytest.mark.postgresql
def test_sequences_are_remembered_while_their_owners_stay(models: tuple[Workbench, Path, str]) -> None:
    """A restarted worker asks for no SERIAL column's sequence again; one that gets another owner changes the mark."""
    workbench, folder, url = models
    assert workbench.diff().is_empty
    os.utime(folder / "shop" / "part_0.py", (1, 1))
    assert workbench.diff().is_empty
    engine = create_engine(url)
    with engine.begin() as connection:
        before = fingerprint(connection)
        assert before == fingerprint(connection)
        connection.execute(text("ALTER SEQUENCE thing_3_id_seq OWNED BY NONE"))
        assert before != fingerprint(connection)
    engine.dispose()


def test_what_alembic_asks_while_reflecting_is_asked_once() -> None:
    """The second time the rows come from memory, in the same form."""
    alembic: Any = sqla_compat
    recalled = reflection.Recalled({})
    with create_engine("sqlite://").connect() as connection:
        inspector = inspect(connection)
        with reflection.queries_recalled(recalled):
            first = alembic._exec_on_inspector(inspector, text("SELECT :n AS a, 'x' AS b"), n=1).first()
    with reflection.queries_recalled(reflection.Recalled(recalled.entries)):
        # The connection is closed: only memory can answer.
        again = alembic._exec_on_inspector(inspector, text("SELECT :n AS a, 'x' AS b"), n=1).first()

    assert tuple(first) == tuple(again) == (1, "x")
    assert again.b == "x"
