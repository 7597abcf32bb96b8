"""What findings cost: without a database against `--sql`, and each question to the rows against its bare SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.bench import generate
from tests.bench.cases import _IMPORT, Sizes, _alembic, _cold, _in_kernel, databases
from tests.bench.measure import Case, environment, kernel

_FINDINGS = "plan = wb.pending_offline(); assert plan.revisions; plan.findings; str(plan)"
_REVISION = '''"""ask"""
revision = "ab12"
down_revision = None
import sqlalchemy as sa
from alembic import op


def upgrade():
    op.alter_column("big", "a", nullable=False, existing_type=sa.Integer())
    op.create_unique_constraint("uq_big_b", "big", ["b"])
    op.create_foreign_key("fk_big_p", "big", "parent", ["pid"], ["id"])
    op.create_check_constraint("ck_big_a", "big", "a > 0")
    op.alter_column("big", "b", type_=sa.String(8), existing_type=sa.String(50), existing_nullable=True)


def downgrade():
    pass
'''


@contextlib.contextmanager
def findings(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """The findings of all revisions, no database asked, against `alembic upgrade head --sql`."""
    project = generate.history(folder / "findings", sizes.steps)
    with contextlib.ExitStack() as stack:
        cases = []
        for name, make in stack.enter_context(databases(project)):
            variables = environment(folder, make())
            plain = _alembic(project, variables, "upgrade", "head", "--sql")
            what = f"findings without a database, {sizes.steps:,} revisions, {name}"
            cases += _cold(stack, what, plain, _FINDINGS, project, variables, 1.5)
        yield cases


@contextlib.contextmanager
def questions(folder: Path, sizes: Sizes) -> Iterator[list[Case]]:
    """Each question to a large table, with its EXISTS, its count and its sample, against `SELECT count(*)` of it."""
    project = generate.history(folder / "questions", 1)
    for each in (project / "migrations" / "versions").glob("*.py"):
        each.unlink()
    (project / "migrations" / "versions" / "ab12.py").write_text(_REVISION)
    rows = sizes.rows
    with contextlib.ExitStack() as stack:
        cases = []
        for name, make in stack.enter_context(databases(project)):
            if name == "SQLite":
                continue  # its constraints are a batch's
            url = make()
            engine = sa.create_engine(url, poolclass=NullPool)
            with engine.begin() as connection:
                for statement in _filling(rows):
                    connection.exec_driver_sql(statement)
            variables = environment(folder, url)
            opened = stack.enter_context(
                kernel(project, variables, f"{_IMPORT}\nwb = Workbench(); plan = wb.upgrade()\n{_EACH}")
            )
            for about in opened.value("sorted(texts)"):
                sql = opened.value(f"texts[{about!r}]")

                def bare(sql: str = sql, engine: sa.Engine = engine) -> float:
                    import time  # noqa: PLC0415 - beside its one use

                    with engine.connect() as connection:
                        began = time.perf_counter()
                        connection.exec_driver_sql(f"SELECT count(*) FROM ({sql}) AS bad").all()
                        return time.perf_counter() - began

                what = f"question {about!r}, {rows:,} rows, {name}, against its count"
                cases.append(Case(what, bare, _in_kernel(opened.run, f"one({about!r})")))
        yield cases


_EACH = """
from workbench.capabilities import hazards
suspected = hazards.suspect(wb._client, plan, wb._schemas.live(wb._client), wb._settings.folder)
(name, asked), = suspected.questions
texts = {each.about: each.bad for each in asked}
def one(about):
    questions = tuple(hazards._asked(each) for each in asked if each.about == about)
    answers = wb._client.call("preflight", questions=((name, questions),), seconds=60)
    assert all(each.verdict != "not proven" for _, found in answers for each in found), answers
"""


def _filling(rows: int) -> Iterator[str]:
    """A parent of a thousand rows, and a table whose rows are all in order but one of each kind."""
    numbers = f"WITH RECURSIVE d(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM d WHERE x < 9), n(i) AS (SELECT {_DIGITS})"
    yield "CREATE TABLE parent (id INTEGER PRIMARY KEY)"
    yield f"INSERT INTO parent (id) {numbers} SELECT i + 1 FROM n WHERE i < 1000"
    yield "CREATE TABLE big (id INTEGER PRIMARY KEY, a INTEGER, b VARCHAR(50), pid INTEGER)"
    yield (
        f"INSERT INTO big (id, a, b, pid) {numbers} "
        f"SELECT i + 1, CASE WHEN i = {rows // 2} THEN NULL ELSE i + 1 END, "
        f"CAST(CASE WHEN i = {rows // 3} THEN 0 ELSE i END AS CHAR(12)), "
        f"CASE WHEN i = {rows // 4} THEN 5000 ELSE mod(i, 1000) + 1 END FROM n WHERE i < {rows}"
    )


_DIGITS = (
    "a.x + 10 * b.x + 100 * c.x + 1000 * e.x + 10000 * f.x + 100000 * g.x + 1000000 * h.x "
    "FROM d a, d b, d c, d e, d f, d g, d h"
)

GROUPS = {"findings": findings, "preflight": questions}
