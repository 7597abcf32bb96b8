"""The diff: what Alembic's comparators find, in a fixed order, on each database and wherever it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.data import TUTORIAL, create
from tests.conftest import copy_of_sample
from tests.real import small
from workbench import Workbench

AT_HEAD = [
    ("add_index", "book", "ix_book_title", None, "(title)"),
    ("add_column", "customer", "display_name", None, "VARCHAR(40)"),
    ("modify_type", "customer", "email", "VARCHAR(120)", "VARCHAR(255)"),
    ("modify_nullable", "customer", "email", "NULL", "NOT NULL"),
    ("remove_column", "customer", "nickname", "VARCHAR(40)", None),
]
"""What the models have that the sample's head has not, apart from whole tables; the same on each database."""


@pytest.fixture
def bookshop(sample: Path, database_url: str) -> Iterator[Workbench]:
    """The sample at its head, on each database."""
    create(database_url, "head", 20)
    with Workbench(sample / "alembic.ini", env={"DATABASE_URL": database_url}) as workbench:
        yield workbench


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, kept_database_url: str) -> Iterator[Workbench]:
    """The same, for those tests that change nothing."""
    create(kept_database_url, "head", 20)
    folder = copy_of_sample(tmp_path_factory.mktemp("kept"))
    with Workbench(folder / "alembic.ini", env={"DATABASE_URL": kept_database_url}) as workbench:
        yield workbench


def test_models_against_head_on_each_database(kept: Workbench) -> None:
    """The intended differences and no others, each with both sides, in the order of tables."""
    diff = kept.diff()
    small = [
        (each.kind, each.table, each.name, each.before, each.after)
        for each in diff.changes
        if each.kind not in {"add_table", "remove_table"}
    ]
    whole = [(each.kind, each.table) for each in diff.changes if each.kind in {"add_table", "remove_table"}]

    assert AT_HEAD == small
    assert [("remove_table", "legacy_export"), ("add_table", "wishlist")] == whole
    assert ("live", "models", False) == (diff.source, diff.target, diff.is_empty)
    assert ("book", "customer", "legacy_export", "wishlist") == diff.tables
    assert all(each.sql for each in diff.changes), "SQLite, too, has SQL for each: by batch"


def test_the_sql_of_each_change_runs(bookshop: Workbench, database_url: str) -> None:
    """What the diff shows as SQL is what makes the live schema like the models: applied, the diff is empty."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        # The dirty rows that a NOT NULL would stumble over are a lesson for later.
        connection.exec_driver_sql("UPDATE customer SET email = 'nobody@example.org' WHERE email IS NULL")
    for _ in range(10):  # on SQLite each change copies the table as it was reflected: one at a time
        changes = bookshop.diff().changes
        if not changes:
            break
        with engine.begin() as connection:
            for statement in (changes[0].sql or "").split(";\n"):
                if statement.strip(" ;\n"):
                    connection.exec_driver_sql(statement.rstrip("; \n").replace("%", "%%"))
    engine.dispose()

    assert () == bookshop.diff().changes
    assert "live and models agree" in str(bookshop.diff())


def test_the_other_way_round_is_the_reverse(kept: Workbench) -> None:
    """From models to live every kind is its opposite, and the sides change places."""
    there = {(each.table, each.name, each.before, each.after) for each in kept.diff().changes}
    back = {(each.table, each.name, each.after, each.before) for each in kept.diff("models", "live").changes}

    assert {each for each in there if each[1] != each[0]} == {each for each in back if each[1] != each[0]}


def test_below_head_where_alembic_check_refuses(sample: Path, sqlite_url: str) -> None:
    """Wherever the database stands, the answer is what turns it into the models."""
    create(sqlite_url, TUTORIAL, 20)
    with Workbench(sample / "alembic.ini", env={"DATABASE_URL": sqlite_url}) as workbench:
        kinds = [(each.kind, each.table, each.name) for each in workbench.diff().changes]
        environment = {**os.environ, "DATABASE_URL": sqlite_url}
        refused = subprocess.run(
            [sys.executable, "-m", "alembic", "check"], cwd=sample, env=environment, capture_output=True, check=False
        )

    assert b"Target database is not up to date" in refused.stderr + refused.stdout
    assert ("add_table", "voucher", "voucher") in kinds
    assert ("add_column", "customer", "first_name") in kinds


def test_a_change_of_the_database_is_seen_by_a_warm_worker(bookshop: Workbench, database_url: str) -> None:
    """What is remembered of the live schema is forgotten as soon as anybody changes it."""
    before = bookshop.diff()
    again = bookshop.diff()
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE book ADD COLUMN shelf INTEGER")
    engine.dispose()
    after = bookshop.diff()

    assert before == again
    assert [("remove_column", "book", "shelf")] == [
        (each.kind, each.table, each.name) for each in after.changes if each not in before.changes
    ]


def test_a_change_of_the_models_is_seen_without_a_restart(bookshop: Workbench, sample: Path) -> None:
    """An edited model counts at the next question, and what was reflected is not read again wrongly."""
    before = bookshop.diff()
    models = sample / "migrations" / "models.py"
    models.write_text(models.read_text("utf-8").replace("String(255)", "String(300)"), "utf-8")
    after = bookshop.diff()

    assert {"VARCHAR(255)"} == {each.after for each in before.changes if each.kind == "modify_type"}
    assert {"VARCHAR(300)"} == {each.after for each in after.changes if each.kind == "modify_type"}
    assert len(before.changes) == len(after.changes)


def test_nothing_depends_on_hashes(sample: Path, sqlite_url: str) -> None:
    """Alembic takes tables, columns and constraints out of sets; shown, code and SQL are the same in every process."""
    create(sqlite_url, TUTORIAL, 20)
    found = []
    for seed in ("0", "1", "2"):
        env = {"DATABASE_URL": sqlite_url, "PYTHONHASHSEED": seed}
        with Workbench(sample / "alembic.ini", env=env) as workbench:
            found.append(workbench.diff().to_dict()["changes"])
    tables = [each["table"] for each in found[0]]

    assert [found[0]] * 3 == found
    assert sorted(tables) == tables
    assert [
        ("add_column", "display_name"),
        ("add_column", "first_name"),
        ("add_column", "last_name"),
        ("modify_type", "email"),
        ("modify_nullable", "email"),
        ("remove_column", "name"),
        ("remove_column", "nickname"),
    ] == [(each["kind"], each["name"]) for each in found[0] if each["table"] == "customer"]


VIEWS = """
from sqlalchemy import Column, CreateView, Integer, MetaData, Table, select

metadata = MetaData()
book = Table("book", metadata, Column("id", Integer, primary_key=True))
CreateView(select(book.c.id), "all_books", metadata=metadata)
"""


def test_views_of_the_models_are_not_proposed_as_tables(plain: Path) -> None:
    """SQLAlchemy 2.1 puts a view into the metadata as a Table; it is left out, and said to be."""
    (plain / "models.py").write_text(VIEWS, "utf-8")
    with Workbench(plain / "alembic.ini") as workbench:
        diff = workbench.diff()

    assert [("add_table", "book")] == [(each.kind, each.table) for each in diff.changes]
    assert ("all_books: declared with CreateView; Alembic would propose a table",) == diff.ignored


def test_metadata_of_the_notebook_counts_instead_of_env_py(plain: Path) -> None:
    """`metadata=` travels to the worker, so models that live in a cell can be compared."""
    metadata = sa.MetaData()
    sa.Table("shelf", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    with Workbench(plain / "alembic.ini", metadata=metadata) as workbench:
        changes = workbench.diff().changes

    assert [("add_table", "shelf", "id INTEGER NOT NULL\nname VARCHAR(20)")] == [
        (each.kind, each.table, each.after) for each in changes
    ]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """An environment as `alembic init` makes it, with models of one module."""
    small.init(sys.executable, tmp_path, "generic")
    env_py = tmp_path / "migrations" / "env.py"
    text = env_py.read_text("utf-8").replace(
        "target_metadata = None", "import models\n\ntarget_metadata = models.metadata"
    )
    env_py.write_text(text, "utf-8")
    ini = tmp_path / "alembic.ini"
    ini.write_text(ini.read_text("utf-8").replace("driver://user:pass@localhost/dbname", "sqlite:///shop.db"), "utf-8")
    (tmp_path / "models.py").write_text("from sqlalchemy import MetaData\n\nmetadata = MetaData()\n", "utf-8")

    return tmp_path
