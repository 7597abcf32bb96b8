from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from workbench.results.definitions import Delta, definitions, deltas
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View

NAMES = st.sampled_from(("a", "b", "a.b", "🙂"))
COMMENTS = st.none() | st.sampled_from(("", "x"))
COLUMNS = st.lists(
    st.builds(
        Column,
        name=NAMES,
        type=st.sampled_from(("INTEGER", "TEXT")),
        nullable=st.booleans(),
        default=st.none() | st.just("1"),
        comment=COMMENTS,
        collation=st.none() | st.just("C"),
    ),
    max_size=3,
    unique_by=lambda each: each.name,
).map(tuple)
CONSTRAINTS = st.lists(
    st.builds(
        lambda name, column, comment: Constraint("unique", name, (column,), f"UNIQUE ({column})", comment=comment),
        st.sampled_from(("", "uq", "other")),
        NAMES,
        COMMENTS,
    ),
    max_size=2,
    unique_by=lambda each: each.name,
).map(tuple)
INDEXES = st.lists(
    st.builds(
        lambda name, column, is_valid: Index(name, (column,), f"({column})", is_valid=is_valid),
        NAMES,
        NAMES,
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda each: each.name,
).map(tuple)
SCHEMAS = st.none() | st.just("s")
TABLES = st.builds(
    Table,
    kind=st.sampled_from(("table", "foreign table")),
    name=NAMES,
    schema=SCHEMAS,
    definition=st.sampled_from(("", "STRICT")),
    comment=COMMENTS,
    columns=COLUMNS,
    constraints=CONSTRAINTS,
    indexes=INDEXES,
)
VIEWS = st.builds(
    View,
    kind=st.sampled_from(("view", "materialized view")),
    name=st.just("v"),
    schema=SCHEMAS,
    definition=st.sampled_from(("SELECT 1", "SELECT 2")),
    comment=COMMENTS,
    indexes=INDEXES,
)
OTHERS = st.builds(
    lambda kind, name, schema, table, definition, comment: SchemaObject(
        kind, name, schema, table if kind in {"trigger", "policy"} else "", definition, comment
    ),
    st.sampled_from(("enum", "sequence", "procedure", "event", "trigger", "policy")),
    NAMES,
    SCHEMAS,
    st.sampled_from(("a", "v")),
    st.sampled_from(("", "x", "y")),
    COMMENTS,
)
OBJECTS = st.lists(
    TABLES | VIEWS | OTHERS,
    max_size=5,
    unique_by=lambda each: (isinstance(each, Table), each.schema, each.name),
).map(tuple)


def mirrored(delta: Delta) -> Delta:
    """The same from the other side."""
    return dataclasses.replace(delta, before=delta.after, after=delta.before)


@given(OBJECTS, st.booleans())
def test_nothing_differs_from_itself(objects: tuple[SchemaObject, ...], fine: bool) -> None:
    """However much there is in it, and in whatever order it is told."""
    told = definitions(objects, fine=fine)

    again = definitions(objects[::-1], fine=fine)

    assert list(told.items()) == list(again.items())
    assert [] == list(deltas(told, again))


@given(OBJECTS, OBJECTS, st.booleans())
def test_each_difference_is_told_from_both_sides_alike(
    one: tuple[SchemaObject, ...], other: tuple[SchemaObject, ...], fine: bool
) -> None:
    """What came on the way there has gone on the way back, and in the same order."""
    before, after = definitions(one, fine=fine), definitions(other, fine=fine)

    assert [mirrored(each) for each in deltas(before, after)] == list(deltas(after, before))


@given(OBJECTS, OBJECTS, st.booleans())
def test_a_table_that_came_or_went_is_told_once(
    one: tuple[SchemaObject, ...], other: tuple[SchemaObject, ...], fine: bool
) -> None:
    """Neither its columns nor anything else of it are told beside it; nor is anything told twice."""
    found = list(deltas(definitions(one, fine=fine), definitions(other, fine=fine)))
    whole = [(each.schema, each.table) for each in found if each.kind == "table" and each.sign != "~"]

    assert dict.fromkeys(whole, 1) == {
        place: sum((each.schema, each.table) == place for each in found) for place in whole
    }


@given(OBJECTS, OBJECTS, st.booleans())
def test_no_difference_is_left_out(one: tuple[SchemaObject, ...], other: tuple[SchemaObject, ...], fine: bool) -> None:
    """Two schemas without a difference have the same definitions, and two with one have not."""
    before, after = definitions(one, fine=fine), definitions(other, fine=fine)

    assert (before == after) == (not list(deltas(before, after)))


def test_what_is_told() -> None:
    """A column that changed where columns are told by their sides; a table that came with all its columns."""
    column = Column("a", "INTEGER", nullable=False, default="1", comment="old")
    before = definitions(
        (Table("table", "t", columns=(column,)), SchemaObject("enum", "e", definition="'x'")), fine=True
    )
    changed = dataclasses.replace(column, type="TEXT", nullable=True, default=None, comment=None)
    after = definitions(
        (Table("table", "t", columns=(changed,)), Table("table", "u.v", "s", definition="STRICT", columns=(column,))),
        fine=True,
    )
    expected = [
        ("-", "enum", "e", "'x'", None),
        ("+", "table", 's."u.v"', None, "(a INTEGER NOT NULL DEFAULT 1) STRICT"),
        ("~", "type", "t.a", "INTEGER", "TEXT"),
        ("~", "nullable", "t.a", "NOT NULL", "NULL"),
        ("-", "default", "t.a", "1", None),
        ("-", "comment", "t.a", "old", None),
    ]

    assert expected == [(each.sign, each.kind, each.shown, each.before, each.after) for each in deltas(before, after)]
