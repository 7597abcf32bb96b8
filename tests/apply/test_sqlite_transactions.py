"""SQLite's DDL in a transaction: a step that fails is rolled back whole, and all else is as under plain Alembic."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.safety.projects import Project, project
from workbench.results import Run

FAMILY = textwrap.dedent("""
    op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, name VARCHAR(10))")
    op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, "
               "parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)")
    op.execute("INSERT INTO parent VALUES (1, 'Ada'), (2, 'Bo')")
    op.execute("INSERT INTO child VALUES (1, 1), (2, 2), (3, 2)")
""").strip()
BATCH = textwrap.dedent("""
    with op.batch_alter_table("parent") as batch:
        batch.alter_column("name", type_=sa.String(80), existing_type=sa.String(10))
""").strip()
CONNECT = """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        connection.execute("PRAGMA foreign_keys=ON")
"""
RECIPE = """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        connection.isolation_level = None

    @event.listens_for(Engine, "begin")
    def _(connection):
        connection.exec_driver_sql("BEGIN")
"""


AUTOCOMMIT = RECIPE.partition('@event.listens_for(Engine, "begin")')[0]


def made_of(tmp_path: Path, *steps: str, before: str = "", connected: str = "pass") -> Project:
    """An environment whose revisions r1, r2, … do these things."""
    made = project(tmp_path / "project", f"sqlite:///{tmp_path / 'shop.db'}").env(before, connected)
    for number, step in enumerate(steps, 1):
        made.revision(f"r{number}", f"r{number - 1}" if number > 1 else None, step)
    return made


def dump(path: Path) -> list[str]:
    """All that is in the file, as SQL."""
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def apply(made: Project) -> Run:
    """Apply all that is pending."""
    with made.workbench() as wb:
        return wb.upgrade("heads").apply(preflight=False)


CASES = {
    "a batch, with foreign keys on and children": (
        [
            FAMILY,
            # In time: the children stay.
            f'op.execute("PRAGMA foreign_keys=OFF")\n{BATCH}\nop.execute("PRAGMA foreign_keys=ON")',
            'op.execute("PRAGMA foreign_keys=ON")',
            f'op.execute("CREATE TABLE t (id INTEGER)")\nop.execute("PRAGMA main.foreign_keys = OFF")\n{BATCH}',
            'op.execute("PRAGMA foreign_keys=ON")\nop.execute("CREATE TABLE kept AS SELECT * FROM child")',
            # Too late, since a statement has changed rows before: SQLite deletes the children.
            f'op.execute("INSERT INTO child VALUES (9, 1)")\nop.execute("PRAGMA foreign_keys=OFF")\n{BATCH}',
        ],
        CONNECT,
        "pass",
    ),
    "the first step turns them off": (
        [f'op.execute("PRAGMA foreign_keys=OFF")\n{FAMILY}\nop.execute("DROP TABLE parent")'], CONNECT, "pass",
    ),
    "a pragma in env.py": ([FAMILY, BATCH], "",
                           'connection.exec_driver_sql("PRAGMA foreign_keys=ON"); connection.commit()'),
    "what makes or needs transactions of its own": (
        [
            FAMILY,
            """
            op.execute("CREATE TABLE a (id INTEGER)")
            op.execute("VACUUM")
            op.execute("DROP TABLE a")
            op.execute("PRAGMA journal_mode=WAL")
            op.execute("PRAGMA user_version = 7")
            op.execute("ATTACH DATABASE ':memory:' AS aside")
            op.execute("CREATE TABLE aside.b AS SELECT * FROM child")
            op.execute("DETACH DATABASE aside")
            """,
            """
            op.execute("CREATE TABLE c (id INTEGER)")
            raw = op.get_bind().connection.cursor()
            raw.executescript("BEGIN; CREATE TABLE d (id INTEGER); INSERT INTO d VALUES (1); COMMIT;")
            op.execute("INSERT INTO c SELECT id FROM d")
            """,
            """
            op.execute("CREATE TABLE e (id INTEGER)")
            op.execute("BEGIN IMMEDIATE")
            op.execute("INSERT INTO e VALUES (1)")
            op.execute("COMMIT")
            op.execute("CREATE TABLE f (id INTEGER)")
            """,
            """
            op.execute("CREATE TABLE g (id INTEGER)")
            with op.get_context().autocommit_block():
                op.execute("VACUUM")
                op.execute("CREATE TABLE h (id INTEGER)")
            op.execute("INSERT INTO h VALUES (1)")
            """,
            """
            op.execute("CREATE TABLE i (id INTEGER)")
            with sa.create_engine(op.get_bind().engine.url).begin() as other:
                other.execute(sa.text("INSERT INTO i VALUES (1)"))
            with sa.create_engine(op.get_bind().engine.url).connect() as other:
                other.execute(sa.text("CREATE TABLE j (id INTEGER)"))
            op.execute("INSERT INTO i VALUES (2)")
            """,
        ],
        "", "pass",
    ),
    "savepoints": (
        [FAMILY, """
            bind = op.get_bind()
            with bind.begin_nested():
                op.execute("CREATE TABLE a (id INTEGER)")
            try:
                with bind.begin_nested():
                    op.execute("CREATE TABLE b (id INTEGER)")
                    op.execute("INSERT INTO nowhere VALUES (1)")
            except sa.exc.OperationalError:
                pass
            op.execute("PRAGMA foreign_keys=OFF")
            op.execute("WITH n AS (SELECT 5 AS id) INSERT INTO a SELECT id FROM n")
        """], CONNECT, "pass",
    ),
    "foreign keys that are looked at in the end": (
        [FAMILY, """
            op.execute("PRAGMA defer_foreign_keys = ON")
            op.execute("INSERT INTO child VALUES (7, 7)")
            op.execute("INSERT INTO parent VALUES (7, 'Cy')")
        """], CONNECT, "pass",
    ),
    "somebody else writes into the file": (
        [FAMILY, """
            import sqlite3, subprocess, sys
            path = op.get_bind().engine.url.database
            for name in ("a", "b"):
                op.execute(f"CREATE TABLE {name} (id INTEGER)")
                code = f"c = sqlite3.connect({path!r}); c.execute('INSERT INTO {name} VALUES (1)'); c.commit()"
                other = [sys.executable, "-c", f"import sqlite3; {code}"]
                exec(code) if name == "a" else subprocess.run(other, check=True)
        """], "", "pass",
    ),
    "it rolls back by itself": (
        [FAMILY, """
            op.execute("CREATE TABLE a (id INTEGER)")
            op.execute("INSERT INTO a VALUES (1)")
            op.execute("CREATE TABLE gone (id INTEGER)")
            op.execute("ROLLBACK")
            op.execute("INSERT INTO a VALUES (2)")
        """, """
            op.execute("CREATE TABLE b (id INTEGER)")
            op.execute("SAVEPOINT s")
            op.execute("INSERT INTO b VALUES (1)")
            op.execute("RELEASE s")
            op.execute("CREATE TABLE c (id INTEGER)")
            op.execute("INSERT INTO b VALUES (2)")
            op.execute("ROLLBACK")
        """, """
            op.execute("INSERT INTO b VALUES (3)")
            op.execute("CREATE TABLE gone (id INTEGER)")
            op.execute("ROLLBACK")
            op.execute("CREATE TABLE f (id INTEGER)")
        """], "", "pass",
    ),
    "the documented recipe": ([FAMILY, BATCH, "op.execute('CREATE TABLE a (id INTEGER)')"], RECIPE, "pass"),
    "the recipe without its BEGIN": ([FAMILY, BATCH], AUTOCOMMIT, "pass"),
    "the driver's isolation level": ([FAMILY, BATCH], "", 'connection.connection.isolation_level = "IMMEDIATE"'),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_same_as_plain_alembic(tmp_path: Path, case: str) -> None:
    """What is in the file afterwards is what `alembic upgrade` leaves there."""
    steps, before, connected = CASES[case]
    made = made_of(tmp_path, *steps, before=before, connected=connected)
    path = tmp_path / "shop.db"
    run = apply(made)
    ours = dump(path)
    for each in tmp_path.glob("shop.db*"):
        each.unlink()
    told = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "heads"],
        cwd=made.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (True, 0) == (run.ok, told.returncode), (run.error, told.stderr)
    assert dump(path) == ours
    if "children" in case:
        assert 3 == sum('INSERT INTO "kept"' in line for line in ours)


def test_a_connection_that_a_revision_rolls_back(tmp_path: Path) -> None:
    """What plain Alembic has in the file by then stays; what it loses, the version among it, is said to be lost."""
    made = made_of(
        tmp_path, FAMILY,
        "op.execute('CREATE TABLE a (id INTEGER)')\nop.execute('INSERT INTO a VALUES (1)')\nop.get_bind().rollback()",
    )  # fmt: skip
    run = apply(made)
    ours = dump(tmp_path / "shop.db")
    (tmp_path / "shop.db").unlink()
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "heads"], cwd=made.folder, check=True)

    assert dump(tmp_path / "shop.db") == ours
    assert (False, ("r1",), "CREATE TABLE a (id INTEGER);" in ours) == (run.ok, run.heads, True)


FAILS = 'op.execute("INSERT INTO nowhere VALUES (1)")'
HALF = textwrap.dedent(f"""
    op.execute("CREATE TABLE a (id INTEGER)")
    op.execute("ALTER TABLE parent ADD COLUMN age INTEGER")
    op.execute("INSERT INTO child VALUES (9, 1)")
    {FAILS}
""").strip()
ROLLED_BACK = "What the step that failed had changed was rolled back ({}"
OUTSIDE = (
    " of the step that failed had been executed before, some of them outside a transaction: these are still there."
)
SCRIPT = """
op.execute('CREATE TABLE a (id INTEGER)')
op.get_bind().connection.cursor().executescript('CREATE TABLE b (id INTEGER); nonsense')
"""
ROLLS_BACK = textwrap.dedent(f"""
    op.execute("CREATE TABLE a (id INTEGER)")
    op.execute("INSERT INTO a VALUES (1)")
    op.execute("ROLLBACK")
    {FAILS}
""").strip()
LEFT = {
    "all at once": (HALF, ROLLED_BACK.format("3 statements)."), False),
    "a batch": (f"{BATCH}\n{FAILS}", ROLLED_BACK.format(""), False),
    "foreign keys turned off first": (
        f'op.execute("PRAGMA foreign_keys=OFF")\n{HALF}', ROLLED_BACK.format("4 statements)."), False,
    ),
    "a pragma in the middle": (
        f'op.execute("CREATE TABLE b (id INTEGER)")\nop.execute("PRAGMA foreign_keys=OFF")\n{HALF}',
        f"5 statements{OUTSIDE}", True,
    ),
    "it rolls back by itself": (
        ROLLS_BACK,
        f"3 statements{OUTSIDE}", True,
    ),
    "a script": (SCRIPT, f"1 statement{OUTSIDE}", True),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT)
def test_a_step_that_fails_is_rolled_back_whole(tmp_path: Path, case: str) -> None:
    """The file is as it was after the step before; where the step itself committed something, that is said."""
    step, standing, left = LEFT[case]
    made = made_of(tmp_path, FAMILY, before=CONNECT)
    with made.workbench() as wb:
        assert wb.upgrade().apply().ok
        before = dump(tmp_path / "shop.db")
        made.revision("r2", "r1", "op.execute('CREATE TABLE r2 (id INTEGER)')")
        made.revision("r3", "r2", step)
        run = wb.upgrade().apply(preflight=False)
    new = set(dump(tmp_path / "shop.db")) - set(before)

    assert run.standing.startswith(f"shop is at r2: the steps up to there are in it. {standing}")
    assert [True] == [each.transactional_ddl for each in run.databases]
    assert left == (new != {"CREATE TABLE r2 (id INTEGER);", "INSERT INTO \"alembic_version\" VALUES('r2');"})


def test_the_first_step_leaves_nothing(tmp_path: Path) -> None:
    """Not even an empty version table."""
    run = apply(made_of(tmp_path, f"op.execute('CREATE TABLE a (id INTEGER)')\n{FAILS}"))

    assert "shop is still at base. What the step that failed had changed was rolled back (1 statement)." == run.standing
    assert ["BEGIN TRANSACTION;", "COMMIT;", "(0,)"] == dump(tmp_path / "shop.db")


def test_a_killed_worker_leaves_nothing_of_a_step(tmp_path: Path) -> None:
    """SQLite rolls back what was not committed when the file is opened again."""
    made = made_of(
        tmp_path, FAMILY, "import os\nop.execute('CREATE TABLE a (id INTEGER)')\nop.get_context().as_sql or os._exit(9)"
    )
    run = apply(made)

    assert ("r1",) == run.heads
    assert "CREATE TABLE a (id INTEGER);" not in dump(tmp_path / "shop.db")


def test_a_file_that_cannot_roll_back_is_copied_first(tmp_path: Path) -> None:
    """With a driver in autocommit: the copy is gone after a success, and named and kept after a failure."""
    made = made_of(tmp_path, FAMILY, before=AUTOCOMMIT)
    notices: list[str] = []
    with made.workbench() as wb:
        assert wb.upgrade().apply().ok  # from nothing: there is nothing to copy
        made.revision("r2", "r1", "op.execute('CREATE TABLE a (id INTEGER)')")
        before = dump(tmp_path / "shop.db")
        assert wb.upgrade().apply(on_event=lambda it: notices.append(it.sql) if it.kind == "notice" else None).ok
        assert ["shop.db"] == [each.name for each in tmp_path.glob("shop.db*")]
        assert wb.downgrade("r1").apply().ok is True
        made.execute("DROP TABLE a")
        made.revision("r2", "r1", HALF)
        plan = wb.upgrade()
        run = plan.apply()
        again = wb.upgrade().apply()

    copy = tmp_path / f"shop.db.before-{plan.id}"
    assert [f"The file was copied first: {copy.with_name('shop.db.before-')}"] == [each[:-12] for each in notices]
    assert before == dump(copy)
    assert "a (id" in "".join(dump(tmp_path / "shop.db"))
    assert run.standing.startswith("shop is still at r1. SQLite does not roll back DDL here: 3 statements of the step")
    assert f" shop as it was before is kept beside it, as {copy.name}." in run.standing
    assert f" shop as it was before is kept beside it, as {copy.name}-2." in again.standing
