"""What the rules offer instead really runs, ends where it was meant to end, and leads back to where it began."""

from __future__ import annotations

import contextlib
import functools
import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests import servers
from tests.conftest import missing
from tests.hazards.bench import _ENV, Bench
from tests.hazards.rewrites import EVERYWHERE, REWRITES, Rewrite
from tests.hazards.rewrites_pg import PG
from workbench.bridge.catalogue import mysql, postgresql, sqlite
from workbench.results import Rewrite as Offered
from workbench.results import Table
from workbench.results.objects import SchemaObject

_FILE = """
revision = {revision!r}
down_revision = {down!r}
from alembic import op
{imports}

def upgrade():
{upgrade}

def downgrade():
{downgrade}
"""
_READERS = {"sqlite": sqlite.objects, "mysql": mysql.objects, "postgresql": postgresql.objects}


def _objects(connection: sa.Connection) -> set[SchemaObject]:
    """Everything in the database; not how large it is, the order of columns, nor the version table."""
    dialect = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    return {
        replace(each, rows=None, size=None, rows_estimated=False, columns=tuple(sorted(each.columns, key=repr)))
        if isinstance(each, Table)
        else each
        for each in _READERS[dialect](connection, [])
        if each.name != "alembic_version" and each.table != "alembic_version" and each.kind != "schema"
    }


class _Trial:
    """Runs rewrites by plain Alembic, each in an environment of its own."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder, self.bench = folder, bench

    def shape_after(self, *statements: str) -> set[SchemaObject]:
        """What is there after these, from nothing."""
        self.bench._reset()
        with self.bench.engine.begin() as connection:
            for each in statements:
                connection.exec_driver_sql(
                    each.replace("%", "%%") if self.bench.engine.dialect.name != "sqlite" else each
                )
        return self.shape()

    def shape(self) -> set[SchemaObject]:
        """What is there now."""
        with self.bench.engine.connect() as connection:
            return _objects(connection)

    def config(self, case: Rewrite, offered: Offered) -> Config:
        """An environment with the revisions of a rewrite."""
        scripts = self.folder / case.name
        (scripts / "versions").mkdir(parents=True)
        (scripts / "env.py").write_text(_ENV)
        (scripts / "before.json").write_text(json.dumps(case.before))
        for number, (imports, upgrade, downgrade) in enumerate(case.revisions(offered)):
            told = _FILE.format(
                revision=f"r{number}", down=f"r{number - 1}" if number else None, imports="\n".join(imports),
                upgrade=textwrap.indent(upgrade, "    "), downgrade=textwrap.indent(f"{downgrade}\npass", "    "),
            )  # fmt: skip
            (scripts / "versions" / f"r{number}.py").write_text(told)
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("sqlalchemy.url", self.bench.url.replace("%", "%%"))
        return config


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], _Trial]]:
    """A bench on a database of each dialect, made when the first of its rewrites asks for it."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def trial(dialect: str) -> _Trial:
            folder = tmp_path_factory.mktemp(dialect)
            url = f"sqlite:///{folder}/cases.db"
            if dialect != "sqlite":
                server = request.getfixturevalue(f"{dialect}_server")
                if isinstance(server, servers.Unavailable):
                    missing(dialect, str(server))
                url = stack.enter_context(server.database())
            bench = Bench(folder / "bench", url)
            stack.callback(bench.close)
            return _Trial(folder / "trials", bench)

        yield trial


ALL = [
    pytest.param(
        each,
        id=f"{each.dialect}-{each.name}",
        marks=() if each.dialect == "sqlite" else getattr(pytest.mark, each.dialect),
    )
    for each in (*REWRITES, *PG, *EVERYWHERE)
]


@pytest.mark.parametrize("case", ALL)
def test_a_rewrite_ends_where_it_should_and_leads_back(case: Rewrite, trials: Callable[[str], _Trial]) -> None:
    """It runs, the schema is the one that was meant, to the last default and comment; and the way back undoes it."""
    assert _tried(case, trials(case.dialect)) == ""


def _tried(case: Rewrite, run: _Trial) -> str:
    """What is wrong with a rewrite; empty if nothing is."""
    start = run.shape_after(*case.setup)
    run.bench._before(case.before)
    run.bench.put(case.case)
    plan = run.bench.workbench.upgrade(case.case.id)
    own = [each for each in plan.findings if each.rule == case.rule]
    # One that two findings share stands on the worse of them, and how bad a lock is depends on how large the server
    # takes the table to be: autovacuum may count its rows while a slow machine is at it.
    places = {(each.operation, each.line) for each in own}
    shared = [each for each in plan.findings if (each.operation, each.line) in places and each not in own]
    offered = next((each.rewrite for each in own if each.rewrite), None)
    offered = offered or next((each.rewrite for each in shared if each.rewrite and not each.rewrite.around), None)
    if offered is None:
        return f"nothing is offered: {[each.rule for each in plan.findings]}"
    if offered.operation < 0:
        return "nobody knows which operation it is about"
    if not case.meant and not case.made:
        plan.apply(preflight=False)
        meant = run.shape()
    else:
        meant = run.shape_after(*(case.made or (*case.setup, *case.meant)))
    run.bench._before(())
    ends_at = start if not case.back else run.shape_after(*case.setup, *case.back)
    run.shape_after(*case.setup)
    config = run.config(case, offered)
    try:
        command.upgrade(config, "head")
        problem = _differ("upgrade", meant, run.shape())
        if case.back is not None:
            command.downgrade(config, "base")
            problem += _differ("downgrade", ends_at, run.shape())
    except Exception as error:  # noqa: BLE001 - whatever fails is said beside the code
        problem = f"{type(error).__name__}: {error}"
    written = "".join(f"\n{up}\n---\n{down}\n===" for _, up, down in case.revisions(offered))
    return f"{problem}\n{written}" if problem else ""


def _differ(way: str, expected: set[SchemaObject], really: set[SchemaObject]) -> str:
    return "" if expected == really else f"{way}: {sorted(map(_told, expected ^ really))}"


def _told(each: SchemaObject) -> str:
    return f"{each.kind} {each.name} {each.to_dict()}"
