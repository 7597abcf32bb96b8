"""The values: frozen, picklable, comparable, as frames and as plain JSON."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any

import pytest

from tests.zoo import HISTORIES, status_of
from tests.zoo_plans import DIFFS, PLANS, RUNS
from workbench import errors
from workbench.results import Column, Database, Event, Plan, Schema, Table
from workbench.results.base import attach, origin_of

VALUES: dict[str, Any] = {
    **{f"history {name}": make() for name, make in HISTORIES.items() if name != "thousand"},
    **{f"status {name}": status_of(make()) for name, make in HISTORIES.items() if name != "thousand"},
    **{f"diff {name}": value for name, value in DIFFS.items()},
    **{f"plan {name}": value for name, value in PLANS.items()},
    **{f"run {name}": value for name, value in RUNS.items()},
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_survives_pickle_and_json(name: str) -> None:
    """What comes back from a pickle is equal and says the same; `to_dict` is JSON."""
    value = VALUES[name]
    back = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own

    assert value == back
    assert str(value) == str(back)
    assert value.to_dict() == json.loads(json.dumps(value.to_dict()))


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_frozen_and_has_a_short_repr(name: str) -> None:
    """No field can be set, and the repr is one line that names the class and no address."""
    value = VALUES[name]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)

    assert repr(value).startswith(f"{type(value).__name__}(")
    assert "\n" not in repr(value)
    assert "0x" not in repr(value)


def test_frames_have_their_documented_columns() -> None:
    """Also an empty result has every column, with its dtype."""
    frames = {
        "History": HISTORIES["empty"]().df,
        "SchemaDiff": DIFFS["empty"].df,
        "Plan": dataclasses.replace(PLANS["three revisions"], steps=()).df,
    }
    told = {name: {column: str(dtype) for column, dtype in frame.dtypes.items()} for name, frame in frames.items()}

    assert {
        "History": {
            "revision": "object",
            "down_revisions": "object",
            "depends_on": "object",
            "branch_labels": "object",
            "message": "object",
            "path": "object",
            "create_date": "datetime64[us]",
            "is_head": "bool",
            "is_base": "bool",
            "is_merge_point": "bool",
            "is_branch_point": "bool",
            "state": "object",
            "fault": "object",
        },
        "SchemaDiff": dict.fromkeys(
            ("database", "kind", "schema", "table", "name", "before", "after", "code", "sql"), "object"
        ),
        "Plan": {
            "database": "object",
            "revision": "object",
            "direction": "object",
            "message": "object",
            "path": "object",
            "statements": "Int64",
            "why_not": "object",
        },
    } == told


def test_a_run_has_its_statements_as_a_frame() -> None:
    """One row an executed statement, with its revision, rows and seconds."""
    run = next(value for value in RUNS.values() if value.executed)

    assert ["revision", "sql", "rows", "seconds"] == list(run.statements.columns)
    assert len(run.executed) == len(run.statements)


def test_the_origin_does_not_travel() -> None:
    """A Plan out of a pickle has no database, and says so when it is applied."""
    plan = dataclasses.replace(PLANS["three revisions"])
    attach(plan, "a workbench")
    back: Plan = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own

    assert "a workbench" == origin_of(plan)
    with pytest.raises(errors.UnsupportedRequest, match="only a value") as caught:
        back.apply()
    assert caught.value.remedy


def test_a_plan_of_other_files_or_heads_has_another_id() -> None:
    """The id is that of what would run, from where: any of it changed is another plan."""
    plan = PLANS["three revisions"]
    step = plan.steps[0]
    others = [
        dataclasses.replace(plan, target="+3"),
        dataclasses.replace(plan, sealed=(("env.py", "other"),)),
        dataclasses.replace(plan, steps=(dataclasses.replace(step, digest="other"), *plan.steps[1:])),
        dataclasses.replace(plan, databases=(dataclasses.replace(plan.databases[0], heads=("other",)),)),
    ]

    assert plan.id == dataclasses.replace(plan).id
    assert len(others) + 1 == len({plan.id, *(each.id for each in others)})


def test_a_history_finds_a_revision_by_the_beginning_of_its_id() -> None:
    """One match is the answer; none or several is an error that says so."""
    history = HISTORIES["branch_and_merge"]()

    assert "c41d77e0" == history["c41d"].revision
    with pytest.raises(errors.RevisionNotFound, match="No revision in this history begins with 'zzz'"):
        history["zzz"]


def test_events_and_databases_are_values_too() -> None:
    """They compare by what they say, and name themselves."""
    database = Database("shop", "sqlite:///shop.db", "sqlite", "3.45", ("9f31c0aa",))

    assert Event("step", 1, "a") == Event("step", 1, "a")
    assert "Database(shop, sqlite, at 9f31c0aa)" == repr(database)
    assert "shop (sqlite 3.45)" == database.place


@pytest.mark.parametrize(
    "error",
    [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.WorkbenchError)],
)
def test_every_error_travels_whole(error: type[errors.WorkbenchError]) -> None:
    """Message, remedy and evidence come through a pickle, and the notebook shows them without our stack."""
    made = error("It cannot be done: no.", "Do this.", (("file", "x.py"), ("lines", "a\nb")))
    back = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    shown = "It cannot be done: no.\nfile: x.py\nlines:\n    a\n    b\nWhat to do: Do this."

    assert made == back
    assert shown == str(made)
    assert [f"{error.__name__}: {shown}"] == made._render_traceback_()


def test_none_stays_none_in_a_frame() -> None:
    """Pandas 3 would make a NaN of it beside strings."""
    columns = (Column("a", "INTEGER", default="1"), Column("b", "TEXT"))
    frame = Schema("live", (Table("table", "t", columns=columns),)).columns

    assert list(frame["default"]) == ["1", None]
    assert list(frame["schema"]) == [None, None]
    assert frame["nullable"].dtype == bool
