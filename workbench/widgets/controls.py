"""The controls of live views, as HTML that `view.js` brings to life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from workbench.render import page


def button(
    label: str,
    action: str,
    *,
    primary: bool = False,
    pressed: bool | None = None,
    title: str | None = None,
    **data: str,
) -> str:
    """A button that sends `action` and the given data; with `ask`, only after its question was answered by yes.

    With `fields` it sends what stands in the fields of its row too; with `needs` it waits for the field of that name.
    """
    names = "wb-button wb-primary" if primary else "wb-button"
    told = {f"data_{name}": value for name, value in data.items()}
    state = None if pressed is None else str(pressed).lower()
    # Until the script has looked at the field, nobody shall press it.
    off = "" if "needs" in data else None
    return page.element(
        "button",
        page.escape(label),
        type="button",
        class_=names,
        title=title,
        data_action=action,
        aria_pressed=state,
        disabled=off,
        **told,
    )


def disabled(label: str, *, primary: bool = False) -> str:
    """A button that is there and cannot be pressed; why stands beside it."""
    names = "wb-button wb-primary" if primary else "wb-button"
    return page.element("button", page.escape(label), type="button", class_=names, disabled="")


def field(before: str, name: str, *, after: str = "", title: str | None = None, **more: str) -> str:
    """An input with its label around it; see `fields.js` for what `must`, `keep`, `told`, `typing` and `enter` mean."""
    data = {f"data_{key}": more.pop(key) for key in ("must", "keep", "told", "typing", "enter") if key in more}
    body = page.element("input", "", data_field=name, class_="wb-input", **{"type": "text", **more, **data})
    return page.element(
        "label",
        page.escape(before) + body.removesuffix("</input>") + page.escape(after),
        class_="wb-field",
        title=title,
    )


def select(
    before: str, name: str, choices: Mapping[str, str], *, label: str, title: str, typing: str | None = None,
    chosen: str = "", keep: str | None = None,
) -> str:  # fmt: skip
    """A field of which one of the `choices`, values with what they are called, is chosen; at first the first one.

    `label` is its name for who does not see what stands `before` it; `typing` and `keep` are as in `field`; `chosen` is
    the value that is chosen at first, if it is not the first one.
    """
    options = "".join(
        page.element("option", page.escape(told), value=value, selected="" if chosen and value == chosen else None)
        for value, told in choices.items()
    )
    body = page.element(
        "select", options, data_field=name, data_typing=typing, data_keep=keep, class_="wb-input", aria_label=label
    )
    return page.element("label", page.escape(before) + body, class_="wb-field", title=title)


def bar(body: str, *, live: str | None = None, look: str | None = None, within: bool = False) -> str:
    """The row of buttons below a page, or `within` one; `live` names it, so that its content can be replaced.

    With `look`, the script asks now and then whether the page still holds.
    """
    names = "wb-bar wb-within" if within else "wb-bar"
    return page.element("div", body, class_=names, data_live=live, data_look=look)


def group(label: str, body: str) -> str:
    """Buttons of which one is chosen."""
    return page.element("span", body, class_="wb-group", role="group", aria_label=label)


class Throttle:
    """Calls a function now and then, however often it is asked to, and always once more after the last time.

    Without the last call a view would show the statement before the one that takes an hour.
    """

    def __init__(self, function: Callable[[], object], interval: float = 0.1) -> None:
        self.function = function
        self.interval = interval
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._last = -interval

    def __call__(self) -> None:
        """Call it now if it was not called lately, else as soon as that time is over."""
        with self._lock:
            if self._timer is not None:
                return
            wait = self._last + self.interval - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._late)
                self._timer.daemon = True
                self._timer.start()
                return
            self._call()

    def stop(self) -> None:
        """Forget what is still to be called; afterwards nothing is under way."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            # Not None: whoever asks from now on finds it busy for ever.
            self._timer = threading.Timer(0, self._late)

    def _late(self) -> None:
        with self._lock:
            if self._timer is not threading.current_thread():
                return  # stopped between the timer's end and here
            self._timer = None
            self._call()

    def _call(self) -> None:
        self.function()
        self._last = time.monotonic()
