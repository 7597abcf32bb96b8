"""Scratch files for SQLite, in our own cache folder."""

# ruff: noqa: S608 - names from the catalogue, quoted

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from workbench.bridge.scratch import databases, row_samples
from workbench.bridge.scratch.databases import Order, ScratchDatabase
from workbench.bridge.scratch.row_samples import ForeignKey, Table
from workbench.errors import ScratchRefused

_PAGES = 2048  # copied between two reports of progress
_BESIDE = ("", "-journal", "-wal", "-shm")
_SMALL = 64 * 2**20  # up to this size the rows are counted, and not estimated


def size_of(connection: Any) -> tuple[int, int]:
    """Bytes and rows of the file; of a large one the rows are estimated by the highest rowid."""
    pages, page = (connection.exec_driver_sql(f"PRAGMA {each}").scalar() for each in ("page_count", "page_size"))
    names = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    )
    rows, what = 0, "count(*)" if pages * page <= _SMALL else "max(_rowid_)"
    for (name,) in names.fetchall():
        with contextlib.suppress(Exception):  # WITHOUT ROWID; a module that is not loaded
            rows += connection.exec_driver_sql(f"SELECT {what} FROM {_quoted(name)}").scalar() or 0
    return pages * page, rows


def make(order: Order) -> ScratchDatabase:
    """See `scratch.make`."""
    live = order.live.database
    if not live:
        raise ScratchRefused("A SQLite database in memory has no scratch copy.", "Use a file.")
    path, lock, end = _from_url(order, live) if order.url is not None else _new(order.name)
    try:
        made = ScratchDatabase(path, "sqlite", order.live, "replay", mark=(os.path.realpath(path),), url=order.url)
        if order.copies and os.path.exists(live):
            _fill(made, order, live)
    except BaseException:
        end()
        _unlock(lock)
        raise

    def undo() -> None:
        end()
        _unlock(lock)

    made._undo = undo
    return made


def sweep() -> list[str]:
    """Delete scratch files that nobody holds any more; returns their names."""
    dropped = []
    with contextlib.suppress(OSError):
        folder = databases.folder()
        for name in sorted({each.partition(".")[0] for each in os.listdir(folder)}):
            path = os.path.join(folder, f"{name}.db")
            if not databases.is_ours(name) or databases.is_fresh(name):
                continue
            lock = _locked(_lock_of(path))
            if lock is not None:
                _delete(path)
                _unlock(lock)
                dropped.append(name)
    return dropped


def _new(name: str) -> tuple[str, Any, Callable[[], None]]:
    try:
        path = os.path.join(databases.folder(), f"{name}.db")
        lock = _locked(_lock_of(path))
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # live rows: for nobody else's eyes
    except OSError as error:
        raise databases.denied(error, "the cache folder") from error
    return path, lock, lambda: _delete(path)


def _from_url(order: Order, live: str) -> tuple[str, Any, Callable[[], None]]:
    path = os.path.realpath(str(order.url.database or ""))
    if not order.url.database or path == live or (os.path.exists(path) and os.path.exists(live) and _same(path, live)):
        raise ScratchRefused(
            "scratch_url= names the live database itself, or none.", "Name another file, which is empty or not there."
        )
    mark = os.path.join(databases.folder(), f"url-{hashlib.sha256(path.encode()).hexdigest()[:16]}.lock")
    lock = _locked(mark)
    if lock is None:
        raise ScratchRefused(
            f"{os.path.basename(path)}, which scratch_url= names, is in use by another rehearsal.",
            "Wait for it, or name another file.",
        )
    there = os.path.exists(path)
    if there and _holds_something(path):
        was_ours = os.read(lock[0], 100) == _which(path)
        _unlock(lock)
        if was_ours:
            raise databases.cut_off(os.path.basename(path), "delete the file")
        raise ScratchRefused(
            f"{os.path.basename(path)}, which scratch_url= names, is not empty.",
            "Name a file that is empty or not there: everything in it goes at the end of a rehearsal.",
        )

    def end() -> None:
        _delete(path)
        if there:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))

    try:
        end()
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        os.ftruncate(lock[0], 0)
        os.lseek(lock[0], 0, os.SEEK_SET)
        os.write(lock[0], _which(path))
    except BaseException:
        _unlock(lock)
        raise
    return path, lock, end


def _which(path: str) -> bytes:
    """What tells this file from one that takes its place."""
    told = os.stat(path)
    return f"{told.st_dev}:{told.st_ino}".encode()


def _same(one: str, other: str) -> bool:
    return os.path.samefile(one, other)


def _holds_something(path: str) -> bool:
    try:
        with contextlib.closing(_reading(path)) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error:
        return True  # no database at all, and nothing of ours to empty


def _reading(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)


def _fill(made: ScratchDatabase, order: Order, live: str) -> None:
    with contextlib.closing(_reading(live)) as source:
        pages, page = (source.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size"))
        made.size = pages * page if order.data == "full" else 0
        free = shutil.disk_usage(os.path.dirname(made.name)).free
        if made.size > free:
            raise ScratchRefused(
                f"A copy of the database has {made.size:,} bytes, and only {free:,} are free for it.",
                "Rehearse with data='sample' or data='none'; or make room, or set XDG_CACHE_HOME to a larger disk.",
            )
        with contextlib.closing(sqlite3.connect(made.name, uri=True)) as target:
            if order.data == "full":
                made.way = "backup API"
                source.backup(
                    target,
                    pages=_PAGES,
                    progress=lambda _, left, total: order.progress("copying pages", total - left, total),
                )
                made.rows = _count(target)
                return
            made.way = "schema and sample" if order.data == "sample" else "schema"
            _rebuild(source, target, live, made, order)


def _rebuild(source: Any, target: Any, live: str, made: ScratchDatabase, order: Order) -> None:
    encoding = source.execute("PRAGMA encoding").fetchone()[0]
    target.execute(f"PRAGMA encoding = '{encoding}'")
    for name in ("page_size", "auto_vacuum", "user_version", "application_id"):
        target.execute(f"PRAGMA {name} = {int(source.execute(f'PRAGMA {name}').fetchone()[0])}")
    target.isolation_level = None
    entries = source.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY rowid"
    ).fetchall()
    shadows = set()
    with contextlib.suppress(sqlite3.Error):  # SQLite ≥ 3.37
        shadows = {row[1] for row in source.execute("PRAGMA main.table_list") if row[2] == "shadow"}
    notes = []

    def run(kind: str, name: str, sql: str) -> None:
        try:
            target.execute(sql)
        except sqlite3.Error as error:
            notes.append(f"{kind} {name} could not be rebuilt: {error}")

    target.execute("BEGIN")
    for kind, name, sql in entries:
        if kind == "table" and name not in shadows:
            run(kind, name, sql)
    target.execute("COMMIT")
    plain = [name for kind, name, sql in entries if kind == "table" and "VIRTUAL" not in sql[:20].upper()]
    _copy_rows(target, live, [each for each in plain if each not in shadows], made, order)
    target.execute("BEGIN")
    for wanted in ("index", "view", "trigger"):
        for kind, name, sql in entries:
            if kind == wanted:
                run(kind, name, sql)
    target.execute("COMMIT")
    made.notes = tuple(notes)


def _copy_rows(target: Any, live: str, names: list[str], made: ScratchDatabase, order: Order) -> None:
    target.execute("ATTACH ? AS workbench_live", (f"file:{quote(live)}?mode=ro",))
    target.execute("PRAGMA ignore_check_constraints = ON")  # what is in the live one has been let in
    target.execute("BEGIN")
    _, version_table = order.version_table
    tables = [each for each in (_table(target, name) for name in names) if each.columns]  # the others were not made
    version = [each for each in tables if each.name == _quoted(version_table)]

    def execute(sql: str) -> int:
        return int(target.execute(sql).rowcount)

    row_samples.copy(version, execute, "main", "workbench_live", -1, lambda *_: None)
    if order.data == "sample":
        others = [each for each in tables if each not in version]
        made.rows = row_samples.copy(others, execute, "main", "workbench_live", databases.SAMPLE, order.progress)
        with contextlib.suppress(sqlite3.Error):  # there is none without AUTOINCREMENT
            target.execute("DELETE FROM main.sqlite_sequence")
            target.execute("INSERT INTO main.sqlite_sequence SELECT * FROM workbench_live.sqlite_sequence")
    target.execute("COMMIT")
    target.execute("DETACH workbench_live")


def _table(connection: Any, name: str) -> Table:
    columns = tuple(
        _quoted(row[1])
        for row in connection.execute(f"PRAGMA main.table_xinfo({_quoted(name)})")
        if row[6] == 0  # the others are generated
    )
    keys: dict[int, list[Any]] = {}
    for row in connection.execute(f"PRAGMA workbench_live.foreign_key_list({_quoted(name)})"):
        keys.setdefault(row[0], []).append(row)
    found = []
    for rows in keys.values():
        rows.sort(key=lambda row: int(row[1]))
        actual = connection.execute("SELECT name FROM main.sqlite_master WHERE name = ? COLLATE NOCASE", (rows[0][2],))
        parent = (actual.fetchone() or (rows[0][2],))[0]
        to = [row[4] for row in rows]
        if None in to:  # REFERENCES without columns means the primary key
            key = connection.execute(f"PRAGMA main.table_info({_quoted(parent)})").fetchall()
            to = [row[1] for row in sorted((row for row in key if row[5]), key=lambda row: int(row[5]))]
        columns_from = tuple(_quoted(row[3]) for row in rows)
        found.append(ForeignKey(columns_from, _quoted(parent), tuple(_quoted(each) for each in to)))
    return Table(_quoted(name), columns, found)


def _count(connection: Any) -> int:
    total = 0
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        with contextlib.suppress(sqlite3.Error):  # a module that is not loaded
            total += connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]
    return total


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _delete(path: str) -> None:
    for suffix in _BESIDE:
        with contextlib.suppress(OSError):
            os.remove(path + suffix)


def _lock_of(path: str) -> str:
    return f"{path[: -len('.db')]}.lock"


def _locked(path: str) -> Any:
    """An open file that nobody else can lock while we live; None if somebody does."""
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415 - there is one of them on each system

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl  # noqa: PLC0415 - there is one of them on each system

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file, path


def _unlock(lock: Any) -> None:
    if lock is None:
        return
    file, path = lock
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.remove(path)
    os.close(file)
    if os.name == "nt":
        with contextlib.suppress(OSError):
            os.remove(path)
