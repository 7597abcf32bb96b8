"""The operations of a Step travel as plain values; whoever looks at them finds what was always there."""

from __future__ import annotations

import copy
import dataclasses
import io
import pickle

import pytest

from workbench.results import ColumnSpec, Operation, Reference, Step
from workbench.results.operations import Told
from workbench.worker import protocol

_PLAIN = (
    {
        "kind": "create_table",
        "table": "book",
        "columns": (
            {"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
            {"name": "author", "references": ({"table": "author", "columns": ("id",)},)},
        ),
        "parts": ({"kind": "create_primary_key", "table": "book", "on": ("id",), "unique": True},),
        "sql": ("CREATE TABLE book (…)",),
        "first": 0,
    },
    {
        "kind": "alter_column",
        "table": "book",
        "name": "id",
        "column": {"name": "id", "nullable": True},
        "existing": {"name": "id"},
        "sets": ("nullable",),
    },
)
_OPERATIONS = (
    Operation(
        "create_table",
        table="book",
        columns=(
            ColumnSpec("id", "INTEGER", nullable=False, primary_key=True),
            ColumnSpec("author", references=(Reference("author", ("id",)),)),
        ),
        parts=(Operation("create_primary_key", table="book", on=("id",), unique=True),),
        sql=("CREATE TABLE book (…)",),
        first=0,
        at=0,
    ),
    Operation(
        "alter_column",
        table="book",
        name="id",
        column=ColumnSpec("id", nullable=True),
        existing=ColumnSpec("id"),
        sets=("nullable",),
        at=1,
    ),
)


def step(operations: object) -> Step:
    """A Step with these."""
    return Step("ab12", "upgrade", "make", "ab12.py", (), operations=operations)  # type: ignore[arg-type]


@pytest.mark.parametrize("plain", [_PLAIN, ()])
def test_told_and_made_are_the_same(plain: tuple[dict[str, object], ...]) -> None:
    """Equality, hash, dict and repr know no difference, before and after somebody has looked."""
    told, made = step(Told(plain)), step(_OPERATIONS if plain else ())

    assert told == made
    assert (hash(told), told.to_dict(), repr(told.operations)) == (hash(made), made.to_dict(), repr(made.operations))
    assert told.operations is told.operations


@pytest.mark.parametrize("looked", [False, True])
def test_they_travel(looked: bool) -> None:
    """Through pickle, a deep copy, and the pipe of the worker."""
    sent = step(Told(_PLAIN))
    if looked:
        assert sent.operations
    stream = io.BytesIO()
    protocol.send(stream, ("reply", sent))
    stream.seek(0)
    copies = (pickle.loads(pickle.dumps(sent)), copy.deepcopy(sent), protocol.receive(stream)[1])  # noqa: S301 - our own

    assert [_OPERATIONS] * 3 == [each.operations for each in copies]


def test_they_are_frozen_and_can_be_replaced() -> None:
    """As every field of a result."""
    made = step(Told(_PLAIN))
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.operations = ()  # type: ignore[misc]

    assert _OPERATIONS[:1] == dataclasses.replace(made, operations=_OPERATIONS[:1]).operations
    assert _OPERATIONS == dataclasses.replace(made, message="other").operations
    assert () == Step("ab12", "upgrade", "make", "ab12.py", ()).operations
