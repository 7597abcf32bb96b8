"""Random pairs of schemas: the Draft leads from one to the other and back, and no value of a renamed column is lost."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.authoring import pairs
from tests.authoring.test_draft import MAKO
from tests.safety.projects import Project
from workbench import Workbench

COUNT = int(os.environ.get("WORKBENCH_EXAMPLES", "12"))
"""Pairs on each database; `make property` tries more."""
ENV = 'exec(open("models.txt", encoding="utf-8").read())'


@pytest.mark.parametrize("seed", range(COUNT))
def test_there_and_back(bare: Project, wb: Workbench, seed: int) -> None:
    """No difference is left after the upgrade, and none to the first schema after the downgrade."""
    pair = pairs.random_pair(seed)
    problem = tried(bare, wb, pair)

    assert problem == "", f"{problem}\n{pair.models(pair.before)}\n---\n{pair.models(pair.after)}"


def tried(project: Project, wb: Workbench, pair: pairs.Pair) -> str:  # noqa: PLR0911 - one for each way to fail
    """What went wrong; empty if nothing did."""
    (project.folder / "migrations" / "script.py.mako").write_text(MAKO)
    file = project.folder / "models.txt"
    file.write_text(pair.models(pair.before))
    project.env(ENV, metadata="metadata")
    wb.revision("begin with this").write()
    run = wb.upgrade().apply(preflight=False)
    if not run.ok:
        return f"begin: {run.error}"
    inserts = pairs.inserts(pair)
    if inserts:
        project.execute(*inserts)
    kept = _renamed_values(project, pair, old=True)

    file.write_text(pair.models(pair.after))
    draft = wb.revision("go on", decisions={"ticks": {"*": True}, "renames": pair.renames})
    fills = pairs.fills(pair, [each.key for each in draft.choices if _needs_values(each)])
    draft = draft.decide(fills=fills) if fills else draft
    draft.write()
    run = wb.upgrade().apply(preflight=False)
    if not run.ok:
        return f"up: {run.error}\n{draft.code}"
    left = wb.diff()
    if not left.is_empty:
        return f"left after up: {left}\n{draft.code}"
    again = wb.revision("go on")
    if again.choices:
        return f"a Draft after up: {again.choices}\n{draft.code}"
    if told := _different(project, wb, pair.after):
        return f"after up: {told}\n{draft.code}"
    if kept != _renamed_values(project, pair, old=False):
        return f"values of renamed columns: {kept}\n{draft.code}"

    run = wb.downgrade("-1").apply(preflight=False)
    if not run.ok:
        return f"down: {run.error}\n{draft.code}"
    file.write_text(pair.models(pair.before))
    left = wb.diff()
    if not left.is_empty:
        return f"left after down: {left}\n{draft.code}"
    told = _different(project, wb, pair.before)
    return f"after down: {told}\n{draft.code}" if told else ""


def _different(project: Project, wb: Workbench, tables: tuple[pairs.Tab, ...]) -> str:
    """What Alembic does not compare, and is not as it should be; where nothing is, a Draft finds nothing, either."""
    live = wb.schema()
    expected = pairs.expected(tables, live.databases[0].dialect)
    found: dict[str, Any] = {
        each.name: sum(one.kind == "check" for one in each.constraints) for each in live.all_tables
    }
    if live.databases[0].dialect == "postgresql":
        labels = "SELECT typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid ORDER BY 1, enumsortorder"
        for name, label in project.execute(labels):
            found[name] = [*found.get(name, []), label]
    return "" if found == expected else f"{found} and not {expected}"


def _needs_values(choice: object) -> bool:
    changes = getattr(choice, "changes", ())
    return any(
        (each.kind == "add_column" and "NOT NULL" in (each.after or "") and "DEFAULT" not in (each.after or ""))
        or (each.kind == "modify_nullable" and "NOT NULL" in (each.after or ""))
        for each in changes
    )


def _renamed_values(project: Project, pair: pairs.Pair, *, old: bool) -> list[object]:
    found: list[object] = []
    for key, new in pair.renames.items():
        table, name = key.removeprefix("column ").split(".")
        if any(each.name == table for each in pair.after):
            # NULLs may be filled on the way, if the column becomes NOT NULL.
            sql = f"SELECT id, {name if old else new} FROM {table} WHERE id <> 2 ORDER BY id"
            found.append([tuple(map(str, row)) for row in project.execute(sql)])
    return found
