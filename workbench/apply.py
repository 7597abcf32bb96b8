"""The only writers: runs a Plan, writes a Draft or another parent of a revision, writes down an accepted difference."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bridge.values import Drafted
from workbench.capabilities import (
    authoring,
    backups,
    checks,
    hazards,
    identifying,
    journal,
    merging_reparents,
    protection,
    runs,
)
from workbench.errors import (
    BackupFailed,
    Cancelled,
    DatabaseLocked,
    DatabaseReadOnly,
    HazardFound,
    PlanOutdated,
    UnsupportedRequest,
    WorkbenchError,
    WorkerDied,
    WriteFailed,
)
from workbench.results import Acceptance, ApplyOptions, Database, Draft, Event, Finding, Plan, Reparent, Run
from workbench.worker.client import Client

if TYPE_CHECKING:
    from workbench.worker.answers import Session, Standing

_OPEN_ANOTHER = "To write, open one without read_only=True."
_TOO_LONG = 1_000_000.0
"""Seconds. Servers count milliseconds in 31 bits."""


def options_of(given: Mapping[str, Any]) -> ApplyOptions:
    """What `plan.apply()` was given, as one value.

    Raises:
        UnsupportedRequest: There is no such option, or it cannot have this value.

    """
    known = [each.name for each in fields(ApplyOptions)]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UnsupportedRequest(
            f"apply() has no option {unknown[0]!r}.", f"It has on_event, {', '.join(known)}; see `help(Plan.apply)`."
        )
    options = ApplyOptions(**given)
    if isinstance(options.backup, os.PathLike):
        options = replace(options, backup=os.fspath(options.backup))
    for name in ("lock_timeout", "statement_timeout", "backoff"):
        seconds = getattr(options, name)
        if seconds is None and name != "backoff":
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < _TOO_LONG:
            raise UnsupportedRequest(
                f"{name}={seconds!r} is no number of seconds above zero.",
                "Write 5 or 0.5" + ("." if name == "backoff" else "; None leaves the server's own setting."),
            )
    retries: Any = options.retries
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise UnsupportedRequest(f"retries={options.retries!r} is no number of tries.", "Write 0, 1, 2, 3.")
    if not isinstance(options.backup, (str, type(None))):
        raise UnsupportedRequest(f"backup={options.backup!r} is no folder.", 'Write its path, as in "before".')
    if options.backup_format not in ("csv", "parquet"):
        raise UnsupportedRequest(f"There is no backup_format={options.backup_format!r}.", "Write 'csv' or 'parquet'.")
    return options


def apply_plan(
    client: Client,
    plan: Plan,
    options: ApplyOptions,
    on_event: Callable[[Event], None] | None,
    *,
    folder: Path,
    read_only: bool,
    answered: Callable[[Plan], tuple[Finding, ...]],
) -> Run:
    """Run exactly the Plan's steps.

    Args:
        client: Asks the worker.
        plan: What to run.
        options: How.
        on_event: Called with each Event.
        folder: The configuration's: what is protected is written there or above.
        read_only: Whether to refuse.
        answered: Asks the rows once more; gives the findings with what they answered.

    Raises:
        PlanOutdated: Something has moved. Nothing was run.
        HazardFound: The rows answer that it will fail or lose values, which the Plan did not show.
        DatabaseLocked: Somebody else applies a Plan to this database. Nothing was run.
        DatabaseProtected: It is named protected, and `options.confirm` is not its name.
        BackupFailed: What it destroys could not be written to `options.backup` first.
        EnvironmentInvalid: What is protected cannot be read.
        UnsupportedRequest: The Plan is a range, made to be read; or a stamp of what the live schema is not, and
            `options.confirm` is not the database's name.
        DatabaseReadOnly: The Workbench was opened read-only.

    """
    if plan.offline:
        raise UnsupportedRequest(
            f"This Plan is the SQL of the range {plan.target!r}; it does not start where the database stands.",
            'Make one to a target, as in wb.upgrade("head"), and apply that.',
        )
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it applies nothing.", _OPEN_ANOTHER)
    if plan.is_empty:
        client.call("verify", told=plan, leave_loaded=False)
        now = client.call("status").databases
        return Run(True, runs.heads(now), (), (), now, plan, standing="There was nothing to run.")
    remarks = protection.check(plan, folder, options.confirm)
    identifying.check_confirmed(plan, options.confirm, protection.to_type(plan, folder))
    with journal.Entry(plan, client.settings, on_event) as entry:
        watch = runs.Watch(on_event, entry.heard)
        for words in remarks:
            watch(Event("notice", -1, sql=words))
        return entry.ended(_run(client, plan, options, watch, answered))


def _run(
    client: Client,
    plan: Plan,
    options: ApplyOptions,
    watch: runs.Watch,
    answered: Callable[[Plan], tuple[Finding, ...]],
) -> Run:
    backup = ""
    ended: tuple[tuple[Session, bool], ...] = ()
    try:
        with client.operation():  # a cancel between the two is a cancel of both
            client.call("verify", told=plan)
            if options.preflight and plan.direction == "upgrade":
                hazards.check_again(plan, answered)
            backup = backups.write(client, plan, options, watch)
            ran = watch.complete(client.call("apply", on_event=watch, graceful=True, told=plan, options=options))
    except (PlanOutdated, DatabaseLocked, HazardFound, BackupFailed, UnsupportedRequest):
        raise
    except WorkbenchError as error:  # before the first step, or the worker's death
        ran = watch.ran(error)
        if isinstance(error, (WorkerDied, Cancelled)):
            ended = _end_sessions(client, watch, time.time())
    now = _databases_now(client)
    run = runs.run(plan, ran, now, watch.copies)
    findings = () if run.ok or isinstance(now, WorkbenchError) else checks.after(client, plan)
    return runs.with_sessions(runs.with_findings(run, findings, backup), ended)


def _end_sessions(client: Client, watch: runs.Watch, died: float) -> tuple[tuple[Session, bool], ...]:
    """Let no server go on with what it does for a worker that has died: else nobody knows what is in the database."""
    sessions = tuple(watch.sessions)
    for _ in range(2 if sessions else 0):  # as below
        with contextlib.suppress(WorkbenchError, KeyboardInterrupt):
            answer: tuple[tuple[Session, bool], ...] = client.call("end_sessions", sessions=sessions, died=died)
            return answer
    return ()


def _databases_now(client: Client) -> tuple[Database, ...] | WorkbenchError:
    """Each database as it is now, read by another process if need be."""
    problem: WorkbenchError = WorkerDied("It was not asked.")
    for _ in range(2):  # a cancel meant for the migration may hit the first question after it
        try:
            standing: Standing = client.call("status")
        except WorkbenchError as error:
            problem = error
        except KeyboardInterrupt:  # whoever is impatient still gets the Run, and the journal its end
            problem = Cancelled("It was interrupted.")
        else:
            return standing.databases
    return problem


def write_draft(
    client: Client, draft: Draft, folder: Path, asked: dict[str, Any], *, read_only: bool, task: str = "write"
) -> Path:
    """Write the Draft's file, never over another one.

    Args:
        client: Asks the worker.
        draft: What was shown.
        folder: The configuration's.
        asked: What the worker was asked for it, and is asked again: the file has to be the same now.
        read_only: Whether to refuse.
        task: What the worker writes it with.

    Raises:
        PlanOutdated: The revision files, the models or the database have moved. Nothing was written.
        WriteFailed: It cannot be written.
        UnsupportedRequest: There is nothing to write, it cannot be loaded, or its message says nothing.
        DatabaseReadOnly: The Workbench was opened read-only.

    """
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it writes nothing.", _OPEN_ANOTHER)
    authoring.check_writable(draft)
    drafted = Drafted(draft.revision, draft.down_revisions, str(folder / draft.path), draft.code, draft.created)
    return Path(client.call(task, drafted=drafted, **asked))


def write_split(
    client: Client, drafts: list[Draft], folder: Path, asked: list[dict[str, Any]], *, read_only: bool
) -> tuple[Path, ...]:
    """Write the files of Drafts of which each follows the one before, all or none; raises as `write_draft` does."""
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it writes nothing.", _OPEN_ANOTHER)
    parts = []
    for each, question in zip(drafts, asked, strict=True):
        authoring.check_writable(each)
        drafted = Drafted(each.revision, each.down_revisions, str(folder / each.path), each.code, each.created)
        parts.append((drafted, drafts[0].down_revisions[0], question))
    return tuple(map(Path, client.call("write_split", parts=tuple(parts))))


def write_reparent(file: Path, reparent: Reparent, *, read_only: bool) -> Path:
    """Write the revision file that a Reparent shows; whole, or not at all.

    Raises:
        PlanOutdated: The file has changed since.
        WriteFailed: It cannot be written.
        DatabaseReadOnly: `read_only`.

    """
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it writes nothing.", _OPEN_ANOTHER)
    real = file.resolve()  # a link stays one
    try:
        if merging_reparents.digest(real.read_bytes()) != reparent.sealed:
            raise PlanOutdated(
                f"{reparent.path} has changed since this was shown, and nothing was written.",
                "Look at the heads again: wb.merge().",
            )
        _replace(real, reparent.text.encode("utf-8"))
    except OSError as error:
        if isinstance(error, WorkbenchError):
            raise
        raise WriteFailed(
            f"{reparent.path} cannot be written: {error.strerror}. Nothing was written.",
            "Give yourself the right to write there, and write again.",
        ) from error
    return file


def write_acceptance(file: Path, acceptance: Acceptance, *, read_only: bool) -> Path:
    """Write what an Acceptance shows; whole, or not at all.

    Args:
        file: The file of accepted differences.
        acceptance: What it will say.
        read_only: Whether to refuse.

    Raises:
        PlanOutdated: The file has changed since.
        DatabaseReadOnly: `read_only`.

    """
    if read_only:
        raise DatabaseReadOnly("This Workbench was opened with read_only=True, so it writes nothing.", _OPEN_ANOTHER)
    if (file.read_text("utf-8") if file.exists() else None) != acceptance.before:
        raise PlanOutdated(
            f"{acceptance.path} has changed since this was shown, and nothing was written.",
            "Accept the difference again: wb.accept(difference, reason).",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace(file, acceptance.text.encode("utf-8"))
    return file


def _replace(file: Path, content: bytes) -> None:
    """Give a file another content, whole or not at all."""
    number, made = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        Path(made).chmod(mode)
        Path(made).replace(file)
    except BaseException:
        Path(made).unlink()
        raise
