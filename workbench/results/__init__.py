"""The frozen dataclasses that every question is answered with."""

from workbench.results.databases import Database
from workbench.results.drafts import Draft
from workbench.results.history import History, Revision, Status
from workbench.results.plans import Event, Executed, Plan, Run, Step, StepRun
from workbench.results.schema_diff import Change, SchemaDiff

__all__ = [
    "Change",
    "Database",
    "Draft",
    "Event",
    "Executed",
    "History",
    "Plan",
    "Revision",
    "Run",
    "SchemaDiff",
    "Status",
    "Step",
    "StepRun",
]
