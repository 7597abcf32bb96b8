"""What it costs to read a whole schema, against SQLAlchemy's and Alembic's own reflection in the same run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tests import servers
from tests.bench import generate
from tests.bench.cases import Sizes, databases
from tests.bench.measure import Case, environment, kernel, seconds_of

_SEVERAL = 5

_CREATE = "import os, shop, sqlalchemy; shop.metadata.create_all(sqlalchemy.create_engine(os.environ['BENCH_URL']))"
_CREATE_IN_SCHEMAS = f"""
import os, shop, sqlalchemy
engine = sqlalchemy.create_engine(os.environ["BENCH_URL"])
for number in range({_SEVERAL}):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA part_{{number}}")
        named = connection.execution_options(schema_translate_map={{None: f"part_{{number}}"}})
        shop.metadata.create_all(named)
"""
_OPEN = """
import os, sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from workbench.bridge.catalogue import reading
engine = sqlalchemy.create_engine(os.environ["BENCH_URL"], poolclass=sqlalchemy.pool.NullPool)
def reflect():
    with engine.connect() as connection:
        found = sqlalchemy.MetaData()
        found.reflect(connection)
        return found
def compare():
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_schemas": True})
        return compare_metadata(context, sqlalchemy.MetaData())
def read():
    with engine.connect() as connection:
        return reading.read(connection)
"""
_WORKBENCH = "from workbench import Workbench\nwb = Workbench(); wb.schema()"


@contextlib.contextmanager
def schemas(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """The whole schema: read by the bridge alone, by a new Workbench, and again with nothing changed."""
    count = sizes.schemas[-1]
    project = generate.schema(folder / "schema", count, "Table objects")
    with contextlib.ExitStack() as stack:
        cases = []
        for name, make in _servers(stack, project):
            variables = environment(folder, make())
            seconds_of(["-c", _CREATE], project, variables)
            plain = stack.enter_context(kernel(project, variables, _OPEN)).run
            opened = stack.enter_context(kernel(project, variables, "from workbench import Workbench")).run
            warm = stack.enter_context(kernel(project, variables, _WORKBENCH)).run
            biggest = count == 1000  # the size that the limits are for
            limit = 0.5 if name == "PostgreSQL" and biggest else None
            for how, ours, most in (
                ("the reading alone", lambda run=plain: run("read()"), limit),
                ("cold, in a kernel", lambda run=opened: _cold(run), None),  # a worker is started
                ("again", lambda run=warm: run("schema = wb.schema()"), 0.1 if biggest else None),
            ):
                what = f"schema, {count:,} tables, {name}, {how} / `MetaData.reflect`"
                cases.append(Case(what, lambda run=plain: run("reflect()"), ours, most))  # type: ignore[misc]
        yield cases


@contextlib.contextmanager
def several(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """Several schemas of PostgreSQL, of which Alembic reads only the first in bulk."""
    count = sizes.schemas[-1] // _SEVERAL
    project = generate.schema(folder / "several", count, "Table objects")
    with databases(project) as made, contextlib.ExitStack() as stack:
        cases = []
        for name, make in made:
            if name == "PostgreSQL":
                variables = environment(folder, make())
                seconds_of(["-c", _CREATE_IN_SCHEMAS], project, variables)
                run = stack.enter_context(kernel(project, variables, _OPEN)).run
                what = f"schema, {_SEVERAL} schemas of {count:,} tables, {name} / Alembic with `include_schemas`"
                cases.append(
                    Case(what, lambda run=run: run("compare()"), lambda run=run: run("read()"), 0.33)  # type: ignore[misc]
                )
        yield cases


def _cold(run: Callable[[str], float]) -> float:
    took = run("wb = Workbench(); schema = wb.schema()")
    run("wb.close()")
    return took


def _servers(stack: contextlib.ExitStack, project: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """SQLite, PostgreSQL and MariaDB, as far as they are there; each makes an empty database and gives its URL."""
    yield from stack.enter_context(databases(project))
    try:
        server = stack.enter_context(servers.mariadb())
    except servers.Unavailable as reason:
        print(f"Without MariaDB: {reason}")  # noqa: T201 - a program of its own
    else:
        yield "MariaDB", lambda: stack.enter_context(server.database())


GROUPS = {"schema": schemas, "schemas": several}
