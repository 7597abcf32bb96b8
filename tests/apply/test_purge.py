"""Emptying the version table: what the Plan shows is what runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from sqlalchemy import make_url

from tests.kept import ON_POSTGRESQL
from tests.safety.projects import Project
from workbench import Workbench
from workbench.errors import PlanOutdated, UnknownDatabaseRevision

INSERT = "INSERT INTO alembic_version (version_num) VALUES ('r2')"


@dataclass(frozen=True)
class Case:
    """Where the version table stands, what is asked for, and what it comes to."""

    row: str
    target: str
    after: tuple[str, ...]
    steps: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    """Of each step: the revision, the message, the path and the statements."""


EMPTY = ("", "empty the version table", "", ("DELETE FROM alembic_version",))
WRITE = ("r2", "Do r2.", "migrations/versions/r2.py", ("DELETE FROM alembic_version", INSERT))
CASES = {
    "base": Case("r1", "base", (), (EMPTY,)),
    "heads": Case("r1", "heads", ("r2",), (WRITE,)),
    "where it is": Case("r2", "r2", ("r2",), (WRITE,)),
    "from an unknown id to base": Case("lost", "base", (), (EMPTY,)),
    "from an unknown id to heads": Case("lost", "heads", ("r2",), (WRITE,)),
}


@pytest.fixture
def made(bare: Project, wb: Workbench) -> Project:
    """An environment with two revisions, and a database at the first."""
    made = bare.tables(2)
    assert wb.upgrade("r1").apply().ok
    return made


def plain(sql: str) -> str:
    """Without the RETURNING that SQLAlchemy adds, as its version and the server have it."""
    return re.sub(r" RETURNING [\w.]+", "", sql)


def rows(made: Project) -> list[tuple[str]]:
    """What is in the version table."""
    return sorted(made.execute("SELECT version_num FROM alembic_version"))


def heads(wb: Workbench) -> tuple[str, ...]:
    """Where the workbench says that the database stands."""
    return wb.current().databases[0].heads


def expected_sql(made: Project, case: Case) -> str:
    """All of the Plan's SQL."""
    lines = []
    for revision, _, _, statements in case.steps:
        lines.append(statements[0])
        if revision:
            lines.append(f"-- Running stamp_revision  -> {revision}")
        lines += statements[1:]
    ended = [each if each.startswith("--") else f"{each};" for each in lines]
    if make_url(made.url).get_backend_name() == "postgresql":
        ended = ["BEGIN;", *ended, "COMMIT;"]
    return "".join(f"{each}\n\n" for each in ended)


def expected_text(case: Case, place: str) -> str:
    """All of the Plan's text."""
    title = (
        f"Stamp {place}: {case.row} → {', '.join(case.after) or 'base'}, no revision runs, "
        "only the version table is written (the version table is emptied first)"
    )
    parts = [title]
    for number, (revision, message, path, statements) in enumerate(case.steps, 1):
        amount = f"{len(statements)} statement{'s' if len(statements) > 1 else ''}"
        title = f"{number}  {revision or 'base'}  {message}: {amount}" + (f"  ({path})" if path else "")
        parts.append("\n".join([title, *(f"     {each};" for each in statements)]))
    return "\n\n".join(parts)


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown_is_what_runs(made: Project, wb: Workbench, name: str) -> None:
    """The Plan shows the DELETE, and no CREATE TABLE; the Run has just these statements, and ends where it said."""
    case = CASES[name]
    made.execute(f"UPDATE alembic_version SET version_num = '{case.row}'")
    plan = wb.stamp(case.target, purge=True)
    place = plan.databases[0].place
    before = rows(made)
    run = plan.apply()
    now = heads(wb)

    assert expected_sql(made, case) == plain(plan.sql)
    assert expected_text(case, place) == plain(str(plan))
    assert not plan.is_empty
    assert [(case.row,)] == before
    assert (case.after,) == tuple(after for _, after in plan.after)
    shown = [(step[0], each) for step in case.steps for each in step[3]]
    assert shown == [(each.revision, plain(each.sql)) for each in run.executed]
    assert ["done"] == [step.outcome for step in run.steps]
    assert (True, None, case.after, case.after) == (run.ok, run.error, run.heads, now)
    assert [(each,) for each in case.after] == rows(made)


def test_a_purge_leads_out_of_an_unknown_revision(made: Project, wb: Workbench) -> None:
    """Everything else refuses there; afterwards it works again."""
    made.execute("UPDATE alembic_version SET version_num = 'lost'")
    with pytest.raises(UnknownDatabaseRevision):
        wb.upgrade()
    assert wb.stamp("r1", purge=True).apply().ok
    assert wb.upgrade().apply().ok

    assert ("r2",) == heads(wb)


def test_several_rows_are_emptied_too(made: Project, wb: Workbench) -> None:
    """All rows go, those that Alembic could not have written together as well."""
    made.execute("INSERT INTO alembic_version (version_num) VALUES ('lost')")
    run = wb.stamp("base", purge=True).apply()

    assert (True, (), 2) == (run.ok, heads(wb), run.executed[0].rows)


def test_an_empty_table_is_not_emptied(made: Project, wb: Workbench) -> None:
    """There is nothing to purge, and nothing says so; the table is there and is not made again."""
    made.execute("DELETE FROM alembic_version")
    nothing, plan = wb.stamp("base", purge=True), wb.stamp("heads", purge=True)
    runs = nothing.apply(), plan.apply()

    assert ("r2",) == heads(wb)
    assert (True, True, ()) == (nothing.is_empty, runs[0].ok, runs[0].executed)
    assert f"Nothing to run: {nothing.databases[0].place} is already at base." == str(nothing)
    assert [f"{INSERT};"] == [plain(each) for step in plan.steps for each in step.statements or ()]
    assert "emptied" not in str(plan)
    assert (True, 1) == (runs[1].ok, len(runs[1].executed))


def test_without_a_table_it_is_made(bare: Project, wb: Workbench) -> None:
    """On an empty database a purge is a stamp."""
    bare.tables(2)
    plan, same = wb.stamp("heads", purge=True), wb.stamp("heads")
    run = plan.apply()

    assert (True, ("r2",)) == (run.ok, heads(wb))
    assert (same.sql, str(same)) == (plan.sql, str(plan))
    assert "CREATE TABLE alembic_version" in plan.sql


@pytest.mark.parametrize("target", ["base", "heads"])
def test_a_database_that_has_moved_is_not_emptied(made: Project, wb: Workbench, target: str) -> None:
    """The rows that the Plan showed are gone, others are there: they stay."""
    plan = wb.stamp(target, purge=True)
    made.execute("UPDATE alembic_version SET version_num = 'r2'")
    with pytest.raises(PlanOutdated):
        plan.apply()

    assert [("r2",)] == rows(made)


@ON_POSTGRESQL
def test_the_table_of_another_schema_is_named_in_full(bare: Project, wb: Workbench) -> None:
    """The DELETE is of the version table that env.py configured, where it is."""
    made = bare.tables(2)
    made.env(options={"version_table": "versions", "version_table_schema": "apart"})
    made.execute("CREATE SCHEMA apart")
    assert wb.upgrade("r1").apply().ok
    plan = wb.stamp("base", purge=True)
    run = plan.apply()

    assert (True, ()) == (run.ok, heads(wb))
    assert "BEGIN;\n\nDELETE FROM apart.versions;\n\nCOMMIT;\n\n" == plan.sql
    assert ["DELETE FROM apart.versions"] == [each.sql for each in run.executed]
