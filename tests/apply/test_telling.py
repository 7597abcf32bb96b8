"""Many small statements are told in bulk; nothing of them is lost, and their order stays."""

from __future__ import annotations

import textwrap
import threading
from pathlib import Path

from tests.apply.test_sqlite_transactions import BATCH, FAMILY, made_of
from tests.worker.test_worker import PATIENCE
from workbench.results import Event

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"
MANY = textwrap.dedent(f"""
    for number in range(300):
        op.execute(f"INSERT INTO parent VALUES ({{number + 10}}, 'x')")
        if number % 100 == 0:
            try:
                op.execute("SELECT * FROM nowhere")
            except sa.exc.OperationalError:
                pass
    op.execute("{LONG}")
""").strip()


def test_many_statements_and_then_a_long_one(tmp_path: Path) -> None:
    """Each is told to begin, then to end, in order; the long one while it runs, so that a Cancel finds it."""
    made = made_of(tmp_path, FAMILY)
    heard: list[Event] = []
    began = threading.Event()

    def on_event(event: Event) -> None:
        heard.append(event)
        if event.kind == "statement" and event.sql == LONG:
            began.set()

    with made.workbench() as wb:
        assert wb.upgrade().apply().ok
        made.revision("r2", "r1", MANY)
        plan = wb.upgrade()
        thread = threading.Thread(target=lambda: plan.apply(on_event=on_event))
        thread.start()
        told_in_time = began.wait(PATIENCE)
        wb.cancel()
        thread.join(PATIENCE)
    expected = []
    for number in range(300):
        sql = f"INSERT INTO parent VALUES ({number + 10}, 'x')"
        expected += [("statement", sql), ("executed", sql)]
        expected += [("statement", "SELECT * FROM nowhere")] if number % 100 == 0 else []

    assert told_in_time
    assert [("step", ""), *expected, ("statement", LONG), ("step_failed", "")] == [(it.kind, it.sql) for it in heard]


def test_what_a_batch_reads_is_no_statement_of_the_run(tmp_path: Path) -> None:
    """What SQLAlchemy asks of a table that a batch changes is left out; what the revision asks is not."""
    asks = 'op.execute("PRAGMA table_info(parent)")\nop.execute("SELECT sql FROM sqlite_master")'
    made = made_of(tmp_path, FAMILY, f"{BATCH}\n{asks}")
    with made.workbench() as wb:
        run = wb.upgrade().apply()

    assert [
        "CREATE TABLE _alembic_tmp_parent ( id INTEGER, name VARCHAR(80), PRIMARY KEY (id) )",
        "INSERT INTO _alembic_tmp_parent (id, name) SELECT parent.id, parent.name FROM parent",
        "DROP TABLE parent",
        "ALTER TABLE _alembic_tmp_parent RENAME TO parent",
        "PRAGMA table_info(parent)",
        "SELECT sql FROM sqlite_master",
        "UPDATE alembic_version SET version_num='r2' WHERE alembic_version.version_num = 'r1'",
    ] == [" ".join(each.sql.split()) for each in run.executed if each.revision == "r2"]
