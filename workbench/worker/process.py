"""The child process as its parent holds it: the two pipes, the threads that empty them, its beginning and its end."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench import errors
from workbench.bridge.settings import Settings, known_passwords
from workbench.text import redact
from workbench.worker.protocol import await_greeting, end_of_output, receive, send

_BOOTSTRAP = str(Path(__file__).with_name("bootstrap.py"))
_GRACE = 5.0  # seconds between asking the driver to cancel and ending the process
_START = 60.0  # seconds that an interpreter may take to import Alembic and SQLAlchemy, whatever env.py is allowed
_CLEANING = 60.0  # the same once it says that it drops its scratch databases: half-way they would stay
PATIENCE = 1.0  # seconds that a worker which hangs gets to say where, and to hand over what it has printed
_FAREWELL = 4.0  # seconds between closing the pipe and ending the process: kernels get 5 to shut down


class Process:
    """The child, its two pipes, and the threads that empty them."""

    def __init__(self, python: str, settings: Settings, env: Mapping[str, str]) -> None:
        self.cancelled = False
        self.graceful = False
        self._killed = False
        self._timer: threading.Timer | None = None
        self.libraries: tuple[str, ...] = ()
        """The modules of SQLAlchemy and of drivers that the project's code has made it import."""
        self.versions: Any = None
        """The Versions that it runs on, once it has come up."""
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
            self.versions = hello[1]
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
        """Whether it still runs."""
        return not self._killed and self._child.poll() is None

    def begin(self, number: int, *, graceful: bool) -> None:
        """A request begins; `graceful` says that a cancel must let it end by itself."""
        self._used.set()
        self.number, self.graceful, self.cancelled, self._timer = number, graceful, False, None

    def send(self, message: tuple[Any, ...]) -> None:
        """Write one message; if nobody reads any more, `next` will say so."""
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
        """Stop this request, if it still runs: a question by ending the process, a migration by asking first."""
        if self.number != number:
            return
        self.cancelled = True
        if not self.graceful:
            self.kill()  # a question has nothing to lose
            return
        self.send(("cancel", number))
        self._kill_in(_GRACE, number)

    def cleans_up(self, number: int) -> None:
        """What was cancelled has stopped, and drops what it has made: on a busy server that may take its time."""
        if self._timer is not None:
            self._timer.cancel()
            self._kill_in(_CLEANING, number)

    def _kill_in(self, seconds: float, number: int) -> None:
        self._timer = threading.Timer(seconds, self._kill_if_still, args=(number,))
        self._timer.daemon = True
        self._timer.start()

    def _kill_if_still(self, number: int) -> None:
        if self.number == number and self.cancelled and self.alive:
            self.kill()

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._killed = True  # it may take a moment to die, and must not be asked any more
        self._child.kill()

    def end(self) -> None:
        """End it, once and for all."""
        self._finalizer()

    def await_output(self, number: int) -> None:
        """Wait until all is here that was printed up to the end of this request."""
        mark = end_of_output(number).decode().strip()
        with self._ended:
            self._ended.wait_for(lambda: mark in self._endings, PATIENCE)
            self._endings.clear()

    def output(self) -> str:
        """The last lines that the project's code printed, redacted."""
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
