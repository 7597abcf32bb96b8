"""What each command of `%alembic` answers: the very results that a Workbench gives."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.results import Draft, History, Merge, Plan, Revision, SchemaDiff, Status
from workbench.results.base import attach
from workbench.text import plural

if TYPE_CHECKING:
    from workbench import Workbench


def run(wb: Workbench, options: argparse.Namespace) -> Any:
    """Ask `wb` what the options, as `parse` gives them, ask for."""
    return _COMMANDS[options.command](wb, options)


def _history(wb: Workbench, options: argparse.Namespace) -> History:
    return wb.history(options.rev_range)


def _heads(wb: Workbench, options: argparse.Namespace) -> History:
    history = wb.history()
    heads = set(history.heads)
    if getattr(options, "resolve_dependencies", False):
        heads -= {each for revision in history.revisions for each in revision.dependencies}
    return _only(wb, history, [each for each in history.revisions if each.revision in heads])


def _branches(wb: Workbench, _: argparse.Namespace) -> History:
    history = wb.history()
    return _only(wb, history, [each for each in history.revisions if each.is_branch_point])


def _show(wb: Workbench, options: argparse.Namespace) -> History:
    history = wb.history()
    wanted = history.current if options.rev == "current" else (options.rev,)
    found = [each for each in history.revisions if each.revision in wanted]
    if found or options.rev == "current":
        return _only(wb, history, found)
    return wb.history(f"{options.rev}:{options.rev}")  # short ids, head, heads, label@head: as Alembic reads a range


def _only(wb: Workbench, history: History, revisions: Collection[Revision]) -> History:
    return attach(dataclasses.replace(history, revisions=tuple(revisions)), wb)


def _current(wb: Workbench, options: argparse.Namespace) -> Status:
    status = wb.current()
    if getattr(options, "check_heads", False) and not status.is_current:
        ahead = [plural(len(status.pending), "revision") + " pending"] if status.pending else []
        unknown = [f"{', '.join(status.unknown)} in no file"] if status.unknown else []
        raise WorkbenchError(
            f"The database is not at every head: it stands at {', '.join(status.heads) or 'base'}"
            f"{''.join(f', {each}' for each in ahead + unknown)}.",
            "%alembic upgrade heads shows what would run.",
        )
    return status


def _upgrade(wb: Workbench, options: argparse.Namespace) -> Plan:
    if options.sql and ":" not in options.revision:
        # Alembic's offline mode asks no database where it stands, and begins at base unless told otherwise.
        return wb.upgrade(f"base:{options.revision}")
    return wb.upgrade(options.revision)


def _downgrade(wb: Workbench, options: argparse.Namespace) -> Plan:
    if options.sql and ":" not in options.revision:
        raise UnsupportedRequest(
            "downgrade with --sql asks no database, so it requires <fromrev>:<torev>.",
            "Name both, or leave out --sql: the Plan has the SQL from where the database stands.",
        )
    return wb.downgrade(options.revision)


def _stamp(wb: Workbench, options: argparse.Namespace) -> Plan:
    return wb.stamp(",".join(options.revisions), purge=options.purge)


def _check(wb: Workbench, _: argparse.Namespace) -> SchemaDiff:
    return wb.diff()


def _merge(wb: Workbench, options: argparse.Namespace) -> Merge:
    return wb.merge(tuple(options.revisions), options.message, branch_label=options.branch_label, rev_id=options.rev_id)


def _revision(wb: Workbench, options: argparse.Namespace) -> Draft:
    return wb.revision(
        options.message,  # None: as Alembic takes it
        autogenerate=bool(options.autogenerate),
        rev_id=options.rev_id,
        head=options.head or "head",
        splice=options.splice,
        branch_label=options.branch_label,
        depends_on=tuple(options.depends_on) if options.depends_on else None,
        version_path=options.version_path,
    )


_COMMANDS: dict[str, Callable[[Workbench, argparse.Namespace], Any]] = {
    "branches": _branches,
    "check": _check,
    "current": _current,
    "downgrade": _downgrade,
    "heads": _heads,
    "history": _history,
    "merge": _merge,
    "revision": _revision,
    "show": _show,
    "stamp": _stamp,
    "upgrade": _upgrade,
}
