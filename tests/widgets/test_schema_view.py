"""The Schema view without a browser: what it sends, what it answers, what Python can set and observe."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render import schemas
from tests.widgets.browser import Browser
from tests.widgets.fake_schemas import FakeWorkbench
from workbench import widgets
from workbench.render.picture_mermaid import mermaid
from workbench.render.schema_html import schema_html
from workbench.render.schema_text import schema_text
from workbench.results import Delta, Schema
from workbench.results.base import attach
from workbench.widgets import schema_data
from workbench.widgets.latest import Latest
from workbench.widgets.schema import SchemaView


def sent(view: SchemaView) -> Any:
    """The picture as the browser gets it."""
    return json.loads(view._data)


def names(view: SchemaView) -> list[str]:
    """The tables in the picture."""
    return [card["key"] for card in sent(view)["cards"]]


def test_a_schema_of_a_workbench_shows_as_this_view() -> None:
    """`view_of` finds the view by the kind of result, with its Workbench."""
    workbench = FakeWorkbench()
    view = widgets.view_of(attach(workbench.schema(), workbench))

    assert isinstance(view, SchemaView)
    assert view.workbench is workbench


def test_the_saved_notebook_keeps_the_static_form() -> None:
    """Where scripts do not run, text and HTML of the schema are left."""
    schema = schemas.bookshop()
    data, _ = SchemaView(schema)._repr_mimebundle_()

    assert (data["text/plain"], data["text/html"]) == (schema_text(schema), schema_html(schema))


def test_the_picture_that_is_sent() -> None:
    """Cards with their rows and marks, edges with their ends; all that can be searched for."""
    told = sent(SchemaView(schemas.bookshop()))
    book = told["cards"][1]
    del book["box"]

    assert book == {
        "key": "book",
        "title": "book",
        "rows": [
            ["id", "INTEGER", ["PK"], ""],
            ["author_id", "INTEGER", ["FK"], ""],
            ["title", "VARCHAR(200)", [], ""],
        ],
        "more": 0,
        "mark": "",
        "spoken": "book, 3 columns, → author, what we sell",
        "columns": ["id", "author_id", "title"],
    }
    assert [(each["ends"], each["label"]) for each in told["edges"]] == [
        ([1, 0], "book (author_id) → author (id)"),
        ([2, 2], "category (parent_id) → category (id)"),
        ([4, 1], "tagged (book_id) → book (id)"),
        ([4, 2], "tagged (category_id) → category (id)"),
    ]


def test_neighbours() -> None:
    """`only` and `steps` leave the tables that are so many foreign keys away, in either direction."""
    view = SchemaView(schemas.bookshop())
    found = []
    for only, steps in (("author", 1), ("author", 2), ("Author", 3), ("note", 4), ("", 1)):
        view.only, view.steps = only, steps
        found.append(names(view))

    everything = ["author", "book", "category", "note", "tagged"]
    assert found == [
        ["author", "book"],
        ["author", "book", "tagged"],
        ["author", "book", "category", "tagged"],
        ["note"],
        everything,
    ]
    assert sent(view)["count"] == 5


def test_hidden_columns() -> None:
    """Columns of no key can be hidden, or all of them; anything else is refused."""
    view = SchemaView(schemas.bookshop())
    found = []
    for each in ("keys", "all", "none"):
        view.hidden_columns = each
        found.append([row[0] for row in sent(view)["cards"][1]["rows"]])

    assert found == [["id", "author_id"], [], ["id", "author_id", "title"]]
    with pytest.raises(traitlets.TraitError, match="`none`, `keys` or `all`, not 'some'"):
        view.hidden_columns = "some"


def test_a_table_that_is_not_there() -> None:
    """It is refused with the names that come near."""
    with pytest.raises(traitlets.TraitError, match=r"no table 'boook'\.\nWhat to do: Did you mean book\?"):
        SchemaView(schemas.bookshop()).selected = "boook"


def test_details_come_at_once_and_the_size_follows() -> None:
    """The chosen table's parts, its triggers, what refers to it; how large it is is asked in the background."""
    workbench = FakeWorkbench()
    view = SchemaView(schemas.bookshop(), workbench)
    view.selected = "book"
    assert view.wait(10)

    assert view._details == {
        "key": "book",
        "sentence": "table book: 3 columns, 12 rows, 16.0 kB",
        "comment": "what we sell",
        "columns": [
            ["PK", "id", "INTEGER NOT NULL", ""],
            ["FK", "author_id", "INTEGER NOT NULL", ""],
            ["", "title", "VARCHAR(200) COLLATE NOCASE NOT NULL DEFAULT '?'", "as on the cover"],
        ],
        "parts": [
            [
                "Constraints",
                ["PRIMARY KEY (id)", "FOREIGN KEY (author_id) REFERENCES author (id)",
                 "ck_title: CHECK (title <> '') “no empty ones”"],
            ],
            [
                "Indexes",
                [("ix_title: CREATE INDEX ix_title ON book (lower(title)) "
                 "(invalid: a failed CREATE INDEX CONCURRENTLY left it behind)")],
            ],
            ["Triggers", ["touch on book: CREATE TRIGGER touch …"]],
        ],
        "referring": ["tagged"],
    }  # fmt: skip
    assert workbench.asked == [("measured", "book")]


def test_first_rows_and_blame() -> None:
    """Both are asked for by a button, and shown with the table that they belong to."""
    workbench = FakeWorkbench()
    view = SchemaView(schemas.bookshop(), workbench, selected="book")
    browser = Browser(view)
    assert view.wait(10)
    for action in ("rows", "blame"):
        assert browser.press(action, table="book")["ok"]
        assert view.wait(10)

    assert view._details["rows"] == {"columns": ["id", "name", "note"], "cells": [["1", "<i>x</i>", None]]}
    assert "&lt;b&gt;blame&lt;/b&gt;" in view._details["blame"]
    assert workbench.asked == [("measured", "book"), ("first_rows", "book", 5), ("blame", "book")]
    assert browser.press("rows", table="nobody") == {
        "id": "m3",
        "ok": False,
        "error": {
            "kind": "UnsupportedRequest",
            "message": "There is no table nobody in this picture.",
            "remedy": "",
        },
    }


def test_other_forms() -> None:
    """Text and Mermaid are those of the schema; the SVG is the picture as it is shown."""
    view = SchemaView(schemas.bookshop(), only="author")
    browser = Browser(view)

    assert browser.press("copy")["text"] == schema_text(schemas.bookshop())
    assert browser.press("mermaid")["text"] == mermaid(schemas.bookshop())
    svg = browser.press("svg")["text"]
    assert (">book</text>" in svg, ">category</text>" in svg) == (True, False)


def test_marks() -> None:
    """What came and changed has its letter; what went is drawn once more, to be seen."""
    marks = schema_data.marks_of(
        (
            Delta("table", None, "author", "", None, "(id INTEGER)"),
            Delta("column", None, "book", "isbn", "CHAR(13)", None),
            Delta("nullable", None, "book", "title", "NULL", "NOT NULL"),
            Delta("index", None, "tagged", "ix", None, "CREATE INDEX ix"),
            Delta("table", None, "shelf_mark", "", "(id INTEGER)", None),
            Delta("enum", None, "", "mood", None, "'sad'"),
        )
    )
    cards = sent(SchemaView(schemas.bookshop(), marks=marks))["cards"]

    assert [(card["key"], card["mark"]) for card in cards] == [
        ("author", "A"), ("book", "C"), ("category", ""), ("note", ""), ("tagged", "C"), ("shelf_mark", "R"),
    ]  # fmt: skip
    assert [(row[0], row[3]) for row in cards[1]["rows"]] == [
        ("id", ""), ("author_id", ""), ("title", "C"), ("isbn", "R"),
    ]  # fmt: skip


def test_marks_of_several_databases() -> None:
    """The same table of another database has no mark of this one; what went is drawn in its own database."""
    same = replace(schemas.table("t"), database="north"), replace(schemas.table("t"), database="south")
    marks = schema_data.marks_of(
        (
            Delta("column", None, "t", "id", None, "INTEGER", "south"),
            Delta("table", None, "gone", "", "(id INTEGER)", None, "south"),
            Delta("column", None, "t", "old", "INTEGER", None, "north"),
        )
    )
    view = SchemaView(Schema("live", same), marks=marks)
    cards = sent(view)["cards"]

    assert [(card["key"], card["mark"], [(row[0], row[3]) for row in card["rows"]]) for card in cards] == [
        ("north: t", "C", [("id", ""), ("old", "R")]),
        ("south: t", "C", [("id", "A")]),
        ("south: gone", "R", []),
    ]
    assert Browser(view).press("svg")["text"].count(">A</tspan>") == 1


def test_what_went_has_no_details() -> None:
    """A table that is only drawn as removed says so; a column that is, is not among those of its table."""
    marks = schema_data.marks_of(
        (Delta("table", None, "gone", "", "(id INTEGER)", None), Delta("column", None, "note", "text", "TEXT", None))
    )
    view = SchemaView(schemas.bookshop(), marks=marks)
    view.selected = "gone"
    gone = view._details
    view.selected = "note"

    assert (gone["sentence"], gone["columns"]) == ("not there any more", [])
    assert (view._details["sentence"], len(view._details["columns"])) == ("table note: 1 column", 1)


def test_travel() -> None:
    """The stops are asked for once; each shows its schema, its marks, its SQL; the last is what came first."""
    workbench = FakeWorkbench()
    view = SchemaView(schemas.bookshop(), workbench)
    browser = Browser(view)
    assert browser.press("stops")["ok"]
    assert view.wait(10)
    view.at = "9f31c0aa77e0"
    assert view.wait(10)

    assert [each["short"] for each in view._stops] == ["1a2b3c4d", "9f31c0aa", "c41d77e0"]
    assert browser.updates("_progress")[-1] == "3 of 3: c41d77e0 drop the old table"
    assert view._stop == {
        "id": "9f31c0aa77e0",
        "short": "9f31c0aa",
        "message": "a column comes, one goes",
        "path": "migrations/versions/9f31c0aa77e0.py",
        "failure": "",
        "renames": [],
        "changes": [
            ["-", "column", "book.old_name", "VARCHAR(10)"],
            ["+", "column", "book.id", "INTEGER NOT NULL"],
            ["+", "index", "category.ix", "CREATE INDEX ix"],
        ],
        "sql": "SELECT 1;",
    }
    assert [card["mark"] for card in sent(view)["cards"]] == ["", "C", "C", "", ""]
    view.at = ""
    assert view.wait(10)

    assert ([card["mark"] for card in sent(view)["cards"]], view._stop) == ([""] * 5, {})
    assert view.schema == schemas.bookshop()
    assert workbench.asked == ["stops", ("schema", "9f31c0aa77e0")]
    with pytest.raises(traitlets.TraitError, match=r"'nobody' is no revision that this view knows"):
        view.at = "nobody"


def test_a_value_asks_nothing() -> None:
    """A schema without a Workbench has no button that needs one, and says so if it is asked all the same."""
    view = SchemaView(schemas.bookshop())
    told = sent(view)

    assert [told[name] for name in ("live", "rows", "blame", "travels")] == [False] * 4
    assert Browser(view).press("stops")["error"]["kind"] == "UnsupportedRequest"


def test_only_the_latest_is_done() -> None:
    """While one job runs, of those that are asked for only the last is done; a failure stops nothing."""
    done: list[str] = []
    failed: list[BaseException] = []
    gate, began = threading.Event(), threading.Event()

    def job(value: str) -> None:
        began.set()
        gate.wait(10)
        done.append(value)
        if value == "d":
            raise ValueError(value)

    latest = Latest(job, failed.append)
    latest.ask("a")
    assert began.wait(10)
    for value in "bcd":
        latest.ask(value)
    gate.set()
    assert latest.wait(10)
    latest.ask("e")
    assert latest.wait(10)

    assert done == ["a", "d", "e"]
    assert [str(each) for each in failed] == ["d"]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_neighbours_grow_with_the_steps(data: st.DataObject) -> None:
    """One step more never loses a table, the table itself is always there, and enough steps reach its whole part."""
    count = data.draw(st.integers(1, 8))
    pairs = data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=12))
    tables = schemas.made([1] * count, pairs, [None])
    start = data.draw(st.integers(0, count - 1))
    found = [{each.name for each in schema_data.neighbours(tables, tables[start], steps)} for steps in range(count + 1)]
    reached = {start}
    for _ in range(count):
        reached |= {other for pair in pairs if reached & {*pair} for other in pair}

    assert found[0] == {tables[start].name}
    assert all(less <= more for less, more in itertools.pairwise(found))
    assert found[-1] == {tables[each].name for each in reached}


def test_hostile_names_are_sent_on_one_line() -> None:
    """Whatever a name holds, it can be sent, chosen, and is said without anything invisible in it."""
    hostile = schemas.hostile()
    view = SchemaView(hostile)
    keys = names(view)
    for key in keys:
        view.selected = key
        json.dumps(view._details).encode("utf-8")

    assert len(keys) == len(schemas.HOSTILE)
    assert not [key for key in keys if "\n" in key or "\u202e" in key]


def test_an_empty_schema() -> None:
    """There is a picture of nothing."""
    assert sent(SchemaView(Schema("live", ())))["cards"] == []
