"""While scratch databases stand in, every connection of env.py's comes out there, or nowhere."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.safety.projects import ASYNC_ENV, Project, project
from tests.scratch.inside import run

LED = """\
scratches = ask(made)
heads = ask(lambda part: part.heads)
first = upgrade(scratches)
again = upgrade(scratches)
with guard.lead(scratches):
    on_scratch = ask(lambda part: (part.name, part.heads))
live = ask(lambda part: (part.name, part.heads))
for each in scratches:
    each.drop()
answer = first, again, on_scratch, live
"""
LED_LINES = textwrap.indent(LED, " " * 8).strip()
MULTIDB = """
    from alembic import context
    from sqlalchemy import create_engine

    for name, url in {urls!r}.items():
        with create_engine(url).connect() as connection:
            context.configure(connection=connection, upgrade_token=name, downgrade_token=name)
            with context.begin_transaction():
                context.run_migrations()
"""
CREATOR = """
    from alembic import context
    from sqlalchemy import create_engine, make_url

    url = make_url({url!r})
    dialect = url.get_dialect()
    arguments, keywords = dialect().create_connect_args(url)
    engine = create_engine(url, creator=lambda: dialect.import_dbapi().connect(*arguments, **keywords))
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
REMEDY = (
    "Give create_engine() the URL and its connect_args in place of creator=; "
    "or listen to SQLAlchemy's do_connect event, which may change them."
)
REFUSED = (
    "ScratchRefused",
    "env.py opens its connection to the database by itself (creator=), so it cannot be led to a scratch database.",
    REMEDY,
)


def test_hard_coded_url_and_creator(database_url: str, tmp_path: Path) -> None:
    """An env.py with a URL of its own is led to the scratch database; one with a creator= is refused in time."""
    live = project(tmp_path, database_url).tables()
    live.execute("CREATE TABLE kept (id INTEGER)")
    before = live.database()

    first, again, on_scratch, now, copied, led = run(
        live,
        f"""
        {LED_LINES}
        scratches = ask(made)
        with open("migrations/env.py", "w") as file:
            file.write({textwrap.dedent(CREATOR).format(url=database_url)!r})
        try:
            ask(made)
        except WorkbenchError as error:
            answer = *answer, (type(error).__name__, error.remedy), upgrade(scratches)
        scratches[0].drop()
        """,
    )

    name = Path(make_url(database_url).database or "").stem
    assert [each.split("(")[0].strip() for each in first] == ["CREATE TABLE t1", "CREATE TABLE t2"]
    assert again == []
    assert on_scratch == [(name, ("r2",))]
    assert now == [(name, ())]
    assert copied == (REFUSED[0], REFUSED[2])
    assert led == REFUSED
    assert live.database() == before


def test_multidb(tmp_path: Path, sqlite_url: str) -> None:
    """Each of several databases has its own; one that has none is not connected to."""
    urls = {each: sqlite_url.replace("wbtest", each) for each in ("one", "two", "three")}
    live = project(tmp_path, sqlite_url).tables(1).raw_env(MULTIDB.format(urls=urls))
    for url in urls.values():
        Project(tmp_path, url).execute("CREATE TABLE kept (id INTEGER)")
    before = [Project(tmp_path, url).database() for url in urls.values()]

    all_led, on_scratch, two_led = run(
        live,
        """
        scratches = ask(made)
        upgraded = upgrade(scratches)
        with guard.lead(scratches):
            on_scratch = ask(lambda part: (part.name, part.heads))
        answer = upgraded, on_scratch, upgrade(scratches[:2])
        """,
    )

    assert [each.split("(")[0].strip() for each in all_led] == ["CREATE TABLE t1"] * 3
    assert on_scratch == [("one", ("r1",)), ("two", ("r1",)), ("three", ("r1",))]
    assert two_led == (
        "ScratchRefused",
        "env.py connects to three.db, which has no scratch database.",
        "A rehearsal stays away from every database but those that env.py gives to context.configure().",
    )
    assert [Project(tmp_path, url).database() for url in urls.values()] == before


def test_ways_around(tmp_path: Path, sqlite_url: str) -> None:
    """ATTACH does not lead to a live file, and VACUUM still works."""
    live = project(tmp_path, sqlite_url)
    other = Project(tmp_path, sqlite_url.replace("wbtest", "other"))
    other.execute("CREATE TABLE kept (id INTEGER)")
    live.execute("CREATE TABLE kept (id INTEGER)")
    before = live.database(), other.database()
    live.revision("r1", None, "with op.get_context().autocommit_block():\n    op.execute('VACUUM')")
    path = make_url(other.url).database
    live.revision("r2", "r1", f"op.execute(\"ATTACH '{path}' AS o\")\nop.execute('INSERT INTO o.kept VALUES (1)')")

    vacuumed, attached = run(
        live, "scratches = ask(made)\nanswer = upgrade(scratches, 'r1'), upgrade(scratches)\nscratches[0].drop()"
    )

    assert vacuumed == []
    assert attached[0] != "ScratchRefused"
    assert "not authorized" in attached[1] + attached[2] or attached[0].endswith("Failed")
    assert (live.database(), other.database()) == before


def test_live_name_in_statement(mariadb_url: str, tmp_path: Path) -> None:
    """On MariaDB a statement that names the live database is refused, before it is executed there."""
    name = make_url(mariadb_url).database
    live = project(tmp_path, mariadb_url)
    live.execute("CREATE TABLE kept (id INTEGER)", f"CREATE TABLE {name} (id INTEGER)")
    before = live.database()
    live.revision("r1", None, f"op.execute('SELECT {name}.id FROM {name}')")
    live.revision("r2", "r1", f"op.execute('INSERT INTO `{name}`.kept VALUES (1)')")

    plain, refused = run(
        live, "scratches = ask(made)\nanswer = upgrade(scratches, 'r1'), upgrade(scratches)\nscratches[0].drop()"
    )

    assert plain == []
    assert refused[:2] == (
        "ScratchRefused",
        f"A statement names the live database {name} itself, so it would leave the scratch database for it.",
    )
    assert live.database() == before


SERVER_WIDE = {
    "postgresql": ("CREATE ROLE wbtest_nobody", "COMMENT ON DATABASE {name} IS 'x'", "SELECT 1; DROP DATABASE x",
                   "/* x */ ALTER DATABASE {name} SET work_mem = '9MB'", "GRANT pg_monitor TO wbtest_nobody",
                   "GRANT CONNECT ON DATABASE {name} TO PUBLIC",
                   "DO $$ BEGIN EXECUTE 'ALTER ROLE CURRENT_USER SET wb.x = 1'; END $$"),
    "mysql": ("CREATE USER wbtest_nobody", "SET GLOBAL max_connections = 99", "GRANT SELECT ON *.* TO wbtest_nobody",
              "DROP DATABASE {name}", "ALTER DATABASE {name} CHARACTER SET latin1"),
}  # fmt: skip
OF_THE_DATABASE = {
    "postgresql": ("CREATE TABLE role (drop_role text DEFAULT 'DROP ROLE x')", "GRANT SELECT ON role TO PUBLIC",
                   "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 99', current_database()); END $$",
                   "COMMENT ON TABLE role IS 'x'", "UPDATE role SET drop_role = 'a; CREATE ROLE b'"),
    "mysql": ("CREATE TABLE role (drop_role varchar(20) DEFAULT 'DROP ROLE x')", "ALTER DATABASE CHARACTER SET latin1",
              "UPDATE role SET drop_role = 'a; CREATE ROLE b'", "SET SESSION sort_buffer_size = 99999"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_whole_server(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A statement that acts on the whole server is refused, and one that only looks like it is executed."""
    url = request.getfixturevalue(f"{kind}_url")
    name, backend = make_url(url).database, make_url(url).get_backend_name()
    live = project(tmp_path, url)
    fine = (f"op.get_bind().exec_driver_sql({each!r})" for each in OF_THE_DATABASE[backend])
    live.revision("r0", None, "\n".join(fine).replace("%I", "%%I"))
    refused = [each.format(name=name) for each in SERVER_WIDE[backend]]
    for number, each in enumerate(refused):
        live.revision(f"s{number}", "r0", f"op.execute({each!r})")
    targets = [f"s{number}" for number in range(len(refused))]

    plain, *told = run(
        live,
        f"""
        scratches = ask(made)
        answer = upgrade(scratches, "r0"), *(upgrade(scratches, each) for each in {targets})
        scratches[0].drop()
        """,
    )

    assert plain == []
    assert [each[0] for each in told] == ["ScratchRefused"] * len(refused), told


@pytest.mark.parametrize("driver", ["aiosqlite", "psycopg", "asyncpg", "aiomysql"])
def test_async(driver: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """An env.py that runs its migrations under asyncio is led as well."""
    if importlib.util.find_spec(driver) is None:
        pytest.skip(f"{driver} is not installed")
    kind = {"aiosqlite": "sqlite", "aiomysql": "mariadb"}.get(driver, "postgresql")
    url = request.getfixturevalue(f"{kind}_url")
    live = project(tmp_path, url).tables()
    live.execute("CREATE TABLE kept (id INTEGER)", "INSERT INTO kept VALUES (1), (2)")
    before = live.database()
    parsed = make_url(url)
    asynchronous = parsed.set(drivername=f"{parsed.get_backend_name()}+{driver}", query={})
    live.raw_env(ASYNC_ENV.format(url=asynchronous.render_as_string(hide_password=False)))

    first, again, on_scratch, now = run(live, LED + "\nassert scratches[0].rows == 2, scratches")

    name = Path(parsed.database or "").stem
    assert [each.split("(")[0].strip() for each in first] == ["CREATE TABLE t1", "CREATE TABLE t2"]
    assert (again, on_scratch, now) == ([], [(name, ("r2",))], [(name, ())])
    assert live.database() == before
