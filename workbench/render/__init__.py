"""Results as text and as HTML: pure functions, no queries, no clock."""

from __future__ import annotations

import importlib
from typing import Any

# Where the two forms of each result live: `module:function` for text and for HTML.
_FORMS = {
    "History": ("history_text:history_text", "history_html:history_html"),
    "Status": ("history_text:status_text", "history_html:status_html"),
    "SchemaDiff": ("diff_text:diff_text", "diff_html:diff_html"),
    "Change": ("diff_text:change_text", "diff_html:change_html"),
    "Schema": ("schema_text:schema_text", "schema_html:schema_html"),
    "Table": ("schema_text:table_text", "schema_html:table_html"),
    "SchemaObject": ("schema_text:object_text", "schema_html:object_html"),
    "Column": ("schema_text:column_text", "run_html:fields_html"),
    "Constraint": ("schema_text:constraint_text", "run_html:fields_html"),
    "Index": ("schema_text:index_text", "run_html:fields_html"),
    "Drift": ("drift_text:drift_text", "drift_html:drift_html"),
    "Difference": ("drift_text:difference_text", "drift_html:difference_html"),
    "Accepted": ("drift_text:accepted_text", "run_html:fields_html"),
    "Acceptance": ("drift_text:acceptance_text", "drift_html:acceptance_html"),
    "Plan": ("plan_text:plan_text", "plan_html:plan_html"),
    "Merge": ("merge_text:merge_text", "merge_html:merge_html"),
    "Branch": ("merge_text:branch_text", "merge_html:branch_html"),
    "Deed": ("merge_text:deed_text", "run_html:fields_html"),
    "Known": ("merge_text:known_text", "run_html:fields_html"),
    "Meeting": ("merge_text:meeting_text", "merge_html:meeting_html"),
    "Order": ("merge_text:order_text", "merge_html:order_html"),
    "OrderDifference": ("merge_text:difference_text", "run_html:fields_html"),
    "Reparent": ("merge_text:reparent_text", "merge_html:reparent_html"),
    "Draft": ("draft_text:draft_text", "draft_html:draft_html"),
    "Split": ("split_text:split_text", "split_html:split_html"),
    "SplitPart": ("split_text:part_text", "split_html:part_html"),
    "Choice": ("draft_text:choice_text", "draft_html:choice_html"),
    "Question": ("draft_text:question_text", "draft_html:question_html"),
    "Step": ("plan_text:step_text", "plan_html:step_html"),
    "Run": ("run_text:run_text", "run_html:run_html"),
    "Rehearsal": ("rehearsal_text:rehearsal_text", "rehearsal_html:rehearsal_html"),
    "Scratch": ("rehearsal_text:scratch_text", "run_html:fields_html"),
    "Pass": ("rehearsal_text:pass_text", "run_html:fields_html"),
    "Loss": ("rehearsal_text:loss_text", "run_html:fields_html"),
    "RenameCandidate": ("renames:rename_text", "run_html:fields_html"),
    "Backfill": ("renames:backfill_text", "backfill_html:backfill_html"),
    "Filled": ("renames:filled_text", "run_html:fields_html"),
    "RowsChanged": ("rehearsal_text:rows_text", "run_html:fields_html"),
    "StepRun": ("run_text:step_run_text", "run_html:fields_html"),
    "Executed": ("run_text:executed_text", "run_html:fields_html"),
    "Event": ("run_text:event_text", "run_html:fields_html"),
    "Database": ("plan_text:database_text", "run_html:fields_html"),
    "Revision": ("plan_text:revision_text", "run_html:fields_html"),
    "Check": ("check_text:check_text", "check_html:check_html"),
    "Finding": ("check_text:finding_text", "check_html:finding_html"),
    "Rewrite": ("check_text:rewrite_text", "check_html:rewrite_html"),
    "Evidence": ("check_text:evidence_text", "run_html:fields_html"),
    "Blame": ("exploring_text:blame_text", "exploring_html:blame_html"),
    "Touch": ("exploring_text:touch_text", "run_html:fields_html"),
    "Found": ("exploring_text:found_text", "exploring_html:found_html"),
    "Hit": ("exploring_text:hit_text", "run_html:fields_html"),
    "Identification": ("exploring_text:identification_text", "exploring_html:identification_html"),
    "Candidate": ("exploring_text:candidate_text", "exploring_html:candidate_html"),
    "Lost": ("exploring_text:lost_text", "run_html:fields_html"),
    "Stop": ("stop:stop_text", "stop:stop_html"),
    "Delta": ("stop:delta_text", "run_html:fields_html"),
    "Destroyed": ("check_text:destroyed_text", "run_html:fields_html"),
    "Effect": ("check_text:effect_text", "run_html:fields_html"),
    "Operation": ("operation:operation_text", "run_html:fields_html"),
    "ColumnSpec": ("operation:column_text", "run_html:fields_html"),
    "Reference": ("operation:reference_text", "run_html:fields_html"),
    "Facts": ("operation:facts_text", "run_html:fields_html"),
    "Dependent": ("operation:dependent_text", "run_html:fields_html"),
    "Blocker": ("operation:blocker_text", "run_html:fields_html"),
    "Activity": ("operation:activity_text", "run_html:fields_html"),
    "Lock": ("operation:lock_text", "run_html:fields_html"),
    "Measure": ("operation:measure_text", "run_html:fields_html"),
}


def text(result: object) -> str:
    """The text form of a result: the answer in a sentence, then the evidence."""
    return str(_form(result, 0)(result))


def html(result: object) -> str:
    """The static HTML form of a result: complete without scripts or style sheets, the same words as the text."""
    return str(_form(result, 1)(result))


def _form(result: object, which: int) -> Any:
    for base in type(result).__mro__:
        if base.__name__ in _FORMS:
            module, _, function = _FORMS[base.__name__][which].partition(":")
            return getattr(importlib.import_module(f"workbench.render.{module}"), function)
    message = f"{type(result).__name__} has no text and HTML form"
    raise TypeError(message)
