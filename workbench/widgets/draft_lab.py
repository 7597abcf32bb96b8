"""The backfill lab in the page of a Draft: an expression, what it would make of the rows, and the button to take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import UnsupportedRequest
from workbench.render import page
from workbench.render.backfill_html import backfill_code, backfill_rows, kind
from workbench.results.backfills import Backfill
from workbench.results.choices import Choice
from workbench.results.drafts import Draft
from workbench.text import one_line
from workbench.widgets import controls


@dataclass(frozen=True)
class Trial:
    """An expression for the rows in the way of one choice."""

    expression: str = ""
    python: bool = False
    column: str = ""
    """Which one gets the values, where the choice is of several or has none in its name."""
    answer: Backfill | None = None
    """What became of the rows; None as long as it was not tried."""

    @property
    def options(self) -> dict[str, Any]:
        """As `Draft.fill` and `Draft.backfill` take them."""
        return {"python": self.python, "column": self.column}


def is_offered(draft: Draft, choice: Choice) -> bool:
    """Whether rows may need values before this choice, so that it is worth a button."""
    if not choice.ticked:
        return False
    if choice.kind == "add_column":
        return any("NOT NULL" in (each.after or "") and "DEFAULT" not in (each.after or "") for each in choice.changes)
    if choice.kind == "alter_column":
        return any(
            each.kind == "modify_type" or (each.kind == "modify_nullable" and each.after == "NOT NULL")
            for each in choice.changes
        )
    return bool(draft.columns_of(choice))


def decided(draft: Draft, choice: Choice) -> Trial:
    """What the Draft has decided for it, as something to try."""
    told = draft.decisions.get("fills", {}).get(choice.key, "")
    if not isinstance(told, Mapping):
        return Trial(str(told))
    return Trial(str(told.get("python", told.get("sql", ""))), "python" in told, str(told.get("column", "")))


def typed(draft: Draft, choice: Choice, data: Mapping[str, Any]) -> Trial:
    """What stands in the fields.

    Raises:
        UnsupportedRequest: There is no expression.

    """
    expression = str(data.get(f"expression {choice.key}", "")).strip()
    if not expression:
        raise UnsupportedRequest(
            f"There is no expression for {choice.object}.", "Type SQL: '' or lower(name); or Python: name.lower()"
        )
    columns = draft.columns_of(choice)
    column = str(data.get(f"column {choice.key}", "")) or (columns[0] if columns else "")
    named = choice.kind in {"add_column", "alter_column"}
    return Trial(expression, data.get(f"language {choice.key}") == "python", "" if named else column)


def lab(draft: Draft, index: int, choice: Choice, trial: Trial) -> str:
    """The fields, the buttons, and what the last trial showed."""
    key, number = choice.key, str(index)
    columns = draft.columns_of(choice)
    body = controls.field(
        "values ", f"expression {key}", value=trial.expression, keep=key, size="40", spellcheck="false",
        placeholder="lower(name)", style="font-family:monospace", enter="try" if columns else "fill",
        title="For the rows in the way: SQL in the words of the database, or Python, in which columns are values",
    )  # fmt: skip
    if columns:
        languages = {"sql": "SQL", "python": "Python"}
        body += controls.select(
            "", f"language {key}", languages, label="language", title="What it is written in", keep=key,
            chosen="python" if trial.python else "",
        )  # fmt: skip
    if len(columns) > 1:
        body += controls.select(
            "for ", f"column {key}", {each: each for each in columns}, label="column", keep=key,
            title="The column that gets the values", chosen=trial.column,
        )  # fmt: skip
    if columns:
        body += controls.button("Try it", "try", title="On the live rows; nothing is written", fields="", choice=number)
    good = trial.answer is not None and trial.answer.ok
    body += controls.button("Take it into the draft", "fill", primary=good, fields="", choice=number)
    if key in draft.decisions.get("fills", {}):
        body += controls.button("Take it out", "unfill", choice=number)
    return controls.bar(body, within=True) + ("" if trial.answer is None else _answer(trial.answer))


def beneath(draft: Draft, index: int, choice: Choice, trial: Trial) -> str:
    """The same, below the choices, with its name above."""
    name = page.paragraph(page.element("b", page.escape(f"Values for the rows of {one_line(choice.object)}")))
    bar = f"margin:6px 0;padding:2px 0 2px 10px;border-left:3px solid {page.TOKENS['accent']}"
    return page.element("div", name + lab(draft, index, choice, trial), bar)


def _answer(told: Backfill) -> str:
    line = page.paragraph(page.badge(kind(told), one_line(told.shown)))
    return page.element("div", line + backfill_rows(told) + backfill_code(told), class_="wb-tried")


def opener(index: int, *, is_open: bool) -> str:
    """The button that shows the lab of a choice, and hides it."""
    title = "Try an expression on the rows in its way"
    return controls.button("Values for its rows", "lab", pressed=is_open, title=title, choice=str(index))
