"""What a Plan looks like while the rows are asked: how many answers there are, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable

from workbench.render import page
from workbench.text import plural
from workbench.widgets.controls import button


class Asking:
    """Follows a preflight, and gives a view what to put in place of its buttons."""

    def __init__(self, show: Callable[[dict[str, str], str], object]) -> None:
        self.show = show
        self.done = self.of = 0
        self.is_cancelled = False

    def begin(self) -> None:
        """Show that it has begun."""
        told = page.element("div", page.element("b", page.escape(self.saying)), class_="wb-now")
        stop = page.element("button", "Cancelling …", type="button", class_="wb-button", disabled="")
        self.show({"controls": told + (stop if self.is_cancelled else button("Cancel", "cancel"))}, self.saying)

    def answered(self, done: int, of: int) -> None:
        """Take note of how many answers there are."""
        self.done, self.of = done, of
        self.begin()

    def cancelling(self) -> None:
        """Show that it was asked to stop."""
        self.is_cancelled = True
        self.begin()

    def stop(self) -> None:
        """Show nothing more: there is nothing that comes late."""

    @property
    def saying(self) -> str:
        """How far it is, in a sentence."""
        if self.is_cancelled:
            return "Cancelling."
        if not self.of:
            return "Asking the rows."
        return f"Asking the rows: {self.done} of {plural(self.of, 'question')} answered."

    @property
    def end(self) -> str:
        """What is said after a cancel."""
        return f"It was cancelled: {self.done} of {plural(self.of, 'question')} answered." if self.of else "Cancelled."
