"""The live forms: one Python file a view, and a shared script.

Importing this is cheap; `register` makes results that belong to a Workbench show as live views.
"""

from __future__ import annotations

import importlib
from typing import Any

# The classes of results with a live view, and where that view lives.
_VIEWS = {
    ("workbench.results.history", "History"): "workbench.widgets.history:HistoryView",
    ("workbench.results.schema", "Schema"): "workbench.widgets.schema:SchemaView",
    ("workbench.results.schema_diff", "SchemaDiff"): "workbench.widgets.diff:DiffView",
    ("workbench.results.exploring", "Drift"): "workbench.widgets.drift:DriftView",
    ("workbench.results.merges", "Merge"): "workbench.widgets.merge:MergeView",
    ("workbench.results.drafts", "Draft"): "workbench.widgets.draft:DraftView",
    ("workbench.results.splits", "Split"): "workbench.widgets.split:SplitView",
    ("workbench.results.plans", "Plan"): "workbench.widgets.plan:PlanView",
    ("workbench.results.plans", "Run"): "workbench.widgets.run:RunView",
}


def register(shell: Any) -> None:
    """Let this kernel show results as live views; calling it again changes nothing.

    A formatter registered for a type wins over that type's own `_repr_mimebundle_`.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    for module, name in _VIEWS:
        formatter.for_type_by_name(module, name, _bundle)


def unregister(shell: Any) -> None:
    """Undo `register`: results show their static page again."""
    formatter = shell.display_formatter.mimebundle_formatter
    for module, name in _VIEWS:
        for key in (f"{module}.{name}", getattr(importlib.import_module(module), name)):
            formatter.pop(key, None)


def view_of(result: Any) -> Any:
    """The live view of a result; None if its kind has none."""
    for base in type(result).__mro__:
        home = _VIEWS.get((base.__module__, base.__name__))
        if home is not None:
            module, _, name = home.partition(":")
            return getattr(importlib.import_module(module), name)(result, result.__dict__.get("_origin"))
    return None


def _bundle(result: Any, **options: Any) -> Any:
    if result.__dict__.get("_origin") is None:
        return result._repr_mimebundle_(**options)
    return view_of(result)._repr_mimebundle_(**options)
