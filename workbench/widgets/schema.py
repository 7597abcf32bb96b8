"""A schema as a live picture: search, neighbours, a table's details, and the way it has come through time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import traitlets

from workbench import render
from workbench.errors import UnsupportedRequest
from workbench.render import picture_svg
from workbench.render.picture_mermaid import mermaid
from workbench.render.picture_svg import Marks
from workbench.render.schema_text import schema_sentence, table_sentence
from workbench.results import Event, Schema, Stop, Table
from workbench.results.schema import LIVE, one_of
from workbench.text import one_line, short_id, shorten, visible
from workbench.widgets import schema_data, traits
from workbench.widgets.latest import Latest
from workbench.widgets.view import HERE, View

FIRST_ROWS = 5
_LONGEST_CELL = 200  # characters


class SchemaView(View):
    """The entity-relationship picture of a Schema; beside it the details of one table, below it its revisions.

    Everything that can be chosen by hand can be set and observed from Python. `marks` says what came, went or changed,
    as `schema_data.marks_of` makes it of deltas.
    """

    # anywidget loads one module a view, which cannot import its neighbours: so they are put together here.
    _esm = "\n".join(
        (HERE / f"{name}.js").read_text("utf-8")
        for name in ("elements", "schema_draw", "schema_panel", "schema_time", "schema_parts", "schema")
    )
    _css = "\n".join((HERE / f"{name}.css").read_text("utf-8") for name in ("view", "schema"))

    selected = traits.Text()
    """The table whose details are shown, `schema.table`; of several databases `database: schema.table`. Or empty."""
    search = traits.Text()
    """What is searched for in the names of tables and columns."""
    only = traits.Text()
    """The table around which only the neighbours are shown; empty for all tables."""
    steps = traits.Number(1)
    """How many foreign keys away a neighbour may be."""
    hidden_columns = traits.Text("none")
    """`none`; `keys`: only the columns of keys are shown; `all`: only the names of tables."""
    group_by_schema = traits.Flag(True)
    """Several schemas have a frame each."""
    at = traits.Text()
    """The revision whose schema is shown; empty for the Schema that the view was made of."""

    _data = traitlets.Bytes().tag(sync=True)
    """The picture as JSON: one trait, since it is drawn as a whole."""
    _details = traits.Mapping()
    """The chosen table."""
    _stops = traits.Items()
    """The revisions, oldest first; empty until they are asked for."""
    _stop = traits.Mapping()
    """What the revision `at` did."""

    def __init__(self, schema: Schema, workbench: Any = None, *, marks: Marks | None = None, **values: Any) -> None:
        self._first = schema
        self._first_marks: Marks = marks or {}
        self._marks = self._first_marks
        self._tables: dict[str, Table] = {}
        self._known: dict[str, Stop] = {}
        self._measured: dict[str, Table] = {}
        self._measuring = Latest(self._measure, lambda _: None)  # it only adds to what is shown
        self._travelling = Latest(self._travel, self.show_error)
        super().__init__(schema, workbench, **values)
        self.observe(self._redraw, names=("only", "steps", "hidden_columns", "group_by_schema"))
        self.observe(self._chosen, names="selected")
        self.observe(self._moved, names="at")
        if self.selected:
            self._chosen()

    @property
    def schema(self) -> Schema:
        """What is shown now."""
        schema: Schema = self.result
        return schema

    def draw(self) -> None:
        """Lay the picture out and send it."""
        schema, several = self.schema, schema_data.is_several(self.schema)
        everything = schema_data.with_removed(schema.all_tables, self._marks)
        # The real ones, where there are some: a column that is only drawn as removed is none of theirs.
        self._tables = {schema_data.name_of(each, several=several): each for each in (*everything, *schema.all_tables)}
        tables, around = everything, self._tables.get(self.only)
        if around is not None:
            tables = schema_data.neighbours(everything, around, self.steps)
        self._shown = tables
        told = schema_data.packed(self._picture(), tables, self._marks, several=several)
        told |= {
            "sentence": schema_sentence(schema),
            "notes": [visible(each) for each in schema.notes],
            "count": len(everything),
            "only": self.only if around is not None else "",
            "schemas": len({each.schema for each in everything}),
            "live": self.workbench is not None,
            "rows": self._can("first_rows") and schema.at == LIVE,
            "blame": self._can("blame"),
            "travels": self._can("stops"),
            "first": "live" if self._first.at == LIVE else one_line(short_id(self._first.at)),
        }
        self._data = json.dumps(told, separators=(",", ":")).encode("ascii")

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Answer the picture's questions: its other forms, first rows, blame, the stops, cancel."""
        if action in {"rows", "blame"}:
            self._ask(action, str(data.get("table", "")))
        elif action == "stops":
            self.travel()
        elif action == "cancel":
            self._asked().cancel()
        elif action == "copy":
            return {"text": render.text(self.schema)}
        elif action == "mermaid":
            return {"text": mermaid(self.schema)}
        elif action == "svg":
            return {"text": picture_svg.svg(self._picture(), self._marks)}
        else:
            return super().act(action, data)
        return {}

    def travel(self) -> None:
        """Work out what each revision did, in the background; then they stand below the picture.

        Raises:
            UnsupportedRequest: No Workbench is there to ask, or the view is busy.

        """
        workbench = self._asked()

        def job() -> None:
            stops = workbench.stops(on_event=self._heard)
            self._known = {each.revision: each for each in stops}
            places = {head: "the database is here" for each in self._first.databases for head in each.heads}
            self._stops = schema_data.stops_told(stops, places)

        self.start(job, "Running the revisions on a scratch database …")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs in the background; False if something does after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        waits = (super().wait, self._travelling.wait, self._measuring.wait)
        return all(each(None if until is None else max(0.0, until - time.monotonic())) for each in waits)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _picture(self) -> Any:
        return picture_svg.pictured(
            self._shown,
            hidden_columns=self.hidden_columns,  # type: ignore[arg-type] # validated below
            group_by_schema=self.group_by_schema,
        )

    def _redraw(self, _change: object) -> None:
        try:
            self.draw()
        except Exception as error:  # noqa: BLE001 - called by an observer, where it would vanish
            self.show_error(error)

    def _chosen(self, _change: object = None) -> None:
        table = self._tables.get(self.selected)
        if table is None:
            self._details = {}
            return
        is_live = self.schema.at == LIVE
        told = self._measured.get(self.selected, table) if is_live else table
        self._details = schema_data.details(self.schema, told, several=schema_data.is_several(self.schema))
        if is_live and self.selected not in self._measured and self._can("measured"):
            self._measuring.ask(self.selected)

    def _measure(self, name: str) -> None:
        schema, table = self.schema, self._tables.get(name)
        if table is None or schema.at != LIVE:
            return
        self._measured[name] = measured = self._asked().measured(table)
        if self.selected == name and self.schema is schema:
            self._details = {**self._details, "sentence": table_sentence(measured)}

    def _ask(self, what: str, name: str) -> None:
        workbench, table = self._asked(), self._tables.get(name)
        if table is None:
            raise UnsupportedRequest(f"There is no table {one_line(name)} in this picture.")

        def job() -> None:
            if what == "rows":
                told: dict[str, Any] = {"rows": _rows(workbench.first_rows(table, FIRST_ROWS))}
            else:
                told = {"blame": render.html(workbench.blame(table.qualified))}
            if self.selected == name:
                self._details = {**self._details, **told}

        self.start(job, "Reading the first rows …" if what == "rows" else "Looking for the revisions that made it …")

    def _moved(self, _change: object) -> None:
        self._travelling.ask(self.at)

    def _travel(self, revision: str) -> None:
        stop = self._known.get(revision)
        schema = self._first if stop is None else self.schema if stop.failure else self._asked().schema(revision)
        if revision != self.at:
            return  # somebody has gone on meanwhile
        self.result = schema
        self._marks = self._first_marks if stop is None else schema_data.marks_of(stop.deltas)
        with self.hold_sync():
            self._error = ""
            self.draw()
            self._stop = {} if stop is None else schema_data.stop_told(stop)
            self._chosen()

    def _heard(self, event: Event) -> None:
        if event.kind == "step":
            self._progress = (
                f"{event.step + 1} of {event.of}: {one_line(short_id(event.revision))} {one_line(event.message)}"
            )

    def _can(self, question: str) -> bool:
        return callable(getattr(self.workbench, question, None))

    def _asked(self) -> Any:
        if self.workbench is None:
            raise UnsupportedRequest(
                "This schema is only a value: it was unpickled or made by hand, so no database belongs to it.",
                "Ask a Workbench for its schema().",
            )
        return self.workbench

    @traitlets.validate("hidden_columns")
    def _one_of_three(self, proposal: Mapping[str, Any]) -> str:
        wanted: str = proposal["value"]
        if wanted not in {"none", "keys", "all"}:
            message = f"hidden_columns is `none`, `keys` or `all`, not {wanted!r}."
            raise traitlets.TraitError(message)
        return wanted

    @traitlets.validate("selected", "only")
    def _known_table(self, proposal: Mapping[str, Any]) -> str:
        wanted: str = proposal["value"]
        if not wanted or wanted in self._tables:
            return wanted
        try:
            found = one_of(self.schema.all_tables, wanted)
        except UnsupportedRequest as error:
            raise traitlets.TraitError(str(error)) from error
        return schema_data.name_of(found, several=schema_data.is_several(self.schema))

    @traitlets.validate("at")
    def _known_stop(self, proposal: Mapping[str, Any]) -> str:
        wanted: str = proposal["value"]
        if wanted and wanted not in self._known:
            message = f"{wanted!r} is no revision that this view knows. Its travel() makes them known."
            raise traitlets.TraitError(message)
        return wanted


def _rows(frame: Any) -> dict[str, Any]:
    """The first rows, as text; a NULL is no text."""
    cells = [
        [None if cell is None else shorten(str(cell), _LONGEST_CELL) for cell in row]
        for row in frame.to_numpy().tolist()
    ]
    return {"columns": [one_line(str(each)) for each in frame.columns], "cells": cells}
