"""What every live view has in common: its three faces, its messages, its one background job."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Callable
from typing import Any

import anywidget

from workbench import render
from workbench.errors import UnsupportedRequest, WorkbenchError
from workbench.render.error_html import error_html
from workbench.widgets import traits

HERE = pathlib.Path(__file__).parent


class View(anywidget.AnyWidget):
    """A live view of one result.

    The browser asks by messages `{id, action, …}`; each is answered with `{id, ok: true, …}` or
    `{id, ok: false, error: {kind, message, remedy}}`, also when the answer is a failure. Subclasses say
    what an action does in `act`. What takes longer than a moment runs in a thread (`start`), because
    messages wait while a callback runs, prints in it vanish, and the kernel's interrupt does not reach it.
    """

    # anywidget loads one module a view, which cannot import its neighbours: so they are put together here.
    _esm: str | pathlib.Path = "\n".join(
        (HERE / f"{name}.js").read_text("utf-8") for name in ("fields", "look", "view")
    )
    _css: str | pathlib.Path = HERE / "view.css"

    _html = traits.Text()
    """The page."""
    _patches = traits.Mapping()
    """What to put into the page's elements with that `data-live`, so that progress does not redraw all of it."""
    _busy = traits.Flag()
    """A job of this view is running."""
    _progress = traits.Text()
    """What is going on, in words for a screen reader."""
    _error = traits.Text()
    """What went wrong last, as HTML; empty if nothing did."""

    def __init__(self, result: Any = None, workbench: Any = None, **values: Any) -> None:
        unknown = sorted(set(values) - set(self.trait_names()))
        if unknown:
            # traitlets would take them and do nothing with them.
            message = f"{type(self).__name__} has no {', '.join(map(repr, unknown))}. Check the spelling."
            raise TypeError(message)
        self.result = result
        self.workbench = workbench
        self._job: threading.Thread | None = None
        self._starting = threading.Lock()
        super().__init__(**values)
        self.on_msg(self._receive)
        self.draw()

    def draw(self) -> None:
        """Make the page anew; here it is the static form of the result."""
        with self.hold_sync():
            self._patches = {}
            self._html = "" if self.result is None else render.html(self.result)

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """Do what the browser asks for, and say what it gets as an answer.

        Raises:
            UnsupportedRequest: This view knows no such action.

        """
        raise UnsupportedRequest(f"{type(self).__name__} cannot {action!r}.")

    def start(self, job: Callable[[], object], saying: str = "") -> None:
        """Run `job` in a thread of its own; what it raises is shown in the view.

        Raises:
            UnsupportedRequest: The last one still runs.

        """
        with self._starting:
            if self._job is not None and self._job.is_alive():
                raise UnsupportedRequest("This view is still busy.", "Wait until it is done, or cancel it.")
            with self.hold_sync():
                self._busy, self._progress, self._error = True, saying, ""
            # A daemon: a kernel that is shut down must not wait for a migration's thread. The worker
            # process, which does the work, ends the run properly by itself.
            self._job = threading.Thread(target=self._run, args=(job,), name=f"{type(self).__name__} job", daemon=True)
            self._job.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the running job is done; False if it is not after `timeout` seconds."""
        job = self._job
        if job is not None:
            job.join(timeout)
        return job is None or not job.is_alive()

    def show_error(self, error: BaseException) -> None:
        """Show what went wrong above the page."""
        self._error = error_html(error)

    def _run(self, job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - nobody else is there to catch it: it would vanish
            self.show_error(error)
        finally:
            self._busy = False

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        message = content if isinstance(content, dict) else {}
        answer: dict[str, Any] = {"id": message.get("id")}
        try:
            data = {name: value for name, value in message.items() if name not in {"id", "action"}}
            answer |= {"ok": True, **self.act(str(message.get("action", "")), data)}
        except Exception as error:  # noqa: BLE001 - every message gets its answer
            answer |= {
                "ok": False,
                "error": {
                    "kind": type(error).__name__,
                    "message": error.message if isinstance(error, WorkbenchError) else str(error),
                    "remedy": error.remedy if isinstance(error, WorkbenchError) else "",
                },
            }
            self.show_error(error)
        self.send(answer)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.result is None else repr(self.result)})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle or ({}, {})
        # Where scripts do not run, and in a diff of the notebook, the static form is what is left.
        static = {"text/plain": repr(self)}
        if self.result is not None:
            static = {"text/plain": render.text(self.result), "text/html": render.html(self.result)}
        return {**data, **static}, metadata
