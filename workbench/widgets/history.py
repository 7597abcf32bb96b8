"""The history as a live tree: search, selection, a revision's code, and the way to a Plan."""

from __future__ import annotations

import json
from typing import Any

import anywidget
import traitlets

from workbench import render
from workbench.errors import RevisionNotFound, UnsupportedRequest
from workbench.render.code import python_code
from workbench.render.history_rows import APPLIED, Tree, sentence, tree
from workbench.results import History, Plan
from workbench.text import one_line, visible
from workbench.widgets import traits
from workbench.widgets.view import HERE, View

BASE = "base"
"""What `selected` says of the place below the first revision: Alembic's own word for it."""


class HistoryView(View):
    """The tree of a History; below it, the Plan that was asked for last.

    `selected` and `search` are read, set and observed from Python as well as by hand.
    """

    # anywidget loads one module a view, which cannot import its neighbours: so they are put together here.
    _esm = "\n".join(
        (HERE / f"{name}.js").read_text("utf-8") for name in ("elements", "history_draw", "history_panel", "history")
    )
    _css = "\n".join((HERE / f"{name}.css").read_text("utf-8") for name in ("view", "history"))

    selected = traits.Text()
    """The id of the chosen revision, `base`, or empty."""
    search = traits.Text()
    """What is searched for in ids, messages, labels, files and states."""
    plan = traitlets.Any(None, allow_none=True)
    """The Plan that the preview buttons asked for last; None before that."""

    _data = traitlets.Bytes().tag(sync=True)
    """Rows and lines as JSON, a list a column: one trait, since 10,000 rows as objects take ten times as long."""
    _below = anywidget.WidgetTrait().tag(sync=True)
    """The live view of `plan`."""

    def __init__(self, history: History, workbench: Any = None, **values: Any) -> None:
        super().__init__(history, workbench, **values)

    @property
    def history(self) -> History:
        """What is shown now; a new one after a refresh."""
        history: History = self.result
        return history

    def draw(self) -> None:
        """Send the rows anew; the browser keeps its place."""
        self._data = packed(
            self.history, title=str(getattr(self.workbench, "title", "")), live=self.workbench is not None
        )

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Answer the tree's questions: source, preview, refresh, close, copy."""
        if action == "source":
            return self._source(str(data.get("revision", "")))
        if action == "preview":
            self.preview(str(data.get("direction", "")), str(data.get("revision", "")))
        elif action == "refresh":
            self.refresh()
        elif action == "close":
            self.plan = self._below = None
        elif action == "copy":
            return {"text": render.text(self.history)}
        else:
            return super().act(action, data)
        return {}

    def preview(self, direction: str, revision: str) -> None:
        """Make a Plan for the way from here to `revision` and show it below; nothing is run.

        Raises:
            UnsupportedRequest: There is no such direction, or no workbench to ask.

        """
        workbench = self._asked()
        if direction not in {"upgrade", "downgrade"}:
            raise UnsupportedRequest(f"There is no preview of {direction!r}.", "`upgrade` and `downgrade` are there.")

        def job() -> None:
            self._show(getattr(workbench, direction)(revision))

        self.start(job, f"Working out the {direction} to {one_line(revision)} …")

    def refresh(self) -> None:
        """Ask for the history again, in the background; selection and place stay where they are."""
        workbench = self._asked()

        def job() -> None:
            self._renew(workbench.history(self.history.rev_range))

        self.start(job, "Reading the history again …")

    def _renew(self, history: History) -> None:
        self.result = history
        with self.hold_sync():
            if self.selected and self.selected not in _selectable(history):
                self.selected = ""
            self.draw()

    def _show(self, plan: Plan) -> None:
        # Here, so that a history can be looked at where plans cannot.
        from workbench.widgets.plan import PlanView  # noqa: PLC0415

        below = PlanView(plan, self.workbench)
        below.observe(self._applied, names="run")
        self._below = below
        self.plan = plan

    def _applied(self, change: Any) -> None:
        if change["new"] is None:
            return
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - called by an observer, where it would vanish
            self.show_error(error)

    def _source(self, revision: str) -> dict[str, Any]:
        if revision not in {each.revision for each in self.history.revisions}:
            raise RevisionNotFound(f"No file has the revision {one_line(revision)}.")
        source = self._asked().source(revision)
        parts = [(name, text) for name, text in (("upgrade", source.upgrade), ("downgrade", source.downgrade)) if text]
        # A file without both is broken, or does something of its own: then all of it is what one wants to see.
        code = [{"name": name, "html": python_code(text)} for name, text in parts or [("file", source.text)]]
        doc = next(each.doc for each in self.history.revisions if each.revision == revision)
        return {"code": code, "doc": visible(doc)}

    def _asked(self) -> Any:
        if self.workbench is None:
            raise UnsupportedRequest(
                "This history is only a value: it was unpickled or made by hand, so no database belongs to it.",
                "Ask a Workbench for its history().",
            )
        return self.workbench

    @traitlets.validate("selected")
    def _known(self, proposal: Any) -> str:
        wanted: str = proposal["value"]
        known = _selectable(self.history)
        if not wanted or wanted in known:
            return wanted
        try:
            return self.history[wanted].revision
        except RevisionNotFound as error:
            raise traitlets.TraitError(str(error)) from error


def _selectable(history: History) -> set[str]:
    return {BASE, *history.unknown, *(each.revision for each in history.revisions)}


def packed(history: History, *, title: str, live: bool) -> bytes:
    """What the script draws: a list a column; where most rows have nothing to say, an object by row instead."""
    shown = tree(history)
    rows = shown.rows
    revisions = [row.revision for row in rows]
    lines = [visible(history.problem), visible(history.remedy)] if history.problem else []
    told = {
        "title": one_line(title),
        "sentence": sentence(history),
        "problem": lines,
        "live": live,
        "ids": [row.id if row.sort != "base" else BASE for row in rows],
        "short": [row.short for row in rows],
        "glyphs": "".join(row.glyph for row in rows),
        "words": [row.word for row in rows],
        "messages": [row.message for row in rows],
        "sorts": {row: each.sort for row, each in enumerate(rows) if each.sort != "revision"},
        "heads": [row for row, each in enumerate(rows) if each.is_head],
        "labels": {row: [one_line(label) for label in each.labels] for row, each in enumerate(rows) if each.labels},
        "here": {row: each.here for row, each in enumerate(rows) if each.here},
        "notes": {row: each.notes for row, each in enumerate(rows) if each.notes},
        "faults": {row: visible(each.fault) for row, each in enumerate(revisions) if each and each.fault},
        "needs": {row: each.depends_on for row, each in enumerate(revisions) if each and each.depends_on},
        "follows": [list(each.down_revisions) if each else [] for each in revisions],
        "paths": [visible(each.path) if each else "" for each in revisions],
        "dates": [f"{each.create_date:%Y-%m-%d %H:%M}" if each and each.create_date else "" for each in revisions],
        "columns": shown.lanes.columns,
        "width": shown.lanes.width,
        "edges": _edges(shown),
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def _edges(shown: Tree) -> list[int]:
    # Seven numbers an edge: rows and columns as in `Edge` (no lower row is -1), 1 for depends_on, 1 if applied.
    flat: list[int] = []
    for edge in shown.lanes.edges:
        to_row = -1 if edge.to_row is None else edge.to_row
        applied = to_row >= 0 and shown.rows[edge.from_row].glyph == shown.rows[to_row].glyph == APPLIED
        flat += (edge.from_row, edge.from_column, to_row, edge.to_column, edge.via, edge.kind != "parent", applied)
    return [int(number) for number in flat]
