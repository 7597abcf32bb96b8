"""What findings cost: without a database against `--sql`, and each question to the rows against its bare SQL."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests import servers
from tests.bench import generate
from tests.bench.cases import _IMPORT, Sizes, _alembic, _cold, _in_kernel, databases
from tests.bench.measure import Case, Kernel, environment, kernel

_FINDINGS = "plan = wb.pending_offline(); assert plan.revisions; plan.findings; str(plan)"
_REVISION = '''"""ask"""
revision = "ab12"
down_revision = None
import sqlalchemy as sa
from alembic import op


def upgrade():
    with op.batch_alter_table("big") as batch:
        batch.alter_column("a", nullable=False, existing_type=sa.Integer())
        batch.create_unique_constraint("uq_big_b", ["b"])
        batch.create_foreign_key("fk_big_p", "parent", ["pid"], ["id"])
        batch.create_check_constraint("ck_big_a", "a > 0")
        batch.alter_column("b", type_=sa.String(8), existing_type=sa.String(50), existing_nullable=True)


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
    """Each question to a large table, with its sample and its count, against `SELECT count(*)` of its bare SQL.

    And how long a thread of the kernel is kept from its own work meanwhile, against one that nobody disturbs.
    """
    project = generate.history(folder / "questions", 1)
    for each in (project / "migrations" / "versions").glob("*.py"):
        each.unlink()
    (project / "migrations" / "versions" / "ab12.py").write_text(_REVISION)
    with contextlib.ExitStack() as stack:
        cases = []
        for name, make in _servers(project, stack):
            url = make()
            engine = sa.create_engine(url, poolclass=NullPool)
            with engine.begin() as connection:
                for statement in _filling(sizes.rows, engine.dialect.name):
                    connection.exec_driver_sql(statement)
            variables = environment(folder, url)
            opened = stack.enter_context(
                kernel(project, variables, f"{_IMPORT}\nwb = Workbench(); plan = wb.upgrade()\n{_EACH}")
            )
            about: str
            for about in opened.value("sorted(texts)"):
                bare = _bare(engine, opened.value(f"texts[{about!r}].bad"))
                what = f"question {about!r}, {sizes.rows:,} rows, {name}, against its count"
                cases.append(Case(what, bare, _in_kernel(opened.run, f"one({about!r})")))
            what = f"the longest that a thread of the kernel waits while {sizes.rows:,} rows are asked, {name}"
            cases.append(Case(what, _value(opened, "ticking(time.sleep, 1)"), _value(opened, "ticking(all_of_them)")))
        yield cases


def _servers(project: Path, stack: contextlib.ExitStack) -> Iterator[tuple[str, Callable[[], str]]]:
    """As `databases`, and MariaDB where there is one."""
    yield from stack.enter_context(databases(project))
    try:
        server = stack.enter_context(servers.mariadb())
    except servers.Unavailable as reason:
        print(f"Without MariaDB: {reason}")  # noqa: T201 - a program of its own
    else:
        yield "MariaDB", lambda: stack.enter_context(server.database())


def _bare(engine: sa.Engine, sql: str) -> Callable[[], float]:
    def asked() -> float:
        with engine.connect() as connection:
            began = time.perf_counter()
            connection.execute(sa.text(f"SELECT count(*) FROM ({sql.replace(':', chr(92) + ':')}) AS bad")).all()
            return time.perf_counter() - began

    return asked


def _value(opened: Kernel, expression: str) -> Callable[[], float]:
    return lambda: float(opened.value(expression))


_EACH = """
import threading, time
from workbench.capabilities import hazards
suspected = hazards.suspect(wb._client, plan, wb._schemas, wb._settings.folder)
(name, asked), = suspected.questions
texts = {f"{number} {each.about}": each for number, each in enumerate(asked, 1)}
def one(about):
    questions = (hazards._asked(texts[about]),)
    answers = wb._client.call("preflight", questions=((name, questions),), seconds=600)
    assert all(each.verdict != "not proven" for _, found in answers for each in found), str(answers[0][1][0].why)
def all_of_them():
    for about in sorted(texts):
        one(about)
def ticking(work, *arguments):
    longest, over = 0.0, threading.Event()
    def tick():
        nonlocal longest
        while not over.is_set():
            began = time.perf_counter()
            time.sleep(0.001)
            longest = max(longest, time.perf_counter() - began - 0.001)
    thread = threading.Thread(target=tick)
    thread.start()
    work(*arguments)
    over.set()
    thread.join()
    return longest
"""


def _filling(rows: int, dialect: str) -> Iterator[str]:
    """A parent of a thousand rows, and a table whose rows are all in order but one of each kind."""
    # In thousands: MariaDB recurs no deeper, and a product of digits would be ten million rows however few are wanted.
    numbers = (
        "WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 999), "
        f"h(i) AS (SELECT 1000 * a.i + b.i FROM m a, m b WHERE a.i < 10 AND 1000 * a.i + b.i < {-(-rows // 1000)}), "
        "n(i) AS (SELECT 1000 * h.i + m.i FROM h, m)"
    )
    rest = "i % 1000" if dialect == "sqlite" else "mod(i, 1000)"
    yield "CREATE TABLE parent (id INTEGER PRIMARY KEY)"
    yield f"INSERT INTO parent (id) {numbers} SELECT i + 1 FROM n WHERE i < 1000"
    yield "CREATE TABLE big (id INTEGER PRIMARY KEY, a INTEGER, b VARCHAR(50), pid INTEGER)"
    yield (
        f"INSERT INTO big (id, a, b, pid) {numbers} "
        f"SELECT i + 1, CASE WHEN i = {rows // 2} THEN NULL ELSE i + 1 END, "
        f"CAST(CASE WHEN i = {rows // 3} THEN 0 ELSE i END AS CHAR(12)), "
        f"CASE WHEN i = {rows // 4} THEN 5000 ELSE {rest} + 1 END FROM n WHERE i < {rows}"
    )
    if dialect == "postgresql":
        yield "ANALYZE big"


GROUPS = {"findings": findings, "preflight": questions}
