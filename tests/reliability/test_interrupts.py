"""Ctrl-C in a running apply: once, once more before the worker has stopped, and while the databases are read."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.safety.projects import Project
from tests.worker.test_worker import PATIENCE, wait_until
from workbench import Workbench
from workbench.results import Event
from workbench.worker import process
from workbench.worker.client import Client


def test_a_second_interrupt(bare: Project, wb: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the worker at once; the Run and the journal are true all the same, also if a third one comes."""
    monkeypatch.setattr(process, "_GRACE", 10 * PATIENCE)  # so that nothing else ends the worker
    monkeypatch.setenv("WORKBENCH_JOURNAL", str(tmp_path / "journal.jsonl"))
    bare.revision("r1", None, "op.create_table('t1', sa.Column('id', sa.Integer))")
    bare.revision(
        "r2",
        "r1",
        "op.create_table('t2', sa.Column('id', sa.Integer))\n"
        "import time\nwhile not op.get_context().as_sql:\n    time.sleep(0.1)",
    )
    plan = wb.upgrade()
    client: Client = wb._client
    migrating: list[process.Process] = []
    asked = client.call

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)
        assert wait_until(lambda: migrating[0].cancelled)
        signal.raise_signal(signal.SIGINT)

    def on_event(event: Event) -> None:
        if event.kind == "executed" and "t2" in event.sql:
            assert client.process is not None
            migrating.append(client.process)
            threading.Thread(target=interrupt).start()

    def call(task: str, **arguments: Any) -> Any:
        if task == "status" and not third:
            third.append(task)
            signal.raise_signal(signal.SIGINT)
        return asked(task, **arguments)

    third: list[str] = []
    monkeypatch.setattr(client, "call", call)
    run = plan.apply(on_event=on_event)

    assert (run.cancelled, run.steps[1].outcome == "done", third) == (True, False, ["status"])
    assert not migrating[0].alive
    assert client.process is not migrating[0]
    assert wb.current().heads == run.heads  # with one transaction for both steps, none
    (entry,) = wb.journal().itertuples()
    assert (entry.result, entry.steps, entry.statements) == ("cancelled", 2, len(run.executed))
