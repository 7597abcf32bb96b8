"""Work in the background of which only the newest matters: what was asked for before it is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Latest:
    """Does one thing after another in a thread; of what is asked for meanwhile only the last is done."""

    def __init__(self, job: Callable[[str], object], failed: Callable[[BaseException], object]) -> None:
        self._job = job
        self._failed = failed
        self._turn = threading.Lock()
        self._wanted: str | None = None
        self._thread: threading.Thread | None = None

    def ask(self, value: str) -> None:
        """Do the job for this value as soon as the one that runs is done."""
        with self._turn:
            self._wanted = value
            if self._thread is None:
                # A daemon, as the job of a view is: a kernel that is shut down must not wait for it.
                self._thread = threading.Thread(target=self._run, name="Latest", daemon=True)
                self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to do; False if something is after `timeout` seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._turn:
                value, self._wanted = self._wanted, None
                if value is None:
                    self._thread = None
                    return
            try:
                self._job(value)
            except BaseException as error:  # noqa: BLE001 - nobody else is there to catch it: it would vanish
                self._failed(error)
