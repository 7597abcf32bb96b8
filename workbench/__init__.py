"""alembic-workbench: Alembic's commands as things that a notebook can show, compare, and apply.

The names below load on first use, so that `import workbench` costs next to nothing
and the worker process can import its own floor without pandas or widgets.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.errors import WorkbenchError
    from workbench.facade import Workbench
    from workbench.results import (
        Blame,
        Change,
        Column,
        Database,
        Draft,
        Drift,
        Found,
        History,
        Identification,
        Merge,
        Plan,
        Rehearsal,
        Revision,
        Run,
        Schema,
        SchemaDiff,
        Split,
        Status,
        Step,
        Stop,
        Table,
    )

__version__ = "0.1.0"

__all__ = [
    "Blame",
    "Change",
    "Column",
    "Database",
    "Draft",
    "Drift",
    "Found",
    "History",
    "Identification",
    "Merge",
    "Plan",
    "Rehearsal",
    "Revision",
    "Run",
    "Schema",
    "SchemaDiff",
    "Split",
    "Status",
    "Step",
    "Stop",
    "Table",
    "Workbench",
    "WorkbenchError",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOME = {"Workbench": "workbench.facade", "WorkbenchError": "workbench.errors"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOME.get(name, "workbench.results")), name)
    if name == "Workbench":
        _show_in_notebooks()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _show_in_notebooks() -> None:
    """Register the widgets, if this is a kernel; plain Python never imports them."""
    import sys  # noqa: PLC0415 - this module stays free of imports on purpose

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and hasattr(shell, "kernel"):
        importlib.import_module("workbench.widgets").register(shell)


def load_ipython_extension(shell: Any) -> None:
    """Make `%alembic` known: what `%load_ext workbench` calls."""
    importlib.import_module("workbench.magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Forget `%alembic` again: what `%unload_ext workbench` calls."""
    importlib.import_module("workbench.magics").unload(shell)
