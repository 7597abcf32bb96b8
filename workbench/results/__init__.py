"""The frozen dataclasses that every question is answered with."""

from workbench.results.choices import Choice, Question
from workbench.results.databases import Database
from workbench.results.definitions import Delta
from workbench.results.drafts import Draft
from workbench.results.effects import Destroyed, Effect
from workbench.results.exploring import (
    Acceptance,
    Accepted,
    Blame,
    Candidate,
    Difference,
    Drift,
    Found,
    Hit,
    Identification,
    Lost,
    Stop,
    Touch,
)
from workbench.results.facts import Facts, Measure
from workbench.results.findings import Check, Evidence, Finding
from workbench.results.history import History, Revision, Status
from workbench.results.locks import Activity, Blocker, Lock
from workbench.results.merges import Branch, Deed, Known, Meeting, Merge, Order, OrderDifference, Reparent
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View
from workbench.results.operations import ColumnSpec, Operation, Reference
from workbench.results.plans import ApplyOptions, Event, Executed, Plan, Run, Step, StepRun
from workbench.results.rehearsals import Loss, Pass, Rehearsal, RowsChanged, Scratch
from workbench.results.renames import RenameCandidate
from workbench.results.rewrites import Rewrite
from workbench.results.schema import Schema
from workbench.results.schema_diff import Change, SchemaDiff
from workbench.results.splits import Split, SplitPart

__all__ = [
    "Acceptance",
    "Accepted",
    "Activity",
    "ApplyOptions",
    "Blame",
    "Blocker",
    "Branch",
    "Candidate",
    "Change",
    "Check",
    "Choice",
    "Column",
    "ColumnSpec",
    "Constraint",
    "Database",
    "Deed",
    "Delta",
    "Destroyed",
    "Difference",
    "Draft",
    "Drift",
    "Effect",
    "Event",
    "Evidence",
    "Executed",
    "Facts",
    "Finding",
    "Found",
    "History",
    "Hit",
    "Identification",
    "Index",
    "Known",
    "Lock",
    "Loss",
    "Lost",
    "Measure",
    "Meeting",
    "Merge",
    "Operation",
    "Order",
    "OrderDifference",
    "Pass",
    "Plan",
    "Question",
    "Reference",
    "Rehearsal",
    "RenameCandidate",
    "Reparent",
    "Revision",
    "Rewrite",
    "RowsChanged",
    "Run",
    "Schema",
    "SchemaDiff",
    "SchemaObject",
    "Scratch",
    "Split",
    "SplitPart",
    "Status",
    "Step",
    "StepRun",
    "Stop",
    "Table",
    "Touch",
    "View",
]
