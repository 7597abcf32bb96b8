"""P3 once more: passwords planted everywhere, every public call and view, success and failure, and a search."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest

from tests.conftest import REPOSITORY
from tests.safety import planted
from tests.safety.planted import Search
from tests.safety.projects import Project
from tests.widgets.browser import Wire
from workbench import Workbench
from workbench.cli import main
from workbench.results import Draft, Event

GIVEN = {"config_file", "folder", "python", "read_only", "title"}
"""Attributes, which the Workbench's own faces show."""


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The environment, on a database with an account of its own; the views speak over a wire that keeps it all."""
    monkeypatch.setattr(comm, "create_comm", Wire)
    monkeypatch.setenv("WORKBENCH_JOURNAL", str(tmp_path / "kept" / "journal.jsonl"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept" / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    with planted.account(database_url) as url:
        yield planted.planted(tmp_path / "project", url)


def explore(made: Project, wb: Workbench, search: Search) -> None:
    """A table with its rows, and a difference that is accepted."""
    made.execute("CREATE TABLE by_hand (id INTEGER PRIMARY KEY)")
    table = search.keep("table", wb.schema().table("by_hand"))
    search.keep("first rows", table.first_rows())
    (difference,) = wb.drift().differences
    search.keep("accept", wb.accept(difference, "known")).write()
    assert search.keep("drift without it", wb.drift()).is_empty
    made.execute("DROP TABLE by_hand")


def recorded(wb: Workbench) -> Draft:
    """What was typed in a cell, tried on a scratch database."""
    with wb.record("a new one") as op:
        op.drop_column("t1", "name")
    draft: Draft = op.recorder.draft
    return draft


def two_heads(made: Project, wb: Workbench, search: Search) -> None:
    """What can be asked where there are several heads, and what is written there."""
    failing = made.versions / "r3.py"
    kept = failing.read_text("utf-8")
    for path in made.versions.glob("r[34]*.py"):
        path.unlink()
    before = set(made.versions.glob("*.py"))
    sides = [made.revision(name, "r2", "op.execute('SELECT 1')") for name in ("left", "right")]
    merge = search.keep("merge of two", wb.merge())
    search.ask("orders", merge.try_orders)
    search.press("orders in a view", merge, "try")
    (moved, _), *_ = merge.movable
    search.keep("reparent", search.keep("reparented", merge.reparent(moved)).write())
    search.ask("values for a draft", lambda: wb.revision("one more").backfill("alter_column t1.name", "1"))
    search.ask("write a split", lambda: wb.revision("one more").tick("*").split().write())
    for path in (*sides, *set(made.versions.glob("*.py")) - before):
        path.unlink(missing_ok=True)
    failing.write_text(kept, "utf-8")


def test_no_call_and_no_view_shows_one(  # noqa: PLR0915 - every call there is
    made: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every answer, event, refusal, live view, log, file, and every command line of a child: zero hits."""
    caplog.set_level(logging.DEBUG)
    search = Search()
    with planted.processes(search) as programs, made.workbench() as wb:
        calls: dict[str, Callable[[], Any]] = {
            "history": wb.history,
            "current": wb.current,
            "check": wb.check,
            "diff": wb.diff,
            "upgrade": lambda: wb.upgrade("r2"),
            "downgrade": lambda: wb.downgrade("base"),
            "stamp": lambda: wb.stamp("r1", purge=True),
            "revision": lambda: wb.revision("a new one"),
            "an empty revision": lambda: wb.revision("a new one", autogenerate=False, head="r3"),
            "decide": lambda: wb.decide(wb.revision("a new one"), {"ticks": {"*": True}}).findings,
            "plan_of": lambda: wb.plan_of(wb.revision("a new one", autogenerate=False, head="r3")),
            "backfill": lambda: wb.backfill("t1.id", "1"),
            "split": lambda: wb.revision("a new one").split(),
            "merge": wb.merge,
            "record": lambda: recorded(wb),
            "added": lambda: wb.revision("a new one").add("execute", sql="SELECT nothing FROM nowhere").findings,
            "preflight of a draft": lambda: wb.preflight(wb.revision("a new one")),
            "rehearse a draft": lambda: wb.rehearse(wb.revision("a new one")),
            "check_offline": lambda: wb.check_offline(wb.pending_offline()),
            "journal": wb.journal,
            "source": lambda: wb.source("r3"),
            "schema": wb.schema,
            "schema of the models": lambda: wb.schema("models"),
            "schema of a revision": lambda: wb.schema("r2"),
            "stops": wb.stops,
            "drift": wb.drift,
            "blame": lambda: wb.blame("t1"),
            "find": lambda: wb.find("t"),
            "identify": wb.identify,
            "query": lambda: wb.query("SELECT :a AS a", a=1),
            "preflight": lambda: wb.preflight(wb.upgrade("r2")),
            "suspected": lambda: wb.suspected(wb.upgrade("r2")),
            "pending_offline": lambda: wb.pending_offline().findings,
            "a query that fails": lambda: wb.query("SELECT nothing FROM nowhere"),
        }
        done = set(calls)

        def say(event: Event) -> None:
            search.keep("event", event)
            print(event)  # noqa: T201 - as `on_event=print` does it

        def everything(when: str) -> None:
            search.keep(f"Workbench {when}", wb)
            for name, call in calls.items():
                search.ask(f"{name} {when}", call)

        everything("before")
        plan = wb.upgrade("r2")
        rehearsal = search.ask("rehearse", lambda: wb.rehearse(plan, on_event=lambda e: search.keep("event", e)))
        assert rehearsal is not None
        assert rehearsal.ok, rehearsal
        run = plan.apply(on_event=say)
        assert search.keep("apply", run).ok, run
        search.keep("outdated", wb.outdated(plan, ask=True))
        explore(made, wb, search)
        search.keep("protected", wb.protected(run.databases[0]))
        everything("at r2")

        failing = wb.upgrade("r3")
        search.ask("rehearse what fails", lambda: wb.rehearse(failing))
        failed = search.ask("apply what fails", lambda: failing.apply(on_event=say))
        assert (False, ("r2",)) == (failed.ok, failed.heads)
        everything("after a failure")
        wb.close()  # what is left of r3 goes with it, where DDL is not rolled back
        made.execute("DROP TABLE IF EXISTS t3", "DROP TABLE IF EXISTS t4")
        search.press("apply in a view", failing, "apply", plan=failing.id)
        search.press("apply again in a view", failing, "apply", plan="another")

        down = wb.downgrade("base")
        backup = search.ask("apply with a backup", lambda: down.apply(backup=str(tmp_path / "kept" / "backup")))
        assert backup is not None
        assert backup.ok, backup
        search.ask("apply what is outdated", down.apply)
        search.ask("write", lambda: wb.write(wb.revision("a new one", autogenerate=False, rev_id="r4", head="r3")))
        search.keep("statements", wb.journal(statements=wb.journal().id.iloc[0]))
        done |= {"rehearse", "apply", "outdated", "protected", "write", "cancel", "close"}
        done |= {"measured", "first_rows", "accept", "write_accepted"}
        two_heads(made, wb, search)
        done |= {"try_orders", "reparent", "write_reparent", "by_hand", "dialect", "backfill_of", "write_split"}
        # A failing env.py costs two fresh workers a question, so each way to fail is met by other questions.
        asked: dict[str, tuple[Callable[[], Any], ...]] = {
            "raises": (wb.check, plan.apply),
            "ends": (wb.history, wb.diff),
            "cannot connect": (wb.current, lambda: wb.rehearse(plan)),
        }
        spoilt = (
            planted.SPOILT if made.url.startswith("sqlite") else {"cannot connect": planted.SPOILT["cannot connect"]}
        )
        for kind, last in spoilt.items():
            planted.env(made, last)
            for call in asked[kind]:
                search.ask(f"where env.py {kind}", call)
        search.texts.append(("output", wb._client.output))

    assert {name for name in dir(Workbench) if not name.startswith("_")} - GIVEN <= done
    search.texts += [("log", caplog.text), *zip(("stdout", "stderr"), capfd.readouterr(), strict=True)]
    search.keep_files(tmp_path, but=(".env", "alembic.ini"))

    assert search.hits == []
    assert any(name.startswith("python") for name in programs)


SPOILS = """
import pathlib
env = pathlib.Path("migrations/env.py")
env.write_text(env.read_text() + "\\nraise RuntimeError(said)")
wb.current()
"""
CELLS = (
    "%load_ext workbench\nfrom workbench import Workbench\nwb = Workbench()\nwb",
    "wb.history()",
    "wb.current()",
    "plan = wb.upgrade('r2')\nplan",
    "wb.rehearse(plan)",
    "run = plan.apply(on_event=print)\nrun",
    "run.statements",
    "wb.diff()",
    "wb.check()",
    "%alembic history --verbose",
    "%alembic upgrade head",
    "wb.upgrade().apply()",
    "wb.journal()",
    "wb.schema()",
    "wb.drift()",
    "wb.revision('a new one', autogenerate=False)",
    "print(wb.source('r1').text)",
    "wb.upgrade('nothing of the kind')",
    "%xmode Verbose",
    "wb.upgrade('nothing of the kind')",
    SPOILS,
    "%tb",
    "wb.history()",
)


def test_no_saved_notebook_shows_one(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A notebook that asks, rehearses, applies, fails and raises, run and saved with its views' state: zero hits."""
    import nbformat  # noqa: PLC0415 - a second and more, for each process of pytest
    from nbclient import NotebookClient  # noqa: PLC0415 - a second and more, for each process of pytest

    monkeypatch.setenv("WORKBENCH_JOURNAL", str(tmp_path / "journal.jsonl"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    search = Search()
    with planted.account(postgresql_url) as url, planted.processes(search):
        made = planted.planted(tmp_path / "project", url)
        cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells: list[dict[str, Any]] = [{**cell, "id": f"c{n}", "source": each} for n, each in enumerate(CELLS)]
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        notebook: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        client = NotebookClient(
            notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(made.folder)}}
        )
        client.execute()
    path = tmp_path / "saved.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    search.keep_files(tmp_path, but=(".env", "alembic.ini"))
    outputs = [each.outputs[-1] if each.outputs else None for each in notebook.cells]
    main(["portable", str(path)])
    search.texts += [*zip(("stdout", "stderr"), capfd.readouterr(), strict=True)]

    failed = [CELLS[place] for place, output in enumerate(outputs) if output and output.output_type == "error"]
    assert [CELLS[17], CELLS[19], SPOILS, "%tb"] == failed
    assert "widgets" in notebook.metadata
    assert search.hits == []
