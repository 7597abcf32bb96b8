"""A Plan to look at, apply, watch and cancel."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

import pytest

from tests.widgets.browser import Browser
from tests.zoo_plans import PLANS, RUNS
from workbench.errors import DatabaseUnreachable, PlanOutdated
from workbench.results import Database, Event, Plan, Run
from workbench.widgets.controls import Throttle
from workbench.widgets.plan import PlanView
from workbench.widgets.plan_bar import apply_label, apply_question

PLAN = PLANS["three revisions"]


class Fake:
    """A Workbench that plays a run: each step, each statement, then the Run or the error that it was given."""

    read_only = False
    applies = 0
    pattern: str | None = None
    files: str | None = None
    database: str | None = None

    def __init__(self, ending: Run | Exception = RUNS["ok"]) -> None:
        self.ending = ending
        self.options: dict[str, object] = {}
        self.calls: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self.reached = threading.Event()

    def apply(self, plan: Plan, on_event: Callable[[Event], None], **options: object) -> Run:
        """Tell of each step, wait for `go` in the second, and end."""
        self.calls.append("apply")
        self.options = options
        if isinstance(self.ending, Exception):
            raise self.ending
        for i, step in enumerate(plan.steps):
            on_event(Event("step", i, step.revision))
            for sql in step.statements or ():
                on_event(Event("statement", i, step.revision, sql))
                if i == 2:
                    self.reached.set()
                    self.go.wait(5)
                on_event(Event("executed", i, step.revision, sql, 1, 0.5))
            on_event(Event("step_done", i, step.revision, seconds=0.5))
        return self.ending

    def protected(self, database: Database) -> str | None:
        """The pattern that it was given, for every database."""
        assert database.name
        return self.pattern

    def outdated(self, plan: Plan, *, ask: bool = False) -> str | None:
        """What it was given; the database is only asked if that is wanted."""
        assert plan.steps
        self.calls.append("ask" if ask else "look")
        return self.files or (self.database if ask else None)

    def cancel(self) -> None:
        """Note it, and let the run end."""
        self.calls.append("cancel")
        self.ending = RUNS["cancelled"]
        self.go.set()

    def stamp(self, target: str, *, purge: bool = False) -> Plan:
        """Give another plan."""
        self.calls.append(f"stamp {target} {purge}")
        return PLANS["purge" if purge else "stamp"]

    def upgrade(self, target: str) -> Plan:
        """Give another plan."""
        self.calls.append(f"upgrade {target}")
        return PLANS["one revision"]


@pytest.mark.parametrize(
    "name,label,question",
    [
        ("three revisions", "Apply 3 revisions to bookshop", "Run 3 revisions (6 statements) on bookshop?"),
        (
            "blind",
            "Apply 2 revisions to bookshop",
            "Run 2 revisions (2 statements, and 1 revision whose SQL is not known beforehand) on bookshop?",
        ),
        (
            "downgrade",
            "Undo 1 revision on bookshop",
            "Undo 1 revision (1 statement) on bookshop? What it drops is lost.",
        ),
        (
            "stamp",
            "Stamp bookshop as c41d77e0",
            "Stamp bookshop as c41d77e0? Only the version table is written; no revision runs.",
        ),
        (
            "purge",
            "Stamp bookshop as c41d77e0",
            "Stamp bookshop as c41d77e0? Only the version table is written, after it is emptied; no revision runs.",
        ),
        (
            "purge alone",
            "Stamp bookshop as base",
            "Stamp bookshop as base? Only the version table is written, after it is emptied; no revision runs.",
        ),
        (
            "two databases",
            "Apply 3 revisions to shop on localhost",
            "Run 3 revisions (6 statements) on shop on localhost?",
        ),
    ],
)
def test_button_says_in_full_what_it_does(name: str, label: str, question: str) -> None:
    """The label and the question name the database and what will run there."""
    assert label == apply_label(PLANS[name])
    assert question == apply_question(PLANS[name])


def test_button_names_every_database_that_it_changes() -> None:
    """Two databases with steps are both named, each with its own number."""
    two = PLANS["two databases"]
    both = dataclasses.replace(two, steps=(*two.steps, dataclasses.replace(two.steps[0], database="reporting")))

    assert "Apply 3 revisions to shop on localhost and 1 revision to reporting on localhost" == apply_label(both)


@pytest.mark.parametrize("name", ["empty", "offline", "two databases, nothing"])
def test_nothing_to_apply_has_no_button(name: str) -> None:
    """An empty plan and the SQL of a range offer nothing to press."""
    assert 'data-action="apply"' not in PlanView(PLANS[name], Fake())._html


def test_plan_without_a_workbench_has_no_button() -> None:
    """A plan from a pickle belongs to no database."""
    assert 'data-action="apply"' not in PlanView(PLAN)._html
    assert 'data-action="apply"' in PlanView(PLAN, Fake())._html


def test_apply_runs_and_leaves_the_record() -> None:
    """The button's message runs the plan in a thread; afterwards the view holds and shows the Run."""
    fake = Fake()
    browser = Browser(PlanView(PLAN, fake))
    seen: list[object] = []
    browser.view.observe(lambda change: seen.append(change["new"]), names="run")

    assert {"id": "m1", "ok": True} == browser.press("apply", plan=PLAN.id)
    assert browser.view.wait(5)
    assert [RUNS["ok"]] == seen
    assert ["apply"] == fake.calls
    assert "Applied 3 revisions to bookshop" in browser.view._html
    assert "125 ms" in browser.view._html
    assert 'data-action="apply"' not in browser.view._html
    assert "Applied 3 revisions to bookshop (sqlite 3.40.1), now at c41d77e0." == browser.view._progress


def test_message_of_another_plan_is_refused() -> None:
    """What you saw is what runs: a page that shows an older plan cannot run the newer one."""
    fake = Fake()
    browser = Browser(PlanView(PLAN, fake))
    answer = browser.press("apply", plan="000000000000")

    assert "PlanOutdated" == answer["error"]["kind"]
    assert [] == fake.calls


def test_plan_is_applied_once() -> None:
    """A second press, from a second tab, is refused."""
    fake = Fake()
    browser = Browser(PlanView(PLAN, fake))
    browser.press("apply", plan=PLAN.id)
    browser.view.wait(5)
    answer = browser.press("apply", plan=PLAN.id)

    assert "This plan has been applied already." == answer["error"]["message"]
    assert ["apply"] == fake.calls


def test_steps_show_their_state_while_they_run() -> None:
    """Each step's place gets its state, the running statement is shown, and one button stops it."""
    fake = Fake()
    fake.go.clear()
    browser = Browser(PlanView(PLAN, fake))
    browser.press("apply", plan=PLAN.id)
    fake.reached.wait(5)
    time.sleep(0.25)  # longer than the throttle holds back
    patches = dict(browser.view._patches)
    fake.go.set()
    browser.view.wait(5)

    assert "✔&#160;done" in patches["step-0"]
    assert "500 ms" in patches["step-0"]
    assert "●&#160;running" in patches["step-2"]
    assert "Step 3 of 3: c41d77e0 add gift vouchers" in patches["controls"]
    assert "CREATE TABLE voucher" in patches["controls"]
    assert 'data-action="cancel"' in patches["controls"]
    assert {} == browser.view._patches


def test_cancel_asks_the_workbench() -> None:
    """The Cancel button reaches the workbench while the job runs; the record says that it was stopped."""
    fake = Fake()
    fake.go.clear()
    browser = Browser(PlanView(PLAN, fake))
    browser.press("apply", plan=PLAN.id)
    fake.reached.wait(5)

    assert {"id": "m2", "ok": True} == browser.press("cancel")
    assert browser.view.wait(5)
    assert ["apply", "cancel"] == fake.calls
    assert "Cancelled after 1 of 3 revisions" in browser.view._html


def test_cancel_without_a_run_is_answered() -> None:
    """There is nothing to cancel, and that is said."""
    answer = Browser(PlanView(PLAN, Fake())).press("cancel")

    assert "Nothing is running here, so there is nothing to cancel." == answer["error"]["message"]


def test_failed_run_is_a_record_too() -> None:
    """A migration that fails does not raise: the page says what happened and offers a new plan."""
    browser = Browser(PlanView(PLAN, Fake(RUNS["failed"])))
    browser.press("apply", plan=PLAN.id)
    browser.view.wait(5)

    assert "Failed at step 3 of 3" in browser.view._html
    assert 'data-action="again"' in browser.view._html
    assert "" == browser.view._error


def test_outdated_plan_can_be_made_again() -> None:
    """Nothing was run; the button asks for the same target again and shows what comes."""
    fake = Fake(PlanOutdated("The database has moved."))
    browser = Browser(PlanView(PLAN, fake))
    browser.press("apply", plan=PLAN.id)
    browser.view.wait(5)

    assert "The database has moved." in browser.view._error
    assert 'data-action="again"' in browser.view._html
    assert 'data-action="apply"' not in browser.view._html
    browser.press("again")
    browser.view.wait(5)
    assert ["apply", "upgrade head"] == fake.calls
    assert PLANS["one revision"] == browser.view.plan
    assert "" == browser.view._error
    assert "Apply 1 revision to bookshop" in browser.view._html


@pytest.mark.parametrize("name, call", [("purge alone", "stamp base True"), ("stamp", "stamp head False")])
def test_made_again_a_purge_is_a_purge(name: str, call: str) -> None:
    """The plan that is made again empties the version table if the one before did, and only then."""
    fake = Fake(PlanOutdated("The database has moved."))
    browser = Browser(PlanView(PLANS[name], fake))
    browser.press("apply", plan=PLANS[name].id)
    browser.view.wait(5)
    browser.press("again")
    browser.view.wait(5)

    assert ["apply", call] == fake.calls
    assert PLANS[name].purge == browser.view.plan.purge


def test_other_failures_leave_the_plan_as_it_was() -> None:
    """The database was down: the reason is shown, and the button is there again."""
    browser = Browser(PlanView(PLAN, Fake(DatabaseUnreachable("The database is down."))))
    browser.press("apply", plan=PLAN.id)
    browser.view.wait(5)

    assert "The database is down." in browser.view._error
    assert 'data-action="apply"' in browser.view._html
    assert browser.view.run is None


def test_copy_gives_the_whole_sql() -> None:
    """Also what the page does not show."""
    assert {"id": "m1", "ok": True, "text": PLANS["thousands"].sql} == Browser(PlanView(PLANS["thousands"])).press(
        "copy"
    )


def test_thousands_of_statements_do_not_flood_the_browser() -> None:
    """5,000 statements end in a fraction of a second: a handful of updates, not ten thousand."""
    browser = Browser(PlanView(PLANS["thousands"], Fake(RUNS["ok"])))
    started = time.monotonic()
    browser.press("apply", plan=PLANS["thousands"].id)
    browser.view.wait(20)

    assert len(browser.updates("_patches")) <= 4 + 10 * (time.monotonic() - started)


def test_throttle_always_shows_the_last() -> None:
    """The update that came too soon is shown when its time has come, even if no other follows."""
    told: list[float] = []
    throttle = Throttle(lambda: told.append(time.monotonic()), 0.05)
    for _ in range(5):
        throttle()
    time.sleep(0.2)

    assert 2 == len(told)
    assert told[1] - told[0] >= 0.05


def test_throttle_is_silent_once_stopped() -> None:
    """No late update can overwrite the record of the run."""
    told: list[int] = []
    throttle = Throttle(lambda: told.append(1), 0.05)
    throttle()
    throttle()
    throttle.stop()
    throttle()
    time.sleep(0.15)

    assert [1] == told
