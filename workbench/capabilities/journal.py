"""The journal: a local file, only ever added to, that keeps a record of every apply."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import hashlib
import json
import os
import secrets
import socket
import stat
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import workbench
from workbench.bridge.settings import Settings
from workbench.environment import syntax
from workbench.errors import Cancelled, WorkbenchError
from workbench.results import Event, Plan, Run, Step
from workbench.text import redact
from workbench.worker.client import told

PLACE = "WORKBENCH_JOURNAL"
"""The environment variable that names another file than the user's own."""
LATEST = 0.2
"""Seconds that a line may wait for others to be written with."""
_DIGESTED = 200  # steps of one apply whose syntax trees are digested, at a millisecond each
_LONGEST = 20_000  # characters of one statement that are kept: a journal is no copy of the data


def place() -> Path:
    """The file: the one that the environment names, else `journal.jsonl` in the user's own data folder."""
    if named := os.environ.get(PLACE):
        return Path(named)
    import platformdirs  # noqa: PLC0415 - only those who apply or read the journal need it

    return platformdirs.user_data_path("alembic-workbench", appauthor=False) / "journal.jsonl"


def configuration(settings: Settings) -> str:
    """What an environment is known by in the journal: the path of its configuration."""
    return os.path.realpath(settings.ini or settings.toml or settings.folder)


class Entry:
    """One apply, as it is written down: entered before anything runs, told of each event, left with the result.

    A journal that cannot be written stops no migration: that is said once, and the rest goes unwritten.
    """

    def __init__(self, plan: Plan, settings: Settings, notify: Callable[[Event], None] | None) -> None:
        self.id = secrets.token_hex(6)
        self._plan = plan
        self._settings = settings
        self._notify = notify
        self._began = dt.datetime.now(dt.UTC)
        self._file: int | None = None
        self._waiting: list[str] = []
        self._running: Event | None = None
        self._statements = 0
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()
        self._ended = False

    # -- its beginning and end ------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._file = _opened(place())
        except (OSError, RuntimeError) as error:  # RuntimeError: the user has no home
            self._give_up(error)
        plan = self._plan
        self._add(
            "begin",
            began=self._began.isoformat(timespec="milliseconds"),
            plan=plan.id,
            who=_who(),
            host=socket.gethostname(),
            pid=os.getpid(),
            process=started(os.getpid()),
            workbench=workbench.__version__,
            configuration=configuration(self._settings),
            databases=[{"name": it.name, "url": redact(it.url), "dialect": it.dialect} for it in plan.databases],
            direction=plan.direction,
            source=plan.source,
            target=plan.target,
            steps=[
                {"database": it.database, "revision": it.revision, "message": it.message, "syntax": self._syntax(it)}
                for it in plan.steps
            ],
        )
        self._write(last=True)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if not self._ended and error is not None:  # refused, or an interrupt before the first step
            stopped = isinstance(error, (Cancelled, KeyboardInterrupt))
            result = "cancelled" if stopped else "refused" if isinstance(error, WorkbenchError) else "failed"
            self._end(result, (), _words(error))
        with self._lock:
            self._write()
            if self._timer is not None:
                self._timer.cancel()
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def ended(self, run: Run) -> Run:
        """Write down what became of it; returns `run`."""
        result = "done" if run.ok else "cancelled" if run.cancelled else "failed"
        self._end(result, run.heads, "" if run.error is None else _words(run.error))
        return run

    # -- while it runs --------------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """Take note of an event. Ten thousand small statements must cost next to nothing, so lines go out in bulk."""
        if self._file is None:
            return
        with self._lock:
            if event.kind == "statement":
                self._running = event
            elif event.kind == "executed":
                self._running = None
                self._statements += 1
                self._add("statement", **_statement(event))
            elif event.kind in {"step", "step_done", "step_failed"}:
                self._running = None if event.kind != "step_failed" else self._running
                self._add(event.kind, **_about(event), **({} if event.seconds is None else {"seconds": event.seconds}))
                self._write()
        if self._timer is None:
            self._timer = threading.Timer(LATEST, self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _syntax(self, step: Step) -> str:
        """A digest of the step's syntax tree, which tells later whether the revision has changed since; or nothing."""
        if step.direction != "upgrade" or not step.path.endswith(".py") or len(self._plan.steps) > _DIGESTED:
            return ""
        try:
            raw = Path(self._settings.folder, step.path).read_bytes()
        except OSError:
            return ""
        # What is run is what the Plan shows: another file is refused, and says nothing here.
        return (syntax.digest(raw) or "") if hashlib.sha256(raw).hexdigest() == step.digest else ""

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            self._write()

    # -- the file -------------------------------------------------------------------------------------------------

    def _end(self, result: str, heads: Sequence[str], error: str) -> None:
        self._ended = True
        seconds = round((dt.datetime.now(dt.UTC) - self._began).total_seconds(), 3)
        with self._lock:
            self._add(
                "end", result=result, heads=list(heads), error=error, seconds=seconds, statements=self._statements
            )
            self._write(last=True)

    def _add(self, kind: str, **what: Any) -> None:
        if self._file is not None:
            # The id comes second, so that the statements of an apply can be counted without reading their JSON.
            self._waiting.append(json.dumps({"record": kind, "id": self.id, **what}, ensure_ascii=True))

    def _write(self, *, last: bool = False) -> None:
        if self._file is None:
            return
        if self._running is not None:  # it lasts: should the kernel die now, this is the one that it died in
            self._add("running", **_statement(self._running))
            self._running = None
        if not self._waiting:
            return
        lines = "".join(f"{line}\n" for line in self._waiting).encode("ascii")
        self._waiting.clear()
        try:
            while lines:  # one write as a rule: the lines of several kernels do not mix then
                lines = lines[os.write(self._file, lines) :]
            if last and stat.S_ISREG(os.fstat(self._file).st_mode):  # /dev/null is one way to have none
                os.fsync(self._file)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        why = getattr(error, "strerror", None) or str(error)
        words = f"The journal cannot be written ({why}); this apply goes on without a record of it."
        if self._notify is not None:
            told(self._notify, Event("notice", -1, sql=words))
        else:
            with contextlib.suppress(RuntimeWarning):  # where warnings are errors
                warnings.warn(words, RuntimeWarning, stacklevel=4)


def started(pid: int) -> str:
    """When a process was started, in the words of the system; empty where that cannot be told or it is not there.

    A number alone does not do: a kernel that is started anew in a container gets the one of its predecessor.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _opened(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    # Half a line is left where a disk was full. What is written after it must not become part of it.
    size = os.fstat(file).st_size
    if size:
        os.lseek(file, size - 1, os.SEEK_SET)
        if os.read(file, 1) != b"\n":
            os.write(file, b"\n")
    return file


def _about(event: Event) -> dict[str, Any]:
    return {"step": event.step, "revision": event.revision, "database": event.database}


def _statement(event: Event) -> dict[str, Any]:
    sql = event.sql
    if len(sql) > _LONGEST:
        sql = f"{sql[:_LONGEST]}… ({len(sql) - _LONGEST:,} more characters)"
    at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=event.seconds or 0.0)
    began = at.isoformat(timespec="milliseconds")
    return {**_about(event), "began": began, "sql": sql, "rows": event.rows, "seconds": event.seconds}


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process in a container may have a number and no name
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _words(error: BaseException) -> str:
    words = error.message if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}".strip(": ")
    return redact(words)
