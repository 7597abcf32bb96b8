"""A cancel at any moment of an operation, also where nothing has been sent to the worker yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.safety.projects import Project, project
from tests.worker.test_worker import PATIENCE, wait_until
from workbench import Workbench
from workbench.errors import Cancelled, WorkbenchError
from workbench.results import Run
from workbench.worker.client import Client
from workbench.worker.process import Process


@pytest.fixture
def made(tmp_path: Path, sqlite_url: str) -> Project:
    """An environment with two revisions."""
    return project(tmp_path / "project", sqlite_url).tables(2)


def before(patch: pytest.MonkeyPatch, owner: type, name: str, do: Callable[..., None]) -> None:
    """Do something, with the same arguments, each time before a method is called."""
    original = getattr(owner, name)

    def patched(*arguments: Any, **options: Any) -> Any:
        do(*arguments, **options)
        return original(*arguments, **options)

    patch.setattr(owner, name, patched)


def cancel_at(moment: str, wb: Workbench, patch: pytest.MonkeyPatch) -> None:
    """Arrange for a cancel at this moment of the next apply."""

    def on_call(_client: Client, task: str, **_: Any) -> None:
        if task == "apply" and moment == "between the two requests":
            wb.cancel()

    def on_send(_process: Process, message: tuple[Any, ...]) -> None:
        if message[0] == "call" and message[2] == moment.partition(" ")[0]:
            wb.cancel()

    def on_greet(_process: Process, _timeout: float) -> None:
        if moment == "before the greeting":
            wb.cancel()

    def on_begin(_process: Process, number: int, *, graceful: bool) -> None:
        if moment == "at the beginning" and graceful and number:
            wb.cancel()

    before(patch, Client, "call", on_call)
    before(patch, Process, "send", on_send)
    before(patch, Process, "greet", on_greet)
    before(patch, Process, "begin", on_begin)


@pytest.mark.parametrize(
    "moment",
    ["before the greeting", "between the two requests", "at the beginning", "verify is being sent",
     "apply is being sent"],
)  # fmt: skip
def test_a_cancel_is_never_lost(made: Project, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever in an apply it comes, the Run is a cancelled one, and the database is where it was."""
    with made.workbench() as wb:
        plan = wb.upgrade()
        wb.close()
        with monkeypatch.context() as patch:
            cancel_at(moment, wb, patch)
            run = plan.apply()

        assert (False, True, ()) == (run.ok, run.cancelled, run.heads)
        assert ["not run", "not run"] == [each.outcome for each in run.steps]
        assert plan.apply().ok


@pytest.mark.parametrize("what", ["apply", "current"])
def test_a_cancel_while_the_worker_starts(made: Project, what: str) -> None:
    """The worker is closed, and cancelled from another thread as soon as the next one is being started."""
    ended: list[object] = []

    def ask() -> None:
        try:
            ended.append(plan.apply() if what == "apply" else wb.current())
        except WorkbenchError as error:
            ended.append(error)

    with made.workbench() as wb:
        plan = wb.upgrade()
        wb.close()
        thread = threading.Thread(target=ask)
        thread.start()
        assert wait_until(lambda: wb._client._depth > 0)
        wb.cancel()
        thread.join(PATIENCE)
        run = ended[0]

        assert isinstance(run, Run | Cancelled)
        assert isinstance(run, Cancelled) or run.cancelled
        assert () == wb.current().heads


def test_a_cancel_of_nothing_is_not_kept(made: Project) -> None:
    """Where nothing runs there is nothing to cancel, and what is asked next is answered."""
    with made.workbench() as wb:
        wb.cancel()

        assert () == wb.current().heads

        wb.cancel()

        assert wb.upgrade().apply().ok
