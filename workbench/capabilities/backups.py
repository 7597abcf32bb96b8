"""Backup: writes what a Plan destroys into files, before anything of the Plan runs."""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.errors import BackupFailed, Cancelled, WorkbenchError
from workbench.results import ApplyOptions, Destroyed, Event, Plan
from workbench.text import plural, short_id
from workbench.worker.answers import Rows
from workbench.worker.client import Client

NULL = r"\N"
"""What stands for NULL in CSV, as in PostgreSQL's and MySQL's own text files: an empty text is something else."""


def write(client: Client, plan: Plan, options: ApplyOptions, on_event: Callable[[Event], None] | None = None) -> str:
    """Write each table and column that `plan` destroys to `options.backup/<plan id>/`; of SQLite the whole file.

    Args:
        client: Asks the worker.
        plan: What is going to run.
        options: Where to, and as what.
        on_event: Told of each file.

    Returns:
        The folder, as the caller named it; empty where nothing was asked for or nothing is destroyed.

    Raises:
        BackupFailed: Not all of it could be written. What was written is removed again.
        Cancelled: The user stopped it; likewise.

    """
    if options.backup is None:
        return ""
    copied = copied_by(plan)
    wanted = tuple(each for each in plan.destroys if each.database not in copied)
    _tell_blind(plan, copied, on_event)
    if not wanted and not copied:
        return ""
    parquet = options.backup_format == "parquet"
    if wanted and parquet:
        _need_pyarrow()
    above = Path(options.backup).expanduser()
    created = [each for each in (above, *above.parents) if not each.exists()]
    try:
        folder = _folder(above, plan.id)
    except OSError as error:
        raise _failed(f"the folder cannot be made: {error}") from error
    try:
        _fill(client, folder, wanted, copied, options, notify=on_event)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        for each in created:
            _remove_empty(each)
        if isinstance(error, Cancelled):
            raise
        if isinstance(error, WorkbenchError):
            raise _failed(error.message, error.remedy, error.evidence) from error
        if isinstance(error, Exception):  # the disk, pandas, pyarrow
            raise _failed(f"{type(error).__name__}: {error}") from error
        raise
    return f"{str(options.backup).rstrip('/')}/{folder.name}"


def copied_by(plan: Plan) -> list[str]:
    """The SQLite databases whose whole file a backup of the Plan copies."""
    touched = {each.database for each in plan.destroys}
    # Nobody can tell what a step destroys whose SQL is not known; a copy of a file has it all.
    touched |= {step.database for step in plan.steps if step.statements is None and step.direction != "stamp"}
    return [each.name for each in plan.databases if each.dialect == "sqlite" and each.name in touched]


def _tell_blind(plan: Plan, copied: list[str], notify: Callable[[Event], None] | None) -> None:
    """Say for which revisions nobody can promise that all is saved."""
    blind = [step for step in plan.steps if step.statements is None and step.database not in copied]
    if blind and notify is not None:
        ids = ", ".join(dict.fromkeys(short_id(step.revision) for step in blind))
        told = f"Backup: of {ids} the SQL cannot be known beforehand; what the code names is saved, and no more"
        notify(Event("notice", -1, sql=told))


def _fill(  # noqa: C901 - one thing after the other
    client: Client,
    folder: Path,
    wanted: tuple[Destroyed, ...],
    copied: list[str],
    options: ApplyOptions,
    *,
    notify: Callable[[Event], None] | None,
) -> None:
    parquet = options.backup_format == "parquet"
    files = [_File(folder / name, parquet=parquet) for name in _names(wanted, ".parquet" if parquet else ".csv")]
    problem: list[Exception] = []

    def take(event: Any) -> None:
        if not isinstance(event, Rows) or problem:
            return
        try:
            files[event.index].add(event.columns, event.rows)
        except Exception as error:  # noqa: BLE001 - told when the worker has been stopped
            problem.append(error)
            client.cancel()

    try:
        counts = client.call(
            "export",
            on_event=take,
            destroys=wanted,
            copies=dict.fromkeys(copied, str(folder)),
            lock_timeout=options.lock_timeout,
        )
    except WorkbenchError:
        if problem:
            raise problem[0] from None
        raise
    if problem:
        raise problem[0]
    for each, file, count in zip(wanted, files, counts, strict=True):
        file.end()
        if file.rows != count:
            message = f"{plural(file.rows, 'row')} of {each.name} were written where {count:,} were read."
            raise BackupFailed(message)
        if notify is not None:
            told = f"Backup: {plural(file.rows, 'row')} of {each.name} written to {file.path.name}"
            notify(Event("notice", -1, sql=told, rows=file.rows, database=each.database))
    if notify is not None:
        for name in copied:
            notify(Event("notice", -1, sql=f"Backup: the whole of {name} was copied", database=name))


class _File:
    """One table or column, written as its rows come."""

    def __init__(self, path: Path, *, parquet: bool) -> None:
        self.path = path
        self.parquet = parquet
        self.rows = 0
        self._columns: tuple[str, ...] = ()
        self._kept: list[tuple[Any, ...]] = []

    def add(self, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        """Write some more rows. Parquet has one type a column, which only all of its values tell."""
        self.rows += len(rows)
        if self.parquet:
            self._columns = columns
            self._kept += rows
            return
        import pandas as pd  # noqa: PLC0415 - half a second that only those who want a backup should pay

        frame = pd.DataFrame([[_written(value) for value in row] for row in rows], columns=list(columns), dtype=object)
        first = not self._columns
        self._columns = columns
        with self.path.open("x" if first else "a", encoding="utf-8", errors="surrogateescape", newline="") as file:
            frame.to_csv(file, index=False, header=first, na_rep=NULL)

    def end(self) -> None:
        """Write what was kept, and wait until the disk has it."""
        if self.parquet:
            _write_parquet(self.path, self._columns, self._kept)
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())


def _write_parquet(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """By pyarrow itself: a frame of pandas would take a number beside a NULL for a float, and NaN for a NULL."""
    arrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    arrays = [_array(arrow, [row[at] for row in rows]) for at in range(len(columns))]
    parquet.write_table(arrow.Table.from_arrays(arrays, names=list(columns)), str(path))


def _array(arrow: Any, values: list[Any]) -> Any:
    """A column; one whose values have no type in common, or one that Arrow does not have, as text."""
    try:
        return arrow.array(values, from_pandas=False)
    except (arrow.ArrowException, OverflowError, TypeError, ValueError):
        return arrow.array([None if each is None else str(_written(each)) for each in values], arrow.string())


def _written(value: Any) -> Any:
    r"""Bytes as PostgreSQL writes them, `\x00ff`; pandas would write Python's repr, and NULL for what is no number."""
    if isinstance(value, (float, Decimal)) and math.isnan(value):
        return "NaN"
    return r"\x" + value.hex() if isinstance(value, bytes) else value


def _names(wanted: tuple[Destroyed, ...], suffix: str) -> list[str]:
    names: list[str] = []
    for each in wanted:
        parts = (each.database, each.schema, each.table, each.column)
        stem = ".".join(re.sub(r"[^\w\- ]", "_", part) for part in parts if part)[:150]
        name, number = stem, 2
        while f"{name}{suffix}".casefold() in {known.casefold() for known in names}:
            name, number = f"{stem} ({number})", number + 1
        names.append(f"{name}{suffix}")
    return names


def _folder(above: Path, name: str) -> Path:
    """A new folder: what an earlier try has saved is not written over."""
    above.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = above / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        return folder.resolve()


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _need_pyarrow() -> None:
    if find_spec("pyarrow") is None:
        raise _failed(
            "Parquet is written by pyarrow, which is not installed here",
            "Install pyarrow, or leave backup_format='parquet' out: CSV needs nothing.",
        )


def _failed(why: str, remedy: str = "", evidence: tuple[tuple[str, str], ...] = ()) -> BackupFailed:
    return BackupFailed(
        f"What the Plan destroys could not be written first, and nothing was run: {why.rstrip('.')}.",
        remedy or "See that the folder can be written to and has room; or apply without backup=.",
        evidence,
    )
