"""One environment and database for all cases of a dialect, one after the other."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.hazards.cases import Case
from workbench import Workbench
from workbench.results import Run
from workbench.results.findings import Finding

_ENV = """
import json, os
from alembic import context
from sqlalchemy import create_engine, event, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)

@event.listens_for(engine, "connect")
def begin(connection, _):
    with open(os.path.join(os.path.dirname(__file__), "before.json")) as file:
        for statement in json.load(file):
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
    if engine.dialect.name != "sqlite":
        connection.commit()

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_FILE = '''"""{name}"""
revision = {revision!r}
down_revision = {down!r}
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

def upgrade():
{body}

def downgrade():
{downgrade}
'''


@dataclass
class Outcome:
    """What was predicted of a case, and what happened."""

    case: Case
    findings: tuple[Finding, ...]
    failed: bool
    lost: bool
    run: Run

    def of(self, rule: str) -> Finding | None:
        """The finding of that rule, the worst one first; None if there is none."""
        return next((each for each in self.findings if each.rule == rule), None)

    @property
    def predicts_failure(self) -> bool:
        """Some finding says that it fails."""
        return any(each.outcome == "fails" for each in self.findings)

    @property
    def predicts_loss(self) -> bool:
        """Some finding says that values are lost."""
        return any(each.outcome == "loses-data" for each in self.findings)


class Bench:
    """One environment on one database, with one case in it at a time: every question loads all revisions there are."""

    def __init__(self, folder: Path, url: str, case: Case | None = None) -> None:
        """Write the environment; nothing runs yet."""
        self.folder, self.url = folder, url
        self.versions = folder / "scripts" / "versions"
        self.versions.mkdir(parents=True)
        (folder / "alembic.ini").write_text(
            f"[alembic]\nscript_location = scripts\nsqlalchemy.url = {url.replace('%', '%%')}\n"
        )
        (folder / "scripts" / "env.py").write_text(_ENV)
        self._before(())
        if case is not None:
            self.put(case)
        self.engine = sa.create_engine(url, poolclass=NullPool)
        self.workbench = Workbench(folder / "alembic.ini")

    def close(self) -> None:
        """End the worker."""
        self.workbench.close()
        self.engine.dispose()

    def put(self, case: Case) -> None:
        """Write the revisions of this case, and leave those of no other."""
        for path in self.versions.glob("*.py"):
            path.unlink()
        down = None
        if case.earlier:
            down = case.id + "_0"
            self._write(case.name, down, None, case.earlier)
        self._write(case.name, case.id, down, case.code, case.downgrade)

    def run(self, case: Case) -> Outcome:
        """Make the tables, ask for the findings, apply, and look."""
        self.put(case)
        self._before(())
        self._reset()
        with self.engine.begin() as connection:
            for statement in case.setup:
                connection.exec_driver_sql(statement.replace("%", "%%") if "%" in statement else statement)
        before = self._value(case.loses)
        self._before(case.before)
        plan = self.workbench.preflight(self.workbench.upgrade(case.id))
        run = plan.apply(preflight=False)
        self._before(())
        after = self._value(case.loses)
        return Outcome(case, plan.findings, not run.ok, before != after, run)

    def _write(self, name: str, revision: str, down: str | None, body: str, back: str = "pass") -> None:
        there, back = (textwrap.indent(textwrap.dedent(each).strip(), "    ") for each in (body, back))
        told = _FILE.format(name=name, revision=revision, down=down, body=there, downgrade=back)
        (self.versions / f"{revision}.py").write_text(told)

    def _before(self, statements: Sequence[str]) -> None:
        import json  # noqa: PLC0415 - beside its one use

        (self.folder / "scripts" / "before.json").write_text(json.dumps(list(statements)))

    def _value(self, query: str) -> Any:
        if not query:
            return None
        try:
            with self.engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(query)]
        except sa.exc.DBAPIError as error:
            return str(error.orig)

    def _reset(self) -> None:
        """Empty the database."""
        with self.engine.begin() as connection:
            for statement in emptying(connection):
                connection.exec_driver_sql(statement)


def emptying(connection: Any) -> Iterator[str]:
    """The statements that empty a database of each kind."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        yield "DROP SCHEMA public CASCADE"
        yield "CREATE SCHEMA public"
        return
    if dialect == "sqlite":
        yield "PRAGMA foreign_keys=OFF"
        rows = connection.exec_driver_sql(
            "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table', 'trigger') "
            "AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table', type = 'view'"
        ).all()
        for kind, name in rows:
            yield f'DROP {kind.upper()} IF EXISTS "{name}"'
        return
    yield "SET foreign_key_checks = 0"
    for name, kind in connection.exec_driver_sql("SHOW FULL TABLES").all():
        yield f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} `{name}`"
    yield "SET foreign_key_checks = 1"
