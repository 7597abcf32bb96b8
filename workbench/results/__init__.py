"""The frozen dataclasses that every question is answered with."""

from workbench.results.databases import Database
from workbench.results.drafts import Draft
from workbench.results.effects import Destroyed, Effect
from workbench.results.findings import Check, Evidence, Finding
from workbench.results.history import History, Revision, Status
from workbench.results.plans import ApplyOptions, Event, Executed, Plan, Run, Step, StepRun
from workbench.results.rehearsals import Loss, Pass, Rehearsal, RowsChanged, Scratch
from workbench.results.schema_diff import Change, SchemaDiff

__all__ = [
    "ApplyOptions",
    "Change",
    "Check",
    "Database",
    "Destroyed",
    "Draft",
    "Effect",
    "Event",
    "Evidence",
    "Executed",
    "Finding",
    "History",
    "Loss",
    "Pass",
    "Plan",
    "Rehearsal",
    "Revision",
    "RowsChanged",
    "Run",
    "SchemaDiff",
    "Scratch",
    "Status",
    "Step",
    "StepRun",
]
