"""The palette in the page of a Draft: choose an operation, fill in its form with the live schema's names, add it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.capabilities import palette, palette_types
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.render import page
from workbench.results import Schema, Table
from workbench.results.drafts import Draft
from workbench.results.schema import one_of
from workbench.text import one_line, shorten
from workbench.widgets import controls

_WIDTH = {"sql": "48", "columns": "24", "referred": "24"}


@dataclass
class Chosen:
    """What stands in the form."""

    schema: Schema | None = None
    """The live one; None as long as nothing was chosen."""
    values: dict[str, str] = field(default_factory=dict)
    error: WorkbenchError | None = None
    """Why the last one was not added."""

    def take(self, data: Mapping[str, Any]) -> None:
        """Note what stands in the fields."""
        self.values = {name: str(value) for name, value in data.items()}
        self.error = None

    @property
    def given(self) -> dict[str, str]:
        """The values of its operation, by the names of its fields."""
        names = {each.name for each in palette.BY_NAME[self.operation].fields}
        return {name: value for name, value in self.values.items() if name in names and value}

    @property
    def operation(self) -> str:
        """Alembic's word; empty if none is chosen.

        Raises:
            UnsupportedRequest: There is none of this name.

        """
        told = self.values.get("operation", "")
        if told and told not in palette.BY_NAME:
            raise UnsupportedRequest(f"The palette has no {told!r}.", "Display the view again.")
        return told


def section(draft: Draft, chosen: Chosen) -> str:
    """The choice of an operation, and its form."""
    count = len(draft.decisions.get("operations") or ())
    keep = f"palette {draft.revision} {count}"
    operations = {"": "…", **{each.name: each.label for each in palette.OPERATIONS}}
    body = controls.select(
        "", "operation", operations, label="operation", title="What to add to this revision", typing="palette",
        chosen=chosen.operation, keep=keep,
    )  # fmt: skip
    if chosen.operation and chosen.schema is not None:
        form = palette.BY_NAME[chosen.operation]
        body += "".join(_field(each, chosen, keep) for each in form.fields)
        body += controls.button("Add", "add", title="At the end of the revision, with its way back", fields="")
    told = "" if chosen.error is None else _error(chosen.error)
    return page.details(page.element("b", "Add an operation"), controls.bar(body) + told, key="palette")


def taking_out(index: int) -> str:
    """The button to take an operation out again."""
    return controls.button("Take it out", "without", index=str(index))


def _error(error: WorkbenchError) -> str:
    return page.note("bad", f"Not added. {error.message}" + (f" {error.remedy}" if error.remedy else ""))


def _field(asked: palette.Field, chosen: Chosen, keep: str) -> str:
    assert chosen.schema is not None  # noqa: S101 - `section` has looked
    keep = f"{keep} {chosen.operation}"
    value = chosen.values.get(asked.name, "")
    table = _table(chosen, "referent_table" if asked.kind == "referred" else "table")
    choices = _choices(asked, chosen.schema, table)
    if choices is not None:
        typing = "palette" if asked.kind == "table" else None
        if asked.kind != "table":
            keep += f" {chosen.values.get('table', '')}"  # the names of another table are others
        return controls.select(
            f"{asked.label} ", asked.name, choices, label=asked.label, title=asked.title, typing=typing, chosen=value,
            keep=keep,
        )  # fmt: skip
    title = asked.title
    if asked.kind in {"columns", "referred"} and table is not None:
        title = f"{title}: {shorten(', '.join(each.name for each in table.columns), 200)}"
    more = {"size": _WIDTH.get(asked.kind, "16"), "enter": "add", "value": value, "keep": keep}
    names = _names(asked, table, palette_types.offered(_dialect(chosen.schema)))
    if not names:
        return controls.field(f"{asked.label} ", asked.name, title=title, **more)
    listed = f"wb-{keep} {asked.name}".replace(" ", "-")
    options = "".join(page.element("option", "", value=each) for each in names)
    return controls.field(f"{asked.label} ", asked.name, title=title, list=listed, **more) + page.element(
        "datalist", options, id=listed
    )


def _names(asked: palette.Field, table: Table | None, types: tuple[str, ...]) -> tuple[str, ...]:
    if asked.kind == "type":
        return types
    if asked.kind in {"columns", "referred"} and table is not None:
        return tuple(each.name for each in table.columns)
    return ()


def _choices(asked: palette.Field, schema: Schema, table: Table | None) -> dict[str, str] | None:
    """What can be chosen; None where anything can be typed."""
    if asked.kind == "nullable":
        return dict(palette.NULLABLE)
    if asked.kind == "flag":
        return {"": "no", palette.YES: "yes"}
    if asked.kind == "choice":
        return {"": "…", **{each: each for each in asked.choices}}
    names: dict[str, list[str]] = {
        "table": [each.qualified for each in schema.all_tables],
        "column": [each.name for each in table.columns] if table else [],
        "index": [each.name for each in table.indexes] if table else [],
        "constraint": [each.name for each in table.constraints if each.name] if table else [],
    }
    return {"": "…", **{each: one_line(each) for each in names[asked.kind]}} if asked.kind in names else None


def _table(chosen: Chosen, name: str) -> Table | None:
    assert chosen.schema is not None  # noqa: S101 - `section` has looked
    try:
        return one_of(chosen.schema.all_tables, chosen.values.get(name, ""))
    except UnsupportedRequest:
        return None


def _dialect(schema: Schema) -> str:
    return schema.databases[0].dialect if schema.databases else "sqlite"
