"""What stands beside the tables of a rehearsed database: MariaDB's events, and who may do what."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.safety.projects import Project, project
from workbench.bridge import contents
from workbench.errors import ScratchRefused
from workbench.results import Rehearsal

DAILY = "ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00'"


@pytest.fixture
def role(postgresql_url: str) -> Iterator[str]:
    """A role of this test's own on the server; and nothing of it is left."""
    name = f"wbtest_anna_{secrets.token_hex(4)}"
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name}")
        yield name
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")
    engine.dispose()


def told(found: Rehearsal) -> tuple[object, ...]:
    """Whether it came through, what was lost, and what else it says."""
    notes = tuple(each for each in found.notes if not each.startswith("The models"))
    return found.ok, [(each.kind, each.name, each.before, each.after) for each in found.lost], notes


def events(made: Project) -> list[tuple[str, str]]:
    """The live database's events, with what they say."""
    names = "SELECT event_name FROM information_schema.events WHERE event_schema = database() ORDER BY 1"
    shown = [(str(name), str(name).replace("`", "``")) for (name,) in made.execute(names)]
    return [(name, made.execute(f"SHOW CREATE EVENT `{quoted}`")[0][3]) for name, quoted in shown]


@pytest.mark.mariadb
def test_events(tmp_path: Path, mariadb_url: str) -> None:
    """They are copied and disabled; one that comes back is not lost, one that does not, or otherwise, is."""
    made = project(tmp_path / "project", mariadb_url)
    made.execute(
        "CREATE TABLE t (id INTEGER)",
        f"CREATE EVENT stays {DAILY} DO DELETE FROM t",
        f"CREATE EVENT `it``s back` {DAILY} ENDS '2035-01-01 00:00:00' ON COMPLETION PRESERVE "
        "COMMENT 'x ON COMPLETION PRESERVE ENABLE' DO DELETE FROM t WHERE id = 1",
        f"CREATE EVENT gone {DAILY} DO BEGIN DELETE FROM t; END",
        f"CREATE EVENT off {DAILY} DISABLE DO DELETE FROM t",
        f"CREATE EVENT other {DAILY} DO DELETE FROM t",
    )
    again = (
        f"CREATE EVENT `it``s back` {DAILY} ENDS '2035-01-01 00:00:00' ON COMPLETION PRESERVE "
        "COMMENT 'x ON COMPLETION PRESERVE ENABLE' DO DELETE FROM t WHERE id = 1"
    )
    made.revision(
        "r1",
        None,
        "for name in ('`it``s back`', 'gone', 'off', 'other'):\n    op.execute(f'DROP EVENT IF EXISTS {name}')",
        f"op.execute({again!r})\n"
        f"op.execute('''CREATE EVENT off {DAILY} DO DELETE FROM t''')\n"
        f"op.execute('''CREATE EVENT other {DAILY} DO DELETE FROM t WHERE id = 2''')",
    )
    before = events(made)
    with made.workbench() as wb:
        found = wb.rehearse(wb.upgrade())

    name = found.databases[0].name
    assert (
        True,
        [
            ("event", "gone", "EVERY 1 DAY DO BEGIN DELETE FROM t; END", ""),
            ("event", "off", "EVERY 1 DAY DISABLED DO DELETE FROM t", "EVERY 1 DAY DO DELETE FROM t"),
            ("event", "other", "EVERY 1 DAY DO DELETE FROM t", "EVERY 1 DAY DO DELETE FROM t WHERE id = 2"),
        ],
        (
            (
                f"{name}: the events are disabled in the copy, and whether they are enabled is not compared: "
                "gone, it`s back, other, stays"
            ),
        ),
    ) == told(found)
    assert before == events(made)


@pytest.mark.mariadb
def test_an_event_is_something(tmp_path: Path, mariadb_url: str) -> None:
    """A scratch_url with nothing but an event in it is not empty, and is not emptied; of a rehearsal none is left."""
    made = project(tmp_path / "project", mariadb_url)
    made.execute(f"CREATE EVENT live {DAILY} DO DO 1")
    made.revision("r1", None, f"op.execute('''CREATE EVENT IF NOT EXISTS made {DAILY} DO DO 1''')")
    name = f"{sa.make_url(mariadb_url).database}_scratch"
    other = Project(made.folder, sa.make_url(mariadb_url).set(database=name).render_as_string(hide_password=False))
    made.execute(f"CREATE DATABASE {name}")
    try:
        other.execute(f"CREATE EVENT mine {DAILY} DO DO 1")
        with made.workbench(scratch_url=other.url) as wb:
            with pytest.raises(ScratchRefused) as refused:
                wb.rehearse(wb.upgrade())
            kept = events(other)
            other.execute("DROP EVENT mine")
            found = wb.rehearse(wb.upgrade())
        left = events(other)
    finally:
        made.execute(f"DROP DATABASE {name}")

    assert f"{name}, which scratch_url= names, is not empty." == refused.value.message
    assert ["mine"] == [each for each, _ in kept]
    assert (True, [("event", "made", "", "EVERY 1 DAY DO DO 1")]) == told(found)[:2]
    assert [] == left


@pytest.mark.postgresql
@pytest.mark.parametrize("default", ["public", "north"])
def test_privileges(tmp_path: Path, postgresql_url: str, role: str, default: str) -> None:
    """What a revision grants and its downgrade does not take back is lost; what the live one has is said to be left."""
    made = project(tmp_path / "project", postgresql_url)
    made.execute(
        "CREATE SCHEMA north", f"SET search_path TO {default}",
        "CREATE TABLE t (id INTEGER, name TEXT)", "CREATE SEQUENCE s", "CREATE TABLE u (id INTEGER)",
        "CREATE FUNCTION f(a INTEGER) RETURNS INTEGER LANGUAGE sql AS 'SELECT a'",
        f"GRANT SELECT ON t TO {role}, PUBLIC",
    )  # fmt: skip
    made.env(connected=f"connection.exec_driver_sql('SET search_path TO {default}'); connection.commit()")
    gives = (
        f"GRANT INSERT, DELETE ON t TO {role} WITH GRANT OPTION", f"GRANT UPDATE (name) ON t TO {role}",
        "GRANT UPDATE ON t TO PUBLIC", f"GRANT USAGE ON SEQUENCE s TO {role}",
        "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA north TO {role}", f"GRANT SELECT ON u TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA north GRANT SELECT ON TABLES TO {role}",
    )  # fmt: skip
    made.revision(
        "r1", None, f"for each in {gives!r}:\n    op.execute(each)",
        f"op.execute('REVOKE ALL ON t FROM PUBLIC')\nop.execute('REVOKE ALL ON u FROM {role}')",
    )  # fmt: skip
    with made.workbench() as wb:
        found = wb.rehearse(wb.upgrade())

    home = "" if default == "public" else "north."
    owner = sa.make_url(postgresql_url).username
    assert (
        True,
        [
            ("privilege", each, "", who)
            for each, who in sorted(
                (
                    (f"{home}function f(a integer)", "nobody"),
                    ("schema north", f"{role}: USAGE"),
                    (f"{home}sequence s", f"{role}: USAGE"),
                    (f"{home}t", f"{role}: DELETE WITH GRANT OPTION, INSERT WITH GRANT OPTION"),
                    (f"{home}t.name", f"{role}: UPDATE"),
                    (f"north.by default on tables of {owner}", f"{role}: SELECT"),
                ),
                key=lambda told: (told[0].startswith("north."), told[0].endswith(("t", "name")), told[0]),
            )
        ],
        (
            (
                f"{found.databases[0].name}: not compared: what PUBLIC, {role} may do with 1 table of the live "
                "database. Privileges are not copied, so a step that takes them away is not found out; one that gives "
                "them is."
            ),
        ),
    ) == told(found)


@pytest.mark.mariadb
def test_privileges_on_mariadb(mariadb_url: str) -> None:
    """They are the server's, by name: a GRANT is refused beside the live database; elsewhere it is compared."""
    database = sa.make_url(mariadb_url).database
    name = f"wbtest_{secrets.token_hex(4)}"
    engine = sa.create_engine(mariadb_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        try:
            for statement in (
                "CREATE TABLE t (id INTEGER, name VARCHAR(9))", f"CREATE USER {name}@localhost",
            ):  # fmt: skip
                connection.exec_driver_sql(statement)
            before = contents.read(connection)
            for statement in (
                f"GRANT SELECT, INSERT ON t TO {name}@localhost WITH GRANT OPTION",
                f"GRANT UPDATE (name) ON t TO {name}@localhost",
                f"GRANT CREATE ON {database}.* TO {name}@localhost",
            ):
                connection.exec_driver_sql(statement)
            after = contents.read(connection)
        finally:
            connection.exec_driver_sql(f"DROP USER IF EXISTS {name}@localhost")
    engine.dispose()

    who = f"'{name}'@'localhost'"
    assert [
        ("privilege", "schema", "", f"{who}: CREATE"),
        ("privilege", "t", "", f"{who}: INSERT WITH GRANT OPTION, SELECT WITH GRANT OPTION"),
        ("privilege", "t.name", "", f"{who}: UPDATE WITH GRANT OPTION"),
    ] == [(each.kind, each.name, each.before, each.after) for each in contents.compare(before, after, "shop")[0]]
