"""The parent's side of the pipe: starts the worker, asks it, restarts it when it is stale, and stops it."""

from __future__ import annotations

import contextlib
import functools
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from workbench import errors
from workbench.bridge.settings import Settings
from workbench.results import Event
from workbench.worker.process import PATIENCE, Process


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
        self.process: Process | None = None
        self._spare: Process | None = None
        self._turn = threading.RLock()
        self._number = 0
        self._current: int | None = None
        self._owner: int | None = None
        self._depth = 0
        self._cancelled = False

    @contextlib.contextmanager
    def operation(self) -> Iterator[None]:
        """Take the turn for several calls that are one to whoever cancels: what begins after a cancel is not asked."""
        with self._turn:
            if self._depth == 0:
                self._cancelled = False
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    @contextlib.contextmanager
    def at_once(self) -> Iterator[bool]:
        """Take the turn if nobody else has it, and a worker is up: for what is worth neither a wait nor a start.

        Gives whether it was had.
        """
        had = self.process is not None and self._owner != threading.get_ident() and self._turn.acquire(blocking=False)
        try:
            yield had
        finally:
            if had:
                self._turn.release()

    def refuse_reentry(self) -> None:
        """Refuse to be asked by the thread that waits for an answer: it would wait for itself for ever.

        Raises:
            UnsupportedRequest: A call of this thread's is still running.

        """
        if self._owner == threading.get_ident():
            raise errors.UnsupportedRequest(
                "The workbench is asked from within on_event, while it still waits for the migration to end.",
                "Take note of the event there, and ask when apply() has returned. cancel() may be called.",
            )

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
        self.refuse_reentry()
        with self.operation():
            self._owner = threading.get_ident()
            try:
                return self._ask_until_fresh(task, on_event, graceful, arguments)
            finally:
                self._owner = None

    @contextlib.contextmanager
    def aside(self, question: Callable[[], Any]) -> Iterator[Future[Any]]:
        """Ask in a thread of its own while the caller does something else.

        Leaving with an error, as with Ctrl-C, cancels this question, and nothing that another thread has asked.
        """
        threads: list[int] = []

        def ask() -> Any:
            threads.append(threading.get_ident())
            return question()

        pool = ThreadPoolExecutor(1, thread_name_prefix="workbench-aside")
        try:
            yield pool.submit(ask)
        except BaseException:
            if self._owner in threads:
                self.cancel()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def cancel(self) -> None:
        """Stop what is running: ask the driver first, end the process if that does not help. From any thread."""
        if self._depth:
            self._cancelled = True  # before the look at what runs: `_ask` makes it run, and then looks at this
        process, number = self.process, self._current
        if process is not None and number is not None:
            process.cancel(number)

    def tell(self, words: Any) -> None:
        """Say something to an event that waits for it; called from `on_event`."""
        process, number = self.process, self._current
        if process is not None and number is not None:
            process.send(("told", number, words))

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
    def versions(self) -> Any:
        """The Versions that the worker runs on; None before it has come up."""
        return None if self.process is None else self.process.versions

    @property
    def output(self) -> str:
        """The last lines that the project's code printed, redacted."""
        return self.process.output() if self.process is not None else ""

    # -- one request ----------------------------------------------------------------------------------------------

    def _ask_until_fresh(
        self, task: str, on_event: Callable[[Any], None] | None, graceful: bool, arguments: dict[str, Any]
    ) -> Any:
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

    def _ask(
        self,
        task: str,
        on_event: Callable[[Any], None] | None,
        graceful: bool,
        arguments: dict[str, Any],
        memory: Any = None,
    ) -> Any:
        self._heed_cancel()
        if self.process is not None and not self.process.alive:
            self.close()
        if self.process is None:
            self.process = Process(self.python, self.settings, self.env)
        process = self.process
        process.greet(self.timeout)
        self._number += 1
        number = self._number
        process.begin(number, graceful=graceful)
        try:
            if memory:
                process.send(("memory", memory))
            self._heed_cancel()
            process.send(("call", number, task, self.settings, arguments))
            self._current = number
            if self._cancelled:  # since the last look, and `cancel` found nothing running yet
                process.cancel(number)
            answer = self._answer(process, number, on_event)
        except KeyboardInterrupt:
            if graceful:
                return self._interrupted(process, number, on_event)
            process.cancel(number)
            self.close()
            raise
        else:
            if task == "diff" and self._spare is None:
                # Whoever looks at a diff edits a model next, and then all models are loaded anew. A process that has
                # Alembic, SQLAlchemy and the driver already saves half a second of that; nothing of the project's
                # runs in it before it is asked.
                self._spare = Process(self.python, self.settings, self.env)
                self._spare.send(("import", process.libraries))
            return answer
        finally:
            self._current = None
            process.number = None

    def _interrupted(self, process: Process, number: int, on_event: Callable[[Any], None] | None) -> Any:
        """The answer after Ctrl-C: the worker is asked to stop, and ended at the next one. None leaves it running."""
        stop: Callable[[], None] = functools.partial(process.cancel, number)
        while True:
            try:
                stop()
                return self._answer(process, number, on_event, in_time=False)
            except KeyboardInterrupt:  # noqa: PERF203 - a loop of two turns
                stop = process.kill

    def _heed_cancel(self) -> None:
        if self._cancelled:
            raise errors.Cancelled("It was cancelled. Nothing was changed.")

    def _answer(  # noqa: C901, PLR0912 - one branch for each kind of message
        self, process: Process, number: int, on_event: Callable[[Any], None] | None, *, in_time: bool = True
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
            if kind == "heard":
                for values in message[2]:
                    on_event = told(on_event, Event(*values)) if on_event is not None else None
            elif kind == "event":
                if message[2] == ("dropping",):
                    process.cleans_up(number)
                elif isinstance(message[2], tuple):
                    deadline = None  # ("configured", name): env.py has come through; what follows takes what it takes
                elif on_event is not None:
                    on_event = told(on_event, message[2])
            elif kind == "reply":
                process.libraries = message[3]
                return message[2]
            elif kind == "stale":
                raise _Stale(message[3])
            else:
                raise self._with_output(message[2], process)

    def _too_late(self, process: Process, number: int) -> errors.WorkbenchError:
        process.send(("where", number))
        place: tuple[tuple[str, str], ...] = ()
        patience = time.monotonic() + PATIENCE
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

    def _died(self, process: Process, code: int | None) -> errors.WorkbenchError:
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
    def _with_output(error: errors.WorkbenchError, process: Process) -> errors.WorkbenchError:
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


def told(on_event: Callable[[Any], None], event: Any) -> Callable[[Any], None] | None:
    """Call it; gives None instead if it raises: a migration goes on, whatever becomes of those who watch it."""
    try:
        on_event(event)
    except Exception as error:  # noqa: BLE001 - anybody's callback
        words = f"on_event raised {type(error).__name__}: {error}. It is not called again; the migration goes on."
        with contextlib.suppress(RuntimeWarning):  # where warnings are errors, nobody would wait for the migration
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        return None
    return on_event


class _Stale(Exception):
    """A file that the worker had loaded has changed."""
