"""What every live view has in common."""

from __future__ import annotations

import dataclasses
import re
import threading
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

import workbench.widgets
from tests.widgets.browser import Browser
from tests.zoo_plans import DIFFS, PLANS, RUNS
from workbench import render
from workbench.errors import PlanOutdated
from workbench.results.base import Result, attach
from workbench.widgets import traits
from workbench.widgets.view import View

SCRIPT = str(View._esm)


class Echo(View):
    """A view that gives back what it was sent, or fails as it is told."""

    def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Echo, or raise."""
        if action == "echo":
            return data
        if action == "refuse":
            raise PlanOutdated("It <has> moved.", "Make it again.")
        if action == "break":
            raise KeyError("config")
        return super().act(action, data)


class Shell:
    """As much of an InteractiveShell as `register` and a cell need."""

    def __init__(self) -> None:
        self.display_formatter = DisplayFormatter()

    def shown(self, result: Result) -> dict[str, Any]:
        """What a cell would hold that ends in this result."""
        data: dict[str, Any] = self.display_formatter.format(result)[0]  # type: ignore[no-untyped-call]
        return data


def test_unknown_keyword_is_refused() -> None:
    """Traitlets would take a misspelt trait and do nothing with it."""
    with pytest.raises(TypeError, match=r"View has no '_htlm'\. Check the spelling\."):
        View(_htlm="x")


def test_repr_is_short_and_without_an_address() -> None:
    """What nbval compares must not hold a memory address."""
    assert "Echo(Plan(upgrade 9f31c0aa4e21 -> head, 3 steps))" == repr(Echo(PLANS["three revisions"]))
    assert "View()" == repr(View())


def test_every_message_is_answered() -> None:
    """Success and each kind of failure: one answer with the message's own id."""
    browser = Browser(Echo(PLANS["empty"]))

    assert {"id": "m1", "ok": True, "x": 1} == browser.press("echo", x=1)
    assert {
        "id": "m2",
        "ok": False,
        "error": {"kind": "PlanOutdated", "message": "It <has> moved.", "remedy": "Make it again."},
    } == browser.press("refuse")
    assert {
        "id": "m3",
        "ok": False,
        "error": {"kind": "KeyError", "message": "'config'", "remedy": ""},
    } == browser.press("break")
    assert {
        "id": "m4",
        "ok": False,
        "error": {"kind": "UnsupportedRequest", "message": "Echo cannot 'fly'.", "remedy": ""},
    } == browser.press("fly")


@pytest.mark.parametrize("content", [None, [], "x", {}, {"id": 1}])
def test_nonsense_is_answered_too(content: object) -> None:
    """Not even a message that no view.js sends is left without an answer."""
    browser = Browser(Echo(PLANS["empty"]))
    browser.view._receive(browser.view, content, [])

    assert [False] == [answer["ok"] for answer in browser.answers]


def test_failure_is_shown_as_html() -> None:
    """The error stands in the view, escaped."""
    browser = Browser(Echo(PLANS["empty"]))
    browser.press("refuse")

    assert "It &lt;has&gt; moved." in browser.view._error


def test_saved_forms_are_the_static_ones() -> None:
    """The bundle holds the widget, and the text and page that are left where no script runs."""
    data, _ = Echo(PLANS["three revisions"])._repr_mimebundle_()

    assert {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"} == set(data)
    assert str(PLANS["three revisions"]) == data["text/plain"]
    assert render.html(PLANS["three revisions"]) == data["text/html"]


def test_job_runs_in_its_own_thread() -> None:
    """A callback must come back at once; busy says that something goes on."""
    browser = Browser(View())
    go, seen = threading.Event(), []

    def job() -> None:
        seen.append((threading.current_thread() is threading.main_thread(), browser.view._busy))
        go.wait(5)

    browser.view.start(job, saying="Working.")

    assert not browser.view.wait(0.05)
    assert "Working." == browser.view._progress
    go.set()
    assert browser.view.wait(5)
    assert [(False, True)] == seen
    assert [True, False] == browser.updates("_busy")


def test_one_job_at_a_time() -> None:
    """A second one is refused while the first runs, and welcome afterwards."""
    live, go = View(), threading.Event()
    live.start(lambda: go.wait(5))
    with pytest.raises(ValueError, match="still busy"):
        live.start(lambda: None)
    go.set()
    live.wait(5)
    live.start(lambda: None)

    assert live.wait(5)


def test_what_a_job_raises_is_shown() -> None:
    """Nobody reads a thread's traceback; nbval and people see the view."""
    live = View()

    def job() -> None:
        raise PlanOutdated("It has moved.")

    live.start(job)
    live.wait(5)

    assert "It has moved." in live._error
    assert not live._busy


def test_script_and_view_name_the_same_traits() -> None:
    """The list in view.js must be kept in step with Python's; this is what keeps it."""
    listed = set(re.findall(r"@property \{[^}]+\} (_\w+)", SCRIPT))
    synced = {name for name, trait in View.class_own_traits(sync=True).items() if isinstance(trait, TRAITS)}

    assert synced == listed


TRAITS = (traits.Text, traits.Flag, traits.Number, traits.Mapping, traits.Items)


@pytest.mark.parametrize("kind", TRAITS)
def test_our_traits_always_reach_the_browser(kind: type[Any]) -> None:
    """Each of our traits is synced without being told so."""
    assert kind().metadata["sync"] is True


def test_script_asks_nobody_outside() -> None:
    """Database hosts have no internet: no import, no address."""
    assert re.findall(r"https?://|^import |import\(", SCRIPT, re.MULTILINE) == []


@pytest.mark.parametrize(
    "result", [PLANS["empty"], DIFFS["empty"], RUNS["nothing"]], ids=lambda result: type(result).__name__
)
def test_registered_result_shows_as_a_view_when_it_has_an_origin(result: Result) -> None:
    """With a Workbench it becomes a live view; as a mere value it shows its page; never a default text."""
    shell = Shell()
    workbench.widgets.register(shell)
    workbench.widgets.register(shell)
    value = shell.shown(result)
    live = shell.shown(attach(dataclasses.replace(result), object()))

    assert {"text/plain": str(result), "text/html": render.html(result)} == value
    assert {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"} == set(live)
    assert str(result) == live["text/plain"]
    assert render.html(result) == live["text/html"]


def test_registering_can_be_undone() -> None:
    """After it, a result shows its page again."""
    shell = Shell()
    workbench.widgets.register(shell)
    workbench.widgets.unregister(shell)
    live = shell.shown(attach(dataclasses.replace(PLANS["empty"]), object()))

    assert {"text/plain", "text/html"} == set(live)
