from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from migrations import data
from tests.sample import running

SMALL = 200
"""As many customers as a quick test needs."""


def ask(url: str, query: str) -> Any:
    """Ask the database for one value."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text(query))


def test_tutorial_is_loaded_with_its_dirt(database_url: str) -> None:
    """At the tutorial's place there are several thousand rows, and exactly the dirty ones that are promised."""
    counts = data.create(database_url)

    assert ask(database_url, "SELECT version_num FROM alembic_version") == data.TUTORIAL
    assert counts["customer"] == data.ROWS
    assert len(counts) == 16
    assert counts == {name: ask(database_url, f"SELECT count(*) FROM {name}") for name in counts}
    assert {dirt.name: dirt.count for dirt in data.DIRT} == {
        dirt.name: ask(database_url, dirt.query) for dirt in data.DIRT
    }


@pytest.mark.parametrize("dirt", data.DIRT, ids=lambda dirt: dirt.name)
def test_dirt_is_documented(dirt: data.Dirt) -> None:
    """The module's docstring tells of every kind of dirt: its name, its table and how many."""
    assert [dirt.name, dirt.table, str(dirt.count)] in [line.split()[:3] for line in str(data.__doc__).splitlines()]


def test_dirt_does_not_stop_the_revisions(database_url: str) -> None:
    """With all the dirt, the pending revisions run, and run back; no customer is lost on the way."""
    data.create(database_url)
    running.upgrade(database_url, "head")
    one_word = ask(database_url, "SELECT count(*) FROM customer WHERE last_name IS NULL")
    running.downgrade(database_url, data.TUTORIAL)

    assert one_word == 25
    assert ask(database_url, "SELECT count(*) FROM customer WHERE name <> ''") == data.ROWS
    assert ask(database_url, {dirt.name: dirt.query for dirt in data.DIRT}["padded-name"]) == 0


def test_view_adds_up(database_url: str) -> None:
    """The view counts the same copies as its tables."""
    data.create(database_url, rows=SMALL)

    assert ask(
        database_url,
        "SELECT sum(quantity) FROM order_line JOIN orders ON orders.id = order_id WHERE status <> 'cancelled'",
    ) == ask(database_url, "SELECT sum(copies) FROM daily_sales")


@pytest.mark.parametrize("revision", ["ba5e0f1b00c5", "c057e4a11e55", "4e9047ed5a1e", "head"])
def test_any_revision_can_be_loaded(sqlite_url: str, revision: str) -> None:
    """What a revision has no table or column for is left out; every table that it has is filled."""
    counts = data.create(sqlite_url, revision, rows=SMALL)

    assert set(running.schema(sqlite_url)["tables"]) == set(counts)
    assert all(counts.values())


def test_head_has_first_and_last_names(database_url: str) -> None:
    """At the head, names arrive split, with the same share of single words."""
    data.create(database_url, "head")

    assert ask(database_url, "SELECT count(*) FROM customer WHERE last_name IS NULL") == 25
    assert ask(database_url, "SELECT count(*) FROM voucher") == 60


def test_every_load_is_the_same(tmp_path: Path) -> None:
    """Two loads give the same rows, whatever the day."""
    dumps = []
    for name in ("one.db", "other.db"):
        engine = create_engine(f"sqlite:///{tmp_path / name}", poolclass=NullPool)
        data.create(engine.url, rows=SMALL)
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            dumps.append({table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables})

    assert dumps[0] == dumps[1]


def test_ids_go_on_after_the_load(database_url: str) -> None:
    """A row that is inserted afterwards gets an id of its own, on PostgreSQL's sequences too."""
    data.create(database_url, rows=SMALL)
    with create_engine(database_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("INSERT INTO customer (name) VALUES ('Somebody New')"))

    assert ask(database_url, "SELECT max(id) FROM customer") == SMALL + 1


def test_database_with_tables_is_refused(database_url: str) -> None:
    """Nobody's data are mixed with ours, and the message says whose and what to do, without a password."""
    with create_engine(database_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE precious (id INTEGER)"))

    with pytest.raises(data.DatabaseNotEmptyError, match=r"1 tables \(precious\).*another") as caught:
        data.create(database_url)

    assert list(running.schema(database_url)["tables"]) == ["precious"]
    assert "secret" not in str(caught.value)


def test_database_back_at_base_counts_as_empty(sqlite_url: str) -> None:
    """Alembic's own empty table, left by `downgrade base`, is no reason to refuse."""
    running.upgrade(sqlite_url, "head")
    running.downgrade(sqlite_url, "base")

    assert len(data.create(sqlite_url, rows=SMALL)) == 16


def test_command_line(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says what it did in one line; a second time, it refuses with exit code 1."""
    arguments = ["--url", sqlite_url, "--rows", str(SMALL), "--at", "head"]
    codes = [data.main(arguments), data.main(arguments)]
    output = capsys.readouterr()

    assert codes == [0, 1]
    assert output.out.endswith(" rows in 17 tables, at head\n")
    assert "is not empty" in output.err


def test_smallest_shops_load(tmp_path: Path) -> None:
    """Tests may ask for very few customers."""
    for rows in (20, 50):
        counts = data.create(f"sqlite:///{tmp_path / str(rows)}.db", rows=rows)

        assert rows == counts["customer"]
