"""`python -m tests.hazards.real`: real histories, revision by revision: what was found, and what then happened."""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migrations import data
from migrations.bookshop import Bookshop
from tests import servers
from tests.bench.measure import REPOSITORY, as_markdown
from tests.hazards.bench import emptying
from tests.real import environments
from tests.real.test_ihatemoney import FACTORY
from tests.real.test_jupyterhub import OF_RELEASE_1_0, hub_0_5, hub_1_0, make
from workbench import Workbench
from workbench.results.findings import Finding

HISTORIES = ("sample", "optuna", "jupyterhub 1.0", "jupyterhub 0.5", "ihatemoney")
_CUSTOMERS = 300
_ROWS = 2
_ONE_ROW = {"version_info"}
"""optuna's, of which a CHECK allows no more."""
_WORDS = {
    "direction": "MINIMIZE",
    "state": "COMPLETE",
    "distribution_json": '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}',
}
"""What optuna's revisions read, and take nothing else for."""


@dataclass(frozen=True)
class Seen:
    """One revision: what was found of it, and whether it then failed."""

    revision: str
    findings: tuple[Finding, ...]
    failed: bool


def one_by_one(workbench: Workbench, url: str, fill: Callable[[sa.Connection, list[str]], None]) -> Iterator[Seen]:
    """Go from where the database stands to the head, one revision at a time, with rows in every table on the way.

    One that fails is gone past with an empty database, where all from the base to it run at once; if it fails there
    too, it is the last.

    Args:
        workbench: On that database.
        url: Of that database, for us.
        fill: Puts rows into the tables of these names.

    """
    engine = sa.create_engine(url, poolclass=NullPool)
    filled = {"alembic_version"}
    for revision in workbench.upgrade().revisions:
        with engine.begin() as connection:
            new = [each for each in sa.inspect(connection).get_table_names() if each not in filled]
            fill(connection, new)
        filled.update(new)
        plan = workbench.preflight(workbench.upgrade(revision))
        assert plan.revisions == (revision,)
        run = plan.apply(preflight=False)
        yield Seen(revision, plan.findings, not run.ok)
        if not run.ok:
            _begin_again(engine)
            if not workbench.upgrade(revision).apply(preflight=False).ok:
                return
            filled = {"alembic_version"}


def _begin_again(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for statement in emptying(connection):
            connection.exec_driver_sql(statement)


def at_once(workbench: Workbench) -> Iterator[Seen]:
    """All that is pending as one Plan; what it did stands at the revision that it stopped at, or at its last one."""
    plan = workbench.preflight(workbench.upgrade())
    run = plan.apply(preflight=False)
    failed = {each.revision for each in run.steps if each.outcome == "failed"}
    for revision in plan.revisions:
        yield Seen(revision, tuple(each for each in plan.findings if each.revision == revision), revision in failed)


def rows_of_the_sample(connection: sa.Connection, names: list[str]) -> None:
    """The bookshop's own rows, dirty as they are."""
    shop = Bookshop(_CUSTOMERS, {each.name: each.expected(_CUSTOMERS) for each in data.DIRT})
    data._load(connection, [(name, rows) for name, rows in shop.tables() if name in names])


def some_rows(connection: sa.Connection, names: list[str]) -> None:
    """Rows that any table takes: numbers and words that count up, each row pointing at that of its own number."""
    metadata = sa.MetaData()
    if names:
        metadata.reflect(connection, only=names)
    for table in metadata.sorted_tables:
        if table.name in names:
            there = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for number in range(there + 1, 2 if table.name in _ONE_ROW else _ROWS + 1):
                connection.execute(table.insert(), _row(table, number))


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    return {each.name: _value(each, number) for each in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    python = kind.python_type
    if column.name in _WORDS:
        return _WORDS[column.name]
    values = {
        str: f"word {number}",
        bytes: b"bytes",
        dict: {},
        dt.datetime: dt.datetime(2026, 1, number),  # noqa: DTZ001 - as the column has it
        dt.date: dt.date(2026, 1, number),
    }
    return values[python] if python in values else python(number)


@contextlib.contextmanager
def opened(history: str, url: str, folder: Path) -> Iterator[Workbench]:
    """A Workbench on one of HISTORIES, at the point where its revisions begin.

    Raises:
        environments.Unavailable: Its packages cannot be had.

    """
    if history == "sample":
        with Workbench(REPOSITORY / "alembic.ini", url=url) as workbench:
            yield workbench
        return
    name = history.partition(" ")[0]
    python = environments.built(name)
    if isinstance(python, environments.Unavailable):
        raise python
    packages = python.parents[1]
    if name == "optuna":
        (home,) = packages.glob("lib/python3*/site-packages/optuna/storages/_rdb")
        with Workbench(home / "alembic.ini", url=url, python=python) as workbench:
            yield workbench
    elif name == "ihatemoney":
        (home,) = packages.glob("lib/python3*/site-packages/ihatemoney/migrations")
        told = folder / "ihatemoney.cfg"
        theirs = url.replace("+psycopg:", "+psycopg2:")
        told.write_text(f"SQLALCHEMY_DATABASE_URI = {theirs!r}\nSECRET_KEY = 'not a secret'\n", "utf-8")
        env = {"IHATEMONEY_SETTINGS_FILE_PATH": str(told)}
        with Workbench(home / "alembic.ini", python=python, context=FACTORY, env=env) as workbench:
            yield workbench
    else:
        ini = folder / "alembic.ini"
        write = "import sys; from jupyterhub.dbutil import write_alembic_ini; write_alembic_ini(*sys.argv[1:])"
        subprocess.run([python, "-c", write, ini, url.replace("%", "%%")], check=True, timeout=120)
        make(url, hub_1_0() if history.endswith("1.0") else hub_0_5())
        with Workbench(ini, python=python) as workbench:
            if history.endswith("1.0"):
                assert workbench.stamp(OF_RELEASE_1_0).apply().ok
            yield workbench


def seen(history: str, url: str, folder: Path, *, together: bool = False) -> list[Seen]:
    """What is found on one of HISTORIES, revision by revision, or with all of them pending at once."""
    with opened(history, url, folder) as workbench:
        if together:
            return list(at_once(workbench))
        return list(one_by_one(workbench, url, rows_of_the_sample if history == "sample" else some_rows))


def main() -> None:
    """Do it, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.hazards.real", description=__doc__)
    parser.add_argument("--of", choices=HISTORIES, action="append", help="this history; may be given several times")
    parser.add_argument("--on", choices=("sqlite", "postgresql", "mariadb"), action="append", help="this database")
    parser.add_argument("--together", action="store_true", help="all revisions pending at once, on no rows")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="workbench-real-") as top:
        os.environ["WORKBENCH_JOURNAL"] = str(Path(top) / "journal.jsonl")
        for history in options.of or HISTORIES:
            for dialect in options.on or ("sqlite", "postgresql", *(["mariadb"] if history == "sample" else [])):
                folder = Path(top) / f"{history}-{dialect}"
                folder.mkdir()
                with _database(dialect, folder) as url:
                    _tell(history, dialect, seen(history, url, folder, together=options.together))


@contextlib.contextmanager
def _database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder}/real.db"
        return
    with getattr(servers, dialect)() as server, server.database() as url:
        yield url


def _tell(history: str, dialect: str, told: list[Seen]) -> None:
    rows: list[tuple[str, ...]] = [
        (each.revision, finding.rule, finding.severity, finding.outcome, finding.message, "failed" * each.failed)
        for each in told
        for finding in each.findings
    ]
    rows += [(each.revision, "", "", "", "", "failed") for each in told if each.failed and not each.findings]
    print(f"\n### {history}, {dialect}: {len(told)} revisions, {len(rows)} findings\n")
    print(as_markdown(["revision", "rule", "severity", "outcome", "message", "really"], rows))


if __name__ == "__main__":
    main()
