"""The parent's side of the pipe: starts the worker, asks it, restarts it when it is stale, and stops it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench import errors
from workbench.bridge.configuration import Settings, known_passwords
from workbench.text import redact
from workbench.worker.protocol import await_greeting, end_of_output, receive, send

_BOOTSTRAP = str(Path(__file__).with_name("bootstrap.py"))
_GRACE = 5.0  # seconds between asking the driver to cancel and ending the process
_START = 60.0  # seconds that an interpreter may take to import Alembic and SQLAlchemy, whatever env.py is allowed
_PATIENCE = 1.0  # seconds that a worker which hangs gets to say where
_FAREWELL = 4.0  # seconds between closing the pipe and ending the process: kernels get 5 to shut down


class Client:
    """One worker process for one environment. Safe to use from several threads: one request runs at a time."""

    def __init__(
        self,
        settings: Settings,
        *,
        python: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.settings = settings
        self.python = python or sys.executable
        self.env = dict(env or {})
        self.timeout = timeout
        """Seconds that env.py may take to reach run_migrations()."""
        self.process: _Process | None = None
        self._spare: _Process | None = None
        self._turn = threading.RLock()
        self._number = 0
        self._current: int | None = None

    def call(
        self, task: str, *, on_event: Callable[[Any], None] | None = None, graceful: bool = False, **arguments: Any
    ) -> Any:
        """Ask, and wait for the answer.

        Args:
            task: A name in `tasks.TASKS`.
            on_event: Called with each event, in this thread.
            graceful: A cancel must let the worker end by itself (a migration), not end it.
            arguments: For the task.

        Raises:
            WorkbenchError: Whatever the worker translated, or WorkerTimeout, WorkerDied, Cancelled.

        """
        with self._turn:
            if self._current is not None:  # the turn is a thread's own, so this is a call within a call
                raise errors.UnsupportedRequest(
                    "The workbench is asked from within on_event, while it still waits for the migration to end.",
                    "Take note of the event there, and ask when apply() has returned. cancel() may be called.",
                )
            warm = self.process is not None
            memory: Any = None
            try:
                return self._ask(task, on_event, graceful, arguments)
            except _Stale as stale:
                memory = stale.args[0]
                self._retire()
            except errors.EnvPyFailed:
                # An env.py that defines tables itself cannot run twice in one process: ask a fresh one. Also when the
                # project's modules were imported by halves. (An apply raises this only if it has run nothing yet.)
                self.close()
                if not warm:
                    raise
            try:
                return self._ask(task, on_event, graceful, arguments, memory)
            except _Stale:  # the spare was so, too: Alembic itself has been exchanged
                self.close()
                return self._ask(task, on_event, graceful, arguments, memory)

    def cancel(self) -> None:
        """Stop what is running: ask the driver first, end the process if that does not help. From any thread."""
        process, number = self.process, self._current
        if process is not None and number is not None:
            process.cancel(number)

    def close(self) -> None:
        """End the worker. The next call starts another."""
        processes, self.process, self._spare = (self.process, self._spare), None, None
        for process in processes:
            if process is not None:
                process.end()

    def _retire(self) -> None:
        """Put the spare in the worker's place, and let that one end in its own time: tearing models down takes some."""
        process, self.process, self._spare = self.process, self._spare, None
        if process is not None:
            threading.Thread(target=process.end, daemon=True, name="workbench-retiring").start()

    @property
    def output(self) -> str:
        """The last lines that the project's code printed, redacted."""
        return self.process.output() if self.process is not None else ""

    # -- one request ----------------------------------------------------------------------------------------------

    def _ask(
        self,
        task: str,
        on_event: Callable[[Any], None] | None,
        graceful: bool,
        arguments: dict[str, Any],
        memory: Any = None,
    ) -> Any:
        if self.process is not None and not self.process.alive:
            self.close()
        if self.process is None:
            self.process = _Process(self.python, self.settings, self.env)
        process = self.process
        process.greet(self.timeout)
        self._number += 1
        number = self._number
        self._current = number
        process.begin(number, graceful=graceful)
        try:
            if memory:
                process.send(("memory", memory))
            process.send(("call", number, task, self.settings, arguments))
            answer = self._answer(process, number, on_event)
        except KeyboardInterrupt:
            process.cancel(number)
            if graceful:
                return self._answer(process, number, on_event, in_time=False)
            self.close()
            raise
        else:
            if task == "diff" and self._spare is None:
                # Whoever looks at a diff edits a model next, and then all models are loaded anew. A process that has
                # Alembic, SQLAlchemy and the driver already saves half a second of that; nothing of the project's
                # runs in it before it is asked.
                self._spare = _Process(self.python, self.settings, self.env)
                self._spare.send(("import", process.libraries))
            return answer
        finally:
            self._current = None
            process.number = None

    def _answer(  # noqa: C901 - one branch for each kind of message
        self, process: _Process, number: int, on_event: Callable[[Any], None] | None, *, in_time: bool = True
    ) -> Any:
        deadline = time.monotonic() + self.timeout if in_time else None
        while True:
            message = process.next(deadline)
            if message is None:
                raise self._too_late(process, number)
            kind = message[0]
            if kind == "gone":
                self.close()
                raise self._died(process, message[1])
            if kind == "garbled":
                self.close()
                raise errors.WorkerDied(
                    f"What the process that runs the project's code answered cannot be read: {message[1]}.",
                    "The next call starts a new one.",
                )
            if kind == "secrets":
                process.secrets |= message[2]
                continue
            if message[1] != number:
                continue  # the rest of a request that was given up
            if kind == "event":
                if isinstance(message[2], tuple):
                    deadline = None  # ("configured", name): env.py has come through; what follows takes what it takes
                elif on_event is not None:
                    on_event = _told(on_event, message[2])
            elif kind == "reply":
                process.libraries = message[3]
                return message[2]
            elif kind == "stale":
                raise _Stale(message[3])
            else:
                raise self._with_output(message[2], process)

    def _too_late(self, process: _Process, number: int) -> errors.WorkbenchError:
        process.send(("where", number))
        place: tuple[tuple[str, str], ...] = ()
        patience = time.monotonic() + _PATIENCE
        while (message := process.next(patience)) is not None and message[0] != "gone":
            if message[0] == "where" and message[1] == number:
                place = message[2]
                break
        printed = process.output()
        self.close()
        return errors.WorkerTimeout(
            f"env.py did not reach context.run_migrations() within {self.timeout:g} seconds, and was stopped.",
            "It may wait for a database that does not answer, for a lock, or for input. "
            "More time: Workbench(timeout=…).",
            (*place, ("it printed", printed)) if printed else place,
        )

    def _died(self, process: _Process, code: int | None) -> errors.WorkbenchError:
        if process.cancelled:
            return errors.Cancelled("It was cancelled. The process that asked was ended.")
        how = f"was ended by {_signal(-code)}" if code is not None and code < 0 else f"ended with exit code {code}"
        printed = process.output()
        return errors.WorkerDied(
            f"The process that runs the project's code {how} in the middle of its work.",
            "Nothing else is affected, and the next call starts a new one. What a migration had not committed, the "
            "database rolls back; `wb.current()` says where it stands.",
            (("it printed", printed),) if printed else (),
        )

    @staticmethod
    def _with_output(error: errors.WorkbenchError, process: _Process) -> errors.WorkbenchError:
        if not isinstance(error, errors.EnvPyFailed):
            return error
        process.await_output(process.number or 0)
        printed = process.output()
        if printed:
            return type(error)(error.message, error.remedy, (*error.evidence, ("it printed", printed)))
        return error


def _signal(number: int) -> str:
    try:
        return f"the signal {signal.Signals(number).name}"
    except ValueError:
        return f"the signal {number}"


def _told(on_event: Callable[[Any], None], event: Any) -> Callable[[Any], None] | None:
    """Call it; gives None instead if it raises: a migration goes on, whatever becomes of those who watch it."""
    try:
        on_event(event)
    except Exception as error:  # noqa: BLE001 - anybody's callback
        told = f"on_event raised {type(error).__name__}: {error}. It is not called again; the migration goes on."
        warnings.warn(told, RuntimeWarning, stacklevel=2)
        return None
    return on_event


class _Stale(Exception):
    """A file that the worker had loaded has changed."""


class _Process:
    """The child, its two pipes, and the threads that empty them."""

    def __init__(self, python: str, settings: Settings, env: Mapping[str, str]) -> None:
        self.cancelled = False
        self.graceful = False
        self.libraries: tuple[str, ...] = ()
        """The modules of SQLAlchemy and of drivers that the project's code has made it import."""
        self._python = python
        self._greeted = False
        self.number: int | None = None
        self._inbox: queue.Queue[tuple[Any, ...]] = queue.Queue()
        self._printed: deque[str] = deque(maxlen=200)
        self._sending = threading.Lock()
        environment = {**os.environ, **env, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace"}
        self.secrets = known_passwords(settings, environment)
        """Passwords that must not be seen in what the project's code prints."""
        if python != sys.executable:
            # These would lead the project's interpreter to our packages.
            for name in ("PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__"):
                if name not in env:
                    environment.pop(name, None)
        try:
            self._child = subprocess.Popen(
                [python, _BOOTSTRAP],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                cwd=settings.folder, env=environment, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise errors.InterpreterUnusable(
                f"The Python {python} cannot be started: {error.strerror}.",
                'Name the interpreter of the project\'s virtual environment: Workbench(python=".venv/bin/python").',
            ) from error
        reading = (self._child.stdout, self._inbox, self._child, self._printed)
        threading.Thread(target=_read, args=reading, daemon=True).start()
        self._ended = threading.Condition()
        self._endings: set[str] = set()
        collecting = (self._child.stderr, self._printed, self._ended, self._endings)
        self._errors = threading.Thread(target=_collect, args=collecting, daemon=True)
        self._errors.start()
        self._used = threading.Event()
        self._finalizer = weakref.finalize(self, _end, self._child, self._used)

    def greet(self, timeout: float) -> None:
        """Wait until it has come up, the first time."""
        if self._greeted:
            return
        self._greeted, python = True, self._python
        hello = self.next(time.monotonic() + max(timeout, _START))
        if hello is not None and hello[0] == "hello":
            return
        self._errors.join(1.0)
        printed = self.output()
        self.end()
        missing = (
            "alembic"
            if "No module named 'alembic'" in printed
            else "sqlalchemy"
            if "No module named 'sqlalchemy'" in printed
            else ""
        )
        raise errors.InterpreterUnusable(
            f"The Python {python} cannot run the project"
            + (f": it has no {missing}." if missing else ": the worker did not start."),
            "It needs Python 3.10 or newer with Alembic 1.13 or newer. "
            'Name the interpreter of the project\'s virtual environment: Workbench(python="…/bin/python").',
            (("it printed", printed),) if printed and not missing else (),
        )

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def begin(self, number: int, *, graceful: bool) -> None:
        self._used.set()
        self.number, self.graceful, self.cancelled = number, graceful, False

    def send(self, message: tuple[Any, ...]) -> None:
        try:
            with self._sending:
                send(self._child.stdin, message)  # type: ignore[arg-type]
        except (BrokenPipeError, OSError):
            self._inbox.put(("gone", self._child.wait()))

    def next(self, deadline: float | None) -> tuple[Any, ...] | None:
        """The next message; None when the deadline has passed. Wakes up often, so that Ctrl-C is heard."""
        while True:
            left = 0.5 if deadline is None else min(0.5, deadline - time.monotonic())
            if left <= 0:
                return None
            with contextlib.suppress(queue.Empty):
                return self._inbox.get(timeout=left)

    def cancel(self, number: int) -> None:
        self.cancelled = True
        if not self.graceful:
            self._child.kill()  # a question has nothing to lose
            return
        self.send(("cancel", number))
        timer = threading.Timer(_GRACE, self._kill_if_still, args=(number,))
        timer.daemon = True
        timer.start()

    def _kill_if_still(self, number: int) -> None:
        if self.number == number and self.cancelled and self.alive:
            self._child.kill()

    def end(self) -> None:
        self._finalizer()

    def await_output(self, number: int) -> None:
        """Wait until all is here that was printed up to the end of this request."""
        mark = end_of_output(number).decode().strip()
        with self._ended:
            self._ended.wait_for(lambda: mark in self._endings, _PATIENCE)
            self._endings.clear()

    def output(self) -> str:
        return redact("\n".join(list(self._printed)[-20:]), self.secrets)


def _read(
    stream: Any, inbox: queue.Queue[tuple[Any, ...]], child: subprocess.Popen[bytes], printed: deque[str]
) -> None:
    try:
        printed.extend(await_greeting(stream).splitlines())
        while True:
            inbox.put(receive(stream))
    except Exception:  # noqa: BLE001 - end of file, a broken pipe, garbage: in any case nobody talks to us any more
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(2.0)
        inbox.put(("gone", child.poll()))


def _collect(stream: Any, printed: deque[str], ended: threading.Condition, endings: set[str]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            told, mark, number = line.decode("utf-8", "backslashreplace").rstrip().partition("\0workbench ")
            if told or not mark:
                printed.append(told.rstrip())
            if mark:
                with ended:
                    endings.add((mark + number).strip())
                    ended.notify_all()


def _end(child: subprocess.Popen[bytes], used: threading.Event) -> None:
    """Close its stdin, which ends it; make sure that it ends. Also called when the kernel shuts down.

    A question ends at once. A migration gets the time to come to a safe place.
    """
    if not used.is_set():
        child.kill()  # a spare, or one that did not come up: it has nothing to bring to an end
    for stream in (child.stdin,):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.close()
    try:
        child.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for stream in (child.stdout, child.stderr):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.close()
