"""An account that may not see everything: what is missing is said, and nothing is told wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import Project, project
from workbench.errors import AccessDenied, QueryFailed

pytestmark = pytest.mark.mariadb


@pytest.fixture
def readers(tmp_path: Path, mariadb_url: str) -> Iterator[Project]:
    """An environment whose account may only SELECT, on a database with one of each; the account is gone afterwards."""
    url = make_url(mariadb_url)
    owner = Project(tmp_path, mariadb_url)
    owner.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(20), p INTEGER, "
        "CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE)",
        "CREATE TABLE hidden (id INTEGER PRIMARY KEY)",
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "CREATE VIEW v AS SELECT id FROM t",
        "CREATE FUNCTION f() RETURNS INTEGER DETERMINISTIC RETURN 1",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 'z'",
    )
    reader = f"{url.database}_reader"[-60:]
    owner.execute(f"CREATE USER {reader} IDENTIFIED BY 'not-to-be-seen'")
    try:
        for each in ("SELECT ON p", "SELECT ON t", "SELECT ON v", "SELECT ON alembic_version", "EXECUTE ON FUNCTION f"):
            owner.execute(f"GRANT {each} TO {reader}")
        theirs = url.set(username=reader, password="not-to-be-seen").render_as_string(hide_password=False)
        yield project(tmp_path / "project", theirs).tables(1)
    finally:
        owner.execute(f"DROP USER {reader}")


def test_a_reader_is_told_what_it_may_not_see(readers: Project) -> None:
    """Tables without a right on them are not there at all; what is there by half is named."""
    with readers.workbench() as workbench:
        schema = workbench.schema()
        with pytest.raises(QueryFailed, match="cannot answer"):
            workbench.query("SELECT * FROM hidden")
        one = workbench.query("SELECT 1 AS a")

    told = (
        "This account may not see all of the schema: not what ON UPDATE and ON DELETE of the foreign key t.fk do, the "
        "text of the view v, the text of the function f. Triggers and events may be missing, too."
    )
    hidden = (
        "This account has rights on single tables alone, and the server keeps back that there are others: what is not "
        "in this schema may be in the database all the same."
    )
    assert (told, hidden) == schema.notes
    assert [("table", "p"), ("table", "t"), ("view", "v"), ("function", "f")] == [
        (each.kind, each.name) for each in schema.objects
    ]
    assert told in str(schema)
    assert [1] == list(one["a"])


def test_an_owner_is_told_nothing(tmp_path: Path, mariadb_url: str) -> None:
    """Nor where tables have no keys at all."""
    made = project(tmp_path, mariadb_url)
    made.execute("CREATE TABLE bare (a INTEGER)",
                 "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t (id))",
                 "CREATE VIEW v AS SELECT 1 AS one", "CREATE PROCEDURE p() SELECT 1")  # fmt: skip
    with made.workbench() as workbench:
        assert () == workbench.schema().notes


def test_an_account_that_may_enter_nothing(readers: Project) -> None:
    """What is refused is told as what it is: neither a wrong password, nor a schema that is empty."""
    forbidden = make_url(readers.url).set(database="mysql").render_as_string(hide_password=False)
    with readers.workbench(url=forbidden) as workbench, pytest.raises(AccessDenied) as refused:
        workbench.schema()

    assert "The database does not let this user do that." == refused.value.message
    assert "not-to-be-seen" not in str(refused.value)
