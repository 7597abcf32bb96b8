import sqlite3

import pytest
from alembic.script import ScriptDirectory

from migrations.data import TUTORIAL
from tests.sample import running

SPLIT = "5711b0a7d93e"
BEFORE_SPLIT = "cab1e5ea4c48"
ANY_SERVER = {
    "sqlite": "sqlite://",
    "postgresql": "postgresql+psycopg://nobody@localhost/nowhere",
    "mariadb": "mysql+pymysql://nobody@localhost/nowhere",
}
"""Servers to write SQL for; nothing connects to them."""


@pytest.fixture
def script() -> ScriptDirectory:
    """Return the sample's history, as Alembic sees it."""
    return ScriptDirectory.from_config(running.config("sqlite://"))


def test_history_has_every_shape(script: ScriptDirectory) -> None:
    """There are a branch, two merges, two bases, one label, one depends_on and one head."""
    revisions = list(script.walk_revisions())

    assert len(revisions) == 20
    assert script.get_heads() == ["91f7ca4d5e10"]
    assert sorted(script.get_bases()) == ["4e9047ed5a1e", "ba5e0f1b00c5"]
    assert [each.revision for each in revisions if each.is_branch_point] == ["1e9acee4b087"]
    assert [each.revision for each in revisions if each.is_merge_point] == ["ace0fba5e509", "a11ade0b3e6f"]
    assert {
        each.revision: each.dependencies if isinstance(each.dependencies, str) else ",".join(each.dependencies)
        for each in revisions
        if each.dependencies
    } == {"4e9047ed5a1e": "0de45b1a7c33"}
    assert "reporting" in script.get_revision("4e9047ed5a1e").branch_labels


def test_ids_are_told_apart_by_four_characters(script: ScriptDirectory) -> None:
    """Tutorials may shorten every id to its first four characters."""
    ids = [each.revision for each in script.walk_revisions()]

    assert len(ids) == len({each[:4] for each in ids})
    assert {12} == {len(each) for each in ids}


def test_four_revisions_are_pending_in_the_tutorial(script: ScriptDirectory) -> None:
    """Nothing but a straight line lies between the tutorial's place and the head."""
    pending = list(script.iterate_revisions("head", TUTORIAL))

    assert [each.revision for each in pending] == ["91f7ca4d5e10", "d15c0a7e6b21", SPLIT, BEFORE_SPLIT]
    assert not any(each.is_merge_point or each.is_branch_point for each in pending)


def test_up_down_and_up_again(database_url: str) -> None:
    """Going back to base leaves nothing, not even a type; going up again makes the same schema."""
    running.upgrade(database_url, "head")
    first = running.schema(database_url)
    running.downgrade(database_url, "base")
    nothing = running.schema(database_url)
    running.upgrade(database_url, "head")

    assert len(first["tables"]) == 17
    assert list(first["views"]) == ["daily_sales"]
    assert nothing == {"tables": {}, "views": {}, "types": []}
    assert first == running.schema(database_url)


def test_each_step_goes_back_to_where_it_came_from(database_url: str) -> None:
    """Of the revisions that a tutorial runs, each downgrade restores the schema before it."""
    running.upgrade(database_url, TUTORIAL)
    schemas = [running.schema(database_url)]
    for _ in range(4):
        running.upgrade(database_url, "+1")
        schemas.append(running.schema(database_url))

    for expected in reversed(schemas[:-1]):
        running.downgrade(database_url, "-1")

        assert expected == running.schema(database_url)


def test_native_types_on_postgresql(postgresql_url: str) -> None:
    """Both enums are types of PostgreSQL's own."""
    running.upgrade(postgresql_url, "head")

    assert running.schema(postgresql_url)["types"] == ["book_format", "order_status"]


@pytest.mark.parametrize("server", ANY_SERVER)
@pytest.mark.parametrize("span", [f"base:{TUTORIAL}", f"{TUTORIAL}:{BEFORE_SPLIT}", f"{SPLIT}:head"])
def test_sql_can_be_written_offline(server: str, span: str) -> None:
    """`upgrade --sql`, and `downgrade --sql` the other way, need no database but for the one data migration."""
    lower, upper = span.split(":")

    assert "INSERT INTO alembic_version" in running.upgrade_sql(ANY_SERVER[server], span) or lower != "base"
    assert "alembic_version" in running.downgrade_sql(ANY_SERVER[server], f"{upper}:{lower}")


@pytest.mark.parametrize("server", ANY_SERVER)
def test_names_cannot_be_split_offline(server: str) -> None:
    """The data migration reads rows, so that Alembic cannot write its SQL: the workbench has something to show."""
    with pytest.raises(TypeError, match="NoneType"):
        running.upgrade_sql(ANY_SERVER[server], f"{BEFORE_SPLIT}:{SPLIT}")


def test_offline_sql_makes_the_same_schema(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What `--sql` writes for SQLite, run by hand, makes what `upgrade` makes."""
    by_hand = tmp_path_factory.mktemp("by_hand") / "shop.db"
    running.upgrade(sqlite_url, TUTORIAL)
    connection = sqlite3.connect(by_hand)
    connection.executescript(running.upgrade_sql(sqlite_url, f"base:{TUTORIAL}"))
    connection.close()

    assert running.schema(sqlite_url) == running.schema(f"sqlite:///{by_hand}")


def test_reporting_alone_brings_the_orders_it_depends_on(database_url: str) -> None:
    """The labelled branch can be run by itself, with what it depends on and nothing else."""
    running.upgrade(database_url, "da117ca5b0c4")
    tables = running.schema(database_url)["tables"]

    assert "orders" in tables
    assert "sales_target" in tables
    assert "review" not in tables


def test_partial_and_expression_indexes(database_url: str) -> None:
    """A partial index is full on MariaDB; an index on an expression is not there at all."""
    running.upgrade(database_url, "head")
    server = database_url.partition(":")[0].partition("+")[0]
    tables = running.schema(database_url)["tables"]
    [unshipped] = [index for index in tables["orders"]["indexes"] if "ix_orders_unshipped" in index]

    assert ("shipped_at IS NULL" in unshipped) == (server != "mysql")
    # SQLite has it, but it cannot be read back.
    assert ("ix_author_name_lower" in str(tables["author"]["indexes"])) == (server == "postgresql")
