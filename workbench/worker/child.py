"""The worker's loop: one request at a time in the main thread, cancels in another."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from workbench import errors
from workbench.bridge.guard import Guard
from workbench.bridge.reflection import Memory
from workbench.bridge.settings import known_passwords
from workbench.bridge.translate import translate, where_it_is
from workbench.results import Event
from workbench.text import redact
from workbench.worker import tasks
from workbench.worker.freshness import Freshness
from workbench.worker.protocol import end_of_output, greet, receive, send

_GRACE = 10.0  # seconds that a running migration gets to roll back after the kernel has gone
_STEP = 3.0  # seconds of these that the running step gets to come to its end by itself
_LIBRARIES = {"sqlalchemy", "psycopg", "psycopg2", "asyncpg", "pg8000", "pymysql", "MySQLdb", "mariadb", "aiomysql"}
_OFTEN = 0.1  # seconds between two looks whether it is cancelled, while the kernel is asked
_GLANCE = 1.0  # seconds between two looks whether the kernel is still there


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the other side is gone."""
    _Server(requests, answers).run()
    _leave()


class _Server:
    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self.requests = requests
        self.answers = answers
        self.writing = threading.Lock()
        self.cancelled = threading.Event()
        self.inbox: list[tuple[Any, ...]] = []
        self.arrived = threading.Condition()
        self.guard = Guard()
        self.freshness = Freshness()
        self.busy = ""
        self.number = 0
        self.told: set[str] = set()
        self.memory: Memory = {}
        self.loaded: list[Any] = []
        self.words: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        """What the kernel says to events that wait for it, each with the number of its request."""

    def run(self) -> None:
        # An interrupt is the kernel's business; it asks us to cancel through the pipe.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.guard.install()
        threading.Thread(target=self._listen, daemon=True, name="workbench-requests").start()
        threading.Thread(target=self._watch, args=(os.getppid(),), daemon=True, name="workbench-parent").start()
        greet(self.answers)
        self.freshness.remember_modules()
        self._tell("hello", tasks.versions())
        while True:
            with self.arrived:
                while not self.inbox:
                    self.arrived.wait()
                message = self.inbox.pop(0)
            if message[0] == "end":
                return
            if message[0] == "import":
                for name in message[1]:
                    with contextlib.suppress(ImportError):
                        importlib.import_module(name)
                self.freshness.remember_modules()  # as they are now, not as they are when it is asked
                continue
            self._answer(*message[1:])

    def _listen(self) -> None:
        try:
            while True:
                message = receive(self.requests)
                if message[0] == "garbled":
                    self._tell(*message)
                    continue
                if message[0] == "memory":
                    self.memory.update(message[1])
                    continue
                if message[0] == "cancel":
                    if message[1] == self.number:  # else it came too late, and another request has begun
                        self.cancelled.set()
                        self.guard.cancel()
                    continue
                if message[0] == "told":
                    self.words.put(message[1:])
                    continue
                if message[0] == "where":
                    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001
                    place = where_it_is(frame, self.guard.secrets, os.getcwd())
                    self._tell_secrets(message[1])
                    self._tell("where", message[1], place)
                    continue
                with self.arrived:
                    if message[0] == "call":
                        self.number = message[1]
                        self.cancelled.clear()
                    self.inbox.append(message)
                    self.arrived.notify()
        except (EOFError, OSError):
            self._orphaned()

    def _watch(self, parent: int) -> None:
        # A process that the kernel has forked keeps the pipe open after the kernel's own death.
        while os.getppid() == parent:
            time.sleep(_GLANCE)
        self._orphaned()

    def _orphaned(self) -> None:
        """The kernel is gone, and we go too.

        A running migration is stopped between two steps, if it comes to such a place in time: where DDL is not
        rolled back, a step that is interrupted is left half done. Else its statement is cancelled, and so is that of a
        query: a server goes on with a statement whose client is gone.
        """
        if not self.busy:
            with self.arrived:
                self.inbox.append(("end",))
                self.arrived.notify()
            time.sleep(_GLANCE)  # the project's own exit handlers; a thread of its own must not keep us
        elif self.busy == "query":
            self.cancelled.set()
            self.guard.cancel()
            self._wait_until_idle(_STEP)
        elif self.busy in {"apply", "write", "write_split", "rehearse", "travel", "models_on_scratch"}:
            self.cancelled.set()
            self._wait_until_idle(_STEP)
            self.guard.cancel()
            self._wait_until_idle(_GRACE)
        os._exit(0 if not self.busy else 1)

    def _wait_until_idle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self.busy and time.monotonic() < until:
            time.sleep(0.05)

    def _answer(self, number: int, task: str, settings: Any, arguments: dict[str, Any]) -> None:
        since = time.time_ns()
        stale = self.freshness.stale()
        if stale:
            self._tell("stale", number, stale, self.memory)
            return
        self.busy = task
        self.guard.secrets |= known_passwords(settings, os.environ)
        try:
            job = tasks.Job(
                settings,
                self.guard,
                self.cancelled.is_set,
                lambda event: self._tell_event(number, event),
                self.memory,
                self.loaded,
                lambda event: self._ask(number, event),
            )
            function: Callable[..., Any] = tasks.TASKS[task]
            answer = function(job, **arguments)
            reply: tuple[Any, ...] = ("reply", number, answer, _libraries())
        except BaseException as error:  # noqa: BLE001 - sys.exit in env.py, and whatever else the project raises
            if self.cancelled.is_set() and not isinstance(error, errors.WorkbenchError):
                error = errors.Cancelled("It was cancelled. Nothing was changed.")
            self.guard.secrets |= known_passwords(settings, os.environ)  # env.py may have read a .env
            reply = ("error", number, translate(error, self.guard.secrets, settings.folder))
            _end_output(number)
        finally:
            self.busy = ""
            if task != "verify":
                self.loaded.clear()
            self.freshness.remember(settings, since)
        self._tell_secrets(number)
        self._tell(*reply)

    def _tell_event(self, number: int, event: Any) -> None:
        # There may be ten thousand small statements: many in one message, and as plain values they cost half.
        events = event if type(event) is list else [event] if type(event) is Event else []
        told = ("heard", number, [tuple(each.__dict__.values()) for each in events])
        self._tell(*(told if events else ("event", number, event)))

    def _ask(self, number: int, event: Any) -> Any:
        """Tell an event, and wait for what the kernel says to it; None where it is cancelled meanwhile."""
        self._tell("event", number, event)
        while not self.cancelled.is_set():
            with contextlib.suppress(queue.Empty):
                asked, words = self.words.get(timeout=_OFTEN)
                if asked == number:
                    return words
        return None

    def _tell_secrets(self, number: int) -> None:
        # What the project's code has printed lies on the other side; it is redacted there.
        new = self.guard.secrets - self.told
        if new:
            self.told |= new
            self._tell("secrets", number, new)

    def _tell(self, *message: Any) -> None:
        try:
            with self.writing:
                send(self.answers, message)
        except (BrokenPipeError, OSError):
            pass  # nobody is there to hear it; `_orphaned` ends us
        except Exception as error:  # noqa: BLE001 - something that cannot be pickled must still be answered
            words = redact(str(error), self.guard.secrets)
            with self.writing:
                send(self.answers, ("error", message[1], errors.WorkerDied(f"The answer cannot be sent: {words}")))


def _leave() -> None:
    """End as Python does, but for taking every module apart: of a thousand revisions that lasts half a second."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - threads of the project's
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def _libraries() -> tuple[str, ...]:
    """What the next process can import before it is asked: nothing of the project's."""
    return tuple(name for name in list(sys.modules) if name.partition(".")[0] in _LIBRARIES)


def _end_output(number: int) -> None:
    """Mark where the output of this request ends, so that the other side can wait for all of it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # env.py may have put anything in their place
            stream.flush()
    with contextlib.suppress(OSError):
        os.write(2, end_of_output(number))


if sys.version_info < (3, 10):  # noqa: UP036 - this floor runs in the project's Python, not in ours
    raise SystemExit("workbench needs Python 3.10 or newer in the project's environment")
