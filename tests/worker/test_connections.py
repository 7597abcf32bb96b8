"""What a warm worker leaves at the server between two requests: nothing, as the end of `alembic` would."""

from __future__ import annotations

import pytest

from tests.safety.projects import Project, project

OURS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An env.py that makes an engine with a pool each time, and nobody disposes of it: Flask-Migrate's does so."""
    url = request.getfixturevalue(f"{request.param}_url")
    made = project(tmp_path_factory.mktemp("pooled"), url).tables(2)
    text = made.env_py.read_text("utf-8").replace(", poolclass=pool.NullPool", "")
    # As an application keeps its engine: in a cycle, that only the collector of garbage finds.
    made.env_py.write_text(text.replace("with engine", "engine.application = [engine]\nwith engine", 1), "utf-8")
    return made


def test_no_connection_is_left(made: Project) -> None:
    """Neither by questions nor by an apply, however many there are."""
    question = OURS["postgresql" if "postgresql" in made.url else "mysql"]
    with made.workbench() as wb:
        assert wb.upgrade().apply().ok
        for _ in range(5):
            wb.current()
            wb.schema()
        assert [(0,)] == made.execute(question)
